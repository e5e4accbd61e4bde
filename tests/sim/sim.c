/* sim.c - time, chance, faults, and the loop. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_broker.h"
#include "sim_check.h"
#include "sim_client.h"
#include "sim_net.h"
#include "sim_plan.h"
#include "sim_state.h"
#include "sim_worker.h"

/* ---- chance (splitmix64) ------------------------------------------------------------------- */

uint64_t sim_random(struct sim *sim)
{
    uint64_t x = sim->random += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint32_t sim_below(struct sim *sim, uint32_t below)
{
    return below ? (uint32_t)(sim_random(sim) % below) : 0;
}

bool sim_chance(struct sim *sim, uint32_t of_thousand)
{
    return sim_below(sim, 1000) < of_thousand;
}

/* ---- what happened ------------------------------------------------------------------------- */

uint64_t sim_hash(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

void sim_mix(struct sim *sim, const void *bytes, size_t size)
{
    sim->verdict->trace_hash = sim_hash(sim->verdict->trace_hash, bytes, size);
}

void sim_violation(struct sim *sim, const char *format, ...)
{
    va_list args;
    if (sim->verdict->failed)
        return;
    sim->verdict->failed = true;
    va_start(args, format);
    vsnprintf(sim->verdict->text, sizeof sim->verdict->text, format, args);
    va_end(args);
    sim_trace(sim, "VIOLATION: %s", sim->verdict->text);
}

void sim_trace(struct sim *sim, const char *format, ...)
{
    va_list args;
    if (!sim->options.trace)
        return;
    printf("%8lld ", (long long)sim->now_ms);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

int64_t sim_unix_ms(const struct sim *sim)
{
    return SIM_UNIX_MS + sim->now_ms + sim->broker.wall_ms;
}

int sim_find(const struct sim *sim, const struct gpmq_id *id)
{
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (gpmq_id_equal(&sim->ops[i].request.id, id))
            return (int)i;
    return -1;
}

/* ---- faults -------------------------------------------------------------------------------- */

static void pause_somebody(struct sim *sim)
{
    int64_t until_ms = sim->now_ms + 50 + sim_below(sim, 7000);
    uint32_t who = sim_below(sim, SIM_WORKERS + 2);
    if (who < SIM_WORKERS)
        sim->workers[who].awake_ms = until_ms;
    else if (who == SIM_WORKERS)
        sim_broker_pause(sim, until_ms);
    else
        sim->clients[sim_below(sim, SIM_CLIENTS)].awake_ms = until_ms;
    sim_trace(sim, "%u is paused", who);
}

static void cut_somebody(struct sim *sim)
{
    int64_t until_ms = sim->now_ms + 50 + sim_below(sim, 8000);
    struct sim_worker *worker = &sim->workers[sim_below(sim, SIM_WORKERS)];
    uint32_t how = sim_below(sim, 4);
    if (how == 3)
        sim->clients[sim_below(sim, SIM_CLIENTS)].cut_ms = until_ms;
    if (how != 1)
        worker->cut_out_ms = until_ms;
    if (how != 0)
        worker->cut_in_ms = until_ms;
}

static void fault(struct sim *sim)
{
    switch (sim_below(sim, 6)) {
    case 0:
        sim_broker_crash(sim);
        break;
    case 1:
        sim_worker_crash(sim, sim_below(sim, SIM_WORKERS));
        break;
    case 2:
        pause_somebody(sim);
        break;
    case 3:
        cut_somebody(sim);
        break;
    case 4:
        sim->broker.hold = !sim->broker.hold;
        break;
    case 5:
        sim_broker_set_clock(sim, (int64_t)sim_below(sim, 10000) - 5000);
        break;
    }
    sim->fault_at_ms = sim->now_ms + 1 + sim_below(sim, (uint32_t)(2 * sim->rates.fault_ms));
}

/* Each world is bad in its own way; some are bad in one way only. */
static void choose_rates(struct sim *sim)
{
    static const uint32_t lost[] = {0, 0, 10, 100, 300};
    static const uint32_t late[] = {0, 50, 200};
    sim->rates = (struct sim_rates){
        .lost = lost[sim_below(sim, 5)],
        .doubled = lost[sim_below(sim, 5)],
        .late = late[sim_below(sim, 3)],
        .late_ms = 10 + sim_below(sim, 4000),
        .status_lost = lost[sim_below(sim, 5)],
        .round_crash = sim_chance(sim, 500) ? 1 + sim_below(sim, 20) : 0,
        .fault_ms = 500 + sim_below(sim, 8000),
    };
    sim->calm_ms = 12000 + sim_below(sim, 10000);
    sim->fault_at_ms = sim_chance(sim, 800) ? sim_below(sim, 5000) : sim->calm_ms;
}

/* Whatever is down or cut comes back. */
static void calm_down(struct sim *sim)
{
    sim->broker.awake_ms = 0;
    sim->broker.hold = false;
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        sim->workers[i].awake_ms = sim->workers[i].cut_in_ms = sim->workers[i].cut_out_ms = 0;
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        sim->clients[i].awake_ms = sim->clients[i].cut_ms = 0;
    sim->fault_at_ms = INT64_MAX;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ms(const struct sim *sim)
{
    int64_t at_ms = earlier(sim_net_next_ms(sim), sim_broker_next_ms(sim));
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        at_ms = earlier(at_ms, sim_worker_next_ms(sim, i));
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        at_ms = earlier(at_ms, sim_client_next_ms(sim, i));
    return earlier(at_ms, sim->fault_at_ms);
}

/* A paused role finds its messages when it wakes up. */
static bool is_asleep(struct sim *sim, struct sim_packet *packet)
{
    int64_t awake_ms = packet->to.role == SIM_BROKER   ? sim->broker.awake_ms
                       : packet->to.role == SIM_WORKER ? sim->workers[packet->to.index].awake_ms
                                                       : sim->clients[packet->to.index].awake_ms;
    if (awake_ms <= sim->now_ms)
        return false;
    packet->at_ms = awake_ms;
    return true;
}

static void deliver(struct sim *sim)
{
    for (struct sim_packet *packet; (packet = sim_net_take(sim));) {
        if (is_asleep(sim, packet)) {
            sim_net_put_back(sim, packet);
            continue;
        }
        sim->verdict->steps++;
        sim_mix(sim, &sim->now_ms, sizeof sim->now_ms);
        sim_mix(sim, packet->bytes, packet->size);
        if (packet->to.role == SIM_BROKER)
            sim_broker_take(sim, packet);
        else if (packet->to.role == SIM_WORKER)
            sim_worker_take(sim, packet->to.index, packet);
        else
            sim_client_take(sim, packet->to.index, packet);
        free(packet);
    }
}

static void step(struct sim *sim)
{
    sim->verdict->steps++;
    if (sim->now_ms >= sim->fault_at_ms)
        fault(sim);
    if (!sim->broker.core && sim->now_ms >= sim->broker.up_ms)
        sim_broker_start(sim);
    deliver(sim);
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        sim_worker_step(sim, i);
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        sim_client_step(sim, i);
    sim_broker_round(sim);
    arena_reset(&sim->arena);
}

static bool goes_on(const struct sim *sim)
{
    if (sim->verdict->failed)
        return false;
    if (sim->options.steps_max && sim->verdict->steps >= sim->options.steps_max)
        return false;
    return sim->now_ms < sim->calm_ms + SIM_SETTLE_MS && !sim_check_settled(sim);
}

static void run(struct sim *sim)
{
    bool calm = false;
    while (goes_on(sim)) {
        int64_t at_ms = next_ms(sim);
        if (!calm && at_ms >= sim->calm_ms) {
            sim->now_ms = sim->calm_ms;
            calm_down(sim);
            calm = true;
            continue;
        }
        if (at_ms == INT64_MAX)
            break;
        sim->now_ms = at_ms > sim->now_ms ? at_ms : sim->now_ms;
        step(sim);
    }
    if (!sim->options.steps_max && !sim->verdict->failed)
        sim_check_end(sim);
}

static void begin(struct sim *sim)
{
    sim->config = core_config_default;
    sim->config.lease_ms = 3000;
    sim->config.slack_ms = 500;
    sim->config.offer_ms = 1500;
    sim->config.progress_ms = 50;
    sim->config.keepalive_ms = 1000;
    sim->config.fence_block = 4;
    sim->config.crashes_max = 1 + sim_below(sim, 3);
    sim->config.losses_max = 1 + sim_below(sim, 3);
    sim->peer_next = 1;
    choose_rates(sim);
    sim_plan(sim);
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        sim->clients[i].peer = sim->peer_next++;
    sim_broker_start(sim);
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        sim_worker_start(sim, i);
}

void sim_run(const struct sim_options *options, struct sim_verdict *out)
{
    struct sim *sim = calloc(1, sizeof *sim);
    *out = (struct sim_verdict){.trace_hash = 0xcbf29ce484222325u};
    sim->options = *options;
    sim->verdict = out;
    sim->random = options->seed * 0x9e3779b97f4a7c15u + 1;
    msgpack_sbuffer_init(&sim->buffer);

    begin(sim);
    run(sim);
    out->end_ms = sim->now_ms;
    out->operation_count = sim->op_count;
    out->broker_crashes = sim->broker.crashes;
    for (uint32_t i = 0; i < sim->op_count; i++)
        out->ends[sim->stored[i].state]++;

    sim_net_free(sim);
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        sim_worker_free(sim, i);
    sim_broker_free(sim);
    arena_free(&sim->arena);
    msgpack_sbuffer_destroy(&sim->buffer);
    free(sim);
}
