/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_error.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

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

/* Of the C library, in the words that qemu-img and libvirt have for them where no language is set. */
static const struct {
    int number;
    const char *said;
    enum error_code code;
    const char *cause;
} causes[] = {
    { ENOSPC, "No space left on device", ERR_NO_SPACE, ": there is no space left" },
    { EDQUOT, "Disk quota exceeded", ERR_NO_SPACE, ": there is no space left" },
    { EROFS, "Read-only file system", ERR_FAILED, ": a file may not be written" },
    { EACCES, "Permission denied", ERR_FAILED, ": a file may not be written, or not be read" },
};

const char *lv_error_cause(const char *said, enum error_code *code)
{
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (!strstr(said, causes[i].said))
            continue;
        *code = causes[i].code;
        return causes[i].cause;
    }
    return "";
}

/* A system error comes with its number. */
static const char *error_cause_of(const virError *error, enum error_code *code)
{
    for (size_t i = 0; error->code == VIR_ERR_SYSTEM_ERROR && i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (error->int1 != causes[i].number)
            continue;
        *code = causes[i].code;
        return causes[i].cause;
    }
    return lv_error_cause(error->message ? error->message : "", code);
}

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
    const char *cause = "";
    enum error_code code;

    error_cause(err, "libvirt error %d, domain %d: %s", error ? error->code : 0,
                error ? error->domain : 0, error && error->message ? error->message : "");
    if (row->text)
        return error_set(err, row->code, "%s", row->text);
    if (row->code == ERR_UNAVAILABLE || row->code == ERR_NO_MEMORY)
        return error_set(err, row->code, NULL);
    code = row->code;
    if (error && code == ERR_FAILED)
        cause = error_cause_of(error, &code);
    return error_set(err, code, "The hypervisor could not %s%s.", doing, cause);
}

int lv_error_agent(struct error *err, const char *doing)
{
    const virError *error = virGetLastError();
    const struct lv_error_row *row = error_find(error);

    if (row->code == ERR_UNAVAILABLE || row->code == ERR_NO_MEMORY)
        return lv_error_set(err, doing);
    error_cause(err, "libvirt error %d, domain %d: %s", error ? error->code : 0,
                error ? error->domain : 0, error && error->message ? error->message : "");
    return error_set(err, ERR_AGENT, "The guest agent %s %s.",
                     row->code == ERR_TIMEOUT ? "did not answer when it was to" : "could not", doing);
}

bool lv_error_is_silence(void)
{
    const enum error_code code = error_find(virGetLastError())->code;

    return code == ERR_TIMEOUT || code == ERR_UNAVAILABLE || code == ERR_INVALID_STATE;
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
