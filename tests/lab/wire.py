# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection that sends exactly what it is told, with TLS or without, and reads whole HTTP replies."""

import hashlib
import socket
import ssl


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def challenges(self):
        return self.headers.get("www-authenticate", [])

    def token(self, scheme):
        """What WWW-Authenticate says behind the scheme; None without it."""
        for value in self.challenges():
            name, _, rest = value.partition(" ")
            if name.lower() == scheme.lower():
                return rest
        return None

    def __repr__(self):
        return f"HTTP {self.status} {self.headers} {self.body[:300]!r}"


class Wire:
    """ca: for TLS; None: without. certificate: a pair of files, or None. source: an address of loopback."""

    def __init__(self, port, ca=None, certificate=None, host="localhost", context=None, source="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream, self.rest = plain, b""
        if ca or context:
            context = context or ssl.create_default_context(cafile=ca)
            if certificate:
                context.load_cert_chain(*certificate)
            self.stream = context.wrap_socket(plain, server_hostname=host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def binding(self):
        """tls-server-end-point (RFC 5929) of a certificate that is signed with SHA-256."""
        return b"tls-server-end-point:" + hashlib.sha256(self.stream.getpeercert(True)).digest()

    def _more(self):
        piece = self.stream.recv(65536)
        self.rest += piece
        return bool(piece)

    def reply(self):
        """The next reply; None when the peer closes instead."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines, headers = head.decode("latin-1").split("\r\n"), {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers.setdefault(name.lower(), []).append(value.strip())
        length = int(headers.get("content-length", ["0"])[0])
        while len(self.rest) < length and self._more():
            pass
        body, self.rest = self.rest[:length], self.rest[length:]
        return Reply(int(lines[0].split()[1]), headers, body)

    def send(self, data):
        self.stream.sendall(data)

    def ask(self, body=b"", authorization=None, headers=(), path="/wsman", kind="application/soap+xml;charset=UTF-8"):
        """One request and its reply."""
        data = body.encode() if isinstance(body, str) else body
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(data)}"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        if authorization is not None:
            lines.append(f"Authorization: {authorization}")
        self.send("\r\n".join([*lines, *headers, "", ""]).encode() + data)
        return self.reply()

    def closed(self):
        try:
            return not self.rest and self.stream.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True
