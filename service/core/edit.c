/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/edit.h"

#include "base/strbuf.h"
#include "base/utf8.h"
#include "core/attempt.h"
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

/* What is to be there afterwards, in the form of a journal: which parts, then these. Nothing in it is
 * ambiguous, as it is only ever compared. */
static char *edit_write(unsigned which, const char *title, const struct vm_settings *settings)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_printf(&text, "edit %u", which);
    if (which & SETTING_POLICY)
        strbuf_printf(&text, " policy=%d", (int)settings->policy);
    if (which & SETTING_AUTOSTART)
        strbuf_printf(&text, " autostart=%d", settings->autostart);
    if (which & SETTING_TITLE)
        strbuf_printf(&text, "\n%zu %s", strlen(title ? title : ""), title ? title : "");
    if (which & SETTING_NOTES)
        strbuf_printf(&text, "\n%s", settings->notes ? settings->notes : "");
    return strbuf_steal(&text);
}

static int edit_act(void *opaque, const struct backend_call *call, struct error *err)
{
    struct edit_task *task = opaque;
    const bool title = task->which & SETTING_TITLE, notes = task->which & SETTING_NOTES;
    const struct snapshot_edit of_snapshot = { .vm = task->vm,
                                               .id = task->snapshot,
                                               .name = title ? task->title : NULL,
                                               .notes = notes ? task->settings.notes : NULL };
    const struct vm_edit of_machine = { task->which, task->title, task->settings };
    char *state = edit_write(task->which, task->title, &task->settings);
    int result;

    if (!state)
        return error_set(err, ERR_NO_MEMORY, NULL);
    result = call->journal(call->opaque, state, err);
    free(state);
    if (result)
        return -1;
    if (task->attempt.lost.kind == JOB_SNAPSHOT_EDIT)
        return backend_snapshot_edit(task->backend, &of_snapshot, err);
    return backend_vm_edit(task->backend, &task->vm, &of_machine, err);
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

/* Compares what is there with what was to be, in the parts that the journal names. */
static int edit_compare(const struct recover_case *what, const char *title,
                        const struct vm_settings *settings, enum recovery *out, struct error *err)
{
    unsigned which = (unsigned)strtoul(what->state + strlen("edit "), NULL, 10);
    char *now = edit_write(which, title, settings);

    if (!now)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (strcmp(now, what->state) == 0)
        *out = RECOVERY_WHOLE;
    free(now);
    return 0;
}

static int edit_recover_snapshot(const struct recover_case *what, enum recovery *out,
                                 struct error *err)
{
    struct snapshot_list list;
    int result = 0;

    if (backend_snapshot_list(what->backend, &what->vm, &list, err))
        return -1;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        const struct vm_settings settings = { .notes = list.items[i].notes };
        if (guid_equal(&list.items[i].id, &what->snapshot))
            result = edit_compare(what, list.items[i].name, &settings, out, err);
    }
    snapshot_list_clear(&list);
    return result;
}

static int edit_recover_machine(const struct recover_case *what, enum recovery *out,
                                struct error *err)
{
    struct vm_settings settings;
    struct vm vm;
    int result;

    if (backend_vm_get(what->backend, &what->vm, &vm, err))
        return -1;
    result = backend_vm_settings(what->backend, &what->vm, &settings, err);
    if (result == 0) {
        result = edit_compare(what, vm.title, &settings, out, err);
        vm_settings_clear(&settings);
    }
    vm_clear(&vm);
    return result;
}

int edit_recover(const struct recover_case *what, enum recovery *out, struct error *err)
{
    *out = RECOVERY_NONE;
    if (!what->state || strncmp(what->state, "edit ", strlen("edit ")) != 0)
        return 0; /* it was not begun */
    if (what->kind == JOB_SNAPSHOT_EDIT)
        return edit_recover_snapshot(what, out, err);
    return edit_recover_machine(what, out, err);
}
