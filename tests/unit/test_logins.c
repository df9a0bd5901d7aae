/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/logins.h"

#include "unit.h"

static const struct principal who = { "name", ROLE_VIEWER, "web*", NULL };
static struct principal found;

static void test_remember(void)
{
    struct logins_key key, other;
    struct logins *logins;

    CU_ASSERT_EQUAL_FATAL(logins_open(&logins, 3600, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(logins_key(logins, &key, "name", "hash", "password"), 0);
    CU_ASSERT_FALSE(logins_find(logins, &key, &found));
    logins_add(logins, &key, &who);
    CU_ASSERT_TRUE(logins_find(logins, &key, &found));
    CU_ASSERT_STRING_EQUAL(found.name, "name");
    CU_ASSERT_EQUAL(found.role, ROLE_VIEWER);
    CU_ASSERT_STRING_EQUAL(found.scope, "web*");
    CU_ASSERT_EQUAL(logins_key(logins, &other, "name", "hashp", "assword"), 0);
    CU_ASSERT_FALSE(logins_find(logins, &other, &found));
    CU_ASSERT_EQUAL(logins_key(logins, &other, "name", "hash", "password2"), 0);
    CU_ASSERT_FALSE(logins_find(logins, &other, &found));
    CU_ASSERT_EQUAL(logins_key(logins, &other, "nameh", "ash", "password"), 0);
    CU_ASSERT_FALSE(logins_find(logins, &other, &found));
    logins_close(logins);
}

static void test_nothing_remembered(void)
{
    struct logins_key key;
    struct logins *logins;

    CU_ASSERT_EQUAL_FATAL(logins_open(&logins, 0, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(logins_key(logins, &key, "name", "hash", "password"), 0);
    logins_add(logins, &key, &who);
    CU_ASSERT_FALSE(logins_find(logins, &key, &found));
    logins_close(logins);
}

/* The table is bounded: more entries than slots, and the last one is there. */
static void test_many(void)
{
    struct logins_key key;
    struct logins *logins;
    char password[16];

    CU_ASSERT_EQUAL_FATAL(logins_open(&logins, 3600, NULL), 0);
    for (int i = 0; i < 3000; i++) {
        snprintf(password, sizeof(password), "%d", i);
        CU_ASSERT_EQUAL(logins_key(logins, &key, "name", "hash", password), 0);
        logins_add(logins, &key, &who);
        CU_ASSERT_TRUE(logins_find(logins, &key, &found));
    }
    logins_close(logins);
}

UNIT_MAIN({ "what was right is remembered", test_remember },
          { "0 seconds", test_nothing_remembered }, { "many", test_many })
