#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon as a whole adds to the server: UTF-16, 'cimsnapd status', what it tells its manager."""
import concurrent.futures
import contextlib
import datetime
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import kdc  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import TOP, Service  # noqa: E402
from wsman import NS, V2, envelope, enumerate_body, identify_envelope  # noqa: E402

SETTINGS = {"server.workers": 3, "limits.connections": 40}
TYPE = "application/soap+xml;charset=UTF-16"


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, module="memory", settings=SETTINGS,
                          uri="memory:?vms=demo:running,f\u00fcnf:off")
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def post(place, data, kind=TYPE, anonymous=False):
    """Status, Content-Type and octets of the reply."""
    with contextlib.closing(place.service.client()) as client:
        # Any request opens the connection; octets come in and go out as they are.
        client.post(identify_envelope())
        headers = {"Content-Type": kind, "Authorization": client.headers["Authorization"]}
        if anonymous:
            del headers["Authorization"]
        client.connection.request("POST", "/wsman-anon/identify" if anonymous else "/wsman", data, headers)
        answer = client.connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()


def check_utf16(reply, status=200):
    assert reply[0] == status, reply
    assert reply[1] == TYPE, reply[1]
    assert reply[2][:2] == b"\xff\xfe", reply[2][:20]
    return reply[2].decode("utf-16")


def test_utf16(place):
    """Either order, with and without the mark; an instance with a name outside ASCII and back."""
    text = envelope(NS["n"] + "/Enumerate", V2 + "*", body=enumerate_body(
        "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'f\u00fcnf'"))
    get = envelope(NS["x"] + "/Get", V2 + "Msvm_ComputerSystem", {
        "CreationClassName": "Msvm_ComputerSystem", "Name": "no such \u00fc\U0001d11e"})
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        mark = "" if encoding == "utf-16" else "\ufeff"
        for begin in {mark, ""}:
            assert "EnumerationContext" in check_utf16(post(place, (begin + text).encode(encoding)))
    fault = check_utf16(post(place, get.encode("utf-16")), 500)
    assert "<s:Fault>" in fault, fault
    assert "IdentifyResponse" in check_utf16(post(place, identify_envelope().encode("utf-16"), anonymous=True))


def test_utf16_declarations(place):
    """The XML declaration may name what the request is in, and nothing else."""
    identify = identify_envelope()
    identify = identify[identify.index("<s:"):]
    for name, fault in (("UTF-16", False), ("utf-16", False), ("utf-8", False), ("iso-8859-1", True)):
        declaration = f'<?xml version="1.0" encoding="{name}"?>'
        reply = check_utf16(post(place, (declaration + identify).encode("utf-16")), 500 if fault else 200)
        assert ("CharacterSet" in reply) == fault, reply
    reply = post(place, ('<?xml version="1.0" encoding="utf-16"?>' + identify).encode(),
                 "application/soap+xml;charset=UTF-8")
    assert reply[0] == 500 and b"CharacterSet" in reply[2], reply


def test_mark_without_charset(place):
    """A byte order mark alone says what it is."""
    check_utf16(post(place, identify_envelope().encode("utf-16"), "application/soap+xml"))
    reply = post(place, identify_envelope().encode("utf-16"), "application/soap+xml;charset=UTF-8")
    assert reply[:2] == (500, "application/soap+xml;charset=UTF-8"), reply


def test_ill_formed_utf16(place):
    """Answered in UTF-8: that the client could read the other is not known."""
    good = identify_envelope().encode("utf-16")
    for data in (good[:-1], b"\xff\xfe<\0\x34\xd8", b"", identify_envelope().encode(), b"\xff",
                 good[:40] + b"\x00\xdc" + good[40:]):
        status, kind, body = post(place, data)
        assert (status, kind) == (500, "application/soap+xml;charset=UTF-8"), (data, status, kind)
        assert b"<s:Value>w:EncodingLimit</s:Value>" in body and b"CharacterSet" in body, body
        assert b"well-formed UTF-16" in body, body


