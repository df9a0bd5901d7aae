/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tls.h"

#include "base/log.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define BINDING "tls-server-end-point:" /* RFC 5929 */

/* The channel binding of a certificate. */
struct binding {
    unsigned char octets[sizeof(BINDING) - 1 + EVP_MAX_MD_SIZE];
    size_t len; /* 0: there is none */
};

struct tls {
    const struct config *config;
    pthread_mutex_t lock; /* guards what follows */
    SSL_CTX *ctx;         /* the pointer; the context is never changed */
    unsigned generation;
    struct binding binding; /* of ctx's certificate: it takes a fiftieth of a resumed handshake to make */
};

enum { WARN_DAYS = 30, SECONDS_A_DAY = 86400 };

static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

/* The first thing OpenSSL complained of is the cause; the rest follows from it. */
static int tls_failed(struct error *err, const char *path, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return error_set(err, ERR_FAILED, "%s: %s%s%s", path, what, reason ? ": " : "",
                     reason ? reason : "");
}

/* A key with a passphrase: a daemon has nobody to ask, so the load fails instead of waiting. */
static int no_passphrase(char *buf, int size, int rwflag, void *opaque)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)opaque;
    return -1;
}

static void check_key_mode(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && (st.st_mode & (S_IWGRP | S_IRWXO)))
        log_event(LOG_WARN, "tls_key", "path", path, "reason",
                  "others can read the private key, or the group write it; chmod 640", NULL);
}

static int64_t expiry_of(const SSL_CTX *ctx)
{
    const X509 *certificate = SSL_CTX_get0_certificate(ctx);
    struct tm tm;

    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
        return -1;
    return timegm(&tm);
}

/* Clients will refuse it: better said while there is time. */
static void check_expiry(const SSL_CTX *ctx, const char *path)
{
    int64_t expiry = expiry_of(ctx);
    double days = difftime((time_t)expiry, time(NULL)) / SECONDS_A_DAY;
    char text[24];

    if (expiry < 0 || days > WARN_DAYS)
        return;
    snprintf(text, sizeof(text), "%.0f", days);
    log_event(LOG_WARN, "tls_certificate", "path", path, "reason",
              days < 0 ? "the certificate has expired" : "the certificate expires soon",
              "days_left", text, NULL);
}

static int set_options(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    /* A record is read in one call instead of two. */
    SSL_CTX_set_read_ahead(ctx, 1);
    /* Tickets resume sessions without any state here. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1;
}

/* Certificates of authorities, and all revocation lists of a file. */
static int load_clients(SSL_CTX *ctx, const struct config *config, struct error *err)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    STACK_OF(X509_NAME) * names;
    X509_LOOKUP *lookup;

    if (!config->tls_client_ca[0])
        return 0;
    names = SSL_load_client_CA_file(config->tls_client_ca);
    if (!names || SSL_CTX_load_verify_file(ctx, config->tls_client_ca) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return tls_failed(err, config->tls_client_ca, "the authorities cannot be read");
    }
    SSL_CTX_set_client_CA_list(ctx, names); /* takes them */
    if (!config->tls_client_crl[0])
        return 0;
    lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, config->tls_client_crl, X509_FILETYPE_PEM) <= 0)
        return tls_failed(err, config->tls_client_crl, "the revocation lists cannot be read");
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return 0;
}

static SSL_CTX *load(const struct config *config, struct error *err)
{
    SSL_CTX *ctx;

    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || !set_options(ctx))
        tls_failed(err, "TLS", "cannot be set up");
    else if (SSL_CTX_use_certificate_chain_file(ctx, config->tls_certificate) != 1)
        tls_failed(err, config->tls_certificate, "the certificate cannot be read");
    else if (SSL_CTX_use_PrivateKey_file(ctx, config->tls_key, SSL_FILETYPE_PEM) != 1)
        tls_failed(err, config->tls_key, "the private key cannot be read");
    else if (SSL_CTX_check_private_key(ctx) != 1)
        tls_failed(err, config->tls_key, "the private key is not that of the certificate");
    else if (load_clients(ctx, config, err) == 0)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

int tls_open(struct tls **out, const struct config *config, struct error *err)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    if (!tls)
        return error_set(err, ERR_NO_MEMORY, NULL);
    tls->config = config;
    pthread_mutex_init(&tls->lock, NULL);
    if (tls_reload(tls, err) < 0) {
        tls_close(tls);
        return -1;
    }
    *out = tls;
    return 0;
}

/* Its digest by the algorithm of its signature, but never by one that is weak; for those without, SHA-256. */
static struct binding binding_of(const X509 *certificate)
{
    struct binding made = { .len = 0 };
    int digest = NID_undef;
    const EVP_MD *kind;
    unsigned len = 0;

