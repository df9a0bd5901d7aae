# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon of which one call fails: the sample flow through it, and what must hold afterwards."""

import http.client
import os
import re
import select
import signal
import socket
import subprocess
import time
import xml.etree.ElementTree as ET

from lab import LabError
from plan import Plan
from service import Service
from wsman import NS, V2, Fault, HttpError, enumerate_body, envelope, instance, pull_body

SECONDS = 40       # until a job must have ended
MACHINE = "calls"
SNAPSHOTS = "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"
BROKEN = (OSError, http.client.HTTPException)
REPORT = re.compile(r"runtime error:|ERROR: (Address|Leak|UndefinedBehavior)Sanitizer|Assertion|core dumped")
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1"}


class Wrong(Exception):
    pass


def bulk(client, wql, namespace=V2):
    """All instances in as few replies as may be."""
    root = client.call(envelope(NS["n"] + "/Enumerate", namespace + "*", body=enumerate_body(wql, optimize=True, most=1000)))
    while True:
        for items in (*root.iterfind(".//w:Items", NS), *root.iterfind(".//n:Items", NS)):
            yield from (instance(item) for item in items)
        context = root.findtext(".//n:EnumerationContext", "", NS)
        if not context:
            return
        root = client.call(envelope(NS["n"] + "/Pull", namespace + "*", body=pull_body(context, 1000)))


