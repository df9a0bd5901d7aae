#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that can have no snapshots, on real QEMU machines. Without IgnoreNonSnapshottableDisks the machine is refused at
once with code 6, and nothing has changed; with it the snapshot is without them, and says so, and whatever is done with it
they stay what they are. Those that are no part of any snapshot are in nobody's way."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import patterns  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from models import Model, text_of  # noqa: E402
from service import Service  # noqa: E402
from test_doctor import doctor  # noqa: E402

SYSTEM, SETTINGS, SNAPSHOTS = "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData", "Msvm_VirtualSystemSnapshotService"
KINDS = ("2", "3", "32768")
FULL, DISK = "2", "3"
MANAGEMENT = "Msvm_VirtualSystemManagementService"
INVALID_TYPE = "6"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        with contextlib.closing(service.client()) as client:
            yield SimpleNamespace(lab=lab, service=service, client=client, v2=Model(client))


def create(place, name, kind, ignore):
    guid = place.lab.virsh("domuuid", name).strip().upper()
    system = place.v2.ref(SYSTEM, {"CreationClassName": SYSTEM, "Name": guid})
    settings = text_of("Msvm_VirtualSystemSnapshotSettingData", {"ConsistencyLevel": "2", "IgnoreNonSnapshottableDisks": ignore})
    return place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system), ("SnapshotSettings", settings),
                           ("SnapshotType", kind))


def refused(place, name, qcow2, ignore="false", kinds=KINDS):
    for kind in kinds:
        answer = create(place, name, kind, ignore)
        assert answer["ReturnValue"] == INVALID_TYPE and not answer.get("Job"), (kind, ignore, answer)
    assert place.lab.virsh("snapshot-list", name, "--name").split() == []
    assert place.lab.tags(qcow2) == []


def served(place, name, qcow2):
    for kind in KINDS:
        for ignore in ("false", "true"):
            place.v2.done(create(place, name, kind, ignore))
    assert len(place.lab.tags(qcow2)) == len(place.lab.virsh("snapshot-list", name, "--name").split()) == 2 * len(KINDS)


def attach(place, name, disk):
    place.lab.virsh("attach-device", name, place.lab.write("disk.xml", disk), "--config")


def told(place, guid, left):
    """The snapshot says what it is without, and has no such disk."""
    item = place.v2.get(SETTINGS, {"InstanceID": "Microsoft:" + guid})
    assert item["Description"].endswith(f"is without the disks {left}") and item["IsSaved"] == "false", item


