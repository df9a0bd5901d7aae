/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * PAM with the modules that it brings itself; more is in tests/net/test_pam.py.
 */
#include "auth/pam.h"
#include "faults/alloc.h"

#include "temp.h"
#include "unit.h"

static const char permit[] = "auth required pam_permit.so\naccount required pam_permit.so\n";

static const char *ask(const struct temp *temp, char account[64])
{
    const struct pam_question question = { .service = "file", /* see temp.h */
                                           .directory = temp->directory,
                                           .name = "root",
                                           .password = "no password of anybody",
                                           .peer = "192.0.2.1" };

    return pam_ask(&question, account, 64);
}

static void test_services(void)
{
    struct error err = { 0 };
    struct temp temp;

    temp_open(&temp);
    temp_write(&temp, permit, sizeof(permit) - 1);
    CU_ASSERT_EQUAL(pam_check("file", temp.directory, &err), 0);
    CU_ASSERT_EQUAL(pam_check("absent", temp.directory, &err), -1);
    CU_ASSERT_EQUAL(pam_check("../file", temp.directory, NULL), -1);
    CU_ASSERT_EQUAL(pam_check("no such service", "", NULL), -1);
    temp_close(&temp);
}

/* Nobody gets in because something failed: a module that says no is never overheard. */
static void test_failures(void)
{
    static const struct {
        const char *file;
        bool good;
    } cases[] = {
        { permit, true },
        { "auth required pam_deny.so\naccount required pam_permit.so\n", false },
        { "auth required pam_permit.so\naccount required pam_deny.so\n", false },
        { "auth required pam_unix.so nodelay\naccount required pam_permit.so\n", false },
    };
    struct temp temp;

    temp_open(&temp);
    CU_ASSERT_EQUAL_FATAL(alloc_init(false, false), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool reached = true;
        temp_write(&temp, cases[i].file, strlen(cases[i].file));
        for (long point = 1; reached; point++) {
            char account[64] = "";
            const char *reason;
            alloc_arm(ALLOC_MAIN, point, 1);
            reason = ask(&temp, account);
            reached = alloc_disarm();
            if (cases[i].good) {
                CU_ASSERT_TRUE(reason == NULL || reached);
                CU_ASSERT_TRUE(reason != NULL || strcmp(account, "root") == 0);
            } else {
                CU_ASSERT_PTR_NOT_NULL(reason);
            }
        }
    }
    temp_close(&temp);
}

static void test_groups(void)
{
    bool reached = true;

    for (long point = 1; reached; point++) {
        struct claims claims = { 0 };
        int rc;
        alloc_arm(ALLOC_MAIN, point, 1);
        rc = pam_claims("root", &claims);
        reached = alloc_disarm();
        CU_ASSERT_TRUE(rc == 0 || reached);
        claims_clear(&claims);
    }
    for (int i = 0; i < 2; i++) {
        struct claims claims = { 0 };
        CU_ASSERT_EQUAL(pam_claims(i ? "root" : "nobody has this name", &claims), 0);
        claims_clear(&claims);
    }
}

UNIT_MAIN({ "services", test_services }, { "modules when calls fail", test_failures },
          { "groups", test_groups })
