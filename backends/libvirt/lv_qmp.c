/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_qmp.h"

#include "base/put.h"
#include "libvirt/lv_error.h"

#include <json-c/json.h>
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

/* The text at a member; NULL for none. Borrowed. */
static const char *qmp_text(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* {key: value}; NULL without memory. Takes value. */
static struct json_object *qmp_pair(const char *key, struct json_object *value)
{
    struct json_object *object = json_object_new_object();

    if (object && value && json_object_object_add(object, key, value) == 0)
        return object;
    json_object_put(value);
    json_object_put(object);
    return NULL;
}

/* Adds one more member. On error frees object and says NULL. Takes value. */
static struct json_object *qmp_and(struct json_object *object, const char *key,
                                   struct json_object *value)
{
    if (object && value && json_object_object_add(object, key, value) == 0)
        return object;
    json_object_put(value);
    json_object_put(object);
    return NULL;
}

static struct json_object *qmp_string(const char *text)
{
    return json_object_new_string(text);
}

/* QEMU's refusals that mean more than a plain failure. */
static enum error_code qmp_code(const char *text)
{
    static const struct {
        const char *part;
        enum error_code code;
    } known[] = {
        { "No space left on device", ERR_NO_SPACE },
        { "already exists", ERR_EXISTS },
        { "Node is busy", ERR_IN_USE },
        { "is in use", ERR_IN_USE },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strstr(text, known[i].part))
            return known[i].code;
    return ERR_FAILED;
}

/* The reply, if it is no refusal: that comes as an object "error", with success in libvirt's eyes.
 * Takes reply. */
static struct json_object *qmp_accept(struct json_object *reply, struct error *err)
{
    struct json_object *error = json_object_object_get(reply, "error");
    const char *text = qmp_text(error, "desc");

    if (!error && json_object_object_get_ex(reply, "return", NULL))
        return reply;
    error_cause(err, "QEMU: %s", text ? text : "a reply that is none");
    error_set(err, qmp_code(text ? text : ""), NULL);
    json_object_put(reply);
    return NULL;
}

/* Runs a command (taken; NULL means that memory ran out). The reply is to be put; NULL with err. */
static struct json_object *qmp_run(virDomainPtr dom, struct json_object *command, struct error *err)
{
    const char *text = json_object_to_json_string(command);
    struct json_object *reply = NULL;
    char *answer = NULL;

    if (!command || !text)
        error_set(err, ERR_NO_MEMORY, NULL);
    else if (virDomainQemuMonitorCommand(dom, text, &answer, 0))
        lv_error_set(err, "reach the running machine");
    else
        reply = qmp_accept(json_tokener_parse(answer), err);
    json_object_put(command);
    free(answer);
    return reply;
}

static struct json_object *qmp_query(virDomainPtr dom, const char *name, struct error *err)
{
    return qmp_run(dom, qmp_pair("execute", qmp_string(name)), err);
}

int lv_qmp_fresh(virDomainPtr dom)
{
    struct json_object *reply = qmp_query(dom, "query-status", NULL);
    const char *status = qmp_text(json_object_object_get(reply, "return"), "status");
    int result = status ? strcmp(status, "prelaunch") == 0 : -1;

    json_object_put(reply);
    return result;
}

size_t lv_qmp_length(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

int lv_qmp_count(struct json_object *snapshots, const char *tag)
{
    int count = 0;

    for (size_t i = 0; i < lv_qmp_length(snapshots); i++) {
        const char *name = qmp_text(json_object_array_get_idx(snapshots, i), "name");
        count += name && strcmp(name, tag) == 0;
    }
    return count;
}

void lv_qmp_names(struct json_object *snapshots, struct lv_names *names)
{
    for (size_t i = 0; names && i < lv_qmp_length(snapshots); i++) {
        const char *name = qmp_text(json_object_array_get_idx(snapshots, i), "name");
        if (name)
            lv_names_add(names, name); /* one that is not there for want of memory is not told of */
    }
}

/* True when a step of the path is the device's alias: "/machine/peripheral/ALIAS/virtio-backend".
 */
static bool qmp_is_device(const char *qdev, const char *alias)
{
    size_t len = strlen(alias);

    for (const char *at = qdev; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, alias, len) == 0 && (at[len] == '/' || at[len] == '\0'))
            return true;
    }
    return false;
}

