/* core_check.c - whether the core's tables agree with each other. */
#include "core_state.h"
#include "fail.h"
#include "keys.h"
#include "operation.h"

struct check {
    const struct core *core;
    struct gpmq_error *err;
    int rc;
    uint32_t open_count;
    uint32_t leased_count;
    uint32_t depths[GPMQ_STATE_END];
};

static void broken(struct check *check, const struct operation *op, const char *what)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if (check->rc == 0)
        check->rc = fail(check->err, GPMQ_EDAMAGED, "operation %s, %s: %s",
                         gpmq_id_text(&op->record.row.id, text),
                         gpmq_state_name(op->record.row.state), what);
}

static void check_lease(struct check *check, const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    bool leased = lifecycle_is_leased(row->state);

    if (leased && !op->session && !op->adrift)
        broken(check, op, "nobody has its lease");
    if (!leased && (op->session || op->adrift || op->stop || op->accepted))
        broken(check, op, "something of its lease is left");
    if (leased && !op->due.place)
        broken(check, op, "its lease never ends");
    if (leased && (row->fence == 0 || row->fence >= check->core->fence_limit))
        if (!op->adrift && op->record.round)
            broken(check, op, "its fence was never reserved");
    if (row->state == GPMQ_RUNNING && !op->accepted)
        broken(check, op, "it runs and nobody accepted it");
    check->leased_count += leased && op->session;
    for (uint32_t i = 0; i < op->key_count; i++)
        if (op->keys[i].held != leased)
            broken(check, op, "its keys do not follow its lease");
}

static void check_queue(struct check *check, const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    bool timed = row->state == GPMQ_WAITING && row->reason == GPMQ_REASON_NOT_BEFORE;

    if (row->state == GPMQ_WAITING && !row->reason)
        broken(check, op, "it waits for nothing");
    if (row->state != GPMQ_WAITING && row->reason)
        broken(check, op, "it has a reason to wait");
    if (row->state == GPMQ_QUEUED && !op->rest_until_ms &&
        (!op->share || op->share->queue != &op->route->ready))
        broken(check, op, "it is in no queue");
    if (row->reason == GPMQ_REASON_PAUSED && !op->route->paused)
        if (op->queue != &op->route->waiting) /* loaded so, and woken by a worker */
            broken(check, op, "it waits for the end of a pause that is over");
    bool depends = row->reason == GPMQ_REASON_DEPENDENCY;
    if (depends && !op->dep_open && !op->settling)
        broken(check, op, "it waits for what has ended");
    if (row->state == GPMQ_WAITING && !timed && !depends && !op->queue)
        broken(check, op, "nobody will wake it");
    if ((timed || row->state == GPMQ_RETRY_WAIT) && !op->due_wall.place)
        broken(check, op, "its time will never come");
    if (row->state != GPMQ_WAITING && row->state != GPMQ_QUEUED && (op->queue || op->share))
        broken(check, op, "it is in a queue");
}

static void check_progress(struct check *check, const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    if (row->progress_numerator < 0 || row->progress_numerator >= row->progress_denominator)
        broken(check, op, "its progress is complete before its end");
}

static void check_operation(void *arg, struct table_node *node)
{
    struct check *check = arg;
    const struct operation *op = HOLDER(node, struct operation, node);
    if (gpmq_state_is_final(op->record.row.state))
        return; /* known until the round is over */
    check->open_count++;
    check->depths[op->record.row.state]++;
    check_lease(check, op);
    check_queue(check, op);
    check_progress(check, op);
}

/* Nobody holds a key beyond the limit of any of its holders, but for what was loaded so. */
static void check_key(void *arg, struct table_node *node)
{
    struct check *check = arg;
    const struct key *key = HOLDER(node, struct key, node);
    const struct key_use *use;
    uint32_t count = 0, limit = 0;

    LIST_FOREACH(use, &key->holders, in_holders)
    {
        count++;
        if (use->limit > limit)
            limit = use->limit;
    }
    if (count > limit && check->rc == 0)
        check->rc = fail(check->err, GPMQ_EDAMAGED, "key '%s' is held %u times, %u are allowed",
                         key->text, count, limit);
}

static void check_sessions(struct check *check)
{
    const struct session *session;
    uint32_t leased = 0;
    TAILQ_FOREACH(session, &check->core->all_sessions, in_all)
    {
        const struct operation *op;
        uint32_t count = 0;
        LIST_FOREACH(op, &session->leases, in_session)
        count++;
        if (count != session->lease_count && check->rc == 0)
            check->rc = fail(check->err, GPMQ_EDAMAGED, "worker '%s' has %u leases, not %u",
                             session->name->text, count, session->lease_count);
        leased += count;
    }
    if (leased != check->leased_count && check->rc == 0)
        check->rc = fail(check->err, GPMQ_EDAMAGED, "%u operations have a session, %u are listed",
                         check->leased_count, leased);
}

int core_check(const struct core *core, struct gpmq_error *err)
{
    struct check check = {.core = core, .err = err};
    table_each(&core->operations, check_operation, &check);
    table_each(&core->keys, check_key, &check);
    check_sessions(&check);
    for (enum gpmq_state state = 1; state < GPMQ_STATE_END && check.rc == 0; state++)
        if (check.depths[state] != core->depths[state])
            check.rc = fail(err, GPMQ_EDAMAGED, "%u operations are %s, not %u", check.depths[state],
                            gpmq_state_name(state), core->depths[state]);
    if (check.rc == 0 && check.open_count != core->open_count)
        check.rc = fail(err, GPMQ_EDAMAGED, "%u operations are open, not %u", check.open_count,
                        core->open_count);
    return check.rc;
}
