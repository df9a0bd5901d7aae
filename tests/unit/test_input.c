/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/input.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void fill(struct input *input, size_t total, size_t most)
{
    while (input->len < total) {
        CU_ASSERT_EQUAL_FATAL(input_reserve(input, most), 0);
        CU_ASSERT_TRUE_FATAL(input->cap > input->len);
        CU_ASSERT_TRUE(input->cap <= most);
        input->data[input->len] = (char)('a' + input->len % 26);
        input->len++;
    }
}

static void test_grow_and_take(void)
{
    struct input input = { NULL, 0, 0 };
    char *taken;

    fill(&input, 100000, 100001);
    taken = input_take(&input, 99990);
    CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
    CU_ASSERT_EQUAL(taken[99989], 'a' + 99989 % 26);
    CU_ASSERT_EQUAL(input.len, 10);
    CU_ASSERT_EQUAL(input.data[0], 'a' + 99990 % 26);
    free(taken);
    taken = input_take(&input, 10);
    CU_ASSERT_PTR_NOT_NULL(taken);
    CU_ASSERT_PTR_NULL(input.data);
    CU_ASSERT_EQUAL(input.cap, 0);
    free(taken);
    fill(&input, 10, 11);
    CU_ASSERT_EQUAL(input.cap, 11);
    input_free(&input);
    input_free(&input);
}

UNIT_MAIN({ "grow and take", test_grow_and_take })
