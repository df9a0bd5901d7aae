/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/endpoint.h"

#include <string.h>

static int parse_certificate(const char *text, enum endpoint_certificate *out)
{
    static const char *const words[] = {
        [ENDPOINT_CERTIFICATE_NONE] = "none",
        [ENDPOINT_CERTIFICATE_OPTIONAL] = "optional",
        [ENDPOINT_CERTIFICATE_REQUIRED] = "required",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = (enum endpoint_certificate)i;
            return 0;
        }
    }
    return -1;
}

int endpoint_list(struct endpoints *out, const struct config *config, struct error *err)
{
    enum endpoint_certificate https, mutual;

    if (parse_certificate(config->listen_client_certificate, &https) < 0 ||
        parse_certificate(config->mutual_client_certificate, &mutual) < 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "client_certificate is none of none, optional, required");
    /* Else it would be asked for, and none could ever be right. */
    if (!config->tls_client_ca[0] &&
        (https == ENDPOINT_CERTIFICATE_REQUIRED || config->mutual_enabled))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "client certificates are required, but tls.client_ca names no file");
    *out = (struct endpoints){ .count = 0 };
    out->items[out->count++] =
        (struct endpoint){ "https", config->listen_address, config->listen_port, true, https };
    if (config->mutual_enabled)
        out->items[out->count++] = (struct endpoint){ "mutual", config->mutual_address,
                                                      config->mutual_port, true, mutual };
    if (config->http_enabled)
        out->items[out->count++] =
            (struct endpoint){ "http", config->http_address, config->http_port, false,
                               ENDPOINT_CERTIFICATE_NONE };
    return 0;
}
