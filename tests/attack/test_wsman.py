#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What users with a login may try: filters that outlive their request, dear expressions, names that inject,
contexts that many reach for, envelopes that two parsers read differently."""

import contextlib
import os
import re
import sys
import threading
import time
import xml.etree.ElementTree as ET
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import DMTF, NS, SERVICE, V2, Fault, envelope, invoke_body, reference  # noqa: E402

SYSTEM = V2 + "Msvm_ComputerSystem"
SELECTORS = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATIONS = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
B = 'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"'
MACHINES, SNAPSHOTS = 150, 15  # more than one page of items each


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        service = Service(lab, build, users=(("operator", "operator"), ("viewer", "viewer")), module="memory",
                          uri=f"memory:?vms=vm*{MACHINES}:running", settings={"limits.enumerations": 8})
        place = SimpleNamespace(service=service, client=service.client("viewer"),
                                operator=service.client("operator"))
        yield place
        place.client.close()
        place.operator.close()
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def begin(client, dialect, inner, resource=SYSTEM, headers="", most=1, extra=""):
    body = (f'<n:Enumerate {B}><w:Filter Dialect="{dialect}">{inner}</w:Filter><w:OptimizeEnumeration/>'
            f"<w:MaxElements>{most}</w:MaxElements>{extra}</n:Enumerate>")
    return client.call(envelope(NS["n"] + "/Enumerate", resource, body=body, headers=headers))


def pull(client, root, most=5, resource=SYSTEM):
    context = root.findtext(".//n:EnumerationContext", "", NS)
    body = (f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext><n:MaxElements>{most}</n:MaxElements>"
            "</n:Pull>")
    return client.call(envelope(NS["n"] + "/Pull", resource, body=body))


def all_items(client, root):
    items = list(root.findall(".//w:Items/*", NS))
    while root.findtext(".//n:EnumerationContext", "", NS):
        root = pull(client, root)
        items += root.findall(".//n:Items/*", NS)
    return items


def refused(client, text, subcode):
    try:
        client.call(text)
    except Fault as fault:
        assert fault.subcode == subcode, fault
        return fault.reason
    raise AssertionError("it was not refused")


def with_echo(element):
    """A Get that wants to have the element back."""
    message = envelope(NS["x"] + "/Get", SERVICE, None)
    end = message.index("</a:Address></a:ReplyTo>") + len("</a:Address>")
    return message[:end] + f"<a:ReferenceParameters>{element}</a:ReferenceParameters>" + message[end:]


def await_jobs(client):
    while client.query("SELECT * FROM Msvm_ConcreteJob WHERE JobState = 4"):
        pass


def test_filters_outlive_their_request(place):
    """Every text of a filter is the context's own: other requests come between the pages."""
    noise = "<noise>" + "SECRET" * 20000 + "</noise>"
    selectors = '<w:SelectorSet><w:Selector Name="EnabledState">2</w:Selector></w:SelectorSet>'
    root = begin(place.client, SELECTORS, selectors)
    place.operator.post(envelope(NS["x"] + "/Get", SYSTEM, {"Name": "x"}, body=noise))
    assert len(all_items(place.client, root)) == MACHINES + 1  # the host too

    machine = place.client.query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'vm1'")[0]["Name"]
    for _ in range(SNAPSHOTS):
        assert place.operator.create_snapshot(machine, 3)["ReturnValue"] in ("0", "4096")
    await_jobs(place.operator)
    system = reference(SYSTEM, {"CreationClassName": "Msvm_ComputerSystem", "Name": machine})
    columns = "".join(f"<b:IncludeResultProperty>{name}</b:IncludeResultProperty>" for name in ("InstanceID", "ElementName") * 90)
    inner = (f"<b:AssociatedInstances><b:Object>{system}</b:Object><b:AssociationClassName>Msvm_SnapshotOfVirtualSystem"
             f"</b:AssociationClassName><b:ResultClassName>CIM_SettingData</b:ResultClassName>{columns}"
             "</b:AssociatedInstances>")
    root = begin(place.client, ASSOCIATIONS, inner, resource=DMTF + "*")
    place.operator.post(envelope(NS["x"] + "/Get", SYSTEM, {"Name": "x"}, body=noise))
    items = all_items(place.client, root)
    assert len(items) == SNAPSHOTS, len(items)
    assert all([child.tag for child in item] == ["InstanceID", "ElementName"] * 90 for item in items), items


