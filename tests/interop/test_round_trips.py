#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How often libvirt is asked: what each operation costs in calls to libvirtd, counted on the socket between. A list of
many machines costs as few as one of some; titles that are kept are never old ones."""

import contextlib
import os
import sys
import uuid
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import suite  # noqa: E402
from counted import CountedSocket  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import Fault, V2  # noqa: E402

MANY = 120
SYSTEM = V2 + "Msvm_ComputerSystem"


def define_many(lab):
    """Machines that are off, with nothing in them; half have a title."""
    for i in range(MANY):
        title = f"<title>Machine {i}</title>" if i % 2 else ""
        lab.virsh("define", str(lab.write("many.xml", (
            f"<domain type='{lab.accel()}'><name>many-{i}</name><uuid>{uuid.uuid4()}</uuid>{title}<memory unit='MiB'>16"
            "</memory><os><type arch='x86_64'>hvm</type></os></domain>"))))


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("demo", state="off")
        lab.define("runs")
        define_many(lab)
        behind = lab.uri.split("socket=")[1]
        path = lab.dir / "counted.sock"
        owner = (lab.dir.stat().st_uid, lab.dir.stat().st_gid)
        with CountedSocket(path, behind, owner) as counted:
            # no sweep: it would ask in between
            service = Service(lab, build, uri=lab.uri.replace(behind, str(path)), settings={"sweep.seconds": 0})
            with contextlib.closing(service.client()) as client:
                yield SimpleNamespace(lab=lab, service=service, client=client, counted=counted)
            service.stop()


def calls(place, operation, *arguments):
    place.counted.take()
    got = operation(*arguments)
    return got, place.counted.take()


def create(place, machine, kind=3):
    answer = place.client.create_snapshot(machine, kind)
    job = place.client.follow(answer)
    assert job["JobState"] == "7", job
    return answer


def change(place, method, answer):
    """Apply or destroy what a create has answered with."""
    snapshot = answer["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
    job = place.client.follow(place.client.change_snapshot(method, snapshot))
    assert job["JobState"] == "7", job


def names(place):
    return {machine["ElementName"] for machine in place.client.query("SELECT ElementName FROM Msvm_ComputerSystem")}


def test_a_list_of_machines(place):
    first = names(place)
    assert {"Machine 1", "many-2", f"Machine {MANY - 1}"} <= first, first
    again, asked = calls(place, names, place)
    assert again == first
    # two parts: machines, the saved, the transient, statistics, one before it; and one part that is empty
    assert sum(asked.values()) <= 12, asked
    assert asked["domain_get_metadata"] == 0, asked


def test_one_machine_by_name(place):
    found, asked = calls(place, place.client.query, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'machine 7'")
    assert [machine["ElementName"] for machine in found] == ["Machine 7"], found
    assert sum(asked.values()) <= 7, asked
    place.machine = found[0]["Name"]


def test_get(place):
    keys = {"CreationClassName": "Msvm_ComputerSystem", "Name": place.machine}
    got, asked = calls(place, place.client.get, SYSTEM, keys)
    assert got["ElementName"] == "Machine 7"
    assert sum(asked.values()) <= 5, asked
    settings = {"InstanceID": "Microsoft:" + place.machine}
    got, asked = calls(place, place.client.get, V2 + "Msvm_VirtualSystemSettingData", settings)
    assert sum(asked.values()) <= 13, asked


def test_snapshots(place):
    demo = place.lab.virsh("domuuid", "demo").strip().upper()
    for kind in (3, 3, 2):
        answer, asked = calls(place, create, place, demo, kind)
        # one look by core, one by the job
        assert asked["domain_lookup_by_uuid"] == asked["domain_get_xml_desc"] == 2, asked
        assert sum(asked.values()) <= 16, asked
    key = answer["ResultingSnapshot"].selectors
    _, asked = calls(place, place.client.get, V2 + "Msvm_VirtualSystemSettingData", key)
    assert sum(asked.values()) <= 9, asked
    # of each machine: itself and its snapshots; of one that has some: which is the current one, and each of them
    got, asked = calls(place, place.client.query, "SELECT InstanceID, ElementName FROM Msvm_VirtualSystemSettingData")
    assert len(got) == MANY + 2 + 3, len(got)
    assert sum(asked.values()) <= 2 * (MANY + 2) + 25, asked


def test_snapshots_of_a_machine_that_runs(place):
    """Besides libvirt's own calls QEMU is asked: of disks for other work, for their tags, and to take them all at once."""
    runs = place.lab.virsh("domuuid", "runs").strip().upper()
    for kind, most in ((3, 20), (3, 20), (2, 18), (2, 18)):
        _, asked = calls(place, create, place, runs, kind)
        assert asked["domain_lookup_by_uuid"] == 2 and asked["domain_get_xml_desc"] == 3, asked
        assert sum(asked.values()) <= most, asked


def test_changes_of_snapshots(place):
    demo = place.lab.virsh("domuuid", "demo").strip().upper()
    answer = create(place, demo)
    for method, most in (("ApplySnapshot", 39), ("DestroySnapshot", 30)):
        _, asked = calls(place, change, place, method, answer)
        assert sum(asked.values()) <= most, asked


def test_a_snapshot_goes_while_it_is_read(place):
    """At whichever of its descriptions: it is not there, or was when its reading began; nothing else is the matter."""
    demo = place.lab.virsh("domuuid", "demo").strip().upper()
    gone = 0
    for before in range(4):
        key = create(place, demo)["ResultingSnapshot"].selectors
        snapshot = key["InstanceID"].split(":")[1]
        place.counted.before["domain_snapshot_get_xml_desc"] = [int] * before + [
            lambda name=snapshot: place.lab.virsh("snapshot-delete", "demo", name)]
        try:
            assert place.client.get(V2 + "Msvm_VirtualSystemSettingData", key)["InstanceID"] == key["InstanceID"]
        except Fault as fault:
            assert fault.subcode == "a:DestinationUnreachable", fault
            gone += 1
        place.counted.before.clear()
    assert gone, "it was there each time"


def test_titles_are_never_old(place):
    for new in ("Seven", "Sieben", "Sept"):
        place.lab.virsh("desc", "many-7", "--config", "--title", new)
        seen, asked = calls(place, names, place)
        assert new in seen, seen
        assert asked["domain_get_metadata"] == 1, asked
    place.lab.virsh("undefine", "many-7")
    assert "Sept" not in names(place)
    place.lab.virsh("define", str(place.lab.write("again.xml", (
        f"<domain type='{place.lab.accel()}'><name>many-7</name><uuid>{place.machine}</uuid><title>Seven again</title>"
        "<memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os></domain>"))))
    assert "Seven again" in names(place)


def test_titles_after_libvirtd_was_away(place):
    place.lab.stop_libvirtd(kill=True)
    place.lab.start_libvirtd()
    place.lab.virsh("desc", "many-9", "--config", "--title", "Nine")
    with contextlib.suppress(Exception):  # the first may find the old connection dead
        names(place)
    assert "Nine" in names(place)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
