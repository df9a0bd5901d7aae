# SPDX-License-Identifier: GPL-2.0-or-later
"""A client whose logins and encryption are those of GSSAPI (python3-gssapi, MIT Kerberos, gss-ntlmssp): other
people's code on the other end of Negotiate, with encrypted messages where pywinrm as Debian has it cannot."""

import base64
import os
import sys

import gssapi
import gssapi.raw

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import sealed  # noqa: E402
from wire import Wire  # noqa: E402

MECHANISMS = {"spnego": "1.3.6.1.5.5.2", "kerberos": "1.2.840.113554.1.2.2", "ntlm": "1.3.6.1.4.1.311.2.2.10"}


class GssClient:
    """mechanism: a row of MECHANISMS; environment as kdc.login() gives it must be in os.environ. ca None: HTTP.
    bind: True for the channel bindings of the connection, octets for others."""

    def __init__(self, port, ca, mechanism, scheme="Negotiate", service="HTTP", bind=False, user=None, inner=None):
        self.wire, self.scheme, self.tab = Wire(port, ca), scheme, "\t"
        self.protocol = sealed.KERBEROS if scheme == "Kerberos" else sealed.SPNEGO
        if bind is True:
            bind = self.wire.binding()
        bindings = gssapi.raw.ChannelBindings(application_data=bind) if bind else None
        credentials = None
        if user:
            name = gssapi.Name(user, gssapi.NameType.user)
            credentials = gssapi.Credentials(name=name, usage="initiate",
                                             mechs=[gssapi.OID.from_int_seq(MECHANISMS[inner or mechanism])])
        flags = gssapi.RequirementFlag
        self.context = gssapi.SecurityContext(
            name=gssapi.Name(f"{service}@localhost", gssapi.NameType.hostbased_service), usage="initiate",
            mech=gssapi.OID.from_int_seq(MECHANISMS[mechanism]), creds=credentials, channel_bindings=bindings,
            flags=flags.mutual_authentication | flags.confidentiality | flags.integrity)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.stream.close()

    def log_in(self, body=""):
        """The reply that ended the login, well or not."""
        token, reply = self.context.step(), None
        while token is not None:
            self.last = token
            reply = self.wire.ask(body, f"{self.scheme} {base64.b64encode(token).decode()}")
            answer = reply.token(self.scheme)
            token = self.context.step(base64.b64decode(answer)) if answer else None
        return reply

    def seal(self, text):
        if "1.3.6.1.4.1.311" in self.context.mech.dotted_form:  # gss-ntlmssp has no IOV
            token = self.context.wrap(text, True).message
            return token[:16], token[16:]
        kinds = gssapi.raw.IOVBufferType
        iov = gssapi.raw.IOV(kinds.header, text, kinds.padding, std_layout=False)
        gssapi.raw.wrap_iov(self.context, iov, confidential=True)
        assert not iov[2].value, iov[2]
        return iov[0].value, iov[1].value

    def unseal(self, signature, data):
        if "1.3.6.1.4.1.311" in self.context.mech.dotted_form:
            return self.context.unwrap(signature + data).message
        kinds = gssapi.raw.IOVBufferType
        iov = gssapi.raw.IOV((kinds.header, False, signature), data, b"", std_layout=False)
        result = gssapi.raw.unwrap_iov(self.context, iov)
        assert result.encrypted
        return iov[1].value

    def ask_sealed(self, text):
        """Status and text of the encrypted reply to an encrypted request."""
        data = text.encode()
        body = sealed.pack([(*self.seal(data), len(data))], self.tab, self.protocol)
        reply = self.wire.ask(body, kind=sealed.content_type(self.protocol))
        assert reply.headers["content-type"] == [sealed.content_type(self.protocol)], reply
        signature, octets, _ = sealed.unpack(reply.body, self.tab, self.protocol)
        return reply.status, self.unseal(signature, octets).decode()
