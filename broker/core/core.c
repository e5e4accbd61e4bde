/* core.c - the only door to what lies behind: events in, actions out. */
#include "core.h"

#include <assert.h>
#include <stdlib.h>

#include "batch.h"
#include "cancel.h"
#include "cleanup.h"
#include "dead.h"
#include "deps.h"
#include "dispatch.h"
#include "drain.h"
#include "due.h"
#include "fail.h"
#include "keys.h"
#include "lease.h"
#include "pauses.h"
#include "report.h"
#include "roster.h"
#include "route.h"
#include "submit.h"

const struct core_config core_config_default = {
    .lease_ms = 30000,
    .slack_ms = 5000,
    .offer_ms = 10000,
    .progress_ms = 100,
    .keepalive_ms = 5000,
    .crashes_max = 3,
    .losses_max = 10,
    .open_max = 1000000,
    .client_open_max = 100000,
    .workers_max = 1000,
    .fence_block = 100u << 10, /* a tenth of a second of them: a start skips no more than that */
};

struct core *core_new(const struct core_config *config, uint64_t epoch, uint64_t fence)
{
    struct core *core = memory_take(sizeof *core);
    struct table *const tables[] = {&core->operations,   &core->batches, &core->names,
                                    &core->routes,       &core->keys,    &core->sessions,
                                    &core->session_names};

    core->config = *config;
    core->epoch = epoch;
    core->fence_next = core->fence_limit = fence;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        tables[i]->seed = epoch;
    TAILQ_INIT(&core->all_sessions);
    TAILQ_INIT(&core->freed_keys);
    TAILQ_INIT(&core->settling);
    return core;
}

void core_set_limits(struct core *core, const struct core_config *config)
{
    core->config.open_max = config->open_max;
    core->config.client_open_max = config->client_open_max;
    core->config.workers_max = config->workers_max;
    core->config.crashes_max = config->crashes_max;
    core->config.losses_max = config->losses_max;
}

static void free_operation(void *arg, struct table_node *node)
{
    operation_free(arg, HOLDER(node, struct operation, node));
}

static void free_batch(void *arg, struct table_node *node)
{
    batch_free(arg, HOLDER(node, struct batch, node));
}

void core_free(struct core **core_p)
{
    struct core *core = STEAL(*core_p);
    if (!core)
        return;
    operation_forget_ended(core);
    batch_forget_ended(core);
    table_each(&core->operations, free_operation, core);
    table_each(&core->batches, free_batch, core);
    for (struct session *session; (session = TAILQ_FIRST(&core->all_sessions));)
        roster_close(core, session);
    pauses_free(core);
    drain_free(core);
    assert(!core->names.count && !core->routes.count && !core->keys.count);
    table_free(&core->operations);
    table_free(&core->batches);
    table_free(&core->names);
    table_free(&core->routes);
    table_free(&core->keys);
    table_free(&core->sessions);
    table_free(&core->session_names);
    deadline_free(&core->due);
    deadline_free(&core->due_wall);
    free(core);
}

/* ---- after a restart ----------------------------------------------------------------------- */

/* Of its run-time limit. The wall clock may have been set in the meantime. */
static int64_t run_left_ms(const struct core *core, const struct operation *op)
{
    int64_t ran_ms = core->unix_ms - op->record.row.started_unix_ms;
    if (ran_ms < 0)
        ran_ms = 0;
    return ran_ms < op->run_ms ? op->run_ms - ran_ms : 0;
}

/* Its worker may still run it: it has a lease's time to come back. */
static void set_adrift(struct core *core, struct operation *op)
{
    struct op_row *row = &op->record.row;
    op->adrift = true;
    op->accepted = row->report_n > 0; /* its first report is the acceptance */
    LIST_INSERT_HEAD(&core->adrift, op, in_session);
    keys_hold(op);
    if (op->client)
        op->client->live++;
    op->lease_end_ms = core->now_ms + core->config.lease_ms + core->config.slack_ms;
    op->keepalive_ms = core->now_ms + core->config.keepalive_ms;
    if (row->state == GPMQ_RUNNING && op->run_ms)
        op->run_end_ms = core->now_ms + run_left_ms(core, op);
    if (row->state == GPMQ_RUNNING)
        lease_moved(core, op);
    if (row->state == GPMQ_CANCELLING)
        lease_stop(core, op, row->cancel_requested ? STOP_CANCEL : STOP_DEADLINE, 0);
    operation_arm(core, op);
}