class Place:
    """One daemon on one backend: "memory" or "libvirt" (with a real machine)."""

    def __init__(self, lab, build, module, trace=False):
        self.lab, self.module = lab, module
        self.plan = Plan(lab.write("calls.plan", Plan.octets()))
        self.env = {"CIMSNAPD_CALLS": self.plan.path, **SANITIZERS}
        if trace:
            self.env["CIMSNAPD_CALLS_TRACE"] = "1"
        self.kinds = (2,) if module == "memory" else (3, 2)
        self.service = Service(lab, build, users=(("root", "administrator"),), module=module,
                               uri=None if module == "libvirt" else f"memory:?vms={MACHINE}:running",
                               settings={"sweep.seconds": 0, "jobs.keep": 100000, "audit.file": lab.dir / "state/audit",
                                         "server.loops": 1, "server.workers": 2, "jobs.threads": 1,
                                         "auth.check_threads": 1, "snapshot.apply_running": "turn-off"})
        self.service.stop()
        self.crashed, self.crashed_jobs = {}, []
        if module == "memory":
            self.crash()

    # Life

    def fresh(self):
        """Nothing is left of what was; or what a crash left, once crash() was called."""
        for path in (*self.lab.dir.glob("state/state.db*"), *self.lab.dir.glob("state/audit*")):
            path.unlink()
        for name, octets in self.crashed.items():
            self.lab.write(f"state/{name}", octets)
        stale = self.lab.dir / "state/status.sock"
        if self.crashed and not stale.exists():
            with socket.socket(socket.AF_UNIX) as end:
                end.bind(str(stale))
            self.lab.give(stale)
        if self.module == "libvirt":
            names = self.lab.virsh("snapshot-list", MACHINE, "--name").split()
            self.lab.virsh("; ".join(f"snapshot-delete {MACHINE} {name}" for name in names) or "version")
        self.made = dict.fromkeys(self.crashed_jobs)
        self.tickets = {}
        self.begin_log()

    def crash(self):
        """Leaves for each fresh() a store with a job that never ended. (memory)"""
        self.service.settings["backend.uri"] = f"memory:?vms={MACHINE}:running&delay_ms=60000"
        self.service.rewrite()
        self.service.start()
        client = self.service.client("root")
        machine = client.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{MACHINE}'")[0]["Name"]
        self.crashed_jobs = [client.create_snapshot(machine)["Job"].selectors["InstanceID"] for _ in range(2)]
        client.close()
        self.service.process.kill()
        self.service.process.wait()
        self.lab.end(self.service.process)
        self.crashed = {path.name: path.read_bytes() for path in self.lab.dir.glob("state/state.db*")}
        del self.service.settings["backend.uri"]
        self.service.rewrite()

    def begin_log(self):
        log = self.lab.dir / self.service.log
        if log.exists():
            os.truncate(log, 0)

    def start(self):
        """None, or what a daemon that ended at once had to say."""
        self.begin_log()
        try:
            self.service.start(env=self.env)
            return None
        except LabError:
            if self.service.process.returncode is None or self.service.process.returncode < 0:
                raise Wrong(f"no start, and no end of its own: {self.service.process.returncode}") from None
            return self.service.log_text()

    def stop(self):
        """Its exit status."""
        process = self.service.process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise Wrong("it does not stop") from None
        self.lab.end(process)
        return process.returncode

    def check_report(self):
        found = REPORT.search(self.service.log_text())
        if found:
            raise Wrong("a sanitizer speaks up")

    # Flow

    def flow(self, kinds=None):
        """The documented sample, and what an administrator does besides. What was not as always: a list of texts."""
        self.odd, self.tickets = [], {}
        self.client = self.service.client("root")
        try:
            identity = self.attempt("identify", self.client.identify)
            if identity and identity["ProductVendor"] != "cimsnapd":
                raise Wrong(f"a wrong reply: {identity}")
            found = self.attempt("find", self.client.query,
                                 f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{MACHINE}'")
            if found:
                self.machine = found[0]["Name"]
            elif found is not None:
                raise Wrong("the machine is not there any more, and no fault says why")
            for kind in kinds or self.kinds:
                self.create(kind)
        finally:
            self.client.close()
        self.attempt("status", self.status)
        self.attempt("reload", self.reload)
        return self.odd

    def attempt(self, name, function, *arguments):
        try:
            return function(*arguments)
        except Fault as fault:
            if not fault.reason or "/" in fault.reason or fault.status not in (400, 500):
                raise Wrong(f"{name}: a fault that says nothing, or too much: {fault.status} {fault}") from fault
            self.odd.append(f"{name}: {fault}")
        except HttpError as error:
            if error.status not in (500, 503):
                raise Wrong(f"{name}: {error}") from error
            self.odd.append(f"{name}: {error}")
        except ET.ParseError as error:
            raise Wrong(f"{name}: half a reply") from error
        except BROKEN as error:
            self.client.close()
            self.odd.append(f"{name}: {type(error).__name__} {error}")
        return None

    def create(self, kind):
        reply = self.attempt("create", self.client.create_snapshot, self.machine, kind)
        if reply is None:
            return
        if reply["ReturnValue"] != "4096":
            if reply["ReturnValue"] != "2" or reply.get("Job"):
                raise Wrong(f"create: {reply}")
            self.odd.append("create: 2, Failed")
            return
        job = reply["Job"].selectors["InstanceID"]
        self.tickets[job] = reply["ResultingSnapshot"].selectors["InstanceID"]
        state = self.attempt("job", self.follow, job)
        if state == "7":
            found = self.attempt("associators", self.result_of, job)
            if found is not None and found != [self.tickets[job]]:
                raise Wrong(f"the job made {found}, promised was {self.tickets[job]}")
            self.attempt("snapshot", self.client.get, V2 + "Msvm_VirtualSystemSettingData",
                         {"InstanceID": self.tickets[job]})
        elif state is not None:
            self.odd.append("job: failed")

    def follow(self, job):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            state = self.client.get(V2 + "Msvm_ConcreteJob", {"InstanceID": job})
            if state["JobState"] != "4":
                if state["JobState"] == "10" and not state["ErrorDescription"]:
                    raise Wrong("a job failed, and does not say why")
                return state["JobState"]
            select.select([], [], [], 0.01)
        raise Wrong("a job has no end")

    def result_of(self, job):
        return [item["InstanceID"] for item in self.client.query(
            f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job}'}} WHERE AssocClass = Msvm_AffectedJobElement "
            "ResultClass = Msvm_VirtualSystemSettingData")]

    def status(self):
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(SECONDS)
            end.connect(str(self.lab.dir / "state/status.sock"))
            text = b""
            while piece := end.recv(65536):
                text += piece
        if b"uptime_seconds=" not in text:
            self.odd.append("status: nothing told")

    def reload(self):
        begin = len(self.service.log_text())
        self.service.process.send_signal(signal.SIGHUP)
        said = self.await_line(r"event=reload( .*)?$", begin)
        if said is None or "error=" in said:
            self.odd.append(f"reload: {said}")

    def await_line(self, pattern, begin, seconds=3):
        """None when it never came: a line of the log may be what failed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            match = re.search(pattern, self.service.log_text()[begin:], re.M)
            if match:
                return match.group(0)
            select.select([], [], [], 0.005)
        return None

    # Truth

    def ended_jobs(self):
        """Every job, once all have ended."""
        end = time.monotonic() + SECONDS
        while True:
            jobs = {job["InstanceID"]: job["JobState"] for job in bulk(self.client, "SELECT * FROM Msvm_ConcreteJob")}
            if "4" not in jobs.values():
                return jobs
            if time.monotonic() > end:
                raise Wrong("a job has no end")
            select.select([], [], [], 0.02)

    def check_truth(self):
        """What the completed jobs made is there, and nothing else is."""
        self.client = self.service.client("root")
        try:
            there = self.judge_jobs()
        except (*BROKEN, Fault, HttpError) as error:
            raise Wrong(f"the next request: {type(error).__name__} {error}") from error
        finally:
            self.client.close()
        if self.module == "libvirt":
            self.check_disks({name.split(":")[1] for name in there})

    def judge_jobs(self):
        jobs = self.ended_jobs()
        lost = set(self.made) - set(jobs) | set(self.tickets) - set(jobs)
        if lost:
            raise Wrong(f"jobs got lost: {lost}")
        for job, state in jobs.items():
            if job not in self.made:
                made = self.result_of(job)
                if len(made) != (1 if state == "7" else 0):
                    raise Wrong(f"a job in state {state} made {made}")
                self.made[job] = made[0] if made else None
        there = {item["InstanceID"] for item in bulk(self.client, SNAPSHOTS)}
        promised = {made for made in self.made.values() if made}
        if there != promised:
            raise Wrong(f"lost: {promised - there}; there without a job: {there - promised}")
        return there

    def check_disks(self, made):
        *known, state = self.lab.virsh(f"snapshot-list {MACHINE} --name; domstate {MACHINE}").split()
        known = set(known)
        if known != made:
            raise Wrong(f"libvirt knows {known ^ made} besides, or does not know them")
        for path in self.lab.disks_of(MACHINE):
            tags = self.lab.tags(path)
            if sorted(tags) != sorted(made):
                raise Wrong(f"{path.name} holds {set(tags) ^ made} besides, or does not hold them")
        if state != "running":
            raise Wrong(f"the machine is {state}")

    def counts(self):
        process = f"/proc/{self.service.process.pid}"
        return len(os.listdir(process + "/fd")), len(os.listdir(process + "/task"))

    def check_counts(self, before, spare):
        """Descriptors and threads are as before, once the connections have ended."""
        end = time.monotonic() + 10
        while True:
            now = self.counts()
            if now[0] <= before[0] + spare and now[1] <= before[1]:
                return
            if time.monotonic() > end:
                raise Wrong(f"descriptors and threads: {before} before, {now} now")
            select.select([], [], [], 0.01)

    def log_tail(self, lines=25):
        return "\n".join(self.service.log_text().splitlines()[-lines:])
