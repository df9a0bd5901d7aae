# SPDX-License-Identifier: GPL-2.0-or-later
"""What real clients demand of a server, each as a rule that names the client. Here prefixes count where a client
matches them to the letter."""

import re

from endpoint import NS
from rules import (GET, NotHere, WQL, enumerated, get, invoked, is_fault, is_fine, need_method, pulled, rule, to_the_end, true)
from wsman import DMTF, SERVICE, V2, envelope, identify_envelope, reference, selector_set

LIBVIRT, WSMANCLI, OMICLI, GO, PYPSRP = "libvirt hyperv", "wsmancli", "omicli", "go-wsman", "pypsrp"
SYSTEM = V2 + "Msvm_ComputerSystem"


def need_hyperv(e):
    if not getattr(e, "cimsnapd", False):
        raise NotHere("it needs Hyper-V's classes")


def query(e, wql, optimize=None):
    return enumerated(e, f'<w:Filter Dialect="{WQL}">{wql}</w:Filter>', V2 + "*", optimize=optimize)


# ---- libvirt's own Hyper-V client ----

@rule(LIBVIRT, "the first request bears no credentials; 401 with Basic makes it send them on the same connection")
def _(e):
    first = e.send(get(e), login=False)
    offered = [value.split()[0] for value in first.headers.get_all("WWW-Authenticate") or []]
    return true(first.status == 401 and "Basic" in offered, f"HTTP {first.status}, offered {offered}") or is_fine(e.send(get(e)))


@rule(LIBVIRT, "Envelope binds the prefixes s, a and w, in every reply")
def _(e):
    for text in (get(e), enumerated(e), get(e, resource=e.resource + "NoSuchClass")):
        root = e.send(text).root
        if root is None or root.prefix != "s" or any(root.nsmap.get(prefix) != NS[prefix] for prefix in "saw"):
            return "another prefix is bound"
    return None


@rule(LIBVIRT, "_OUTPUT and what is in it have the prefix p")
def _(e):
    need_method(e)
    body = e.send(invoked(e)).body
    return true(body is not None and {body.prefix, *(node.prefix for node in body)} == {"p"}, "another prefix than p")


@rule(LIBVIRT, "a query on * and a Pull on the class's own URI belong together")
def _(e):
    need_hyperv(e)
    context = e.send(query(e, "SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER ")).context
    return is_fine(e.send(pulled(e, context, resource=SYSTEM)))


@rule(LIBVIRT, "without MaxElements each Pull brings one item and none is lost")
def _(e):
    items, _reply = to_the_end(e)
    all_at_once = e.send(enumerated(e, optimize=1000)).items
    return true(len(items) == len(all_at_once), f"{len(items)} one by one, {len(all_at_once)} at once")


