# SPDX-License-Identifier: GPL-2.0-or-later
"""What the jobs that ended have promised of machines, and whether it is so: for tests that ask for snapshots without
an end and disturb the service meanwhile. A machine's disks and memory hold a pattern, a new one before each snapshot."""

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile

import patterns
from lab import LabError
from shell import Shell
from wsman import wait_for_jobs

MOST_SNAPSHOTS = 5   # of a machine
COMPLETED, FAILED = "7", "10"
# name, state, disks, kinds of snapshot
MACHINES = (("off", "off", 1, (2, 3)), ("twin", "off", 2, (3,)), ("disks", "running", 2, (3,)),
            ("full", "running", 1, (2, 3)), ("held", "paused", 2, (2, 3)))
SNAPSHOTS = "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"


class Snapshot:
    """What one is to be."""

    def __init__(self, value, name, memory, parent):
        self.value, self.name, self.memory, self.parent = value, name, memory, parent


class Step:
    """What is asked of a machine; job is its identifier, once the service has said it; said, why it failed."""

    def __init__(self, method, target=None, kind=None, name=None):
        self.method, self.target, self.kind, self.name, self.job, self.said = method, target, kind, name, None, ""

    def __str__(self):
        return f"{self.method} {self.target or self.kind} (job {self.job or 'unknown'})"


class Machine:
    """A machine and what the jobs that ended have promised of it."""

    def __init__(self, lab, row):
        self.lab, (self.name, self.home, disks, self.kinds) = Shell(lab), row
        lab.define(self.name, disks=disks, state=self.home, size="8M")
        self.id = lab.virsh("domuuid", self.name).strip().upper()
        self.snapshots, self.current, self.pending, self.seen = {}, None, None, {}
        self.state, self.value, self.last = self.home, 0, 0
        self.write()

    def write(self):
        """A new pattern into the disks, and into the memory if there is one."""
        self.last = self.last % 250 + 1
        patterns.write(self.lab, self.name, self.last)
        if self.state != "off":
            patterns.mark_memory(self.lab, self.name, self.last)
        self.value = self.last

    def check_memory(self):
        mark = patterns.memory_mark(self.lab, self.name)
        assert mark == self.value, f"{self.name}: {mark} in the memory, {self.value} on the disks"

    def go_home(self):
        """As it was at first, from what an apply has left; a saved memory must be that of the snapshot."""
        if self.state == self.home:
            return
        fresh = self.state == "off"  # nothing is in its memory
        self.start()
        if self.state == "saved":
            self.check_memory()
        if self.home == "running":
            self.lab.virsh("resume", self.name)
        elif self.home == "off":
            self.lab.virsh("destroy", self.name)
        elif self.state == "saved":
            # to libvirt it is paused by a migration, which it would undo after a restart of its own
            self.lab.virsh("resume", self.name)
            self.lab.virsh("suspend", self.name)
        self.state = self.home
        if fresh:
            self.write()

    def start(self):
        """libvirt 9.0 may take the end of the QEMU that was turned off just before for that of the new one, with or without
        that one's last words."""
        try:
            self.lab.virsh("start", self.name, "--paused")
        except LabError as error:
            if not re.search(r"terminating on signal 15|exited while connecting to monitor\Z", str(error)):
                raise
            self.lab.virsh("start", self.name, "--paused")

    def choose(self, rng):
        """The next step: more snapshots while there are few, fewer while there are many."""
        there, count = sorted(self.snapshots), len(self.snapshots)
        if count < 2 or (count < MOST_SNAPSHOTS and rng.random() < 0.4):
            return Step("CreateSnapshot", kind=rng.choice(self.kinds))
        change = ["DestroySnapshot"] * 3 + ["DestroySnapshotTree"]
        if count < MOST_SNAPSHOTS:
            change += ["ApplySnapshot"] * 4 + ["Rename"] * 2
        return Step(rng.choice(change), rng.choice(there), name=f"{self.name} <{rng.randrange(10**6)}>")

    def branch(self, root):
        """A snapshot and those that derive from it."""
        found = {root}
        for _ in self.snapshots:
            found |= {guid for guid, item in self.snapshots.items() if item.parent in found}
        return found

    def settle(self, step, completed, guid, name=None):
        """Its job has ended: what was promised then. guid: of the snapshot that it is about."""
        if not completed:
            return
        if step.method == "CreateSnapshot":
            memory = self.state != "off" and step.kind == 2
            self.snapshots[guid] = Snapshot(self.value, name, memory, self.current)
            self.current = guid
        elif step.method == "ApplySnapshot":
            self.value, self.current = self.snapshots[guid].value, guid
            self.state = "saved" if self.snapshots[guid].memory else "off"
        elif step.method == "Rename":
            self.snapshots[guid].name = step.name
        else:
            self.forget(self.branch(guid) if step.method == "DestroySnapshotTree" else {guid})

    def forget(self, gone):
        def left(guid):
            while guid in gone:
                guid = self.snapshots[guid].parent
            return guid
        for item in self.snapshots.values():
            item.parent = left(item.parent)
        self.current = left(self.current)
        self.snapshots = {guid: item for guid, item in self.snapshots.items() if guid not in gone}

    # What is there

    def check(self, listed):
        """listed: what the service says of snapshots, by GUID."""
        lab, name, wanted = self.lab, self.name, sorted(self.snapshots)
        assert sorted(lab.virsh("snapshot-list", name, "--name").split()) == wanted, \
            (name, lab.virsh("snapshot-list", name, "--name").split(), wanted)
        assert sorted(listed) == wanted, (name, sorted(listed), wanted)
        for guid, item in self.snapshots.items():
            said = listed[guid]
            if item.name is None:
                item.name = said["ElementName"]  # made up by the service
            assert said["ElementName"] == item.name, (name, guid, said["ElementName"], item.name)
            parent = str(said.get("Parent") or "")
            assert (item.parent or "") in parent and bool(parent) == bool(item.parent), (name, guid, parent, item.parent)
        for path in lab.disks_of(name):
            assert sorted(lab.tags(path)) == wanted, (path, lab.tags(path), wanted)
            values = patterns.in_snapshots(lab, path, wanted)
            assert values == {guid: item.value for guid, item in self.snapshots.items()}, (path, values)
        self.check_state()
        patterns.check(lab, name, self.value)

    def state_now(self):
        said = self.lab.virsh("domstate", self.name).strip()
        saved = "yes" in self.lab.virsh("dominfo", self.name).split("Managed save:")[1].splitlines()[0]
        return "saved" if saved else {"shut off": "off"}.get(said, said)

    def check_state(self):
        state = self.state_now()
        assert state == self.state, (self.name, state, self.state)
        if self.state in ("running", "paused"):
            self.check_memory()


