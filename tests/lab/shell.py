# SPDX-License-Identifier: GPL-2.0-or-later
"""A virsh that stays: one process for many commands, where those of Lab.virsh() would take most of the time."""

import os
import select
import shlex
import subprocess

from lab import LabError

PROMPT = b"virsh # "
SECONDS = 120


class Shell:
    """Stands for a lab, for one thread at a time: only virsh() is its own."""

    def __init__(self, lab):
        self._lab = lab
        self._process = None

    def __getattr__(self, name):
        return getattr(self._lab, name)

    def _open(self):
        # It edits its line also where there is no terminal, which must be wide enough for that.
        self._process = self._lab.popen(["virsh", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env={"TERM": "dumb", "COLUMNS": "4000"})
        self._answer()

    def _answer(self):
        out, text = self._process.stdout.fileno(), b""
        while not text.endswith(PROMPT):
            piece = os.read(out, 65536) if select.select([out], [], [], SECONDS)[0] else b""
            if not piece:
                raise LabError(f"virsh does not answer: {text.decode(errors='replace')}")
            text += piece
        return text[:-len(PROMPT)].decode()

    def virsh(self, *args):
        if not self._process:
            self._open()
        self._process.stdin.write(shlex.join(map(str, args)).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._answer().split("\n", 1)[1]  # behind what was typed
        if answer.startswith("error:") or "\nerror:" in answer:
            raise LabError(f"virsh {shlex.join(map(str, args))}: {answer.strip()}")
        return answer

    def close(self):
        """Before libvirtd ends, or when it has ended; the next command opens another one."""
        if self._process:
            self._process.stdin.close()
            self._process.stdout.close()
            self._lab.end(self._process)
            self._process = None
