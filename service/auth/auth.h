/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is asking. There is one way to a valid principal: something that was checked, which is a
 * password (Basic; users file or PAM), a Kerberos or NTLM login on this connection (Negotiate), or
 * the certificate of this connection. An Authorization header decides alone; nothing is fallen back
 * to. Whatever is unclear is a refusal. Threads: any; a session one at a time.
 *
 * Names: a name with a domain ("DOMAIN\user", "user@realm") is looked for in the users file as it
 * is, and then without the domain, as Windows clients add one; NTLM makes no difference of case. PAM
 * gets the name as it was given, but for a domain that is this host's or pam.domain.
 */
#ifndef CIMSNAPD_AUTH_AUTH_H
#define CIMSNAPD_AUTH_AUTH_H

#include "auth/logins.h"
#include "auth/session.h"
#include "base/config.h"
#include "base/error.h"
#include "base/token.h"
#include "core/access.h"

enum { AUTH_NAME = 256, AUTH_PROFILES = 8 };

struct auth;

enum auth_outcome {
    AUTH_REFUSED,
    AUTH_GRANTED,
    AUTH_CONTINUE,  /* Negotiate: the client answers the challenge */
    AUTH_UNCHECKED, /* only auth_hash() can tell, or, for Negotiate, a call that may block */
};

struct auth_result {
    struct principal who;    /* nobody, unless granted */
    const char *how;         /* "basic", "pam", "ntlm", "kerberos", "certificate", or "" */
    char claimed[AUTH_NAME]; /* the user name that was given, for the log; "" when it was not
                                legible */
    const char *reason;    /* of a refusal; with AUTH_UNCHECKED, of the one a wrong password gets */
    struct logins_key key; /* with AUTH_UNCHECKED: of equal logins equal */
    struct strbuf
        challenge; /* what WWW-Authenticate says with this reply; may be empty. The caller's */
};

/* What auth_hash() has found. */
struct auth_verdict {
    const char *reason;   /* NULL: the password is right */
    struct principal who; /* nobody, unless right */
};

/* The same, and of which login. */
struct auth_vouched {
    struct logins_key key;
    struct auth_verdict verdict;
};

/* config is borrowed until auth_close(). */
int auth_open(struct auth **out, const struct config *config, struct error *err);
/* Reads users, rules and keytab again; whoever is another one then is not remembered any more. On
 * error all stays as it was. */
int auth_reload(struct auth *auth, struct error *err);
void auth_close(struct auth *auth);
size_t auth_users(struct auth *auth);

/* The lines WWW-Authenticate for what is offered on this connection. */
void auth_offers(struct auth *auth, const struct session *session, struct strbuf *out);
/* The security profiles that are offered (DSP8015), as URIs: literals, the last one NULL. */
void auth_profiles(struct auth *auth, const char *out[AUTH_PROFILES]);

/* True for a header that carries a token of Negotiate, Kerberos or NTLM. */
bool auth_is_token(struct token header);

/* True for the header of a client that comes with a certificate: the name of the profile. */
bool auth_is_certificate(struct token header);

/* Judges the certificate of the connection; its Negotiate login is over with it. */
enum auth_outcome auth_certificate(struct auth *auth, struct session *session,
                                   struct auth_result *out);

/* Judges a request without Authorization header by what is known of its connection. */
enum auth_outcome auth_present(struct auth *auth, struct session *session, struct auth_result *out);

/* Judges the value of an Authorization header by what is remembered; takes microseconds. vouched:
 * a login that auth_hash() has just found right, or NULL. The connection's
 * Negotiate login is over with it. */
enum auth_outcome auth_recall(struct auth *auth, struct session *session, struct token header,
                              const struct auth_vouched *vouched, struct auth_result *out);
/* Asks the hash or PAM. Takes tens of milliseconds, for a user that does not exist too; PAM may
 * take seconds. */
void auth_hash(struct auth *auth, const struct session *session, struct token header,
               struct auth_verdict *out);

/* Takes a token one step on. may_block false: AUTH_UNCHECKED, with nothing done, when it would have
 * to be true. */
enum auth_outcome auth_token(struct auth *auth, struct session *session, struct token header,
                             bool may_block, struct auth_result *out);

#endif
