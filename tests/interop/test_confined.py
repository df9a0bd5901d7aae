#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The service as its unit confines it, as far as that can be had without systemd: a user of its own, no
capabilities, no_new_privs, and a file system where only its state can be written; on a real QEMU machine."""

import contextlib
import os
import shlex
import subprocess
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2  # noqa: E402


NAMESPACE = ["unshare", "--mount", "--propagation", "private"]


class ConfinedLab(Lab):
    """Runs what is called cimsnapd in a mount namespace of its own, where it is not asked for its version or so."""

    def _argv(self, argv):
        command = super()._argv(argv)
        if not str(argv[0]).endswith("/cimsnapd") or "passwd" in argv:
            return command
        state = shlex.quote(str(self.dir / "state"))
        script = (f"mount --bind {state} {state} && mount -o remount,bind,ro / && "
                  "for at in $(findmnt -rno TARGET); do case $at in */state|/) ;; "
                  "*) mount -o remount,bind,ro $at 2>/dev/null || true ;; esac; done; exec \"$@\"")
        return [*NAMESPACE, "sh", "-c", script, "sh", *command]


@contextlib.contextmanager
def setup(build):
    probe = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        yield probe.stderr.strip()
        return
    with ConfinedLab() as lab:
        lab.define("running")
        yield SimpleNamespace(lab=lab, service=Service(lab, build))


def need(place):
    if isinstance(place, str):
        raise suite.Skip(f"no mount namespace can be had here: {place}")


def test_nothing_else_can_be_written(place):
    need(place)
    pid = place.service.process.pid
    status = open(f"/proc/{pid}/status", encoding="ascii").read()
    for line in ("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1"):
        assert line in status, status
    enter = ["nsenter", "-t", str(pid), "--mount", "--root", "sh", "-c"]  # --root: where tests run in a chroot
    for path, writable in ((place.lab.dir / "state", True), (place.lab.dir, False), ("/var/tmp", False), ("/etc", False)):
        done = subprocess.run([*enter, f"touch {path}/probe && rm {path}/probe"], capture_output=True, check=False)
        assert (done.returncode == 0) == writable, (path, done.stderr)


def test_snapshots(place):
    need(place)
    machine = place.lab.virsh("domuuid", "running").strip().upper()
    with contextlib.closing(place.service.client()) as client:
        for kind in (2, 3, 32768):
            out = client.create_snapshot(machine, kind)
            job = {"JobState": "4"}
            while job["JobState"] in ("3", "4"):
                job = client.get(out["Job"].resource, out["Job"].selectors)
            assert job["JobState"] == "7", job
        assert len(client.query("SELECT * FROM Msvm_ConcreteJob")) == 3
        assert client.get(V2 + "Msvm_ComputerSystem", {"CreationClassName": "Msvm_ComputerSystem", "Name": machine})
    assert len(place.lab.virsh("snapshot-list", "running", "--name").split()) == 3
    assert "error=" not in place.service.reload()
    place.service.stop()
    assert place.service.process.returncode == 0, place.service.log_text()[-2000:]


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
