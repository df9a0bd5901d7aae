#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs on real QEMU machines: who waits for whom, what can be cancelled, what is refused, and how long a job stays."""

import contextlib
import os
import select
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [os.path.join(os.path.dirname(HERE), "lab"), HERE]

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from test_life import DISK, Machine  # noqa: E402
from wsman import DMTF, NS, V2, Fault, envelope  # noqa: E402

SYSTEM, JOB = V2 + "Msvm_ComputerSystem", V2 + "Msvm_ConcreteJob"
RUNNING, COMPLETED, TERMINATED, KILLED, EXCEPTION = "4", "7", "8", "9", "10"
TERMINATE, KILL = "4", "5"
KEEP = 10


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        service = Service(lab, build, users=(("operator", "operator"), ("viewer", "viewer")),
                          settings={"jobs.keep": KEEP})
        client = service.client()
        yield SimpleNamespace(lab=lab, service=service, client=client)
        client.close()


def begun(answer):
    assert answer["ReturnValue"] == "4096", answer
    return answer["Job"].selectors["InstanceID"]


def job_of(place, job):
    return place.client.get(JOB, {"InstanceID": job})


def gone(place, job):
    try:
        job_of(place, job)
    except Fault as fault:
        assert fault.subcode == "a:DestinationUnreachable", fault
        return True
    return False


def await_gone(place, job):
    deadline = time.monotonic() + 30
    while not gone(place, job):
        assert time.monotonic() < deadline
        select.select([], [], [], 0.05)


def end(place, job, state, words=None):
    done = place.client.follow({"ReturnValue": "4096", "Job": SimpleNamespace(resource=JOB,
                                                                               selectors={"InstanceID": job})})
    assert done["JobState"] == state, done
    assert words is None or words in done["ErrorDescription"], done
    return done


def cancel(place, job, how=TERMINATE):
    return place.client.invoke(JOB, "RequestStateChange", [("RequestedState", how)],
                               {"InstanceID": job})["ReturnValue"]


def shut_down(machine):
    """A job that lasts: the guests of the lab do not listen."""
    return begun(machine.client.invoke(SYSTEM, "RequestStateChange", [("RequestedState", "4")],
                                       {"CreationClassName": "Msvm_ComputerSystem", "Name": machine.id}))


def put(place, job, resource=JOB, **properties):
    name = resource.rsplit("/", 1)[-1]
    body = "".join(f"<p:{key}>{value}</p:{key}>" for key, value in properties.items())
    place.client.call(envelope(NS["x"] + "/Put", resource, {"InstanceID": job},
                               f'<p:{name} xmlns:p="{resource}">{body}</p:{name}>'))


def test_queue(place):
    """Creates wait in order behind the machine's other job, those that want it alone are refused; another
    machine's do not wait. One that is cancelled while it waits never runs."""
    machine, other = Machine(place, "queue"), Machine(place, "beside")
    machine.snapshot("A")
    first = shut_down(machine)
    assert job_of(place, first)["Cancellable"] == "true"
    waiting = [begun(place.client.create_snapshot(machine.id, DISK)) for _ in range(4)]
    other.snapshot("B")
    for method, code in (("ApplySnapshot", "5"), ("DestroySnapshot", "5"), ("DestroySnapshotTree", "32774")):
        assert place.client.change_snapshot(method, machine.guids["A"])["ReturnValue"] == code, method
    for job in waiting:
        now = job_of(place, job)
        assert (now["JobState"], now["StartTime"], now["Cancellable"], now["JobStatus"]) == \
            (RUNNING, None, "true", "Job is waiting"), now
    assert cancel(place, waiting[1]) == "0" and cancel(place, waiting[2], KILL) == "0"
    for job, state in ((waiting[1], TERMINATED), (waiting[2], KILLED)):
        done = end(place, job, state, "cancelled before it began")
        assert done["StartTime"] is None and done["Cancellable"] == "false" and done["PercentComplete"] == "0", done
        assert cancel(place, job) == "4097"
        error = place.client.invoke(JOB, "GetErrorEx", [], {"InstanceID": job})
        assert "cancelled" in error["Errors"], error
    assert machine.tree() == {"A": "", "now": "A"}
    assert cancel(place, first) == "0"
    end(place, first, TERMINATED, "may still shut down")
    ends = [end(place, job, COMPLETED)["TimeOfLastStateChange"] for job in (waiting[0], waiting[3])]
    assert len(machine.settings()) == 4 and ends == sorted(ends), ends
    assert len(place.lab.virsh("snapshot-list", "queue", "--name").split()) == 3


