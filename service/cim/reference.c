/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/reference.h"

#include "cim/quote.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum {
    PATH_MAX_LENGTH = 32 * 1024,
    PATH_MAX_KEYS = 32,
    /* Each level of nesting doubles the backslashes. */
    PATH_MAX_NESTING = 4,
};

const struct cim_ref *cim_ref_of(const struct cim_instance *instance, struct arena *arena)
{
    const struct cim_class *class = instance->class;
    const struct cim_property *property;
    struct cim_walk walk = { 0 };
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));
    struct cim_key *keys = arena_alloc(arena, cim_property_most(class) * sizeof(*keys));

    if (!ref || !keys)
        return NULL;
    *ref = (struct cim_ref){ class->ns, class->name, keys, 0 };
    while ((property = cim_property_next(class, &walk))) {
        struct cim_value value;

        if (!(property->flags & CIM_KEY))
            continue;
        cim_get(instance, property, arena, &value);
        keys[ref->key_count++] = (struct cim_key){
            property->name,
            value.ref ? NULL : (value.text ? value.text : ""),
            value.ref,
        };
    }
    return arena_ok(arena) ? ref : NULL;
}

/* A path being read. */
struct path {
    const char *start, *p;
    struct arena *arena;
    struct error *err;
};

static int path_fail(const struct path *path, const char *what)
{
    return error_set(path->err, ERR_INVALID_PARAMETER, "WMI path, at octet %zu: %s",
                     (size_t)(path->p - path->start) + 1, what);
}

static int path_no_memory(const struct path *path)
{
    return error_set(path->err, ERR_NO_MEMORY, NULL);
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static void skip_blanks(struct path *path)
{
    path->p += strspn(path->p, " \t\r\n");
}

static bool accept(struct path *path, char c)
{
    skip_blanks(path);
    if (*path->p != c)
        return false;
    path->p++;
    return true;
}

/* A class or property name. */
static int read_name(struct path *path, const char **out)
{
    const char *from;

    skip_blanks(path);
    from = path->p;
    if (!isalpha((unsigned char)*from) && *from != '_')
        return path_fail(path, "a name is expected");
    while (isalnum((unsigned char)*path->p) || *path->p == '_')
        path->p++;
    *out = arena_strndup(path->arena, from, (size_t)(path->p - from));
    return *out ? 0 : path_no_memory(path);
}

/* Reads `\\HOST\a\b:` or `a/b:` when there is one. The host is not looked at: this service has only
 * one. Runs of slashes of either kind count as one. */
static int read_namespace(struct path *path, const char **out)
{
    const char *p = path->p, *end;
    char *ns, *to;

    *out = NULL;
    if (is_slash(p[0]) && is_slash(p[1])) {
        p += strspn(p, "\\/");
        p += strcspn(p, "\\/=\"'");
    }
    end = p + strcspn(p, ":.=\"'");
    if (*end != ':')
        return p == path->p ? 0 : path_fail(path, "a host needs a namespace after it");
    to = ns = arena_alloc(path->arena, (size_t)(end - p) + 1);
    if (!ns)
        return path_no_memory(path);
    for (; p < end; p++) {
        if (!is_slash(*p))
            *to++ = *p;
        else if (to > ns && to[-1] != '/')
            *to++ = '/';
    }
    if (to > ns && to[-1] == '/')
        to[-1] = '\0';
    path->p = end + 1;
    if (!cim_namespace_find(ns, out))
        *out = ns;
    return 0;
}

/* Quoted text; or a number or boolean, which WMI writes without quotes. */
static int read_value(struct path *path, const char **out)
{
    const char *from, *end;

    skip_blanks(path);
    from = path->p;
    if (quote_is(*from)) {
        end = quote_end(from);
        if (!end)
            return path_fail(path, "the quote is never closed");
        *out = quote_read(from, end, path->arena);
    } else {
        end = from;
        while (isalnum((unsigned char)*end) || (*end && strchr("+-._", *end)))
            end++;
        if (end == from)
            return path_fail(path, "a key value is expected");
        *out = arena_strndup(path->arena, from, (size_t)(end - from));
    }
    path->p = end;
    return *out ? 0 : path_no_memory(path);
}

static int read_keys(struct path *path, struct cim_ref *ref)
{
    struct cim_key *keys = arena_alloc(path->arena, PATH_MAX_KEYS * sizeof(*keys));

    if (!keys)
        return path_no_memory(path);
    ref->keys = keys;
    do {
        struct cim_key *key = &keys[ref->key_count];

        if (ref->key_count == PATH_MAX_KEYS)
            return path_fail(path, "too many keys");
        if (read_name(path, &key->name))
            return -1;
        if (!accept(path, '='))
            return path_fail(path, "= is expected");
        if (read_value(path, &key->text))
            return -1;
        for (size_t i = 0; i < ref->key_count; i++)
            if (!strcasecmp(keys[i].name, key->name))
                return path_fail(path, "the key is there twice");
        ref->key_count++;
    } while (accept(path, ','));
    return 0;
}

const struct cim_ref *cim_ref_parse_path(const char *text, struct arena *arena, struct error *err)
{
    struct path path = { text, text, arena, err };
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));

    if (!ref) {
        path_no_memory(&path);
        return NULL;
    }
    if (strnlen(text, PATH_MAX_LENGTH + 1) > PATH_MAX_LENGTH) {
        path_fail(&path, "the path is too long");
        return NULL;
    }
    skip_blanks(&path);
    if (read_namespace(&path, &ref->ns) || read_name(&path, &ref->class))
        return NULL;
    if (accept(&path, '=')) {
        if (!accept(&path, '@')) {
            path_fail(&path, "@ is expected");
            return NULL;
        }
    } else if (accept(&path, '.') && read_keys(&path, ref)) {
        return NULL;
    }
    skip_blanks(&path);
    if (*path.p) {
        path_fail(&path, "the path should end here");
        return NULL;
    }
    return ref;
}

