/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NTLM version 2, the server's side (MS-NLMP): NEGOTIATE in, CHALLENGE out, AUTHENTICATE in. Older
 * versions and anonymous logins are refused. It takes what real clients send: short NEGOTIATE
 * messages, names in either character set, with or without a message integrity code, VERSION or
 * channel bindings; what is there is checked.
 * Errors: reasons are literals, for the log. Threads: one at a time for a login.
 */
#ifndef CIMSNAPD_AUTH_NTLM_H
#define CIMSNAPD_AUTH_NTLM_H

#include "auth/bytes.h"
#include "base/strbuf.h"

enum { NTLM_HASH = 16, NTLM_KEY = 16, NTLM_NAME = 256 };

/* Flags of MS-NLMP 2.2.2.5 that others look at. */
enum {
    NTLM_SIGN = 0x10,
    NTLM_SEAL = 0x20,
    NTLM_128 = 0x20000000,
    NTLM_KEY_EXCHANGE = 0x40000000,
};

/* What the CHALLENGE says of this host. */
struct ntlm_host {
    char computer[16]; /* NetBIOS name: upper case, at most 15 octets */
    char dns[NTLM_NAME];
};

/* A login under way. */
struct ntlm {
    unsigned char challenge[8];
    uint32_t flags;     /* of the CHALLENGE */
    struct strbuf sent; /* NEGOTIATE and CHALLENGE: the integrity code is over both */
};

/* An AUTHENTICATE message; octets are borrowed from it. */
struct ntlm_answer {
    char user[NTLM_NAME], domain[NTLM_NAME]; /* as the client sent them, in UTF-8 */
    uint32_t flags;                          /* what both sides have agreed upon */
    struct bytes message, response, session_key;
};

struct ntlm_policy {
    bool tls;
    struct bytes binding; /* tls-server-end-point (RFC 5929), with its name; len 0 without TLS */
    bool require_binding;
    const char *targets; /* this host's names, with commas; "" or NULL: what the client calls it makes no difference */
};

/* This host's names, for challenges. */
void ntlm_host_init(struct ntlm_host *host);

/* NULL, or why it is refused. out gets the CHALLENGE. */
const char *ntlm_challenge(struct ntlm *ntlm, struct bytes negotiate, const struct ntlm_host *host,
                           struct strbuf *out);
const char *ntlm_read_answer(struct ntlm_answer *out, const struct ntlm *ntlm,
                             struct bytes message);
/* NULL when the answer was made with the password of that NT hash; key is then the session's. Takes
 * the same time for a wrong hash as for a right one, up to the verdict. */
const char *ntlm_prove(const struct ntlm *ntlm, const struct ntlm_answer *answer,
                       const unsigned char hash[NTLM_HASH], const struct ntlm_policy *policy,
                       unsigned char key[NTLM_KEY]);
/* Wipes. */
void ntlm_clear(struct ntlm *ntlm);

#endif
