# SPDX-License-Identifier: GPL-2.0-or-later
"""No tests: a client of one of the three models (Hyper-V's V2 and V1, the DMTF's), as their users write it."""

import time
from xml.sax.saxutils import escape

from wsman import DMTF, NS, V2, envelope, enumerate_body, instance, local, pull_body, reference

V1 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/"
ALL_DMTF = "http://schemas.dmtf.org/wbem/wscim/1/*"
BINDING = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
ASSOCIATIONS = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
FINISHED = ("7", "8", "9", "10", "32768")
STARTED = "4096"


def endpoint(ref):
    """A reference from a reply, as a parameter."""
    return reference(ref.resource, ref.selectors)


class Model:
    """Classes by their names; prefix and selectors say where they are."""

    def __init__(self, client, prefix=V2, selectors=None):
        self.client, self.prefix, self.selectors = client, prefix, dict(selectors or {})

    def _items(self, resource, body):
        root = self.client.call(envelope(NS["n"] + "/Enumerate", resource, self.selectors, body))
        context = root.findtext(".//n:EnumerationContext", "", NS)
        while context:
            root = self.client.call(envelope(NS["n"] + "/Pull", resource, self.selectors, pull_body(context)))
            yield from root.find(".//n:Items", NS)
            context = root.findtext(".//n:EnumerationContext", "", NS)

    def all(self, name):
        return [instance(item) for item in self._items(self.prefix + name, enumerate_body())]

    def elements(self, name, mode=None):
        """The items as they stand in the replies."""
        return list(self._items(self.prefix + name, enumerate_body(mode=mode)))

    def query(self, wql):
        resource = ALL_DMTF if self.prefix == DMTF else self.prefix + "*"
        return [instance(item) for item in self._items(resource, enumerate_body(wql))]

    def related(self, ref, kind="AssociatedInstances", **parts):
        """DSP0227's association filter: parts are AssociationClassName, ResultClassName, Role, ResultRole."""
        inner = "".join(f"<b:{name}>{value}</b:{name}>" for name, value in parts.items())
        body = (f'<n:Enumerate><w:Filter Dialect="{ASSOCIATIONS}"><b:{kind} xmlns:b="{BINDING}"><b:Object>'
                f"{endpoint(ref)}</b:Object>{inner}</b:{kind}></w:Filter></n:Enumerate>")
        resource = ALL_DMTF if self.prefix == DMTF else self.prefix + "*"
        return [(local(item.tag), instance(item)) for item in self._items(resource, body)]

    def get(self, name, keys):
        return self.client.get(self.prefix + name, {**self.selectors, **keys})

    def follow(self, ref):
        """The instance that a reference from a reply is of."""
        return self.client.get(ref.resource, ref.selectors)

    def ref(self, name, keys):
        return reference(self.prefix + name, {**self.selectors, **keys})

    def invoke(self, service, method, *parameters):
        return self.client.invoke(self.prefix + service, method, parameters, self.selectors)

    def wait(self, answer, pause=0.1, seconds=120, states=FINISHED):
        """Follows the job of an answer as clients do, by reading it again and again; returns it at its end."""
        assert answer["ReturnValue"] == STARTED, answer
        end = time.monotonic() + seconds
        while True:
            job = self.follow(answer["Job"])
            if job["JobState"] in states:
                return job
            assert time.monotonic() < end, job
            time.sleep(pause)  # the interval at which that client polls

    def done(self, answer, **more):
        job = self.wait(answer, **more)
        assert job["JobState"] == "7" and job["ErrorCode"] == "0", job
        return job


def text_of(name, values):
    """An embedded instance as GetText(CimDtd20) writes it; lists are arrays, None is left out."""
    rows = []
    for key, value in values.items():
        if value is None:
            continue
        if isinstance(value, list):
            rows.append(f'<PROPERTY.ARRAY NAME="{key}" TYPE="string"><VALUE.ARRAY>'
                        + "".join(f"<VALUE>{escape(item)}</VALUE>" for item in value) + "</VALUE.ARRAY></PROPERTY.ARRAY>")
        else:
            rows.append(f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{escape(str(value))}</VALUE></PROPERTY>')
    return escape(f'<INSTANCE CLASSNAME="{name}">{"".join(rows)}</INSTANCE>')
