/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/model.h"

#include <stdlib.h>
#include <string.h>

static void test_vms(void)
{
    struct vm_list list = { 0 };

    for (unsigned i = 0; i < 70; i++) {
        struct vm vm = { .name = strdup("n"), .title = strdup("t"), .vcpus = i };
        CU_ASSERT_EQUAL_FATAL(vm_list_take(&list, &vm), 0);
        CU_ASSERT_PTR_NULL(vm.name);
        CU_ASSERT_PTR_NULL(vm.title);
    }
    CU_ASSERT_EQUAL_FATAL(list.count, 70);
    for (unsigned i = 0; i < 70; i++)
        CU_ASSERT_EQUAL(list.items[i].vcpus, i);
    vm_list_clear(&list);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_PTR_NULL(list.items);
    vm_list_clear(&list);
}

static void test_snapshots(void)
{
    struct snapshot_list list = { 0 };

    for (int i = 0; i < 70; i++) {
        struct snapshot s = { .name = strdup("n"), .notes = strdup("t"), .created_us = i };
        CU_ASSERT_EQUAL_FATAL(snapshot_list_take(&list, &s), 0);
        CU_ASSERT_PTR_NULL(s.notes);
    }
    for (int i = 0; i < 70; i++)
        CU_ASSERT_EQUAL(list.items[i].created_us, i);
    snapshot_list_clear(&list);
    CU_ASSERT_PTR_NULL(list.items);
}

/* What a filter leaves behind can be added to: core drops rows by lowering count. */
static void test_take_after_filter(void)
{
    for (size_t left = 0; left < 20; left++) {
        struct vm_list list = { 0 };
        for (size_t i = 0; i < 20; i++) {
            struct vm vm = { .name = strdup("n") };
            vm_list_take(&list, &vm);
        }
        for (size_t i = left; i < 20; i++)
            vm_clear(&list.items[i]);
        list.count = left;
        for (size_t i = 0; i < 20; i++) {
            struct vm vm = { .name = strdup("m") };
            CU_ASSERT_EQUAL(vm_list_take(&list, &vm), 0);
        }
        CU_ASSERT_EQUAL(list.count, left + 20);
        CU_ASSERT_STRING_EQUAL(list.items[left + 19].name, "m");
        vm_list_clear(&list);
    }
}

UNIT_MAIN({ "machines", test_vms }, { "snapshots", test_snapshots },
          { "a filtered list grows again", test_take_after_filter })
