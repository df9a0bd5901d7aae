# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: CreateSnapshot beside the very calls of libvirt that it makes, in pairs on real machines."""

import concurrent.futures
import contextlib
import os
import select
import statistics
import time
import uuid

import picture
from lab import Lab, LabError
from replay import RecordedSocket, Replay, changes_something
from service import Service

MACHINE = "demo"
RUNNING = ("3", "4")  # JobState: Starting, Running
TITLES = {2: "2 full (memory, disks)", 3: "3 disks"}
CROWD, CROWD_MEMORY = 100, 16  # machines at once, and MiB of each


def follow(client, reference, pause=0.001):
    """The job when it has ended; of one it is asked for more often than any client does, as what is measured is not the
    asking."""
    while True:
        job = client.get(reference.resource, reference.selectors)
        if job["JobState"] not in RUNNING:
            return job
        select.select([], [], [], pause)


def ended_well(client, answer, pause=0.001):
    job = follow(client, answer["Job"], pause)
    if job["JobState"] != "7":
        raise LabError(f"the job ended in state {job['JobState']}: {job['ErrorDescription']}")
    return answer["ResultingSnapshot"].selectors["InstanceID"].split(":", 1)[1]


@contextlib.contextmanager
def recorded(lab, build, settings):
    """The daemon, a client of it, and the record of what it asks of libvirtd."""
    behind, path = lab.uri.split("socket=")[1], str(lab.dir / f"recorded-{uuid.uuid4()}.sock")
    owner = (lab.dir.stat().st_uid, lab.dir.stat().st_gid)
    with RecordedSocket(path, behind, owner) as record:
        service = Service(lab, build, uri=lab.uri.replace(behind, path), settings={"sweep.seconds": 0, **settings})
        with contextlib.closing(service.client()) as client:
            yield client, record, behind
        service.stop()


class Pairs:
    """One machine, with the ways to a snapshot of it; each returns seconds, and removes what it made."""

    def __init__(self, lab, client, record, path):
        self.lab, self.client, self.record, self.path = lab, client, record, path
        self.machine = lab.virsh("domuuid", MACHINE).strip().upper()

    def ours(self, kind):
        """Seconds to the reply, and to the end of the job."""
        begin = time.monotonic()
        answer = self.client.create_snapshot(self.machine, kind)
        replied = time.monotonic()
        self.name = ended_well(self.client, answer)
        done = time.monotonic()
        self.lab.virsh("snapshot-delete", MACHINE, self.name)
        return replied - begin, done - begin

    def learn(self, kind):
        """What ours() asks of libvirt; the first run of its kind, with what is in no cache yet, goes before."""
        self.ours(kind)
        mark = self.record.mark()
        self.ours(kind)
        opening, self.calls = self.record.since(mark)
        self.replay, self.learnt = Replay(self.path, opening), self.name

    def theirs(self, wanted=lambda call: True):
        """Seconds for those of the same calls."""
        name = str(uuid.uuid4()).upper()
        begin = time.monotonic()
        self.replay.make(filter(wanted, self.calls), [(self.learnt.encode(), name.encode())])
        done = time.monotonic()
        self.lab.virsh("snapshot-delete", MACHINE, name)
        return done - begin


def measure(lab, options, store):
    """For each type, run by run: seconds to the reply, to the end, of the same calls alone, of those that change."""
    runs = {}
    with recorded(lab, options.build, {"store.path": store} if store else {}) as (client, record, path):
        pairs = Pairs(lab, client, record, path)
        for kind in TITLES:
            pairs.learn(kind)
            runs[kind] = [(*pairs.ours(kind), pairs.theirs(), pairs.theirs(changes_something))
                          for _ in range(options.rounds)]
            pairs.replay.close()
    return runs


