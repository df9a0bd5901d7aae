#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of Hyper-V's first model, as scripts for Windows Server 2008 write them, on real QEMU machines."""

import base64
import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from models import STARTED, V1, Model, endpoint, text_of  # noqa: E402
from service import Service  # noqa: E402
from wsman import NS, envelope, instance, invoke_body, local  # noqa: E402

SERVICE, SETTINGS = "Msvm_VirtualSystemManagementService", "Msvm_VirtualSystemSettingData"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running", screen=True)
        lab.define("paused", state="paused")
        lab.define("saved", state="saved")
        lab.define("off", state="off")
        service = Service(lab, build)
        with contextlib.closing(service.client()) as client:
            yield SimpleNamespace(lab=lab, service=service, v1=Model(client, V1))


def machine(place, name):
    found = place.v1.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{name}'")
    assert len(found) == 1, found
    return found[0]


def path(vm):
    return f"Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{vm['Name']}'"


def system_ref(place, name):
    return place.v1.ref("Msvm_ComputerSystem", {"CreationClassName": "Msvm_ComputerSystem",
                                                "Name": machine(place, name)["Name"]})


def settings_ref(place, snapshot):
    return place.v1.ref(SETTINGS, {"InstanceID": snapshot["InstanceID"]})


def snapshots(place, name):
    """As HyperV.psm1 finds them."""
    vm = machine(place, name)
    return place.v1.query(f"SELECT * FROM {SETTINGS} WHERE SystemName = '{vm['Name']}' AND InstanceID <> "
                          f"'Microsoft:{vm['Name']}'")


def take(place, name):
    """As OpenStack's first driver does: the snapshot is the job's only associated setting data."""
    answer = place.v1.invoke(SERVICE, "CreateVirtualSystemSnapshot", ("SourceSystem", system_ref(place, name)))
    place.v1.done(answer)
    job = answer["Job"].selectors["InstanceID"]
    found = place.v1.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job}'}} WHERE ResultClass = {SETTINGS}")
    assert len(found) == 1, found
    return found[0]


def test_states(place):
    """Paused is 32768 and saved 32769, where V2 has 9 and 6."""
    states = {vm["ElementName"]: vm["EnabledState"] for vm in place.v1.all("Msvm_ComputerSystem")}
    assert {"running": "2", "off": "3", "paused": "32768", "saved": "32769"}.items() <= states.items(), states


def test_create_running(place):
    made = take(place, "running")
    assert made["SettingType"] == "5" and made["SystemName"] == machine(place, "running")["Name"], made
    assert [one["InstanceID"] for one in snapshots(place, "running")] == [made["InstanceID"]]
    assert made["InstanceID"].split(":")[1] in place.lab.virsh("snapshot-list", "running", "--name").split()


def test_tree(place):
    """Parent is a path in this namespace; a second snapshot is the first one's child."""
    first = snapshots(place, "running")[0]
    second = take(place, "running")
    assert first["Parent"] is None and first["InstanceID"] in second["Parent"], second
    assert "\\root\\virtualization:" in second["Parent"], second
    active = [one for one in place.v1.all(SETTINGS) if one["SettingType"] == "3" and one["ElementName"] == "running"]
    assert second["InstanceID"] in active[0]["Parent"], active


def test_snapshots_by_association(place):
    found = place.v1.query(f"ASSOCIATORS OF {{{path(machine(place, 'running'))}}} WHERE "
                           f"AssocClass = Msvm_ElementSettingData ResultClass = {SETTINGS}")
    assert sorted(one["InstanceID"] for one in found if one["SettingType"] == "5") == \
        sorted(one["InstanceID"] for one in snapshots(place, "running"))


def last_snapshot(place, name):
    """As Microsoft's samples find it (GetLastVirtualSystemSnapshot), the class written as there."""
    ref = SimpleNamespace(resource=V1 + "Msvm_ComputerSystem",
                          selectors={"CreationClassName": "Msvm_ComputerSystem", "Name": machine(place, name)["Name"]})
    return [one for _, one in place.v1.related(
        ref, AssociationClassName="Msvm_PreviousSettingData", ResultClassName="Msvm_VirtualSystemsettingData",
        Role="ManagedElement", ResultRole="SettingData")]


