/* book_actions.c - a list of actions and the memory behind it. */
#include "book_actions.h"

#include <assert.h>
#include <string.h>

#include "cleanup.h"

/* Far over what a round can need: MESSAGE_OPS_MAX leases with full outboxes. */
#define BOOK_MEMORY_MAX ((size_t)2 << 30)

struct book_actions {
    struct book_action *items;
    size_t count;
    size_t room;
    struct arena arena;
};

void *book_memory(size_t size)
{
    void *memory = calloc(1, size);
    assert(memory);
    return memory;
}

struct book_actions *book_actions_new(void)
{
    struct book_actions *actions = book_memory(sizeof *actions);
    actions->arena.limit_bytes = BOOK_MEMORY_MAX;
    return actions;
}

void book_actions_free(struct book_actions **actions_p)
{
    struct book_actions *actions = STEAL(*actions_p);
    if (!actions)
        return;
    free(actions->items);
    arena_free(&actions->arena);
    free(actions);
}

void book_actions_reset(struct book_actions *actions)
{
    actions->count = 0;
    arena_reset(&actions->arena);
}

size_t book_actions_count(const struct book_actions *actions)
{
    return actions->count;
}

const struct book_action *book_actions_at(const struct book_actions *actions, size_t index)
{
    assert(index < actions->count);
    return &actions->items[index];
}

struct book_action *book_actions_add(struct book_actions *actions, enum book_action_type type)
{
    if (actions->count == actions->room) {
        actions->room = actions->room ? 2 * actions->room : 32;
        actions->items = reallocarray(actions->items, actions->room, sizeof *actions->items);
        assert(actions->items);
    }
    struct book_action *action = &actions->items[actions->count++];
    *action = (struct book_action){.type = type};
    return action;
}

struct message *book_actions_send(struct book_actions *actions, enum message_type type,
                                  uint64_t req)
{
    struct message *message = book_actions_take(actions, sizeof *message);
    message->type = type;
    message->req = req;
    book_actions_add(actions, BOOK_SEND)->message = message;
    return message;
}

void *book_actions_take(struct book_actions *actions, size_t size)
{
    void *memory = arena_take(&actions->arena, size);
    assert(memory);
    return memory;
}

struct arena *book_actions_arena(struct book_actions *actions)
{
    return &actions->arena;
}