def test_max_envelope_counts_octets_on_the_wire(place):
    """A reply of some 6000 characters is below 8192 octets in UTF-8 and above in UTF-16."""
    with contextlib.closing(place.service.client()) as client:
        one = client.query("SELECT * FROM Msvm_VirtualSystemSettingData")[0]["InstanceID"]
    text = envelope(NS["x"] + "/Get", V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": one})
    text = re.sub(r"(<w:MaxEnvelopeSize[^>]*>)\d+", r"\g<1>8192", text)
    text = text.replace("uuid:", "uuid:" + "a" * 1500, 1)  # comes back in RelatesTo
    assert "8192<" in text and "aaa" in text
    reply = post(place, text.encode(), "application/soap+xml;charset=UTF-8")
    assert reply[0] == 200 and len(reply[2]) < 8192 < 2 * len(reply[2]), (len(reply[2]), reply)
    assert "MaxEnvelopeSize" in check_utf16(post(place, text.encode("utf-16")), 500)


def status(place, *words):
    return subprocess.run(place.service.command("status", *words), capture_output=True, text=True, timeout=30)


def keys(done):
    assert done.returncode == 0, done
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_status(place):
    service = place.service
    before = keys(status(place))
    with contextlib.closing(service.client()) as client, contextlib.closing(service.client(password="x")) as other:
        assert client.post(identify_envelope())[0] == 200
        machine = next(client.items(V2 + "*", "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'"))
        client.create_snapshot(machine.findtext("{*}Name"))
        assert other.post(identify_envelope())[0] == 401
        after = keys(status(place))
        assert int(after["connections"]) == 2, after
    assert after["version"] == re.search(r'event=start version="([^"]+)"', service.log_text()).group(1)
    assert after["port"] == str(service.port)
    assert (after["workers"], after["connections_limit"]) == ("3", "40")
    grown = {key: int(after[key]) - int(before[key]) for key in before
             if re.fullmatch(r"\d+", before[key])}
    assert grown["connections_total"] == 2, grown
    assert grown["requests_total"] == 4, grown  # Identify, Enumerate, Pull, CreateSnapshot
    assert grown["refused_logins"] == 1 and grown["password_checks_total"] == 1, grown
    assert grown["jobs_running"] + grown["jobs_finished"] == 1, grown
    assert after["jobs_failed"] == "0"
    assert (after["backend"], after["backend_reachable"]) == ("memory", "yes")
    assert int(after["uptime_seconds"]) >= 0
    out = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in",
                          os.path.join(str(place.lab.dir), "certs/server.crt")],
                         capture_output=True, text=True, check=True).stdout.strip()
    end = datetime.datetime.strptime(out, "notAfter=%b %d %H:%M:%S %Y GMT")
    assert after["certificate_expires"] == end.strftime("%Y-%m-%dT%H:%M:%SZ"), (after, out)
    left = (end - datetime.datetime.utcnow()).days
    assert abs(int(after["certificate_days_left"]) - left) <= 1, (after, left)


def test_status_tells_no_secret(place):
    text = status(place).stdout
    for word in [*place.service.passwords.values(), *place.service.passwords]:
        assert word not in text, text


def test_status_socket_is_private(place):
    mode = os.stat(place.lab.dir / "state/status.sock").st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, oct(mode)


def test_status_of_an_absent_backend(place):
    """A backend that is away is a line, not a failure."""
    service = place.service
    service.stop()
    config = service.config
    away = str(place.lab.write("away.conf", open(config, encoding="utf-8").read().replace(
        "module = memory", "module = libvirt").replace("memory:?vms=demo:running,f\u00fcnf:off",
                                                       "qemu+unix:///session?socket=/nonexistent")))
    try:
        service.config = away
        service.start()
        said = keys(status(place))
        assert (said["backend"], said["backend_reachable"]) == ("libvirt", "no"), said
        assert said["backend_error"], said
        service.stop()
    finally:
        service.config = config
        service.start()


def test_status_without_a_service(place):
    place.service.stop()
    path = place.lab.dir / "state/status.sock"
    assert not path.exists()
    done = status(place)
    assert done.returncode == 1 and done.stdout == "", done
    assert done.stderr == f"cimsnapd: no service is running: nobody answers at {path}\n", done.stderr
    # A socket that a killed service left is the same to the client, and no obstacle to the next one.
    place.service.start()
    os.kill(place.service.process.pid, signal.SIGKILL)
    place.service.process.wait(timeout=20)
    assert path.exists() and status(place).returncode == 1
    assert "usage: cimsnapd status" in status(place, "more").stderr
    place.service.start()
    assert keys(status(place))["backend"] == "memory"


