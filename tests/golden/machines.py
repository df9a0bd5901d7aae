# SPDX-License-Identifier: GPL-2.0-or-later
"""What a manager does with machines, their settings, guests and jobs: golden requests."""

from xml.sax.saxutils import escape

import cases as c
from cases import DEMO, GET, PLAIN, STARTED, V2, VALUES, ask, create, query, returns, step, system
from life import NOBODY, SETTINGS, of
from wsman import NS, invoke_body

SYSTEM, MANAGEMENT, JOB = V2 + "Msvm_ComputerSystem", V2 + "Msvm_VirtualSystemManagementService", V2 + "Msvm_ConcreteJob"
KEYBOARD, SHUTDOWN = V2 + "Msvm_Keyboard", V2 + "Msvm_ShutdownComponent"
WEB = "C158E412-5857-5AFA-9AD9-774946BE4F50"
JOB_NOW = ask(GET, JOB, {"InstanceID": "@JOB@"})


def invoke(resource, selectors, method, *parameters):
    return ask(f"{resource}/{method}", resource, selectors, invoke_body(resource, method, parameters))


def request(state, machine=DEMO, *more):
    return invoke(SYSTEM, {"CreationClassName": "Msvm_ComputerSystem", "Name": machine}, "RequestStateChange",
                  ("RequestedState", str(state)), *more)


def changed(title, state, shown):
    """The request, its job, and the EnabledState that the machine has then."""
    return [step(title, request(state), STARTED), step(title + "-job", JOB_NOW, "<p:JobState>7<"),
            step(title + "-then", ask(GET, SYSTEM, {"Name": DEMO}), f"<p:EnabledState>{shown}<")]


START, OFF, SHUT_DOWN, SAVE, PAUSE, REBOOT, RESET = 2, 3, 4, 6, 9, 10, 11
STATES = [
    *changed("pause", PAUSE, 9), *changed("resume", START, 2), *changed("reset", RESET, 2),
    *changed("reboot", REBOOT, 2), *changed("save", SAVE, 6), *changed("restore", START, 2),
    *changed("off", OFF, 3), *changed("on", START, 2), *changed("shut-down", SHUT_DOWN, 3),
    step("pause-off", request(9), returns(32775)), step("save-off", request(6), returns(32775)),
    step("off-off", request(3), returns(32775)),
    *changed("v1-start", 32770, 2), *changed("v1-pause", 32768, 9), *changed("v1-resume", 32777, 2),
    *changed("v1-save", 32769, 6),
    step("test", request(7), returns(32770)), step("reserved", request(999), returns(32773)),
    step("text", request("on"), "faultDetail/TypeMismatch"),
    step("missing", invoke(SYSTEM, {"Name": DEMO}, "RequestStateChange"), "faultDetail/InvalidName"),
    step("with-timeout", request(2, DEMO, ("TimeoutPeriod", "PT30S")), STARTED),
    step("host", request(3, "@HOST@"), returns(32770)),
    step("nobody", request(2, NOBODY), "a:DestinationUnreachable"),
    step("all-machines", invoke(SYSTEM, None, "RequestStateChange", ("RequestedState", "3")), "faultDetail/InsufficientSelectors"),
    step("viewer", request(3), "w:AccessDenied", role="viewer"),
    step("out-of-scope", request(3), "a:DestinationUnreachable", scope="web"),
    step("still-on", ask(GET, SYSTEM, {"Name": DEMO}), "<p:EnabledState>2<"),
    step("interrupt", invoke(SYSTEM, {"Name": DEMO}, "InjectNonMaskableInterrupt"), returns(32770)),
    step("power", invoke(SYSTEM, {"Name": DEMO}, "SetPowerState", ("PowerState", "1")), returns(32770)),
]


def settings(*properties, name="Msvm_VirtualSystemSettingData", notes=None):
    text = c.embedded(*((key, escape(value)) for key, value in properties), name=name)
    if notes is not None:
        values = "".join(f"<VALUE>{escape(note)}</VALUE>" for note in notes)
        text = text.replace("</INSTANCE>", '<PROPERTY.ARRAY NAME="Notes" TYPE="string"><VALUE.ARRAY>' + values
                            + "</VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>")
    return escape(text)


def modify(text):
    return invoke(MANAGEMENT, None, "ModifySystemSettings", ("SystemSettings", text))


