/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_classes.h"
#include "unit.h"

static struct arena arena = ARENA_INIT;

static const struct cim_ref *parse(const char *path)
{
    return cim_ref_parse_path(path, &arena, NULL);
}

static const struct cim_pair pair = { {
    { &fake_system, &fake_systems[1] },
    { &fake_setting, &fake_settings[3] },
} };
static const struct cim_instance defines = { &fake_defines, &pair };
static const struct cim_instance beta = { &fake_system, &fake_systems[1] };

static void reference_to_an_instance(void)
{
    const struct cim_ref *ref = cim_ref_of(&beta, &arena);

    CU_ASSERT_STRING_EQUAL(ref->ns, CIM_NS_V2);
    CU_ASSERT_STRING_EQUAL(ref->class, "Fake_System");
    CU_ASSERT_EQUAL(ref->key_count, 2);
    CU_ASSERT_STRING_EQUAL(ref->keys[0].name, "CreationClassName");
    CU_ASSERT_STRING_EQUAL(ref->keys[1].text, "B");
    CU_ASSERT_STRING_EQUAL(cim_ref_of(&defines, &arena)->keys[0].ref->keys[1].text, "B");
    arena_free(&arena);
}

static void paths_are_parsed(void)
{
    const struct cim_ref *ref =
        parse("\\\\HOST.example.org\\ROOT\\virtualization\\v2:Fake_System.CreationClassName="
              "\"Fake_System\",Name='B'");

    CU_ASSERT_STRING_EQUAL(ref->ns, CIM_NS_V2);
    CU_ASSERT_STRING_EQUAL(ref->class, "Fake_System");
    CU_ASSERT_EQUAL(ref->key_count, 2);
    CU_ASSERT_STRING_EQUAL(ref->keys[1].name, "Name");
    CU_ASSERT_STRING_EQUAL(ref->keys[1].text, "B");
    CU_ASSERT_STRING_EQUAL(parse("\\\\\\\\H\\\\root\\\\cimv2:X.A=\"\"")->ns, "root/cimv2");
    CU_ASSERT_STRING_EQUAL(parse("//./root/cimv2:X=@")->ns, "root/cimv2");
    CU_ASSERT_STRING_EQUAL(parse("root/unknown:X.A=1")->ns, "root/unknown");
    CU_ASSERT_STRING_EQUAL(parse("X.A=-17, B = TRUE ")->keys[0].text, "-17");
    CU_ASSERT_STRING_EQUAL(parse("X.A=-17, B = TRUE ")->keys[1].text, "TRUE");
    CU_ASSERT_EQUAL(parse("X=@")->key_count, 0);
    CU_ASSERT_EQUAL(parse("X")->key_count, 0);
    CU_ASSERT_PTR_NULL(parse("X")->ns);
    arena_free(&arena);
}

static void quotes_and_backslashes(void)
{
    static const struct {
        const char *path, *value;
    } cases[] = {
        { "X.A='a\\\\b'", "a\\b" }, /* doubled */
        { "X.A='a\\b'", "a\\b" },   /* not doubled */
        { "X.A='it\\'s'", "it's" }, /* escaped */
        { "X.A='it''s'", "it's" },  /* doubled quote */
        { "X.A=\"it's\"", "it's" }, /* the other quote */
        { "X.A=\"a,b}.c=d\"", "a,b}.c=d" },
        { "X.A=''", "" },
        { "X.A=\"Y.B=\\\"v\\\"\"", "Y.B=\"v\"" }, /* a path in a path */
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        const struct cim_ref *ref = parse(cases[i].path);

        CU_ASSERT_PTR_NOT_NULL_FATAL(ref);
        CU_ASSERT_STRING_EQUAL(ref->keys[0].text, cases[i].value);
    }
    arena_free(&arena);
}

