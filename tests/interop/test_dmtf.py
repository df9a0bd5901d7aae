#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a conformance check of the DMTF's snapshot model looks at (CIM Schema 2.42, DSP1042, DSP1057, DSP1103), on
real QEMU machines, by a client that knows CIM_ classes and root/interop only. The checks are numbered 1 to 8."""

import contextlib
import os
import re
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from models import BINDING, STARTED, Model, endpoint  # noqa: E402
from service import Service  # noqa: E402
from wsman import DMTF, NS, Reference, envelope, instance, local  # noqa: E402

SERVICE, VM, SETTINGS = "CIM_VirtualSystemSnapshotService", "CIM_ComputerSystem", "CIM_VirtualSystemSettingData"
JOB, PROFILE = "CIM_ConcreteJob", "CIM_RegisteredProfile"
SERVICE_CAN, VM_CAN = "CIM_VirtualSystemSnapshotServiceCapabilities", "CIM_VirtualSystemSnapshotCapabilities"

ID = {"InstanceID"}
KEYS = {
    SERVICE: {"SystemCreationClassName", "SystemName", "CreationClassName", "Name"},
    VM: {"CreationClassName", "Name"},
    "CIM_EnabledLogicalElementCapabilities": ID, SETTINGS: ID, JOB: ID, PROFILE: ID, SERVICE_CAN: ID, VM_CAN: ID,
    "CIM_ProcessorAllocationSettingData": ID, "CIM_StorageAllocationSettingData": ID,
    "CIM_EthernetPortAllocationSettingData": ID,
    "CIM_VirtualSystemSettingDataComponent": {"GroupComponent", "PartComponent"},
    "CIM_ResourcePool": ID, "CIM_AllocationCapabilities": ID,
    "CIM_SettingsDefineCapabilities": {"GroupComponent", "PartComponent"},
    "CIM_HostedResourcePool": {"GroupComponent", "PartComponent"},
    "CIM_MethodResult": ID, "CIM_AssociatedJobMethodResult": {"Job", "JobParameters"},
    "CIM_SnapshotOfVirtualSystem": {"Antecedent", "Dependent"},
    "CIM_LastAppliedSnapshot": {"Antecedent", "Dependent"},
    "CIM_MostCurrentSnapshotInBranch": {"Antecedent", "Dependent"},
    "Cimsnapd_ParentChildSettingData": {"Antecedent", "Dependent"},
    "CIM_SettingsDefineState": {"ManagedElement", "SettingData"},
    "CIM_ElementSettingData": {"ManagedElement", "SettingData"},
    "CIM_HostedService": {"Antecedent", "Dependent"},
    "CIM_ServiceAffectsElement": {"AffectedElement", "AffectingElement"},
    "CIM_ElementCapabilities": {"ManagedElement", "Capabilities"},
    "CIM_AffectedJobElement": {"AffectedElement", "AffectingElement"},
    "CIM_OwningJobElement": {"OwningElement", "OwnedElement"},
    "CIM_ElementConformsToProfile": {"ConformantStandard", "ManagedElement"},
    "CIM_ReferencedProfile": {"Antecedent", "Dependent"},
}


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running", disks=2)
        lab.define("off", state="off")
        lab.define("mixed", raw=1)
        lab.define("grown", state="off")
        service = Service(lab, build)
        with contextlib.closing(service.client()) as client:
            place = SimpleNamespace(lab=lab, service=service,
                                    cim=Model(client, DMTF, {"__cimnamespace": "root/interop"}))
            place.tree = grow(place, "grown")
            yield place


def machine(place, name):
    found = [vm for vm in place.cim.all(VM) if vm["ElementName"] == name]
    assert len(found) == 1, found
    return found[0]


def machine_ref(place, name):
    return place.cim.ref(VM, {"CreationClassName": VM, "Name": machine(place, name)["Name"]})


def instance_id(guid):
    return "cimsnapd:" + guid


def create(place, name, kind="2"):
    return place.cim.invoke(SERVICE, "CreateSnapshot", ("AffectedSystem", machine_ref(place, name)), ("SnapshotType", kind))


def taken(place, name, kind="3"):
    """A new snapshot of the machine."""
    answer = create(place, name, kind)
    place.cim.done(answer)
    return endpoint(answer["ResultingSnapshot"]), answer["ResultingSnapshot"].selectors["InstanceID"]


def grow(place, name):
    """Snapshots first and second; first is applied, and third then made: the InstanceIDs by these names."""
    (first, first_id), (_, second_id) = taken(place, name), taken(place, name)
    place.cim.done(place.cim.invoke(SERVICE, "ApplySnapshot", ("Snapshot", first)))
    return {"first": first_id, "second": second_id, "third": taken(place, name)[1]}


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def references(place, name):
    """References to all instances of a class."""
    return [Reference(item) for item in place.cim.elements(name, mode="EnumerateEPR")]


def to_service(place):
    return references(place, SERVICE)[0]


def test_4_create_answers_with_a_job_and_the_job_with_the_snapshot(place):
    """4096 means a job; AffectedJobElement with effect 5 (Create) leads to setting data that Get finds."""
    answer = create(place, "running")
    assert answer["ReturnValue"] == STARTED and answer["Job"] is not None, answer
    assert answer["Job"].class_name == JOB, answer["Job"].resource
    place.cim.done(answer)
    made = []
    for _, pair in place.cim.related(answer["Job"], "AssociationInstances", ResultClassName="CIM_AffectedJobElement"):
        if pair["AffectedElement"].class_name == SETTINGS:
            assert "5" in listed(pair["ElementEffects"]), pair
            made.append(place.cim.follow(pair["AffectedElement"]))
    assert [one["InstanceID"] for one in made] == [answer["ResultingSnapshot"].selectors["InstanceID"]], made
    assert made[0]["VirtualSystemIdentifier"] == machine(place, "running")["Name"], made
    assert made[0]["InstanceID"].split(":")[1] in place.lab.virsh("snapshot-list", "running", "--name").split()


def test_4_only_what_is_created_has_that_effect(place):
    """Effect 5 is of the new snapshot, and neither of its machine nor of what is applied."""
    effects = {}
    for pair in place.cim.all("CIM_AffectedJobElement"):
        job = place.cim.follow(pair["AffectingElement"])
        effects.setdefault((pair["AffectedElement"].class_name, job["ElementName"].split()[0]),
                           set()).update(listed(pair["ElementEffects"]))
    created = {key for key, found in effects.items() if "5" in found}
    assert created == {(SETTINGS, "Snapshot")}, effects
    assert {name for name, _ in effects} == {SETTINGS, VM} and len(effects) == 4, effects


def test_4_jobs_are_owned_by_the_service(place):
    """OwningJobElement leads from a job to the service whose method began it, and back."""
    answer = create(place, "running")
    pairs = place.cim.related(answer["Job"], "AssociationInstances", ResultClassName="CIM_OwningJobElement")
    assert [pair["OwningElement"].class_name for _, pair in pairs] == [SERVICE], pairs
    assert pairs[0][1]["OwnedElement"].selectors == answer["Job"].selectors, pairs
    assert place.cim.follow(pairs[0][1]["OwningElement"])["Name"] == "vssnapsvc"
    place.cim.done(answer)
    owned = place.cim.related(to_service(place), AssociationClassName="CIM_OwningJobElement", ResultRole="OwnedElement")
    assert answer["Job"].selectors["InstanceID"] in [job["InstanceID"] for _, job in owned], owned


def properties_of(embedded):
    """Names and values of an embedded instance."""
    root = ElementTree.fromstring(embedded)
    return root.get("CLASSNAME"), {one.get("NAME"): one.findtext("VALUE") for one in root}


def test_4_a_job_leads_to_the_call_that_began_it(place):
    """MethodResult has the method and what it was called with, and after the end what it answers with: the new snapshot.
    So have the job's own parameters. It goes when the job goes."""
    answer = create(place, "off", "3")
    place.cim.done(answer)
    (kind, result), = place.cim.related(answer["Job"], AssociationClassName="CIM_AssociatedJobMethodResult")
    vm, made = machine(place, "off")["Name"], answer["ResultingSnapshot"].selectors["InstanceID"]
    _, before = properties_of(result["PreCallIndication"])
    _, after = properties_of(result["PostCallIndication"])
    assert (kind, before["MethodName"], before["PreCall"], before["ReturnValue"]) == \
        ("CIM_MethodResult", "CreateSnapshot", "true", None), result
    assert vm in properties_of(before["MethodParameters"])[1]["AffectedSystem"], before
    assert (after["PreCall"], after["ReturnValue"]) == ("false", "0"), after
    assert made in properties_of(after["MethodParameters"])[1]["ResultingSnapshot"], after
    assert properties_of(before["SourceInstance"])[0] == SERVICE, before
    job = place.cim.follow(answer["Job"])
    name, parameters = properties_of(job["JobOutParameters"])
    assert name == "__JobOutParameters" and parameters["__ReturnValue"] == "0" and made in parameters["ResultingSnapshot"]
    assert properties_of(job["JobInParameters"])[0] == "__JobInParameters", job
    place.cim.client.call(envelope(NS["x"] + "/Delete", answer["Job"].resource, answer["Job"].selectors))
    assert result["InstanceID"] not in [one["InstanceID"] for one in place.cim.all("CIM_MethodResult")]


