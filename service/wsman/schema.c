/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/schema.h"

#include "base/put.h"
#include "wsman/names.h"
#include "wsman/uri.h"
#include "wsman/wsman.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define XS "http://www.w3.org/2001/XMLSchema"

/* ---- what all classes share ---- */

static const char addressing[] =
    "<xs:schema xmlns:xs=\"" XS "\" xmlns:a=\"" NS_A "\" xmlns:w=\"" NS_W "\" targetNamespace=\"" NS_A
    "\" elementFormDefault=\"qualified\">\n"
    "  <xs:import namespace=\"" NS_W "\"/>\n"
    "  <xs:complexType name=\"ReferenceParametersType\">\n"
    "    <xs:sequence>\n"
    "      <xs:element ref=\"w:ResourceURI\" minOccurs=\"0\"/>\n"
    "      <xs:element ref=\"w:SelectorSet\" minOccurs=\"0\"/>\n"
    "    </xs:sequence>\n"
    "  </xs:complexType>\n"
    "  <xs:complexType name=\"EndpointReferenceType\">\n"
    "    <xs:sequence>\n"
    "      <xs:element name=\"Address\" type=\"xs:anyURI\"/>\n"
    "      <xs:element name=\"ReferenceParameters\" type=\"a:ReferenceParametersType\" minOccurs=\"0\"/>\n"
    "    </xs:sequence>\n"
    "  </xs:complexType>\n"
    "  <xs:element name=\"EndpointReference\" type=\"a:EndpointReferenceType\"/>\n"
    "  <xs:element name=\"To\" type=\"xs:anyURI\"/>\n"
    "  <xs:element name=\"Action\" type=\"xs:anyURI\"/>\n"
    "  <xs:element name=\"MessageID\" type=\"xs:anyURI\"/>\n"
    "  <xs:element name=\"RelatesTo\" type=\"xs:anyURI\"/>\n"
    "  <xs:element name=\"ReplyTo\" type=\"a:EndpointReferenceType\"/>\n"
    "</xs:schema>\n";

/* A selector is text, or in a reference to an association an endpoint reference. Tools that make clients
 * cannot mix the two, and no method takes such a reference. */
static const char selector[] =
    "  <xs:complexType name=\"SelectorType\" mixed=\"true\">\n"
    "    <xs:sequence>\n"
    "      <xs:element ref=\"a:EndpointReference\" minOccurs=\"0\"/>\n"
    "    </xs:sequence>\n"
    "    <xs:attribute name=\"Name\" type=\"xs:NCName\" use=\"required\"/>\n"
    "  </xs:complexType>\n";

static const char selector_for_tools[] =
    "  <xs:complexType name=\"SelectorType\"><xs:simpleContent><xs:extension base=\"xs:string\">"
    "<xs:attribute name=\"Name\" type=\"xs:NCName\" use=\"required\"/>"
    "</xs:extension></xs:simpleContent></xs:complexType>\n";

static const char wsman[] =
    "<xs:schema xmlns:xs=\"" XS "\" xmlns:a=\"" NS_A "\" xmlns:w=\"" NS_W "\" targetNamespace=\"" NS_W
    "\" elementFormDefault=\"qualified\">\n"
    "  <xs:import namespace=\"" NS_A "\"/>\n"
    "%s"
    "  <xs:complexType name=\"SelectorSetType\">\n"
    "    <xs:sequence>\n"
    "      <xs:element name=\"Selector\" type=\"w:SelectorType\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\n"
    "    </xs:sequence>\n"
    "  </xs:complexType>\n"
    "  <xs:element name=\"ResourceURI\" type=\"xs:anyURI\"/>\n"
    "  <xs:element name=\"SelectorSet\" type=\"w:SelectorSetType\"/>\n"
    "  <xs:element name=\"OperationTimeout\" type=\"xs:duration\"/>\n"
    "  <xs:element name=\"MaxEnvelopeSize\" type=\"xs:positiveInteger\"/>\n"
    "</xs:schema>\n";

/* DSP0230: values of CIM types, each with the attributes it may bear. */
#define SIMPLE(name, base)                                                                         \
    "  <xs:complexType name=\"" name "\"><xs:simpleContent><xs:extension base=\"xs:" base          \
    "\"><xs:anyAttribute namespace=\"##any\" processContents=\"lax\"/></xs:extension>"              \
    "</xs:simpleContent></xs:complexType>\n"

