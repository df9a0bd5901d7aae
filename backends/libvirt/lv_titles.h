/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The titles of machines, which libvirt tells of one machine at a time: kept, so that a list of a thousand machines is
 * not a thousand calls. libvirt's events say which to ask for anew; a list waits for those that were sent before it.
 * Reverting to a snapshot while a machine is off changes its title without an event, when others than we do it: a
 * list may tell the old one for a minute. Threads: any.
 */
#ifndef CIMSNAPD_LV_TITLES_H
#define CIMSNAPD_LV_TITLES_H

#include "core/model.h"
#include "libvirt/lv_conn.h"

struct lv_titles;

/* NULL without memory. conn is used as long as these are. */
struct lv_titles *lv_titles_new(struct lv_conn *conn);
void lv_titles_free(struct lv_titles *titles); /* NULL is legal; before conn is closed */
/* Before a list: what was changed before now is forgotten. Where nothing can be kept, nothing is. */
void lv_titles_settle(struct lv_titles *titles);
/* What is to be freed: the title, or without one the machine's name. NULL without memory. titles NULL: libvirt is
 * asked. */
char *lv_titles_get(struct lv_titles *titles, virDomainPtr dom);
void lv_titles_forget(struct lv_titles *titles, const struct guid *vm);
/* A machine was asked for by itself: what it says now stands. */
void lv_titles_saw(struct lv_titles *titles, const struct vm *vm);

#endif
