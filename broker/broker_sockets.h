/*
 * broker_sockets.h - the broker's three sockets, and the gates that look at their connections.
 */
#ifndef GPMQ_BROKER_SOCKETS_H
#define GPMQ_BROKER_SOCKETS_H

#include "broker.h"
#include "endpoint.h"
#include "parts.h"

/* One full `watch` is answered by as many messages as it has watches: room for two. */
#define CONTROL_SEND_HWM (2 * MESSAGE_OPS_MAX)
#define WORKER_SEND_HWM  4000
#define STATUS_SEND_HWM                                                                            \
    10000                    /* frames that a slow subscriber has not read; then it misses some    \
                              */
#define STATUS_WISH_MAX 1024 /* bytes of what a subscriber sends; the handshake needs 400 */

/* Where they listen, with the port that a wildcard became. */
struct broker_urls {
    char control[ENDPOINT_MAX];
    char worker[ENDPOINT_MAX];
    char status[ENDPOINT_MAX];
};

/* Whether the addresses may be listened on. GPMQ_EDENIED: others can reach one, and no key. */
int broker_sockets_check(const struct broker_settings *settings,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* Binds all three into parts, with gates. What was made is left in parts, also after a failure.
 * GPMQ_EIO: an address cannot be bound. */
int broker_sockets_open(struct parts *parts, struct broker_urls *urls,
                        const struct broker_settings *settings, void *context,
                        struct gpmq_error *err) GPMQ_CHECKED;
void broker_sockets_close(struct parts *parts);

#endif
