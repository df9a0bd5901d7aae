#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Snapshots applied and destroyed, on real QEMU machines: what lies in disks and memory is what lay there when the
snapshot was made, in every order, and nothing of another one."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [os.path.join(os.path.dirname(HERE), "lab"), HERE]

import patterns  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_machines import MANAGEMENT, embedded  # noqa: E402
from wsman import V2, Fault  # noqa: E402

FULL, DISK, RECOVERY = 2, 3, 32768
OFF, RUNNING, SAVED, PAUSED = "3", "2", "6", "9"


class Machine:
    """A machine of the lab as the service shows it; its snapshots go by short names."""

    def __init__(self, place, name, **options):
        self.lab, self.client, self.name = place.lab, place.client, name
        self.disks = place.lab.define(name, **options)
        self.id = place.lab.virsh("domuuid", name).strip().upper()
        self.guids, self.values = {}, {}

    def snapshot(self, short, kind=DISK):
        job = self.client.follow(self.client.create_snapshot(self.id, kind))
        assert job["JobState"] == "7", job
        made = self.client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                                 "ResultClass = Msvm_VirtualSystemSettingData")
        self.guids[short] = made[0]["InstanceID"].split(":")[1]

    def stage(self, short, value, kind=DISK):
        """A pattern, and a snapshot of it."""
        patterns.write(self.lab, self.name, value, self.disks)
        self.snapshot(short, kind)
        self.values[short] = value

    def change(self, method, short):
        return self.client.follow(self.client.change_snapshot(method, self.guids.get(short, short)))

    def apply(self, short):
        job = self.change("ApplySnapshot", short)
        assert job["JobState"] == "7", job
        return job

    def destroy(self, short, tree=False):
        job = self.change("DestroySnapshotTree" if tree else "DestroySnapshot", short)
        assert job["JobState"] == "7", job
        return job

    def refused(self, method, short, words):
        """The job fails with these words, and machine and snapshots are as before."""
        before = self.state(), self.tree(), [self.lab.tags(path) for path in self.disks]
        job = self.change(method, short)
        assert job["JobState"] == "10" and words in job["ErrorDescription"], job
        assert "/" not in job["ErrorDescription"], job
        assert (self.state(), self.tree(), [self.lab.tags(path) for path in self.disks]) == before
        return job

    def state(self):
        return self.client.get(V2 + "Msvm_ComputerSystem", {"Name": self.id})["EnabledState"]

    def settings(self):
        return [item for item in self.client.query("SELECT * FROM Msvm_VirtualSystemSettingData")
                if item["VirtualSystemIdentifier"] == self.id]

    def tree(self):
        """{"B": "A", ..., "now": "B"}: each with its parent, "" for a root."""
        shorts = {guid: short for short, guid in self.guids.items()}
        result = {}
        for item in self.settings():
            guid = item["InstanceID"].split(":")[1]
            parent = (item["Parent"] or "").rpartition("Microsoft:")[2].rstrip('"')
            result["now" if guid == self.id else shorts.get(guid, guid)] = shorts.get(parent, parent)
        return result

    def check(self, *shorts):
        """Exactly these snapshots are left, in libvirt and in each disk, and each holds its pattern."""
        guids = sorted(self.guids[short] for short in shorts)
        assert sorted(self.lab.virsh("snapshot-list", self.name, "--name").split()) == guids
        for path in self.disks:
            assert sorted(self.lab.tags(path)) == guids, path
            for short in shorts:
                assert patterns.in_snapshot(self.lab, path, self.guids[short]) == self.values[short], (path, short)

    def holds(self, value):
        patterns.check(self.lab, self.name, value, self.disks)

    def virsh(self, command, *words):
        return self.lab.virsh(command, self.name, *words)


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build)
        client = service.client()
        yield SimpleNamespace(lab=lab, service=service, client=client)
        client.close()


def forked(place, name, **options):
    """A - B - C, D beside B; the machine stands on D, with pattern 5 since."""
    machine = Machine(place, name, state="off", **options)
    for short, value in (("A", 1), ("B", 2), ("C", 3)):
        machine.stage(short, value)
    machine.apply("A")
    machine.holds(1)
    machine.stage("D", 4)
    patterns.write(place.lab, name, 5, machine.disks)
    assert machine.tree() == {"A": "", "B": "A", "C": "B", "D": "A", "now": "D"}, machine.tree()
    machine.check("A", "B", "C", "D")
    machine.holds(5)
    return machine