def test_settings_by_association(place):
    """SettingsDefineState leads to a machine's own settings, of which there are one, and back."""
    for name in ("running", "saved"):
        found = place.v1.query(f"associators of {{{path(machine(place, name))}}} where AssocClass = "
                               f"Msvm_SettingsDefineState ResultClass = {SETTINGS}")
        assert [(one["SettingType"], one["InstanceID"]) for one in found] == \
            [("3", "Microsoft:" + machine(place, name)["Name"])], found
    back = place.v1.query(f"ASSOCIATORS OF {{{SETTINGS}.InstanceID='{found[0]['InstanceID']}'}} WHERE AssocClass = "
                          "Msvm_SettingsDefineState")
    assert [one["ElementName"] for one in back] == ["saved"], back


def test_previous_setting_data(place):
    """What a machine derives from is its newest snapshot; one without snapshots derives from none."""
    newest = [one for one in snapshots(place, "running") if one["Parent"] is not None]
    assert [one["InstanceID"] for one in last_snapshot(place, "running")] == [newest[0]["InstanceID"]]
    current = place.v1.query(f"associators of {{{path(machine(place, 'running'))}}} where assocClass=MSvm_PreviousSettingData")
    assert [one["InstanceID"] for one in current] == [newest[0]["InstanceID"]], current  # as HyperV.psm1 asks
    assert last_snapshot(place, "off") == []
    pairs = place.v1.all("Msvm_PreviousSettingData")
    assert [(pair["ManagedElement"].selectors["Name"], pair["SettingData"].selectors["InstanceID"]) for pair in pairs] == \
        [(machine(place, "running")["Name"], newest[0]["InstanceID"])], pairs


def test_what_libvirt_reads(place):
    """libvirt's client of this model: settings of a machine, then of its processors and memory."""
    settings = f"{SETTINGS}.InstanceID='Microsoft:{machine(place, 'running')['Name']}'"
    for kind, quantity in (("Processor", "1"), ("Memory", "64")):
        found = place.v1.query(f"associators of {{{settings}}} where AssocClass = Msvm_VirtualSystemSettingDataComponent "
                               f"ResultClass = Msvm_{kind}SettingData")
        assert [(one["ElementName"], one["VirtualQuantity"]) for one in found] == [(kind, quantity)], found
    every = place.v1.query(f"associators of {{{settings}}} where AssocClass = Msvm_VirtualSystemSettingDataComponent")
    names = [one["ElementName"] for one in every]
    assert names[:2] == ["Processor", "Memory"] and "Hard Drive" in names, names


def test_disks(place):
    """As OpenStack's first driver finds them, of the machine and of its snapshot: the setting data of an image by its
    subtype, the image by Connection, then drive and controller by Parent."""
    vm = machine(place, "running")
    for settings in (f"Microsoft:{vm['Name']}", snapshots(place, "running")[0]["InstanceID"]):
        parts = place.v1.query(f"associators of {{{SETTINGS}.InstanceID='{settings}'}} where ResultClass = "
                               "Msvm_ResourceAllocationSettingData")
        images = [part for part in parts if part["ResourceSubType"] == "Microsoft Virtual Hard Disk"]
        assert [(image["Connection"], image["ResourceType"]) for image in images] == \
            [(str(file), "21") for file in place.lab.disks_of("running")], images
        by_id = {part["InstanceID"].replace("\\", "\\\\"): part for part in parts}
        drive = by_id[images[0]["Parent"].split('"')[1]]
        assert (drive["ResourceSubType"], drive["Address"]) == ("Microsoft Synthetic Disk Drive", "0"), drive
        assert by_id[drive["Parent"].split('"')[1]]["ResourceType"] in ("5", "6"), drive


def test_global_setting_data(place):
    """Where a machine is kept, as scripts for Windows Server 2008 ask for it."""
    vm = machine(place, "off")
    found = place.v1.query(f"SELECT * FROM Msvm_VirtualSystemGlobalSettingData WHERE SystemName = '{vm['Name']}'")
    assert [(one["ElementName"], one["ExternalDataRoot"]) for one in found] == \
        [("off", str(place.lab.dir / "config/libvirt/qemu"))], found
    same = place.v1.query(f"associators of {{{path(vm)}}} where resultclass=Msvm_VirtualSystemGlobalSettingData")
    assert same == found, same


def test_services(place):
    """The host has the one service, which manages machines and owns jobs."""
    hosted = place.v1.all("Msvm_HostedService")
    assert [pair["Dependent"].class_name for pair in hosted] == [SERVICE], hosted
    assert place.v1.follow(hosted[0]["Antecedent"])["Caption"] == "Hosting Computer System"
    managed = place.v1.all("Msvm_ServiceAffectsElement")
    assert {place.v1.follow(pair["AffectedElement"])["ElementName"] for pair in managed} == \
        {"running", "paused", "saved", "off"}, managed
    owners = place.v1.all("Msvm_OwningJobElement")
    assert owners and {pair["OwningElement"].class_name for pair in owners} == {SERVICE}, owners


