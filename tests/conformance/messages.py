# SPDX-License-Identifier: GPL-2.0-or-later
"""DSP0226 section 13, SOAP, DSP0230 and HTTP: messages and instances as such."""

import re

from endpoint import NS, SOAP
from rules import rule, get, enumerated, is_fault, is_fine, true


# ---- section 13 and SOAP ----

@rule("DSP0226 R13.1-3", "without MaxEnvelopeSize no page is larger than 32,767 octets")
def _(e):
    text = re.sub(r"<w:MaxEnvelopeSize.*?</w:MaxEnvelopeSize>", "", enumerated(e, optimize=10000))
    reply = e.send(text)
    return is_fine(reply) or true(len(reply.data) <= 32767, f"{len(reply.data)} octets came")


@rule("DSP0226 R13.1-5", "a request in UTF-16 is answered in UTF-16")
def _(e):
    reply = e.send(get(e).encode("utf-16"), "application/soap+xml;charset=UTF-16")
    return true(reply.status == 200 and reply.data[:2] in (b"\xff\xfe", b"\xfe\xff") and "utf-16" in reply.headers["Content-Type"].lower(),
                f"not answered in UTF-16: {reply}")


@rule("DSP0226 R13.1-5", "what is not in its encoding is refused in UTF-8")
def _(e):
    return is_fault(e.send(get(e, "<q:x xmlns:q='urn:q'>@</q:x>").encode().replace(b"@", b"\xff\xfe")), "w", "EncodingLimit", "CharacterSet")


for header in ("To", "Action", "MessageID", "ReplyTo"):
    def _doubled(e, header=header):
        text = re.sub(f"(<a:{header}[ >].*?</a:{header}>)", r"\1\1", get(e), count=1, flags=re.S)
        return is_fault(e.send(text), "a", "InvalidMessageInformationHeader")
    rule("DSP0226 R13.1-9", f"wsa:{header} twice is refused")(_doubled)


@rule("SOAP 1.2 part 1, 5.4.7", "another SOAP version is a VersionMismatch")
def _(e):
    reply = e.send(get(e).replace(NS["s"], "http://schemas.xmlsoap.org/soap/envelope/"))
    return true(reply.fault and reply.fault[1] == "VersionMismatch", f"expected VersionMismatch, not {reply}")


@rule("SOAP 1.2 part 1, 5", "a document type is refused")
def _(e):
    return true(e.send('<!DOCTYPE s [<!ENTITY e "e">]>' + get(e)).fault, "a document with a DTD was taken")


@rule("SOAP 1.2 part 2, 7.5.2.2", "every fault comes as HTTP 500 (Windows), never as 200")
def _(e):
    reply = e.send(get(e, resource=e.resource + "NoSuchClass"))
    return true(reply.status == 500 and "application/soap+xml" in reply.headers["Content-Type"], f"{reply}")


# ---- DSP0230: how instances look ----

def one(e):
    reply = e.send(get(e))
    return {node.tag.rsplit("}", 1)[1]: node for node in reversed(reply.body)}, reply


@rule("DSP0230 7.2", "properties stand in the class's namespace, which is the resource URI")
def _(e):
    _properties, reply = one(e)
    space = reply.body.tag[1:].rsplit("}", 1)[0]
    return true(all(node.tag.startswith("{" + space + "}") for node in reply.body), "a property is in another namespace")


@rule("DSP0230 7.2", "properties come in the order of their names")
def _(e):
    names = [node.tag.rsplit("}", 1)[1].lower() for node in one(e)[1].body]
    return true(names == sorted(names), "they are not sorted")


@rule("DSP0230 7.2.4", "a null value is xsi:nil")
def _(e):
    nil = [node for node in one(e)[1].body if node.get("{%s}nil" % NS["xsi"])]
    return true(nil and all(node.get("{%s}nil" % NS["xsi"]) == "true" and not len(node) and not node.text for node in nil),
                "no property is nil, or a nil one has content")


@rule("DSP0230 7.2", "booleans are true or false, in lower case")
def _(e):
    wrong = [node.tag for node in one(e)[1].body if (node.text or "").lower() in ("true", "false") and node.text != node.text.lower()]
    return true(not wrong, f"not lower case: {wrong}")


@rule("MS-WSMV 2.2.4", "an instance tells its type")
def _(e):
    reply = one(e)[1]
    prefix, _, name = (reply.body.get("{%s}type" % NS["xsi"]) or "").rpartition(":")
    return true(name == reply.body.tag.rsplit("}", 1)[1] + "_Type", "xsi:type is missing, or another type")


# ---- HTTP ----

@rule("HTTP", "a connection is kept for the next request")
def _(e):
    e.send(get(e))
    before = e.connection
    e.send(get(e))
    return true(before is not None and before is e.connection, "the connection was closed")


@rule("HTTP", "another path is 404, another method 405")
def _(e):
    first, second = e.send(get(e), path="/other").status, e.send("", method="PUT").status
    return true((first, second) == (404, 405), f"{first} and {second}")


@rule("HTTP", "another media type than SOAP's is 415")
def _(e):
    status = e.send(get(e), "text/html").status
    return true(status == 415, str(status))


@rule("HTTP", "replies are application/soap+xml with their charset")
def _(e):
    return true(e.send(get(e)).headers["Content-Type"].replace(" ", "").lower() == SOAP.lower(), "another Content-Type")
