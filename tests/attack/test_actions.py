#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every action with every kind of bad credentials; then what users may do to each other, and what their words
may do to the service. Each test shows the refusal, and that nothing has changed."""

import base64
import contextlib
import os
import re
import sys
import uuid
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import ntlm  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import (ANONYMOUS, NS, SERVICE, V2, Fault, create_parameters, envelope, enumerate_body,  # noqa: E402
                   identify_envelope, invoke_body, pull_body)

SYSTEM, SETTING, JOB = (V2 + "Msvm_" + name for name in ("ComputerSystem", "VirtualSystemSettingData", "ConcreteJob"))
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
USERS = (("operator", "operator", "web1,db1", "--ntlm"), ("viewer", "viewer"), ("other", "operator"),
         ("root", "administrator"))


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, users=USERS, module="memory",
                          uri="memory:?vms=web1:running,db1:running,secret:running,web10:off",
                          settings={"auth.delay_ms": 0, "audit.file": lab.dir / "state/audit"})
        place = SimpleNamespace(lab=lab, service=service, audit=lab.dir / "state/audit")
        with contextlib.closing(service.client("root")) as client:
            found = client.query("SELECT * FROM Msvm_ComputerSystem")
            place.machines = {one["ElementName"]: one["Name"] for one in found}
        yield place
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def actions(place):
    """Name and envelope of everything that can be asked."""
    machine = place.machines["web1"]
    selectors = {"CreationClassName": "Msvm_ComputerSystem", "Name": machine}
    yield "Identify", identify_envelope()
    for name in ("Get", "Put", "Create", "Delete"):
        yield name, envelope(f"{NS['x']}/{name}", SYSTEM, selectors)
    yield "Enumerate", envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body("SELECT * FROM Msvm_ComputerSystem"))
    context = "uuid:" + str(uuid.uuid4())
    yield "Pull", envelope(NS["n"] + "/Pull", V2 + "*", body=pull_body(context))
    yield "Release", envelope(NS["n"] + "/Release", V2 + "*", body="<n:Release><n:EnumerationContext>"
                              f"{context}</n:EnumerationContext></n:Release>")
    for name in ("Renew", "GetStatus"):
        yield name, envelope(f"{NS['n']}/{name}", V2 + "*")
    yield "Subscribe", envelope(NS["e"] + "/Subscribe", V2 + "*")
    yield "CreateSnapshot", create(machine)


def create(machine, kind="2", settings=""):
    return envelope(SERVICE + "/CreateSnapshot", SERVICE, None,
                    invoke_body(SERVICE, "CreateSnapshot", create_parameters(machine, kind, settings)))


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def good(place, user="operator"):
    return basic(user, place.service.passwords[user])


def replayed(place):
    """The last token of a login that was good a moment ago, as a header."""
    with connect(place) as wire:
        client = ntlm.Client("operator", place.service.passwords["operator"])
        first = wire.ask("", "Negotiate " + base64.b64encode(client.negotiate()).decode())
        token = client.authenticate(base64.b64decode(first.token("Negotiate")))
        header = "Negotiate " + base64.b64encode(token).decode()
        assert wire.ask(identify_envelope(), header).status == 200
        return header


def connect(place, **options):
    return Wire(place.service.port, place.service.ca, **options)


def state(place):
    """All that could have changed: jobs, snapshots, machines, the users file."""
    with contextlib.closing(place.service.client("root")) as client:
        return [sorted(str(sorted(one.items(), key=str)) for one in client.query(f"SELECT * FROM {name}"))
                for name in ("Msvm_ConcreteJob", "Msvm_VirtualSystemSettingData", "Msvm_ComputerSystem")] + [
                    (place.lab.dir / "state/users").read_bytes()]


def bad_headers(place):
    password = place.service.passwords["operator"]
    return {
        "none": None, "empty": "", "scheme alone": "Basic", "no base64": "Basic !!!!",
        "no colon": "Basic " + base64.b64encode(b"operator").decode(), "unknown scheme": "Bearer " + password,
        "digest": 'Digest username="operator"', "wrong password": basic("operator", "wrong"),
        "empty password": basic("operator", ""), "empty user": basic("", password), "unknown user": basic("nobody", password),
        "beginning of a name": basic("oper", password), "longer name": basic("operator2", password),
        "beginning of a password": basic("operator", password[:-1]), "other case": basic("Operator", password),
        "name with NUL": basic("operator\0x", password), "negotiate": "Negotiate TlRMTVNTUAADAAAA",
        "kerberos": "Kerberos YIIB", "replayed": replayed(place), "certificate": MUTUAL,
        "two in one": good(place) + ", " + good(place),
    }


def test_every_action_with_bad_credentials(place):
    before = state(place)
    for kind, header in bad_headers(place).items():
        with connect(place) as wire:
            for name, text in actions(place):
                reply = wire.ask(text, header)
                assert reply.status == 401 and b"Envelope" not in reply.body, (kind, name, reply)
    assert state(place) == before
    assert place.service.passwords["operator"] not in place.service.log_text() + place.audit.read_text()


def test_every_action_after_good_credentials(place):
    """Good once is not good for ever: none, or bad ones, on the same connection."""
    before = state(place)
    for kind, header in (("none", None), ("empty", ""), ("wrong", basic("operator", "wrong")), ("other", "Bearer x")):
        with connect(place) as wire:
            for name, text in actions(place):
                assert wire.ask(identify_envelope(), good(place)).status == 200
                assert wire.ask(text, header).status == 401, (kind, name)
    assert state(place) == before


def test_doubled_credentials(place):
    before = state(place)
    for _, text in actions(place):
        for second in (good(place), basic("operator", "wrong"), ""):
            with connect(place) as wire:
                reply = wire.ask(text, good(place), [f"Authorization: {second}"])
                assert reply.status == 400 and wire.closed(), reply
    assert state(place) == before


def test_anonymous_may_identify_only(place):
    before = state(place)
    for name, text in actions(place):
        with connect(place) as wire:
            for path, lines in (("/wsman-anon/identify", []), ("/wsman", ["WSMANIDENTIFY: unauthenticated"])):
                reply = wire.ask(text, None, lines, path)
                assert (reply.status == 200) == (name == "Identify"), (name, reply)
                assert name == "Identify" or b"w:AccessDenied" in reply.body, (name, reply)
    assert state(place) == before


def test_paths(place):
    for path in ("/", "/wsman/x", "/wsman/../wsman", "/wsman/..", "//wsman", "/wsman//", "/WSMAN", "/wsman?x", "/wsman;x",
                 "/%77sman", "/wsman%00", "/wsman-anon", "/wsman-anon/", "/wsman-anon/identify/", "/wsman-anon/../wsman",
                 "/wsman-anon/identify/../../wsman", "/etc/passwd", "/../../etc/passwd", "wsman", "*"):
        with connect(place) as wire:
            assert wire.ask(identify_envelope(), good(place), path=path).status in (400, 404), path


# Users among themselves

def fault(client, call):
    try:
        call(client)
    except Fault as found:
        # What differs each time, and what was asked for itself.
        return re.sub(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}", "ID", str(found))
    raise AssertionError("no fault")


def names(client):
    return sorted(one["ElementName"] for one in client.query("SELECT * FROM Msvm_ComputerSystem WHERE Caption = "
                                                             "'Virtual Machine'"))


def test_operator_of_two_machines(place):
    """Sees those two and nothing else, whichever way it looks, and can touch those two and nothing else."""
    secret, unknown = place.machines["secret"], str(uuid.uuid4()).upper()
    with contextlib.closing(place.service.client("root")) as root:
        follow(root, root.create_snapshot(secret))
        hidden = root.query("SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemIdentifier = '%s'" % secret)
    before = state(place)
    with contextlib.closing(place.service.client("operator")) as client:
        assert names(client) == ["db1", "web1"]
        for name in ("Msvm_VirtualSystemSettingData", "Msvm_ConcreteJob", "CIM_VirtualSystemSettingData"):
            for one in client.query(f"SELECT * FROM {name}"):
                assert secret not in str(one) and "secret" not in str(one).lower(), one
        for wql in ("SELECT * FROM Msvm_ComputerSystem WHERE Name = '%s'" % secret,
                    "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'secret'",
                    "SELECT * FROM Msvm_ComputerSystem WHERE ElementName LIKE 'sec%'",
                    "ASSOCIATORS OF {Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='%s'} WHERE "
                    "ResultClass = Msvm_VirtualSystemSettingData" % secret,
                    "ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='%s'} WHERE ResultClass = "
                    "Msvm_ComputerSystem" % hidden[-1]["InstanceID"]):
            asked = [wql, wql.replace(secret, unknown).replace("secret", "nothing")]
            answers = []
            for text in asked:
                try:
                    answers.append(client.query(text))
                except Fault as found:
                    answers.append(str(found))
            assert answers[0] in ([], answers[1]), (wql, answers)
        for resource, key, there in ((SYSTEM, {"CreationClassName": "Msvm_ComputerSystem", "Name": secret}, secret),
                                     (SETTING, {"InstanceID": hidden[-1]["InstanceID"]}, hidden[-1]["InstanceID"])):
            away = {name: value.replace(there.split(":")[-1], unknown) for name, value in key.items()}
            assert fault(client, lambda c: c.get(resource, key)) == fault(client, lambda c: c.get(resource, away))
        answers = [client.create_snapshot(machine) for machine in (secret, unknown)]
        assert answers[0] == answers[1] and answers[0]["ReturnValue"] not in ("0", "4096"), answers
        assert state(place) == before
        for name in ("web1", "db1"):
            follow(client, client.create_snapshot(place.machines[name]))
    lines = place.audit.read_text().splitlines()
    assert any("audit=scope" in line and f'user="operator"' in line and f'machine="{secret}"' in line for line in lines)
    assert sum(f'machine="{place.machines["web1"]}"' in line and "audit=change" in line for line in lines) == 1


def follow(client, out):
    assert out["ReturnValue"] == "4096", out
    job = {"JobState": "4"}
    while job["JobState"] in ("3", "4"):
        job = client.get(out["Job"].resource, out["Job"].selectors)
    assert job["JobState"] == "7", job
    return out["Job"]


def test_jobs_and_contexts_of_others(place):
    """They are not there for anybody else; administrators see jobs."""
    unknown = str(uuid.uuid4()).upper()
    with contextlib.closing(place.service.client("operator")) as client, \
            contextlib.closing(place.service.client("other")) as other:
        job = follow(client, client.create_snapshot(place.machines["web1"]))
        assert fault(other, lambda c: c.get(job.resource, job.selectors)) == \
            fault(other, lambda c: c.get(job.resource, {"InstanceID": unknown}))
        assert other.query("SELECT * FROM Msvm_ConcreteJob WHERE InstanceID = '%s'" % job.selectors["InstanceID"]) == []
        with contextlib.closing(place.service.client("root")) as root:
            assert root.get(job.resource, job.selectors)["InstanceID"] == job.selectors["InstanceID"]
        begun = client.call(envelope(NS["n"] + "/Enumerate", V2 + "*",
                                     body=enumerate_body("SELECT * FROM Msvm_ComputerSystem")))
        context = begun.findtext(".//n:EnumerationContext", "", NS)
        for action, body in (("Pull", pull_body), ("Release", lambda text: "<n:Release><n:EnumerationContext>"
                                                   f"{text}</n:EnumerationContext></n:Release>")):
            asked = [fault(other, lambda c: c.call(envelope(f"{NS['n']}/{action}", V2 + "*", body=body(text))))
                     for text in (context, "uuid:" + unknown)]
            assert asked[0] == asked[1] and "InvalidEnumerationContext" in asked[0], asked
        pulled = client.call(envelope(NS["n"] + "/Pull", V2 + "*", body=pull_body(context)))
        assert pulled.find(".//n:Items", NS) is not None  # it is as good as before


def test_access_denied_reveals_nothing(place):
    """A viewer gets the same words whether the machine, its job or the parameters are there or not."""
    before = state(place)
    asked = set()
    with contextlib.closing(place.service.client("viewer")) as client:
        for machine in (place.machines["web1"], str(uuid.uuid4()), "nonsense", ""):
            for kind in ("2", "99999", "abc"):
                asked.add(fault(client, lambda c: c.call(create(machine, kind))))
    assert len(asked) == 1 and "AccessDenied" in asked.pop()
    assert state(place) == before
    assert 'audit=denied user="viewer" how="basic"' in place.audit.read_text()


# What words may do

def test_injection_through_queries(place):
    """Whatever stands in a string is a string: nothing more is found, and nothing breaks."""
    before = state(place)
    with contextlib.closing(place.service.client("root")) as client:
        for text in ("x'' OR ''1''=''1", "x\\' OR 1=1 --", "'; DROP TABLE jobs; --", "%", "_", "web1' OR ElementName='secret",
                     "web1\" OR \"1\"=\"1", "]]>", "<a/>", "&lt;", "../../etc/passwd", "$(id)", "%s%s%n", "\u2028"):
            for wql in (f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{text}'",
                        f"SELECT * FROM Msvm_ConcreteJob WHERE InstanceID = '{text}'"):
                try:
                    found = client.query(wql)
                except Fault as refused:
                    assert "CannotProcessFilter" in refused.subcode, refused
                    continue
                clauses = re.fullmatch(r"web1' OR ElementName='secret", text) and "ComputerSystem" in wql
                assert len(found) == (2 if clauses else 0), (wql, found)  # that one is a query of its own
    assert state(place) == before


def test_injection_through_names(place):
    """Names and keys that look like XML, SQL, paths or log lines go in and come out as they are."""
    settings = ('<INSTANCE CLASSNAME="Msvm_VirtualSystemSnapshotSettingData"><PROPERTY NAME="ElementName" TYPE="string">'
                "<VALUE>{}</VALUE></PROPERTY></INSTANCE>")
    for text, xml in (("</p:ElementName><p:Evil/>", "&lt;/p:ElementName&gt;&lt;p:Evil/&gt;"),
                      ("'); DELETE FROM jobs; --", "'); DELETE FROM jobs; --"), ("../../../etc/passwd", "../../../etc/passwd"),
                      ("a\" level=info event=forged", "a\" level=info event=forged"), ("$(reboot)`id`", "$(reboot)`id`")):
        with contextlib.closing(place.service.client("operator")) as client:
            job = follow(client, client.create_snapshot(place.machines["db1"], settings=settings.format(xml)))
            made = client.query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='%s'} WHERE ResultClass = "
                                "Msvm_VirtualSystemSettingData" % job.selectors["InstanceID"])
            assert [one["ElementName"] for one in made] == [text], made
    with contextlib.closing(place.service.client("operator")) as client:
        for key in ("' OR 1=1 --", "../x", "\u0000".replace("\0", "&#1;"), "x" * 5000):
            fault(client, lambda c: c.get(JOB, {"InstanceID": key}))


def test_log_injection(place):
    """No line of log or audit can be forged: each begins as we begin it, and quotes stay within quotes."""
    forged = 'x" result="granted" user="root'
    begin = len(place.service.log_text())
    with connect(place) as wire:
        assert wire.ask(identify_envelope(), basic(forged, "x"), ["User-Agent: a\" event=\"forged"]).status == 401
        for name in ("a\nlevel=info event=forged", "a\r\naudit=login", "a\x1b[2J"):
            assert wire.ask(identify_envelope(), basic(name, "x")).status == 401
        evil = envelope("http://x/&#10;level=error event=forged", SYSTEM).replace("&amp;#10;", "&#10;")
        assert wire.ask(evil, good(place), ["User-Agent: a\" event=\"forged"]).status == 500
    for text in (place.service.log_text()[begin:], place.audit.read_text()):
        for line in text.splitlines():
            assert re.match(r'(level=\w+ event=[\w-]+|time=[\dT:.-]+Z audit=\w+)( [\w-]+="(\\.|[^"\\\x00-\x1f])*")*$', line), line
    assert 'user="' + forged.replace('"', '\\"') + '" how="basic"' in place.audit.read_text()


def test_audit_is_complete(place):
    """Every login, refusal and change above is there; the file is opened anew on SIGHUP."""
    lines = place.audit.read_text().splitlines()
    kinds = {re.search(r" audit=(\w+)", line).group(1) for line in lines}
    assert kinds == {"login", "denied", "scope", "change", "job"}, kinds
    for line in lines:
        if " audit=change " in line:
            for key in ("user", "how", "peer", "request", "action", "target", "result"):
                assert f' {key}="' in line, line
            assert f'action="{SERVICE}/CreateSnapshot"' in line, line
            assert "ReturnValue=4096" not in line or ('machine="' in line and 'job="' in line), line
    moved = place.audit.with_suffix(".1")
    place.audit.rename(moved)
    assert "error=" not in place.service.reload()
    with connect(place) as wire:
        assert wire.ask(identify_envelope(), good(place, "viewer")).status == 200
    [line] = place.audit.read_text().splitlines()
    assert 'audit=login result="granted" user="viewer" how="basic" role="viewer" scope="*" peer="127.0.0.1:' in line
    for word in place.service.passwords.values():
        assert word not in moved.read_text()
    assert os.stat(place.audit).st_mode & 0o777 == 0o600


def test_reply_addresses_are_not_followed(place):
    """Nothing is sent to anybody but the caller."""
    with contextlib.closing(place.service.client("operator")) as client:
        text = envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body()).replace(ANONYMOUS, "http://127.0.0.1:1/x")
        assert "AddressingMode" in fault(client, lambda c: c.call(text))


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
