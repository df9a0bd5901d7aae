# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden requests of the whole of WS-Management beside the sample flow: transfer and its fragments,
enumerations in all their forms, filter dialects, headers that ask for something."""

import cases as c
from cases import DEMO, ask, query, step
from wsman import DMTF, NS, V2, identify_envelope, pull_body

SYSTEM, SETTINGS, JOB = (V2 + "Msvm_" + name for name in ("ComputerSystem", "VirtualSystemSettingData", "ConcreteJob"))
X, N, W, B = NS["x"], NS["n"], NS["w"], "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
PUT, CREATE, DELETE = X + "/Put", X + "/Create", X + "/Delete"
RENEW, STATUS = N + "/Renew", N + "/GetStatus"
VALUES, FRAGMENT = "faultDetail/InvalidValues", "faultDetail/InvalidFragment"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
KEYS = {"CreationClassName": "Msvm_ComputerSystem", "Name": DEMO}


def instance(*properties, name="Msvm_ComputerSystem", uri=None):
    """Properties: pairs; a value of None is nil."""
    xsi = NS["xsi"]
    return f'<p:{name} xmlns:p="{uri or V2 + name}" xmlns:xsi="{xsi}">' + "".join(
        f'<p:{key} xsi:nil="true"/>' if value is None else f"<p:{key}>{value}</p:{key}>"
        for key, value in properties) + f"</p:{name}>"


def put(*properties, **more):
    return ask(PUT, SYSTEM, KEYS, instance(*properties, **more))


def fragment(expression, must="true", dialect=""):
    mark = f' s:mustUnderstand="{must}"' if must else ""
    return f"<w:FragmentTransfer{mark}{dialect}>{expression}</w:FragmentTransfer>"


def part(expression, action=c.GET, body="", **more):
    return ask(action, SYSTEM, KEYS, body, fragment(expression, **more))


def replace(expression, content):
    return part(expression, PUT, f'<w:XmlFragment xmlns:p="{SYSTEM}" xmlns:xsi="{NS["xsi"]}">{content}</w:XmlFragment>')


TRANSFER = [
    c.FIND,
    step("put-unchanged", put(("ElementName", "demo"), ("EnabledState", "02"), ("InstallDate", None),
                              ("OperationalStatus", "2")), "<p:ElementName>demo<"),
    step("put-nothing", put(), "<p:ElementName>demo<"),
    step("put-read-only", put(("EnabledState", "3")), "EnabledState cannot be changed"),
    step("put-nil", put(("EnabledState", None)), VALUES),
    step("put-unknown", put(("Colour", "red")), "no property Colour"),
    step("put-other-case", put(("elementname", "demo")), VALUES),
    step("put-type", put(("EnabledState", "two")), "not of its type"),
    step("put-twice", put(("ElementName", "demo"), ("ElementName", "demo")), "there twice"),
    step("put-base-class", put(("ElementName", "demo"), name="CIM_ComputerSystem",
                               uri=DMTF + "CIM_ComputerSystem"), "<p:ElementName>demo<"),
    step("put-other-class", put(name="Msvm_ConcreteJob"), VALUES),
    step("put-namespace", put(uri="urn:x"), "faultDetail/InvalidNamespace"),
    step("put-nobody-there", ask(PUT, SYSTEM, {"Name": "x"}, instance()), "a:DestinationUnreachable"),
    step("put-all-classes", ask(PUT, V2 + "*", KEYS, instance()), "a:ActionNotSupported"),
    step("put-viewer", put(("ElementName", "x")), "w:AccessDenied", role="viewer"),
    step("create", ask(CREATE, SYSTEM, body=instance(("ElementName", "new"))), "a:ActionNotSupported"),
    step("create-unknown-class", ask(CREATE, V2 + "Msvm_Nothing", body=instance()), "faultDetail/InvalidResourceURI"),
    step("create-all-classes", ask(CREATE, V2 + "*", body=instance()), "a:ActionNotSupported"),
    step("delete", ask(DELETE, SYSTEM, KEYS), "a:ActionNotSupported"),
    step("delete-all-classes", ask(DELETE, V2 + "*", KEYS), "a:ActionNotSupported"),
    step("request-epr", ask(c.GET, SYSTEM, {"Name": DEMO}, headers="<w:RequestEPR/>"), "<w:RequestedEPR>"),
    step("fragment-property", part("ElementName"), "<p:ElementName>demo<"),
    step("fragment-text", part("ElementName/text()"), ">demo</w:XmlFragment>"),
    step("fragment-prefix", part("/q:Msvm_ComputerSystem/q:ElementName"), "<p:ElementName>demo<"),
    step("fragment-dialect-named", part("ElementName", dialect=f' Dialect="{XPATH}"'), "<p:ElementName>demo<"),
    step("fragment-array", part("OperationalStatus[1]"), "<p:OperationalStatus>2<"),
    step("fragment-number", part("count(OperationalStatus)"), ">1</w:XmlFragment>"),
    step("fragment-nil", part("InstallDate/text()"), 'xsi:nil="true"></w:XmlFragment>'.replace("><", ">\n<")),
    step("fragment-none", part("Colour"), 'xsi:nil="true"'),
    step("fragment-empty", part(" "), "n:CannotProcessFilter"),
    step("fragment-syntax", part("ElementName["), "n:CannotProcessFilter"),
    step("fragment-function", part("nosuch()"), "n:CannotProcessFilter"),
    step("fragment-dialect", part("x", dialect=' Dialect="urn:x"'), "w:FragmentDialectNotSupported"),
    step("fragment-need-not", part("ElementName", must=None), "a:InvalidMessageInformationHeader"),
    step("fragment-put-unchanged", replace("ElementName", "<p:ElementName>demo</p:ElementName>"), "<p:ElementName>demo<"),
    step("fragment-put-text", replace("./ElementName/text()", "demo"), ">demo</w:XmlFragment>"),
    step("fragment-put-array", replace("OperationalStatus", "<p:OperationalStatus>2</p:OperationalStatus>"), "HTTP 200"),
    step("fragment-put-item", replace("OperationalStatus[1]/text()", "2"), "HTTP 200"),
    step("fragment-put-item-none", replace("OperationalStatus[2]/text()", "2"), FRAGMENT),
    step("fragment-put-read-only", replace("EnabledState/text()", "3"), "EnabledState cannot be changed"),
    step("fragment-put-other", replace("ElementName", "<p:Name>x</p:Name>"), FRAGMENT),
    step("fragment-put-array-other", replace("OperationalStatus", "<p:Name>x</p:Name>"), FRAGMENT),
    step("fragment-put-unknown", replace("Colour", "<p:Colour>x</p:Colour>"), "n:CannotProcessFilter"),
    step("fragment-put-expression", replace("//ElementName", "<p:ElementName>x</p:ElementName>"), "n:CannotProcessFilter"),
    step("fragment-put-instance", ask(PUT, SYSTEM, KEYS, instance(), fragment("ElementName")), FRAGMENT),
    step("still-there", ask(c.GET, SYSTEM, KEYS), "<p:ElementName>demo<"),
]


def enumerated(inner="", resource=SYSTEM, headers=""):
    return ask(c.ENUMERATE, resource, body=f"<n:Enumerate>{inner}</n:Enumerate>", headers=headers)


def context(action, inner=""):
    name = action.rsplit("/", 1)[1]
    return ask(action, SYSTEM, body=f"<n:{name}><n:EnumerationContext>@CONTEXT@</n:EnumerationContext>{inner}</n:{name}>")


def pull(most=None, inner=""):
    return ask(c.PULL, JOB, body=pull_body("@CONTEXT@", most).replace("</n:Pull>", inner + "</n:Pull>"))


def mode(name, resource, inner=""):
    return enumerated(f"<w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements>{inner}"
                      f'<b:PolymorphismMode xmlns:b="{B}">{name}</b:PolymorphismMode>', resource)


OPTIMIZE = "<w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements>"
TOTAL = "<w:RequestTotalItemsCountEstimate/>"
ENUMERATIONS = [
    step("expires-duration", enumerated("<n:Expires>PT2M</n:Expires>"), "<n:Expires>P0DT0H2M0S<"),
    step("expires-capped", enumerated("<n:Expires>P1D</n:Expires>"), "<n:Expires>P0DT0H5M0S<"),
    step("expires-moment", enumerated("<n:Expires>2026-09-01T12:01:00Z</n:Expires>"), "<n:Expires>2026-09-01T12:0"),
    step("expires-over", enumerated("<n:Expires>2026-09-01T11:59:00Z</n:Expires>"), "n:InvalidExpirationTime"),
    step("expires-zero", enumerated("<n:Expires>PT0S</n:Expires>"), "n:InvalidExpirationTime"),
    step("opened", enumerated(headers=TOTAL), "<w:TotalItemsCountEstimate>3<"),
    step("status", context(STATUS), "<n:GetStatusResponse>"),
    step("renew", context(RENEW, "<n:Expires>PT1M</n:Expires>"), "<n:Expires>P0DT0H1M0S<"),
    step("renew-default", context(RENEW), "<n:Expires>P0DT0H5M0S<"),
    step("renew-over", context(RENEW, "<n:Expires>2020-01-01T00:00:00Z</n:Expires>"), "n:InvalidExpirationTime"),
    step("pull-other-uri", pull(), "<n:EnumerationContext>"),
    step("pull-too-few-characters", pull(5, "<n:MaxCharacters>100</n:MaxCharacters>"), "faultDetail/MaxEnvelopeSize"),
    step("pull-characters", pull(5, "<n:MaxCharacters>2800</n:MaxCharacters>"), "<n:EnumerationContext>"),
    step("pull-time", pull(5, "<n:MaxTime>PT5S</n:MaxTime>"), "<n:EndOfSequence/>"),
    step("status-over", context(STATUS), "n:InvalidEnumerationContext"),
    step("renew-unknown", context(RENEW), "n:InvalidEnumerationContext"),
    step("bad-characters", pull(5, "<n:MaxCharacters>0</n:MaxCharacters>"), "w:SchemaValidationError"),
    step("bad-time", pull(5, "<n:MaxTime>soon</n:MaxTime>"), "w:SchemaValidationError"),
    step("total-optimized", enumerated(OPTIMIZE, headers=TOTAL), "<w:TotalItemsCountEstimate>3<"),
    step("session-id-inside", enumerated(f'{OPTIMIZE}<q:SessionId xmlns:q="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">'
                                         "uuid:x</q:SessionId>"), "<w:EndOfSequence/>"),
    step("two-filters", enumerated('<w:Filter Dialect="x">a</w:Filter><n:Filter Dialect="x">a</n:Filter>'),
         "n:CannotProcessFilter"),
    step("poly-include", mode("IncludeSubClassProperties", DMTF + "CIM_ComputerSystem"), "<p:Msvm_ComputerSystem"),
    step("poly-exclude-itself", mode("ExcludeSubClassProperties", SYSTEM), "<p:Msvm_ComputerSystem"),
    step("poly-none", mode("None", DMTF + "CIM_ComputerSystem"), "<w:EndOfSequence/>"),
    step("poly-none-itself", mode("None", SYSTEM), "<p:Msvm_ComputerSystem"),
    step("poly-unknown", mode("Some", SYSTEM), "b:PolymorphismModeNotSupported"),
]


def filtered(dialect, text, resource=SYSTEM, prefix="w"):
    mark = f' Dialect="{dialect}"' if dialect else ""
    return enumerated(f"{OPTIMIZE}<{prefix}:Filter{mark}>{text}</{prefix}:Filter>", resource)


CQL = "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf"
SELECTOR = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATION = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"


def associated(kind="AssociatedInstances", machine=None, **parts):
    inner = "".join(f"<b:{name}>{value}</b:{name}>" for name, values in parts.items()
                    for value in (values if isinstance(values, list) else [values]))
    return filtered(ASSOCIATION, f'<b:{kind} xmlns:b="{B}"><b:Object>{machine or c.system()}</b:Object>{inner}</b:{kind}>',
                    V2 + "*")


def chosen(*pairs):
    return filtered(SELECTOR, "<w:SelectorSet>" + "".join(
        f'<w:Selector Name="{name}">{value}</w:Selector>' for name, value in pairs) + "</w:SelectorSet>")


FOUND, NONE = "<p:ElementName>demo<", "<w:Items></w:Items>".replace("><", ">\n<")
FILTERS = [
    step("cql", filtered(CQL, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'"), FOUND),
    step("cql-qualified", filtered(CQL, "SELECT c.Name, c.ElementName FROM CIM_ComputerSystem AS c "
                                        "WHERE c.EnabledState = 2 AND NOT c.Caption = 'x'"), "<ElementName>demo<"),
    step("cql-class-name", filtered(CQL, "SELECT CIM_ComputerSystem.Name FROM CIM_ComputerSystem "
                                         "WHERE CIM_ComputerSystem.ElementName = 'demo'"), "<w:XmlFragment"),
    step("cql-star", filtered(CQL, "SELECT c.* FROM CIM_ComputerSystem AS c WHERE c.ElementName = 'demo'"), FOUND),
    step("cql-like", filtered(CQL, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName LIKE 'd.*'"), "LIKE is not supported"),
    step("cql-other-class", filtered(CQL, "SELECT x.Name FROM Msvm_ComputerSystem"), "n:CannotProcessFilter"),
    step("cql-two-classes", filtered(CQL, "SELECT c.Name FROM CIM_ComputerSystem AS c WHERE d.Name = 'x'"), "another class"),
    step("cql-objectpath", filtered(CQL, "SELECT OBJECTPATH(c) FROM CIM_ComputerSystem AS c"), "n:CannotProcessFilter"),
    step("cql-associators", filtered(CQL, "ASSOCIATORS OF {x}"), "n:CannotProcessFilter"),
    step("xpath-default", filtered(None, "ElementName = 'demo'"), FOUND),
    step("xpath", filtered(XPATH, "p:EnabledState &gt; 1 and ./p:ElementName[. = 'demo']"), FOUND),
    step("xpath-base-class", filtered(XPATH, "ElementName = 'demo'", DMTF + "CIM_ComputerSystem"), FOUND),
    step("xpath-enumeration-filter", filtered(XPATH, "ElementName = 'demo'", prefix="n"), FOUND),
    step("xpath-none", filtered(XPATH, "Colour"), NONE),
    step("xpath-syntax", filtered(XPATH, "Element Name"), "at character"),
    step("xpath-variable", filtered(XPATH, "$x"), "n:CannotProcessFilter"),
    step("xpath-dear", filtered(XPATH, "//*[count(" * 5 + "//*" + ") &gt; 0]" * 5), "n:CannotProcessFilter"),
    step("xpath-functions", filtered(XPATH, "starts-with(ElementName, 'de') and contains(string(.), 'demo') and count(//*) &gt; 9 "
                                            "and translate(substring(ElementName, 1, 2), 'de', 'ab') = 'ab' and not(lang('en'))"), FOUND),
    # each of them is one step to libxml2
    step("xpath-dear-text", filtered(XPATH, f"//*[translate(string(/), '{'z' * 3000}', '') = 'x']"), "it needs too many steps"),
    step("xpath-dear-nodes", filtered(XPATH, "//*[normalize-space(string(/)) = 'x']" + " or //*[string(/) = 'y']" * 40),
         "it needs too many steps"),
    step("selector", chosen(("ElementName", "DEMO"), ("EnabledState", "2")), FOUND),
    step("selector-none", chosen(("ElementName", "demo"), ("EnabledState", "3")), NONE),
    step("selector-unknown", chosen(("Colour", "red")), "no property Colour"),
    step("selector-no-set", filtered(SELECTOR, "Name=x"), "n:CannotProcessFilter"),
    step("made", c.create(), c.STARTED),
    step("associated", associated(ResultClassName="Msvm_VirtualSystemSettingData"), "Snapshot settings"),
    step("associated-roles", associated(AssociationClassName="Msvm_SnapshotOfVirtualSystem", Role="Antecedent",
                                        ResultRole="Dependent"), "Snapshot settings"),
    step("associated-columns", associated(ResultClassName="Msvm_VirtualSystemSettingData",
                                          IncludeResultProperty=["ElementName", "IsSaved"]), "<IsSaved>true<"),
    step("associations", associated("AssociationInstances", ResultClassName="Msvm_SnapshotOfVirtualSystem"),
         "<p:Antecedent>"),
    step("associated-blanks", associated(AssociationClassName="\n  Msvm_SnapshotOfVirtualSystem\n  ", Role=" Antecedent "),
         "Snapshot settings"),
    step("associated-two-names", associated(AssociationClassName="Msvm_SnapshotOfVirtualSystem x"), "no class"),
    step("associated-class-unknown", associated(AssociationClassName="Msvm_Nothing"), "no class Msvm_Nothing"),
    step("associated-nothing-there", associated(machine=c.system("00000000-0000-4000-8000-000000000000")),
         "a:DestinationUnreachable"),
    step("associated-no-object", filtered(ASSOCIATION, f'<b:AssociatedInstances xmlns:b="{B}"/>'), "n:CannotProcessFilter"),
    step("result-class-unknown", query(f"ASSOCIATORS OF {{Msvm_ComputerSystem.Name='{DEMO}'}} WHERE ResultClass = X"),
         "n:CannotProcessFilter"),
]


def option(name="x", comply=None, extra=""):
    mark = f' MustComply="{comply}"' if comply else ""
    named = f' Name="{name}"' if name is not None else ""
    return f"<w:OptionSet><w:Option{named}{mark}>1</w:Option>{extra}</w:OptionSet>"


def got(headers):
    return ask(c.GET, SYSTEM, KEYS, headers=headers)


def locale(lang, must="true", name="w:Locale", ns=""):
    return ask(c.GET, SYSTEM, KEYS).replace('<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>',
                                            f'<{name}{ns} xml:lang="{lang}" s:mustUnderstand="{must}"/>')


def echoing(name):
    return ask(c.GET, SYSTEM, KEYS if name == "ReplyTo" else {"Name": "x"}).replace(
        "</a:ReplyTo>", "<a:ReferenceParameters><q:Ticket xmlns:q='urn:q' q:n='1' m=\"2\">a &amp; b<q:In/></q:Ticket>"
        "</a:ReferenceParameters></a:ReplyTo>" if name == "ReplyTo" else
        "</a:ReplyTo><a:FaultTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
        "<a:ReferenceParameters><q:Ticket xmlns:q='urn:q'>f</q:Ticket></a:ReferenceParameters></a:FaultTo>")


MS = 'xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"'
HEADERS = [
    step("option", got(option()), "HTTP 200"),
    step("option-need-not", got(option(comply="false")), "HTTP 200"),
    step("option-must", got(option(comply="true")), "faultDetail/NotSupported"),
    step("option-no-name", got(option(None)), "faultDetail/InvalidName"),
    step("option-twice", got(option(extra='<w:Option Name="x"/>')), "faultDetail/InvalidName"),
    step("option-value", got(option(comply="perhaps")), "faultDetail/InvalidValue"),
    step("options-too-many", got("<w:OptionSet>" + "".join(f'<w:Option Name="o{i}"/>' for i in range(65))
                                 + "</w:OptionSet>"), "faultDetail/OptionLimit"),
    step("option-must-1", got(option(comply="1")), "faultDetail/NotSupported"),
    step("option-need-not-0", got(option(comply="0", extra='<w:Option Name="y" MustComply="False"/>')), "HTTP 200"),
    step("option-empty-name", got(option("")), "faultDetail/InvalidName"),
    *(step(f"locale-{i}", locale(tag), "HTTP 200") for i, tag in enumerate(("EN", "en-GB", "en-a1-b2", ""))),
    *(step(f"locale-none-{i}", locale(tag), "faultDetail/Locale")
      for i, tag in enumerate(("en-", "eng", "1n", "nine-letters", "en-ninechars", "x"))),
    step("size-sign", ask(c.GET, SYSTEM, KEYS).replace(">512000<", ">+512000<"), "a:InvalidMessageInformationHeader"),
    step("size-unit", ask(c.GET, SYSTEM, KEYS).replace(">512000<", ">512k<"), "a:InvalidMessageInformationHeader"),
    step("size-colon", ask(c.GET, SYSTEM, KEYS).replace(">512000<", ">:<"), "a:InvalidMessageInformationHeader"),
    step("locale-english", locale("en"), 'xml:lang="en-US"'),
    step("locale-hint", locale("fr", "false"), "HTTP 200"),
    step("locale-must", locale("fr"), "faultDetail/Locale"),
    step("locale-no-tag", locale("en_US"), "faultDetail/Locale"),
    step("data-locale-must", locale("fr", name="p:DataLocale", ns=" " + MS), "faultDetail/Locale"),
    step("uri-too-long", ask(c.GET, V2 + "n" * 2048, KEYS), "faultDetail/URILimitExceeded"),
    step("timeout-zero", ask(c.GET, SYSTEM, KEYS).replace("PT60.000S", "PT0S"), "faultDetail/InvalidTimeout"),
    step("timeout-negative", ask(c.GET, SYSTEM, KEYS).replace("PT60.000S", "-PT1S"), "faultDetail/InvalidTimeout"),
    step("timeout-minutes", ask(c.GET, SYSTEM, KEYS).replace("PT60.000S", "PT1M30S"), "HTTP 200"),
    step("policy", ask(c.GET, SYSTEM, KEYS).replace("<w:MaxEnvelopeSize ", '<w:MaxEnvelopeSize Policy="Skip" '), "HTTP 200"),
    step("policy-unknown", ask(c.GET, SYSTEM, KEYS).replace("<w:MaxEnvelopeSize ", '<w:MaxEnvelopeSize Policy="Shrink" '),
         "faultDetail/MaxEnvelopePolicy"),
    step("echo-reply-to", echoing("ReplyTo"), 'xmlns="urn:q"'),
    step("echo-fault-to", echoing("FaultTo"), '<Ticket xmlns="urn:q">f</Ticket>'),
    step("windows-ids", got(f'<p:SessionId s:mustUnderstand="false" {MS}>uuid:S</p:SessionId>'
                            f'<p:OperationID s:mustUnderstand="false" {MS}>uuid:O</p:OperationID>'
                            f'<p:SequenceId s:mustUnderstand="false" {MS}>7</p:SequenceId>'), "<p:SequenceId>7<"),
    step("must-understand-without-prefix", ask(c.GET, SYSTEM, KEYS).replace("s:mustUnderstand", "mustUnderstand"), "HTTP 200"),
    step("other-role", got('<q:X xmlns:q="urn:q" s:mustUnderstand="true" s:role="urn:somebody-else"/>'), "HTTP 200"),
]


def subscribe(inner="", delivery="<e:Delivery/>", name="Subscribe"):
    return ask(c.SUBSCRIBE, V2 + "*", body=f'<e:{name} xmlns:e="{NS["e"]}">{delivery}{inner}</e:{name}>')


def delivery(inner="", mode_=""):
    return f"<e:Delivery{mode_}>{inner}</e:Delivery>"


MODES = "http://schemas.dmtf.org/wbem/wsman/1/wsman/"
EVENTS = [
    step("subscribe", subscribe('<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM '
                                "__InstanceCreationEvent</w:Filter>", delivery(mode_=f' Mode="{MODES}Pull"')),
         "e:EventSourceUnableToProcess"),
    step("two-filters", subscribe("<w:Filter>a</w:Filter><e:Filter>b</e:Filter>"), "e:InvalidMessage"),
    step("other-body", subscribe(name="Subscription"), "e:InvalidMessage"),
    step("no-delivery", subscribe(delivery=""), "e:InvalidMessage"),
    step("dialect", subscribe('<w:Filter Dialect="urn:x">a</w:Filter>'), "e:FilteringRequestedUnavailable"),
    step("mode", subscribe(delivery=delivery(mode_=' Mode="urn:x"')), "e:DeliveryModeRequestedUnavailable"),
    step("heartbeats", subscribe(delivery=delivery("<w:Heartbeats>PT10S</w:Heartbeats>")), "faultDetail/Heartbeats"),
    step("bookmarks", subscribe("<w:SendBookmarks/>"), "faultDetail/Bookmarks"),
    step("bookmark", subscribe("<w:Bookmark>x</w:Bookmark>"), "w:InvalidBookmark"),
    step("retries", subscribe(delivery=delivery('<w:ConnectionRetry Total="3">PT1S</w:ConnectionRetry>')),
         "faultDetail/DeliveryRetries"),
    step("auth", subscribe(delivery=delivery('<w:Auth Profile="urn:x"/>')), "faultDetail/AuthorizationMode"),
    step("renew", ask(NS["e"] + "/Renew", V2 + "*"), "e:UnableToRenew"),
    step("status", ask(NS["e"] + "/GetStatus", V2 + "*"), "e:UnableToRenew"),
    step("unsubscribe", ask(NS["e"] + "/Unsubscribe", V2 + "*"), "e:UnableToRenew"),
]

WINDOWS = "[identify]\nvendor = Microsoft Corporation\nversion = OS: 10.0.17763 SP: 0.0 Stack: 3.0\n"
IDENTIFY = [
    step("as-windows", identify_envelope(), "<wsmid:ProductVersion>OS: 10.0.17763 SP: 0.0 Stack: 3.0<"),
    step("as-windows-anonymous", identify_envelope(), "OS: 0.0.0", role="none"),
]

SESSIONS = [{"name": "identify", "backend": c.PLAIN, "settings": WINDOWS, "steps": IDENTIFY}] + [
    {"name": name, "backend": c.PLAIN, "steps": steps, "values": c.VALUES}
    for name, steps in (("transfer", TRANSFER), ("enumerations", ENUMERATIONS), ("dialects", FILTERS), ("asks", HEADERS),
                        ("events", EVENTS))
]
