#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make soak: mixed load for MINUTES, with faults at random, and nothing may grow or get lost.

Five real QEMU machines have snapshots created, applied, destroyed and renamed, each by a client of its own; others list,
query and get. Meanwhile QEMU is killed, libvirtd is killed or told to end and started again, connections are dropped in
the middle, crowds of bad clients come (lab/crowd.py), and the service is told to read its configuration anew. What a
client is told must be true: a step that nothing disturbed completes, and one that was disturbed ends truthfully.

Every half minute all stand still: every job has ended; service, store, libvirt and disks know the same snapshots, those
that completed jobs have made and no other, with the data of their time (lab/promises.py). At the end memory, descriptors,
threads, jobs and database are flat: the median of the last quarter of all samples is that of the second at most, but for
5 % and what FLAT gives. A summary is printed, and build/soak.svg drawn. --seed repeats what is asked for, not the moment."""

import argparse
import concurrent.futures
import contextlib
import http.client
import os
import random
import re
import select
import signal
import socket
import statistics
import sys
import threading
import time
import traceback
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "lab"), os.path.join(TESTS, "bench")]

import crowd  # noqa: E402
import picture  # noqa: E402
from footprint import descriptors, private_kib, threads  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from promises import COMPLETED, MACHINES, SNAPSHOTS, Machine, ask, listed, settled_jobs  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2, Fault, envelope, identify_envelope  # noqa: E402

BROKEN = (OSError, http.client.HTTPException)
PHASE = (20, 40)        # seconds of load between two looks
KEEP = 200              # finished jobs that stay visible
READERS, PACE = 3, 0.02  # clients that only read, and seconds between a client's requests
QEMU_KILLED = 0.03      # how often, of the steps of a machine that runs
DROPPED = 0.05          # how often a reader does not wait for its reply
RELOADED = 0.2          # how often a second
OUTAGE = 0.05           # the same
SAMPLES = 600           # at most; one a second at most
# What is sampled, its unit, and how much more than 5 % the last quarter may have than the second.
FLAT = (("memory", "KiB", 2048), ("descriptors", "", 8), ("threads", "", 1), ("jobs", "", 10), ("database", "KiB", 256))
GONE = ("a:EndpointUnavailable", "w:TimedOut", "w:InternalError")


class Subject(Machine):
    """A machine to which things happen that no job promised."""

    def kill(self):
        os.kill(self.lab.qemu_pid(self.name), signal.SIGKILL)

    def settle(self, step, completed, guid, name=None):
        """A tree whose destruction failed has lost as many as the job says, the last of a branch first."""
        super().settle(step, completed, guid, name)
        if completed or step.method != "DestroySnapshotTree":
            return
        gone = self.branch(guid) - set(self.lab.virsh("snapshot-list", self.name, "--name").split())
        told = re.search(r"\((\d+) of \d+ snapshots were removed", step.said)
        assert len(gone) == (int(told[1]) if told else 0), (self.name, str(step), step.said, gone)
        assert all(self.branch(one) <= gone for one in gone), (self.name, str(step), gone)
        self.forget(gone)

    def recover(self, killed):
        """It is off now, or as it was: libvirt need not bring a machine through, but nothing else may become of it."""
        wanted = ("off",) if killed and self.state != "saved" else (self.state, "off")
        deadline = time.monotonic() + 30
        while (state := self.state_now()) not in wanted:
            assert time.monotonic() < deadline, (self.name, state, wanted)
            select.select([], [], [], 0.1)
        self.state = state

    def learn_memory(self, guid):
        """A machine that was killed may have been off when its snapshot was begun."""
        self.snapshots[guid].memory = "<memory snapshot='internal'" in self.lab.virsh("snapshot-dumpxml", self.name, guid)


class Soak:
    def __init__(self, lab, options):
        self.lab, self.options, self.rng = lab, options, random.Random(options.seed)
        self.machines = [Subject(lab, row) for row in MACHINES]
        self.service = Service(lab, options.build, users=(("root", "administrator"), ("reader", "viewer")),
                               settings={"snapshot.apply_running": "turn-off", "jobs.keep": KEEP, "jobs.threads": 5,
                                         "sweep.seconds": 5, "limits.enumeration_seconds": 30})
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=len(MACHINES) + READERS + 1)
        self.over, self.meet, self.back = threading.Event(), threading.Event(), threading.Event()
        self.barrier, self.away = None, False
        self.steps, self.reads, self.faults, self.looks = Counter(), Counter(), Counter(), 0
        self.samples, self.begin, self.rest = [], time.monotonic(), []
        self.half_written = set()
        self.request = crowd.write_request(lab, self.service, "reader", identify_envelope())

    # Clients that change something

    def work(self, machine, rng):
        client = self.service.client("root")
        try:
            machine.write()
            while not self.over.is_set():
                self.step(client, machine, rng)
        except BaseException:
            self.over.set()
            if self.barrier:
                self.barrier.abort()
            raise
        finally:
            client.close()

    def step(self, client, machine, rng):
        step = machine.choose(rng)
        if step.method == "CreateSnapshot":
            machine.write()
        met = self.meet.is_set()
        killer = None
        back = self.back  # of this outage: another may have begun when the step is done
        if met:
            machine.lab.close()  # libvirtd will end
            self.barrier.wait(180)
        elif machine.state in ("running", "paused") and step.method != "ApplySnapshot" and rng.random() < QEMU_KILLED:
            killer = threading.Timer(rng.uniform(0, 0.15), machine.kill)
            killer.start()
        completed, guid = self.carry_out(client, machine, step, met or killer)
        if killer:
            killer.join()
            self.faults["QEMU killed"] += 1
        if met:
            assert back.wait(180), "libvirtd or the service did not come back"
        self.settle(machine, step, completed, guid, killer, met)

    def settle(self, machine, step, completed, guid, killer, met):
        how = "undisturbed" if not (killer or met) else "disturbed, " + ("completed" if completed else "failed")
        self.steps[step.method, how] += 1
        machine.settle(step, completed, guid)
        if killer or met:
            if completed and step.method == "CreateSnapshot" and step.kind == 2:
                machine.learn_memory(guid)
            machine.recover(killer)
        machine.go_home()

    def carry_out(self, client, machine, step, disturbed):
        """Whether it completed, and the snapshot that it is about."""
        try:
            reply = ask(client, machine, step)
        except Fault as fault:
            assert disturbed and fault.subcode in GONE, (machine.name, str(step), fault.subcode, str(fault))
            return False, step.target
        assert disturbed or reply["ReturnValue"] in ("0", "4096"), (machine.name, str(step), reply)
        if reply["ReturnValue"] not in ("0", "4096"):
            return False, step.target
        if step.method == "CreateSnapshot":
            step.target = reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
        job = self.follow(client, reply, disturbed)
        completed = job is None or job["JobState"] == COMPLETED
        step.said = "" if completed else job["ErrorDescription"]
        assert completed or (disturbed and job["ErrorDescription"]), (machine.name, str(step), job)
        return completed, step.target

    def follow(self, client, reply, disturbed):
        deadline = time.monotonic() + 180
        while True:
            try:
                return client.follow(reply)
            except Fault as fault:
                assert disturbed and fault.subcode in GONE and time.monotonic() < deadline, (fault.subcode, str(fault))
                select.select([], [], [], 0.1)

    # Clients that read

    def read(self, number, rng):
        client = self.service.client("reader")
        kinds = (self.read_identity, self.read_machines, self.read_snapshots, self.read_jobs, self.read_one)
        try:
            while not self.over.wait(PACE):
                if client.connection and rng.random() < DROPPED:
                    client.connection.request("POST", "/wsman", identify_envelope().encode(), client.headers)
                    client.close()
                    self.faults["connections dropped"] += 1
                    continue
                kind, away = rng.choice(kinds), self.away
                try:
                    kind(client, rng)
                    self.reads[kind.__name__] += 1
                except Fault as fault:
                    assert (away or self.away) and fault.subcode in GONE, (number, kind.__name__, fault.subcode, str(fault))
                    self.reads["told that libvirt is away"] += 1
        except BaseException:
            self.over.set()
            raise
        finally:
            client.close()

    def read_identity(self, client, _rng):
        assert client.identify()["ProductVendor"] == "cimsnapd"

    def read_machines(self, client, _rng):
        found = client.query("SELECT * FROM Msvm_ComputerSystem WHERE Caption = 'Virtual Machine'")
        assert sorted(item["ElementName"] for item in found) == sorted(row[0] for row in MACHINES), found

    def read_snapshots(self, client, rng):
        machine = rng.choice(self.machines)
        client.query(f"{SNAPSHOTS} AND VirtualSystemIdentifier = '{machine.id}'")

    def read_jobs(self, client, _rng):
        assert client.query("SELECT InstanceID, JobState FROM Msvm_ConcreteJob") is not None

    def read_one(self, client, rng):
        """Of a snapshot that may go meanwhile."""
        guids = list(rng.choice(self.machines).snapshots)
        if not guids:
            return
        guid = rng.choice(guids)
        try:
            found = client.get(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + guid})
            assert found["InstanceID"] == "Microsoft:" + guid, found
        except Fault as fault:
            if fault.subcode != "a:DestinationUnreachable":
                raise

    # What goes wrong

    def disturb(self, seconds):
        """Until so many have gone by, or somebody has failed."""
        end = time.monotonic() + seconds
        kind = self.rng.choice([*crowd.STAYING, *crowd.PASSING])
        with crowd.Running(self.service, self.request, kind, 50, 50) as people:
            while not self.over.wait(1) and time.monotonic() < end:
                if self.rng.random() < RELOADED:
                    self.service.process.send_signal(signal.SIGHUP)
                    self.faults["configuration read anew"] += 1
                if self.rng.random() < OUTAGE:
                    self.outage(self.rng.random() < 0.5)
        self.faults["bad clients: " + kind] += people.came

    def outage(self, kill):
        """libvirtd ends at a moment soon after all have begun a step, and comes back."""
        self.back = threading.Event()
        self.barrier = threading.Barrier(len(self.machines) + 1)
        self.meet.set()
        self.barrier.wait(180)
        self.away = True
        self.meet.clear()
        select.select([], [], [], self.rng.uniform(0, 0.3))
        self.lab.stop_libvirtd(kill=kill)
        self.half_written |= {path.name.removesuffix(".xml.new")
                              for path in self.lab.dir.glob("config/libvirt/qemu/snapshot/*/*.xml.new")}
        select.select([], [], [], self.rng.uniform(0, 2))
        self.lab.start_libvirtd()
        client, deadline = self.service.client("root"), time.monotonic() + 60
        while True:
            try:
                client.query("SELECT * FROM Msvm_ComputerSystem")
                break
            except Fault as fault:
                assert fault.subcode in GONE and time.monotonic() < deadline, str(fault)
                select.select([], [], [], 0.1)
        client.close()
        self.away = False
        self.back.set()
        self.faults["libvirtd killed" if kill else "libvirtd told to end"] += 1

    # What it comes to

    def sample(self):
        """Until the end of all."""
        every = max(1, self.options.minutes * 60 / SAMPLES)
        pid = self.service.process.pid
        while not self.done.wait(every):
            size = sum(path.stat().st_size for path in self.lab.dir.glob("state/state.db*"))
            self.samples.append((time.monotonic() - self.begin, private_kib(pid), descriptors(pid), threads(pid),
                                 self.count_jobs(), size / 1024))

    def count_jobs(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(60)
            sock.connect(str(self.lab.dir / "state/status.sock"))
            text = b""
            while piece := sock.recv(65536):
                text += piece
        return sum(int(number) for number in re.findall(rb"jobs_(?:running|finished)=(\d+)", text))

    def look(self):
        """All stand still."""
        client = self.service.client("root")
        settled_jobs(client, self.lab, KEEP)
        self.lay_to_rest(client)
        there = listed(client, self.machines)
        client.close()
        self.all(lambda machine: machine.check(there[machine.id]))
        self.looks += 1
        self.rest.append(descriptors(self.service.process.pid))
        assert self.service.process.poll() is None

    def lay_to_rest(self, client):
        """A libvirtd that is killed while it writes a snapshot down leaves a second file of it, which each later one reads
        too: a snapshot that was destroyed meanwhile is back in its list. The service can destroy it once more."""
        there = listed(client, self.machines)
        for machine in self.machines:
            for guid in (set(there[machine.id]) - set(machine.snapshots)) & self.half_written:
                assert client.follow(client.change_snapshot("DestroySnapshot", guid))["JobState"] == "7", guid
                self.faults["snapshots that libvirt brought back"] += 1

    def all(self, work):
        self.gather([self.pool.submit(work, machine) for machine in self.machines])

    def gather(self, futures):
        """The first failure that is no consequence of another one."""
        concurrent.futures.wait(futures)
        failures = [future.exception() for future in futures if future.exception()]
        for failure in sorted(failures, key=lambda each: isinstance(each, threading.BrokenBarrierError)):
            raise failure

    def phase(self, seconds):
        self.over.clear()
        names = [machine.name for machine in self.machines] + list(range(READERS))
        streams = [random.Random(f"{self.options.seed} {self.looks} {name}") for name in names]
        futures = [self.pool.submit(self.work, *each) for each in zip(self.machines, streams)]
        futures += [self.pool.submit(self.read, i, stream) for i, stream in enumerate(streams[len(self.machines):])]
        own = None
        try:
            self.disturb(seconds)
        except threading.BrokenBarrierError:
            pass  # somebody has failed: who, the futures tell
        except Exception as failure:  # what the others then meet comes of it
            own = failure
            if self.barrier:
                self.barrier.abort()
            self.back.set()
        self.over.set()
        with contextlib.suppress(Exception) if own else contextlib.nullcontext():
            self.gather(futures)
        if own:
            raise own
        self.look()

    def run(self):
        self.done = threading.Event()
        sampler = threading.Thread(target=self.sample)
        sampler.start()
        try:
            end, told = self.begin + self.options.minutes * 60, 0
            while (left := end - time.monotonic()) > 0:
                self.phase(min(left, self.rng.uniform(*PHASE)))
                if self.looks // 5 > told:
                    told = self.looks // 5
                    print(f"  {time.monotonic() - self.begin:.0f} s, {self.looks} looks, {sum(self.steps.values())} steps, "
                          f"{sum(self.reads.values())} reads, {self.samples[-1][1]:.0f} KiB", flush=True)
        finally:
            self.done.set()
            sampler.join()
        self.service.stop()
        assert self.service.process.returncode == 0, self.service.process.returncode


def quarters(samples, column):
    """The medians of the second and of the last quarter."""
    count = len(samples)
    return [statistics.median(row[column] for row in part) for part in (samples[count // 4:count // 2], samples[count * 3 // 4:])]


def judge(soak):
    """What grew; each row is printed."""
    grown = []
    print(f"{'':<14}{'second quarter':>16}{'last':>10}{'may be':>10}")
    for column, (name, unit, slack) in enumerate(FLAT, 1):
        second, last = quarters(soak.samples, column)
        most = second * 1.05 + slack
        print(f"{name + (' ' + unit if unit else ''):<14}{second:>16.0f}{last:>10.0f}{most:>10.0f}")
        if last > most:
            grown.append(name)
    print(f"descriptors while all stood still: {soak.rest[0]} at first, {soak.rest[-1]} at last")
    if soak.rest[-1] > soak.rest[0] + 2:
        grown.append("descriptors at rest")
    return grown


def tell(soak):
    print(f"seed {soak.options.seed}: {soak.looks} looks in {time.monotonic() - soak.begin:.0f} s")
    for title, counted in (("steps", soak.steps), ("reads", soak.reads), ("faults", soak.faults)):
        print(f"{title}: {sum(counted.values())}")
        for what, count in sorted(counted.items()):
            print(f"  {what if isinstance(what, str) else ', '.join(what):<46}{count:>8}")


def draw(soak):
    panels = []
    for column, (name, unit, _) in enumerate(FLAT, 1):
        panel = picture.Curve(f"{name}{', ' + unit if unit else ''}, over minutes")
        for row in soak.samples:
            panel.add(row[0] / 60, row[column])
        panels.append(panel)
    path = os.path.join(soak.options.build, "soak.svg")
    picture.write(path, panels)
    print(f"as a picture: {os.path.relpath(path)}")


def soak_for(options):
    """How many looks were good, and what failed."""
    with Lab() as lab:
        soak = Soak(lab, options)
        try:
            soak.run()
            failed = 0
        except (Exception, AssertionError):  # whatever it is, it is a finding
            failed = 1
            print(f"after {soak.looks} looks: FAILED\n{traceback.format_exc()}", flush=True)
            soak.service.keep_log(os.path.join(options.build, "soak"))
            print(f"the daemon's log is {options.build}/soak/cimsnapd.log")
        tell(soak)
        if len(soak.samples) >= 8 and soak.rest:
            draw(soak)
            for name in judge(soak):
                failed += 1
                print(f"FAILED: {name} grew")
        return soak.looks, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    print(f"{options.minutes:g} minutes, seed {options.seed} (--seed)", flush=True)
    passed, failed = 0, 0
    try:
        passed, failed = soak_for(options)
    except LabError as error:
        failed += 1
        print(f"soak: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(f"soak.py: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