def own(*properties, of_what="Microsoft:" + DEMO, **more):
    return modify(settings(("InstanceID", of_what), *properties, **more))


def now(guid=DEMO):
    return ask(GET, SETTINGS, {"InstanceID": "Microsoft:" + guid})


MODIFY = [
    step("rename", own(("ElementName", "demo <2> & more")), STARTED),
    step("rename-job", JOB_NOW, "<p:JobType>2<"),
    step("rename-then", now(), "<p:ElementName>demo &lt;2&gt; &amp; more<"),
    step("notes", own(notes=["one", "two & three"]), STARTED),
    step("notes-then", now(), "<p:Notes>one&#10;two &amp; three<"),
    step("policy", own(("UserSnapshotType", "2")), STARTED),
    step("policy-then", create(), returns(6)),
    step("policy-other", own(("UserSnapshotType", "9")), returns(4)),
    step("policy-back", own(("UserSnapshotType", "5")), STARTED),
    step("startup", own(("AutomaticStartupAction", "4")), STARTED),
    step("startup-then", now(), "<p:AutomaticStartupAction>4<"),
    step("several", own(("ElementName", "demo"), ("UserSnapshotType", "3"), ("AutomaticStartupAction", "2")), STARTED),
    step("unchanged", own(("ElementName", "demo"), ("VirtualSystemIdentifier", DEMO)), returns(0)),
    step("read-only", own(("VirtualSystemType", "Microsoft:Hyper-V:Snapshot:Realized")), returns(4)),
    step("read-only-and-name", own(("ElementName", "not so"), ("BIOSGUID", "x")), returns(4)),
    step("name-of-two-lines", own(("ElementName", "one\ntwo")), returns(4)),
    step("long-name", own(("ElementName", "n" * 101)), returns(4)),
    step("unknown-property", own(("Colour", "red")), returns(0)),
    step("other-class", own(("ElementName", "x"), name="Msvm_MemorySettingData"), returns(4)),
    step("no-id", modify(settings(("ElementName", "x"))), returns(4)),
    step("nobody", own(("ElementName", "x"), of_what="Microsoft:" + NOBODY), returns(4)),
    step("empty", modify(""), "faultDetail/InvalidName"),
    step("missing", invoke(MANAGEMENT, None, "ModifySystemSettings"), "faultDetail/InvalidName"),
    step("viewer", own(("ElementName", "x")), "w:AccessDenied", role="viewer"),
    step("out-of-scope", own(("ElementName", "x")), returns(4), scope="web"),
    step("create", create(), STARTED, keep={"A": "SNAPSHOT"}),
    step("snapshot", own(("ElementName", "kept"), of_what="Microsoft:@A@", notes=["before the upgrade"]), STARTED),
    step("snapshot-then", now("@A@"), "<p:ElementName>kept<"),
    step("snapshot-same", own(("CreationTime", "20260901140000.123456+120"), ("AutomaticStartupActionDelay", "PT0S"),
                              ("IsSaved", "TRUE"), ("NetworkBootPreferredProtocol", "04096"), of_what="Microsoft:@A@"), returns(0)),
    step("snapshot-other-time", own(("CreationTime", "20260901140001.123456+120"), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-no-time", own(("CreationTime", "yesterday"), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-other-delay", own(("AutomaticStartupActionDelay", "PT1S"), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-no-delay", own(("AutomaticStartupActionDelay", "soon"), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-no-number", own(("NetworkBootPreferredProtocol", ""), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-policy", own(("UserSnapshotType", "2"), of_what="Microsoft:@A@"), returns(4)),
    step("snapshot-no-name", own(("ElementName", ""), of_what="Microsoft:@A@"), returns(4)),
    step("then", now(), "<p:ElementName>demo<"),
]


def summaries(*codes, of_what=()):
    return invoke(MANAGEMENT, None, "GetSummaryInformation", *(("RequestedInformation", str(code)) for code in codes),
                  *(("SettingData", of(guid)) for guid in of_what))


def picture(guid, width="4", height="3"):
    return invoke(MANAGEMENT, None, "GetVirtualSystemThumbnailImage", ("HeightPixels", height), ("TargetSystem", of(guid)),
                  ("WidthPixels", width))


LOOKS = [
    step("create", create(), STARTED, keep={"A": "SNAPSHOT"}),
    step("all", summaries(0, 1, 100), "<q:ElementName>web<"),
    step("one", summaries(0, 1, 2, 3, 4, 100, 103, 104, 109, 110, 111, of_what=(WEB,)), "<q:EnabledState>3<"),
    step("snapshot", summaries(0, 1, 2, 100, of_what=("@A@",)), "<q:EnabledState xsi:nil"),
    step("in-order", summaries(1, of_what=(WEB, "@A@", DEMO, WEB)), "<q:ElementName>demo<"),
    step("tree", summaries(107, of_what=(DEMO,)), "<q:Snapshots "),
    step("tasks", summaries(108, of_what=(DEMO,)), returns(0)),
    step("small-picture", summaries(5, of_what=(DEMO,)), "<q:ThumbnailImageWidth>80<"),
    step("picture-viewer", summaries(5, of_what=(DEMO,)), "<q:ThumbnailImage xsi:nil", role="viewer"),
    step("no-codes", summaries(of_what=(DEMO,)), "<q:Name>"),
    step("nobody", summaries(1, of_what=(DEMO, NOBODY)), returns(32773)),
    step("unknown-code", summaries(300), returns(32773)),
    step("code-text", summaries("Name"), "faultDetail/TypeMismatch"),
    step("a-machine", invoke(MANAGEMENT, None, "GetSummaryInformation", ("RequestedInformation", "1"), ("SettingData", system())),
         returns(32773)),
    step("all-in-scope", summaries(1), "<q:ElementName>web<", scope="web"),
    step("out-of-scope", summaries(1, of_what=(DEMO,)), returns(32773), scope="web"),
    step("image", picture(DEMO), "<p:ImageData>"),
    step("image-one-point", picture(DEMO, "1", "1"), "<p:ImageData>"),
    step("image-off", picture(WEB), returns(32775)),
    step("image-of-snapshot", picture("@A@"), returns(32770)),
    step("image-nobody", picture(NOBODY), returns(32773)),
    step("image-no-size", picture(DEMO, "0"), returns(32773)),
    step("image-too-large", picture(DEMO, "4097"), returns(32773)),
    step("image-negative", picture(DEMO, "-1"), "faultDetail/TypeMismatch"),
    step("image-viewer", picture(DEMO), "w:AccessDenied", role="viewer"),
    step("image-out-of-scope", picture(DEMO), returns(32773), scope="web"),
]


def part(resource, guid, machine):
    name = resource.rsplit("/", 1)[-1]
    return {"CreationClassName": name, "DeviceID": f"Microsoft:{machine}\\{guid}",
            "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": machine}


def key(method, *parameters, machine=DEMO):
    return invoke(KEYBOARD, part(KEYBOARD, "BAA7F3C6-D4F6-4CD8-9A0E-7C1A1B6EE6C9", machine), method, *parameters)


def shut_down(method, *parameters, machine=DEMO):
    return invoke(SHUTDOWN, part(SHUTDOWN, "9F8233AC-BE49-4C79-8EE3-E7E1985B2077", machine), method, *parameters)


GUEST = [
    step("keyboard", query(f"SELECT * FROM Msvm_Keyboard WHERE SystemName = '{DEMO}'"), "<p:DeviceID>"),
    step("press", key("PressKey", ("keyCode", "65")), returns(0)),
    step("release", key("ReleaseKey", ("keyCode", "65")), returns(0)),
    step("type", key("TypeKey", ("keyCode", "13")), returns(0)),
    step("press-none", key("PressKey", ("keyCode", "7000")), returns(32773)),
    step("release-none", key("ReleaseKey", ("keyCode", "0")), returns(32773)),
    step("press-text", key("PressKey", ("keyCode", "A")), "faultDetail/TypeMismatch"),
    step("press-missing", key("PressKey"), "faultDetail/InvalidName"),
    step("is-pressed", key("IsKeyPressed", ("keyCode", "65")), returns(32770)),
    step("ctrl-alt-del", key("TypeCtrlAltDel"), returns(0)),
    step("text", key("TypeText", ("asciiText", "Hello, world!")), returns(0)),
    step("text-not-ascii", key("TypeText", ("asciiText", "Gr\u00fc\u00dfe")), returns(32773)),
    step("text-long", key("TypeText", ("asciiText", "x" * 513)), returns(32773)),
    step("scancodes", key("TypeScancodes", ("Scancodes", "30"), ("Scancodes", "158")), returns(0)),
    step("press-off", key("PressKey", ("keyCode", "65"), machine=WEB), returns(32775)),
    step("press-viewer", key("PressKey", ("keyCode", "65")), "w:AccessDenied", role="viewer"),
    step("press-out-of-scope", key("PressKey", ("keyCode", "65")), "a:DestinationUnreachable", scope="web"),
    step("shutdown-component", query(f"SELECT * FROM Msvm_ShutdownComponent WHERE SystemName = '{DEMO}'"), "<p:DeviceID>"),
    step("shut-down-off", shut_down("InitiateShutdown", ("Force", "true"), ("Reason", "x"), machine=WEB), returns(32775)),
    step("shut-down-viewer", shut_down("InitiateShutdown", ("Force", "true")), "w:AccessDenied", role="viewer"),
    step("shut-down-missing", shut_down("InitiateShutdown", ("Reason", "x")), "faultDetail/InvalidName"),
    step("shut-down-no-flag", shut_down("InitiateShutdown", ("Force", "perhaps")), "faultDetail/TypeMismatch"),
    step("hibernate", shut_down("InitiateHibernate", ("Reason", "x")), returns(32770)),
    step("reboot", shut_down("InitiateReboot", ("Force", "false"), ("Reason", "an update")), returns(0)),
    step("reboot-then", ask(GET, SYSTEM, {"Name": DEMO}), "<p:EnabledState>2<"),
    step("shut-down", shut_down("InitiateShutdown", ("Force", "false"), ("Reason", "the end of the day")), returns(0)),
    step("shut-down-then", ask(GET, SYSTEM, {"Name": DEMO}), "<p:EnabledState>3<"),
    step("shut-down-again", shut_down("InitiateShutdown", ("Force", "false")), returns(32775)),
]


def of_job(method, *parameters, job="@JOB@"):
    return invoke(JOB, {"InstanceID": job}, method, *parameters)


def ended(state, *more):
    return of_job("RequestStateChange", ("RequestedState", str(state)), *more)


JOBS = [
    step("create", create(), STARTED),
    step("error", of_job("GetError"), "<p:Error xsi:nil"),
    step("errors", of_job("GetErrorEx"), returns(0)),
    step("terminate", ended(4), returns(4097)), step("kill", ended(5), returns(4097)),
    step("start", ended(2), returns(1)), step("suspend", ended(3), returns(1)), step("service", ended(6), returns(1)),
    step("reserved", ended(7), returns(5)),
    step("timeout", ended(4, ("TimeoutPeriod", "P0DT0H0M5S")), returns(4098)),
    step("text", ended("stop"), "faultDetail/TypeMismatch"),
    step("missing", of_job("RequestStateChange"), "faultDetail/InvalidName"),
    step("viewer", ended(4), "w:AccessDenied", role="viewer"),
    step("of-another-user", ended(4), "a:DestinationUnreachable", user="bob"),
    step("error-of-another-user", of_job("GetError"), "a:DestinationUnreachable", user="bob"),
    step("nobody", of_job("GetError", job=NOBODY), "a:DestinationUnreachable"),
    step("not-here", of_job("GetErrors"), "a:ActionNotSupported"),
    step("delete", ask(NS["x"] + "/Delete", JOB, {"InstanceID": "@JOB@"}), "DeleteResponse"),
    step("gone", of_job("GetError"), "a:DestinationUnreachable"),
]
FAILED = [
    step("create", create(), STARTED),
    step("error", of_job("GetError"), 'CLASSNAME=&quot;Msvm_Error&quot;'),
    step("errors", of_job("GetErrorEx"), "<p:Errors>"),
    step("errors-viewer", of_job("GetErrorEx"), "<p:Errors>", role="viewer"),
]

SESSIONS = [
    {"name": name, "backend": backend, "steps": steps, "values": VALUES}
    for name, backend, steps in (
        ("power", PLAIN, STATES), ("modify", PLAIN, MODIFY), ("looks", PLAIN, LOOKS), ("guest", PLAIN, GUEST),
        ("jobs", PLAIN, JOBS), ("failedjobs", PLAIN + "&fail=create&fail_code=NO_SPACE", FAILED))
]
