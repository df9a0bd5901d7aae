# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of snapshots after they were made: requests of the golden tests."""

from xml.sax.saxutils import escape

from cases import (DEMO, GET, GRACE, PLAIN, SERVICE, STARTED, V2, VALUES, ask, create, embedded, query, returns, step,
                   system)
from wsman import invoke_body, reference

SETTINGS = V2 + "Msvm_VirtualSystemSettingData"
NOBODY = "00000000-0000-4000-8000-000000000000"


def of(guid):
    return reference(SETTINGS, {"InstanceID": "Microsoft:" + guid})


def method(name, parameter, guid=None, value=None):
    value = of(guid) if value is None else value
    return ask(SERVICE + "/" + name, SERVICE, None, invoke_body(SERVICE, name, [(parameter, value)]))


def apply(guid):
    return method("ApplySnapshot", "Snapshot", guid)


def destroy(guid):
    return method("DestroySnapshot", "AffectedSnapshot", guid)


def destroy_tree(guid):
    return method("DestroySnapshotTree", "SnapshotSettingData", guid)


def clear(guid):
    return method("ClearSnapshotState", "SnapshotSettingData", guid)


def made(name, kind="2", machine=None):
    """A snapshot, whose GUID later steps call @NAME@."""
    return step("create-" + name.lower(), create(kind, machine, settings=escape(embedded(("ElementName", name)))),
                STARTED, keep={name: "SNAPSHOT"})


def get(name, expect):
    return step(name, ask(GET, SETTINGS, {"InstanceID": "Microsoft:@" + name.split("-")[0].upper() + "@"}), expect)


TREE = query("SELECT ElementName, InstanceID, Parent, IsSaved FROM Msvm_VirtualSystemSettingData", most=100)
STATE_OF_DEMO = query("SELECT ElementName, EnabledState FROM Msvm_ComputerSystem WHERE ElementName = 'demo'")
JOB = ask(GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"})
AFFECTED = query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='@JOB@'} WHERE AssocClass = Msvm_AffectedJobElement "
                 "ResultClass = Msvm_VirtualSystemSettingData")

# web is off, so its snapshots have no memory and can be applied at once
WEB = "@MACHINE@"
LIFE = [
    step("web", query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'web'"), "<p:Name>",
         keep={"WEB": "MACHINE"}),
    made("A", "3", system(WEB)), made("B", "3", system("@WEB@")), made("C", "3", system("@WEB@")),
    step("apply-a", apply("@A@"), STARTED),
    step("apply-a-job", JOB, "<p:JobType>71<"),
    step("apply-a-affected", AFFECTED, "Snapshot settings for the virtual machine"),
    made("D", "3", system("@WEB@")),
    step("tree-forked", TREE, "EndOfSequence"),
    # LastAppliedSnapshot has its ends the other way round
    step("last-applied", query(None, resource=V2 + "Msvm_LastAppliedSnapshot"),
         '<p:Antecedent>\n<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>\n'
         '<a:ReferenceParameters>\n<w:ResourceURI>' + SETTINGS),
    step("most-current", query(None, resource=V2 + "Msvm_MostCurrentSnapshotInBranch"),
         '<p:Dependent>\n<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>\n'
         '<a:ReferenceParameters>\n<w:ResourceURI>' + SETTINGS),
    step("edges", query(None, resource=V2 + "Msvm_ParentChildSettingData"), "EndOfSequence"),
    step("children-of-a", query("ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@A@'} WHERE "
                                "AssocClass = Msvm_ParentChildSettingData ResultRole = Dependent"), ">D<"),
    step("parent-of-now", query("ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@WEB@'} WHERE "
                                "AssocClass = Msvm_ParentChildSettingData ResultRole = Antecedent"), ">D<"),
    step("applied-to", query("ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@A@'} WHERE "
                             "AssocClass = Msvm_LastAppliedSnapshot"), ">web<"),
    step("destroy-b", destroy("@B@"), STARTED),
    step("destroy-b-job", JOB, "<p:JobType>72<"),
    step("destroy-b-affected", AFFECTED, "<w:Items></w:Items>".replace("><", ">\n<")),
    get("b-gone", "a:DestinationUnreachable"),
    step("destroy-b-again", destroy("@B@"), returns(4)),
    step("apply-b", apply("@B@"), returns(4)),
    get("c-moved", "Microsoft:GUID-2&quot;"),
    step("destroy-tree", destroy_tree("@A@"), STARTED),
    step("tree-empty", TREE, "EndOfSequence"),
    step("destroy-tree-again", destroy_tree("@A@"), returns(32773)),
    step("clear-again", clear("@A@"), returns(32773)),
]

