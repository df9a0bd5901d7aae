/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Linked into the golden program: before each request is answered, the same request with every allocation
 * failing in turn. What it does to the world is left there, so that replies are not to be compared; each is
 * well-formed and has the status that fits, or says that there was no memory for it.
 */
#include "base/log.h"
#include "faults/alloc.h"
#include "golden/golden.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each of the first ones, then ever fewer: long lists allocate alike for each item. Then all from there on. */
enum { EACH = 256, POINTS_MOST = 20000 };

__attribute__((constructor)) static void rehearse_begin(void)
{
    if (alloc_init(false, false) != 0)
        abort();
    log_set_level(LOG_ERROR_);
}

static const char *judge(const struct wsman_reply *reply)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE;
    xmlDoc *doc;

    if (!strbuf_ok(&reply->body))
        return reply->status == 500 ? NULL : "a success that was not written";
    doc = xmlReadMemory(strbuf_str(&reply->body), (int)reply->body.len, NULL, NULL, options);
    if (!doc)
        return "the reply is not well-formed";
    xmlFreeDoc(doc);
    return (reply->status != 200) == (strstr(strbuf_str(&reply->body), "<s:Fault>") != NULL)
               ? NULL
               : "the status does not fit the reply";
}

/* Tells whether the point was reached. most: how many fail from there on. */
static bool rehearse(struct wsman *wsman, const struct wsman_request *request, long point, long most)
{
    struct wsman_reply reply = { .body = STRBUF_INIT };
    const char *complaint;
    bool reached;

    alloc_arm(ALLOC_MAIN, point, most);
    wsman_handle(wsman, request, &reply);
    reached = alloc_disarm();
    complaint = judge(&reply);
    if (complaint) {
        fprintf(stderr, "allocation %ld: %s: HTTP %d\n%s\n", point, complaint, reply.status,
                strbuf_ok(&reply.body) ? strbuf_str(&reply.body) : "");
        exit(1);
    }
    strbuf_free(&reply.body);
    return reached;
}

void golden_rehearse(struct wsman *wsman, const struct wsman_request *request)
{
    for (long point = 1; point < POINTS_MOST && rehearse(wsman, request, point, 1);)
        point += point < EACH ? 1 : point / 32;
    for (long point = 1; point < POINTS_MOST && rehearse(wsman, request, point, LONG_MAX / 2);)
        point += 1 + point / 16;
}
