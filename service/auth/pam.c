/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/pam.h"

#include "base/log.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUPS_MOST = 65536, ENTRY_MOST = 1024 * 1024 };

static void drop(struct pam_response *replies, int count)
{
    for (int i = 0; i < count; i++) {
        if (replies[i].resp) {
            explicit_bzero(replies[i].resp, strlen(replies[i].resp));
            free(replies[i].resp);
        }
    }
    free(replies);
}

/* Modules ask for a password without echo, and may ask for the name; what they tell is dropped. */
static const char *answer_to(const struct pam_message *message, const struct pam_question *question)
{
    switch (message->msg_style) {
    case PAM_PROMPT_ECHO_OFF:
        return question->password;
    case PAM_PROMPT_ECHO_ON:
        return question->name;
    default:
        return NULL;
    }
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
                    void *opaque)
{
    struct pam_response *replies;

    if (count <= 0 || count > PAM_MAX_NUM_MSG)
        return PAM_CONV_ERR;
    replies = calloc((size_t)count, sizeof(*replies));
    if (!replies)
        return PAM_BUF_ERR;
    for (int i = 0; i < count; i++) {
        const char *text = answer_to(messages[i], opaque);
        if (!text)
            continue;
        replies[i].resp = strdup(text);
        if (!replies[i].resp) {
            drop(replies, count);
            return PAM_BUF_ERR;
        }
    }
    *out = replies;
    return PAM_SUCCESS;
}

/* Modules would have a failure take seconds, and a thread with it; who fails often is slowed down
 * elsewhere (net/throttle.h), and waits without one. */
static void no_delay(int status, unsigned usec, void *opaque)
{
    (void)status;
    (void)usec;
    (void)opaque;
}

static const char *ask(pam_handle_t *pam, const struct pam_question *question, char *account,
                       size_t size)
{
    union {
        void (*function)(int, unsigned, void *);
        const void *item;
    } delay = { no_delay };
    const void *name = NULL;
    int status;

    if (pam_set_item(pam, PAM_FAIL_DELAY, delay.item) != PAM_SUCCESS ||
        (question->peer && pam_set_item(pam, PAM_RHOST, question->peer) != PAM_SUCCESS))
        return "PAM cannot be set up";
    status = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
    if (status == PAM_SUCCESS)
        status = pam_acct_mgmt(pam, PAM_SILENT);
    if (status == PAM_SUCCESS)
        status = pam_get_item(pam, PAM_USER, &name);
    if (status == PAM_SUCCESS && name && strlen(name) < size && users_name_valid(name)) {
        memcpy(account, name, strlen(name) + 1);
        return NULL;
    }
    if (status != PAM_AUTH_ERR && status != PAM_USER_UNKNOWN)
        log_event(LOG_INFO, "pam", "service", question->service, "says", pam_strerror(pam, status),
                  NULL);
    return "PAM refuses";
}

int pam_check(const char *service, const char *directory, struct error *err)
{
    static const char *const folders[] = { "/etc/pam.d", "/usr/lib/pam.d" };
    const char *const *from = directory[0] ? &directory : folders;
    size_t count = directory[0] ? 1 : sizeof(folders) / sizeof(folders[0]);
    char path[PATH_MAX];

    for (size_t i = 0; i < count && !strchr(service, '/'); i++)
        if (snprintf(path, sizeof(path), "%s/%s", from[i], service) < (int)sizeof(path) &&
            access(path, R_OK) == 0)
            return 0;
    return error_set(err, ERR_FAILED, "there is no PAM service '%s' in %s", service, from[0]);
}

const char *pam_ask(const struct pam_question *question, char *account, size_t size)
{
    struct pam_question mine = *question;
    const struct pam_conv conversation = { converse, &mine };
    pam_handle_t *pam = NULL;
    const char *reason = "PAM cannot be set up";
    struct error err = { 0 };
    int status;

    /* libpam also loses some memory where there is no file. */
    if (pam_check(question->service, question->directory, &err) < 0) {
        log_event(LOG_ERROR_, "pam", "reason", err.message, NULL);
        return reason;
    }
    status = pam_start_confdir(question->service, question->name, &conversation,
                               question->directory[0] ? question->directory : NULL, &pam);
    if (status == PAM_SUCCESS)
        reason = ask(pam, question, account, size);
    else
        log_event(LOG_ERROR_, "pam", "service", question->service, "reason",
                  "the PAM service cannot be started", NULL);
    if (pam)
        pam_end(pam, status);
    return reason;
}

/* Calls one of the getXXX_r() with a buffer that grows until the entry fits. */
static int claim_group(gid_t gid, struct claims *out)
{
    struct group group, *found = NULL;
    int result = -1;

    for (size_t size = 4096; size <= ENTRY_MOST; size *= 4) {
        char *buffer = malloc(size);
        int status = buffer ? getgrgid_r(gid, &group, buffer, size, &found) : 0;
        if (buffer && status != ERANGE)
            result = found ? claims_add(out, RULE_GROUP, found->gr_name) : 0;
        free(buffer);
        if (!buffer || status != ERANGE)
            break;
    }
    return result;
}

static int claim_groups(const char *account, gid_t first, struct claims *out)
{
    int count = 64, result = 0;
    gid_t *gids = NULL, *more;

    for (;;) {
        int had = count;
        more = reallocarray(gids, (size_t)count, sizeof(*gids));
        if (!more) {
            free(gids);
            return -1;
        }
        gids = more;
        if (getgrouplist(account, first, gids, &count) >= 0)
            break;
        if (count <= had || count > GROUPS_MOST) {
            free(gids);
            return 0;
        }
    }
    for (int i = 0; i < count && result == 0; i++)
        result = claim_group(gids[i], out);
    free(gids);
    return result;
}

int pam_claims(const char *account, struct claims *out)
{
    struct passwd entry, *found = NULL;
    char buffer[16384];

    if (claims_add(out, RULE_ACCOUNT, account) < 0)
        return -1;
    /* An account that only PAM knows has no groups. */
    if (getpwnam_r(account, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
        return 0;
    return claim_groups(account, entry.pw_gid, out);
}
