/*
 * peers.h - the connections of one ROUTER: a number for each route that has been heard.
 *
 * A number is never reused, so an answer that comes late reaches who asked or nobody. Peers that
 * have been silent for PEER_IDLE_MS are forgotten; at PEERS_MAX the longest silent one is. One
 * whose connection is closed is forgotten at once.
 */
#ifndef GPMQ_PEERS_H
#define GPMQ_PEERS_H

#include "unread.h"

#define PEERS_MAX    10000
#define PEER_IDLE_MS (10 * 60 * 1000)

struct peers;

struct peer {
    uint64_t number;
    const char *user; /* name of its key, from the ZAP handler; "local" without keys */
    const uint8_t *route;
    size_t route_size;
    struct unread *unread; /* what it was sent; changes through peers_sent() and peers_unread() */
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
void peers_each(const struct peers *peers, void (*visit)(void *arg, const struct peer *peer),
                void *arg);
/* Forgets the peer that came by a descriptor, which is closed. Returns its number; 0: nobody. */
uint64_t peers_gone(struct peers *peers, int fd);
/* The descriptor of a peer's connection, once known, stays. */
void peers_came_by(struct peers *peers, const struct peer *peer, int fd);

/* That peer was sent so many bytes. Rounds are numbered; the number never falls. */
void peers_sent(struct peers *peers, const struct peer *peer, size_t size, uint64_t round);
/* How many of them may not have been read: of one peer, or of all of them (NULL). */
size_t peers_unread(struct peers *peers, const struct peer *peer, uint64_t round);
/* The same of all, without looking again: never too little. */
size_t peers_unread_most(const struct peers *peers);

#endif
