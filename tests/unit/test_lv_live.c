/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps on a running machine, in their order, with each of them failing. libvirt's calls are
 * played by this file: what it defines comes before the library.
 */
#include "unit.h"

#include "libvirt/lv_live.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

/* What was done, one word each: j-- a journal entry (f frozen, s suspended), timeout, freeze, thaw,
 * suspend, resume, take. */
static struct {
    char log[256];
    const char *fail;  /* this word fails, each time */
    const char *reply; /* QEMU's to the transaction */
    int state, reason;
    bool resumed_by_other;
} fake;

static int fake_do(const char *word)
{
    size_t len = strlen(fake.log);

    snprintf(fake.log + len, sizeof(fake.log) - len, "%s%s", len ? " " : "", word);
    return fake.fail && strcmp(fake.fail, word) == 0 ? -1 : 0;
}

int virDomainAgentSetResponseTimeout(virDomainPtr dom, int timeout, unsigned flags)
{
    (void)dom;
    CU_ASSERT_EQUAL(timeout, 7);
    CU_ASSERT_EQUAL(flags, 0);
    return fake_do("timeout");
}

int virDomainFSFreeze(virDomainPtr dom, const char **points, unsigned count, unsigned flags)
{
    (void)dom;
    CU_ASSERT_PTR_NULL(points);
    CU_ASSERT_EQUAL(count + flags, 0);
    CU_ASSERT_EQUAL(fake.state, VIR_DOMAIN_RUNNING);
    return fake_do("freeze") ? -1 : 2;
}

int virDomainFSThaw(virDomainPtr dom, const char **points, unsigned count, unsigned flags)
{
    (void)dom;
    CU_ASSERT_PTR_NULL(points);
    CU_ASSERT_EQUAL(count + flags, 0);
    return fake_do("thaw") ? -1 : 2;
}

int virDomainSuspend(virDomainPtr dom)
{
    (void)dom;
    if (fake_do("suspend"))
        return -1;
    if (!fake.resumed_by_other) {
        fake.state = VIR_DOMAIN_PAUSED;
        fake.reason = VIR_DOMAIN_PAUSED_USER;
    }
    return 0;
}

int virDomainResume(virDomainPtr dom)
{
    (void)dom;
    if (fake_do("resume"))
        return -1;
    fake.state = VIR_DOMAIN_RUNNING;
    return 0;
}

int virDomainIsActive(virDomainPtr dom)
{
    (void)dom;
    return 1;
}

int virDomainGetState(virDomainPtr dom, int *state, int *reason, unsigned flags)
{
    (void)dom;
    (void)flags;
    *state = fake.state;
    *reason = fake.reason;
    return 0;
}

int virDomainQemuMonitorCommand(virDomainPtr dom, const char *command, char **reply, unsigned flags)
{
    (void)dom;
    (void)flags;
    CU_ASSERT_PTR_NOT_NULL(strstr(command, "\"transaction\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(command, "\"node-a\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(command, "\"node-b\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(command, "\"TAG\""));
    *reply = strdup(fake.reply);
    return fake_do("take");
}

static int fake_journal(void *opaque, const char *state, struct error *err)
{
    char word[] = "j--";

    (void)opaque;
    CU_ASSERT_PTR_NOT_NULL(strstr(state, "vdb"));
    if (!strstr(state, "\"frozen\": false"))
        word[1] = 'f';
    if (!strstr(state, "\"suspended\": false"))
        word[2] = 's';
    return fake_do(word) ? error_set(err, ERR_NO_SPACE, NULL) : 0;
}

/* What one try begins with; all else is as in a good one. */
struct row {
    enum consistency consistency;
    int state;
    bool no_agent;
    const char *fail;
    const char *reply;
    bool resumed_by_other;
    /* and how it ends */
    enum error_code code;
    const char *log;
    bool suspended, frozen; /* still, as far as the journal knows */
};

