#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at every step of ApplySnapshot, DestroySnapshot and DestroySnapshotTree, and libvirtd killed and started again
at each, on real QEMU machines with patterns in their disks. Afterwards every job has ended truthfully: a completed apply
has brought every disk to its snapshot, another one none; a destroyed snapshot is gone from libvirt and each disk, any
other is there and holds its pattern."""

import contextlib
import http.client
import os
import select
import signal
import socket
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import patterns  # noqa: E402
import suite  # noqa: E402
from crash import MOST_STEPS  # noqa: E402
from lab import Lab  # noqa: E402
from outage import stopped  # noqa: E402
from service import Service  # noqa: E402
from wsman import wait_for_jobs  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build, users=(("root", "administrator"),),
                          settings={"snapshot.apply_running": "turn-off"})
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()


IGNORE = ('<INSTANCE CLASSNAME="Msvm_VirtualSystemSnapshotSettingData"><PROPERTY NAME="IgnoreNonSnapshottableDisks" '
          'TYPE="boolean"><VALUE>TRUE</VALUE></PROPERTY></INSTANCE>')


def make(client, machine, kind, settings=""):
    job = client.follow(client.create_snapshot(machine, kind, settings))
    assert job["JobState"] == "7", job
    found = client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                         "ResultClass = Msvm_VirtualSystemSettingData")
    return found[0]["InstanceID"].split(":")[1]


class Stage:
    """A machine with snapshots A and B (pattern 1 and 2), B on A, and pattern 3 since. One called "partly" has a raw disk
    besides, which they leave out: that is 3 whatever happens."""

    def __init__(self, place, name, kind):
        self.place, self.lab, self.name, self.kind = place, place.lab, name, kind
        if not self.lab.disks_of(name):
            raw = name == "partly"
            self.lab.define(name, disks=1 if raw else 2, raw=raw, state="running" if kind == 2 else "off")
        client = place.service.client("root")
        machine = self.lab.virsh("domuuid", name).strip().upper()
        self.snapshots = {}
        for old in self.lab.virsh("snapshot-list", name, "--name").split():
            self.lab.virsh("snapshot-delete", name, old)
        if kind == 2 and not patterns.running(self.lab, name):
            self.lab.virsh("start", name)
        self.call("then")
        for value in (1, 2):
            patterns.write(self.lab, name, value)
            self.snapshots[make(client, machine, kind, IGNORE if name == "partly" else "")] = value
        patterns.write(self.lab, name, 3)
        self.call("now")
        client.close()

    def call(self, title):
        """The machine's name; an apply leaves it as it is."""
        both = ["--config", "--live"] if patterns.running(self.lab, self.name) else ["--config"]
        self.lab.virsh("desc", self.name, *both, "--title", "--new-desc", title)

    def covered(self):
        return [path for path in self.lab.disks_of(self.name) if path.suffix == ".qcow2"]

    def check_snapshots(self, left):
        assert sorted(self.lab.virsh("snapshot-list", self.name, "--name").split()) == sorted(left)
        for path in self.covered():
            assert sorted(self.lab.tags(path)) == sorted(left), (path, self.lab.tags(path), left)
            for guid in left:
                assert patterns.in_snapshot(self.lab, path, guid) == self.snapshots[guid], (path, guid)

    def check(self, method, target, job):
        done = job is not None and job["JobState"] == "7"
        assert self.lab.virsh("desc", self.name, "--config", "--title").strip() == "now"
        left = list(self.snapshots)
        if method == "ApplySnapshot":
            self.check_snapshots(left)
            state = self.lab.virsh("domstate", "--reason", self.name).strip()
            if done:
                assert state.startswith("shut off"), state  # a libvirtd that was restarted has forgotten why
                has = self.lab.virsh("dominfo", self.name)
                assert ("Managed save:   yes" in has) == (self.kind == 2), has
            if done and self.kind == 2:
                self.lab.virsh("start", self.name)
                assert self.lab.virsh("desc", self.name, "--live", "--title").strip() == "now"
            disks, listed = self.lab.disks_of(self.name), self.lab.virsh("domblklist", self.name)
            assert all(str(path) in listed for path in disks), listed
            patterns.check(self.lab, self.name,
                           [self.snapshots[target] if done and path in self.covered() else 3 for path in disks])
            return
        gone = left if method == "DestroySnapshotTree" else [target]
        self.check_snapshots([guid for guid in left if not done or guid not in gone])
        patterns.check(self.lab, self.name, 3)


def last_job(client, before):
    """The job that came since; None when it never was stored."""
    jobs = [job for job in wait_for_jobs(client) if job["InstanceID"] not in before]
    assert len(jobs) < 2, jobs
    for job in jobs:
        assert job["JobState"] in ("7", "10"), job
        assert job["JobState"] == "7" or job["ErrorDescription"], job
    return jobs[0] if jobs else None


def one_step(place, stage, method, step, disturb):
    """True when the daemon came to that step."""
    service, target = place.service, list(stage.snapshots)[0]
    client = service.client("root")
    before = {job["InstanceID"] for job in wait_for_jobs(client)}
    client.close()
    service.stop()
    came = disturb(place, method, target, step)
    client = service.client("root")
    job = last_job(client, before)
    client.close()
    stage.check(method, target, job)
    return came


def ended_itself(service):
    """True when the daemon came to the place where it was to die; a death at the job's last write may come after the
    client saw its end."""
    died = bool(service.process.poll() is not None or
                select.select([os.pidfd_open(service.process.pid)], [], [], 0.3)[0])
    assert not died or service.process.wait() == -9, service.log_text()[-2000:]
    return died


