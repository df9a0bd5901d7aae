/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/rules.h"

#include "temp.h"
#include "unit.h"

#include <sys/stat.h>

#define HASH                                                                                       \
    "$6$rounds=1000$salt$HNxBeBnDfSfUrTj6KiLnmd7tGCvHEmcExh8kl/S0"                                 \
    "cZ5WrCciNZgfhbpkeFQ4JfkHX.8vPq45lY0iINnCx1Lkm."
#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct users *users;
static struct rules *rules;

static int load(const char *text, struct error *err)
{
    struct temp temp;
    int result;

    memset(err, 0, sizeof(*err));
    temp_open(&temp);
    temp_write(&temp, text, strlen(text));
    result = rules_load(&rules, temp.path, err);
    temp_close(&temp);
    return result;
}

static void begin(const char *text)
{
    static const char people[] = "alice:administrator:*:" HASH "\nbob:viewer:web*:" HASH "\n";
    struct error err;
    struct temp temp;

    temp_open(&temp);
    temp_write(&temp, people, sizeof(people) - 1);
    CU_ASSERT_EQUAL_FATAL(users_load(&users, temp.path, NULL), 0);
    temp_close(&temp);
    CU_ASSERT_EQUAL_FATAL(load(text, &err), 0);
}

static void end(void)
{
    users_free(users);
    rules_free(rules);
}

/* Who that is: "name role scope", or "". One claim, or two. */
static const char *who(enum rule_kind kind, const char *text, enum rule_kind kind2,
                       const char *text2)
{
    static char out[600];
    struct claims claims = { NULL, 0, 0 };
    struct principal found;

    CU_ASSERT_EQUAL(claims_add(&claims, kind, text), 0);
    if (text2)
        CU_ASSERT_EQUAL(claims_add(&claims, kind2, text2), 0);
    out[0] = '\0';
    if (rules_find(rules, users, &claims, &found))
        snprintf(out, sizeof(out), "%s %s %s", found.name, role_name(found.role), found.scope);
    else
        CU_ASSERT_TRUE(found.role == ROLE_NONE && found.name[0] == '\0');
    claims_clear(&claims);
    return out;
}

#define IS(expected, kind, text) CU_ASSERT_STRING_EQUAL(who(kind, text, kind, NULL), expected)

static void test_principals(void)
{
    begin("# people\n\n"
          "principal:boss:administrator:*:root/admin@LAB.TEST\n"
          "principal::operator:web*,db1:carol@LAB.TEST\n"
          "principal::user::*@LAB.TEST\n"
          "principal::viewer:a:b:*@OTHER.TEST\n" /* the pattern is "b:*@OTHER.TEST" */
          "principal::viewer:*:*@FAR.TEST\n");
    IS("boss administrator *", RULE_PRINCIPAL, "root/admin@LAB.TEST");
    IS("carol@LAB.TEST operator web*,db1", RULE_PRINCIPAL, "carol@LAB.TEST");
    IS("alice administrator *", RULE_PRINCIPAL, "alice@LAB.TEST");
    IS("alice administrator *", RULE_PRINCIPAL, "ALICE@LAB.TEST");
    IS("bob viewer web*", RULE_PRINCIPAL, "bob@LAB.TEST");
    IS("", RULE_PRINCIPAL, "dave@LAB.TEST");
    IS("", RULE_PRINCIPAL, "alice@OTHER.TEST");
    IS("", RULE_PRINCIPAL, "alice");
    IS("", RULE_PRINCIPAL, "alice@lab.test");
    IS("alice@FAR.TEST viewer *", RULE_PRINCIPAL, "alice@FAR.TEST");
    IS("", RULE_PRINCIPAL, "alice@LAB.TEST@EVIL");
    IS("", RULE_UPN, "alice@LAB.TEST");
    end();
}

/* The first row that fits decides, even if its user is not there. */
static void test_order(void)
{
    begin("group::viewer::interns\n"
          "account:x:user::carol\n"
          "group::operator:web*:staff\n"
          "account::administrator:*:*\n");
    CU_ASSERT_STRING_EQUAL(who(RULE_ACCOUNT, "dave", RULE_GROUP, "staff"), "dave operator web*");
    CU_ASSERT_STRING_EQUAL(who(RULE_ACCOUNT, "dave", RULE_GROUP, "interns"), "dave viewer ");
    CU_ASSERT_STRING_EQUAL(who(RULE_ACCOUNT, "carol", RULE_GROUP, "staff"), "");
    CU_ASSERT_STRING_EQUAL(who(RULE_ACCOUNT, "erin", RULE_GROUP, "others"), "erin administrator *");
    CU_ASSERT_STRING_EQUAL(who(RULE_GROUP, "staff", RULE_GROUP, NULL), ""); /* a group is nobody */
    end();
}