def summaries(place, codes, *targets):
    parameters = [("RequestedInformation", str(code)) for code in codes] + [("SettingData", ref) for ref in targets]
    root = place.v1.client.call(envelope(f"{V1}{SERVICE}/GetSummaryInformation", V1 + SERVICE, None,
                                         invoke_body(V1 + SERVICE, "GetSummaryInformation", parameters)))
    answer = root.find("s:Body", NS)[0]
    assert answer.findtext("{*}ReturnValue") == "0", instance(answer)
    found = answer.findall("{*}SummaryInformation")
    return [(instance(one), [instance(child) for child in one if local(child.tag) == "Snapshots"]) for one in found]


def active_ref(place, name):
    return place.v1.ref(SETTINGS, {"InstanceID": "Microsoft:" + machine(place, name)["Name"]})


def test_summary(place):
    """Of machines in the order in which they were asked for, with this model's values; all without a list."""
    found = summaries(place, (0, 1, 100, 107), active_ref(place, "saved"), active_ref(place, "paused"),
                      active_ref(place, "running"))
    assert [(one["ElementName"], one["EnabledState"]) for one, _ in found] == \
        [("saved", "32769"), ("paused", "32768"), ("running", "2")], found
    assert found[2][0]["Name"] == machine(place, "running")["Name"], found
    assert sorted(one["InstanceID"] for one in found[2][1]) == \
        sorted(one["InstanceID"] for one in snapshots(place, "running")), found
    assert {one["SettingType"] for one in found[2][1]} == {"5"}, found
    assert {one["ElementName"] for one, _ in summaries(place, (1,))} == {"running", "paused", "saved", "off"}
    of_snapshot = summaries(place, (1, 100), settings_ref(place, snapshots(place, "running")[0]))
    assert [one["ElementName"] for one, _ in of_snapshot] == [snapshots(place, "running")[0]["ElementName"]]


def picture(place, target, width=80, height=60):
    return place.v1.invoke(SERVICE, "GetVirtualSystemThumbnailImage", ("TargetSystem", target),
                           ("WidthPixels", str(width)), ("HeightPixels", str(height)))


def test_thumbnail(place):
    """Two octets a point; none of a machine that is off, of what is not there, or of no size."""
    answer = picture(place, active_ref(place, "running"), 40, 30)
    assert answer["ReturnValue"] == "0" and len(base64.b64decode(answer["ImageData"])) == 40 * 30 * 2, answer
    assert picture(place, active_ref(place, "off"))["ReturnValue"] == "32775"
    nobody = place.v1.ref(SETTINGS, {"InstanceID": "Microsoft:00000000-0000-4000-8000-000000000000"})
    assert picture(place, nobody)["ReturnValue"] == "32773"
    assert picture(place, active_ref(place, "running"), 0)["ReturnValue"] == "32773"


def test_unknown_machine(place):
    nobody = place.v1.ref("Msvm_ComputerSystem", {"CreationClassName": "Msvm_ComputerSystem",
                                                  "Name": "00000000-0000-4000-8000-000000000000"})
    answer = place.v1.invoke(SERVICE, "CreateVirtualSystemSnapshot", ("SourceSystem", nobody))
    assert answer["ReturnValue"] == "32773", answer


def test_refused(place):
    """What V1 has and this service has not is Not Supported, whatever it is given."""
    answer = place.v1.invoke(SERVICE, "ExportVirtualSystem", ("ComputerSystem", system_ref(place, "off")),
                             ("CopyVmState", "true"), ("ExportDirectory", "C:\\"))
    assert answer["ReturnValue"] == "32770", answer


def test_apply_refused_while_running(place):
    answer = place.v1.invoke(SERVICE, "ApplyVirtualSystemSnapshotEx", ("ComputerSystem", system_ref(place, "running")),
                             ("SnapshotSettingData", settings_ref(place, snapshots(place, "running")[0])))
    assert answer["ReturnValue"] == "32775", answer
    assert place.lab.virsh("domstate", "running").strip() == "running"


def test_apply_waits(place):
    """ApplyVirtualSystemSnapshot has no job: when it answers 0 the machine is what it was."""
    made = take(place, "off")
    answer = place.v1.invoke(SERVICE, "ApplyVirtualSystemSnapshot", ("ComputerSystem", system_ref(place, "off")),
                             ("SnapshotSettingData", settings_ref(place, made)))
    assert answer == {"ReturnValue": "0"}, answer
    assert place.lab.virsh("snapshot-current", "off", "--name").strip() == made["InstanceID"].split(":")[1]


