#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The world around the service breaks: QEMU is killed, disks are full, the clock jumps, certificates become
garbage, descriptors and memory run out, the store is damaged. The service says what is wrong, stays up, loses
nothing that it had acknowledged, and is as before once the world is whole again. On real QEMU machines."""

import contextlib
import http.client
import os
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import SERVICE, V2, Fault, HttpError, create_parameters, envelope, invoke_body  # noqa: E402

SETTINGS = "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"
BROKEN = (OSError, http.client.HTTPException)


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("world", disks=2)
        clock = lab.write("clock", bytes(8))
        shim = lab.copy_in(os.path.join(build, "world/clock.so"))
        place = SimpleNamespace(lab=lab, clock=clock, made=set(),
                                env={"LD_PRELOAD": str(shim), "CIMSNAPD_CLOCK": str(clock)})
        place.service = Service(lab, build, users=(("root", "administrator"),), settings={"sweep.seconds": 0})
        place.service.stop()
        place.service.start(env=place.env)
        yield place
        place.service.stop()
        assert place.service.process.returncode == 0, place.service.log_text()[-3000:]


def identity(client, name="world"):
    return client.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{name}'")[0]["Name"]


def end_of_job(client, reply, seconds=60):
    """The job of CreateSnapshot's reply, once it has ended."""
    selectors = reply["Job"].selectors
    deadline = time.monotonic() + seconds
    while True:
        job = client.get(V2 + "Msvm_ConcreteJob", selectors)
        if job["JobState"] != "4":
            return job
        assert time.monotonic() < deadline, job
        select.select([], [], [], 0.02)


def create(place, client, name="world", kind=3):
    """A snapshot that must come to be."""
    reply = client.create_snapshot(identity(client, name), kind)
    assert reply["ReturnValue"] == "4096", reply
    job = end_of_job(client, reply)
    assert job["JobState"] == "7", job
    if name == "world":
        place.made.add(reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1])


def check_whole(place):
    """What was acknowledged is there, for clients, libvirt and in the disks; the service works."""
    client = place.service.client("root")
    create(place, client)
    machine = identity(client)
    there = {item["InstanceID"].split(":")[1] for item in client.query(SETTINGS)
             if item["VirtualSystemIdentifier"] == machine}
    client.close()
    missing, extra = place.made - there, there - place.made
    place.made = there
    assert not missing and not extra, (missing, extra)
    assert set(place.lab.virsh("snapshot-list", "world", "--name").split()) == place.made
    for path in place.lab.disks_of("world"):
        assert sorted(place.lab.tags(path)) == sorted(place.made), path
    assert place.service.process.poll() is None


@contextlib.contextmanager
def limit(place, what, most):
    """A limit of the running daemon ("fsize", "nofile", "data" of prlimit), for a while."""
    def put(soft):
        place.lab.run(["prlimit", "--pid", place.service.process.pid, f"--{what}={soft}:"])
    before = place.lab.run(["prlimit", "--pid", place.service.process.pid, f"--{what}", "--noheadings",
                            "--output", "SOFT"]).stdout.strip()
    put(most)
    try:
        yield
    finally:
        put(before)


# The machines

