/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/config.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One row of config.def. `text` is the default of a TEXT row, `words` those of a CHOICE; else NULL. */
struct key {
    const char *section, *name;
    size_t offset;
    const char *text;
    long number, min, max;
    const char *words;
    const char *help;
};

static const struct key keys[] = {
#define TEXT(section, key, value, help)                                                            \
    { #section, #key, offsetof(struct config, section##_##key), value, 0, 0, 0, NULL, help },
#define NUMBER(section, key, value, min, max, help)                                                \
    { #section, #key, offsetof(struct config, section##_##key), NULL, value, min, max, NULL, help },
#define CHOICE(section, key, words, help)                                                          \
    { #section, #key, offsetof(struct config, section##_##key), NULL, 0, 0, 0, words, help },
#include "base/config.def"
#undef TEXT
#undef NUMBER
#undef CHOICE
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* One reading of one file. */
struct reading {
    struct config *config;
    struct error *err;
    const char *path;
    FILE *file;
    int line;
    bool too_long, failed;
    bool seen[KEYS];
};

static char **text_of(struct config *config, const struct key *key)
{
    return (char **)(void *)((char *)config + key->offset);
}

static long *number_of(struct config *config, const struct key *key)
{
    return (long *)(void *)((char *)config + key->offset);
}

int config_init(struct config *config, struct error *err)
{
    memset(config, 0, sizeof(*config));
    for (const struct key *key = keys; key < keys + KEYS; key++) {
        if (!key->text) {
            *number_of(config, key) = key->number;
            continue;
        }
        *text_of(config, key) = strdup(key->text);
        if (!*text_of(config, key)) {
            config_free(config);
            return error_set(err, ERR_NO_MEMORY, NULL);
        }
    }
    return 0;
}

void config_free(struct config *config)
{
    for (const struct key *key = keys; key < keys + KEYS; key++)
        if (key->text)
            free(*text_of(config, key));
    memset(config, 0, sizeof(*config));
}

static const struct key *key_find(const char *section, const char *name)
{
    for (const struct key *key = keys; key < keys + KEYS; key++)
        if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

static int set_text(struct reading *r, const struct key *key, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return error_set(r->err, ERR_NO_MEMORY, NULL);
    free(*text_of(r->config, key));
    *text_of(r->config, key) = copy;
    return 0;
}

static int set_number(struct reading *r, const struct key *key, const char *value)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno)
        return error_set(r->err, ERR_INVALID_PARAMETER, "%s:%d: '%s' is not a number: '%s'",
                         r->path, r->line, key->name, value);
    if (number < key->min || number > key->max)
        return error_set(r->err, ERR_INVALID_PARAMETER,
                         "%s:%d: '%s' must be between %ld and %ld, not %ld", r->path, r->line,
                         key->name, key->min, key->max, number);
    *number_of(r->config, key) = number;
    return 0;
}

/* The word at *at and its length; steps over it and its bar. NULL at the end. */
static const char *next_word(const char **at, size_t *len)
{
    const char *word = *at;

    *len = strcspn(word, "|");
    *at = word + *len + (word[*len] == '|');
    return *word ? word : NULL;
}

static int set_choice(struct reading *r, const struct key *key, const char *value)
{
    const char *at = key->words, *word;
    size_t len;

    for (long i = 0; (word = next_word(&at, &len)); i++) {
        if (strlen(value) == len && memcmp(value, word, len) == 0) {
            *number_of(r->config, key) = i;
            return 0;
        }
    }
    return error_set(r->err, ERR_INVALID_PARAMETER, "%s:%d: '%s' is none of %s: '%s'", r->path, r->line,
                     key->name, key->words, value);
}

static int set_value(struct reading *r, const char *section, const char *name, const char *value)
{
    const struct key *key = key_find(section, name);

    if (!key)
        return error_set(r->err, ERR_INVALID_PARAMETER, "%s:%d: there is no key '%s' in [%s]",
                         r->path, r->line, name, section);
    if (r->seen[key - keys])
        return error_set(r->err, ERR_INVALID_PARAMETER, "%s:%d: '%s' is set twice", r->path,
                         r->line, name);
    r->seen[key - keys] = true;
    if (key->words)
        return set_choice(r, key, value);
    return key->text ? set_text(r, key, value) : set_number(r, key, value);
}

/* inih's handler: 1 to go on, 0 for an error. */
static int on_value(void *opaque, const char *section, const char *name, const char *value)
{
    struct reading *r = opaque;

    if (!r->failed)
        r->failed = set_value(r, section, name, value) < 0;
    return !r->failed;
}

/* inih's reader, which counts the lines and stops at the first error. inih itself would silently
 * take the rest of an over-long line for a line of its own, and an indented line for more of the
 * value before it. */
static char *on_line(char *text, int size, void *opaque)
{
    struct reading *r = opaque;
    size_t blanks;

    if (r->failed || r->too_long || !fgets(text, size, r->file))
        return NULL;
    r->line++;
    if (!strchr(text, '\n') && !feof(r->file)) {
        r->too_long = true;
        return NULL;
    }
    blanks = strspn(text, " \t");
    memmove(text, text + blanks, strlen(text + blanks) + 1);
    return text;
}

static int reading_result(struct reading *r, int bad_line)
{
    if (r->failed)
        return -1;
    if (r->too_long)
        return error_set(r->err, ERR_INVALID_PARAMETER, "%s:%d: the line is too long", r->path,
                         r->line);
    if (ferror(r->file))
        return error_set(r->err, ERR_FAILED, "%s: cannot be read", r->path);
    if (bad_line < 0)
        return error_set(r->err, ERR_NO_MEMORY, NULL);
    if (bad_line > 0)
        return error_set(r->err, ERR_INVALID_PARAMETER,
                         "%s:%d: neither '[section]' nor 'key = value'", r->path, bad_line);
    return 0;
}

int config_read(struct config *config, const char *path, struct error *err)
{
    struct reading r = { .config = config, .err = err, .path = path };
    int result;

    r.file = fopen(path, "re");
    if (!r.file)
        return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    result = reading_result(&r, ini_parse_stream(on_line, &r, on_value, &r));
    fclose(r.file);
    return result;
}

static bool section_begins(const struct key *key)
{
    return key == keys || strcmp(key->section, key[-1].section) != 0;
}

void config_print_sample(FILE *out)
{
    fputs("# Configuration of cimsnapd. Every key is shown with its default.\n", out);
    for (const struct key *key = keys; key < keys + KEYS; key++) {
        if (section_begins(key))
            fprintf(out, "\n[%s]\n", key->section);
        fprintf(out, "# %s\n", key->help);
        if (key->text)
            fprintf(out, "#%s = %s\n", key->name, key->text);
        else if (key->words)
            fprintf(out, "#%s = %.*s\n", key->name, (int)strcspn(key->words, "|"), key->words);
        else
            fprintf(out, "#%s = %ld\n", key->name, key->number);
    }
}

/* Text for roff: a hyphen is a minus sign there, and a backslash begins an escape. */
static void print_roff(FILE *out, const char *text, size_t len)
{
    for (const char *end = text + len; text < end; text++) {
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

void config_print_man(FILE *out)
{
    fputs(".SH CONFIGURATION\n", out);
    for (const struct key *key = keys; key < keys + KEYS; key++) {
        if (section_begins(key))
            fprintf(out, ".SS [%s]\n", key->section);
        fprintf(out, ".TP\n.BR %s \" = \\fI", key->name);
        if (key->text)
            print_roff(out, key->text, strlen(key->text));
        else if (key->words)
            print_roff(out, key->words, strcspn(key->words, "|"));
        else
            fprintf(out, "%ld", key->number);
        fputs("\\fR\"\n", out);
        /* A zero-width \& keeps a first dot or quote from being a request. */
        fputs("\\&", out);
        print_roff(out, key->help, strlen(key->help));
        if (!key->text && !key->words)
            fprintf(out, " From %ld to %ld.", key->min, key->max);
        fputc('\n', out);
    }
}
