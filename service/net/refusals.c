/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/refusals.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/put.h"

#include <stdio.h>
#include <string.h>

enum { PAUSE_MS = 1000 };

void refusals_init(struct refusals *refusals)
{
    memset(refusals, 0, sizeof(*refusals));
    pthread_mutex_init(&refusals->lock, NULL);
}

void refusals_destroy(struct refusals *refusals)
{
    refusals_tell(refusals, INT64_MAX);
    pthread_mutex_destroy(&refusals->lock);
}

static void write_line(enum refusal kind, const struct refusals_held *held)
{
    char count[24];

    snprintf(count, sizeof(count), "%lu", held->count);
    log_event(LOG_WARN, kind == REFUSAL_CONNECTION ? "connection_refused" : "refused", "peer",
              held->peer, "status", kind == REFUSAL_CONNECTION ? NULL : "503", "reason",
              held->reason, "count", held->count > 1 ? count : NULL, NULL);
}

/* Writes a copy, after the lock: the log may be slow. */
void refusals_tell(struct refusals *refusals, int64_t now_ms)
{
    struct refusals_held due[REFUSAL_BUSY + 1];
    bool left = false;

    pthread_mutex_lock(&refusals->lock);
    memcpy(due, refusals->held, sizeof(due));
    for (int kind = 0; kind <= REFUSAL_BUSY; kind++) {
        struct refusals_held *held = &refusals->held[kind];
        if (held->count && (held->told_ms == 0 || now_ms - held->told_ms >= PAUSE_MS)) {
            held->count = 0;
            held->told_ms = now_ms;
        } else {
            left = left || held->count;
            due[kind].count = 0;
        }
    }
    refusals->any_held = left;
    pthread_mutex_unlock(&refusals->lock);
    for (int kind = 0; kind <= REFUSAL_BUSY; kind++)
        if (due[kind].count)
            write_line(kind, &due[kind]);
}

static void hold(struct refusals *refusals, enum refusal kind, const char *peer, const char *reason)
{
    struct refusals_held *held = &refusals->held[kind];

    pthread_mutex_lock(&refusals->lock);
    held->count++;
    held->reason = reason;
    put_text(held->peer, sizeof(held->peer), peer);
    pthread_mutex_unlock(&refusals->lock);
    refusals_tell(refusals, clock_mono_ms());
}

void refusals_connection(struct refusals *refusals, const char *peer, const char *reason)
{
    refusals->counts[REFUSAL_CONNECTION]++;
    hold(refusals, REFUSAL_CONNECTION, peer, reason);
}

void refusals_request(struct refusals *refusals, const char *peer, int status, const char *reason,
                      const char *user)
{
    enum refusal kind = status == 503   ? REFUSAL_BUSY
                        : status == 401 ? REFUSAL_LOGIN
                                        : REFUSAL_REQUEST;
    char code[12];

    refusals->counts[kind]++;
    if (kind == REFUSAL_BUSY) {
        hold(refusals, kind, peer, reason);
        return;
    }
    snprintf(code, sizeof(code), "%d", status);
    /* Most clients ask once without credentials to learn what is offered: that is no warning. */
    log_event(user ? LOG_WARN : LOG_INFO, "refused", "peer", peer, "status", code, "reason", reason,
              "user", user, NULL);
}

bool refusals_any_held(struct refusals *refusals)
{
    return refusals->any_held;
}
