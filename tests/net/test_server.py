#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The network layer over real TLS, with the handler of echo_server.c.

Waits only for events (a line of the server, octets, the end of a connection), never for time.
"""
import base64
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import threading
import unittest
import warnings

import harness
from harness import (PASSWORD, TIMEOUT, Server, ServerTest, basic, main, make_certificates, passwd,
                     request, setUpModule, tearDownModule)  # noqa: F401


class Requests(ServerTest):
    def test_keep_alive(self):
        with self.client() as client:
            for i in range(3):
                reply = client.ask(f"<{i}>".encode())
                self.assertEqual(reply.status, 200)
                self.assertIn(f"user=admin role=operator anonymous=0 charset= length=3 body=<{i}>",
                              reply.body)
                self.assertEqual(reply.headers["Content-Type"], "application/soap+xml;charset=UTF-8")
                self.assertEqual(reply.headers["Server"], "cimsnapd")
        log = self.end()
        self.assertEqual(len(re.findall(r'event=request id="[123]" peer="127.0.0.1:\d+" '
                                        r'user="admin" path="/wsman" status="200"', log)), 3)
        self.assertNotIn("pass", log)

    def test_first_asks_without_credentials(self):
        with self.client() as client:
            reply = client.ask(b"x", authorization=None)
            self.assertEqual(reply.status, 401)
            self.assertEqual(reply.headers["WWW-Authenticate"], 'Basic realm="WSMAN"')
            self.assertNotIn("Connection", reply.headers)
            self.assertEqual(client.ask(b"x").status, 200)

    def test_wrong_credentials(self):
        wrong = [basic(password="wrong"), basic("nobody"), basic("admi"), basic("admin2"), basic(""),
                 basic(password=""), basic(password=PASSWORD + " "), "Basic", "Basic ", "Basic ====",
                 "Basic YQ", "Basic YWE6Yg=", "Negotiate YWE6Yg==", "Bearer x",
                 "Basic " + base64.b64encode(b"admin:\xff\xfe").decode(),
                 "Basic " + base64.b64encode(b"admin\0x:y").decode(),
                 basic().replace("Basic ", "Basic  "), basic() + "A", "Basic " + "QUFB" * 1000]
        with self.client() as client:
            for value in wrong:
                self.assertEqual(client.ask(b"x", authorization=value).status, 401, value)
            for name in ("admin", "HOST\\admin", "admin@realm"):
                self.assertEqual(client.ask(b"x", authorization=basic(name)).status, 200, name)
        log = self.end()
        self.assertRegex(log, r'level=warning event=refused peer="[^"]*" status="401" '
                              r'reason="wrong password" user="admin"')
        self.assertIn('reason="unknown user" user="nobody"', log)

    def test_anonymous_identify(self):
        unauthenticated = ["WSMANIDENTIFY: unauthenticated"]
        with self.client() as client:
            for reply in (client.ask(b"x", None, path="/wsman-anon/identify"),
                          client.ask(b"x", None, headers=unauthenticated)):
                self.assertEqual(reply.status, 200)
                self.assertIn("user= role=none anonymous=1", reply.body)
            self.assertEqual(client.ask(b"x", basic("admin", "no"), headers=unauthenticated).status,
                             401)
            self.assertEqual(client.ask(b"x", None, headers=["WSMANIDENTIFY: other"]).status, 401)

    def test_pipelined(self):
        with self.client() as client:
            client.send(b"".join(request(f"<{i}>".encode()) for i in range(40)))
            for i in range(40):
                self.assertIn(f"body=<{i}>", client.reply().body)

    def test_octet_by_octet(self):
        with self.client() as client:
            for octet in request(b"drip"):
                client.send(bytes([octet]))
            self.assertIn("body=drip", client.reply().body)

    def test_expect_continue(self):
        with self.client() as client:
            client.send(request(length=4, headers=["Expect: 100-continue"]))
            self.assertEqual(client.reply().status, 100)
            client.send(b"body")
            self.assertIn("body=body", client.reply().body)
            reply = client.ask(length=10 ** 9, headers=["Expect: 100-continue"])
            self.assertEqual(reply.status, 413)

    def test_charset(self):
        types = {"application/soap+xml;charset=UTF-8": "utf-8", "text/xml": "",
                 'application/soap+xml; charset="utf-16"': "utf-16"}
        with self.client() as client:
            for value, charset in types.items():
                reply = client.ask(b"x", headers=[f"Content-Type: {value}"])
                self.assertIn(f"charset={charset} ", reply.body)

    def test_large_bodies(self):
        with self.client() as client:
            body = b"a" * 524288
            reply = client.ask(body)
            self.assertTrue(reply.body.endswith("a" * 524288))
            self.assertIn("length=524288", reply.body)
            self.assertEqual(len(client.ask(b"big 8000000").body.rpartition("=")[2]), 8000011)
            self.assertEqual(client.ask(b"x").status, 200)

    def test_refusals(self):
        cases = {
            400: b"POST /wsman HTTP/1.1\nHost: a\n\n", 404: request(path="/"),
            405: request(method="GET"), 411: b"POST /wsman HTTP/1.1\r\nHost: a\r\n\r\n",
            413: request(length=524289), 414: b"POST /" + b"a" * 20000, 431: request(
                headers=["X: " + "a" * 20000]), 415: request(headers=["Content-Type: text/html"]),
            417: request(headers=["Expect: more"]), 505: request(version="HTTP/2.0"),
            501: b"POST /wsman HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"}
        for status, data in cases.items():
            with self.subTest(status=status), self.client() as client:
                client.send(data)
                reply = client.reply()
                self.assertEqual(reply.status, status)
                self.assertEqual(reply.headers["Connection"], "close")
                self.assertEqual(status == 405, reply.headers.get("Allow") == "POST, GET")
                self.assertTrue(client.closed())
        log = self.end()
        for status in cases:
            self.assertIn(f'status="{status}" reason=', log)

    def test_refusal_reaches_a_peer_that_still_sends(self):
        with self.client() as client:
            client.send(request(length=3000000))
            client.send(b"a" * 3000000)
            self.assertEqual(client.reply().status, 413)

    def test_connection_close(self):
        for options in ({"version": "HTTP/1.0"}, {"headers": ["Connection: close"]}):
            with self.client() as client:
                reply = client.ask(b"x", **options)
                self.assertEqual((reply.status, reply.headers["Connection"]), (200, "close"))
                self.assertTrue(client.closed())

    def test_last_reply_and_farewell_are_one_packet(self):
        with self.client() as client:
            client.ask(b"x")  # session tickets are here
            before = client.segments()
            self.assertEqual(client.ask(b"x", headers=["Connection: close"]).status, 200)
            self.assertTrue(client.closed())
            self.assertEqual(client.segments() - before, 1)


class Tls(ServerTest):
    def test_versions(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.client(minimum_version=version, maximum_version=version) as client:
                self.assertEqual(client.ask(b"x").status, 200)
        # This side must be talked into the old versions, or it would be the one that refuses.
        with warnings.catch_warnings(), self.assertRaisesRegex(ssl.SSLError, "PROTOCOL_VERSION"):
            warnings.simplefilter("ignore")
            self.client(minimum_version=ssl.TLSVersion.TLSv1,
                        maximum_version=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0")

    def test_resumption(self):
        """It spares the certificate and its signature, never the login; a new certificate ends it."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.client(minimum_version=version, maximum_version=version) as first:
                self.assertEqual(first.ask(b"x").status, 200)
                with self.client(resumed=first) as second:
                    self.assertTrue(second.tls.session_reused)
                    self.assertEqual(second.ask(b"x", authorization=None).status, 401)
                    self.assertEqual(second.ask(b"x").status, 200)
                self.assertEqual(self.server.reload(), "reloaded")
                with self.client(resumed=first) as third:
                    self.assertFalse(third.tls.session_reused)
                    self.assertEqual(third.ask(b"x").status, 200)

    def test_no_tls(self):
        raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=TIMEOUT)
        raw.sendall(request(b"x"))
        try:
            self.assertNotIn(b"HTTP", raw.recv(1000))
        except ConnectionResetError:
            pass
        raw.close()

    def test_second_server_on_the_port(self):
        other = Server(**{"listen.port": self.server.port})
        self.assertIn("Address already in use", other.first)
        self.assertEqual(other.end()[0], 1)


