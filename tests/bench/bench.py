#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: the daemon beside nginx with a static reply of the same size, and CreateSnapshot beside libvirt's own.

Both servers stand at the same time with the same certificate and TLS settings; rounds alternate between
them, and each ratio is the median over the rounds of that round's own ratio, so that what else the machine
does weighs on both. No timed test: it fails only when a request fails.
"""

import argparse
import os
import re
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import pairs  # noqa: E402
import picture  # noqa: E402
from badclients import bench_bad_clients  # noqa: E402
from idle import bench_idle  # noqa: E402
from lab import Lab, LabError  # noqa: E402
from scale import bench_scale  # noqa: E402
from load import BenchError, Nginx, basic, drive  # noqa: E402
from service import Service  # noqa: E402
from wsman import NS, V2, enumerate_body, envelope, identify_envelope  # noqa: E402

# Room for the thousand connections of one address that the bench opens.
SETTINGS = {"limits.connections": 2000, "limits.connections_per_peer": 2000, "server.queue": 2000}
# Connections, and the kind of them: kept, closed after a request, or besides with the TLS session of the one before.
SHAPES = ((8, "keep"), (64, "keep"), (1000, "keep"), (64, "close"), (64, "resume"))
NOTES = {"keep": "", "close": ", one a request", "resume": ", one a request, resumed"}
ENUMERATED = 20
HANDSHAKES = 3  # seconds that a thousand handshakes may take, before the first request
ENOUGH = 0.5  # of nginx, for Identify on 64 connections


def make_requests(client):
    """Name -> envelope, of things that are there."""
    machine = client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'")[0]["Name"]
    answer = client.create_snapshot(machine, 2)
    pairs.follow(client, answer["Job"])
    get = NS["x"] + "/Get"
    return {
        "Identify": identify_envelope(),
        "Get snapshot": envelope(get, answer["ResultingSnapshot"].resource, answer["ResultingSnapshot"].selectors),
        "Get job": envelope(get, V2 + "Msvm_ConcreteJob", answer["Job"].selectors),
        "Enumerate 20": envelope(NS["n"] + "/Enumerate", V2 + "Msvm_VirtualSystemSettingData",
                                 body=enumerate_body(optimize=True, most=32000)),
    }


def make_rows(requests):
    """Every request in every shape; but two on 64 connections only, as they are no other way through the network."""
    return [(name, connections, kind) for name in requests for connections, kind in SHAPES
            if name not in ("Get job", "Enumerate 20") or (connections, kind) == (64, "keep")]


class Bench:
    """Both servers, and the figures of each row: pairs of ours and nginx's."""

    def __init__(self, lab, service, options):
        self.service, self.seconds, self.build = service, options.seconds, options.build
        client = service.client()
        self.requests = make_requests(client)
        self.replies = {}
        for name, text in self.requests.items():
            client.call(text)
            self.replies[name] = client.post(text)[1]
        found = self.replies["Enumerate 20"].count("</p:Msvm_VirtualSystemSettingData>")
        if found != ENUMERATED:
            raise BenchError(f"{found} in place of {ENUMERATED} instances")
        client.close()
        self.paths = {name: "/" + name.replace(" ", "-") for name in self.requests}
        self.nginx = Nginx(lab, {self.paths[name]: body for name, body in self.replies.items()})
        self.bodies = {name: str(lab.write(f"{i}.xml", text))
                       for i, (name, text) in enumerate(self.requests.items())}
        self.rows = [row for row in make_rows(self.requests) if re.search(options.only, f"{row[0]} {row[1]} {row[2]}")]
        self.figures = {row: [] for row in self.rows}

    def round(self):
        for row in self.rows:
            name, connections, kind = row
            load = {"connections": connections, "kind": kind, "body": self.bodies[name],
                    "authorization": basic(self.service), "build": self.build}
            seconds = self.seconds + (HANDSHAKES if connections >= 1000 else 0)
            ours = drive(self.service.process.pid, f"https://localhost:{self.service.port}/wsman", load, seconds)
            theirs = drive(self.nginx.process.pid, f"https://localhost:{self.nginx.port}{self.paths[name]}", load,
                           seconds)
            self.figures[row].append((ours, theirs))
            print(".", end="", file=sys.stderr, flush=True)

    def table(self):
        print("\n\nHTTPS, Basic, beside nginx with a static reply (ratios: higher is better)")
        print(f"{'request':<14}{'conns':>6} {'kind':<8}{'req/s':>8}{'nginx':>8}{'ratio':>7}"
              f"{'CPU us':>8}{'nginx':>7}{'ratio':>7}{'p99 ms':>8}{'nginx':>7}")
        for (name, connections, kind), figures in self.figures.items():
            def median(value):
                return statistics.median(value(ours, theirs) for ours, theirs in figures)
            print(f"{name:<14}{connections:>6} {kind:<8}"
                  f"{median(lambda a, b: a.rate):>8.0f}{median(lambda a, b: b.rate):>8.0f}"
                  f"{median(lambda a, b: a.rate / b.rate):>7.2f}"
                  f"{median(lambda a, b: a.cpu_us):>8.1f}{median(lambda a, b: b.cpu_us):>7.1f}"
                  f"{median(lambda a, b: b.cpu_us / a.cpu_us):>7.2f}"
                  f"{median(lambda a, b: a.p99_ms):>8.1f}{median(lambda a, b: b.p99_ms):>7.1f}")
        for name, text in self.requests.items():
            print(f"{name}: {len(text)} octets of envelope, {len(self.replies[name])} of reply")

    def draw(self):
        panel = picture.Panel("Requests a second, as a ratio to nginx in the same run (1: as fast)", 1)
        for (name, connections, kind), figures in self.figures.items():
            ratio = statistics.median(a.rate / b.rate for a, b in figures)
            rate = statistics.median(a.rate for a, _ in figures)
            panel.add(f"{name}, {connections}{NOTES[kind]}", ratio, f"{ratio:.2f} ({rate:,.0f}/s)")
        return [panel]

    def judge(self):
        for (name, connections, kind), figures in self.figures.items():
            if name == "Identify" and (connections, kind) == (64, "keep"):
                ratio = statistics.median(a.rate / b.rate for a, b in figures)
                print(f"Identify on 64 connections: {ratio:.2f} of nginx, wanted {ENOUGH}"
                      + ("" if ratio >= ENOUGH else ": TOO LITTLE"))


