# SPDX-License-Identifier: GPL-2.0-or-later
"""A running echo_server, and a client that sends what it is told, well-formed or not."""
import base64
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ECHO_SERVER = ""  # set by the test program
DIR = ""  # certificates, users and configuration; there between begin() and end()
TIMEOUT = 20
PASSWORD = "pass:wörd"


def begin():
    global DIR
    DIR = tempfile.mkdtemp(prefix="net-")
    make_certificates()
    passwd(os.path.join(DIR, "users"), PASSWORD, "--role", "operator", "admin")


def end():
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
    def __init__(self, port, ciphers=None, **options):
        raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        context = ssl.create_default_context(cafile=os.path.join(DIR, "ca.crt"))
        for name, value in options.items():
            setattr(context, name, value)
        if ciphers:
            context.set_ciphers(ciphers)
        self.tls = context.wrap_socket(raw, server_hostname="localhost")
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

    def abort(self):
        """Ends the connection with a reset, without a farewell."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.file.close()
        self.tls.close()


class Server:
    def __init__(self, **keys):
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
        self.process = subprocess.Popen([ECHO_SERVER, path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.line()
        self.port = int(line.split()[1]) if line.startswith("port ") else None
        self.first = line

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
