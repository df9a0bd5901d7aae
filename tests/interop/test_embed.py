#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirt's QEMU driver inside the service (qemu:///embed?root=...), without any libvirtd: snapshots of a machine that runs
and that is off are made, applied and destroyed, also while it runs."""

import contextlib
import os
import pathlib
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [os.path.join(os.path.dirname(HERE), "lab"), HERE]

import suite  # noqa: E402
from lab import Lab, end_process  # noqa: E402
from patterns import LENGTH, OFFSET, in_snapshot  # noqa: E402
from service import Service  # noqa: E402
from test_machines import OFF, START, reach, system  # noqa: E402
from test_life import DISK, FULL  # noqa: E402
from wsman import V2  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        root = lab.mkdir("embed")
        uri = f"qemu:///embed?root={root}"
        disks = [(lab.disk(f"inside-{i}.qcow2"), "qcow2") for i in range(2)]
        # the one process that may have the driver, before the service has it
        lab.run(["virsh", "-q", "-c", uri, "define", lab.write("machine.xml", lab.machine_xml("inside", disks))])
        service = Service(lab, build, uri=uri, settings={"snapshot.apply_running": "turn-off"})
        with contextlib.closing(service.client()) as client:
            name = client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'inside'")[0]["Name"]
            try:
                yield SimpleNamespace(lab=lab, service=service, client=client, ids={"inside": name}, root=root,
                                      disks=[path for path, _ in disks])
            finally:
                for file in pathlib.Path(root).glob("run/qemu/*.pid"):
                    if file.stem != "driver":
                        end_process(int(file.read_text()))


def write(place, value):
    for path in place.disks:
        place.lab.run(["qemu-io", "-f", "qcow2", "-c", f"write -P {value} {OFFSET} {LENGTH}", path])


def holds(place, value):
    for path in place.disks:
        answer = place.lab.run(["qemu-io", "-r", "-f", "qcow2", "-c", f"read -P {value} {OFFSET} {LENGTH}", path]).stdout
        assert "failed" not in answer, (path, value)


def snapshot(place, kind, value):
    answer = place.client.create_snapshot(place.ids["inside"], kind)
    job = place.client.follow(answer)
    assert job["JobState"] == "7", job
    guid = answer["ResultingSnapshot"].selectors["InstanceID"].split(":")[1]
    for path in place.disks:
        assert in_snapshot(place.lab, path, guid) == value
    return guid


def change(place, method, guid):
    job = place.client.follow(place.client.change_snapshot(method, guid))
    assert job["JobState"] == "7", job


def test_all(place):
    write(place, 1)
    first = snapshot(place, DISK, 1)
    write(place, 2)
    reach(place, "inside", START, "2")
    second = snapshot(place, DISK, 2)
    third = snapshot(place, FULL, 2)
    change(place, "ApplySnapshot", first)  # while it runs
    assert system(place, "inside")["EnabledState"] == "3"
    holds(place, 1)
    change(place, "ApplySnapshot", third)
    assert system(place, "inside")["EnabledState"] == "6"
    reach(place, "inside", START, "2")
    change(place, "ApplySnapshot", third)  # while it runs, to one with memory
    reach(place, "inside", START, "2")
    change(place, "DestroySnapshot", second)
    reach(place, "inside", OFF, "3")
    holds(place, 2)
    change(place, "DestroySnapshotTree", first)
    assert [place.lab.tags(path) for path in place.disks] == [[], []]


def test_again(place):
    """Another process goes on with what is there, after one that was killed too: the machine runs on."""
    write(place, 3)
    reach(place, "inside", START, "2")
    guid = snapshot(place, DISK, 3)
    place.client.close()
    place.service.process.kill()
    place.service.process.wait()
    place.service.start()
    place.client = place.service.client()
    assert system(place, "inside")["EnabledState"] == "2"
    change(place, "ApplySnapshot", guid)
    write(place, 4)
    change(place, "ApplySnapshot", guid)
    holds(place, 3)
    change(place, "DestroySnapshot", guid)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