static void write_path(struct strbuf *out, const struct cim_ref *ref, const char *host, int depth)
{
    if (host) {
        strbuf_puts(out, "\\\\");
        strbuf_puts(out, host);
        strbuf_puts(out, "\\");
    }
    for (const char *p = ref->ns; p && *p; p++)
        strbuf_add(out, host && *p == '/' ? "\\" : p, 1);
    strbuf_puts(out, ref->ns ? ":" : "");
    strbuf_puts(out, ref->class);
    strbuf_puts(out, ref->key_count ? "" : "=@");
    for (size_t i = 0; i < ref->key_count; i++) {
        const struct cim_key *key = &ref->keys[i];
        struct strbuf nested = STRBUF_INIT;

        if (key->ref && depth < PATH_MAX_NESTING)
            write_path(&nested, key->ref, host, depth + 1);
        out->failed |= nested.failed;
        strbuf_puts(out, i ? "," : ".");
        strbuf_puts(out, key->name);
        strbuf_puts(out, "=");
        quote_write(out, key->text ? key->text : strbuf_str(&nested));
        strbuf_free(&nested);
    }
}

const char *cim_ref_path(const struct cim_ref *ref, const char *host, struct arena *arena)
{
    struct cim_ref full = *ref;
    struct strbuf out = STRBUF_INIT;
    const char *path = NULL;

    if (host && !full.ns)
        full.ns = CIM_NS_DEFAULT;
    write_path(&out, &full, host, 0);
    if (strbuf_ok(&out))
        path = arena_strdup(arena, strbuf_str(&out));
    strbuf_free(&out);
    return path;
}

static bool covers(const struct cim_ref *wanted, const struct cim_class *class,
                   const struct cim_ref *have, struct arena *arena);

static bool key_matches(const struct cim_key *wanted, const struct cim_key *have,
                        struct arena *arena)
{
    const struct cim_ref *ref = wanted->ref;
    const struct cim_class *class;

    if (!have->ref)
        return wanted->text && !strcasecmp(wanted->text, have->text);
    if (!ref) /* in a path, the key of an association is itself a path */
        ref = cim_ref_parse_path(wanted->text, arena, NULL);
    class = cim_class_find(have->ref->ns, have->ref->class);
    return ref && class && covers(ref, class, have->ref, arena);
}

static const struct cim_key *find_key(const struct cim_ref *ref, const char *name)
{
    for (size_t i = 0; i < ref->key_count; i++)
        if (!strcasecmp(ref->keys[i].name, name))
            return &ref->keys[i];
    return NULL;
}

/* True when `have`, the full reference to an instance of class, has all that `wanted` names. */
static bool covers(const struct cim_ref *wanted, const struct cim_class *class,
                   const struct cim_ref *have, struct arena *arena)
{
    if (!cim_class_is(class, wanted->class) || (wanted->ns && strcasecmp(wanted->ns, class->ns)))
        return false;
    for (size_t i = 0; i < wanted->key_count; i++) {
        const struct cim_key *key = find_key(have, wanted->keys[i].name);

        if (!key || !key_matches(&wanted->keys[i], key, arena))
            return false;
    }
    return true;
}

bool cim_ref_matches(const struct cim_ref *ref, const struct cim_instance *instance,
                     struct arena *arena)
{
    const struct cim_ref *have = cim_ref_of(instance, arena);

    return have && covers(ref, instance->class, have, arena);
}

bool cim_ref_same(const struct cim_ref *a, const struct cim_ref *b, struct arena *arena)
{
    const struct cim_class *class = cim_class_find(b->ns ? b->ns : CIM_NS_DEFAULT, b->class);

    return class && covers(a, class, b, arena);
}
