/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/spnego.h"

#include "auth/der.h"

enum { MECHANISMS_MAX = 32 };

enum mechanism { OTHER, SPNEGO, KERBEROS, NTLM };

static const struct {
    unsigned char oid[10];
    size_t len;
    enum mechanism mechanism;
} oids[] = {
    { { 0x2b, 6, 1, 5, 5, 2 }, 6, SPNEGO },                           /* 1.3.6.1.5.5.2 */
    { { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 }, 9, KERBEROS }, /* 1.2.840.113554.1.2.2 */
    { { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2 }, 9, KERBEROS }, /* as Windows 2000 wrote it */
    { { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0a }, 10, NTLM },       /* 1.3.6.1.4.1.311.2.2.10 */
};

static const size_t ntlm_row = 3;

static enum mechanism find(struct bytes oid)
{
    for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
        if (oid.len == oids[i].len && memcmp(oid.data, oids[i].oid, oid.len) == 0)
            return oids[i].mechanism;
    return OTHER;
}

/* The frame of a first token (RFC 2743, 3.1): the mechanism, and what stands behind it. */
static bool read_frame(struct bytes token, enum mechanism *mechanism, struct bytes *rest)
{
    struct bytes oid;

    if (!der_take(&token, DER_APPLICATION, rest, NULL) || !der_take(rest, DER_OID, &oid, NULL))
        return false;
    *mechanism = find(oid);
    return true;
}

enum spnego_kind spnego_kind(struct bytes token)
{
    enum mechanism mechanism;
    struct bytes rest;

    if (bytes_begin(token, "NTLMSSP", 8))
        return SPNEGO_NTLM;
    if (!read_frame(token, &mechanism, &rest))
        return SPNEGO_UNKNOWN;
    return mechanism == SPNEGO     ? SPNEGO_INIT
           : mechanism == KERBEROS ? SPNEGO_KERBEROS
                                   : SPNEGO_UNKNOWN;
}

static bool read_mechanisms(struct spnego_init *out, struct bytes list)
{
    struct bytes oid;

    for (int i = 0; list.len; i++) {
        enum mechanism mechanism;
        if (i == MECHANISMS_MAX || !der_take(&list, DER_OID, &oid, NULL))
            return false;
        mechanism = find(oid);
        if (mechanism == NTLM && i == 0)
            out->ntlm_first = true;
        if (mechanism == NTLM && out->kerberos)
            out->kerberos_before_ntlm = true;
        out->kerberos = out->kerberos || mechanism == KERBEROS;
        out->ntlm = out->ntlm || mechanism == NTLM;
    }
    return true;
}

/* An octet string within a context tag, or neither. */
static bool take_octets(struct bytes *in, unsigned number, struct bytes *out)
{
    struct bytes inside;

    *out = (struct bytes){ NULL, 0 };
    if (!der_take_optional(in, DER_CONTEXT + number, &inside))
        return false;
    return inside.data == NULL || der_take(&inside, DER_OCTETS, out, NULL);
}

bool spnego_read_init(struct spnego_init *out, struct bytes token)
{
    struct bytes rest, init, fields, list, ignored;
    enum mechanism mechanism;

    *out = (struct spnego_init){ .kerberos = false };
    if (!read_frame(token, &mechanism, &rest) || mechanism != SPNEGO ||
        !der_take(&rest, DER_CONTEXT, &init, NULL) ||
        !der_take(&init, DER_SEQUENCE, &fields, NULL) ||
        !der_take(&fields, DER_CONTEXT, &list, NULL) ||
        !der_take(&list, DER_SEQUENCE, &rest, &out->mechanisms) || !read_mechanisms(out, rest))
        return false;
    /* reqFlags are for nothing any more (RFC 4178, 4.2.1). */
    return der_take_optional(&fields, DER_CONTEXT + 1, &ignored) &&
           take_octets(&fields, 2, &out->token) && take_octets(&fields, 3, &out->mic);
}

bool spnego_read_response(struct spnego_response *out, struct bytes token)
{
    struct bytes response, fields, ignored;

    return der_take(&token, DER_CONTEXT + 1, &response, NULL) &&
           der_take(&response, DER_SEQUENCE, &fields, NULL) &&
           der_take_optional(&fields, DER_CONTEXT, &ignored) &&
           der_take_optional(&fields, DER_CONTEXT + 1, &ignored) &&
           take_octets(&fields, 2, &out->token) && take_octets(&fields, 3, &out->mic);
}

static struct bytes bytes_of(const struct strbuf *text)
{
    return (struct bytes){ (const unsigned char *)strbuf_str(text), text->len };
}

/* An element within a context tag. */
static void put_field(struct strbuf *out, unsigned number, unsigned tag, struct bytes contents)
{
    struct strbuf inside = STRBUF_INIT;

    der_put(&inside, tag, contents);
    out->failed = out->failed || inside.failed;
    der_put(out, DER_CONTEXT + number, bytes_of(&inside));
    strbuf_free(&inside);
}

void spnego_write(struct strbuf *out, enum spnego_state state, bool mechanism, struct bytes token,
                  struct bytes mic)
{
    const unsigned char code = (unsigned char)state;
    struct strbuf fields = STRBUF_INIT, sequence = STRBUF_INIT;

    put_field(&fields, 0, DER_ENUMERATED, (struct bytes){ &code, 1 });
    if (mechanism)
        put_field(&fields, 1, DER_OID, (struct bytes){ oids[ntlm_row].oid, oids[ntlm_row].len });
    if (token.len)
        put_field(&fields, 2, DER_OCTETS, token);
    if (mic.len)
        put_field(&fields, 3, DER_OCTETS, mic);
    der_put(&sequence, DER_SEQUENCE, bytes_of(&fields));
    out->failed = out->failed || fields.failed || sequence.failed;
    der_put(out, DER_CONTEXT + 1, bytes_of(&sequence));
    strbuf_free(&fields);
    strbuf_free(&sequence);
}
