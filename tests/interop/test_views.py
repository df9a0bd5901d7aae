#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Associations of a real machine and its snapshots in all three models: a client that goes from the host along every
association comes to everything, finds each instance by its reference, and comes back the way it went."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import pywinrm_flow  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from models import ALL_DMTF, V1, Model  # noqa: E402
from service import Service  # noqa: E402
from wsman import DMTF, V2, Reference  # noqa: E402

INTEROP = {"__cimnamespace": "root/interop"}
VM, SETTINGS, JOB = "ComputerSystem", "VirtualSystemSettingData", "ConcreteJob"

# What the references of one snapshot of the tree lead to: association class, role of the snapshot, and what stands
# at the other end: "vm", "now" (the machine's own settings) or another snapshot. Jobs and parts are left out here.
OF_SNAPSHOTS = {
    "v2": {
        "first": {("Msvm_SnapshotOfVirtualSystem", "Dependent", "vm"), ("Msvm_ElementSettingData", "SettingData", "vm"),
                  ("Msvm_LastAppliedSnapshot", "Antecedent", "vm"),
                  ("Msvm_ParentChildSettingData", "Antecedent", "second"),
                  ("Msvm_ParentChildSettingData", "Antecedent", "third")},
        "second": {("Msvm_SnapshotOfVirtualSystem", "Dependent", "vm"), ("Msvm_ElementSettingData", "SettingData", "vm"),
                   ("Msvm_ParentChildSettingData", "Dependent", "first")},
        "third": {("Msvm_SnapshotOfVirtualSystem", "Dependent", "vm"), ("Msvm_ElementSettingData", "SettingData", "vm"),
                  ("Msvm_MostCurrentSnapshotInBranch", "Dependent", "vm"),
                  ("Msvm_ParentChildSettingData", "Dependent", "first"),
                  ("Msvm_ParentChildSettingData", "Antecedent", "now")},
        "now": {("Msvm_SettingsDefineState", "SettingData", "vm"), ("Msvm_ParentChildSettingData", "Dependent", "third")},
    },
    "v1": {
        "first": {("Msvm_ElementSettingData", "SettingData", "vm")},
        "second": {("Msvm_ElementSettingData", "SettingData", "vm")},
        "third": {("Msvm_ElementSettingData", "SettingData", "vm"), ("Msvm_PreviousSettingData", "SettingData", "vm")},
        "now": {("Msvm_SettingsDefineState", "SettingData", "vm")},
    },
}
OF_SNAPSHOTS["dmtf"] = {
    name: {(association.replace("Msvm_", "Cimsnapd_" if "ParentChild" in association else "CIM_"), role, end)
           for association, role, end in rows} for name, rows in OF_SNAPSHOTS["v2"].items()}


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("grown", state="off", disks=2)
        lab.define("other", state="off")
        service = Service(lab, build)
        with contextlib.closing(service.client()) as client:
            place = SimpleNamespace(lab=lab, service=service, client=client, vm=lab.virsh("domuuid", "grown").strip().upper(), models={
                "v2": Model(client), "v1": Model(client, V1), "dmtf": Model(client, DMTF, INTEROP)})
            place.ids = grow(place)
            place.names = {guid: name for name, guid in place.ids.items()}
            yield place


def grow(place):
    """Snapshots first and second; first is applied, and third then made."""
    ids = {"now": place.vm}
    for name in ("first", "second", "third"):
        before = set(place.lab.virsh("snapshot-list", "grown", "--name").split())
        assert place.client.follow(place.client.create_snapshot(place.vm, 3))["JobState"] == "7"
        ids[name] = (set(place.lab.virsh("snapshot-list", "grown", "--name").split()) - before).pop()
        if name == "second":
            done = place.client.follow(place.client.change_snapshot("ApplySnapshot", ids["first"]))
            assert done["JobState"] == "7", done
    return ids


def key(ref):
    return ref.class_name, tuple(sorted(ref.selectors.items()))


def ends(pair):
    return {role: value for role, value in pair.items() if isinstance(value, Reference)}


def named(place, ref):
    """What a reference of the grown machine is of, by the names of this file."""
    if ref.class_name.endswith(VM):
        assert ref.selectors["Name"] == place.vm, ref.selectors
        return "vm"
    return place.names[ref.selectors["InstanceID"].split(":")[1]]


def walk_from_snapshots(place, kind):
    model, prefix = place.models[kind], "cimsnapd:" if kind == "dmtf" else "Microsoft:"
    refs = {ref.selectors["InstanceID"]: ref for ref in map(Reference, model.elements(
        ("CIM_" if kind == "dmtf" else "Msvm_") + SETTINGS, mode="EnumerateEPR"))}
    for name, expected in OF_SNAPSHOTS[kind].items():
        ref, found = refs[prefix + place.ids[name]], set()
        for association, pair in model.related(ref, "AssociationInstances"):
            (role, _), = [item for item in ends(pair).items() if key(item[1]) == key(ref)]
            (_, other), = [item for item in ends(pair).items() if key(item[1]) != key(ref)]
            if other.class_name.endswith((VM, "_" + SETTINGS)):
                found.add((association, role, named(place, other)))
                assert model.follow(other)["ElementName"], other.selectors
        assert found == expected, (name, found ^ expected)


def test_snapshots_in_v2(place):
    walk_from_snapshots(place, "v2")


