/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strbuf.h"
#include "cim/wql.h"
#include "fake_classes.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct arena arena = ARENA_INIT;

static const struct cim_query *parse(const char *text)
{
    return cim_query_parse(text, &arena, NULL);
}

/* A query that ends anywhere, or goes on with a string that never ends, is one or is refused, but never read beyond. */
static void cut_queries(void)
{
    static const char *const whole[] = {
        "SELECT a, b FROM c WHERE NOT (a = 'x' OR b <> 5) AND c IS NOT NULL AND d NOT LIKE 'e%' AND f ISA 'g'",
        "SELECT * FROM a WHERE b >= 1 AND (c < 2 OR 3 > d) AND e = TRUE AND f IS NULL",
        "ASSOCIATORS OF {a.b='c',d=5} WHERE AssocClass = e ResultClass = f ResultRole = g Role = h",
        "REFERENCES OF {a.b='c'} WHERE ResultClass = d Role = e",
    };

    for (size_t i = 0; i < FAKE_COUNT(whole); i++) {
        char text[160];
        for (size_t len = 0; len < strlen(whole[i]); len++) {
            snprintf(text, sizeof(text), "%.*s'", (int)len, whole[i]);
            CU_ASSERT_TRUE(!parse(text) || strchr(text, '\'') < text + len);
            text[len] = '\0';
            parse(text);
            snprintf(text, sizeof(text), "%.*s %s", (int)len, whole[i], whole[i] + len);
            parse(text);
        }
    }
    arena_free(&arena);
}

/* --- LIKE */

static void like(void)
{
    static const struct {
        const char *text, *pattern;
        bool matches;
    } cases[] = {
        { "", "", true },
        { "", "%", true },
        { "", "_", false },
        { "abc", "ABC", true },
        { "abc", "ab", false },
        { "abc", "a%", true },
        { "abc", "%c", true },
        { "abc", "%b%", true },
        { "abc", "a_c", true },
        { "abc", "a__c", false },
        { "aXbXc", "a%X%c", true },
        { "abcabd", "%abd", true }, /* back to the last % */
        { "aab", "%ab", true },
        { "abc", "a[a-c]c", true },
        { "aBc", "a[A-C]c", true },
        { "adc", "a[a-c]c", false },
        { "adc", "a[^a-c]c", true },
        { "abc", "a[^a-c]c", false },
        { "a%c", "a[%]c", true },
        { "abc", "a[%]c", false },
        { "a]c", "a[]]c", true },
        { "a-c", "a[b-]c", true },
        { "a[c", "a[c", true }, /* a set that is never closed is none */
        { "\xC3\xA4", "_", true },
        { "\xC3\xA4", "__", false },
        { "\xC3\xA4", "[\xC3\xA0-\xC3\xA8]", true },
        { "\xFF\xFE", "__", true },
        { "Microsoft:Definition\\X\\Maximum", "Microsoft:Definition%Maximum", true },
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        if (wql_like(cases[i].text, cases[i].pattern) != cases[i].matches)
            printf("%s LIKE %s\n", cases[i].text, cases[i].pattern);
        CU_ASSERT_EQUAL(wql_like(cases[i].text, cases[i].pattern), cases[i].matches);
    }
}

/* --- What is parsed */

static void columns(void)
{
    const struct cim_query *query = parse("select Name , EnabledState,__PATH from Fake_System");
    const char *const *names;

    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    CU_ASSERT_STRING_EQUAL(cim_query_class(query), "Fake_System");
    CU_ASSERT_EQUAL(cim_query_columns(query, &names), 3);
    CU_ASSERT_STRING_EQUAL(names[0], "Name");
    CU_ASSERT_STRING_EQUAL(names[2], "__PATH");
    CU_ASSERT_EQUAL(cim_query_columns(parse("SELECT\t*\nFROM X "), &names), 0);
    CU_ASSERT_EQUAL(cim_query_columns(parse("SELECT a,b,c,d,e,f,g,h,i,j FROM X "), &names), 10);
    CU_ASSERT_STRING_EQUAL(names[9], "j");
    arena_free(&arena);
}

