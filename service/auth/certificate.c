/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/certificate.h"

#include "base/put.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* An ASN.1 string as UTF-8, kept unless it holds a NUL: that is how one name passes for another. */
static int claim_string(struct claims *claims, enum rule_kind kind, const ASN1_STRING *string)
{
    unsigned char *text = NULL;
    int len = ASN1_STRING_to_UTF8(&text, string), result = 0;

    if (len > 0 && strlen((char *)text) == (size_t)len && users_text_valid((char *)text))
        result = claims_add(claims, kind, (char *)text);
    OPENSSL_free(text);
    return result;
}

/* A user principal name is an OtherName of Microsoft's (1.3.6.1.4.1.311.20.2.3). */
static int claim_other(struct claims *claims, const OTHERNAME *other)
{
    if (OBJ_obj2nid(other->type_id) != NID_ms_upn || other->value->type != V_ASN1_UTF8STRING)
        return 0;
    return claim_string(claims, RULE_UPN, other->value->value.utf8string);
}

static int claim_name(struct claims *claims, const GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_OTHERNAME:
        return claim_other(claims, name->d.otherName);
    case GEN_DNS:
        return claim_string(claims, RULE_DNS, name->d.dNSName);
    case GEN_EMAIL:
        return claim_string(claims, RULE_EMAIL, name->d.rfc822Name);
    default:
        return 0;
    }
}

static int claim_names(struct claims *claims, const X509 *x509)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    int result = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && result == 0; i++)
        result = claim_name(claims, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    return result;
}

static int claim_subject(struct certificate *certificate)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    long len = 0;
    int result = -1;

    if (out &&
        X509_NAME_print_ex(out, X509_get_subject_name(certificate->x509), 0,
                           XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0 &&
        BIO_write(out, "", 1) == 1)
        len = BIO_get_mem_data(out, &text);
    if (len > 0) {
        put_text(certificate->subject, sizeof(certificate->subject), text);
        result = claims_add(&certificate->claims, RULE_SUBJECT, text);
    }
    BIO_free(out);
    return result;
}

static int claim_digest(struct claims *claims, const X509 *x509, const EVP_MD *kind)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned len = 0;

    if (X509_digest(x509, kind, digest, &len) != 1)
        return -1;
    for (unsigned i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return claims_add(claims, RULE_FINGERPRINT, text);
}

struct certificate *certificate_new(X509 *x509, STACK_OF(X509) * chain)
{
    struct certificate *certificate = calloc(1, sizeof(*certificate));

    if (!certificate)
        return NULL;
    X509_up_ref(x509);
    certificate->x509 = x509;
    certificate->chain = chain ? X509_chain_up_ref(chain) : NULL;
    /* Windows shows SHA-1 thumbprints only; what is trusted is the authority's signature. */
    if (claim_names(&certificate->claims, x509) == 0 && claim_subject(certificate) == 0 &&
        claim_digest(&certificate->claims, x509, EVP_sha256()) == 0 &&
        claim_digest(&certificate->claims, x509, EVP_sha1()) == 0)
        return certificate;
    certificate_free(certificate);
    return NULL;
}

void certificate_free(struct certificate *certificate)
{
    if (!certificate)
        return;
    claims_clear(&certificate->claims);
    X509_free(certificate->x509);
    sk_X509_pop_free(certificate->chain, X509_free);
    free(certificate);
}

bool certificate_is_current(const struct certificate *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate->x509)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate->x509)) > 0;
}
