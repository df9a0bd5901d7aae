#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Client certificates: who comes in by one, and which are refused during the handshake, on a port that asks
for one and on a port that demands one."""

import base64
import contextlib
import os
import shutil
import ssl
import subprocess
import sys
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import TOP, Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import NS, V2, envelope, enumerate_body, identify_envelope  # noqa: E402

IDENTIFY = identify_envelope()
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
RULES = """
subject:machine:operator:demo:CN=cimsnapd client
upn::administrator:*:alice@CORP.example
"""


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        certs = lab.dir / "certs"
        make_certs(certs, "--bad")
        rules = lab.write("rules", RULES)
        service = Service(lab, build, module="memory", uri="memory:?vms=demo:running,other:off", settings={
            "tls.client_ca": certs / "ca.crt", "tls.client_crl": certs / "ca.crl", "auth.rules_file": rules,
            "mutual.enabled": 1, "mutual.port": 0, "auth.delay_ms": 0})
        yield SimpleNamespace(lab=lab, service=service, certs=certs, rules=rules)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def make_certs(*words):
    subprocess.run([os.path.join(TOP, "certs/make-certs.sh"), *[str(word) for word in words[::-1]]], check=True)


def pair(place, name):
    return tuple(str(place.certs / f"{name}.{kind}") for kind in ("crt", "key")) if name else None


def wire(place, name=None, endpoint="https", context=None):
    port = place.service.endpoint_port(endpoint)
    return Wire(port, place.service.ca, pair(place, name), context=context)


def machines(reply):
    assert reply.status == 200, reply
    return [name for name in ("demo", "other") if f"<p:ElementName>{name}<".encode() in reply.body]


def query():
    return envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body("SELECT * FROM Msvm_ComputerSystem",
                                                                          optimize=True, most=20))


def test_good_ones(place):
    """With the profile that Windows' clients write, and without a word; on both ports; each by its rule."""
    for endpoint in ("https", "mutual"):
        for header in (MUTUAL, MUTUAL.upper(), None):
            for name, user, role, seen in (("client", "machine", "operator", ["demo"]),
                                           ("client-names", "alice@corp.example", "administrator", ["demo", "other"])):
                with wire(place, name, endpoint) as connection:
                    assert connection.ask(IDENTIFY, header).status == 200, (endpoint, header, name)
                    assert machines(connection.ask(query(), header)) == seen
                assert f'user="{user}" how="certificate" role="{role}"' in place.service.log_text()


def test_tls_versions(place):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=place.service.ca)
        context.minimum_version = context.maximum_version = version
        with wire(place, "client", "mutual", context) as connection:
            assert connection.ask(IDENTIFY).status == 200
            session = connection.stream.session
        # a session is not resumed: it would bring a certificate along that nobody has looked at again
        assert not (session and session.has_ticket), version


def handshake_fails(place, name, endpoint):
    """True when no request gets an answer; TLS 1.3 tells the client only after it has spoken."""
    try:
        with wire(place, name, endpoint) as connection:
            return connection.ask(IDENTIFY) is None
    except (ssl.SSLError, ConnectionError):
        return True


def test_bad_ones(place):
    reasons = {"client-expired": "certificate has expired", "client-revoked": "certificate revoked",
               "client-other": "unable to get local issuer certificate", "client-wrong-use": "unsuitable certificate purpose",
               "other": "unable to get local issuer certificate"}
    for name, reason in reasons.items():
        for endpoint in ("https", "mutual"):
            begin = len(place.service.log_text())
            assert handshake_fails(place, name, endpoint), (name, endpoint)
            line = place.service.await_log('audit=login result="refused" how="certificate" .*', begin).group(0)
            assert f'endpoint="{endpoint}"' in line and f'reason="{reason}"' in line, line
    assert 'event=request ' not in place.service.log_text()[begin:]
    with wire(place, "client") as connection:  # all others still come in
        assert connection.ask(IDENTIFY).status == 200


def test_none(place):
    """Where one is demanded there is no word without; where it is optional, another login is needed."""
    assert handshake_fails(place, None, "mutual")
    with wire(place) as connection:
        assert connection.ask(IDENTIFY).status == 401
        reply = connection.ask(IDENTIFY, MUTUAL)
        assert reply.status == 401
        assert connection.ask(IDENTIFY, path="/wsman-anon/identify").status == 200
    assert 'reason="the client sent no certificate"' in place.service.log_text()


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_header_decides(place):
    """A certificate is not fallen back to: who sends other credentials is judged by them alone."""
    with wire(place, "client") as connection:
        assert connection.ask(IDENTIFY, basic("operator", "wrong")).status == 401
        assert connection.ask(IDENTIFY, "").status == 401
        assert connection.ask(IDENTIFY, "Negotiate TlRM").status == 401
        assert connection.ask(IDENTIFY, MUTUAL + "/basic").status == 401
        right = basic("operator", place.service.passwords["operator"])
        assert machines(connection.ask(query(), right)) == ["demo", "other"]
        assert machines(connection.ask(query())) == ["demo"]  # by the certificate again


