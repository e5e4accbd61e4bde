/* subscriptions.c - which connection subscribed to what. */
#include "subscriptions.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "codec.h"
#include "table.h"

struct user {
    struct table_node node;
    char name[GPMQ_NAME_MAX + 1];
    int64_t count;
    uint32_t connections;
};

struct subscriber {
    struct table_node node;
    LIST_HEAD(, subscription) all;
    int connection;
    int64_t count;
    struct user *user; /* NULL: without a key */
};

/* Found by connection and topic together; a topic by its first 16 bytes of BLAKE2b. */
struct wanted {
    int connection;
    uint8_t topic[16];
};

struct subscription {
    struct table_node node;
    LIST_ENTRY(subscription) in_subscriber;
    struct wanted wanted;
};

struct subscriptions {
    struct table all;
    struct table subscribers;
    struct table users;
};

struct subscriptions *subscriptions_new(void)
{
    return memory_take(sizeof(struct subscriptions));
}

/* No two connections or topics share one: no byte of it is left to chance. */
static struct wanted wanted_of(int connection, const void *topic, size_t topic_size)
{
    struct wanted wanted = {.connection = connection};
    crypto_generichash(wanted.topic, sizeof wanted.topic, topic, topic_size, NULL, 0);
    return wanted;
}

static struct subscriber *find(const struct subscriptions *subscriptions, int connection)
{
    struct table_node *node =
        table_find(&subscriptions->subscribers, &connection, sizeof connection);
    return HOLDER(node, struct subscriber, node);
}

static struct user *find_user(const struct subscriptions *subscriptions, const char *name)
{
    return HOLDER(table_find(&subscriptions->users, name, strlen(name)), struct user, node);
}

static struct user *user_named(struct subscriptions *subscriptions, const char *name)
{
    struct user *user = find_user(subscriptions, name);
    if (user)
        return user;
    user = memory_take(sizeof *user);
    snprintf(user->name, sizeof user->name, "%s", name);
    table_add(&subscriptions->users, &user->node, user->name, strlen(user->name));
    return user;
}

static struct subscriber *subscriber_of(struct subscriptions *subscriptions, int connection,
                                        const char *user)
{
    struct subscriber *subscriber = find(subscriptions, connection);
    if (subscriber)
        return subscriber;
    subscriber = memory_take(sizeof *subscriber);
    subscriber->connection = connection;
    LIST_INIT(&subscriber->all);
    subscriber->user = user ? user_named(subscriptions, user) : NULL;
    if (subscriber->user)
        subscriber->user->connections++;
    table_add(&subscriptions->subscribers, &subscriber->node, &subscriber->connection,
              sizeof subscriber->connection);
    return subscriber;
}

static const char *judge(const struct subscriptions *subscriptions,
                         const struct subscriber *subscriber, size_t topic_size,
                         const struct limits *limits)
{
    if (topic_size >= TOPIC_SIZE)
        return "topic_too_long"; /* nothing is published there */
    if (subscriber->count >= limits->connection_subscriptions_max)
        return "too_many_subscriptions_of_connection";
    if (subscriber->user && subscriber->user->count >= limits->user_subscriptions_max)
        return "too_many_subscriptions_of_user";
    if ((int64_t)subscriptions->all.count >= limits->subscriptions_max)
        return "too_many_subscriptions";
    return NULL;
}

static void count(struct subscriber *subscriber, int change)
{
    subscriber->count += change;
    if (subscriber->user)
        subscriber->user->count += change;
}

const char *subscriptions_add(struct subscriptions *subscriptions, int connection, const char *user,
                              const void *topic, size_t topic_size, const struct limits *limits)
{
    struct subscriber *subscriber = subscriber_of(subscriptions, connection, user);
    struct wanted wanted = wanted_of(connection, topic, topic_size);
    if (table_find(&subscriptions->all, &wanted, sizeof wanted))
        return NULL;
    const char *why = judge(subscriptions, subscriber, topic_size, limits);
    if (why)
        return why;
    struct subscription *subscription = memory_take(sizeof *subscription);
    subscription->wanted = wanted;
    table_add(&subscriptions->all, &subscription->node, &subscription->wanted,
              sizeof subscription->wanted);
    LIST_INSERT_HEAD(&subscriber->all, subscription, in_subscriber);
    count(subscriber, 1);
    return NULL;
}

static void end(struct subscriptions *subscriptions, struct subscriber *subscriber,
                struct subscription *subscription)
{
    LIST_REMOVE(subscription, in_subscriber);
    table_remove(&subscriptions->all, &subscription->node);
    count(subscriber, -1);
    free(subscription);
}

void subscriptions_remove(struct subscriptions *subscriptions, int connection, const void *topic,
                          size_t topic_size)
{
    struct subscriber *subscriber = find(subscriptions, connection);
    struct wanted wanted = wanted_of(connection, topic, topic_size);
    struct table_node *node = table_find(&subscriptions->all, &wanted, sizeof wanted);
    if (subscriber && node)
        end(subscriptions, subscriber, HOLDER(node, struct subscription, node));
}

static void leave_user(struct subscriptions *subscriptions, struct user *user)
{
    if (!user || --user->connections > 0)
        return;
    table_remove(&subscriptions->users, &user->node);
    free(user);
}

void subscriptions_drop(struct subscriptions *subscriptions, int connection)
{
    struct subscriber *subscriber = find(subscriptions, connection);
    if (!subscriber)
        return;
    while (!LIST_EMPTY(&subscriber->all))
        end(subscriptions, subscriber, LIST_FIRST(&subscriber->all));
    leave_user(subscriptions, subscriber->user);
    table_remove(&subscriptions->subscribers, &subscriber->node);
    free(subscriber);
}

static void drop_node(void *arg, struct table_node *node)
{
    subscriptions_drop(arg, HOLDER(node, struct subscriber, node)->connection);
}

void subscriptions_free(struct subscriptions **subscriptions_p)
{
    struct subscriptions *subscriptions = *subscriptions_p;
    *subscriptions_p = NULL;
    if (!subscriptions)
        return;
    table_each(&subscriptions->subscribers, drop_node, subscriptions);
    table_free(&subscriptions->all);
    table_free(&subscriptions->subscribers);
    table_free(&subscriptions->users);
    free(subscriptions);
}

struct visiting {
    void (*visit)(void *arg, int connection, const char *user);
    void *arg;
};

static void visit_node(void *arg, struct table_node *node)
{
    const struct visiting *visiting = arg;
    const struct subscriber *subscriber = HOLDER(node, struct subscriber, node);
    visiting->visit(visiting->arg, subscriber->connection,
                    subscriber->user ? subscriber->user->name : NULL);
}

void subscriptions_each(const struct subscriptions *subscriptions,
                        void (*visit)(void *arg, int connection, const char *user), void *arg)
{
    struct visiting visiting = {visit, arg};
    table_each(&subscriptions->subscribers, visit_node, &visiting);
}

size_t subscriptions_count(const struct subscriptions *subscriptions)
{
    return subscriptions->all.count;
}