def test_second_service_keeps_off(place):
    """Another one on the same socket serves all the same, and says why it has no status."""
    config = place.service.config
    other = place.lab.write("second.conf", re.sub(r"state\.db", "second.db", open(config, encoding="utf-8").read()))
    read, write = os.pipe()
    second = place.lab.popen([place.service.binary, "--config", str(other)], stderr=write)
    os.close(write)
    with open(read, encoding="utf-8") as log:
        lines = []
        while not lines or "event=start" not in lines[-1]:
            lines.append(log.readline())
            assert lines[-1], lines
        second.send_signal(signal.SIGTERM)
        lines += log.readlines()
    assert second.wait(timeout=30) == 0
    assert any('level=warning event=status_socket reason="' in line and "in use" in line for line in lines), lines
    assert keys(status(place))["port"] == str(place.service.port)


def test_manager_is_told(place):
    """READY after the start and after each reload, STOPPING at the end; all on NOTIFY_SOCKET."""
    place.service.stop()
    path = str(place.lab.dir / "notify")
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(path)
        place.lab.give(path)
        manager.settimeout(30)
        place.service.start(env={"NOTIFY_SOCKET": path})
        assert manager.recv(100) == b"READY=1"
        place.service.process.send_signal(signal.SIGHUP)
        assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d{6,}", manager.recv(100))
        assert manager.recv(100) == b"READY=1"
        place.service.stop()
        assert manager.recv(100) == b"STOPPING=1"
    assert place.service.process.returncode == 0
    place.service.start()


def test_watchdog(place):
    """The manager hears of the service as often as it wants to."""
    place.service.stop()
    path = str(place.lab.dir / "notify2")
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(path)
        place.lab.give(path)
        manager.settimeout(30)
        place.service.start(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"})
        assert manager.recv(100) == b"READY=1"
        for _ in range(3):
            assert manager.recv(100) == b"WATCHDOG=1"
        place.service.process.send_signal(signal.SIGHUP)
        heard = {manager.recv(100).split(b"\n")[0] for _ in range(6)}
        assert {b"RELOADING=1", b"READY=1", b"WATCHDOG=1"} == heard, heard
        place.service.stop()
    assert place.service.process.returncode == 0
    place.service.start()


def test_unit_is_confined(place):
    """What systemd itself thinks of the unit's sandbox: below 2.0 of 10."""
    unit = os.path.join(TOP, "deploy/cimsnapd.service")
    if not shutil.which("systemd-analyze"):
        raise suite.Skip("there is no systemd-analyze")
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True,
                          text=True, check=True).stdout
    assert float(re.search(r"Overall exposure level .*: (\d+\.\d)", said).group(1)) < 2.0, said


