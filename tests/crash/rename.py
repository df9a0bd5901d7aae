#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at every step of ModifySystemSettings, of machines and of snapshots, and libvirtd killed and started again at
each: afterwards libvirt, the answers and the job tell of the old name, notes and policy, or of the new ones, never of
some of both."""

import contextlib
import http.client
import os
import signal
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[0:0] = [HERE, os.path.join(TESTS, "lab"), os.path.join(TESTS, "interop")]

import suite  # noqa: E402
from crash import MOST_STEPS  # noqa: E402
from lab import Lab  # noqa: E402
from life import die_at, ended_itself, last_job, make  # noqa: E402
from outage import stopped  # noqa: E402
from service import Service  # noqa: E402
from test_machines import MANAGEMENT, embedded  # noqa: E402
from wsman import NS, V2, envelope, invoke_body, wait_for_jobs  # noqa: E402

SYSTEM, SETTINGS = V2 + "Msvm_ComputerSystem", V2 + "Msvm_VirtualSystemSettingData"
POLICIES = ("2", "5")


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build, users=(("root", "administrator"),))
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()


class Subject:
    """A machine, or a snapshot of it, whose names carry the number of the step."""

    def __init__(self, place, machine, state, snapshot):
        self.place, self.lab, self.machine, self.of_snapshot = place, place.lab, machine, snapshot
        if not self.lab.disks_of(machine):
            self.lab.define(machine, state=state)
        client = place.service.client("root")
        self.guid = self.id = self.lab.virsh("domuuid", machine).strip().upper()
        if snapshot:
            self.guid = make(client, self.id, 3)
        client.close()
        self.key = "Microsoft:" + self.guid

    def names(self, number):
        """What is to be seen of a number, by clients and by libvirt."""
        title, notes = f"Name \u00fc & {number}", [f"note {number}", "<b>"]
        if self.of_snapshot:
            return {"ElementName": title, "Notes": notes}
        return {"ElementName": title, "Notes": notes, "UserSnapshotType": POLICIES[number % 2],
                "AutomaticStartupAction": ("2", "4")[number % 2]}

    def body(self, number):
        values = embedded("Msvm_VirtualSystemSettingData", InstanceID=self.key, **self.names(number))
        return [("SystemSettings", values)]

    def modify(self, client, number):
        return client.invoke(MANAGEMENT, "ModifySystemSettings", self.body(number))

    def begin_modify(self, client, number):
        text = envelope(MANAGEMENT + "/ModifySystemSettings", MANAGEMENT, None,
                        invoke_body(MANAGEMENT, "ModifySystemSettings", self.body(number)))
        client.connection.request("POST", "/wsman", text.encode(), client.headers)

    def in_libvirt(self, number):
        """True when libvirt has exactly the names of that number, of the machine that runs and of the stored one."""
        expected = self.names(number)
        title, notes = expected["ElementName"], "\n".join(expected["Notes"])
        if self.of_snapshot:
            xml = self.lab.virsh("snapshot-dumpxml", self.machine, self.guid)
            assert "cimsnapd-probe" not in self.lab.virsh("snapshot-list", self.machine, "--name").split()
            text = ET.fromstring(xml).findtext("description")
            return f"name={title}\nnotes={notes}\n".replace("\n<b>", "%0A<b>") in text
        seen = []
        for where in (["--config", "--live"] if self.lab.virsh("domstate", self.machine).strip() == "running"
                      else ["--config"]):
            seen.append((self.lab.virsh("desc", self.machine, where, "--title").strip(),
                         self.lab.virsh("desc", self.machine, where).strip(),
                         expected["UserSnapshotType"] in self.lab.virsh(
                             "metadata", self.machine, "urn:cimsnapd:machine:1", where).split('"')))
        starts = "enable" in self.lab.virsh("dominfo", self.machine).split("Autostart:")[1].split("\n")[0]
        return all(item == (title, notes, True) for item in seen) and \
            starts == (expected["AutomaticStartupAction"] == "4")

    def check(self, client, old, new, job):
        number = new if job is not None and job["JobState"] == "7" else old
        settings = client.get(SETTINGS, {"InstanceID": self.key})
        for name, value in self.names(number).items():
            value = "\n".join(value) if name == "Notes" else value
            assert settings[name] == value, (name, settings[name], value, job)
        if not self.of_snapshot:
            machine = client.get(SYSTEM, {"Name": self.id})
            assert machine["ElementName"] == self.names(number)["ElementName"], machine
        assert self.in_libvirt(number), (number, self.lab.virsh("dumpxml", self.machine))


def killed(place, subject, step):
    service = place.service
    service.stop()
    came = die_at(service, step, lambda client: subject.modify(client, step))
    service.start()
    return came


def outage(place, subject, step):
    service = place.service
    service.stop()
    service.start(env={"CIMSNAPD_STOP_AT": str(step)})
    client = service.client("root")
    client.identify()
    subject.begin_modify(client, step)
    came = stopped(service.process, 3)
    if came:
        place.lab.stop_libvirtd(kill=True)
        place.lab.start_libvirtd()
        service.process.send_signal(signal.SIGCONT)
    wait_for_jobs(service.client("root"))
    service.stop()
    service.start()
    return came


def every_step(place, disturb, machine, state, snapshot=False):
    subject = Subject(place, machine, state, snapshot)
    client = place.service.client("root")
    assert client.follow(subject.modify(client, 0)) in (None, *wait_for_jobs(client))
    old = 0
    for step in range(1, MOST_STEPS):
        client = place.service.client("root")
        before = {job["InstanceID"] for job in wait_for_jobs(client)}
        client.close()
        came = disturb(place, subject, step)
        client = place.service.client("root")
        job = last_job(client, before)
        subject.check(client, old, step, job)
        if job is not None and job["JobState"] == "7":
            old = step
        client.close()
        if not came:
            assert step > 4, "the daemon has no places to stop at; is it a build with hooks?"
            assert old == step, job
            print(f"  {machine}: {step - 1} steps", flush=True)
            return
    raise AssertionError("no end of steps")


def test_killed_while_it_renames_a_machine_that_runs(place):
    every_step(place, killed, "running", "running")


def test_killed_while_it_renames_a_machine_that_is_off(place):
    every_step(place, killed, "off", "off")


def test_killed_while_it_renames_a_snapshot(place):
    every_step(place, killed, "snapshot", "running", snapshot=True)


def test_outage_while_it_renames_a_machine_that_runs(place):
    every_step(place, outage, "running", "running")


def test_outage_while_it_renames_a_snapshot(place):
    every_step(place, outage, "snapshot", "running", snapshot=True)


def test_somebody_else_was_faster(place):
    """The daemon dies after its first change; before it is back, virsh gives the machine another name: that one
    stays, and the job says so."""
    subject = Subject(place, "contested", "off", False)
    client = place.service.client("root")
    subject.modify(client, 0)
    wait_for_jobs(client)
    assert subject.in_libvirt(0)
    for step in range(1, MOST_STEPS):
        place.service.stop()
        place.service.start(env={"CIMSNAPD_DIE_AT": str(step)})
        client = place.service.client("root")
        before = {job["InstanceID"] for job in wait_for_jobs(client)}
        with contextlib.suppress(OSError, http.client.HTTPException):
            subject.modify(client, 1)
            wait_for_jobs(client)
        assert ended_itself(place.service), "it never changed anything"
        changed = not subject.in_libvirt(0)
        if changed:
            place.lab.virsh("desc", "contested", "--config", "--title", "mine")
        place.service.start()
        client = place.service.client("root")
        job = last_job(client, before)
        if changed:
            break
    assert job["JobState"] == "10" and "somebody else" in job["ErrorDescription"], job
    assert client.get(SYSTEM, {"Name": subject.id})["ElementName"] == "mine"


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
