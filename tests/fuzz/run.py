#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every libFuzzer target for a bounded time, from the seeds in corpus/TARGET and the requests of the
golden tests. A finding is kept in the build folder; put it into the corpus with the mend."""

import argparse
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = "3C9D9B48-27EE-55B8-AFCE-CC642678FCE8"  # a machine of the memory backend
PAIRS = os.path.join(os.path.dirname(HERE), "golden", "pairs")


def seeds_for(target, folder):
    """Golden requests as seeds of the envelope; the files keep one element a line, which is put right."""
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(os.path.join(PAIRS, "*.request.xml")) if target in ("envelope", "wsman") else []:
        with open(path, encoding="utf-8") as source, \
                open(os.path.join(folder, os.path.basename(path)), "w", encoding="utf-8") as seed:
            seed.write(source.read().replace(">\n<", "><").rstrip("\n").replace("@DEMO@", DEMO))


def run(program, seconds):
    """True when nothing was found."""
    target = os.path.basename(program).removeprefix("fuzz_")
    base = os.path.dirname(program)
    found, seeds = os.path.join(base, target + ".corpus"), os.path.join(base, target + ".seeds")
    os.makedirs(found, exist_ok=True)
    seeds_for(target, seeds)
    kept = os.path.join(HERE, "corpus", target)
    command = [program, f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=2048", "-max_len=16384",
               "-print_final_stats=1", f"-artifact_prefix={base}/{target}-", found, seeds]
    done = subprocess.run(command + ([kept] if os.path.isdir(kept) else []), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=seconds + 300,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"})
    count = re.search(r"number_of_executed_units: (\d+)", done.stdout)
    if done.returncode == 0 and count and int(count.group(1)) > 100:
        print(f"  {target}: {count.group(1)} inputs in {seconds} s, nothing found", flush=True)
        return True
    print(f"  {target}: FAILED\n{done.stdout[-6000:]}", flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=int, default=4, help="for each target")
    options = parser.parse_args()
    programs = sorted(path for path in glob.glob(os.path.join(options.build, "fuzz/fuzz_*"))
                      if os.access(path, os.X_OK) and not os.path.isdir(path) and "." not in os.path.basename(path))
    passed = sum(run(program, options.seconds) for program in programs)
    failed = len(programs) - passed + (not programs)
    print(f"fuzz: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
