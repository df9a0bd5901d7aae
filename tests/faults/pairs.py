#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests of the golden tests, each with every allocation failing in turn before it is answered (rehearse.c).

    pairs.py --build build/asan [--only WORD]

The world is another one after each failure, so that replies are compared with nothing: they are well-formed, the
program does not crash and (with AddressSanitizer) nothing leaks. A session's program ends with the first fault."""

import argparse
import concurrent.futures
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), folder) for folder in ("golden", "lab")]

from cases import SESSIONS  # noqa: E402
from golden import Session  # noqa: E402

TAIL = 6000


def rehearse(build, session):
    """What went wrong in a session, "" if nothing did, and its seconds."""
    begin, last = time.monotonic(), ""
    live = Session(build, session, "faults/golden")
    for step in session["steps"]:
        if live.send(step) == "the program ended":
            last = f"at {step['name']}: "
            break
        live.values.update({name: live.values.get(of, "") for name, of in step.get("keep", {}).items()})
    end = live.close()
    return last + end[-TAIL:] if last or end else "", time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/asan")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    # where each job takes its time, hundreds of them would take theirs
    sessions = [one for one in SESSIONS if options.only in one["name"] and "delay_ms" not in one["backend"]]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda one: rehearse(options.build, one), sessions)
        for session, (wrong, seconds) in zip(sessions, results):
            failed += bool(wrong)
            print(f"{session['name']}: {wrong or 'right'} ({seconds:.1f} s)", flush=True)
    print(f"pairs: {len(sessions) - failed} passed, {failed} failed")
    return 1 if failed or not sessions else 0


if __name__ == "__main__":
    sys.exit(main())
