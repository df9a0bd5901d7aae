/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/flow.h"

#include "base/clock.h"

#include <libxml/parser.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEADLINE_MS = 20000 };

/* Names of golden pairs. The last one is refused. */
const char *const flow_names[FLOW_STEPS] = {
    "flow-identify",
    "flow-service",
    "flow-find",
    "flow-enumerate",
    "flow-pull-one",
    "flow-machine",
    [FLOW_CREATE] = "shapes-settings-escaped",
    "flow-job",
    "flow-associators",
    "flow-snapshot",
    "shapes-settings-malformed",
    "headers-not-found",
};

static const struct principal operator= { "alice", ROLE_OPERATOR, "*", NULL };
static const char machine[] = "3C9D9B48-27EE-55B8-AFCE-CC642678FCE8"; /* derived from "demo" */

/* For the process: requests with placeholders, and the replies to them, without GUIDs. */
static struct {
    char *request, *reply;
} expected[FLOW_STEPS];

static char *read_file(const char *folder, const char *name)
{
    char path[512], *text = NULL;
    size_t size = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.request.xml", folder, name);
    file = fopen(path, "re");
    if (!file)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/* What stands between two strings; "" when it is not there. */
static void cut(const char *text, const char *before, const char *after, char *out, size_t size)
{
    const char *begin = strstr(text, before);
    const char *end = begin ? strstr(begin + strlen(before), after) : NULL;

    snprintf(out, size, "%.*s", end ? (int)(end - begin - (long)strlen(before)) : 0,
             end ? begin + strlen(before) : "");
}

static void learn(struct flow *flow, int step, const char *reply)
{
    if (step == FLOW_CREATE) {
        cut(reply, "\"InstanceID\">", "<", flow->job, sizeof(flow->job));
        cut(reply, "\"InstanceID\">Microsoft:", "<", flow->snapshot, sizeof(flow->snapshot));
    }
    if (strstr(reply, "<n:EnumerationContext>"))
        cut(reply, "<n:EnumerationContext>", "<", flow->context, sizeof(flow->context));
}

/* The text with its placeholders filled in, in a block of just its size. */
char *flow_request(const struct flow *flow, int step, size_t *len)
{
    const char *text = expected[step].request;
    const struct {
        const char *name, *value;
    } values[] = { { "@DEMO@", machine },
                   { "@JOB@", flow->job },
                   { "@SNAPSHOT@", flow->snapshot },
                   { "@CONTEXT@", flow->context } };
    struct strbuf out = STRBUF_INIT;

    while (*text) {
        size_t i = 0;
        while (i < 4 && strncmp(text, values[i].name, strlen(values[i].name)) != 0)
            i++;
        if (i < 4)
            strbuf_puts(&out, values[i].value);
        else
            strbuf_add(&out, text, 1);
        text += i < 4 ? strlen(values[i].name) : 1;
    }
    *len = out.len;
    return strbuf_steal(&out);
}

static bool fits(char form, char c)
{
    switch (form) {
    case 'x':
        return c && strchr("0123456789abcdefABCDEF", c);
    case 'v':
        return c == '4' || c == '7';
    default:
        return form == c;
    }
}

/* Each GUID that is new, by chance or by time, becomes a mark. */
static void blank(char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-vxxx-xxxx-xxxxxxxxxxxx";

    for (; *text; text++) {
        size_t i = 0;
        while (form[i] && fits(form[i], text[i]))
            i++;
        if (!form[i])
            memset(text, '#', i);
    }
}

int flow_open(struct flow *flow, struct error *err)
{
    *flow = (struct flow){ 0 };
    if (config_init(&flow->config, err) != 0)
        return -1;
    flow->config.sweep_seconds = 0; /* its allocations are not those of the flow */
    free(flow->config.store_path);
    flow->config.store_path = strdup(":memory:");
    if (!flow->config.store_path)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (backend_open(&flow->backend, "memory", "memory:?vms=demo:running,web:off", err) != 0)
        return -1;
    if (core_open_with(&flow->core, &flow->config, flow->backend, err) != 0) {
        backend_close(flow->backend);
        return -1;
    }
    return wsman_open(&flow->wsman, &flow->config, flow->core, err);
}

void flow_close(struct flow *flow)
{
    wsman_close(flow->wsman);
    core_close(flow->core);
    config_free(&flow->config);
}

void flow_send(struct flow *flow, const char *body, size_t len, struct wsman_reply *reply)
{
    const struct wsman_request request = {
        .body = body, .length = len, .charset = "", .who = &operator};

    *reply = (struct wsman_reply){ .body = STRBUF_INIT };
    wsman_handle(flow->wsman, &request, reply);
}

static bool well_formed(const char *text, size_t len)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDoc *doc = xmlReadMemory(text, (int)len, NULL, NULL, options);

    xmlFreeDoc(doc);
    return doc != NULL;
}

