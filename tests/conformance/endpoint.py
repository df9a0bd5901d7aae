# SPDX-License-Identifier: GPL-2.0-or-later
"""The service that is checked, whoever's it is: requests to it, and what its replies say, by namespace and never by prefix."""

import base64
import http.client
import os
import ssl
import sys
import urllib.parse

from lxml import etree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

from wsman import NS as LAB_NS  # noqa: E402

NS = {**LAB_NS, "b": "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd",
      "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
      "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"}
DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
SOAP = "application/soap+xml;charset=UTF-8"


class Reply:
    """What came back: HTTP status, headers, text, and the envelope where there is one."""

    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data
        try:
            self.root = etree.fromstring(data) if data.strip() else None
        except etree.XMLSyntaxError:
            self.root = None
        self.text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")

    def find(self, path):
        return None if self.root is None else self.root.find(path, NS)

    def findall(self, path):
        return [] if self.root is None else self.root.findall(path, NS)

    def value(self, path):
        found = self.find(path)
        return "" if found is None else "".join(found.itertext()).strip()

    @property
    def action(self):
        return self.value("s:Header/a:Action")

    @property
    def fault(self):
        """(namespace, name) of the innermost code; None when it is no fault."""
        codes = [node for node in self.findall(".//s:Fault//s:Value")]
        if not codes:
            return None
        prefix, _, name = (codes[-1].text or "").strip().rpartition(":")
        return codes[-1].nsmap.get(prefix or None), name

    @property
    def detail(self):
        return self.value(".//w:FaultDetail").removeprefix(DETAIL)

    @property
    def body(self):
        body = self.find("s:Body")
        return body[0] if body is not None and len(body) else None

    @property
    def context(self):
        return self.value(".//n:EnumerationContext")

    @property
    def items(self):
        for prefix in ("w", "n"):
            found = self.find(f".//{prefix}:Items")
            if found is not None:
                return list(found)
        return None

    def __str__(self):
        return f"HTTP {self.status}, {self.fault or self.action or self.text[:200]} {self.detail}".strip()


class Endpoint:
    """One keep-alive connection; what to ask for comes with it: a class with instances, one of them by its
    selectors, and where there is one a method."""

    def __init__(self, url, user, password, ca=None, insecure=False):
        parts = urllib.parse.urlsplit(url)
        self.host, self.path, self.secure = parts.hostname, parts.path or "/wsman", parts.scheme == "https"
        self.port = parts.port or (5986 if self.secure else 5985)
        self.context = ssl.create_default_context(cafile=ca) if self.secure else None
        if self.secure and insecure:
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.connection = None
        self.other = None         # a second user's Endpoint
        self.resource = None      # URI of a class
        self.selectors = {}       # of one of its instances
        self.method = None        # (resource URI, method, parameters) of a call that may be made

    def connect(self):
        if self.secure:
            return http.client.HTTPSConnection(self.host, self.port, timeout=60, context=self.context)
        return http.client.HTTPConnection(self.host, self.port, timeout=60)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def send(self, text, kind=SOAP, login=True, path=None, method="POST", headers=None):
        """One request; kind None leaves out Content-Type, a header of value None leaves that one out."""
        data = text if isinstance(text, bytes) else text.encode()
        given = {"Content-Type": kind, "Authorization": self.authorization if login else None, **(headers or {})}
        for again in (False, True):
            self.connection = self.connection or self.connect()
            try:
                self.connection.request(method, path or self.path, data,
                                        {name: value for name, value in given.items() if value is not None})
                answer = self.connection.getresponse()
                reply = Reply(answer.status, answer.headers, answer.read())
                if answer.will_close:
                    self.close()
                return reply
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                self.close() # the peer may have closed a connection that it kept for us
                if again:
                    raise
        raise AssertionError("not reached")
