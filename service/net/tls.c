/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tls.h"

#include "base/log.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

struct tls {
    const char *certificate, *key;
    pthread_mutex_t lock; /* guards ctx, the pointer */
    SSL_CTX *ctx;
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

    if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
        log_event(LOG_WARN, "tls_key", "path", path, "reason",
                  "group or others have access to the private key; chmod 600", NULL);
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
    /* Tickets resume sessions without any state here. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1;
}

static SSL_CTX *load(const struct tls *tls, struct error *err)
{
    SSL_CTX *ctx;

    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || !set_options(ctx))
        tls_failed(err, "TLS", "cannot be set up");
    else if (SSL_CTX_use_certificate_chain_file(ctx, tls->certificate) != 1)
        tls_failed(err, tls->certificate, "the certificate cannot be read");
    else if (SSL_CTX_use_PrivateKey_file(ctx, tls->key, SSL_FILETYPE_PEM) != 1)
        tls_failed(err, tls->key, "the private key cannot be read");
    else if (SSL_CTX_check_private_key(ctx) != 1)
        tls_failed(err, tls->key, "the private key is not that of the certificate");
    else
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

int tls_open(struct tls **out, const char *certificate, const char *key, struct error *err)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    if (!tls)
        return error_set(err, ERR_NO_MEMORY, NULL);
    tls->certificate = certificate;
    tls->key = key;
    pthread_mutex_init(&tls->lock, NULL);
    if (tls_reload(tls, err) < 0) {
        tls_close(tls);
        return -1;
    }
    *out = tls;
    return 0;
}

int tls_reload(struct tls *tls, struct error *err)
{
    SSL_CTX *fresh = load(tls, err), *old;

    if (!fresh)
        return -1;
    check_key_mode(tls->key);
    check_expiry(fresh, tls->certificate);
    pthread_mutex_lock(&tls->lock);
    old = tls->ctx;
    tls->ctx = fresh;
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

int64_t tls_expiry(struct tls *tls)
{
    int64_t expiry;

    pthread_mutex_lock(&tls->lock);
    expiry = expiry_of(tls->ctx);
    pthread_mutex_unlock(&tls->lock);
    return expiry;
}

SSL *tls_session(struct tls *tls)
{
    SSL *ssl;

    pthread_mutex_lock(&tls->lock);
    ssl = SSL_new(tls->ctx); /* holds a reference of its own */
    pthread_mutex_unlock(&tls->lock);
    return ssl;
}
