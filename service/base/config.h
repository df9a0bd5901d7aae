/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The configuration: one const struct, made from config.def, read from an INI file (inih).
 * Units are in each key's help text.
 */
#ifndef CIMSNAPD_BASE_CONFIG_H
#define CIMSNAPD_BASE_CONFIG_H

#include "base/error.h"

#include <stdio.h>

struct config {
#define TEXT(section, key, value, help)             char *section##_##key;
#define NUMBER(section, key, value, min, max, help) long section##_##key;
#define CHOICE(section, key, words, help)           long section##_##key;
#include "base/config.def"
#undef TEXT
#undef NUMBER
#undef CHOICE
};

/* Defaults; 0, or -1 with err. */
int config_init(struct config *config, struct error *err);
/* Reads a file over what is there. Unknown keys, doubled keys, bad numbers and keys outside their
 * range are errors that name file and line. */
int config_read(struct config *config, const char *path, struct error *err);
void config_free(struct config *config);

/* The sample file, and the section CONFIGURATION of the man page (mdoc-free man macros). */
void config_print_sample(FILE *out);
void config_print_man(FILE *out);

#endif
