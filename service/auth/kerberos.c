/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/kerberos.h"

#include "base/log.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct kerberos {
    atomic_uint references;
    gss_cred_id_t credential; /* GSSAPI locks it itself */
};

struct kerberos_context {
    gss_ctx_id_t gss;
    OM_uint32 flags;
};

static gss_OID_desc mechanisms[] = {
    { 6, (void *)"\x2b\x06\x01\x05\x05\x02" },             /* SPNEGO */
    { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" }, /* Kerberos */
};

static const gss_OID_desc *const kerberos_mechanism = &mechanisms[1];

/* What the libraries say: the mechanism's own text, if it has one. */
static void describe(char *out, size_t size, OM_uint32 major, OM_uint32 minor)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    bool own = minor != 0;

    gss_display_status(&ignored, own ? minor : major, own ? GSS_C_MECH_CODE : GSS_C_GSS_CODE,
                       (gss_OID)kerberos_mechanism, &more, &text);
    snprintf(out, size, "%.*s", (int)text.length, text.value ? (const char *)text.value : "");
    gss_release_buffer(&ignored, &text);
}

int kerberos_open(struct kerberos **out, const char *keytab, const char *replay_cache,
                  struct error *err)
{
    gss_key_value_element_desc elements[] = { { "keytab", keytab }, { "rcache", replay_cache } };
    gss_key_value_set_desc store = { 2, elements };
    gss_OID_set_desc wanted = { 2, mechanisms };
    struct kerberos *kerberos = calloc(1, sizeof(*kerberos));
    gss_OID_set got = GSS_C_NO_OID_SET;
    char text[200] = "no keys can be read";
    OM_uint32 major, minor;
    int has_kerberos = 0;

    if (!kerberos)
        return error_set(err, ERR_NO_MEMORY, NULL);
    kerberos->references = 1;
    major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &wanted, GSS_C_ACCEPT,
                                  &store, &kerberos->credential, &got, NULL);
    if (GSS_ERROR(major))
        describe(text, sizeof(text), major, minor);
    else /* without a keytab that is SPNEGO with nothing in it */
        gss_test_oid_set_member(&minor, &mechanisms[1], got, &has_kerberos);
    gss_release_oid_set(&minor, &got);
    if (has_kerberos) {
        *out = kerberos;
        return 0;
    }
    kerberos_unref(kerberos);
    return error_set(err, ERR_FAILED, "%s: %s", keytab, text);
}

struct kerberos *kerberos_ref(struct kerberos *kerberos)
{
    kerberos->references++;
    return kerberos;
}

void kerberos_unref(struct kerberos *kerberos)
{
    OM_uint32 minor;

    if (!kerberos || --kerberos->references)
        return;
    gss_release_cred(&minor, &kerberos->credential);
    free(kerberos);
}

static gss_buffer_desc buffer_of(struct bytes bytes)
{
    return (gss_buffer_desc){ bytes.len, (void *)(uintptr_t)bytes.data };
}

/* The principal's name as text; NULL, or why it cannot be taken. */
static const char *read_name(gss_name_t source, struct kerberos_result *out)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    const char *reason = "the Kerberos principal has no name";

    if (GSS_ERROR(gss_display_name(&minor, source, &text, NULL)))
        return reason;
    /* Some mechanisms count a NUL at the end. */
    while (text.length && ((const char *)text.value)[text.length - 1] == '\0')
        text.length--;
    if (text.length && text.length < sizeof(out->name) && !memchr(text.value, '\0', text.length)) {
        memcpy(out->name, text.value, text.length);
        out->name[text.length] = '\0';
        reason = NULL;
    }
    gss_release_buffer(&minor, &text);
    return reason;
}

/* The context stands: who it is, and that it is Kerberos. */
static enum kerberos_outcome finish(struct kerberos_context *context, gss_name_t source,
                                    gss_OID mechanism, struct kerberos_result *out)
{
    if (!mechanism || mechanism->length != kerberos_mechanism->length ||
        memcmp(mechanism->elements, kerberos_mechanism->elements, mechanism->length) != 0)
        out->reason = "not Kerberos";
    else if (context->flags & GSS_C_ANON_FLAG)
        out->reason = "an anonymous Kerberos login";
    else
        out->reason = read_name(source, out);
    out->bound = context->flags & GSS_C_CHANNEL_BOUND_FLAG;
    return out->reason ? KERBEROS_REFUSED : KERBEROS_DONE;
}