def test_4_jobs_of_the_machine_are_owned_by_it(place):
    """A change of state is begun by a method of the machine: that owns the job."""
    name = machine(place, "mixed")["Name"]
    answer = place.cim.client.invoke(DMTF + VM, "RequestStateChange", [("RequestedState", "9")],
                                     {"__cimnamespace": "root/interop", "CreationClassName": VM, "Name": name})
    place.cim.done(answer)
    owners = place.cim.related(answer["Job"], AssociationClassName="CIM_OwningJobElement")
    assert [(kind, owner["Name"]) for kind, owner in owners] == [(VM, name)], owners
    assert machine(place, "mixed")["EnabledState"] == "9"


def test_1_keys(place):
    """Each class has the schema's keys, and the selectors of references are these keys."""
    for name, keys in KEYS.items():
        mof = place.lab.run([place.service.binary, "schema", "--mof", "root/interop:" + name]).stdout
        assert set(re.findall(r"\[Key[^]]*\] (?:\w+ REF |\w+ )(\w+);", mof)) == keys, mof
        found = references(place, name)
        assert found, name
        for ref in found:
            assert set(ref.selectors) - {"__cimnamespace"} == keys, (name, ref.selectors)
            assert ref.selectors["__cimnamespace"] == "root/interop" and ref.class_name == name, ref.resource


