/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_journal.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNAL_FORMAT = 1 };

static const char *const steps[] = {
    [LV_STEP_CREATE] = "create", [LV_STEP_STOP] = "stop",     [LV_STEP_REVERT] = "revert",
    [LV_STEP_SAVE] = "save",     [LV_STEP_DELETE] = "delete",
};

/* Takes value. */
static int journal_put(struct json_object *object, const char *key, struct json_object *value)
{
    if (object && value && json_object_object_add(object, key, value) == 0)
        return 0;
    json_object_put(value);
    return -1;
}

static int journal_put_disks(struct json_object *list, const struct lv_disks *disks)
{
    for (size_t i = 0; list && i < disks->count; i++) {
        const struct lv_disk *disk = &disks->items[i];
        struct json_object *entry = json_object_new_object();

        if (!entry || journal_put(entry, "target", json_object_new_string(disk->target)) ||
            (disk->file && journal_put(entry, "file", json_object_new_string(disk->file))) ||
            json_object_array_add(list, entry)) {
            json_object_put(entry);
            return -1;
        }
    }
    return list ? 0 : -1;
}

static const char *const labels[LV_LABELS] = {
    [LV_LABEL_TITLE] = "title", [LV_LABEL_NOTES] = "notes", [LV_LABEL_OURS] = "ours",
};

static int journal_put_labels(struct json_object *object, const struct lv_labels *texts)
{
    struct json_object *found = texts->known ? json_object_new_object() : NULL;

    if (!texts->known)
        return 0;
    for (int i = 0; i < LV_LABELS; i++)
        if (!found ||
            (texts->text[i] && journal_put(found, labels[i], json_object_new_string(texts->text[i])))) {
            json_object_put(found);
            return -1;
        }
    return journal_put(object, "labels", found);
}

static int journal_put_kept(struct json_object *object, const struct lv_names *kept)
{
    struct json_object *list = kept->count ? json_object_new_array() : NULL;

    if (!kept->count)
        return 0;
    for (size_t i = 0; i < kept->count; i++) {
        struct json_object *text = list ? json_object_new_string(kept->items[i]) : NULL;
        if (!text || json_object_array_add(list, text)) {
            json_object_put(text);
            json_object_put(list);
            return -1;
        }
    }
    return journal_put(object, "kept", list);
}

static int journal_put_change(struct json_object *object, const struct lv_journal *journal)
{
    if (journal->current && journal_put(object, "current", json_object_new_string(journal->current)))
        return -1;
    if (!journal->name)
        return 0;
    return journal_put(object, "step", json_object_new_string(steps[journal->step])) ||
           journal_put(object, "name", json_object_new_string(journal->name)) ||
           journal_put(object, "created", json_object_new_int64(journal->created)) ||
           journal_put(object, "at", json_object_new_int64(journal->at)) ||
           journal_put_labels(object, &journal->labels) || journal_put_kept(object, &journal->kept);
}

char *lv_journal_write(const struct lv_journal *journal, const struct lv_disks *disks)
{
    struct json_object *object = json_object_new_object(), *list = json_object_new_array();
    int failed = journal_put_disks(list, disks);
    const char *text = NULL;
    char *copy;

    failed |= journal_put(object, "libvirt", json_object_new_int(JOURNAL_FORMAT)) |
              journal_put(object, "frozen", json_object_new_boolean(journal->frozen)) |
              journal_put(object, "suspended", json_object_new_boolean(journal->suspended)) |
              journal_put_change(object, journal) | journal_put(object, "disks", list);
    if (!failed)
        text = json_object_to_json_string(object);
    copy = text ? strdup(text) : NULL;
    json_object_put(object);
    return copy;
}

static bool journal_flag(struct json_object *object, const char *key)
{
    return json_object_get_boolean(json_object_object_get(object, key));
}

static const char *journal_text(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static int journal_get_disks(struct json_object *list, struct lv_disks *disks, struct error *err)
{
    if (!json_object_is_type(list, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        const char *target = journal_text(entry, "target");

        if (target && lv_disk_add(disks, target, journal_text(entry, "file"), "qcow2"))
            return error_set(err, ERR_NO_MEMORY, NULL);
    }
    return 0;
}

static int journal_get_labels(struct json_object *found, struct lv_labels *out, struct error *err)
{
    out->known = json_object_is_type(found, json_type_object);
    for (int i = 0; i < LV_LABELS && out->known; i++) {
        const char *text = journal_text(found, labels[i]);
        out->text[i] = text ? strdup(text) : NULL;
        if (text && !out->text[i])
            return error_set(err, ERR_NO_MEMORY, NULL);
    }
    return 0;
}

static int journal_get_kept(struct json_object *list, struct lv_names *out, struct error *err)
{
    for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
        const char *text = json_object_get_string(json_object_array_get_idx(list, i));
        if (text && lv_names_add(out, text))
            return error_set(err, ERR_NO_MEMORY, NULL);
    }
    return 0;
}

static int journal_get_change(struct json_object *object, struct lv_journal *journal,
                              struct error *err)
{
    const char *name = journal_text(object, "name"), *step = journal_text(object, "step");
    const char *current = journal_text(object, "current");

    for (size_t i = 0; step && i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strcmp(step, steps[i]) == 0)
            journal->step = (enum lv_step)i;
    journal->created = json_object_get_int64(json_object_object_get(object, "created"));
    journal->at = json_object_get_int64(json_object_object_get(object, "at"));
    journal->name = name ? strdup(name) : NULL;
    journal->current = current ? strdup(current) : NULL;
    if ((name && !journal->name) || (current && !journal->current))
        return error_set(err, ERR_NO_MEMORY, NULL);
    return journal_get_labels(json_object_object_get(object, "labels"), &journal->labels, err) ||
                   journal_get_kept(json_object_object_get(object, "kept"), &journal->kept, err)
               ? -1
               : 0;
}

int lv_journal_read(const char *state, struct lv_journal *journal, struct lv_disks *disks,
                    struct error *err)
{
    struct json_object *object = json_tokener_parse(state);
    int result;

    if (json_object_get_int(json_object_object_get(object, "libvirt")) != JOURNAL_FORMAT) {
        json_object_put(object);
        return error_set(err, ERR_INVALID_PARAMETER, "The journal of a snapshot cannot be read.");
    }
    memset(journal, 0, sizeof(*journal));
    journal->frozen = journal_flag(object, "frozen");
    journal->suspended = journal_flag(object, "suspended");
    result = journal_get_change(object, journal, err) ||
             journal_get_disks(json_object_object_get(object, "disks"), disks, err);
    if (result)
        lv_journal_clear(journal);
    json_object_put(object);
    return result ? -1 : 0;
}

void lv_journal_clear(struct lv_journal *journal)
{
    free(journal->current);
    free(journal->name);
    lv_labels_clear(&journal->labels);
    lv_names_clear(&journal->kept);
    memset(journal, 0, sizeof(*journal));
}
