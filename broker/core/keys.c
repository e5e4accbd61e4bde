/* keys.c - who holds a key, and who waits for it. */
#include "keys.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "operation.h"

/* Kinds that change a GPO, and in which domain. */
static const struct {
    const char *kind;
    bool in_target; /* the domain is target_domain, if the request has one */
    bool creates;   /* it always makes a new GPO */
} writers[] = {
    {"gpo.import", .in_target = false, .creates = false},
    {"gpo.restore", .in_target = false, .creates = false},
    {"gpo.copy", .in_target = true, .creates = true},
};

#define GPO_KEY_PREFIX "gpo:"
#define GPO_KEY_SIZE   (GPMQ_NAME_MAX + GPMQ_GUID_TEXT_SIZE + 16)

/* Writes the key of the GPO that the request changes; false: it changes none. */
static bool gpo_key(const struct gpmq_request *request, char text[GPO_KEY_SIZE])
{
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (strcmp(writers[i].kind, request->kind) != 0 || request->dry_run)
            continue;
        struct gpmq_guid guid;
        const char *domain = request->domain;
        if (writers[i].in_target && request->target_domain)
            domain = request->target_domain;
        if (request->create || writers[i].creates)
            guid = gpmq_guid_derive(gpmq_request_origin(request), "gpo");
        else if (gpmq_guid_parse(&guid, request->gpo) != 0)
            return false; /* the worker will refuse it */
        char guid_text[GPMQ_GUID_TEXT_SIZE];
        snprintf(text, GPO_KEY_SIZE, GPO_KEY_PREFIX "%s:%s", domain ? domain : "",
                 gpmq_guid_text(&guid, guid_text));
        for (char *at = text; *at; at++)
            *at = (char)tolower((unsigned char)*at);
        return true;
    }
    return false;
}

static struct key *take_key(struct core *core, const char *text)
{
    size_t size = strlen(text);
    struct key *key = HOLDER(table_find(&core->keys, text, size), struct key, node);
    if (!key) {
        key = memory_take(sizeof *key + size + 1);
        memcpy(key->text, text, size);
        LIST_INIT(&key->holders);
        queue_start(&key->waiting);
        table_add(&core->keys, &key->node, key->text, size);
    }
    key->uses++;
    return key;
}

static void add_use(struct core *core, struct operation *op, const char *text, uint32_t limit)
{
    for (uint32_t i = 0; i < op->key_count; i++)
        if (strcmp(op->keys[i].key->text, text) == 0)
            return; /* named twice is named once */
    struct key_use *use = &op->keys[op->key_count++];
    *use = (struct key_use){.key = take_key(core, text), .op = op, .limit = limit ? limit : 1};
}

void keys_take(struct core *core, struct operation *op, const struct gpmq_request *request)
{
    char gpo[GPO_KEY_SIZE];
    bool writes = gpo_key(request, gpo);
    if (!request->key_count && !writes)
        return;
    op->keys = memory_take((request->key_count + 1) * sizeof *op->keys);
    if (writes)
        add_use(core, op, gpo, 1);
    for (uint32_t i = 0; i < request->key_count; i++)
        add_use(core, op, request->keys[i].name, request->keys[i].limit);
}

void keys_give(struct core *core, struct operation *op)
{
    for (uint32_t i = 0; i < op->key_count; i++) {
        struct key *key = op->keys[i].key;
        assert(!op->keys[i].held);
        if (--key->uses)
            continue;
        if (key->freed)
            TAILQ_REMOVE(&core->freed_keys, key, in_freed);
        table_remove(&core->keys, &key->node);
        free(key);
    }
    op->key_count = 0;
    free(op->keys);
    op->keys = NULL;
}

static uint32_t live_count(const struct key *key)
{
    uint32_t count = 0;
    const struct key_use *use;
    LIST_FOREACH(use, &key->holders, in_holders)
    count++;
    return count;
}

static bool has_room(const struct key_use *use)
{
    return live_count(use->key) < use->limit;
}

const struct key_use *keys_blocking_use(const struct operation *op)
{
    for (uint32_t i = 0; i < op->key_count; i++)
        if (!has_room(&op->keys[i]))
            return &op->keys[i];
    return NULL;
}

struct key *keys_blocking(const struct operation *op)
{
    const struct key_use *use = keys_blocking_use(op);
    return use ? use->key : NULL;
}

bool keys_is_gpo(const struct key *key)
{
    return strncmp(key->text, GPO_KEY_PREFIX, strlen(GPO_KEY_PREFIX)) == 0;
}

void keys_hold(struct operation *op)
{
    for (uint32_t i = 0; i < op->key_count; i++) {
        struct key_use *use = &op->keys[i];
        assert(!use->held);
        LIST_INSERT_HEAD(&use->key->holders, use, in_holders);
        use->held = true;
    }
}

static void mark_freed(struct core *core, struct key *key)
{
    if (key->freed)
        return;
    key->freed = true;
    TAILQ_INSERT_TAIL(&core->freed_keys, key, in_freed);
}

void keys_release(struct core *core, struct operation *op)
{
    for (uint32_t i = 0; i < op->key_count; i++) {
        struct key_use *use = &op->keys[i];
        if (use->held)
            LIST_REMOVE(use, in_holders);
        use->held = false;
        if (use->key->waiting.count)
            mark_freed(core, use->key);
    }
}

void keys_wait(struct core *core, struct key *key, struct operation *op)
{
    queue_push(&key->waiting, op);
    if (!LIST_FIRST(&key->holders))
        mark_freed(core, key);
}

/* The share that the operation has in the key. */
static const struct key_use *use_of(const struct operation *op, const struct key *key)
{
    for (uint32_t i = 0; i < op->key_count; i++)
        if (op->keys[i].key == key)
            return &op->keys[i];
    assert(!"it waits for a key of its own");
    return NULL;
}

/* As many are queued as there is room for: they do not hold the key yet, and those who find it
 * taken again wait again. */
static void wake_some(struct core *core, struct key *key)
{
    uint32_t live = live_count(key);
    for (struct operation *op; (op = queue_first(&key->waiting)); live++) {
        if (live >= use_of(op, key)->limit)
            return;
        operation_queue(core, op);
    }
}

void keys_wake(struct core *core)
{
    for (struct key *key; (key = TAILQ_FIRST(&core->freed_keys));) {
        TAILQ_REMOVE(&core->freed_keys, key, in_freed);
        key->freed = false;
        wake_some(core, key);
    }
}