static void bad_paths_are_refused(void)
{
    static const char *const bad[] = {
        "",
        " ",
        ".A='x'",
        "X.",
        "X.A",
        "X.A=",
        "X.A='x",
        "X.A='x',",
        "X.A='x'B='y'",
        "X=",
        "X='v'",
        "X.A='x',a='y'",
        "\\\\HOST",
        "\\\\HOST\\X.A='x'",
        "1X.A='x'",
        "X.A='x' y",
        "X.A={x}",
        "X.A='x\\",
        ":",
        "=@",
        "X.A=\x80",
    };
    struct error err = { 0 };

    for (size_t i = 0; i < FAKE_COUNT(bad); i++) {
        error_clear(&err);
        CU_ASSERT_PTR_NULL(cim_ref_parse_path(bad[i], &arena, &err));
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
    }
    CU_ASSERT_PTR_NULL(parse(arena_printf(&arena, "X.A=%040000d", 1)));
    arena_free(&arena);
}

static void the_error_tells_where(void)
{
    struct error err = { 0 };

    CU_ASSERT_PTR_NULL(cim_ref_parse_path("X.A=1 B=2", &arena, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "octet 7"));
    arena_free(&arena);
}

static void paths_are_written(void)
{
    const struct cim_key key = { "K", "it's \\ \"x\"", NULL };
    const struct cim_ref ref = { CIM_NS_V2, "X", &key, 1 }, bare = { NULL, "X", NULL, 0 };

    CU_ASSERT_STRING_EQUAL(cim_ref_path(&ref, "H", &arena),
                           "\\\\H\\root\\virtualization\\v2:X.K=\"it's \\\\ \\\"x\\\"\"");
    CU_ASSERT_STRING_EQUAL(cim_ref_path(&bare, "H", &arena), "\\\\H\\root\\virtualization\\v2:X=@");
    CU_ASSERT_STRING_EQUAL(cim_ref_path(&bare, NULL, &arena), "X=@");
    CU_ASSERT_STRING_EQUAL(parse(cim_ref_path(&ref, "H", &arena))->keys[0].text, key.text);
    arena_free(&arena);
}

static void matching(void)
{
    static const struct {
        const char *path;
        bool matches;
    } cases[] = {
        { "Fake_System.Name='b'", true },
        { "fake_system.NAME=\"B\",CreationClassName='FAKE_SYSTEM'", true },
        { "CIM_ComputerSystem.CreationClassName='Fake_System',Name='B'", true },
        { "Fake_System=@", true },
        { "root/virtualization/v2:Fake_System.Name='B'", true },
        { "root/cimv2:Fake_System.Name='B'", false },
        { "Fake_System.Name='A'", false },
        { "Fake_Host.Name='B'", false },
        { "Fake_System.Name='B',CreationClassName='Fake_Host'", false },
        { "Fake_System.ElementName='It''s \\ Beta'", false }, /* no key */
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++)
        CU_ASSERT_EQUAL(cim_ref_matches(parse(cases[i].path), &beta, &arena), cases[i].matches);
    arena_free(&arena);
}

static void associations_match_by_structure(void)
{
    const char *full = cim_ref_path(cim_ref_of(&defines, &arena), "HOST", &arena);
    const struct cim_ref *end = parse("CIM_SettingData.InstanceID='microsoft:B'");
    struct cim_key key = { "SettingData", NULL, end };
    const struct cim_ref ref = { NULL, "Fake_Defines", &key, 1 };

    CU_ASSERT_TRUE(cim_ref_matches(cim_ref_of(&defines, &arena), &defines, &arena));
    CU_ASSERT_TRUE(cim_ref_matches(parse(full), &defines, &arena));
    CU_ASSERT_TRUE(cim_ref_matches(&ref, &defines, &arena));
    key.name = "ManagedElement";
    CU_ASSERT_FALSE(cim_ref_matches(&ref, &defines, &arena));
    key = (struct cim_key){ "SettingData", "not a path at all", NULL };
    CU_ASSERT_FALSE(cim_ref_matches(&ref, &defines, &arena));
    arena_free(&arena);
}

UNIT_MAIN({ "a reference has the class and all keys", reference_to_an_instance },
          { "paths with and without host, namespace and keys", paths_are_parsed },
          { "quotes and backslashes in key values", quotes_and_backslashes },
          { "what is no path is refused", bad_paths_are_refused },
          { "the error tells where", the_error_tells_where },
          { "a path is written as WMI does, and read back", paths_are_written },
          { "keys match without case, partly, through base classes", matching },
          { "association keys match by structure", associations_match_by_structure })
