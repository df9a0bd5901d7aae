/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     daemon CONFIG OTHER CRASHED STORE STAGE...
 *
 * The whole of service/main.c, within this process: its commands, and starts and stops of the service. On the main
 * thread every allocation and every call into the system, SQLite and other libraries fails in turn. The exit status
 * is one that is documented, and where it is not 0 something says why. OTHER is a configuration with more endpoints,
 * CRASHED one whose store, a file of its own, is each time a copy of STORE, in which jobs never ended.
 */
#include "faults/alloc.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS_MOST = 10, POINTS_MOST = 6000, POINT_SECONDS = 60, ANY = -1 };

int daemon_main(int argc, char **argv); /* main() of service/main.c */

static const struct stage {
    const char *name;
    const char *words[WORDS_MOST]; /* after the configuration; "@" or "=" in front: OTHER or CRASHED */
    bool runs;                     /* until a signal that is there from the beginning */
    int ends;                      /* the exit status when nothing fails; ANY: that depends on what failed before */
} stages[] = {
    { "check", { "--check-config" }, false, 0 },
    { "check-other", { "@", "--check-config" }, false, 0 },
    { "add", { "passwd", "--role", "operator", "--scope", "web*", "--ntlm", "fault" }, false, 0 },
    { "change", { "passwd", "--role", "viewer", "--no-ntlm", "fault" }, false, 0 },
    { "delete", { "passwd", "--delete", "fault" }, false, ANY },
    { "words", { "passwd", "--role", "nobody", "fault" }, false, 2 },
    { "mof", { "schema", "--mof" }, false, 0 },
    { "wsdl", { "schema", "--wsdl" }, false, 0 },
    { "xsd", { "schema", "--xsd", "Msvm_VirtualSystemManagementService" }, false, 0 },
    { "no-class", { "schema", "--xsd", "Msvm_Nothing" }, false, 1 },
    { "doctor", { "doctor" }, false, 1 },
    { "mend", { "doctor", "--mend" }, false, 1 },
    { "status", { "status" }, false, 1 },
    { "sample", { "--print-sample" }, false, 0 },
    { "man", { "--print-man" }, false, 0 },
    { "run", { NULL }, true, 0 },
    { "run-other", { "@" }, true, 0 },
    { "run-crashed", { "=" }, true, 0 },
};

static FILE *report;

/* Octets of all that it wrote. */
static long said(void)
{
    struct stat st;

    fflush(NULL);
    return fstat(STDERR_FILENO, &st) == 0 ? (long)st.st_size : -1;
}

/* A reload, then the end: of signals that wait the lower number comes first. */
static void signals_wait(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);
}

/* Those that nobody took. */
static void signals_forget(void)
{
    const struct timespec none = { 0, 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    while (sigtimedwait(&set, NULL, &none) > 0)
        continue;
}

/* FILE becomes FILE.now, and no journal of SQLite's is left of the last one. */
static int renew(const char *file)
{
    char path[512], part[4096];
    FILE *in = fopen(file, "re"), *out;
    size_t len;
    int result = -1;

    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s.now%s", file, i ? "-shm" : "-wal");
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s.now", file);
    out = in ? fopen(path, "we") : NULL;
    while (out && (len = fread(part, 1, sizeof(part), in)) > 0)
        fwrite(part, 1, len, out);
    if (out)
        result = fclose(out);
    if (in)
        fclose(in);
    return result;
}

static int run_stage(const struct stage *stage, char **configs, long point, bool *reached)
{
    const char *mark = stage->words[0] ? strchr("@=", stage->words[0][0]) : NULL;
    int which = !mark ? 0 : *mark == '@' ? 1 : 2;
    char *argv[WORDS_MOST + 4] = { (char[]){ "cimsnapd" }, (char[]){ "--config" }, configs[which] };
    int argc = 3, status;

    if (which == 2 && renew(configs[3]) < 0)
        return -1;
    for (size_t i = which != 0; i < WORDS_MOST && stage->words[i]; i++)
        argv[argc++] = (char *)(uintptr_t)stage->words[i];
    optind = 0;
    if (lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
        return -1;
    if (stage->runs)
        signals_wait();
    alarm(POINT_SECONDS);
    alloc_arm(ALLOC_MAIN, point, 1);
    status = daemon_main(argc, argv);
    *reached = alloc_disarm();
    alarm(0);
    if (stage->runs)
        signals_forget();
    return status;
}

static int try_stage(const struct stage *stage, char **configs, long *passed)
{
    bool reached = true;
    int failed = 0;
    long point = 1;

    for (; reached && point < POINTS_MOST; point++) {
        long before = said();
        int status = run_stage(stage, configs, point, &reached);
        bool right = reached || stage->ends == ANY ? status >= 0 && status <= 2 : status == stage->ends;
        right = right && (status == 0 || said() > before || reached);
        failed += !right;
        if (!right)
            fprintf(report, "  %s %ld: exit status %d\n", stage->name, point, status);
    }
    fprintf(report, "%-12s %ld points, %d failed\n", stage->name, point - 2, failed);
    fflush(report);
    *passed += point - 1 - failed;
    return failed;
}

/* Standard input is a file with a password, standard error one for all that is said: see daemons.py. */
int main(int argc, char **argv)
{
    long passed = 0, failed = 0;

    if (argc < 5)
        return 2;
    report = fdopen(dup(STDOUT_FILENO), "w");
    if (!report || alloc_init(false, false) != 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 2;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
        if (alloc_wanted(stages[i].name, argv + 5))
            failed += try_stage(&stages[i], argv + 1, &passed);
    fprintf(report, "daemon: %ld passed, %ld failed\n", passed, failed);
    fclose(report);
    return failed || !passed;
}
