/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * gSOAP as decode.c uses it: the context that the library's functions get as soap->user, and what stands in for
 * functions of the library (gsoap.c). For decode.c and gsoap.c only.
 */
#ifndef CIMSNAPD_WSMAN_GSOAP_H
#define CIMSNAPD_WSMAN_GSOAP_H

#include "base/arena.h"

#include "soapH.h"

#include <setjmp.h>

struct decoder {
    struct soap *soap;
    const char *p;
    size_t left;
    struct arena arena; /* what the request holds */
    jmp_buf no_memory;
};

/* The stubs call this in place of soap_instring() (Makefile), with the same meaning. */
char **gsoap_text(struct soap *soap, const char *tag, char **p, const char *type, int t, int flag, long least,
                  long most, const char *pattern);

/* soap_begin_recv() for a message that passed guard_check(). */
int gsoap_begin_recv(struct soap *soap);
/* Frees the context's list of attributes, but for so many whose values are short. */
void gsoap_free_attributes(struct soap *soap, size_t keep);

#endif
