# SPDX-License-Identifier: GPL-2.0-or-later
"""What a client does to a machine that is there: start, stop, reset, ApplySnapshot, DestroySnapshot, ModifySystemSettings, a
CreateSnapshot for which its guest is frozen; and what it reads. A call fails in each such scene, and afterwards jobs,
service, libvirt and disks must tell the same of the machine."""

import re
import select
import time
from collections import Counter, namedtuple

import patterns
from agent import FREEZE
from lab import LabError
from reads import Answers, Refused, questions
from place import BROKEN, MACHINE, SECONDS, SNAPSHOTS, Place, Wrong, bulk
from shell import Shell
from wsman import V2, Fault, HttpError

SYSTEM, SETTINGS = V2 + "Msvm_ComputerSystem", V2 + "Msvm_VirtualSystemSettingData"
RUNNING, OFF, SAVED, PAUSED = "2", "3", "6", "9"  # EnabledState, and what RequestStateChange asks for
RESET = "11"
STATES = {"running": RUNNING, "shut off": OFF, "paused": PAUSED}
COMPLETED = "7"
EDIT, CREATE, APPLY, DESTROY = "2", "70", "71", "72"  # JobType
LEADS_TO = {"12": RUNNING, "13": OFF, "14": SAVED, "26": PAUSED, "27": RUNNING, "28": RUNNING}
THEN, NOW = 1, 2       # the pattern in the snapshots, and that on the disks since; the machine's notes too
SETTLE_SECONDS = 10    # libvirt may be given a second to be asked again, as documented
THAW_SECONDS = 30      # what could not thaw is told to again, after a pause
EDITS = ("EditMachine", "EditSnapshot")  # steps, each from the old settings to the new ones
READ = ("Read",)
OLD = {"ElementName": MACHINE, "AutomaticStartupAction": "2", "UserSnapshotType": "5"}
NEW = {"ElementName": "renamed", "AutomaticStartupAction": "4", "UserSnapshotType": "3"}
MOST_WRONG = 6         # in one scene, until the rest of it is left

# The machine's state and snapshots before, and what is done to it. A snapshot of kind 2 has memory where the machine
# runs, one of kind 3 only disks. A place that has failed in one scene fails in none that comes later: those of a machine
# that runs are first, as more can be lost there.
Scene = namedtuple("Scene", "name state kind count steps")
SCENES = (
    Scene("power", OFF, 2, 0, (RUNNING, OFF)),
    Scene("save", RUNNING, 2, 0, (RESET, PAUSED, RUNNING, SAVED, OFF)),
    Scene("apply-running", RUNNING, 2, 1, ("ApplySnapshot",)),
    Scene("apply-saved", SAVED, 2, 1, ("ApplySnapshot",)),
    Scene("apply", OFF, 3, 1, ("ApplySnapshot",)),
    Scene("destroy", OFF, 3, 1, ("DestroySnapshot",)),
    Scene("destroy-running", RUNNING, 3, 2, ("DestroySnapshotTree",)),
    Scene("edit", RUNNING, 3, 1, EDITS),
    Scene("read", RUNNING, 3, 1, READ),
    Scene("freeze", RUNNING, 3, 0, ("CreateSnapshot",)),
)
WITH_GUEST = {"read", "freeze"}  # on libvirt the machine of these has a screen, and a guest with an agent

# Of every image: its snapshots, a piece of what it holds, and whether it is whole.
LOOK = """for image; do
qemu-img snapshot -U -l "$image" | sed -n 's/^[0-9][0-9]* *\\([^ ]*\\).*/tag \\1/p'
qemu-io -r -U -f qcow2 -c "read -v %d 512" "$image" | sed -n 's/^[0-9a-f]*:  \\([0-9a-f ]*\\)  .*/data \\1/p'
test $0 = running || qemu-img check -q "$image" || echo "bad $?"
echo end
done""" % patterns.OFFSET


