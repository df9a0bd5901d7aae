/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/utf8.h"
#include "core/snapshot.h"
#include "fake.h"

/* The code of a check of machine "alpha" in this state, and the error for its text. */
static enum error_code check(const struct snapshot_order *order, enum vm_state state,
                             struct error *err)
{
    const struct vm_prospect prospect = { .vm = { .id = fake_vm_id(0), .state = state }, .can = fake.vms[0].caps };

    error_clear(err);
    CU_ASSERT_EQUAL(snapshot_check(&prospect, order, err), err->code ? -1 : 0);
    return err->code;
}

static void test_states(void)
{
    static const struct {
        enum vm_state state;
        enum error_code code;
        const char *words;
    } rows[] = {
        { VM_RUNNING, ERR_NONE, "" },
        { VM_PAUSED, ERR_NONE, "" },
        { VM_OFF, ERR_NONE, "" },
        { VM_UNKNOWN, ERR_NONE, "" },
        { VM_SAVED, ERR_INVALID_STATE, "discard its saved state" },
        { VM_STOPPING, ERR_INVALID_STATE, "shutting down" },
        { VM_CRASHED, ERR_INVALID_STATE, "crashed" },
    };
    struct snapshot_order order = { .kind = SNAPSHOT_FULL };
    struct error err = { 0 };

    fake_reset();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(check(&order, rows[i].state, &err), rows[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, rows[i].words));
    }
}

static void test_kinds(void)
{
    static const struct {
        int kind;
        bool full, disk, recovery, right;
    } rows[] = {
        { SNAPSHOT_FULL, true, false, false, true },
        { SNAPSHOT_FULL, false, true, true, false },
        { SNAPSHOT_DISK, false, true, false, true },
        { SNAPSHOT_DISK, true, false, true, false },
        { SNAPSHOT_RECOVERY, false, false, true, true },
        { SNAPSHOT_RECOVERY, true, true, false, false },
        { 0, true, true, true, false },
        { 1, true, true, true, false },
        { 5, true, true, true, false },
        { -1, true, true, true, false },
        { 32768, true, true, true, false },
    };
    struct error err = { 0 };

    fake_reset();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct snapshot_order order = { .kind = (enum snapshot_kind)rows[i].kind };
        fake.vms[0].caps = (struct vm_capabilities){ .full = rows[i].full,
                                                     .disk = rows[i].disk,
                                                     .recovery = rows[i].recovery };
        snprintf(fake.vms[0].caps.why, sizeof(fake.vms[0].caps.why), "disk %s is raw", "vdb");
        CU_ASSERT_EQUAL(check(&order, VM_RUNNING, &err),
                        rows[i].right ? ERR_NONE : ERR_INVALID_TYPE);
        if (!rows[i].right && rows[i].kind >= SNAPSHOT_FULL && rows[i].kind <= SNAPSHOT_RECOVERY)
            CU_ASSERT_STRING_EQUAL(err.message, "disk vdb is raw");
    }
    /* A backend that gives no reason leaves the general one. */
    fake.vms[0].caps = (struct vm_capabilities){ .full = false };
    check(&(struct snapshot_order){ .kind = SNAPSHOT_FULL }, VM_RUNNING, &err);
    CU_ASSERT_STRING_EQUAL(err.message, error_row(ERR_INVALID_TYPE)->text);
}

/* Disks that can have none may be left out where the machine has others, but not of a snapshot with memory. */
static void test_left_out(void)
{
    static const struct {
        int kind;
        bool ignore, partial, off, right;
    } rows[] = {
        { SNAPSHOT_DISK, true, true, false, true },      { SNAPSHOT_DISK, false, true, false, false },
        { SNAPSHOT_DISK, true, false, false, false },    { SNAPSHOT_RECOVERY, true, true, false, true },
        { SNAPSHOT_RECOVERY, true, true, true, true },   { SNAPSHOT_FULL, true, true, false, false },
        { SNAPSHOT_FULL, true, true, true, true },       { SNAPSHOT_FULL, false, true, true, false },
        { SNAPSHOT_RECOVERY, false, true, true, false }, { SNAPSHOT_FULL, true, false, true, false },
    };
    struct error err = { 0 };

    fake_reset();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct snapshot_order order = { .kind = (enum snapshot_kind)rows[i].kind,
                                        .ignore_unsupported_disks = rows[i].ignore };
        fake.vms[0].caps = (struct vm_capabilities){ .partial = rows[i].partial };
        CU_ASSERT_EQUAL(check(&order, rows[i].off ? VM_OFF : VM_RUNNING, &err),
                        rows[i].right ? ERR_NONE : ERR_INVALID_TYPE);
    }
}

static void test_consistency(void)
{
    static const struct {
        int consistency;
        enum error_code code;
    } rows[] = {
        { CONSISTENCY_ANY, ERR_NONE },         { CONSISTENCY_CRASH, ERR_NONE },
        { CONSISTENCY_APPLICATION, ERR_NONE }, { 3, ERR_INVALID_PARAMETER },
        { -1, ERR_INVALID_PARAMETER },
    };
    struct error err = { 0 };

    fake_reset();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct snapshot_order order = { .kind = SNAPSHOT_DISK,
                                        .consistency = (enum consistency)rows[i].consistency };
        CU_ASSERT_EQUAL(check(&order, VM_RUNNING, &err), rows[i].code);
    }
}

