#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a manager does with machines, their settings and their jobs, on real QEMU machines."""

import base64
import contextlib
import os
import signal
import sys
from types import SimpleNamespace
from xml.sax.saxutils import escape

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import NS, V2, Fault, envelope, instance, reference  # noqa: E402

SYSTEM, SETTINGS = V2 + "Msvm_ComputerSystem", V2 + "Msvm_VirtualSystemSettingData"
MANAGEMENT, JOB = V2 + "Msvm_VirtualSystemManagementService", V2 + "Msvm_ConcreteJob"
START, OFF, SAVE, PAUSE, RESET = 2, 3, 6, 9, 11
RUNNING_STATE, OFF_STATE, SAVED_STATE, PAUSED_STATE = "2", "3", "6", "9"
INVALID_STATE, NOT_SUPPORTED, INVALID_PARAMETER = "32775", "32770", "32773"
CHUNK = 100  # characters of a name


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("power", state="off", title="Power & <light>", screen=True)
        lab.define("names", state="off")
        lab.define("policy", state="running")
        service = Service(lab, build)
        client = service.client()
        ids = {name: lab.virsh("domuuid", name).strip().upper() for name in ("power", "names", "policy")}
        yield SimpleNamespace(lab=lab, service=service, client=client, ids=ids)
        client.close()


def system(place, name):
    return place.client.get(SYSTEM, {"Name": place.ids[name]})


def active(guid):
    return {"InstanceID": "Microsoft:" + guid}


def request(place, name, state):
    return place.client.invoke(SYSTEM, "RequestStateChange", [("RequestedState", str(state))],
                               {"CreationClassName": "Msvm_ComputerSystem", "Name": place.ids[name]})


def reach(place, name, state, shown):
    answer = request(place, name, state)
    job = place.client.follow(answer)
    assert job is None or job["JobState"] == "7", job
    machine = system(place, name)
    assert (machine["EnabledState"], machine["RequestedState"]) == (shown, str(state)), machine


def embedded(name, **properties):
    """An instance as CIM-XML text, as PowerShell sends it."""
    rows = "".join(f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{escape(value)}</VALUE></PROPERTY>'
                   if not isinstance(value, list) else
                   f'<PROPERTY.ARRAY NAME="{key}" TYPE="string"><VALUE.ARRAY>'
                   + "".join(f"<VALUE>{escape(text)}</VALUE>" for text in value) + "</VALUE.ARRAY></PROPERTY.ARRAY>"
                   for key, value in properties.items())
    return escape(f'<INSTANCE CLASSNAME="{name}">{rows}</INSTANCE>')


def modify(place, **properties):
    return place.client.invoke(MANAGEMENT, "ModifySystemSettings",
                               [("SystemSettings", embedded("Msvm_VirtualSystemSettingData", **properties))])


def snapshot(place, name, kind=3):
    job = place.client.follow(place.client.create_snapshot(place.ids[name], kind))
    assert job["JobState"] == "7", job
    made = place.client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                              "ResultClass = Msvm_VirtualSystemSettingData")
    return made[0]["InstanceID"]


def test_states(place):
    virsh = place.lab.virsh
    reach(place, "power", START, RUNNING_STATE)
    assert virsh("domstate", "power").strip() == "running"
    reach(place, "power", PAUSE, PAUSED_STATE)
    assert virsh("domstate", "power").strip() == "paused"
    reach(place, "power", START, RUNNING_STATE)  # resume
    reach(place, "power", SAVE, SAVED_STATE)
    assert virsh("domstate", "power").strip() == "shut off"
    assert "yes" in virsh("dominfo", "power").split("Managed save:")[1].split("\n")[0]
    reach(place, "power", START, RUNNING_STATE)  # where it was
    reach(place, "power", RESET, RUNNING_STATE)
    reach(place, "power", OFF, OFF_STATE)
    assert virsh("domstate", "power").strip() == "shut off"