def test_rules(place):
    """Who has a good certificate and no rule may do nothing; a reload is good for open connections too."""
    with wire(place, "client") as connection:
        assert connection.ask(IDENTIFY).status == 200
        place.lab.write("rules", RULES.replace("CN=cimsnapd client", "CN=somebody else"))
        assert "error=" not in place.service.reload()
        assert connection.ask(IDENTIFY).status == 401
        assert 'reason="no rule for the certificate"' in place.service.log_text()
        thumbprint = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha1", "-in",
                                     pair(place, "client")[0]], capture_output=True, text=True, check=True).stdout
        place.lab.write("rules", f"fingerprint:thumb:viewer:*:{thumbprint.strip().split('=')[1]}\n")
        place.service.reload()
        assert machines(connection.ask(query())) == ["demo", "other"]
        place.lab.write("rules", "dns:host:viewer:*:*.MON.example\nnonsense\n")
        assert "rules:2:" in place.service.reload()
        assert connection.ask(IDENTIFY).status == 200, "a bad file changes nothing"
        place.lab.write("rules", "dns:host:viewer:*:*.MON.example\n")
        place.service.reload()
        assert connection.ask(IDENTIFY).status == 401
    with wire(place, "client-names") as connection:
        assert connection.ask(IDENTIFY).status == 200
    place.lab.write("rules", RULES)
    place.service.reload()


def test_revoked_meanwhile(place):
    """A list that is read anew is good for open connections too."""
    saved = place.certs / "ca.crl.saved"
    shutil.copy(place.certs / "ca.crl", saved)
    with wire(place, "client") as connection, wire(place, "client-names") as other:
        assert connection.ask(IDENTIFY).status == 200 and other.ask(IDENTIFY).status == 200
        make_certs(place.certs, "client", "--revoke")
        assert connection.ask(IDENTIFY).status == 200, "not before it is read"
        assert "error=" not in place.service.reload()
        assert connection.ask(IDENTIFY).status == 401
        assert connection.ask(IDENTIFY, MUTUAL).status == 401
        assert other.ask(IDENTIFY).status == 200
        assert handshake_fails(place, "client", "https")
    os.replace(saved, place.certs / "ca.crl")
    place.service.reload()
    with wire(place, "client") as connection:
        assert connection.ask(IDENTIFY).status == 200


def test_profile(place):
    with wire(place, "client") as connection:
        assert f"<wsmid:SecurityProfileName>{MUTUAL}<".encode() in connection.ask(IDENTIFY).body


def test_pywinrm(place):
    """Debian's pywinrm with a certificate, unchanged."""
    script = """if True:
        import sys
        from winrm.protocol import Protocol
        port, ca, cert, key, text = sys.argv[1:]
        protocol = Protocol(f"https://localhost:{port}/wsman", transport="certificate", cert_pem=cert,
                            cert_key_pem=key, server_cert_validation="validate", ca_trust_path=ca)
        assert b"IdentifyResponse" in protocol.send_message(text)
    """
    done = subprocess.run(["/usr/bin/python3", "-W", "ignore", "-c", script,
                           str(place.service.endpoint_port("mutual")), place.service.ca, *pair(place, "client"),
                           IDENTIFY], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_config(place):
    """What cannot be is said before anything starts."""
    base = open(place.service.config, encoding="utf-8").read()
    authority, lists = str(place.certs / "ca.crt"), str(place.certs / "ca.crl")
    for old, new, said in ((f"client_ca = {authority}", "client_ca =", "tls.client_ca names no file"),
                           (f"client_ca = {authority}", "client_ca = /nonexistent", "the authorities cannot be read"),
                           (f"client_ca = {authority}", f"client_ca = {lists}", "the authorities cannot be read"),
                           (f"client_crl = {lists}", "client_crl = /nonexistent", "the revocation lists cannot be read"),
                           (f"client_crl = {lists}", f"client_crl = {authority}", "the revocation lists cannot be read"),
                           ("[mutual]", "[mutual]\nclient_certificate = perhaps", "none of none, optional, required")):
        assert old in base, old
        path = place.lab.write("wrong.conf", base.replace(old, new, 1))
        done = place.lab.run([place.service.binary, "--config", str(path), "--check-config"], check=False)
        assert done.returncode == 1 and said in done.stdout, (said, done.stdout)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
