#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirt at the end of a TLS connection, whose machines' images the service cannot read: snapshots are made, applied and
destroyed all the same, and what must be known of the images first is asked of QEMU, in the machine started paused."""

import contextlib
import os
import signal
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [os.path.join(os.path.dirname(HERE), "lab"), HERE]

import patterns  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_life import FULL, OFF, SAVED, Machine  # noqa: E402
from test_machines import JOB  # noqa: E402
from wsman import Fault  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab(tls=True) as lab:
        service = Service(lab, build, uri=lab.tls_uri())
        with contextlib.closing(service.client()) as client:
            yield SimpleNamespace(lab=lab, service=service, client=client, build=build)


def off(machine):
    """It was looked at, and is off again."""
    assert machine.virsh("domstate").strip() == "shut off"


def test_disks(place):
    """Snapshots of a machine that runs, and that is off."""
    machine = Machine(place, "disks", disks=2)
    machine.stage("A", 1)
    machine.stage("B", 2)
    machine.destroy("B")
    machine.virsh("destroy")
    machine.stage("B", 3)
    machine.stage("C", 4)
    machine.check("A", "B", "C")
    machine.apply("A")
    off(machine)
    machine.holds(1)
    assert machine.tree()["now"] == "A" and machine.state() == OFF
    machine.destroy("B")
    off(machine)
    machine.check("A", "C")
    machine.destroy("A", tree=True)
    machine.check()
    off(machine)
    machine.holds(1)


def test_memory(place):
    """An apply to a machine that is saved: its old memory goes, and what is in the disks is looked at in between."""
    machine = Machine(place, "memory", disks=2)
    patterns.mark_memory(place.lab, "memory", 1)
    machine.stage("A", 1, FULL)
    patterns.mark_memory(place.lab, "memory", 2)
    machine.stage("B", 2, FULL)
    machine.virsh("destroy")
    for short, value in (("A", 1), ("B", 2)):
        machine.apply(short)
        assert machine.state() == SAVED
    machine.virsh("start")
    machine.holds(2)
    assert patterns.memory_mark(place.lab, "memory") == 2
    machine.check("A", "B")


def test_damaged_images(place):
    """libvirt would revert the first disk and stop at the second; of a tag that is gone it would say success."""
    lab = place.lab
    machine = Machine(place, "damaged", disks=2, state="off")
    for short, value in (("A", 1), ("B", 2)):
        machine.stage(short, value)
    patterns.write(lab, "damaged", 9, machine.disks)
    lab.qemu_img("snapshot", "-d", machine.guids["A"], machine.disks[1])
    machine.refused("ApplySnapshot", "A", "Disk 'vdb' has nothing of this snapshot")
    off(machine)
    machine.holds(9)
    lab.run(["qemu-img", "bitmap", "--add", machine.disks[1], "somebody's"])
    machine.refused("ApplySnapshot", "B", "Disk 'vdb' has change tracking")
    off(machine)
    machine.holds(9)
    lab.run(["qemu-img", "bitmap", "--remove", machine.disks[1], "somebody's"])
    machine.apply("B")
    machine.holds(2)
    machine.destroy("A")
    machine.check("B")


def test_nobody_sees_it(place):
    """To clients a machine that is looked at stays off."""
    machine = Machine(place, "unseen", disks=1, state="off")
    machine.stage("A", 1)
    for method in ("ApplySnapshot", "DestroySnapshot"):
        answer, seen, job = place.client.change_snapshot(method, machine.guids["A"]), set(), None
        while not job or job["JobState"] == "4":
            seen.add(machine.state())
            job = place.client.get(JOB, answer["Job"].selectors)
        assert job["JobState"] == "7" and seen == {OFF}, (job, seen)


def test_machine_that_cannot_start(place):
    """Then nothing can be known, and nothing is done."""
    machine = Machine(place, "broken", disks=2, state="off")
    machine.stage("A", 1)
    patterns.write(place.lab, "broken", 9, machine.disks)
    disc = place.lab.disk("broken-disc.iso", "raw")
    machine.virsh("attach-disk", disc, "hdb", "--type", "cdrom", "--mode", "readonly", "--config")
    disc.unlink()
    for method in ("ApplySnapshot", "DestroySnapshot"):
        job = machine.refused(method, "A", "looks at them by starting it paused")
        assert "could not" in job["ErrorDescription"], job
        machine.check("A")
        machine.holds(9)
    machine.virsh("detach-disk", "hdb", "--config")
    machine.apply("A")
    machine.holds(1)


def test_libvirtd_is_away(place):
    """Killed and back: the connection is made anew."""
    place.lab.stop_libvirtd(kill=True)
    place.lab.start_libvirtd()
    machine = Machine(place, "again", disks=1, state="off")
    machine.stage("A", 1)
    machine.apply("A")
    machine.check("A")


def caught(place, machine):
    """The service stands still at the moment when the machine has been started to be looked at."""
    pid = place.lab.dir / f"run/libvirt/qemu/run/{machine.name}.pid"
    end = time.monotonic() + 30
    while not pid.exists():
        assert time.monotonic() < end
    place.service.process.send_signal(signal.SIGSTOP)
    while not machine.virsh("domstate", "--reason").startswith("paused (user)"):
        assert time.monotonic() < end, machine.virsh("domstate", "--reason")


def test_libvirtd_is_killed_while_it_looks(place):
    """libvirtd does not know any more for whom the machine was started: it is turned off when that is back, but not one
    whose guest somebody has let run since."""
    for name, resumed in (("looked", False), ("resumed", True)):
        machine = Machine(place, name, disks=1, state="off")
        machine.stage("A", 1)
        answer = place.client.change_snapshot("ApplySnapshot", machine.guids["A"])
        caught(place, machine)
        place.lab.stop_libvirtd(kill=True)
        place.lab.start_libvirtd()
        assert machine.virsh("domstate").strip() == "paused"
        if resumed:
            machine.virsh("resume")
        begin = len(place.service.log_text())
        place.service.process.send_signal(signal.SIGCONT)
        job = place.client.follow(answer)
        assert job["JobState"] == "10" and "cannot be reached" in job["ErrorDescription"], job
        if resumed:
            assert machine.virsh("domstate").strip() == "running"
            machine.virsh("destroy")
        else:
            place.service.await_log(r"event=turned-off-late", begin)
            off(machine)
        machine.apply("A")
        machine.check("A")


def test_stranger(place):
    """Without a certificate of libvirtd's authority there is no hypervisor, and the service says so."""
    lab = place.lab
    other = lab.mkdir("other")
    for name in ("clientcert.pem", "clientkey.pem"):
        (other / name).write_bytes((lab.dir / "pki" / name).read_bytes())
        lab.give(other / name)
    lab.write("other/cacert.pem", (lab.dir / "certs/ca.crt").read_text(encoding="ascii"))
    place.client.close()
    place.service.stop()
    stranger = Service(lab, place.build, uri=lab.tls_uri("other"), log="stranger.log")
    with contextlib.closing(stranger.client()) as client:
        try:
            client.query("SELECT * FROM Msvm_ComputerSystem")
            raise AssertionError("machines of a hypervisor that cannot be trusted")
        except Fault as fault:
            assert "cannot be reached" in str(fault), fault
    stranger.await_log("event=libvirt-lost .*certificate")
    stranger.stop()


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
