# SPDX-License-Identifier: GPL-2.0-or-later
"""The file through which a daemon with tests/calls/calls.c is told which call fails (calls.h)."""

import mmap
import os
import re
import struct
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
MOST, PLACES = 192, 4096
HEAD = struct.Struct("=iiqqQQqqq")  # armed, lock, row, failures, only, last, keep_log, own, count
ROW, FAILURES, LAST = 8, 16, 32    # where these are
WANTED = HEAD.size + 8 * (MOST + PLACES)
SIZE = WANTED + MOST
IDLE, FAIL, LEARN = 0, 1, 2
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

    def begin(self, table, when, only=0, keep_log=False, own=False):
        """From here on no place of these rows has failed yet."""
        HEAD.pack_into(self.map, 0, IDLE, 0, -1, self.failures(), only, 0, keep_log, own, 0)
        self.want(table, when)

    def want(self, table, when):
        """These rows fail from here on, but for the places that are known."""
        self.map[WANTED:SIZE] = bytes(MOST)
        for row in table:
            self.map[WANTED + row.index] = when

    def arm(self):
        """The next new place fails."""
        struct.pack_into("=ii", self.map, 0, FAIL, 0)

    def learn(self):
        """What is called from here on is known, and does not fail any more."""
        struct.pack_into("=ii", self.map, 0, LEARN, 0)

    def disarm(self):
        struct.pack_into("=ii", self.map, 0, IDLE, 0)

    def failures(self):
        return struct.unpack_from("=q", self.map, FAILURES)[0]

    def last(self):
        return struct.unpack_from("=Q", self.map, LAST)[0]

    def last_row(self):
        """The index of the row that failed last; -1 for none."""
        return struct.unpack_from("=q", self.map, ROW)[0]

    def seen(self):
        """How often each row was called since forget(), by name."""
        counts = struct.unpack_from(f"={MOST}q", self.map, HEAD.size)
        return {row.name: counts[row.index] for row in rows()}

    def forget(self):
        self.map[HEAD.size:HEAD.size + 8 * MOST] = bytes(8 * MOST)
