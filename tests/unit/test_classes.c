/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every class table must keep, checked on all that are registered.
 */
#include "unit.h"

#include "cim/class.h"

#include <string.h>
#include <strings.h>

static void test_sorted(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        const struct cim_property *property, *before = NULL;
        struct cim_walk walk = { 0 };
        size_t count = 0;
        while ((property = cim_property_next(class, &walk))) {
            if (before && strcasecmp(before->name, property->name) >= 0) {
                printf("%s: %s stands wrong\n", class->name, property->name);
                CU_FAIL("properties are not sorted, or one is there twice");
            }
            CU_ASSERT_PTR_EQUAL(cim_property_find(class, property->name), property);
            before = property;
            count++;
        }
        CU_ASSERT(count > 0 && count <= cim_property_most(class));
    }
}

static void test_keys(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        const struct cim_property *property;
        struct cim_walk walk = { 0 };
        size_t keys = 0;
        while ((property = cim_property_next(class, &walk)))
            keys += (property->flags & CIM_KEY) != 0;
        CU_ASSERT(keys > 0 || class->abstract);
        if (class->get_key) {
            const struct cim_property *key = cim_property_find(class, class->get_key);
            CU_ASSERT_PTR_NOT_NULL_FATAL(key);
            CU_ASSERT(key->flags & CIM_KEY);
            CU_ASSERT_PTR_NOT_NULL(cim_class_plain(class)->get);
        }
    }
}

static void test_sources(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        CU_ASSERT_PTR_EQUAL(cim_class_find(class->ns, class->name), class);
        CU_ASSERT_PTR_NOT_NULL(class->super);
        const struct cim_property *property;
        struct cim_walk walk = { 0 };
        CU_ASSERT_EQUAL(class->association ? class->association->walk != NULL : class->list != NULL,
                        (!class->origin || class->also) && !class->abstract);
        while ((property = cim_property_next(class, &walk)))
            CU_ASSERT_FALSE(property->fixed && property->get);
    }
}

/* The row that a row marked CIM_SAME stands for. */
static const struct cim_property *same_as(const struct cim_class *origin, const struct cim_property *row)
{
    return cim_property_find(origin, row->fixed ? row->fixed : row->name);
}

/* Classes that show several: they have all of them in their namespace, and rows that some of them have. */
static void test_several(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        const struct cim_property *row, *same;
        struct cim_walk walk = { 0 };

        CU_ASSERT_EQUAL(class->also != NULL, class->which != NULL);
        for (const struct cim_class *const *also = class->also; also && *also; also++) {
            CU_ASSERT_PTR_EQUAL(cim_class_view(*also, class->ns), class);
            walk = (struct cim_walk){ 0 };
            while ((row = cim_property_next(class, &walk))) {
                same = row->flags & CIM_SAME ? same_as(*also, row) : NULL;
                CU_ASSERT(!same || (same->type == row->type && !((same->flags ^ row->flags) & CIM_ARRAY)));
            }
        }
    }
}

static void test_origins(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c], *origin = class->origin;

        for (size_t i = 0; i < class->property_count; i++) {
            const struct cim_property *row = &class->properties[i], *same;
            if (!(row->flags & CIM_SAME))
                continue;
            CU_ASSERT_PTR_NOT_NULL_FATAL(origin);
            same = same_as(origin, row);
            if (!same || same->type != row->type || (same->flags & CIM_ARRAY) != (row->flags & CIM_ARRAY)) {
                printf("%s %s: %s is not as in %s\n", class->ns, class->name, row->name, origin->name);
                CU_FAIL("a row differs from its origin's");
            }
        }
        if (!origin)
            continue;
        CU_ASSERT_PTR_NULL(origin->origin);
        CU_ASSERT_STRING_NOT_EQUAL(origin->ns, class->ns);
        CU_ASSERT_PTR_EQUAL(cim_class_view(origin, class->ns), class);
        CU_ASSERT_EQUAL(!origin->association, !class->association);
        CU_ASSERT_EQUAL(!origin->get_key, !class->get_key);
    }
}

static void test_methods(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        for (size_t i = 0; i < class->method_count; i++) {
            CU_ASSERT_NOT_EQUAL(class->methods[i].role, ROLE_NONE);
            CU_ASSERT_EQUAL(class->methods[i].invoke == NULL, class->methods[i].refused);
            for (size_t p = 0; p < class->methods[i].parameter_count; p++)
                CU_ASSERT(class->methods[i].parameters[p].flags & (CIM_IN | CIM_OUT));
        }
    }
}

static void test_association_ends(void)
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        for (int end = 0; class->association && end < 2; end++) {
            const struct cim_property *role = cim_property_find(class, class->association->role[end]);
            size_t cursor = 0;
            CU_ASSERT_PTR_NOT_NULL_FATAL(role);
            CU_ASSERT(role->type == CIM_REFERENCE && role->flags & CIM_KEY);
            CU_ASSERT_PTR_NOT_NULL(cim_class_next(class->ns, class->association->class[end], &cursor));
        }
        if (class->association && class->association->first) {
            const struct cim_class *first = cim_class_find(class->ns, class->association->first);
            CU_ASSERT_PTR_NOT_NULL_FATAL(first);
            CU_ASSERT(cim_class_is(first, class->association->class[0]));
        }
    }
}

UNIT_MAIN({ "properties are sorted and single", test_sorted }, { "keys", test_keys },
          { "each value has one source", test_sources }, { "classes that show others", test_origins },
          { "classes that show several", test_several }, { "methods name a role", test_methods },
          { "ends of associations", test_association_ends })