def test_apply_every_node(place):
    machine = forked(place, "every", disks=2)
    for short in ("C", "A", "D", "B", "B", "C"):
        machine.apply(short)
        machine.holds(machine.values[short])
        assert machine.tree()["now"] == short
        assert machine.state() == OFF
        patterns.write(place.lab, "every", 9, machine.disks)
        machine.check("A", "B", "C", "D")


def test_destroy_leaf(place):
    machine = forked(place, "leaf", disks=2)
    machine.destroy("C")
    machine.check("A", "B", "D")
    machine.destroy("D")  # the one the machine stands on
    assert machine.tree() == {"A": "", "B": "A", "now": "A"}
    machine.holds(5)
    machine.apply("B")
    machine.holds(2)


def test_destroy_middle(place):
    machine = forked(place, "middle")
    machine.destroy("B")
    assert machine.tree() == {"A": "", "C": "A", "D": "A", "now": "D"}
    machine.check("A", "C", "D")
    machine.holds(5)
    machine.apply("C")
    machine.holds(3)


def test_destroy_branch_point(place):
    machine = forked(place, "branch", disks=3)
    machine.destroy("A")
    assert machine.tree() == {"B": "", "C": "B", "D": "", "now": "D"}
    machine.check("B", "C", "D")
    machine.holds(5)
    for short in ("C", "D", "B"):
        machine.apply(short)
        machine.holds(machine.values[short])


def test_destroy_tree(place):
    machine = forked(place, "tree", disks=2)
    machine.destroy("B", tree=True)
    assert machine.tree() == {"A": "", "D": "A", "now": "D"}
    machine.check("A", "D")
    machine.destroy("A", tree=True)
    assert machine.tree() == {"now": ""}
    machine.check()
    machine.holds(5)


def test_memory(place):
    """With memory: afterwards the machine is saved, and goes on where it was."""
    lab = place.lab
    machine = Machine(place, "memory", disks=2)
    patterns.mark_memory(lab, "memory", 0x11)
    machine.stage("M", 1, FULL)
    patterns.mark_memory(lab, "memory", 0x22)
    machine.stage("N", 2, FULL)
    patterns.mark_memory(lab, "memory", 0x33)
    patterns.write(lab, "memory", 3)
    result = place.client.change_snapshot("ApplySnapshot", machine.guids["M"])
    assert result["ReturnValue"] == "5", result  # it runs
    machine.holds(3)
    for short, mark in (("M", 0x11), ("N", 0x22), ("M", 0x11)):
        machine.virsh("destroy")
        machine.apply(short)
        assert machine.state() == SAVED, machine.state()
        assert machine.tree()["now"] == short
        machine.check("M", "N")
        machine.virsh("start")
        assert machine.state() == RUNNING  # not paused
        machine.holds(machine.values[short])
        assert patterns.memory_mark(lab, "memory") == mark
    machine.destroy("N")
    machine.check("M")
    machine.holds(1)
    assert patterns.memory_mark(lab, "memory") == 0x11


def test_saved_state_never_meets_other_disks(place):
    """Snapshot, save, apply, start: it starts anew, on the disks of the snapshot."""
    lab = place.lab
    machine = Machine(place, "stale", disks=2)
    machine.stage("D", 1)
    machine.stage("M", 2, FULL)
    patterns.write(lab, "stale", 3)
    patterns.mark_memory(lab, "stale", 0x44)
    machine.virsh("managedsave")
    assert machine.state() == SAVED
    machine.apply("D")
    assert machine.state() == OFF
    machine.holds(1)
    machine.virsh("start")
    machine.holds(1)
    assert patterns.memory_mark(lab, "stale") != 0x44
    # saved again, then one with memory: that memory, not the saved one
    patterns.mark_memory(lab, "stale", 0x55)
    machine.virsh("managedsave")
    machine.apply("M")
    assert machine.state() == SAVED
    machine.virsh("start")
    machine.holds(2)
    assert patterns.memory_mark(lab, "stale") not in (0x44, 0x55)


