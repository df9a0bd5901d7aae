/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world world;

/* ---- what an action is given ---- */

static void progress(void *opaque, unsigned percent)
{
    (void)opaque;
    (void)percent;
}

static int journal(void *opaque, const char *state, struct error *err)
{
    char *copy = strdup(state);

    (void)opaque;
    if (!copy)
        return error_set(err, ERR_NO_MEMORY, NULL);
    free(world.state);
    world.state = copy;
    return 0;
}

static bool cancelled(void *opaque)
{
    (void)opaque;
    return false;
}

static const struct backend_call call = {
    .progress = progress, .journal = journal, .note = journal, .cancelled = cancelled, .agent_seconds = 1
};

static int create(const struct guid *id, enum snapshot_kind kind, struct error *err)
{
    const struct snapshot_spec spec = { .vm = world.vm,
                                        .id = *id,
                                        .kind = kind,
                                        .consistency = CONSISTENCY_CRASH,
                                        .name = "of a point",
                                        .notes = "line & line" };

    return backend_snapshot_create(world.backend, &call, &spec, err);
}

static int destroy(const struct guid *id, bool tree, struct error *err)
{
    const struct snapshot_change change = { .vm = world.vm, .id = *id, .tree = tree };

    return backend_snapshot_destroy(world.backend, &call, &change, err);
}

static int power(enum vm_change what, struct error *err)
{
    return backend_vm_change(world.backend, &call, &world.vm, what, err);
}

/* ---- before a point; nothing fails here ---- */

static int fail(const char *what, const struct error *err)
{
    fprintf(stderr, "%s: %s (%s)\n", what, err->message, err->cause);
    return -1;
}

/* The changes that lead there from any state, in turn. */
static int reach(enum vm_state wanted)
{
    for (int tries = 0; tries < 4; tries++) {
        struct error err = { 0 };
        struct vm vm = { 0 };
        enum vm_state now;
        enum vm_change what;
        if (backend_vm_get(world.backend, &world.vm, &vm, &err) != 0)
            return fail("state", &err);
        now = vm.state;
        vm_clear(&vm);
        if (now == wanted)
            return 0;
        if (now == VM_SAVED)
            what = wanted == VM_OFF ? CHANGE_FORGET : CHANGE_START;
        else if (now == VM_PAUSED)
            what = wanted == VM_OFF ? CHANGE_OFF : CHANGE_RESUME;
        else if (now == VM_RUNNING)
            what = wanted == VM_PAUSED ? CHANGE_PAUSE : wanted == VM_SAVED ? CHANGE_SAVE : CHANGE_OFF;
        else
            what = CHANGE_START;
        if (power(what, &err) != 0)
            return fail("state", &err);
    }
    return -1;
}

/* Only base is left. */
static int sweep(void)
{
    struct snapshot_list list = { 0 };
    struct error err = { 0 };
    int rc = backend_snapshot_list(world.backend, &world.vm, &list, &err);

    for (size_t i = 0; i < list.count && rc == 0; i++)
        if (!guid_equal(&list.items[i].id, &world.base))
            rc = destroy(&list.items[i].id, false, &err);
    snapshot_list_clear(&list);
    return rc ? fail("sweep", &err) : 0;
}

static int nothing(void)
{
    return 0;
}

static int is_running(void)
{
    return reach(VM_RUNNING) || sweep();
}

static int is_off(void)
{
    return reach(VM_OFF) || sweep();
}

static int is_paused(void)
{
    return reach(VM_PAUSED);
}

static int is_saved(void)
{
    return reach(VM_SAVED);
}

/* The quickest one that the hypervisor has. */
static int make(const struct guid *id)
{
    struct error err = { 0 };

    if (create(id, SNAPSHOT_DISK, NULL) == 0 || create(id, SNAPSHOT_FULL, &err) == 0)
        return 0;
    return fail("create", &err);
}

static int with_victim(void)
{
    world.victim = guid_random();
    return is_running() || make(&world.victim);
}

static int with_tree(void)
{
    struct guid leaf = guid_random();

    return with_victim() || make(&leaf);
}

/* ---- the points ---- */

static int open_another(struct error *err)
{
    struct backend *other = NULL;
    int rc = backend_open(&other, world.module, world.uri, err);

    if (rc == 0)
        rc = backend_ping(other, err);
    backend_close(other);
    return rc;
}

static int list_machines(struct error *err)
{
    const struct list_part part = { .title = "run", .most = 2 };
    struct vm_list list = { 0 };
    int rc = backend_vm_list(world.backend, &list, err);

    vm_list_clear(&list);
    if (rc == 0)
        rc = backend_vm_part(world.backend, &part, &list, err);
    vm_list_clear(&list);
    return rc;
}

