/*
 * broker_limits.h - what others can make grow in a broker beside its operations, and how far it
 * may.
 *
 * Every limit is a setting of the same name. docs/protocol.md, section 10, says what happens beyond
 * each; tests/test_limits.py reaches them all.
 */
#ifndef GPMQ_BROKER_LIMITS_H
#define GPMQ_BROKER_LIMITS_H

#include <stdint.h>

/* As in broker_config.c: name, option, what follows it, words for --help, least, most; and what it
 * is when nobody says. */
/* clang-format off */
#define LIMITS(X)                                                                                  \
    X(connections_max, "connections-max", "N", "most connections of one socket (4000)",            \
      1, 100000, 4000)                                                                             \
    X(host_connections_max, "host-connections-max", "N", "most of them from one address (2000)",   \
      1, 100000, 2000)                                                                             \
    X(subscriptions_max, "subscriptions-max", "N", "most subscriptions to status (50000)",         \
      1, 10000000, 50000)                                                                          \
    X(user_subscriptions_max, "user-subscriptions-max", "N", "most of them of one key (20000)",    \
      1, 10000000, 20000)                                                                          \
    X(connection_subscriptions_max, "connection-subscriptions-max", "N",                           \
      "most of them of one connection (10000)", 1, 10000000, 10000)                                \
    X(watches_max, "watches-max", "N", "most operations that are watched (200000)",                \
      1, 10000000, 200000)                                                                         \
    X(connection_watches_max, "connection-watches-max", "N",                                       \
      "most of them of one connection (20000)", 1, 10000000, 20000)                                \
    X(unread_kib, "unread-kib", "N", "most KiB of answers that nobody reads (262144)",             \
      64, 67108864, 262144)                                                                        \
    X(connection_unread_kib, "connection-unread-kib", "N",                                         \
      "most of them of one connection (8192)", 64, 67108864, 8192)                                 \
    X(content_mib, "content-mib", "N", "most MiB of contents and large results (16384)",           \
      1, 1073741824, 16384)                                                                        \
    X(client_content_mib, "client-content-mib", "N", "most of them of one client (4096)",          \
      1, 1073741824, 4096)
/* clang-format on */

struct limits {
#define LIMITS_MEMBER(name, ...) int64_t name;
    LIMITS(LIMITS_MEMBER)
#undef LIMITS_MEMBER
};

/* Every 0 becomes its default. */
static inline void limits_fill(struct limits *limits)
{
#define LIMITS_FILL(name, option, arg, doc, least, most, standard)                                 \
    if (!limits->name)                                                                             \
        limits->name = (standard);
    LIMITS(LIMITS_FILL)
#undef LIMITS_FILL
}

#define LIMITS_RETRY_MS 5000 /* when somebody who met a limit may ask again */

#endif
