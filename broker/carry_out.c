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
        if (parts->recent)
            recent_add(parts->recent, &action->row->id, action->bytes);
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
#define ASSIGN_MOST      64 /* in one message */

struct fetching {
    struct parts *parts;
    struct assignment *to;
};

static int take_request(void *arg, const struct op_row *row, struct store_bytes request,
                        struct store_bytes result, struct gpmq_error *err)
{
    (void)row;
    (void)result;
    struct fetching *fetching = arg;
    struct arena *arena = &fetching->parts->arena;
    struct gpmq_request *decoded = arena_take(arena, sizeof *decoded);
    if (!decoded)
        return fail(err, GPMQ_ENOMEM, "no memory for an assignment");
    int rc = request_decode(decoded, arena, request.bytes, request.size, err);
    if (!rc)
        fetching->to->request = decoded;
    return rc;
}

/* What the store cannot read stays without a request, and is left to the offer's end. */
static void fetch(struct parts *parts, const struct core_action *action, struct assignment *to)
{
    struct fetching fetching = {parts, to};
    struct gpmq_error err;
    const struct log_about about = {&action->op, action->attempt, NULL};
    char value[LOG_VALUE_SIZE];
    *to = (struct assignment){.fence = action->number, .attempt = action->attempt};
    struct store_bytes recent = {0};
    if (parts->recent)
        recent = recent_find(parts->recent, &action->op);
    int rc = recent.size ? take_request(&fetching, NULL, recent, recent, &err)
                         : parts->store->ops->read(parts->store, &action->op, take_request,
                                                   &fetching, &err);
    if (rc)
        log_operation(LOG_ERROR, "request_unreadable", &about, "reason=%s",
                      log_value(err.text, value));
}

static size_t count_assignments(const struct parts *parts)
{
    size_t assignments = 0;
    size_t count = core_actions_count(parts->actions);
    for (size_t i = 0; i < count; i++)
        assignments += core_actions_at(parts->actions, i)->type == CORE_ASSIGN;
    return assignments;
}

int carry_out_fetch(struct parts *parts)
{
    size_t assignments = count_assignments(parts);
    size_t count = core_actions_count(parts->actions);
    parts->assignment_next = 0;
    parts->assignments = NULL;
    if (!assignments)
        return 0;
    parts->assignments = arena_take(&parts->arena, assignments * sizeof *parts->assignments);
    if (!parts->assignments)
        return fail(parts->err, GPMQ_ENOMEM, "no memory for %zu assignments", assignments);
    struct assignment *to = parts->assignments;
    for (size_t i = 0; i < count; i++)
        if (core_actions_at(parts->actions, i)->type == CORE_ASSIGN)
            fetch(parts, core_actions_at(parts->actions, i), to++);
    return 0;
}

/* Bytes of a request that may be large; the rest of it is far below what a message may have. */
static size_t weight_of(const struct gpmq_request *request)
{
    return GPMQ_COMMENT_MAX + (request->args ? strlen(request->args) : 0);
}

static void log_assigned(const struct assignment *item)
{
    const struct log_about about = {&item->request->id, item->attempt, item->request->trace};
    log_operation(LOG_DEBUG, "operation_assigned", &about, "fence=%llu",
                  (unsigned long long)item->fence);
}

/* Sends the assignments that begin at action `first`; returns the index of the first action left.
 */
static size_t assign(struct parts *parts, size_t first)
{
    const struct core_action *action = core_actions_at(parts->actions, first);
    struct assignment *items = &parts->assignments[parts->assignment_next];
    struct message message = {.type = MSG_ASSIGN, .assign = {.session = action->session}};
    uint64_t peer = action->peer;
    size_t count = core_actions_count(parts->actions);
    size_t bytes = 0;
    size_t at = first;
    message.assign.assignments = items;
    for (; at < count && message.assign.assignment_count < ASSIGN_MOST && bytes < ASSIGN_BYTES_MAX;
         at++) {
        action = core_actions_at(parts->actions, at);
        if (action->type != CORE_ASSIGN || action->peer != peer)
            break;
        struct assignment *item = &parts->assignments[parts->assignment_next++];
        if (!item->request)
            continue;
        bytes += weight_of(item->request);
        if (log_is_on(LOG_DEBUG))
            log_assigned(item);
        items[message.assign.assignment_count++] = *item;
    }
    if (message.assign.assignment_count && outbox_add(parts->outbox, peer, &message) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=assign");
    return at;
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
