/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/peers.h"

#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

static struct peer peer(const char *address)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(99) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(99) };
    struct peer out;

    if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1)
        peers_name(&out, (const struct sockaddr *)&six);
    else if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
        peers_name(&out, (const struct sockaddr *)&four);
    else
        CU_FAIL_FATAL("no address");
    return out;
}

static struct peers *open_peers(size_t all, size_t each)
{
    const struct peers_limits limits = { all, each, "all", "each" };
    struct peers *peers;

    CU_ASSERT_EQUAL_FATAL(peers_open(&peers, &limits, NULL), 0);
    return peers;
}

static bool same(const char *a, const char *b)
{
    struct peer one = peer(a), two = peer(b);

    return memcmp(one.key, two.key, sizeof(one.key)) == 0;
}

static void test_names(void)
{
    CU_ASSERT_STRING_EQUAL(peer("192.0.2.1").text, "192.0.2.1:99");
    CU_ASSERT_STRING_EQUAL(peer("::ffff:192.0.2.1").text, "192.0.2.1:99");
    CU_ASSERT_STRING_EQUAL(peer("2001:db8::1").text, "[2001:db8::1]:99");
    CU_ASSERT_TRUE(same("192.0.2.1", "::ffff:192.0.2.1"));
    CU_ASSERT_FALSE(same("192.0.2.1", "192.0.2.2"));
    CU_ASSERT_TRUE(same("2001:db8::1", "2001:db8::ffff:1"));
    CU_ASSERT_FALSE(same("2001:db8::1", "2001:db8:0:1::1"));
    CU_ASSERT_FALSE(same("1.2.3.4", "102:304::"));
}

static void test_limits(void)
{
    struct peer a = peer("192.0.2.1"), b = peer("192.0.2.2"), c = peer("2001:db8::1");
    struct peers *peers = open_peers(3, 2);

    CU_ASSERT_PTR_NULL(peers_enter(peers, &a));
    CU_ASSERT_PTR_NULL(peers_enter(peers, &a));
    CU_ASSERT_STRING_EQUAL(peers_enter(peers, &a), "each");
    CU_ASSERT_PTR_NULL(peers_enter(peers, &b));
    CU_ASSERT_STRING_EQUAL(peers_enter(peers, &c), "all");
    CU_ASSERT_EQUAL(peers_count(peers), 3);
    peers_leave(peers, &a);
    CU_ASSERT_PTR_NULL(peers_enter(peers, &c));
    peers_leave(peers, &b);
    CU_ASSERT_PTR_NULL(peers_enter(peers, &a));
    peers_close(peers); /* frees those that never left */
}

/* Whoever left leaves nothing behind: every address of a large net may come, one after another. */
static void test_many(void)
{
    struct peers *peers = open_peers(2000, 1);
    char address[32];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2000; i++) {
            snprintf(address, sizeof(address), "10.0.%d.%d", i / 256, i % 256);
            CU_ASSERT_PTR_NULL(peers_enter(peers, &(struct peer[]){ peer(address) }[0]));
        }
        for (int i = 0; i < 2000; i++) {
            snprintf(address, sizeof(address), "10.0.%d.%d", i / 256, i % 256);
            peers_leave(peers, &(struct peer[]){ peer(address) }[0]);
        }
    }
    peers_close(peers);
}

UNIT_MAIN({ "names", test_names }, { "limits", test_limits }, { "many peers", test_many })
