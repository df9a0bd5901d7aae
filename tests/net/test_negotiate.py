#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""NTLM logins and encrypted messages in the shapes of real clients, over TLS and without it; and what must be
refused. The client is our own (tests/lab/ntlm.py), as most of the real ones are not to be had."""

import base64
import contextlib
import os
import sys
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import ntlm  # noqa: E402
import sealed  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import NS, V2, envelope, enumerate_body, identify_envelope  # noqa: E402

IDENTIFY = identify_envelope()
NAME = "j\u00fcrgen \u0416"
SETTINGS = {"http.enabled": 1, "http.port": 0, "auth.delay_ms": 0, "limits.body_bytes": 2000000}
WHOLE = ["ms-krb5", "krb5", "negoex", "ntlm"]
NOTHING = ntlm.WINDOWS & ~(ntlm.SIGN | ntlm.SEAL)
CURL = ntlm.OEM | ntlm.TARGET | ntlm.NTLM | ntlm.ALWAYS_SIGN | ntlm.EXTENDED


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, users=(("operator", "operator", "*", "--ntlm"), (NAME, "viewer", "*", "--ntlm"),
                                             ("plain", "operator")),
                          module="memory", uri="memory:?vms=demo:running", settings=SETTINGS)
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


class Login:
    """A connection, and a login on it that can be stopped anywhere."""

    def __init__(self, place, tls=True, user="operator", password=None, spnego=None, scheme="Negotiate", body="",
                 bind=False, **options):
        service = place.service
        self.wire = Wire(service.port if tls else service.endpoint_port("http"), service.ca if tls else None)
        self.spnego, self.scheme, self.body, self.tab = spnego, scheme, body, "\t"
        if bind:
            options["binding"] = self.wire.binding()
        self.client = ntlm.Client(user, service.passwords.get(user, "x") if password is None else password, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.stream.close()

    def say(self, token, body=None, **options):
        header = f"{self.scheme} {base64.b64encode(token).decode()}"
        return self.wire.ask(self.body if body is None else body, header, **options)

    def heard(self, reply):
        assert reply.status == 401, reply
        [challenge] = reply.challenges()
        assert challenge.startswith(self.scheme + " "), challenge
        return base64.b64decode(reply.token(self.scheme), validate=True)

    def begin(self):
        """Up to the server's challenge."""
        token = self.client.negotiate()
        if not self.spnego:
            return self.heard(self.say(token))
        first = self.spnego[0] == "ntlm"
        state, inner, mic = ntlm.read_response(self.heard(self.say(ntlm.init(self.spnego, token if first else b"other"))))
        if not first:
            assert (state, inner, mic) == (3, None, None), (state, inner, mic)  # request-mic, and no token
            state, inner, mic = ntlm.read_response(self.heard(self.say(ntlm.response(token))))
        assert state == 1 and mic is None, (state, mic)
        return inner

    def last(self, challenge, list_mic=True):
        """The client's last token."""
        token = self.client.authenticate(challenge)
        if not self.spnego:
            return token
        mic = None
        if list_mic:
            mic = self.client.out.signature(ntlm.mechanisms(self.spnego), True)
            self.client.out.restart()
        return ntlm.response(token, mic)

    def check_last(self, reply):
        """What came with the last reply of the login."""
        if not self.spnego:
            assert not reply.challenges(), reply
            return
        state, token, mic = ntlm.read_response(base64.b64decode(reply.token(self.scheme)))
        assert (state, token) == (0, None), (state, token)
        assert mic == self.client.back.signature(ntlm.mechanisms(self.spnego), True)
        self.client.back.restart()

    def log_in(self, body=None, **options):
        reply = self.say(self.last(self.begin()), body, **options)
        if reply.status < 400:
            self.check_last(reply)
        return reply

    def ask_sealed(self, text, protocol=sealed.SPNEGO, pieces=1, header=None, **options):
        """An encrypted request; status and text of the encrypted reply."""
        data = text if isinstance(text, bytes) else text.encode()
        step = -(-len(data) // pieces)
        parts = [(*self.client.seal(data[i:i + step]), len(data[i:i + step])) for i in range(0, len(data), step)]
        body = sealed.pack(parts, self.tab, protocol, **options)
        return self.read_sealed(self.wire.ask(body, header, kind=sealed.content_type(protocol)), protocol)

    def read_sealed(self, reply, protocol=sealed.SPNEGO):
        assert reply.headers["content-type"] == [sealed.content_type(protocol)], reply
        signature, data, original = sealed.unpack(reply.body, self.tab, protocol)
        text = self.client.unseal(signature, data)
        self.original = original
        return reply.status, text.decode("utf-16" if "UTF-16" in original else "utf-8")


# Name, options of the login, and what it can do besides logging in over TLS: "sealed" over either, or nothing.
SHAPES = [
    ("pypsrp ntlm", dict(bind=True), True),
    ("pypsrp negotiate", dict(spnego=["ntlm"], bind=True), True),
    ("pywinrm", dict(flags=ntlm.WINDOWS & ~ntlm.UNICODE | ntlm.OEM, bind=True), True),
    ("WinRb", dict(length=34, mic=False, flags=ntlm.WINDOWS & ~ntlm.VERSION, version=False, bind=True), True),
    ("winrm-java", dict(flags=ntlm.WINDOWS & ~ntlm.TARGET, mic=False, body="AWAITING_ENCRYPTION_KEYS"), True),
    ("omicli", dict(spnego=["ntlm"]), True),
    ("go-wsman", dict(flags=NOTHING, mic=False), False),
    ("curl --ntlm", dict(flags=CURL, length=32, mic=False, version=False, scheme="NTLM"), False),
    ("Windows, Kerberos first", dict(spnego=WHOLE), True),
    ("Windows, NEGOEX first", dict(spnego=["negoex", "ntlm"]), True),
]


def test_shapes_over_tls(place):
    for name, options, can_seal in SHAPES:
        with Login(place, **options) as login:
            reply = login.log_in(IDENTIFY)
            assert reply.status == 200 and b"IdentifyResponse" in reply.body, (name, reply)
            for _ in range(3):  # the connection is logged in now
                reply = login.wire.ask(IDENTIFY)
                assert reply.status == 200 and b"SecurityProfiles" in reply.body, (name, reply)
            if can_seal:
                assert login.ask_sealed(IDENTIFY)[0] == 200, name


def test_shapes_without_tls(place):
    for name, options, can_seal in SHAPES:
        options = {key: value for key, value in options.items() if key != "bind"}
        for tab in ("\t", ""):
            with Login(place, tls=False, **options) as login:
                login.tab = tab
                reply = login.log_in()
                assert (reply.status, reply.body) == (200, b""), (name, reply)
                if can_seal:
                    for _ in range(3):
                        status, text = login.ask_sealed(IDENTIFY)
                        assert status == 200 and "IdentifyResponse" in text, (name, text)
                    assert login.original == "application/soap+xml;charset=UTF-8"
                reply = login.wire.ask(IDENTIFY)
                assert reply.status == 403 and b"encrypted" in reply.body, (name, reply)


def test_go_wsman_domain(place):
    """It takes the server's own name for its domain, whatever the users file says."""
    with Login(place, flags=NOTHING, mic=False) as login:
        challenge = login.begin()
        size = int.from_bytes(challenge[12:14], "little")
        login.client.domain = challenge[56:56 + size].decode("utf-16-le")
        assert login.client.domain and login.say(login.last(challenge), IDENTIFY).status == 200


def test_login_and_message_in_one(place):
    """winrm-java's last token comes with its first encrypted message."""
    with Login(place, tls=False, body="AWAITING_ENCRYPTION_KEYS", mic=False) as login:
        token = login.last(login.begin())
        header = "Negotiate " + base64.b64encode(token).decode()
        status, text = login.ask_sealed(IDENTIFY, header=header)
        assert status == 200 and "IdentifyResponse" in text


def test_names(place):
    for user, domain in ((NAME, ""), (NAME.upper(), "LAB"), ("Operator", "ANY"), ("OPERATOR@lab.test", "")):
        real = NAME if user.lower() == NAME.lower() else "operator"
        with Login(place, user=user, domain=domain, password=place.service.passwords[real]) as login:
            assert login.log_in(IDENTIFY).status == 200, user
    assert f'user="{NAME}" how="ntlm" role="viewer"' in place.service.log_text()


def test_roles(place):
    with Login(place, user=NAME) as login:
        assert login.log_in(IDENTIFY).status == 200
        text = envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body("SELECT * FROM Msvm_ComputerSystem"))
        assert login.wire.ask(text).status == 200
        service = V2 + "Msvm_VirtualSystemSnapshotService"
        reply = login.wire.ask(envelope(service + "/CreateSnapshot", service))
        assert reply.status == 500 and b"w:AccessDenied" in reply.body, reply