def test_save_outlives_the_service(place):
    """libvirt goes on with a save whose caller was killed: the job ends with it, as it does, and not before."""
    place.lab.define("slow")
    place.ids["slow"] = place.lab.virsh("domuuid", "slow").strip().upper()
    pid = int((place.lab.dir / "run/libvirt/qemu/run/slow.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = request(place, "slow", SAVE)
        while "job" not in place.lab.virsh("domcontrol", "slow"):
            pass  # libvirt tells nobody that it has begun
        place.client.close()
        place.service.process.kill()
        place.service.process.wait()
        begin = len(place.service.log_text())
        place.service.start()
        place.service.await_log("event=recover-failed .*still changes", begin)
        place.client = place.service.client()
        job = place.client.get(JOB, answer["Job"].selectors)
        assert job["JobState"] == "4", job
    finally:
        os.kill(pid, signal.SIGCONT)
    job = place.client.follow(answer)
    assert job["JobState"] == "7" and system(place, "slow")["EnabledState"] == SAVED_STATE, job


def test_states_that_cannot_be(place):
    for state, expected in ((PAUSE, INVALID_STATE), (SAVE, INVALID_STATE), (5, NOT_SUPPORTED), (999, INVALID_PARAMETER)):
        assert request(place, "power", state)["ReturnValue"] == expected, state
    assert system(place, "power")["EnabledState"] == OFF_STATE
    try:
        place.client.invoke(SYSTEM, "RequestStateChange", [("RequestedState", "2")],
                            {"CreationClassName": "Msvm_ComputerSystem", "Name": "00000000-0000-4000-8000-000000000000"})
        raise AssertionError("a machine that is not there was started")
    except Fault:
        pass


def test_screen_and_keys(place):
    client = place.client
    reach(place, "power", START, RUNNING_STATE)
    target = reference(SETTINGS, active(place.ids["power"]))
    picture = client.invoke(MANAGEMENT, "GetVirtualSystemThumbnailImage",
                            [("HeightPixels", "60"), ("TargetSystem", target), ("WidthPixels", "80")])
    assert picture["ReturnValue"] == "0" and len(base64.b64decode(picture["ImageData"])) == 80 * 60 * 2, picture
    keyboard = client.query(f"SELECT * FROM Msvm_Keyboard WHERE SystemName = '{place.ids['power']}'")[0]
    keys = {name: keyboard[name] for name in ("CreationClassName", "DeviceID", "SystemCreationClassName", "SystemName")}
    for method, parameters in (("TypeText", [("asciiText", "Hello, world!")]), ("TypeCtrlAltDel", []),
                               ("PressKey", [("keyCode", "65")]), ("ReleaseKey", [("keyCode", "65")]),
                               ("TypeScancodes", [("Scancodes", "30"), ("Scancodes", "158")])):
        assert client.invoke(V2 + "Msvm_Keyboard", method, parameters, keys)["ReturnValue"] == "0", method
    down = client.query(f"SELECT * FROM Msvm_ShutdownComponent WHERE SystemName = '{place.ids['power']}'")[0]
    keys = {name: down[name] for name in ("CreationClassName", "DeviceID", "SystemCreationClassName", "SystemName")}
    answer = client.invoke(V2 + "Msvm_ShutdownComponent", "InitiateShutdown",
                           [("Force", "true"), ("Reason", "a test")], keys)
    assert answer["ReturnValue"] == "0", answer
    reach(place, "power", OFF, OFF_STATE)
    picture = client.invoke(MANAGEMENT, "GetVirtualSystemThumbnailImage",
                            [("HeightPixels", "60"), ("TargetSystem", target), ("WidthPixels", "80")])
    assert picture["ReturnValue"] != "0", picture


def test_summary(place):
    target = reference(SETTINGS, active(place.ids["power"]))
    codes = [("RequestedInformation", str(code)) for code in (0, 1, 3, 4, 100, 102, 105, 107)]
    root = place.client.call(envelope(MANAGEMENT + "/GetSummaryInformation", MANAGEMENT, None,
                                      f'<p:GetSummaryInformation_INPUT xmlns:p="{MANAGEMENT}">'
                                      + "".join(f"<p:{name}>{value}</p:{name}>" for name, value in codes)
                                      + f"<p:SettingData>{target}</p:SettingData></p:GetSummaryInformation_INPUT>"))
    answer = root.find("s:Body", NS)[0]
    summary = instance(next(item for item in answer if item.tag.endswith("SummaryInformation")))
    assert summary["Name"] == place.ids["power"] and summary["ElementName"] == "Power & <light>", summary
    assert summary["EnabledState"] == OFF_STATE and summary["NumberOfProcessors"] == "1", summary


def test_rename_by_method(place):
    mine = snapshot(place, "names")
    job = place.client.follow(modify(place, InstanceID=mine, ElementName="before the upgrade", Notes=["one", "two"]))
    assert job is None or job["JobState"] == "7", job
    after = place.client.get(SETTINGS, {"InstanceID": mine})
    assert after["ElementName"] == "before the upgrade", after
    assert "one" in str(after["Notes"]) and "two" in str(after["Notes"]), after
    machine = active(place.ids["names"])
    job = place.client.follow(modify(place, ElementName="Names \u00fcber alles", **machine))
    assert job is None or job["JobState"] == "7", job
    assert system(place, "names")["ElementName"] == "Names \u00fcber alles"
    assert place.lab.virsh("desc", "names", "--title").strip() == "Names \u00fcber alles"


def test_no_false_alarm(place):
    """What the loop leaves to a worker is no trouble."""
    system(place, "names")
    place.client.get(SETTINGS, {"InstanceID": "Microsoft:" + place.ids["names"]})
    assert 'event=cause error="INTERNAL"' not in place.service.log_text()


def every_character():
    """All that XML 1.0 allows, in texts of a hundred."""
    ranges = ((9, 11), (13, 14), (0x20, 0xD800), (0xE000, 0xFFFE), (0x10000, 0x11000), (0x1F300, 0x1F700),
              (0x10FF00, 0x110000))
    text = "".join(chr(c) for low, high in ranges for c in range(low, high))
    return [text[i:i + CHUNK] for i in range(0, len(text), CHUNK)]


def put(place, instance_id, **properties):
    body = "".join(f"<p:{name}>{escape(value, {chr(13): '&#13;', chr(9): '&#9;', chr(10): '&#10;'})}</p:{name}>"
                   for name, value in properties.items())
    return place.client.call(envelope(NS["x"] + "/Put", SETTINGS, {"InstanceID": instance_id},
                                      f'<p:Msvm_VirtualSystemSettingData xmlns:p="{SETTINGS}">{body}'
                                      "</p:Msvm_VirtualSystemSettingData>"))


def test_every_character_by_put(place):
    """Of 63,000 characters of the first plane every seventh text, and all texts with anything special in them."""
    mine = snapshot(place, "names")
    texts = every_character()
    for number, text in enumerate(texts):
        if number > 4 and number % 7 and not any(ord(c) > 0xFFFF or ord(c) in (0x85, 0x2028, 0xFEFF) for c in text):
            continue
        if number > 60 and number % 7:
            continue
        put(place, mine, ElementName=text)
        root = place.client.call(envelope(NS["x"] + "/Get", SETTINGS, {"InstanceID": mine}))
        got = root.find(".//{%s}ElementName" % SETTINGS).text
        assert got == text, (number, [(hex(ord(a)), hex(ord(b))) for a, b in zip(got, text) if a != b][:3])


def test_put_refuses(place):
    mine = snapshot(place, "names")
    before = place.client.get(SETTINGS, {"InstanceID": mine})
    for name, value in (("VirtualSystemType", "Microsoft:Hyper-V:System:Realized"), ("ElementName", "x" * 101)):
        try:
            put(place, mine, **{name: value})
            raise AssertionError(f"{name} was taken")
        except Fault as fault:
            assert name in str(fault) or "100 characters" in str(fault), fault
    assert place.client.get(SETTINGS, {"InstanceID": mine}) == before


def test_policy(place):
    """UserSnapshotType: 2 disabled, 4 production, 5 standard. There is no guest agent in this machine."""
    machine = active(place.ids["policy"])
    for policy, good in (("2", False), ("4", False), ("5", True)):
        job = place.client.follow(modify(place, UserSnapshotType=policy, **machine))
        assert job is None or job["JobState"] == "7", job
        assert place.client.get(SETTINGS, machine)["UserSnapshotType"] == policy
        answer = place.client.create_snapshot(place.ids["policy"], 2)
        if answer["ReturnValue"] == "4096":
            done = place.client.follow(answer)["JobState"] == "7"
        else:
            done = answer["ReturnValue"] == "0"
        assert done == good, (policy, answer)


def test_jobs(place):
    job = place.client.follow(place.client.create_snapshot(place.ids["names"], 3))
    keys = {"InstanceID": job["InstanceID"]}
    answer = place.client.invoke(JOB, "GetErrorEx", [], keys)
    assert answer["ReturnValue"] == "0", answer
    answer = place.client.invoke(JOB, "RequestStateChange", [("RequestedState", "4")], keys)
    assert answer["ReturnValue"] == "4097", answer  # it has ended
    owners = place.client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                                "AssocClass = Msvm_OwningJobElement")
    assert [owner["CreationClassName"] for owner in owners] == ["Msvm_VirtualSystemSnapshotService"], owners
    place.client.call(envelope(NS["x"] + "/Delete", JOB, keys))
    try:
        place.client.get(JOB, keys)
        raise AssertionError("the job is still there")
    except Fault:
        pass


def test_what_hyperv_has_and_this_has_not(place):
    for method in ("DefineSystem", "DestroySystem", "ModifyResourceSettings", "AddResourceSettings"):
        answer = place.client.invoke(MANAGEMENT, method, [])
        assert answer["ReturnValue"] in ("1", NOT_SUPPORTED), (method, answer)
    try:
        place.client.invoke(MANAGEMENT, "NoSuchMethod", [])
        raise AssertionError("an unknown method was taken")
    except Fault:
        pass


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
