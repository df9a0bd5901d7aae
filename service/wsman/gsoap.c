/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/gsoap.h"

#include "wsman/names.h"

#include <stdlib.h>
#include <string.h>

enum {
    ATTRIBUTES_KEPT = 16, /* names of attributes that requests have; each costs gSOAP a look at each attribute */
    VALUE_KEPT = 512,     /* octets */
};

/* What gSOAP's library finds by its name; all else is hidden (Makefile). */
#define FOR_GSOAP __attribute__((visibility("default")))

/* The generated table, but for its last row: the snapshot service's messages come in the namespace of any class
 * URI by which clients know it. No row may take more than it must: of a namespace that a row takes
 * gSOAP keeps only the last one seen, and any_ns() would tell that of all. */
FOR_GSOAP SOAP_NMAC struct Namespace namespaces[] = {
    { "SOAP-ENV", NS_S, NULL, NULL },
    { "SOAP-ENC", "http://www.w3.org/2003/05/soap-encoding", NULL, NULL },
    { "xsi", NS_XSI, "http://www.w3.org/*/XMLSchema-instance", NULL },
    { "xsd", "http://www.w3.org/2001/XMLSchema", NULL, NULL },
    { "wsa", NS_A, NULL, NULL },
    { "wsman", NS_W, NULL, NULL },
    { "wsmv", NS_P, NULL, NULL },
    { "wsmb", NS_B, NULL, NULL },
    { "wsmid", NS_WSMID, NULL, NULL },
    { "wsen", NS_N, NULL, NULL },
    { "p", SOAP_NAMESPACE_OF_p, "http://schemas.*VirtualSystemSnapshotService", NULL },
    { NULL, NULL, NULL, NULL },
};

/* Stands in for the function of that name in gSOAP's library, which uses this one too: gSOAP 2.8.124
 * follows null pointers when it fails (names in the DOM, arrays of the stubs), so that it must not
 * fail. It also saves gSOAP's list of single blocks. */
FOR_GSOAP void *soap_malloc(struct soap *soap, size_t size)
{
    struct decoder *d = soap->user;
    void *p = arena_alloc(&d->arena, size);

    if (!p)
        longjmp(d->no_memory, 1);
    return p;
}

void gsoap_free_attributes(struct soap *soap, size_t keep)
{
    struct soap_attribute **at = &soap->attributes;

    for (size_t kept = 0; *at;) {
        struct soap_attribute *attribute = *at;
        /* without a value, its size may be that of one for which there was no memory */
        if (kept < keep && attribute->value && attribute->size <= VALUE_KEPT) {
            kept++;
            at = &attribute->next;
            continue;
        }
        *at = attribute->next;
        free(attribute->value);
        free(attribute);
    }
}

/* The same for gSOAP's own, which also clears 48 KB of tables of ids and pointers. With SOAP_XML_TREE they stay
 * empty. soap_begin_recv() comes here for each request; what it would only make again is kept, as the room for the
 * values of attributes: gSOAP marks those that an element has. */
FOR_GSOAP void soap_free_temp(struct soap *soap)
{
    while (soap->nlist) {
        struct soap_nlist *next = soap->nlist->next;
        free(soap->nlist);
        soap->nlist = next;
    }
    while (soap->blist)
        soap_end_block(soap, NULL);
    gsoap_free_attributes(soap, ATTRIBUTES_KEPT);
    free(soap->labbuf);
    soap->labbuf = NULL;
    soap->labidx = soap->lablen = 0;
    for (struct Namespace *ns = soap->local_namespaces; ns && ns->id; ns++) {
        free(ns->out);
        ns->out = NULL;
    }
}

/* What it does beside taking up a message in memory: it clears 16 KB of a table of ids, which is empty (14,000 instructions,
 * one in six of an Identify), and looks for HTTP, attachments and a byte order mark, which soap_peek_element() sees
 * too. The first time it makes what is kept. */
int gsoap_begin_recv(struct soap *soap)
{
    if (GSOAP_VERSION != 208124 || !soap->local_namespaces)
        return soap_begin_recv(soap);
    soap_free_temp(soap);
    soap->error = soap->recverror = SOAP_OK;
    soap->version = 0;
    soap->mode = soap->imode;
    soap->buflen = soap->bufidx = 0;
    soap->ahead = 0;
    soap->peeked = soap->mustUnderstand = soap->null = soap->cdata = 0;
    soap->shaky = 0;
    soap->position = 0;
    soap->level = 0;
    soap->part = SOAP_BEGIN_RECV;
    soap->count = soap->length = 0;
    soap->header = NULL;
    soap->fault = NULL;
    soap->status = 0;
    soap->body = 1;
    soap->dom = NULL;
    return SOAP_OK;
}

/* The length of the text that comes now, if it is one of plain octets up to an end tag, which gSOAP would copy as they
 * are; else -1. */
static long plain_length(const struct soap *soap)
{
    static const bool plain[256] = { ['\t' ... '\n'] = true, [' ' ... '%'] = true, ['\'' ... ';'] = true, ['=' ... '~'] = true };
    const char *from = soap->buf + soap->bufidx, *end = soap->buf + soap->buflen, *p = from;

    if (soap->null || !soap->body || soap->ahead || soap->cdata)
        return -1;
    while (p < end && plain[(unsigned char)*p])
        p++;
    return end - p >= 2 && p[0] == '<' && p[1] == '/' ? p - from : -1;
}

/* gSOAP reads a text octet by octet, with some thirty instructions for each: most of them are plain. */
char **gsoap_text(struct soap *soap, const char *tag, char **p, const char *type, int t, int flag, long least,
                  long most, const char *pattern)
{
    int rc = soap_peek_element(soap);
    long length = rc == SOAP_OK ? plain_length(soap) : -1;

    if (rc != SOAP_OK && rc != SOAP_NO_TAG) /* a second look would not tell it */
        return NULL;
    if (length < 0 || !tag || flag != 1 || least > 0 || most >= 0 || pattern)
        return soap_instring(soap, tag, p, type, t, flag, least, most, pattern);
    if (soap_element_begin_in(soap, tag, 1, NULL))
        return NULL;
    if (!p)
        p = soap_malloc(soap, sizeof(*p));
    *p = soap_malloc(soap, (size_t)length + 1);
    memcpy(*p, soap->buf + soap->bufidx, (size_t)length);
    (*p)[length] = '\0';
    soap->bufidx += (size_t)length;
    return soap_element_end_in(soap, tag) ? NULL : p;
}
