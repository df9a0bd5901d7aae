# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: what the daemon costs while little happens: its start, its rest, and thousands of idle connections."""

import contextlib
import resource
import socket
import ssl
import statistics
import time

from footprint import private_kib
from lab import Lab
import picture
from load import BenchError, basic, cpu_seconds, drive
from service import Service
from wsman import identify_envelope

CONNECTIONS = 10000
REST_SECONDS = 3
SETTINGS = {"limits.connections": CONNECTIONS + 2000, "limits.connections_per_peer": CONNECTIONS + 2000,
            "limits.idle_seconds": 3600, "server.queue": 2000}


def start_ms(service):
    """From the start to the line that says it listens; of that the poll of the log takes up to 20 ms."""
    begin = time.monotonic()
    service.start()
    return (time.monotonic() - begin) * 1000


def open_idle(service, stack):
    """The connections; each has asked once, and says nothing more."""
    context = ssl.create_default_context(cafile=service.ca)
    body = identify_envelope().encode()
    head = (f"POST /wsman-anon/identify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    for _ in range(CONNECTIONS):
        raw = socket.create_connection(("127.0.0.1", service.port))
        tls = stack.enter_context(context.wrap_socket(raw, server_hostname="localhost"))
        tls.sendall(head + body)
        if not tls.recv(65536).startswith(b"HTTP/1.1 200"):
            raise BenchError("an Identify was not answered")


def idle_cpu(pid):
    """Percent of one CPU while nothing happens."""
    before = cpu_seconds(pid)
    time.sleep(REST_SECONDS)  # what is measured is the rest
    return (cpu_seconds(pid) - before) * 100 / REST_SECONDS


def bench_idle(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with Lab(libvirtd=False) as lab:
        service = Service(lab, options.build, module="memory", uri="memory:?vms=demo", settings=SETTINGS)
        starts = []
        for _ in range(options.rounds):
            service.stop()
            starts.append(start_ms(service))
        load = {"connections": 64, "kind": "keep", "body": str(lab.write("idle.xml", identify_envelope())),
                "authorization": basic(service)}

        def rate():
            url = f"https://localhost:{service.port}/wsman"
            return statistics.median(drive(service.process.pid, url, load, options.seconds).rate
                                     for _ in range(options.rounds))
        alone, pid = rate(), service.process.pid
        before = private_kib(pid)
        with contextlib.ExitStack() as stack:
            open_idle(service, stack)
            each = (private_kib(pid) - before) / CONNECTIONS
            cpu = idle_cpu(pid)
            beside = rate()
        print(f"\nstart to listening: {statistics.median(starts):.0f} ms (wanted: under 100)")
        print(f"{CONNECTIONS} idle TLS connections: {each:.1f} KiB each (wanted: at most 16), {cpu:.1f} % of a CPU; "
              f"Identify beside them {beside / alone:.2f} of what it is without")
        panel = picture.Panel("10,000 idle TLS connections: KiB each (line: wanted at most)", 16)
        panel.add("memory of each", each, f"{each:.1f} KiB")
        return [panel]
