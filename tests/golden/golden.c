/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Management without a network, for golden tests: reads requests from standard input, answers on
 * standard output, on the memory backend given as argument. A request is a line "USER ROLE SCOPE LENGTH
 * CHARSET" (ROLE "none": anonymous) and LENGTH octets; the answer a line "STATUS LENGTH" and the
 * octets. Between requests it waits until no job is running, so that answers can be foreseen.
 */
#include "golden/golden.h"

#include "base/clock.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4 * 1024 * 1024, DEADLINE_MS = 20000 };

static const char *const profiles[] = {
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/basic", NULL
};

static const struct principal everybody = { "golden", ROLE_ADMINISTRATOR, "*", NULL };

static int fail(const char *what, const struct error *err)
{
    fprintf(stderr, "golden: %s: %s %s\n", what, err->message, err->cause);
    return 1;
}

static bool running(struct core *core)
{
    struct job_list jobs = { 0 };
    bool found = false;

    if (core_job_list(core, &everybody, &jobs, NULL) != 0)
        return false;
    for (size_t i = 0; i < jobs.count; i++)
        found |= !job_finished(&jobs.items[i]);
    job_list_clear(&jobs);
    return found;
}

static void settle(struct core *core)
{
    int64_t end = clock_mono_ms() + DEADLINE_MS;

    while (running(core) && clock_mono_ms() < end)
        sched_yield();
}

static void answer(struct wsman *wsman, const struct principal *who, const char *body, size_t len,
                   const char *charset)
{
    struct wsman_reply reply = { .body = STRBUF_INIT };
    const struct wsman_request request = {
        .body = body,
        .length = len,
        .charset = strcmp(charset, "-") == 0 ? "" : charset,
        .anonymous = who->role == ROLE_NONE,
        .who = who,
        .profiles = profiles,
    };

    if (golden_rehearse)
        golden_rehearse(wsman, &request);
    wsman_handle(wsman, &request, &reply);
    printf("%d %zu\n", reply.status, reply.body.len);
    fwrite(strbuf_str(&reply.body), 1, reply.body.len, stdout);
    fflush(stdout);
    strbuf_free(&reply.body);
}

static int serve(struct wsman *wsman, struct core *core)
{
    struct principal who = PRINCIPAL_NOBODY;
    char line[1024], role[32], charset[32];
    size_t len;

    while (fgets(line, sizeof(line), stdin)) {
        char *body;
        if (sscanf(line, "%127s %31s %255s %zu %31s", who.name, role, who.scope, &len, charset) != 5 ||
            len > MOST)
            return 2;
        who.role = role_parse(role);
        body = malloc(len + 1); /* no NUL: the reader must not need one */
        if (!body || fread(body, 1, len, stdin) != len) {
            free(body);
            return 2;
        }
        answer(wsman, &who, body, len, charset);
        free(body);
        settle(core);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct config config = { 0 };
    struct error err = { 0 };
    struct core *core = NULL;
    struct wsman *wsman = NULL;
    int rc;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: golden MEMORY-URI [CONFIG-FILE]\n");
        return 2;
    }
    clock_freeze(INT64_C(1788264000123456)); /* 2026-09-01T12:00:00.123456Z */
    if (config_init(&config, &err) != 0 || (argc == 3 && config_read(&config, argv[2], &err) != 0))
        return fail("config", &err);
    free(config.backend_module);
    free(config.backend_uri);
    free(config.store_path);
    config.backend_module = strdup("memory");
    config.backend_uri = strdup(argv[1]);
    config.store_path = strdup(":memory:");
    if (core_open(&core, &config, &err) != 0 || wsman_open(&wsman, &config, core, &err) != 0)
        return fail("open", &err);
    rc = serve(wsman, core);
    wsman_close(wsman);
    core_close(core);
    config_free(&config);
    return rc;
}
