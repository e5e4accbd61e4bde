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
    struct table_node by_fd; /* if unread.fd is not -1 */
    struct unread unread;
    TAILQ_ENTRY(known) in_order; /* longest silent first */
    int64_t heard_ms;
    size_t name_size;
    char name[]; /* the route, then the user with its NUL */
};

struct peers {
    struct table by_number;
    struct table by_name;
    struct table by_fd;
    TAILQ_HEAD(, known) order;
    size_t unread_bytes; /* the sum of all of them */
    uint64_t next;
};

struct peers *peers_new(uint64_t first)
{
    struct peers *peers = memory_take(sizeof *peers);
    TAILQ_INIT(&peers->order);
    peers->next = first;
    return peers;
}

static struct known *known_of(const struct peers *peers, uint64_t number)
{
    struct table_node *node = table_find(&peers->by_number, &number, sizeof number);
    return HOLDER(node, struct known, by_number);
}

static void leave_fd(struct peers *peers, struct known *known)
{
    if (known->unread.fd >= 0)
        table_remove(&peers->by_fd, &known->by_fd);
    known->unread.fd = -1;
}

static void forget(struct peers *peers, struct known *known)
{
    leave_fd(peers, known);
    peers->unread_bytes -= known->unread.bytes;
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
    table_free(&peers->by_fd);
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
                                .route_size = route_size,
                                .unread = &known->unread};
    known->unread.fd = -1;
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
    const struct known *known = known_of(peers, number);
    return known ? &known->peer : NULL;
}

void peers_each(const struct peers *peers, void (*visit)(void *arg, const struct peer *peer),
                void *arg)
{
    const struct known *known;
    TAILQ_FOREACH(known, &peers->order, in_order)
    visit(arg, &known->peer);
}

static struct known *known_by(const struct peers *peers, int fd)
{
    return HOLDER(table_find(&peers->by_fd, &fd, sizeof fd), struct known, by_fd);
}

uint64_t peers_gone(struct peers *peers, int fd)
{
    struct known *known = known_by(peers, fd);
    if (!known)
        return 0;
    uint64_t number = known->peer.number;
    forget(peers, known);
    return number;
}

void peers_came_by(struct peers *peers, const struct peer *peer, int fd)
{
    struct known *known = known_of(peers, peer->number);
    if (fd < 0 || known->unread.fd >= 0)
        return;
    struct known *before = known_by(peers, fd);
    if (before)
        leave_fd(peers, before);
    known->unread.fd = fd;
    table_add(&peers->by_fd, &known->by_fd, &known->unread.fd, sizeof fd);
}

void peers_sent(struct peers *peers, const struct peer *peer, size_t size, uint64_t round)
{
    unread_add(peer->unread, size, round);
    peers->unread_bytes += size;
}

size_t peers_unread(struct peers *peers, const struct peer *peer, uint64_t round)
{
    if (peer) {
        size_t before = peer->unread->bytes;
        peers->unread_bytes -= before - unread_look(peer->unread, round);
        return peer->unread->bytes;
    }
    const struct known *known;
    TAILQ_FOREACH(known, &peers->order, in_order)
    peers_unread(peers, &known->peer, round);
    return peers->unread_bytes;
}

size_t peers_unread_most(const struct peers *peers)
{
    return peers->unread_bytes;
}

size_t peers_count(const struct peers *peers)
{
    return peers->by_number.count;
}
