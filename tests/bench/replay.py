# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls that a client makes of libvirtd, recorded on the socket, and made again without that client: what the same
calls take alone, of libvirtd (Replay) and with libvirt's own client library (Library)."""

import os
import socket
import struct
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from counted import CountedSocket  # noqa: E402
from lab import LabError  # noqa: E402

REPLY, OK = 1, 0
# Procedures, by remote_protocol.x.
OPENING = (66, 1)  # AUTH_LIST, CONNECT_OPEN
CHANGING = (34, 28, 185)  # DOMAIN_SUSPEND, DOMAIN_RESUME, DOMAIN_SNAPSHOT_CREATE_XML
HEAD, UUID = 28, 16  # octets before a call's arguments; of a machine's id
FIND_BY_UUID, FIND_SNAPSHOT, CREATE_SNAPSHOT, MONITOR = 24, 189, 185, 1
WITH_TEXT = (FIND_SNAPSHOT, CREATE_SNAPSHOT, MONITOR)


def procedure(message):
    return struct.unpack(">i", message[12:16])[0]


def changed(message, changes):
    """changes: pairs of octets, of the same length, old and new."""
    for old, new in changes:
        message = message.replace(old, new)
    return message


def changes_something(call):
    """Of the calls of a create, those without which there would be no snapshot."""
    return procedure(call) in CHANGING or b'"transaction"' in call


class RecordedSocket(CountedSocket):
    """Keeps what goes through: of each connection the calls until since() was asked, and those from then on."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._messages, self._guard = [], threading.Lock()

    def heard(self, connection, program, procedure, message):
        with self._guard:
            self._messages.append((connection, message))

    def mark(self):
        """Where the record stands."""
        with self._guard:
            return len(self._messages)

    def since(self, mark):
        """The first calls of the connection that made most calls since the mark, up to it; and those calls."""
        with self._guard:
            late = [connection for connection, _ in self._messages[mark:]]
            if not late:
                raise LabError("no call of libvirt was recorded")
            most = max(set(late), key=late.count)
            opening = [message for connection, message in self._messages[:mark] if connection is most]
            return opening, [message for connection, message in self._messages[mark:] if connection is most]


class Replay:
    """A connection to libvirtd of its own, opened as the recorded one was."""

    def __init__(self, path, opening):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._stream = bytearray()
        # whoever asks for more, for keepalives say, is watched
        for message in opening:
            if procedure(message) in OPENING:
                self._ask(message)

    def close(self):
        self._socket.close()

    def make(self, calls, changes):
        """The calls one after the other."""
        for message in calls:
            self._ask(changed(message, changes))

    def _ask(self, message):
        self._socket.sendall(message)
        serial = message[20:24]
        while True:
            answer = self._message()
            kind, of, status = struct.unpack(">I4sI", answer[16:28])
            if kind == REPLY and of == serial:
                return status == OK

    def _message(self):
        while len(self._stream) < 4 or len(self._stream) < struct.unpack(">I", self._stream[:4])[0]:
            octets = self._socket.recv(65536)
            if not octets:
                raise LabError("libvirtd closed the connection")
            self._stream += octets
        length, = struct.unpack(">I", self._stream[:4])
        message, self._stream = bytes(self._stream[:length]), self._stream[length:]
        return message


def text_at(message, at):
    """A string of XDR, and where the next argument begins."""
    length, = struct.unpack_from(">I", message, at)
    return message[at + 4:at + 4 + length], at + 4 + (length + 3) // 4 * 4


def arguments(message):
    """Of a call on a machine or its current snapshot: the machine's id, the flags (the last argument), the text."""
    if procedure(message) == FIND_BY_UUID:
        return message[HEAD:HEAD + UUID], 0, b""
    _, at = text_at(message, HEAD)
    text = text_at(message, at + UUID + 4)[0] if procedure(message) in WITH_TEXT else b""
    flags = struct.unpack(">I", message[-4:])[0] if len(message) > at + UUID + 4 else 0
    return message[at:at + UUID], flags, text


class Library:
    """A program that makes calls through libvirt's library, on a connection a thread, when it is told to."""

    def __init__(self, program, uri):
        self._process = subprocess.Popen([program, uri], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def add(self, thread, calls, changes):
        for message in calls:
            uuid, flags, text = arguments(changed(message, changes))
            self._process.stdin.write(f"{thread} {procedure(message)} {uuid.hex()} {flags} {len(text)}\n".encode() + text)

    def run(self):
        """Seconds for all of them."""
        self._say("end", "ready")
        seconds = float(self._say("go"))
        self._process.communicate()
        return seconds

    def _say(self, word, wanted=""):
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()
        answer = self._process.stdout.readline().decode().strip()
        if not answer.startswith(wanted) or not answer:
            raise LabError("the calls could not be made through libvirt's library")
        return answer
