/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The octets that came in on a connection. They may hold credentials: memory that is given back is
 * wiped.
 */
#ifndef CIMSNAPD_NET_INPUT_H
#define CIMSNAPD_NET_INPUT_H

#include <stddef.h>

struct input {
    char *data;
    size_t len, cap;
};

/* The room there will be after input_reserve(). */
size_t input_next_size(const struct input *input, size_t most);
/* Makes room for more, but never for more than `most` octets in all (most > len). -1 without
 * memory. */
int input_reserve(struct input *input, size_t most);
/* The first len octets, to be freed by the caller; the rest stays. NULL without memory. */
char *input_take(struct input *input, size_t len);
void input_free(struct input *input);

#endif
