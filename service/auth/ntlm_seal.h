/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NTLM's session security, the server's side (MS-NLMP 3.4), with extended session security and 128
 * bits; anything less is not spoken. A message that was tampered with leaves the state of no use:
 * the connection must end. Threads: one at a time.
 */
#ifndef CIMSNAPD_AUTH_NTLM_SEAL_H
#define CIMSNAPD_AUTH_NTLM_SEAL_H

#include "auth/ntlm.h"
#include "auth/rc4.h"

enum { NTLM_SIGNATURE = 16 };

struct ntlm_direction {
    unsigned char sign_key[16], seal_key[16];
    struct rc4 rc4;
    uint32_t sequence;
};

struct ntlm_seal {
    struct ntlm_direction in, out;
    bool exchanged; /* a key was exchanged: then checksums are encrypted too */
    bool can_sign, can_seal;
};

/* flags: those of the answer. -1 when MD5 is not to be had. */
int ntlm_seal_init(struct ntlm_seal *seal, const unsigned char key[NTLM_KEY], uint32_t flags);

/* Decrypts in place; false when the signature does not fit. */
bool ntlm_unseal(struct ntlm_seal *seal, const unsigned char signature[NTLM_SIGNATURE],
                 unsigned char *data, size_t len);
bool ntlm_seal(struct ntlm_seal *seal, unsigned char signature[NTLM_SIGNATURE], unsigned char *data,
               size_t len);

/* mechListMIC of SPNEGO: after it each direction begins with a fresh RC4 state, while the sequence
 * numbers go on (MS-SPNG 3.3.5.1). */
bool ntlm_check_mic(struct ntlm_seal *seal, const unsigned char signature[NTLM_SIGNATURE],
                    struct bytes text);
bool ntlm_make_mic(struct ntlm_seal *seal, unsigned char signature[NTLM_SIGNATURE],
                   struct bytes text);

#endif