static int get_machine(struct error *err)
{
    struct vm_capabilities can;
    struct vm_settings settings = { 0 };
    struct vm_prospect prospect = { 0 };
    struct vm vm = { 0 };
    int rc = backend_vm_get(world.backend, &world.vm, &vm, err);

    vm_clear(&vm);
    if (rc == 0)
        rc = backend_vm_capabilities(world.backend, &world.vm, &can, err);
    if (rc == 0)
        rc = backend_vm_settings(world.backend, &world.vm, &settings, err);
    vm_settings_clear(&settings);
    if (rc == 0)
        rc = backend_vm_prospect(world.backend, &world.vm, &prospect, err);
    vm_clear(&prospect.vm);
    return rc;
}

static int list_snapshots(struct error *err)
{
    const struct list_part parts[] = { { .only = &world.base }, { .current = true }, { .title = "base" } };
    struct snapshot_list list = { 0 };
    int rc = backend_snapshot_list(world.backend, &world.vm, &list, err);

    snapshot_list_clear(&list);
    for (size_t i = 0; i < 3 && rc == 0; i++) {
        rc = backend_snapshot_part(world.backend, &world.vm, &parts[i], &list, err);
        snapshot_list_clear(&list);
    }
    return rc;
}

static int get_hardware(struct error *err)
{
    struct hardware hardware = { 0 };
    int rc = backend_hardware(world.backend, &world.vm, NULL, &hardware, err);

    hardware_clear(&hardware);
    if (rc == 0)
        rc = backend_hardware(world.backend, &world.vm, &world.base, &hardware, err);
    hardware_clear(&hardware);
    return rc;
}

static int get_host(struct error *err)
{
    struct network_list networks = { 0 };
    struct host host = { 0 };
    int rc = backend_host(world.backend, &host, err);

    host_clear(&host);
    if (rc == 0)
        rc = backend_network_list(world.backend, &networks, err);
    network_list_clear(&networks);
    return rc;
}

static int edit_machine(struct error *err)
{
    static unsigned turn;
    char notes[] = "notes 0", title[] = "title 0";
    const struct vm_edit edit = { .which = SETTING_TITLE | SETTING_NOTES | SETTING_POLICY | SETTING_AUTOSTART,
                                  .title = title,
                                  .settings = { notes, POLICY_STANDARD, turn % 2 } };

    title[6] = notes[6] = (char)('0' + turn++ % 10);
    return backend_vm_edit(world.backend, &world.vm, &edit, err);
}

static int edit_snapshot(struct error *err)
{
    static unsigned turn;
    char name[] = "base 0";
    const struct snapshot_edit edit = { world.vm, world.base, name, "of people" };

    name[5] = (char)('0' + turn++ % 10);
    return backend_snapshot_edit(world.backend, &edit, err);
}

static void told(void *opaque, const char *text, bool mended)
{
    (void)opaque;
    (void)text;
    (void)mended;
}

static int check_machine(struct error *err)
{
    const struct backend_finding finding = { NULL, told };

    return backend_vm_check(world.backend, &world.vm, true, &finding, err);
}

static int use_console(struct error *err)
{
    const struct key_event keys[] = { { 0x1E, true }, { 0x1E, false }, { 0xC8, true }, { 0xC8, false } };
    struct picture picture = { 0 };
    int rc = backend_vm_keys(world.backend, &world.vm, keys, 4, err);

    if (rc == 0)
        rc = backend_vm_picture(world.backend, &world.vm, &picture, err);
    picture_clear(&picture);
    return rc;
}

static int create_new(enum snapshot_kind kind, struct error *err)
{
    world.victim = guid_random();
    return create(&world.victim, kind, err);
}

static int create_full(struct error *err)
{
    return create_new(SNAPSHOT_FULL, err);
}

static int create_disk(struct error *err)
{
    return create_new(SNAPSHOT_DISK, err);
}

static int apply_base(struct error *err)
{
    const struct snapshot_change change = { .vm = world.vm, .id = world.base, .turn_off = true };

    return backend_snapshot_apply(world.backend, &call, &change, err);
}

static int destroy_victim(struct error *err)
{
    return destroy(&world.victim, false, err);
}

static int destroy_tree(struct error *err)
{
    return destroy(&world.victim, true, err);
}

static int recover(enum job_kind kind, const struct guid *id, struct error *err)
{
    const struct recovery_order order = { kind, world.vm, *id, world.state };
    enum recovery found;

    return backend_snapshot_recover(world.backend, &order, &found, err);
}

static int recover_create(struct error *err)
{
    return recover(JOB_SNAPSHOT_CREATE, &world.victim, err);
}

static int recover_apply(struct error *err)
{
    return recover(JOB_SNAPSHOT_APPLY, &world.base, err);
}

