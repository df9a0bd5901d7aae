#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that python3-zeep makes from the published WSDL takes a snapshot of a real machine; what clients get
is valid by the published schemas; other tools read them."""

import contextlib
import os
import re
import subprocess
import sys
import uuid
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import requests  # noqa: E402
import zeep  # noqa: E402
from lxml import etree  # noqa: E402

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import ANONYMOUS, NS, SERVICE, enumerate_body, envelope, V2  # noqa: E402


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running")
        yield SimpleNamespace(lab=lab, service=Service(lab, build))


def schema(place, *words):
    return subprocess.run(place.service.command("schema", *words), capture_output=True, text=True, check=True).stdout


def classes(place):
    return re.findall(r"^class (\w+)", schema(place, "--mof"), re.M)


def test_zeep_creates_a_snapshot(place):
    service = place.service
    session = requests.Session()
    session.trust_env = False  # else a CA bundle named in the environment wins
    session.verify, session.auth = service.ca, ("operator", service.passwords["operator"])
    proxy = zeep.Client(f"https://localhost:{service.port}/wsman?wsdl", transport=zeep.Transport(session=session)).service
    machine = place.lab.virsh("domuuid", "running").strip().upper()
    system = {"Address": ANONYMOUS, "ReferenceParameters": {
        "ResourceURI": V2 + "Msvm_ComputerSystem",
        "SelectorSet": {"Selector": [{"Name": "CreationClassName", "_value_1": "Msvm_ComputerSystem"},
                                     {"Name": "Name", "_value_1": machine}]}}}
    headers = {"To": "https://localhost/wsman", "Action": SERVICE + "/CreateSnapshot", "MessageID": f"uuid:{uuid.uuid4()}",
               "ReplyTo": {"Address": ANONYMOUS}, "ResourceURI": SERVICE}
    answer = proxy.CreateSnapshot(AffectedSystem=system, SnapshotType=2, _soapheaders=headers)
    assert answer.ReturnValue == 4096, answer
    assert answer.Job.ReferenceParameters.ResourceURI.endswith("Msvm_ConcreteJob"), answer
    with contextlib.closing(service.client()) as plain:
        while True:
            job = plain.query("SELECT * FROM Msvm_ConcreteJob")[-1]
            if job["JobState"] != "4":
                break
    assert job["JobState"] == "7", job
    assert len(place.lab.virsh("snapshot-list", "running", "--name").split()) == 1


def namespaces(place):
    """Pairs of CIM namespace and class, from the MOF."""
    space, pairs = None, []
    for line in schema(place, "--mof").splitlines():
        named = re.match(r'#pragma namespace \("(.*)"\)', line)
        class_ = re.match(r"class (\w+)", line)
        space = named.group(1) if named else space
        if class_:
            pairs.append((space, class_.group(1)))
    return pairs


def validator(place, name, uri):
    """The published schemas of a class together; they name each other by namespace only."""
    driver = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    for part, space in (("addressing", NS["a"]), ("wsman", NS["w"]), ("common", NS["cim"]), (name, uri)):
        path = place.lab.write(part.rsplit(":", 1)[-1] + ".xsd", schema(place, "--xsd", part))
        driver += f'<xs:import namespace="{space}" schemaLocation="{path}"/>'
    return etree.XMLSchema(etree.parse(str(place.lab.write("driver.xsd", driver + "</xs:schema>"))))


def test_instances_are_valid(place):
    """Every instance of every class is what its published schema says."""
    seen = 0
    with contextlib.closing(place.service.client()) as client:
        for space, name in namespaces(place):
            uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{space}/{name}"
            status, body = client.post(envelope(NS["n"] + "/Enumerate", uri, body=enumerate_body(optimize=True, most=50)))
            assert status == 200, (name, body)
            items = etree.fromstring(body.encode()).find(".//w:Items", NS)
            own = [item for item in ([] if items is None else items) if etree.QName(item).localname == name]
            valid = validator(place, f"{space}:{name}", uri) if own else None  # a base class may have none of its own
            for item in own:
                assert valid.validate(item), (name, valid.error_log, etree.tostring(item))
                seen += 1
    assert seen > 5, seen


def test_schemas_tell_wrong_instances(place):
    """The check above can fail."""
    uri = V2 + "Msvm_ConcreteJob"
    with contextlib.closing(place.service.client()) as client:
        body = client.post(envelope(NS["n"] + "/Enumerate", uri, body=enumerate_body(optimize=True)))[1]
    item = etree.fromstring(body.encode()).find(".//w:Items", NS)[0]
    valid = validator(place, "Msvm_ConcreteJob", uri)
    assert valid.validate(item)
    item.find(f"{{{uri}}}JobState").text = "seven"
    assert not valid.validate(item)

def test_wsdl_over_http(place):
    """For those with a login only; at the address by which the client found it; of any class."""
    service = place.service
    url = f"https://localhost:{service.port}/wsman?wsdl"
    session = requests.Session()
    session.trust_env, session.verify = False, service.ca
    assert session.get(url).status_code == 401
    session.auth = ("operator", service.passwords["operator"])
    reply = session.get(url)
    assert reply.status_code == 200 and reply.headers["Content-Type"] == "text/xml;charset=UTF-8", reply.headers
    assert f'location="https://localhost:{service.port}/wsman"' in reply.text, reply.text[-400:]
    assert "Msvm_ConcreteJob" in session.get(url + "=Msvm_ConcreteJob").text
    assert session.get(url + "=Msvm_Nothing").status_code == 404
    assert session.get(url, headers={"Host": "a<b"}).status_code == 400
    assert session.post(url, data="").status_code == 405
    assert session.get(url).status_code == 200  # on a new connection


def named_classes(place):
    """NAMESPACE:CLASS of all; a namespace is named once, before its classes."""
    namespace = None
    for found, name in re.findall(r'^(?:#pragma namespace \("([^"]+)"\)|class (\w+))', schema(place, "--mof"), re.M):
        namespace = found or namespace
        if name:
            yield f"{namespace}:{name}"


def test_wsdl_of_every_service(place):
    """zeep, gSOAP and xmllint read it, and find the methods of the MOF in it."""
    for number, name in enumerate(named_classes(place)):
        mof = schema(place, "--mof", name)
        methods = set(re.findall(r"^  uint32 (\w+)\(", mof, re.M))
        if not methods:
            continue
        path = str(place.lab.write(f"{number}.wsdl", schema(place, "--wsdl", name)))
        found = zeep.Client(path).wsdl.bindings.popitem()[1].all()
        assert set(found) == methods, (name, set(found) ^ methods)
        subprocess.run(["xmllint", "--noout", path], check=True)
        subprocess.run(["wsdl2h", "-c", "-o", path + ".h", path], check=True, capture_output=True)
        assert all(f"{method}_" in open(path + ".h", encoding="utf-8").read() for method in methods)


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
