# SPDX-License-Identifier: GPL-2.0-or-later
"""A small WS-Management client for the demo and the tests: standard library only."""

import base64
import http.client
import select
import ssl
import time
import uuid
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "e": "http://schemas.xmlsoap.org/ws/2004/08/eventing",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "cim": "http://schemas.dmtf.org/wbem/wscim/1/common",
}
ANONYMOUS = NS["a"] + "/role/anonymous"
V2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/"
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
SERVICE = V2 + "Msvm_VirtualSystemSnapshotService"
MANAGEMENT = V2 + "Msvm_VirtualSystemManagementService"


class Fault(Exception):
    """A SOAP fault: HTTP status, subcode, FaultDetail and text."""

    def __init__(self, status, root):
        text = lambda path: (root.findtext(path, "", NS) or "").strip()
        self.status = status
        self.code = text(".//s:Code/s:Value")
        self.subcode = text(".//s:Subcode/s:Value")
        self.detail = text(".//w:FaultDetail").rsplit("/", 1)[-1]
        self.reason = text(".//s:Reason/s:Text")
        super().__init__(f"{self.subcode or self.code} {self.detail}: {self.reason}")


class HttpError(Exception):
    """An answer that is no SOAP message."""

    def __init__(self, status, text):
        self.status = status
        super().__init__(f"HTTP {status}: {text[:200]}")


def selector_set(selectors):
    """Selectors, a dict or pairs, as a w:SelectorSet; "" for none."""
    pairs = list(selectors.items() if hasattr(selectors, "items") else selectors or [])
    if not pairs:
        return ""
    return "<w:SelectorSet>" + "".join(
        f"<w:Selector Name={quoteattr(name)}>{escape(value)}</w:Selector>" for name, value in pairs
    ) + "</w:SelectorSet>"


def envelope(action, resource=None, selectors=None, body="", headers="", message_id=None):
    """A request as Windows' client writes it."""
    uri = f'<w:ResourceURI s:mustUnderstand="true">{escape(resource)}</w:ResourceURI>' if resource else ""
    return (
        '<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:n="%s" xmlns:x="%s"><s:Header>'
        "<a:To>https://localhost/wsman</a:To>%s"
        '<a:ReplyTo><a:Address s:mustUnderstand="true">%s</a:Address></a:ReplyTo>'
        '<a:Action s:mustUnderstand="true">%s</a:Action>'
        '<w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>'
        "<a:MessageID>%s</a:MessageID>"
        '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'
        "<w:OperationTimeout>PT60.000S</w:OperationTimeout>"
        "%s%s</s:Header><s:Body>%s</s:Body></s:Envelope>"
        % (NS["s"], NS["a"], NS["w"], NS["n"], NS["x"], uri, ANONYMOUS, escape(action),
           message_id or f"uuid:{uuid.uuid4()}".upper().replace("UUID", "uuid"),
           selector_set(selectors), headers, body))


def identify_envelope():
    return (f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:wsmid="{NS["wsmid"]}"><s:Header/>'
            "<s:Body><wsmid:Identify/></s:Body></s:Envelope>")


def enumerate_body(wql=None, mode=None, optimize=False, most=None):
    parts = []
    if optimize:
        parts.append("<w:OptimizeEnumeration/>")
    if most:
        parts.append(f"<w:MaxElements>{most}</w:MaxElements>")
    if wql:
        parts.append(f'<w:Filter Dialect="{WQL}">{escape(wql)}</w:Filter>')
    if mode:
        parts.append(f"<w:EnumerationMode>{mode}</w:EnumerationMode>")
    return "<n:Enumerate>" + "".join(parts) + "</n:Enumerate>"


def pull_body(context, most=None):
    count = f"<n:MaxElements>{most}</n:MaxElements>" if most else ""
    return (f"<n:Pull><n:EnumerationContext>{escape(context)}</n:EnumerationContext>{count}</n:Pull>")