def bench_http(options):
    with Lab(libvirtd=False) as lab:
        uri = f"memory:?vms=demo&snapshots={ENUMERATED - 2}"  # beside the machine's own and the one that is made
        service = Service(lab, options.build, module="memory", uri=uri, settings=SETTINGS)
        bench = Bench(lab, service, options)
        for _ in range(options.rounds):
            bench.round()
        bench.table()
        bench.judge()
        return bench.draw()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=5, help="the more, the steadier the medians (5)")
    parser.add_argument("--seconds", type=int, default=2, help="length of one run of wrk (2)")
    parser.add_argument("--only", default="", help="rows whose name, connections and kind match, as 'Identify 64 resume'; "
                        "badclients: only good clients beside crowds of bad ones")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    try:
        print(f"{os.cpu_count()} CPUs, {options.rounds} rounds of {options.seconds} s", flush=True)
        if options.only == "badclients":
            panels = bench_bad_clients(options)
        else:
            panels = bench_http(options)
        if not options.only or re.search(options.only, "idle"):
            panels += bench_idle(options)
        if not options.only or re.search(options.only, "scale"):
            panels += bench_scale(options)
        if not options.only or re.search(options.only, "pairs"):
            panels += pairs.bench_snapshots(options)
        path = os.path.join(options.build, "bench.svg")
        picture.write(path, panels)
        print(f"\nas a picture: {os.path.relpath(path)}")
    except (BenchError, LabError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
