/* peers.c - the connections of one ROUTER. */
#include "peers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "table.h"

struct known {
    struct peer peer;
    struct table_node by_number;
    struct table_node by_name;
    TAILQ_ENTRY(known) in_order; /* longest silent first */
    int64_t heard_ms;
    size_t name_size;
    char name[]; /* the route, then the user with its NUL */
};

struct peers {
    struct table by_number;
    struct table by_name;
    TAILQ_HEAD(, known) order;
    uint64_t next;
};

struct peers *peers_new(uint64_t first)
{
    struct peers *peers = memory_take(sizeof *peers);
    TAILQ_INIT(&peers->order);
    peers->next = first;
    return peers;
}

static void forget(struct peers *peers, struct known *known)
{
    table_remove(&peers->by_number, &known->by_number);
    table_remove(&peers->by_name, &known->by_name);
    TAILQ_REMOVE(&peers->order, known, in_order);
    free(known);
}

void peers_free(struct peers **peers_p)
{
    struct peers *peers = *peers_p;
    *peers_p = NULL;
    if (!peers)
        return;
    while (!TAILQ_EMPTY(&peers->order))
        forget(peers, TAILQ_FIRST(&peers->order));
    table_free(&peers->by_number);
    table_free(&peers->by_name);
    free(peers);
}

static struct known *add(struct peers *peers, const char *name, size_t route_size, size_t name_size)
{
    struct known *known = memory_take(sizeof *known + name_size);
    memcpy(known->name, name, name_size);
    known->name_size = name_size;
    known->peer = (struct peer){.number = peers->next,
                                .user = known->name + route_size,
                                .route = (const uint8_t *)known->name,
                                .route_size = route_size};
    peers->next += 2;
    table_add(&peers->by_number, &known->by_number, &known->peer.number, sizeof known->peer.number);
    table_add(&peers->by_name, &known->by_name, known->name, name_size);
    TAILQ_INSERT_TAIL(&peers->order, known, in_order);
    return known;
}

static void forget_silent(struct peers *peers, int64_t now_ms)
{
    struct known *oldest = TAILQ_FIRST(&peers->order);
    while (oldest &&
           (oldest->heard_ms + PEER_IDLE_MS < now_ms || peers->by_number.count >= PEERS_MAX)) {
        forget(peers, oldest);
        oldest = TAILQ_FIRST(&peers->order);
    }
}

const struct peer *peers_heard(struct peers *peers, const void *route, size_t route_size,
                               const char *user, int64_t now_ms)
{
    char name[1024];
    size_t user_size = strnlen(user, 512) + 1;
    if (route_size > 255)
        route_size = 255; /* ZeroMQ's own limit */
    memcpy(name, route, route_size);
    memcpy(name + route_size, user, user_size);
    name[route_size + user_size - 1] = 0;

    struct table_node *node = table_find(&peers->by_name, name, route_size + user_size);
    struct known *known = HOLDER(node, struct known, by_name);
    if (known) {
        TAILQ_REMOVE(&peers->order, known, in_order);
        TAILQ_INSERT_TAIL(&peers->order, known, in_order);
    } else {
        forget_silent(peers, now_ms);
        known = add(peers, name, route_size, route_size + user_size);
    }
    known->heard_ms = now_ms;
    return &known->peer;
}

const struct peer *peers_find(const struct peers *peers, uint64_t number)
{
    struct table_node *node = table_find(&peers->by_number, &number, sizeof number);
    struct known *known = HOLDER(node, struct known, by_number);
    return known ? &known->peer : NULL;
}

size_t peers_count(const struct peers *peers)
{
    return peers->by_number.count;
}
