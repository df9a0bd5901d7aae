/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contract/contract.h"

#include "unit/unit.h"

#include <string.h>

/* Lists in parts of two have what the whole ones have, once, in the order of ids. */
void contract_vm_parts(void)
{
    struct list_part part = { .most = 2 };
    struct vm_list whole = { 0 }, some = { 0 };
    struct guid last;
    size_t seen = 0;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &whole, NULL), 0);
    vm_list_cut(&whole, &(struct list_part){ 0 });
    do {
        vm_list_clear(&some);
        CU_ASSERT_EQUAL_FATAL(backend_vm_part(contract_backend, &part, &some, NULL), 0);
        CU_ASSERT_FATAL(some.count <= 2 && seen + some.count <= whole.count);
        for (size_t i = 0; i < some.count; i++, seen++) {
            CU_ASSERT_TRUE(guid_equal(&some.items[i].id, &whole.items[seen].id));
            CU_ASSERT_STRING_EQUAL(some.items[i].title, whole.items[seen].title);
            CU_ASSERT_EQUAL(some.items[i].state, whole.items[seen].state);
            last = some.items[i].id;
        }
        part.after = &last;
    } while (some.count);
    CU_ASSERT_EQUAL(seen, whole.count);
    part = (struct list_part){ .only = &whole.items[0].id };
    CU_ASSERT_EQUAL(backend_vm_part(contract_backend, &part, &some, NULL), 0);
    CU_ASSERT_FATAL(some.count == 1 && guid_equal(&some.items[0].id, &whole.items[0].id));
    vm_list_clear(&some);
    last = guid_random();
    part.only = &last;
    CU_ASSERT_EQUAL(backend_vm_part(contract_backend, &part, &some, NULL), 0);
    CU_ASSERT_EQUAL(some.count, 0);
    vm_list_clear(&some);
    vm_list_clear(&whole);
}

static void expect_same(const struct snapshot *a, const struct snapshot *b)
{
    CU_ASSERT_TRUE(guid_equal(&a->id, &b->id));
    CU_ASSERT_STRING_EQUAL(a->name, b->name);
    CU_ASSERT_EQUAL(a->current, b->current);
    CU_ASSERT_EQUAL(a->has_parent, b->has_parent);
    CU_ASSERT_TRUE(!a->has_parent || guid_equal(&a->parent, &b->parent));
    CU_ASSERT_EQUAL(a->created_us, b->created_us);
}

static void expect_parts(const struct guid *vm)
{
    struct list_part part = { .most = 2 }, one = { 0 };
    struct snapshot_list whole = { 0 }, some = { 0 };
    struct guid last;
    size_t seen = 0;

    CU_ASSERT_EQUAL_FATAL(backend_snapshot_list(contract_backend, vm, &whole, NULL), 0);
    snapshot_list_cut(&whole, &one);
    do {
        snapshot_list_clear(&some);
        CU_ASSERT_EQUAL_FATAL(backend_snapshot_part(contract_backend, vm, &part, &some, NULL), 0);
        CU_ASSERT_FATAL(some.count <= 2 && seen + some.count <= whole.count);
        for (size_t i = 0; i < some.count; i++, seen++) {
            expect_same(&some.items[i], &whole.items[seen]);
            last = some.items[i].id;
        }
        part.after = &last;
    } while (some.count);
    CU_ASSERT_EQUAL(seen, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        one = (struct list_part){ .only = &whole.items[i].id };
        CU_ASSERT_EQUAL(backend_snapshot_part(contract_backend, vm, &one, &some, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(some.count, 1);
        expect_same(&some.items[0], &whole.items[i]);
        snapshot_list_clear(&some);
        one = (struct list_part){ .current = true };
        CU_ASSERT_EQUAL(backend_snapshot_part(contract_backend, vm, &one, &some, NULL), 0);
        CU_ASSERT_TRUE(!whole.items[i].current || (some.count == 1 && some.items[0].current &&
                                                   guid_equal(&some.items[0].id, &whole.items[i].id)));
        snapshot_list_clear(&some);
    }
    snapshot_list_clear(&whole);
}

/* After the tests that make snapshots: of all machines, the others' too. */
void contract_snapshot_parts(void)
{
    struct vm_list list = { 0 };

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        expect_parts(&list.items[i].id);
    vm_list_clear(&list);
}
