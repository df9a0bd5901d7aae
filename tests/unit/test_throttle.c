/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/throttle.h"

#include "unit.h"

#include <string.h>

static struct peer peer_of(unsigned number)
{
    struct peer peer = { .key = { 4 } };

    memcpy(peer.key + 1, &number, sizeof(number));
    return peer;
}

static void fail(struct throttle *throttle, const struct peer *peer, int times, int64_t now)
{
    for (int i = 0; i < times; i++)
        throttle_failed(throttle, peer, now);
}

static void test_waits(void)
{
    static const long expected[] = { 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000 };
    const struct peer one = peer_of(1), other = peer_of(2);
    struct throttle *throttle;

    CU_ASSERT_EQUAL_FATAL(throttle_open(&throttle, 3, 4000, NULL), 0);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000), 0);
    for (int i = 0; i < 10; i++) {
        throttle_failed(throttle, &one, 1000);
        CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000), expected[i]);
    }
    CU_ASSERT_EQUAL(throttle_wait(throttle, &other, 1000), 0);
    throttle_close(throttle);
}

/* One failure each ten seconds is forgiven; however many there were, not for ever. */
static void test_forgiven(void)
{
    const struct peer one = peer_of(1);
    struct throttle *throttle;

    CU_ASSERT_EQUAL_FATAL(throttle_open(&throttle, 3, 4000, NULL), 0);
    fail(throttle, &one, 5, 1000);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000), 500);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000 + THROTTLE_FORGIVE_MS), 250);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000 + 2 * THROTTLE_FORGIVE_MS), 0);
    throttle_failed(throttle, &one, 1000 + 2 * THROTTLE_FORGIVE_MS);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000 + 2 * THROTTLE_FORGIVE_MS), 250);
    fail(throttle, &one, 100000, 50000);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 50000), 4000);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 50000 + 15 * THROTTLE_FORGIVE_MS), 0);
    throttle_close(throttle);
}

/* A flood of addresses costs no memory, and does not wash the worst one out. */
static void test_many(void)
{
    const struct peer worst = peer_of(0xffffffff);
    struct throttle *throttle;

    CU_ASSERT_EQUAL_FATAL(throttle_open(&throttle, 0, 1000, NULL), 0);
    fail(throttle, &worst, 10, 1000);
    for (unsigned i = 0; i < 100000; i++) {
        const struct peer other = peer_of(i);
        throttle_failed(throttle, &other, 1000);
        CU_ASSERT_EQUAL(throttle_wait(throttle, &other, 1000), 250);
    }
    CU_ASSERT_EQUAL(throttle_wait(throttle, &worst, 1000), 1000);
    throttle_close(throttle);
}

static void test_never(void)
{
    const struct peer one = peer_of(1);
    struct throttle *throttle;

    CU_ASSERT_EQUAL_FATAL(throttle_open(&throttle, 0, 0, NULL), 0);
    fail(throttle, &one, 50, 1000);
    CU_ASSERT_EQUAL(throttle_wait(throttle, &one, 1000), 0);
    throttle_close(throttle);
}

UNIT_MAIN({ "waits", test_waits }, { "forgiven", test_forgiven }, { "many addresses", test_many },
          { "never", test_never })
