#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of the daemon at random moments, while it creates, applies, destroys and renames snapshots of several real
QEMU machines at once, now and then also while it starts and settles what the last kill left. Each time it is started
again, and then every job has ended truthfully: store, service, libvirt and disk files tell of the same snapshots, each
of which holds the pattern of its time, and the machines are as the jobs that ended say.

The random numbers come from a seed, which is printed; moments are those of a clock, so a seed repeats what is asked
for, and about when it is interrupted."""

import argparse
import concurrent.futures
import http.client
import os
import random
import select
import signal
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

from lab import Lab, LabError  # noqa: E402
from promises import COMPLETED, FAILED, MACHINES, Machine, ask, listed, settled_jobs  # noqa: E402
from service import Service  # noqa: E402

BROKEN = (OSError, http.client.HTTPException)
LONGEST = 1.2        # seconds from the first request to the kill
IN_JOB = 0.7         # how often it is a third of that from the first job on
AT_START = 0.25      # how often the daemon is killed again while it settles
STARTING = 0.4       # seconds from its start to that
KEEP = 200           # finished jobs that stay visible


class Moment:
    """ready: every machine is about to ask; begun: the first job is; over: the daemon was killed."""

    def __init__(self, parties):
        self.ready, self.begun, self.over = threading.Barrier(parties), threading.Event(), threading.Event()


class Run:
    """All machines, the daemon, and how often it was killed."""

    def __init__(self, lab, options):
        self.lab, self.rng, self.seed = lab, random.Random(options.seed), options.seed
        self.machines = [Machine(lab, row) for row in MACHINES]
        self.service = Service(lab, options.build, users=(("root", "administrator"),),
                               settings={"snapshot.apply_running": "turn-off", "jobs.keep": KEEP, "jobs.threads": 5,
                                         "sweep.seconds": 1})
        self.kills, self.steps, self.cut = 0, 0, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=len(MACHINES))

    def all(self, work):
        """The same for each machine, beside each other."""
        futures = [self.pool.submit(work, machine) for machine in self.machines]
        concurrent.futures.wait(futures)
        for future in futures:
            future.result()

    # Work, until the daemon is killed

    def work(self, machine, rng, moment):
        client = self.service.client("root")
        try:
            client.identify()
            machine.write()
            moment.ready.wait()
            while not moment.over.is_set():
                step = machine.choose(rng)
                if step.method == "CreateSnapshot" and machine.seen:
                    machine.write()
                machine.pending = step
                reply = ask(client, machine, step)
                if reply["ReturnValue"] == "4096":
                    step.job = reply["Job"].selectors["InstanceID"]
                    moment.begun.set()
                job = client.follow(reply)
                assert job is None or job["JobState"] == COMPLETED, (machine.name, str(step), job)
                if step.method == "CreateSnapshot":
                    step.target = reply["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
                machine.settle(step, True, step.target)
                machine.pending = None
                if step.job:
                    machine.seen[step.job] = COMPLETED
                self.steps += 1
                machine.go_home()
        except BROKEN:
            moment.over.wait(60)  # else it was not the kill
            assert moment.over.is_set(), "the daemon does not answer, though nobody has killed it"
        finally:
            client.close()

    def kill(self):
        self.service.process.send_signal(signal.SIGKILL)
        status = self.service.process.wait()
        assert status == -signal.SIGKILL, f"it had ended by itself: {status}\n{self.service.log_text()[-3000:]}"
        self.kills += 1

    def work_and_kill(self):
        streams = [random.Random(f"{self.seed} {self.kills} {machine.name}") for machine in self.machines]
        moment, delay = Moment(len(streams) + 1), self.rng.uniform(0, LONGEST)
        futures = [self.pool.submit(self.work, *each, moment) for each in zip(self.machines, streams)]
        moment.ready.wait(60)
        if self.rng.random() < IN_JOB:
            moment.begun.wait(60)
            delay /= 3
        done = concurrent.futures.wait(futures, delay, concurrent.futures.FIRST_EXCEPTION).done
        over_before = [future for future in done if future.exception()]
        self.kill()
        moment.over.set()
        concurrent.futures.wait(futures)
        for future in over_before + futures:
            future.result()

    def start(self):
        """Now and then it does not come far."""
        while self.rng.random() < AT_START:
            with open(self.lab.dir / self.service.log, "ab") as out:
                self.service.process = self.lab.popen(self.service.command(), stdout=out, stderr=out)
            select.select([os.pidfd_open(self.service.process.pid)], [], [], self.rng.uniform(0, STARTING))
            self.kill()
        self.service.start()

    # Afterwards

    def settle(self, machine, stored):
        """What became of the step that the kill cut short."""
        for job, state in machine.seen.items():
            if job in stored or len(stored) < KEEP:  # else it was among the oldest
                assert stored[job][2] == state, (machine.name, job, stored[job], state)
        step, machine.pending = machine.pending, None
        if not step:
            return
        fresh = [job for job, row in stored.items() if row[0] == machine.id and job not in machine.seen]
        assert len(fresh) < 2, (machine.name, fresh)
        assert not step.job or fresh == [step.job.upper()], f"{machine.name}: {step}: its job has gone"
        _, guid, state = stored[fresh[0]] if fresh else (None, None, "none")
        self.cut[(step.method, state)] = self.cut.get((step.method, state), 0) + 1
        if fresh:
            machine.seen[fresh[0]] = state
            machine.settle(step, state == COMPLETED, guid)

    def check(self):
        client = self.service.client("root")
        stored = settled_jobs(client, self.lab, KEEP)
        there = listed(client, self.machines)
        client.close()
        for machine in self.machines:
            self.settle(machine, stored)
            machine.seen = {job: row[2] for job, row in stored.items() if row[0] == machine.id}
        self.all(lambda machine: machine.check(there[machine.id]))
        self.all(Machine.go_home)

    def one(self):
        self.work_and_kill()
        self.start()
        self.check()

    def doctor(self):
        """Nothing is left that is not whole."""
        said = self.lab.run(self.service.command("doctor"), check=False)
        assert said.returncode == 0, said.stdout


def tell(run, wanted):
    print(f"seed {run.seed}: {run.kills} kills of {wanted}")
    ends = {COMPLETED: "completed", FAILED: "failed", "none": "not begun"}
    print("cut short, and what became of it:")
    for method in sorted({method for method, _ in run.cut}):
        print(f"  {method:<20}" + ", ".join(f"{count} {ends.get(state, state)}" for (name, state), count
                                            in sorted(run.cut.items()) if name == method))
    print(f"{run.steps} more steps came to their end before a kill")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=30, help="no further kill after so many (30)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    print(f"{options.kills} kills, {options.minutes:g} minutes at most, seed {options.seed} (--seed)", flush=True)
    failed, begin, told = 0, time.monotonic(), 0
    try:
        with Lab() as lab:
            run = Run(lab, options)
            try:
                while run.kills < options.kills and time.monotonic() - begin < options.minutes * 60:
                    run.one()
                    if run.kills // 20 > told:
                        told = run.kills // 20
                        print(f"  {run.kills} kills, {time.monotonic() - begin:.0f} s", flush=True)
                run.doctor()
                run.service.stop()
            except (Exception, AssertionError):  # whatever it is, it is a finding
                failed = 1
                print(f"after {run.kills} kills: FAILED\n{traceback.format_exc()}", flush=True)
                run.service.keep_log(os.path.join(options.build, "kill"))
                print(f"the daemon's log is {options.build}/kill/cimsnapd.log")
            tell(run, options.kills)
    except LabError as error:
        failed = 1
        print(f"kill: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(f"kill.py: {0 if failed else run.kills} passed, {failed} failed")
    sys.exit(failed)


if __name__ == "__main__":
    main()
