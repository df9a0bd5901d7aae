/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Content-Type (RFC 9110, 8.3): which ones carry an envelope, and in which character set.
 */
#ifndef CIMSNAPD_NET_MEDIA_H
#define CIMSNAPD_NET_MEDIA_H

#include "net/token.h"

enum media {
    MEDIA_OK,
    MEDIA_MALFORMED,
    MEDIA_UNSUPPORTED, /* another type, or another character set */
};

/* *charset becomes "utf-8", "utf-16", or stays as it is when the value names none. text/xml is
 * taken too: SOAP 1.1 comes so, and the envelope is where it is told apart. */
enum media media_parse(struct token value, const char **charset);

#endif
