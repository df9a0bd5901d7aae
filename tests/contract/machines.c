/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contract of a backend, second part: states, keys, screen, settings, names. It works on the machine
 * "power", which is off, and gives "foreign"'s snapshot "by hand" another name.
 */
#include "contract/contract.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

/* Nothing to be found is a test that is not for this backend. */
static bool machine(const char *name, struct vm *out)
{
    struct vm_list list = { 0 };
    bool found = false;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count && !found; i++)
        if (strcmp(list.items[i].name, name) == 0) {
            *out = list.items[i];
            list.items[i] = (struct vm){ 0 };
            found = true;
        }
    vm_list_clear(&list);
    return found;
}

static enum vm_state state_of(const struct guid *id)
{
    struct vm now = { 0 };
    enum vm_state state;

    CU_ASSERT_EQUAL(backend_vm_get(contract_backend, id, &now, NULL), 0);
    state = now.state;
    vm_clear(&now);
    return state;
}

/* ---- states ---- */

/* The change is made and leads to that state; false when the backend lacks it. */
static bool change(const struct guid *id, enum vm_change what, enum vm_state to)
{
    enum vm_state before = state_of(id);
    struct contract_trace trace = { 0 };
    struct error err;
    int result = contract_power(&trace, id, what, &err);

    if (result && err.code == ERR_NOT_SUPPORTED) {
        printf("change %d is not supported\n", (int)what);
        CU_ASSERT_EQUAL(state_of(id), before);
        return false;
    }
    if (result)
        printf("change %d: %s (%s)\n", (int)what, err.message, err.cause);
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_FALSE(trace.backwards);
    CU_ASSERT_EQUAL(state_of(id), to);
    return result == 0;
}

