#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of the daemon at random moments, while it creates, applies, destroys and renames snapshots of several real
QEMU machines at once, now and then also while it starts and settles what the last kill left. Each time it is started
again, and then every job has ended truthfully: store, service, libvirt and disk files tell of the same snapshots, each
of which holds the pattern of its time, and the machines are as the jobs that ended say.

The random numbers come from a seed, which is printed; moments are those of a clock, so a seed repeats what is asked
for, and about when it is interrupted."""

import argparse
import concurrent.futures
import contextlib
import http.client
import os
import random
import select
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import patterns  # noqa: E402
from crash import wait_for_jobs  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from service import Service  # noqa: E402
from shell import Shell  # noqa: E402

BROKEN = (OSError, http.client.HTTPException)
LONGEST = 1.2        # seconds from the first request to the kill
IN_JOB = 0.7         # how often it is a third of that from the first job on
AT_START = 0.25      # how often the daemon is killed again while it settles
STARTING = 0.4       # seconds from its start to that
MOST_SNAPSHOTS = 5   # of a machine
KEEP = 200           # finished jobs that stay visible
COMPLETED, FAILED = "7", "10"
# name, state, disks, kinds of snapshot
MACHINES = (("off", "off", 1, (2, 3)), ("twin", "off", 2, (3,)), ("disks", "running", 2, (3,)),
            ("full", "running", 1, (2, 3)), ("held", "paused", 2, (2, 3)))
SETTINGS = "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"


class Snapshot:
    """What one is to be."""

    def __init__(self, value, name, memory, parent):
        self.value, self.name, self.memory, self.parent = value, name, memory, parent


class Step:
    """What is asked of a machine; job is its identifier, once the service has said it."""

    def __init__(self, method, target=None, kind=None, name=None):
        self.method, self.target, self.kind, self.name, self.job = method, target, kind, name, None

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
            with self.still():
                patterns.mark_memory(self.lab, self.name, self.last)
        self.value = self.last

    @contextlib.contextmanager
    def still(self):
        """A guest that boots uses the same two ports as the mark."""
        if self.state == "running":
            self.lab.virsh("suspend", self.name)
        yield
        if self.state == "running":
            self.lab.virsh("resume", self.name)

    def check_memory(self):
        mark = patterns.memory_mark(self.lab, self.name)
        assert mark == self.value, f"{self.name}: {mark} in the memory, {self.value} on the disks"

    def go_home(self):
        """As it was at first, from what an apply has left; a saved memory must be that of the snapshot."""
        if self.state == self.home:
            return
        self.lab.virsh("start", self.name, "--paused")
        if self.state == "saved":
            self.check_memory()
        if self.home == "running":
            self.lab.virsh("resume", self.name)
        elif self.home == "off":
            self.lab.virsh("destroy", self.name)
        self.state = self.home

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

    def check_state(self):
        said = self.lab.virsh("domstate", self.name).strip()
        saved = "yes" in self.lab.virsh("dominfo", self.name).split("Managed save:")[1].splitlines()[0]
        state = "saved" if saved else {"shut off": "off"}.get(said, said)
        assert state == self.state, (self.name, state, self.state)
        if self.state in ("running", "paused"):
            with self.still():
                self.check_memory()


class Moment:
    """ready: every machine is about to ask; begun: the first job is; over: the daemon was killed."""

    def __init__(self, parties):
        self.ready, self.begun, self.over = threading.Barrier(parties), threading.Event(), threading.Event()


class Run:
    """All machines, the daemon, and how often it was killed."""

    def __init__(self, lab, options):
        self.lab, self.rng, self.seed = lab, random.Random(options.seed), options.seed
        self.machines = [Machine(lab, row) for row in MACHINES]
        self.service = Service(lab, options.build, users=(("root", "administrator"),),
                               settings={"snapshot.apply_running": "turn-off", "jobs.keep": KEEP, "jobs.threads": 5,
                                         "sweep.seconds": 1})
        self.kills, self.steps, self.cut = 0, 0, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=len(MACHINES))

    def all(self, work):
        """The same for each machine, beside each other."""
        futures = [self.pool.submit(work, machine) for machine in self.machines]
        concurrent.futures.wait(futures)
        for future in futures:
            future.result()

    # Work, until the daemon is killed

    def ask(self, client, machine, step):
        if step.method == "CreateSnapshot":
            return client.create_snapshot(machine.id, step.kind)
        if step.method == "Rename":
            return client.rename_snapshot(step.target, step.name)
        return client.change_snapshot(step.method, step.target)

    def work(self, machine, rng, moment):
        client = self.service.client("root")
        try:
            client.identify()
            machine.write()
            moment.ready.wait()
            while not moment.over.is_set():
                step = machine.choose(rng)
                if step.method == "CreateSnapshot" and machine.seen:
                    machine.write()
                machine.pending = step
                reply = self.ask(client, machine, step)
                if reply["ReturnValue"] == "4096":
                    step.job = reply["Job"].selectors["InstanceID"]
                    moment.begun.set()
                job = client.follow(reply)
                assert job is None or job["JobState"] == COMPLETED, (machine.name, str(step), job)
                if step.method == "CreateSnapshot":
                    step.target = reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
                machine.settle(step, True, step.target)
                machine.pending = None
                if step.job:
                    machine.seen[step.job] = COMPLETED
                self.steps += 1
                machine.go_home()
        except BROKEN:
            moment.over.wait(60)  # else it was not the kill
            assert moment.over.is_set(), "the daemon does not answer, though nobody has killed it"
        finally:
            client.close()

    def kill(self):
        self.service.process.send_signal(signal.SIGKILL)
        status = self.service.process.wait()
        assert status == -signal.SIGKILL, f"it had ended by itself: {status}\n{self.service.log_text()[-3000:]}"
        self.kills += 1

    def work_and_kill(self):
        streams = [random.Random(f"{self.seed} {self.kills} {machine.name}") for machine in self.machines]
        moment, delay = Moment(len(streams) + 1), self.rng.uniform(0, LONGEST)
        futures = [self.pool.submit(self.work, *each, moment) for each in zip(self.machines, streams)]
        moment.ready.wait(60)
        if self.rng.random() < IN_JOB:
            moment.begun.wait(60)
            delay /= 3
        done = concurrent.futures.wait(futures, delay, concurrent.futures.FIRST_EXCEPTION).done
        over_before = [future for future in done if future.exception()]
        self.kill()
        moment.over.set()
        concurrent.futures.wait(futures)
        for future in over_before + futures:
            future.result()

    def start(self):
        """Now and then it does not come far."""
        while self.rng.random() < AT_START:
            with open(self.lab.dir / self.service.log, "ab") as out:
                self.service.process = self.lab.popen(self.service.command(), stdout=out, stderr=out)
            select.select([os.pidfd_open(self.service.process.pid)], [], [], self.rng.uniform(0, STARTING))
            self.kill()
        self.service.start()

    # Afterwards

    def stored(self):
        """The jobs of the store: identifier -> machine, snapshot, state."""
        with tempfile.TemporaryDirectory() as folder:
            for path in self.lab.dir.glob("state/state.db*"):  # a copy, as the daemon lets nobody else in; it rests
                shutil.copy(path, folder)
            with contextlib.closing(sqlite3.connect(os.path.join(folder, "state.db"))) as store:
                assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert not store.execute("SELECT * FROM journal").fetchall(), "a journal without a job"
                rows = store.execute("SELECT id, vm, snapshot, state, ended_us FROM job").fetchall()
        assert all(row[4] for row in rows), rows
        return {row[0].upper(): (row[1].upper(), row[2].upper(), str(row[3])) for row in rows}

    def settle(self, machine, stored):
        """What became of the step that the kill cut short."""
        for job, state in machine.seen.items():
            if job in stored or len(stored) < KEEP:  # else it was among the oldest
                assert stored[job][2] == state, (machine.name, job, stored[job], state)
        step, machine.pending = machine.pending, None
        if not step:
            return
        fresh = [job for job, row in stored.items() if row[0] == machine.id and job not in machine.seen]
        assert len(fresh) < 2, (machine.name, fresh)
        assert not step.job or fresh == [step.job.upper()], f"{machine.name}: {step}: its job has gone"
        _, guid, state = stored[fresh[0]] if fresh else (None, None, "none")
        self.cut[(step.method, state)] = self.cut.get((step.method, state), 0) + 1
        if fresh:
            machine.seen[fresh[0]] = state
            machine.settle(step, state == COMPLETED, guid)

    def check(self):
        client = self.service.client("root")
        jobs = {job["InstanceID"].upper(): job for job in wait_for_jobs(client)}
        stored = self.stored()
        # the store is rid of the oldest ones a little later than the service
        assert len(jobs) == min(len(stored), KEEP), (len(jobs), len(stored))
        assert all(stored[job][2] == item["JobState"] for job, item in jobs.items())
        for item in jobs.values():
            assert item["JobState"] in (COMPLETED, FAILED), item
            assert item["JobState"] == COMPLETED or (item["ErrorDescription"] and item["ErrorCode"] != "0"), item
        listed = {machine.id: {} for machine in self.machines}
        for item in client.query(SETTINGS):
            listed[item["VirtualSystemIdentifier"]][item["InstanceID"].split(":")[1]] = item
        client.close()
        for machine in self.machines:
            self.settle(machine, stored)
            machine.seen = {job: row[2] for job, row in stored.items() if row[0] == machine.id}
        self.all(lambda machine: machine.check(listed[machine.id]))
        self.all(Machine.go_home)

    def one(self):
        self.work_and_kill()
        self.start()
        self.check()

    def doctor(self):
        """Nothing is left that is not whole."""
        said = self.lab.run(self.service.command("doctor"), check=False)
        assert said.returncode == 0, said.stdout


def tell(run):
    ends = {COMPLETED: "completed", FAILED: "failed", "none": "not begun"}
    print("cut short, and what became of it:")
    for method in sorted({method for method, _ in run.cut}):
        print(f"  {method:<20}" + ", ".join(f"{count} {ends.get(state, state)}" for (name, state), count
                                            in sorted(run.cut.items()) if name == method))
    print(f"{run.steps} more steps came to their end before a kill")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    print(f"{options.kills} kills, seed {options.seed} (--seed)", flush=True)
    failed, begin, told = 0, time.monotonic(), 0
    try:
        with Lab() as lab:
            run = Run(lab, options)
            try:
                while run.kills < options.kills:
                    run.one()
                    if run.kills // 20 > told:
                        told = run.kills // 20
                        print(f"  {run.kills} kills, {time.monotonic() - begin:.0f} s", flush=True)
                run.doctor()
                run.service.stop()
            except (Exception, AssertionError):  # whatever it is, it is a finding
                failed = 1
                print(f"after {run.kills} kills: FAILED\n{traceback.format_exc()}", flush=True)
                run.service.keep_log(os.path.join(options.build, "kill"))
                print(f"the daemon's log is {options.build}/kill/cimsnapd.log")
            tell(run)
    except LabError as error:
        failed = 1
        print(f"kill: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(f"kill.py: {0 if failed else run.kills} passed, {failed} failed")
    sys.exit(failed)


if __name__ == "__main__":
    main()
