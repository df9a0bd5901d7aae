/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/headers.h"

#include "base/clock.h"
#include "cim/datetime.h"
#include "wsman/any.h"
#include "wsman/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OPTIONS_MOST = 64 };

bool headers_must(const struct any *header)
{
    const char *value = any_attribute(header, NS_S, "mustUnderstand");

    if (!value) /* some clients forget the prefix */
        value = any_attribute(header, "", "mustUnderstand");
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static int required(struct op *op, const char *value, const char *name)
{
    if (value && *value)
        return 0;
    return error_set(&op->err, ERR_HEADER_MISSING, "The header %s is missing.", name);
}

/* To is required (R5.3-1) and never judged: clients send all kinds of things there. MessageIDs are
 * never compared: there are clients that always send the same one. */
static int check_addressing(struct op *op)
{
    const struct headers *h = &op->request.headers;

    return required(op, h->action, "Action") != 0 || required(op, h->to, "To") != 0 ||
                   required(op, h->message_id, "MessageID") != 0 ||
                   required(op, h->reply_to, "ReplyTo") != 0
               ? -1
               : 0;
}

/* R5.4.2-2, R5.4.3-3. */
static int check_anonymous(struct op *op)
{
    const struct headers *h = &op->request.headers;

    if (strcmp(h->reply_to, ANONYMOUS) != 0)
        return error_set(&op->err, ERR_FEATURE_ADDRESSING, "ReplyTo must be the anonymous address.");
    if (h->fault_to && strcmp(h->fault_to, ANONYMOUS) != 0)
        return error_set(&op->err, ERR_FEATURE_ADDRESSING, "FaultTo must be the anonymous address.");
    return 0;
}

static int check_uri(struct op *op)
{
    const struct headers *h = &op->request.headers;

    if (h->resource_uri && strnlen(h->resource_uri, URI_MOST + 1) > URI_MOST)
        return error_set(&op->err, ERR_URI_LIMIT, NULL);
    if (strnlen(h->message_id, URI_MOST + 1) > URI_MOST)
        return error_set(&op->err, ERR_URI_LIMIT, "The MessageID is too long.");
    return 0;
}

/* R6.1: how long the client waits, and the service works. */
static int read_timeout(struct op *op)
{
    const char *text = op->request.headers.operation_timeout;
    int64_t most_ms = op->wsman->config->limits_operation_seconds * 1000, us = most_ms * 1000;

    if (text && (cim_duration_parse(text, &us) != 0 || us == 0))
        return error_set(&op->err, ERR_BAD_TIMEOUT, NULL);
    op->call.deadline_ms = clock_mono_ms() + (us / 1000 < most_ms ? us / 1000 : most_ms);
    return 0;
}

/* R6.2-2 to -4. The policy is for subscriptions; every one of its values is legal here. */
static int read_envelope_size(struct op *op)
{
    static const char *const policies[] = { "CancelSubscription", "Skip", "Notify" };
    const struct headers *h = &op->request.headers;
    unsigned long most;
    char *rest;

    if (!h->max_envelope_size)
        return 0;
    most = strtoul(h->max_envelope_size, &rest, 10);
    if (*h->max_envelope_size < '0' || *h->max_envelope_size > '9' || *rest)
        return error_set(&op->err, ERR_HEADER_INVALID, "MaxEnvelopeSize is not a number.");
    if (most < LEAST_ENVELOPE)
        return error_set(&op->err, ERR_ENVELOPE_TOO_SMALL, NULL);
    op->max_envelope = most;
    for (size_t i = 0; h->envelope_policy && i < sizeof(policies) / sizeof(policies[0]); i++)
        if (strcmp(policies[i], h->envelope_policy) == 0)
            return 0;
    return h->envelope_policy ? error_set(&op->err, ERR_FEATURE_POLICY, NULL) : 0;
}

/* RFC 3066: a primary tag of letters and others of letters and digits, each of 1 to 8. */
static bool is_language(const char *text)
{
    for (bool first = true;; first = false) {
        size_t len = 0;
        while (first ? isalpha((unsigned char)text[len]) : isalnum((unsigned char)text[len]))
            len++;
        if (len < 1 || len > 8 || (text[len] && text[len] != '-'))
            return false;
        if (!text[len])
            return true;
        text += len + 1;
    }
}

/* R6.3: a hint, unless it must be understood; then English, or any language, is what we can do. */
static int check_locale(struct op *op, const struct any *header)
{
    const char *lang = header && headers_must(header) ? any_attribute(header, NS_XML, "lang") : NULL;

    if (!lang || !*lang)
        return 0;
    if (!is_language(lang) ||
        (strncasecmp(lang, "en", 2) != 0 || (lang[2] && lang[2] != '-')))
        return error_set(&op->err, ERR_FEATURE_LOCALE, "Texts in '%.40s' are not to be had; this service speaks English.",
                         lang);
    return 0;
}

static bool is_true(const char *text)
{
    return text && (strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0);
}

/* R6.4: no option is known; those that need not be complied with are passed over. */
static int check_options(struct op *op)
{
    const struct headers *h = &op->request.headers;

    if (h->option_count > OPTIONS_MOST)
        return error_set(&op->err, ERR_OPTION_LIMIT, NULL);
    for (size_t i = 0; i < h->option_count; i++) {
        const struct any *option = any_at(h->options, i);
        const char *name = any_attribute(option, "", "Name"), *comply = any_attribute(option, "", "MustComply");
        if (!name || !*name)
            return error_set(&op->err, ERR_OPTION_NAME, NULL);
        for (size_t k = 0; k < i; k++)
            if (strcmp(name, any_attribute(any_at(h->options, k), "", "Name")) == 0)
                return error_set(&op->err, ERR_OPTION_NAME, "The option %.100s is there twice.", name);
        if (comply && !is_true(comply) && strcmp(comply, "0") != 0 && strcasecmp(comply, "false") != 0)
            return error_set(&op->err, ERR_OPTION_VALUE, "MustComply of the option %.100s is neither true nor false.",
                             name);
        if (is_true(comply))
            return error_set(&op->err, ERR_OPTION_UNSUPPORTED, "The option %.100s is not supported.", name);
    }
    return 0;
}

int headers_check(struct op *op)
{
    const struct headers *h = &op->request.headers;

    if (check_addressing(op) != 0 || check_anonymous(op) != 0 || check_uri(op) != 0 ||
        read_envelope_size(op) != 0 || read_timeout(op) != 0)
        return -1;
    return check_locale(op, h->locale) != 0 || check_locale(op, h->data_locale) != 0 ||
                   check_options(op) != 0
               ? -1
               : 0;
}
