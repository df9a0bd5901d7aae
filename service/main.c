/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cimsnapd: options, start, signals, stop.
 */
#include "auth/auth.h"
#include "auth/rules.h"
#include "auth/users.h"
#include "base/auditlog.h"
#include "base/config.h"
#include "base/log.h"
#include "base/put.h"
#include "base/version.h"
#include "core/core.h"
#include "core/doctor.h"
#include "net/server.h"
#include "net/status.h"
#include "net/systemd.h"
#include "net/tls.h"
#include "wsman/schema.h"
#include "wsman/wsman.h"

#include <errno.h>
#include <getopt.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/cimsnapd/cimsnapd.conf"

enum action { RUN, CHECK, SAMPLE, MAN };

struct options {
    const char *config; /* NULL: the default, which need not exist */
    enum action action;
    int rest; /* index of the first word after the options */
};

static const char title[] = "Hyper-V's snapshot service for libvirt hosts, over WS-Management";

static const char synopsis[] =
    "cimsnapd [--config FILE]                  run in the foreground\n"
    "cimsnapd [--config FILE] --check-config   check the configuration and exit\n"
    "cimsnapd [--config FILE] passwd [--role viewer|operator|administrator]\n"
    "         [--scope PATTERNS] [--ntlm | --no-ntlm] NAME\n"
    "                                          add or change a user; reads the password\n"
    "cimsnapd [--config FILE] passwd --delete NAME\n"
    "cimsnapd [--config FILE] status           what the running service says of itself\n"
    "cimsnapd [--config FILE] doctor [--mend]  snapshots that are not whole, and what is left of such\n"
    "cimsnapd schema --mof|--wsdl|--xsd [CLASS]  classes and messages, for tools\n"
    "cimsnapd --print-sample | --print-man     sample configuration, manual page\n"
    "cimsnapd --version | --help\n";

static const char description[] =
    "The configuration is " DEFAULT_CONFIG " unless --config names another.\n"
    "SIGTERM and SIGINT stop the service after the requests under way; SIGHUP reads\n"
    "certificates, users, rules and keytab anew,\n"
    "and opens the audit file again. Each request is a line on standard error. Sockets that\n"
    "the service manager hands over (LISTEN_FDS) are used instead of the configured\n"
    "address; it is told when the service is ready (NOTIFY_SOCKET).\n"
    "The command doctor compares the hypervisor's snapshots with what is in the disks. With --mend,\n"
    "while the service is stopped, it removes rests of ours and snapshots without data;\n"
    "what others made and what is there in part it only names. It needs to read the disks.\n";

static void usage(FILE *out)
{
    fprintf(out, "cimsnapd %s - %s\n\n%s\n%s", CIMSNAPD_VERSION, title, synopsis, description);
}

/* Sections that only the manual page has. What core/access.h grants is in the first. */
static const char sections[] =
    ".SH ROLES\n"
    ".TP\n.B viewer\nreads: machines, snapshots, settings, and jobs of its own. What passwd gives a new user.\n"
    ".TP\n.B operator\nbesides makes, applies, renames and destroys snapshots, changes machines' states, names,\n"
    "notes and snapshot policy, cancels jobs of its own, types on keyboards, and sees screens.\n"
    ".TP\n.B administrator\nbesides sees and controls the jobs and enumerations of all users.\n"
    ".PP\nNo role reaches beyond its user's scope, and none grants anything outside this service.\n"
    "A job is its beginner's: whoever else asks for it hears that there is none.\n"
    ".SH SCOPES\n"
    "A scope is one or more patterns of the shell with commas between, as web*,db1; * is every machine, and what\n"
    "passwd gives a new user. They match libvirt's names of machines (virsh list), with large\n"
    "and small letters apart, not the ElementName that clients see and can change: that is libvirt's title.\n"
    "What lies outside does not exist for the user: machines, their snapshots and their jobs.\n";

