#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every test program, two at a time, and adds up their closing lines.

Each program prints "NAME: N passed, M failed[, K skipped]" and, before that, what failed. One that ends
without such a line, or is still running after its deadline, counts as one failure.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

# What takes long and says the same on any build runs in one long tier, with AddressSanitizer: the quick tier stays
# under ten minutes. ThreadSanitizer has enough of the jobs in the shorter ones. Named as an argument, all run anywhere.
LONG = {"interop/test_agent.py", "interop/test_disks.py", "interop/test_embed.py", "interop/test_life_storage.py",
        "interop/test_remote.py", "interop/test_sequences.py"}
NOT_WITH_THREADS = LONG | {"interop/test_life.py", "interop/test_life_refusals.py", "interop/test_views.py",
                           "interop/test_zeep.py"}

CLOSING = re.compile(r"^\S+: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def programs(build):
    """Name, command, deadline in seconds. The long ones come first."""
    python = sys.executable
    rows = [(os.path.basename(os.path.dirname(path)) + "/" + os.path.basename(path),
             [python, path, "--build", build], 900)
            for path in sorted(glob.glob("tests/*/test_*.py"))]
    rows.append(("contract", [python, "tests/contract/run.py", "--build", build], 900))
    rows.append(("golden", [python, "tests/golden/golden.py", "--build", build], 600))
    rows.append(("lint", [python, "tests/lint/lint.py"], 60))
    # the targets have a build of their own, with sanitizers anyway, and nothing there counts for `make cov`
    if not os.environ.get("SANITIZE") and not os.environ.get("COVERAGE"):
        rows.append(("fuzz", ["env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", "-s", "B=" + build, "fuzz",
                              "SECONDS_EACH=3"], 900))
    rows += [("unit/" + os.path.basename(path), [path], 120)
             for path in sorted(glob.glob(build + "/unit/test_*"))]
    return rows


def left_to_others(sanitize):
    """The programs that do not run on this build."""
    if "thread" in sanitize:
        return NOT_WITH_THREADS
    return set() if "address" in sanitize else LONG


def run(row):
    name, command, deadline = row
    begin = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=deadline, text=True, errors="replace")
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace") + f"\nno end after {deadline} s\n"
        status = -1
    closing = CLOSING.findall(output)
    passed, failed, skipped = (int(n or 0) for n in closing[-1]) if closing else (0, 0, 0)
    if status != 0 and failed == 0:
        failed = 1
    return name, passed, failed, skipped, output, time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--long", action="store_true", help="only those that the quick tier leaves out")
    parser.add_argument("only", nargs="*", help="run only programs whose name contains one of these")
    options = parser.parse_args()
    rows = [row for row in programs(options.build)
            if (not options.only or any(word in row[0] for word in options.only))
            and (not options.long or row[0] in LONG)]
    if not options.only and not options.long:
        others = left_to_others(os.environ.get("SANITIZE", ""))
        rows = [row for row in rows if row[0] not in others]
        if others:
            print("left to check-asan: " + " ".join(sorted(others)), flush=True)
    totals = [0, 0, 0]
    again = []  # what failed is told once more at the end, where who reads a long log looks first
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for name, passed, failed, skipped, output, seconds in pool.map(run, rows):
            totals = [a + b for a, b in zip(totals, (passed, failed, skipped))]
            word = "FAILED" if failed else "ok"
            print(f"{word:6} {name}: {passed} passed, {failed} failed"
                  + (f", {skipped} skipped" if skipped else "") + f" ({seconds:.1f} s)", flush=True)
            if failed:
                again += [f"FAILED {name}:"] + ["    " + line for line in output.splitlines()[-25:]]
            if failed or skipped:
                print("".join("    " + line + "\n" for line in output.splitlines()[-80:]), flush=True)
    print("".join(line + "\n" for line in again), end="")
    print(f"{totals[0]} passed, {totals[1]} failed" + (f", {totals[2]} skipped" if totals[2] else ""))
    return 1 if totals[1] or totals[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
