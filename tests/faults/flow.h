/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sample flow, one request a step, through the whole WS-Management layer on the memory backend.
 * The requests are those of the golden tests.
 */
#ifndef CIMSNAPD_TESTS_FLOW_H
#define CIMSNAPD_TESTS_FLOW_H

#include "core/core.h"
#include "wsman/wsman.h"

enum { FLOW_STEPS = 12, FLOW_CREATE = 6 };

struct flow {
    struct config config;
    struct backend *backend; /* core's */
    struct core *core;
    struct wsman *wsman;
    char job[40], snapshot[40], context[64]; /* from the replies before */
};

extern const char *const flow_names[FLOW_STEPS];

/* Reads the requests and takes the replies to compare with; complaint or NULL. */
const char *flow_init(const char *pairs);
/* 0, or -1 with err; flow_close() in either case. */
int flow_open(struct flow *flow, struct error *err);
void flow_close(struct flow *flow);

/* The request of a step, to be freed. */
char *flow_request(const struct flow *flow, int step, size_t *len);
void flow_send(struct flow *flow, const char *body, size_t len, struct wsman_reply *reply);
/* What a reply may be; in every case it is well-formed. */
enum flow_strictness {
    FLOW_EXACT, /* what it always is, but for new GUIDs */
    FLOW_KIND,  /* a success or a fault, as always */
    FLOW_ONCE,  /* exact, or a fault; where it is always a fault, also as the next */
    FLOW_EVER,  /* the same, or marked as one for which there was no memory (a plain 500 then) */
};
/* A complaint about the reply, or NULL; frees its body, remembers what later steps need. */
const char *flow_judge(struct flow *flow, int step, struct wsman_reply *reply,
                       enum flow_strictness how);
/* Waits until every job has ended, then compares jobs with the backend's snapshots: a complaint or
 * NULL. */
const char *flow_jobs(struct flow *flow);

#endif
