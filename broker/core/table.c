/* table.c - a chained hash table that doubles. */
#include "table.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST 64

void *memory_grow(void *memory, size_t size)
{
    void *grown = realloc(memory, size);
    if (!grown) {
        fprintf(stderr, "gpmq: out of memory for %zu bytes; restart from the store\n", size);
        abort();
    }
    return grown;
}

void *memory_take(size_t size)
{
    return memset(memory_grow(NULL, size), 0, size);
}

static uint64_t hash_of(const struct table *table, const void *key, size_t key_size)
{
    uint8_t seed[crypto_shorthash_KEYBYTES] = "gpmq table key";
    uint8_t bytes[crypto_shorthash_BYTES];
    uint64_t hash;

    memcpy(seed, &table->seed, sizeof table->seed);
    crypto_shorthash(bytes, key, key_size, seed);
    memcpy(&hash, bytes, sizeof hash);
    return hash;
}

static struct table_node **bucket_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

struct table_node *table_find(const struct table *table, const void *key, size_t key_size)
{
    if (!table->count)
        return NULL;
    uint64_t hash = hash_of(table, key, key_size);
    for (struct table_node *node = *bucket_of(table, hash); node; node = node->next)
        if (node->hash == hash && node->key_size == key_size &&
            memcmp(node->key, key, key_size) == 0)
            return node;
    return NULL;
}

static void put(struct table *table, struct table_node *node)
{
    struct table_node **bucket = bucket_of(table, node->hash);
    node->next = *bucket;
    *bucket = node;
}

static void grow(struct table *table)
{
    struct table_node **old = table->buckets;
    size_t old_count = table->bucket_count;

    table->bucket_count = old_count ? 2 * old_count : BUCKETS_FIRST;
    table->buckets = memory_take(table->bucket_count * sizeof *table->buckets);
    for (size_t i = 0; i < old_count; i++)
        for (struct table_node *node = old[i], *next; node; node = next) {
            next = node->next;
            put(table, node);
        }
    free(old);
}

void table_add(struct table *table, struct table_node *node, const void *key, size_t key_size)
{
    if (table->count == table->bucket_count)
        grow(table);
    node->key = key;
    node->key_size = key_size;
    node->hash = hash_of(table, key, key_size);
    put(table, node);
    table->count++;
}

void table_remove(struct table *table, struct table_node *node)
{
    struct table_node **at = bucket_of(table, node->hash);
    while (*at != node) {
        assert(*at);
        at = &(*at)->next;
    }
    *at = node->next;
    node->next = NULL;
    table->count--;
}

void table_each(const struct table *table, void (*visit)(void *arg, struct table_node *node),
                void *arg)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct table_node *node = table->buckets[i], *next; node; node = next) {
            next = node->next;
            visit(arg, node);
        }
}

void table_free(struct table *table)
{
    free(table->buckets);
    table->buckets = NULL;
    table->bucket_count = table->count = 0;
}