class Changed(Place):
    """A place whose machine is changed. agent: that of its guest, or None."""

    def __init__(self, lab, build, module, trace=False, agent=None):
        super().__init__(lab, build, module, trace)
        self.shell, self.agent = Shell(lab), agent
        if agent:
            self.kinds = (2,)  # no flow freezes the guest: what fails then is for the scene
        self.machine, self.snapshots, self.known = None, [], set()
        self.value = None  # that of the disks and the notes, if it is known
        self.answers, self.silent, self.at = None, [], 0

    def begin(self):
        """A service that knows no snapshot and no job; and, of libvirt, a machine that is off."""
        if self.module == "libvirt" and self.module_state() != OFF:
            for command in ("destroy", "managedsave-remove"):
                self.lab.run(["virsh", "-q", command, MACHINE], check=False)
        self.fresh()
        self.snapshots, self.known, self.value = [], set(self.crashed_jobs), None
        self.answers, self.at = None, 0
        if self.start() is not None:
            raise Wrong("it does not start")
        self.client = self.service.client("root")
        self.machine = self.client.query("SELECT * FROM Msvm_ComputerSystem WHERE Caption = 'Virtual Machine'")[0]["Name"]
        self.client.close()

    # What is done

    def act(self, scene):
        """The scene; what was not as always: a list of texts."""
        self.odd, self.silent = [], []
        self.client = self.service.client("root")
        for step in scene.steps:
            if step in READ:
                self.read()
            elif not self.odd:
                self.step(step, scene.kind if step == "CreateSnapshot" else self.snapshots[0] if self.snapshots else None)
        self.client.close()
        if not self.odd and self.agent and scene.steps == ("CreateSnapshot",) and FREEZE not in self.agent.names():
            self.odd.append("the guest was not frozen")
        return self.odd

    def read(self):
        """The questions up to one for which a call fails; the next time from there."""
        for name, ask in list(questions(self.client, self.machine))[self.at:]:
            failures = self.plan.failures()
            try:
                answer = self.attempt(name, ask)
            except Refused as refused:
                self.odd.append(f"{name}: {refused}")
                answer = None
            if answer is not None and (wrong := self.answers.wrong(name, answer)):
                self.silent.append(f"{name}: {wrong}")
            if self.plan.failures() > failures:
                break
            self.at += 1

    def step(self, step, target):
        """One step to its end; True when it was completed."""
        if step.isdigit():
            reply = self.attempt("state", self.client.invoke, SYSTEM, "RequestStateChange", [("RequestedState", step)],
                                 {"CreationClassName": "Msvm_ComputerSystem", "Name": self.machine})
        elif step in EDITS:
            of, values = self.edited(step, NEW)
            reply = self.attempt(step, self.client.modify_settings, of, values)
        elif step == "CreateSnapshot":
            reply = self.attempt(step, self.client.create_snapshot, self.machine, target)
        else:
            reply = self.attempt(step, self.client.change_snapshot, step, target)
        if reply is None:
            return False
        if reply["ReturnValue"] == "0":
            return True
        if reply["ReturnValue"] != "4096":
            self.odd.append(f"{step}: {reply['ReturnValue']}")
            return False
        job = reply["Job"].selectors["InstanceID"]
        self.tickets[job] = step
        state = self.attempt("job", self.follow, job)
        if state != COMPLETED:
            self.odd.append(f"{step}: job {state}")
        return state == COMPLETED

    def edited(self, step, side):
        """Whose settings, and which, such a step changes to that side."""
        if step == "EditMachine":
            return self.machine, side
        return self.snapshots[0], {"ElementName": self.name if side is OLD else side["ElementName"]}

    def edits(self):
        """Of each such step the settings that are there, and whether they are the old or the new ones, or neither."""
        for step in EDITS:
            of, old = self.edited(step, OLD)
            there = self.client.get(SETTINGS, {"InstanceID": "Microsoft:" + of})
            there = {name: there[name] for name in old}
            yield step, there, OLD if there == old else NEW if there == self.edited(step, NEW)[1] else None

    def must(self, step, target=None):
        if not self.step(step, target):
            raise Wrong(f"nothing fails any more, and yet: {self.odd}")

    def home(self, scene):
        """The machine as it is before the scene, by what the service can do: every request has to be fine again."""
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            self.odd, self.client = [], self.service.client("root")
            try:
                whole = self.go_home(scene)
                if self.agent:
                    self.agent.ready()
                if scene.steps == READ and not (whole and self.answers):
                    self.answers = Answers(self.client, self.machine)
                self.known |= set(self.tickets)
                return
            except (Wrong, Fault, HttpError, *BROKEN) as error:
                if time.monotonic() > end or self.module == "memory":
                    raise Wrong(f"the way back: {error}") from error
                self.known |= set(self.ended())
            finally:
                self.client.close()

    def go_home(self, scene):
        """True when its snapshots are the same as before."""
        state, there = self.state(), self.listed()
        whole = len(there) == scene.count and there == set(self.snapshots)
        if not whole or state not in (scene.state, SAVED):
            if state != OFF and (state, scene.state) != (RUNNING, RUNNING):
                self.must(OFF)
                state = OFF
            for snapshot in () if whole else there:
                self.must("DestroySnapshot", snapshot)
        running = scene.state if scene.state == OFF else RUNNING
        if state == SAVED and (scene.state == RUNNING or self.value != NOW) or state not in (scene.state, running):
            self.must(running)
            state = running
        if not whole:
            self.write(THEN)
            for _ in range(scene.count):
                self.must("CreateSnapshot", scene.kind)
            self.snapshots = self.in_order()
        self.write(NOW)
        if scene.state == SAVED and state != SAVED:
            self.must(SAVED)
        if scene.steps == EDITS:
            self.edit_back(whole)
        return whole

    def edit_back(self, whole):
        if not whole:
            self.name = self.client.get(SETTINGS, {"InstanceID": "Microsoft:" + self.snapshots[0]})["ElementName"]
        for step, _, side in self.edits():
            if side is not OLD:
                job = self.client.follow(self.client.modify_settings(*self.edited(step, OLD)))
                self.known |= {job["InstanceID"]}
                if job["JobState"] != COMPLETED:
                    raise Wrong(f"nothing fails any more, and yet: {job['ErrorDescription']}")

    def write(self, value):
        if self.module == "libvirt" and self.value != value:
            state = self.module_state()
            patterns.write(self.shell, MACHINE, value)
            self.shell.virsh("desc", MACHINE, "--config", *(["--live"] if state == RUNNING else []), "--new-desc", str(value))
        self.value = value

    # What is there

    def state(self):
        return self.client.get(SYSTEM, {"CreationClassName": "Msvm_ComputerSystem", "Name": self.machine})["EnabledState"]

    def listed(self):
        return {item["InstanceID"].split(":")[1] for item in bulk(self.client, SNAPSHOTS)}

    def in_order(self):
        """Parents first."""
        items = list(bulk(self.client, SNAPSHOTS))
        return [item["InstanceID"].split(":")[1] for item in sorted(items, key=lambda item: bool(item.get("Parent")))]

    def ended(self):
        """Every job, once all have ended."""
        end = time.monotonic() + SECONDS
        while True:
            jobs = list(bulk(self.client, "SELECT * FROM Msvm_ConcreteJob"))
            if all(job["JobState"] != "4" for job in jobs):
                return {job["InstanceID"]: {**job, "ErrorDescription": job["ErrorDescription"] or ""} for job in jobs}
            if time.monotonic() > end:
                raise Wrong("a job has no end")
            select.select([], [], [], 0.02)

    def module_state(self):
        """The machine's EnabledState as libvirt has it."""
        saved = re.search("Managed save: *yes", self.shell.virsh("dominfo", MACHINE))
        return SAVED if saved else STATES.get(self.shell.virsh("domstate", MACHINE).strip(), "?")

    def check(self, scene):
        """Jobs, service, libvirt and disks tell the same of the machine."""
        self.client = self.service.client("root")
        try:
            jobs, there, state = self.ended(), self.listed(), self.state()
            made = {self.result_of(name)[0].split(":")[1] for name, job in jobs.items()
                    if name not in self.known and (job["JobType"], job["JobState"]) == (CREATE, COMPLETED)}
            edits = list(self.edits()) if scene.steps == EDITS else []
        except (*BROKEN, Fault, HttpError) as error:
            raise Wrong(f"the next request: {type(error).__name__} {error}") from error
        finally:
            self.client.close()
        if self.silent:
            raise Wrong(f"told otherwise, without a fault: {self.silent}")
        if lost := (self.known | set(self.tickets)) - set(jobs):
            raise Wrong(f"jobs got lost: {lost}")
        new = [job for name, job in jobs.items() if name not in self.known]
        self.known |= set(jobs)
        self.tickets = {}
        for job in new:
            self.check_job(job)
        self.check_snapshots(new, there, made)
        self.check_state(scene, new, state)
        self.check_edits([job for job in new if job["JobType"] == EDIT], edits)
        if self.module == "libvirt" and scene.steps != READ:
            self.check_images(new, there, state)
        if self.agent:
            self.check_guest()
        return new

    def check_edits(self, jobs, edits):
        """All of the old settings or all of the new ones, and libvirt has the same."""
        for i, (step, there, side) in enumerate(edits):
            job = jobs[i] if i < len(jobs) else None
            told = job and "may have been changed" in job["ErrorDescription"]
            if side is not (NEW if job and job["JobState"] == COMPLETED else OLD) and not told:
                raise Wrong(f"{step}: {there}; {job and (job['JobState'], job['ErrorDescription'])}")
        if edits and self.module == "libvirt":
            there = edits[0][1]
            titles = {self.shell.virsh("desc", MACHINE, "--title", where).strip() or MACHINE for where in ("--live", "--config")}
            auto = "4" if re.search("Autostart: *enable", self.shell.virsh("dominfo", MACHINE)) else "2"
            if titles != {there["ElementName"]} or auto != there["AutomaticStartupAction"]:
                raise Wrong(f"libvirt has {titles}, {auto}; the service {there}")

    def check_guest(self):
        end = time.monotonic() + THAW_SECONDS
        while self.agent.frozen:
            if time.monotonic() > end:
                raise Wrong("the guest is left frozen")
            select.select([], [], [], 0.02)

    def check_job(self, job):
        failed = job["JobState"] != COMPLETED
        if job["JobState"] not in (COMPLETED, "10") or failed != bool(job["ErrorDescription"]):
            raise Wrong(f"a job in state {job['JobState']} says: {job['ErrorDescription']}")
        if failed and (job["ErrorCode"] == "0" or "/" in job["ErrorDescription"]):
            raise Wrong(f"a job failed with {job['ErrorCode']}: {job['ErrorDescription']}")
        if "while the snapshot was applied" in job["ErrorDescription"]:
            raise Wrong(f"nobody else did anything, and yet: {job['ErrorDescription']}")

    def check_snapshots(self, new, there, made):
        """Those that a job has made are there, those that one has removed are gone, and no other."""
        job = next((job for job in new if job["JobType"] == DESTROY), None)
        promised = made if job and job["JobState"] == COMPLETED else made | set(self.snapshots)
        if there - promised:
            raise Wrong(f"there against what was promised: {there - promised}")
        if there != promised and not (job and "snapshots were removed.)" in job["ErrorDescription"]):
            raise Wrong(f"lost: {promised - there}; {job and job['ErrorDescription']}")

    def check_state(self, scene, new, state):
        """That of the last change that was completed; of one that failed, that before or after it."""
        allowed = {scene.state}
        for job in new:
            after = LEADS_TO.get(job["JobType"])
            if job["JobType"] == APPLY:
                after = OFF if scene.state == OFF else SAVED
            if after and job["JobState"] == COMPLETED:
                allowed = {after}
            elif job["JobType"] == APPLY and "paused" in job["ErrorDescription"]:
                allowed = {PAUSED}
            elif after:
                allowed |= {after} | ({OFF} if job["JobType"] == APPLY else set())  # what runs is turned off first
        lost = {RUNNING: "turned off", SAVED: "saved state is gone"}.get(scene.state)
        for job in new:
            if state == OFF and lost and job["JobType"] == APPLY and lost not in job["ErrorDescription"]:
                raise Wrong(f"the machine is off, and the job says only: {job['ErrorDescription']}")
        if state not in allowed:
            raise Wrong(f"the machine is in state {state}, and not in {allowed}: {[job['ErrorDescription'] for job in new]}")

    def check_images(self, new, there, state):
        known = set(self.shell.virsh("snapshot-list", MACHINE, "--name").split())
        if known != there:
            raise Wrong(f"libvirt knows {known}, the service {there}")
        if self.module_state() != state:
            raise Wrong(f"to libvirt the machine is in state {self.module_state()}, to the service in {state}")
        values = []
        for name, (tags, value, bad) in self.images(state in (RUNNING, PAUSED)).items():
            if tags != there:
                raise Wrong(f"{name} holds {tags}, the service knows {there}")
            if bad:
                raise Wrong(f"{name} is damaged: {bad}")
            values.append(value)
        job = next((job for job in new if job["JobType"] == APPLY), None)
        notes = self.shell.virsh("desc", MACHINE).strip()
        if notes != str(NOW) and not (job and "name, notes and policy may be" in job["ErrorDescription"]):
            raise Wrong(f"the machine's notes are {notes}")
        self.value = NOW if set(values) == {NOW} and notes == str(NOW) else None
        self.check_values(job, values)

    def images(self, runs):
        """By file: its snapshots, the value that it holds, what is bad about it."""
        paths = self.lab.disks_of(MACHINE)
        for index in range(len(paths) if runs else 0):
            self.shell.virsh("qemu-monitor-command", MACHINE, "--hmp",
                             f'qemu-io -d /machine/peripheral/virtio-disk{index}/virtio-backend "flush"')
        said = self.lab.run(["sh", "-c", LOOK, "running" if runs else "off", *paths]).stdout.split("end\n")
        found = {}
        for path, text in zip(paths, said):
            data = set(" ".join(re.findall("^data (.*)$", text, re.M)).split())
            if len(data) != 1:
                raise Wrong(f"{path.name} cannot be read: {text[:200]}")
            found[path.name] = (set(re.findall(r"^tag (\S+)$", text, re.M)), int(data.pop(), 16),
                                re.findall("^bad .*|^.*rror.*", text, re.M))
        return found

    def check_values(self, job, values):
        """All disks are from one time, and the job says from which."""
        if job and job["JobState"] == COMPLETED:
            if set(values) != {THEN}:
                raise Wrong(f"applied, and the disks hold {values}")
        elif set(values) == {THEN} and not (job and "The snapshot was applied" in job["ErrorDescription"]):
            raise Wrong(f"the disks are those of the snapshot, but: {job and job['ErrorDescription']}")
        elif len(set(values)) != 1:
            raise Wrong(f"the disks hold {values}; {job and job['ErrorDescription']}")


