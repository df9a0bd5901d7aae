#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What managers and backup programs call, in their order and their words, on real QEMU machines. One section a client:
each step is made from what the step before it brought, as theirs is."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import patterns  # noqa: E402
import suite  # noqa: E402
from agent import BOOT, FREEZE, THAW, Agent  # noqa: E402
from lab import Lab  # noqa: E402
from models import STARTED, Model, text_of  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2, Reference  # noqa: E402

SYSTEM, SETTINGS, JOB = "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData", "Msvm_ConcreteJob"
SNAPSHOTS, MANAGEMENT = "Msvm_VirtualSystemSnapshotService", "Msvm_VirtualSystemManagementService"
FULL, DISK, RECOVERY = "2", "3", "32768"
START, OFF, SAVE, KILL = "2", "3", "6", "5"
RUNNING, TURNED_OFF, SAVED = "2", "3", "6"
COMPLETED, TERMINATED, KILLED = "7", "8", "9"
RECOVERY_TYPE = "Microsoft:Hyper-V:Snapshot:Recovery"
NOT_SUPPORTED = "32770"


@contextlib.contextmanager
def setup(build):
    with Lab() as lab, Agent(lab, "busy") as agent:
        for name in ("sample", "oswin", "backup", "bareos", "csharp", "posh"):
            lab.define(name, disks=2)
        lab.define("busy", agent=agent.path, code=BOOT)
        agent.ready()
        service = Service(lab, build, settings={"snapshot.agent_seconds": 60})
        with contextlib.closing(service.client()) as client:
            yield SimpleNamespace(lab=lab, service=service, v2=Model(client), agent=agent)


# What all clients do, each in its own way

def by_name(place, name, more=""):
    found = place.v2.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{name}'{more}")
    assert len(found) == 1, found
    return found[0]


def full_path(place, class_name, **keys):
    """As WMI's __PATH has it."""
    host = place.v2.query("SELECT * FROM Msvm_ComputerSystem WHERE Caption = 'Hosting Computer System'")[0]["Name"]
    return (f"\\\\{host}\\root\\virtualization\\v2:{class_name}."
            + ",".join(f'{key}="{value}"' for key, value in keys.items()))


def system_path(place, vm):
    return full_path(place, SYSTEM, CreationClassName=SYSTEM, Name=vm["Name"])


def system_ref(place, vm):
    return place.v2.ref(SYSTEM, {"CreationClassName": SYSTEM, "Name": vm["Name"]})


def settings_ref(place, settings):
    return place.v2.ref(SETTINGS, {"InstanceID": settings["InstanceID"]})


def settings_path(place, settings):
    return full_path(place, SETTINGS, InstanceID=settings["InstanceID"])


def job_path(place, answer):
    return full_path(place, JOB, InstanceID=answer["Job"].selectors["InstanceID"])


def guid(settings):
    return settings["InstanceID"].split(":")[1]


def libvirt_has(place, name):
    return sorted(place.lab.virsh("snapshot-list", name, "--name").split())


def change_state(place, vm, state, shown):
    """RequestStateChange as they all call it; then the state is asked for until it is there."""
    answer = place.v2.client.invoke(V2 + SYSTEM, "RequestStateChange", [("RequestedState", state)],
                                    {"CreationClassName": SYSTEM, "Name": vm["Name"]})
    if answer["ReturnValue"] != "0":
        place.v2.done(answer)
    assert place.v2.get(SYSTEM, {"Name": vm["Name"]})["EnabledState"] == shown


def rename(place, settings, name):
    """The whole instance goes back with one property changed."""
    return place.v2.invoke(MANAGEMENT, "ModifySystemSettings",
                           ("SystemSettings", text_of(SETTINGS, {**settings, "ElementName": name})))


def finish(place, answer):
    if answer["ReturnValue"] != "0":
        place.v2.done(answer)


# The documented sample

