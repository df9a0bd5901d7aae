/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/machine.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

void machine_change(struct script_machine *machine, enum vm_change change)
{
    static const enum vm_state to[CHANGES] = {
        [CHANGE_START] = VM_RUNNING, [CHANGE_RESUME] = VM_RUNNING, [CHANGE_PAUSE] = VM_PAUSED,
        [CHANGE_SAVE] = VM_SAVED,    [CHANGE_FORGET] = VM_OFF,     [CHANGE_OFF] = VM_OFF,
        [CHANGE_SHUTDOWN] = VM_OFF,  [CHANGE_REBOOT] = VM_RUNNING, [CHANGE_RESET] = VM_RUNNING,
    };
    bool asked = change == CHANGE_SHUTDOWN || change == CHANGE_REBOOT;

    if (asked && machine->deaf)
        return;
    machine->vm.state = to[change];
    if (change == CHANGE_START || change == CHANGE_REBOOT || change == CHANGE_RESET)
        machine->vm.started_us = clock_now_us();
    else if (machine->vm.state == VM_OFF || machine->vm.state == VM_SAVED)
        machine->vm.started_us = 0;
}

/* A copy of text for *out, NULL as NULL; the old one goes. */
static int put(char **out, const char *text, struct error *err)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        return error_set(err, ERR_NO_MEMORY, NULL);
    free(*out);
    *out = copy;
    return 0;
}

static const char *some(const char *text)
{
    return text && text[0] ? text : NULL;
}

int machine_settings(const struct script_machine *machine, struct vm_settings *out,
                     struct error *err)
{
    *out = machine->settings;
    out->notes = NULL;
    return put(&out->notes, machine->settings.notes, err);
}

int machine_edit(struct script_machine *machine, const struct vm_edit *edit, struct error *err)
{
    const char *title = some(edit->title) ? edit->title : machine->vm.name;

    if (edit->which & SETTING_TITLE && put(&machine->vm.title, title, err))
        return -1;
    if (edit->which & SETTING_NOTES &&
        put(&machine->settings.notes, some(edit->settings.notes), err))
        return -1;
    if (edit->which & SETTING_POLICY)
        machine->settings.policy = edit->settings.policy;
    if (edit->which & SETTING_AUTOSTART)
        machine->settings.autostart = edit->settings.autostart;
    return 0;
}

int machine_edit_snapshot(struct script_machine *machine, const struct snapshot_edit *edit,
                          struct error *err)
{
    for (size_t i = 0; i < machine->snapshots.count; i++) {
        struct snapshot *snapshot = &machine->snapshots.items[i];
        if (!guid_equal(&snapshot->id, &edit->id))
            continue;
        if (edit->name && put(&snapshot->name, edit->name, err))
            return -1;
        return edit->notes ? put(&snapshot->notes, some(edit->notes), err) : 0;
    }
    return error_set(err, ERR_NOT_FOUND, "No such snapshot.");
}

int machine_picture(const struct script_machine *machine, struct picture *out, struct error *err)
{
    enum { WIDTH = 64, HEIGHT = 48 };
    uint8_t *at;

    if (machine->vm.state != VM_RUNNING && machine->vm.state != VM_PAUSED)
        return error_set(err, ERR_INVALID_STATE, "The machine is not running.");
    at = out->points = malloc(WIDTH * HEIGHT * 3);
    if (!at)
        return error_set(err, ERR_NO_MEMORY, NULL);
    out->width = WIDTH;
    out->height = HEIGHT;
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++) {
        *at++ = (uint8_t)(i / WIDTH * 255 / (HEIGHT - 1));
        *at++ = (uint8_t)(i % WIDTH * 255 / (WIDTH - 1));
        *at++ = (uint8_t)(i % WIDTH * 255 / (WIDTH - 1));
    }
    return 0;
}