def test_2_methods_are_listed_under_the_schemas_spelling(place):
    """AynchronousMethodsSupported is spelt so, and the arrays hold 2 to 4 only."""
    found = place.cim.all(SERVICE_CAN)
    assert len(found) == 1, found
    assert set(listed(found[0]["AynchronousMethodsSupported"])) <= {"2", "3", "4"}, found
    assert "2" in listed(found[0]["AynchronousMethodsSupported"]), found
    assert set(listed(found[0].get("SynchronousMethodsSupported"))) <= {"2", "3", "4"}, found
    assert "AsynchronousMethodsSupported" not in found[0], found


def test_2_a_listed_method_is_there(place):
    """What is listed is no method that answers Not Supported (1): each finds that there is no such object (4)."""
    nothing = place.cim.ref(SETTINGS, {"InstanceID": "cimsnapd:00000000-0000-4000-8000-000000000000"})
    nobody = place.cim.ref(VM, {"CreationClassName": VM, "Name": "00000000-0000-4000-8000-000000000000"})
    calls = {"2": ("CreateSnapshot", ("AffectedSystem", nobody), ("SnapshotType", "2")),
             "3": ("DestroySnapshot", ("AffectedSnapshot", nothing)), "4": ("ApplySnapshot", ("Snapshot", nothing))}
    for number in listed(place.cim.all(SERVICE_CAN)[0]["AynchronousMethodsSupported"]):
        answer = place.cim.invoke(SERVICE, *calls[number])
        assert answer["ReturnValue"] == "4", (number, answer)


def test_3_types_of_a_machine_are_of_the_service(place):
    """SnapshotTypesEnabled is part of SnapshotTypesSupported; values are 2, 3 or a vendor's."""
    supported = set(listed(place.cim.all(SERVICE_CAN)[0]["SnapshotTypesSupported"]))
    assert all(value in "23" or int(value) >= 32768 for value in supported), supported
    all_of_them = place.cim.all(VM_CAN)
    assert len(all_of_them) == 4, all_of_them
    for one in all_of_them:
        assert set(listed(one.get("SnapshotTypesEnabled"))) <= supported, one
        assert one["GuestOSNotificationEnabled"] in ("true", "false"), one


