/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/script.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MACHINES = 100000, SCRIPT_SNAPSHOTS = 200000, SCRIPT_NAME = 64 };

/* A stretch of the URI; never NUL-terminated. */
struct piece {
    const char *text;
    size_t len;
};

/* Cuts off the part of *rest before the first `end`; *rest goes on after it, or has no text. */
static struct piece piece_cut(struct piece *rest, char end)
{
    const char *stop = memchr(rest->text, end, rest->len);
    struct piece head = { rest->text, stop ? (size_t)(stop - rest->text) : rest->len };

    if (stop)
        *rest = (struct piece){ stop + 1, rest->len - head.len - 1 };
    else
        *rest = (struct piece){ NULL, 0 };
    return head;
}

static bool piece_is(struct piece p, const char *word)
{
    return p.len == strlen(word) && memcmp(p.text, word, p.len) == 0;
}

static int piece_number(struct piece p, long max, long *out)
{
    long n = 0;

    if (p.len == 0)
        return -1;
    for (size_t i = 0; i < p.len; i++) {
        if (p.text[i] < '0' || p.text[i] > '9' || n > (LONG_MAX - 9) / 10)
            return -1;
        n = n * 10 + (p.text[i] - '0');
    }
    *out = n;
    return n <= max ? 0 : -1;
}

static int script_wrong(struct error *err, const char *what, struct piece p)
{
    return error_set(err, ERR_INVALID_PARAMETER, "The memory script has a wrong %s: '%.*s'.", what,
                     (int)(p.len < 64 ? p.len : 64), p.text);
}

static const struct {
    const char *word;
    enum vm_state state;
} states[] = {
    { "running", VM_RUNNING }, { "paused", VM_PAUSED },   { "off", VM_OFF },
    { "saved", VM_SAVED },     { "crashed", VM_CRASHED },
};

static int script_state(struct script_machine *machine, struct piece p)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (piece_is(p, states[i].word)) {
            machine->vm.state = states[i].state;
            return 0;
        }
    return -1;
}

/* NAME=N */
static int script_size(struct script_machine *machine, struct piece p)
{
    const struct {
        const char *word;
        unsigned *size, most;
    } words[] = {
        { "cpus", &machine->vm.vcpus, 512 }, { "disks", &machine->disks, 26 },
        { "cds", &machine->cds, 4 },         { "nics", &machine->nics, 64 },
        { "serials", &machine->serials, 4 },
    };
    struct piece name = piece_cut(&p, '=');
    long n;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (piece_is(name, words[i].word)) {
            if (piece_number(p, words[i].most, &n))
                return -1;
            *words[i].size = (unsigned)n;
            return 0;
        }
    return -1;
}

