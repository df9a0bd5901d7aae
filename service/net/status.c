/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/status.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "base/version.h"
#include "net/local.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, SECONDS_A_DAY = 86400 };

struct status {
    const struct config *config;
    struct server *server;
    struct core *core;
    int64_t began_ms;
    struct local *local, *metrics; /* NULL: not wanted */
};

struct jobs_seen {
    size_t running, finished, failed;
};

static void write_certificate(struct strbuf *out, int64_t expiry)
{
    time_t end = (time_t)expiry;
    char text[40];
    struct tm tm;

    if (expiry < 0 || !gmtime_r(&end, &tm) ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return;
    strbuf_printf(out, "certificate_expires=%s\ncertificate_days_left=%lld\n", text,
                  (long long)((expiry - clock_now_us() / 1000000) / SECONDS_A_DAY));
}

static void write_server(const struct status *status, struct strbuf *out)
{
    const struct config *config = status->config;
    struct server_stats s;

    server_stats(status->server, &s);
    strbuf_printf(out, "version=%s\n", CIMSNAPD_VERSION);
    strbuf_printf(out, "uptime_seconds=%lld\n",
                  (long long)((clock_mono_ms() - status->began_ms) / 1000));
    strbuf_printf(out, "port=%u\nloops=%zu\n", server_port(status->server, "https"), s.loops);
    if (server_port(status->server, "mutual"))
        strbuf_printf(out, "mutual_port=%u\n", server_port(status->server, "mutual"));
    if (server_port(status->server, "http"))
        strbuf_printf(out, "http_port=%u\n", server_port(status->server, "http"));
    strbuf_printf(out, "connections=%zu\nconnections_limit=%ld\nconnections_total=%lu\n",
                  s.connections, config->limits_connections, s.connections_total);
    strbuf_printf(out, "requests_total=%lu\n", s.requests_total);
    strbuf_printf(out, "refused_connections=%lu\nrefused_busy=%lu\n", s.refused_connections,
                  s.refused_busy);
    strbuf_printf(out, "refused_logins=%lu\ndelayed_logins=%lu\nrefused_requests=%lu\n",
                  s.refused_logins, s.delayed_logins, s.refused_requests);
    strbuf_printf(out, "workers=%ld\nworkers_busy=%zu\nrequests_queued=%zu\n",
                  config->server_workers, s.workers_busy, s.requests_queued);
    strbuf_printf(out, "password_checks=%zu\npassword_checks_total=%lu\n", s.checks_pending,
                  s.checks_total);
    strbuf_printf(out, "octets_in_flight=%zu\noctets_before_login=%zu\n", s.octets, s.octets_early);
    write_certificate(out, s.certificate_expiry);
}

static int count_jobs(const struct status *status, struct jobs_seen *out, struct error *err)
{
    const struct principal everybody = { .name = "status",
                                         .role = ROLE_ADMINISTRATOR,
                                         .scope = "*" };
    struct job_list jobs = { NULL, 0 };

    *out = (struct jobs_seen){ 0, 0, 0 };
    if (core_job_list(status->core, &everybody, &jobs, err) < 0)
        return -1;
    for (size_t i = 0; i < jobs.count; i++) {
        out->running += !job_finished(&jobs.items[i]);
        out->failed += job_finished(&jobs.items[i]) && jobs.items[i].state != JOB_COMPLETED;
    }
    out->finished = jobs.count - out->running;
    job_list_clear(&jobs);
    return 0;
}

static void write_jobs(const struct status *status, struct strbuf *out)
{
    struct error err = { 0 };
    struct jobs_seen jobs;

    if (count_jobs(status, &jobs, &err) < 0)
        strbuf_printf(out, "jobs=unknown (%s)\n", err.message);
    else
        strbuf_printf(out, "jobs_running=%zu\njobs_finished=%zu\njobs_failed=%zu\n", jobs.running,
                      jobs.finished, jobs.failed);
}

/* The last, as it may take the hypervisor's time. */
static void write_backend(const struct status *status, struct strbuf *out)
{
    struct error err = { 0 };
    bool there = core_ping(status->core, &err) == 0;

    strbuf_printf(out, "backend=%s\nbackend_reachable=%s\n", status->config->backend_module,
                  there ? "yes" : "no");
    if (!there)
        strbuf_printf(out, "backend_error=%s\n", err.cause[0] ? err.cause : err.message);
}

static void write_step(void *opaque, unsigned step, struct strbuf *out)
{
    static void (*const steps[])(const struct status *, struct strbuf *) = {
        write_server,
        write_jobs,
        write_backend,
    };

    if (step < sizeof(steps) / sizeof(steps[0]))
        steps[step](opaque, out);
}

/* ---- for Prometheus ---- */

static void metric(struct strbuf *out, const char *name, const char *type, const char *help,
                   double value)
{
    strbuf_printf(out, "# HELP cimsnapd_%s %s\n# TYPE cimsnapd_%s %s\ncimsnapd_%s %.15g\n", name,
                  help, name, type, name, value);
}

static void write_metrics(void *opaque, unsigned step, struct strbuf *out)
{
    const struct status *status = opaque;
    struct server_stats s;
    struct jobs_seen jobs;

    if (step > 0)
        return;
    server_stats(status->server, &s);
#define GAUGE(name, value, help) metric(out, name, "gauge", help, (double)(value))
#define COUNT(name, value, help) metric(out, name, "counter", help, (double)(value))
    GAUGE("uptime_seconds", (double)(clock_mono_ms() - status->began_ms) / 1000,
          "Since the start.");
    GAUGE("connections", s.connections, "Open connections.");
    COUNT("connections_total", s.connections_total, "Connections.");
    COUNT("requests_total", s.requests_total, "Requests that were carried out.");
    GAUGE("requests_queued", s.requests_queued, "Requests that wait for a worker.");
    GAUGE("workers_busy", s.workers_busy, "Workers with a request.");
    GAUGE("octets_in_flight", s.octets, "Octets of requests and replies in memory.");
    GAUGE("password_checks", s.checks_pending, "Password checks under way.");
    COUNT("password_checks_total", s.checks_total, "Password checks.");
    COUNT("refused_connections_total", s.refused_connections, "Connections that were too many.");
    COUNT("refused_busy_total", s.refused_busy, "Requests that were too many.");
    COUNT("refused_logins_total", s.refused_logins, "Requests without valid credentials.");
    COUNT("delayed_logins_total", s.delayed_logins, "Logins that had to wait.");
    COUNT("refused_requests_total", s.refused_requests, "Requests refused for other reasons.");
    GAUGE("certificate_expiry_seconds", s.certificate_expiry, "End of the certificate, Unix time.");
    if (count_jobs(status, &jobs, NULL) == 0) {
        GAUGE("jobs_running", jobs.running, "Jobs under way or waiting.");
        GAUGE("jobs_finished", jobs.finished, "Ended jobs that are remembered.");
        GAUGE("jobs_failed", jobs.failed, "Of those, the ones that failed.");
    }
#undef GAUGE
#undef COUNT
}

static int start(struct status *status, struct error *err)
{
    const struct config *config = status->config;

    if (config->status_socket[0] &&
        local_start(&status->local, config->status_socket, write_step, status, err) < 0)
        return -1;
    return config->metrics_port ? local_start_http(&status->metrics, config->metrics_port,
                                                   write_metrics, status, err)
                                : 0;
}

int status_start(struct status **out, const struct config *config, struct server *server,
                 struct core *core, struct error *err)
{
    struct status *status;

    *out = NULL;
    if (!config->status_socket[0] && !config->metrics_port)
        return 0;
    status = calloc(1, sizeof(*status));
    if (!status)
        return error_set(err, ERR_NO_MEMORY, NULL);
    *status = (struct status){ config, server, core, clock_mono_ms(), NULL, NULL };
    if (start(status, err) < 0) {
        status_stop(status);
        return -1;
    }
    *out = status;
    return 0;
}

void status_stop(struct status *status)
{
    if (!status)
        return;
    local_stop(status->metrics);
    local_stop(status->local);
    free(status);
}

int status_command(int argc, char **argv, const struct config *config)
{
    struct error err = { 0 };

    (void)argv;
    if (argc != 1) {
        fputs("usage: cimsnapd status\n", stderr);
        return EXIT_USAGE;
    }
    if (!config->status_socket[0])
        error_set(&err, ERR_FAILED, "the configuration has no status.socket");
    else if (local_read(config->status_socket, stdout, &err) == 0)
        return EXIT_DONE;
    fprintf(stderr, "cimsnapd: %s\n", err.message);
    return EXIT_FAILED;
}
