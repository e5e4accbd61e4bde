/* revoke.c - keys that were taken away. */
#include "revoke.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"

#define REASON "key_changed"

/* What is to be ended: looked up first, since an end changes the lists. */
struct found {
    struct parts *parts;
    int *fds;
    size_t count;
    size_t room;
};

static void find(struct found *found, int fd, const char *user)
{
    const struct parts *parts = found->parts;
    if (fd < 0 || !user || !parts->changed(parts->access, user))
        return;
    if (found->count == found->room) {
        found->room = found->room ? 2 * found->room : 64;
        found->fds = memory_grow(found->fds, found->room * sizeof *found->fds);
    }
    found->fds[found->count++] = fd;
}

static void see_peer(void *arg, const struct peer *peer)
{
    find(arg, peer->unread->fd, peer->user);
}

static void see_subscriber(void *arg, int connection, const char *user)
{
    find(arg, connection, user);
}

static void end_all(struct found *found, int gate, struct peers *peers)
{
    struct parts *parts = found->parts;
    for (size_t i = 0; i < found->count; i++) {
        gate_shut_out(parts->gates[gate], found->fds[i], REASON, "", parts->now_ms);
        if (peers)
            peers_gone(peers, found->fds[i]); /* what it still says is not its own any more */
    }
    found->count = 0;
}

void revoke_changed(struct parts *parts)
{
    struct found found = {.parts = parts};
    peers_each(parts->clients, see_peer, &found);
    end_all(&found, GATE_CONTROL, parts->clients);
    peers_each(parts->workers, see_peer, &found);
    end_all(&found, GATE_WORKER, parts->workers);
    subscriptions_each(parts->subscriptions, see_subscriber, &found);
    end_all(&found, GATE_STATUS, NULL);
    free(found.fds);
}
