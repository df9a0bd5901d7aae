#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The storage fails under a create, apply and destroy: a full file system, files that may not be written, files that
are gone. The job says what it is, nothing half-made stays, and what the disks hold is what it was or what it was to be."""

import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [os.path.join(os.path.dirname(HERE), "lab"), HERE]

import patterns  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_life import DISK, FULL, Machine  # noqa: E402
from test_machines import MANAGEMENT, embedded  # noqa: E402

NUMBER = iter(range(100))


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        client = service.client()
        yield SimpleNamespace(lab=lab, service=service, client=client)
        client.close()


@contextlib.contextmanager
def small(place, name, state="off", disks=2):
    """A machine whose last disk is alone in a small file system, with snapshots A and B of pattern 1 and 2, and 9 since;
    and a function that fills the rest of it."""
    lab = place.lab
    folder = lab.mkdir(f"small{next(NUMBER)}")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=777", "none", folder], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        raise suite.Skip("no small file system can be mounted here")
    try:
        machine = Machine(place, name, disks=disks, state="off")
        path = machine.disks[-1]
        lab.run(["mv", path, folder / path.name])
        path.symlink_to(folder / path.name)
        if state == "running":
            machine.virsh("start")
        for value, short in enumerate("AB", 1):
            machine.stage(short, value)
        patterns.write(lab, name, 9, machine.disks)

        def fill():
            lab.run(["dd", "if=/dev/zero", f"of={folder}/rest", "bs=4096"], check=False)
            assert os.statvfs(folder).f_bavail == 0
        try:
            yield machine, fill, folder / "rest"
        finally:
            if state == "running":
                machine.virsh("destroy")
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def intact(machine, *shorts, value=9):
    machine.check(*shorts)
    machine.holds(value)


def fails(machine, job, words):
    assert job["JobState"] == "10", job
    assert any(word in job["ErrorDescription"] for word in words), job
    assert "/" not in job["ErrorDescription"], job


def create(machine, kind=DISK):
    return machine.client.follow(machine.client.create_snapshot(machine.id, kind))


def test_full_create(place):
    """Off and running: the first disk has room, the second none."""
    for state in ("off", "running"):
        with small(place, f"create-{state}", state) as (machine, fill, rest):
            fill()
            fails(machine, create(machine), ["no space left", "not enough space"])
            intact(machine, "A", "B")
            rest.unlink()
            machine.stage("C", 9)
            intact(machine, "A", "B", "C")


def test_full_single_disk(place):
    for state in ("off", "running"):
        with small(place, f"single-{state}", state, disks=1) as (machine, fill, rest):
            fill()
            fails(machine, create(machine), ["no space left"])
            fails(machine, machine.change("DestroySnapshot", "A"), ["no space left"])
            intact(machine, "A", "B")
            rest.unlink()
            machine.destroy("A")
            intact(machine, "B")


def test_full_apply(place):
    """It needs no room where the snapshot is all there, or it says that there is none."""
    with small(place, "apply") as (machine, fill, rest):
        fill()
        job = machine.change("ApplySnapshot", "A")
        if job["JobState"] == "7":
            intact(machine, "A", "B", value=1)
        else:
            fails(machine, job, ["no space left"])
            intact(machine, "A", "B")
        rest.unlink()
        machine.apply("B")
        intact(machine, "A", "B", value=2)


def test_full_destroy(place):
    """Off and running."""
    for state in ("off", "running"):
        with small(place, f"destroy-{state}", state) as (machine, fill, rest):
            fill()
            for method in ("DestroySnapshot", "DestroySnapshotTree"):
                fails(machine, machine.change(method, "A"), ["no space left"])
                intact(machine, "A", "B")
            rest.unlink()
            machine.destroy("A")
            machine.destroy("B", tree=True)
            intact(machine)


def test_images_may_not_be_written(place):
    """By mode: create, apply and destroy say so and change nothing, neither of the disk that could be."""
    machine = Machine(place, "locked", disks=2, state="off")
    machine.stage("A", 1)
    machine.stage("B", 2)
    patterns.write(place.lab, "locked", 9, machine.disks)
    path = machine.disks[1]
    path.chmod(0o400)
    if place.lab.run(["test", "-w", path], check=False).returncode == 0:
        raise suite.Skip("this user may write anywhere")
    fails(machine, create(machine), ["may not be written"])
    for method in ("ApplySnapshot", "DestroySnapshot", "DestroySnapshotTree"):
        job = machine.change(method, "A")
        fails(machine, job, ["may not be written"])
        path.chmod(0o600)
        intact(machine, "A", "B")
        path.chmod(0o400)
    path.chmod(0o600)
    machine.apply("A")
    machine.destroy("B")
    intact(machine, "A", value=1)


def test_folder_may_not_be_written(place):
    """That of the images: nothing comes and goes there, so all is done."""
    machine = Machine(place, "folder", disks=2, state="off")
    machine.stage("A", 1)
    folder = machine.disks[0].parent
    folder.chmod(0o500)
    try:
        machine.stage("B", 2)
        machine.apply("A")
        machine.destroy("A")
    finally:
        folder.chmod(0o700)
    intact(machine, "B", value=1)


def test_metadata_may_not_be_written(place):
    """libvirt's own folder of the machine's snapshots."""
    machine = Machine(place, "unwritten", disks=2, state="off")
    machine.stage("A", 1)
    machine.stage("B", 2)
    patterns.write(place.lab, "unwritten", 9, machine.disks)
    folder = place.lab.dir / "config/libvirt/qemu/snapshot/unwritten"
    folder.chmod(0o500)
    try:
        if place.lab.run(["test", "-w", folder], check=False).returncode == 0:
            raise suite.Skip("this user may write anywhere")
        job = create(machine)
        fails(machine, job, ["could not"])
        intact(machine, "A", "B")
        # libvirt itself would say success of a delete that left its file, and forget a snapshot that it could not rename
        for method in ("ApplySnapshot", "DestroySnapshot", "DestroySnapshotTree"):
            job = machine.change(method, "A")
            fails(machine, job, ["could not write down the machine's snapshots"])
            intact(machine, "A", "B")
        answer = machine.client.invoke(MANAGEMENT, "ModifySystemSettings", [("SystemSettings", embedded(
            "Msvm_VirtualSystemSettingData", InstanceID="Microsoft:" + machine.guids["A"], ElementName="new"))])
        if answer["ReturnValue"] == "4096":
            fails(machine, machine.client.follow(answer), ["could not write down the machine's snapshots"])
        else:
            assert answer["ReturnValue"] != "0", answer
        intact(machine, "A", "B")
    finally:
        folder.chmod(0o700)
    place.lab.stop_libvirtd()
    place.lab.start_libvirtd()
    intact(machine, "A", "B")
    machine.destroy("B")
    machine.apply("A")
    assert sorted(os.listdir(folder)) == [machine.guids["A"] + ".xml"]
    intact(machine, "A", value=1)


def test_file_of_metadata_cannot_be_removed(place):
    """Of one snapshot only, which is not found out before: it is back when libvirtd starts again, and no harm."""
    machine = Machine(place, "pinned", disks=2, state="off")
    machine.stage("A", 1)
    machine.stage("B", 2)
    patterns.write(place.lab, "pinned", 9, machine.disks)
    file = place.lab.dir / "config/libvirt/qemu/snapshot/pinned" / (machine.guids["B"] + ".xml")
    if subprocess.run(["chattr", "+i", file], check=False, stderr=subprocess.DEVNULL).returncode:
        raise suite.Skip("no file can be made immutable here")
    try:
        machine.destroy("B")
    finally:
        subprocess.run(["chattr", "-i", file], check=True)
    place.lab.stop_libvirtd()
    place.lab.start_libvirtd()
    assert machine.guids["B"] in machine.virsh("snapshot-list", "--name")
    machine.refused("ApplySnapshot", "B", "has nothing of this snapshot")
    machine.destroy("B")
    machine.apply("A")
    intact(machine, "A", value=1)


def test_images_are_gone(place):
    """For a create too; what is back afterwards is what it was."""
    machine = Machine(place, "gone", disks=2, state="off")
    machine.stage("A", 1)
    path = machine.disks[1]
    os.rename(path, f"{path}.away")
    answer = machine.client.create_snapshot(machine.id, DISK)
    if answer["ReturnValue"] == "4096":
        fails(machine, machine.client.follow(answer), ["missing"])
    else:
        assert answer["ReturnValue"] in ("2", "5", "6"), answer
    os.rename(f"{path}.away", path)
    intact(machine, "A", value=1)
    machine.stage("B", 2)
    intact(machine, "A", "B", value=2)


def test_full_memory(place):
    """No room for the memory: told before anything is done."""
    with small(place, "memory", "running") as (machine, fill, rest):
        fill()
        answer = machine.client.create_snapshot(machine.id, FULL)
        if answer["ReturnValue"] == "4096":
            fails(machine, machine.client.follow(answer), ["space left", "are free"])
        else:
            assert answer["ReturnValue"] == "2", answer
        intact(machine, "A", "B")
        assert machine.state() == "2"
        rest.unlink()


def test_file_that_somebody_reads(place):
    """As a copy of it would be made: libvirt would revert the first disk, and be refused the second."""
    machine = Machine(place, "read", disks=2, state="off")
    for value, short in enumerate("AB", 1):
        machine.stage(short, value)
    patterns.write(place.lab, "read", 9, machine.disks)
    reader = place.lab.popen(["qemu-io", "-r", "-f", "qcow2", machine.disks[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert reader.stdout.read(8) == b"qemu-io>"  # it has the image open
    for method in ("ApplySnapshot", "DestroySnapshot"):
        fails(machine, machine.change(method, "A"), ["disk 'vdb' is in use by another program"])
        intact(machine, "A", "B")
    job = place.client.follow(place.client.create_snapshot(machine.id))
    fails(machine, job, ["disk 'vdb' is in use by another program"])
    intact(machine, "A", "B")
    reader.stdin.close()
    assert reader.wait(30) == 0
    machine.apply("A")
    intact(machine, "A", "B", value=1)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