def test_cancellable_is_true_to_fact(place):
    """What says it can be cancelled is, what says it cannot is not."""
    machine = Machine(place, "truth", memory=256)
    job = begun(place.client.create_snapshot(machine.id, 2))
    looks = 0
    while True:
        now = job_of(place, job)
        answer = cancel(place, job) if now["StartTime"] else None
        if now["JobState"] != RUNNING:
            break
        if now["StartTime"]:
            looks += 1
            assert now["Cancellable"] == "false" and answer in ("1", "4097"), (now, answer)
    assert now["JobState"] == COMPLETED, now
    print(f"  refused {looks} times while it ran", flush=True)


def test_who_may(place):
    """A viewer ends nobody's job, and sees none of another user."""
    machine = Machine(place, "whose")
    job = shut_down(machine)
    viewer = place.service.client("viewer")
    for call in (lambda: viewer.get(JOB, {"InstanceID": job}),
                 lambda: viewer.invoke(JOB, "RequestStateChange", [("RequestedState", "4")], {"InstanceID": job})):
        try:
            call()
            raise AssertionError("the viewer did it")
        except Fault as fault:
            assert fault.subcode in ("a:DestinationUnreachable", "w:AccessDenied"), fault
    viewer.close()
    assert cancel(place, job) == "0"
    end(place, job, TERMINATED)


def test_service_stops(place):
    """With a job in the middle and one behind it: this one has ended after the next start, and says how. The guest has
    the rest of its time, as it may still heed what it was asked."""
    machine = Machine(place, "stops")
    first = shut_down(machine)
    behind = begun(place.client.create_snapshot(machine.id, DISK))
    place.client.close()
    place.service.stop()
    place.service.start()
    place.client = place.service.client()
    end(place, behind, EXCEPTION, "The service was stopped before")
    assert job_of(place, first)["JobState"] == RUNNING
    machine.virsh("destroy")
    end(place, first, COMPLETED)
    assert place.lab.virsh("snapshot-list", "stops", "--name").split() == []


def test_machine_goes_under_its_jobs(place):
    """One that lasts, one that waits: both end, and say that the machine is gone; so does what is asked of it then."""
    machine = Machine(place, "goes")
    first = shut_down(machine)
    behind = begun(place.client.create_snapshot(machine.id, DISK))
    machine.virsh("undefine")  # it runs on, and is gone with its end
    machine.virsh("destroy")
    end(place, first, COMPLETED)  # it is off, as was asked for
    done = end(place, behind, EXCEPTION)
    assert "achine" in done["ErrorDescription"], done
    assert place.client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{behind}'}} WHERE "
                              "ResultClass = Msvm_VirtualSystemSettingData") == []
    assert place.client.create_snapshot(machine.id, DISK)["ReturnValue"] == "4"
    assert len(place.client.query("SELECT * FROM Msvm_ConcreteJob")) >= 2


def test_dead_job(place):
    """Everything that can be asked of a job that was deleted says that it is not there."""
    machine = Machine(place, "dead", state="off")
    job = begun(place.client.create_snapshot(machine.id, DISK))
    end(place, job, COMPLETED)
    keys = {"InstanceID": job}
    place.client.call(envelope(NS["x"] + "/Delete", JOB, keys))
    for call in (lambda: cancel(place, job), lambda: put(place, job, DeleteOnCompletion="true"),
                 lambda: place.client.invoke(JOB, "GetErrorEx", [], keys),
                 lambda: place.client.call(envelope(NS["x"] + "/Delete", JOB, keys))):
        try:
            call()
            raise AssertionError("it is still there")
        except Fault as fault:
            assert fault.subcode == "a:DestinationUnreachable", fault
    assert len(machine.settings()) == 2  # what it made is another matter


