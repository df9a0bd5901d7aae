# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirtd leaves its QEMUs to the first process of the system, and takes one that has ended but is not waited for yet
for one that goes on: where that is a container's, each turn-off may take a second or two. Here it is waited for at once."""

import ctypes
import os
import select
import threading

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
SECONDS = 0.02


def _wait(lab, machine, end):
    while not select.select([end], [], [], SECONDS)[0]:
        try:
            os.waitpid(lab.qemu_pid(machine), 0)
        except (OSError, ValueError):  # none runs, or it was there before
            pass


class Adopted:
    """A context manager: QEMUs of that machine that start meanwhile are this process's own."""

    def __init__(self, lab, machine):
        self._end, self._tell = os.pipe()
        self._thread = threading.Thread(target=_wait, args=(lab, machine, self._end), daemon=True)

    def __enter__(self):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._thread.start()
        return self

    def __exit__(self, *_):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        os.close(self._tell)
