/* carry_out.c - does what the core wants done. */
#include "carry_out.h"

#include <string.h>

#include "fail.h"
#include "log.h"
#include "status.h"

static int do_store(struct parts *parts, const struct core_action *action)
{
    struct store *store = parts->store;
    struct gpmq_error *err = parts->err;
    switch (action->type) {
    case CORE_STORE_SUBMIT:
        return store->ops->submit(store, action->row, action->bytes, err);
    case CORE_STORE_CHANGE:
        return store->ops->change(store, &action->change, err);
    case CORE_STORE_FRAME:
        return store->ops->frame(store, &action->op, action->number, action->bytes, err);
    case CORE_STORE_RESULT:
        return store->ops->result(store, &action->op, action->bytes, err);
    case CORE_STORE_FENCES:
        return store->ops->reserve_fences(store, action->number, err);
    case CORE_STORE_BLOB_LINK:
        return store->ops->blob_link(store, &action->op, action->digest, err);
    case CORE_STORE_MARK:
        return store->ops->mark(store, action->name, (int64_t)action->number, err);
    case CORE_REPLY:
    case CORE_PUBLISH:
    case CORE_ASSIGN:
        return 0;
    }
    return 0;
}

int carry_out_store(struct parts *parts)
{
    size_t count = core_actions_count(parts->actions);
    for (size_t i = 0; i < count; i++) {
        int rc = do_store(parts, core_actions_at(parts->actions, i));
        if (rc) {
            fail_in(parts->err, "the store refused a change");
            return rc;
        }
    }
    return 0;
}

/* ---- assignments: those to one worker that stand together go as one message ------------------ */

#define ASSIGN_BYTES_MAX (MESSAGE_MAX / 2)

struct assigning {
    struct parts *parts;
    struct assignment *items;
    uint32_t count;
    size_t bytes;
};

static int take_request(void *arg, const struct op_row *row, struct store_bytes request,
                        struct store_bytes result, struct gpmq_error *err)
{
    (void)row;
    (void)result;
    struct assigning *assigning = arg;
    struct assignment *item = &assigning->items[assigning->count];
    item->request = arena_take(&assigning->parts->arena, sizeof *item->request);
    if (!item->request)
        return fail(err, GPMQ_ENOMEM, "no memory for an assignment");
    assigning->bytes += request.size;
    return request_decode(item->request, &assigning->parts->arena, request.bytes, request.size,
                          err);
}

/* Puts one assignment into the message; what the store cannot read is left to the offer's end. */
static void add_assignment(struct assigning *assigning, const struct core_action *action)
{
    struct parts *parts = assigning->parts;
    struct gpmq_error err;
    char text[GPMQ_ID_TEXT_SIZE], value[LOG_VALUE_SIZE];
    int rc = parts->store->ops->read(parts->store, &action->op, take_request, assigning, &err);
    if (rc) {
        log_event(LOG_ERROR, "request_unreadable", "op=%s reason=%s",
                  gpmq_id_text(&action->op, text), log_value(err.text, value));
        return;
    }
    assigning->items[assigning->count].fence = action->number;
    assigning->items[assigning->count].attempt = action->attempt;
    assigning->count++;
}

/* Sends the assignments that begin at `first`; returns the index of the first action left. */
static size_t assign(struct parts *parts, size_t first)
{
    const struct core_action *action = core_actions_at(parts->actions, first);
    uint64_t peer = action->peer;
    uint64_t session = action->session;
    size_t count = core_actions_count(parts->actions);
    struct assigning assigning = {
        .parts = parts, .items = arena_take(&parts->arena, 64 * sizeof(struct assignment))};
    size_t at = first;
    while (assigning.items && at < count && assigning.count < 64 &&
           assigning.bytes < ASSIGN_BYTES_MAX) {
        action = core_actions_at(parts->actions, at);
        if (action->type != CORE_ASSIGN || action->peer != peer)
            break;
        add_assignment(&assigning, action);
        at++;
    }
    struct message message = {.type = MSG_ASSIGN,
                              .assign = {session, assigning.count, assigning.items}};
    if (assigning.count && outbox_add(parts->outbox, peer, &message) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=assign");
    return at > first ? at : first + 1;
}

int carry_out_tell(struct parts *parts)
{
    size_t count = core_actions_count(parts->actions);
    for (size_t i = 0; i < count;) {
        const struct core_action *action = core_actions_at(parts->actions, i);
        if (action->type == CORE_ASSIGN) {
            i = assign(parts, i);
            continue;
        }
        if (action->type == CORE_REPLY && outbox_add(parts->outbox, action->peer, action->message))
            log_event(LOG_ERROR, "out_of_memory", "doing=reply");
        if (action->type == CORE_PUBLISH)
            status_publish(parts, action);
        i++;
    }
    return 0;
}

/* ---- lookup ---------------------------------------------------------------------------------- */

struct looking {
    struct parts *parts;
    struct op_row *row;
    struct store_bytes *request;
};

static int take_row(void *arg, const struct op_row *row, struct store_bytes request,
                    struct store_bytes result, struct gpmq_error *err)
{
    (void)result;
    struct looking *looking = arg;
    struct arena *arena = &looking->parts->arena;
    void *copy = arena_take(arena, request.size + 1);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory to look an operation up");
    memcpy(copy, request.bytes, request.size);
    *looking->row = *row;
    looking->row->client = arena_text(arena, row->client);
    looking->row->worker = arena_text(arena, row->worker);
    *looking->request = (struct store_bytes){copy, request.size};
    return 0;
}

/* What this round has changed and the store does not know yet. */
static const struct op_row *row_of_round(const struct parts *parts, const struct gpmq_id *id)
{
    for (size_t i = core_actions_count(parts->actions); i-- > 0;) {
        const struct core_action *action = core_actions_at(parts->actions, i);
        if (action->type == CORE_STORE_CHANGE && gpmq_id_equal(&action->change.row->id, id))
            return action->change.row;
    }
    return NULL;
}

bool carry_out_lookup(void *arg, const struct gpmq_id *id, struct op_row *row,
                      struct store_bytes *request)
{
    struct parts *parts = arg;
    struct looking looking = {parts, row, request};
    struct gpmq_error err;
    if (parts->store->ops->read(parts->store, id, take_row, &looking, &err) != 0)
        return false;
    const struct op_row *newer = row_of_round(parts, id);
    if (newer)
        *row = *newer;
    return true;
}
