#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Snapshots that need the guest's agent, on a real QEMU machine with an agent that answers, refuses, hangs or dies: what
is promised is kept or refused with the reason, and the guest is never left frozen."""

import contextlib
import os
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from agent import BOOT, FREEZE, THAW, Agent  # noqa: E402
from lab import Lab  # noqa: E402
from models import STARTED, Model, text_of  # noqa: E402
from service import Service  # noqa: E402

SYSTEM, SETTINGS = "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData"
SNAPSHOTS, MANAGEMENT = "Msvm_VirtualSystemSnapshotService", "Msvm_VirtualSystemManagementService"
FULL, DISK, RECOVERY = "2", "3", "32768"
APPLICATION, CRASH = "1", "2"
FALLBACK, PRODUCTION, STANDARD = "3", "4", "5"  # UserSnapshotType
AGENT_SECONDS = 1
LONGEST = 40  # seconds: freeze, three thaws and one more, each AGENT_SECONDS, on a busy machine


@contextlib.contextmanager
def setup(build):
    with Lab() as lab, Agent(lab, "guest") as agent:
        disks = lab.define("guest", disks=2, agent=agent.path, code=BOOT)
        agent.see = lambda: [lab.tags(path) for path in disks]
        agent.ready()
        service = Service(lab, build, settings={"snapshot.agent_seconds": AGENT_SECONDS})
        with contextlib.closing(service.client()) as client:
            guid = lab.virsh("domuuid", "guest").strip().upper()
            yield SimpleNamespace(lab=lab, service=service, v2=Model(client), agent=agent, disks=disks, guid=guid)


def create(place, kind, level=None):
    """The job at its end, and the snapshot or None."""
    place.agent.calls.clear()
    system = place.v2.ref(SYSTEM, {"CreationClassName": SYSTEM, "Name": place.guid})
    settings = text_of("Msvm_VirtualSystemSnapshotSettingData", {"ConsistencyLevel": level}) if level else ""
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system), ("SnapshotSettings", settings),
                             ("SnapshotType", kind))
    assert answer["ReturnValue"] == STARTED, answer
    job = place.v2.wait(answer)
    made = place.v2.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                          f"ResultClass = {SETTINGS}")
    assert len(made) == (job["JobState"] == "7"), (job, made)
    return job, made[0] if made else None


def created(place, kind, level=None):
    job, made = create(place, kind, level)
    assert job["JobState"] == "7" and job["ErrorCode"] == "0", job
    return made


def destroy(place, made):
    answer = place.v2.client.change_snapshot("DestroySnapshot", made["InstanceID"].split(":")[1])
    assert place.v2.client.follow(answer)["JobState"] == "7"


def policy(place, kind):
    answer = place.v2.invoke(MANAGEMENT, "ModifySystemSettings", ("SystemSettings", text_of(SETTINGS, {
        "InstanceID": "Microsoft:" + place.guid, "UserSnapshotType": kind})))
    if answer["ReturnValue"] != "0":
        place.v2.done(answer)


@contextlib.contextmanager
def ruled(place, kind):
    policy(place, kind)
    try:
        yield
    finally:
        place.agent.answers.clear()
        policy(place, STANDARD)


def failed(place, kind, level, words):
    """The job fails with these words, nothing of a snapshot is left, and the machine runs."""
    begin = time.monotonic()
    job, _ = create(place, kind, level)
    assert job["JobState"] == "10" and words in job["ErrorDescription"] and job["ErrorCode"] != "0", job
    assert "/" not in job["ErrorDescription"], job
    assert time.monotonic() - begin < LONGEST
    untouched(place)
    return job


def untouched(place):
    assert place.lab.virsh("snapshot-list", "guest", "--name").split() == []
    assert [place.lab.tags(path) for path in place.disks] == [[], []]
    assert place.lab.virsh("domstate", "guest").strip() == "running"


def thawed_in_any_case(place):
    """An agent that could not freeze is told to thaw all the same, while there is nothing of the snapshot; once would do."""
    assert place.agent.calls[0] == (FREEZE, [[], []]), place.agent.calls
    assert place.agent.calls[1:] in ([(THAW, [[], []])], [(THAW, [[], []])] * 2), place.agent.calls
    assert not place.agent.frozen


def quiesced(place, made):
    """Frozen before there was anything of it, thawed when it was in every disk; nothing else was asked."""
    tag = made["InstanceID"].split(":")[1]
    assert place.agent.calls == [(FREEZE, [[], []]), (THAW, [[tag], [tag]])], place.agent.calls
    assert not place.agent.frozen and made["IsSaved"] == "false", made
    assert place.lab.virsh("domstate", "guest").strip() == "running"
    destroy(place, made)


def test_application_consistent(place):
    for kind in (DISK, RECOVERY):
        quiesced(place, created(place, kind, APPLICATION))


def test_not_said(place):
    """Where the caller does not care, a guest that can is made quiet."""
    quiesced(place, created(place, DISK))


def test_crash_consistent(place):
    """The guest is not asked."""
    for kind, level in ((DISK, CRASH), (RECOVERY, CRASH), (FULL, None), (FULL, APPLICATION)):
        made = created(place, kind, level)
        assert place.agent.calls == [], place.agent.calls
        assert made["IsSaved"] == ("true" if kind == FULL else "false")
        destroy(place, made)


def test_production(place):
    for kind in (FALLBACK, PRODUCTION):
        with ruled(place, kind):
            quiesced(place, created(place, FULL))


def test_freeze_fails(place):
    place.agent.answers[FREEZE] = Agent.fail
    for kind in (DISK, RECOVERY):
        failed(place, kind, APPLICATION, "guest agent could not freeze")
        thawed_in_any_case(place)
    place.agent.answers.clear()


def test_freeze_fails_and_nobody_cares(place):
    place.agent.answers[FREEZE] = Agent.fail
    made = created(place, DISK)
    assert place.agent.names() == [FREEZE, THAW], place.agent.calls
    place.agent.answers.clear()
    destroy(place, made)


def test_production_falls_back(place):
    """UserSnapshotType 3: with memory instead, after a thaw, in the same job."""
    with ruled(place, FALLBACK):
        place.agent.answers[FREEZE] = Agent.fail
        begin = len(place.service.log_text())
        made = created(place, FULL)
        assert made["IsSaved"] == "true" and made["VirtualSystemType"] == "Microsoft:Hyper-V:Snapshot:Realized", made
        thawed_in_any_case(place)
        assert "event=snapshot-falls-back" in place.service.log_text()[begin:]
        destroy(place, made)


def test_production_only_does_not(place):
    with ruled(place, PRODUCTION):
        place.agent.answers[FREEZE] = Agent.fail
        failed(place, FULL, None, "guest agent could not freeze")
        thawed_in_any_case(place)


# A guest that is frozen, or may yet be, is taken no other snapshot of: applied, it would be frozen for good.
WHENEVER_FROZEN = ((FALLBACK, FULL, None), (STANDARD, DISK, APPLICATION))


def thawed_at_last(place, begin):
    """The agent answers again: it is told to thaw, though the job has ended."""
    place.agent.await_call(THAW)
    place.service.await_log("event=thawed-late", begin)
    assert place.agent.names()[0] == FREEZE and set(place.agent.names()[1:]) == {THAW}, place.agent.calls
    assert not place.agent.frozen


def test_agent_hangs(place):
    """It answers when the job has long ended, and only then it freezes the guest."""
    for kind, snapshot, level in WHENEVER_FROZEN:
        with ruled(place, kind):
            place.agent.hold()
            begin = len(place.service.log_text())
            failed(place, snapshot, level, "did not answer when it was to thaw the guest's file systems. They may still")
            assert place.agent.names() == [FREEZE], place.agent.calls
            place.agent.release()
            thawed_at_last(place, begin)
            place.agent.forget()
    quiesced(place, created(place, DISK, APPLICATION))


def test_agent_dies_frozen(place):
    """Between freeze and thaw. Nothing is left of the snapshot, the job says what may be; once there is an agent
    again, as after a reset here, the guest is thawed."""
    for kind, snapshot, level in WHENEVER_FROZEN:
        with ruled(place, kind):
            place.agent.answers[FREEZE] = Agent.freeze_and_die
            begin = len(place.service.log_text())
            failed(place, snapshot, level, "may still be frozen")
            assert place.agent.names() == [FREEZE] and place.agent.frozen
            place.lab.virsh("reset", "guest")
            thawed_at_last(place, begin)
    quiesced(place, created(place, DISK, APPLICATION))


def start_again(place):
    place.service.start()
    place.v2 = Model(place.service.client())


def test_service_dies_before_the_thaw(place):
    """Killed, or told to end, when the job has long ended: what it owes the guest is seen to by the next one, and only once."""
    for end in ("kill", "terminate"):
        place.agent.answers[FREEZE] = Agent.freeze_and_die
        failed(place, DISK, APPLICATION, "may still be frozen")
        place.v2.client.close()
        getattr(place.service.process, end)()
        place.service.process.wait()
        assert place.agent.frozen
        place.lab.virsh("reset", "guest")
        begin = len(place.service.log_text())
        start_again(place)
        thawed_at_last(place, begin)
        place.agent.answers.clear()
    place.v2.client.close()
    place.service.stop()
    begin = len(place.service.log_text())
    start_again(place)
    quiesced(place, created(place, DISK, APPLICATION))
    assert "thaw-owed" not in place.service.log_text()[begin:]


def test_paused(place):
    place.lab.virsh("suspend", "guest")
    job, _ = create(place, DISK, APPLICATION)
    assert job["JobState"] == "10" and "paused" in job["ErrorDescription"], job
    with ruled(place, FALLBACK):
        made = created(place, FULL)
    assert made["IsSaved"] == "true" and place.agent.calls == []
    place.lab.virsh("resume", "guest")
    destroy(place, made)


def test_off(place):
    """Nothing runs in it, so nobody is asked, and production is what it is."""
    place.lab.virsh("destroy", "guest")
    for kind in (FALLBACK, PRODUCTION):
        with ruled(place, kind):
            made = created(place, FULL)
            assert made["IsSaved"] == "false" and place.agent.calls == []
            destroy(place, made)
    made = created(place, RECOVERY, APPLICATION)
    destroy(place, made)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
