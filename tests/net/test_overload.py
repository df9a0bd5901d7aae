#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""More than there is room for: passwords to check, octets in flight, connections; and sockets that
come from the service manager. Waits only for events, as test_server.py does."""
import os
import re
import select
import socket
import ssl
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt

import harness
from harness import (TIMEOUT, Server, ServerTest, basic, main, request,
                     setUpModule, tearDownModule, until)  # noqa: F401

DEAR = "$y$jCT$abcdefghijkl"  # yescrypt settings that cost some tenths of a second a check


def ready(clients, seconds):
    """Those of the clients that have a reply. They must speak TLS 1.2: 1.3 sends tickets by itself."""
    tls = {client.tls: client for client in clients}
    return [tls[sock] for sock in select.select(list(tls), [], [], seconds)[0]]


class CountingTest(ServerTest):
    def stats(self):
        self.server.say("stats")
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", self.server.line())}


class Passwords(CountingTest):
    keys = {"server__workers": 2, "auth__check_threads": 1, "auth__checks": 6,
            "auth__checks_per_peer": 4}

    def setUp(self):
        dear = crypt.crypt("right", DEAR)
        self.users = os.path.join(harness.DIR, "dear")
        with open(os.path.join(harness.DIR, "users"), encoding="utf-8") as users, \
                open(self.users, "w", encoding="utf-8") as out:
            os.chmod(self.users, 0o600)
            out.write(users.read() + f"dear:viewer:*:{dear}\n")
        self.server = Server(auth__users_file=self.users, **self.keys)
        self.log = None

    def client(self, **options):
        return super().client(maximum_version=ssl.TLSVersion.TLSv1_2, **options)

    def test_flood_leaves_workers_free(self):
        """With every check taken by a flood, whoever is remembered is served at once."""
        known = self.client()
        self.assertEqual(known.ask(b"x").status, 200)
        flood = [self.client() for _ in range(12)]
        for i, client in enumerate(flood):
            client.send(request(b"x", basic("dear", f"wrong {i}")))
        busy = []
        while len(flood) - len(busy) > 4:  # over the cap: told so while the others wait
            answered = ready(set(flood) - set(busy), TIMEOUT)
            self.assertTrue(answered)
            for client in answered:
                reply = client.reply()
                if reply.status == 401:  # the first check may be over by now
                    flood.remove(client)
                    client.close()
                    continue
                self.assertEqual((reply.status, reply.headers["Retry-After"]), (503, "1"))
                busy.append(client)
        for _ in range(5):
            self.assertEqual(known.ask(b"x").status, 200)
        waiting = set(flood) - set(busy)
        self.assertTrue(waiting)
        self.assertLess(len(ready(waiting, 0)), len(waiting), "the flood was over too soon to tell")
        for client in waiting:
            self.assertEqual(client.reply().status, 401)
        # There is room again, for the right password too.
        self.assertEqual(busy[0].ask(b"x", basic("dear", "right")).status, 200)
        for client in (known, *flood):
            client.close()
        log = self.end()
        self.assertIn('reason="too many password checks under way from this address"', log)
        self.assertNotIn('reason="all workers are busy"', log)

    def test_equal_logins_share_a_check(self):
        """A client that opens many connections at once is not over the cap, and pays one hash."""
        clients = [self.client() for _ in range(30)]
        for client in clients:
            client.send(request(b"x", basic("dear", "right")))
        for client in clients:
            self.assertEqual(client.reply().status, 200)
            client.close()
        self.assertEqual(self.stats()["checks"], 1)

    def test_what_costs_a_check(self):
        """Unknown users one, as wrong passwords; what is malformed or remembered none."""
        rows = [(basic(), 200, 1), (basic(), 200, 0), (basic(password="no"), 401, 1),
                (basic(password="no"), 401, 1), (basic("nobody"), 401, 1), (basic("nobody"), 401, 1),
                (basic("HOST\\nobody"), 401, 1), ("Basic !", 401, 0), (None, 401, 0),
                (basic("a\nb"), 401, 0)]
        total = 0
        with self.client() as client:
            for authorization, status, checks in rows:
                self.assertEqual(client.ask(b"x", authorization).status, status, authorization)
                total += checks
                self.assertEqual(self.stats()["checks"], total, authorization)

    def test_stop_during_checks(self):
        clients = [self.client() for _ in range(3)]
        for i, client in enumerate(clients):
            client.send(request(b"x", basic("dear", f"wrong {i}")))
        until(lambda: self.stats()["pending"] == 3)
        clients[0].abort()
        self.server.say("stop")
        for client in clients[1:]:
            self.assertEqual(client.reply().status, 401)
            client.close()


class Forgetful(CountingTest):
    keys = {"auth__cache_seconds": 0}

    def test_nothing_is_remembered(self):
        with self.client() as client:
            for total in (1, 2, 3):
                self.assertEqual(client.ask(b"x").status, 200)
                self.assertEqual(self.stats()["checks"], total)


class Octets(CountingTest):
    """70000 octets for those without a login, beside the first 16384 of each connection."""
    keys = {"limits__octets_before_login": 70000, "limits__octets": 1048576,
            "limits__body_bytes": 49152, "limits__header_bytes": 16384}

    def test_before_login(self):
        known, small = self.client(), self.client()
        self.assertEqual(known.ask(b"x").status, 200)
        hoarders = [self.client() for _ in range(2)]
        for i, client in enumerate(hoarders):  # a whole request each, but for its end
            client.send(request(b"a" * 49000, length=49152))
            until(lambda many=i + 1: self.stats()["early"] > many * 32000)
        with self.client() as client:
            client.send(request(b"a" * 49000, length=49152))
            reply = client.reply()
        self.assertEqual((reply.status, reply.headers["Connection"]), (503, "close"))
        # A small request of somebody new is served all the same, and a large one of a known user.
        self.assertEqual(small.ask(b"x").status, 200)
        self.assertEqual(known.ask(b"a" * 49000).status, 200)
        for client in hoarders:
            client.abort()
        until(lambda: self.stats()["early"] == 0)
        with self.client() as client:
            self.assertEqual(client.ask(b"a" * 49000).status, 200)
        known.close()
        small.close()
        self.assertIn('status="503" reason="too many octets in flight before a login"', self.end())

    def test_in_all(self):
        """Replies count, too, though nobody is refused a reply; afterwards all is given back."""
        reader, slow = self.client(), self.client(maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(reader.ask(b"x").status, 200)
        slow.send(request(b"big 30000000"))
        until(lambda: self.stats()["octets"] > 1048576)
        reply = reader.ask(b"x")
        self.assertEqual((reply.status, reply.headers["Connection"]), (503, "close"))
        self.assertEqual(len(slow.reply().body.rpartition("=")[2]), 30000012)
        until(lambda: self.stats()["octets"] == 0)
        with self.client() as client:
            self.assertEqual(client.ask(b"x").status, 200)
        slow.close()
        reader.close()
        self.assertIn('status="503" reason="too many octets in flight"', self.end())

    def test_smaller_than_one_request(self):
        other = Server(limits__octets_before_login=65536)
        self.assertIn("at least header_bytes + body_bytes", other.first)
        self.assertEqual(other.end()[0], 1)


class Connections(ServerTest):
    keys = {"limits__connections": 5}

    def told(self):
        """How many refusals each line of the log tells of."""
        return [int(match.group(2) or 1) for match in re.finditer(
            r'event=connection_refused [^\n]*reason="[^"]*"( count="(\d+)")?\n', self.server.log_text())]

    def test_lines_are_counted(self):
        """Hundreds refused: lines by the second, and their counts add up."""
        clients = [self.client() for _ in range(5)]
        for client in clients:
            self.assertEqual(client.ask(b"x").status, 200)
        for _ in range(300):
            raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=TIMEOUT)
            try:
                self.assertEqual(raw.recv(1), b"")
            except ConnectionResetError:
                pass
            raw.close()
        # The rest comes by the server's own timer, without another refusal or its end.
        until(lambda: sum(self.told()) >= 300)
        counts = self.told()
        self.assertEqual(sum(counts), 300)
        self.assertLess(len(counts), 30)
        for client in clients:
            client.close()


class Inherited(ServerTest):
    def listener(self, address="127.0.0.1", share=True):
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        if share:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((address, self.port))
        sock.listen(100)
        self.port = sock.getsockname()[1]
        return sock

    def setUp(self):
        self.port = 0
        self.log = ""

    def check(self, sockets, loops):
        self.server = Server(sockets=sockets, server__loops=loops)
        self.assertEqual(self.server.port, self.port)
        for _ in range(20):
            with self.client() as client:
                self.assertEqual(client.ask(b"x").status, 200)
        log = self.end()
        self.assertIn(f'port="{self.port}" loops="{max(loops, len(sockets))}" sockets="inherited"', log)
        # The sockets are the manager's: they outlive the service, and connections wait in them.
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT):
            self.server = Server(sockets=sockets, server__loops=loops)
            with self.client() as client:
                self.assertEqual(client.ask(b"x").status, 200)
            self.end()
        for sock in sockets:
            sock.close()

    def test_one_for_all_loops(self):
        self.check([self.listener(share=False)], 3)

    def test_one_for_each_loop(self):
        self.check([self.listener() for _ in range(2)], 2)

    def test_more_than_loops(self):
        self.check([self.listener() for _ in range(3)], 1)

    def test_named(self):
        """A socket without TLS is one for messages without TLS, and only where the configuration has such a port."""
        https, http = self.listener(), socket.socket()
        http.bind(("127.0.0.1", 0))
        http.listen()
        os.environ["LISTEN_FDNAMES"] = "https:http"
        try:
            self.server = Server(sockets=[https, http], http__enabled=1)
            with self.client() as client:
                self.assertEqual(client.ask(b"x").status, 200)
            with socket.create_connection(http.getsockname(), timeout=TIMEOUT) as plain:
                plain.sendall(request(b"x"))
                self.assertTrue(plain.recv(1000).startswith(b"HTTP/1.1 401 "))
            self.end()
            self.server = Server(sockets=[https, http])
            self.assertIn("'http', which the configuration does not enable", self.server.first)
            self.assertEqual(self.server.end()[0], 1)
        finally:
            del os.environ["LISTEN_FDNAMES"]
        https.close()
        http.close()

    def test_for_another_process(self):
        sock = self.listener()
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
        try:
            self.server = Server()
        finally:
            del os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"]
        self.assertNotEqual(self.server.port, self.port)
        self.assertIn('sockets="own"', self.end())
        sock.close()

    def test_no_listener(self):
        left, right = socket.socketpair()
        bound = socket.socket()
        bound.bind(("127.0.0.1", 0))
        datagram = socket.socket(type=socket.SOCK_DGRAM)
        local = socket.socket(socket.AF_UNIX)
        local.bind(os.path.join(harness.DIR, "local"))
        local.listen()
        for sock in (left, bound, datagram, local):
            self.server = Server(sockets=[sock])
            self.assertIn("descriptor 3 is not a listening TCP socket", self.server.first)
            self.assertEqual(self.server.end()[0], 1)
            sock.close()
        right.close()


if __name__ == "__main__":
    sys.exit(main("overload"))
