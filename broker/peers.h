/*
 * peers.h - the connections of one ROUTER: a number for each route that has been heard.
 *
 * A number is never reused, so an answer that comes late reaches who asked or nobody. Peers that
 * have been silent for PEER_IDLE_MS are forgotten; at PEERS_MAX the longest silent one is.
 */
#ifndef GPMQ_PEERS_H
#define GPMQ_PEERS_H

#include <stddef.h>
#include <stdint.h>

#define PEERS_MAX    10000
#define PEER_IDLE_MS (10 * 60 * 1000)

struct peers;

struct peer {
    uint64_t number;
    const char *user; /* name of its key, from the ZAP handler; "local" without keys */
    const uint8_t *route;
    size_t route_size;
};

/* Numbers begin at `first` and rise by 2: two ROUTERs have odd and even ones. */
struct peers *peers_new(uint64_t first);
void peers_free(struct peers **peers_p);

/* The peer behind a route that was heard now, as this user: another user is another peer. Good
 * until the next call. */
const struct peer *peers_heard(struct peers *peers, const void *route, size_t route_size,
                               const char *user, int64_t now_ms);
/* The peer with this number, or NULL: forgotten, or never there. */
const struct peer *peers_find(const struct peers *peers, uint64_t number);
size_t peers_count(const struct peers *peers);

#endif