static void test_certificates(void)
{
    begin("fingerprint:backup:operator:*:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:"
          "67:89:"
          "AB:CD:EF:01:23:45:67:89:AB:CD:EF\n"
          "upn::operator:*:*@corp.example\n"
          "dns:monitor:viewer:*:*.mon.example\n"
          "email:mail:viewer::x@example\n"
          "subject::viewer:*:CN=*,O=Example\n"
          "subject:odd:viewer:*:CN=a\\,b\n");
    IS("backup operator *", RULE_FINGERPRINT, SHA256);
    IS("", RULE_FINGERPRINT, "0123456789abcdef0123456789abcdef01234567");
    IS("alice@corp.example operator *", RULE_UPN, "alice@corp.example");
    IS("alice@CORP.EXAMPLE operator *", RULE_UPN, "alice@CORP.EXAMPLE");
    IS("monitor viewer *", RULE_DNS, "A.MON.example");
    IS("", RULE_DNS, "mon.example");
    IS("mail viewer ", RULE_EMAIL, "X@example");
    IS("CN=joe,O=Example viewer *", RULE_SUBJECT, "CN=joe,O=Example");
    IS("", RULE_SUBJECT, "cn=joe,o=example");
    IS("odd viewer *", RULE_SUBJECT, "CN=a\\,b"); /* a backslash is a backslash */
    end();
}

static void test_names(void)
{
    char large[200];

    begin("principal::viewer:*:*\n");
    memset(large, 'a', sizeof(large));
    large[127] = '\0';
    CU_ASSERT_NOT_EQUAL(who(RULE_PRINCIPAL, large, RULE_PRINCIPAL, NULL)[0], '\0');
    large[127] = 'a';
    large[128] = '\0';
    IS("", RULE_PRINCIPAL, large); /* cut short it could be another's */
    IS("", RULE_PRINCIPAL, "a\nb");
    IS("", RULE_PRINCIPAL, "");
    end();
}

static void test_bad_lines(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "principal\n", ":1: not of the form" },
        { "#\nprincipal:a:viewer:*\n", ":2: not of the form" },
        { "realm:a:viewer:*:x\n", ":1: the kind is none of" },
        { ":a:viewer:*:x\n", ":1: the kind is none of" },
        { "principal:a b\x01:viewer:*:x\n", ":1: the line is too long or not valid text" },
        { "principal: a:viewer:*:x\n", ":1: not a valid user name" },
        { "principal:a:root:*:x\n", ":1: the role is none of" },
        { "principal:a::*:x\n", ":1: the role is none of" },
        { "principal:a:user:*:x\n", ":1: the scope of a 'user' row" },
        { "principal:a:viewer:*:\n", ":1: the pattern is missing" },
        { "fingerprint::viewer:*:" SHA256 "\n", ":1: a fingerprint needs a user name" },
        { "fingerprint:a:viewer:*:0123\n", ":1: not a SHA-256 or SHA-1 fingerprint" },
        { "fingerprint:a:viewer:*:*\n", ":1: not a SHA-256 or SHA-1 fingerprint" },
        { "principal:a:viewer:\xff:x\n", ":1: the line is too long or not valid text" },
    };
    struct error err;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL(load(cases[i].text, &err), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].message));
    }
}

static void test_file(void)
{
    static const char text[] = "principal::viewer:*:*\n";
    struct error err = { 0 };
    struct temp temp;

    CU_ASSERT_EQUAL_FATAL(rules_load(&rules, "", NULL), 0);
    CU_ASSERT_EQUAL(rules_count(rules), 0);
    rules_free(rules);
    temp_open(&temp);
    CU_ASSERT_EQUAL(rules_load(&rules, temp.path, &err), -1);
    temp_write(&temp, text, sizeof(text) - 1);
    chmod(temp.path, 0620);
    error_clear(&err);
    CU_ASSERT_EQUAL(rules_load(&rules, temp.path, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "chmod go-w"));
    chmod(temp.path, 0644);
    CU_ASSERT_EQUAL_FATAL(rules_load(&rules, temp.path, NULL), 0);
    CU_ASSERT_EQUAL(rules_count(rules), 1);
    rules_free(rules);
    temp_close(&temp);
}

UNIT_MAIN({ "principals", test_principals }, { "the first row decides", test_order },
          { "certificates", test_certificates }, { "names", test_names },
          { "a bad line spoils the file", test_bad_lines }, { "the file", test_file })
