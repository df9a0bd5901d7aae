#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of Hyper-V's first model, as scripts for Windows Server 2008 write them, on real QEMU machines."""

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

SERVICE, SETTINGS = "Msvm_VirtualSystemManagementService", "Msvm_VirtualSystemSettingData"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running")
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