def test_qemu_killed(place):
    """While nothing happens: the machine is off then, and can be snapshotted so."""
    lab, client = place.lab, place.service.client("root")
    lab.define("victim", disks=2)
    create(place, client, "victim")
    os.kill(lab.qemu_pid("victim"), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while lab.virsh("domstate", "victim").strip() != "shut off" and time.monotonic() < deadline:
        select.select([], [], [], 0.05)
    found = client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'victim'")[0]
    assert found["EnabledState"] == "3", found
    create(place, client, "victim", 2)
    check_whole(place)


def test_qemu_killed_while_it_saves(place):
    """In the middle of a full snapshot: the job fails and says so, nothing half-made stays."""
    lab, client = place.lab, place.service.client("root")
    lab.define("saver", disks=2, memory=256)
    reply = client.create_snapshot(identity(client, "saver"), 2)
    deadline = time.monotonic() + 20
    while "sav" not in lab.virsh("domstate", "saver", "--reason") and time.monotonic() < deadline:
        pass
    os.kill(lab.qemu_pid("saver"), signal.SIGKILL)
    job = end_of_job(client, reply)
    known = lab.virsh("snapshot-list", "saver", "--name").split()
    assert (job["JobState"] == "7") == bool(known), (job, known)
    assert job["JobState"] == "7" or job["ErrorDescription"], job
    for path in lab.disks_of("saver"):
        assert sorted(lab.tags(path)) == sorted(known), (path, known)
    create(place, client, "saver", 2)
    check_whole(place)


# Disks

def test_disk_full_for_snapshots(place):
    """The images' file system has no room for the memory: the job says so, the machine runs on."""
    lab, client = place.lab, place.service.client("root")
    small = lab.mkdir("small")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=777", "none", small], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        raise suite.Skip("no small file system can be mounted here")
    try:
        path = lab.define("cramped", disks=1, state="off")[0]
        moved = small / path.name
        lab.run(["mv", path, moved])
        path.symlink_to(moved)
        lab.virsh("start", "cramped")
        lab.run(["dd", "if=/dev/urandom", f"of={small}/rest", "bs=1M"], check=False)
        reply = client.create_snapshot(identity(client, "cramped"), 2)
        if reply["ReturnValue"] == "4096":
            job = end_of_job(client, reply)
            assert job["JobState"] == "10" and job["ErrorDescription"], job
        else:
            assert reply["ReturnValue"] == "2", reply
        assert lab.virsh("domstate", "cramped").strip() == "running"
        assert not lab.virsh("snapshot-list", "cramped", "--name").split()
        assert not lab.tags(moved)
        (small / "rest").unlink()
        create(place, client, "cramped", 3)
        lab.virsh("destroy", "cramped")
        for name in lab.virsh("snapshot-list", "cramped", "--name").split():
            lab.virsh("snapshot-delete", "cramped", name)
        lab.virsh("undefine", "cramped")
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    check_whole(place)


def test_disk_full_for_store_and_log(place):
    """No octet can be written to a file any more: reads go on, changes are refused, none is lost."""
    client = place.service.client("root")
    machine = identity(client)
    with limit(place, "fsize", 0):
        for _ in range(3):
            try:
                reply = client.create_snapshot(machine, 3)
                assert reply["ReturnValue"] == "2" and not reply.get("Job"), reply
            except Fault as fault:  # a limit is no full disk to SQLite, but an error of the file
                assert fault.subcode == "w:InternalError" and "store" in fault.reason, fault
        assert identity(client) == machine
        fresh = place.service.client("root")
        assert fresh.identify()["ProductVendor"] == "cimsnapd"
        fresh.close()
    check_whole(place)


def test_disk_full_in_the_middle_of_a_job(place):
    """The job cannot write down its end: it is told truthfully all the same, then and after a restart."""
    client = place.service.client("root")
    reply = client.create_snapshot(identity(client), 2)
    assert reply["ReturnValue"] == "4096", reply
    with limit(place, "fsize", 0):
        select.select([], [], [], 1)  # how far it came by then is all the same
        assert client.identify()["ProductVendor"] == "cimsnapd"
    job = end_of_job(client, reply)
    assert job["JobState"] in ("7", "10"), job
    if job["JobState"] == "7":
        place.made.add(reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1])
    check_whole(place)
    place.service.stop()
    place.service.start(env=place.env)
    again = place.service.client("root").get(V2 + "Msvm_ConcreteJob", reply["Job"].selectors)
    assert again["JobState"] == job["JobState"], (again, job)
    check_whole(place)