def test_every_kind_in_one_tree(place):
    """Made while running, paused and off, with memory and without; applied in any order."""
    machine = Machine(place, "kinds", disks=2)
    machine.stage("run-disk", 1, DISK)
    machine.stage("run-full", 2, FULL)
    machine.stage("run-recovery", 3, RECOVERY)
    machine.virsh("suspend")
    machine.stage("paused-disk", 4, DISK)
    machine.stage("paused-full", 5, FULL)
    machine.virsh("destroy")
    machine.stage("off-disk", 6, DISK)
    machine.stage("off-full", 7, FULL)
    for short in reversed(list(machine.values)):
        machine.apply(short)
        with_memory = short in ("run-full", "paused-full")
        assert machine.state() == (SAVED if with_memory else OFF), short
        machine.virsh("start")
        machine.holds(machine.values[short])
        machine.virsh("destroy")
    machine.check(*machine.values)
    for short in list(machine.values)[::2]:
        machine.destroy(short)
        del machine.values[short]
        machine.check(*machine.values)
    for short in machine.values:
        machine.apply(short)
        if machine.state() == OFF:
            machine.holds(machine.values[short])
    machine.destroy(next(iter(machine.values)), tree=True)
    machine.check()


def test_destroy_while_it_runs_is_saved_or_paused(place):
    machine = Machine(place, "busy", disks=2)
    for value, short in enumerate("ABCDEF", 1):
        machine.stage(short, value, FULL if short in "ACE" else DISK)
    machine.destroy("A")
    machine.destroy("F")
    machine.check("B", "C", "D", "E")
    assert machine.state() == RUNNING
    machine.virsh("suspend")
    machine.destroy("B")
    assert machine.state() == PAUSED
    machine.virsh("resume")
    patterns.mark_memory(place.lab, "busy", 0x66)
    machine.virsh("managedsave")
    machine.destroy("C")
    machine.check("D", "E")
    assert machine.state() == SAVED
    machine.virsh("start")
    machine.holds(6)
    assert patterns.memory_mark(place.lab, "busy") == 0x66
    machine.destroy("D", tree=True)
    machine.check()
    machine.holds(6)


def test_turned_off_for_it(place):
    """Where the configuration says so, a machine that runs is turned off."""
    place.client.close()
    place.service.restart({"snapshot.apply_running": "turn-off"})
    place.client = place.service.client()
    try:
        machine = Machine(place, "turnoff", disks=2)
        machine.stage("D", 1)
        machine.stage("M", 2, FULL)
        patterns.write(place.lab, "turnoff", 3)
        machine.apply("M")
        assert machine.state() == SAVED
        machine.virsh("start")
        machine.holds(2)
        machine.apply("D")
        assert machine.state() == OFF
        machine.holds(1)
        machine.virsh("start", "--paused")
        machine.apply("D")
        assert machine.state() == OFF
    finally:
        place.client.close()
        place.service.restart({"snapshot.apply_running": "refuse"})
        place.client = place.service.client()


def test_threads_of_disks(place):
    """Disks that have threads of their own in QEMU."""
    lab = place.lab
    machine = Machine(place, "threads", disks=2, state="off")
    xml = machine.virsh("dumpxml").replace("<vcpu", "<iothreads>2</iothreads><vcpu", 1)
    for number in (1, 2):
        xml = xml.replace("<driver name='qemu' type='qcow2'/>", f"<driver name='qemu' type='qcow2' iothread='{number}'/>", 1)
    lab.virsh("define", lab.write("threads.xml", xml))
    machine.virsh("start")
    machine.stage("D", 1)
    machine.stage("M", 2, FULL)
    patterns.write(lab, "threads", 3, machine.disks)
    machine.virsh("destroy")
    machine.apply("D")
    machine.holds(1)
    machine.apply("M")
    machine.virsh("start")
    machine.holds(2)
    machine.destroy("D", tree=True)
    machine.check()
    machine.holds(2)


