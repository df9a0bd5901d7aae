/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/ntlm.h"

#include "auth/rc4.h"
#include "auth/wide.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    UNICODE = 0x1,
    OEM = 0x2,
    REQUEST_TARGET = 0x4,
    NTLM = 0x200,
    ALWAYS_SIGN = 0x8000,
    TARGET_TYPE_SERVER = 0x20000,
    EXTENDED_SECURITY = 0x80000,
    TARGET_INFO = 0x800000,
    VERSION = 0x2000000,
    /* What a client may choose; the rest of a CHALLENGE's flags is ours. */
    OFFERED =
        UNICODE | NTLM_SIGN | NTLM_SEAL | ALWAYS_SIGN | VERSION | NTLM_128 | NTLM_KEY_EXCHANGE,
};

/* AV_PAIR numbers (MS-NLMP 2.2.2.1). */
enum {
    AV_END = 0,
    AV_COMPUTER = 1,
    AV_DOMAIN = 2,
    AV_DNS_COMPUTER = 3,
    AV_DNS_DOMAIN = 4,
    AV_FLAGS = 6,
    AV_TIME = 7,
    AV_TARGET = 9,
    AV_BINDING = 10,
};

enum {
    NEGOTIATE_LEAST = 16,
    NEGOTIATE_MOST = 4096,
    CHALLENGE_HEAD = 56, /* with VERSION */
    ANSWER_LEAST = 64,   /* without VERSION and integrity code */
    ANSWER_MOST = 16384,
    MIC_AT = 72,
    MIC = 16,
    PROOF = 16,
    BLOB_HEAD = 28, /* of an NTLMv2 response, before its pairs */
    HAS_MIC = 2,    /* in AV_FLAGS */
};

static const char signature[8] = "NTLMSSP";

/* ---- NEGOTIATE and CHALLENGE ---- */

void ntlm_host_init(struct ntlm_host *host)
{
    memset(host, 0, sizeof(*host));
    if (gethostname(host->dns, sizeof(host->dns) - 1) != 0 || utf8_length(host->dns) <= 0)
        memcpy(host->dns, "localhost", sizeof("localhost"));
    for (size_t i = 0; i < sizeof(host->computer) - 1 && host->dns[i] && host->dns[i] != '.'; i++)
        host->computer[i] =
            (char)(isascii(host->dns[i]) ? toupper((unsigned char)host->dns[i]) : '_');
}

static void add(struct strbuf *out, const void *data, size_t len)
{
    strbuf_add(out, data, len);
}

static void add_pair(struct strbuf *out, unsigned id, const void *value, size_t len)
{
    unsigned char head[4];

    bytes_put_u16(head, id);
    bytes_put_u16(head + 2, (unsigned)len);
    add(out, head, sizeof(head));
    add(out, value, len);
}

static void add_name(struct strbuf *out, unsigned id, const char *name)
{
    unsigned char wide[2 * NTLM_NAME];
    long len = wide_encode(wide, sizeof(wide), name, WIDE_AS_IS);

    if (len > 0)
        add_pair(out, id, wide, (size_t)len);
}

/* Units of 100 ns since 1601, as Windows counts. */
static void add_time(struct strbuf *out)
{
    uint64_t now = (uint64_t)clock_now_us() * 10 + UINT64_C(116444736000000000);
    unsigned char value[8];

    bytes_put_u32(value, (uint32_t)now);
    bytes_put_u32(value + 4, (uint32_t)(now >> 32));
    add_pair(out, AV_TIME, value, sizeof(value));
}

static void add_target_info(struct strbuf *out, const struct ntlm_host *host)
{
    add_name(out, AV_DOMAIN, host->computer);
    add_name(out, AV_COMPUTER, host->computer);
    add_name(out, AV_DNS_DOMAIN, host->dns);
    add_name(out, AV_DNS_COMPUTER, host->dns);
    add_time(out);
    add_pair(out, AV_END, "", 0);
}

/* Length, room and place of a field. */
static void put_field(unsigned char *at, size_t len, size_t place)
{
    bytes_put_u16(at, (unsigned)len);
    bytes_put_u16(at + 2, (unsigned)len);
    bytes_put_u32(at + 4, (uint32_t)place);
}