def scrape(port, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
        stream.sendall(request)
        data = b""
        with contextlib.suppress(ConnectionResetError):  # what it did not read
            while piece := stream.recv(65536):
                data += piece
        return data.decode()


def test_metrics(place):
    """As Prometheus reads them, on a port of their own, on loopback and only where it is asked for."""
    port = kdc.free_port()
    place.service.restart({"metrics.port": port})
    try:
        with contextlib.closing(place.service.client()) as client:
            assert client.post(identify_envelope())[0] == 200
            text = scrape(port)
        head, body = text.split("\r\n\r\n", 1)
        assert head.startswith("HTTP/1.1 200 OK\r\n") and "text/plain; version=0.0.4" in head, head
        for line in body.splitlines():
            assert re.fullmatch(r"# (HELP|TYPE) cimsnapd_\w+ .+|cimsnapd_\w+ -?[\d.e+]+", line), line
        values = dict(line.split() for line in body.splitlines() if line[0] != "#")
        assert values["cimsnapd_requests_total"] == "1" and values["cimsnapd_connections"] == "1", values
        assert float(values["cimsnapd_certificate_expiry_seconds"]) > 1e9
        for request in (b"GET / HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"GET /metricsx HTTP/1.1\r\n\r\n"):
            assert scrape(port, request).startswith("HTTP/1.1 404 "), request
        assert scrape(port, b"x" * 5000) == "", "a head that is too long"
        assert scrape(port).startswith("HTTP/1.1 200 ")
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=30).close()
            raise AssertionError("it listens on more than 127.0.0.1")
    finally:
        place.service.restart({"metrics.port": 0})


def test_log_level_at_run_time(place):
    """SIGHUP reads it anew; what is wrong in the file then changes nothing."""
    service = place.service
    good = open(service.config, encoding="utf-8").read()
    with contextlib.closing(service.client()) as client:
        place.lab.write("cimsnapd.conf", good + "\n[log]\nlevel = error\n")
        service.process.send_signal(signal.SIGHUP)
        while 'event=request' in logged(service, lambda: client.post(identify_envelope())):
            pass
        place.lab.write("cimsnapd.conf", good + "\n[log]\nlevel = loud\n")
        begin = len(service.log_text())
        service.process.send_signal(signal.SIGHUP)
        service.await_log("event=reload error=\"log.level is none of", begin)
        place.lab.write("cimsnapd.conf", good)
        service.reload()
        assert 'event=request' in logged(service, lambda: client.post(identify_envelope()))


def logged(service, call):
    begin = len(service.log_text())
    call()
    return service.log_text()[begin:]


def test_stop_ends_in_time(place):
    """A job that takes longer than the stop may is given up, and told truthfully afterwards."""
    service = place.service
    uri, service._base = service._base, (0, "memory:?vms=demo:running&delay_ms=60000", "memory")
    service.restart({"server.stop_seconds": 1})
    with contextlib.closing(service.client()) as client:
        machine = client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'")[0]["Name"]
        job = client.create_snapshot(machine)["Job"]
        deadline = time.monotonic() + 20
        while client.get(job.resource, job.selectors)["JobStatus"] == "Job is waiting":
            assert time.monotonic() < deadline  # one that has not begun is dropped, and the stop has no need to wait
            select.select([], [], [], 0.01)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=20) == -signal.SIGALRM
    assert 'event=stop reason="requests or jobs did not end in time"' in service.log_text()
    service.lab._children.remove(service.process)
    service._base = uri
    service.settings["server.stop_seconds"] = 60
    service._config(*uri)
    service.start()
    with contextlib.closing(service.client()) as client:
        ended = client.get(job.resource, job.selectors)
        assert ended["JobState"] == "10" and ended["ErrorDescription"], ended


def flow(place):
    """The sample flow, three times on a connection of its own."""
    with contextlib.closing(place.service.client()) as client:
        for _ in range(3):
            machine = client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'")[0]["Name"]
            out = client.create_snapshot(machine)
            assert out["ReturnValue"] == "4096", out
            job = {"JobState": "4"}
            while job["JobState"] == "4":
                job = client.get(out["Job"].resource, out["Job"].selectors)
            made = client.query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='%s'} WHERE ResultClass = "
                                "Msvm_VirtualSystemSettingData" % job["InstanceID"])
            assert [job["JobState"], len(made)] == ["7", 1], job
            yield made[0]["InstanceID"]


def test_many_at_once(place):
    """All layers under several workers, loops and jobs; what it is for is a build with ThreadSanitizer."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        made = [name for names in pool.map(lambda _: list(flow(place)), range(16)) for name in names]
    assert len(made) == len(set(made)) == 48, made


def test_help_and_man(place):
    """What users must know of it is said where they look."""
    text = subprocess.run(place.service.command("--help"), capture_output=True, text=True, check=True).stdout
    assert "status" in text and "LISTEN_FDS" in text
    man = subprocess.run(place.service.command("--print-man"), capture_output=True, text=True, check=True).stdout
    for key in ("checks_per_peer", "octets_before_login", "status.sock", ".SH ROLES", ".SH EXIT STATUS", ".SH FILES",
                ".SH EXAMPLES", '.BR apply_running " = \\fIrefuse\\fR"'):
        assert key in man.replace("\\-", "-"), key


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
