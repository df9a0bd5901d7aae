#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirtd comes and goes: stopped, killed, hung and started again, while nothing happens and at every step
of CreateSnapshot. The daemon says EndpointUnavailable meanwhile, finds its way back by itself, and every job
ends truthfully."""

import contextlib
import os
import select
import signal
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from crash import MOST_STEPS, check_truth, snapshots_of, write_pattern  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import Fault, wait_for_jobs  # noqa: E402

MACHINES = "SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        for name in ("disks", "full"):
            lab.define(name, disks=2)
        service = Service(lab, build, users=(("root", "administrator"),))
        yield SimpleNamespace(lab=lab, service=service, patterns={}, value=0)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def names(client):
    return sorted(machine["ElementName"] for machine in client.query(MACHINES))


def unavailable(client, most_seconds):
    """The service answers, in time, and with the right fault."""
    begin = time.monotonic()
    try:
        names(client)
        raise AssertionError("the hypervisor was said to be there")
    except Fault as fault:
        assert fault.subcode == "a:EndpointUnavailable", fault
        assert "libvirt" not in fault.reason.lower() and "/" not in fault.reason, fault.reason
    assert time.monotonic() - begin < most_seconds, time.monotonic() - begin
    assert client.identify()["ProductVendor"] == "cimsnapd"


def back(client, seconds=30):
    """The service has found its way back."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            assert names(client) == ["disks", "full"]
            return
        except Fault as fault:
            assert fault.subcode == "a:EndpointUnavailable", fault
            assert time.monotonic() < deadline, "not back in time"
            select.select([], [], [], 0.1)


def test_stopped_and_started(place):
    client = place.service.client("root")
    back(client)
    place.lab.stop_libvirtd()
    unavailable(client, 10)
    place.lab.start_libvirtd()
    back(client)


def test_killed_and_started(place):
    client = place.service.client("root")
    place.lab.stop_libvirtd(kill=True)
    unavailable(client, 10)
    place.lab.start_libvirtd()
    back(client)


def test_daemon_starts_first(place):
    place.service.stop()
    place.lab.stop_libvirtd()
    place.service.start()
    client = place.service.client("root")
    unavailable(client, 10)
    place.lab.start_libvirtd()
    back(client)


def test_hung(place):
    """Answers in bounded time, also many at once; goes on when libvirtd does."""
    client = place.service.client("root")
    back(client)
    place.lab.pause_libvirtd()
    try:
        for _ in range(3):
            unavailable(client, 30)
    finally:
        place.lab.resume_libvirtd()
    back(client)


def test_made_and_removed_by_virsh(place):
    """What others do is seen when it is asked for."""
    lab, client = place.lab, place.service.client("root")
    settings = "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"
    before = {item["InstanceID"] for item in client.query(settings)}
    lab.virsh("snapshot-create-as", "full", "by virsh", "made by hand")
    made = [item for item in client.query(settings) if item["InstanceID"] not in before]
    assert len(made) == 1 and made[0]["ElementName"] == "by virsh", made
    again = [item for item in client.query(settings) if item["InstanceID"] not in before]
    assert again[0]["InstanceID"] == made[0]["InstanceID"], "its GUID must be stable"
    lab.virsh("snapshot-delete", "full", "by virsh")
    assert {item["InstanceID"] for item in client.query(settings)} == before
    lab.define("later", state="off")
    assert "later" in names(client)
    lab.virsh("undefine", "later")
    assert "later" not in names(client)


