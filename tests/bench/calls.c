/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls of libvirt, made through its own library by a program that does nothing else: what they take alone.
 *
 *   calls URI < script
 *
 * The script is a list of calls, each "THREAD PROCEDURE UUID FLAGS LENGTH", a line's end, and so many octets of text (the
 * name, XML or command that the call takes). Procedures are those of remote_protocol.x, 1 the monitor command. Each thread has a
 * connection of its own, opened before "ready" is said; the calls begin when "go" is read behind the script's last line, "end".
 * The answer is the seconds they took.
 */
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 128, UUID = 16 };

struct call {
    struct call *next;
    const struct kind *kind;
    unsigned flags;
    unsigned char uuid[UUID];
    char text[];
};

static struct caller {
    struct call *first, **last;
    virConnectPtr conn;
    virDomainPtr dom;
    virDomainSnapshotPtr snapshot;
    pthread_t thread;
} callers[THREADS];
static int count;
static pthread_barrier_t start;

static _Noreturn void die(const char *what)
{
    const char *said = virGetLastErrorMessage();

    fprintf(stderr, "calls: %s: %s\n", what, said);
    exit(1);
}

static void keep(struct caller *caller, virDomainSnapshotPtr snapshot)
{
    if (caller->snapshot)
        virDomainSnapshotFree(caller->snapshot);
    caller->snapshot = snapshot;
}

/* ---- the calls; true: it did what it did when it was recorded ---- */

static int look_up(struct caller *caller, const struct call *call)
{
    if (caller->dom)
        virDomainFree(caller->dom);
    caller->dom = virDomainLookupByUUID(caller->conn, call->uuid);
    return caller->dom != NULL;
}

static int persistent(struct caller *caller, const struct call *call)
{
    (void)call;
    return virDomainIsPersistent(caller->dom) == 1;
}

static int state(struct caller *caller, const struct call *call)
{
    int state, reason;

    return virDomainGetState(caller->dom, &state, &reason, call->flags) == 0;
}

static int describe(struct caller *caller, const struct call *call)
{
    char *text = virDomainGetXMLDesc(caller->dom, call->flags);

    free(text);
    return text != NULL;
}

static int monitor(struct caller *caller, const struct call *call)
{
    char *text = NULL;
    int result = virDomainQemuMonitorCommand(caller->dom, call->text, &text, call->flags);

    free(text);
    return result == 0;
}

static int list(struct caller *caller, const struct call *call)
{
    virDomainSnapshotPtr *snapshots = NULL;
    int found = virDomainListAllSnapshots(caller->dom, &snapshots, call->flags);

    for (int i = 0; i < found; i++)
        virDomainSnapshotFree(snapshots[i]);
    free(snapshots);
    return found >= 0;
}

static int current(struct caller *caller, const struct call *call)
{
    keep(caller, virDomainSnapshotCurrent(caller->dom, call->flags));
    return caller->snapshot != NULL;
}

static int describe_snapshot(struct caller *caller, const struct call *call)
{
    char *text = virDomainSnapshotGetXMLDesc(caller->snapshot, call->flags);

    free(text);
    return text != NULL;
}

static int look_for(struct caller *caller, const struct call *call)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(caller->dom, call->text, call->flags);

    if (found)
        virDomainSnapshotFree(found);
    return found == NULL;
}

static int pause_it(struct caller *caller, const struct call *call)
{
    (void)call;
    return virDomainSuspend(caller->dom) == 0;
}

static int resume_it(struct caller *caller, const struct call *call)
{
    (void)call;
    return virDomainResume(caller->dom) == 0;
}

static int create(struct caller *caller, const struct call *call)
{
    keep(caller, virDomainSnapshotCreateXML(caller->dom, call->text, call->flags));
    return caller->snapshot != NULL;
}

static const struct kind {
    int procedure;
    int (*make)(struct caller *caller, const struct call *call);
} kinds[] = {
    { 1, monitor },   { 14, describe }, { 24, look_up },  { 28, resume_it },          { 34, pause_it }, { 151, persistent },
    { 185, create },  { 189, look_for }, { 191, current }, { 186, describe_snapshot }, { 212, state },   { 274, list },
};

static const struct kind *kind_of(int procedure)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].procedure == procedure)
            return &kinds[i];
    fprintf(stderr, "calls: no procedure %d is known here\n", procedure);
    exit(1);
}

/* ---- the script ---- */

static void read_call(const char *line)
{
    struct call *call;
    struct caller *caller;
    int thread, procedure;
    char uuid[2 * UUID + 1];
    unsigned flags, octet;
    size_t length;

    if (sscanf(line, "%d %d %32s %u %zu", &thread, &procedure, uuid, &flags, &length) != 5 || thread < 0 || thread >= THREADS)
        die("a line is no call");
    call = calloc(1, sizeof(*call) + length + 1);
    if (!call || fread(call->text, 1, length, stdin) != length)
        die("a call without its text");
    call->kind = kind_of(procedure);
    call->flags = flags;
    for (int i = 0; i < UUID && sscanf(&uuid[2 * i], "%2x", &octet) == 1; i++)
        call->uuid[i] = (unsigned char)octet;
    caller = &callers[thread];
    if (!caller->last)
        caller->last = &caller->first;
    *caller->last = call;
    caller->last = &call->next;
    count = thread >= count ? thread + 1 : count;
}

static void *run(void *opaque)
{
    struct caller *caller = opaque;

    pthread_barrier_wait(&start);
    for (const struct call *call = caller->first; call; call = call->next)
        if (!call->kind->make(caller, call)) {
            fprintf(stderr, "calls: procedure %d\n", call->kind->procedure);
            die("a call did not do what it did before");
        }
    return NULL;
}

static void ignore(void *opaque, virErrorPtr err)
{
    (void)opaque;
    (void)err;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    char line[160];
    double begin;

    if (argc != 2)
        return 2;
    virSetErrorFunc(NULL, ignore);
    while (fgets(line, sizeof(line), stdin) && strcmp(line, "end\n") != 0)
        read_call(line);
    pthread_barrier_init(&start, NULL, (unsigned)count + 1);
    for (int i = 0; i < count; i++)
        if (!(callers[i].conn = virConnectOpen(argv[1])) || pthread_create(&callers[i].thread, NULL, run, &callers[i]))
            die("connect");
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof(line), stdin))
        return 1;
    begin = seconds();
    pthread_barrier_wait(&start);
    for (int i = 0; i < count; i++)
        pthread_join(callers[i].thread, NULL);
    printf("%.6f\n", seconds() - begin);
    return 0;
}