def test_snapshots_in_v1(place):
    walk_from_snapshots(place, "v1")


def test_snapshots_in_the_dmtfs(place):
    walk_from_snapshots(place, "dmtf")


def test_pywinrm(place):
    """A client that is not ours, by WQL in all three namespaces: from the machine to the snapshot it derives from, from
    this to its parent, from that back to the machine."""
    client = pywinrm_flow.Pywinrm(place.service.port, place.service.ca, "operator", place.service.passwords["operator"])
    rows = {"v2": ("Msvm_", "Microsoft:", V2 + "*", None, "Msvm_MostCurrentSnapshotInBranch", "Msvm_SnapshotOfVirtualSystem"),
            "v1": ("Msvm_", "Microsoft:", V1 + "*", None, "Msvm_PreviousSettingData", "Msvm_ElementSettingData"),
            "dmtf": ("CIM_", "cimsnapd:", ALL_DMTF, INTEROP, "CIM_MostCurrentSnapshotInBranch", "CIM_SnapshotOfVirtualSystem")}
    for kind, (prefix, organization, resource, selectors, newest, owner) in rows.items():
        def across(name, keys, association):
            return client.query(f"ASSOCIATORS OF {{{prefix}{name}.{keys}}} WHERE AssocClass = {association}", resource, selectors)
        machine = f"CreationClassName='{prefix}{VM}',Name='{place.vm}'"
        found = across(VM, machine, newest)
        assert [one["InstanceID"] for one in found] == [organization + place.ids["third"]], (kind, found)
        if kind != "v1":  # which has the parent as a property only
            edges = "Msvm_ParentChildSettingData" if kind == "v2" else "CIM_Dependency"
            found = across(SETTINGS, f"InstanceID='{found[0]['InstanceID']}'", edges + " ResultRole = Antecedent ResultClass = "
                           + prefix + SETTINGS)
            assert [one["InstanceID"] for one in found] == [organization + place.ids["first"]], (kind, found)
        back = across(SETTINGS, f"InstanceID='{found[0]['InstanceID']}'", owner)
        assert [one["Name"] for one in back] == [place.vm], (kind, back)


def crawl(model, starts):
    """Every instance that can be reached: by its key what Get answers. And each pair of an association, by class and
    ends, with the ends it was seen from."""
    found, pairs, waiting = {}, {}, list(starts)
    while waiting:
        ref = waiting.pop()
        if key(ref) in found:
            continue
        found[key(ref)] = model.follow(ref)
        for association, pair in model.related(ref, "AssociationInstances"):
            both = ends(pair)
            assert len(both) == 2, (association, pair)
            name = association, frozenset((role, key(end)) for role, end in both.items())
            assert key(ref) in [key(end) for end in both.values()], (association, key(ref))
            pairs.setdefault(name, set()).add(key(ref))
            waiting += both.values()
    return found, pairs


def check_crawl(place, kind, reached):
    model, prefix = place.models[kind], "CIM_" if kind == "dmtf" else "Msvm_"
    starts = [ref for ref in map(Reference, model.elements(prefix + VM, mode="EnumerateEPR"))
              if "Hosting" in model.follow(ref)["Description"]]
    if kind == "v2":  # which has no association between the host and its pools
        starts += map(Reference, model.elements("Msvm_ResourcePool", mode="EnumerateEPR"))
    found, pairs = crawl(model, starts)
    for name, seen in pairs.items():
        assert seen == {end for _, end in name[1]}, f"not seen from both ends: {name}"
    listed = {(association, frozenset((role, key(end)) for role, end in ends(pair).items()))
              for association in {name for name, _ in pairs} for pair in model.all(association)}
    assert listed == set(pairs), listed ^ set(pairs)
    assert reached <= {name for name, _ in found}, reached - {name for name, _ in found}
    ids = {instance.get("InstanceID") for instance in found.values()}
    missing = {name for name, guid in place.ids.items()
               if ("cimsnapd:" if kind == "dmtf" else "Microsoft:") + guid not in ids}
    assert not missing, missing
    jobs = [instance for (name, _), instance in found.items() if name == prefix + JOB]
    assert len(jobs) == 4, jobs


def test_everything_in_v2(place):
    check_crawl(place, "v2", {"Msvm_VirtualSystemSnapshotService", "Msvm_VirtualSystemManagementService",
                              "Msvm_StorageAllocationSettingData", "Msvm_DiskDrive", "Msvm_RegisteredProfile",
                              "Msvm_ResourcePool", "Msvm_AllocationCapabilities"})


def test_everything_in_v1(place):
    check_crawl(place, "v1", {"Msvm_VirtualSystemManagementService", "Msvm_ProcessorSettingData", "Msvm_MemorySettingData",
                              "Msvm_ResourceAllocationSettingData", "Msvm_VirtualSystemGlobalSettingData"})


def test_everything_in_the_dmtfs(place):
    check_crawl(place, "dmtf", {"CIM_VirtualSystemSnapshotService", "CIM_VirtualSystemSnapshotServiceCapabilities",
                                "CIM_VirtualSystemSnapshotCapabilities", "CIM_EnabledLogicalElementCapabilities", "CIM_RegisteredProfile",
                                "CIM_ProcessorAllocationSettingData", "CIM_StorageAllocationSettingData", "CIM_ResourcePool"})


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