def stopped(process, seconds=20):
    """Waits until the daemon has stopped itself at its place; False when it came to none."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as handle:
            if handle.read().rsplit(")", 1)[1].split()[0] == "T":
                return True
        yield_seconds = 0.02
        select.select([], [], [], yield_seconds)
    return False


def outage_at_every_step(place, machine, kind, kill):
    """libvirtd is gone and back while the daemon stands at each place in turn."""
    lab, service = place.lab, place.service
    for step in range(1, MOST_STEPS):
        service.stop()
        place.value = step
        if lab.virsh("domstate", machine).strip() != "running":
            lab.virsh("start", machine)
        write_pattern(lab, machine, step)
        service.start(env={"CIMSNAPD_STOP_AT": str(step)})
        client = service.client("root")
        place.identity = next(m["Name"] for m in client.query(MACHINES) if m["ElementName"] == machine)
        came = create_and_wait_for_stop(service, client, place.identity, kind)
        if came:
            lab.stop_libvirtd(kill=kill)
            lab.start_libvirtd()
            service.process.send_signal(signal.SIGCONT)
        wait_for_jobs(service.client("root"))
        check_truth(place, machine)
        if not came:
            print(f"  {machine}: {step - 1} steps", flush=True)
            service.stop()
            service.start()
            return
    raise AssertionError("no end of steps")


def create_and_wait_for_stop(service, client, machine, kind):
    """True when the daemon stopped itself; the reply may then be outstanding."""
    client.begin_create_snapshot(machine, kind)
    return stopped(service.process, 3)


def test_killed_while_it_saves_memory(place):
    """libvirtd dies in the middle of a full snapshot. Whether the guest survives is libvirt's doing; that it
    does not stay paused, and that nothing half-made stays, is ours."""
    lab, service = place.lab, place.service
    lab.define("large", disks=2, memory=256)
    client = service.client("root")
    place.identity = next(m["Name"] for m in client.query(MACHINES) if m["ElementName"] == "large")
    for _ in range(4):
        client.create_snapshot(place.identity, 2)
    deadline = time.monotonic() + 10
    while "sav" not in lab.virsh("domstate", "large", "--reason") and time.monotonic() < deadline:
        pass
    lab.stop_libvirtd(kill=True)
    lab.start_libvirtd()
    jobs = wait_for_jobs(service.client("root"), 120)
    made = {item["InstanceID"].split(":")[1] for item in snapshots_of(service.client("root"), jobs)
            if item["VirtualSystemIdentifier"] == place.identity}
    assert set(lab.virsh("snapshot-list", "large", "--name").split()) == made
    for path in lab.disks_of("large"):
        assert sorted(lab.tags(path)) == sorted(made), (path, lab.tags(path), made)
    assert "paused" not in lab.virsh("domstate", "large"), lab.virsh("domstate", "large", "--reason")
    print(f"  large: {len(made)} of 4 made, then {lab.virsh('domstate', 'large', '--reason').strip()}", flush=True)


def test_current_snapshot_is_lost(place):
    """libvirtd dies between taking the mark of the current snapshot from the old one and writing the new one down: the
    job fails, and what is made next still derives from the old one."""
    lab, service = place.lab, place.service
    lab.define("marked")
    machine, client = lab.virsh("domuuid", "marked").strip().upper(), service.client("root")
    for kind in (2, 3):
        assert client.follow(client.create_snapshot(machine, kind))["JobState"] == "7"
        old = lab.virsh("snapshot-current", "marked", "--name").strip()
        service.stop()
        service.start(env={"CIMSNAPD_STOP_AT": "5"})  # the journal is written, libvirt not asked yet
        client, known = service.client("root"), lab.virsh("snapshot-list", "marked", "--name")
        client.identify()
        assert create_and_wait_for_stop(service, client, machine, kind)
        assert lab.virsh("snapshot-list", "marked", "--name") == known
        lab.stop_libvirtd(kill=True)
        path = lab.dir / f"config/libvirt/qemu/snapshot/marked/{old}.xml"
        text = path.read_text()
        assert "<active>1</active>" in text
        path.write_text(text.replace("<active>1</active>", "<active>0</active>"))
        lab.start_libvirtd()
        service.process.send_signal(signal.SIGCONT)
        client = service.client("root")
        wait_for_jobs(client)
        assert lab.virsh("snapshot-current", "marked", "--name").strip() == old
        assert client.follow(client.create_snapshot(machine, kind))["JobState"] == "7"
        new = lab.virsh("snapshot-current", "marked", "--name").strip()
        assert new != old and lab.virsh("snapshot-parent", "marked", new).strip() == old


def test_restart_at_every_step_of_a_disk_snapshot(place):
    outage_at_every_step(place, "disks", 3, kill=False)


def test_kill_at_every_step_of_a_disk_snapshot(place):
    outage_at_every_step(place, "disks", 3, kill=True)


def test_restart_at_every_step_of_a_full_snapshot(place):
    outage_at_every_step(place, "full", 2, kill=False)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
