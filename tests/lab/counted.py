# SPDX-License-Identifier: GPL-2.0-or-later
"""A socket between a client of libvirt and its libvirtd that counts the calls which go through: each is a round
trip. What libvirt's protocol says of itself (a length, then program, version, procedure, type) is all it reads."""

import collections
import contextlib
import os
import selectors
import socket
import struct
import threading

REMOTE = 0x20008086  # libvirt's own program
QEMU = 0x20008087  # its QEMU driver's extras, as a command for QEMU's monitor; the other program is its keepalive
CALL = 0
# Those procedures that listings make, by remote_protocol.x.
NAMES = {24: "domain_lookup_by_uuid", 157: "lib_version", 273: "list_all_domains", 344: "get_all_domain_stats",
         265: "domain_get_metadata", 212: "domain_get_state", 14: "domain_get_xml_desc",
         274: "domain_list_all_snapshots", 189: "domain_snapshot_lookup_by_name", 186: "domain_snapshot_get_xml_desc"}


class CountedSocket:
    """with CountedSocket(path, target) as counted: ... counted.take() -> Counter of calls since the last take.
    counted.before[NAME] = [what is called before the next call of that name goes through, before the one after it]"""

    def __init__(self, path, target, owner=None):
        self.path, self.target = str(path), str(target)
        self._calls, self._lock = collections.Counter(), threading.Lock()
        self.before = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        if owner:
            os.chown(self.path, *owner)
        self._listener.listen(64)
        self._wake, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.close()
        self._thread.join()

    def take(self):
        with self._lock:
            calls, self._calls = self._calls, collections.Counter()
        return calls

    def heard(self, _connection, program, procedure, _message):
        """A call that goes through, on the thread of the socket."""
        if program in (REMOTE, QEMU):
            name = NAMES.get(procedure, procedure) if program == REMOTE else "qemu"
            with self._lock:
                self._calls[name] += 1
            if self.before.get(name):
                self.before[name].pop(0)()

    def _listen(self, connection, stream, octets):
        stream += octets
        while len(stream) >= 20:
            length, program, _, procedure, kind = struct.unpack(">IIIiI", stream[:20])
            if len(stream) < length:
                return
            if kind == CALL:
                self.heard(connection, program, procedure, bytes(stream[:length]))
            del stream[:length]

    def _accept(self, waiting):
        client, _ = self._listener.accept()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.target)
        except OSError:
            client.close()
            server.close()
            return
        waiting.register(client, selectors.EVENT_READ, (server, bytearray()))
        waiting.register(server, selectors.EVENT_READ, (client, None))

    def _pass(self, waiting, source, other, stream):
        with contextlib.suppress(OSError):
            octets = source.recv(65536)
            if octets:
                if stream is not None:
                    self._listen(source, stream, octets)
                other.sendall(octets)
                return
        for end in (source, other):
            with contextlib.suppress(KeyError, ValueError):
                waiting.unregister(end)
            end.close()

    def _run(self):
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._listener, selectors.EVENT_READ)
            waiting.register(self._wake, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    if key.fileobj is self._wake:
                        return
                    if key.fileobj is self._listener:
                        self._accept(waiting)
                    elif key.fileobj.fileno() >= 0:
                        self._pass(waiting, key.fileobj, *key.data)
