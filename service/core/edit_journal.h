/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The journal of an edit: what was there before it, and what is to be there after it. Threads: any.
 */
#ifndef CIMSNAPD_CORE_EDIT_JOURNAL_H
#define CIMSNAPD_CORE_EDIT_JOURNAL_H

#include "base/error.h"
#include "core/model.h"

/* What an edit can change. NULL texts are empty ones. */
struct edit_side {
    char *title; /* of a snapshot its name */
    struct vm_settings settings;
};

struct edit_journal {
    unsigned which; /* SETTING_...: the others say nothing */
    struct edit_side before, after;
};

void edit_side_clear(struct edit_side *side);
void edit_journal_clear(struct edit_journal *journal);
/* To be freed; NULL without memory. */
char *edit_journal_write(unsigned which, const struct edit_side *before, const struct edit_side *after);
/* 0, or -1 with ERR_NOT_SUPPORTED for a text that is none, or ERR_NO_MEMORY. */
int edit_journal_read(struct edit_journal *out, const char *text, struct error *err);

enum edit_found {
    EDIT_BEFORE, /* as it was */
    EDIT_AFTER,  /* as it is to be, or on the way there */
    EDIT_OTHER,  /* something is neither: somebody else was here */
};

/* What `now` is, by the parts that the journal is about. */
enum edit_found edit_journal_judge(const struct edit_journal *journal, const struct edit_side *now);

#endif
