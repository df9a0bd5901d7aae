/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/edit_journal.h"

#include <stdlib.h>
#include <string.h>

static const unsigned all = SETTING_TITLE | SETTING_NOTES | SETTING_POLICY | SETTING_AUTOSTART;
static char title_old[] = "old 3 4", title_new[] = "new\n5 0 1 1\n", notes_new[] = "two\nlines \xC3\xBC";

static struct edit_side before(void)
{
    return (struct edit_side){ title_old, { NULL, POLICY_STANDARD, false } };
}

static struct edit_side after(void)
{
    return (struct edit_side){ title_new, { notes_new, POLICY_DISABLED, true } };
}

static void test_round_trip(void)
{
    const struct edit_side one = before(), two = after();
    char *text = edit_journal_write(all, &one, &two);
    struct edit_journal journal;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL_FATAL(edit_journal_read(&journal, text, NULL), 0);
    CU_ASSERT_EQUAL(journal.which, all);
    CU_ASSERT_STRING_EQUAL(journal.before.title, title_old);
    CU_ASSERT_STRING_EQUAL(journal.before.settings.notes, "");
    CU_ASSERT_EQUAL(journal.before.settings.policy, POLICY_STANDARD);
    CU_ASSERT_STRING_EQUAL(journal.after.title, title_new);
    CU_ASSERT_STRING_EQUAL(journal.after.settings.notes, notes_new);
    CU_ASSERT_EQUAL(journal.after.settings.policy, POLICY_DISABLED);
    CU_ASSERT_TRUE(journal.after.settings.autostart);
    edit_journal_clear(&journal);
    /* however it is cut short, it is none */
    for (size_t len = strlen(text); len-- > 0;) {
        struct error err = { 0 };
        text[len] = '\0';
        CU_ASSERT_EQUAL(edit_journal_read(&journal, text, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    }
    free(text);
}

static void test_no_journal(void)
{
    static const char *const rows[] = {
        "change",
        "edit x\n",
        "edit 1\n5 0 999999999999999999999999 0\n\n5 0 0 0\n\n",
        "edit 1\n5 0 18446744073709551615 2\nab\n5 0 0 0\n\n",
        "edit 1\n-5 0 0 0\n\n5 0 0 0\n\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct edit_journal journal;
        CU_ASSERT_EQUAL(edit_journal_read(&journal, rows[i], NULL), -1);
    }
}

static void test_judge(void)
{
    const struct edit_journal journal = { all, before(), after() }, same = { all, after(), after() };
    const struct edit_journal title = { SETTING_TITLE, before(), after() };
    struct edit_side now = before();
    char foreign[] = "somebody's";

    CU_ASSERT_EQUAL(edit_journal_judge(&journal, &now), EDIT_BEFORE);
    now.settings.policy = POLICY_DISABLED;
    CU_ASSERT_EQUAL(edit_journal_judge(&journal, &now), EDIT_AFTER);
    CU_ASSERT_EQUAL(edit_journal_judge(&title, &now), EDIT_BEFORE);
    now.settings.notes = foreign;
    CU_ASSERT_EQUAL(edit_journal_judge(&journal, &now), EDIT_OTHER);
    CU_ASSERT_EQUAL(edit_journal_judge(&title, &now), EDIT_BEFORE);
    now = after();
    CU_ASSERT_EQUAL(edit_journal_judge(&journal, &now), EDIT_AFTER);
    CU_ASSERT_EQUAL(edit_journal_judge(&same, &now), EDIT_AFTER);
    now.title = NULL;
    CU_ASSERT_EQUAL(edit_journal_judge(&title, &now), EDIT_OTHER);
}

UNIT_MAIN({ "written and read", test_round_trip }, { "what is no journal", test_no_journal },
          { "old, new or neither", test_judge })