def reference(resource, selectors):
    """The contents of an endpoint reference."""
    return (f"<a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>{escape(resource)}"
            f"</w:ResourceURI>{selector_set(selectors)}</a:ReferenceParameters>")


def invoke_body(resource, method, parameters):
    """Parameters: pairs of name and XML content."""
    return (f'<p:{method}_INPUT xmlns:p="{escape(resource)}" xmlns:xsi="{NS["xsi"]}">'
            + "".join(f"<p:{name}>{content}</p:{name}>" if content is not None
                      else f'<p:{name} xsi:nil="true"/>' for name, content in parameters)
            + f"</p:{method}_INPUT>")


def invoke_envelope(resource, method, parameters, selectors=None):
    return envelope(f"{resource}/{method}", resource, selectors, invoke_body(resource, method, parameters))


def create_parameters(machine, kind, settings):
    """CreateSnapshot's, for the machine of that GUID."""
    system = reference(V2 + "Msvm_ComputerSystem", {"CreationClassName": "Msvm_ComputerSystem", "Name": machine})
    return [("AffectedSystem", system), ("SnapshotSettings", escape(settings)), ("SnapshotType", str(kind))]


def create_envelope(machine, kind=2, settings=""):
    return invoke_envelope(SERVICE, "CreateSnapshot", create_parameters(machine, kind, settings))


def change_parameters(method, snapshot):
    """Of the methods that do something to a snapshot: each has a name of its own for it."""
    name = {"ApplySnapshot": "Snapshot", "DestroySnapshot": "AffectedSnapshot"}.get(method, "SnapshotSettingData")
    return [(name, reference(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + snapshot}))]


def local(tag):
    return tag.rsplit("}", 1)[-1]


def instance(element):
    """An instance element as a dict: None for nil, a list where a property stands more than once."""
    result = {}
    for child in element:
        name = local(child.tag)
        if child.get("{%s}nil" % NS["xsi"]) == "true":
            value = None
        elif child.find("a:ReferenceParameters", NS) is not None:
            value = Reference(child)
        else:
            value = "".join(child.itertext())
        if name in result:
            old = result[name]
            result[name] = (old if isinstance(old, list) else [old]) + [value]
        else:
            result[name] = value
    return result


class Reference:
    """An endpoint reference from a reply."""

    def __init__(self, element):
        self.resource = element.findtext(".//w:ResourceURI", "", NS)
        keys = element.find(".//w:SelectorSet", NS)  # a key may be a reference with keys of its own
        self.selectors = {s.get("Name"): "".join(s.itertext()) for s in ([] if keys is None else keys)}

    @property
    def class_name(self):
        return self.resource.rsplit("/", 1)[-1]

    def __str__(self):
        return self.class_name + " " + ", ".join(f"{k}={v}" for k, v in self.selectors.items())


