# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden tests of what is refused: broken messages, headers, filters, and callers who may not."""

import cases as c
from wsman import DMTF, NS, V2, enumerate_body, pull_body

step, ask, query, create = c.step, c.ask, c.query, c.create
SYSTEM = V2 + "Msvm_ComputerSystem"
GOOD = ask(c.GET, SYSTEM, {"Name": "@DEMO@"})
SCHEMA = "w:SchemaValidationError"
MISSING = "a:MessageInformationHeaderRequired"


def without(header):
    begin = GOOD.index("<" + header)
    end = GOOD.index("</" + header + ">", begin) + len(header) + 3
    return GOOD[:begin] + GOOD[end:]


def header(text):
    return ask(c.GET, SYSTEM, {"Name": "@DEMO@"}, headers=text)


def selectors(text):
    return ask(c.GET, SYSTEM, headers=f"<w:SelectorSet>{text}</w:SelectorSet>")


def in_body(text):
    return GOOD.replace("<s:Body>", "<s:Body>" + text)


MESSAGES = [
    step("empty", "", SCHEMA),
    step("no-xml", "hello", SCHEMA),
    step("broken", GOOD[:-20], SCHEMA),
    step("mismatched", GOOD.replace("</s:Body>", "</s:Boby>"), SCHEMA),
    step("two-documents", GOOD + GOOD, SCHEMA),
    step("no-envelope", "<x/>", SCHEMA),
    step("soap-1.1", GOOD.replace(NS["s"], "http://schemas.xmlsoap.org/soap/envelope/"), "s:VersionMismatch"),
    step("other-namespace", GOOD.replace(NS["s"], "urn:soap"), "s:VersionMismatch"),
    step("undeclared-prefix", in_body("<q:x/>"), SCHEMA),
    step("doctype", '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + GOOD, SCHEMA),
    step("internal-subset", '<!DOCTYPE x [<!ENTITY a "b">]>' + GOOD, SCHEMA),
    step("entity", in_body("<x>&a;</x>"), SCHEMA),
    step("nul-reference", in_body("<x>&#0;</x>"), SCHEMA),
    step("control-reference", in_body("<x>&#x1;</x>"), SCHEMA),
    step("surrogate-reference", in_body("<x>&#xD800;</x>"), SCHEMA),
    step("control-character", in_body("<x>\x01</x>"), SCHEMA),
    step("processing-instruction", in_body("<?php x?>"), SCHEMA),
    step("latin-1", GOOD.encode().replace(b"https://localhost", b"https://l\xf6calhost"), "faultDetail/CharacterSet"),
    step("overlong-utf8", GOOD.encode().replace(b"https://localhost", b"https://\xc0\xaf"), "faultDetail/CharacterSet"),
    step("declared-latin-1", '<?xml version="1.0" encoding="iso-8859-1"?>' + GOOD, "faultDetail/CharacterSet"),
    step("declared-utf-8", '<?xml version="1.0" encoding="UTF-8"?>\n' + GOOD, "HTTP 200"),
    step("byte-order-mark", "\ufeff" + GOOD, "HTTP 200"),
    step("comment", in_body("<!-- hello -->"), "HTTP 200"),
    step("deep", in_body("<x>" * 5000 + "</x>" * 5000), "faultDetail/ServiceEnvelopeLimit"),
    step("attributes", in_body("<x " + " ".join(f"a{i}='1'" for i in range(40000)) + "/>"),
         "faultDetail/ServiceEnvelopeLimit"),
    step("namespaces", in_body("<x>" + "<y xmlns:a='urn:a' xmlns:b='urn:b'/>" * 6000 + "</x>"),
         "faultDetail/ServiceEnvelopeLimit"),
    step("body-for-other-action", ask(c.ENUMERATE, SYSTEM, body=pull_body("uuid:x")), SCHEMA),
    step("still-fine", GOOD, "HTTP 200"),
]

def echo_of(octets):
    """A Get of what is not there, that wants so much back."""
    return ask(c.GET, SYSTEM, {"Name": "nobody"}).replace(
        "</a:Address></a:ReplyTo>", f'</a:Address><a:ReferenceParameters><q:Ticket xmlns:q="urn:q">{"y" * octets}'
        "</q:Ticket></a:ReferenceParameters></a:ReplyTo>")


HEADERS = [
    step("no-action", without("a:Action"), MISSING),
    step("no-to", without("a:To"), MISSING),
    step("no-message-id", without("a:MessageID"), MISSING),
    step("no-reply-to", without("a:ReplyTo"), MISSING),
    step("no-resource-uri", without("w:ResourceURI"), "faultDetail/InvalidResourceURI"),
    step("to-twice", header("<a:To>x</a:To>"), "a:InvalidMessageInformationHeader"),
    step("action-twice", header(f'<b:Action xmlns:b="{NS["a"]}">x</b:Action>'), "a:InvalidMessageInformationHeader"),
    step("must-understand", header('<q:Unknown xmlns:q="urn:q" s:mustUnderstand="true"/>'), "s:MustUnderstand"),
    step("must-understand-1", header('<q:Unknown xmlns:q="urn:q" s:mustUnderstand="1">x</q:Unknown>'),
         "s:MustUnderstand"),
    step("must-understand-blanks", header('<q:Unknown xmlns:q="urn:q" s:mustUnderstand=" 1 "/>'), "s:MustUnderstand"),
    step("must-understand-blanks-false", header('<q:Unknown xmlns:q="urn:q" s:mustUnderstand=" 0 "/>'), "HTTP 200"),
    step("need-not-understand", header('<q:Unknown xmlns:q="urn:q" s:mustUnderstand="false"/>'), "HTTP 200"),
    step("must-understand-microsoft", header(
        '<p:SessionId xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd" s:mustUnderstand="true">'
        "uuid:x</p:SessionId>"), "HTTP 200"),
    step("empty-option-set", header('<w:OptionSet s:mustUnderstand="true"/>'), "HTTP 200"),
    step("reply-elsewhere", GOOD.replace("role/anonymous</a:Address></a:ReplyTo>", "elsewhere</a:Address></a:ReplyTo>"),
         "faultDetail/AddressingMode"),
    step("envelope-too-small", GOOD.replace(">512000<", ">100<"), "faultDetail/MinimumEnvelopeLimit"),
    step("envelope-no-number", GOOD.replace(">512000<", ">big<"), "a:InvalidMessageInformationHeader"),
    step("timeout-no-duration", GOOD.replace(">PT60.000S<", ">soon<"), "faultDetail/InvalidTimeout"),
    step("action-unknown", ask("urn:bogus", SYSTEM), "a:ActionNotSupported"),
    step("action-mismatch", ask(V2 + "Msvm_Other/CreateSnapshot", SYSTEM), "faultDetail/ActionMismatch"),
    step("method-unknown", ask(c.SERVICE + "/Explode", c.SERVICE), "a:ActionNotSupported"),
    step("put-without-body", ask(NS["x"] + "/Put", SYSTEM, {"Name": "@DEMO@"}), SCHEMA),
    step("class-unknown", ask(c.GET, V2 + "Msvm_Nothing", {"Name": "x"}), "faultDetail/InvalidResourceURI"),
    step("uri-unknown", ask(c.GET, "urn:x", {"Name": "x"}), "faultDetail/InvalidResourceURI"),
    step("namespace-unknown", ask(c.GET, SYSTEM.replace("v2", "v9"), {"Name": "x"}), "a:DestinationUnreachable"),
    step("namespaces-differ", ask(c.GET, SYSTEM, {"Name": "x", "__cimnamespace": "root/cimv2"}),
         "faultDetail/UnexpectedSelectors"),
    step("all-classes-get", ask(c.GET, V2 + "*", {"Name": "x"}), "a:ActionNotSupported"),
    step("selector-unknown", ask(c.GET, SYSTEM, {"Name": "@DEMO@", "Colour": "red"}), "faultDetail/UnexpectedSelectors"),
    step("selector-twice", selectors('<w:Selector Name="Name">a</w:Selector><w:Selector Name="name">b</w:Selector>'),
         "faultDetail/DuplicateSelectors"),
    step("selectors-too-many", selectors("".join(f'<w:Selector Name="n{i}">x</w:Selector>' for i in range(65))),
         "faultDetail/SelectorLimit"),
    step("namespace-with-entity", header('<b:Action xmlns:b="http://schemas.xmlsoap.org/ws/2004/08/addressin&#x67;">x'
                                         "</b:Action>"), SCHEMA),
    step("two-bodies", GOOD.replace("<s:Body>", "<s:Body><n:Pull/><n:Pull/>"), SCHEMA),
    step("selector-no-name", selectors("<w:Selector>a</w:Selector>"), SCHEMA),
    step("selectors-missing", ask(c.GET, SYSTEM), "faultDetail/InsufficientSelectors"),
    step("selectors-ambiguous", ask(c.GET, SYSTEM, {"CreationClassName": "Msvm_ComputerSystem"}),
         "faultDetail/AmbiguousSelectors"),
    step("not-found", ask(c.GET, SYSTEM, {"Name": "nobody"}), "a:DestinationUnreachable"),
    step("message-id-too-long", GOOD.replace(c.MESSAGE, "m" * 2049), "faultDetail/URILimitExceeded"),
    step("echo-over-the-limit", echo_of(9000).replace(">512000<", ">8192<"), "a:DestinationUnreachable"),
    step("message-id-echo", GOOD.replace(c.MESSAGE, "  Any &amp; thing "), "<a:RelatesTo>  Any &amp; thing </a:RelatesTo>"),
]

FILTERS = [
    step("syntax", query("SELECT FROM WHERE"), "n:CannotProcessFilter"),
    step("class", query("SELECT * FROM Msvm_Nothing"), "faultDetail/InvalidResourceURI"),
    step("property", query("SELECT * FROM Msvm_ComputerSystem WHERE Colour = 'red'"), "n:CannotProcessFilter"),
    step("dialect", query("x").replace("/wsman/1/WQL", "/wsman/1/SQL"), "n:FilterDialectRequestedUnavailable"),
    step("associators-none", query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='x'}"), "a:DestinationUnreachable"),
    step("mode", query(None, resource=SYSTEM, mode="EnumerateFish"), "faultDetail/EnumerationMode"),
    step("max-elements", query(None, resource=SYSTEM, most="-1"), SCHEMA),
    step("expires", ask(c.ENUMERATE, SYSTEM, body="<n:Enumerate><n:Expires>banana</n:Expires></n:Enumerate>"),
         "n:InvalidExpirationTime"),
    step("pattern-too-long", query("SELECT * FROM Msvm_ComputerSystem WHERE Name LIKE '%[" + "n" * 300 + "]~'"),
         "n:CannotProcessFilter"),
    step("end-to", ask(c.ENUMERATE, SYSTEM, body=enumerate_body().replace(
        "<n:Enumerate>", "<n:Enumerate><n:EndTo><a:Address>x</a:Address></n:EndTo>")), "faultDetail/AddressingMode"),
    step("context-unknown", ask(c.PULL, SYSTEM, body=pull_body("uuid:00000000-0000-4000-8000-000000000000")),
         "n:InvalidEnumerationContext"),
    step("context-empty", ask(c.PULL, SYSTEM, body="<n:Pull/>"), "n:InvalidEnumerationContext"),
    step("on-class-uri", query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'",
                               resource=DMTF + "CIM_ComputerSystem"), "<p:ElementName>demo"),
]