# demo runs
RUNNING = [
    step("demo", STATE_OF_DEMO, "<EnabledState>2<"),
    made("M"), made("N", "3"),
    step("apply-running", apply("@M@"), returns(5)),
    step("clear-memory", clear("@M@"), returns(32770)),
    step("clear-disk", clear("@N@"), returns(0)),
    step("destroy-running", destroy("@M@"), STARTED),
    step("still-running", STATE_OF_DEMO, "<EnabledState>2<"),
    step("apply-machine", method("ApplySnapshot", "Snapshot", DEMO), returns(4)),
    step("destroy-machine", method("DestroySnapshot", "AffectedSnapshot", DEMO), returns(4)),
    step("tree-machine", method("DestroySnapshotTree", "SnapshotSettingData", DEMO), returns(32773)),
    step("apply-system", method("ApplySnapshot", "Snapshot", value=system()), returns(4)),
    step("apply-nothing", method("ApplySnapshot", "Snapshot", NOBODY), returns(4)),
    step("apply-text", method("ApplySnapshot", "Snapshot", value="that one"), returns(4)),
    step("apply-missing", ask(SERVICE + "/ApplySnapshot", SERVICE, None, invoke_body(SERVICE, "ApplySnapshot", [])),
         "faultDetail/InvalidName"),
    step("apply-wrong-name", method("ApplySnapshot", "AffectedSnapshot", "@N@"), "faultDetail/InvalidName"),
    step("destroy-viewer", destroy("@N@"), "w:AccessDenied", role="viewer"),
    step("apply-viewer", apply("@N@"), "w:AccessDenied", role="viewer"),
    step("destroy-elsewhere", destroy("@N@"), returns(4), scope="web"),
    step("apply-elsewhere", apply("@N@"), returns(4), scope="web"),
    get("n-there", "Snapshot settings"),
    step("convert", method("ConvertToReferencePoint", "AffectedSnapshot", "@N@"), returns(1)),
    step("service-state", ask(SERVICE + "/RequestStateChange", SERVICE, None, invoke_body(
        SERVICE, "RequestStateChange", [("RequestedState", "3")])), returns(1)),
    step("service-start", ask(SERVICE + "/StartService", SERVICE, None, invoke_body(SERVICE, "StartService", [])),
         returns(1)),
    step("service-stop", ask(SERVICE + "/StopService", SERVICE, None, invoke_body(SERVICE, "StopService", [])),
         returns(1)),
    step("rename", ask(SERVICE + "/RenameSnapshot", SERVICE, None, invoke_body(SERVICE, "RenameSnapshot", [])),
         "a:ActionNotSupported"),
]

# a running machine may be turned off for it
TURN_OFF = [
    made("M"), made("N", "3"),
    step("apply-memory", apply("@M@"), STARTED),
    step("saved", STATE_OF_DEMO, "<EnabledState>6<"),
    step("apply-disk", apply("@N@"), STARTED),
    step("off", STATE_OF_DEMO, "<EnabledState>3<"),
    step("tree", TREE, "EndOfSequence"),
]

FAILING = [
    made("M"),
    step("apply", apply("@M@"), STARTED),
    step("job", JOB, "<p:JobState>10<"),
    step("running", STATE_OF_DEMO, "<EnabledState>2<"),
    step("affected", AFFECTED, "Snapshot settings for the virtual machine"),
]

NAMES = [step(f"name-{i}", create(settings=escape(embedded(("ElementName", escape(name))))), STARTED)
         for i, name in enumerate(("\t tab and\n line", "<&>\"'", "\U0001F4F7\u2028odd", "Microsoft:" + NOBODY, " ", "a" * 100))]
NAMES += [step("names", TREE, "odd"),
          step("by-name", query("SELECT ElementName FROM Msvm_VirtualSystemSettingData "
                                "WHERE ElementName = '<&>\"\\''"), "&lt;&amp;&gt;"),
          step("name-control", create(settings=escape(embedded(("ElementName", "a&#1;b")))), returns(4))]

OFF = "[snapshot]\napply_running = turn-off\n"

SESSIONS = [
    {"name": "life", "backend": PLAIN, "steps": LIFE, "values": VALUES},
    {"name": "liferunning", "backend": PLAIN, "steps": RUNNING, "values": VALUES},
    {"name": "lifeoff", "backend": PLAIN, "settings": OFF, "steps": TURN_OFF, "values": VALUES},
    {"name": "lifefails", "backend": PLAIN + "&fail=apply&fail_code=NO_SPACE", "settings": OFF, "steps": FAILING,
     "values": VALUES},
    {"name": "lifegrace", "backend": PLAIN + "&fail=destroy&fail_code=TIMEOUT", "settings": GRACE, "values": VALUES,
     "steps": [
         step("create", create(), returns(0), keep={"M": "SNAPSHOT"}),
         step("destroy", destroy("@M@"), returns(3)),
         step("destroy-tree", destroy_tree("@M@"), returns(32772)),
         get("m-there", "Snapshot settings")]},
    {"name": "names", "backend": PLAIN, "steps": NAMES, "values": VALUES},
]
