# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the tests of one Python file: functions named test_*, in order, each with the set-up that the file's
`setup` context manager yields. Prints what failed, and the closing line tests/run.py reads."""

import argparse
import os
import re
import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def main(module):
    """Call as suite.main(sys.modules[__name__])."""
    parser = argparse.ArgumentParser(description=module.__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", help="run only tests whose name contains this")
    parser.add_argument("--skip", help="leave out tests whose name matches this")
    options = parser.parse_args()
    tests = [(name, test) for name, test in vars(module).items()
             if name.startswith("test_") and callable(test) and (options.only or "") in name
             and not (options.skip and re.search(options.skip, name))]
    passed = failed = skipped = 0
    name = os.path.basename(module.__file__)
    try:
        with module.setup(os.path.abspath(options.build)) as place:
            for title, test in tests:
                try:
                    test(place)
                    passed += 1
                except Skip as why:
                    skipped += 1
                    print(f"{title}: skipped: {why}", flush=True)
                except Exception:  # a test that breaks in any way has failed
                    failed += 1
                    print(f"{title}: FAILED\n{traceback.format_exc()}", flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        failed += 1
        traceback.print_exc()
    print(f"{name}: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)
