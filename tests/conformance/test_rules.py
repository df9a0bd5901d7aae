#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules against ourselves, as one of the tests of `make check`."""

import subprocess
import sys
import os

HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.exit(subprocess.run([sys.executable, os.path.join(HERE, "check.py"), *sys.argv[1:]], check=False).returncode)