static const char common[] =
    "<xs:schema xmlns:xs=\"" XS "\" xmlns:a=\"" NS_A "\" xmlns:cim=\"" NS_CIM "\" targetNamespace=\"" NS_CIM
    "\" elementFormDefault=\"qualified\">\n"
    "  <xs:import namespace=\"" NS_A "\"/>\n"
    SIMPLE("cimBoolean", "boolean") SIMPLE("cimUnsignedByte", "unsignedByte")
    SIMPLE("cimUnsignedShort", "unsignedShort") SIMPLE("cimUnsignedInt", "unsignedInt")
    SIMPLE("cimUnsignedLong", "unsignedLong") SIMPLE("cimByte", "byte") SIMPLE("cimShort", "short")
    SIMPLE("cimInt", "int") SIMPLE("cimLong", "long") SIMPLE("cimString", "string")
    "  <xs:complexType name=\"cimDateTime\"><xs:choice>"
    "<xs:element name=\"CIM_DateTime\" type=\"xs:string\"/><xs:element name=\"Interval\" type=\"xs:duration\"/>"
    "<xs:element name=\"Date\" type=\"xs:date\"/><xs:element name=\"Time\" type=\"xs:time\"/>"
    "<xs:element name=\"Datetime\" type=\"xs:dateTime\"/></xs:choice></xs:complexType>\n"
    "  <xs:complexType name=\"cimReference\"><xs:complexContent><xs:extension base=\"a:EndpointReferenceType\"/>"
    "</xs:complexContent></xs:complexType>\n"
    "</xs:schema>\n";

static const struct {
    const char *ns, *text;
} shared[] = { { NS_W, wsman }, { NS_A, addressing }, { NS_CIM, common } };

/* The text with a type of selector filled in where it has a place for one. */
static void write_shared(struct strbuf *out, const char *text, const char *type)
{
    const char *gap = strstr(text, "%s");

    if (gap) {
        strbuf_add(out, text, (size_t)(gap - text));
        strbuf_puts(out, type);
        text = gap + 2;
    }
    strbuf_puts(out, text);
}

void schema_common(struct strbuf *out, const char *ns)
{
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (strcmp(shared[i].ns, ns) == 0)
            write_shared(out, shared[i].text, selector);
}

/* ---- a class ---- */

/* In instances, as DSP0230 has them; in messages, as tools that make clients like them best. */
static const struct {
    const char *instance, *message;
} types[] = {
    [CIM_BOOLEAN] = { "cim:cimBoolean", "xs:boolean" },
    [CIM_UINT8] = { "cim:cimUnsignedByte", "xs:unsignedByte" },
    [CIM_UINT16] = { "cim:cimUnsignedShort", "xs:unsignedShort" },
    [CIM_UINT32] = { "cim:cimUnsignedInt", "xs:unsignedInt" },
    [CIM_UINT64] = { "cim:cimUnsignedLong", "xs:unsignedLong" },
    [CIM_SINT8] = { "cim:cimByte", "xs:byte" },
    [CIM_SINT16] = { "cim:cimShort", "xs:short" },
    [CIM_SINT32] = { "cim:cimInt", "xs:int" },
    [CIM_SINT64] = { "cim:cimLong", "xs:long" },
    [CIM_STRING] = { "cim:cimString", "xs:string" },
    [CIM_DATETIME] = { "cim:cimDateTime", "cim:cimDateTime" },
    [CIM_INTERVAL] = { "cim:cimDateTime", "cim:cimDateTime" },
    [CIM_REFERENCE] = { "cim:cimReference", "cim:cimReference" },
    [CIM_INSTANCE] = { "xs:anyType", "xs:string" }, /* as text on the way in */
};

static void write_element(struct strbuf *out, const char *name, const char *type, unsigned flags)
{
    strbuf_printf(out, "        <xs:element name=\"%s\" type=\"%s\" nillable=\"true\"%s/>\n", name, type,
                  flags & CIM_ARRAY      ? " minOccurs=\"0\" maxOccurs=\"unbounded\""
                  : flags & CIM_REQUIRED ? ""
                                         : " minOccurs=\"0\"");
}

