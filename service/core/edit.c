/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/edit.h"

#include "base/utf8.h"
#include "core/attempt.h"
#include "core/edit_journal.h"
#include "core/snapshot.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

int edit_check(const char *name, const char *notes, struct error *err)
{
    if (name && !text_is_lines(name))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "ElementName has a character that XML cannot have.");
    if (name && utf8_length(name) > SNAPSHOT_NAME_MOST)
        return error_set(err, ERR_INVALID_PARAMETER, "ElementName is longer than %d characters.",
                         SNAPSHOT_NAME_MOST);
    if (notes && strnlen(notes, SNAPSHOT_NOTES_MOST + 1) > SNAPSHOT_NOTES_MOST)
        return error_set(err, ERR_INVALID_PARAMETER, "The notes are longer than %d octets.",
                         SNAPSHOT_NOTES_MOST);
    if (notes && !text_is_lines(notes))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "The notes have a character that XML cannot have.");
    return 0;
}

/* ---- work ---- */

struct edit_task {
    struct attempt attempt;
    struct backend *backend;
    struct guid vm, snapshot;
    unsigned which; /* SETTING_...; of a snapshot SETTING_TITLE is its name */
    char *title;
    struct vm_settings settings;
};

static void edit_task_free(void *opaque)
{
    struct edit_task *task = opaque;

    if (!task)
        return;
    attempt_clear(&task->attempt);
    free(task->title);
    vm_settings_clear(&task->settings);
    free(task);
}

/* Takes copies of edit's texts. */
static struct edit_task *edit_task_new(struct backend *backend, enum job_kind kind,
                                       const struct vm_edit *edit, struct error *err)
{
    static const struct guid none;
    struct edit_task *task = calloc(1, sizeof(*task));
    const char *notes = edit->settings.notes;

    if (!task)
        goto fail;
    attempt_init(&task->attempt, backend, kind, &none, &none);
    task->backend = backend;
    task->which = edit->which;
    task->settings = edit->settings;
    task->settings.notes = notes ? strdup(notes) : NULL;
    task->title = edit->title ? strdup(edit->title) : NULL;
    if ((!notes || task->settings.notes) && (!edit->title || task->title))
        return task;
fail:
    edit_task_free(task);
    error_set(err, ERR_NO_MEMORY, NULL);
    return NULL;
}

void *edit_snapshot_task(struct backend *backend, const struct snapshot_edit *edit,
                         struct error *err)
{
    const struct vm_edit texts = {
        .which = (edit->name ? SETTING_TITLE : 0u) | (edit->notes ? SETTING_NOTES : 0u),
        .title = edit->name,
        .settings = { .notes = (char *)(uintptr_t)edit->notes }, /* only copied */
    };
    struct edit_task *task = edit_task_new(backend, JOB_SNAPSHOT_EDIT, &texts, err);

    if (task) {
        task->vm = task->attempt.lost.vm = edit->vm;
        task->snapshot = task->attempt.lost.snapshot = edit->id;
    }
    return task;
}

void *edit_machine_task(struct backend *backend, const struct guid *vm, const struct vm_edit *edit,
                        struct error *err)
{
    struct edit_task *task = edit_task_new(backend, JOB_VM_EDIT, edit, err);

    if (task)
        task->vm = task->attempt.lost.vm = *vm;
    return task;
}

/* What is there; 0, or -1 with err. */
static int edit_look_machine(struct backend *backend, const struct guid *id, struct edit_side *out,
                             struct error *err)
{
    struct vm vm;

    *out = (struct edit_side){ 0 };
    if (backend_vm_get(backend, id, &vm, err))
        return -1;
    out->title = vm.title;
    vm.title = NULL;
    vm_clear(&vm);
    if (backend_vm_settings(backend, id, &out->settings, err) == 0)
        return 0;
    edit_side_clear(out);
    return -1;
}

/* The same; 1 when the machine has no such snapshot. */
static int edit_look_snapshot(struct backend *backend, const struct guid *vm, const struct guid *id,
                              struct edit_side *out, struct error *err)
{
    struct snapshot_list list;
    bool found = false;

    *out = (struct edit_side){ 0 };
    if (backend_snapshot_list(backend, vm, &list, err))
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        struct snapshot *snapshot = &list.items[i];
        if (!guid_equal(&snapshot->id, id))
            continue;
        found = true;
        out->title = snapshot->name;
        out->settings.notes = snapshot->notes;
        snapshot->name = snapshot->notes = NULL;
    }
    snapshot_list_clear(&list);
    return found ? 0 : 1;
}

static int edit_look(struct backend *backend, enum job_kind kind, const struct guid *vm,
                     const struct guid *snapshot, struct edit_side *out, struct error *err)
{
    return kind == JOB_SNAPSHOT_EDIT ? edit_look_snapshot(backend, vm, snapshot, out, err)
                                     : edit_look_machine(backend, vm, out, err);
}

