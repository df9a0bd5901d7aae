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
from replay import Library, RecordedSocket, Replay, changes_something
from service import Service
from wsman import create_envelope

MACHINE = "demo"
RUNNING = ("3", "4")  # JobState: Starting, Running
TITLES = {2: "2 full (memory, disks)", 3: "3 disks"}
PATIENCE_MS = 10000  # more than any of them takes
CROWD, CROWD_MEMORY = 100, 16  # machines at once, and MiB of each
CLIENTS = (4, 20, CROWD)
STORES = (("on disk", {}), ("in memory", {"store.path": ":memory:"}))  # the difference: durable commits


def follow(client, reference):
    """The job when it has ended."""
    while True:
        job = client.get(reference.resource, reference.selectors)
        if job["JobState"] not in RUNNING:
            return job
        select.select([], [], [], 0.001)


def ended_well(client, answer):
    if answer["ReturnValue"] != "0":  # else it is done, and there is no job to follow
        job = follow(client, answer["Job"])
        if job["JobState"] != "7":
            raise LabError(f"the job ended in state {job['JobState']}: {job['ErrorDescription']}")
    return answer["ResultingSnapshot"].selectors["InstanceID"].split(":", 1)[1]


@contextlib.contextmanager
def serving(lab, build, settings, uri=None, clients=1):
    """The daemon, and so many clients of it."""
    service = Service(lab, build, uri=uri or lab.uri, settings={"sweep.seconds": 0, **settings})
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(service.client())) for _ in range(clients)]
    service.stop()


class Known:
    """What a create asks of libvirt, to be asked again for other snapshots, by a client that has it ready."""

    def __init__(self, path, record, mark, snapshot):
        opening, self.calls = record.since(mark)
        self.replay, self.snapshot = Replay(path, opening), snapshot

    def _renamed(self):
        """A new snapshot's name, and what that changes in the calls."""
        name = str(uuid.uuid4()).upper()
        return name, [(self.snapshot.encode(), name.encode())]

    def again(self, wanted=lambda call: True):
        """Makes those of the calls; the new snapshot."""
        name, changes = self._renamed()
        self.replay.make(filter(wanted, self.calls), changes)
        return name

    def add_to(self, library, thread):
        library.add(thread, self.calls, self._renamed()[1])

    def close(self):
        self.replay.close()


def learn(lab, build, orders):
    """Creates each (machine's id, kind) of the orders through a socket that records; each one's Known. What is measured
    later goes to libvirtd directly, on both sides."""
    behind, path = lab.uri.split("socket=")[1], str(lab.dir / f"recorded-{uuid.uuid4()}.sock")
    owner, known = (lab.dir.stat().st_uid, lab.dir.stat().st_gid), {}
    with RecordedSocket(path, behind, owner) as record, \
            serving(lab, build, {}, lab.uri.replace(behind, path)) as (client,):
        for machine, kind in orders:
            mark = record.mark()
            snapshot = ended_well(client, client.create_snapshot(machine, kind))
            known[machine, kind] = Known(behind, record, mark, snapshot)
    return known


class Pairs:
    """One machine, with the ways to a snapshot of it; each returns seconds, and removes what it made."""

    def __init__(self, lab, client, machine):
        self.lab, self.client, self.machine = lab, client, machine

    def ours(self, kind):
        """Seconds to the reply."""
        begin = time.monotonic()
        answer = self.client.create_snapshot(self.machine, kind)
        replied = time.monotonic()
        self.lab.virsh("snapshot-delete", MACHINE, ended_well(self.client, answer))
        return replied - begin

    def theirs(self, known, *wanted):
        """Seconds for those of the same calls."""
        begin = time.monotonic()
        name = known.again(*wanted)
        done = time.monotonic()
        self.lab.virsh("snapshot-delete", MACHINE, name)
        return done - begin


def measure(lab, options, store):
    """For each type: seconds to the reply that names a job, run by run; and to the one of a daemon that replies when the
    job has ended, of the same calls alone, of those that change. A client that asked all the time whether it has ended
    would take its share of the processors."""
    replies, runs, machine = {}, {}, lab.virsh("domuuid", MACHINE).strip().upper()
    known = {}
    for kind in TITLES:  # each with no snapshot before it, as they are measured
        known |= learn(lab, options.build, [(machine, kind)])
        lab.virsh("snapshot-delete", MACHINE, known[machine, kind].snapshot)
    with serving(lab, options.build, store) as (client,):
        pairs = Pairs(lab, client, machine)
        for kind in TITLES:
            pairs.ours(kind)  # the first is not like the others: what it needs is not in any cache
            replies[kind] = [pairs.ours(kind) for _ in range(options.rounds)]
    with serving(lab, options.build, {"snapshot.job_grace_ms": PATIENCE_MS, **store}) as (client,):
        pairs = Pairs(lab, client, machine)
        for kind in TITLES:
            pairs.ours(kind)
            one = known[machine, kind]
            runs[kind] = [(pairs.ours(kind), pairs.theirs(one), pairs.theirs(one, changes_something))
                          for _ in range(options.rounds)]
            one.close()
    return replies, runs