class Client:
    """One keep-alive connection over HTTPS with a verified certificate."""

    def __init__(self, host, port, ca, user=None, password=None, watch=None):
        self.context = ssl.create_default_context(cafile=ca)
        self.host, self.port = host, port
        self.headers = {"Content-Type": "application/soap+xml;charset=UTF-8", "User-Agent": "cimsnapd-lab"}
        if user is not None:
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.headers["Authorization"] = "Basic " + token
        self.watch = watch  # called with "request" or "reply" and the text
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def post(self, text, path="/wsman", headers=None):
        """Sends text; returns HTTP status and body."""
        if not self.connection:
            self.connection = http.client.HTTPSConnection(self.host, self.port, timeout=60,
                                                          context=self.context)
        if self.watch:
            self.watch("request", text)
        data = text.encode() if isinstance(text, str) else text
        self.connection.request("POST", path, data, {**self.headers, **(headers or {})})
        answer = self.connection.getresponse()
        body = answer.read().decode()
        if answer.will_close:
            self.close()
        if self.watch:
            self.watch("reply", body)
        return answer.status, body

    def call(self, text, **options):
        """Sends an envelope; returns the reply's root element, or raises Fault or HttpError."""
        status, body = self.post(text, **options)
        if not body.startswith("<s:Envelope"):
            raise HttpError(status, body)
        root = ET.fromstring(body)
        if root.find(".//s:Fault", NS) is not None:
            raise Fault(status, root)
        return root

    def identify(self):
        root = self.call(identify_envelope())
        return {local(e.tag): (e.text or "").strip() for e in root.find("s:Body/wsmid:IdentifyResponse", NS)}

    def get(self, resource, selectors):
        root = self.call(envelope(NS["x"] + "/Get", resource, selectors))
        return instance(root.find("s:Body", NS)[0])

    def items(self, resource, wql=None, mode=None):
        """Enumerate, then Pull one by one as Windows' own clients do; yields item elements."""
        root = self.call(envelope(NS["n"] + "/Enumerate", resource, body=enumerate_body(wql, mode)))
        context = root.findtext(".//n:EnumerationContext", "", NS)
        while context:
            root = self.call(envelope(NS["n"] + "/Pull", resource, body=pull_body(context)))
            yield from root.find(".//n:Items", NS)
            context = root.findtext(".//n:EnumerationContext", "", NS)

    def query(self, wql):
        return [instance(item) for item in self.items(V2 + "*", wql)]

    def invoke(self, resource, method, parameters, selectors=None):
        root = self.call(invoke_envelope(resource, method, parameters, selectors))
        return instance(root.find("s:Body", NS)[0])

    def create_snapshot(self, machine, kind=2, settings=""):
        """CreateSnapshot as the documented sample calls it; machine is a GUID."""
        return self.invoke(SERVICE, "CreateSnapshot", create_parameters(machine, kind, settings))

    def change_snapshot(self, method, snapshot):
        """ApplySnapshot, DestroySnapshot or DestroySnapshotTree; snapshot is a GUID."""
        return self.invoke(SERVICE, method, change_parameters(method, snapshot))

    def modify_settings(self, settings, values):
        """ModifySystemSettings of a machine or a snapshot, which is a GUID; values: by name."""
        rows = "".join(f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{escape(value)}</VALUE></PROPERTY>'
                       for key, value in {"InstanceID": "Microsoft:" + settings, **values}.items())
        settings = f'<INSTANCE CLASSNAME="Msvm_VirtualSystemSettingData">{rows}</INSTANCE>'
        return self.invoke(MANAGEMENT, "ModifySystemSettings", [("SystemSettings", escape(settings))])

    def rename_snapshot(self, snapshot, name):
        return self.modify_settings(snapshot, {"ElementName": name})

    def begin_change_snapshot(self, method, snapshot):
        """The same without waiting for the reply; on a connection that was used before."""
        text = invoke_envelope(SERVICE, method, change_parameters(method, snapshot))
        self.connection.request("POST", "/wsman", text.encode(), self.headers)

    def follow(self, result, seconds=120):
        """The job that a method began, once it has ended; None when the method had no need of one."""
        if result["ReturnValue"] == "0":
            return None
        assert result["ReturnValue"] == "4096", result
        deadline = time.monotonic() + seconds
        while True:
            job = self.get(result["Job"].resource, result["Job"].selectors)
            if job["JobState"] not in ("2", "3", "4"):
                return job
            assert time.monotonic() < deadline, job
            select.select([], [], [], 0.02)

    def begin_create_snapshot(self, machine, kind=2):
        """The same without waiting for the reply."""
        self.connection.request("POST", "/wsman", create_envelope(machine, kind).encode(), self.headers)


def wait_for_jobs(client, seconds=60):
    """Every job, once none is running."""
    deadline = time.monotonic() + seconds
    while True:
        jobs = client.query("SELECT * FROM Msvm_ConcreteJob")
        if all(job["JobState"] != "4" for job in jobs):
            return jobs
        assert time.monotonic() < deadline, jobs
        select.select([], [], [], 0.05)