def test_documented_sample(place):
    service = place.v2.query("SELECT * FROM Msvm_VirtualSystemSnapshotService")
    assert len(service) == 1, service
    assert place.v2.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'nobody'") == []
    vm = by_name(place, "sample")
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                             ("SnapshotSettings", ""), ("SnapshotType", FULL))
    assert answer["ReturnValue"] == STARTED, answer
    seen = []
    while not seen or seen[-1] in ("3", "4"):
        job = place.v2.follow(answer["Job"])
        seen.append(job["JobState"])
    assert seen[-1] == COMPLETED and job["PercentComplete"] == "100", job
    made = place.v2.query(f"ASSOCIATORS OF {{{job_path(place, answer)}}} WHERE AssocClass = Msvm_AffectedJobElement "
                          f"ResultClass = {SETTINGS}")
    assert len(made) == 1 and made[0]["VirtualSystemIdentifier"] == vm["Name"], made
    assert guid(made[0]) in libvirt_has(place, "sample")
    assert all(guid(made[0]) in place.lab.tags(path) for path in place.lab.disks_of("sample"))


# OpenStack's os-win: vmutils.take_vm_snapshot() and jobutils

def oswin_snapshot(place, vm):
    """SnapshotSettings is left out; the job is read each tenth of a second."""
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)), ("SnapshotType", FULL))
    job = place.v2.done(answer, pause=0.1)
    assert not job["ErrorDescription"] and not job["ErrorSummaryDescription"], job
    return place.v2.query(f"ASSOCIATORS OF {{{job_path(place, answer)}}} WHERE AssocClass = Msvm_AffectedJobElement "
                          f"ResultClass = {SETTINGS}")[0]


def oswin_list(place, vm):
    return place.v2.query(f"ASSOCIATORS OF {{{system_path(place, vm)}}} WHERE AssocClass = Msvm_SnapshotOfVirtualSystem "
                          f"ResultClass = {SETTINGS}")


def oswin_jobs(place, vm):
    """jobutils: Msvm_AffectedJobElement by its end that is the machine; then each job by the other end."""
    links = place.v2.query("SELECT * FROM Msvm_AffectedJobElement WHERE AffectedElement = '"
                           + system_path(place, vm).replace("\\", "\\\\").replace('"', '\\"') + "'")
    for link in links:
        assert isinstance(link["AffectingElement"], Reference), link
        yield link["AffectingElement"], place.v2.follow(link["AffectingElement"])


def test_oswin(place):
    vm = by_name(place, "oswin", " AND Caption = 'Virtual Machine'")
    first = oswin_snapshot(place, vm)
    finish(place, rename(place, first, "before <upgrade> & \u00fc"))
    second = oswin_snapshot(place, vm)
    found = {one["InstanceID"]: one["ElementName"] for one in oswin_list(place, vm)}
    assert found == {first["InstanceID"]: "before <upgrade> & \u00fc", second["InstanceID"]: second["ElementName"]}, found
    finish(place, place.v2.invoke(SNAPSHOTS, "DestroySnapshot", ("AffectedSnapshot", settings_ref(place, first))))
    assert [one["InstanceID"] for one in oswin_list(place, vm)] == [second["InstanceID"]]
    assert libvirt_has(place, "oswin") == [guid(second)]


def test_oswin_ends_unfinished_jobs(place):
    """Before it destroys a machine: RequestStateChange(5) for each job that is not finished and is Cancellable. One
    waits in the guest's freeze, two behind it; another machine's job is none of them."""
    vm, other = by_name(place, "busy"), by_name(place, "oswin")
    place.agent.hold()
    answers = []
    for _ in range(3):
        answers.append(place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                                       ("SnapshotType", DISK)))
    place.agent.await_call(FREEZE)
    ids = [answer["Job"].selectors["InstanceID"] for answer in answers]
    jobs = {job["InstanceID"]: (ref, job) for ref, job in oswin_jobs(place, vm)}
    assert set(ids) <= set(jobs), (ids, jobs)
    assert not set(ids) & {job["InstanceID"] for _ref, job in oswin_jobs(place, other)}
    ended = []
    for ref, job in jobs.values():
        if job["JobState"] in ("7", "8", "9", "10", "32768") or job["Cancellable"] != "true":
            continue
        answer = place.v2.client.invoke(ref.resource, "RequestStateChange", [("RequestedState", KILL)], ref.selectors)
        assert answer["ReturnValue"] in ("0", STARTED), answer
        ended.append(job["InstanceID"])
    assert set(ids[1:]) <= set(ended), (ids, ended)
    place.agent.release()
    states = [place.v2.wait(answer)["JobState"] for answer in answers]
    assert states[1:] == [KILLED, KILLED], states
    assert states[0] in (COMPLETED, KILLED, TERMINATED), states
    whole = [guid(one) for one in oswin_list(place, vm)]
    assert len(whole) == (states[0] == COMPLETED) and libvirt_has(place, "busy") == sorted(whole), (states, whole)
    assert place.lab.tags(place.lab.disks_of("busy")[0]) == whole
    assert not place.agent.frozen
    place.agent.forget()


