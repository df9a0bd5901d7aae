# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests of the golden tests. "expect" is what matters in the reply, said apart from the pair, so
that a careless regeneration is noticed."""

from xml.sax.saxutils import escape

from wsman import (DMTF, NS, V2, envelope, enumerate_body, identify_envelope, invoke_body, pull_body,
                   reference)

SERVICE = V2 + "Msvm_VirtualSystemSnapshotService"
GET, ENUMERATE, PULL = NS["x"] + "/Get", NS["n"] + "/Enumerate", NS["n"] + "/Pull"
RELEASE, SUBSCRIBE = NS["n"] + "/Release", NS["e"] + "/Subscribe"
MESSAGE = "uuid:golden-message"

# derived from their names by the memory backend: see backends/memory
DEMO = "@DEMO@"


def step(name, request, expect=None, **more):
    return {"name": name, "request": request, "expect": expect, **more}


def ask(action, resource=None, selectors=None, body="", headers=""):
    return envelope(action, resource, selectors, body, headers, message_id=MESSAGE)


def system(name=DEMO, resource=V2 + "Msvm_ComputerSystem", **more):
    return reference(resource, {"CreationClassName": "Msvm_ComputerSystem", "Name": name, **more})


def create(kind="2", machine=None, settings="", service=SERVICE, selectors=None, **extra):
    """An Invoke of CreateSnapshot; settings None: nil, False: left out."""
    parameters = [("AffectedSystem", system() if machine is None else machine)]
    if settings is not False:
        parameters.append(("SnapshotSettings", settings))
    if kind is not False:
        parameters.append(("SnapshotType", kind))
    parameters += list(extra.items())
    return ask(service + "/CreateSnapshot", service, selectors,
               invoke_body(service, "CreateSnapshot", parameters))


def embedded(*properties, name="Msvm_VirtualSystemSnapshotSettingData"):
    return f'<INSTANCE CLASSNAME="{name}">' + "".join(
        f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{value}</VALUE></PROPERTY>' for key, value in properties
    ) + "</INSTANCE>"


def query(wql, optimize=True, most=20, resource=V2 + "*", mode=None):
    return ask(ENUMERATE, resource, body=enumerate_body(wql, mode, optimize, most))


FIND = step("find", query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'"), "<p:Name>")
STARTED = "<p:ReturnValue>4096</p:ReturnValue>"


def returns(code):
    return f"<p:ReturnValue>{code}</p:ReturnValue>"


NAMED = ("ElementName", "Before &amp; after")

FLOW = [
    step("identify", identify_envelope(), "SecurityProfileName"),
    step("identify-anonymous", identify_envelope(), "OS: 0.0.0 SP: 0.0 Stack: 3.0", role="none"),
    step("service", query("SELECT * FROM Msvm_VirtualSystemSnapshotService"), "vssnapsvc"),
    FIND,
    step("enumerate", query("SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER ", optimize=False),
         "EnumerationContext"),
    step("pull-one", ask(PULL, V2 + "Msvm_ComputerSystem", body=pull_body("@CONTEXT@")), "<n:EnumerationContext>"),
    step("pull-last", ask(PULL, V2 + "Msvm_ComputerSystem", body=pull_body("@CONTEXT@", 5)), "<n:EndOfSequence/>"),
    step("pull-again", ask(PULL, V2 + "Msvm_ComputerSystem", body=pull_body("@CONTEXT@")),
         "n:InvalidEnumerationContext"),
    step("machine", ask(GET, V2 + "Msvm_ComputerSystem", {"Name": DEMO}), "<p:ElementName>demo<"),
    step("create", create(), STARTED),
    step("job", ask(GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobState>7<"),
    step("job-by-query", query("SELECT * FROM Msvm_ConcreteJob WHERE InstanceID = '@JOB@'"), "<p:JobState>7<"),
    step("associators", query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='@JOB@'} WHERE "
                              "AssocClass = Msvm_AffectedJobElement ResultClass = Msvm_VirtualSystemSettingData"),
         "Snapshot settings for the virtual machine"),
    step("affected", query("REFERENCES OF {Msvm_ConcreteJob.InstanceID='@JOB@'}"), "<p:AffectedElement>"),
    step("snapshot", ask(GET, V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:@SNAPSHOT@"}),
         "Microsoft:Hyper-V:Snapshot:Realized"),
    step("snapshots-of", query(f"ASSOCIATORS OF {{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',"
                               f"Name='{DEMO}'}} WHERE AssocClass = Msvm_SnapshotOfVirtualSystem"), "<p:IsSaved>true<"),
    step("settings", query("SELECT * FROM Msvm_VirtualSystemSettingData"), "Active settings"),
    step("projection", query("SELECT ElementName, JobState FROM Msvm_ConcreteJob"), "<ElementName>Snapshot of demo<"),
    step("projection-path", query("SELECT __PATH, __CLASS, Name FROM Msvm_ComputerSystem WHERE ElementName = 'demo'"),
         "<__CLASS>Msvm_ComputerSystem<"),
    step("epr", query(None, resource=V2 + "Msvm_ComputerSystem", mode="EnumerateEPR"), "<a:EndpointReference>"),
    step("object-and-epr", query(None, resource=V2 + "Msvm_ConcreteJob", mode="EnumerateObjectAndEPR"), "<w:Item>"),
    step("base-class", query(None, resource=DMTF + "CIM_VirtualSystemSnapshotService"), "Msvm_VirtualSystemSnapshotService"),
    step("nothing-found", query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'none'"),
         "<w:Items></w:Items><w:EndOfSequence/>".replace("><", ">\n<")),
    step("release-open", query(None, optimize=False, resource=V2 + "Msvm_ConcreteJob"), "EnumerationContext"),
    step("release", ask(RELEASE, V2 + "Msvm_ConcreteJob",
                        body="<n:Release><n:EnumerationContext>@CONTEXT@</n:EnumerationContext></n:Release>"),
         "ReleaseResponse"),
]

SHAPES = [
    FIND,
    step("system-wrapped", create(machine=f"<a:EndpointReference>{system()}</a:EndpointReference>"), STARTED),
    step("system-typed-keys", create(
        machine=f"<p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Name>{DEMO}</p:Name>"), STARTED),
    step("system-path", create(machine=f'Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{DEMO}"'),
         STARTED),
    step("system-no-path", create(machine="the one in the corner"), returns(4)),
    step("system-name-only", create(machine=reference(V2 + "Msvm_ComputerSystem", {"Name": DEMO})), STARTED),
    step("system-lower-case", create(machine=reference(V2 + "Msvm_ComputerSystem", {"Name": "@LOWER@"})), STARTED),
    step("system-cim-class", create(machine=system(resource=DMTF + "CIM_ComputerSystem",
                                                   __cimnamespace="root/virtualization/v2")), STARTED),
    step("system-unknown", create(machine=system("00000000-0000-4000-8000-000000000000")), returns(4)),
    step("system-out-of-scope", create(), returns(4), scope="web"),
    step("system-of-another-class", create(machine=reference(
        V2 + "Msvm_ComputerSystem", {"CreationClassName": "Msvm_Other", "Name": DEMO})), returns(4)),
    step("system-unknown-key", create(machine=system(Colour="red")), returns(4)),
    step("system-no-guid", create(machine=system("demo")), returns(4)),
    step("system-host", create(machine=system("@HOST@")), returns(4)),
    step("system-not-a-machine", create(machine=reference(SERVICE, {"Name": "vssnapsvc"})), returns(4)),
    step("system-missing", ask(SERVICE + "/CreateSnapshot", SERVICE, None, invoke_body(
        SERVICE, "CreateSnapshot", [("SnapshotType", "2")])), "faultDetail/InvalidName"),
    step("service-by-selector", create(selectors={"CreationClassName": "Msvm_VirtualSystemSnapshotService"}), STARTED),
    step("service-cim", create(service=DMTF + "CIM_VirtualSystemSnapshotService"),
         "cim-schema/2/Msvm_ConcreteJob"),
    step("service-dmtf-uri", create(service=DMTF + "Msvm_VirtualSystemSnapshotService",
                                    selectors={"__cimnamespace": "root/virtualization/v2"}),
         "cim-schema/2/Msvm_ConcreteJob"),
    step("service-other-namespace", create(service=DMTF + "Msvm_VirtualSystemSnapshotService",
                                           selectors={"__cimnamespace": "root/none"}), "a:DestinationUnreachable"),
    step("settings-absent", create(settings=False), STARTED),
    step("settings-nil", create(settings=None), STARTED),
    step("settings-blank", create(settings="  \n "), STARTED),
    step("settings-escaped", create("3", settings=escape(embedded(NAMED, ("ConsistencyLevel", "2")))), STARTED),
    step("settings-escaped-name", query("SELECT ElementName FROM Msvm_VirtualSystemSettingData "
                                        "WHERE ElementName = 'Before & after'"), "Before &amp; after"),
    step("settings-cdata", create(settings="<![CDATA[" + embedded(NAMED) + "]]>"), STARTED),
    step("settings-declaration", create(settings=escape(
        '<?xml version="1.0"?>\n' + embedded(NAMED).replace("><", ">\n  <"))), STARTED),
    step("settings-vssd", create(settings=escape(embedded(
        ("ElementName", "By setting data"), name="Msvm_VirtualSystemSettingData"))), STARTED),
    step("settings-unknown-property", create(settings=escape(embedded(("Colour", "red"), NAMED))), STARTED),
    step("settings-nested", create(settings="<p:ElementName>Nested</p:ElementName>"
                                            "<p:ConsistencyLevel>2</p:ConsistencyLevel>"), STARTED),
    step("settings-nested-name", query("SELECT ElementName FROM Msvm_VirtualSystemSettingData "
                                       "WHERE ElementName LIKE 'Nes%'"), "Nested"),
    step("settings-malformed", create(settings=escape("<INSTANCE CLASSNAME='x'><PROPERTY>")), returns(4)),
    step("settings-no-xml", create(settings="name=x"), returns(4)),
    step("settings-doctype", create(settings=escape('<!DOCTYPE x [<!ENTITY e "e">]>' + embedded(NAMED))), returns(4)),
    step("settings-other-class", create(settings=escape(embedded(NAMED, name="Msvm_MemorySettingData"))), returns(4)),
    step("settings-bad-level", create(settings=escape(embedded(("ConsistencyLevel", "7")))), returns(4)),
    step("settings-long-name", create(settings=escape(embedded(("ElementName", "n" * 101)))), returns(4)),
    step("settings-name-100", create(settings=escape(embedded(("ElementName", "\u00e9" * 100)))), STARTED),
    step("type-disk", create("3"), STARTED),
    step("type-recovery", create("32768"), STARTED),
    step("type-recovery-kind", query("SELECT VirtualSystemType FROM Msvm_VirtualSystemSettingData "
                                     "WHERE VirtualSystemType = 'Microsoft:Hyper-V:Snapshot:Recovery'"), ":Recovery"),
    step("type-blank-around", create(" 3 "), STARTED),
    step("type-unknown", create("7"), returns(6)),
    step("type-text", create("abc"), "faultDetail/TypeMismatch"),
    step("type-empty", create(""), "faultDetail/TypeMismatch"),
    step("type-negative", create("-2"), "faultDetail/TypeMismatch"),
    step("type-too-large", create("70000"), "faultDetail/TypeMismatch"),
    step("type-twice", ask(SERVICE + "/CreateSnapshot", SERVICE, None, invoke_body(
        SERVICE, "CreateSnapshot", [("AffectedSystem", system()), ("SnapshotType", "2"), ("SnapshotType", "3")])),
         "faultDetail/InvalidName"),
    step("type-missing", create(False), "faultDetail/InvalidName"),
    step("system-twice-other-namespace", ask(SERVICE + "/CreateSnapshot", SERVICE, None, invoke_body(
        "urn:x", "CreateSnapshot", [("AffectedSystem", system("00000000-0000-4000-8000-000000000000")),
                                    ("AffectedSystem", system()), ("SnapshotType", "3")])), "faultDetail/InvalidName"),
    step("out-parameter-given", ask(SERVICE + "/CreateSnapshot", SERVICE, None, invoke_body(
        "urn:x", "CreateSnapshot", [("AffectedSystem", system()), ("SnapshotType", "3"), ("Job", "x")])),
         "faultDetail/InvalidName"),
    step("settings-bad-flag", create(settings=escape(embedded(("IgnoreNonSnapshottableDisks", "banana")))), returns(4)),
    step("parameter-unknown", create(Colour="red"), "faultDetail/InvalidName"),
    step("count", query("SELECT InstanceID FROM Msvm_ConcreteJob", most=100), "EndOfSequence"),
]


def wanted(state, wql="SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '%s'"):
    return step("find-" + state, query(wql % state), "<p:Name>")


STATES = [
    wanted("saved"), step("saved", create(machine=system("@MACHINE@")), returns(5)),
    wanted("off"), step("off", create(machine=system("@MACHINE@")), STARTED),
    wanted("paused"), step("paused", create(machine=system("@MACHINE@")), STARTED),
    wanted("noram"), step("full-missing", create(machine=system("@MACHINE@")), returns(6)),
    step("agent-missing", create("32768", machine=system("@MACHINE@"), settings=escape(embedded(
        ("ConsistencyLevel", "1")))), STARTED),
    step("agent-missing-job", ask(GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "guest agent"),
    step("none-made", query("ASSOCIATORS OF {Msvm_ComputerSystem.Name='@MACHINE@'} "
                            "WHERE AssocClass = Msvm_SnapshotOfVirtualSystem"), "EndOfSequence"),
]


def failing(code):
    return [FIND, step(f"return-{code}", create(), returns(code)),
            step("none-made", query("SELECT * FROM Msvm_VirtualSystemSettingData WHERE "
                                    "VirtualSystemType LIKE '%Snapshot%'"), "<w:EndOfSequence/>")]


PLAIN = "memory:?vms=demo:running,web:off"
GRACE = "[snapshot]\njob_grace_ms = 20000\n"
VALUES = {"DEMO": "3C9D9B48-27EE-55B8-AFCE-CC642678FCE8", "LOWER": "3c9d9b48-27ee-55b8-afce-cc642678fce8"}

SESSIONS = [
    {"name": "flow", "backend": PLAIN, "steps": FLOW, "values": VALUES},
    {"name": "shapes", "backend": PLAIN, "steps": SHAPES, "values": VALUES},
    {"name": "states", "backend": "memory:?vms=saved:saved,off:off,paused:paused,noram:running:nofull",
     "steps": STATES},
    {"name": "grace", "backend": PLAIN, "settings": GRACE, "steps": [step("done", create(), returns(0))],
     "values": VALUES},
    {"name": "return1", "backend": PLAIN + "&fail=create&fail_code=NOT_SUPPORTED", "settings": GRACE,
     "steps": failing(1), "values": VALUES},
    {"name": "return2", "backend": PLAIN + "&fail=create&fail_code=FAILED", "settings": GRACE,
     "steps": failing(2), "values": VALUES},
    {"name": "return3", "backend": PLAIN + "&fail=create&fail_code=TIMEOUT", "settings": GRACE,
     "steps": failing(3), "values": VALUES},
    {"name": "jobfails", "backend": PLAIN + "&fail=create&fail_code=NO_SPACE", "values": VALUES, "steps": [
        step("create", create(), STARTED),
        step("job", ask(GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobState>10<"),
        step("promised", ask(GET, V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:@SNAPSHOT@"}),
             "a:DestinationUnreachable")]},
]

from inventory import SESSIONS as INVENTORY  # noqa: E402  (these need the helpers above)
from dialects import SESSIONS as DIALECTS  # noqa: E402  (these need the helpers above)
from life import SESSIONS as LIFE  # noqa: E402
from machines import SESSIONS as MACHINES  # noqa: E402
from operations import SESSIONS as OPERATIONS  # noqa: E402
from refusals import SESSIONS as REFUSALS  # noqa: E402
from views import SESSIONS as VIEWS  # noqa: E402

SESSIONS += REFUSALS + OPERATIONS + LIFE + INVENTORY + DIALECTS + VIEWS + MACHINES
