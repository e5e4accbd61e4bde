/* sim_turns.c - keys hold, and clients take turns. */
#include "sim_turns.h"

#include <string.h>

#include "lifecycle.h"

/* By one client, until it is the turn of another: that one was put back by as many as it had. */
#define OVERTAKEN_MAX SIM_POLITE_OPS
#define AGED_MS       50000 /* what waits longer rises in priority, see fair.h */

/* ---- keys ---------------------------------------------------------------------------------- */

static bool has_key(const struct sim_op *op)
{
    return !op->is_batch && op->request.key_count > 0;
}

static bool changes_gpo(const struct sim_op *op)
{
    return !op->is_batch && strcmp(op->request.kind, "gpo.import") == 0;
}

static bool same_gpo(const struct sim_op *a, const struct sim_op *b)
{
    return changes_gpo(a) && changes_gpo(b) && strcmp(a->request.gpo, b->request.gpo) == 0;
}

void sim_turns_check_rows(struct sim *sim)
{
    uint32_t with_key = 0;
    for (uint32_t i = 0; i < sim->op_count; i++) {
        if (!lifecycle_is_leased(sim->open[i].state))
            continue;
        with_key += has_key(&sim->ops[i]);
        for (uint32_t k = 0; k < i; k++)
            if (lifecycle_is_leased(sim->open[k].state) && same_gpo(&sim->ops[i], &sim->ops[k]))
                sim_violation(sim, "op %u and op %u change the same GPO at once", k, i);
    }
    if (with_key > sim->key_limit)
        sim_violation(sim, "%u leases of a key that allows %u", with_key, sim->key_limit);
}

/* An executor that the broker has heard of: one whose assignment came late, when the operation had
 * been offered to another, is told to stop as soon as it says that it has begun. */
static bool is_taken(const struct sim *sim, struct sim_executor *executor, int index)
{
    const struct sim_shadow *shadow = &sim->open[index];
    bool now = executor->fence == shadow->fence && shadow->state == GPMQ_RUNNING;
    executor->taken = executor->taken || now;
    return executor->taken;
}

/* Those that live now: a worker that is paused does nothing, and looks at its leases before
 * anything else when it wakes up. */
static uint32_t list_live(struct sim *sim, uint32_t live[SIM_WORKERS * SIM_EXECUTORS])
{
    uint32_t count = 0;
    for (uint32_t w = 0; w < SIM_WORKERS; w++)
        for (uint32_t e = 0; sim->workers[w].book && e < SIM_EXECUTORS; e++) {
            struct sim_executor *executor = &sim->workers[w].executors[e];
            int index = executor->busy ? sim_find(sim, &executor->op) : -1;
            if (index >= 0 && is_taken(sim, executor, index) && !sim->workers[w].awake_ms)
                live[count++] = (uint32_t)index;
        }
    return count;
}

void sim_turns_check_live(struct sim *sim)
{
    uint32_t live[SIM_WORKERS * SIM_EXECUTORS], with_key = 0;
    uint32_t count = list_live(sim, live);
    for (uint32_t i = 0; i < count; i++) {
        with_key += has_key(&sim->ops[live[i]]);
        for (uint32_t k = 0; k < i; k++) {
            if (live[i] == live[k])
                sim_violation(sim, "two executors run op %u at once", live[i]);
            else if (same_gpo(&sim->ops[live[i]], &sim->ops[live[k]]))
                sim_violation(sim, "executors of op %u and op %u change the same GPO", live[k],
                              live[i]);
        }
    }
    if (with_key > sim->key_limit)
        sim_violation(sim, "%u executors with a key that allows %u", with_key, sim->key_limit);
}

/* ---- turns --------------------------------------------------------------------------------- */

static uint32_t live_of(const struct sim *sim, uint32_t client)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < sim->op_count; i++)
        live += sim->ops[i].client == client && lifecycle_is_leased(sim->stored[i].state);
    return live;
}

/* Whether it could have been given out as well: it is the polite client's, which has nothing. */
static bool was_passed_over(const struct sim *sim, uint32_t index)
{
    const struct sim_op *op = &sim->ops[index];
    return op->is_turn && op->client == SIM_POLITE && sim->stored[index].state == GPMQ_QUEUED &&
           !sim->stored[index].rests && sim->now_ms - op->submit_ms < AGED_MS;
}

void sim_turns_assigned(struct sim *sim, int index)
{
    sim->overtaken[index] = 0;
    if (!sim->ops[index].is_turn || sim->ops[index].client != SIM_GREEDY ||
        sim->now_ms - sim->ops[index].submit_ms > AGED_MS || live_of(sim, SIM_POLITE))
        return;
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (was_passed_over(sim, i) && ++sim->overtaken[i] > OVERTAKEN_MAX)
            sim_violation(sim, "op %u of a client that has nothing is passed over %u times", i,
                          sim->overtaken[i]);
}

void sim_turns_forget(struct sim *sim)
{
    memset(sim->overtaken, 0, sizeof sim->overtaken);
}