# Microsoft's sample xHyper-VBackup

def backup_settings(**values):
    return text_of("Msvm_VirtualSystemSnapshotSettingData", values)


def backup_snapshot(place, vm, **values):
    """Its loop takes every other state than 4 for the end, and every end but 7 for a failure."""
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                             ("SnapshotSettings", backup_settings(**values)), ("SnapshotType", RECOVERY))
    assert answer["ReturnValue"] == STARTED, answer
    while True:
        state = place.v2.follow(answer["Job"])["JobState"]
        if state != "4":
            break
    assert state == COMPLETED, state
    found = place.v2.query(f"ASSOCIATORS OF {{{job_path(place, answer)}}} WHERE ResultClass = {SETTINGS}")
    assert len(found) == 1, found
    return found[0]


def test_xhypervbackup(place):
    vm = by_name(place, "backup")
    patterns.write(place.lab, "backup", 0x21)
    made = backup_snapshot(place, vm, ConsistencyLevel="2", IgnoreNonSnapshottableDisks="TRUE")
    patterns.write(place.lab, "backup", 0x22)
    assert made["VirtualSystemType"] == RECOVERY_TYPE and made["IsSaved"] == "false", made
    for path in place.lab.disks_of("backup"):
        assert patterns.in_snapshot(place.lab, path, guid(made)) == 0x21
    # GetRelationships(): the links themselves, filtered by what their end says
    links = place.v2.query(f"REFERENCES OF {{{system_path(place, vm)}}} WHERE ResultClass = Msvm_SnapshotOfVirtualSystem")
    ends = [place.v2.follow(link["Dependent"]) for link in links]
    assert [end["InstanceID"] for end in ends if end["VirtualSystemType"] == RECOVERY_TYPE] == [made["InstanceID"]]
    # what is not there says so, so that it cleans up
    answer = place.v2.invoke(MANAGEMENT, "ExportSystemDefinition", ("ComputerSystem", system_ref(place, vm)),
                             ("ExportDirectory", "C:\\backup"), ("ExportSettingData", ""))
    assert answer["ReturnValue"] == NOT_SUPPORTED, answer
    finish(place, place.v2.invoke(SNAPSHOTS, "DestroySnapshot", ("AffectedSnapshot", settings_ref(place, made))))
    assert libvirt_has(place, "backup") == []


def test_xhypervbackup_sees_no_other_state(place):
    """A job that waits behind another one is running too, as far as that loop can see."""
    vm, before = by_name(place, "busy"), len(libvirt_has(place, "busy"))
    place.agent.hold()
    answers = [place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                               ("SnapshotSettings", backup_settings(ConsistencyLevel="1")), ("SnapshotType", RECOVERY))
               for _ in range(2)]
    place.agent.await_call(FREEZE)
    assert [place.v2.follow(answer["Job"])["JobState"] for answer in answers] == ["4", "4"]
    place.agent.release()
    for answer in answers:
        seen = {place.v2.follow(answer["Job"])["JobState"]}
        while seen <= {"4"}:
            seen.add(place.v2.follow(answer["Job"])["JobState"])
        assert seen <= {"4", COMPLETED}, seen
    assert len(libvirt_has(place, "busy")) == before + 2 and place.agent.names() == [FREEZE, THAW] * 2
    place.agent.forget()


# Bareos

def bareos_snapshot(place, vm):
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                             ("SnapshotSettings", backup_settings(ConsistencyLevel="2", GuestBackupType="1",
                                                                  IgnoreNonSnapshottableDisks="True")),
                             ("SnapshotType", RECOVERY))
    if answer["ReturnValue"] == "0":
        return place.v2.follow(answer["ResultingSnapshot"])
    place.v2.done(answer)
    found = place.v2.query(f"associators of {{{job_path(place, answer)}}} where ResultClass = {SETTINGS}")
    assert len(found) == 1, found
    return found[0]