/* Every change that this state does not allow is refused, and changes nothing. */
static void refused_in(const struct guid *id, enum vm_state state)
{
    CU_ASSERT_EQUAL(state_of(id), state);
    for (int what = 0; what < CHANGES; what++) {
        struct contract_trace trace = { 0 };
        struct error err;
        if (vm_change_allowed(state, (enum vm_change)what))
            continue;
        CU_ASSERT_EQUAL(contract_power(&trace, id, (enum vm_change)what, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_STATE);
        CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
        CU_ASSERT_EQUAL(state_of(id), state);
    }
}

static void test_states(void)
{
    struct vm vm;

    if (!machine("power", &vm))
        return;
    refused_in(&vm.id, VM_OFF);
    change(&vm.id, CHANGE_START, VM_RUNNING);
    refused_in(&vm.id, VM_RUNNING);
    change(&vm.id, CHANGE_PAUSE, VM_PAUSED);
    refused_in(&vm.id, VM_PAUSED);
    change(&vm.id, CHANGE_RESUME, VM_RUNNING);
    change(&vm.id, CHANGE_RESET, VM_RUNNING);
    change(&vm.id, CHANGE_REBOOT, VM_RUNNING);
    if (change(&vm.id, CHANGE_SAVE, VM_SAVED)) {
        refused_in(&vm.id, VM_SAVED);
        change(&vm.id, CHANGE_START, VM_RUNNING);
        change(&vm.id, CHANGE_PAUSE, VM_PAUSED);
        change(&vm.id, CHANGE_SAVE, VM_SAVED);
        change(&vm.id, CHANGE_START, VM_RUNNING); /* it runs, as on Hyper-V */
        change(&vm.id, CHANGE_SAVE, VM_SAVED);
        change(&vm.id, CHANGE_FORGET, VM_OFF);
        change(&vm.id, CHANGE_START, VM_RUNNING);
    }
    change(&vm.id, CHANGE_OFF, VM_OFF);
    vm_clear(&vm);
}

static void test_unknown(void)
{
    struct contract_trace trace = { 0 };
    struct guid nobody = guid_random();
    const struct vm_edit edit = { .which = SETTING_TITLE, .title = "x" };
    const struct snapshot_edit rename = { .vm = nobody, .id = nobody, .name = "x" };
    const struct key_event key = { 0x1E, true };
    struct vm_prospect prospect;
    struct vm_settings settings;
    struct picture picture;
    struct error err;

    CU_ASSERT_EQUAL(contract_power(&trace, &nobody, CHANGE_START, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_edit(contract_backend, &nobody, &edit, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_settings(contract_backend, &nobody, &settings, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_prospect(contract_backend, &nobody, &prospect, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_snapshot_edit(contract_backend, &rename, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_keys(contract_backend, &nobody, &key, 1, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_picture(contract_backend, &nobody, &picture, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
}

/* ---- keyboard and screen ---- */

static void test_console(void)
{
    const struct key_event keys[] = { { 0x1D, true },  { 0x9D, true },  { 0x1E, true }, { 0x1E, false },
                                      { 0x9D, false }, { 0x1D, false }, { 0xC8, true }, { 0xC8, false } };
    const size_t count = sizeof(keys) / sizeof(keys[0]);
    struct error err = { 0 };
    struct picture picture;
    struct vm vm;

    if (!machine("power", &vm))
        return;
    CU_ASSERT_EQUAL(backend_vm_keys(contract_backend, &vm.id, keys, count, &err), -1);
    CU_ASSERT_TRUE(err.code == ERR_INVALID_STATE || err.code == ERR_NOT_SUPPORTED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_picture(contract_backend, &vm.id, &picture, &err), -1);
    CU_ASSERT_TRUE(err.code == ERR_INVALID_STATE || err.code == ERR_NOT_SUPPORTED);
    change(&vm.id, CHANGE_START, VM_RUNNING);
    error_clear(&err);
    if (backend_vm_keys(contract_backend, &vm.id, keys, count, &err))
        printf("keys: %s (%s)\n", err.message, err.cause);
    CU_ASSERT_TRUE(err.code == ERR_NONE || err.code == ERR_NOT_SUPPORTED);
    error_clear(&err);
    if (backend_vm_picture(contract_backend, &vm.id, &picture, &err))
        printf("picture: %s (%s)\n", err.message, err.cause);
    else
        printf("picture: %u by %u\n", picture.width, picture.height);
    CU_ASSERT_TRUE(err.code == ERR_NOT_SUPPORTED ||
                   (err.code == ERR_NONE && picture.points && picture.width && picture.height));
    picture_clear(&picture);
    change(&vm.id, CHANGE_OFF, VM_OFF);
    vm_clear(&vm);
}

/* ---- settings ---- */

static const char *const texts[] = {
    "plain", " blanks around ", "<a href=\"x\">&amp;'%41%</a>]]>",
    "\xC3\xA4\xE2\x82\xAC \xF0\x9F\x98\x80 \xE6\x97\xA5\xE6\x9C\xAC",
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

/* What is told at once is what is told one by one. */
static void expect_prospect(const struct guid *id)
{
    struct vm_prospect all;
    struct vm_capabilities can;
    struct vm_settings settings;
    struct vm vm;

    CU_ASSERT_EQUAL_FATAL(backend_vm_prospect(contract_backend, id, &all, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_vm_get(contract_backend, id, &vm, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_vm_capabilities(contract_backend, id, &can, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_vm_settings(contract_backend, id, &settings, NULL), 0);
    CU_ASSERT_TRUE(guid_equal(&all.vm.id, id));
    CU_ASSERT_STRING_EQUAL(all.vm.name, vm.name);
    CU_ASSERT_STRING_EQUAL(all.vm.title, vm.title);
    CU_ASSERT_EQUAL(all.vm.state, vm.state);
    CU_ASSERT_EQUAL(all.vm.persistent, vm.persistent);
    CU_ASSERT_EQUAL(all.vm.vcpus, vm.vcpus);
    CU_ASSERT_EQUAL(all.vm.memory_kib, vm.memory_kib);
    CU_ASSERT_EQUAL(all.can.full, can.full);
    CU_ASSERT_EQUAL(all.can.disk, can.disk);
    CU_ASSERT_EQUAL(all.can.recovery, can.recovery);
    CU_ASSERT_EQUAL(all.can.partial, can.partial);
    CU_ASSERT_EQUAL(all.can.agent, can.agent);
    CU_ASSERT_STRING_EQUAL(all.can.why, can.why);
    CU_ASSERT_EQUAL(all.policy, settings.policy);
    vm_settings_clear(&settings);
    vm_clear(&vm);
    vm_clear(&all.vm);
}

static void test_prospects(void)
{
    struct vm_list list;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        expect_prospect(&list.items[i].id);
    vm_list_clear(&list);
}

static void expect_settings(const struct guid *id, const char *title, const struct vm_settings *want)
{
    struct vm_settings now;
    struct vm vm;

    CU_ASSERT_EQUAL_FATAL(backend_vm_settings(contract_backend, id, &now, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_vm_get(contract_backend, id, &vm, NULL), 0);
    CU_ASSERT_STRING_EQUAL(vm.title, title);
    CU_ASSERT_EQUAL(now.notes == NULL, want->notes == NULL);
    if (now.notes && want->notes)
        CU_ASSERT_STRING_EQUAL(now.notes, want->notes);
    CU_ASSERT_EQUAL(now.policy, want->policy);
    CU_ASSERT_EQUAL(now.autostart, want->autostart);
    vm_settings_clear(&now);
    vm_clear(&vm);
    expect_prospect(id);
}

static void edit_machine(const struct guid *id, const struct vm_edit *edit)
{
    struct error err = { 0 };

    if (backend_vm_edit(contract_backend, id, edit, &err))
        printf("edit %u: %s (%s)\n", edit->which, err.message, err.cause);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
}

/* Each alone, and the others stay; off and running. */
static void test_settings(void)
{
    struct vm_settings want = { .policy = POLICY_STANDARD };
    struct vm vm;

    if (!machine("power", &vm))
        return;
    for (int running = 0; running < 2; running++) {
        if (running)
            change(&vm.id, CHANGE_START, VM_RUNNING);
        expect_settings(&vm.id, "power", &want);
        for (size_t i = 0; i < TEXTS; i++) {
            const char *title = texts[TEXTS - 1 - i];
            edit_machine(&vm.id, &(struct vm_edit){ .which = SETTING_TITLE, .title = title });
            want.notes = (char *)(uintptr_t)texts[i];
            edit_machine(&vm.id, &(struct vm_edit){ .which = SETTING_NOTES, .settings = want });
            expect_settings(&vm.id, title, &want);
            want.policy = (enum snapshot_policy)(POLICY_DISABLED + (int)i);
            edit_machine(&vm.id, &(struct vm_edit){ .which = SETTING_POLICY, .settings = want });
            want.autostart = !want.autostart;
            edit_machine(&vm.id, &(struct vm_edit){ .which = SETTING_AUTOSTART, .settings = want });
            expect_settings(&vm.id, title, &want);
        }
        want = (struct vm_settings){ .policy = POLICY_STANDARD };
        edit_machine(&vm.id, &(struct vm_edit){ .which = SETTING_TITLE | SETTING_NOTES | SETTING_POLICY |
                                                         SETTING_AUTOSTART,
                                                .settings = want });
        expect_settings(&vm.id, "power", &want);
        if (running)
            change(&vm.id, CHANGE_OFF, VM_OFF);
        expect_settings(&vm.id, "power", &want);
    }
    vm_clear(&vm);
}

/* ---- names of snapshots ---- */

static struct snapshot_list snapshots(const struct guid *vm)
{
    struct snapshot_list list = { 0 };

    CU_ASSERT_EQUAL(backend_snapshot_list(contract_backend, vm, &list, NULL), 0);
    return list;
}

/* Only name and notes of the edited one differ from what was there before. */
static void expect_edited(const struct snapshot_list *before, const struct snapshot_edit *edit)
{
    struct snapshot_list now = snapshots(&edit->vm);
    const char *notes;

    CU_ASSERT_EQUAL_FATAL(now.count, before->count);
    for (size_t i = 0; i < now.count; i++) {
        const struct snapshot *a = &before->items[i], *b = NULL;
        for (size_t k = 0; k < now.count; k++)
            if (guid_equal(&now.items[k].id, &a->id))
                b = &now.items[k];
        CU_ASSERT_PTR_NOT_NULL_FATAL(b);
        CU_ASSERT_EQUAL(a->kind, b->kind);
        CU_ASSERT_EQUAL(a->has_memory, b->has_memory);
        CU_ASSERT_EQUAL(a->current, b->current);
        CU_ASSERT_EQUAL(a->created_us, b->created_us);
        CU_ASSERT_EQUAL(a->has_parent, b->has_parent);
        CU_ASSERT_TRUE(!a->has_parent || guid_equal(&a->parent, &b->parent));
        if (!guid_equal(&a->id, &edit->id)) {
            CU_ASSERT_STRING_EQUAL(a->name, b->name);
            continue;
        }
        CU_ASSERT_STRING_EQUAL(b->name, edit->name ? edit->name : a->name);
        notes = edit->notes ? edit->notes : a->notes;
        CU_ASSERT_STRING_EQUAL(b->notes ? b->notes : "", notes ? notes : "");
    }
    snapshot_list_clear(&now);
}

static void edit_snapshot(const struct snapshot_edit *edit)
{
    struct snapshot_list before = snapshots(&edit->vm);
    struct error err = { 0 };

    if (backend_snapshot_edit(contract_backend, edit, &err))
        printf("edit: %s (%s)\n", err.message, err.cause);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    expect_edited(&before, edit);
    snapshot_list_clear(&before);
}

static void rename_all(const struct guid *vm)
{
    struct snapshot_list list = snapshots(vm);
    struct snapshot_edit lost = { .vm = *vm, .id = guid_random(), .name = "lost" };
    struct error err = { 0 };

    for (size_t i = 0; i < list.count; i++)
        for (size_t k = 0; k < TEXTS; k++) {
            struct snapshot_edit edit = { .vm = *vm, .id = list.items[i].id, .name = texts[k] };
            edit_snapshot(&edit);
            edit.name = NULL;
            edit.notes = k + 1 < TEXTS ? texts[k + 1] : "";
            edit_snapshot(&edit);
            edit.name = "both";
            edit.notes = "one\ntwo\ttab";
            edit_snapshot(&edit);
        }
    CU_ASSERT_EQUAL(backend_snapshot_edit(contract_backend, &lost, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    snapshot_list_clear(&list);
}

static void test_names(void)
{
    struct vm vm;

    if (machine("foreign", &vm)) {
        rename_all(&vm.id);
        vm_clear(&vm);
    }
    if (!machine("power", &vm))
        return;
    for (int i = 0; i < 4; i++) {
        struct snapshot_spec spec = { .vm = vm.id, .id = guid_random(), .kind = SNAPSHOT_FULL,
                                      .consistency = CONSISTENCY_CRASH, .name = "to be renamed" };
        struct contract_trace trace = { 0 };
        struct error err;
        if (i == 2)
            change(&vm.id, CHANGE_START, VM_RUNNING);
        CU_ASSERT_EQUAL(contract_create(&trace, &spec, &err), 0);
    }
    rename_all(&vm.id);
    change(&vm.id, CHANGE_OFF, VM_OFF);
    rename_all(&vm.id);
    vm_clear(&vm);
}

int contract_machines(void)
{
    static const struct unit_test tests[] = {
        { "what is unknown is not found", test_unknown },
        { "states, and what each refuses", test_states },
        { "keys and screen", test_console },
        { "all at once, before a snapshot", test_prospects },
        { "settings", test_settings },
        { "snapshots get other names and notes", test_names },
    };

    return unit_run("contract of machines", tests, sizeof(tests) / sizeof(tests[0]));
}
