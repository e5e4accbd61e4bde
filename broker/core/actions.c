/* actions.c - two lists, what is recorded and what is told, and the memory behind them. */
#include "actions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "table.h"

/* Far over what a round can need: a round is bounded by the messages that fit in its queues. */
#define ACTIONS_MEMORY_MAX ((size_t)4 << 30)

struct action_list {
    struct core_action *items;
    size_t count;
    size_t room;
};

struct core_actions {
    struct action_list stored; /* carried out first */
    struct action_list told;
    struct arena arena;
    msgpack_sbuffer buffer;
    uint64_t round;
};

struct core_actions *core_actions_new(void)
{
    struct core_actions *actions = memory_take(sizeof *actions);
    actions->arena.limit_bytes = ACTIONS_MEMORY_MAX;
    actions->round = 1;
    msgpack_sbuffer_init(&actions->buffer);
    return actions;
}

void core_actions_free(struct core_actions **actions_p)
{
    struct core_actions *actions = STEAL(*actions_p);
    if (!actions)
        return;
    free(actions->stored.items);
    free(actions->told.items);
    arena_free(&actions->arena);
    msgpack_sbuffer_destroy(&actions->buffer);
    free(actions);
}

void core_actions_reset(struct core_actions *actions)
{
    actions->stored.count = actions->told.count = 0;
    arena_reset(&actions->arena);
    actions->round++;
}

size_t core_actions_count(const struct core_actions *actions)
{
    return actions->stored.count + actions->told.count;
}

const struct core_action *core_actions_at(const struct core_actions *actions, size_t index)
{
    assert(index < core_actions_count(actions));
    return index < actions->stored.count ? &actions->stored.items[index]
                                         : &actions->told.items[index - actions->stored.count];
}

static bool is_told(enum core_action_type type)
{
    return type >= CORE_REPLY;
}

struct core_action *actions_add(struct core_actions *actions, enum core_action_type type,
                                size_t *index)
{
    struct action_list *list = is_told(type) ? &actions->told : &actions->stored;
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->items = memory_grow(list->items, list->room * sizeof *list->items);
    }
    if (index)
        *index = list->count;
    struct core_action *action = &list->items[list->count++];
    *action = (struct core_action){.type = type};
    return action;
}

struct core_action *actions_again(struct core_actions *actions, size_t index)
{
    assert(index < actions->stored.count);
    return &actions->stored.items[index];
}

uint64_t actions_round(const struct core_actions *actions)
{
    return actions->round;
}

void *actions_take(struct core_actions *actions, size_t size)
{
    void *memory = arena_take(&actions->arena, size);
    return memory ? memory : memory_take(SIZE_MAX); /* which says so and stops */
}

const char *actions_text(struct core_actions *actions, const char *text)
{
    return text ? memcpy(actions_take(actions, strlen(text) + 1), text, strlen(text)) : NULL;
}

struct store_bytes actions_bytes(struct core_actions *actions, const void *bytes, size_t size)
{
    return (struct store_bytes){memcpy(actions_take(actions, size + 1), bytes, size), size};
}

struct message *actions_reply(struct core_actions *actions, uint64_t peer, enum message_type type,
                              uint64_t req)
{
    struct message *message = actions_take(actions, sizeof *message);
    message->type = type;
    message->req = req;
    struct core_action *action = actions_add(actions, CORE_REPLY, NULL);
    action->peer = peer;
    action->message = message;
    return message;
}

msgpack_sbuffer *actions_buffer(struct core_actions *actions)
{
    actions->buffer.size = 0;
    return &actions->buffer;
}
