# SPDX-License-Identifier: GPL-2.0-or-later
"""The file through which a daemon with tests/calls/calls.c is told which call fails (calls.h)."""

import mmap
import os
import re
import struct
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
MOST, PLACES = 192, 4096
HEAD = struct.Struct("=iiiiqQQqq")  # row, when, armed, lock, failures, only, last, keep_log, count
SIZE = HEAD.size + 8 * (MOST + PLACES)
BEFORE, AFTER = 1, 2
WHEN = {"BEFORE": (BEFORE,), "AFTER": (AFTER,), "BOTH": (BEFORE, AFTER), "SKIP": (BEFORE,)}

Row = namedtuple("Row", "index group name whens")


def rows(group=None):
    with open(os.path.join(HERE, "calls.def"), encoding="ascii") as handle:
        found = re.findall(r"^CALL\((\w+), (\w+), (\w+),", handle.read(), re.M)
    table = [Row(index, of, name, WHEN[when]) for index, (of, name, when) in enumerate(found)]
    return [row for row in table if group in (None, row.group)]


class Plan:
    def __init__(self, path):
        self.path = str(path)
        with open(self.path, "r+b") as handle:
            self.map = mmap.mmap(handle.fileno(), SIZE)

    @staticmethod
    def octets():
        return bytes(SIZE)

    def begin(self, row, when, only=0, keep_log=False):
        """From here on no place has failed yet."""
        HEAD.pack_into(self.map, 0, row.index, when, 0, 0, self.failures(), only, 0, keep_log, 0)

    def arm(self):
        """The next new place fails."""
        struct.pack_into("=ii", self.map, 8, 1, 0)

    def disarm(self):
        struct.pack_into("=ii", self.map, 8, 0, 0)

    def failures(self):
        return struct.unpack_from("=q", self.map, 16)[0]

    def last(self):
        return struct.unpack_from("=Q", self.map, 32)[0]

    def seen(self):
        """How often each row was called since forget(), by name."""
        counts = struct.unpack_from(f"={MOST}q", self.map, HEAD.size)
        return {row.name: counts[row.index] for row in rows()}

    def forget(self):
        self.map[HEAD.size:HEAD.size + 8 * MOST] = bytes(8 * MOST)
