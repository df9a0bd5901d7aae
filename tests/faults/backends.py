#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every allocation and every call of libvirt in the backends' operations fails in turn (backend.c): memory, libvirt's mock, a QEMU machine.

    backends.py --build build/asan [--no-qemu] [STEP...]
"""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from lab import Lab  # noqa: E402

MOCK = "test://" + os.path.join(HERE, "machines.xml")

# The memory backend's machine by itself, one that has more, and operations that fail by its script.
SCRIPTS = ("", ":agent+cpus=2+disks=2+cds=1+serials=2+nics=2,web:off,old:saved&snapshots=5", "&fail=screen&fail_code=TIMEOUT",
           "&fail=edit")


def on_qemu(program, when, steps):
    with Lab() as lab:
        lab.define("run", disks=2, size="16M", memory=16, screen=True)
        child = lab.popen([str(lab.copy_in(program)), when, "libvirt", lab.uri, *steps], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
        return child.communicate()[0], child.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/asan")
    parser.add_argument("--no-qemu", action="store_true")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_args()
    program, totals = os.path.abspath(os.path.join(options.build, "faults/backend")), [0, 0]
    runs = [*(("before", "memory", "memory:?vms=run:running" + rest) for rest in SCRIPTS),
            *((when, "libvirt", uri) for uri in (MOCK, None) for when in ("before", "after") if uri or not options.no_qemu)]
    for when, module, uri in runs:
        if uri:
            done = subprocess.run([program, when, module, uri, *options.steps], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            output, status = done.stdout, done.returncode
        else:
            output, status = on_qemu(program, when, options.steps)
        print(f"{uri or 'QEMU'}, {when}:\n{output}", end="", flush=True)
        closing = re.search(r"^backend: (\d+) passed, (\d+) failed", output, re.M)
        passed, failed = map(int, closing.groups()) if closing else (0, 1)
        totals = [totals[0] + passed, totals[1] + max(failed, int(status != 0))]
    print(f"backends: {totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
