/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading libvirt's XML by XPath. A document that libvirt wrote is trusted to be what libvirt says,
 * not to have every element: what is not there is NULL.
 */
#ifndef CIMSNAPD_LV_XML_H
#define CIMSNAPD_LV_XML_H

#include "base/error.h"

#include <libxml/xpath.h>
#include <stdbool.h>

struct lv_xml {
    xmlDocPtr doc;
    xmlXPathContextPtr context;
};

int lv_xml_open(struct lv_xml *xml, const char *text, struct error *err);
void lv_xml_close(struct lv_xml *xml);

/* Evaluated at `at` (NULL: the document). The text of the first match, to be freed; NULL for no
 * match, an empty one, and without memory. */
char *lv_xml_text(const struct lv_xml *xml, xmlNodePtr at, const char *path);
/* The same as a number in digits alone; anything else is `otherwise`. */
unsigned long long lv_xml_number(const struct lv_xml *xml, xmlNodePtr at, const char *path,
                                 unsigned long long otherwise);
bool lv_xml_has(const struct lv_xml *xml, xmlNodePtr at, const char *path);
/* Steps of a path without XPath, for what is read most. The first element of that name in `node`, or NULL. */
xmlNodePtr lv_xml_child(xmlNodePtr node, const char *name);
/* An attribute's value, to be freed; NULL where there is none, nor a node, for an empty one, and without memory. */
char *lv_xml_attribute(xmlNodePtr node, const char *name);
/* The text of an element and what is in it, to be freed; NULL without memory. */
char *lv_xml_dump(xmlNodePtr node);
/* Calls visit for each match until it returns other than 0; returns that, or -1 without memory. */
typedef int lv_xml_visit(const struct lv_xml *xml, xmlNodePtr node, void *opaque);
int lv_xml_each(const struct lv_xml *xml, const char *path, lv_xml_visit *visit, void *opaque);
/* The same at a node. */
int lv_xml_each_at(const struct lv_xml *xml, xmlNodePtr at, const char *path, lv_xml_visit *visit,
                   void *opaque);

#endif
