# SPDX-License-Identifier: GPL-2.0-or-later
"""DSP0226 sections 5 and 6: addressing and control headers."""

import re

from endpoint import NS
from rules import rule, get, enumerated, invoked, is_fault, is_fine, either, true, need_method
from wsman import ANONYMOUS, identify_envelope


# ---- DSP0226 section 5: addressing ----

@rule("DSP0226 R5.1.2.2-4", "a selector that stands twice is refused")
def _(e):
    name, value = next(iter(e.selectors.items()))
    text = get(e).replace("</w:SelectorSet>", f'<w:Selector Name="{name}">{value}</w:Selector></w:SelectorSet>')
    return is_fault(e.send(text), "w", "InvalidSelectors", "DuplicateSelectors")


@rule("DSP0226 5.1.2.2", "a selector that the class does not have is refused")
def _(e):
    return is_fault(e.send(get(e, selectors={**e.selectors, "NoSuchKey": "1"})), "w", "InvalidSelectors", "UnexpectedSelectors")


@rule("DSP0226 5.1.2.2", "a Get without the selectors it needs is refused")
def _(e):
    reply = e.send(get(e, selectors={}))
    return either(is_fault(reply, "w", "InvalidSelectors", "InsufficientSelectors"), is_fine(reply))


@rule("DSP0226 5.1.2.1", "a resource URI of no class is a destination that cannot be reached")
def _(e):
    return is_fault(e.send(get(e, resource=e.resource + "NoSuchClass")), "a", "DestinationUnreachable", "InvalidResourceURI")


@rule("DSP0226 R5.2-2", "a header that must be understood and is not ends in MustUnderstand")
def _(e):
    reply = e.send(get(e, '<q:NoSuchHeader xmlns:q="urn:conformance" s:mustUnderstand="true"/>'))
    if reply.fault != (NS["s"], "MustUnderstand"):
        return f"expected s:MustUnderstand, not {reply}"
    block = reply.find("s:Header/s:NotUnderstood")
    if block is None:
        return "there is no NotUnderstood block"
    prefix, _, name = block.get("qname", "").rpartition(":")
    return true(name == "NoSuchHeader" and block.nsmap.get(prefix or None) == "urn:conformance", "NotUnderstood names another header")


@rule("DSP0226 R5.2-2", "a header that need not be understood is passed over")
def _(e):
    return is_fine(e.send(get(e, '<q:NoSuchHeader xmlns:q="urn:conformance" s:mustUnderstand="false"/>')))


@rule("DSP0226 R5.2-2", "a header for another role is passed over")
def _(e):
    return is_fine(e.send(get(e, '<q:NoSuchHeader xmlns:q="urn:conformance" s:mustUnderstand="true" s:role="urn:other"/>')))


@rule("DSP0226 R5.2.1-1", "EndTo is served, or refused as an addressing mode")
def _(e):
    reply = e.send(enumerated(e, f"<n:EndTo><a:Address>{ANONYMOUS}</a:Address></n:EndTo>"))
    return either(is_fine(reply), is_fault(reply, "w", "UnsupportedFeature", "AddressingMode"))


def without(name):
    def check(e):
        text = re.sub(f"<a:{name}[ >].*?</a:{name}>", "", get(e), flags=re.S)
        return is_fault(e.send(text), "a", "MessageInformationHeaderRequired")
    return check


for header, number in (("To", "R5.3-1"), ("Action", "R5.4.1"), ("MessageID", "R5.4.4"), ("ReplyTo", "R5.4.2")):
    rule("DSP0226 " + number, f"a request without wsa:{header} is refused")(without(header))


@rule("DSP0226 R5.3-1", "/wsman asks who it is")
def _(e):
    reply = e.send(get(e), login=False)
    return true(reply.status == 401 and reply.headers.get_all("WWW-Authenticate"), f"expected 401 and WWW-Authenticate, not {reply}")


@rule("DSP0226 R5.3-2", "/wsman-anon/identify asks nobody")
def _(e):
    return is_fine(e.send(identify_envelope(), login=False, path=e.path.rstrip("/") + "-anon/identify"))


@rule("DSP0226 5.3", "wsa:To is not judged")
def _(e):
    return is_fine(e.send(get(e).replace("https://localhost/wsman", "http://somewhere.else.example/")))


@rule("DSP0226 R5.4.2-2", "another ReplyTo than the anonymous address is refused as an addressing mode")
def _(e):
    text = get(e).replace(f">{ANONYMOUS}</a:Address></a:ReplyTo>", ">http://127.0.0.1:9/</a:Address></a:ReplyTo>")
    return is_fault(e.send(text), "w", "UnsupportedFeature", "AddressingMode")


TICKET = '<a:ReferenceParameters><q:Ticket xmlns:q="urn:conformance">a &amp; b</q:Ticket></a:ReferenceParameters>'


def echoed(reply):
    found = [node for node in reply.findall("s:Header/*") if node.tag == "{urn:conformance}Ticket"]
    return true(len(found) == 1 and found[0].text == "a & b", "the reference parameters do not come back as headers")


@rule("DSP0226 R5.4.2-5", "reference parameters of ReplyTo come back as headers")
def _(e):
    reply = e.send(get(e).replace("</a:ReplyTo>", TICKET + "</a:ReplyTo>"))
    return is_fine(reply) or echoed(reply)


def fault_to(address, more=""):
    return f"</a:ReplyTo><a:FaultTo><a:Address>{address}</a:Address>{more}</a:FaultTo>"


@rule("DSP0226 R5.4.3-3", "another FaultTo than the anonymous address is refused as an addressing mode")
def _(e):
    return is_fault(e.send(get(e).replace("</a:ReplyTo>", fault_to("http://127.0.0.1:9/"))),
                    "w", "UnsupportedFeature", "AddressingMode")


