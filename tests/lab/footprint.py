# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process takes of its host."""

import os


def private_kib(pid):
    """Memory that is its own, in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as handle:
        return sum(int(line.split()[1]) for line in handle if line.startswith("Private_"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))