def test_3_types_are_what_disks_and_driver_can_do_now(place):
    """A machine with a raw disk can take none, and asking for one is Invalid Type (6); the capabilities say why."""
    can = {name: found for name in ("running", "off", "mixed")
           for _, found in place.cim.related(machine_reference(place, name), ResultClassName=VM_CAN)}
    assert set(listed(can["running"]["SnapshotTypesEnabled"])) == {"2", "3", "32768"}, can
    assert "2" in can["off"]["SnapshotTypesEnabled"], can
    assert listed(can["mixed"].get("SnapshotTypesEnabled")) == [], can
    assert "raw" in can["mixed"]["Description"], can
    assert create(place, "mixed")["ReturnValue"] == "6"


def machine_reference(place, name):
    wanted = machine(place, name)["Name"]
    return next(ref for ref in references(place, VM) if ref.selectors["Name"] == wanted)


def test_3_the_service_leads_to_its_capabilities(place):
    found = place.cim.related(to_service(place), AssociationClassName="CIM_ElementCapabilities")
    assert [name for name, _ in found] == [SERVICE_CAN], found


def test_a_machine_leads_to_what_can_be_asked_of_it(place):
    """States that RequestStateChange takes, and one that it does not: Not Supported."""
    ref = machine_reference(place, "mixed")
    (_, can), = place.cim.related(ref, ResultClassName="CIM_EnabledLogicalElementCapabilities")
    assert set(listed(can["RequestedStatesSupported"])) == {"2", "3", "6", "9", "10", "11"}, can
    assert (can["ElementNameEditSupported"], can["MaxElementNameLen"]) == ("false", "100"), can
    answer = place.cim.client.invoke(ref.resource, "RequestStateChange", [("RequestedState", "7")], ref.selectors)
    assert answer["ReturnValue"] == "1", answer
    answer = place.cim.client.invoke(ref.resource, "RequestStateChange", [("RequestedState", "9")], ref.selectors)
    assert answer["ReturnValue"] == "4097", answer  # it is paused already
    again = place.cim.get("CIM_EnabledLogicalElementCapabilities", {"InstanceID": can["InstanceID"]})
    assert again == can, again


def test_5_snapshot_of_virtual_system_points_the_right_way(place):
    """Antecedent is the machine, Dependent its snapshot."""
    pairs = place.cim.all("CIM_SnapshotOfVirtualSystem")
    assert pairs
    for pair in pairs:
        assert pair["Antecedent"].class_name == VM and pair["Dependent"].class_name == SETTINGS, pair
        assert place.cim.follow(pair["Dependent"])["VirtualSystemIdentifier"] == pair["Antecedent"].selectors["Name"]


def test_5_last_applied_snapshot_points_the_other_way(place):
    """Antecedent is the snapshot, Dependent the machine; there is one only for what was applied."""
    pairs = place.cim.all("CIM_LastAppliedSnapshot")
    assert len(pairs) == 1, pairs
    assert pairs[0]["Antecedent"].class_name == SETTINGS and pairs[0]["Dependent"].class_name == VM, pairs
    assert pairs[0]["Antecedent"].selectors["InstanceID"] == place.tree["first"], pairs
    assert pairs[0]["Dependent"].selectors["Name"] == machine(place, "grown")["Name"], pairs
    wrong = place.cim.related(machine_reference(place, "grown"), Role="Antecedent",
                              AssociationClassName="CIM_LastAppliedSnapshot")
    assert wrong == [], wrong


def test_5_most_current_snapshot_points_the_right_way(place):
    """Antecedent is the machine, Dependent the snapshot that its settings derive from."""
    newest = {pair["Antecedent"].selectors["Name"]: pair["Dependent"] for pair in
              place.cim.all("CIM_MostCurrentSnapshotInBranch")}
    assert newest[machine(place, "grown")["Name"]].selectors["InstanceID"] == place.tree["third"], newest
    assert {ref.class_name for ref in newest.values()} == {SETTINGS}, newest


