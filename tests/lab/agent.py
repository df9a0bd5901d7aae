# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest agent that does what a test tells it to.

Its machine connects to it (channel mode 'connect'), and so does libvirt, which takes the socket's other end for the
machine's own. The guest itself, a boot sector, only opens the port: libvirt asks no agent whose port is closed."""

import json
import os
import socket
import threading
import time

FREEZE, THAW = "guest-fsfreeze-freeze", "guest-fsfreeze-thaw"
WAIT_SECONDS = 60

# The driver of a virtio console (VIRTIO 1.0, 4.1.4.8 legacy interface, and 5.3), as small as it can be: finds the PCI
# device 1AF4:1003 through the BIOS, makes it a bus master, acknowledges it with MULTIPORT, lays queue 3 (control,
# transmit) at 64 KiB with one message in it, PORT_OPEN for port 1, notifies the device, and halts.
BOOT = bytes.fromhex(
    "fa31c08ed88ed0bc007cb802b1b90310baf41a31f6cd1a727cb809b1bf1000cd1a80e1fc89cdb80cb1bf0400b90700cd1a"
    "8d561230c0eeb003ee8d560466b80200000066ef8d560eb80300ef8d560ced89c6c1e604bb00108ec331ffb9001031c0f3ab"
    "2666c7060000987c00002666c70608000800000026c7440201008d560866b81000000066ef8d5612b007ee8d5610b80300ef"
    "f4ebfd0100000006000100")


class Agent:
    """A context manager; before its machine is started. calls: what it was asked, as (name, what see() gave)."""

    def __init__(self, lab, name, see=lambda: None):
        self.lab, self.name, self.see = lab, name, see
        self.path = lab.dir / f"agent-{name}.sock"
        self.calls, self.answers, self.frozen, self._dying = [], {}, False, False
        self._arrived, self._open, self._connections = threading.Condition(), threading.Event(), []
        self._open.set()

    def __enter__(self):
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self.lab.give(self.path)
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.release()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.leave()
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def leave(self):
        """Ends all connections, as an agent that dies: QEMU's too, or libvirt's alone would come back."""
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _serve(self, connection):
        with connection, connection.makefile("rwb") as stream:
            try:
                for line in stream:
                    answer = self._answer(json.loads(line.lstrip(b"\xff")))
                    if answer is not None:
                        stream.write(json.dumps(answer).encode() + b"\n")
                        stream.flush()
                    if self._dying:
                        self._dying = False
                        self.leave()
            except (OSError, ValueError):
                pass

    def _answer(self, request):
        """The default is what an agent of a guest with one file system says."""
        name = request["execute"]
        if name == "guest-sync":
            return {"return": request["arguments"]["id"]}
        with self._arrived:
            self.calls.append((name, self.see()))
            self._arrived.notify_all()
        what = self.answers.get(name)
        if what:
            return what(self)
        if name in (FREEZE, THAW):
            self.frozen = name == FREEZE
            return {"return": 1}
        return {"return": {}}

    # What answers may be

    def fail(self):
        return {"error": {"class": "GenericError", "desc": "failed to freeze /: busy"}}

    def freeze_and_die(self):
        """Says that it has, and is gone."""
        self.frozen = self._dying = True
        return {"return": 1}

    def late(self):
        """Freezes when release() lets it."""
        self._open.wait(WAIT_SECONDS)
        self.frozen = True
        return {"return": 1}

    # For the test

    def hold(self):
        self._open.clear()
        self.answers[FREEZE] = Agent.late

    def release(self):
        self._open.set()

    def names(self):
        return [name for name, _seen in self.calls if name in (FREEZE, THAW)]

    def await_call(self, name, count=1):
        """Until it has been asked that so many times."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: [call for call, _ in self.calls].count(name) >= count, WAIT_SECONDS)
        assert enough, self.calls

    def ready(self):
        """Until libvirt has found it; it tells nobody, so it is asked."""
        end = time.monotonic() + WAIT_SECONDS
        command = ["virsh", "-q", "qemu-agent-command", self.name, '{"execute":"guest-ping"}', "--timeout", "5"]
        while True:
            answer = self.lab.run(command, check=False)
            if answer.returncode == 0:
                self.forget()
                return self
            assert time.monotonic() < end, answer.stdout

    def forget(self):
        """As if it had just begun."""
        self.calls.clear()
        self.answers.clear()
        self.frozen = False
