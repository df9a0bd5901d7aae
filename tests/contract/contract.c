/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contract of a backend, the same for each of them:
 *
 *   contract MODULE URI                        the suite
 *   contract MODULE URI crash VM KIND N        a create that dies at its N-th journal entry
 *   contract MODULE URI change KIND VM ID N    an apply, destroy or tree that does
 *   contract MODULE URI recover KIND VM ID STATE   what came of it: prints "whole" or "none"
 *   contract MODULE URI machines               the suite of what is done to machines
 *   contract MODULE URI ping                   prints an outcome for each line of its input
 *
 * The suite (suite.c) uses the machines of these names that the backend has: run, paused, off,
 * saved, foreign (which has a snapshot "by hand"), and for refusals any other.
 */
#include "contract/contract.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct backend *contract_backend;

static void trace_progress(void *opaque, unsigned percent)
{
    struct contract_trace *trace = opaque;

    trace->backwards = trace->backwards || percent < trace->percent || percent > 100;
    trace->percent = percent;
}

static int trace_journal(void *opaque, const char *state, struct error *err)
{
    struct contract_trace *trace = opaque;

    trace->journalled++;
    if (trace->journalled == trace->fail_at)
        return error_set(err, ERR_NO_SPACE, "The journal is full.");
    if (trace->journalled == trace->die_at) {
        printf("%s\n", state);
        fflush(stdout);
        _exit(9);
    }
    return 0;
}

static bool trace_cancelled(void *opaque)
{
    return ((struct contract_trace *)opaque)->cancel;
}

int contract_create(struct contract_trace *trace, const struct snapshot_spec *spec,
                    struct error *err)
{
    const struct backend_call call = {
        .opaque = trace, .progress = trace_progress, .journal = trace_journal, .note = trace_journal,
        .agent_seconds = 2, .cancelled = trace_cancelled
    };

    memset(err, 0, sizeof(*err));
    return backend_snapshot_create(contract_backend, &call, spec, err);
}

int contract_change(contract_change_fn *act, struct contract_trace *trace,
                    const struct snapshot_change *change, struct error *err)
{
    const struct backend_call call = {
        .opaque = trace, .progress = trace_progress, .journal = trace_journal, .agent_seconds = 2
    };

    memset(err, 0, sizeof(*err));
    return act(contract_backend, &call, change, err);
}

static const struct {
    const char *name;
    enum job_kind kind;
    contract_change_fn *act; /* NULL: a create */
} kinds[] = {
    { "create", JOB_SNAPSHOT_CREATE, NULL },
    { "apply", JOB_SNAPSHOT_APPLY, backend_snapshot_apply },
    { "destroy", JOB_SNAPSHOT_DESTROY, backend_snapshot_destroy },
    { "tree", JOB_SNAPSHOT_DESTROY_TREE, backend_snapshot_destroy },
};

static int kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* KIND VM ID N */
static int change(char **args)
{
    struct contract_trace trace = { .die_at = (int)strtol(args[3], NULL, 10) };
    struct snapshot_change what = { .turn_off = true };
    int kind = kind_find(args[0]);
    struct error err;

    if (kind < 1 || guid_parse(&what.vm, args[1]) || guid_parse(&what.id, args[2]))
        return 2;
    what.tree = kinds[kind].kind == JOB_SNAPSHOT_DESTROY_TREE;
    if (contract_change(kinds[kind].act, &trace, &what, &err))
        fprintf(stderr, "%s: %s: %s (%s)\n", args[0], error_row(err.code)->name, err.message, err.cause);
    return err.code != ERR_NONE;
}

int contract_power(struct contract_trace *trace, const struct guid *vm, enum vm_change change,
                    struct error *err)
{
    const struct backend_call call = {
        .opaque = trace, .progress = trace_progress, .journal = trace_journal,
        .agent_seconds = 2, .cancelled = trace_cancelled
    };

    memset(err, 0, sizeof(*err));
    return backend_vm_change(contract_backend, &call, vm, change, err);
}

/* VM KIND N */
static int crash(char **args)
{
    struct contract_trace trace = { .die_at = (int)strtol(args[2], NULL, 10) };
    struct snapshot_spec spec = { .consistency = CONSISTENCY_CRASH, .name = "crash" };
    struct error err;

    if (guid_parse(&spec.vm, args[0]))
        return 2;
    spec.id = guid_random();
    spec.kind = (enum snapshot_kind)strtol(args[1], NULL, 10);
    printf("%s\n", GUID_STR(&spec.id));
    if (contract_create(&trace, &spec, &err))
        fprintf(stderr, "create: %s (%s)\n", err.message, err.cause);
    return err.code != ERR_NONE;
}

/* KIND VM ID STATE */
static int recover(char **args)
{
    enum recovery found = RECOVERY_NONE;
    int kind = kind_find(args[0]);
    struct error err = { 0 };
    struct guid vm, id;

    if (kind < 0 || guid_parse(&vm, args[1]) || guid_parse(&id, args[2]))
        return 2;
    const struct recovery_order order = { kinds[kind].kind, vm, id, args[3] };
    if (backend_snapshot_recover(contract_backend, &order, &found, &err))
        fprintf(stderr, "recover: %s (%s)\n", err.message, err.cause);
    else
        printf("%s\n", found == RECOVERY_WHOLE ? "whole" : "none");
    return err.code != ERR_NONE;
}

static int ping(void)
{
    struct error err = { 0 };

    for (int c = getchar(); c != EOF; c = getchar()) {
        if (c != '\n')
            continue;
        error_clear(&err);
        backend_ping(contract_backend, &err);
        printf("%s\n", error_row(err.code)->name);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct error err = { 0 };
    int status = 2;

    if (argc != 3 && argc != 4 && argc != 7 && argc != 8) {
        fprintf(stderr, "usage: contract MODULE URI [crash VM KIND N | change KIND VM ID N | "
                        "recover KIND VM ID STATE | machines | ping]\n");
        return 2;
    }
    /* As the service does: libvirt writes to a socket whose other end may have gone. */
    signal(SIGPIPE, SIG_IGN);
    if (backend_open(&contract_backend, argv[1], argv[2], &err)) {
        fprintf(stderr, "%s (%s)\n", err.message, err.cause);
        return 2;
    }
    if (argc == 3)
        status = contract_suite();
    else if (argc == 4 && strcmp(argv[3], "machines") == 0)
        status = contract_machines();
    else if (argc == 4 && strcmp(argv[3], "ping") == 0)
        status = ping();
    else if (argc == 7 && strcmp(argv[3], "crash") == 0)
        status = crash(argv + 4);
    else if (argc == 8 && strcmp(argv[3], "change") == 0)
        status = change(argv + 4);
    else if (argc == 8 && strcmp(argv[3], "recover") == 0)
        status = recover(argv + 4);
    backend_close(contract_backend);
    return status;
}