def refused(reply):
    return reply.status == 401 and reply.challenges() == ["Negotiate", 'Basic realm="WSMAN"']


def test_bad_logins(place):
    """Each is refused, and nobody is logged in on the connection."""
    cases = [dict(password="wrong"), dict(password=""), dict(user="nobody"), dict(user="plain"), dict(user="operato"),
             dict(user="operator2"), dict(user=""), dict(binding=b"tls-server-end-point:" + b"x" * 32),
             dict(user="nobody", spnego=["ntlm"]), dict(password="wrong", spnego=["negoex", "ntlm"])]
    for options in cases:
        with Login(place, **options) as login:
            assert refused(login.log_in(IDENTIFY)), options
            assert refused(login.wire.ask(IDENTIFY)), options
    with Login(place, tls=False, binding=b"tls-server-end-point:" + b"x" * 32) as login:
        assert login.log_in().status == 401, "somebody in between who speaks TLS to the client"
    log = place.service.log_text()
    for reason in ("wrong password", "unknown user, or one without an NT hash", "an anonymous NTLM login",
                   "the channel bindings are those of another connection"):
        assert f'reason="{reason}"' in log, reason


def test_broken_tokens(place):
    with Login(place) as login:
        good = login.last(login.begin())
    with Login(place) as login:
        changed = bytearray(login.last(login.begin()))
        changed[72] ^= 1  # the integrity code
        assert refused(login.say(bytes(changed), IDENTIFY))
    tokens = [b"", b"x", b"NTLMSSP\0", good[:40], good[:87], b"NTLMSSP\0" + b"\xff" * 200,
              ntlm.init(["ntlm"], b"x"), ntlm.init(["negoex"], b"x"), ntlm.response(good), b"\x60\x82\xff\xff",
              ntlm.init(["ntlm"], b"NTLMSSP\0\1\0\0\0" + b"\0" * 20)[:-1]]
    for token in tokens:
        with Login(place) as login:
            login.begin()
            reply = login.say(token, IDENTIFY)
            assert refused(reply), (token, reply)
    for header in ("Negotiate", "Negotiate ", "Negotiate !!!", "Negotiate TlRM=", "Negotiate " + "A" * 4001, "Kerberos x",
                   "NTLM", "Negotiate  " + base64.b64encode(good).decode() + "A"):
        with Login(place) as login:
            assert refused(login.wire.ask(IDENTIFY, header)), header


