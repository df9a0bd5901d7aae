# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of DSP0226, DSP0227, DSP0230 and MS-WSMV that a client can see kept: one row each, with its number, what
is asked and what must come back. A check returns nothing when the rule is kept, else says what is wrong."""

import re
import uuid

from endpoint import NS, SOAP
from wsman import ANONYMOUS, enumerate_body, envelope, identify_envelope, invoke_body, pull_body

GET, ENUMERATE, PULL, RELEASE = (NS["x"] + "/Get", NS["n"] + "/Enumerate", NS["n"] + "/Pull", NS["n"] + "/Release")
RULES = []
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"


class NotHere(Exception):
    """The rule cannot be checked on this endpoint; the text says why."""


def rule(number, title):
    """Registers a check: called with an Endpoint."""
    def register(check):
        RULES.append((number, title, check))
        return check
    return register


# ---- asking ----

def get(e, headers="", selectors=None, resource=None, **more):
    return envelope(GET, resource or e.resource, e.selectors if selectors is None else selectors, headers=headers, **more)


def enumerated(e, inner="", resource=None, headers="", optimize=None):
    if optimize:
        inner = f"<w:OptimizeEnumeration/><w:MaxElements>{optimize}</w:MaxElements>" + inner
    return envelope(ENUMERATE, resource or e.resource, body=f"<n:Enumerate>{inner}</n:Enumerate>", headers=headers)


def pulled(e, context, most=None, resource=None):
    return envelope(PULL, resource or e.resource, body=pull_body(context, most))


def invoked(e, method=None, parameters=None, action=None):
    resource, name, given = e.method
    name = method or name
    return envelope(action or f"{resource}/{name}", resource, None,
                    invoke_body(resource, name, given if parameters is None else parameters))


# ---- judging ----

def is_fault(reply, prefix, name, detail=None):
    if reply.fault != (NS[prefix], name):
        return f"expected {prefix}:{name}, not {reply}"
    if detail and reply.detail != detail:
        return f"expected the detail {detail}, not {reply.detail or 'none'}"
    if reply.status not in (400, 500):
        return f"a fault came with HTTP {reply.status}"
    return None


def is_fine(reply, action=None):
    if reply.status != 200 or reply.fault or reply.root is None:
        return f"expected success, not {reply}"
    if action and reply.action != action:
        return f"expected the action {action}, not {reply.action}"
    return None


def either(*judgements):
    """Kept when one of them is (None)."""
    return None if None in judgements else " and ".join(judgements)


def true(condition, otherwise):
    return None if condition else otherwise


def need(condition, why):
    if not condition:
        raise NotHere(why)


def need_method(e):
    need(e.method, "no method is known that may be called (--method)")


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
    """The same request with so long a MessageID that every reply to it is above 8192 octets."""
    return re.sub(r"(<a:MessageID>)[^<]*", r"\g<1>uuid:" + "a" * 9000, text.replace(">512000<", ">8192<"))


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


# ---- section 7: transfer ----

@rule("DSP0226 R7.3", "Get answers with the action GetResponse and one representation")
def _(e):
    reply = e.send(get(e))
    return is_fine(reply, NS["x"] + "/GetResponse") or true(len(reply.find("s:Body")) == 1, "the body holds not one element")


def fragment(e, expression, must="true"):
    return get(e, f'<w:FragmentTransfer s:mustUnderstand="{must}">{expression}</w:FragmentTransfer>')


@rule("DSP0226 R7.7-1", "a fragment is answered as a fragment, or refused")
def _(e):
    name = next(iter(e.selectors))
    reply = e.send(fragment(e, name))
    return either(is_fine(reply) or true(reply.body.tag == "{%s}XmlFragment" % NS["w"] and reply.find("s:Header/w:FragmentTransfer") is not None,
                                         "a fragment was asked for and the whole came"),
                  is_fault(reply, "w", "UnsupportedFeature", "FragmentLevelAccess"))


@rule("DSP0226 R7.7", "text() gives the value alone")
def _(e):
    name, value = next(iter(e.selectors.items()))
    reply = e.send(fragment(e, name + "/text()"))
    if not is_fault(reply, "w", "UnsupportedFeature", "FragmentLevelAccess"):
        raise NotHere("fragments are not supported")
    return is_fine(reply) or true("".join(reply.body.itertext()) == value, "the fragment is another value")


@rule("DSP0226 R7.7", "an unknown fragment dialect is refused")
def _(e):
    reply = e.send(get(e, '<w:FragmentTransfer s:mustUnderstand="true" Dialect="urn:none">x</w:FragmentTransfer>'))
    return either(is_fault(reply, "w", "FragmentDialectNotSupported"), is_fault(reply, "w", "UnsupportedFeature", "FragmentLevelAccess"))


@rule("MS-WSMV 3.1.4.1.18", "FragmentTransfer that need not be understood is an invalid header")
def _(e):
    return is_fault(e.send(fragment(e, "x", "false")), "a", "InvalidMessageInformationHeader")


@rule("DSP0227 R6-1", "transfer on all classes is no supported action")
def _(e):
    for action in ("Get", "Put", "Delete"):
        resource = e.resource.rsplit("/", 1)[0] + "/*"
        body = "<x/>" if action == "Put" else ""
        wrong = is_fault(e.send(envelope(f"{NS['x']}/{action}", resource, e.selectors, body)), "a", "ActionNotSupported")
        if wrong:
            return f"{action}: {wrong}"
    return None


@rule("DSP0226 5.1.2", "an unknown action is refused")
def _(e):
    return is_fault(e.send(envelope("urn:conformance/NoSuchAction", e.resource, e.selectors)), "a", "ActionNotSupported")


# ---- section 8: enumeration ----

@rule("DSP0226 R8.2", "Enumerate answers with a context, Pull brings items")
def _(e):
    reply = e.send(enumerated(e))
    wrong = is_fine(reply, NS["n"] + "/EnumerateResponse") or true(reply.context, "there is no context")
    if wrong:
        return wrong
    reply = e.send(pulled(e, reply.context))
    return is_fine(reply, NS["n"] + "/PullResponse") or true(reply.items, "there are no items")


@rule("DSP0226 8.4", "without MaxElements a Pull brings one item")
def _(e):
    reply = e.send(pulled(e, e.send(enumerated(e)).context))
    return true(reply.items is not None and len(reply.items) == 1, f"not one item: {reply}")


@rule("DSP0226 8.4", "MaxElements is the most that comes")
def _(e):
    reply = e.send(pulled(e, e.send(enumerated(e)).context, 2))
    return true(reply.items is not None and 1 <= len(reply.items) <= 2, f"not one or two items: {reply}")


def to_the_end(e, inner=""):
    """All items, pulled one by one; and the last reply."""
    reply, items = e.send(enumerated(e, inner)), []
    while reply.context:
        reply = e.send(pulled(e, reply.context))
        items += reply.items or []
    return items, reply


@rule("DSP0226 R8.4-8", "the last PullResponse has EndOfSequence and no context")
def _(e):
    _items, reply = to_the_end(e)
    return true(reply.find(".//n:EndOfSequence") is not None and reply.find(".//n:EnumerationContext") is None,
                "no EndOfSequence, or a context beside it")


@rule("DSP0226 R8.2.3-5", "an optimised Enumerate that returns all ends at once")
def _(e):
    reply = e.send(enumerated(e, optimize=1000))
    context = reply.find(".//n:EnumerationContext")
    return is_fine(reply) or true(reply.find(".//w:EndOfSequence") is not None and reply.find(".//w:Items") is not None
                                  and context is not None and not (context.text or "").strip(),
                                  "not Items, EndOfSequence and an empty context, in the wsman namespace")


@rule("DSP0226 R8.2.3-5", "an optimised Enumerate that does not return all gives a context that works")
def _(e):
    need(len(to_the_end(e)[0]) > 1, "the class has one instance only")
    reply = e.send(enumerated(e, optimize=1))
    if not reply.context or reply.find(".//w:EndOfSequence") is not None:
        return "no context, or EndOfSequence beside it"
    return is_fine(e.send(pulled(e, reply.context)))


@rule("DSP0226 R8.3", "EnumerateEPR gives endpoint references that can be used")
def _(e):
    reply = e.send(enumerated(e, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>", optimize=5))
    if not reply.items or reply.items[0].tag != "{%s}EndpointReference" % NS["a"]:
        return "no endpoint references"
    uri = reply.items[0].findtext(".//w:ResourceURI", "", NS)
    selectors = {s.get("Name"): s.text or "" for s in reply.items[0].iterfind(".//w:Selector", NS)}
    return is_fine(e.send(get(e, selectors=selectors, resource=uri)))


@rule("DSP0226 R8.3", "EnumerateObjectAndEPR gives both in a wsman:Item")
def _(e):
    reply = e.send(enumerated(e, "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>", optimize=5))
    return true(reply.items and reply.items[0].tag == "{%s}Item" % NS["w"] and len(reply.items[0]) == 2
                and reply.items[0][1].tag == "{%s}EndpointReference" % NS["a"], f"no Item with an object and its reference: {reply}")


@rule("DSP0226 R8.3", "another EnumerationMode is refused")
def _(e):
    return is_fault(e.send(enumerated(e, "<w:EnumerationMode>NoSuchMode</w:EnumerationMode>")), "w", "UnsupportedFeature", "EnumerationMode")


@rule("DSP0226 R8.2.2", "the total count is told when it is asked for")
def _(e):
    reply = e.send(enumerated(e, headers="<w:RequestTotalItemsCountEstimate/>"))
    return is_fine(reply) or true(reply.find("s:Header/w:TotalItemsCountEstimate") is not None, "no TotalItemsCountEstimate")


@rule("DSP0226 8.5", "a released context is gone")
def _(e):
    context = e.send(enumerated(e)).context
    body = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
    wrong = is_fine(e.send(envelope(RELEASE, e.resource, body=body)))
    return wrong or is_fault(e.send(pulled(e, context)), "n", "InvalidEnumerationContext")


@rule("DSP0226 8.4", "an unknown context is refused")
def _(e):
    return is_fault(e.send(pulled(e, f"uuid:{uuid.uuid4()}")), "n", "InvalidEnumerationContext")


@rule("DSP0226 R8.1-6", "another user cannot pull")
def _(e):
    need(e.other, "no second user is known (--other-user)")
    context = e.send(enumerated(e)).context
    reply = e.other.send(pulled(e, context))
    wrong = either(is_fault(reply, "n", "InvalidEnumerationContext"), is_fault(reply, "w", "AccessDenied"))
    return wrong or is_fine(e.send(pulled(e, context)))


@rule("DSP0226 8.2", "an expiration time that is over is refused")
def _(e):
    return is_fault(e.send(enumerated(e, "<n:Expires>2001-01-01T00:00:00Z</n:Expires>")), "n", "InvalidExpirationTime")


@rule("DSP0226 R8.3-1", "an unknown filter dialect is refused")
def _(e):
    return is_fault(e.send(enumerated(e, '<w:Filter Dialect="urn:none">x</w:Filter>')), "n", "FilterDialectRequestedUnavailable")


@rule("DSP0226 R8.3", "a filter that cannot be parsed is refused")
def _(e):
    all_classes = e.resource.rsplit("/", 1)[0] + "/*"
    return is_fault(e.send(enumerated(e, f'<w:Filter Dialect="{WQL}">SELECT FROM WHERE</w:Filter>', all_classes)), "n", "CannotProcessFilter")


@rule("DSP0226 R8.3", "two filters at once are refused")
def _(e):
    reply = e.send(enumerated(e, f'<w:Filter Dialect="{WQL}">a</w:Filter><n:Filter Dialect="{WQL}">a</n:Filter>'))
    return true(reply.fault, f"expected a fault, not {reply}")


@rule("DSP0227 R5.2-1", "WQL on all classes finds instances of the class it names")
def _(e):
    base, name = e.resource.rsplit("/", 1)
    reply = e.send(enumerated(e, f'<w:Filter Dialect="{WQL}">SELECT * FROM {name}</w:Filter>', base + "/*", optimize=5))
    return is_fine(reply) or true(reply.items and reply.items[0].tag.endswith("}" + name), "no instances of the class")


@rule("DSP0227 7.2", "an unknown polymorphism mode is refused")
def _(e):
    return is_fault(e.send(enumerated(e, f'<b:PolymorphismMode xmlns:b="{NS["b"]}">NoSuchMode</b:PolymorphismMode>')),
                    "b", "PolymorphismModeNotSupported")


# ---- section 9 and DSP0227: methods ----

@rule("MS-WSMV 3.1.4.1.1", "a method answers with its name and Response, and a ReturnValue")
def _(e):
    need_method(e)
    reply = e.send(invoked(e))
    wrong = is_fine(reply, f"{e.method[0]}/{e.method[1]}Response")
    if wrong:
        return wrong
    values = [node for node in reply.body if node.tag.endswith("}ReturnValue")]
    return true(reply.body.tag == "{%s}%s_OUTPUT" % e.method[:2] and len(values) == 1 and values[0].text.isdigit(),
                "no _OUTPUT element of the class's namespace with one ReturnValue")


@rule("DSP0227 9", "an unknown method is no supported action")
def _(e):
    need_method(e)
    return is_fault(e.send(invoked(e, "NoSuchMethod", [])), "a", "ActionNotSupported")


@rule("DSP0226 R9", "an action of another class than the resource's is a mismatch")
def _(e):
    need_method(e)
    return is_fault(e.send(invoked(e, action=e.method[0] + "Other/" + e.method[1])), "a", "ActionNotSupported", "ActionMismatch")


@rule("DSP0227 9", "an unknown parameter is refused")
def _(e):
    need_method(e)
    reply = e.send(invoked(e, parameters=[*e.method[2], ("NoSuchParameter", "1")]))
    return either(is_fault(reply, "w", "InvalidParameter", "InvalidName"), is_fault(reply, "w", "SchemaValidationError"))


# ---- section 10: eventing ----

def subscribed(e, inner="", mode=""):
    return envelope(NS["e"] + "/Subscribe", e.resource.rsplit("/", 1)[0] + "/*",
                    body=f'<e:Subscribe xmlns:e="{NS["e"]}"><e:Delivery{mode}/>{inner}</e:Subscribe>')


@rule("DSP0226 R10.2.2-52", "two filters in a subscription are an invalid message")
def _(e):
    return is_fault(e.send(subscribed(e, f'<w:Filter Dialect="{WQL}">a</w:Filter><e:Filter Dialect="{WQL}">a</e:Filter>')),
                    "e", "InvalidMessage")


@rule("DSP0226 R10.2.2-50", "a subscription is served, or its source cannot process it")
def _(e):
    reply = e.send(subscribed(e, f'<w:Filter Dialect="{WQL}">SELECT * FROM CIM_InstCreation</w:Filter>'))
    return either(is_fine(reply), is_fault(reply, "e", "EventSourceUnableToProcess"))


@rule("DSP0226 R10.2.4", "an unknown delivery mode is refused")
def _(e):
    return is_fault(e.send(subscribed(e, mode=' Mode="urn:none"')), "e", "DeliveryModeRequestedUnavailable")


# ---- section 11: Identify ----

WSMID = "s:Body/wsmid:IdentifyResponse/wsmid:"


@rule("DSP0226 11", "Identify tells protocol, vendor, version and security profiles")
def _(e):
    reply = e.send(identify_envelope())
    missing = [name for name in ("ProtocolVersion", "ProductVendor", "ProductVersion", "SecurityProfiles/wsmid:SecurityProfileName")
               if not reply.value(WSMID + name)]
    return is_fine(reply) or true(not missing, f"not told: {missing}") or true(
        reply.value(WSMID + "ProtocolVersion") == NS["w"], "another protocol version")


@rule("MS-WSMV 3.1.4.1.23", "who is nobody learns no version and no security profile")
def _(e):
    reply = e.send(identify_envelope(), login=False, headers={"WSMANIDENTIFY": "unauthenticated"})
    return is_fine(reply) or true(reply.find(WSMID + "SecurityProfiles") is None, "it tells security profiles") or true(
        "OS: 0.0.0" in reply.value(WSMID + "ProductVersion"), "it tells a version")


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
