/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_hold.h"

void lv_hold_init(struct lv_holds *holds)
{
    pthread_mutex_init(&holds->lock, NULL);
    LIST_INIT(&holds->list);
}

void lv_hold_destroy(struct lv_holds *holds)
{
    pthread_mutex_destroy(&holds->lock);
}

void lv_hold_begin(struct lv_holds *holds, struct lv_hold *hold, const struct guid *vm, int shown)
{
    hold->vm = *vm;
    hold->shown = shown;
    pthread_mutex_lock(&holds->lock);
    LIST_INSERT_HEAD(&holds->list, hold, link);
    pthread_mutex_unlock(&holds->lock);
}

void lv_hold_end(struct lv_holds *holds, struct lv_hold *hold)
{
    pthread_mutex_lock(&holds->lock);
    LIST_REMOVE(hold, link);
    pthread_mutex_unlock(&holds->lock);
}

int lv_hold_shown(struct lv_holds *holds, const struct guid *vm)
{
    const struct lv_hold *hold;
    int shown = -1;

    pthread_mutex_lock(&holds->lock);
    LIST_FOREACH(hold, &holds->list, link)
    if (guid_equal(&hold->vm, vm))
        shown = hold->shown;
    pthread_mutex_unlock(&holds->lock);
    return shown;
}