static void write_challenge(const struct ntlm *ntlm, const struct ntlm_host *host,
                            struct strbuf *out)
{
    /* 6.1 build 7601, NTLM revision 15: one that every client has met. */
    static const unsigned char version[8] = { 6, 1, 0xb1, 0x1d, 0, 0, 0, 15 };
    unsigned char head[CHALLENGE_HEAD] = { 0 }, name[2 * sizeof(host->computer)];
    struct strbuf info = STRBUF_INIT;
    size_t len = strlen(host->computer);

    memcpy(name, host->computer, len);
    if (ntlm->flags & UNICODE)
        len = (size_t)wide_encode(name, sizeof(name), host->computer, WIDE_AS_IS);
    add_target_info(&info, host);
    memcpy(head, signature, sizeof(signature));
    bytes_put_u32(head + 8, 2);
    put_field(head + 12, len, CHALLENGE_HEAD);
    bytes_put_u32(head + 20, ntlm->flags);
    memcpy(head + 24, ntlm->challenge, sizeof(ntlm->challenge));
    put_field(head + 40, info.len, CHALLENGE_HEAD + len);
    if (ntlm->flags & VERSION)
        memcpy(head + 48, version, sizeof(version));
    add(out, head, sizeof(head));
    add(out, name, len);
    add(out, strbuf_str(&info), info.len);
    out->failed = out->failed || info.failed;
    strbuf_free(&info);
}

const char *ntlm_challenge(struct ntlm *ntlm, struct bytes negotiate, const struct ntlm_host *host,
                           struct strbuf *out)
{
    uint32_t offered;

    memset(ntlm, 0, sizeof(*ntlm));
    if (negotiate.len < NEGOTIATE_LEAST || negotiate.len > NEGOTIATE_MOST ||
        !bytes_begin(negotiate, signature, sizeof(signature)) || bytes_u32(negotiate.data + 8) != 1)
        return "not an NTLM NEGOTIATE message";
    if (RAND_bytes(ntlm->challenge, sizeof(ntlm->challenge)) != 1)
        return "no random numbers can be had";
    offered = bytes_u32(negotiate.data + 12);
    ntlm->flags = (offered & (uint32_t)OFFERED) | REQUEST_TARGET | NTLM | TARGET_TYPE_SERVER |
                  EXTENDED_SECURITY | TARGET_INFO;
    if (!(offered & UNICODE))
        ntlm->flags |= OEM;
    write_challenge(ntlm, host, out);
    add(&ntlm->sent, negotiate.data, negotiate.len);
    add(&ntlm->sent, strbuf_str(out), out->len);
    return strbuf_ok(out) && strbuf_ok(&ntlm->sent) ? NULL : "out of memory";
}

void ntlm_clear(struct ntlm *ntlm)
{
    strbuf_free(&ntlm->sent);
    OPENSSL_cleanse(ntlm, sizeof(*ntlm));
}

/* ---- AUTHENTICATE ---- */

/* The octets that the field at `at` of the message's head points to. */
static bool read_field(struct bytes message, size_t at, struct bytes *out)
{
    size_t len = bytes_u16(message.data + at), place = bytes_u32(message.data + at + 4);

    *out = (struct bytes){ NULL, 0 };
    if (len == 0)
        return true;
    if (place < ANSWER_LEAST || place > message.len || message.len - place < len)
        return false;
    *out = (struct bytes){ message.data + place, len };
    return true;
}

/* A name in the character set of the flags. OEM can be any, so that only UTF-8, and with it ASCII,
 * is taken for sure. */
static bool read_name(char *out, struct bytes text, uint32_t flags)
{
    if (flags & UNICODE)
        return wide_decode(out, NTLM_NAME, text) == 0;
    if (text.len >= NTLM_NAME || (text.len && memchr(text.data, '\0', text.len)))
        return false;
    if (text.len)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return utf8_length(out) >= 0;
}

