/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SPNEGO tokens (RFC 4178) as far as they carry NTLM, and what tells which mechanism a first token
 * is for. Those for Kerberos go to GSSAPI as they are. Threads: any.
 */
#ifndef CIMSNAPD_AUTH_SPNEGO_H
#define CIMSNAPD_AUTH_SPNEGO_H

#include "auth/bytes.h"
#include "base/strbuf.h"

/* What a first token begins a login with. */
enum spnego_kind {
    SPNEGO_UNKNOWN,
    SPNEGO_INIT,     /* a NegTokenInit */
    SPNEGO_KERBEROS, /* Kerberos without SPNEGO */
    SPNEGO_NTLM,     /* NTLM without SPNEGO */
};

enum spnego_state {
    SPNEGO_COMPLETED = 0,
    SPNEGO_INCOMPLETE = 1,
    SPNEGO_REJECT = 2,
    SPNEGO_REQUEST_MIC = 3,
};

struct spnego_init {
    struct bytes mechanisms;   /* the whole list as DER: what mechListMIC is over */
    bool kerberos, ntlm;       /* are in the list */
    bool kerberos_before_ntlm; /* both are, in this order */
    bool ntlm_first;           /* the token is NTLM's */
    struct bytes token, mic;   /* len 0: not there */
};

struct spnego_response {
    struct bytes token, mic;
};

enum spnego_kind spnego_kind(struct bytes token);
/* False when it is not well-formed. All is borrowed from the token. */
bool spnego_read_init(struct spnego_init *out, struct bytes token);
bool spnego_read_response(struct spnego_response *out, struct bytes token);
/* A NegTokenResp for NTLM; mechanism: name it, as the first answer does. Empty octets are left out.
 */
void spnego_write(struct strbuf *out, enum spnego_state state, bool mechanism, struct bytes token,
                  struct bytes mic);

#endif