static void repeat(char *out, const char *piece, size_t count)
{
    size_t len = strlen(piece);

    for (size_t i = 0; i < count; i++)
        memcpy(out + i * len, piece, len);
    out[count * len] = '\0';
}

static enum error_code check_text(const char *name, const char *notes)
{
    struct error err = { 0 };

    return check(&(struct snapshot_order){ .kind = SNAPSHOT_FULL, .name = name, .notes = notes },
                 VM_RUNNING, &err);
}

static void test_name(void)
{
    char name[500];

    fake_reset();
    CU_ASSERT_EQUAL(check_text(NULL, NULL), ERR_NONE);
    CU_ASSERT_EQUAL(check_text("", NULL), ERR_NONE);
    repeat(name, "\xE2\x82\xAC", 100); /* 100 characters in 300 octets */
    CU_ASSERT_EQUAL(check_text(name, NULL), ERR_NONE);
    repeat(name, "\xE2\x82\xAC", 101);
    CU_ASSERT_EQUAL(check_text(name, NULL), ERR_INVALID_PARAMETER);
    repeat(name, "x", 101);
    CU_ASSERT_EQUAL(check_text(name, NULL), ERR_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(check_text("a\tb\n", NULL), ERR_NONE); /* all that XML can carry */
    CU_ASSERT_EQUAL(check_text("a\x1B[31m", NULL), ERR_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(check_text("\xC0\x80", NULL), ERR_INVALID_PARAMETER);
}

static void test_notes(void)
{
    static char notes[SNAPSHOT_NOTES_MOST + 2];

    fake_reset();
    CU_ASSERT_EQUAL(check_text(NULL, "two\nlines"), ERR_NONE);
    CU_ASSERT_EQUAL(check_text(NULL, "\x01"), ERR_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(check_text(NULL, "\xFF"), ERR_INVALID_PARAMETER);
    repeat(notes, "n", SNAPSHOT_NOTES_MOST);
    CU_ASSERT_EQUAL(check_text(NULL, notes), ERR_NONE);
    repeat(notes, "n", SNAPSHOT_NOTES_MOST + 1);
    CU_ASSERT_EQUAL(check_text(NULL, notes), ERR_INVALID_PARAMETER);
}

static void test_default_name(void)
{
    char title[1000];
    struct vm vm = { .title = title };
    char *name;

    setenv("TZ", "XYZ-2", 1); /* two hours east */
    tzset();
    snprintf(title, sizeof(title), "demo");
    name = snapshot_default_name(&vm, INT64_C(1700000000) * 1000000);
    CU_ASSERT_STRING_EQUAL(name, "demo - (2023-11-15 - 00:13:20)");
    free(name);
    repeat(title, "\xE2\x82\xAC", 200);
    name = snapshot_default_name(&vm, INT64_C(1700000000) * 1000000);
    CU_ASSERT_EQUAL(utf8_length(name), 100);
    CU_ASSERT_PTR_NOT_NULL(strstr(name, "\xE2\x82\xAC - (2023-11-15 - 00:13:20)"));
    free(name);
    snprintf(title, sizeof(title), "bad\xC3");
    name = snapshot_default_name(&vm, 0);
    CU_ASSERT_EQUAL(utf8_length(name), 4 + 26);
    free(name);
    unsetenv("TZ");
    tzset();
}

static void test_task(void)
{
    struct vm vm = { .id = fake_vm_id(1), .title = (char *)"Beta" };
    struct snapshot_order order = { .vm = vm.id,
                                    .kind = SNAPSHOT_RECOVERY,
                                    .consistency = CONSISTENCY_CRASH,
                                    .ignore_unsupported_disks = true,
                                    .name = "n",
                                    .notes = "" };
    const struct backend_call call = { 0 };
    struct guid id = guid_random();
    struct backend *backend;
    struct error err = { 0 };
    void *task;

    fake_reset();
    backend = fake_backend();
    task = snapshot_task_new(backend, &vm, &order, &id, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(task);
    CU_ASSERT_EQUAL(snapshot_work.run(task, &call, &err), OUTCOME_COMPLETED);
    CU_ASSERT_TRUE(guid_equal(&fake.last.id, &id));
    CU_ASSERT_TRUE(guid_equal(&fake.last.vm, &vm.id));
    CU_ASSERT_EQUAL(fake.last.kind, SNAPSHOT_RECOVERY);
    CU_ASSERT_EQUAL(fake.last.consistency, CONSISTENCY_CRASH);
    CU_ASSERT_TRUE(fake.last.ignore_unsupported_disks);
    CU_ASSERT_STRING_EQUAL(fake.last.name, "n");
    CU_ASSERT_STRING_EQUAL(fake.last.notes, "");
    snapshot_work.release(task);
    backend_close(backend);
}

/* Once, to a snapshot with memory, and only for want of the guest agent. */
static void test_falls_back(void)
{
    static const struct {
        bool fall_back;
        enum error_code fail;
        unsigned begun;
        enum snapshot_kind kind;
        enum consistency consistency;
    } rows[] = {
        { true, ERR_AGENT, 2, SNAPSHOT_FULL, CONSISTENCY_ANY },
        { false, ERR_AGENT, 1, SNAPSHOT_DISK, CONSISTENCY_APPLICATION },
        { true, ERR_NO_SPACE, 1, SNAPSHOT_DISK, CONSISTENCY_APPLICATION },
        { true, ERR_UNAVAILABLE, 1, SNAPSHOT_DISK, CONSISTENCY_APPLICATION },
    };
    const struct backend_call call = { 0 };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vm vm = { .id = fake_vm_id(0), .title = (char *)"Alpha" };
        struct snapshot_order order = { .vm = vm.id,
                                        .kind = SNAPSHOT_DISK,
                                        .consistency = CONSISTENCY_APPLICATION,
                                        .fall_back = rows[i].fall_back };
        struct guid id = guid_random();
        struct error err = { 0 };
        struct backend *backend;
        void *task;
        fake_reset();
        backend = fake_backend();
        fake.fail = rows[i].fail;
        task = snapshot_task_new(backend, &vm, &order, &id, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(task);
        CU_ASSERT_EQUAL(snapshot_work.run(task, &call, &err), OUTCOME_FAILED);
        CU_ASSERT_EQUAL(err.code, rows[i].fail);
        CU_ASSERT_EQUAL(fake.begun, rows[i].begun);
        CU_ASSERT_EQUAL(fake.last.kind, rows[i].kind);
        CU_ASSERT_EQUAL(fake.last.consistency, rows[i].consistency);
        CU_ASSERT_TRUE(guid_equal(&fake.last.id, &id));
        snapshot_work.release(task);
        backend_close(backend);
    }
}

static void ignore_progress(void *opaque, unsigned percent)
{
    (void)opaque;
    (void)percent;
}

static int ignore_journal(void *opaque, const char *state, struct error *err)
{
    (void)opaque;
    (void)state;
    (void)err;
    return 0;
}

/* The hypervisor went away in the midst: not the call's result counts, but what is found after. */
static void test_lost(void)
{
    static const struct {
        const char *journal;
        enum error_code fail, recover_fail;
        enum recovery found;
        enum job_outcome first, second; /* of the turns */
        unsigned recovers;
        const char *words;
    } rows[] = {
        { "step", ERR_UNAVAILABLE, ERR_NONE, RECOVERY_WHOLE, OUTCOME_AGAIN, OUTCOME_COMPLETED, 1,
          "" },
        { "step", ERR_UNAVAILABLE, ERR_NONE, RECOVERY_NONE, OUTCOME_AGAIN, OUTCOME_FAILED, 1,
          "hypervisor was lost" },
        { "step", ERR_UNAVAILABLE, ERR_UNAVAILABLE, RECOVERY_NONE, OUTCOME_AGAIN, OUTCOME_AGAIN, 1,
          "" },
        /* No step was taken, or the hypervisor itself said no. */
        { NULL, ERR_UNAVAILABLE, ERR_NONE, RECOVERY_WHOLE, OUTCOME_FAILED, OUTCOME_FAILED, 0,
          "not made" },
        { "step", ERR_FAILED, ERR_NONE, RECOVERY_WHOLE, OUTCOME_FAILED, OUTCOME_FAILED, 0,
          "not made" },
    };
    const struct backend_call call = { .progress = ignore_progress, .journal = ignore_journal };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vm vm = { .id = fake_vm_id(0), .title = (char *)"Alpha" };
        struct snapshot_order order = { .vm = vm.id, .kind = SNAPSHOT_FULL };
        struct guid id = guid_random();
        struct error err = { 0 };
        struct backend *backend;
        void *task;
        fake_reset();
        backend = fake_backend();
        fake.journal = rows[i].journal;
        fake.fail = rows[i].fail;
        fake.fail_text = "not made";
        fake_recovery(rows[i].recover_fail, rows[i].found);
        task = snapshot_task_new(backend, &vm, &order, &id, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(task);
        CU_ASSERT_EQUAL(snapshot_work.run(task, &call, &err), rows[i].first);
        if (rows[i].first == OUTCOME_AGAIN)
            CU_ASSERT_EQUAL(snapshot_work.run(task, &call, &err), rows[i].second);
        CU_ASSERT_EQUAL(fake.begun, 1);
        CU_ASSERT_EQUAL(fake.recovers, rows[i].recovers);
        if (rows[i].recovers)
            CU_ASSERT_STRING_EQUAL(fake.state, "step");
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, rows[i].words));
        snapshot_work.release(task);
        backend_close(backend);
    }
}

UNIT_MAIN({ "disks left out", test_left_out }, { "states", test_states }, { "kinds", test_kinds }, { "consistency", test_consistency },
          { "names", test_name }, { "notes", test_notes }, { "default names", test_default_name },
          { "the task carries the whole order", test_task },
          { "it falls back once, for want of the agent", test_falls_back },
          { "a hypervisor lost on the way", test_lost })
