/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Passwords of the host's accounts, through PAM, and the POSIX groups of an account. Both may take
 * seconds: never on an event loop or a worker. Threads: any.
 */
#ifndef CIMSNAPD_AUTH_PAM_H
#define CIMSNAPD_AUTH_PAM_H

#include "auth/rules.h"

/* How to ask. Borrowed. */
struct pam_question {
    const char *service;   /* name of the file in pam.d */
    const char *directory; /* where that is; "": the system's own */
    const char *name, *password;
    const char *peer; /* for the modules, as PAM_RHOST; may be NULL */
};

/* Whether the service has a file of its own: PAM would take "other" else, whose rules are for
 * nobody in particular. */
int pam_check(const char *service, const char *directory, struct error *err);

/* NULL when password and account are in order, else why not (a literal). account gets the name that
 * the modules have settled upon. */
const char *pam_ask(const struct pam_question *question, char *account, size_t size);

/* Adds the account and its groups. -1 without memory. */
int pam_claims(const char *account, struct claims *out);

#endif
