# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench ONLY=badclients: good clients alone and beside crowds of bad ones (lab/crowd.py), turn by turn."""

import statistics
import sys

import crowd
from idle import idle_cpu
from lab import Lab
import picture
from load import BenchError, basic, drive
from service import Service
from wsman import NS, V2, envelope, identify_envelope

WANTED = 0.9
CONNECTIONS = 64
# What is said of a crowd, its kind, how many stay, how many come and go a second. TLS costs both sides more than
# anything else here, so that those who begin a handshake are fewer.
CROWDS = (
    ("1,000 send their header octet by octet", "headers", 1000, 0),
    ("1,000 send their body so", "bodies", 1000, 0),
    ("1,000 never read their replies", "deaf", 1000, 0),
    ("1,000 never begin their handshake", "mute", 1000, 0),
    ("1,000 a second connect and drop", "dropped", 0, 1000),
    ("500 a second speak without TLS", "plain", 0, 500),
    ("100 a second break their handshake off", "handshakes", 0, 100),
    ("50 a second half-close", "half-closed", 0, 50),
)
SETTINGS = {"limits.connections": 6000, "limits.connections_per_peer": 2000, "server.queue": 2000,
            "limits.idle_seconds": 3600}


def make_requests(client):
    """Name -> envelope, of what is there."""
    wql = "SELECT InstanceID FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'"
    key = {"InstanceID": client.query(wql)[0]["InstanceID"]}
    return {"Identify": identify_envelope(),
            "Get": envelope(NS["x"] + "/Get", V2 + "Msvm_VirtualSystemSettingData", key)}


class Row:
    """One crowd: rates alone and beside it, by request and round; its own share of a processor, and the daemon's."""

    def __init__(self, names):
        self.pairs, self.came, self.cpu, self.daemon = {name: [] for name in names}, 0, [], []

    def ratio(self, name):
        return statistics.median(beside / alone for alone, beside in self.pairs[name])

    def rate(self, name, which):
        return statistics.median(pair[which] for pair in self.pairs[name])


def measure(service, options, loads, request):
    """Alone is the mean of before and after each crowd, so that what else the machine takes up weighs on both sides."""
    url = f"https://localhost:{service.port}/wsman"

    def rates():
        return {name: drive(service.process.pid, url, load, options.seconds).rate for name, load in loads.items()}
    rows, before = {row: Row(loads) for row in CROWDS}, rates()
    for _ in range(options.rounds):
        for row, figures in rows.items():
            with crowd.Running(service, request, *row[1:]) as people:
                figures.daemon.append(idle_cpu(service.process.pid))
                beside = rates()
            after = rates()
            for name in loads:
                figures.pairs[name].append(((before[name] + after[name]) / 2, beside[name]))
            figures.came += people.came
            figures.cpu.append(people.cpu)
            before = after
            print(".", end="", file=sys.stderr, flush=True)
    return rows


def tell(rows, loads):
    print(f"\n\ngood clients on {CONNECTIONS} connections, alone and beside a crowd (ratios: {WANTED} is wanted)")
    print(f"{'crowd':<42}{'came':>7}{'CPU %':>7}{'daemon %':>9}" + "".join(f"{name + '/s':>11}{'beside':>8}{'ratio':>7}" for name in loads))
    panel = picture.Panel("Good clients beside a crowd of bad ones, as a ratio to alone (line: wanted at least)", WANTED)
    for (title, *_), row in rows.items():
        print(f"{title:<42}{row.came:>7}{statistics.median(row.cpu):>7.0f}{statistics.median(row.daemon):>9.1f}" + "".join(
            f"{row.rate(name, 0):>11.0f}{row.rate(name, 1):>8.0f}{row.ratio(name):>7.2f}"
            for name in loads))
        for name in loads:
            panel.add(f"{title}: {name}", row.ratio(name), f"{row.ratio(name):.2f}")
    few = [f"{title}: {name}" for (title, *_), row in rows.items() for name in loads if row.ratio(name) < WANTED]
    print("less than is wanted: " + ("; ".join(few) if few else "none"))
    print("came: connections in all rounds; CPU %: of the crowd itself, of one processor, which wrk and the daemon go without; "
          "daemon %: what the daemon takes for the crowd alone")
    return panel


def bench_bad_clients(options):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, options.build, module="memory", uri="memory:?vms=demo&snapshots=3", settings=SETTINGS)
        client = service.client()
        requests = make_requests(client)
        loads = {name: {"connections": CONNECTIONS, "kind": "keep", "authorization": basic(service),
                        "body": str(lab.write(f"{name}.xml", text))} for name, text in requests.items()}
        request = crowd.write_request(lab, service, "operator", requests["Get"])
        rows = measure(service, options, loads, request)
        client.call(requests["Get"])  # somebody who was there before all of them
        client.close()
        service.stop()
        if service.process.returncode:
            raise BenchError(service.log_text()[-2000:])
        return [tell(rows, loads)]