def bench_pairs(options, panel):
    with Lab() as lab:
        lab.define(MACHINE)
        print(f"\nCreateSnapshot of a {lab.accel()} machine of 64 MiB, beside the same calls of libvirt made without the "
              f"service, and beside those of them that change something (medians of {options.rounds} pairs)")
        print(f"{'type':<26}{'store':<10}{'reply ms':>9}{'done ms':>9}{'same':>7}{'added':>7}{'ratio':>7}{'changes':>9}")
        for where, store in STORES:
            replies, pairs = measure(lab, options, store)
            for kind, runs in pairs.items():
                replied = statistics.median(replies[kind]) * 1000
                done, same, fewest = (statistics.median(column) * 1000 for column in zip(*runs))
                added = statistics.median(run[0] - run[1] for run in runs) * 1000
                ratio = statistics.median(run[0] / run[1] for run in runs)
                print(f"{TITLES[kind]:<26}{where:<10}{replied:>9.1f}{done:>9.1f}{same:>7.1f}{added:>7.1f}{ratio:>7.2f}"
                      f"{fewest:>9.1f}", flush=True)
                panel.add(f"{TITLES[kind]}, store {where}", added, f"{added:.1f}, libvirt alone {same:.1f}")


class Crowd:
    """Machines that run, and a snapshot of each at once, by several clients."""

    def __init__(self, lab, build):
        self.lab, self.build = lab, build
        for name in self.names():
            lab.define(name, memory=CROWD_MEMORY)
        self.ids = [lab.virsh("domuuid", name).strip().upper() for name in self.names()]
        orders = [(machine, 3) for machine in self.ids]
        for one in learn(lab, build, orders).values():  # each has a snapshot, as it has whenever it is measured
            one.close()
        self.known = learn(lab, build, orders)

    @staticmethod
    def names():
        return [f"m-{i:03}" for i in range(CROWD)]

    def count(self):
        return sum(len(self.lab.virsh("snapshot-list", name, "--name").split()) for name in self.names())

    @staticmethod
    def timed(work, parts):
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(work, parts))
        return time.monotonic() - begin

    def split(self, threads):
        return [self.ids[i::threads] for i in range(threads)]

    def ours(self, clients):
        """The clients are connected, and have their requests ready, as those of libvirt have theirs."""
        def create(part):
            client, requests = part
            for request in requests:  # each answer comes when its snapshot is there
                reply = client.post(request)[1]
                if ">0</p:ReturnValue>" not in reply:
                    raise LabError(f"no snapshot was made: {reply}")
        for client in clients:
            client.identify()
        return self.timed(create, [(client, [create_envelope(machine, 3) for machine in machines])
                                   for client, machines in zip(clients, self.split(len(clients)))])

    def theirs(self, threads):
        def create(machines):
            for machine in machines:
                self.known[machine, 3].again()
        return self.timed(create, self.split(threads))

    def library(self, threads):
        program = os.path.join(self.build, "bench/calls")
        calls = Library(program, self.lab.uri)
        for thread, machines in enumerate(self.split(threads)):
            for machine in machines:
                self.known[machine, 3].add_to(calls, thread)
        return calls.run()


def crowd_runs(lab, options, crowd, store):
    """Round by round, for each number of clients the seconds: ours, of libvirt's library, of libvirtd alone."""
    settings = {"snapshot.job_grace_ms": PATIENCE_MS, "server.workers": 16, **store}  # each waits for a job meanwhile
    runs = []
    with serving(lab, options.build, settings, clients=max(CLIENTS)) as clients:
        for _ in range(options.rounds):
            before = crowd.count()
            runs.append([(crowd.ours(clients[:threads]), crowd.library(threads), crowd.theirs(threads)) for threads in CLIENTS])
            if crowd.count() - before != 9 * CROWD:
                raise LabError("not every machine has its snapshots")
    return runs


def crowd_row(panel, where, title, runs):
    """runs: of each round ours, of libvirt's library, of libvirtd alone."""
    ours = statistics.median(run[0] for run in runs)
    print(f"{where:<11}{title:<16}{ours:>6.2f}", end="")
    for at in (1, 2):
        theirs, ratio = statistics.median(run[at] for run in runs), statistics.median(run[0] / run[at] for run in runs)
        print(f"{theirs:>18.2f}{ratio:>7.2f}", end="")
        if at == 1:
            panel.add(f"store {where}, {title}", ratio, f"{ratio:.2f} of {theirs:.2f} s")
    print(flush=True)


def bench_crowd(options, panel):
    print(f"\na snapshot of the disks of {CROWD} machines at once, of {CROWD_MEMORY} MiB each, beside the same calls through libvirt's "
          f"library and without it (seconds, medians of {options.rounds} rounds; wanted at most 1.1 of the library)")
    print(f"{'store':<11}{'clients':<16}{'ours':>6}{'library':>18}{'ratio':>7}{'libvirtd alone':>18}{'ratio':>7}", flush=True)
    for where, store in STORES:
        with Lab() as lab:  # each has as many snapshots when it is measured
            crowd = Crowd(lab, options.build)
            runs = crowd_runs(lab, options, crowd, store)
            for one in crowd.known.values():
                one.close()
        for at, threads in enumerate(CLIENTS):
            crowd_row(panel, where, str(threads), [run[at] for run in runs])
        crowd_row(panel, where, "fastest of each", [[min(column) for column in zip(*run)] for run in runs])


def bench_snapshots(options):
    added = picture.Panel("CreateSnapshot: milliseconds added to the same libvirt calls (line: wanted at most)", 5)
    crowd = picture.Panel("100 machines at once (line: wanted at most)", 1.1)
    bench_pairs(options, added)
    bench_crowd(options, crowd)
    return [added, crowd]