@rule(LIBVIRT, "an empty result is a PullResponse with empty Items and EndOfSequence")
def _(e):
    need_hyperv(e)
    context = e.send(query(e, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'nobody'")).context
    reply = e.send(pulled(e, context))
    return true(reply.items == [] and reply.find(".//n:EndOfSequence") is not None, str(reply))


@rule(LIBVIRT, "every scalar property stands once, null ones as nil; a null array not at all")
def _(e):
    names = [node.tag for node in e.send(get(e)).body]
    arrays = [node for node in e.send(get(e)).body if names.count(node.tag) > 1]
    return true(all(not node.get("{%s}nil" % NS["xsi"]) for node in arrays), "an array has a nil value")


@rule(LIBVIRT, "a machine is found by its UUID in lower case, and by selectors in any order")
def _(e):
    need_hyperv(e)
    lower = {"Name": e.selectors["Name"].lower(), "CreationClassName": "Msvm_ComputerSystem"}
    return is_fine(e.send(get(e, selectors=lower))) or is_fine(e.send(get(e, selectors=dict(reversed(lower.items()))))) or true(
        len(e.send(query(e, f"SELECT * FROM Msvm_ComputerSystem WHERE Name = '{lower['Name']}'", 5)).items) == 1, "the query finds it not")


@rule(LIBVIRT, "state filters as it writes them, with a blank at the end")
def _(e):
    need_hyperv(e)
    for wql in ("SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER AND (EnabledState != 0 and EnabledState != 3 and EnabledState != 32769) ",
                "SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER AND (EnabledState = 0 or EnabledState = 3 or EnabledState = 32769) "):
        reply = e.send(query(e, wql, 20))
        if is_fine(reply) or not reply.items:
            return f"{wql}: {reply}"
    return None


@rule(LIBVIRT, "associators as it writes them, without quotes around class names")
def _(e):
    need_hyperv(e)
    return is_fine(e.send(query(e, "ASSOCIATORS OF {Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='%s'} WHERE "
                                   "AssocClass = Msvm_SnapshotOfVirtualSystem ResultClass = Msvm_VirtualSystemSettingData" % e.selectors["Name"])))


@rule(LIBVIRT, "only HTTP 200, 400 and 500 answer a request that is logged in")
def _(e):
    replies = [e.send(text) for text in (get(e), get(e, selectors={"NoSuchKey": "x"}), "no xml", get(e, resource="urn:none"))]
    return true(all(reply.status in (200, 400, 500) for reply in replies), str([reply.status for reply in replies]))


# ---- wsmancli (openwsman) ----

@rule(WSMANCLI, "no MaxEnvelopeSize, OperationTimeout or Locale; MessageID must be understood")
def _(e):
    text = re.sub(r"<w:(MaxEnvelopeSize|OperationTimeout|Locale).*?(</w:\1>|/>)", "", get(e))
    return is_fine(e.send(text.replace("<a:MessageID>", '<a:MessageID s:mustUnderstand="true">')))


@rule(WSMANCLI, "-j UTF-16: charset UTF-16 and a byte order mark")
def _(e):
    return is_fine(e.send(b"\xff\xfe" + get(e).encode("utf-16-le"), "application/soap+xml;charset=UTF-16"))


# ---- OMI's omicli ----

@rule(OMICLI, "the path /wsman/")
def _(e):
    return is_fine(e.send(get(e), path=e.path.rstrip("/") + "/"))


@rule(OMICLI, "DMTF's URI and __cimnamespace for every class")
def _(e):
    need_hyperv(e)
    return is_fine(e.send(get(e, resource=DMTF + "Msvm_ComputerSystem", selectors={**e.selectors, "__cimnamespace": "root/virtualization/v2"})))


@rule(OMICLI, "Microsoft's URI for all classes with the same __cimnamespace, for WQL")
def _(e):
    need_hyperv(e)
    text = enumerated(e, f'<w:Filter Dialect="{WQL}">SELECT * FROM Msvm_ComputerSystem</w:Filter>', V2 + "*", optimize=5,
                      headers=selector_set({"__cimnamespace": "root/virtualization/v2"}))
    return is_fine(e.send(text))


@rule(OMICLI, "a __cimnamespace that differs from the URI's is told, not mistaken (omi issue 398)")
def _(e):
    need_hyperv(e)
    text = enumerated(e, f'<w:Filter Dialect="{WQL}">SELECT * FROM Msvm_ComputerSystem</w:Filter>', V2 + "*",
                      headers=selector_set({"__cimnamespace": "root/cimv2"}))
    return is_fault(e.send(text), "w", "InvalidSelectors", "UnexpectedSelectors")


@rule(OMICLI, "an empty OptionSet that must be understood, and PT1M30S")
def _(e):
    return is_fine(e.send(get(e, '<w:OptionSet s:mustUnderstand="true"/>').replace("PT60.000S", "PT1M30S")))


@rule(OMICLI, "a wrong namespace bound to xsi")
def _(e):
    return is_fine(e.send(get(e).replace("<s:Envelope ", '<s:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema" ', 1)))


@rule(OMICLI, "a reference as typed keys instead of an endpoint reference")
def _(e):
    need_hyperv(e)
    keys = "".join(f"<p:{name}>{value}</p:{name}>" for name, value in e.selectors.items())
    return is_fine(e.send(invoked(e, parameters=[("AffectedSystem", keys), ("SnapshotType", "3")])))


# ---- go-wsman, masterzen/winrm, go-wsman-messages ----

@rule(GO, "a reference wrapped in an EndpointReference, and a service without selectors")
def _(e):
    need_hyperv(e)
    wrapped = f"<a:EndpointReference>{reference(SYSTEM, e.selectors)}</a:EndpointReference>"
    return is_fine(e.send(invoked(e, parameters=[("AffectedSystem", wrapped), ("SnapshotType", "3")])))


@rule(GO, "an embedded instance as elements")
def _(e):
    need_hyperv(e)
    return is_fine(e.send(invoked(e, parameters=[
        ("AffectedSystem", reference(SYSTEM, e.selectors)), ("SnapshotType", "3"),
        ("SnapshotSettings", "<p:Msvm_VirtualSystemSnapshotSettingData><p:ElementName>by elements</p:ElementName>"
                             "</p:Msvm_VirtualSystemSnapshotSettingData>")])))


@rule(GO, "keys that name an instance in part")
def _(e):
    need_hyperv(e)
    return is_fine(e.send(get(e, selectors={"Name": e.selectors["Name"]})))


@rule("masterzen/winrm", "an error has the Content-Type of SOAP")
def _(e):
    return true("application/soap+xml" in e.send(get(e, resource="urn:none")).headers["Content-Type"], "another one")


@rule("go-wsman-messages", "MessageID 1, To /wsman, a default namespace for SOAP, another Address, Connection: close")
def _(e):
    text = get(e, message_id="1").replace("https://localhost/wsman", "/wsman").replace("xmlns:s=", "xmlns=")
    text = re.sub(r"(</?)s:", r"\1", text).replace("s:mustUnderstand", "mustUnderstand")
    return is_fine(e.send(text, headers={"Connection": "close"}))


# ---- Python clients ----

@rule(PYPSRP, "an empty POST without credentials comes first and is answered 401")
def _(e):
    return true(e.send("", login=False).status == 401, "not 401") or is_fine(e.send(get(e)))


@rule(PYPSRP, "RelatesTo is the MessageID; DataLocale and SessionId are fine; nothing comes compressed")
def _(e):
    more = ('<p:DataLocale xmlns:p="%s" xml:lang="en-US" s:mustUnderstand="false"/>'
            '<p:SessionId xmlns:p="%s" s:mustUnderstand="false">uuid:1</p:SessionId>' % (NS["p"], NS["p"]))
    reply = e.send(get(e, more, message_id="uuid:AbC"), headers={"Accept-Encoding": "gzip, deflate"})
    return is_fine(reply) or true(reply.value("s:Header/a:RelatesTo") == "uuid:AbC" and not reply.headers["Content-Encoding"], str(reply))


@rule(PYPSRP, "the configuration it asks for is a fault that says so, if there is none")
def _(e):
    reply = e.send(envelope(GET, "http://schemas.microsoft.com/wbem/wsman/1/config"))
    return None if not is_fine(reply) else is_fault(reply, "a", "DestinationUnreachable")


@rule("pywinrm", "namespaces that it declares and does not use")
def _(e):
    extra = " ".join(f'xmlns:{name}="urn:unused:{name}"' for name in ("env", "xsd", "rsp", "cfg", "enum"))
    return is_fine(e.send(get(e).replace("<s:Envelope ", f"<s:Envelope {extra} ", 1)))


@rule("python-dracclient", "no Content-Type")
def _(e):
    return is_fine(e.send(get(e), kind=None))


@rule("python-dracclient", "WQL on the class's own URI, Items in the first reply, and an end without context text")
def _(e):
    need_hyperv(e)
    reply = e.send(enumerated(e, f'<w:Filter Dialect="{WQL}">SELECT * FROM Msvm_ComputerSystem</w:Filter>', SYSTEM, optimize=100))
    return true(reply.find(".//w:Items") is not None and reply.context == "", str(reply))


@rule("python-dracclient", "what it cannot see in a body it sees in the status: a fault is no 200")
def _(e):
    return true(e.send(get(e, selectors={"NoSuchKey": "1"})).status == 500, "not 500")


# ---- Ruby, Java, txwinrm, Windows ----

@rule("WinRb", "mustUnderstand without a prefix, OptimizeEnumeration nil, SessionId within Enumerate")
def _(e):
    inner = ('<w:OptimizeEnumeration xsi:nil="true" xmlns:xsi="%s"/><w:MaxElements>100</w:MaxElements>'
             '<p:SessionId xmlns:p="%s" mustUnderstand="false">uuid:1</p:SessionId>' % (NS["xsi"], NS["p"]))
    reply = e.send(enumerated(e, inner).replace("s:mustUnderstand", "mustUnderstand"))
    return is_fine(reply) or true(not reply.context, "the end still has a context")


@rule("MetricsHub winrm-java", "AWAITING_ENCRYPTION_KEYS without credentials is answered 401, not as XML")
def _(e):
    return true(e.send("AWAITING_ENCRYPTION_KEYS", login=False).status == 401, "not 401")


@rule("txwinrm", "the same MessageID in every request, and a foreign wsa:To")
def _(e):
    text = get(e, message_id="uuid:9A989269-283B-4624-BAC5-BC291F72E854").replace("https://localhost/wsman", "http://10.0.0.1:5985/wsman")
    return is_fine(e.send(text)) or is_fine(e.send(text))


@rule("winrm, PowerShell", "OperationID and SequenceId come back")
def _(e):
    more = ('<p:OperationID xmlns:p="%s" s:mustUnderstand="false">uuid:Op</p:OperationID>'
            '<p:SequenceId xmlns:p="%s" s:mustUnderstand="false">1</p:SequenceId>' % (NS["p"], NS["p"]))
    reply = e.send(get(e, more))
    return true((reply.value("s:Header/p:OperationID"), reply.value("s:Header/p:SequenceId")) == ("uuid:Op", "1"), "they do not")


@rule("winrm, PowerShell", "times are xs:dateTime within cim:Datetime, never the text of CIM (PowerShell issue 15799)")
def _(e):
    need_method(e)
    e.send(invoked(e))
    texts = [node.text for node in e.send(enumerated(e, resource=V2 + "Msvm_ConcreteJob", optimize=5)).findall(".//cim:Datetime")]
    return true(texts and all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text) for text in texts), str(texts[:3]))


