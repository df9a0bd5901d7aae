#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's clients log in by NTLM and Kerberos, against a real KDC: pywinrm does the sample flow on a real
QEMU machine, over HTTPS and with encrypted messages over HTTP; curl and MIT's GSSAPI do what they can."""

import base64
import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from gssapi_client import GssClient  # noqa: E402
from kdc import REALM, Kdc  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import NS, V2, envelope, identify_envelope  # noqa: E402

IDENTIFY = identify_envelope()
RULES = f"""
principal::user::alice@{REALM}
principal::viewer:*:*/readers@{REALM}
principal:boss:administrator:*:root/admin@{REALM}
"""
LEGACY = """openssl_conf = all
[all]
providers = providers
[providers]
default = on
legacy = on
[on]
activate = 1
"""


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running", disks=2)
        kdc = Kdc(lab)
        for principal in ("alice", "bob/readers", "mallory"):
            kdc.add(principal, "geheim")
        lab.mkdir("state")
        lab.env.update(kdc.env)
        service = Service(
            lab, build, users=(("operator", "operator", "*", "--ntlm"), ("alice", "operator")), settings={
                "http.enabled": 1, "http.port": 0, "auth.delay_ms": 0,
                "kerberos.keytab": kdc.keytab("service.keytab", "HTTP/localhost", "host/localhost", "WSMAN/localhost"),
                "kerberos.replay_cache": f"file2:{lab.dir}/state/replay",
                "auth.rules_file": lab.write("rules", RULES)})
        yield SimpleNamespace(lab=lab, kdc=kdc, service=service, http=service.endpoint_port("http"),
                              legacy=lab.write("openssl.cnf", LEGACY))
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def pywinrm(place, transport, scheme, user, password, kind=3, **env):
    """The sample flow in a process of its own: MD4 needs a configuration of OpenSSL, Kerberos one of its own."""
    service, lab = place.service, place.lab
    before = set(lab.virsh("snapshot-list", "running", "--name").split())
    credentials = lab.write("credentials", f"{user}:{password}\n")
    port = service.port if scheme == "https" else place.http
    done = subprocess.run([sys.executable, "-W", "ignore", os.path.join(HERE, "pywinrm_flow.py"), "--port", str(port),
                           "--ca", service.ca, "--credentials", str(credentials), "--machine", "running", "--type",
                           str(kind), "--transport", transport, "--scheme", scheme],
                          capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **env})
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = set(lab.virsh("snapshot-list", "running", "--name").split()) - before
    assert made in done.stdout, (made, done.stdout)
    for path in lab.disks_of("running"):
        assert lab.tags(path).count(made) == 1, (path, lab.tags(path))


def test_pywinrm_ntlm(place):
    for scheme, kind in (("https", 3), ("http", 2)):
        pywinrm(place, "ntlm", scheme, "operator", place.service.passwords["operator"], kind,
                OPENSSL_CONF=str(place.legacy))


def test_pywinrm_kerberos(place):
    env = place.kdc.login("alice", "geheim")
    pywinrm(place, "kerberos", "https", f"alice@{REALM}", "", **env)
    assert 'user="alice" how="kerberos" role="operator"' in place.service.log_text()


def test_audit_of_the_flow(place):
    """Each of those flows is a line: who, how, from where, which machine, which job."""
    machine = place.lab.virsh("domuuid", "running").strip().upper()
    changes = [line for line in place.service.log_text().splitlines() if "audit=change" in line]
    assert len(changes) == 3, changes
    for line in changes:
        assert f'machine="{machine}" job="' in line and 'result="ReturnValue=4096"' in line, line
        job = line.split('job="')[1].split('"')[0]
        assert f'audit=job job="{job}"' in place.service.log_text()
    assert sum('how="ntlm"' in line for line in changes) == 2


def curl(place, *options, http=False, env=None):
    """Status and body."""
    port = place.http if http else place.service.port
    url = f"{'http' if http else 'https'}://localhost:{port}/wsman"
    done = subprocess.run(["curl", "-sS", "--cacert", place.service.ca, "-w", "\n%{http_code}", *options,
                           "-H", "Content-Type: application/soap+xml", "--data", IDENTIFY, url], capture_output=True,
                          text=True, timeout=60, check=True, env={**os.environ, **(env or {})})
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


def test_curl_ntlm(place):
    user = ["-u", "operator:" + place.service.passwords["operator"]]
    status, body = curl(place, "--ntlm", *user)
    assert status == 200 and "IdentifyResponse" in body
    assert curl(place, "--ntlm", "-u", "operator:wrong")[0] == 401
    assert curl(place, "--ntlm", *user, http=True)[0] == 403  # it logs in, and says all in the clear


def test_curl_kerberos(place):
    env = place.kdc.login("alice", "geheim")
    status, body = curl(place, "--negotiate", "-u", ":", env=env)
    assert status == 200 and "IdentifyResponse" in body
    assert curl(place, "--negotiate", "-u", ":", env=env, http=True)[0] == 403
    # a principal that no rule knows has a good ticket, and may do nothing
    assert curl(place, "--negotiate", "-u", ":", env=place.kdc.login("mallory", "geheim"))[0] == 401
    assert 'reason="no rule for the Kerberos principal"' in place.service.log_text()