static bool refused(int step)
{
    return expected[step].reply && strstr(expected[step].reply, "<s:Fault>");
}

static const char *judge(int step, struct wsman_reply *reply, char *text, enum flow_strictness how)
{
    bool fault = strstr(text, "<s:Fault>") != NULL;

    if (reply->status != (fault ? 500 : 200))
        return "the status does not fit the reply";
    if (!well_formed(text, strlen(text)))
        return "the reply is not well-formed";
    blank(text);
    if (!expected[step].reply)
        expected[step].reply = strdup(text);
    if (how == FLOW_KIND)
        return fault == refused(step) ? NULL : "the service does not recover";
    if (how != FLOW_EXACT && fault)
        return NULL;
    return strcmp(text, expected[step].reply) == 0 ? NULL : "the reply is not what it should be";
}

const char *flow_judge(struct flow *flow, int step, struct wsman_reply *reply,
                       enum flow_strictness how)
{
    const char *complaint;
    char *text;

    if (!strbuf_ok(&reply->body)) {
        strbuf_free(&reply->body);
        if (reply->status != 500)
            return "a success that was not written";
        return how == FLOW_EVER || (how == FLOW_ONCE && refused(step)) ? NULL
                                                                       : "no memory for the reply";
    }
    if (strlen(strbuf_str(&reply->body)) != reply->body.len)
        return "the reply has a NUL";
    text = strbuf_steal(&reply->body);
    learn(flow, step, text);
    complaint = judge(step, reply, text, how);
    if (complaint)
        fprintf(stderr, "HTTP %d\n%s\n", reply->status, text);
    free(text);
    return complaint;
}

static bool running(const struct job_list *jobs)
{
    for (size_t i = 0; i < jobs->count; i++)
        if (!job_finished(&jobs->items[i]))
            return true;
    return false;
}

static bool settle(struct flow *flow, struct job_list *jobs)
{
    int64_t end = clock_mono_ms() + DEADLINE_MS;

    for (;;) {
        if (core_job_list(flow->core, &operator, jobs, NULL) != 0)
            return false;
        if (!running(jobs))
            return true;
        job_list_clear(jobs);
        if (clock_mono_ms() >= end)
            return false;
        sched_yield();
    }
}

/* As many snapshots as jobs that completed, and each of those has its own. */
static const char *compare(const struct job_list *jobs, const struct snapshot_list *snapshots)
{
    size_t completed = 0;

    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        bool there = false;
        for (size_t k = 0; k < snapshots->count; k++)
            there |= guid_equal(&snapshots->items[k].id, &job->snapshot);
        if (there != (job->state == JOB_COMPLETED))
            return there ? "a failed job made a snapshot" : "a completed job made no snapshot";
        if (job->state == JOB_EXCEPTION && (!job->error || !job->error_text))
            return "a failed job does not say why";
        completed += there;
    }
    return completed == snapshots->count ? NULL : "a snapshot has no job";
}

const char *flow_jobs(struct flow *flow)
{
    struct snapshot_list snapshots = { 0 };
    struct job_list jobs = { 0 };
    const char *complaint = NULL;
    struct guid vm;

    if (!settle(flow, &jobs))
        complaint = "a job does not end";
    else if (guid_parse(&vm, machine) != 0 ||
             backend_snapshot_list(flow->backend, &vm, &snapshots, NULL) != 0)
        complaint = "the backend does not answer";
    else
        complaint = compare(&jobs, &snapshots);
    job_list_clear(&jobs);
    snapshot_list_clear(&snapshots);
    return complaint;
}

const char *flow_init(const char *pairs)
{
    clock_freeze(INT64_C(1788264000123456));
    for (int i = 0; i < FLOW_STEPS; i++) {
        expected[i].request = read_file(pairs, flow_names[i]);
        if (!expected[i].request)
            return flow_names[i];
    }
    return NULL;
}
