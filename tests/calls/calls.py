#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every call into the system, SQLite and libvirt fails once, in turn, while a real daemon works.

    calls.py --build build/asan [--only NAME]... [--stage start|flow|stop|SCENE]... [--backend memory|libvirt]
             [--place HEX] [--trace]

Each call of calls.def fails at each place it is made from (a whole stack of callers), one place at a time:
while the daemon starts, in the sample flow, in what is done to a machine that has snapshots and what is read of it (the
scenes of changes.py; places that failed in the flow do not again), and while it stops. What a client then sees is the reply
as always, or a fault that says why; where the socket itself broke, an end of the connection. Afterwards the jobs
have ended, what was acknowledged exists and nothing else does, the next flow is fine, and no descriptor, thread or
memory is left over. Calls into libvirt fail on a real QEMU machine.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

from agent import BOOT, Agent  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from orphans import Adopted  # noqa: E402
from place import MACHINE, Place, Wrong  # noqa: E402
from plan import rows  # noqa: E402
from changes import SCENES, WITH_GUEST, Changed, run_scenes  # noqa: E402

MOST = 300         # places of one call in one stage
SECONDS = 5        # of a flow in which nothing fails any more, at most; half of one is usual
STAGES = ("start", "flow", "stop")
NAMES = tuple(scene.name for scene in SCENES)
CLOSING = re.compile(r"^never called with \w+: (.*)\ncalls: (\d+) passed, (\d+) failed\n\Z", re.M)
# What fails in the scenes on libvirt besides its own calls: what the backend calls for itself, and writing down what is
# done. The rest of the system and of SQLite fails on the memory backend.
BESIDES = re.compile(r"fcntl|open|pipe2|posix_spawnp|read|statvfs|waitpid|sqlite3_step")
# They cannot fail, or only for a caller's mistake that the compiler sees.
INFALLIBLE = re.compile(
    r"sqlite3_(column_\w+|get_autocommit|errcode|errmsg|extended_errcode|clear_bindings)|virGetLastError(Message)?|virSetErrorFunc|"
    r"vir\w+Free|virConnectClose|virTypedParams\w+|virEvent(RegisterImpl|(Remove|Update)Timeout)")


def check_table(build):
    """Each call into SQLite and libvirt that the daemon makes stands in the table."""
    symbols = subprocess.run(["nm", "-D", "--undefined-only", os.path.join(build, "cimsnapd")], check=True,
                             capture_output=True, text=True).stdout
    used = set(re.findall(r"\b((?:sqlite3_|vir)\w+)", symbols))
    missing = {name for name in used - {row.name for row in rows()} if not INFALLIBLE.fullmatch(name)}
    if missing:
        raise Wrong(f"not in calls.def: {' '.join(sorted(missing))}")


class Run:
    """The places of one call in one stage."""

    def __init__(self, place, row, when, stage, only):
        self.place, self.plan = place, place.plan
        self.row, self.stage = row, stage
        self.plan.begin([row], when, only, stage == "start")

    def failed(self, before):
        return self.plan.failures() > before

    def start(self):
        """One start with the next place failing; False when there is none."""
        before = self.plan.failures()
        if self.place.module == "memory":  # its snapshots went with the last one
            self.place.fresh()
        self.plan.arm()
        said = self.place.start()
        self.plan.disarm()
        if not self.failed(before):
            self.finish(said)
            return False
        if said is not None:
            if not re.search(r"^cimsnapd: \S.*\S", said, re.M):
                raise Wrong("it did not start, and does not say why")
            status = self.place.service.process.returncode
            if status != 1:
                raise Wrong(f"it did not start, with exit status {status}")
            self.place.check_report()
            return True
        odd = self.place.flow()
        if odd and not re.search("level=(warning|error)", self.place.service.log_text()):
            raise Wrong(f"it started, and nothing told of {odd}")
        self.settle(without="status" if any(text.startswith("status") for text in odd) else None)
        self.place.check_truth()
        self.finish()
        return True

    def finish(self, said=None):
        if said is not None:
            raise Wrong("it does not start, and no call failed")
        status = self.place.stop()
        if status != 0:
            raise Wrong(f"it stopped with exit status {status}")
        self.place.check_report()

    def flow(self):
        """One flow with the next place failing; False when there is none."""
        before = self.plan.failures()
        self.plan.arm()
        odd = self.place.flow()
        self.plan.disarm()
        if not self.failed(before):
            if odd:
                raise Wrong(f"no call failed, and yet: {odd}")
            return False
        self.settle()
        self.place.check_truth()
        self.place.check_counts(self.counts, 8 if self.place.module == "libvirt" else 0)
        return True

    def settle(self, without=None):
        """The next flow is fine and fast; libvirt may be given a second to be asked again, as documented. A service
        that began without its status socket, as it may, has none later."""
        begin = time.monotonic()
        end = begin + 8
        while odd := [text for text in self.place.flow(self.place.kinds[:1]) if not without or not text.startswith(without)]:
            if time.monotonic() > end or self.place.module == "memory" and "status" not in odd[0]:
                raise Wrong(f"the next flow: {odd}")
            begin = time.monotonic()
        if time.monotonic() - begin > SECONDS:
            raise Wrong(f"the next flow takes {time.monotonic() - begin:.1f} s")

    def stop(self):
        """One stop with the next place failing."""
        self.expect_start()
        odd = self.place.flow()
        if odd:
            raise Wrong(f"before the stop: {odd}")
        self.place.check_truth()
        before = self.plan.failures()
        self.plan.arm()
        self.finish()
        self.plan.disarm()
        if self.place.module == "memory":
            self.place.made, self.place.tickets = dict.fromkeys(self.place.made), {}
        return self.failed(before)

    def expect_start(self):
        if self.place.start() is not None:
            raise Wrong("it does not start any more")

    def all(self):
        """Each place in turn; how many there were."""
        self.place.fresh()
        if self.stage == "flow":
            self.expect_start()
            if odd := self.place.flow():
                raise Wrong(f"before anything failed: {odd}")
            self.place.check_truth()
            self.counts = self.place.counts()
        count = 0
        while count < MOST and getattr(self, self.stage)():
            count += 1
        if self.stage == "flow":
            self.finish()
        return count