def test_dear_expressions(place):
    """They end soon, and others are served meanwhile."""
    dear = [f"//*[//*[//*[translate(string(/),'{'z' * 3900}','')='x']]]",
            "//*[contains(string(/), concat(string(/), string(/)))]" + "|//*[normalize-space()=string(/)]" * 60,
            "//*[//* = //*[//* = //*]]"]
    for expression in dear:
        begun = time.monotonic()
        for call in (lambda: begin(place.client, XPATH, expression.replace("&", "&amp;")),
                     lambda: place.client.call(envelope(NS["x"] + "/Get", SERVICE, None, headers=(
                         f'<w:FragmentTransfer s:mustUnderstand="true">{expression}</w:FragmentTransfer>')))):
            try:
                call()
            except Fault as fault:
                assert fault.subcode in ("n:CannotProcessFilter", "w:TimedOut"), fault
        assert time.monotonic() - begun < 20, expression[:60]


def test_time_limits(place):
    """A list ends at OperationTimeout, and at MaxTime with what there is."""
    slow = "+".join(f"count(//*[contains(string(/), '{text}')])" for text in ("yy", "zz")) + "&gt; 999"
    body = f'<n:Enumerate><w:Filter Dialect="{XPATH}">{slow}</w:Filter></n:Enumerate>'
    for _ in range(12):  # none of them holds a place
        text = re.sub("<w:OperationTimeout>[^<]*<", "<w:OperationTimeout>PT0.001S<",
                      envelope(NS["n"] + "/Enumerate", SYSTEM, body=body))
        refused(place.client, text, "w:TimedOut")
    root = begin(place.client, XPATH, "true()")
    context = root.findtext(".//n:EnumerationContext", "", NS)
    assert context
    text = envelope(NS["n"] + "/Release", SYSTEM, body=(
        f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"))
    place.client.call(text)


def test_kinds_of_attributes(place):
    """gSOAP walks a list of all names of attributes for each element."""
    body = "<x>" + "".join(f'<y a{i}="1"/>' for i in range(20000)) + "<e/>" * 20000 + "</x>"
    begun = time.monotonic()
    reason = refused(place.client, envelope(NS["x"] + "/Get", SERVICE, None, body=body), "w:EncodingLimit")
    assert "attributes" in reason, reason
    assert time.monotonic() - begun < 5


def test_long_references(place):
    """However a character is written, it is that character."""
    for text, meant in (("party &#x1F600; time", "party \U0001F600 time"), ("&#x10FFFD;&#1114109;", "\U0010FFFD" * 2),
                        ("&#x000041;&#x0000042;", "AB"), (" \u00e9", " \u00e9"), ("\ufeffx", "\ufeffx")):
        root = place.client.call(with_echo(f'<t:T xmlns:t="urn:t">{text}</t:T>'))
        assert root.findtext(".//{urn:t}T") == meant, (text, root.findtext(".//{urn:t}T"))


def test_columns_that_inject(place):
    system = reference(SYSTEM, {"CreationClassName": "Msvm_ComputerSystem",
                                "Name": place.client.query("SELECT Name FROM Msvm_ComputerSystem")[0]["Name"]})
    for name in ("x&gt;&lt;/w:XmlFragment&gt;", "", ' x xsi:type="a" ', "a:b", "1"):
        inner = (f"<b:AssociatedInstances><b:Object>{system}</b:Object>"
                 f"<b:IncludeResultProperty>{name}</b:IncludeResultProperty></b:AssociatedInstances>")
        try:
            begin(place.client, ASSOCIATIONS, inner, resource=DMTF + "*")
            raise AssertionError(name)
        except Fault as fault:
            assert fault.subcode == "n:CannotProcessFilter", fault


def test_fragments_of_what_has_none(place):
    header = '<w:FragmentTransfer s:mustUnderstand="true">ElementName</w:FragmentTransfer>'
    machine = place.client.query("SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER")[0]["Name"]
    create = invoke_body(SERVICE, "CreateSnapshot", [("SnapshotType", "3")])
    for action, body in ((NS["x"] + "/Delete", ""), (NS["x"] + "/Create", "<x/>"), (SERVICE + "/CreateSnapshot", create),
                         (NS["n"] + "/Enumerate", "<n:Enumerate/>")):
        resource = SERVICE if "Create" in action else SYSTEM
        text = envelope(action, resource, {"Name": machine} if "Delete" in action else None, body, headers=header)
        refused(place.operator, text, "w:UnsupportedFeature")
    deep = f'<w:FragmentTransfer s:mustUnderstand="true">{"a:" * 200000}Name</w:FragmentTransfer>'
    refused(place.operator, envelope(NS["x"] + "/Put", SERVICE, None, "<w:XmlFragment><x/></w:XmlFragment>", headers=deep),
            "n:CannotProcessFilter")


def test_contexts_that_many_reach_for(place):
    """A Pull keeps its context's place, whoever else begins enumerations meanwhile; at 2 for each user."""
    root = begin(place.client, XPATH, "true()")
    stop = threading.Event()
    errors = []

    def press():
        client = place.service.client("viewer")
        while not stop.is_set():
            try:
                began = begin(client, XPATH, "true()")
                context = began.findtext(".//n:EnumerationContext", "", NS)
                client.call(envelope(NS["n"] + "/Release", SYSTEM, body=(
                    f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>")))
            except Fault as fault:
                if fault.subcode != "w:QuotaLimit":
                    errors.append(fault)
        client.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    items = all_items(place.client, root)
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors, errors
    assert len(items) >= MACHINES - 1, len(items)


def test_well_formed_whatever_is_echoed(place):
    for element in ('<t xmlns="" lang="a" xml:lang="b"/>', '<q:t xmlns:q="urn:q" q:lang="a" lang="b"/>'):
        status, body = place.client.post(with_echo(element))
        assert status == 200 and ET.fromstring(body) is not None, body[:300]
    for header in ('<unknown xmlns="" s:mustUnderstand="true"/>', '<q:unknown xmlns:q="urn:q" s:mustUnderstand="true"/>'):
        _status, body = place.client.post(envelope(NS["x"] + "/Get", SERVICE, None, headers=header))
        assert ET.fromstring(body).find(".//s:NotUnderstood", NS) is not None, body[:300]
    long = "n" * 1020 + "\u00e9"
    assert "too long" in refused(place.client, envelope(NS["x"] + "/Get", SERVICE, None, body=f"<{long}/>"), "w:EncodingLimit")


def test_methods_of_other_classes(place):
    """A base class's URI with the keys of an instance that has no such method."""
    machine = place.client.query("SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER")[0]
    resource = V2 + "CIM_ManagedElement"
    body = invoke_body(resource, "CreateSnapshot", [("SnapshotType", "3")])
    selectors = {"CreationClassName": "Msvm_ComputerSystem", "Name": machine["Name"]}
    refused(place.operator, envelope(resource + "/CreateSnapshot", resource, selectors, body), "a:ActionNotSupported")


def test_filters_that_are_none(place):
    wql = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
    for filters in (f'<w:Filter xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Dialect="{wql}"/>',
                    f'<w:Filter Dialect="{wql}">SELECT * FROM Msvm_ComputerSystem</w:Filter>' * 2):
        refused(place.client, envelope(NS["n"] + "/Enumerate", V2 + "*", body=f"<n:Enumerate>{filters}</n:Enumerate>"),
                "n:CannotProcessFilter")
    root = begin(place.client, wql, "SELECT * FROM Msvm_VirtualSystemSnapshotService", extra=(
        f"<b:PolymorphismMode {B}>ExcludeSubClassProperties</b:PolymorphismMode>"))
    assert root.find(".//w:Items", NS)[0].tag.endswith("}Msvm_VirtualSystemSnapshotService")


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