static enum kerberos_outcome judge(OM_uint32 major, OM_uint32 minor, struct kerberos_result *out)
{
    char text[200];

    if (major & GSS_S_CONTINUE_NEEDED)
        return KERBEROS_CONTINUE;
    describe(text, sizeof(text), major, minor);
    log_event(LOG_INFO, "kerberos", "says", text, NULL);
    out->reason = GSS_ROUTINE_ERROR(major) == GSS_S_BAD_BINDINGS
                      ? "the channel bindings are those of another connection"
                  : (major & GSS_S_DUPLICATE_TOKEN) ? "a Kerberos token was replayed"
                                                    : "the Kerberos token is not valid";
    return KERBEROS_REFUSED;
}

enum kerberos_outcome kerberos_accept(struct kerberos *kerberos, struct kerberos_context **context,
                                      struct bytes token, struct bytes binding,
                                      struct kerberos_result *out)
{
    struct gss_channel_bindings_struct bindings = { .application_data = buffer_of(binding) };
    gss_buffer_desc in = buffer_of(token), reply = GSS_C_EMPTY_BUFFER;
    gss_name_t source = GSS_C_NO_NAME;
    gss_OID mechanism = GSS_C_NO_OID;
    enum kerberos_outcome outcome;
    OM_uint32 major, minor, ignored, seconds = 0;

    memset(out, 0, sizeof(*out));
    if (!*context && !(*context = calloc(1, sizeof(**context)))) {
        out->reason = "out of memory";
        return KERBEROS_REFUSED;
    }
    major = gss_accept_sec_context(&minor, &(*context)->gss, kerberos->credential, &in,
                                   binding.len ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, &source,
                                   &mechanism, &reply, &(*context)->flags, &seconds, NULL);
    strbuf_add(&out->token, reply.value, reply.length);
    if (major == GSS_S_COMPLETE)
        outcome = finish(*context, source, mechanism, out);
    else
        outcome = judge(major, minor, out);
    out->seconds = seconds;
    gss_release_buffer(&ignored, &reply);
    gss_release_name(&ignored, &source);
    return outcome;
}

void kerberos_context_free(struct kerberos_context *context)
{
    OM_uint32 minor;

    if (!context)
        return;
    gss_delete_sec_context(&minor, &context->gss, GSS_C_NO_BUFFER);
    free(context);
}

bool kerberos_can_seal(const struct kerberos_context *context)
{
    return context->flags & GSS_C_CONF_FLAG;
}

bool kerberos_unseal(struct kerberos_context *context, struct bytes signature, unsigned char *data,
                     size_t len)
{
    gss_iov_buffer_desc iov[] = {
        { GSS_IOV_BUFFER_TYPE_HEADER, buffer_of(signature) },
        { GSS_IOV_BUFFER_TYPE_DATA, { len, data } },
        { GSS_IOV_BUFFER_TYPE_DATA, { 0, NULL } },
    };
    OM_uint32 minor;
    int encrypted = 0;

    return kerberos_can_seal(context) && signature.len &&
           gss_unwrap_iov(&minor, context->gss, &encrypted, NULL, iov, 3) == GSS_S_COMPLETE &&
           encrypted;
}

/* Without a TRAILER buffer MIT's library puts everything that is not data into the header, which is
 * what the clients expect. */
bool kerberos_seal(struct kerberos_context *context, struct strbuf *signature, unsigned char *data,
                   size_t len)
{
    gss_iov_buffer_desc iov[] = {
        { GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER },
        { GSS_IOV_BUFFER_TYPE_DATA, { len, data } },
        { GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER },
    };
    OM_uint32 major, minor;
    int encrypted = 0;
    bool done;

    if (!kerberos_can_seal(context))
        return false;
    major = gss_wrap_iov(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &encrypted, iov, 3);
    done = major == GSS_S_COMPLETE && encrypted && iov[2].buffer.length == 0;
    if (done)
        strbuf_add(signature, iov[0].buffer.value, iov[0].buffer.length);
    gss_release_iov_buffer(&minor, iov, 3);
    return done && strbuf_ok(signature);
}
