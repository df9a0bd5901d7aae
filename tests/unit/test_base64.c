/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/base64.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void test_both_ways(void)
{
    unsigned char octets[300];

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (unsigned char)(i * 37);
    for (size_t len = 1; len < sizeof(octets); len++) {
        char *text = base64_text(octets, len);
        size_t n = 0;
        unsigned char *again = base64_octets(text, strlen(text), &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(again);
        CU_ASSERT_EQUAL(n, len);
        CU_ASSERT_EQUAL(memcmp(again, octets, len), 0);
        free(again);
        free(text);
    }
}

static void test_refused(void)
{
    static const char *const bad[] = { "",           "A",    "AAA",     "====", "A===",
                                       "AA=A",       "AB==", "AAB=",    "AA A", "AAAA\n",
                                       "QUFB\nQUFB", "AA-_", "AAAA====" };
    size_t n;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_PTR_NULL(base64_octets(bad[i], strlen(bad[i]), &n));
    CU_ASSERT_PTR_NULL(base64_octets("AAAA", BASE64_MOST + 4, &n));
}

UNIT_MAIN({ "both ways", test_both_ways }, { "refused", test_refused })