def test_store_damaged(place):
    """Told, moved aside; what libvirt knows is all there again."""
    check_whole(place)
    for damage in (lambda handle, size: handle.write(os.urandom(size)),
                   lambda handle, size: (handle.seek(size // 2), handle.write(os.urandom(min(8192, size // 2)))),
                   lambda handle, size: handle.truncate(size // 2)):
        place.service.stop()
        path = place.lab.dir / "state/state.db"
        with open(path, "r+b") as handle:
            damage(handle, path.stat().st_size)
        begin = len(place.service.log_text())
        place.service.start(env=place.env)
        told = re.search(r'event=store-damaged moved_to="([^"]+)"', place.service.log_text()[begin:])
        assert told and os.path.exists(told.group(1)), place.service.log_text()[begin:]
        os.unlink(told.group(1))
        check_whole(place)


# The clock

def test_clock_jumps(place):
    """Ten years there and back while jobs run, enumerations are open and logins remembered."""
    client = place.service.client("root")
    for jump in (315_000_000, -315_000_000, 0, -3600, 0):
        items = client.items(V2 + "*", "SELECT * FROM Msvm_ComputerSystem")
        next(items)
        reply = client.create_snapshot(identity(client), 3)
        with open(place.clock, "r+b") as handle:  # in place: the daemon has it mapped
            handle.write(struct.pack("=q", jump))
        job = end_of_job(client, reply)
        assert job["JobState"] == "7", job
        place.made.add(reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1])
        list(items)
        check_whole(place)
        place.service.stop()
        place.service.start(env=place.env)
        assert place.service.client("root").get(V2 + "Msvm_ConcreteJob", reply["Job"].selectors)["JobState"] == "7"
        client = place.service.client("root")


# Files of the configuration

def test_certificates_become_garbage(place):
    """The old ones stay in use, and the log says what is wrong."""
    client = place.service.client("root")
    for name in ("server.crt", "server.key"):
        path = place.lab.dir / "certs" / name
        right = path.read_bytes()
        for wrong in (os.urandom(2000), b"", right[:len(right) // 2], b"-----BEGIN CERTIFICATE-----\nAAAA\n"):
            path.write_bytes(wrong)
            told = place.service.reload()
            assert "level=error" not in told and "error=" in told, told
            assert client.identify()["ProductVendor"] == "cimsnapd"
            fresh = place.service.client("root")
            assert fresh.identify()["ProductVendor"] == "cimsnapd"
            fresh.close()
        path.unlink()
        assert "error=" in place.service.reload()
        place.lab.write(f"certs/{name}", right)
        assert "error=" not in place.service.reload()
    check_whole(place)


def test_users_and_configuration_become_garbage(place):
    """Nobody comes in who could not before, and who could still can."""
    for name in ("state/users", "cimsnapd.conf"):
        path = place.lab.dir / name
        right = path.read_bytes()
        path.write_bytes(os.urandom(3000))
        assert "error=" in place.service.reload(), name
        assert place.service.client("root").identify()["ProductVendor"] == "cimsnapd"
        wrong = place.service.client("root", "wrong")
        try:
            wrong.identify()
            raise AssertionError("a wrong password was accepted")
        except HttpError as error:
            assert error.status == 401, error
        place.lab.write(name, right)
        assert "error=" not in place.service.reload()
    check_whole(place)


# Descriptors and memory

def test_descriptors_used_up(place):
    """New connections wait or end; those that are there are served; then all is as before."""
    client = place.service.client("root")
    machine = identity(client)
    used = len(os.listdir(f"/proc/{place.service.process.pid}/fd"))
    others = []
    with limit(place, "nofile", used + 5):
        for _ in range(40):
            others.append(socket.create_connection(("127.0.0.1", place.service.port), timeout=30))
        place.service.await_log('event=accept .*reason="Too many open files"')
        for _ in range(20):
            assert client.identify()["ProductVendor"] == "cimsnapd"
        try:
            reply = client.create_snapshot(machine, 3)
            if reply["ReturnValue"] == "4096":
                job = end_of_job(client, reply)
                if job["JobState"] == "7":
                    place.made.add(reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1])
            else:
                assert reply["ReturnValue"] == "2", reply
        except Fault as fault:
            assert fault.subcode in ("a:EndpointUnavailable", "w:InternalError"), fault
        said = place.service.log_text().count("event=accept ")
        assert said < 60, "the log is flooded"
    for other in others:
        other.close()
    check_whole(place)


def flood(place, count):
    """So many large requests beside each other; how many were answered."""
    body = envelope(SERVICE + "/CreateSnapshot", SERVICE, None, invoke_body(
        SERVICE, "CreateSnapshot", create_parameters("none", 3, "x" * 400_000)))
    wires, answered = [], 0
    head = f"POST /wsman HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n" \
           f"Content-Type: application/soap+xml;charset=UTF-8\r\nAuthorization: {place.authorization}\r\n\r\n"
    for _ in range(count):
        try:
            wire = Wire(place.service.port, place.service.ca)
            wire.send(head.encode() + body[:-1].encode())
            wires.append(wire)
        except (OSError, ssl.SSLError):
            pass
    for wire in wires:
        try:
            wire.send(body[-1:].encode())
            answered += wire.reply() is not None
        except (OSError, ssl.SSLError):
            pass
        with contextlib.suppress(OSError):
            wire.stream.close()
    return answered


def test_memory_used_up(place):
    """With a few megabytes to spare: large requests are refused or cut off, the service stays."""
    client = place.service.client("root")
    machine = identity(client)
    place.authorization = client.headers["Authorization"]
    with open(f"/proc/{place.service.process.pid}/status", encoding="ascii") as handle:
        size = int(re.search(r"VmData:\s+(\d+) kB", handle.read()).group(1)) << 10
    with limit(place, "data", size + (1 << 20)):
        answered = flood(place, 60)
        try:
            reply = client.create_snapshot(machine, 3)
            if reply["ReturnValue"] == "4096" and end_of_job(client, reply)["JobState"] == "7":
                place.made.add(reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1])
        except (Fault, HttpError, *BROKEN):
            client.close()
    print(f"  {answered} of 60 answered", flush=True)
    assert answered < 60, "the limit was never hit"
    assert place.service.process.poll() is None, place.service.log_text()[-2000:]
    check_whole(place)
    assert flood(place, 20) == 20


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