class Reload(ServerTest):
    def test_passwd_tells_of_it(self):
        """Who adds a user learns how a running service hears of it; who fails to does not."""
        path = os.path.join(harness.DIR, "told")
        for words, told in ((("--scope", "web*", "alice"), True), (("--delete", "nobody"), False)):
            done = subprocess.run([harness.ECHO_SERVER, path, "passwd", *words], input=PASSWORD + "\n", text=True,
                                  capture_output=True, check=False)
            self.assertEqual((done.returncode == 0, "systemctl reload" in done.stderr), (told, told), done.stderr)

    def test_users(self):
        path = os.path.join(harness.DIR, "users")
        with self.client() as client:
            self.assertEqual(client.ask(b"x").status, 200)
            self.assertEqual(passwd(path, "other", "admin"), 0)
            self.assertEqual(client.ask(b"x").status, 200)
            self.assertEqual(self.server.reload(), "reloaded")
            self.assertEqual(client.ask(b"x").status, 401)
            self.assertEqual(client.ask(b"x", basic(password="other")).status, 200)
            self.assertEqual(passwd(path, "", "--delete", "admin"), 0)
            self.assertEqual(self.server.reload(), "reloaded")
            self.assertEqual(client.ask(b"x", basic(password="other")).status, 401)
            self.assertEqual(passwd(path, PASSWORD, "--role", "operator", "admin"), 0)
            os.chmod(path, 0o666)
            self.assertIn("chmod go-w", self.server.reload())
            os.chmod(path, 0o600)
            self.assertEqual(client.ask(b"x").status, 401)
            self.assertEqual(self.server.reload(), "reloaded")
            self.assertEqual(client.ask(b"x").status, 200)

    def test_certificate(self):
        key = os.path.join(harness.DIR, "server.key")
        with self.client() as client:
            before = client.tls.getpeercert()["serialNumber"]
            os.rename(key, key + ".old")
            os.remove(os.path.join(harness.DIR, "server.crt"))
            self.assertIn("certificate cannot be read", self.server.reload())
            make_certificates()
            self.assertEqual(self.server.reload(), "reloaded")
            self.assertEqual(client.ask(b"x").status, 200)
        with self.client() as client:
            self.assertNotEqual(client.tls.getpeercert()["serialNumber"], before)


