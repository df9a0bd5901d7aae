/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_titles.h"

#include "base/clock.h"
#include "libvirt/lv_event.h"
#include "libvirt/lv_labels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_MS = 60000 };

struct title {
    struct guid vm;
    char *text; /* "": it has none */
    int64_t until_ms;
};

enum { CHANGED, CYCLE, WATCHES };

struct lv_titles {
    struct lv_conn *conn;
    pthread_mutex_t watch_lock; /* guards the watch; never held where events are handled */
    struct lv_link watch;       /* a connection of its own, whose events these are */
    int watches[WATCHES];       /* what was registered on it; -1: nothing */
    pthread_mutex_t lock;       /* guards the rest; taken after watch_lock */
    bool kept;                  /* the watch stands */
    unsigned long changes;      /* so many were forgotten, so that none is kept that was asked for before a change */
    struct title *items;        /* by vm */
    size_t count, room;
};

/* ---- what is kept ---- */

static size_t title_place(const struct lv_titles *titles, const struct guid *vm)
{
    size_t low = 0, high = titles->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (guid_order(&titles->items[middle].vm, vm) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The lock is held. */
static struct title *title_find(struct lv_titles *titles, const struct guid *vm)
{
    size_t place = title_place(titles, vm);

    return place < titles->count && guid_equal(&titles->items[place].vm, vm) ? &titles->items[place] : NULL;
}

/* The lock is held. */
static void title_drop(struct lv_titles *titles, const struct guid *vm)
{
    struct title *title = title_find(titles, vm);

    if (!title)
        return;
    free(title->text);
    titles->count--;
    memmove(title, title + 1, (size_t)(&titles->items[titles->count] - title) * sizeof(*title));
}

/* The lock is held. */
static void titles_clear(struct lv_titles *titles)
{
    for (size_t i = 0; i < titles->count; i++)
        free(titles->items[i].text);
    titles->count = 0;
    titles->changes++;
}

static int title_reserve(struct lv_titles *titles)
{
    size_t room = titles->room ? titles->room * 2 : 64;
    struct title *items = NULL;

    if (titles->count < titles->room)
        return 0;
    items = reallocarray(titles->items, room, sizeof(*items));
    if (!items)
        return -1;
    titles->items = items;
    titles->room = room;
    return 0;
}

/* The lock is held. Without memory it is asked for again next time. */
static void title_put(struct lv_titles *titles, const struct guid *vm, const char *text)
{
    char *copy = strdup(text);
    size_t place;

    title_drop(titles, vm);
    if (!copy || title_reserve(titles)) {
        free(copy);
        return;
    }
    place = title_place(titles, vm);
    memmove(&titles->items[place + 1], &titles->items[place],
            (titles->count - place) * sizeof(*titles->items));
    titles->items[place] = (struct title){ *vm, copy, clock_mono_ms() + KEEP_MS };
    titles->count++;
}

void lv_titles_forget(struct lv_titles *titles, const struct guid *vm)
{
    pthread_mutex_lock(&titles->lock);
    title_drop(titles, vm);
    titles->changes++;
    pthread_mutex_unlock(&titles->lock);
}

void lv_titles_saw(struct lv_titles *titles, const struct vm *vm)
{
    const struct title *title;

    pthread_mutex_lock(&titles->lock);
    title = title_find(titles, &vm->id);
    if (title && strcmp(title->text[0] ? title->text : vm->name, vm->title) != 0) {
        title_drop(titles, &vm->id);
        titles->changes++;
    }
    pthread_mutex_unlock(&titles->lock);
}

/* ---- the watch ---- */

static void forget_machine(virDomainPtr dom, void *opaque)
{
    struct guid vm;

    if (virDomainGetUUID(dom, vm.bytes) == 0)
        lv_titles_forget(opaque, &vm);
}

static void on_changed(virConnectPtr conn, virDomainPtr dom, int type, const char *uri, void *opaque)
{
    (void)conn;
    (void)type;
    (void)uri;
    forget_machine(dom, opaque);
}

static int on_cycle(virConnectPtr conn, virDomainPtr dom, int event, int detail, void *opaque)
{
    (void)conn;
    (void)event;
    (void)detail;
    forget_machine(dom, opaque);
    return 0;
}

static void watch_keep(struct lv_titles *titles, bool kept)
{
    pthread_mutex_lock(&titles->lock);
    titles_clear(titles);
    titles->kept = kept;
    pthread_mutex_unlock(&titles->lock);
}

/* watch_lock is held. */
static void watch_end(struct lv_titles *titles)
{
    for (size_t i = 0; i < WATCHES; i++) {
        if (titles->watches[i] >= 0)
            virConnectDomainEventDeregisterAny(titles->watch.conn, titles->watches[i]);
        titles->watches[i] = -1;
    }
    lv_conn_put(&titles->watch);
    watch_keep(titles, false);
}

/* watch_lock is held. */
static void watch_begin(struct lv_titles *titles)
{
    if (lv_conn_get(titles->conn, &titles->watch, NULL))
        return;
    if (titles->watch.driver == LV_QEMU) {
        titles->watches[CHANGED] =
            virConnectDomainEventRegisterAny(titles->watch.conn, NULL, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                                             VIR_DOMAIN_EVENT_CALLBACK(on_changed), titles, NULL);
        titles->watches[CYCLE] =
            virConnectDomainEventRegisterAny(titles->watch.conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                             VIR_DOMAIN_EVENT_CALLBACK(on_cycle), titles, NULL);
    }
    if (titles->watches[CHANGED] >= 0 && titles->watches[CYCLE] >= 0)
        watch_keep(titles, true);
    else
        watch_end(titles);
}

/* libvirt sends events and answers on one way, in their order: with the answer to a call every event is here that
 * was sent before, and with the turn of the loop it is handled. */
void lv_titles_settle(struct lv_titles *titles)
{
    unsigned long version;

    pthread_mutex_lock(&titles->watch_lock);
    if (titles->watch.conn &&
        (virConnectIsAlive(titles->watch.conn) != 1 ||
         virConnectGetLibVersion(titles->watch.conn, &version) || lv_event_turn()))
        watch_end(titles);
    if (!titles->watch.conn)
        watch_begin(titles);
    pthread_mutex_unlock(&titles->watch_lock);
}

/* ---- for others ---- */

struct lv_titles *lv_titles_new(struct lv_conn *conn)
{
    struct lv_titles *titles = calloc(1, sizeof(*titles));

    if (!titles)
        return NULL;
    titles->conn = conn;
    titles->watches[CHANGED] = titles->watches[CYCLE] = -1;
    pthread_mutex_init(&titles->watch_lock, NULL);
    pthread_mutex_init(&titles->lock, NULL);
    lv_event_turn(); /* so that the thread of the events sees all this, whatever libvirt does to pass it on */
    return titles;
}

void lv_titles_free(struct lv_titles *titles)
{
    if (!titles)
        return;
    if (titles->watch.conn)
        watch_end(titles);
    lv_event_turn(); /* one that is being handled */
    titles_clear(titles);
    free(titles->items);
    pthread_mutex_destroy(&titles->watch_lock);
    pthread_mutex_destroy(&titles->lock);
    free(titles);
}

/* A copy of what is kept, or NULL; *changes is as of then. */
static char *title_copy(struct lv_titles *titles, const struct guid *vm, unsigned long *changes)
{
    const struct title *title;
    char *copy = NULL;

    pthread_mutex_lock(&titles->lock);
    *changes = titles->changes;
    title = titles->kept ? title_find(titles, vm) : NULL;
    if (title && title->until_ms > clock_mono_ms())
        copy = strdup(title->text);
    pthread_mutex_unlock(&titles->lock);
    return copy;
}

/* "" without a title; NULL when libvirt did not say. */
static char *title_ask(virDomainPtr dom)
{
    char *title;
    int got = lv_label_get(dom, LV_LABEL_TITLE, &title, NULL);

    return got == 0 ? strdup("") : title;
}

static void title_keep(struct lv_titles *titles, const struct guid *vm, const char *text,
                       unsigned long changes)
{
    pthread_mutex_lock(&titles->lock);
    if (titles->kept && titles->changes == changes)
        title_put(titles, vm, text);
    pthread_mutex_unlock(&titles->lock);
}

char *lv_titles_get(struct lv_titles *titles, virDomainPtr dom)
{
    unsigned long changes = 0;
    const char *name;
    char *title = NULL;
    struct guid vm;
    bool known = titles && virDomainGetUUID(dom, vm.bytes) == 0;

    if (known)
        title = title_copy(titles, &vm, &changes);
    if (!title) {
        title = title_ask(dom);
        if (title && known)
            title_keep(titles, &vm, title, changes);
    }
    if (title && title[0])
        return title;
    free(title);
    name = virDomainGetName(dom);
    return name ? strdup(name) : NULL;
}
