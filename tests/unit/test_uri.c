/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "wsman/names.h"
#include "wsman/uri.h"

#include <string.h>

#define V2 URI_MICROSOFT "root/virtualization/v2/"

static enum error_code parse(const char *uri, struct target *out, struct arena *arena)
{
    struct error err = { 0 };

    memset(out, 0, sizeof(*out));
    CU_ASSERT_EQUAL(uri_parse(uri, out, arena, &err), err.code ? -1 : 0);
    return err.code;
}

static void test_forms(void)
{
    struct arena arena = ARENA_INIT;
    struct target t;

    CU_ASSERT_EQUAL(parse(V2 "Msvm_ComputerSystem", &t, &arena), ERR_NONE);
    CU_ASSERT_EQUAL(t.form, URI_FORM_MICROSOFT);
    CU_ASSERT_STRING_EQUAL(t.ns, "root/virtualization/v2");
    CU_ASSERT_STRING_EQUAL(t.class, "Msvm_ComputerSystem");
    CU_ASSERT_EQUAL(parse(V2 "*", &t, &arena), ERR_NONE);
    CU_ASSERT_STRING_EQUAL(t.class, "*");
    CU_ASSERT_EQUAL(parse(URI_DMTF "CIM_ComputerSystem", &t, &arena), ERR_NONE);
    CU_ASSERT_EQUAL(t.form, URI_FORM_DMTF);
    CU_ASSERT_PTR_NULL(t.ns);
    CU_ASSERT_EQUAL(parse(URI_DMTF_ALL, &t, &arena), ERR_NONE);
    CU_ASSERT_STRING_EQUAL(t.class, "*");
    CU_ASSERT_EQUAL(parse("HTTP://Schemas.Microsoft.com/wbem/WSMAN/1/wmi/root/x/C", &t, &arena), ERR_NONE);
    CU_ASSERT_STRING_EQUAL(t.class, "C");
    arena_free(&arena);
}

static void test_refused(void)
{
    static const char *const bad[] = { "", "x", URI_DMTF, URI_MICROSOFT, URI_MICROSOFT "root/", V2, "urn:" V2 "C",
                                       URI_DMTF "a/b", "http://schemas.dmtf.org/" };
    struct arena arena = ARENA_INIT;
    struct target t;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(parse(bad[i], &t, &arena), ERR_BAD_CLASS);
    arena_free(&arena);
}

static void test_written(void)
{
    struct strbuf out = STRBUF_INIT;

    uri_write(&out, URI_FORM_MICROSOFT, CIM_NS_V2, "C");
    CU_ASSERT_STRING_EQUAL(strbuf_str(&out), V2 "C");
    strbuf_truncate(&out, 0);
    uri_write(&out, URI_FORM_DMTF, CIM_NS_V2, "C");
    CU_ASSERT_STRING_EQUAL(strbuf_str(&out), URI_DMTF "C");
    strbuf_free(&out);
}

UNIT_MAIN({ "both forms", test_forms }, { "refused", test_refused }, { "written", test_written })
