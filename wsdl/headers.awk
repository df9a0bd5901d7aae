# SPDX-License-Identifier: GPL-2.0-or-later
#
# Puts those members of the SOAP header first that every request has: gSOAP tries each element of a request against the
# members in their order, and wsdl2h has them in that of their names.
BEGIN {
    often = split("wsa__Action wsa__To wsman__ResourceURI wsa__MessageID wsa__ReplyTo wsman__MaxEnvelopeSize " \
                  "wsman__OperationTimeout wsman__SelectorSet wsman__Locale wsmv__DataLocale wsmv__SessionId " \
                  "wsmv__OperationID wsmv__SequenceId wsman__OptionSet", first)
}
/struct SOAP_ENV__Header$/ { inside = 1 }
inside && (/^ *mustUnderstand/ || /^\/\/\//) { member = member $0 "\n"; next }
inside && member != "" {
    name = $NF == ";" ? $(NF - 1) : $NF
    sub(/;$/, "", name)
    names[++count] = name
    members[name] = member $0
    member = ""
    next
}
inside && /^};/ {
    for (i = 1; i <= often + count; i++) {
        name = i <= often ? first[i] : names[i - often]
        if (name in members)
            print members[name]
        delete members[name]
    }
    inside = 0
}
{ print }
