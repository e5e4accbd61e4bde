/* ends.c - which operations ended. */
#include "ends.h"

#include "log.h"

/* One that ends in this round. */
struct end {
    const struct op_row *row; /* the action's */
    const char *kind;
    const char *trace;
    struct end *next;
};

static bool is_bad(enum gpmq_state state)
{
    return state == GPMQ_FAILED || state == GPMQ_DEAD || state == GPMQ_EXPIRED ||
           state == GPMQ_CANCELLED_UNCONFIRMED;
}

static bool is_told(const struct core_action *action)
{
    if (action->type != CORE_STORE_CHANGE || action->change.row->is_batch)
        return false;
    enum gpmq_state to = action->change.row->state;
    return gpmq_state_is_final(to) && !gpmq_state_is_final(action->change.from) &&
           log_is_on(is_bad(to) ? LOG_INFO : LOG_DEBUG);
}

struct seeing {
    struct arena *arena;
    struct end *end;
};

static int see_request(void *arg, const struct op_row *row, struct store_bytes request,
                       struct store_bytes result, struct gpmq_error *err)
{
    (void)row;
    (void)result;
    struct seeing *seeing = arg;
    struct gpmq_request decoded;
    if (request_decode(&decoded, seeing->arena, request.bytes, request.size, err) == 0) {
        seeing->end->kind = arena_text(seeing->arena, decoded.kind);
        seeing->end->trace = arena_text(seeing->arena, decoded.trace);
    }
    return 0;
}

int ends_note(struct parts *parts)
{
    parts->ends = NULL;
    for (size_t i = core_actions_count(parts->actions); i-- > 0;) {
        const struct core_action *action = core_actions_at(parts->actions, i);
        struct end *end = is_told(action) ? arena_take(&parts->arena, sizeof *end) : NULL;
        if (!end)
            continue;
        struct seeing seeing = {&parts->arena, end};
        end->row = action->change.row;
        end->next = parts->ends;
        parts->ends = end;
        (void)!parts->store->ops->read(parts->store, &end->row->id, see_request, &seeing, NULL);
    }
    return 0;
}

static void log_one(const struct end *end, uint32_t left_out)
{
    const struct op_row *row = end->row;
    const struct log_about about = {&row->id, row->attempt, end->trace};
    char client[LOG_VALUE_SIZE], kind[LOG_VALUE_SIZE], worker[LOG_VALUE_SIZE];
    log_operation(is_bad(row->state) ? LOG_INFO : LOG_DEBUG, "operation_ended", &about,
                  "state=%s code=%s kind=%s client=%s worker=%s left_out=%u",
                  gpmq_state_name(row->state), gpmq_code_name(row->code),
                  log_value(end->kind, kind), log_value(row->client, client),
                  log_value(row->worker, worker), left_out);
}

int ends_log(struct parts *parts)
{
    uint32_t left_out;
    for (const struct end *end = parts->ends; end; end = end->next)
        if (pace_allows_most(&parts->ends_pace, ENDS_LINES, parts->now_ms, &left_out))
            log_one(end, left_out);
    parts->ends = NULL;
    return 0;
}
