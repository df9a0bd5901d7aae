/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/checks.h"

#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct one {
    struct check check; /* first */
    bool right;
    atomic_uint runs, ends, ended_right;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned begun, gate; /* checks that began; how many of them may end */

static void run(struct check *check, struct auth_verdict *out)
{
    struct one *one = (struct one *)check;
    unsigned mine;

    one->runs++;
    pthread_mutex_lock(&lock);
    mine = ++begun;
    pthread_cond_broadcast(&changed);
    while (gate < mine)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    memset(out, 0, sizeof(*out));
    out->reason = one->right ? NULL : "wrong";
    snprintf(out->who.name, sizeof(out->who.name), "%s", one->right ? "somebody" : "");
}

static void done(struct check *check, const struct auth_verdict *verdict)
{
    struct one *one = (struct one *)check;

    one->ended_right += !verdict->reason && strcmp(verdict->who.name, "somebody") == 0;
    one->ends++;
}

static void await_begun(unsigned count)
{
    pthread_mutex_lock(&lock);
    while (begun < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void open_gate(unsigned count)
{
    pthread_mutex_lock(&lock);
    gate = count;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static struct checks *begin(size_t threads, size_t all, size_t per_peer)
{
    const struct checks_limits limits = {
        .name = "check",
        .threads = threads,
        .all = all,
        .per_peer = per_peer,
        .all_reason = "too many",
        .each_reason = "too many from this address",
    };
    struct checks *checks;

    begun = gate = 0;
    CU_ASSERT_EQUAL_FATAL(checks_open(&checks, &limits, NULL), 0);
    return checks;
}

static void make(struct one *one, const struct peer *peer, unsigned char key, bool right)
{
    memset(one, 0, sizeof(*one));
    one->check.peer = peer;
    one->check.key.mac[0] = key & 1; /* few buckets, so that keys meet in one */
    one->check.key.mac[1] = key;
    one->check.run = run;
    one->check.done = done;
    one->right = right;
}

static const struct peer here = { .key = { 1 }, .text = "here" };
static const struct peer there = { .key = { 2 }, .text = "there" };

static void test_limits(void)
{
    struct checks *checks = begin(1, 3, 2);
    struct one ones[6];

    for (unsigned char i = 0; i < 6; i++)
        make(&ones[i], i < 3 ? &here : &there, i, i % 2);
    CU_ASSERT_PTR_NULL(checks_submit(checks, &ones[0].check));
    await_begun(1); /* one that runs counts as well */
    CU_ASSERT_PTR_NULL(checks_submit(checks, &ones[1].check));
    CU_ASSERT_STRING_EQUAL(checks_submit(checks, &ones[2].check), "too many from this address");
    CU_ASSERT_PTR_NULL(checks_submit(checks, &ones[3].check));
    CU_ASSERT_STRING_EQUAL(checks_submit(checks, &ones[4].check), "too many");
    CU_ASSERT_EQUAL(checks_pending(checks), 3);
    open_gate(1);
    await_begun(2); /* the first has ended, so there is room again */
    CU_ASSERT_PTR_NULL(checks_submit(checks, &ones[4].check));
    open_gate(100);
    checks_close(checks);
    for (unsigned i = 0; i < 6; i++) {
        unsigned ran = i != 2 && i != 5;
        CU_ASSERT_EQUAL(ones[i].runs, ran);
        CU_ASSERT_EQUAL(ones[i].ends, ran);
        CU_ASSERT_EQUAL(ones[i].ended_right, ran && i % 2);
    }
}

/* Equal logins cost one check and no room, whether it waits or runs; each hears the end once. */
static void test_equal(void)
{
    enum { MANY = 50 };
    struct checks *checks = begin(1, 2, 2);
    struct one running[MANY], waiting[MANY], again;
    unsigned runs[2] = { 0, 0 };

    for (int i = 0; i < MANY; i++) {
        make(&running[i], i % 2 ? &here : &there, 1, true);
        make(&waiting[i], &here, 3, false);
    }
    CU_ASSERT_PTR_NULL(checks_submit(checks, &running[0].check));
    await_begun(1);
    for (int i = 0; i < MANY; i++) {
        if (i)
            CU_ASSERT_PTR_NULL(checks_submit(checks, &running[i].check));
        CU_ASSERT_PTR_NULL(checks_submit(checks, &waiting[i].check));
    }
    CU_ASSERT_EQUAL(checks_pending(checks), 2);
    open_gate(1);
    await_begun(2);
    /* The first check is over: who comes now needs another. */
    make(&again, &here, 1, true);
    CU_ASSERT_PTR_NULL(checks_submit(checks, &again.check));
    open_gate(3);
    await_begun(3);
    CU_ASSERT_EQUAL(checks_made(checks) >= 1, true);
    checks_close(checks);
    for (int i = 0; i < MANY; i++) {
        runs[0] += running[i].runs;
        runs[1] += waiting[i].runs;
        CU_ASSERT_EQUAL(running[i].ends, 1);
        CU_ASSERT_EQUAL(running[i].ended_right, 1);
        CU_ASSERT_EQUAL(waiting[i].ends, 1);
        CU_ASSERT_EQUAL(waiting[i].ended_right, 0);
    }
    CU_ASSERT_EQUAL(runs[0], 1);
    CU_ASSERT_EQUAL(runs[1], 1);
    CU_ASSERT_EQUAL(again.runs, 1);
    CU_ASSERT_EQUAL(again.ended_right, 1);
}

/* A Kerberos token is nobody else's, though its key is that of others. */
static void test_alone(void)
{
    struct checks *checks = begin(1, 4, 4);
    struct one ones[3];

    for (int i = 0; i < 3; i++) {
        make(&ones[i], &here, 1, true);
        ones[i].check.alone = i < 2;
        CU_ASSERT_PTR_NULL(checks_submit(checks, &ones[i].check));
    }
    CU_ASSERT_EQUAL(checks_pending(checks), 3);
    open_gate(3);
    checks_close(checks);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(ones[i].runs == 1 && ones[i].ends == 1);
}

UNIT_MAIN({ "limits", test_limits }, { "alone", test_alone },
          { "equal logins share a check", test_equal })