class Round:
    """The places of many calls in one scene: each fails at each place where it has not failed yet."""

    def __init__(self, place, scene, names):
        self.place, self.scene, self.plan = place, scene, place.plan
        self.names, self.counts, self.wrong = names, Counter(), []

    def begin(self):
        self.place.begin()
        self.place.home(self.scene)
        self.before = self.place.counts()

    def one(self):
        """The scene with the next place failing; False when there is none."""
        failures = self.plan.failures()
        self.plan.arm()
        odd = self.place.act(self.scene)
        self.plan.disarm()
        if self.plan.failures() == failures and odd:
            raise Wrong(f"no call failed, and yet: {odd}")
        self.place.check(self.scene)
        self.place.home(self.scene)
        self.place.check_counts(self.before, 8 if self.place.module == "libvirt" else 0)
        if self.plan.failures() == failures:
            return False
        self.counts[self.names[self.plan.last_row()]] += 1
        return True

    def finish(self):
        status = self.place.stop()
        if status != 0:
            raise Wrong(f"it stopped with exit status {status}")
        self.place.check_report()

    def all(self):
        """How many went well, by call; what went wrong stands in self.wrong."""
        again = True
        while again and len(self.wrong) < MOST_WRONG:
            failures = self.plan.failures()
            try:
                self.begin()
                while self.one():
                    pass
                self.finish()
                again = False
            except (Wrong, LabError, AssertionError, OSError) as wrong:
                self.plan.disarm()
                again = self.plan.failures() > failures
                self.wrong.append(f"{self.names[self.plan.last_row()]}, place {self.plan.last():016x}: {wrong}\n"
                                  f"{self.place.log_tail()}\n")
                self.place.service.process.kill()
                self.place.service.process.wait()
        return self.counts


def learn(place):
    """What the sample flow calls has failed there already. On a machine that runs."""
    place.begin()
    place.home(Scene("flow", RUNNING, 2, 0, ()))
    place.plan.learn()
    if odd := place.flow():
        raise Wrong(f"before anything failed: {odd}")
    place.plan.disarm()
    place.stop()


def run_scenes(place, table, scenes, only, totals):
    names = {row.index: row.name for row in table} | {-1: "no call"}
    for when in sorted({when for row in table for when in row.whens}):
        place.plan.begin([row for row in table if when in row.whens], when, only, own=place.module == "libvirt")
        if not only:
            learn(place)
        for scene in scenes:
            begin = time.monotonic()
            turn = Round(place, scene, names)
            for name, count in sorted(turn.all().items()):
                print(f"  {place.module} {scene.name} {name}: {count} places")
                totals[0] += count
            for wrong in turn.wrong:
                totals[1] += 1
                print(f"FAILED {place.module} {scene.name} {wrong}")
            print(f"  {place.module} {scene.name}: {time.monotonic() - begin:.1f} s", flush=True)
    place.shell.close()
