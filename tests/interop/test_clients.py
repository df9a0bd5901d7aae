#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's clients, unchanged, do the whole sample flow on real QEMU machines."""

import contextlib
import os
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import dracclient_flow  # noqa: E402
import pywinrm_flow  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running", disks=2)
        lab.define("off", state="off")
        yield SimpleNamespace(lab=lab, service=Service(lab, build))


def take(place, module, machine, kind):
    """One flow; then libvirt and every disk file must hold the snapshot, once."""
    service, lab = place.service, place.lab
    made = module.flow(service.port, service.ca, "operator", service.passwords["operator"], machine, kind,
                       say=lambda text: None)
    identity = made["InstanceID"].split(":", 1)[1]
    assert identity in lab.virsh("snapshot-list", machine, "--name").split(), identity
    for path in lab.disks_of(machine):
        assert lab.tags(path).count(identity) == 1, (path, lab.tags(path))
    return made


def test_pywinrm_full_running(place):
    assert take(place, pywinrm_flow, "running", 2)["IsSaved"] == "true"


def test_pywinrm_disks_running(place):
    made = take(place, pywinrm_flow, "running", 3)
    assert made["IsSaved"] == "false" and made["Parent"]


def test_dracclient_full_running(place):
    assert take(place, dracclient_flow, "running", 2)["IsSaved"] == "true"


def test_dracclient_recovery_running(place):
    made = take(place, dracclient_flow, "running", 32768)
    assert made["VirtualSystemType"] == "Microsoft:Hyper-V:Snapshot:Recovery"


def test_pywinrm_off(place):
    assert take(place, pywinrm_flow, "off", 2)["IsSaved"] == "false"


def test_machine_still_runs(place):
    assert place.lab.virsh("domstate", "running").strip() == "running"


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