const char *ntlm_read_answer(struct ntlm_answer *out, const struct ntlm *ntlm, struct bytes message)
{
    struct bytes domain, user;

    memset(out, 0, sizeof(*out));
    if (message.len < ANSWER_LEAST || message.len > ANSWER_MOST ||
        !bytes_begin(message, signature, sizeof(signature)) || bytes_u32(message.data + 8) != 3)
        return "not an NTLM AUTHENTICATE message";
    out->message = message;
    out->flags = bytes_u32(message.data + 60) & ntlm->flags;
    if (!read_field(message, 20, &out->response) || !read_field(message, 28, &domain) ||
        !read_field(message, 36, &user) || !read_field(message, 52, &out->session_key))
        return "a field of the NTLM message lies outside of it";
    if (!read_name(out->user, user, out->flags) || !read_name(out->domain, domain, out->flags))
        return "a name in the NTLM message is not valid text";
    if (!out->user[0])
        return "an anonymous NTLM login";
    if (out->response.len < PROOF + BLOB_HEAD + 4)
        return "not NTLM version 2";
    return NULL;
}

/* The value of a pair of the response; false when the list is not well-formed. */
static bool find_pair(struct bytes response, unsigned id, struct bytes *out)
{
    const unsigned char *at = response.data + PROOF + BLOB_HEAD;
    size_t left = response.len - PROOF - BLOB_HEAD;

    *out = (struct bytes){ NULL, 0 };
    while (left >= 4) {
        unsigned kind = bytes_u16(at), len = bytes_u16(at + 2);
        if (len > left - 4)
            return false;
        if (kind == AV_END)
            return true;
        if (kind == id && !out->data)
            *out = (struct bytes){ at + 4, len };
        at += 4 + len;
        left -= 4 + len;
    }
    return false;
}

static bool hmac(unsigned char out[16], const unsigned char key[16], const void *data, size_t len)
{
    return HMAC(EVP_md5(), key, 16, data, len, out, NULL) != NULL;
}

/* NTOWFv2 (MS-NLMP 3.3.2): the key of everything that follows. */
static bool response_key(unsigned char out[16], const struct ntlm_answer *answer,
                         const unsigned char hash[NTLM_HASH])
{
    unsigned char names[4 * NTLM_NAME];
    long user = wide_encode(names, sizeof(names), answer->user, WIDE_UPPER), domain;

    if (user < 0)
        return false;
    domain = wide_encode(names + user, sizeof(names) - (size_t)user, answer->domain, WIDE_AS_IS);
    return domain >= 0 && hmac(out, hash, names, (size_t)(user + domain));
}

/* NTProofStr, and the key that comes of it. */
static bool expected_proof(const struct ntlm *ntlm, const struct ntlm_answer *answer,
                           const unsigned char hash[NTLM_HASH], unsigned char proof[PROOF],
                           unsigned char key[NTLM_KEY])
{
    unsigned char base[16];
    struct strbuf text = STRBUF_INIT;
    bool done;

    add(&text, ntlm->challenge, sizeof(ntlm->challenge));
    add(&text, answer->response.data + PROOF, answer->response.len - PROOF);
    done = strbuf_ok(&text) && response_key(base, answer, hash) &&
           hmac(proof, base, text.data, text.len) && hmac(key, base, proof, PROOF);
    strbuf_free(&text);
    OPENSSL_cleanse(base, sizeof(base));
    return done;
}

/* The key that the client has chosen, if it has (MS-NLMP 3.1.5.1.2). */
static const char *exchange_key(const struct ntlm_answer *answer, unsigned char key[NTLM_KEY])
{
    struct rc4 rc4;
    unsigned char chosen[NTLM_KEY];

    if (!(answer->flags & NTLM_KEY_EXCHANGE))
        return NULL;
    if (answer->session_key.len != NTLM_KEY)
        return "the NTLM session key has the wrong length";
    memcpy(chosen, answer->session_key.data, NTLM_KEY);
    rc4_init(&rc4, key, NTLM_KEY);
    rc4_apply(&rc4, chosen, NTLM_KEY);
    memcpy(key, chosen, NTLM_KEY);
    OPENSSL_cleanse(&rc4, sizeof(rc4));
    OPENSSL_cleanse(chosen, sizeof(chosen));
    return NULL;
}

/* Over all three messages, with nothing in its own place. The flag that says it is there is under
 * the proof already, so that nobody can take it away. */
