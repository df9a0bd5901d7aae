/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

int lv_xml_open(struct lv_xml *xml, const char *text, struct error *err)
{
    xml->context = NULL;
    xml->doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                 XML_PARSE_NOBLANKS); /* half of libvirt's nodes are indents */
    if (xml->doc)
        xml->context = xmlXPathNewContext(xml->doc);
    if (xml->context)
        return 0;
    lv_xml_close(xml);
    error_cause(err, "XML of libvirt could not be parsed");
    return error_set(err, ERR_FAILED, NULL);
}

void lv_xml_close(struct lv_xml *xml)
{
    xmlXPathFreeContext(xml->context);
    xmlFreeDoc(xml->doc);
    xml->context = NULL;
    xml->doc = NULL;
}

static xmlXPathObjectPtr xml_find(const struct lv_xml *xml, xmlNodePtr at, const char *path)
{
    xml->context->node = at ? at : (xmlNodePtr)xml->doc;
    return xmlXPathEval((const xmlChar *)path, xml->context);
}

static bool xml_found(const xmlXPathObject *found)
{
    return found && found->nodesetval && found->nodesetval->nodeNr > 0;
}

/* Copied, so that callers need only free(). */
static char *xml_take(xmlChar *content)
{
    char *text = content && content[0] ? strdup((const char *)content) : NULL;

    xmlFree(content);
    return text;
}

char *lv_xml_text(const struct lv_xml *xml, xmlNodePtr at, const char *path)
{
    xmlXPathObjectPtr found = xml_find(xml, at, path);
    char *text = NULL;

    if (xml_found(found))
        text = xml_take(xmlNodeGetContent(found->nodesetval->nodeTab[0]));
    xmlXPathFreeObject(found);
    return text;
}

unsigned long long lv_xml_number(const struct lv_xml *xml, xmlNodePtr at, const char *path,
                                 unsigned long long otherwise)
{
    char *text = lv_xml_text(xml, at, path), *end = text;
    unsigned long long number = text ? strtoull(text, &end, 10) : 0;
    bool good = text && isdigit((unsigned char)*text) && !*end;

    free(text);
    return good ? number : otherwise;
}

bool lv_xml_has(const struct lv_xml *xml, xmlNodePtr at, const char *path)
{
    xmlXPathObjectPtr found = xml_find(xml, at, path);
    bool has = xml_found(found);

    xmlXPathFreeObject(found);
    return has;
}

xmlNodePtr lv_xml_child(xmlNodePtr node, const char *name)
{
    xmlNodePtr child = xmlFirstElementChild(node);

    while (child && !xmlStrEqual(child->name, (const xmlChar *)name))
        child = xmlNextElementSibling(child);
    return child;
}

char *lv_xml_attribute(xmlNodePtr node, const char *name)
{
    return xml_take(xmlGetProp(node, (const xmlChar *)name));
}

char *lv_xml_dump(xmlNodePtr node)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    char *text = NULL;

    if (buffer && node && xmlNodeDump(buffer, node->doc, node, 0, 0) > 0)
        text = strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

int lv_xml_each(const struct lv_xml *xml, const char *path, lv_xml_visit *visit, void *opaque)
{
    return lv_xml_each_at(xml, NULL, path, visit, opaque);
}

int lv_xml_each_at(const struct lv_xml *xml, xmlNodePtr at, const char *path, lv_xml_visit *visit,
                   void *opaque)
{
    xmlXPathObjectPtr found = xml_find(xml, at, path);
    int result = found ? 0 : -1;

    if (xml_found(found))
        for (int i = 0; result == 0 && i < found->nodesetval->nodeNr; i++)
            result = visit(xml, found->nodesetval->nodeTab[i], opaque);
    xmlXPathFreeObject(found);
    return result;
}