static void of_queries(void)
{
    const struct cim_query *query =
        parse("ASSOCIATORS OF {Fake_System.CreationClassName='Fake_System',Name='}'} WHERE "
              "AssocClass = Fake_Defines ResultClass=Fake_Setting Role=a ResultRole=b");

    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    CU_ASSERT_PTR_NULL(cim_query_class(query));
    CU_ASSERT_STRING_EQUAL(query->object->keys[1].text, "}");
    CU_ASSERT_STRING_EQUAL(query->wanted.assoc_class, "Fake_Defines");
    CU_ASSERT_STRING_EQUAL(query->wanted.result_class, "Fake_Setting");
    CU_ASSERT_STRING_EQUAL(query->wanted.role, "a");
    CU_ASSERT_STRING_EQUAL(query->wanted.result_role, "b");
    query = parse("references of {X=@} where role = r ResultClass = C ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    CU_ASSERT_EQUAL(query->kind, WQL_REFERENCES);
    CU_ASSERT_STRING_EQUAL(query->wanted.result_class, "C");
    CU_ASSERT_PTR_NOT_NULL(parse("ASSOCIATORS OF {X.A='it''s',B=\"\\\"\"}"));
    arena_free(&arena);
}

static void bad_queries(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "at character 1:" },
        { "DELETE FROM X", "at character 1:" },
        { "SELECT", "at character 7:" },
        { "SELECT * X", "at character 10:" },
        { "SELECT *, a FROM X", "at character 9:" },
        { "SELECT a, FROM X", "at character 11:" },
        { "SELECT * FROM X Y", "at character 17:" },
        { "SELECT * FROM X WHERE", "at character 22:" },
        { "SELECT * FROM X WHERE a", "at character 24:" },
        { "SELECT * FROM X WHERE a = ", "at character 27:" },
        { "SELECT * FROM X WHERE a = 1 b", "at character 29:" },
        { "SELECT * FROM X WHERE (a = 1", "at character 29:" },
        { "SELECT * FROM X WHERE a = 'x", "at character 27:" },
        { "SELECT * FROM X WHERE a = '\xC3\xA4' x", "at character 31:" },
        { "SELECT * FROM X WHERE a = 1 AND", "at character 32:" },
        { "SELECT * FROM X WHERE AND = 1", "at character 23:" },
        { "SELECT * FROM X WHERE a LIKE b", "a pattern in quotes" },
        { "SELECT * FROM X WHERE a ISA 5", "a class name" },
        { "SELECT * FROM X WHERE a NOT = 5", "LIKE" },
        { "SELECT * FROM X WHERE a IS 5", "NULL" },
        { "SELECT * FROM X WHERE a = 1 ; b", "at character 29: unexpected" },
        { "SELECT * FROM X WITHIN 5", "WITHIN is not supported" },
        { "SELECT * FROM X GROUP BY a", "GROUP is not supported" },
        { "SELECT * FROM X WHERE a BETWEEN 1 AND 2", "BETWEEN is not supported" },
        { "SELECT * FROM meta_class WHERE __this ISA 'X'", "meta_class" },
        { "ASSOCIATORS {X}", "OF" },
        { "ASSOCIATORS OF X", "in braces" },
        { "ASSOCIATORS OF {X", "never closed" },
        { "ASSOCIATORS OF {X.}", "at character 16: WMI path" },
        { "ASSOCIATORS OF {X} WHERE", "at character 25:" },
        { "ASSOCIATORS OF {X} WHERE ClassDefsOnly", "ClassDefsOnly is not supported" },
        { "ASSOCIATORS OF {X} WHERE Role=a RequiredQualifier=b", "RequiredQualifier is not" },
        { "ASSOCIATORS OF {X} WHERE Role=a Role=b", "at character 33:" },
        { "ASSOCIATORS OF {X} WHERE Role=a AND AssocClass=b", "at character 33:" },
        { "REFERENCES OF {X} WHERE AssocClass=b", "at character 25:" },
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        struct error err = { 0 };

        CU_ASSERT_PTR_NULL(cim_query_parse(cases[i].text, &arena, &err));
        CU_ASSERT_EQUAL(err.code, ERR_BAD_FILTER);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].why));
        if (!strstr(err.message, cases[i].why))
            printf("%s: %s\n", cases[i].text, err.message);
    }
    arena_free(&arena);
}

