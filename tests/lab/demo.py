#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make demo: a snapshot of a real machine, taken over HTTPS by a WS-Management client.

Exit status 0 when everything was seen to be true, by the service and independently of it.
"""

import argparse
import os
import sys
import time
import xml.dom.minidom

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import Lab, LabError  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2, Fault, HttpError  # noqa: E402

BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
JOB_STATES = {4: "Running", 7: "Completed", 8: "Terminated", 9: "Killed", 10: "Exception"}


def title(text):
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def pretty(text):
    """XML with an element a line; long namespace lists are cut from the first line."""
    lines = xml.dom.minidom.parseString(text).documentElement.toprettyxml(indent="  ").splitlines()
    return "\n".join("    " + line for line in lines if line.strip())


class Watch:
    """Prints the envelopes of the step that asks for it."""

    def __init__(self):
        self.on = False

    def __call__(self, kind, text):
        if self.on:
            print(f"  {kind}:\n{pretty(text)}", flush=True)


def show(values, names):
    for name in names:
        print(f"  {name:24} {values.get(name)}")


def follow(client, reference):
    """Reads the job again and again until it has ended, with a live line."""
    begin, live = time.monotonic(), sys.stdout.isatty()
    while True:
        job = client.get(reference.resource, reference.selectors)
        state = int(job["JobState"])
        line = (f"  job {JOB_STATES.get(state, state)} {job['PercentComplete']:>3} % "
                f"after {time.monotonic() - begin:.1f} s")
        print("\r" + line if live else line, end="" if live and state == 4 else "\n", flush=True)
        if state != 4:
            return job
        time.sleep(0.1)


def prove(lab, machine, snapshot):
    """Asks libvirt and the disk file themselves."""
    identity = snapshot["InstanceID"].split(":", 1)[1]
    listing = lab.virsh("snapshot-list", machine)
    print("  virsh snapshot-list on the private libvirtd:\n    " + listing.strip())
    good = identity in listing
    for path in lab.disks_of(machine):
        tags = lab.tags(path)
        print(f"  qemu-img snapshot -l {path.name}: {', '.join(tags) or 'nothing'}")
        good = good and identity in tags
    return good


def demonstrate(lab, service):
    title(f"A private libvirtd, a QEMU machine ({'KVM' if lab.accel() == 'kvm' else 'TCG'}) and the daemon")
    lab.define("demo")
    watch = Watch()
    client = service.client("demo", watch=watch)
    print(f"  https://localhost:{service.port}/wsman, certificate verified against a CA made for this run")

    title("Identify")
    show(client.identify(), ["ProtocolVersion", "ProductVendor", "ProductVersion"])

    wql = "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'"
    title(wql)
    machine = client.query(wql)[0]
    show(machine, ["ElementName", "Name", "EnabledState"])

    title("Invoke CreateSnapshot, SnapshotType 2 (memory and disks)")
    watch.on = True
    result = client.create_snapshot(machine["Name"], 2)
    watch.on = False
    print(f"  ReturnValue       {result['ReturnValue']}\n  Job               {result['Job']}\n"
          f"  ResultingSnapshot {result['ResultingSnapshot']}")

    title("Follow the job")
    job = follow(client, result["Job"])
    if job["JobState"] != "7":
        print(f"  {job['ErrorCode']}: {job['ErrorDescription']}")
        return False

    wql = ("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='%s'} WHERE AssocClass = Msvm_AffectedJobElement "
           "ResultClass = Msvm_VirtualSystemSettingData" % job["InstanceID"])
    title(wql)
    snapshots = client.query(wql)
    if len(snapshots) != 1:
        print(f"  {len(snapshots)} found, one expected")
        return False
    snapshot = snapshots[0]
    show(snapshot, ["InstanceID", "ElementName", "VirtualSystemType", "VirtualSystemIdentifier",
                    "CreationTime", "IsSaved", "Parent"])
    same = client.get(V2 + "Msvm_VirtualSystemSettingData",
                      {"InstanceID": result["ResultingSnapshot"].selectors["InstanceID"]})

    title("The same, seen without the daemon")
    return prove(lab, "demo", snapshot) and same["InstanceID"] == snapshot["InstanceID"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--port", help="ignored: the demo takes a free port")
    parser.add_argument("--uri", help="ignored: the demo has a libvirtd of its own")
    options = parser.parse_args()
    begin = time.monotonic()
    try:
        with Lab() as lab:
            service = Service(lab, options.build, users=(("demo", "operator"),))
            try:
                good = demonstrate(lab, service)
            finally:
                service.keep_log(os.path.join(options.build, "demo"))
    except (LabError, Fault, HttpError) as error:
        print(f"\n{error}", file=sys.stderr)
        good = False
    except KeyboardInterrupt:
        return 130
    title("Everything is ended and removed")
    print(f"  {'The snapshot is real.' if good else 'The demo FAILED.'} ({time.monotonic() - begin:.1f} s; "
          f"the daemon's log is {options.build}/demo/cimsnapd.log)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
