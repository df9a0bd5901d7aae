# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule is: a number, a title, and a check that returns nothing when the rule is kept, else says what is wrong.
How checks ask, and how they judge what comes back. The rules themselves are in the files beside."""

from endpoint import NS
from wsman import envelope, invoke_body, pull_body

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


def to_the_end(e, inner=""):
    """All items, pulled one by one; and the last reply."""
    reply, items = e.send(enumerated(e, inner)), []
    while reply.context:
        reply = e.send(pulled(e, reply.context))
        items += reply.items or []
    return items, reply


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
