/*
 * subscriptions.h - which connection subscribed to what, so that nobody takes more than a share.
 *
 * A subscription costs libzmq about 24 bytes for each byte of its topic, at the broker, and XPUB
 * can refuse none (4.3.4). So they are counted here, each once, by a hash of its topic: a
 * connection that goes beyond a limit is to be shut out.
 */
#ifndef GPMQ_SUBSCRIPTIONS_H
#define GPMQ_SUBSCRIPTIONS_H

#include <stddef.h>

#include "gpmq/error.h"
#include "broker_limits.h"

struct subscriptions;

struct subscriptions *subscriptions_new(void);
void subscriptions_free(struct subscriptions **subscriptions_p);

/* A connection subscribed to a topic; saying it twice is saying it once. NULL: it may. Else why it
 * is to be shut out, as a word for the log; nothing was added. user: the name of its key, NULL
 * where there are no keys. */
const char *subscriptions_add(struct subscriptions *subscriptions, int connection, const char *user,
                              const void *topic, size_t topic_size, const struct limits *limits);
/* It no longer wants a topic. */
void subscriptions_remove(struct subscriptions *subscriptions, int connection, const void *topic,
                          size_t topic_size);
/* A connection is gone, with all it wanted. */
void subscriptions_drop(struct subscriptions *subscriptions, int connection);

/* Every connection that wants something, and its user (NULL: without a key). */
void subscriptions_each(const struct subscriptions *subscriptions,
                        void (*visit)(void *arg, int connection, const char *user), void *arg);
size_t subscriptions_count(const struct subscriptions *subscriptions);

#endif