DENIED = "w:AccessDenied"
CALLERS = [
    step("nobody-get", GOOD, DENIED, role="none"),
    step("nobody-create", create(), DENIED, role="none"),
    step("viewer-create", create(), DENIED, role="viewer"),
    step("viewer-get", GOOD, "HTTP 200", role="viewer"),
    step("out-of-scope-get", GOOD, "a:DestinationUnreachable", scope="other*"),
    step("out-of-scope-create", create(), c.returns(4), scope="other*"),
    step("out-of-scope-query", query("SELECT * FROM Msvm_ComputerSystem WHERE Name != __SERVER"),
         "<w:EndOfSequence/>", scope="other*"),
    step("nothing-made", query("SELECT * FROM Msvm_ConcreteJob"), "<w:EndOfSequence/>", role="administrator"),
    step("alice-enumerates", query(None, optimize=False, resource=SYSTEM), "EnumerationContext"),
    step("bob-pulls", ask(c.PULL, SYSTEM, body=pull_body("@CONTEXT@")), "n:InvalidEnumerationContext", user="bob"),
    step("alice-pulls", ask(c.PULL, SYSTEM, body=pull_body("@CONTEXT@")), "HTTP 200"),
    step("alice-creates", create(), c.STARTED),
    step("bob-asks", ask(c.GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "a:DestinationUnreachable",
         user="bob"),
    step("administrator-asks", ask(c.GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "HTTP 200",
         user="root", role="administrator"),
]

SESSIONS = [
    {"name": name, "backend": c.PLAIN, "steps": steps, "values": c.VALUES}
    for name, steps in (("messages", MESSAGES), ("headers", HEADERS), ("filters", FILTERS), ("callers", CALLERS))
]