static const char last_sections[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nThe service ended as it was told to; the configuration is valid; the command did its work.\n"
    "For doctor: nothing was found, or all of it is mended.\n"
    ".TP\n.B 1\nIt failed, and standard error says why. For doctor: something was found that is not mended, or\n"
    "it could not look. For status: no service answers. For schema: there is no such class.\n"
    ".TP\n.B 2\nThe words of the command line are wrong; nothing was done.\n"
    ".SH FILES\nAs the configuration has them unless it is changed:\n"
    ".TP\n.I " DEFAULT_CONFIG "\nThe configuration; it need not be there.\n"
    ".TP\n.I /etc/cimsnapd/users\nUsers, roles, scopes and password hashes.\n"
    ".TP\n.I /etc/cimsnapd/server.crt, /etc/cimsnapd/server.key\nCertificate and key.\n"
    ".TP\n.I /etc/cimsnapd/ca.crt\nWhat clients shall trust, if make-certs.sh made the certificate; the service does not read it.\n"
    ".TP\n.I /var/lib/cimsnapd/state.db\nJobs and the journal.\n"
    ".TP\n.I /run/cimsnapd/status.sock\nWhere status asks.\n"
    ".SH EXAMPLES\n"
    ".TP\nA user for a backup program, for two kinds of machines\n"
    ".nf\ncimsnapd passwd --role operator --scope 'web*,db1' backup\nsystemctl reload cimsnapd\n.fi\n"
    ".TP\nThe same one becomes a viewer (passwd reads a password each time), or leaves\n"
    ".nf\ncimsnapd passwd --role viewer backup\ncimsnapd passwd --delete backup\n.fi\n"
    ".TP\nBefore a restart with another configuration\n"
    ".nf\ncimsnapd --check-config && systemctl restart cimsnapd\n.fi\n"
    ".TP\nSnapshots that are not whole: look, then mend\n"
    ".nf\ncimsnapd doctor\nsystemctl stop cimsnapd; cimsnapd doctor --mend; systemctl start cimsnapd\n.fi\n"
    ".TP\nWhy a method returned 5 or 6 without a job\n"
    ".nf\njournalctl -u cimsnapd | grep ReturnValue\n.fi\n"
    ".SH SEE ALSO\nvirsh(1), qemu-img(1), systemctl(1)\n";

/* The texts hold no backslash, and no dot or quote begins a line. */
static void print_man(FILE *out)
{
    fprintf(out, ".TH CIMSNAPD 8 \"\" \"cimsnapd %s\"\n.SH NAME\ncimsnapd \\- %s\n",
            CIMSNAPD_VERSION, title);
    fprintf(out, ".SH SYNOPSIS\n.nf\n%s.fi\n.SH DESCRIPTION\n%s", synopsis, description);
    config_print_man(out);
    fputs(sections, out);
    rules_print_man(out);
    auditlog_print_man(out);
    fputs(last_sections, out);
}

static int passwd_command(int argc, char **argv, const struct config *config)
{
    return users_command(argc, argv, config->auth_users_file);
}

/* The words that may follow the options. Each says the exit status. */
static const struct command {
    const char *name;
    int (*run)(int argc, char **argv, const struct config *config);
} commands[] = {
    { "passwd", passwd_command },
    { "status", status_command },
    { "schema", schema_command },
    { "doctor", doctor_command },
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* 0 to go on, 1 when all is done, -1 for wrong words. */
static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        { "config", required_argument, NULL, 'c' },
        { "check-config", no_argument, NULL, 'k' },
        { "print-sample", no_argument, NULL, 's' },
        { "print-man", no_argument, NULL, 'm' },
        { "version", no_argument, NULL, 'V' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "+c:Vh", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            options->config = optarg;
            break;
        case 'k':
            options->action = CHECK;
            break;
        case 's':
            options->action = SAMPLE;
            break;
        case 'm':
            options->action = MAN;
            break;
        case 'V':
            puts("cimsnapd " CIMSNAPD_VERSION);
            return 1;
        case 'h':
            usage(stdout);
            return 1;
        default:
            return -1;
        }
    }
    options->rest = optind;
    return optind == argc || find_command(argv[optind]) ? 0 : -1;
}

