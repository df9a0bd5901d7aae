/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Management (DSP0226, DSP0227) as Windows speaks it (MS-WSMV): one request in, one reply out.
 */
#ifndef CIMSNAPD_WSMAN_WSMAN_H
#define CIMSNAPD_WSMAN_WSMAN_H

#include "base/config.h"
#include "base/strbuf.h"
#include "core/core.h"

struct wsman;

struct wsman_request {
    const char *body; /* borrowed; need not end in NUL */
    size_t length;
    const char *charset; /* of the Content-Type: "utf-8", "utf-16", or "" when it says none */
    bool anonymous;      /* nobody was asked who they are: only Identify is answered */
    const struct principal *who;
    bool at_once; /* the caller cannot wait: what would have to is put off */
    const char *const *profiles; /* security profiles for Identify (DSP8015), as URIs, ended by NULL; or NULL */
};

struct wsman_reply {
    int status;         /* HTTP: 200, or 500 for a fault */
    struct strbuf body; /* owned by the caller */
    bool utf16;         /* what the body is in: as the request was; else UTF-8 */
    /* For the log: what was asked of whom, and what came of it. */
    char action[256], target[256], result[160];
    bool mutation; /* for the audit: more than a look was asked for */
    bool denied;   /* and the caller's role was not enough */
    bool put_off;  /* asked for at_once, which cannot be: nothing was done, the reply is none */
};

/* config and core are borrowed until wsman_close(). */
int wsman_open(struct wsman **out, const struct config *config, struct core *core,
               struct error *err);
void wsman_close(struct wsman *wsman);

/* Answers one request. Threads: any number at once; may block on the backend unless at_once. reply comes zeroed. */
void wsman_handle(struct wsman *wsman, const struct wsman_request *request,
                  struct wsman_reply *reply);

/* Whether a body looks like what may be had at_once: an Identify, or a Get, which often waits for nothing. A guess
 * that costs next to nothing; wrong either way it is only slower. */
bool wsman_is_brief(const char *body, size_t length);

/* The WSDL of a class ("": of the snapshot service), for a service at that address. Status 404 and a line of
 * text when there is no such class. */
void wsman_describe(const struct wsman_request *request, const char *class, const char *address,
                    struct wsman_reply *reply);

#endif
