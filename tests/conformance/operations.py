# SPDX-License-Identifier: GPL-2.0-or-later
"""DSP0226 sections 7 and 9 to 11, DSP0227: transfer, methods, eventing, Identify."""

from endpoint import NS
from rules import WQL, NotHere, rule, get, invoked, is_fault, is_fine, either, true, need_method
from wsman import envelope, identify_envelope


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
