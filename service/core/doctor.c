/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/doctor.h"

#include "core/backend.h"
#include "core/store.h"
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_WELL = 0, EXIT_ILL = 1, EXIT_WORDS = 2, LINE_MOST = 600 };

struct round {
    const struct vm *vm;
    size_t found, mended;
};

static void doctor_print(void *opaque, const char *text, bool mended)
{
    struct round *round = opaque;
    /* Names come from others: nothing of them may steer a terminal. */
    char *name = text_clean(round->vm->name, LINE_MOST), *line = text_clean(text, LINE_MOST);

    printf("%s: %s%s\n", name ? name : "?", line ? line : "?", mended ? " (mended)" : "");
    round->found++;
    round->mended += mended;
    free(name);
    free(line);
}

static int doctor_machines(struct backend *backend, bool mend, struct round *round,
                           struct error *err)
{
    const struct backend_finding tell = { round, doctor_print };
    struct vm_list vms;
    int result = 0;

    if (backend_vm_list(backend, &vms, err))
        return -1;
    for (size_t i = 0; i < vms.count; i++) {
        struct error why = { 0 };
        round->vm = &vms.items[i];
        /* One that cannot be examined keeps none of the others from it. */
        if (backend_vm_check(backend, &round->vm->id, mend, &tell, &why) &&
            why.code != ERR_NOT_FOUND)
            doctor_print(round, why.message, false);
    }
    vm_list_clear(&vms);
    return result;
}

/* What the service does by itself when it starts is left to it; beside it nothing may be mended. */
static int doctor_alone(const struct config *config, struct store **store, struct error *err)
{
    if (store_open(store, config->store_path, err) == 0)
        return 0;
    if (err->code != ERR_IN_USE)
        return -1;
    error_clear(err);
    return error_set(err, ERR_IN_USE, "the service is running: stop it before anything is mended");
}

static int doctor_run(const struct config *config, bool mend, struct round *round,
                      struct error *err)
{
    struct backend *backend = NULL;
    struct store *store = NULL;
    int result = mend ? doctor_alone(config, &store, err) : 0;

    if (result == 0)
        result = backend_open(&backend, config->backend_module, config->backend_uri, err);
    if (result == 0)
        result = doctor_machines(backend, mend, round, err);
    backend_close(backend);
    store_close(store);
    return result;
}

int doctor_command(int argc, char **argv, const struct config *config)
{
    bool mend = argc == 2 && strcmp(argv[1], "--mend") == 0;
    struct round round = { 0 };
    struct error err = { 0 };

    if (argc > 2 || (argc == 2 && !mend)) {
        fputs("usage: cimsnapd doctor [--mend]\n", stderr);
        return EXIT_WORDS;
    }
    if (doctor_run(config, mend, &round, &err)) {
        fprintf(stderr, "cimsnapd: %s\n", err.message);
        return EXIT_ILL;
    }
    printf("%zu found, %zu mended\n", round.found, round.mended);
    return round.found == round.mended ? EXIT_WELL : EXIT_ILL;
}