def partial(place, name, kind, left):
    """A snapshot without these disks; its GUID."""
    answer = create(place, name, kind, "true")
    place.v2.done(answer)
    guid = answer["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
    told(place, guid, left)
    xml = place.lab.virsh("snapshot-dumpxml", name, guid)
    assert not any(f"dev='{target}'" in xml for target in left.split()), xml
    return guid


def change(place, method, guid):
    job = place.client.follow(place.client.change_snapshot(method, guid))
    assert job["JobState"] == "7", job


def rename(place, guid):
    answer = place.v2.invoke(MANAGEMENT, "ModifySystemSettings", ("SystemSettings", text_of(SETTINGS, {
        "InstanceID": "Microsoft:" + guid, "ElementName": "another", "Notes": ["and notes"]})))
    if answer["ReturnValue"] != "0":
        place.v2.done(answer)


def test_raw(place):
    for state in ("off", "running"):
        name = "raw-" + state
        qcow2 = place.lab.define(name, disks=1, raw=1, state=state)[0]
        refused(place, name, qcow2)
        if state == "running":
            refused(place, name, qcow2, "true", [FULL])  # QEMU saves memory with all disks or not at all


def test_raw_left_out(place):
    """Whether the machine runs or not: an apply brings back the one disk, and leaves the other as it is, and attached."""
    lab = place.lab
    for state, kinds in (("running", ("3", "32768")), ("off", KINDS)):
        name = "left-" + state
        qcow2, raw = lab.define(name, disks=1, raw=1, state=state)
        patterns.write(lab, name, [1, 11])
        first = partial(place, name, kinds[0], "vdb")
        patterns.write(lab, name, [2, 12])
        second = partial(place, name, kinds[1], "vdb")
        patterns.write(lab, name, [3, 13])
        assert [patterns.in_snapshot(lab, qcow2, guid) for guid in (first, second)] == [1, 2]
        before = lab.virsh("domblklist", name)
        assert lab.virsh("domstate", name).strip() == ("running" if state == "running" else "shut off")
        rename(place, first)
        told(place, first, "vdb")
        if state == "running":
            lab.virsh("destroy", name)
        change(place, "ApplySnapshot", first)
        assert lab.virsh("domblklist", name) == before and str(raw) in before
        patterns.check(lab, name, [1, 13])
        lab.virsh("start", name)
        patterns.check(lab, name, [1, 13])
        assert doctor(place) == (0, ["0 found, 0 mended"])
        third = partial(place, name, DISK, "vdb")
        change(place, "DestroySnapshot", second)
        assert sorted(lab.tags(qcow2)) == sorted([first, third])
        lab.virsh("destroy", name)
        change(place, "DestroySnapshotTree", first)
        assert lab.tags(qcow2) == lab.virsh("snapshot-list", name, "--name").split() == []
        patterns.check(lab, name, [1, 13])


def test_left_out_and_gone_or_moved(place):
    """A disk that the machine has no more is not brought back; one whose slot is taken by then gets another."""
    lab = place.lab
    lab.define("moved", disks=1, raw=2, state="off")
    xml = lab.virsh("dumpxml", "moved")
    slots = [line for line in xml.splitlines() if "<address type='pci'" in line]
    guid = partial(place, "moved", DISK, "vdb vdc")
    lab.virsh("detach-disk", "moved", "vdc", "--config")
    disk = lab.disks_of("moved")[1]
    lab.virsh("detach-disk", "moved", "vdb", "--config")
    # where vda is, then and now: that of the snapshot comes first
    vda = next(slots[i] for i, line in enumerate(slots) if "vda" in xml.split(line)[0].rsplit("<disk", 1)[1]).strip()
    lab.virsh("detach-disk", "moved", "vda", "--config")
    attach(place, "moved", f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{disk}'/>"
           f"<target dev='vdb' bus='virtio'/>{vda}</disk>")
    change(place, "ApplySnapshot", guid)
    lines = lab.virsh("domblklist", "moved").split()
    assert "vda" in lines and "vdb" in lines and "vdc" not in lines, lines


def test_only_others(place):
    """A machine that has nothing else."""
    lab = place.lab
    lab.define("others", disks=0, raw=1, state="off")
    for ignore in ("false", "true"):
        answer = create(place, "others", DISK, ignore)
        assert answer["ReturnValue"] == INVALID_TYPE, answer


def test_host_device_left_out(place):
    qcow2 = place.lab.define("passed", state="off")[0]
    attach(place, "passed", "<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/loop0'/>"
           "<target dev='vdb' bus='virtio'/></disk>")
    patterns.write(place.lab, "passed", 1, [qcow2])
    guid = partial(place, "passed", "32768", "vdb")
    patterns.write(place.lab, "passed", 2, [qcow2])
    change(place, "ApplySnapshot", guid)
    patterns.check(place.lab, "passed", 1, [qcow2])
    assert "/dev/loop0" in place.lab.virsh("domblklist", "passed")


def test_host_device(place):
    """Passed through whole; the machine is off, as QEMU takes only a real device for one."""
    qcow2 = place.lab.define("host", state="off")[0]
    attach(place, "host", "<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/loop0'/>"
           "<target dev='vdb' bus='virtio'/></disk>")
    refused(place, "host", qcow2)


def test_shared(place):
    qcow2 = place.lab.define("shared", state="off")[0]
    attach(place, "shared", f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{place.lab.disk('s.raw', 'raw')}'/>"
           "<target dev='vdb' bus='virtio'/><shareable/></disk>")
    refused(place, "shared", qcow2)


def test_no_part_of_it(place):
    """An empty drive, a disc in one, and a disk that may only be read."""
    for state in ("off", "running"):
        name = "readers-" + state
        qcow2 = place.lab.define(name, state="off")[0]
        disc = place.lab.disk(name + "-disc.iso", "raw")
        attach(place, name, "<disk type='file' device='cdrom'><target dev='hdb' bus='ide'/><readonly/></disk>")
        attach(place, name, f"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{disc}'/>"
               "<target dev='hdc' bus='ide'/><readonly/></disk>")
        attach(place, name, f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{disc}'/>"
               "<target dev='vdb' bus='virtio'/><readonly/></disk>")
        if state == "running":
            place.lab.virsh("start", name)
        served(place, name, qcow2)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