def test_machine_changed_since(place):
    """A disk that came since leaves the machine, its file as it is; one that went comes back, as it was."""
    lab = place.lab
    machine = Machine(place, "changed", disks=2, state="off")
    machine.stage("A", 1)
    extra = lab.disk("changed-extra.qcow2")
    lab.run(["qemu-io", "-f", "qcow2", "-c", f"write -P 8 {patterns.OFFSET} {patterns.LENGTH}", str(extra)])
    machine.virsh("attach-disk", str(extra), "vdc", "--subdriver", "qcow2", "--persistent")
    machine.virsh("detach-disk", "vdb", "--persistent")
    patterns.write(lab, "changed", 2, machine.disks)
    machine.apply("A")
    assert str(extra) not in machine.virsh("domblklist") and str(machine.disks[1]) in machine.virsh("domblklist")
    machine.holds(1)
    patterns.check(lab, "changed", 8, [extra])


def test_name_and_policy_stay(place):
    """What a machine is called, its notes and its policy are those of now, after an apply too; its hardware is that of
    the snapshot. Of one that is off, and of one that goes on from memory."""
    lab, client = place.lab, place.client

    def modify(machine, **properties):
        client.follow(client.invoke(MANAGEMENT, "ModifySystemSettings",
                                    [("SystemSettings", embedded("Msvm_VirtualSystemSettingData",
                                                                 InstanceID="Microsoft:" + machine.id, **properties))]))

    for kind, state in ((DISK, "off"), (FULL, "running")):
        machine = Machine(place, f"called-{state}", state=state)
        if state == "running":
            modify(machine, ElementName="then", Notes=["of then"], UserSnapshotType="5")
        machine.stage("A", 1, kind)
        now = {"ElementName": "now", "Notes": "of now", "UserSnapshotType": "2"}
        modify(machine, **{**now, "Notes": ["of now"]})
        if state == "running":
            machine.virsh("destroy")
        machine.virsh("setmaxmem", "96M", "--config")
        machine.apply("A")
        for _ in range(2):
            settings = next(item for item in machine.settings() if item["InstanceID"] == "Microsoft:" + machine.id)
            assert {name: settings[name] for name in now} == now, settings
            assert machine.virsh("desc", "--title", "--config").strip() == "now"
            assert "<memory unit='KiB'>65536<" in machine.virsh("dumpxml")
            if machine.state() != RUNNING:
                machine.virsh("start")
        assert "<title>now</title>" in machine.virsh("dumpxml")
        assert lab.virsh("desc", machine.name, "--title", "--live").strip() == "now"
        machine.virsh("destroy")


def test_made_by_others(place):
    """Snapshots of virsh, applied and destroyed; and ours, reverted and deleted by virsh."""
    lab = place.lab
    machine = Machine(place, "others", disks=2, state="off")
    patterns.write(lab, "others", 1)
    machine.virsh("snapshot-create-as", "by hand & <eye>")
    machine.stage("A", 2)
    patterns.write(lab, "others", 3)
    machine.virsh("snapshot-create-as", "0")
    machine.guids.update({item["ElementName"]: item["InstanceID"].split(":")[1] for item in machine.settings()
                          if item["ElementName"] in ("by hand & <eye>", "0")})
    machine.apply("by hand & <eye>")
    machine.holds(1)
    machine.refused("ApplySnapshot", "0", "number")
    machine.virsh("snapshot-revert", machine.guids["A"])
    assert machine.tree()["now"] == "A", machine.tree()
    machine.holds(2)
    machine.destroy("by hand & <eye>")
    machine.destroy("0")
    machine.check("A")
    machine.virsh("snapshot-delete", machine.guids["A"])
    result = place.client.change_snapshot("ApplySnapshot", machine.guids["A"])
    assert result["ReturnValue"] == "4", result
    assert machine.tree() == {"now": ""}


def test_dead_references(place):
    machine = Machine(place, "dead", state="off")
    machine.stage("A", 1)
    machine.destroy("A")
    for method, code in (("ApplySnapshot", "4"), ("DestroySnapshot", "4"), ("DestroySnapshotTree", "32773")):
        assert place.client.change_snapshot(method, machine.guids["A"])["ReturnValue"] == code
    try:
        place.client.get(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + machine.guids["A"]})
        raise AssertionError("it is still there")
    except Fault as fault:
        assert fault.subcode == "a:DestinationUnreachable", fault


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