def test_replays(place):
    """A token that was good once is good nowhere else."""
    with Login(place) as login:
        challenge = login.begin()
        token = login.last(challenge)
        with Login(place) as other:
            assert refused(other.say(token, IDENTIFY)), "the first message of a login"
            other.begin()
            assert refused(other.say(token, IDENTIFY)), "the answer to another challenge"
        assert login.say(token, IDENTIFY).status == 200
        assert refused(login.say(token, IDENTIFY)), "twice on its own connection"
        assert refused(login.wire.ask(IDENTIFY)), "and then that login is over"


def test_mechanism_list(place):
    """Who takes a mechanism off the list in between is found out."""
    for options in (dict(list_mic=False), dict(names=["ntlm"])):
        with Login(place, spnego=["negoex", "ntlm"]) as login:
            challenge = login.begin()
            login.spnego = options.pop("names", login.spnego)
            assert refused(login.say(login.last(challenge, **options), IDENTIFY)), options


def test_what_ends_a_login(place):
    def basic(password):
        return "Basic " + base64.b64encode(f"operator:{password}".encode()).decode()
    for header, status in ((basic("wrong"), 401), ("Basic", 401), ("", 401), ("Negotiate x", 401),
                           ("http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual", 401),
                           (basic(place.service.passwords["operator"]), 200)):
        with Login(place) as login:
            assert login.log_in(IDENTIFY).status == 200
            assert login.wire.ask(IDENTIFY, header).status == status, header
            assert refused(login.wire.ask(IDENTIFY)), header
    with Login(place) as login:
        assert login.log_in(IDENTIFY).status == 200
        with Wire(place.service.port, place.service.ca) as other:
            assert refused(other.ask(IDENTIFY)), "another connection"
        challenge = login.begin()  # a second login on the same connection
        assert login.say(login.last(challenge), IDENTIFY).status == 200


