#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Crowds of bad clients: others are answered beside them, deadlines and limits end them, and what they took is given
back. How fast the others are is for `make bench ONLY=badclients`. With ALL=1 there are as many as can be asked for."""
import os
import socket
import sys
import time

import harness
from harness import ServerTest, main, request, setUpModule, tearDownModule, until  # noqa: F401

sys.path.insert(0, os.path.join(harness.ROOT, "tests/lab"))
import crowd  # noqa: E402
from footprint import descriptors, private_kib  # noqa: E402

STAY, PASS = (1000, 10000) if os.environ.get("ALL") else (100, 1000)
ROUNDS = 8           # of a crowd, until one adds no memory
SLACK_KIB = 3 * STAY  # of memory, that is none: less than any leak of a connection
SECONDS = 120        # for all of a crowd to be ended, on a slow machine
FIN_WAIT1 = "04"     # in /proc/net/tcp: closed, and the rest still waits for a reader


def sanitized():
    """What is freed is kept by sanitizers, who find leaks by themselves."""
    with open(harness.ECHO_SERVER, "rb") as file:
        program = file.read()
    return b"__asan_init" in program or b"__tsan_init" in program


class CrowdTest(ServerTest):
    keys = {"limits__handshake_seconds": 1, "limits__request_seconds": 1, "limits__reply_seconds": 1,
            "limits__idle_seconds": 600, "limits__connections": 12000, "limits__connections_per_peer": 2000,
            "limits__octets": 1 << 30}

    def setUp(self):
        super().setUp()
        self.good = self.client()
        self.assertEqual(self.good.ask(b"x").status, 200)
        self.pid = self.server.process.pid

    def tearDown(self):
        self.good.close()
        super().tearDown()

    def stats(self):
        self.server.say("stats")
        return dict(word.split("=") for word in self.server.line().split())

    def orphans(self):
        """Connections that the server has closed and the kernel still keeps for it."""
        port = f":{self.server.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as handle:
            rows = [line.split() for line in handle][1:]
        return sum(row[1].endswith(port) and row[3] == FIN_WAIT1 for row in rows)

    def others_are_served(self):
        """One that is known, and one that comes anew."""
        self.assertIn("body=good", self.good.ask(b"good").body)
        with self.client() as fresh:
            self.assertEqual(fresh.ask(b"x").status, 200)

    def wait_until_gone(self, people):
        end = time.monotonic() + SECONDS
        while people.members:
            self.assertLess(time.monotonic(), end, f"{len(people.members)} are still there")
            people.drip()
            people.sift()
            self.others_are_served()

    def crowd(self, kind, body=b"x"):
        target = crowd.Target(self.server.port, os.path.join(harness.DIR, "ca.crt"), request(body))
        return crowd.Crowd(target, kind, STAY)

    def come(self, kind, body=b"x"):
        """One crowd, from its coming to its end."""
        people = self.crowd(kind, body)
        people.open()
        self.wait_until_gone(people)
        if kind in crowd.PASSING:
            few = 10 if kind in ("dropped", "plain") else 100  # those that TLS makes dear come in less numbers
            for _ in range(10):
                people.pass_by(PASS // few)
                self.others_are_served()
        people.close()
        until(lambda: self.stats() == {**self.stats(), "connections": "1", "octets": "0", "early": "0"})

    def check(self, kind, **options):
        """Nothing is left behind; a leak would add to every round."""
        opened, grown = descriptors(self.pid), []
        while not grown or (grown[-1] > SLACK_KIB and not sanitized()):
            self.assertLess(len(grown), ROUNDS, f"KiB that each crowd added: {grown}")
            before = private_kib(self.pid)
            self.come(kind, **options)
            until(lambda: descriptors(self.pid) == opened)
            grown.append(private_kib(self.pid) - before)
        return len(grown)

    def told(self, text):
        return self.end().count(text)


class Crowds(CrowdTest):
    def test_slow_headers(self):
        rounds = self.check("headers")
        self.assertEqual(self.told('status="408" reason="request not complete in time"'), rounds * STAY)

    def test_slow_bodies(self):
        rounds = self.check("bodies")
        self.assertEqual(self.told('status="408" reason="request not complete in time"'), rounds * STAY)

    def test_replies_nobody_reads(self):
        """Nor does the kernel keep what they did not take."""
        rounds = self.check("deaf", body=b"big 20000")
        self.assertEqual(self.orphans(), 0)
        self.assertEqual(self.told('reason="reply not taken in time"'), rounds * STAY)

    def test_no_handshake(self):
        rounds = self.check("mute")
        self.assertEqual(self.told('reason="TLS handshake not done in time"'), rounds * STAY)

    def test_dropped(self):
        self.check("dropped")

    def test_broken_handshakes(self):
        self.check("handshakes")

    def test_plain(self):
        self.check("plain")
        self.assertNotIn('path="/wsman" status="200" length="1"', self.end())

    def test_half_closed(self):
        self.check("half-closed")

    def test_half_closed_has_its_reply(self):
        """Whoever only says that no more requests come, gets what was asked for."""
        with self.client() as client:
            client.send(request(b"last"))
            socket.socket.shutdown(client.tls, socket.SHUT_WR)
            self.assertIn("body=last", client.reply().body)
            self.assertTrue(client.closed())


class Limited(CrowdTest):
    keys = {**CrowdTest.keys, "limits__connections_per_peer": 3}

    def test_room_for_others(self):
        """A crowd from a few addresses has only the room of these."""
        people = self.crowd("mute")
        people.open()
        self.others_are_served()
        most = 3 * len(crowd.SOURCES)
        self.assertLessEqual(int(self.stats()["connections"]), most + 2)
        self.wait_until_gone(people)
        self.assertEqual(self.told('reason="TLS handshake not done in time"'), most)


if __name__ == "__main__":
    sys.exit(main("bad_clients"))
