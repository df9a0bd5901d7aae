/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What libvirt's snapshots do not know of ours, kept in their <description>:
 *
 *   cimsnapd 1 kind=full|disk|recovery
 *   name=TEXT
 *   notes=TEXT          (only when there are notes)
 *   left=TEXT           (only when disks of the machine were left out: their targets, as "vdb vdc")
 *
 * Lines end with a newline. In TEXT an octet that is a control character, '%' or no part of a
 * character fit for XML is %XX, so that any text survives. A description that does not follow this
 * to the letter is not ours.
 */
#ifndef CIMSNAPD_LV_META_H
#define CIMSNAPD_LV_META_H

#include "base/strbuf.h"
#include "core/model.h"

struct lv_meta {
    enum snapshot_kind kind;
    char *name;
    char *notes; /* NULL for none */
    char *left;  /* the same */
};

void lv_meta_write(struct strbuf *out, const struct lv_meta *meta);
/* 1: read; 0: not ours; -1: without memory. */
int lv_meta_read(struct lv_meta *out, const char *description);
void lv_meta_clear(struct lv_meta *meta);

#endif
