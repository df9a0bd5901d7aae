#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every call into the system, SQLite and libvirt fails once, in turn, while a real daemon works.

    calls.py --build build/asan [--only NAME]... [--stage start|flow|stop] [--backend memory|libvirt]
             [--place HEX] [--trace]

Each call of calls.def fails at each place it is made from (a whole stack of callers), one place at a time:
while the daemon starts, in the sample flow, and while it stops. What a client then sees is the reply as always,
or a fault that says why; where the socket itself broke, an end of the connection. Afterwards the jobs have
ended, what was acknowledged exists and nothing else does, the next flow is fine, and no descriptor, thread or
memory is left over. Calls into libvirt fail on a real QEMU machine.
"""

import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

from lab import Lab, LabError  # noqa: E402
from place import MACHINE, Place, Wrong  # noqa: E402
from plan import rows  # noqa: E402

MOST = 300         # places of one call in one stage
SECONDS = 5        # of a flow in which nothing fails any more, at most; half of one is usual
STAGES = ("start", "flow", "stop")
# They cannot fail, or only for a caller's mistake that the compiler sees.
INFALLIBLE = re.compile(
    r"sqlite3_(column_\w+|errcode|errmsg|extended_errcode|clear_bindings)|virGetLastError(Message)?|virSetErrorFunc|"
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
        self.plan.begin(row, when, only, stage == "start")

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


def run_backend(options, module, totals):
    table = [row for row in rows() if not options.only or row.name in options.only]
    wanted = {row.name for row in table if row.group != "libvirt"}
    if module == "libvirt":  # and what is called there only
        wanted = {row.name for row in table if row.group == "libvirt"} | wanted - names_seen(options, "memory")
    with Lab(libvirtd=module == "libvirt") as lab:
        if module == "libvirt":
            lab.define(MACHINE, disks=2, size="16M", memory=16)
        place = Place(lab, os.path.join(options.build, "calls"), module, options.trace)
        seen = learn(place)
        for stage in STAGES:
            for row in table:
                if options.stage in (None, stage) and row.name in wanted & seen[stage]:
                    run_row(place, row, stage, options, totals)
        place.service.stop()
    if not options.only:
        print(f"never called with {module}:", " ".join(sorted(wanted - set().union(*seen.values()))) or "none")


def run_both(totals):
    """Beside each other; each with the arguments that came."""
    runs = [subprocess.Popen([sys.executable, *sys.argv, "--backend", module], stdout=subprocess.PIPE, text=True)
            for module in ("memory", "libvirt")]
    for run in runs:
        text = run.communicate()[0]
        closing = re.search(r"^calls: (\d+) passed, (\d+) failed\n\Z", text, re.M)
        print(text[:closing.start()] if closing else text, end="", flush=True)  # one closing line for both
        for i, number in enumerate(closing.groups() if closing else (0, 1)):
            totals[i] += int(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/asan")
    parser.add_argument("--only", action="append")
    parser.add_argument("--stage", choices=STAGES)
    parser.add_argument("--backend", choices=("memory", "libvirt"))
    parser.add_argument("--place", help="one place, as a failure names it")
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    check_table(options.build)
    totals = [0, 0]
    if options.backend:
        run_backend(options, options.backend, totals)
    else:
        run_both(totals)
    print(f"calls: {totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