@rule("DSP0226 R5.4.3-4", "reference parameters of FaultTo come back with a fault")
def _(e):
    return echoed(e.send(get(e, resource=e.resource + "NoSuchClass").replace("</a:ReplyTo>", fault_to(ANONYMOUS, TICKET))))


def related(message):
    def check(e):
        reply = e.send(get(e, message_id=message))
        back = reply.find("s:Header/a:RelatesTo")
        return is_fine(reply) or true(back is not None and back.text == message, "RelatesTo is not the MessageID to the octet")
    return check


for title, message in (("uuid:", "uuid:0A1b2C3d-4E5f-6071-8293-A4b5C6d7E8f9"), ("urn:uuid:", "urn:uuid:0a1B2c3D-4e5F-6071-8293-a4B5c6D7e8F9"),
                       ("any other URI", "http://example.org/Message/1"), ("a bare number", "1")):
    rule("DSP0226 R5.4.4-1", f"MessageID may be {title}, and RelatesTo keeps its case")(related(message))


@rule("DSP0226 R5.4.4-2", "a service uses no MessageID twice, and does not mind clients that do")
def _(e):
    text, seen = get(e, message_id="uuid:00000000-0000-4000-8000-000000000001"), set()
    for _i in range(20):
        reply = e.send(text)
        if is_fine(reply):
            return is_fine(reply)
        seen.add(reply.value("s:Header/a:MessageID"))
    return true(len(seen) == 20, "a MessageID came twice")


# ---- section 6: control headers ----

@rule("DSP0226 R6.1", "OperationTimeout is taken in seconds, minutes and with fractions")
def _(e):
    for text in ("PT60S", "PT1M30S", "PT60.000S", "P0DT0H5M0S"):
        wrong = is_fine(e.send(get(e).replace("PT60.000S", text)))
        if wrong:
            return f"{text}: {wrong}"
    return None


@rule("DSP0226 R6.1", "what is no duration is refused")
def _(e):
    reply = e.send(get(e).replace("PT60.000S", "soon"))
    return either(is_fault(reply, "a", "InvalidMessageInformationHeader"), is_fault(reply, "w", "SchemaValidationError"))


def padded(e, text):
    """The same request, which wants so much back that every reply to it is above 8192 octets."""
    ticket = f'<q:Ticket xmlns:q="urn:q">{"a" * 9000}</q:Ticket>'
    return text.replace(">512000<", ">8192<").replace(
        "</a:Address></a:ReplyTo>", f"</a:Address><a:ReferenceParameters>{ticket}</a:ReferenceParameters></a:ReplyTo>")


@rule("DSP0226 R6.2-2", "a reply larger than MaxEnvelopeSize is a fault instead")
def _(e):
    return is_fault(e.send(padded(e, get(e))), "w", "EncodingLimit", "MaxEnvelopeSize")


@rule("DSP0226 R6.2-2", "... and where something was done that cannot be undone it says so")
def _(e):
    need_method(e)
    return is_fault(e.send(padded(e, invoked(e))), "w", "EncodingLimit", "UnreportableSuccess")


@rule("DSP0226 R6.2-4", "MaxEnvelopeSize below 8192 is refused")
def _(e):
    return is_fault(e.send(get(e).replace(">512000<", ">8191<")), "w", "EncodingLimit", "MinimumEnvelopeLimit")


def locale(e, lang, must):
    return get(e).replace('<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>',
                          f'<w:Locale xml:lang="{lang}" s:mustUnderstand="{must}"/>')


@rule("DSP0226 R6.3-1", "Locale is a hint")
def _(e):
    return is_fine(e.send(locale(e, "tlh", "false")))


@rule("DSP0226 R6.3-2", "a Locale that must be understood is complied with or refused")
def _(e):
    reply = e.send(locale(e, "tlh", "true"))
    return either(is_fault(reply, "w", "UnsupportedFeature", "Locale"),
                  true(reply.root is not None and reply.root.get("{http://www.w3.org/XML/1998/namespace}lang") == "tlh", str(reply)))


@rule("DSP0226 R6.3-4", "replies say their language")
def _(e):
    reply = e.send(get(e, resource=e.resource + "NoSuchClass"))
    texts = reply.findall(".//s:Reason/s:Text")
    return true(texts and all(t.get("{http://www.w3.org/XML/1998/namespace}lang") for t in texts), "a fault's text has no xml:lang")


@rule("DSP0226 R6.4-1", "an empty OptionSet that must be understood is fine")
def _(e):
    return is_fine(e.send(get(e, '<w:OptionSet s:mustUnderstand="true"/>')))


@rule("DSP0226 R6.4-2", "an option that must be complied with and is unknown is refused")
def _(e):
    return is_fault(e.send(get(e, '<w:OptionSet><w:Option Name="NoSuchOption" MustComply="true">1</w:Option></w:OptionSet>')),
                    "w", "InvalidOptions", "NotSupported")


@rule("DSP0226 R6.4-3", "an option that need not be complied with is passed over")
def _(e):
    return is_fine(e.send(get(e, '<w:OptionSet s:mustUnderstand="true"><w:Option Name="NoSuchOption">1</w:Option></w:OptionSet>')))


@rule("DSP0226 R6.5-1", "RequestEPR brings the endpoint reference")
def _(e):
    reply = e.send(get(e, "<w:RequestEPR/>"))
    uri = reply.value("s:Header/w:RequestedEPR//w:ResourceURI")
    return is_fine(reply) or true(uri, "there is no RequestedEPR header with a ResourceURI")