def test_the_tree_by_dependencies(place):
    """A client that knows no class for the edges finds them as CIM_Dependency: the machine's settings derive from
    the third snapshot, this and the second from the first."""
    active = instance_id(machine(place, "grown")["Name"])
    parents = {}
    for child in (active, *place.tree.values()):
        ref = next(ref for ref in references(place, SETTINGS) if ref.selectors["InstanceID"] == child)
        found = place.cim.related(ref, AssociationClassName="CIM_Dependency", ResultClassName=SETTINGS, Role="Dependent",
                                  ResultRole="Antecedent")
        parents[child] = [one["InstanceID"] for _, one in found]
    first, second, third = (place.tree[name] for name in ("first", "second", "third"))
    assert parents == {active: [third], third: [first], second: [first], first: []}, parents


def test_a_machine_leads_to_its_settings(place):
    """SettingsDefineState to those that it has now, ElementSettingData to those of snapshots, each saying that it is
    not current."""
    ref = machine_reference(place, "grown")
    state = place.cim.related(ref, AssociationClassName="CIM_SettingsDefineState", ResultRole="SettingData")
    assert [(name, one["InstanceID"]) for name, one in state] == \
        [(SETTINGS, instance_id(machine(place, "grown")["Name"]))], state
    pairs = [pair for _, pair in place.cim.related(ref, "AssociationInstances", ResultClassName="CIM_ElementSettingData")]
    assert {pair["SettingData"].selectors["InstanceID"] for pair in pairs} == set(place.tree.values()), pairs
    assert {(pair["IsCurrent"], pair["IsDefault"], pair["IsNext"]) for pair in pairs} == {("2", "2", "2")}, pairs
    every = place.cim.all("CIM_SettingsDefineState")
    assert len(every) == len(place.cim.all(VM)) - 1, every  # the host has none
    for pair in every:
        assert place.cim.follow(pair["SettingData"])["VirtualSystemIdentifier"] == pair["ManagedElement"].selectors["Name"]


def test_settings_lead_to_what_is_allocated(place):
    """A snapshot is its setting data and those of its parts: processors, memory and the images of its disks, which lead
    back. Of the machine as it is the same."""
    for name in (place.tree["second"], instance_id(machine(place, "grown")["Name"])):
        ref = next(ref for ref in references(place, SETTINGS) if ref.selectors["InstanceID"] == name)
        parts = place.cim.related(ref, AssociationClassName="CIM_VirtualSystemSettingDataComponent",
                                  ResultRole="PartComponent")
        by_class = {}
        for kind, part in parts:
            by_class.setdefault(kind, []).append(part)
        assert [part["InstructionSet"] for part in by_class["CIM_ProcessorAllocationSettingData"]] == ["DMTF:x86:64"], by_class
        assert [part["HostResource"] for part in by_class["CIM_StorageAllocationSettingData"]] == \
            [f"file://{path}" for path in place.lab.disks_of("grown")], by_class
        memory = [part for part in by_class["CIM_ResourceAllocationSettingData"] if part["ResourceType"] == "4"]
        assert [part["VirtualQuantity"] for part in memory] == ["64"], by_class
        for _, pair in place.cim.related(ref, "AssociationInstances", ResultClassName="CIM_VirtualSystemSettingDataComponent"):
            back = place.cim.related(pair["PartComponent"], AssociationClassName="CIM_VirtualSystemSettingDataComponent")
            assert [one["InstanceID"] for _, one in back] == [name], (pair, back)


def test_the_host_has_the_service_and_it_manages_machines(place):
    """HostedService from the host only; ServiceAffectsElement with effect 5 (Manages) to each machine."""
    pairs = place.cim.all("CIM_HostedService")
    assert [pair["Dependent"].class_name for pair in pairs] == [SERVICE], pairs
    host = place.cim.follow(pairs[0]["Antecedent"])
    assert host["Description"] == "Hosting computer system", host
    assert pairs[0]["Dependent"].selectors["SystemName"] == host["Name"], pairs
    managed = place.cim.all("CIM_ServiceAffectsElement")
    names = {pair["AffectedElement"].selectors["Name"] for pair in managed}
    assert names == {vm["Name"] for vm in place.cim.all(VM)} - {host["Name"]}, managed
    assert all(listed(pair["ElementEffects"]) == ["5"] and pair["AffectingElement"].class_name == SERVICE
               for pair in managed), managed