def test_bareos(place):
    vm = by_name(place, "bareos")
    assert len(place.v2.query("SELECT * FROM Msvm_VirtualSystemSnapshotService")) == 1
    patterns.write(place.lab, "bareos", 0x31)
    made = bareos_snapshot(place, vm)
    patterns.write(place.lab, "bareos", 0x32)
    finish(place, rename(place, made, "Bareos JobId 7"))
    made = place.v2.get(SETTINGS, {"InstanceID": made["InstanceID"]})
    assert made["ElementName"] == "Bareos JobId 7" and made["VirtualSystemType"] == RECOVERY_TYPE, made
    described = os.path.join(made["ConfigurationDataRoot"], made["ConfigurationFile"])
    with open(described, encoding="utf-8") as file:
        assert f"<name>{guid(made)}</name>" in file.read(), described
    disks = place.v2.query(f"associators of {{{settings_path(place, made)}}} where AssocClass = "
                           "Msvm_VirtualSystemSettingDataComponent ResultClass = Msvm_StorageAllocationSettingData")
    paths = [disk["HostResource"] for disk in disks if disk["ResourceType"] == "31"]
    assert sorted(paths) == [str(path) for path in place.lab.disks_of("bareos")], disks
    for path in paths:
        assert patterns.in_snapshot(place.lab, path, guid(made)) == 0x31
    finish(place, place.v2.invoke(SNAPSHOTS, "DestroySnapshot", ("AffectedSnapshot", settings_ref(place, made))))
    assert libvirt_has(place, "bareos") == []


def test_bareos_returned_at_once(place):
    """Where jobs are short it may be told 0: then it reads ResultingSnapshot."""
    place.v2.client.close()
    place.service.restart({"snapshot.job_grace_ms": 20000})
    place.v2.client = place.service.client()
    try:
        made = bareos_snapshot(place, by_name(place, "bareos"))
        assert libvirt_has(place, "bareos") == [guid(made)]
    finally:
        place.v2.client.close()
        place.service.restart({"snapshot.job_grace_ms": 0})
        place.v2.client = place.service.client()


# Three public C# programs that apply snapshots; none names the machine in ApplySnapshot

def stage(place, vm, value):
    """A full snapshot with that value in disks and memory."""
    patterns.write(place.lab, "csharp", value)
    patterns.mark_memory(place.lab, "csharp", value)
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)), ("SnapshotType", FULL))
    place.v2.done(answer)
    return answer["Job"]


def active(place, vm):
    """GetRelated(VSSD, Msvm_SettingsDefineState, null, null, SettingData, ManagedElement, false, null)."""
    found = place.v2.query(f"ASSOCIATORS OF {{{system_path(place, vm)}}} WHERE AssocClass = Msvm_SettingsDefineState "
                           f"ResultClass = {SETTINGS} ResultRole = SettingData Role = ManagedElement")
    assert len(found) == 1, found
    return found[0]


def last_by_parent(place, vm):
    return place.v2.query(f"ASSOCIATORS OF {{{settings_path(place, active(place, vm))}}} WHERE AssocClass = "
                          f"Msvm_ParentChildSettingData ResultClass = {SETTINGS}")


def last_by_branch(place, vm):
    return place.v2.query(f"ASSOCIATORS OF {{{system_path(place, vm)}}} WHERE AssocClass = Msvm_MostCurrentSnapshotInBranch "
                          f"ResultClass = {SETTINGS} ResultRole = Dependent Role = Antecedent")


def apply(place, snapshot):
    return place.v2.done(place.v2.invoke(SNAPSHOTS, "ApplySnapshot", ("Snapshot", settings_ref(place, snapshot))))


def holds(place, value):
    """Once it runs again."""
    patterns.check(place.lab, "csharp", value)
    assert patterns.memory_mark(place.lab, "csharp") == value


def test_csharp_force_off(place):
    """The last snapshot is the parent of the active settings; the machine is turned off for it and started after it."""
    vm = by_name(place, "csharp")
    assert last_by_parent(place, vm) == last_by_branch(place, vm) == []
    stage(place, vm, 0x41)
    stage(place, vm, 0x42)
    patterns.write(place.lab, "csharp", 0x49)
    last = last_by_parent(place, vm)
    assert len(last) == 1 and last[0]["InstanceID"] in active(place, vm)["Parent"], last
    change_state(place, vm, OFF, TURNED_OFF)
    apply(place, last[0])
    assert by_name(place, "csharp")["EnabledState"] in (TURNED_OFF, SAVED)  # or its own start would fail
    change_state(place, vm, START, RUNNING)
    holds(place, 0x42)