/* SELECT with that many columns. */
static const struct cim_query *parse_columns(int count)
{
    struct strbuf text = STRBUF_INIT;
    const struct cim_query *query;

    for (int i = 0; i < count; i++)
        strbuf_puts(&text, i ? ",a" : "SELECT a");
    strbuf_puts(&text, " FROM X");
    query = parse(strbuf_str(&text));
    strbuf_free(&text);
    return query;
}

/* "SELECT * FROM X WHERE " and then `count` times each of before, one term, and of after. */
static const struct cim_query *parse_repeated(const char *before, const char *term,
                                              const char *after, int count)
{
    struct strbuf text = STRBUF_INIT;
    const struct cim_query *query;

    strbuf_puts(&text, "SELECT * FROM X WHERE ");
    for (int i = 0; i < count; i++)
        strbuf_puts(&text, before);
    strbuf_puts(&text, term);
    for (int i = 0; i < count; i++)
        strbuf_puts(&text, after);
    query = parse(strbuf_str(&text));
    strbuf_free(&text);
    return query;
}

static void bounds(void)
{
    CU_ASSERT_PTR_NOT_NULL(parse_columns(200));
    CU_ASSERT_PTR_NULL(parse_columns(201));
    CU_ASSERT_PTR_NOT_NULL(parse_repeated("(", "a=1", ")", 64));
    CU_ASSERT_PTR_NULL(parse_repeated("(", "a=1", ")", 65));
    CU_ASSERT_PTR_NOT_NULL(parse_repeated("NOT ", "a=1", "", 64));
    CU_ASSERT_PTR_NULL(parse_repeated("NOT ", "a=1", "", 65));
    CU_ASSERT_PTR_NOT_NULL(parse_repeated("(NOT a=1) OR ", "a=1", "", 100)); /* not nested */
    CU_ASSERT_PTR_NOT_NULL(parse_repeated("", "a=1", " OR a=1", 499));
    CU_ASSERT_PTR_NULL(parse_repeated("", "a=1", " OR a=1", 500));
    CU_ASSERT_PTR_NOT_NULL(parse_repeated("", "a=1", " ", 16000));
    CU_ASSERT_PTR_NULL(parse_repeated("", "a=1", " ", 16384)); /* over 16 KiB */
    arena_free(&arena);
}

/* --- What matches system A, whose properties fake_classes.h tells */

static bool matches_a(const char *where)
{
    const struct cim_instance a = { &fake_system, &fake_systems[0] };
    struct fake_call fake;
    const struct cim_query *query;
    bool match = false;

    fake_begin(&fake);
    query = cim_query_parse(arena_printf(&fake.arena, "SELECT * FROM Fake_System WHERE %s", where),
                            &fake.arena, &fake.err);
    if (!query || wql_check(query->where, CIM_NS_V2, "Fake_System", &fake.err))
        printf("%s: %s\n", where, fake.err.message);
    else
        match = wql_matches(query->where, &fake.call, &a);
    CU_ASSERT_EQUAL(fake.err.code, ERR_NONE);
    arena_free(&fake.arena);
    return match;
}

