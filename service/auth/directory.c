/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/directory.h"

#include "auth/pam.h"
#include "base/log.h"
#include "base/put.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One reading of all files. */
struct tables {
    struct users *users;
    struct rules *rules;
    struct kerberos *kerberos; /* NULL without a keytab */
};

struct directory {
    const struct config *config;
    pthread_rwlock_t lock; /* guards what follows; never held over a hash or a file */
    struct tables tables;
    unsigned generation;
};

static void free_tables(struct tables *tables)
{
    users_free(tables->users);
    rules_free(tables->rules);
    kerberos_unref(tables->kerberos);
    *tables = (struct tables){ NULL, NULL, NULL };
}

static int load(struct tables *out, const struct config *config, struct error *err)
{
    if (users_load(&out->users, config->auth_users_file, err) == 0 &&
        rules_load(&out->rules, config->auth_rules_file, err) == 0 &&
        (!config->pam_enabled || pam_check(config->pam_service, config->pam_directory, err) == 0) &&
        (!config->kerberos_keytab[0] || kerberos_open(&out->kerberos, config->kerberos_keytab,
                                                      config->kerberos_replay_cache, err) == 0))
        return 0;
    free_tables(out);
    return -1;
}

int directory_open(struct directory **out, const struct config *config, struct error *err)
{
    struct directory *directory = calloc(1, sizeof(*directory));

    if (!directory)
        return error_set(err, ERR_NO_MEMORY, NULL);
    directory->config = config;
    pthread_rwlock_init(&directory->lock, NULL);
    if (directory_reload(directory, err) < 0) {
        directory_close(directory);
        return -1;
    }
    *out = directory;
    return 0;
}

int directory_reload(struct directory *directory, struct error *err)
{
    struct tables fresh = { NULL, NULL, NULL }, old;
    char users[24], rules[24];

    if (load(&fresh, directory->config, err) < 0)
        return -1;
    snprintf(users, sizeof(users), "%zu", users_count(fresh.users));
    snprintf(rules, sizeof(rules), "%zu", rules_count(fresh.rules));
    pthread_rwlock_wrlock(&directory->lock);
    old = directory->tables;
    directory->tables = fresh;
    directory->generation++;
    pthread_rwlock_unlock(&directory->lock);
    free_tables(&old);
    log_event(LOG_INFO, "users_loaded", "count", users, "rules", rules, NULL);
    return 0;
}

void directory_close(struct directory *directory)
{
    if (!directory)
        return;
    free_tables(&directory->tables);
    pthread_rwlock_destroy(&directory->lock);
    free(directory);
}

size_t directory_users(struct directory *directory)
{
    size_t count;

    pthread_rwlock_rdlock(&directory->lock);
    count = users_count(directory->tables.users);
    pthread_rwlock_unlock(&directory->lock);
    return count;
}

unsigned directory_generation(struct directory *directory)
{
    unsigned generation;

    pthread_rwlock_rdlock(&directory->lock);
    generation = directory->generation;
    pthread_rwlock_unlock(&directory->lock);
    return generation;
}

/* "DOMAIN\user" or "user@realm" without the domain, into out; -1 for a bare name. */
static int strip_domain(char *out, size_t size, const char *name)
{
    const char *slash = strrchr(name, '\\'), *at = strrchr(name, '@');

    if (slash)
        put_text(out, size, slash + 1);
    else if (at)
        snprintf(out, size, "%.*s", (int)(at - name), name);
    return slash || at ? 0 : -1;
}

/* With the lock held. */
static const struct user *find_either(const struct users *users, const char *name,
                                      const struct user *(*find)(const struct users *,
                                                                 const char *))
{
    char bare[sizeof(((struct principal *)NULL)->name)];
    const struct user *user = find(users, name);

    if (!user && strip_domain(bare, sizeof(bare), name) == 0)
        user = find(users, bare);
    return user;
}

bool directory_find(struct directory *directory, const char *name, struct user *out)
{
    const struct user *user;

    pthread_rwlock_rdlock(&directory->lock);
    user = find_either(directory->tables.users, name, users_find);
    if (user)
        *out = *user;
    pthread_rwlock_unlock(&directory->lock);
    return user != NULL;
}

bool directory_find_ntlm(struct directory *directory, const char *domain, const char *name,
                         struct user *out)
{
    char whole[1024];
    const struct user *user;

    snprintf(whole, sizeof(whole), "%s%s%s", domain, domain[0] ? "\\" : "", name);
    pthread_rwlock_rdlock(&directory->lock);
    user = users_find_folded(directory->tables.users, whole);
    if (!user)
        user = find_either(directory->tables.users, name, users_find_folded);
    if (user && user->has_nt_hash)
        *out = *user;
    else
        user = NULL;
    pthread_rwlock_unlock(&directory->lock);
    return user != NULL;
}

bool directory_map(struct directory *directory, const struct claims *claims, struct principal *out)
{
    bool found;

    pthread_rwlock_rdlock(&directory->lock);
    found = rules_find(directory->tables.rules, directory->tables.users, claims, out);
    pthread_rwlock_unlock(&directory->lock);
    return found;
}

bool directory_has_ntlm(struct directory *directory)
{
    bool has;

    if (!directory->config->auth_ntlm)
        return false;
    pthread_rwlock_rdlock(&directory->lock);
    has = users_have_nt_hash(directory->tables.users);
    pthread_rwlock_unlock(&directory->lock);
    return has;
}

bool directory_has_kerberos(struct directory *directory)
{
    return directory->config->kerberos_keytab[0] != '\0';
}

struct kerberos *directory_kerberos(struct directory *directory)
{
    struct kerberos *kerberos;

    pthread_rwlock_rdlock(&directory->lock);
    kerberos = directory->tables.kerberos;
    if (kerberos)
        kerberos_ref(kerberos);
    pthread_rwlock_unlock(&directory->lock);
    return kerberos;
}
