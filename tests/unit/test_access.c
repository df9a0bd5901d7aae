/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/access.h"

#include <string.h>

static struct principal who(const char *name, enum role role, const char *scope)
{
    struct principal p = PRINCIPAL_NOBODY;

    snprintf(p.name, sizeof(p.name), "%s", name);
    snprintf(p.scope, sizeof(p.scope), "%s", scope);
    p.role = role;
    return p;
}

static void test_roles(void)
{
    /* Rows: the role held; columns: the role needed, from ROLE_NONE up. */
    static const bool allowed[4][4] = {
        { false, false, false, false },
        { false, true, false, false },
        { false, true, true, false },
        { false, true, true, true },
    };

    for (int held = 0; held < 4; held++) {
        struct principal p = who("u", (enum role)held, "*");
        for (int needed = 0; needed < 4; needed++)
            CU_ASSERT_EQUAL(access_allows(&p, (enum role)needed), allowed[held][needed]);
    }
}

static void test_impossible_role(void)
{
    struct principal p = who("u", (enum role)17, "*");

    CU_ASSERT_FALSE(access_allows(&p, ROLE_VIEWER));
    p.role = (enum role) - 1;
    CU_ASSERT_FALSE(access_allows(&p, ROLE_VIEWER));
    CU_ASSERT_STRING_EQUAL(role_name((enum role)17), "none");
}

static void test_scope(void)
{
    static const struct {
        const char *scope, *vm;
        bool seen;
    } rows[] = {
        { "*", "web-1", true },
        { "", "web-1", false },
        { "web-*", "web-1", true },
        { "web-*", "db-1", false },
        { "db,web-1", "web-1", true },
        { " db , web-? ", "web-1", true },
        { ",", "web-1", false },
        { "web", "web-1", false },
        { ",,web-1", "web-1", true },
        { "[wx]eb-[0-9]", "web-1", true },
        { "WEB-1", "web-1", false },
        { "web-1,*", "any", true },
        { "web-1x,eb-1", "web-1", false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vm vm = { .name = (char *)rows[i].vm };
        struct principal p = who("u", ROLE_VIEWER, rows[i].scope);
        CU_ASSERT_EQUAL(access_sees_vm(&p, &vm), rows[i].seen);
        p.role = ROLE_NONE;
        CU_ASSERT_FALSE(access_sees_vm(&p, &vm));
    }
}

static void test_owner(void)
{
    struct principal anna = who("anna", ROLE_VIEWER, "*");
    struct principal admin = who("root", ROLE_ADMINISTRATOR, "*");
    struct principal nobody = PRINCIPAL_NOBODY;

    CU_ASSERT_TRUE(access_owns(&anna, "anna"));
    CU_ASSERT_FALSE(access_owns(&anna, "Anna"));
    CU_ASSERT_FALSE(access_owns(&anna, NULL));
    CU_ASSERT_TRUE(access_owns(&admin, "anna"));
    CU_ASSERT_FALSE(access_owns(&nobody, ""));
    nobody.role = ROLE_VIEWER;
    CU_ASSERT_FALSE(access_owns(&nobody, "")); /* no name is nobody's name */
    anna.role = ROLE_NONE;
    CU_ASSERT_FALSE(access_owns(&anna, "anna"));
}

static void test_names(void)
{
    for (int role = ROLE_VIEWER; role <= ROLE_ADMINISTRATOR; role++)
        CU_ASSERT_EQUAL(role_parse(role_name((enum role)role)), (enum role)role);
    CU_ASSERT_EQUAL(role_parse("none"), ROLE_NONE);
    CU_ASSERT_EQUAL(role_parse("Viewer"), ROLE_NONE);
    CU_ASSERT_EQUAL(role_parse(""), ROLE_NONE);
}

UNIT_MAIN({ "roles include lower ones, none allows nothing", test_roles },
          { "a role out of range allows nothing", test_impossible_role },
          { "scope patterns", test_scope }, { "owners and administrators", test_owner },
          { "names of roles", test_names })
