# SPDX-License-Identifier: GPL-2.0-or-later
"""DSP0226 section 8: enumeration."""

import uuid

from endpoint import NS
from rules import RELEASE, WQL, rule, get, enumerated, pulled, to_the_end, is_fault, is_fine, either, true, need
from wsman import envelope


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
