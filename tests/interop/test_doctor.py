#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""'cimsnapd doctor' on machines whose snapshots others have damaged."""

import contextlib
import os
import sys
import uuid
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_life import Machine  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        client = service.client()
        yield SimpleNamespace(lab=lab, service=service, client=client)
        client.close()


def doctor(place, *words):
    done = place.lab.run(place.service.command("doctor", *words), check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("level=")]
    return done.returncode, lines


def test_well(place):
    place.lab.define("well")
    place.lab.virsh("snapshot-create-as", "well", "by hand")
    machine = Machine(place, "ours", disks=2, state="off")
    machine.stage("A", 1)
    assert doctor(place) == (0, ["0 found, 0 mended"])


def test_wrong_words(place):
    assert doctor(place, "--cure")[0] == 2
    assert doctor(place, "--mend", "now")[0] == 2


def test_not_beside_the_service(place):
    code, lines = doctor(place, "--mend")
    assert code == 1 and "stop it" in lines[-1], lines


def test_ill(place):
    """A rest of ours goes, a snapshot without any data too; what may be of use to somebody stays."""
    lab = place.lab
    machine = Machine(place, "ill", disks=2, state="off")
    for value, short in enumerate(("whole", "half", "empty", "twice"), 1):
        machine.stage(short, value)
    running = Machine(place, "live", disks=1)
    rest = str(uuid.uuid4()).upper()
    lab.qemu_img("snapshot", "-c", rest, machine.disks[0])
    lab.qemu_img("snapshot", "-c", "somebody's", machine.disks[1])
    lab.qemu_img("snapshot", "-c", machine.guids["twice"], machine.disks[1])
    lab.qemu_img("snapshot", "-d", machine.guids["half"], machine.disks[0])
    for path in machine.disks:
        lab.qemu_img("snapshot", "-d", machine.guids["empty"], path)
    said = lab.virsh("qemu-monitor-command", "live", "--hmp", f"snapshot_blkdev_internal libvirt-1-format {rest}")
    assert not said.strip(), said
    code, lines = doctor(place)
    text = "\n".join(lines)
    assert code == 1 and lines[-1].endswith(" found, 0 mended"), lines
    for words in (f"ill: in vda is a snapshot '{rest}' which libvirt does not know: a rest; stop the service",
                  f"live: in vda is a snapshot '{rest}' which", "in vdb is a snapshot 'somebody's' of somebody else",
                  f"'{machine.guids['half']}' is not in every disk, not in vda: it cannot be applied; destroy it",
                  f"'{machine.guids['twice']}' is more than once in vdb: it cannot be applied; destroy it",
                  f"'{machine.guids['empty']}' is in none of its disks: destroy it"):
        assert words in text, (words, lines)
    assert machine.guids["whole"] not in text, lines
    before = lab.tags(machine.disks[0]), lab.tags(machine.disks[1])
    place.client.close()
    place.service.stop()
    code, lines = doctor(place, "--mend")
    assert code == 1, lines  # half and somebody's are left
    assert (rest in before[0]) and rest not in lab.tags(machine.disks[0]), lines
    assert "somebody's" in lab.tags(machine.disks[1])
    names = lab.virsh("snapshot-list", "ill", "--name").split()
    assert machine.guids["empty"] not in names and machine.guids["half"] in names, names
    assert rest not in lab.tags(running.disks[0])
    place.service.start()
    place.client = machine.client = place.service.client()
    machine.destroy("half")
    machine.destroy("twice")
    lab.qemu_img("snapshot", "-d", "somebody's", machine.disks[1])
    machine.check("whole")
    assert doctor(place) == (0, ["0 found, 0 mended"])


def leave_probe(machine):
    """As a service does that dies while it looks whether libvirt can write down its snapshots."""
    text = machine.virsh("snapshot-dumpxml", machine.guids["A"], "--security-info")
    file = machine.lab.write("probe.xml", text.replace(machine.guids["A"], "cimsnapd-probe"))
    machine.virsh("snapshot-create", str(file), "--redefine")


def test_probe_that_was_left(place):
    """It is no snapshot to clients, and goes when the machine's are next listed, or changed."""
    machine = Machine(place, "probed", disks=1, state="off")
    machine.stage("A", 1)
    for look in (machine.tree, lambda: doctor(place), lambda: machine.apply("A")):
        leave_probe(machine)
        look()
        machine.check("A")
    leave_probe(machine)
    assert machine.tree() == {"A": "", "now": "A"}, machine.tree()


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
