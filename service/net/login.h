/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who sent a request: the way of an exchange through what is remembered, the password checks, the
 * Kerberos threads, and the wait of an address whose logins have failed. Each decision is told to
 * the audit. Threads: those of the exchange.
 */
#ifndef CIMSNAPD_NET_LOGIN_H
#define CIMSNAPD_NET_LOGIN_H

#include "net/exchange.h"

enum login_outcome {
    LOGIN_GRANTED,  /* exchange->login.who is somebody */
    LOGIN_ANSWERED, /* refused, or asked for more: the reply is written */
    LOGIN_AWAY,     /* the exchange is on its way through another thread */
};

/* Whether judging takes no longer than remembering does, so that a loop may do it: no token, no certificate. */
bool login_is_brief(const struct exchange *exchange);
enum login_outcome login_judge(struct exchange *exchange);

#endif
