#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What others do with virsh, while nobody asks: the sweep tells of it."""

import contextlib
import os
import sys
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("here", state="off")
        service = Service(lab, build, settings={"sweep.seconds": 1})
        yield SimpleNamespace(lab=lab, service=service)


def test_machines_and_snapshots(place):
    lab, service = place.lab, place.service
    lab.define("later", state="off")
    machine = lab.virsh("domuuid", "later").strip().upper()
    service.await_log(f'event=machine-seen machine="{machine}" name="later"')
    lab.virsh("snapshot-create-as", "later", "by virsh")
    match = service.await_log(f'event=snapshot-seen machine="{machine}" snapshot="(.*)" name="by virsh"')
    with contextlib.closing(service.client()) as client:
        made = client.get(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + match.group(1)})
    assert made["ElementName"] == "by virsh" and made["VirtualSystemIdentifier"] == machine, made
    lab.virsh("snapshot-delete", "later", "by virsh")
    service.await_log(f'event=snapshot-gone machine="{machine}" snapshot="{match.group(1)}"')
    lab.virsh("undefine", "later")
    service.await_log(f'event=machine-gone machine="{machine}"')


def test_own_ones_are_no_news(place):
    lab, service = place.lab, place.service
    begin = len(service.log_text())
    machine = lab.virsh("domuuid", "here").strip().upper()
    with contextlib.closing(service.client()) as client:
        job = client.create_snapshot(machine)["Job"]
        while client.get(job.resource, job.selectors)["JobState"] == "4":
            pass
    lab.virsh("snapshot-create-as", "here", "after it")
    service.await_log('event=snapshot-seen .*name="after it"', begin)
    assert service.log_text()[begin:].count("event=snapshot-seen") == 1, service.log_text()[begin:]


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
