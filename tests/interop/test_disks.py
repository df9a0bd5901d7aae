#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that can have no snapshots, with IgnoreNonSnapshottableDisks and without, on real QEMU machines: refused at once
with code 6, and nothing has changed; those that are no part of a snapshot are in nobody's way."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from models import Model, text_of  # noqa: E402
from service import Service  # noqa: E402

SYSTEM, SETTINGS, SNAPSHOTS = "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData", "Msvm_VirtualSystemSnapshotService"
KINDS = ("2", "3", "32768")
INVALID_TYPE = "6"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        with contextlib.closing(service.client()) as client:
            yield SimpleNamespace(lab=lab, service=service, v2=Model(client))


def create(place, name, kind, ignore):
    guid = place.lab.virsh("domuuid", name).strip().upper()
    system = place.v2.ref(SYSTEM, {"CreationClassName": SYSTEM, "Name": guid})
    settings = text_of("Msvm_VirtualSystemSnapshotSettingData", {"ConsistencyLevel": "2", "IgnoreNonSnapshottableDisks": ignore})
    return place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system), ("SnapshotSettings", settings),
                           ("SnapshotType", kind))


def refused(place, name, qcow2):
    for kind in KINDS:
        for ignore in ("false", "true"):
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


def test_raw(place):
    for state in ("off", "running"):
        name = "raw-" + state
        refused(place, name, place.lab.define(name, disks=1, raw=1, state=state)[0])


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
