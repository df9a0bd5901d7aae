/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: the NTLM messages of a client. Octet 0 says which; a challenge is well-formed
 * whatever it answers, an answer's fields lie within its message, and none proves anything with a
 * password that the fuzzer cannot know.
 */
#include "auth/ntlm.h"
#include "auth/ntlm_seal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nobody's. */
static const unsigned char hash[NTLM_HASH] = { 0x5e, 0xc7, 0x11, 0x28, 0x93, 0xaa, 0x4d, 0x60,
                                               0x0b, 0x7f, 0xe1, 0x36, 0xd2, 0x89, 0x14, 0xc5 };

static void check_inside(struct bytes part, struct bytes whole)
{
    if (part.len && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
        abort();
}

static void begin(struct bytes message)
{
    struct strbuf out = STRBUF_INIT;
    struct ntlm_host host;
    struct ntlm ntlm;

    ntlm_host_init(&host);
    if (!ntlm_challenge(&ntlm, message, &host, &out) &&
        (out.len < 56 || memcmp(out.data, "NTLMSSP\0\2\0\0\0", 12) != 0 ||
         ntlm.sent.len != out.len + message.len))
        abort();
    ntlm_clear(&ntlm);
    strbuf_free(&out);
}

static void end(struct bytes message)
{
    static const unsigned char binding[] = "tls-server-end-point:0123456789abcdef0123456789abcdef";
    const struct ntlm_policy policy = { true, { binding, sizeof(binding) - 1 }, false, "a" };
    struct ntlm ntlm = { .flags = 0xe28a8237 };
    unsigned char key[NTLM_KEY];
    struct ntlm_answer answer;

    if (ntlm_read_answer(&answer, &ntlm, message))
        return;
    check_inside(answer.response, message);
    check_inside(answer.session_key, message);
    if (!memchr(answer.user, '\0', sizeof(answer.user)) ||
        !memchr(answer.domain, '\0', sizeof(answer.domain)) || !answer.user[0])
        abort();
    if (!ntlm_prove(&ntlm, &answer, hash, &policy, key))
        abort();
}

static void sealed(struct bytes message)
{
    struct ntlm_seal seal;
    unsigned char *copy;

    if (message.len < NTLM_SIGNATURE)
        return;
    copy = malloc(message.len);
    if (!copy)
        abort();
    memcpy(copy, message.data, message.len);
    if (ntlm_seal_init(&seal, hash, 0xe28a8237) < 0 ||
        ntlm_unseal(&seal, copy, copy + NTLM_SIGNATURE, message.len - NTLM_SIGNATURE))
        abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct bytes) = { begin, end, sealed };
    unsigned char *copy;

    if (size == 0)
        return 0;
    copy = malloc(size > 1 ? size - 1 : 1); /* of its very size, so that a step too far is seen */
    if (!copy)
        abort();
    memcpy(copy, data + 1, size - 1);
    targets[data[0] % 3]((struct bytes){ copy, size - 1 });
    free(copy);
    return 0;
}
