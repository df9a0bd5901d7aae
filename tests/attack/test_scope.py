#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of one machine walks through everything there is: every class of every namespace in the tables, each way
to list, count, get, change and associate it, every method. Whatever belongs to another machine is not told by any
of them, and asking for it is answered as for what never was. New classes and methods come under it by themselves."""

import contextlib
import os
import re
import sys
import uuid
import xml.etree.ElementTree as ET
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import DMTF, NS, V2, Fault, enumerate_body, envelope, invoke_body, local, pull_body  # noqa: E402

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
ASSOCIATIONS = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
B = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
LIMITED = (("limited", "operator"), ("watcher", "viewer"))
COUNT = "<w:RequestTotalItemsCountEstimate/>"


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        users = [(name, role, "open1") for name, role in LIMITED] + [("root", "administrator")]
        service = Service(lab, build, users=users, module="memory", uri="memory:?vms=open1:running,hidden7:running,hidden8:off")
        place = SimpleNamespace(service=service, root=service.client("root"), mof=lab.run(service.command("schema", "--mof")).stdout)
        place.machines = {one["ElementName"]: one["Name"] for one in place.root.query("SELECT * FROM Msvm_ComputerSystem")}
        for name in ("open1", "hidden7"):
            finish(place.root, place.root.create_snapshot(place.machines[name]))
        place.classes = list(classes(place.mof))
        place.all = {one: objects(place.root, *one) for one in place.classes}
        place.hidden = hidden_words(place)
        yield place
        place.root.close()
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def finish(client, out):
    job = {"JobState": "4"}
    while job["JobState"] in ("2", "3", "4"):
        job = client.get(out["Job"].resource, out["Job"].selectors)
    assert job["JobState"] == "7", job


def classes(mof):
    """Namespace and name of each."""
    namespace = None
    for line in mof.splitlines():
        found = re.match(r'#pragma namespace \("([^"]+)"\)|class (\w+)', line)
        if found and found.group(1):
            namespace = found.group(1)
        elif found:
            yield namespace, found.group(2)


def methods(mof):
    """Class, method, and the names of its parameters that are references: of the newest Hyper-V namespace."""
    text = mof.split("#pragma namespace (\"root/virtualization/v2\")")[1].split("#pragma namespace")[0]
    for name, body in re.findall(r"^class (\w+)[^{]*\{(.*?)^\};", text, re.M | re.S):
        for method, parameters in re.findall(r"^  \w+ (\w+)\((.*?)\);", body, re.M | re.S):
            yield name, method, re.findall(r"\[In\b(?!\(false\))[^\]]*\] \w+ REF (\w+)", parameters)


def resource(namespace, name):
    return WMI + namespace + "/" + name


def ask(client, text):
    """What comes back, or the fault."""
    try:
        return client.call(text), None
    except Fault as fault:
        return None, fault


def enumerate_all(client, uri, mode=None, headers="", body=None):
    """All items, below the first answer's w:Items; or the fault."""
    body = body or enumerate_body(mode=mode, optimize=True, most=1000)
    root, fault = ask(client, envelope(NS["n"] + "/Enumerate", uri, body=body, headers=headers))
    context = fault is None and root.findtext(".//n:EnumerationContext", "", NS)
    while context:
        more = client.call(envelope(NS["n"] + "/Pull", uri, body=pull_body(context, 1000)))
        root.find(".//w:Items", NS).extend(more.find(".//n:Items", NS))
        context = more.findtext(".//n:EnumerationContext", "", NS)
    return root, fault


def objects(client, namespace, name):
    """Pairs of instance as text and reference as an element."""
    root, fault = enumerate_all(client, resource(namespace, name), "EnumerateObjectAndEPR")
    assert not fault, (namespace, name, fault)
    items = root.findall(".//w:Items/w:Item", NS)
    return [(ET.tostring(item[0], encoding="unicode"), item.find("a:EndpointReference", NS)) for item in items]


def hidden_words(place):
    """Names and GUIDs of what the limited users may not know of: the machines, their snapshots, their jobs."""
    words = {place.machines[name].upper() for name in ("hidden7", "hidden8")}
    for one in place.root.query("SELECT * FROM Msvm_VirtualSystemSettingData"):
        if one["VirtualSystemIdentifier"].upper() in words:
            words.add(GUID.search(one["InstanceID"]).group(0).upper())
    assert len(words) == 3, words
    for text, _ in place.all[("root/virtualization/v2", "Msvm_AffectedJobElement")]:
        found = {guid.upper() for guid in GUID.findall(text)}
        words |= found if found & words else set()
    assert len(words) == 4, words
    return words | {"hidden7", "hidden8"}


def told(place, text, asked=""):
    """The hidden words in a text that were not in the question."""
    upper = text.upper()
    return [word for word in place.hidden if word.upper() in upper and word.upper() not in asked.upper()]


def is_hidden(place, epr):
    return bool(told(place, ET.tostring(epr, encoding="unicode")))


def selectors(epr):
    """A reference's selectors as XML of ours; those that hold references too."""
    chosen = epr.find(".//w:SelectorSet", NS)
    return ET.tostring(chosen, encoding="unicode") if chosen is not None else ""