@contextlib.contextmanager
def ticket(place, principal, *options):
    saved = dict(os.environ)
    os.environ.update(place.kdc.login(principal, "geheim", *options))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def test_gssapi_kerberos(place):
    """Within SPNEGO and without, by all three service names, with bindings and encrypted over both ports."""
    service = place.service
    with ticket(place, "alice"):
        for mechanism, scheme, name in (("spnego", "Negotiate", "HTTP"), ("kerberos", "Negotiate", "host"),
                                        ("kerberos", "Kerberos", "WSMAN"), ("spnego", "Kerberos", "HTTP")):
            for http in (False, True):
                with GssClient(place.http if http else service.port, None if http else service.ca, mechanism, scheme,
                               name, bind=not http) as client:
                    reply = client.log_in("AWAITING_ENCRYPTION_KEYS")
                    assert reply.status == 200 and client.context.complete, (mechanism, scheme, reply)
                    for tab in ("\t", ""):
                        client.tab = tab
                        status, text = client.ask_sealed(IDENTIFY)
                        assert status == 200 and "IdentifyResponse" in text, text
                    status, text = client.ask_sealed(envelope(NS["x"] + "/Get", V2 + "Msvm_ComputerSystem", {"Name": "x"}))
                    assert status == 500 and "<s:Fault>" in text
                    large = IDENTIFY.replace("<s:Header/>", "<s:Header><x xmlns='y'>" + "z" * 400000 + "</x></s:Header>")
                    assert client.ask_sealed(large)[0] == 200
                    clear = client.wire.ask(IDENTIFY)
                    assert clear.status == (403 if http else 200), clear


def test_gssapi_roles(place):
    with ticket(place, "bob/readers"), GssClient(place.service.port, place.service.ca, "spnego") as client:
        assert client.log_in(IDENTIFY).status == 200
        service = V2 + "Msvm_VirtualSystemSnapshotService"
        status, text = client.ask_sealed(envelope(service + "/CreateSnapshot", service))
        assert status == 500 and "w:AccessDenied" in text
    assert f'user="bob/readers@{REALM}" how="kerberos" role="viewer"' in place.service.log_text()


def test_gssapi_bindings(place):
    """Those of another connection are refused, and where they are required none is refused too."""
    service = place.service
    with ticket(place, "alice"):
        for bind, status in ((b"tls-server-end-point:" + b"x" * 32, 401), (True, 200), (False, 200)):
            with GssClient(service.port, service.ca, "spnego", bind=bind) as client:
                assert client.log_in(IDENTIFY).status == status, bind
        service.await_log('reason="the channel bindings are those of another connection"')
        service.restart({"auth.channel_binding": "require"})
        try:
            for bind, status in ((True, 200), (False, 401)):
                with GssClient(service.port, service.ca, "spnego", bind=bind) as client:
                    assert client.log_in(IDENTIFY).status == status
        finally:
            service.restart({"auth.channel_binding": "accept"})
            place.http = service.endpoint_port("http")


def test_kerberos_replay(place):
    """A ticket's message that was good once is good nowhere else, not even after a restart of the service."""
    service = place.service
    with ticket(place, "alice"):
        with GssClient(service.port, service.ca, "spnego") as client:
            assert client.log_in(IDENTIFY).status == 200
            token = "Negotiate " + base64.b64encode(client.last).decode()
            assert client.wire.ask(IDENTIFY, token).status == 401, "twice on its connection"
            assert client.wire.ask(IDENTIFY).status == 401, "and that login is over"
        for _ in range(2):
            with Wire(service.port, service.ca) as wire:
                assert wire.ask(IDENTIFY, token).status == 401
            service.restart({})
    place.http = service.endpoint_port("http")


def test_kerberos_ticket_ends(place):
    """A login is good as long as its ticket, however busy its connection."""
    service = place.service
    with ticket(place, "alice", "-l", "3s"), GssClient(service.port, service.ca, "spnego") as client:
        assert client.log_in(IDENTIFY).status == 200
        # MIT's library adds what clocks may differ by (clockskew in kdc.py); each request asks again
        while client.wire.ask(IDENTIFY).status == 200:
            pass
    service.await_log('reason="the ticket has ended"')


def test_keytab(place):
    """A keytab that cannot be read is said at the start, and by a reload; then the old one stays."""
    service = place.service
    keytab = place.lab.dir / "kdc/service.keytab"
    keytab.rename(keytab.with_suffix(".away"))
    with ticket(place, "alice"):
        assert "error=" in service.reload()
        with GssClient(service.port, service.ca, "spnego") as client:
            assert client.log_in(IDENTIFY).status in (200, 401)
        keytab.with_suffix(".away").rename(keytab)
        assert "error=" not in service.reload()
        with GssClient(service.port, service.ca, "spnego") as client:
            assert client.log_in(IDENTIFY).status == 200


def test_gss_ntlmssp(place):
    """Samba's relative: NTLM from MIT's plug-in, raw and within SPNEGO."""
    service = place.service
    users = place.lab.write("ntlm.users", f"LAB:operator:{service.passwords['operator']}\n", 0o644)
    saved = dict(os.environ)
    os.environ.update(NTLM_USER_FILE=str(users), OPENSSL_CONF=str(place.legacy))
    try:
        for mechanism, inner in (("ntlm", None), ("spnego", "ntlm")):
            script = [sys.executable, os.path.abspath(__file__), "--gss-ntlmssp", mechanism, inner or mechanism,
                      str(place.http)]
            done = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        os.environ.clear()
        os.environ.update(saved)


def gss_ntlmssp(mechanism, inner, port):
    """In a process of its own, since OpenSSL reads its configuration once."""
    with GssClient(int(port), None, mechanism, user="operator@LAB", inner=inner) as client:
        reply = client.log_in()
        assert reply.status == 200 and client.context.complete, reply
        for _ in range(3):
            status, text = client.ask_sealed(IDENTIFY)
            assert status == 200 and "IdentifyResponse" in text, text


if __name__ == "__main__":
    if sys.argv[1:2] == ["--gss-ntlmssp"]:
        gss_ntlmssp(*sys.argv[2:])
    else:
        suite.main(sys.modules[__name__])