/* Both device and file must agree: after a foreign block job they need not. */
static void qmp_match(struct lv_disk *disk, struct json_object *block, const char *tag)
{
    struct json_object *inserted = json_object_object_get(block, "inserted");
    struct json_object *image = json_object_object_get(inserted, "image");
    const char *qdev = qmp_text(block, "qdev"), *node = qmp_text(inserted, "node-name");
    const char *file = qmp_text(image, "filename");

    if (!qdev || !node || !file || !disk->alias || !disk->file ||
        !qmp_is_device(qdev, disk->alias) || strcmp(file, disk->file) != 0)
        return;
    put_text(disk->node, sizeof(disk->node), node);
    disk->tags = lv_qmp_count(json_object_object_get(image, "snapshots"), tag);
    lv_qmp_names(json_object_object_get(image, "snapshots"), disk->names);
    disk->bitmaps = lv_qmp_length(json_object_object_get(inserted, "dirty-bitmaps")) > 0;
}

int lv_qmp_survey(virDomainPtr dom, struct lv_disks *disks, const char *tag, struct error *err)
{
    struct json_object *reply = qmp_query(dom, "query-block", err), *blocks;

    if (!reply)
        return -1;
    blocks = json_object_object_get(reply, "return");
    for (size_t i = 0; i < disks->count; i++) {
        disks->items[i].node[0] = '\0';
        for (size_t k = 0; k < lv_qmp_length(blocks); k++)
            qmp_match(&disks->items[i], json_object_array_get_idx(blocks, k), tag);
    }
    json_object_put(reply);
    return 0;
}

int lv_qmp_busy(virDomainPtr dom, struct error *err)
{
    struct json_object *reply = qmp_query(dom, "query-block-jobs", err);
    int busy;

    if (!reply)
        return -1;
    busy = lv_qmp_length(json_object_object_get(reply, "return")) > 0;
    json_object_put(reply);
    return busy;
}

static struct json_object *qmp_target(const struct lv_disk *disk, const char *tag)
{
    return qmp_and(qmp_pair("device", qmp_string(disk->node)), "name", qmp_string(tag));
}

/* {"type": ..., "data": {"device": node, "name": tag}} for each disk. */
static struct json_object *qmp_actions(const struct lv_disks *disks, const char *tag)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; list && i < disks->count; i++) {
        struct json_object *action =
            qmp_and(qmp_pair("type", qmp_string("blockdev-snapshot-internal-sync")), "data",
                    qmp_target(&disks->items[i], tag));
        if (!action || json_object_array_add(list, action)) {
            json_object_put(action);
            json_object_put(list);
            list = NULL;
        }
    }
    return list;
}

/* Runs a command whose answer says nothing but that it worked. */
static int qmp_do(virDomainPtr dom, const char *name, struct json_object *arguments,
                  struct error *err)
{
    struct json_object *reply;

    reply =
        qmp_run(dom, qmp_and(qmp_pair("execute", qmp_string(name)), "arguments", arguments), err);
    json_object_put(reply);
    return reply ? 0 : -1;
}

int lv_qmp_take(virDomainPtr dom, const struct lv_disks *disks, const char *tag, struct error *err)
{
    return qmp_do(dom, "transaction", qmp_pair("actions", qmp_actions(disks, tag)), err);
}

int lv_qmp_drop(virDomainPtr dom, const struct lv_disk *disk, const char *tag, struct error *err)
{
    return qmp_do(dom, "blockdev-snapshot-delete-internal-sync", qmp_target(disk, tag), err);
}

/* {"type": "key", "data": {"down": ..., "key": {"type": "number", "data": ...}}} */
static struct json_object *qmp_key(const struct key_event *event)
{
    struct json_object *key = qmp_and(qmp_pair("type", qmp_string("number")), "data",
                                      json_object_new_int(event->code));

    return qmp_and(qmp_pair("type", qmp_string("key")), "data",
                   qmp_and(qmp_pair("down", json_object_new_boolean(event->down)), "key", key));
}

int lv_qmp_keys(virDomainPtr dom, const struct key_event *events, size_t count, struct error *err)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; list && i < count; i++) {
        struct json_object *key = qmp_key(&events[i]);
        if (!key || json_object_array_add(list, key)) {
            json_object_put(key);
            json_object_put(list);
            list = NULL;
        }
    }
    return qmp_do(dom, "input-send-event", qmp_pair("events", list), err);
}
