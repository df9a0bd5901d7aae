#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in the way of an apply or a destroy on real machines: the job says what, and nothing is changed."""

import contextlib
import json
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import patterns  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_life import DISK, FULL, Machine  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        client = service.client()
        yield SimpleNamespace(lab=lab, service=service, client=client)
        client.close()


def staged(place, name, **options):
    """A machine with snapshots A and B, and pattern 3 since."""
    machine = Machine(place, name, disks=2, **options)
    machine.stage("A", 1)
    machine.stage("B", 2)
    patterns.write(place.lab, name, 3, machine.disks)
    return machine


def both(machine, words, apply_words=None):
    machine.refused("DestroySnapshot", "A", words)
    machine.refused("DestroySnapshotTree", "A", words)
    if not patterns.running(machine.lab, machine.name):
        machine.refused("ApplySnapshot", "A", apply_words or words)


def test_external_snapshot(place):
    machine = staged(place, "external", state="off")
    machine.virsh("snapshot-create-as", "outside", "--disk-only")
    both(machine, "external snapshots, as 'outside'. First merge")
    machine.virsh("snapshot-delete", "outside", "--metadata")
    both(machine, "no longer the one")


def test_disk_is_missing(place):
    machine = staged(place, "vanished", state="off")
    path = machine.disks[1]
    os.rename(path, f"{path}.away")
    before = machine.tree(), place.lab.tags(machine.disks[0])
    for method in ("ApplySnapshot", "DestroySnapshot", "DestroySnapshotTree"):
        job = machine.change(method, "A")
        assert job["JobState"] == "10" and "missing" in job["ErrorDescription"], job
        assert (machine.tree(), place.lab.tags(machine.disks[0])) == before
    os.rename(f"{path}.away", path)
    machine.check("A", "B")
    machine.holds(3)
    machine.apply("A")
    machine.holds(1)


def test_tag_is_missing(place):
    """One disk has lost its part: no apply, or the disks would be from two times; a destroy takes the rest."""
    machine = staged(place, "lost", state="off")
    place.lab.qemu_img("snapshot", "-d", machine.guids["A"], machine.disks[1])
    machine.refused("ApplySnapshot", "A", "nothing of this snapshot")
    machine.holds(3)
    machine.destroy("A")
    machine.check("B")
    place.lab.qemu_img("snapshot", "-c", machine.guids["B"], machine.disks[0])
    machine.refused("ApplySnapshot", "B", "more than one")


def test_backup_job(place):
    machine = staged(place, "backup")
    socket = place.lab.dir / "nbd.sock"
    xml = place.lab.write("backup.xml", "<domainbackup mode='pull'><server transport='unix' socket='%s'/>"
                          "<disks><disk name='vda' type='file' backup='yes' exportname='vda'><scratch file='%s'/></disk>"
                          "<disk name='vdb' backup='no'/></disks></domainbackup>"
                          % (socket, place.lab.dir / "disks/scratch.qcow2"))
    machine.virsh("backup-begin", xml)
    both(machine, "backup or another job")
    machine.virsh("domjobabort")
    machine.destroy("A")
    machine.check("B")


def test_checkpoints(place):
    """Reference points and an apply exclude each other; a destroy is no matter to them."""
    machine = staged(place, "points")
    machine.virsh("checkpoint-create-as", "c1", "--diskspec", "vda", "--diskspec", "vdb")
    machine.destroy("A")
    machine.virsh("destroy")
    machine.refused("ApplySnapshot", "B", "reference points")
    machine.virsh("checkpoint-delete", "c1", "--metadata")
    machine.refused("ApplySnapshot", "B", "change tracking")
    for path in machine.disks:
        place.lab.qemu_img("bitmap", "--remove", path, "c1")
    machine.apply("B")
    machine.holds(2)


def test_transient(place):
    machine = staged(place, "transient")
    machine.virsh("undefine", "--snapshots-metadata")
    both(machine, "transient")
    machine.virsh("destroy")


def test_read_only_disk(place):
    """A disk that cannot be written is no part of a snapshot, and in nobody's way."""
    lab = place.lab
    machine = Machine(place, "reader", disks=1, state="off")
    extra = lab.disk("reader-extra.qcow2")
    machine.virsh("attach-disk", str(extra), "vdc", "--subdriver", "qcow2", "--mode", "readonly", "--persistent")
    machine.stage("A", 1)
    patterns.write(lab, "reader", 2, machine.disks)
    machine.apply("A")
    machine.holds(1)
    machine.destroy("A")
    machine.check()


def test_memory_cannot_be_saved(place):
    """No room for the saved state: the machine stands paused at the snapshot, and the job says so."""
    machine = Machine(place, "room", disks=1)
    machine.stage("M", 1, FULL)
    patterns.write(place.lab, "room", 2)
    machine.virsh("destroy")
    folder = place.lab.dir / "config/libvirt/qemu/save"
    mode = folder.stat().st_mode & 0o777
    folder.chmod(0)
    try:
        job = machine.change("ApplySnapshot", "M")
    finally:
        folder.chmod(mode)
    if job["JobState"] == "7":
        raise suite.Skip("this user may write anywhere")
    assert "could not be saved" in job["ErrorDescription"], job
    assert machine.state() == "9", machine.state()
    machine.holds(1)


def test_firmware(place):
    """UEFI: the disks of a running machine only; what was made so can be applied and destroyed."""
    lab = place.lab
    machine = Machine(place, "uefi", disks=2, state="off")
    code, variables = (lab.write(f"disks/{name}.raw", b"\xff" * (256 << 10)) for name in ("code", "vars"))
    xml = machine.virsh("dumpxml").replace("</type>", f"</type><loader readonly='yes' type='pflash'>{code}</loader>"
                                           f"<nvram>{variables}</nvram>", 1)
    lab.virsh("define", lab.write("uefi.xml", xml.replace("</os>", "</os><features><acpi/></features>", 1)))
    for kind in (FULL, DISK):
        assert place.client.create_snapshot(machine.id, kind)["ReturnValue"] == "6"
    machine.virsh("start")
    assert place.client.create_snapshot(machine.id, FULL)["ReturnValue"] == "6"
    machine.stage("A", 1)
    patterns.write(lab, "uefi", 2, machine.disks)
    machine.virsh("destroy")
    machine.apply("A")
    machine.holds(1)
    machine.destroy("A")
    machine.check()


def test_undefined_under_a_job(place):
    """The machine goes while its job waits: the job ends, and says what is."""
    machine = staged(place, "goes", state="off")
    result = place.client.change_snapshot("DestroySnapshotTree", machine.guids["A"])
    machine.virsh("undefine", "--snapshots-metadata")
    job = place.client.follow(result)
    assert job["JobState"] in ("7", "10"), job
    assert job["JobState"] == "7" or job["ErrorDescription"], job


def test_busy(place):
    """While a job of the machine runs, another is Invalid State at once; then both work."""
    machine = Machine(place, "queue", disks=2, memory=256)
    machine.stage("A", 1)
    create = place.client.create_snapshot(machine.id, FULL)
    result = place.client.change_snapshot("DestroySnapshot", machine.guids["A"])
    assert result["ReturnValue"] in ("5", "4096"), json.dumps(result, default=str)
    assert place.client.follow(create)["JobState"] == "7"
    if result["ReturnValue"] == "5":
        machine.destroy("A")
    else:
        place.client.follow(result)
    assert len(machine.settings()) == 2


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