int core_load(struct core *core, const struct op_row *row, struct store_bytes request,
              int64_t now_ms, int64_t unix_ms, struct gpmq_error *err)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct gpmq_request decoded;
    char text[GPMQ_ID_TEXT_SIZE];

    core->now_ms = now_ms;
    core->unix_ms = unix_ms;
    if (row->is_batch) {
        batch_new(core, row);
        return 0;
    }
    struct gpmq_error why;
    if (request_decode(&decoded, &arena, request.bytes, request.size, &why) != 0)
        return fail(err, GPMQ_EDAMAGED, "the request of operation %s in the store: %s",
                    gpmq_id_text(&row->id, text), why.text);
    struct operation *op = operation_new(core, row, &decoded);
    submit_digest(op->digest, request);
    op->record.stored_state = row->state;
    op->record.stored_fence = row->fence;
    if (lifecycle_is_leased(row->state))
        set_adrift(core, op);
    else
        operation_place(core, op);
    return 0;
}

void core_load_mark(struct core *core, const char *name, int64_t value)
{
    pauses_load(core, name, value);
    drain_load(core, name, value);
}

/* ---- events -------------------------------------------------------------------------------- */

static void begin(struct core *core, int64_t now_ms, int64_t unix_ms, struct core_actions *actions)
{
    assert(now_ms >= core->now_ms);
    core->now_ms = now_ms;
    core->unix_ms = unix_ms;
    core->actions = actions;
    if (core->ended_round != actions_round(actions)) {
        core->ended_round = actions_round(actions);
        operation_forget_ended(core);
        batch_forget_ended(core);
    }
    deps_link_loaded(core);
}

void core_client_message(struct core *core, uint64_t peer, const char *client, bool admin,
                         const struct message *message, core_lookup *lookup, void *lookup_arg,
                         int64_t now_ms, int64_t unix_ms, struct core_actions *actions)
{
    struct submitter from = {peer, client, lookup, lookup_arg};

    begin(core, now_ms, unix_ms, actions);
    if (message->type == MSG_SUBMIT)
        submit_message(core, &from, message);
    else if (message->type == MSG_SUBMIT_BATCH)
        submit_batch_message(core, &from, message);
    else if (message->type == MSG_CANCEL)
        cancel_message(core, peer, client, admin, message, lookup, lookup_arg);
    else if (message->type == MSG_DEAD)
        dead_message(core, &from, admin, message);
    else if (message->type == MSG_PAUSE)
        pauses_message(core, peer, admin, message);
    else if (message->type == MSG_DRAIN)
        drain_message(core, peer, admin, message);
}

void core_worker_message(struct core *core, uint64_t peer, const char *key,
                         const struct message *message, int64_t now_ms, int64_t unix_ms,
                         struct core_actions *actions)
{
    struct worker_event event = {peer, key, message};

    begin(core, now_ms, unix_ms, actions);
    if (message->type == MSG_WORKER_HELLO)
        roster_hello(core, &event);
    else if (message->type == MSG_RENEW)
        roster_renew(core, &event);
    else if (message->type == MSG_REPORT)
        report_message(core, &event);
    else if (message->type == MSG_BYE)
        roster_bye(core, &event);
}

void core_set_room(struct core *core, bool room)
{
    core->store_full = !room;
}

bool core_has_room(const struct core *core)
{
    return !core->store_full;
}

void core_tick(struct core *core, int64_t now_ms, int64_t unix_ms, struct core_actions *actions)
{
    begin(core, now_ms, unix_ms, actions);
    due_all(core);
    do { /* what fails with another may end its batch, for which others wait */
        deps_settle(core);
        batch_settle(core);
    } while (!TAILQ_EMPTY(&core->settling));
    dispatch(core);
    batch_settle(core);
}

int64_t core_next_ms(const struct core *core, int64_t now_ms, int64_t unix_ms)
{
    const struct deadline *due = deadline_first(&core->due);
    const struct deadline *due_wall = deadline_first(&core->due_wall);
    int64_t next_ms = due ? due->at_ms : INT64_MAX;

    if (!TAILQ_EMPTY(&core->freed_keys) || !LIST_EMPTY(&core->dirty_batches) ||
        !TAILQ_EMPTY(&core->settling) || !LIST_EMPTY(&core->unlinked))
        return now_ms;
    if (due_wall && now_ms + (due_wall->at_ms - unix_ms) < next_ms)
        next_ms = now_ms + (due_wall->at_ms - unix_ms);
    return next_ms < now_ms ? now_ms : next_ms;
}