def test_reload_ends_it(place):
    """A new password, or no NT hash any more, and the logins made before are over."""
    service = place.service
    old = service.passwords["operator"]
    for options, new in ((["--ntlm"], "another"), (["--ntlm"], old), (["--no-ntlm"], old)):
        with Login(place) as login:
            assert login.log_in(IDENTIFY).status == 200
            service.passwords["operator"] = new
            service.add_user("operator", "operator", "*", *options)
            assert login.wire.ask(IDENTIFY).status == 200, "not before it is read"
            service.reload()
            assert refused(login.wire.ask(IDENTIFY)) or options == ["--no-ntlm"]
            assert login.wire.ask(IDENTIFY).status == 401
    with Login(place) as login:
        assert refused(login.log_in(IDENTIFY)), "without an NT hash"
    service.add_user("operator", "operator", "*", "--ntlm")
    service.reload()


def test_sealed_messages(place):
    with Login(place, tls=False, spnego=["ntlm"]) as login:
        assert login.log_in().status == 200
        # faults are encrypted too
        status, text = login.ask_sealed(envelope(NS["x"] + "/Get", V2 + "Msvm_ComputerSystem", {"Name": "x"}))
        assert status == 500 and "<s:Fault>" in text, text
        # large ones, in one piece and in pieces of 16 KiB, and a large reply
        large = IDENTIFY.replace("<s:Header/>", "<s:Header><x xmlns='y'>" + "z" * 400000 + "</x></s:Header>")
        for pieces in (1, -(-len(large) // 16384)):
            status, text = login.ask_sealed(large, pieces=pieces)
            assert status == 200 and "IdentifyResponse" in text, (pieces, text[:300])
        ticket = f'<q:Ticket xmlns:q="urn:q">{"a" * 300000}</q:Ticket>'
        asked = envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body("SELECT * FROM Msvm_ComputerSystem"))
        status, text = login.ask_sealed(asked.replace(
            "</a:Address></a:ReplyTo>", f"</a:Address><a:ReferenceParameters>{ticket}</a:ReferenceParameters></a:ReplyTo>"))
        assert status == 200 and "a" * 300000 in text
        status, text = login.ask_sealed(IDENTIFY.encode("utf-16"), original="application/soap+xml;charset=UTF-16")
        assert status == 200 and login.original.endswith("UTF-16") and "IdentifyResponse" in text
        status, text = login.ask_sealed(IDENTIFY, protocol=sealed.KERBEROS)  # the same protocol comes back
        assert status == 200


def test_tampered_messages(place):
    """An octet changed, a message twice, one left out, none: 400, and the connection ends."""
    def parts(login, text=IDENTIFY):
        return [(*login.client.seal(text.encode()), len(text))]

    def change(login):
        [(signature, data, length)] = parts(login)
        return [(signature, data[:50] + bytes([data[50] ^ 1]) + data[51:], length)]

    def repeat(login):
        made = parts(login)
        login.wire.ask(sealed.pack(made), kind=sealed.content_type())
        return made

    def leave_out(login):
        parts(login)
        return parts(login)

    def clear(login):
        return [(b"\1\0\0\0" + b"\0" * 12, IDENTIFY.encode(), len(IDENTIFY))]

    def short(login):
        return [(b"\1\0", IDENTIFY.encode(), len(IDENTIFY))]

    for make in (change, repeat, leave_out, clear, short, lambda login: []):
        with Login(place, tls=False) as login:
            assert login.log_in().status == 200
            reply = login.wire.ask(sealed.pack(make(login)), kind=sealed.content_type())
            assert reply.status == 400 and reply.headers["connection"] == ["close"], reply
            assert login.wire.closed()


def test_sealed_without_login(place):
    body = sealed.pack([(b"\1\0\0\0" + b"\0" * 12, b"x" * 10, 10)])
    for tls in (True, False):
        port = place.service.port if tls else place.service.endpoint_port("http")
        with Wire(port, place.service.ca if tls else None) as wire:
            assert wire.ask(body, kind=sealed.content_type()).status == 401
            assert wire.ask(body, kind=sealed.content_type(), path="/wsman-anon/identify").status == 401
    header = "Basic " + base64.b64encode(f"operator:{place.service.passwords['operator']}".encode()).decode()
    with Wire(place.service.port, place.service.ca) as wire:
        assert wire.ask(body, header, kind=sealed.content_type()).status == 403, "a password encrypts nothing"
    with Login(place, flags=NOTHING) as login:
        assert login.log_in(IDENTIFY).status == 200
        assert login.wire.ask(body, kind=sealed.content_type()).status == 403, "nor a login that agreed on nothing"


def test_without_tls(place):
    """No password is taken there, not even a right one; anybody may Identify."""
    header = "Basic " + base64.b64encode(f"operator:{place.service.passwords['operator']}".encode()).decode()
    with Wire(place.service.endpoint_port("http")) as wire:
        reply = wire.ask(IDENTIFY)
        assert reply.status == 401 and reply.challenges() == ["Negotiate"], reply
        reply = wire.ask(IDENTIFY, header)
        assert reply.status == 401 and reply.challenges() == ["Negotiate"], reply
        reply = wire.ask(IDENTIFY, path="/wsman-anon/identify")
        assert reply.status == 200 and b"OS: 0.0.0" in reply.body and b"SecurityProfiles" not in reply.body
        reply = wire.ask(IDENTIFY, headers=["WSMANIDENTIFY: unauthenticated"])
        assert reply.status == 200 and b"OS: 0.0.0" in reply.body


def test_profiles(place):
    with Login(place) as login:
        text = login.log_in(IDENTIFY).body.decode()
    base = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/"
    found = [part.split("<")[0].removeprefix(base) for part in text.split("<wsmid:SecurityProfileName>")[1:]]
    assert found == ["https/basic", "https/spnego-kerberos", "http/spnego-kerberos"], found


def test_settings(place):
    """What the configuration turns off is neither offered nor taken; required bindings; Basic on loopback."""
    service = place.service
    header = "Basic " + base64.b64encode(f"operator:{service.passwords['operator']}".encode()).decode()
    try:
        service.restart({"auth.channel_binding": "require", "auth.basic": 0})
        with Login(place, bind=True) as login:
            assert login.log_in(IDENTIFY).status == 200
        with Login(place) as login:
            assert login.log_in(IDENTIFY).challenges() == ["Negotiate"]
            assert login.wire.ask(IDENTIFY, header).status == 401
        with Login(place, tls=False) as login:
            assert login.log_in().status == 200, "there is nothing to bind to"
        service.restart({"auth.ntlm": 0, "auth.basic": 1, "http.basic": 1})
        with Login(place) as login:
            assert login.say(login.client.negotiate()).challenges() == ['Basic realm="WSMAN"']
        with Wire(service.endpoint_port("http")) as wire:
            assert wire.ask(IDENTIFY).challenges() == ['Basic realm="WSMAN"']
            assert wire.ask(IDENTIFY, header).status == 200
        assert 'reason="channel bindings are missing"' in service.log_text()
    finally:
        service.restart({"auth.channel_binding": "accept", "auth.ntlm": 1, "http.basic": 0})


def test_targets(place):
    """With names of the host in the configuration, a login that was meant for another one gets nowhere."""
    place.service.restart({"auth.ntlm_targets": "localhost,web1.example.org"})
    try:
        for target, good in (("HTTP/localhost", True), ("http/WEB1.example.org:5986", True), (None, True),
                             ("cifs/fileserver", False), ("HTTP/web1", False)):
            for options in (dict(), dict(tls=False), dict(spnego=["ntlm"])):
                with Login(place, target=target, **options) as login:
                    reply = login.log_in()
                    assert reply.status == (200 if good else 401), (target, options, reply)
        assert 'reason="the NTLM login was meant for another host"' in place.service.log_text()
    finally:
        place.service.restart({"auth.ntlm_targets": ""})


def test_slow_login(place):
    """A login that is left lying is over; the log says why."""
    place.service.restart({"auth.login_seconds": 1})
    try:
        with Login(place) as login:
            token = login.last(login.begin())
            with Login(place) as other:  # its requests take the time that must pass
                assert other.log_in(IDENTIFY).status == 200
                while not elapsed(place, other):
                    pass
            assert refused(login.say(token, IDENTIFY))
        place.service.await_log('reason="the login took too long"')
    finally:
        place.service.restart({"auth.login_seconds": 60})


def elapsed(place, other):
    """True once the service has been up for two seconds, by its own clock."""
    assert other.wire.ask(IDENTIFY).status in (200, 401)
    said = place.lab.run(place.service.command("status")).stdout
    return int(said.split("uptime_seconds=")[1].split()[0]) >= 2


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
