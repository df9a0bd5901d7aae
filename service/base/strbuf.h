/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A growing text buffer. Errors are sticky: after a failed allocation every call is a no-op and
 * strbuf_ok() is false, so a long piece of writing is checked once, at its end.
 * Ownership: the struct owns data until strbuf_free() or strbuf_steal().
 */
#ifndef CIMSNAPD_BASE_STRBUF_H
#define CIMSNAPD_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct strbuf {
    char *data; /* NUL-terminated once anything was added, else NULL */
    size_t len, cap;
    bool failed;
    size_t front; /* octets before data that strbuf_precede() may take */
};

#define STRBUF_INIT             { NULL, 0, 0, false, 0 }
#define STRBUF_WITH_FRONT(room) { NULL, 0, 0, false, room }

/* Makes room for so many octets more, and a NUL. False when that failed. */
bool strbuf_reserve(struct strbuf *b, size_t more);
/* For strbuf_add(): makes room for len octets and a NUL first. */
void strbuf_add_grown(struct strbuf *b, const char *data, size_t len);

/* A reply is some hundreds of short pieces: inline, so that the lengths of literals are constants.
 */
static inline void strbuf_add(struct strbuf *b, const char *data, size_t len)
{
    if (b->failed || len >= b->cap - b->len) {
        strbuf_add_grown(b, data, len);
        return;
    }
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

/* For len octets that the caller writes, and a NUL after them; NULL when there is no memory. */
static inline char *strbuf_room(struct strbuf *b, size_t len)
{
    if ((b->failed || len >= b->cap - b->len) && !strbuf_reserve(b, len))
        return NULL;
    b->len += len;
    return b->data + b->len - len;
}

static inline void strbuf_puts(struct strbuf *b, const char *text)
{
    strbuf_add(b, text, strlen(text));
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As element text or attribute value: & < > " become entities; a carriage return, tab or newline a
 * character reference in attributes and text alike; other control characters and ill-formed UTF-8
 * U+FFFD. */
void strbuf_xml(struct strbuf *b, const char *text);
void strbuf_xml_n(struct strbuf *b, const char *text, size_t len);
/* Puts text before what is there, without moving it; false, and nothing done, where there is no room for that. */
bool strbuf_precede(struct strbuf *b, const char *text, size_t len);
/* Adds text at octet `at`, before what stands there. */
void strbuf_insert(struct strbuf *b, size_t at, const char *text);
void strbuf_truncate(struct strbuf *b, size_t len);
bool strbuf_ok(const struct strbuf *b);
/* Never NULL, valid until the next change. */
const char *strbuf_str(const struct strbuf *b);
/* The text, to be freed by the caller; NULL when an allocation had failed. The buffer is empty
 * after. */
char *strbuf_steal(struct strbuf *b);
void strbuf_free(struct strbuf *b);

#endif
