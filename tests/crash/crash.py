#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at every step of CreateSnapshot, on real QEMU machines with patterns in their disks.

A daemon built with -DCIMSNAPD_HOOKS ends itself at the first step it comes to, the next run at the second,
and so on until a run comes through. After each death the daemon is started again. Then every job must have
ended truthfully: what libvirt knows, what lies in every disk file and what the completed jobs promised is the
same set of snapshots; the machine runs as before, and each snapshot holds the pattern of its time.
"""

import contextlib
import http.client
import os
import re
import select
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import wait_for_jobs  # noqa: E402

DISKS, OFFSET, LENGTH = 2, 1 << 20, 65536
MOST_STEPS = 40


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        for name in ("disks", "full"):
            lab.define(name, disks=DISKS)
        lab.define("off", disks=DISKS, state="off")
        service = Service(lab, build, users=(("root", "administrator"),))
        service.stop()
        yield SimpleNamespace(lab=lab, service=service, patterns={})


def write_pattern(lab, machine, value):
    """Into every disk of the machine, through its own QEMU when it runs."""
    command = f"write -P {value} {OFFSET} {LENGTH}"
    for index, path in enumerate(lab.disks_of(machine)):
        if machine == "off":
            lab.run(["qemu-io", "-f", "qcow2", "-c", command, str(path)])
        else:
            answer = lab.virsh("qemu-monitor-command", machine, "--hmp",
                               f'qemu-io -d /machine/peripheral/virtio-disk{index}/virtio-backend "{command}"')
            assert not answer.strip(), answer  # it speaks only of what went wrong


def pattern_in(lab, path, snapshot):
    """The value that fills the place in a snapshot inside an image."""
    target = lab.dir / "extract.raw"
    lab.qemu_img("convert", "-U", "-l", f"snapshot.name={snapshot}", "-O", "raw", str(path), str(target))
    with open(target, "rb") as handle:
        handle.seek(OFFSET)
        data = handle.read(LENGTH)
    target.unlink()
    assert len(set(data)) == 1, f"mixed data in {path} at {snapshot}"
    return data[0]


def snapshots_of(client, jobs):
    """What the completed jobs say they made."""
    made = []
    for job in jobs:
        found = client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                             "ResultClass = Msvm_VirtualSystemSettingData")
        assert len(found) == (1 if job["JobState"] == "7" else 0), (job, found)
        if job["JobState"] == "10":
            assert job["ErrorDescription"] and job["ErrorCode"] != "0", job
        made += found
    return made


def check_truth(place, machine):
    """Jobs, libvirt and disk files tell the same; the data is that of each snapshot's time."""
    lab, client = place.lab, place.service.client("root")
    made = {item["InstanceID"].split(":")[1] for item in snapshots_of(client, wait_for_jobs(client))
            if item["VirtualSystemIdentifier"] == place.identity}
    known = set(lab.virsh("snapshot-list", machine, "--name").split())
    assert known == made, (known, made)
    for path in lab.disks_of(machine):
        tags = lab.tags(path)
        assert sorted(tags) == sorted(made), (path, tags, made)
        for snapshot in made:
            value = place.patterns.setdefault((machine, snapshot), place.value)
            assert pattern_in(lab, path, snapshot) == value, (path, snapshot)
    state = lab.virsh("domstate", machine).strip()
    assert state == ("shut off" if machine == "off" else "running"), state
    client.close()


def run_until_death(place, machine, kind, step):
    """One CreateSnapshot of a daemon that dies at that step; False when it came through alive."""
    service = place.service
    service.start(env={"CIMSNAPD_DIE_AT": str(step)})
    client = service.client("root")
    try:
        found = client.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{machine}'")
        place.identity = found[0]["Name"]
        result = client.create_snapshot(place.identity, kind)
        assert result["ReturnValue"] == "4096", result
        wait_for_jobs(client)
    except (OSError, http.client.HTTPException):
        pass  # it died, which is what it was started for
    client.close()
    # a death at the job's last write may come after the client saw its end
    died = bool(service.process.poll() is not None or
                select.select([os.pidfd_open(service.process.pid)], [], [], 0.3)[0])
    if not died:
        service.stop()
        return False
    assert service.process.wait() == -9, service.log_text()[-2000:]
    return True


def die_at_every_step(place, machine, kind):
    for step in range(1, MOST_STEPS):
        place.value = step
        write_pattern(place.lab, machine, step)
        died = run_until_death(place, machine, kind, step)
        place.service.start()
        check_truth(place, machine)
        place.service.stop()
        if not died:
            assert step > 4, "the daemon has no places to die at; is it a build with hooks?"
            print(f"  {machine}: {step - 1} steps", flush=True)
            return
    raise AssertionError(f"still dying after {MOST_STEPS} steps")


def test_disks_of_a_running_machine(place):
    die_at_every_step(place, "disks", 3)


def test_memory_and_disks_of_a_running_machine(place):
    die_at_every_step(place, "full", 2)


def test_disks_of_a_machine_that_is_off(place):
    die_at_every_step(place, "off", 2)


def pause_after_death(place, machine, kind, when):
    """Dies at every step; where when() says so, the machine is paused before the service comes back. Its state afterwards,
    each time that it was. No patterns are kept: what looks at them comes before."""
    lab, states = place.lab, []
    for step in range(1, MOST_STEPS):
        before = lab.virsh("snapshot-list", machine, "--name")
        died = run_until_death(place, machine, kind, step)
        paused = when(lab.virsh("snapshot-list", machine, "--name") != before)
        if paused:
            assert lab.virsh("domstate", machine).strip() == "running", step
            lab.virsh("suspend", machine)
        place.service.start()
        client = place.service.client("root")
        wait_for_jobs(client)
        client.close()
        place.service.stop()
        state = lab.virsh("domstate", machine).strip()
        if paused:
            states.append(state)
            if state == "paused":
                lab.virsh("resume", machine)
        else:
            assert state == "running", (step, state)
        if not died:
            return states
    raise AssertionError(f"still dying after {MOST_STEPS} steps")


def test_somebody_else_pauses_it_meanwhile(place):
    """Dead once libvirt knew the snapshot: our own suspend was over, so the machine is not let run."""
    states = pause_after_death(place, "disks", 3, lambda told: told)
    assert len(states) > 1 and set(states) == {"paused"}, states


def test_libvirt_dies_while_it_saves_memory(place):
    """It may leave the machine paused, and say that a user did that: here it is done by hand."""
    def begun(told):
        places = re.findall(r'event=hook place="([^"]*)"', place.service.log_text())
        return not told and places and places[-1] == "after journal"
    states = pause_after_death(place, "full", 2, begun)
    assert states and set(states) == {"running"}, states


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