static int recover_destroy(struct error *err)
{
    return recover(JOB_SNAPSHOT_DESTROY, &world.victim, err);
}

static int recover_tree(struct error *err)
{
    return recover(JOB_SNAPSHOT_DESTROY_TREE, &world.victim, err);
}

/* As if the service had died before its last step. */
static int applied(void)
{
    struct error err = { 0 };

    return is_off() || (apply_base(&err) ? fail("apply", &err) : 0);
}

static int destroyed(void)
{
    struct error err = { 0 };

    return with_tree() || (destroy_victim(&err) ? fail("destroy", &err) : 0);
}

static int destroyed_tree(void)
{
    struct error err = { 0 };

    return with_tree() || (destroy_tree(&err) ? fail("destroy", &err) : 0);
}

#define POWER(name, what)                                                                          \
    static int name(struct error *err)                                                             \
    {                                                                                              \
        return power(what, err);                                                                   \
    }
POWER(start, CHANGE_START)
POWER(resume, CHANGE_RESUME)
POWER(pause_it, CHANGE_PAUSE)
POWER(save, CHANGE_SAVE)
POWER(forget, CHANGE_FORGET)
POWER(turn_off, CHANGE_OFF)
POWER(shut_down, CHANGE_SHUTDOWN)
POWER(reboot, CHANGE_REBOOT)
POWER(reset, CHANGE_RESET)

/* What is asked of a machine that there is not, then of a snapshot that it has not: errors, and no more. */
static int ask_strangers(struct error *err)
{
    static int (*const acts[])(struct error *) = { get_machine,    list_snapshots, get_hardware, edit_machine,
                                                   edit_snapshot,  check_machine,  use_console,  create_full,
                                                   apply_base,     destroy_tree,   start,        recover_create,
                                                   recover_destroy };
    const struct guid vm = world.vm, base = world.base;
    bool answered = false;

    for (size_t i = 0; i < 2 * sizeof(acts) / sizeof(acts[0]); i++) {
        const bool known = i % 2;
        struct error why = { 0 };
        if (known && (acts[i / 2] == create_full || acts[i / 2] == edit_machine || acts[i / 2] == start))
            continue;
        world.vm = known ? vm : guid_random();
        world.base = guid_random();
        world.victim = guid_random();
        answered |= acts[i / 2](&why) == 0 && !known && acts[i / 2] != recover_create && acts[i / 2] != recover_destroy;
    }
    world.vm = vm;
    world.base = base;
    return answered ? error_set(err, ERR_INTERNAL, "a machine that there is not was worked on") : 0;
}

const struct step world_steps[] = {
    { "open", nothing, open_another, false },
    { "machines", nothing, list_machines, false },
    { "machine", nothing, get_machine, false },
    { "snapshots", nothing, list_snapshots, false },
    { "hardware", nothing, get_hardware, false },
    { "host", nothing, get_host, false },
    { "edit", nothing, edit_machine, false },
    { "rename", nothing, edit_snapshot, false },
    { "check", nothing, check_machine, false },
    { "console", is_running, use_console, false },
    { "strangers", is_running, ask_strangers, false },
    { "create", is_running, create_full, true },
    { "create-disk", is_running, create_disk, true },
    { "create-off", is_off, create_full, true },
    { "recover-create", with_victim, recover_create, false },
    { "apply", is_running, apply_base, false },
    { "recover-apply", applied, recover_apply, false },
    { "destroy", with_victim, destroy_victim, false },
    { "recover-destroy", destroyed, recover_destroy, false },
    { "tree", with_tree, destroy_tree, false },
    { "recover-tree", destroyed_tree, recover_tree, false },
    { "start", is_off, start, false },
    { "start-saved", is_saved, start, false },
    { "pause", is_running, pause_it, false },
    { "resume", is_paused, resume, false },
    { "save", is_running, save, false },
    { "forget", is_saved, forget, false },
    { "off", is_running, turn_off, false },
    { "shutdown", is_running, shut_down, false },
    { "reboot", is_running, reboot, false },
    { "reset", is_running, reset, false },
    { NULL, NULL, NULL, false },
};

int world_open(const char *module, const char *uri)
{
    struct vm_list list = { 0 };
    struct error err = { 0 };
    bool found = false;

    world.module = module;
    world.uri = uri;
    if (backend_open(&world.backend, module, uri, &err) != 0 ||
        backend_vm_list(world.backend, &list, &err) != 0)
        return fail("open", &err);
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.items[i].name, "run") == 0) {
            world.vm = list.items[i].id;
            found = true;
        }
    vm_list_clear(&list);
    world.base = guid_random();
    if (!found || reach(VM_RUNNING) != 0 || create(&world.base, SNAPSHOT_FULL, &err) != 0)
        return fail("the machine 'run'", &err);
    return 0;
}
