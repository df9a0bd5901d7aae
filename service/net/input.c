/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/input.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

size_t input_next_size(const struct input *input, size_t most)
{
    size_t cap = input->cap ? input->cap * 2 : FIRST_SIZE;

    if (input->len < input->cap)
        return input->cap;
    return cap < most ? cap : most;
}

int input_reserve(struct input *input, size_t most)
{
    size_t cap = input_next_size(input, most);
    char *data;

    if (cap == input->cap)
        return 0;
    data = malloc(cap); /* realloc() would leave a copy behind */
    if (!data)
        return -1;
    if (input->len) {
        memcpy(data, input->data, input->len);
        OPENSSL_cleanse(input->data, input->len);
    }
    free(input->data);
    input->data = data;
    input->cap = cap;
    return 0;
}

char *input_take(struct input *input, size_t len)
{
    struct input rest = { NULL, input->len - len, 0 };
    char *taken = input->data;

    if (rest.len) {
        rest.cap = rest.len > FIRST_SIZE ? rest.len : FIRST_SIZE;
        rest.data = malloc(rest.cap);
        if (!rest.data)
            return NULL;
        memcpy(rest.data, taken + len, rest.len);
        OPENSSL_cleanse(taken + len, rest.len);
    }
    *input = rest;
    return taken;
}

void input_free(struct input *input)
{
    if (input->data)
        OPENSSL_cleanse(input->data, input->len);
    free(input->data);
    *input = (struct input){ NULL, 0, 0 };
}
