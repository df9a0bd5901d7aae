# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: CreateSnapshot beside the same libvirt calls, in pairs on one real machine."""

import ctypes
import json
import select
import statistics
import time
import uuid

import picture
from lab import Lab, LabError
from service import Service

MACHINE = "demo"
RUNNING = ("3", "4")  # JobState: Starting, Running
REDEFINE_CURRENT = 1 | 2  # VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE, _CURRENT


class Libvirt:
    """The few calls of libvirt's C library that stand beside ours, on one connection."""

    def __init__(self, uri):
        self.library = ctypes.CDLL("libvirt.so.0")
        self.qemu = ctypes.CDLL("libvirt-qemu.so.0")
        for name in ("virConnectOpen", "virDomainLookupByName", "virDomainSnapshotCreateXML",
                     "virDomainSnapshotLookupByName"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.virGetLastErrorMessage.restype = ctypes.c_char_p
        self.connection = self._called(self.library.virConnectOpen(uri.encode()))
        self.domain = self._called(
            self.library.virDomainLookupByName(ctypes.c_void_p(self.connection), MACHINE.encode()))

    def _called(self, result):
        """A handle, or a status that is 0."""
        if not result:
            raise LabError("libvirt: " + self.library.virGetLastErrorMessage().decode())
        return result

    def close(self):
        self.library.virDomainFree(ctypes.c_void_p(self.domain))
        self.library.virConnectClose(ctypes.c_void_p(self.connection))

    def create(self, xml, flags=0):
        snapshot = self._called(self.library.virDomainSnapshotCreateXML(
            ctypes.c_void_p(self.domain), xml.encode(), ctypes.c_uint(flags)))
        self.library.virDomainSnapshotFree(ctypes.c_void_p(snapshot))

    def monitor(self, command, **arguments):
        """A QMP command's answer."""
        answer = ctypes.c_char_p()
        text = json.dumps({"execute": command, "arguments": arguments})
        status = self.qemu.virDomainQemuMonitorCommand(ctypes.c_void_p(self.domain), text.encode(),
                                                       ctypes.byref(answer), ctypes.c_uint(0))
        self._called(status == 0)
        reply = json.loads(answer.value.decode())  # its few octets are not freed: the bench soon ends
        if "return" not in reply:
            raise LabError(f"QEMU: {reply}")
        return reply["return"]


def follow(client, reference):
    """The job when it has ended, asked for as often as an eager client does."""
    while True:
        job = client.get(reference.resource, reference.selectors)
        if job["JobState"] not in RUNNING:
            return job
        select.select([], [], [], 0.005)


class Pairs:
    """One machine, with the ways to a snapshot of it; each returns seconds, and removes what it made."""

    def __init__(self, lab, client):
        self.lab, self.client = lab, client
        self.machine = client.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{MACHINE}'")[0]["Name"]
        self.libvirt = Libvirt(lab.uri)
        self.disks = [image["inserted"]["node-name"] for image in self.libvirt.monitor("query-block")
                      if "inserted" in image]
        self.kept = {}

    def ours(self, kind):
        """Seconds to the reply, and to the end of the job."""
        begin = time.monotonic()
        answer = self.client.create_snapshot(self.machine, kind)
        replied = time.monotonic()
        if answer["ReturnValue"] not in ("0", "4096"):
            raise LabError(f"CreateSnapshot returned {answer['ReturnValue']}")
        job = follow(self.client, answer["Job"])
        done = time.monotonic()
        if job["JobState"] != "7":
            raise LabError(f"the job ended in state {job['JobState']}: {job['ErrorDescription']}")
        name = answer["ResultingSnapshot"].selectors["InstanceID"].split(":", 1)[1]
        if kind not in self.kept:
            self.kept[kind] = name, self.lab.virsh("snapshot-dumpxml", MACHINE, name)
        self.lab.virsh("snapshot-delete", MACHINE, name)
        return replied - begin, done - begin

    def theirs(self, kind):
        """What the daemon asks of libvirt and of QEMU, and nothing else, from one process."""
        name = str(uuid.uuid4()).upper()
        begin = time.monotonic()
        if kind == 2:
            self.libvirt.create(f"<domainsnapshot><name>{name}</name></domainsnapshot>")
        else:
            own, xml = self.kept[kind]
            self.libvirt.monitor("transaction", actions=[
                {"type": "blockdev-snapshot-internal-sync", "data": {"device": disk, "name": name}}
                for disk in self.disks])
            self.libvirt.create(xml.replace(own, name), REDEFINE_CURRENT)
        done = time.monotonic()
        self.lab.virsh("snapshot-delete", MACHINE, name)
        return done - begin


def measure(lab, options, store):
    """For each type: seconds to the reply, to the end of the job, and of libvirt alone, run by run."""
    service = Service(lab, options.build, settings={"store.path": store} if store else None)
    pairs = Pairs(lab, service.client())
    runs = {}
    for kind in (2, 3):
        pairs.ours(kind)  # the first is not like the others: what it needs is not in any cache
        runs[kind] = [(*pairs.ours(kind), pairs.theirs(kind)) for _ in range(options.rounds)]
    pairs.libvirt.close()
    pairs.client.close()
    service.stop()
    return runs


def bench_snapshots(options):
    panel = picture.Panel("CreateSnapshot: milliseconds that are added to the same libvirt calls (line: wanted at most)", 5)
    with Lab() as lab:
        lab.define(MACHINE)
        print(f"\nCreateSnapshot of a {lab.accel()} machine of 64 MiB, beside the same libvirt calls "
              f"(medians of {options.rounds} pairs)")
        print(f"{'type':<26}{'store':<10}{'reply ms':>9}{'done ms':>9}{'libvirt':>9}{'added':>7}{'ratio':>7}")
        for where, store in (("on disk", None), ("in memory", ":memory:")):  # the difference: durable commits
            for kind, runs in measure(lab, options, store).items():
                title = {2: "2 full (memory, disks)", 3: "3 disks"}[kind]
                replied, done, theirs = (statistics.median(column) * 1000 for column in zip(*runs))
                added = statistics.median(run[1] - run[2] for run in runs) * 1000
                ratio = statistics.median(run[2] / run[1] for run in runs)
                print(f"{title:<26}{where:<10}{replied:>9.1f}{done:>9.1f}{theirs:>9.1f}{added:>7.1f}{ratio:>7.2f}",
                      flush=True)
                panel.add(f"{title}, store {where}", added, f"{added:.1f}, libvirt alone {theirs:.1f}")
    return [panel]
