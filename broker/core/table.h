/*
 * table.h - finds what has a name, an id or a number: a hash table of nodes that lie in what is
 * found. It grows with what it holds, owns nothing, and its order is never looked at.
 */
#ifndef GPMQ_TABLE_H
#define GPMQ_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_node {
    struct table_node *next;
    const void *key; /* lies in what holds the node, and stays as it is */
    size_t key_size;
    uint64_t hash;
};

/* Zero is an empty one. */
struct table {
    struct table_node **buckets;
    size_t bucket_count;
    size_t count;
    uint64_t seed; /* keys come from outside: nobody may foresee which collide */
};

/* The node with this key, or NULL. */
struct table_node *table_find(const struct table *table, const void *key, size_t key_size);
/* Adds a node under a key that is not there yet. */
void table_add(struct table *table, struct table_node *node, const void *key, size_t key_size);
void table_remove(struct table *table, struct table_node *node);
/* Calls visit for every node, in no order; visit may let go what holds the node. */
void table_each(const struct table *table, void (*visit)(void *arg, struct table_node *node),
                void *arg);
/* Lets the table's own memory go. */
void table_free(struct table *table);

/* size zeroed bytes. A broker without memory stops here and restarts from its store. */
void *memory_take(size_t size);
void *memory_grow(void *memory, size_t size);

/* What holds the member that `pointer` points to; NULL stays NULL. */
#define HOLDER(pointer, type, member)                                                              \
    ({                                                                                             \
        char *member_ = (char *)(pointer);                                                         \
        member_ ? (type *)(void *)(member_ - offsetof(type, member)) : NULL;                       \
    })

#endif
