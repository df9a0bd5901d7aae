#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Crowds of bad clients: slow ones, deaf ones, and those that come only to go. One process without threads, so that a
crowd costs little beside what it is to disturb.

As a program it keeps a crowd up until its input ends, says "ready" once it stands, and at its end what it did:
    crowd.py KIND COUNT RATE PORT CA REQUEST
REQUEST is a file with one good HTTP request. Slow ones are COUNT at any time, and send an octet a second; who is cut
off comes again. Of those that come and go there are RATE a second."""

import base64
import contextlib
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import sys
import time

TURNS = 20  # a second
# A single address of loopback has not ports enough for thousands of connections a minute.
SOURCES = [f"127.0.0.{i}" for i in range(2, 18)]
BIND_ADDRESS_NO_PORT = 24  # of ip(7), which Python does not name
DEAF_REQUESTS = 40  # so many replies are more than the sockets hold


class Target:
    """Whom a crowd is sent to. request: a whole one that is good."""

    def __init__(self, port, ca, request):
        self.port, self.request = port, request
        self.context = ssl.create_default_context(cafile=ca)
        self.hello = self._hello()

    def _hello(self):
        """The first message of a handshake."""
        out = ssl.MemoryBIO()
        tls = self.context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        return out.read()

    def connect(self, number, deaf=False):
        raw = socket.socket()
        raw.settimeout(30)
        if deaf:  # so that little is on the way
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        raw.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        raw.bind((SOURCES[number % len(SOURCES)], 0))
        raw.connect(("127.0.0.1", self.port))
        return raw

    def tls(self, number, deaf=False):
        return self.context.wrap_socket(self.connect(number, deaf), server_hostname="localhost")


# Those that stay: each makes one, which then sends an octet now and then, or nothing.

def slow_headers(target, number):
    tls = target.tls(number)
    tls.sendall(b"POST /wsman HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    return tls


def slow_bodies(target, number):
    tls = target.tls(number)
    tls.sendall(b"POST /wsman HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
    return tls


def deaf(target, number):
    """Asks and never reads."""
    tls = target.tls(number, deaf=True)
    tls.sendall(target.request * DEAF_REQUESTS)
    return tls


def mute(target, number):
    """Never begins its handshake."""
    return target.connect(number)


# Those that come and go: each returns what is to be closed a little later, or None.

def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def dropped(target, number):
    raw = target.connect(number)
    if number % 2:
        reset(raw)
    else:
        raw.close()


def broken_handshake(target, number):
    """In the middle of the first message, or behind it, with a farewell or without."""
    raw = target.connect(number)
    raw.sendall(target.hello[:len(target.hello) // (1 + number % 2)])
    if number % 3:
        return raw
    return reset(raw)


def plain(target, number):
    """HTTP without TLS."""
    raw = target.connect(number)
    raw.sendall(target.request)
    return raw


def half_closed(target, number):
    """Ends its own direction, behind its request or within it."""
    tls = target.tls(number)
    tls.sendall(target.request[:len(target.request) - number % 2])
    socket.socket.shutdown(tls, socket.SHUT_WR)  # of the connection; TLS is not told
    return tls


SLOW = {"headers": slow_headers, "bodies": slow_bodies}
STAYING = {**SLOW, "deaf": deaf, "mute": mute}
PASSING = {"dropped": dropped, "handshakes": broken_handshake, "plain": plain, "half-closed": half_closed}


class Crowd:
    """count: of those that stay; rate: of those that pass, a second."""

    def __init__(self, target, kind, count=0, rate=0):
        self.target, self.kind, self.count, self.rate = target, kind, count, rate
        self.members, self.watch = {}, select.poll()
        self.passing, self.came, self.turns = [], 0, 0

    def open(self):
        if self.kind in STAYING:
            for _ in range(self.count):
                self.join()

    def join(self):
        """One more that stays; one that is not let in has come, too."""
        self.came += 1
        with contextlib.suppress(OSError):
            sock = STAYING[self.kind](self.target, self.came)
            sock.setblocking(False)
            self.members[sock.fileno()] = sock
            self.watch.register(sock, select.POLLRDHUP)

    def pass_by(self, count):
        for _ in range(count):
            self.came += 1
            with contextlib.suppress(OSError):
                late = PASSING[self.kind](self.target, self.came)
                if late:
                    self.passing.append(late)

    def leave(self, descriptor):
        self.watch.unregister(descriptor)
        self.members.pop(descriptor).close()

    def sift(self):
        """Whom the service has cut off, goes; how many."""
        gone = [descriptor for descriptor, _ in self.watch.poll(0)]
        for descriptor in gone:
            self.leave(descriptor)
        return len(gone)

    def drip(self, part=1, of=1):
        """An octet of each slow one, or of one part in so many."""
        if self.kind not in SLOW:
            return
        for descriptor in [d for d in self.members if d % of == part % of]:
            try:
                self.members[descriptor].send(b"a")
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except OSError:
                self.leave(descriptor)

    def turn(self):
        """What belongs to one part of a second."""
        self.turns += 1
        if self.kind in PASSING:
            before, self.passing = self.passing, []
            self.pass_by(self.rate * self.turns // TURNS - self.rate * (self.turns - 1) // TURNS)
            for sock in before:
                sock.close()
            return
        self.sift()
        self.drip(self.turns, TURNS)
        for _ in range(min(self.count - len(self.members), self.count // TURNS + 1)):
            self.join()

    def close(self):
        for sock in (*self.members.values(), *self.passing):
            sock.close()
        self.members, self.passing, self.watch = {}, [], select.poll()


class Running:
    """A crowd in a process of its own, while the context lasts. request: of write_request(). came, cpu (percent of a
    processor): what it was, afterwards."""

    def __init__(self, service, request, kind, count, rate):
        self.command = [sys.executable, os.path.abspath(__file__), kind, str(count), str(rate), str(service.port),
                        service.ca, request]
        self.came, self.cpu = 0, 0

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().strip()
        assert ready == "ready", ready
        return self

    def __exit__(self, *_):
        found = re.match(r"came=(\d+) cpu_percent=(\d+)", self.process.communicate()[0])
        assert found, "a crowd has gone by itself"
        self.came, self.cpu = map(int, found.groups())


def write_request(lab, service, user, envelope):
    """The path of a file with a good request."""
    body, token = envelope.encode(), base64.b64encode(f"{user}:{service.passwords[user]}".encode()).decode()
    head = ("POST /wsman HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n"
            f"Content-Length: {len(body)}\r\nAuthorization: Basic {token}\r\n\r\n")
    return str(lab.write("request", head.encode() + body))


def main():
    kind, count, rate, port, ca, path = sys.argv[1:]
    with open(path, "rb") as file:
        target = Target(int(port), ca, file.read())
    crowd = Crowd(target, kind, int(count), int(rate))
    crowd.open()
    print("ready", flush=True)
    cpu, begin = time.process_time(), time.monotonic()
    due = begin
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        crowd.turn()
        due = max(due + 1 / TURNS, time.monotonic() - 1)  # what was missed by more is not made up for
    seconds = time.monotonic() - begin
    print(f"came={crowd.came} cpu_percent={(time.process_time() - cpu) * 100 / seconds:.0f}", flush=True)
    crowd.close()


if __name__ == "__main__":
    main()
