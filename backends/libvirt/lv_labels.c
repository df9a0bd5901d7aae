/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_labels.h"

#include "base/hook.h"
#include "libvirt/lv_error.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

static const int types[LV_LABELS] = {
    [LV_LABEL_TITLE] = VIR_DOMAIN_METADATA_TITLE,
    [LV_LABEL_NOTES] = VIR_DOMAIN_METADATA_DESCRIPTION,
    [LV_LABEL_OURS] = VIR_DOMAIN_METADATA_ELEMENT,
};

int lv_label_get(virDomainPtr dom, enum lv_label label, char **out, struct error *err)
{
    *out = virDomainGetMetadata(dom, types[label], label == LV_LABEL_OURS ? LV_LABEL_URI : NULL,
                                VIR_DOMAIN_AFFECT_CURRENT);
    if (*out)
        return 1;
    if (lv_error_number() == VIR_ERR_NO_DOMAIN_METADATA || lv_error_number() == VIR_ERR_NO_SUPPORT)
        return 0;
    return lv_error_set(err, "describe the machine");
}

int lv_label_put(virDomainPtr dom, enum lv_label label, const char *text, struct error *err)
{
    const bool element = label == LV_LABEL_OURS;
    const int persistent = virDomainIsPersistent(dom), active = persistent == 1 ? virDomainIsActive(dom) : 0;
    unsigned flags = VIR_DOMAIN_AFFECT_CURRENT;

    /* taken for another machine it would keep the old text in one of the two places */
    if (persistent < 0 || active < 0)
        return lv_error_set(err, "describe the machine");
    if (persistent)
        flags = VIR_DOMAIN_AFFECT_CONFIG | (active ? (unsigned)VIR_DOMAIN_AFFECT_LIVE : 0);
    /* an empty text would still be an element */
    if (virDomainSetMetadata(dom, types[label], text && text[0] ? text : NULL,
                             element ? "cimsnapd" : NULL, element ? LV_LABEL_URI : NULL, flags))
        return lv_error_set(err, "change the machine's settings");
    HOOK("metadata changed");
    return 0;
}

int lv_labels_read(virDomainPtr dom, struct lv_labels *out, struct error *err)
{
    *out = (struct lv_labels){ .known = true };
    for (int i = 0; i < LV_LABELS; i++)
        if (lv_label_get(dom, (enum lv_label)i, &out->text[i], err) < 0) {
            lv_labels_clear(out);
            return -1;
        }
    return 0;
}

int lv_labels_restore(virDomainPtr dom, const struct lv_labels *labels, struct error *err)
{
    struct lv_labels now;
    int result = 0;

    if (!labels->known)
        return 0;
    if (lv_labels_read(dom, &now, err))
        return -1;
    for (int i = 0; i < LV_LABELS && result == 0; i++) {
        const char *had = labels->text[i] ? labels->text[i] : "", *has = now.text[i] ? now.text[i] : "";
        if (strcmp(had, has) != 0)
            result = lv_label_put(dom, (enum lv_label)i, had, err);
    }
    lv_labels_clear(&now);
    return result;
}

void lv_labels_clear(struct lv_labels *labels)
{
    for (int i = 0; i < LV_LABELS; i++)
        free(labels->text[i]);
    *labels = (struct lv_labels){ 0 };
}