static void write_message(struct strbuf *out, const struct cim_method *method, unsigned direction)
{
    strbuf_printf(out, "  <xs:element name=\"%s_%s\">\n    <xs:complexType>\n      <xs:sequence>\n",
                  method->name, direction == CIM_IN ? "INPUT" : "OUTPUT");
    for (size_t i = 0; i < method->parameter_count; i++) {
        const struct cim_parameter *p = &method->parameters[i];
        const bool nested = p->type == CIM_INSTANCE && direction == CIM_OUT;
        if (p->flags & direction)
            write_element(out, p->name, nested ? types[p->type].instance : types[p->type].message,
                          direction == CIM_IN ? p->flags : p->flags & ~(unsigned)CIM_REQUIRED);
    }
    if (direction == CIM_OUT)
        strbuf_puts(out, "        <xs:element name=\"ReturnValue\" type=\"xs:unsignedInt\"/>\n");
    strbuf_puts(out, "      </xs:sequence>\n    </xs:complexType>\n  </xs:element>\n");
}

void schema_class(struct strbuf *out, const struct cim_class *class, const char *where)
{
    const struct cim_property *property;
    struct strbuf uri = STRBUF_INIT;
    struct cim_walk walk = { 0 };

    uri_write(&uri, URI_FORM_MICROSOFT, class->ns, class->name);
    strbuf_printf(out,
                  "<xs:schema xmlns:xs=\"" XS "\" xmlns:cim=\"" NS_CIM "\" xmlns:p=\"%s\" targetNamespace=\"%s\" "
                  "elementFormDefault=\"qualified\">\n  <xs:import namespace=\"" NS_CIM "\"",
                  strbuf_str(&uri), strbuf_str(&uri));
    if (where)
        strbuf_printf(out, " schemaLocation=\"%s\"", where);
    strbuf_printf(out, "/>\n  <xs:complexType name=\"%s_Type\">\n      <xs:sequence>\n", class->name);
    while ((property = cim_property_next(class, &walk)))
        write_element(out, property->name, types[property->type].instance, property->flags);
    strbuf_printf(out, "      </xs:sequence>\n  </xs:complexType>\n  <xs:element name=\"%s\" type=\"p:%s_Type\"/>\n",
                  class->name, class->name);
    for (size_t i = 0; i < class->method_count; i++) {
        write_message(out, &class->methods[i], CIM_IN);
        write_message(out, &class->methods[i], CIM_OUT);
    }
    strbuf_puts(out, "</xs:schema>\n");
    out->failed |= uri.failed;
    strbuf_free(&uri);
}

/* ---- WSDL ---- */

/* Headers of every request: part name and element. */
static const char *const header_parts[][2] = {
    { "To", "a:To" },
    { "Action", "a:Action" },
    { "MessageID", "a:MessageID" },
    { "ReplyTo", "a:ReplyTo" },
    { "ResourceURI", "w:ResourceURI" },
    { "SelectorSet", "w:SelectorSet" },
    { "OperationTimeout", "w:OperationTimeout" },
    { "MaxEnvelopeSize", "w:MaxEnvelopeSize" },
};

enum { PARTS = sizeof(header_parts) / sizeof(header_parts[0]) };

static void write_types(struct strbuf *out, const struct cim_class *class)
{
    strbuf_puts(out, "<wsdl:types>\n");
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        write_shared(out, shared[i].text, selector_for_tools);
    schema_class(out, class, NULL);
    strbuf_puts(out, "</wsdl:types>\n");
}

static void write_messages(struct strbuf *out, const struct cim_class *class)
{
    strbuf_puts(out, "<wsdl:message name=\"Headers\">\n");
    for (size_t i = 0; i < PARTS; i++)
        strbuf_printf(out, "  <wsdl:part name=\"%s\" element=\"%s\"/>\n", header_parts[i][0],
                      header_parts[i][1]);
    strbuf_puts(out, "</wsdl:message>\n");
    for (size_t i = 0; i < class->method_count; i++) {
        const char *name = class->methods[i].name;
        strbuf_printf(out,
                      "<wsdl:message name=\"%sRequest\"><wsdl:part name=\"parameters\" element=\"p:%s_INPUT\"/></wsdl:message>\n"
                      "<wsdl:message name=\"%sResponse\"><wsdl:part name=\"parameters\" element=\"p:%s_OUTPUT\"/></wsdl:message>\n",
                      name, name, name, name);
    }
}