def test_remove_tree(place):
    take(place, "off")
    root = [one for one in snapshots(place, "off") if one["Parent"] is None]
    answer = place.v1.invoke(SERVICE, "RemoveVirtualSystemSnapshotTree",
                             ("SnapshotSettingData", settings_ref(place, root[0])))
    place.v1.done(answer)
    assert snapshots(place, "off") == []
    assert place.lab.virsh("snapshot-list", "off", "--name").split() == []
    again = place.v1.invoke(SERVICE, "RemoveVirtualSystemSnapshot", ("SnapshotSettingData", settings_ref(place, root[0])))
    assert again["ReturnValue"] == "32773", again


def test_remove_running(place):
    """The newest snapshot of a running machine goes, the other stays, and so does the machine."""
    old, new = sorted(snapshots(place, "running"), key=lambda one: one["Parent"] is not None)
    answer = place.v1.invoke(SERVICE, "RemoveVirtualSystemSnapshot", ("SnapshotSettingData", settings_ref(place, new)))
    assert answer["ReturnValue"] == STARTED and endpoint(answer["Job"]), answer
    place.v1.done(answer)
    assert [one["InstanceID"] for one in snapshots(place, "running")] == [old["InstanceID"]]
    assert place.lab.virsh("domstate", "running").strip() == "running"


def test_rename(place):
    """As HyperV.psm1 does: the snapshot's setting data goes back with another ElementName."""
    made = take(place, "off")
    answer = place.v1.invoke(SERVICE, "ModifyVirtualSystem", ("ComputerSystem", system_ref(place, "off")),
                             ("SystemSettingData", text_of(SETTINGS, {**made, "ElementName": "renamed & kept"})))
    place.v1.done(answer)
    after = place.v1.get(SETTINGS, {"InstanceID": made["InstanceID"]})
    assert after["ElementName"] == "renamed & kept", after
    assert {**after, "ElementName": ""} == {**made, "ElementName": ""}


def test_rename_of_another_machine(place):
    """The settings must be the given machine's: Invalid Parameter otherwise, and nothing is changed."""
    made = take(place, "off")
    active = place.v1.get(SETTINGS, {"InstanceID": "Microsoft:" + machine(place, "off")["Name"]})
    for settings in (made, active):
        answer = place.v1.invoke(SERVICE, "ModifyVirtualSystem", ("ComputerSystem", system_ref(place, "saved")),
                                 ("SystemSettingData", text_of(SETTINGS, {**settings, "ElementName": "of another"})))
        assert answer["ReturnValue"] == "32773" and answer["Job"] is None, answer
        assert place.v1.get(SETTINGS, {"InstanceID": settings["InstanceID"]}) == settings
    assert "of another" not in place.lab.virsh("desc", "off", "--title") + place.lab.virsh("desc", "saved", "--title")


def test_the_last_snapshot_is_renamed_and_applied(place):
    """As scripts do that know no job's result: make one, look what the machine derives from, rename it, apply it."""
    place.v1.done(place.v1.invoke(SERVICE, "CreateVirtualSystemSnapshot", ("SourceSystem", system_ref(place, "off"))))
    last = last_snapshot(place, "off")[0]
    place.v1.done(place.v1.invoke(SERVICE, "ModifyVirtualSystem", ("ComputerSystem", system_ref(place, "off")),
                                  ("SystemSettingData", text_of(SETTINGS, {**last, "ElementName": "backup 7"}))))
    assert last_snapshot(place, "off")[0]["ElementName"] == "backup 7"
    place.v1.done(place.v1.invoke(SERVICE, "ApplyVirtualSystemSnapshotEx", ("ComputerSystem", system_ref(place, "off")),
                                  ("SnapshotSettingData", settings_ref(place, last))))
    assert last_snapshot(place, "off")[0]["InstanceID"] == last["InstanceID"]


def test_state_change(place):
    """V1's numbers: 32769 saves, 2 starts again, 3 turns off."""
    keys = {"CreationClassName": "Msvm_ComputerSystem", "Name": machine(place, "running")["Name"]}
    for state in ("32769", "2"):
        answer = place.v1.client.invoke(V1 + "Msvm_ComputerSystem", "RequestStateChange",
                                        [("RequestedState", state)], keys)
        if answer["ReturnValue"] == STARTED:
            place.v1.done(answer)
        assert machine(place, "running")["EnabledState"] == state, machine(place, "running")


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
