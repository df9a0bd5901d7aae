/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_node.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_meta.h"
#include "libvirt/lv_xml.h"

#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ALIKE_MOST = 1024 /* more are not looked for: they are found when they are read */ };

void lv_node_clear(struct lv_node *node)
{
    free(node->name);
    free(node->parent);
    snapshot_clear(&node->snapshot);
}

/* The derived ids of those that are named like ours. */
static struct {
    pthread_mutex_t lock;
    struct guid *items;
    size_t count;
} alike = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Where it is, or alike.count. The lock is held. */
static size_t alike_find(const struct guid *derived)
{
    size_t i = 0;

    while (i < alike.count && !guid_equal(&alike.items[i], derived))
        i++;
    return i;
}

static void alike_note(const struct guid *derived, bool is)
{
    struct guid *items;
    size_t at;

    pthread_mutex_lock(&alike.lock);
    at = alike_find(derived);
    if (!is && at < alike.count) {
        alike.items[at] = alike.items[--alike.count];
    } else if (is && at == alike.count && at < ALIKE_MOST) {
        items = reallocarray(alike.items, at + 1, sizeof(*items));
        if (items) {
            items[at] = *derived;
            alike.items = items;
            alike.count++;
        }
    }
    pthread_mutex_unlock(&alike.lock);
}

struct guid lv_node_id(const struct guid *vm, const char *name)
{
    struct guid id, derived;
    bool is;

    if (guid_parse(&id, name))
        return guid_derive(vm, name);
    pthread_mutex_lock(&alike.lock);
    is = alike.count > 0;
    if (is) {
        derived = guid_derive(vm, name);
        is = alike_find(&derived) < alike.count;
    }
    pthread_mutex_unlock(&alike.lock);
    return is ? derived : id;
}

/* Ours or not, and what follows from that. Takes description. */
static int node_identify(struct lv_node *node, char *description, struct error *err)
{
    struct snapshot *s = &node->snapshot;
    struct lv_meta meta = { 0 };
    struct guid id, derived = guid_derive(&s->vm, node->name);
    bool named = guid_parse(&id, node->name) == 0;
    int ours = description ? lv_meta_read(&meta, description) : 0;

    if (named && ours >= 0)
        alike_note(&derived, ours == 0);
    node->ours = ours == 1;
    if (node->ours) {
        s->id = named ? id : derived; /* one of others that was renamed here keeps the name that libvirt has for it */
        s->kind = meta.kind;
        s->name = meta.name;
        s->notes = meta.notes;
        s->left_out = meta.left;
        free(description);
        return 0;
    }
    s->id = derived;
    s->kind = s->has_memory ? SNAPSHOT_FULL : SNAPSHOT_DISK;
    s->name = strdup(node->name);
    s->notes = description;
    return ours == 0 && s->name ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

static int64_t node_time(const struct lv_xml *xml)
{
    char *text = lv_xml_text(xml, NULL, "/domainsnapshot/creationTime");
    long long seconds = text ? strtoll(text, NULL, 10) : 0;

    free(text);
    /* Past this, microseconds overflow; libvirt takes any number. */
    return seconds > 0 && seconds < INT64_MAX / 1000000 ? seconds * 1000000 : 0;
}

static int node_read(struct lv_node *node, const char *text, const struct guid *vm, struct error *err)
{
    struct lv_xml xml;
    int result;

    if (lv_xml_open(&xml, text, err))
        return -1;
    node->name = lv_xml_text(&xml, NULL, "/domainsnapshot/name");
    node->parent = lv_xml_text(&xml, NULL, "/domainsnapshot/parent/name");
    node->snapshot.vm = *vm;
    node->snapshot.created_us = node_time(&xml);
    /* Old libvirt wrote no <memory>; then the state at that time tells. */
    node->snapshot.has_memory =
        lv_xml_has(&xml, NULL,
                   "/domainsnapshot[memory/@snapshot != 'no' or "
                   "(not(memory) and (state = 'running' or state = 'paused'))]");
    if (node->name)
        result = node_identify(node, lv_xml_text(&xml, NULL, "/domainsnapshot/description"), err);
    else
        result = error_set(err, ERR_FAILED, NULL);
    lv_xml_close(&xml);
    return result;
}

int lv_node_fetch(struct lv_node *node, virDomainSnapshotPtr from, const struct guid *vm,
                  struct error *err)
{
    char *text = virDomainSnapshotGetXMLDesc(from, 0);
    int result;

    memset(node, 0, sizeof(*node));
    if (!text && lv_error_number() == VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return 0;
    if (!text)
        return lv_error_set(err, "describe a snapshot");
    result = node_read(node, text, vm, err);
    free(text);
    if (result)
        lv_node_clear(node);
    return result ? -1 : 1;
}