/* The file that there is to be read, or NULL. */
static const char *config_path(const struct options *options)
{
    if (options->config)
        return options->config;
    return access(DEFAULT_CONFIG, F_OK) == 0 ? DEFAULT_CONFIG : NULL;
}

static int load_config(const struct options *options, struct config *config, struct error *err)
{
    const char *path = config_path(options);
    int level;

    if (config_init(config, err) != 0 || (path && config_read(config, path, err) != 0))
        return -1;
    level = log_level_parse(config->log_level);
    if (level < 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "log level '%.40s' is none of error, warning, info and debug",
                         config->log_level);
    log_set_level((enum log_level)level);
    return 0;
}

/* From the network layer's request to the WS-Management layer's, and back. */
static void handle(void *opaque, const struct net_request *in, struct net_reply *out)
{
    struct wsman_reply reply = { .body = STRBUF_WITH_FRONT(NET_HEAD_ROOM) };
    const struct wsman_request request = {
        .body = in->body,
        .length = in->length,
        .charset = in->charset,
        .anonymous = in->anonymous,
        .who = in->who,
        .profiles = in->profiles,
        .at_once = in->at_once,
    };

    if (in->wsdl_class)
        wsman_describe(&request, in->wsdl_class, in->address, &reply);
    else
        wsman_handle(opaque, &request, &reply);
    out->status = reply.status;
    out->body = reply.body;
    out->utf16 = reply.utf16;
    put_text(out->action, sizeof(out->action), reply.action);
    put_text(out->target, sizeof(out->target), reply.target);
    put_text(out->result, sizeof(out->result), reply.result);
    out->mutation = reply.mutation;
    out->denied = reply.denied;
    out->put_off = reply.put_off;
}

/* Blocks the signals that the main thread waits for, before any other thread exists. */
static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write() */
}

/* The level is what is worth changing while something goes wrong. */
static int reload_level(const char *path, struct error *err)
{
    struct config fresh;
    int level = -1;

    if (!path || config_init(&fresh, err) < 0)
        return path ? -1 : 0;
    if (config_read(&fresh, path, err) == 0) {
        level = log_level_parse(fresh.log_level);
        if (level < 0)
            error_set(err, ERR_INVALID_PARAMETER, "log.level is none of error, warning, info, debug");
    }
    config_free(&fresh);
    if (level >= 0)
        log_set_level((enum log_level)level);
    return level < 0 ? -1 : 0;
}

/* Each is tried, whatever became of the others. */
static void reload(struct server *server, const char *path)
{
    struct error err = { 0 };

    systemd_notify_reloading();
    server_reload(server, &err);
    auditlog_reopen(&err);
    reload_level(path, &err);
    if (err.code)
        log_event(LOG_ERROR_, "reload", "error", err.message, NULL);
    else
        log_event(LOG_INFO, "reload", NULL);
    systemd_notify("READY=1");
}

/* What is under way then is as after a crash: the journal tells, and the next start settles it. */
static void on_late(int number)
{
    static const char line[] =
        "level=error event=stop reason=\"requests or jobs did not end in time\"\n";

    signal(number, SIG_DFL);
    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0) {
        /* nobody reads the log; there is nowhere to say so */
    }
    raise(number); /* its default is the end, once this returns */
}

static void begin_stop(const struct config *config)
{
    systemd_notify("STOPPING=1");
    log_event(LOG_INFO, "stop", NULL);
    if (!config->server_stop_seconds)
        return;
    signal(SIGALRM, on_late);
    alarm((unsigned)config->server_stop_seconds);
}

/* The next signal, or 0 after ms milliseconds (0: never). */
static int next_signal(const sigset_t *set, long ms)
{
    const struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    int number;

    do
        number = ms ? sigtimedwait(set, NULL, &limit) : sigwaitinfo(set, NULL);
    while (number < 0 && errno == EINTR);
    return number < 0 ? 0 : number;
}