class Deadlines(ServerTest):
    keys = {"limits__handshake_seconds": 1, "limits__request_seconds": 1, "limits__idle_seconds": 1,
            "limits__reply_seconds": 1, "limits__body_bytes": 67108864,
            "limits__octets_before_login": 70000000}

    def test_handshake(self):
        raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=TIMEOUT)
        self.assertEqual(raw.recv(1), b"")
        raw.close()
        self.assertIn("TLS handshake not done in time", self.end())

    def test_request_that_drips(self):
        with self.client() as client:
            # takes what TLS 1.3 sends after its handshake, so that readable means a reply
            self.assertEqual(client.ask(b"x").status, 200)
            client.send(request(length=100000))
            while not select.select([client.tls], [], [], 0.05)[0]:
                client.send(b"a")
            reply = client.reply()
            self.assertEqual((reply.status, reply.headers["Connection"]), (408, "close"))

    def test_reply_nobody_reads(self):
        with self.client() as client:
            client.tls.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send(request(b"big 60000000"))
            other = self.client()
            self.assertTrue(other.closed())  # idle: its second is over
            other.close()
            while "reply not taken in time" not in self.server.log_text():
                with self.client() as again:
                    self.assertTrue(again.closed())

    def test_idle(self):
        with self.client() as client:
            self.assertEqual(client.ask(b"x").status, 200)
            self.assertTrue(client.closed())
        self.assertNotIn("in time", self.end())