static void conditions_that_hold(void)
{
    static const char *const where[] = {
        "Name = 'a'",
        "'A' = name",
        "Name != __SERVER ",
        "Name <> 'B'",
        "ElementName < 'beta'",
        "ElementName >= 'ALPHA'",
        "Name != __SERVER AND (EnabledState != 0 and EnabledState != 3 and EnabledState != 32769)",
        "EnabledState = 2",
        "EnabledState = '2'",
        "EnabledState = 02",
        "EnabledState < 10", /* as text it would not be */
        "EnabledState > -1",
        "2 <= EnabledState",
        "Memory = 18446744073709551615",
        "Memory > 9223372036854775808",
        "On = TRUE",
        "On <> false",
        "On = 'True'",
        "InstallDate = '2020-01-02T03:04:05Z'",
        "InstallDate = '20200102040405.000000+060'",
        "InstallDate > '2020-01-02T04:04:04+01:00'",
        "UpTime = 'PT7.25S'",
        "UpTime < 'P1D'",
        "CreationClassName LIKE 'Fake[_]%'",
        "NOT Name LIKE 'b%'",
        "Name NOT LIKE 'b%'",
        "ProcessID IS NOT NULL",
        "ProcessID != NULL",
        "OperationalStatus IS NOT NULL",
        "__CLASS = 'fake_system'",
        "__PATH = '\\\\\\\\localhost\\\\root\\\\virtualization\\\\v2:Fake_System."
        "CreationClassName=\"Fake_System\",Name=\"A\"'",
        "__NAMESPACE LIKE 'root/%'",
        "__THIS ISA 'CIM_ManagedElement'",
        "__CLASS ISA Fake_System",
        "Name = 'x' OR Name = 'A' AND EnabledState = 2", /* AND binds closer */
        "Name = 'A' OR Name = 'x' AND EnabledState = 3",
        "NOT (Name = 'x' OR EnabledState = 3)",
        "1 = 1",
        "'a' = 'A'",
    };

    for (size_t i = 0; i < FAKE_COUNT(where); i++) {
        bool match = matches_a(where[i]);

        if (!match)
            printf("should match: %s\n", where[i]);
        CU_ASSERT_TRUE(match);
    }
}

static void conditions_that_do_not(void)
{
    static const char *const where[] = {
        "Name = 'AA'",
        "Name != 'a'",
        "EnabledState = 3",
        "EnabledState > 2",
        "EnabledState >= 10",
        "Memory < 9223372036854775808",
        "On = FALSE",
        "InstallDate > '2020-01-02T03:04:05Z'",
        "UpTime > 'P1D'",
        "ProcessID IS NULL",
        "ProcessID = NULL",
        "ProcessID < NULL",
        "OperationalStatus = NULL",
        "CreationClassName LIKE 'Fake'",
        "__CLASS = 'CIM_ComputerSystem'",
        "__THIS ISA 'CIM_SettingData'",
        "(Name = 'x' OR Name = 'A') AND EnabledState = 3",
        "NOT NOT Name = 'x'",
        "1 = 2",
    };

    for (size_t i = 0; i < FAKE_COUNT(where); i++) {
        bool match = matches_a(where[i]);

        if (match)
            printf("should not match: %s\n", where[i]);
        CU_ASSERT_FALSE(match);
    }
}

static void null_is_never_compared(void)
{
    const struct cim_instance b = { &fake_system, &fake_systems[1] };
    static const struct {
        const char *where;
        bool matches;
    } cases[] = {
        { "ProcessID = 0", false },    { "ProcessID <> 0", false },  { "ProcessID < 5", false },
        { "ProcessID IS NULL", true }, { "NULL = ProcessID", true }, { "InstallDate = NULL", true },
    };
    struct fake_call fake;

    fake_begin(&fake);
    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        const struct cim_query *query = cim_query_parse(
            arena_printf(&fake.arena, "SELECT * FROM Fake_System WHERE %s", cases[i].where),
            &fake.arena, NULL);

        CU_ASSERT_PTR_NOT_NULL_FATAL(query);
        CU_ASSERT_EQUAL(wql_matches(query->where, &fake.call, &b), cases[i].matches);
    }
    arena_free(&fake.arena);
}

