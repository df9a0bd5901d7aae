#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An address whose logins fail is slowed down: it and no other, never for long, and this host like any other."""

import base64
import contextlib
import os
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import ntlm  # noqa: E402
import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import identify_envelope  # noqa: E402

IDENTIFY = identify_envelope()
FREE, MOST = 3, 0.6  # failures without a wait; the longest one, in seconds


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, users=(("operator", "operator", "*", "--ntlm"), ("viewer", "viewer"),
                                             ("late", "viewer")),
                          module="memory", uri="memory:?vms=demo:running",
                          settings={"auth.delay_after": FREE, "auth.delay_ms": int(MOST * 1000)})
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def ask(place, user, password, source="127.0.0.1"):
    """Status and how long it took, on a connection of its own."""
    header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    with Wire(place.service.port, place.service.ca, source=source) as wire:
        begin = time.monotonic()
        status = wire.ask(IDENTIFY, header).status
        return status, time.monotonic() - begin


def delayed(place):
    said = place.lab.run(place.service.command("status")).stdout
    return int(said.split("delayed_logins=")[1].split()[0])


def test_failures_slow_down(place):
    """The first ones cost nothing, then each waits; a right password waits too, and is taken."""
    passwords = place.service.passwords
    assert ask(place, "viewer", passwords["viewer"])[0] == 200  # this one is remembered
    for _ in range(FREE):
        assert ask(place, "nobody", "x")[0] == 401
    assert delayed(place) == 0
    for i in range(4):
        # one more that failed may have been forgiven meanwhile
        ask(place, "nobody", f"{i}")
    assert delayed(place) >= 2, delayed(place)
    status, seconds = ask(place, "operator", "wrong")
    assert status == 401 and seconds >= MOST, seconds
    status, seconds = ask(place, "operator", passwords["operator"])
    assert status == 200 and seconds >= MOST, "locked out, or faster with a right password than with a wrong one"
    before = delayed(place)
    for user in ("operator", "viewer"):
        assert ask(place, user, passwords[user])[0] == 200, "what is remembered does not wait"
    assert delayed(place) == before


def test_others_do_not_wait(place):
    before = delayed(place)
    assert ask(place, "late", place.service.passwords["late"], source="127.0.0.2")[0] == 200
    assert ask(place, "nobody", "x", source="127.0.0.3")[0] == 401
    assert delayed(place) == before


def test_negotiate_waits_too(place):
    """The first message of a login does, and an open connection does not."""
    client = ntlm.Client("operator", place.service.passwords["operator"])
    with Wire(place.service.port, place.service.ca) as wire:
        begin = time.monotonic()
        first = wire.ask("", "Negotiate " + base64.b64encode(client.negotiate()).decode())
        assert time.monotonic() - begin >= MOST
        token = client.authenticate(base64.b64decode(first.token("Negotiate")))
        before = delayed(place)
        assert wire.ask(IDENTIFY, "Negotiate " + base64.b64encode(token).decode()).status == 200
        assert wire.ask(IDENTIFY).status == 200
        assert delayed(place) == before


def test_many_that_wait(place):
    """Waiting takes no thread: fifty wait at once, and others are served meanwhile."""
    header = "Basic " + base64.b64encode(b"nobody:x").decode()
    held = [Wire(place.service.port, place.service.ca) for _ in range(50)]
    try:
        data = (f"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: {header}\r\n\r\n").encode()
        begin = time.monotonic()
        for wire in held:
            wire.send(data)
        assert ask(place, "viewer", place.service.passwords["viewer"])[0] == 200
        served = time.monotonic() - begin
        assert {wire.reply().status for wire in held} <= {401, 503}
        assert served < time.monotonic() - begin
    finally:
        for wire in held:
            wire.stream.close()


def test_peers_that_do_not_wait_for_it(place):
    """Connections that go away meanwhile, and a service that ends meanwhile, leave nothing behind."""
    header = "Basic " + base64.b64encode(b"nobody:x").decode()
    data = (f"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: {header}\r\n\r\n").encode()
    for _ in range(10):
        with Wire(place.service.port, place.service.ca) as wire:
            wire.send(data)
    with Wire(place.service.port, place.service.ca) as wire:
        before = delayed(place)
        wire.send(data)
        while delayed(place) == before:
            pass
        place.service.stop()
        assert place.service.process.returncode == 0, place.service.log_text()[-3000:]
    place.service.start()


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