static void write_port_type(struct strbuf *out, const struct cim_class *class)
{
    strbuf_printf(out, "<wsdl:portType name=\"%s\">\n", class->name);
    for (size_t i = 0; i < class->method_count; i++) {
        const char *name = class->methods[i].name;
        strbuf_printf(out,
                      "  <wsdl:operation name=\"%s\"><wsdl:input message=\"p:%sRequest\"/>"
                      "<wsdl:output message=\"p:%sResponse\"/></wsdl:operation>\n",
                      name, name, name);
    }
    strbuf_puts(out, "</wsdl:portType>\n");
}

static void write_binding(struct strbuf *out, const struct cim_class *class, const char *uri)
{
    strbuf_printf(out,
                  "<wsdl:binding name=\"%sBinding\" type=\"p:%s\">\n"
                  "  <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n",
                  class->name, class->name);
    for (size_t i = 0; i < class->method_count; i++) {
        const char *name = class->methods[i].name;
        strbuf_printf(out,
                      "  <wsdl:operation name=\"%s\">\n    <soap:operation soapAction=\"%s/%s\"/>\n"
                      "    <wsdl:input><soap:body use=\"literal\"/>\n",
                      name, uri, name);
        for (size_t k = 0; k < PARTS; k++)
            strbuf_printf(out, "      <soap:header message=\"p:Headers\" part=\"%s\" use=\"literal\"/>\n",
                          header_parts[k][0]);
        strbuf_puts(out, "    </wsdl:input>\n    <wsdl:output><soap:body use=\"literal\"/></wsdl:output>\n"
                         "  </wsdl:operation>\n");
    }
    strbuf_puts(out, "</wsdl:binding>\n");
}

void schema_wsdl(struct strbuf *out, const struct cim_class *class, const char *address)
{
    struct strbuf uri = STRBUF_INIT;

    uri_write(&uri, URI_FORM_MICROSOFT, class->ns, class->name);
    strbuf_printf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<wsdl:definitions name=\"%s\" targetNamespace=\"%s\" xmlns:p=\"%s\" xmlns:a=\"" NS_A
                  "\" xmlns:w=\"" NS_W "\" xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" "
                  "xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap12/\">\n",
                  class->name, strbuf_str(&uri), strbuf_str(&uri));
    write_types(out, class);
    write_messages(out, class);
    write_port_type(out, class);
    write_binding(out, class, strbuf_str(&uri));
    strbuf_printf(out,
                  "<wsdl:service name=\"%s\"><wsdl:port name=\"%s\" binding=\"p:%sBinding\"><soap:address location=\"",
                  class->name, class->name, class->name);
    strbuf_xml(out, address);
    strbuf_puts(out, "\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n");
    out->failed |= uri.failed;
    strbuf_free(&uri);
}

const struct cim_class *schema_find(const char *name)
{
    const char *colon = strchr(name, ':');
    size_t ns = colon ? (size_t)(colon - name) : 0;

    for (size_t i = 0; cim_class_registry[i]; i++) {
        const struct cim_class *class = cim_class_registry[i];
        if (strcasecmp(class->name, colon ? colon + 1 : name) == 0 &&
            (!colon || (strlen(class->ns) == ns && strncasecmp(class->ns, name, ns) == 0)))
            return class;
    }
    return NULL;
}

void wsman_describe(const struct wsman_request *request, const char *class, const char *address,
                    struct wsman_reply *reply)
{
    const struct cim_class *found = schema_find(*class ? class : SCHEMA_SERVICE);

    snprintf(reply->action, sizeof(reply->action), "WSDL");
    put_text(reply->target, sizeof(reply->target), class);
    reply->denied = !access_allows(request->who, ROLE_VIEWER);
    reply->status = reply->denied ? 403 : found ? 200 : 404;
    if (reply->status == 200)
        schema_wsdl(&reply->body, found, address);
}