static const char *check_mic(const struct ntlm *ntlm, const struct ntlm_answer *answer,
                             const unsigned char key[NTLM_KEY])
{
    struct bytes flags, message = answer->message;
    unsigned char mine[MIC], zero[MIC] = { 0 };
    struct strbuf text = STRBUF_INIT;
    bool right;

    if (!find_pair(answer->response, AV_FLAGS, &flags))
        return "the NTLM response is not well-formed";
    if (flags.len != 4 || !(bytes_u32(flags.data) & HAS_MIC))
        return NULL;
    if (message.len < MIC_AT + MIC)
        return "the NTLM message has no integrity code";
    add(&text, strbuf_str(&ntlm->sent), ntlm->sent.len);
    add(&text, message.data, MIC_AT);
    add(&text, zero, MIC);
    add(&text, message.data + MIC_AT + MIC, message.len - MIC_AT - MIC);
    right = strbuf_ok(&text) && hmac(mine, key, text.data, text.len) &&
            CRYPTO_memcmp(mine, message.data + MIC_AT, MIC) == 0;
    strbuf_free(&text);
    return right ? NULL : "the NTLM integrity code is wrong";
}

/* MD5 over a gss_channel_bindings_struct whose addresses are empty (MS-NLMP 3.1.5.1.2). */
static bool binding_hash(unsigned char out[16], struct bytes binding)
{
    unsigned char head[20] = { 0 };
    struct strbuf text = STRBUF_INIT;
    bool done;

    bytes_put_u32(head + 16, (uint32_t)binding.len);
    add(&text, head, sizeof(head));
    add(&text, binding.data, binding.len);
    done = strbuf_ok(&text) && EVP_Digest(text.data, text.len, out, NULL, EVP_md5(), NULL) == 1;
    strbuf_free(&text);
    return done;
}

/* Bindings that are there must be ours: a client that sees TLS where we see none talks to somebody
 * in between. */
static const char *check_binding(const struct ntlm_answer *answer, const struct ntlm_policy *policy)
{
    static const unsigned char none[16];
    unsigned char mine[16];
    struct bytes theirs;

    if (!find_pair(answer->response, AV_BINDING, &theirs))
        return "the NTLM response is not well-formed";
    if (theirs.len != sizeof(none) || memcmp(theirs.data, none, sizeof(none)) == 0)
        return policy->tls && policy->require_binding ? "channel bindings are missing" : NULL;
    if (policy->tls && binding_hash(mine, policy->binding) &&
        CRYPTO_memcmp(mine, theirs.data, sizeof(mine)) == 0)
        return NULL;
    return "the channel bindings are those of another connection";
}

/* Whether a name is in a list with commas; how the letters are written makes no difference. */
static bool is_listed(const char *names, const char *name, size_t len)
{
    while (*names) {
        size_t n;
        names += strspn(names, ", \t");
        n = strcspn(names, ", \t");
        if (n == len && strncasecmp(names, name, n) == 0)
            return true;
        names += n;
    }
    return false;
}

/* The service that the client believes to log in to, "HTTP/web1.example.org" (MS-NLMP 3.2.5.1.2): what was meant for
 * another host, somebody in between has carried here. */
static const char *check_target(const struct ntlm_answer *answer, const struct ntlm_policy *policy)
{
    char text[NTLM_NAME], *host;
    struct bytes target;

    if (!policy->targets || !policy->targets[0])
        return NULL;
    if (!find_pair(answer->response, AV_TARGET, &target))
        return "the NTLM response is not well-formed";
    if (target.len == 0)
        return NULL;
    if (wide_decode(text, sizeof(text), target) != 0)
        return "the NTLM login's target name is not valid text";
    host = strchr(text, '/');
    host = host ? host + 1 : text;
    return is_listed(policy->targets, host, strcspn(host, ":/"))
               ? NULL
               : "the NTLM login was meant for another host";
}

const char *ntlm_prove(const struct ntlm *ntlm, const struct ntlm_answer *answer,
                       const unsigned char hash[NTLM_HASH], const struct ntlm_policy *policy,
                       unsigned char key[NTLM_KEY])
{
    unsigned char proof[PROOF];
    const char *reason;

    if (!expected_proof(ntlm, answer, hash, proof, key))
        return "NTLM cannot be computed here";
    if (CRYPTO_memcmp(proof, answer->response.data, PROOF) != 0)
        return "wrong password";
    reason = exchange_key(answer, key);
    if (!reason)
        reason = check_mic(ntlm, answer, key);
    if (!reason)
        reason = check_binding(answer, policy);
    return reason ? reason : check_target(answer, policy);
}