def test_time_before_removal(place):
    """DeleteOnCompletion: the job goes by itself after its time, and not before; by either model's class."""
    machine = Machine(place, "stay", state="off")
    jobs = [begun(place.client.create_snapshot(machine.id, DISK)) for _ in range(3)]
    for job in jobs:
        end(place, job, COMPLETED)
        assert job_of(place, job)["DeleteOnCompletion"] == "false"
        assert job_of(place, job)["TimeBeforeRemoval"] == "P0DT0H5M0S"
    put(place, jobs[0], TimeBeforeRemoval="PT1S")
    put(place, jobs[1], DeleteOnCompletion="true", TimeBeforeRemoval="PT2.5S")
    put(place, jobs[2], DeleteOnCompletion="true", TimeBeforeRemoval="P1D")
    assert job_of(place, jobs[1])["TimeBeforeRemoval"] == "P0DT0H0M2.5S"
    await_gone(place, jobs[1])
    assert job_of(place, jobs[0])["DeleteOnCompletion"] == "false"
    assert job_of(place, jobs[2])["TimeBeforeRemoval"] == "P1DT0H0M0S"
    assert len(machine.settings()) == 4  # the job goes, what it made stays
    place.client.close()
    place.service.stop()
    place.service.start()
    place.client = place.service.client()
    assert job_of(place, jobs[2])["DeleteOnCompletion"] == "true" and gone(place, jobs[1])
    for bad in ({"TimeBeforeRemoval": "PT0S"}, {"TimeBeforeRemoval": "soon"}, {"JobState": "4"}, {"Owner": "me"}):
        try:
            put(place, jobs[0], **bad)
            raise AssertionError(f"{bad} was taken")
        except Fault as fault:
            assert fault.subcode in ("x:InvalidRepresentation", "w:SchemaValidationError", "w:InvalidParameter",
                                     "wsman:InvalidParameter"), fault
    assert job_of(place, jobs[0])["TimeBeforeRemoval"] == "P0DT0H0M1S"


def test_put_leaves_what_was_applied(place):
    """A job of long ago that applied another snapshot is changed: which was last applied stays."""
    machine = Machine(place, "applied", state="off")
    machine.snapshot("A")
    machine.snapshot("B")
    old = machine.apply("A")["InstanceID"]
    machine.apply("B")
    put(place, old, TimeBeforeRemoval="P2D")
    last = place.client.query(f"ASSOCIATORS OF {{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',"
                              f"Name='{machine.id}'}} WHERE AssocClass = Msvm_LastAppliedSnapshot")
    assert [item["InstanceID"].split(":")[1] for item in last] == [machine.guids["B"]], last


def test_history(place):
    """As many ended jobs as the configuration says, the newest, before and after a restart."""
    machine = Machine(place, "history", state="off")
    jobs = []
    for _ in range(KEEP + 5):
        jobs.append(begun(place.client.create_snapshot(machine.id, DISK)))
        end(place, jobs[-1], COMPLETED)
    await_gone(place, jobs[-KEEP - 1])  # the last one can be seen to have ended a moment before the oldest goes
    listed = {job["InstanceID"]: job for job in place.client.query("SELECT * FROM Msvm_ConcreteJob")}
    assert set(listed) == set(jobs[-KEEP:]), (len(listed), listed)
    assert gone(place, jobs[0])
    place.client.close()
    place.service.stop()
    place.service.start()
    place.client = place.service.client()
    again = {job["InstanceID"]: job for job in place.client.query("SELECT * FROM Msvm_ConcreteJob")}
    assert again == listed


def test_dmtf(place):
    machine = Machine(place, "dmtf", state="off")
    job = begun(place.client.create_snapshot(machine.id, DISK))
    end(place, job, COMPLETED)
    shown = [item for item in place.client.items(DMTF + "CIM_ConcreteJob")]
    assert shown
    place.client.call(envelope(NS["x"] + "/Put", JOB.replace("virtualization/v2", "virtualization"), {"InstanceID": job},
                               '<p:Msvm_ConcreteJob xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/'
                               'virtualization/Msvm_ConcreteJob"><p:DeleteOnCompletion>true</p:DeleteOnCompletion>'
                               "</p:Msvm_ConcreteJob>"))
    assert job_of(place, job)["DeleteOnCompletion"] == "true"


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
