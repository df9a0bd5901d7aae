#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The documented sample flow with pywinrm (python3-winrm): find the machine, CreateSnapshot, follow the
job, fetch the snapshot from the job's associators. pywinrm itself is used unchanged; it has no CIM calls,
so bodies are given to its Protocol as it gives its own."""

import argparse
import os
import sys
import time
import xml.etree.ElementTree as ET

import xmltodict
from winrm.protocol import Protocol

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

from wsman import ANONYMOUS, NS, V2, WQL, Reference, instance  # noqa: E402

SERVICE = V2 + "Msvm_VirtualSystemSnapshotService"


class Pywinrm:
    """transport: ssl (Basic), ntlm or kerberos; scheme: https, or http with encrypted messages."""

    def __init__(self, port, ca, user, password, transport="ssl", scheme="https"):
        self.protocol = Protocol(f"{scheme}://localhost:{port}/wsman", transport=transport, username=user,
                                 password=password, server_cert_validation="validate", ca_trust_path=ca,
                                 message_encryption="always" if scheme == "http" else "auto")

    def send(self, action, resource, body, selectors=None):
        request = {"env:Envelope": self.protocol._get_soap_header(action=action, resource_uri=resource)}
        if selectors:
            request["env:Envelope"]["env:Header"]["w:SelectorSet"] = {
                "w:Selector": [{"@Name": name, "#text": value} for name, value in selectors.items()]}
        request["env:Envelope"]["env:Body"] = body
        return ET.fromstring(self.protocol.send_message(xmltodict.unparse(request)))

    def query(self, wql, resource=V2 + "*", selectors=None):
        root = self.send(NS["n"] + "/Enumerate", resource,
                         {"n:Enumerate": {"w:Filter": {"@Dialect": WQL, "#text": wql}}}, selectors)
        context, found = root.findtext(".//n:EnumerationContext", "", NS), []
        while context:
            root = self.send(NS["n"] + "/Pull", resource, {"n:Pull": {"n:EnumerationContext": context}}, selectors)
            found += [instance(item) for item in root.find(".//n:Items", NS)]
            context = root.findtext(".//n:EnumerationContext", "", NS)
        return found

    def get(self, reference):
        root = self.send(NS["x"] + "/Get", reference.resource, {}, reference.selectors)
        return instance(root.find("s:Body", NS)[0])

    def create_snapshot(self, machine, kind):
        system = {"a:Address": ANONYMOUS, "a:ReferenceParameters": {
            "w:ResourceURI": V2 + "Msvm_ComputerSystem",
            "w:SelectorSet": {"w:Selector": [{"@Name": "CreationClassName", "#text": "Msvm_ComputerSystem"},
                                             {"@Name": "Name", "#text": machine}]}}}
        body = {"q:CreateSnapshot_INPUT": {"@xmlns:q": SERVICE, "q:AffectedSystem": system,
                                           "q:SnapshotSettings": "", "q:SnapshotType": str(kind)}}
        return instance(self.send(SERVICE + "/CreateSnapshot", SERVICE, body).find("s:Body", NS)[0])


def flow(port, ca, user, password, machine, kind=2, say=print, **how):
    """Returns the new snapshot's properties."""
    client = Pywinrm(port, ca, user, password, **how)
    services = client.query("SELECT * FROM Msvm_VirtualSystemSnapshotService")
    assert len(services) == 1, services
    found = client.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{machine}'")
    assert len(found) == 1, found
    say(f"machine {found[0]['ElementName']} is {found[0]['Name']}")
    result = client.create_snapshot(found[0]["Name"], kind)
    say(f"CreateSnapshot returned {result['ReturnValue']}, job {result['Job']}")
    assert result["ReturnValue"] == "4096" and isinstance(result["Job"], Reference), result
    deadline = time.monotonic() + 60
    job = client.get(result["Job"])
    while job["JobState"] in ("3", "4") and time.monotonic() < deadline:
        time.sleep(0.1)
        job = client.get(result["Job"])
    say(f"job ended in state {job['JobState']} at {job['PercentComplete']} %")
    assert job["JobState"] == "7", job
    made = client.query(f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{job['InstanceID']}'}} WHERE "
                        "ResultClass = Msvm_VirtualSystemSettingData")
    assert len(made) == 1, made
    say(f"snapshot {made[0]['ElementName']!r} is {made[0]['InstanceID']}")
    return made[0]


def options(description):
    parser = argparse.ArgumentParser(description=description)
    for name in ("port", "ca", "credentials", "machine"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--type", type=int, default=2)
    parser.add_argument("--transport", default="ssl")
    parser.add_argument("--scheme", default="https")
    given = parser.parse_args()
    with open(given.credentials, encoding="utf-8") as handle:
        user, password = handle.read().strip().split(":", 1)
    return (int(given.port), given.ca, user, password, given.machine, given.type), given


if __name__ == "__main__":
    common, more = options(__doc__)
    flow(*common, transport=more.transport, scheme=more.scheme)
