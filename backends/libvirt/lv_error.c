/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_error.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stddef.h>

/* A text of NULL becomes "The hypervisor could not <what was tried>." */
static const struct lv_error_row {
    int number;
    enum error_code code;
    const char *text;
} rows[] = {
    { VIR_ERR_NO_DOMAIN, ERR_NOT_FOUND, "No such machine." },
    { VIR_ERR_NO_DOMAIN_SNAPSHOT, ERR_NOT_FOUND, "No such snapshot." },
    { VIR_ERR_NO_SUPPORT, ERR_NOT_SUPPORTED, NULL },
    { VIR_ERR_OPERATION_UNSUPPORTED, ERR_NOT_SUPPORTED, NULL },
    { VIR_ERR_CONFIG_UNSUPPORTED, ERR_NOT_SUPPORTED, NULL },
    { VIR_ERR_ARGUMENT_UNSUPPORTED, ERR_NOT_SUPPORTED, NULL },
    { VIR_ERR_OPERATION_INVALID, ERR_INVALID_STATE, NULL },
    { VIR_ERR_OPERATION_TIMEOUT, ERR_TIMEOUT, "The hypervisor did not answer in time." },
    { VIR_ERR_AGENT_UNRESPONSIVE, ERR_TIMEOUT, "The guest agent did not answer." },
    { VIR_ERR_AGENT_UNSYNCED, ERR_TIMEOUT, "The guest agent did not answer." },
    { VIR_ERR_SNAPSHOT_REVERT_RISKY, ERR_INVALID_STATE,
      "The machine was saved while the snapshot was applied." },
    { VIR_ERR_RESOURCE_BUSY, ERR_IN_USE, NULL },
    { VIR_ERR_OPERATION_DENIED, ERR_ACCESS_DENIED, NULL },
    { VIR_ERR_AUTH_FAILED, ERR_ACCESS_DENIED, NULL },
    { VIR_ERR_ACCESS_DENIED, ERR_ACCESS_DENIED, NULL },
    { VIR_ERR_NO_MEMORY, ERR_NO_MEMORY, NULL },
    { VIR_ERR_OPERATION_ABORTED, ERR_CANCELLED, NULL },
    { VIR_ERR_INVALID_CONN, ERR_UNAVAILABLE, NULL },
    { VIR_ERR_NO_CONNECT, ERR_UNAVAILABLE, NULL },
};

static const struct lv_error_row *error_find(const virError *error)
{
    static const struct lv_error_row away = { 0, ERR_UNAVAILABLE, NULL };
    static const struct lv_error_row other = { 0, ERR_FAILED, NULL };

    /* Whatever the transport says means that nobody answers, with any number. */
    if (error && error->domain == VIR_FROM_RPC)
        return &away;
    for (size_t i = 0; error && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].number == error->code)
            return &rows[i];
    return &other;
}

int lv_error_set(struct error *err, const char *doing)
{
    const virError *error = virGetLastError();
    const struct lv_error_row *row = error_find(error);

    error_cause(err, "libvirt error %d, domain %d: %s", error ? error->code : 0,
                error ? error->domain : 0, error && error->message ? error->message : "");
    if (row->text)
        return error_set(err, row->code, "%s", row->text);
    if (row->code == ERR_UNAVAILABLE || row->code == ERR_NO_MEMORY)
        return error_set(err, row->code, NULL);
    return error_set(err, row->code, "The hypervisor could not %s.", doing);
}

int lv_error_number(void)
{
    const virError *error = virGetLastError();

    return error ? error->code : 0;
}

bool lv_error_is_hopeless(void)
{
    const virError *error = virGetLastError();

    if (!error || error->domain == VIR_FROM_RPC)
        return false;
    return error->domain == VIR_FROM_URI || error->code == VIR_ERR_NO_CONNECT ||
           error->code == VIR_ERR_INVALID_ARG || error->code == VIR_ERR_XML_ERROR;
}

static void error_ignore(void *opaque, virErrorPtr error)
{
    (void)opaque;
    (void)error;
}

void lv_error_silence(void)
{
    virSetErrorFunc(NULL, error_ignore);
}