def test_6_a_job_stays_after_its_end(place):
    """TimeBeforeRemoval is an interval, and right after its end the job is still there."""
    answer = create(place, "off")
    job = place.cim.done(answer)
    assert re.fullmatch(r"P\d+DT\d+H\d+M\d+S", job["TimeBeforeRemoval"]), job
    again = place.cim.follow(answer["Job"])
    assert again["JobState"] == "7" and again["PercentComplete"] == "100", again
    assert listed(again["OperationalStatus"]) == ["17", "2"], again


def test_7_instance_ids(place):
    """ORGANIZATION:LOCAL without a colon in the organization, which is not CIM; and each only once."""
    seen = set()
    for name, keys in KEYS.items():
        if keys != ID:
            continue
        for one in place.cim.all(name):
            organization, colon, rest = one["InstanceID"].partition(":")
            assert organization and colon and rest and organization.upper() != "CIM", one["InstanceID"]
            assert one["InstanceID"] not in seen, one["InstanceID"]
            seen.add(one["InstanceID"])
    assert len(seen) > 10, seen


def test_8_profiles(place):
    """RegisteredVersion is M.N.U, RegisteredOrganization 2; each profile leads to its central instances, these back."""
    profiles = {ref.selectors["InstanceID"]: ref for ref in references(place, PROFILE)}
    central = {}
    for one in place.cim.all(PROFILE):
        assert re.fullmatch(r"\d+\.\d+\.\d+", one["RegisteredVersion"]), one
        assert one["RegisteredOrganization"] == "2", one
        pairs = [pair for _, pair in place.cim.related(profiles[one["InstanceID"]], "AssociationInstances",
                                                       ResultClassName="CIM_ElementConformsToProfile")
                 if pair["ConformantStandard"].selectors["InstanceID"] == one["InstanceID"]]
        assert pairs, one
        for pair in pairs:
            back = place.cim.related(pair["ManagedElement"], AssociationClassName="CIM_ElementConformsToProfile",
                                     ResultRole="ConformantStandard")
            assert one["InstanceID"] in [found["InstanceID"] for _, found in back], (one, back)
        central[one["RegisteredName"]] = {pair["ManagedElement"].class_name for pair in pairs}
    assert central["System Virtualization"] == {VM} and central["Job Control"] == {JOB}, central


def base_properties(place):
    """Those of CIM_ComputerSystem, by the published schema."""
    mof = place.lab.run([place.service.binary, "schema", "--mof", "root/interop:" + VM]).stdout
    return set(re.findall(r"(\w+)(?:\[\])?;$", mof, re.M))


def test_excluding_subclass_properties(place):
    """Hyper-V's instances read as the DMTF's base: its name and properties, and no more."""
    own = base_properties(place)
    assert {"EnabledState", "Dedicated", "Name"} <= own and "ProcessID" not in own, own
    body = ('<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements><b:PolymorphismMode xmlns:b='
            f'"{BINDING}">ExcludeSubClassProperties</b:PolymorphismMode></n:Enumerate>')
    for space in ("root/virtualization/v2", "root/virtualization", "root/interop"):
        root = place.cim.client.call(envelope(NS["n"] + "/Enumerate", DMTF + VM, {"__cimnamespace": space}, body))
        items = root.find(".//w:Items", NS)
        assert len(items) == 5, space
        for item in items:
            assert local(item.tag) == VM and set(instance(item)) <= own, (space, set(instance(item)) - own)


def test_apply_and_destroy(place):
    """The whole life: a snapshot of a machine that is off is applied and destroyed."""
    answer = create(place, "off", "3")
    place.cim.done(answer)
    snapshot = endpoint(answer["ResultingSnapshot"])
    place.cim.done(place.cim.invoke(SERVICE, "ApplySnapshot", ("Snapshot", snapshot)))
    place.cim.done(place.cim.invoke(SERVICE, "DestroySnapshot", ("AffectedSnapshot", snapshot)))
    identity = answer["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
    assert identity not in place.lab.virsh("snapshot-list", "off", "--name").split()
    for path in place.lab.disks_of("off"):
        assert identity not in place.lab.tags(path)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