/* The manager hears of us as long as the event loops do what they shall. */
static void wait_for_end(const sigset_t *set, struct server *server, const char *path)
{
    long watchdog_ms = systemd_watchdog_ms();

    for (;;) {
        int number = next_signal(set, watchdog_ms);
        if (number == SIGHUP)
            reload(server, path);
        else if (number)
            return;
        if (watchdog_ms && server_is_alive(server))
            systemd_notify("WATCHDOG=1");
    }
}

/* The service is worth having without it: a second one on the host, or a folder that is missing. */
static struct status *open_status(const struct config *config, struct server *server,
                                  struct core *core)
{
    struct status *status = NULL;
    struct error err = { 0 };

    if (status_start(&status, config, server, core, &err) < 0)
        log_event(LOG_WARN, "status_socket", "reason", err.message, NULL);
    return status;
}

/* path: of the configuration; NULL: there is none. */
static int run(const struct config *config, const char *path, struct error *err)
{
    struct net_handler handler = { handle, wsman_is_brief, NULL };
    struct status *status = NULL;
    struct core *core = NULL;
    struct wsman *wsman = NULL;
    struct server *server = NULL;
    sigset_t signals;
    char port[16];
    int rc = -1;

    block_signals(&signals);
    xmlInitParser(); /* before there are threads */
    if (auditlog_open(config->audit_file, err) != 0 || core_open(&core, config, err) != 0 || wsman_open(&wsman, config, core, err) != 0)
        goto out;
    handler.opaque = wsman;
    if (server_start(&server, config, &handler, err) != 0)
        goto out;
    status = open_status(config, server, core);
    snprintf(port, sizeof(port), "%u", server_port(server, "https"));
    log_event(LOG_INFO, "start", "version", CIMSNAPD_VERSION, "address", config->listen_address,
              "port", port, "backend", config->backend_module, "uri", config->backend_uri, NULL);
    systemd_notify("READY=1");
    wait_for_end(&signals, server, path);
    begin_stop(config);
    rc = 0;
out:
    status_stop(status);
    server_stop(server);
    wsman_close(wsman);
    core_close(core);
    auditlog_close();
    xmlCleanupParser();
    return rc;
}

/* Reads what a start would read; touches neither the store nor the hypervisor. */
static int check(const struct config *config, struct error *err)
{
    struct auth *auth = NULL;
    struct tls *tls = NULL;
    int rc = -1;

    if (server_check(config, err) == 0 && auth_open(&auth, config, err) == 0 &&
        tls_open(&tls, config, err) == 0) {
        printf("The configuration is valid; %zu users.\n", auth_users(auth));
        rc = 0;
    }
    tls_close(tls);
    auth_close(auth);
    return rc;
}

int main(int argc, char **argv)
{
    struct options options = { .action = RUN };
    struct config config = { 0 };
    struct error err = { 0 };
    int rc;

    log_init();
    rc = parse_options(argc, argv, &options);

    if (rc > 0)
        return 0;
    if (rc < 0) {
        usage(stderr);
        return 2;
    }
    if (options.action == SAMPLE || options.action == MAN) {
        (options.action == SAMPLE ? config_print_sample : print_man)(stdout);
        return 0;
    }
    rc = load_config(&options, &config, &err);
    if (rc == 0 && options.rest < argc) {
        int status = find_command(argv[options.rest])
                         ->run(argc - options.rest, argv + options.rest, &config);
        config_free(&config);
        return status;
    }
    if (rc == 0)
        rc = options.action == CHECK ? check(&config, &err) : run(&config, config_path(&options), &err);
    if (rc != 0)
        fprintf(stderr, "cimsnapd: %s%s%s\n", err.message, err.cause[0] ? ": " : "", err.cause);
    config_free(&config);
    return rc == 0 ? 0 : 1;
}