static void references(void)
{
    const struct cim_pair pair = { {
        { &fake_system, &fake_systems[0] },
        { &fake_setting, &fake_settings[0] },
    } };
    const struct cim_instance defines = { &fake_defines, &pair };
    static const struct {
        const char *where;
        bool matches;
    } cases[] = {
        { "ManagedElement = \"Fake_System.Name='A',CreationClassName='Fake_System'\"", true },
        { "ManagedElement <> \"Fake_System.Name='A'\"", false },
        { "SettingData = '\\\\\\\\H\\\\root\\\\virtualization\\\\v2:Fake_Setting.InstanceID="
          "\"Microsoft:a\"'",
          true },
        { "SettingData = 'Fake_Setting.InstanceID=\"Microsoft:b\"'", false },
        { "SettingData = 'nonsense'", false },
        { "ManagedElement ISA 'CIM_ComputerSystem'", true },
        { "SettingData ISA 'CIM_ComputerSystem'", false },
    };
    struct fake_call fake;

    fake_begin(&fake);
    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        const struct cim_query *query = cim_query_parse(
            arena_printf(&fake.arena, "SELECT * FROM Fake_Defines WHERE %s", cases[i].where),
            &fake.arena, NULL);

        CU_ASSERT_PTR_NOT_NULL_FATAL(query);
        CU_ASSERT_EQUAL(wql_check(query->where, CIM_NS_V2, "Fake_Defines", NULL), 0);
        CU_ASSERT_EQUAL(wql_matches(query->where, &fake.call, &defines), cases[i].matches);
    }
    arena_free(&fake.arena);
}

static void checks(void)
{
    static const struct {
        const char *where, *why;
    } cases[] = {
        { "Colour = 1", "at character 33: class Fake_System has no property Colour" },
        { "Name = Colour", "at character 40" },
        { "Name = 'x' OR NOT (Colour IS NULL)", "Colour" },
        { "EnabledState = 'two'", "at character 48: numeric literal expected" },
        { "EnabledState = 2.5", "numeric literal expected" },
        { "EnabledState = 99999999999999999999", "numeric literal expected" },
        { "EnabledState = TRUE", "numeric literal expected" },
        { "On = 'maybe'", "boolean literal expected" },
        { "InstallDate > 'yesterday'", "datetime literal expected" },
        { "UpTime > '7 s'", "interval literal expected" },
        { "OperationalStatus = 2", "OperationalStatus is an array" },
        { "OperationalStatus LIKE '2'", "is an array" },
        { "EnabledState LIKE '2%'", "EnabledState is not a string property" },
        { "EnabledState = Name", "Name is not a numeric property" },
        { "Name ISA 'X'", "ISA needs" },
        { "__THIS = 'X'", "__THIS" },
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        struct error err = { 0 };
        const struct cim_query *query =
            parse(arena_printf(&arena, "SELECT * FROM Fake_System WHERE %s", cases[i].where));

        CU_ASSERT_PTR_NOT_NULL_FATAL(query);
        CU_ASSERT_EQUAL(wql_check(query->where, CIM_NS_V2, "Fake_System", &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_BAD_FILTER);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].why));
        if (!strstr(err.message, cases[i].why))
            printf("%s: %s\n", cases[i].where, err.message);
    }
    arena_free(&arena);
}

UNIT_MAIN({ "queries that end early", cut_queries }, { "LIKE", like }, { "the columns of SELECT", columns },
          { "ASSOCIATORS OF and REFERENCES OF", of_queries },
          { "what is no query is refused, and where", bad_queries },
          { "length, depth and count are bounded", bounds },
          { "conditions that hold", conditions_that_hold },
          { "conditions that do not", conditions_that_do_not },
          { "NULL is never compared", null_is_never_compared }, { "references", references },
          { "conditions are checked against the class", checks })
