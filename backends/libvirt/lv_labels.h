/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What libvirt keeps of a machine for people and for us: title, description, and an element of ours in its metadata. An
 * apply leaves them as they are: they say which machine it is, not what it was made of at some time.
 */
#ifndef CIMSNAPD_LV_LABELS_H
#define CIMSNAPD_LV_LABELS_H

#include "base/error.h"

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* The namespace of the element of ours. */
#define LV_LABEL_URI "urn:cimsnapd:machine:1"

enum lv_label { LV_LABEL_TITLE, LV_LABEL_NOTES, LV_LABEL_OURS, LV_LABELS };

struct lv_labels {
    char *text[LV_LABELS]; /* owned; NULL for none */
    bool known;
};

/* What is there, to be freed: 1, nothing: 0, or -1 with err. */
int lv_label_get(virDomainPtr dom, enum lv_label label, char **out, struct error *err);
/* Of the machine as it runs, and as it is stored; NULL or "" for none. */
int lv_label_put(virDomainPtr dom, enum lv_label label, const char *text, struct error *err);

/* All of them; what is there before is not freed. */
int lv_labels_read(virDomainPtr dom, struct lv_labels *out, struct error *err);
/* Puts those that differ; does nothing when they are not known. */
int lv_labels_restore(virDomainPtr dom, const struct lv_labels *labels, struct error *err);
void lv_labels_clear(struct lv_labels *labels);

#endif
