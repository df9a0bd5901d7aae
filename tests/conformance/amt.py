#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The npm package @device-management-toolkit/wsman-messages drives Get, Enumerate and Pull: envelopes in the style of
Intel's AMT, with default namespaces, counted MessageIDs and a bare path as wsa:To."""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from endpoint import Endpoint  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402

PACKAGE = "@device-management-toolkit/wsman-messages"


class Package:
    """The package, asked for envelopes."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, PACKAGE + "@5.14.1"], check=True)
        self.process = subprocess.Popen(["node", os.path.join(HERE, "amt.js"), os.path.join(folder, "node_modules", PACKAGE)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def make(self, verb, name, value=""):
        self.process.stdin.write(f"{verb} {name} {value}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


def flow(package, endpoint, name):
    """Names of all instances, each also by a Get."""
    ask = lambda *words: endpoint.send(package.make(*words), headers={"Connection": "close"})
    reply = ask("enumerate", name)
    assert reply.status == 200, reply
    names = []
    while reply.context:
        reply = ask("pull", name, reply.context)
        assert reply.status == 200 and reply.items, reply
        names += [item.findtext("{*}Name") for item in reply.items]
    for one in names:
        reply = ask("get", name, one)
        assert reply.status == 200 and reply.body.findtext("{*}Name") == one, reply
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    package = Package(os.path.join(build, "npm"))
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, module="memory", uri="memory:?vms=demo:running,db*40:off")
        endpoint = Endpoint(f"https://localhost:{service.port}/wsman", "operator", service.passwords["operator"], service.ca)
        machines, services = flow(package, endpoint, "CIM_ComputerSystem"), flow(package, endpoint, "CIM_VirtualSystemSnapshotService")
    package.close()
    # the host, the machines, and two switches, which are computer systems too
    assert len(set(machines)) == 44 and services == ["vssnapsvc"], (len(machines), len(set(machines)), services)
    print("amt: 2 passed, 0 failed")


if __name__ == "__main__":
    main()