    if (!certificate)
        return made;
    X509_get_signature_info((X509 *)(uintptr_t)certificate, &digest, NULL, NULL, NULL);
    kind = digest == NID_undef || digest == NID_md5 || digest == NID_sha1
               ? EVP_sha256()
               : EVP_get_digestbynid(digest);
    memcpy(made.octets, BINDING, sizeof(BINDING) - 1);
    if (kind && X509_digest(certificate, kind, made.octets + sizeof(BINDING) - 1, &len) == 1)
        made.len = sizeof(BINDING) - 1 + len;
    return made;
}

int tls_reload(struct tls *tls, struct error *err)
{
    SSL_CTX *fresh = load(tls->config, err), *old;
    struct binding binding;

    if (!fresh)
        return -1;
    check_key_mode(tls->config->tls_key);
    check_expiry(fresh, tls->config->tls_certificate);
    binding = binding_of(SSL_CTX_get0_certificate(fresh));
    pthread_mutex_lock(&tls->lock);
    old = tls->ctx;
    tls->ctx = fresh;
    tls->binding = binding;
    tls->generation++;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(old);
    return 0;
}

void tls_close(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->ctx);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

/* The context in force, for the caller to free, and its number. */
static SSL_CTX *take_context(struct tls *tls, unsigned *generation)
{
    SSL_CTX *ctx;

    pthread_mutex_lock(&tls->lock);
    ctx = tls->ctx;
    *generation = tls->generation;
    SSL_CTX_up_ref(ctx);
    pthread_mutex_unlock(&tls->lock);
    return ctx;
}

int64_t tls_expiry(struct tls *tls)
{
    int64_t expiry;

    pthread_mutex_lock(&tls->lock);
    expiry = expiry_of(tls->ctx);
    pthread_mutex_unlock(&tls->lock);
    return expiry;
}

SSL *tls_session(struct tls *tls, enum endpoint_certificate wanted)
{
    unsigned generation;
    SSL_CTX *ctx = take_context(tls, &generation);
    SSL *ssl = SSL_new(ctx); /* holds a reference of its own */

    SSL_CTX_free(ctx);
    if (!ssl || wanted == ENDPOINT_CERTIFICATE_NONE || !tls->config->tls_client_ca[0])
        return ssl;
    SSL_set_verify(ssl,
                   wanted == ENDPOINT_CERTIFICATE_REQUIRED
                       ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                       : SSL_VERIFY_PEER,
                   NULL);
    /* A resumed session would bring its certificate along unverified. */
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 0);
    return ssl;
}

size_t tls_binding(struct tls *tls, SSL *ssl, unsigned char *out, size_t room)
{
    struct binding binding;
    bool current;

    pthread_mutex_lock(&tls->lock);
    current = SSL_get_SSL_CTX(ssl) == tls->ctx;
    binding = tls->binding;
    pthread_mutex_unlock(&tls->lock);
    if (!current) /* since then another certificate has been loaded */
        binding = binding_of(SSL_get_certificate(ssl));
    if (binding.len > room)
        return 0;
    memcpy(out, binding.octets, binding.len);
    return binding.len;
}

int tls_client(struct tls *tls, SSL *ssl, struct certificate **out)
{
    X509 *x509 = SSL_get0_peer_certificate(ssl);

    *out = NULL;
    if (!x509)
        return 0;
    *out = certificate_new(x509, SSL_get_peer_cert_chain(ssl));
    if (!*out)
        return -1;
    /* Verified by a context that may be older than this: then it is verified once more. */
    pthread_mutex_lock(&tls->lock);
    (*out)->generation = SSL_get_SSL_CTX(ssl) == tls->ctx ? tls->generation : 0;
    pthread_mutex_unlock(&tls->lock);
    return 0;
}

static bool verify(SSL_CTX *ctx, const struct certificate *certificate)
{
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    bool good = verification &&
                X509_STORE_CTX_init(verification, SSL_CTX_get_cert_store(ctx), certificate->x509,
                                    certificate->chain) == 1 &&
                X509_STORE_CTX_set_default(verification, "ssl_client") == 1 &&
                X509_verify_cert(verification) == 1;

    X509_STORE_CTX_free(verification);
    return good;
}

bool tls_trusts(struct tls *tls, struct certificate *certificate)
{
    unsigned generation;
    SSL_CTX *ctx = take_context(tls, &generation);

    if (certificate->generation != generation && verify(ctx, certificate))
        certificate->generation = generation;
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return certificate->generation == generation;
}
