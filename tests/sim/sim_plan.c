/* sim_plan.c - what will be submitted, by whom and when. */
#include "sim_plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const gpos[SIM_GPOS] = {"{31B2F340-016D-11D2-945F-00C04FB984F9}",
                                           "{6AC1786C-016F-11D2-945F-00C04FB984F9}"};
static const char *const item_names[SIM_ITEMS_MAX] = {"a", "b", "c", "d", "e", "f"};

static struct gpmq_id make_id(struct sim *sim)
{
    uint8_t random[10];
    uint64_t number = sim_random(sim);
    memcpy(random, &number, 8);
    random[8] = random[9] = 0;
    return gpmq_id_make(SIM_UNIX_MS + sim->op_count, random);
}

static struct gpmq_request make_request(struct sim *sim)
{
    struct gpmq_request request = {
        .id = make_id(sim), .kind = "noop", .priority = 3, .grace_ms = 600, .backoff_ms = 200};
    uint32_t dice = sim_below(sim, 10);
    if (dice < 5) {
        request.kind = dice < 4 ? "gpo.import" : "gpo.backup";
        request.domain = "test";
        request.repository = "test";
        request.gpo = gpos[sim_below(sim, SIM_GPOS)];
    }
    if (sim_chance(sim, 200)) {
        request.key_count = 1;
        request.keys[0] = (struct gpmq_key){SIM_KEY, sim->key_limit};
    }
    request.priority = (int32_t)sim_below(sim, GPMQ_PRIORITY_MAX + 1);
    if (sim_chance(sim, 100))
        request.stall_ms = 500 + sim_below(sim, 3000);
    if (sim_chance(sim, 150))
        request.not_before_unix_ms = SIM_UNIX_MS + sim->now_ms + sim_below(sim, 6000);
    if (sim_chance(sim, 150))
        request.deadline_unix_ms = SIM_UNIX_MS + sim->now_ms + 1000 + sim_below(sim, 20000);
    if (sim_chance(sim, 200))
        request.run_ms = 300 + sim_below(sim, 2000);
    request.attempts = 1 + (int32_t)sim_below(sim, 3);
    request.jitter_percent = (int32_t)sim_below(sim, 101);
    request.weight = sim_below(sim, 5);
    return request;
}

static struct sim_op *add_op(struct sim *sim, uint32_t client)
{
    assert(sim->op_count < SIM_OPS_MAX);
    struct sim_op *op = &sim->ops[sim->op_count];
    *op = (struct sim_op){.request = make_request(sim), .client = client, .origin = sim->op_count};
    op->submit_ms = 1 + sim_below(sim, 8000);
    if (sim_chance(sim, 250))
        op->cancel_ms = op->submit_ms + 1 + sim_below(sim, 6000);
    sim->op_count++;
    return op;
}

/* A batch, and behind it its items. */
static void add_batch(struct sim *sim, uint32_t client)
{
    struct sim_op *batch = add_op(sim, client);
    uint32_t items = sim_below(sim, SIM_ITEMS_MAX);
    batch->is_batch = true;
    for (uint32_t i = 0; i < items; i++) {
        struct sim_op *item = add_op(sim, client);
        struct gpmq_id id = gpmq_id_derive(&batch->request.id, item_names[i]);
        item->request = batch->request;
        item->request.id = id;
        item->request.batch = batch->request.id;
        item->request.label = item_names[i];
        item->in_batch = true;
        item->submit_ms = batch->submit_ms;
        item->cancel_ms = sim_chance(sim, 100) ? batch->submit_ms + sim_below(sim, 6000) + 1 : 0;
    }
}

/* Refused, if it comes before the other is known, or after that has failed. */
static void wait_for(struct sim_op *op, const struct sim_op *on)
{
    op->request.after[op->request.after_count++] = on->request.id;
    if (op->submit_ms < on->submit_ms + 500)
        op->submit_ms = on->submit_ms + 500;
    if (op->cancel_ms)
        op->cancel_ms += op->submit_ms;
}

/* A place for the operation that runs a dead one again, if that comes to pass. Some of the dead are
 * dropped instead. */
static void add_retry(struct sim *sim, uint32_t index)
{
    struct sim_op *op = &sim->ops[index], *again = &sim->ops[sim->op_count];
    assert(sim->op_count < SIM_OPS_MAX);
    op->retry = sim->op_count++;
    op->drop = sim_chance(sim, 250);
    *again = (struct sim_op){.request = op->request, .client = op->client, .is_retry = true};
    again->parent = index;
    again->origin = op->origin;
    again->request.id = core_retry_id(&op->request.id);
    again->request.retry_of = sim->ops[op->origin].request.id;
    again->request.batch = (struct gpmq_id){{0}};
    again->request.not_before_unix_ms = again->request.deadline_unix_ms = 0;
    again->request.after_count = 0;
}

static void add_retries(struct sim *sim)
{
    uint32_t count = sim->op_count;
    for (uint32_t i = 0; i < count; i++)
        if (!sim->ops[i].is_batch && !sim->ops[i].is_turn && sim_chance(sim, 500))
            add_retry(sim, i);
    uint32_t chained = sim->op_count;
    for (uint32_t i = count; i < chained; i++)
        if (sim_chance(sim, 300))
            add_retry(sim, i);
}

/* One of many that are alike: what it has to wait for is its client's turn. */
static void add_turn(struct sim *sim, uint32_t client, int64_t submit_ms)
{
    struct sim_op *op = add_op(sim, client);
    op->request = (struct gpmq_request){.id = op->request.id,
                                        .kind = "noop",
                                        .priority = GPMQ_PRIORITY_DEFAULT,
                                        .grace_ms = 600,
                                        .backoff_ms = 200,
                                        .attempts = 3};
    op->submit_ms = submit_ms;
    op->cancel_ms = 0;
    op->is_turn = true;
}

/* One asks for as much as it can, the other for one thing now and then. */
static void add_greedy_and_polite(struct sim *sim)
{
    int64_t at_ms = 1 + sim_below(sim, 2000);
    for (uint32_t i = 0; i < SIM_GREEDY_OPS; i++)
        add_turn(sim, SIM_GREEDY, at_ms + sim_below(sim, 300));
    for (uint32_t i = 0; i < SIM_POLITE_OPS; i++)
        add_turn(sim, SIM_POLITE, at_ms += 500 + sim_below(sim, 1500));
}

void sim_plan(struct sim *sim)
{
    sim->key_limit = 1 + sim_below(sim, 3);
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        snprintf(sim->clients[i].name, sizeof sim->clients[i].name, "c%u", i);
    uint32_t count = 3 + sim_below(sim, 10);
    for (uint32_t i = 0; i < count; i++) {
        struct sim_op *op = add_op(sim, sim_below(sim, SIM_PLAIN_CLIENTS));
        if (i && sim_chance(sim, 200)) /* after one of those before it */
            wait_for(op, &sim->ops[sim_below(sim, i)]);
    }
    if (sim_chance(sim, 500))
        add_batch(sim, sim_below(sim, SIM_PLAIN_CLIENTS));
    if (sim->ops[count].is_batch && sim_chance(sim, 500))
        wait_for(add_op(sim, sim_below(sim, SIM_PLAIN_CLIENTS)), &sim->ops[count]);
    if (sim_chance(sim, 200))
        add_greedy_and_polite(sim);
    add_retries(sim);
}