def die_at(service, step, begin):
    """The daemon dies at that step of the job that begin(client) is for, and is not there afterwards; True when it came
    to that step."""
    service.start(env={"CIMSNAPD_DIE_AT": str(step)})
    client = service.client("root")
    with contextlib.suppress(OSError, http.client.HTTPException):
        begin(client)
        wait_for_jobs(client)
    client.close()
    died = ended_itself(service)
    if not died:
        service.stop()
    return died


def kill_at(place, method, target, step):
    return die_at(place.service, step, lambda client: client.change_snapshot(method, target))


def killed(place, method, target, step):
    died = kill_at(place, method, target, step)
    place.service.start()
    return died


def outage(place, method, target, step, kill=True, before=None):
    """libvirtd is gone and back meanwhile: killed, or told to end."""
    service = place.service
    service.start(env={"CIMSNAPD_STOP_AT": str(step)})
    client = service.client("root")
    client.identify()
    client.begin_change_snapshot(method, target)
    came = stopped(service.process, 12)  # a revert with memory takes a while
    if came:
        if before:
            before()
        place.lab.stop_libvirtd(kill=kill)
        place.lab.start_libvirtd()
        service.process.send_signal(signal.SIGCONT)
    wait_for_jobs(service.client("root"))
    service.stop()
    service.start()
    return came


def restart(place, method, target, step):
    return outage(place, method, target, step, kill=False)


def every_step(place, name, kind, method, disturb):
    for step in range(1, MOST_STEPS):
        if not one_step(place, Stage(place, name, kind), method, step, disturb):
            assert step > 4, "the daemon has no places to stop at; is it a build with hooks?"
            print(f"  {name}: {method}: {step - 1} steps", flush=True)
            return
    raise AssertionError("no end of steps")


def test_killed_while_it_applies_disks(place):
    every_step(place, "off", 3, "ApplySnapshot", killed)


def test_killed_while_it_applies_some_disks(place):
    every_step(place, "partly", 3, "ApplySnapshot", killed)


def test_killed_while_it_applies_memory(place):
    every_step(place, "full", 2, "ApplySnapshot", killed)


def test_killed_while_it_destroys(place):
    every_step(place, "off", 3, "DestroySnapshot", killed)


def test_killed_while_it_destroys_a_tree_of_a_running_machine(place):
    every_step(place, "full", 2, "DestroySnapshotTree", killed)


def test_a_tree_that_grew_since(place):
    """The daemon dies between two snapshots of a tree, and virsh makes another one there before it is back: that one
    stays."""
    for step in range(1, MOST_STEPS):
        stage = Stage(place, "off", 3)
        client = place.service.client("root")
        before = {job["InstanceID"] for job in wait_for_jobs(client)}
        client.close()
        place.service.stop()
        assert kill_at(place, "DestroySnapshotTree", list(stage.snapshots)[0], step), "it never was between two"
        begun, left = time.time(), stage.lab.virsh("snapshot-list", "off", "--name").split()
        if len(left) == 1:
            while time.time() < begun + 1:  # the times of snapshots are whole seconds
                select.select([], [], [], 0.05)
            stage.lab.virsh("snapshot-create-as", "off", "later")
            stage.snapshots["later"] = 3
        place.service.start()
        job = last_job(place.service.client("root"), before)
        if len(left) == 1:
            assert job["JobState"] == "7", job
            stage.check_snapshots(["later"])
            patterns.check(stage.lab, "off", 3)
            return
    raise AssertionError("no end of steps")


def test_outage_while_it_applies_disks(place):
    every_step(place, "off", 3, "ApplySnapshot", outage)


def test_outage_while_it_applies_memory(place):
    every_step(place, "full", 2, "ApplySnapshot", outage)


def place_of(log, name):
    """The number of the last such place among those that the daemon came to."""
    places = [line for line in log.splitlines() if "event=hook" in line]
    return max(number for number, line in enumerate(places, 1) if f'place="{name}"' in line)


def test_libvirtd_dies_when_the_memory_is_written(place):
    """QEMU does not write a memory that it has given away once."""
    service, stage = place.service, Stage(place, "full", 2)
    target = list(stage.snapshots)[0]
    service.stop()
    begin = len(service.log_text())
    service.start(env={"CIMSNAPD_STOP_AT": str(MOST_STEPS * 10)})
    client = service.client("root")
    client.change_snapshot("ApplySnapshot", target)
    wait_for_jobs(client)
    step = place_of(service.log_text()[begin:], "memory saved") - 1

    def give_away():
        assert stage.lab.virsh("domstate", "--reason", "full").strip() == "paused (from snapshot)"
        listener.listen()
        stage.lab.virsh("qemu-monitor-command", "full", "--hmp", f"migrate -d unix:{path}")
        taker = listener.accept()[0]
        while taker.recv(1 << 20):
            pass
        assert "postmigrate" in stage.lab.virsh("qemu-monitor-command", "full", "--hmp", "info status")

    with socket.socket(socket.AF_UNIX) as listener:
        path = stage.lab.dir / "taker"
        listener.bind(str(path))
        stage.lab.give(path)
        listener.settimeout(30)
        assert one_step(place, Stage(place, "full", 2), "ApplySnapshot", step,
                        lambda *order: outage(*order, before=give_away))


def test_outage_while_it_destroys_a_tree(place):
    every_step(place, "off", 3, "DestroySnapshotTree", outage)


def test_outage_while_it_destroys_one_of_a_running_machine(place):
    every_step(place, "full", 2, "DestroySnapshot", outage)


def test_restart_while_it_applies_memory(place):
    every_step(place, "full", 2, "ApplySnapshot", restart)


def test_restart_while_it_applies_disks(place):
    every_step(place, "off", 3, "ApplySnapshot", restart)


def test_restart_while_it_destroys_a_tree_of_a_running_machine(place):
    every_step(place, "full", 2, "DestroySnapshotTree", restart)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