static int script_word(struct script_machine *machine, struct piece p)
{
    struct {
        const char *word;
        bool *flag;
        bool value;
    } words[] = {
        { "agent", &machine->capabilities.agent, true },
        { "nofull", &machine->capabilities.full, false },
        { "nodisk", &machine->capabilities.disk, false },
        { "norecovery", &machine->capabilities.recovery, false },
        { "transient", &machine->vm.persistent, false },
        { "deaf", &machine->deaf, true },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (piece_is(p, words[i].word)) {
            *words[i].flag = words[i].value;
            return 0;
        }
    return memchr(p.text, '=', p.len) ? script_size(machine, p) : -1;
}

static int script_append(struct script *script, const struct script_machine *like, const char *name,
                         struct error *err)
{
    /* Any fixed value does; it only has to stay. */
    static const struct guid space = { { 0x5c, 0x1e, 0x9a, 0x52, 0x0b, 0x5e, 0x4c, 0x55, 0x8f, 0x0d,
                                         0x6e, 0x1b, 0x7a, 0xd0, 0x43, 0x17 } };
    struct script_machine *machine;

    if ((script->count & (script->count - 1)) == 0) {
        size_t room = script->count ? script->count * 2 : 1;
        machine = reallocarray(script->machines, room, sizeof(*machine));
        if (!machine)
            return error_set(err, ERR_NO_MEMORY, NULL);
        script->machines = machine;
    }
    machine = &script->machines[script->count++];
    *machine = *like;
    machine->vm.id = guid_derive(&space, name);
    machine->vm.name = strdup(name);
    machine->vm.title = strdup(name);
    if (!machine->vm.name || !machine->vm.title)
        return error_set(err, ERR_NO_MEMORY, NULL);
    return 0;
}

static int script_append_all(struct script *script, const struct script_machine *like,
                             struct piece name, long count, struct error *err)
{
    char text[SCRIPT_NAME + 24];

    if (count == 0) {
        snprintf(text, sizeof(text), "%.*s", (int)name.len, name.text);
        return script_append(script, like, text, err);
    }
    for (long i = 1; i <= count; i++) {
        snprintf(text, sizeof(text), "%.*s%ld", (int)name.len, name.text, i);
        if (script_append(script, like, text, err))
            return -1;
    }
    return 0;
}

/* NAME[*COUNT][:STATE[:WORD[+WORD]...]] */
static int script_machine(struct script *script, struct piece p, struct error *err)
{
    struct script_machine like = {
        .vm = { .persistent = true, .state = VM_RUNNING, .vcpus = 1, .memory_kib = 65536 },
        .capabilities = { .full = true, .disk = true, .recovery = true },
        .disks = 1,
        .nics = 1,
        .settings = { .policy = POLICY_STANDARD },
    };
    struct piece count = piece_cut(&p, ':'), name = piece_cut(&count, '*'), state;
    long n = 0;

    if (name.len == 0 || name.len > SCRIPT_NAME)
        return script_wrong(err, "machine name", name);
    if (count.text && (piece_number(count, SCRIPT_MACHINES, &n) || n == 0))
        return script_wrong(err, "number of machines", count);
    if (p.text) {
        state = piece_cut(&p, ':');
        if (script_state(&like, state))
            return script_wrong(err, "state", state);
    }
    while (p.text) {
        struct piece word = piece_cut(&p, '+');
        if (script_word(&like, word))
            return script_wrong(err, "word", word);
    }
    if (!like.capabilities.full || !like.capabilities.disk || !like.capabilities.recovery)
        snprintf(like.capabilities.why, sizeof(like.capabilities.why),
                 "The script of this machine leaves a kind of snapshot out.");
    return script_append_all(script, &like, name, n, err);
}

static int key_vms(struct script *script, struct piece value, struct error *err)
{
    while (value.text)
        if (script_machine(script, piece_cut(&value, ','), err))
            return -1;
    return 0;
}

static int key_snapshots(struct script *script, struct piece value, struct error *err)
{
    if (piece_number(value, SCRIPT_SNAPSHOTS, &script->snapshots))
        return script_wrong(err, "snapshots", value);
    return 0;
}

static int key_delay(struct script *script, struct piece value, struct error *err)
{
    if (piece_number(value, 3600 * 1000, &script->delay_ms))
        return script_wrong(err, "delay_ms", value);
    return 0;
}

static int key_fail(struct script *script, struct piece value, struct error *err)
{
    static const char *const ops[] = { [SCRIPT_CREATE] = "create",
                                       [SCRIPT_LIST] = "list",
                                       [SCRIPT_CAPABILITIES] = "capabilities",
                                       [SCRIPT_PING] = "ping",
                                       [SCRIPT_APPLY] = "apply",
                                       [SCRIPT_DESTROY] = "destroy",
                                       [SCRIPT_CHANGE] = "change",
                                       [SCRIPT_EDIT] = "edit",
                                       [SCRIPT_SCREEN] = "screen" };

    for (size_t i = SCRIPT_CREATE; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (piece_is(value, ops[i])) {
            script->fail = (enum script_op)i;
            return 0;
        }
    return script_wrong(err, "operation to fail", value);
}

static int key_fail_code(struct script *script, struct piece value, struct error *err)
{
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++)
        if (piece_is(value, error_row((enum error_code)code)->name)) {
            script->fail_code = (enum error_code)code;
            return 0;
        }
    return script_wrong(err, "fail_code", value);
}

static int key_fail_after(struct script *script, struct piece value, struct error *err)
{
    if (piece_number(value, LONG_MAX, &script->fail_after))
        return script_wrong(err, "fail_after", value);
    return 0;
}

static const struct script_key {
    const char *name;
    int (*read)(struct script *script, struct piece value, struct error *err);
} keys[] = {
    { "vms", key_vms },
    { "snapshots", key_snapshots },
    { "delay_ms", key_delay },
    { "fail", key_fail },
    { "fail_code", key_fail_code },
    { "fail_after", key_fail_after },
};

static int script_keys(struct script *script, struct piece rest, struct error *err)
{
    unsigned seen = 0;

    while (rest.text) {
        struct piece value = piece_cut(&rest, '&'), name = piece_cut(&value, '=');
        size_t i = 0;
        while (i < sizeof(keys) / sizeof(keys[0]) && !piece_is(name, keys[i].name))
            i++;
        if (i == sizeof(keys) / sizeof(keys[0]) || (seen & 1u << i) || !value.text)
            return script_wrong(err, "key", name);
        seen |= 1u << i;
        if (keys[i].read(script, value, err))
            return -1;
    }
    return 0;
}

/* The snapshots of a machine's beginning, each a child of the one before. */
static int script_branch(struct script_machine *machine, long count)
{
    struct snapshot_list *list = &machine->snapshots;

    for (long i = 1; i <= count; i++) {
        struct snapshot made = { .vm = machine->vm.id, .kind = SNAPSHOT_DISK, .current = i == count };
        char name[32];
        snprintf(name, sizeof(name), "snapshot %ld", i);
        made.id = guid_derive(&machine->vm.id, name);
        made.name = strdup(name);
        made.created_us = i * 1000000;
        made.has_parent = i > 1;
        if (made.has_parent)
            made.parent = list->items[i - 2].id;
        if (!made.name || snapshot_list_take(list, &made)) {
            snapshot_clear(&made);
            return -1;
        }
    }
    return 0;
}

static int script_grow(struct script *script, struct error *err)
{
    for (size_t i = 0; i < script->count; i++)
        if (script_branch(&script->machines[i], script->snapshots))
            return error_set(err, ERR_NO_MEMORY, NULL);
    return 0;
}

int script_read(struct script *out, const char *uri, struct error *err)
{
    static const char scheme[] = "memory:";
    const struct piece demo = { "demo:running", sizeof("demo:running") - 1 };
    const char *rest = uri + sizeof(scheme) - 1;

    memset(out, 0, sizeof(*out));
    out->fail_code = ERR_FAILED;
    if (strncmp(uri, scheme, sizeof(scheme) - 1) != 0 || (*rest && *rest != '?'))
        return error_set(err, ERR_INVALID_PARAMETER, "A memory URI begins with 'memory:?'.");
    if ((*rest && script_keys(out, (struct piece){ rest + 1, strlen(rest + 1) }, err)) ||
        (!out->machines && key_vms(out, demo, err)) || script_grow(out, err)) {
        script_clear(out);
        return -1;
    }
    return 0;
}

void script_clear(struct script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        vm_clear(&script->machines[i].vm);
        vm_settings_clear(&script->machines[i].settings);
        snapshot_list_clear(&script->machines[i].snapshots);
        order_clear(&script->machines[i].order);
        order_clear(&script->machines[i].names);
    }
    order_clear(&script->order);
    order_clear(&script->names);
    free(script->machines);
    memset(script, 0, sizeof(*script));
}
