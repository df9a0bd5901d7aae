# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: long lists. Enumerate and Pull, Get by key and a WQL equality, on the memory backend with few and many
snapshots (of one machine) and machines."""

import re
import statistics
import time

from footprint import private_kib
from lab import Lab
import picture
from load import basic, cpu_seconds, drive
from service import Service
from wsman import NS, V2, envelope

FEW, MANY = 1000, 100000
PAGE = 100  # items a Pull
SETTINGS_CLASS = V2 + "Msvm_VirtualSystemSettingData"
SYSTEM_CLASS = V2 + "Msvm_ComputerSystem"


def enumerate_all(client, pid, resource):
    """Octets of envelopes, items, seconds of the daemon's CPU, and the most private memory seen, in KiB."""
    octets, items, most = 0, 0, 0
    before = cpu_seconds(pid)
    body = ('<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><w:OptimizeEnumeration '
            f'xmlns:w="{NS["w"]}"/><w:MaxElements xmlns:w="{NS["w"]}">{PAGE}</w:MaxElements></n:Enumerate>')
    action = NS["n"] + "/Enumerate"
    while body:
        text = client.post(envelope(action, resource, {}, body))[1]
        octets += len(text)
        items += text.count("<p:Msvm_") + text.count("<p:CIM_")
        if items % (FEW * 10) < PAGE:
            most = max(most, private_kib(pid))
        context = re.search(r"<n:EnumerationContext[^>]*>([^<]+)</", text)
        body = context and (f'<n:Pull xmlns:n="{NS["n"]}"><n:EnumerationContext>{context.group(1)}'
                            f"</n:EnumerationContext><n:MaxElements>{PAGE}</n:MaxElements></n:Pull>")
        action = NS["n"] + "/Pull"
    return octets, items, cpu_seconds(pid) - before, most


def seconds_of(client, text, times=50):
    """Of one request, the median."""
    spent = []
    for _ in range(times):
        begin = time.monotonic()
        client.call(text)
        spent.append(time.monotonic() - begin)
    return statistics.median(spent)


def wql(where):
    return ('<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration">'
            f'<w:OptimizeEnumeration xmlns:w="{NS["w"]}"/><w:Filter xmlns:w="{NS["w"]}" '
            f'Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">{where}</w:Filter></n:Enumerate>')


def measure(options, uri, size, resource, key):
    """One size: what scale() prints."""
    name = resource.rsplit("/", 1)[1]
    with Lab(libvirtd=False) as lab:
        service = Service(lab, options.build, module="memory", uri=uri, settings={"limits.operation_seconds": 600})
        client, pid = service.client(), service.process.pid
        client.query(f"SELECT {key} FROM {name} WHERE {key} = 'x'")  # the password is hashed for the first request
        runs = [enumerate_all(client, pid, resource) for _ in range(max(1, MANY // size // 4))]
        octets, items, cpu = (sum(run[i] for run in runs) for i in range(3))
        most = max(run[3] for run in runs)
        one = client.query(f"SELECT {key} FROM {name} WHERE ElementName LIKE '%7'")[0][key]
        selectors = {key: one} if key == "InstanceID" else {"CreationClassName": "Msvm_ComputerSystem", key: one}
        get = envelope(NS["x"] + "/Get", resource, selectors)
        load = {"connections": 8, "kind": "keep", "body": str(lab.write("get.xml", get)), "authorization": basic(service)}
        rate = drive(pid, f"https://localhost:{service.port}/wsman", load, options.seconds).rate
        equal = seconds_of(client, envelope(NS["n"] + "/Enumerate", V2 + "*", {}, wql(
            f"SELECT * FROM {name} WHERE {key} = '{one}'")))
        named = re.search("<p:ElementName>([^<]+)<", client.post(get)[1]).group(1)
        by_name = seconds_of(client, envelope(NS["n"] + "/Enumerate", V2 + "*", {}, wql(
            f"SELECT * FROM {name} WHERE ElementName = '{named}'")))
        client.close()
        return octets, items, cpu, most, rate, equal, by_name


def bench_scale(options):
    panels = [picture.Panel("Lists in pages of 100, memory backend: microseconds of CPU an item"),
              picture.Panel("The same: MB of envelopes a second of CPU (line: wanted at least)", 100)]
    print(f"\nlong lists, memory backend, {PAGE} items a Pull (CPU is the daemon's)")
    print(f"{'list':<12}{'items':>8}{'MB':>7}{'MB/s CPU':>10}{'us/item':>9}{'MiB held':>10}{'Get/s':>8}{'key = ms':>10}{'name = ms':>11}")
    for name, pattern, resource, key in (
            ("snapshots", "memory:?vms=demo:off&snapshots={}", SETTINGS_CLASS, "InstanceID"),
            ("machines", "memory:?vms=m*{}:off", SYSTEM_CLASS, "Name")):
        for size in (FEW, MANY):
            octets, items, cpu, most, rate, equal, by_name = measure(options, pattern.format(size), size, resource, key)
            print(f"{name:<12}{size:>8}{octets / 1e6:>7.0f}{octets / 1e6 / cpu:>10.0f}{cpu * 1e6 / items:>9.1f}"
                  f"{most / 1024:>10.1f}{rate:>8.0f}{equal * 1000:>10.2f}{by_name * 1000:>11.2f}", flush=True)
            panels[0].add(f"{size:,} {name}", cpu * 1e6 / items, f"{cpu * 1e6 / items:.1f}")
            panels[1].add(f"{size:,} {name}", octets / 1e6 / cpu, f"{octets / 1e6 / cpu:.0f}")
    return panels