class Limits(ServerTest):
    keys = {"limits__connections": 6, "limits__connections_per_peer": 4, "server__workers": 1,
            "server__queue": 1}

    def refused(self, source):
        raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=TIMEOUT,
                                       source_address=(source, 0))
        try:
            context = ssl.create_default_context(cafile=os.path.join(harness.DIR, "ca.crt"))
            return context.wrap_socket(raw, server_hostname="localhost"), False
        except OSError:
            return raw, True

    def test_connections(self):
        opened = []
        for source, refused in [("127.0.0.1", False)] * 4 + [("127.0.0.1", True)] + \
                [("127.0.0.2", False)] * 2 + [("127.0.0.3", True)]:
            connection, was_refused = self.refused(source)
            opened.append(connection)
            self.assertEqual(was_refused, refused)
        for connection in opened:
            connection.close()
        log = self.end()
        self.assertIn('reason="too many connections from this address"', log)
        self.assertIn('reason="too many connections"', log)

    def test_busy(self):
        # TLS 1.3 makes a socket readable by itself, with session tickets.
        held, queued, third = [self.client(maximum_version=ssl.TLSVersion.TLSv1_2)
                               for _ in range(3)]
        held.send(request(b"hold"))
        self.assertEqual(self.server.line(), "held")
        queued.send(request(b"first"))
        third.send(request(b"second"))
        # One of the two finds the queue full: which one, the loops decide.
        ready, _, _ = select.select([queued.tls, third.tls], [], [], TIMEOUT)
        refused = queued if ready[0] is queued.tls else third
        reply = refused.reply()
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (503, "1"))
        self.server.say("release")
        self.assertIn("body=hold", held.reply().body)
        waited = third if refused is queued else queued
        self.assertEqual(waited.reply().status, 200)
        self.assertEqual(refused.ask(b"again").status, 200)
        for client in (held, queued, third):
            client.close()


class OneWorker(ServerTest):
    keys = {"server__workers": 1}

    def test_at_once(self):
        """What is brief is answered by the loop while no worker is free; what only looked so waits for one."""
        with self.client() as first:
            self.assertEqual(first.ask(b"first").status, 200)  # from now on the password is remembered
        held, later, brief = [self.client(maximum_version=ssl.TLSVersion.TLSv1_2) for _ in range(3)]
        held.send(request(b"hold"))
        self.assertEqual(self.server.line(), "held")
        later.send(request(b"later"))
        for _ in range(2):
            self.assertIn("body=brief", brief.ask(b"brief").body)
        brief.send(request(b"brief") + request(b"x") + request(b"brief"))  # in order, whoever answers
        self.assertIn("body=brief", brief.reply().body)
        self.assertEqual(select.select([later.tls], [], [], 0)[0], [])
        self.server.say("release")
        self.assertIn("body=hold", held.reply().body)
        reply = later.reply()
        self.assertEqual(reply.status, 200)
        self.assertIn("body=later", reply.body)
        self.assertNotIn("nobody", reply.body)
        for client in (held, later, brief):
            client.close()


class Disconnects(ServerTest):
    keys = {"limits__connections": 100}  # a connection that is not given back would show

    def test_while_working(self):
        for end in ("abort", "close"):
            client = self.client()
            client.send(request(b"hold"))
            self.assertEqual(self.server.line(), "held")
            getattr(client, end)()
            self.server.say("release")
        with self.client() as client:
            self.assertEqual(client.ask(b"x").status, 200)

    def test_anywhere(self):
        data = request(b"hello")
        for i in range(300):
            client = self.client() if i % 3 else None
            if not client:
                raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=TIMEOUT)
                raw.sendall(b"\x16\x03\x01" + b"a" * (i % 50))
                raw.close()
                continue
            client.send((data * 3)[:(i * 37) % (3 * len(data)) + 1])
            (client.abort if i % 2 else client.close)()
        with self.client() as client:
            self.assertEqual(client.ask(b"x").status, 200)


class Stop(ServerTest):
    def test_lets_a_request_end(self):
        held, idle, partial = self.client(), self.client(), self.client()
        self.assertEqual(idle.ask(b"x").status, 200)
        partial.send(request(length=10))
        held.send(request(b"hold"))
        self.assertEqual(self.server.line(), "held")
        self.server.say("stop")
        self.assertTrue(idle.closed())
        self.assertTrue(partial.closed())
        self.server.say("release")
        self.assertIn("body=hold", held.reply().body)
        self.assertTrue(held.closed())
        for client in (idle, partial, held):
            client.close()

    def test_under_load(self):
        answers, done = [], threading.Event()

        def load():
            try:
                with self.client() as client:
                    while True:
                        reply = client.ask(b"load")
                        if not reply:
                            return
                        answers.append(reply.status)
                        if len(answers) > 200:
                            done.set()
            except OSError:
                pass

        threads = [threading.Thread(target=load) for _ in range(16)]
        for thread in threads:
            thread.start()
        self.assertTrue(done.wait(TIMEOUT))
        log = self.end()
        for thread in threads:
            thread.join()
        self.assertEqual(set(answers), {200})
        self.assertNotIn("ERROR", log)


if __name__ == "__main__":
    sys.exit(main("net"))
