# SPDX-License-Identifier: GPL-2.0-or-later
"""A running echo_server, and a client that sends what it is told, well-formed or not."""
import argparse
import base64
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ECHO_SERVER = ""  # set by the test program
DIR = ""  # certificates, users and configuration; there during the tests of a module
TIMEOUT = 20
PASSWORD = "pass:wörd"


def setUpModule():
    global DIR
    DIR = tempfile.mkdtemp(prefix="net-")
    make_certificates()
    passwd(os.path.join(DIR, "users"), PASSWORD, "--role", "operator", "admin")


def tearDownModule():
    shutil.rmtree(DIR)


def make_certificates():
    subprocess.run(["sh", os.path.join(ROOT, "certs/make-certs.sh"), DIR], check=True)


def passwd(path, password, *args):
    return subprocess.run([ECHO_SERVER, path, "passwd", *args], input=password + "\n",
                          text=True, stderr=subprocess.PIPE).returncode


def basic(user="admin", password=PASSWORD):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def request(body=b"", authorization=basic(), path="/wsman", method="POST", version="HTTP/1.1",
            length=None, headers=()):
    lines = [f"{method} {path} {version}", "Host: localhost",
             f"Content-Length: {len(body) if length is None else length}"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Client:
    """resumed: another client, whose TLS session it goes on with."""
    def __init__(self, port, ciphers=None, resumed=None, **options):
        raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        context = resumed.tls.context if resumed else ssl.create_default_context(cafile=os.path.join(DIR, "ca.crt"))
        for name, value in options.items():
            setattr(context, name, value)
        if ciphers:
            context.set_ciphers(ciphers)
        self.tls = context.wrap_socket(raw, server_hostname="localhost", session=resumed and resumed.tls.session)
        self.file = self.tls.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.tls.close()

    def send(self, data):
        self.tls.sendall(data)

    def reply(self):
        """The next reply; None when the server closed instead."""
        line = self.file.readline()
        if not line:
            return None
        headers = {}
        while (header := self.file.readline().decode().strip()):
            name, _, value = header.partition(": ")
            headers[name] = value
        body = self.file.read(int(headers.get("Content-Length", 0)))
        return Reply(int(line.split()[1]), headers, body.decode())

    def ask(self, *args, **kwargs):
        self.send(request(*args, **kwargs))
        return self.reply()

    def closed(self):
        return self.file.read(1) == b""

    def segments(self):
        """Of TCP, with data, that have come."""
        return struct.unpack_from("I", self.tls.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 156), 152)[0]

    def abort(self):
        """Ends the connection with a reset, without a farewell."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.file.close()
        self.tls.close()


def until(condition):
    """Asks again and again for what another process does without a word; the answer, or a failure."""
    end = time.monotonic() + TIMEOUT
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
    return answer


def spawn(command, sockets=(), **options):
    """A process with the sockets as its descriptors from 3 on, announced as systemd does."""
    if not sockets:
        return subprocess.Popen(command, **options)
    # The shell becomes the program, so that its process id is the announced one. Copies above 50
    # first: a socket may have a number that another one shall get.
    moves = "".join(f" {50 + i}<&{sock.fileno()}" for i, sock in enumerate(sockets))
    moves += "".join(f" {3 + i}<&{50 + i} {50 + i}<&-" for i in range(len(sockets)))
    script = f'exec{moves}; LISTEN_PID=$$ LISTEN_FDS={len(sockets)} exec "$@"'
    return subprocess.Popen(["bash", "-c", script, "bash", *command],
                            pass_fds=[sock.fileno() for sock in sockets], **options)


class Server:
    """keys: of the configuration, as limits__connections. sockets: to be inherited, as from systemd."""

    def __init__(self, sockets=(), **keys):
        config = {"listen.port": 0, "tls.certificate": f"{DIR}/server.crt",
                  "tls.key": f"{DIR}/server.key", "auth.users_file": f"{DIR}/users",
                  "server.loops": 2, "server.workers": 4}
        config.update({key.replace("__", "."): value for key, value in keys.items()})
        path = os.path.join(DIR, "config")
        with open(path, "w", encoding="utf-8") as out:
            for key, value in config.items():
                section, _, name = key.partition(".")
                out.write(f"[{section}]\n{name} = {value}\n")
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = spawn([ECHO_SERVER, path], sockets, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.line()
        self.port = int(line.split()[1]) if line.startswith("port ") else None
        self.first = line

    def log_text(self):
        """What is there by now."""
        with open(f"/proc/{self.process.pid}/fd/2", encoding="utf-8") as log:
            return log.read()

    def line(self):
        return self.process.stdout.readline().strip()

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def reload(self):
        self.say("reload")
        return self.line()

    def end(self):
        """Stops it; the log. A leak or a sanitizer's complaint shows in the exit status."""
        self.process.stdin.close()
        self.process.stdout.read()
        status = self.process.wait(timeout=60)
        self.log.seek(0)
        log = self.log.read()
        self.log.close()
        self.process.stdout.close()
        return status, log


class ServerTest(unittest.TestCase):
    """Each test has a server; it must end well, without a leak."""
    keys = {}

    def setUp(self):
        self.server = Server(**self.keys)
        self.log = None

    def tearDown(self):
        if self.log is None:
            self.end()

    def end(self):
        status, self.log = self.server.end()
        self.assertEqual(status, 0, self.log)
        return self.log

    def client(self, **options):
        return Client(self.server.port, **options)


def main(name):
    """Runs the tests of the program; the exit status."""
    global ECHO_SERVER
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("tests", nargs="*", help="as Deadlines, or Deadlines.test_idle")
    options = parser.parse_args()
    ECHO_SERVER = os.path.abspath(os.path.join(options.build, "net/echo_server"))
    program = unittest.main(argv=[sys.argv[0], *options.tests], exit=False)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{name}: {program.result.testsRun - failed} passed, {failed} failed")
    return 1 if failed or not program.result.testsRun else 0
