/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/session.h"

#include "auth/negotiate.h"

void session_clear(struct session *session)
{
    negotiate_free(session->negotiate);
    certificate_free(session->certificate);
    session->negotiate = NULL;
    session->certificate = NULL;
}

bool session_is_logging_in(const struct session *session)
{
    return session->negotiate && !negotiate_is_done(session->negotiate);
}

bool session_can_seal(const struct session *session)
{
    return session->negotiate && negotiate_can_seal(session->negotiate);
}

bool session_unseal(struct session *session, struct bytes signature, unsigned char *data,
                    size_t len)
{
    return session_can_seal(session) && negotiate_unseal(session->negotiate, signature, data, len);
}

bool session_seal(struct session *session, struct strbuf *signature, unsigned char *data,
                  size_t len)
{
    return session_can_seal(session) && negotiate_seal(session->negotiate, signature, data, len);
}
