/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A unit test file ends with UNIT_MAIN({"what it shows", function}, ...). It prints one line for each
 * test that failed and a closing line; the exit status tells.
 */
#ifndef CIMSNAPD_TESTS_UNIT_H
#define CIMSNAPD_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stdio.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

static inline int unit_run(const char *suite, const struct unit_test *tests, size_t count)
{
    CU_pSuite s;
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS || !(s = CU_add_suite(suite, NULL, NULL)))
        return 2;
    for (size_t i = 0; i < count; i++)
        if (!CU_add_test(s, tests[i].name, tests[i].run))
            return 2;
    CU_basic_set_mode(CU_BRM_SILENT);
    CU_basic_run_tests();
    CU_basic_show_failures(CU_get_failure_list());
    failed = CU_get_number_of_tests_failed();
    printf("\n%s: %u passed, %u failed\n", suite, CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed ? 1 : 0;
}

#define UNIT_MAIN(...)                                                                             \
    int main(void)                                                                                 \
    {                                                                                              \
        static const struct unit_test tests[] = { __VA_ARGS__ };                                   \
        return unit_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));                        \
    }

#endif