/* Makes a machine what a side says. */
static int edit_put_machine(struct backend *backend, const struct guid *vm, unsigned which,
                            const struct edit_side *side, struct error *err)
{
    const struct vm_edit edit = { which, side->title, side->settings };

    return backend_vm_edit(backend, vm, &edit, err);
}

/* A change that failed in the middle is taken back: the machine has all of the old or all of the new. */
static int edit_machine(struct edit_task *task, const struct edit_side *before,
                        const struct edit_side *after, struct error *err)
{
    struct error why = { 0 }, worse = { 0 };

    if (edit_put_machine(task->backend, &task->vm, task->which, after, &why) == 0)
        return 0;
    error_cause(err, "%s", why.cause);
    if (why.code != ERR_UNAVAILABLE &&
        edit_put_machine(task->backend, &task->vm, task->which, before, &worse))
        return error_set(err, why.code, "%s (Some of the settings may have been changed.)", why.message);
    return error_set(err, why.code, "%s", why.message);
}

/* True when the snapshot is as it was to become. */
static bool edit_made(struct edit_task *task, const struct edit_journal *journal)
{
    struct edit_side now;
    bool made;

    if (edit_look_snapshot(task->backend, &task->vm, &task->snapshot, &now, NULL))
        return false;
    made = edit_journal_judge(journal, &now) == EDIT_AFTER;
    edit_side_clear(&now);
    return made;
}

/* It is one step, which may have been made although it is told to have failed. */
static int edit_snapshot(struct edit_task *task, const struct snapshot_edit *want, const struct edit_journal *journal,
                         struct error *err)
{
    struct error why = { 0 };

    if (backend_snapshot_edit(task->backend, want, &why) == 0 ||
        (why.code != ERR_UNAVAILABLE && edit_made(task, journal)))
        return 0;
    error_cause(err, "%s", why.cause);
    return error_set(err, why.code, "%s", why.message);
}

static int edit_act_on(struct edit_task *task, const struct backend_call *call,
                       const struct edit_side *before, struct error *err)
{
    const struct edit_journal journal = { task->which, *before, { task->title, task->settings } };
    const bool title = task->which & SETTING_TITLE, notes = task->which & SETTING_NOTES;
    const struct snapshot_edit of_snapshot = { .vm = task->vm,
                                               .id = task->snapshot,
                                               .name = title ? task->title : NULL,
                                               .notes = notes ? task->settings.notes : NULL };
    char *state = edit_journal_write(task->which, before, &journal.after);
    int result;

    if (!state)
        return error_set(err, ERR_NO_MEMORY, NULL);
    result = call->journal(call->opaque, state, err);
    free(state);
    if (result)
        return -1;
    if (task->attempt.lost.kind == JOB_SNAPSHOT_EDIT)
        return edit_snapshot(task, &of_snapshot, &journal, err);
    return edit_machine(task, before, &journal.after, err);
}

static int edit_act(void *opaque, const struct backend_call *call, struct error *err)
{
    struct edit_task *task = opaque;
    struct edit_side before;
    int result;

    result = edit_look(task->backend, task->attempt.lost.kind, &task->vm, &task->snapshot, &before, err);
    if (result)
        return result < 0 ? -1 : error_set(err, ERR_NOT_FOUND, "The snapshot is no longer there.");
    result = edit_act_on(task, call, &before, err);
    edit_side_clear(&before);
    return result;
}

static enum job_outcome edit_run(void *opaque, const struct backend_call *call, struct error *err)
{
    struct edit_task *task = opaque;

    return attempt_run(&task->attempt, edit_act, task, call, err);
}

const struct job_work edit_work = {
    .run = edit_run,
    .release = edit_task_free,
    .dropped = "The service was stopped before anything was changed.",
};

/* ---- after a crash ---- */

/* Changes of a machine are several steps: what was begun is brought to its end, unless somebody else has been
 * there meanwhile. */
static int edit_finish(const struct recover_case *what, const struct edit_journal *journal,
                       const struct edit_side *now, enum recovery *out, struct error *err)
{
    switch (edit_journal_judge(journal, now)) {
    case EDIT_BEFORE:
        return 0;
    case EDIT_OTHER:
        return error_set(err, ERR_NOT_SUPPORTED, "it was changed by somebody else since");
    case EDIT_AFTER:
        break;
    }
    if (what->kind == JOB_VM_EDIT &&
        edit_put_machine(what->backend, &what->vm, journal->which, &journal->after, err))
        return -1;
    *out = RECOVERY_WHOLE;
    return 0;
}

int edit_recover(const struct recover_case *what, enum recovery *out, struct error *err)
{
    struct edit_journal journal;
    struct edit_side now;
    int result;

    *out = RECOVERY_NONE;
    if (!what->state)
        return 0; /* it was not begun */
    if (edit_journal_read(&journal, what->state, err))
        return -1;
    result = edit_look(what->backend, what->kind, &what->vm, &what->snapshot, &now, err);
    if (result == 0) {
        result = edit_finish(what, &journal, &now, out, err);
        edit_side_clear(&now);
    }
    edit_journal_clear(&journal);
    return result < 0 ? -1 : 0; /* a snapshot that is gone was not changed */
}
