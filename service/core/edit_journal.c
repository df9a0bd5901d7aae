/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/edit_journal.h"

#include "base/strbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void edit_side_clear(struct edit_side *side)
{
    free(side->title);
    vm_settings_clear(&side->settings);
    *side = (struct edit_side){ 0 };
}

void edit_journal_clear(struct edit_journal *journal)
{
    edit_side_clear(&journal->before);
    edit_side_clear(&journal->after);
}

static const char *some(const char *text)
{
    return text ? text : "";
}

/* ---- as text: "edit WHICH", then two sides: a line of numbers, the lengths of the texts among them, and the texts ---- */

static const char head[] = "edit ";

static void side_write(struct strbuf *text, const struct edit_side *side)
{
    const char *title = some(side->title), *notes = some(side->settings.notes);

    strbuf_printf(text, "%d %d %zu %zu\n%s%s\n", (int)side->settings.policy, side->settings.autostart,
                  strlen(title), strlen(notes), title, notes);
}

char *edit_journal_write(unsigned which, const struct edit_side *before, const struct edit_side *after)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_printf(&text, "%s%u\n", head, which);
    side_write(&text, before);
    side_write(&text, after);
    return strbuf_steal(&text);
}

/* A number and the one character behind it. */
static bool number_read(const char **at, char behind, unsigned long *out)
{
    char *end;

    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *out = strtoul(*at, &end, 10);
    if (errno || *end != behind)
        return false;
    *at = end + 1;
    return true;
}

static int side_read(const char **at, struct edit_side *out)
{
    unsigned long policy, autostart, title, notes;

    if (!number_read(at, ' ', &policy) || !number_read(at, ' ', &autostart) ||
        !number_read(at, ' ', &title) || !number_read(at, '\n', &notes) || title > strlen(*at) ||
        notes > strlen(*at + title) || (*at)[title + notes] != '\n')
        return ERR_NOT_SUPPORTED;
    out->settings.policy = (enum snapshot_policy)policy;
    out->settings.autostart = autostart != 0;
    out->title = strndup(*at, title);
    out->settings.notes = strndup(*at + title, notes);
    *at += title + notes + 1;
    return out->title && out->settings.notes ? 0 : ERR_NO_MEMORY;
}

int edit_journal_read(struct edit_journal *out, const char *text, struct error *err)
{
    int code = ERR_NOT_SUPPORTED;
    unsigned long which;

    *out = (struct edit_journal){ 0 };
    if (strncmp(text, head, sizeof(head) - 1) == 0) {
        text += sizeof(head) - 1;
        if (number_read(&text, '\n', &which)) {
            out->which = (unsigned)which;
            code = side_read(&text, &out->before);
            code = code ? code : side_read(&text, &out->after);
        }
    }
    if (code == 0)
        return 0;
    edit_journal_clear(out);
    return error_set(err, (enum error_code)code, code == ERR_NO_MEMORY ? NULL : "the journal cannot be read");
}

/* ---- what is there ---- */

static bool side_same(unsigned part, const struct edit_side *a, const struct edit_side *b)
{
    switch (part) {
    case SETTING_TITLE:
        return strcmp(some(a->title), some(b->title)) == 0;
    case SETTING_NOTES:
        return strcmp(some(a->settings.notes), some(b->settings.notes)) == 0;
    case SETTING_POLICY:
        return a->settings.policy == b->settings.policy;
    default:
        return a->settings.autostart == b->settings.autostart;
    }
}

enum edit_found edit_journal_judge(const struct edit_journal *journal, const struct edit_side *now)
{
    bool some_new = false, some_old = false;

    for (unsigned part = SETTING_TITLE; part <= SETTING_AUTOSTART; part <<= 1) {
        bool old, new;
        if (!(journal->which & part))
            continue;
        old = side_same(part, now, &journal->before);
        new = side_same(part, now, &journal->after);
        if (!old && !new)
            return EDIT_OTHER;
        some_new = some_new || !old;
        some_old = some_old || !new;
    }
    return some_new || !some_old ? EDIT_AFTER : EDIT_BEFORE;
}