def uri_of(epr):
    return epr.findtext("./a:ReferenceParameters/w:ResourceURI", "", NS)


def as_unknown(place, text):
    """The same question about what never was."""
    for word in place.hidden:
        text = re.sub(re.escape(word), str(uuid.uuid5(uuid.NAMESPACE_URL, word)).upper() if GUID.fullmatch(word)
                      else "nothing", text, flags=re.I)
    return text


def plain(result):
    """What may differ between two answers taken out."""
    root, fault = result
    text = ET.tostring(root.find("s:Body", NS), encoding="unicode") if root is not None else str(fault)
    return GUID.sub("GUID", text)


def with_selectors(action, uri, chosen, body=""):
    return envelope(action, uri, body=body).replace("</s:Header>", chosen + "</s:Header>")


def limited(place):
    for name, _role in LIMITED:
        with contextlib.closing(place.service.client(name)) as client:
            yield client


def test_lists_and_counts(place):
    for client in limited(place):
        for namespace, name in place.classes:
            for mode in (None, "EnumerateEPR", "EnumerateObjectAndEPR"):
                root, fault = enumerate_all(client, resource(namespace, name), mode, COUNT)
                assert not fault, (name, mode, fault)
                text = ET.tostring(root, encoding="unicode")
                assert not told(place, text), (name, mode, told(place, text))
                items = root.find(".//w:Items", NS)
                estimate = root.findtext(".//w:TotalItemsCountEstimate", "", NS)
                assert not estimate or int(estimate) <= len(items), (name, mode, estimate, len(items))


def test_gets_are_as_of_what_never_was(place):
    asked = 0
    for client in limited(place):
        for rows in place.all.values():
            for _, epr in rows:
                if not is_hidden(place, epr):
                    continue
                for verb in ("Get", "Delete"):
                    text = with_selectors(f"{NS['x']}/{verb}", uri_of(epr), selectors(epr))
                    answers = [ask(client, one) for one in (text, as_unknown(place, text))]
                    assert answers[0][1] and plain(answers[0]) == plain(answers[1]), (verb, selectors(epr), answers)
                    asked += 1
    assert asked >= 12, asked


def associated(client, epr, kind):
    inner = "".join(ET.tostring(child, encoding="unicode") for child in epr)
    body = (f'<n:Enumerate xmlns:b="{B}"><w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements><w:Filter '
            f'Dialect="{ASSOCIATIONS}"><b:{kind}><b:Object>{inner}</b:Object></b:{kind}></w:Filter></n:Enumerate>')
    namespace = uri_of(epr).removeprefix(WMI).rsplit("/", 1)[0]
    uri = WMI + namespace + "/*" if uri_of(epr).startswith(WMI) else DMTF + "*"
    return enumerate_all(client, uri, body=body), body


def test_associations(place):
    for client in limited(place):
        for rows in place.all.values():
            for _, epr in rows:
                for kind in ("AssociatedInstances", "AssociationInstances"):
                    (root, fault), body = associated(client, epr, kind)
                    text = ET.tostring(root, encoding="unicode") if root is not None else str(fault)
                    assert not told(place, text, body), (kind, selectors(epr), told(place, text, body))
                    if is_hidden(place, epr) and root is not None:
                        assert len(root.find(".//w:Items", NS)) == 0, (kind, text)


def test_queries(place):
    for client in limited(place):
        for namespace, name in place.classes:
            for word in sorted(place.hidden):
                for key in ("InstanceID", "Name", "ElementName", "SystemName", "VirtualSystemIdentifier"):
                    wql = f"SELECT * FROM {name} WHERE {key} LIKE '%{word}%'"
                    root, _ = enumerate_all(client, WMI + namespace + "/*", body=enumerate_body(wql, optimize=True, most=99))
                    assert root is None or len(root.find(".//w:Items", NS)) == 0, wql


def test_methods(place):
    """Each reference a method takes, and the object it is called on, once hidden and once of what never was."""
    eprs = [epr for (namespace, _), rows in place.all.items() if namespace == "root/virtualization/v2" for _, epr in rows
            if is_hidden(place, epr) and not epr.find(".//w:SelectorSet", NS).findall(".//a:EndpointReference", NS)]
    for client in limited(place):
        for name, method, references in methods(place.mof):
            for epr in eprs:
                inner = "".join(ET.tostring(child, encoding="unicode") for child in epr)
                body = invoke_body(V2 + name, method, [(one, inner) for one in references])
                on = selectors(epr) if local(uri_of(epr)).rsplit("/", 1)[-1] == name else ""
                if not on and not references:
                    continue
                text = with_selectors(f"{V2}{name}/{method}", V2 + name, on, body)
                answers = [ask(client, one) for one in (text, as_unknown(place, text))]
                assert plain(answers[0]) == plain(answers[1]), (name, method, on, inner, [plain(one) for one in answers])
    after = {one: objects(place.root, *one) for one in place.classes}
    assert {one: len(rows) for one, rows in after.items()} == {one: len(rows) for one, rows in place.all.items()}


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