def test_csharp_save(place):
    """The last snapshot by roles; the machine is saved for it; what was saved is gone afterwards."""
    vm = by_name(place, "csharp")
    last = last_by_branch(place, vm)
    assert [one["InstanceID"] for one in last] == [one["InstanceID"] for one in last_by_parent(place, vm)], last
    patterns.write(place.lab, "csharp", 0x59)
    patterns.mark_memory(place.lab, "csharp", 0x59)
    change_state(place, vm, SAVE, SAVED)
    apply(place, last[0])
    change_state(place, vm, START, RUNNING)
    holds(place, 0x42)


def test_csharp_does_not_stop_it_first(place):
    """The third tries at once: it is told that the machine's state is wrong, and nothing has happened."""
    vm = by_name(place, "csharp")
    root = last_by_parent(place, vm)[0]
    parent = place.v2.query(f"ASSOCIATORS OF {{{settings_path(place, root)}}} WHERE AssocClass = Msvm_ParentChildSettingData "
                            f"ResultClass = {SETTINGS} ResultRole = Antecedent Role = Dependent")
    assert len(parent) == 1 and parent[0]["Parent"] is None, parent
    patterns.write(place.lab, "csharp", 0x69)
    answer = place.v2.invoke(SNAPSHOTS, "ApplySnapshot", ("Snapshot", settings_ref(place, parent[0])))
    assert answer["ReturnValue"] in ("5", "32775") and not answer.get("Job"), answer
    patterns.check(place.lab, "csharp", 0x69)
    change_state(place, vm, OFF, TURNED_OFF)
    apply(place, parent[0])
    change_state(place, vm, START, RUNNING)
    holds(place, 0x41)
    assert [one["InstanceID"] for one in last_by_branch(place, vm)] == [parent[0]["InstanceID"]]


# PowerShell's generic CIM cmdlets

def test_powershell_checkpoint(place):
    """Get-CimInstance, Invoke-CimMethod, Get-CimAssociatedInstance for what Checkpoint-VM -SnapshotName does."""
    vm = next(one for one in place.v2.all(SYSTEM) if one["ElementName"] == "posh")
    answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)),
                             ("SnapshotSettings", ""), ("SnapshotType", FULL))
    place.v2.done(answer)
    related = place.v2.related(answer["Job"], ResultClassName=SETTINGS)
    assert [name for name, _ in related] == [SETTINGS], related
    made = related[0][1]
    finish(place, place.v2.invoke(MANAGEMENT, "ModifySystemSettings", ("SystemSettings", text_of(SETTINGS, {
        "InstanceID": made["InstanceID"], "ElementName": "from PowerShell", "Notes": ["one", "two"]}))))
    found = place.v2.query(f"SELECT * FROM {SETTINGS} WHERE VirtualSystemIdentifier = '{vm['Name']}' AND "
                           "VirtualSystemType LIKE 'Microsoft:Hyper-V:Snapshot:%'")
    assert [one["ElementName"] for one in found] == ["from PowerShell"], found
    tree = place.v2.invoke(SNAPSHOTS, "DestroySnapshotTree", ("SnapshotSettingData", settings_ref(place, found[0])))
    finish(place, tree)
    assert libvirt_has(place, "posh") == []


def test_powershell_checkpoint_type(place):
    """Set-VM -CheckpointType: Disabled 2, Production 3, ProductionOnly 4, Standard 5; read back, and it rules."""
    vm = by_name(place, "posh")
    mine = active(place, vm)
    kinds = {"2": None, "3": "true", "4": None, "5": "true"}  # IsSaved of what comes; there is no guest agent
    for policy, saved in kinds.items():
        finish(place, place.v2.invoke(MANAGEMENT, "ModifySystemSettings", ("SystemSettings", text_of(SETTINGS, {
            **mine, "UserSnapshotType": policy}))))
        assert active(place, vm)["UserSnapshotType"] == policy
        before = libvirt_has(place, "posh")
        answer = place.v2.invoke(SNAPSHOTS, "CreateSnapshot", ("AffectedSystem", system_ref(place, vm)), ("SnapshotType", FULL))
        if saved:
            place.v2.done(answer)
            assert last_by_parent(place, vm)[0]["IsSaved"] == saved
        else:
            assert answer["ReturnValue"] != STARTED or place.v2.wait(answer)["JobState"] == "10", answer
            assert libvirt_has(place, "posh") == before


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