def jobs_of_store(lab):
    """The jobs of the store: identifier -> machine, snapshot, state."""
    with tempfile.TemporaryDirectory() as folder:
        for path in lab.dir.glob("state/state.db*"):  # a copy, as the daemon lets nobody else in; it rests
            shutil.copy(path, folder)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "state.db"))) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert not store.execute("SELECT * FROM journal").fetchall(), "a journal without a job"
            rows = store.execute("SELECT id, vm, snapshot, state, ended_us FROM job").fetchall()
    assert all(row[4] for row in rows), rows
    return {row[0].upper(): (row[1].upper(), row[2].upper(), str(row[3])) for row in rows}


def settled_jobs(client, lab, keep):
    """Those of the store, once none is running; each has ended truthfully, and service and store tell the same."""
    jobs = {job["InstanceID"].upper(): job for job in wait_for_jobs(client)}
    stored = jobs_of_store(lab)
    # the store is rid of the oldest ones a little later than the service
    assert len(jobs) == min(len(stored), keep), (len(jobs), len(stored))
    assert all(stored[job][2] == item["JobState"] for job, item in jobs.items())
    for item in jobs.values():
        assert item["JobState"] in (COMPLETED, FAILED), item
        assert item["JobState"] == COMPLETED or (item["ErrorDescription"] and item["ErrorCode"] != "0"), item
    return stored


def listed(client, machines):
    """What the service says of snapshots: machine -> GUID -> setting data."""
    found = {machine.id: {} for machine in machines}
    for item in client.query(SNAPSHOTS):
        found[item["VirtualSystemIdentifier"]][item["InstanceID"].split(":")[1]] = item
    return found


def ask(client, machine, step):
    if step.method == "CreateSnapshot":
        return client.create_snapshot(machine.id, step.kind)
    if step.method == "Rename":
        return client.rename_snapshot(step.target, step.name)
    return client.change_snapshot(step.method, step.target)
