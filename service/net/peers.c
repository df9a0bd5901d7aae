/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;
    unsigned char key[16];
    size_t count;
};

struct peers {
    struct peers_limits limits; /* const */
    pthread_mutex_t lock;       /* guards everything below */
    size_t count;
    struct entry *buckets[BUCKETS];
};

int peers_open(struct peers **out, const struct peers_limits *limits, struct error *err)
{
    struct peers *peers = calloc(1, sizeof(*peers));

    if (!peers)
        return error_set(err, ERR_NO_MEMORY, NULL);
    pthread_mutex_init(&peers->lock, NULL);
    peers->limits = *limits;
    *out = peers;
    return 0;
}

void peers_close(struct peers *peers)
{
    if (!peers)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (peers->buckets[i]) {
            struct entry *entry = peers->buckets[i];
            peers->buckets[i] = entry->next;
            free(entry);
        }
    }
    pthread_mutex_destroy(&peers->lock);
    free(peers);
}

void peers_name(struct peer *out, const struct sockaddr *address)
{
    const struct sockaddr_in6 *six = (const void *)address;
    const struct sockaddr_in *four = (const void *)address;
    char text[INET6_ADDRSTRLEN] = "";

    memset(out, 0, sizeof(*out));
    if (address->sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        memcpy(out->key, &six->sin6_addr, 8);
        out->loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
        snprintf(out->text, sizeof(out->text), "[%s]:%u", text, ntohs(six->sin6_port));
        return;
    }
    /* An IPv4 peer is the same one whichever kind of socket it came in by. */
    out->key[15] = 4;
    memcpy(out->key,
           address->sa_family == AF_INET6 ? &six->sin6_addr.s6_addr[12]
                                          : (const void *)&four->sin_addr,
           4);
    out->loopback = address->sa_family != AF_UNSPEC && out->key[0] == 127;
    inet_ntop(AF_INET, out->key, text, sizeof(text));
    snprintf(out->text, sizeof(out->text), "%s:%u", text,
             ntohs(address->sa_family == AF_INET6 ? six->sin6_port : four->sin_port));
}

/* The link that points to the peer's entry, or to NULL where it would go. Chains stay short: there
 * are never more entries than connections. */
static struct entry **find(struct peers *peers, const struct peer *peer)
{
    uint32_t hash = 2166136261u;
    struct entry **link;

    for (size_t i = 0; i < sizeof(peer->key); i++)
        hash = (hash ^ peer->key[i]) * 16777619u;
    link = &peers->buckets[hash % BUCKETS];
    while (*link && memcmp((*link)->key, peer->key, sizeof(peer->key)) != 0)
        link = &(*link)->next;
    return link;
}

static const char *enter(struct peers *peers, const struct peer *peer)
{
    struct entry **link = find(peers, peer);

    if (peers->count >= peers->limits.all)
        return peers->limits.all_reason;
    if (*link && (*link)->count >= peers->limits.each)
        return peers->limits.each_reason;
    if (!*link) {
        *link = calloc(1, sizeof(**link));
        if (!*link)
            return "out of memory";
        memcpy((*link)->key, peer->key, sizeof(peer->key));
    }
    (*link)->count++;
    peers->count++;
    return NULL;
}

const char *peers_enter(struct peers *peers, const struct peer *peer)
{
    const char *reason;

    pthread_mutex_lock(&peers->lock);
    reason = enter(peers, peer);
    pthread_mutex_unlock(&peers->lock);
    return reason;
}

void peers_leave(struct peers *peers, const struct peer *peer)
{
    struct entry **link, *entry;

    pthread_mutex_lock(&peers->lock);
    link = find(peers, peer);
    entry = *link;
    if (entry && --entry->count == 0) {
        *link = entry->next;
        free(entry);
    }
    peers->count--;
    pthread_mutex_unlock(&peers->lock);
}

size_t peers_count(struct peers *peers)
{
    size_t count;

    pthread_mutex_lock(&peers->lock);
    count = peers->count;
    pthread_mutex_unlock(&peers->lock);
    return count;
}
