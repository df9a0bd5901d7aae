/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client's certificate claims; whole logins are in tests/attack/test_certificates.py.
 */
#include "auth/certificate.h"
#include "faults/alloc.h"

#include "unit.h"

#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <string.h>

/* OpenSSL's own notation. */
static const char names[] = "DNS:host.example,email:boss@example.org,IP:192.0.2.1,"
                            "otherName:msUPN;UTF8:boss@EXAMPLE,otherName:1.2.3.4;UTF8:other,"
                            "otherName:msUPN;IA5:form";

/* offset: of its end, in seconds from now. */
static X509 *make(const char *alternatives, long offset)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    X509_EXTENSION *extension =
        alternatives ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternatives) : NULL;

    X509_set_version(x509, 2);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"the client", -1, -1, 0);
    X509_gmtime_adj(X509_getm_notBefore(x509), offset - 3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), offset);
    X509_set_pubkey(x509, key);
    if (extension)
        X509_add_ext(x509, extension, -1);
    X509_sign(x509, key, EVP_sha256());
    X509_EXTENSION_free(extension);
    EVP_PKEY_free(key);
    return x509;
}

static bool claims(const struct certificate *certificate, enum rule_kind kind, const char *text)
{
    for (size_t i = 0; i < certificate->claims.count; i++)
        if (certificate->claims.items[i].kind == kind && strcmp(certificate->claims.items[i].text, text) == 0)
            return true;
    return false;
}

static void test_names(void)
{
    X509 *x509 = make(names, 3600);
    struct certificate *certificate = certificate_new(x509, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(certificate);
    CU_ASSERT_TRUE(claims(certificate, RULE_DNS, "host.example"));
    CU_ASSERT_TRUE(claims(certificate, RULE_EMAIL, "boss@example.org"));
    CU_ASSERT_TRUE(claims(certificate, RULE_UPN, "boss@EXAMPLE"));
    CU_ASSERT_FALSE(claims(certificate, RULE_UPN, "other") || claims(certificate, RULE_UPN, "form"));
    CU_ASSERT_TRUE(claims(certificate, RULE_SUBJECT, "CN=the client"));
    CU_ASSERT_STRING_EQUAL(certificate->subject, "CN=the client");
    CU_ASSERT_EQUAL(certificate->claims.count, 6); /* and two fingerprints */
    certificate_free(certificate);
    X509_free(x509);
    certificate_free(NULL);
}

static void test_life(void)
{
    static const struct {
        long offset;
        bool current;
    } cases[] = { { 1800, true }, { -60, false }, { 7200, false } };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        X509 *x509 = make(NULL, cases[i].offset);
        struct certificate *certificate = certificate_new(x509, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(certificate);
        CU_ASSERT_EQUAL(certificate_is_current(certificate), cases[i].current);
        certificate_free(certificate);
        X509_free(x509);
    }
}

/* What fails leaves claims out, or there is no certificate; nothing is claimed that was not there. */
static void test_failures(void)
{
    X509 *x509 = make(names, 3600);
    STACK_OF(X509) *chain = sk_X509_new_null();
    bool reached = true;

    sk_X509_push(chain, x509);
    CU_ASSERT_EQUAL_FATAL(alloc_init(false, false), 0);
    for (long point = 1; reached; point++) {
        struct certificate *certificate;
        alloc_arm(ALLOC_MAIN, point, 1);
        certificate = certificate_new(x509, chain);
        reached = alloc_disarm();
        CU_ASSERT_TRUE(certificate != NULL || reached);
        CU_ASSERT_TRUE(certificate == NULL || (certificate->claims.count <= 6 && claims(certificate, RULE_SUBJECT, "CN=the client")));
        certificate_free(certificate);
    }
    sk_X509_free(chain);
    X509_free(x509);
}

UNIT_MAIN({ "names", test_names }, { "life", test_life }, { "calls that fail", test_failures })