static void check(const struct row *row)
{
    const struct backend_call call = { .journal = fake_journal, .agent_seconds = 7 };
    const struct snapshot_spec spec = { .consistency = row->consistency };
    struct lv_view view = { .state = row->state, .active = true, .agent = !row->no_agent };
    struct lv_act act = { .view = &view, .call = &call, .spec = &spec, .tag = "TAG" };
    struct error err = { 0 };

    /* Its errors are not played, so they need their place. */
    CU_ASSERT_EQUAL_FATAL(virInitialize(), 0);
    memset(&fake, 0, sizeof(fake));
    fake.state = row->state;
    fake.reason = VIR_DOMAIN_PAUSED_USER;
    fake.fail = row->fail;
    fake.reply = row->reply ? row->reply : "{\"return\": {}}";
    fake.resumed_by_other = row->resumed_by_other;
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&view.disks, "vda", "/a", "qcow2"), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&view.disks, "vdb", "/b", "qcow2"), 0);
    snprintf(view.disks.items[0].node, sizeof(view.disks.items[0].node), "node-a");
    snprintf(view.disks.items[1].node, sizeof(view.disks.items[1].node), "node-b");

    CU_ASSERT_EQUAL(lv_live_take(&act, &err), row->code ? -1 : 0);
    CU_ASSERT_EQUAL(err.code, row->code);
    CU_ASSERT_STRING_EQUAL(fake.log, row->log);
    CU_ASSERT_EQUAL(act.journal.suspended, row->suspended);
    CU_ASSERT_EQUAL(act.journal.frozen, row->frozen);
    if (strcmp(fake.log, row->log) != 0)
        printf("wanted: %s\ndone:   %s\n", row->log, fake.log);
    free(act.state);
    lv_disk_clear(&view.disks);
}

static void check_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&rows[i]);
}

static void test_orders(void)
{
    static const struct row rows[] = {
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .log = "jf- timeout freeze jfs suspend take resume thaw" },
        { .consistency = CONSISTENCY_ANY,
          .state = VIR_DOMAIN_RUNNING,
          .log = "jf- timeout freeze jfs suspend take resume thaw" },
        { .consistency = CONSISTENCY_ANY,
          .state = VIR_DOMAIN_RUNNING,
          .no_agent = true,
          .log = "j-s suspend take resume" },
        { .consistency = CONSISTENCY_CRASH,
          .state = VIR_DOMAIN_RUNNING,
          .log = "j-s suspend take resume" },
        /* A paused guest neither answers nor is resumed. */
        { .consistency = CONSISTENCY_ANY, .state = VIR_DOMAIN_PAUSED, .log = "j-- take" },
        { .consistency = CONSISTENCY_CRASH,
          .state = VIR_DOMAIN_RUNNING,
          .resumed_by_other = true,
          .log = "j-s suspend take" },
    };

    check_all(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_failures(void)
{
    static const struct row rows[] = {
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "freeze",
          .code = ERR_AGENT,
          .log = "jf- timeout freeze thaw" },
        { .consistency = CONSISTENCY_ANY,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "freeze",
          .log = "jf- timeout freeze thaw j-s suspend take resume" },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "suspend",
          .code = ERR_FAILED,
          .log = "jf- timeout freeze jfs suspend thaw" },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .reply = "{\"error\": {\"desc\": \"write: No space left on device\"}}",
          .code = ERR_NO_SPACE,
          .log = "jf- timeout freeze jfs suspend take resume thaw" },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .reply = "not JSON",
          .code = ERR_FAILED,
          .log = "jf- timeout freeze jfs suspend take resume thaw" },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "take",
          .code = ERR_FAILED,
          .log = "jf- timeout freeze jfs suspend take resume thaw" },
    };

    check_all(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What could not be written down is not done, and what was done before is undone. */
static void test_journal_fails(void)
{
    static const struct row rows[] = {
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "jf-",
          .code = ERR_NO_SPACE,
          .log = "jf-" },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "jfs",
          .code = ERR_NO_SPACE,
          .log = "jf- timeout freeze jfs thaw" },
        { .consistency = CONSISTENCY_ANY,
          .state = VIR_DOMAIN_PAUSED,
          .fail = "j--",
          .code = ERR_NO_SPACE,
          .log = "j--" },
    };

    check_all(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Neither undoing keeps the other from being done, and the journal goes on telling of it. */
static void test_undo_fails(void)
{
    static const struct row rows[] = {
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "resume",
          .code = ERR_FAILED,
          .log = "jf- timeout freeze jfs suspend take resume thaw",
          .suspended = true },
        { .consistency = CONSISTENCY_APPLICATION,
          .state = VIR_DOMAIN_RUNNING,
          .fail = "thaw",
          .code = ERR_FAILED,
          .log = "jf- timeout freeze jfs suspend take resume thaw thaw thaw",
          .frozen = true },
    };

    check_all(rows, sizeof(rows) / sizeof(rows[0]));
}

UNIT_MAIN({ "the order of the steps", test_orders }, { "a step fails", test_failures },
          { "the journal fails", test_journal_fails }, { "undoing fails", test_undo_fails })