@rule("winrm, PowerShell", "Test-WSMan finds the service without a login")
def _(e):
    return is_fine(e.send(identify_envelope(), login=False, headers={"WSMANIDENTIFY": "unauthenticated"}))


@rule("any client of openwsman", "an unknown class or dialect is no empty answer (openwsman issue 26)")
def _(e):
    return is_fault(e.send(enumerated(e, resource=e.resource + "NoSuchClass")), "a", "DestinationUnreachable", "InvalidResourceURI")


@rule("any client of OMI", "one envelope a reply, also when it fails late (omi issue 254)")
def _(e):
    need_hyperv(e)
    replies = [e.send(query(e, wql)) for wql in ("SELECT * FROM Msvm_ComputerSystem WHERE Colour = 1", "SELECT Colour FROM Msvm_ComputerSystem")]
    return true(all(reply.text.count("<s:Envelope") == 1 and reply.fault for reply in replies), str(replies))


@rule("dracclient, wsmancli", "REF parameters of the service's own references work as they came")
def _(e):
    need_hyperv(e)
    epr = e.send(enumerated(e, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>", SYSTEM, optimize=10)).items[-1]
    selectors = {s.get("Name"): s.text for s in epr.iterfind(".//w:Selector", NS)}
    return is_fine(e.send(invoked(e, parameters=[("AffectedSystem", reference(epr.findtext(".//w:ResourceURI", "", NS), selectors)),
                                                 ("SnapshotType", "3")])))


@rule("the sample of Microsoft's documentation", "method, job and associators, by name of class only")
def _(e):
    need_hyperv(e)
    reply = e.send(query(e, "SELECT * FROM Msvm_VirtualSystemSnapshotService", 2))
    return is_fine(reply) or true(len(reply.items) == 1, "not one service") or is_fine(e.send(invoked(e), headers={"SOAPAction": SERVICE}))