def bench_pairs(options, panel):
    with Lab() as lab:
        lab.define(MACHINE)
        print(f"\nCreateSnapshot of a {lab.accel()} machine of 64 MiB, beside the same calls of libvirt made without the "
              f"service, and beside those of them that change something (medians of {options.rounds} pairs)")
        print(f"{'type':<26}{'store':<10}{'reply ms':>9}{'done ms':>9}{'same':>7}{'added':>7}{'ratio':>7}{'changes':>9}")
        for where, store in (("on disk", None), ("in memory", ":memory:")):  # the difference: durable commits
            for kind, runs in measure(lab, options, store).items():
                replied, done, same, fewest = (statistics.median(column) * 1000 for column in zip(*runs))
                added = statistics.median(run[1] - run[2] for run in runs) * 1000
                ratio = statistics.median(run[1] / run[2] for run in runs)
                print(f"{TITLES[kind]:<26}{where:<10}{replied:>9.1f}{done:>9.1f}{same:>7.1f}{added:>7.1f}{ratio:>7.2f}"
                      f"{fewest:>9.1f}", flush=True)
                panel.add(f"{TITLES[kind]}, store {where}", added, f"{added:.1f}, libvirt alone {same:.1f}")


class Crowd:
    """Machines that run, and a snapshot of each at once."""

    def __init__(self, lab, client, record, path):
        self.lab, self.client = lab, client
        for name in self.names():
            lab.define(name, memory=CROWD_MEMORY)
        self.ids = {name: lab.virsh("domuuid", name).strip().upper() for name in self.names()}
        self.known = {name: self.learn(record, path, name) for name in self.names()}

    def learn(self, record, path, name):
        """What a create asks of libvirt: its calls, which snapshot they name, a connection to make them again."""
        mark = record.mark()
        snapshot = ended_well(self.client, self.client.create_snapshot(self.ids[name], 3))
        opening, calls = record.since(mark)
        return calls, snapshot, Replay(path, opening)

    @staticmethod
    def names():
        return [f"m-{i:03}" for i in range(CROWD)]

    def close(self):
        for _, _, replay in self.known.values():
            replay.close()

    def ours(self):
        begin = time.monotonic()
        answers = [self.client.create_snapshot(self.ids[name], 3) for name in self.names()]
        for answer in answers:
            ended_well(self.client, answer, pause=0.02)  # the client is no load of its own
        return time.monotonic() - begin

    def again(self, name):
        calls, snapshot, replay = self.known[name]
        replay.make(calls, [(snapshot.encode(), str(uuid.uuid4()).upper().encode())])

    def theirs(self, threads):
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.again, self.names()))
        return time.monotonic() - begin

    def count(self):
        return sum(len(self.lab.virsh("snapshot-list", name, "--name").split()) for name in self.names())


def bench_crowd(options, panel):
    print(f"\na snapshot of the disks of {CROWD} machines at once, of {CROWD_MEMORY} MiB each; libvirt: the same calls, from as "
          "many clients as is fastest", flush=True)
    with Lab() as lab, recorded(lab, options.build, {"jobs.threads": os.cpu_count() * 2}) as parts:
        crowd = Crowd(lab, *parts)
        runs = []
        for _ in range(max(1, options.rounds // 2)):
            before = crowd.count()
            runs.append((crowd.ours(), min(crowd.theirs(threads) for threads in (2, 4, 20))))
            if crowd.count() - before != 4 * CROWD:
                raise LabError("not every machine has its snapshots")
        crowd.close()
    ours, theirs = (statistics.median(column) for column in zip(*runs))
    ratio = statistics.median(run[0] / run[1] for run in runs)
    print(f"ours {ours:.2f} s, libvirt {theirs:.2f} s, ratio {ratio:.2f} (wanted: at most 1.1)", flush=True)
    panel.add("100 machines at once: times libvirt's", ratio, f"{ratio:.2f} of {theirs:.2f} s")


def bench_snapshots(options):
    added = picture.Panel("CreateSnapshot: milliseconds added to the same libvirt calls (line: wanted at most)", 5)
    crowd = picture.Panel("100 machines at once (line: wanted at most)", 1.1)
    bench_pairs(options, added)
    bench_crowd(options, crowd)
    return [added, crowd]
