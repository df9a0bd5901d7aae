/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changes of Msvm_VirtualSystemSettingData, whether they come by Put or by ModifySystemSettings.
 */
#include "classes/hyperv/hyperv.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "cim/reference.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what is wished ---- */

static int add_title(struct hv_wish *wish, const struct hv_settings *of, const struct cim_value *value,
                     struct cim_call *call)
{
    if (of->snapshot && !value->text)
        return error_set(call->err, ERR_INVALID_PARAMETER, "ElementName is empty.");
    wish->title = value->text ? value->text : "";
    return 0;
}

/* Lines into one text. */
static int add_notes(struct hv_wish *wish, const struct hv_settings *of, const struct cim_value *value,
                     struct cim_call *call)
{
    struct strbuf all = STRBUF_INIT;

    (void)of;
    for (size_t i = 0; i < value->count; i++) {
        strbuf_puts(&all, i ? "\n" : "");
        strbuf_puts(&all, value->items[i]);
    }
    wish->notes = arena_strndup(call->arena, strbuf_str(&all), all.len);
    strbuf_free(&all);
    return wish->notes ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int add_policy(struct hv_wish *wish, const struct hv_settings *of, const struct cim_value *value,
                      struct cim_call *call)
{
    unsigned long policy = value->text ? strtoul(value->text, NULL, 10) : 0;

    if (of->snapshot)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "UserSnapshotType of a snapshot cannot be changed.");
    if (policy < POLICY_DISABLED || policy > POLICY_STANDARD)
        return error_set(call->err, ERR_INVALID_PARAMETER, "UserSnapshotType is none of 2, 3, 4 and 5.");
    wish->settings.policy = (enum snapshot_policy)policy;
    return 0;
}

static int add_startup(struct hv_wish *wish, const struct hv_settings *of, const struct cim_value *value,
                       struct cim_call *call)
{
    unsigned long action = value->text ? strtoul(value->text, NULL, 10) : 0;

    if (of->snapshot)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "AutomaticStartupAction of a snapshot cannot be changed.");
    if (action != 2 && action != 4)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "AutomaticStartupAction is neither 2 (none) nor 4 (always start).");
    wish->settings.autostart = action == 4;
    return 0;
}

static const struct {
    const char *name;
    unsigned which;
    int (*add)(struct hv_wish *wish, const struct hv_settings *of, const struct cim_value *value,
               struct cim_call *call);
} rows[] = {
    { "AutomaticStartupAction", SETTING_AUTOSTART, add_startup },
    { "ElementName", SETTING_TITLE, add_title },
    { "Notes", SETTING_NOTES, add_notes },
    { "UserSnapshotType", SETTING_POLICY, add_policy },
};

int hv_wish_add(struct hv_wish *wish, const struct hv_settings *of, const struct cim_property *property,
                const struct cim_value *value, struct cim_call *call)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcasecmp(rows[i].name, property->name) != 0)
            continue;
        wish->which |= rows[i].which;
        return rows[i].add(wish, of, value, call);
    }
    return error_set(call->err, ERR_INVALID_PARAMETER, "%s cannot be changed.", property->name);
}

/* ---- making it true ---- */

int hv_wish_make(struct cim_call *call, const struct hv_settings *of, const struct hv_wish *wish,
                 struct snapshot_ticket *ticket)
{
    struct vm_edit machine = { .which = wish->which, .title = wish->title, .settings = wish->settings };
    struct snapshot_edit snapshot = { .name = wish->title, .notes = wish->notes };

    if (!wish->which) {
        *ticket = (struct snapshot_ticket){ .state = JOB_COMPLETED };
        return 0;
    }
    if (of->snapshot) {
        snapshot.id = of->snapshot->id;
        return core_snapshot_edit(call->core, call->who, &snapshot, ticket, call->err);
    }
    machine.settings.notes = (char *)(uintptr_t)wish->notes; /* only read */
    return core_vm_edit(call->core, call->who, &of->vm->id, &machine, ticket, call->err);
}

int hv_settings_put(struct cim_call *call, const struct cim_instance *self,
                    const struct cim_change *changes, size_t count)
{
    const struct hv_settings *of = self->object;
    struct hv_wish wish = { 0 };
    struct snapshot_ticket ticket;

    for (size_t i = 0; i < count; i++)
        if (hv_wish_add(&wish, of, changes[i].property, &changes[i].value, call) != 0)
            return -1;
    return hv_wish_make(call, of, &wish, &ticket) != 0 ? -1 : hv_wait(call, &ticket);
}

const struct hv_settings *hv_settings_of(struct cim_call *call, const char *ns, const struct cim_ref *ref)
{
    struct cim_instance instance;

    if (cim_resolve(call, ns, ref, &instance) != 0)
        return NULL;
    if (cim_class_plain(instance.class) == &msvm_virtual_system_setting_data)
        return instance.object;
    error_set(call->err, ERR_INVALID_PARAMETER, "The reference names no settings of a virtual system.");
    return NULL;
}