def learn(place):
    """Which calls are made in each stage."""
    seen = {}
    place.fresh()
    place.plan.forget()
    if place.start() is not None:
        raise Wrong("it does not start")
    seen["start"] = place.plan.seen()
    place.plan.forget()
    if odd := place.flow():
        raise Wrong(f"before anything failed: {odd}\n{place.log_tail()}")
    place.check_truth()
    seen["flow"] = place.plan.seen()
    place.plan.forget()
    if place.stop() != 0:
        raise Wrong("it does not stop well")
    seen["stop"] = place.plan.seen()
    return {stage: {name for name, count in names.items() if count} for stage, names in seen.items()}


def run_row(place, row, stage, options, totals):
    for when in row.whens:
        begin = time.monotonic()
        run = Run(place, row, when, stage, int(options.place or "0", 16))
        try:
            count = run.all()
            totals[0] += count
            print(f"  {place.module} {stage} {row.name}: {count} places, {time.monotonic() - begin:.1f} s", flush=True)
        except (Wrong, LabError, OSError) as wrong:
            totals[1] += 1
            print(f"FAILED {place.module} {stage} {row.name}, place {place.plan.last():016x}: {wrong}\n"
                  f"{place.log_tail()}\n", flush=True)
            place.plan.disarm()
            place.service.process.kill()
            place.service.process.wait()


def names_seen(options, module):
    """The calls that are made at all on that backend."""
    with Lab(libvirtd=False) as lab:
        return set().union(*learn(Place(lab, os.path.join(options.build, "calls"), module)).values())


def wanted_rows(options, module, scenes):
    """Those that fail on that backend: all; on libvirt its own, and what is called there only; in a scene some besides."""
    table = [row for row in rows() if not options.only or row.name in options.only]
    if module == "memory":
        return [row for row in table if row.group != "libvirt"]
    if scenes:
        return [row for row in table if row.group == "libvirt" or options.only or BESIDES.fullmatch(row.name)]
    elsewhere = names_seen(options, "memory")
    return [row for row in table if row.group == "libvirt" or row.name not in elsewhere]


def run_stages(options, place, table, totals):
    """Names of what was called."""
    seen = learn(place)
    for stage in STAGES:
        for row in table:
            if stage in options.stage and row.name in seen[stage]:
                run_row(place, row, stage, options, totals)
    place.service.stop()
    return set().union(*seen.values())


def run_backend(options, module, totals):
    scenes = [scene for scene in SCENES if scene.name in options.stage]
    table = wanted_rows(options, module, scenes)
    called = set()
    with Lab(libvirtd=module == "libvirt") as lab, contextlib.ExitStack() as stack:
        guest = {}
        if module == "libvirt" and WITH_GUEST & set(options.stage):
            guest["agent"] = stack.enter_context(Agent(lab, MACHINE))
        if module == "libvirt":
            lab.define(MACHINE, disks=2, size="16M", memory=16,
                       **({"agent": guest["agent"].path, "code": BOOT, "screen": True} if guest else {}))
        place = (Changed if scenes else Place)(lab, os.path.join(options.build, "calls"), module, options.trace, **guest)
        if set(STAGES) & set(options.stage):
            called |= run_stages(options, place, table, totals)
        if scenes:
            place.plan.forget()
            with Adopted(lab, MACHINE) if module == "libvirt" else contextlib.nullcontext():
                run_scenes(place, table, scenes, int(options.place or "0", 16), totals)
            called |= {name for name, count in place.plan.seen().items() if count}
    print(f"never called with {module}:", " ".join(sorted({row.name for row in table} - called)) or "none")


def run_all(options, totals):
    """Beside each other; each with the arguments that came."""
    parts = (("memory", (*STAGES, *NAMES)), ("libvirt", STAGES), ("libvirt", [name for name in NAMES if name not in WITH_GUEST]),
             ("libvirt", WITH_GUEST))
    runs = []
    for module, stages in parts:
        if chosen := [stage for stage in stages if stage in options.stage]:
            words = [word for stage in chosen for word in ("--stage", stage)]
            runs.append((module, subprocess.Popen([sys.executable, *sys.argv, "--backend", module, *words],
                                                  stdout=subprocess.PIPE, text=True)))
    never = {}
    for module, run in runs:
        text = run.communicate()[0]
        closing = CLOSING.search(text)
        print(text[:closing.start()] if closing else text, end="", flush=True)
        for i, number in enumerate(closing.groups()[1:] if closing else (0, 1)):
            totals[i] += int(number)
        if closing:
            names = set(closing.group(1).split())
            never[module] = never.get(module, names) & names
    for module, names in never.items():
        print(f"never called with {module}:", " ".join(sorted(names)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/asan")
    parser.add_argument("--only", action="append")
    parser.add_argument("--stage", choices=(*STAGES, *NAMES), action="append")
    parser.add_argument("--backend", choices=("memory", "libvirt"))
    parser.add_argument("--place", help="one place, as a failure names it")
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    options.stage = options.stage or (*STAGES, *NAMES)
    check_table(options.build)
    totals = [0, 0]
    if options.backend:
        run_backend(options, options.backend, totals)
    else:
        run_all(options, totals)
    print(f"calls: {totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
