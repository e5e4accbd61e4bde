/* sim_broker.c - rounds: events, store, commit, tell; each may be the last. */
#include "sim_broker.h"

#include <assert.h>
#include <string.h>

#include "lifecycle.h"
#include "sim_check.h"
#include "sim_net.h"
#include "sim_turns.h"

static int64_t clock_ms(const struct sim *sim)
{
    return sim->now_ms + sim->broker.clock_ms;
}

/* ---- start and crash ----------------------------------------------------------------------- */

/* The request as one that changes no GPO: its lease holds no key. */
static struct store_bytes without_key(struct sim *sim, struct store_bytes request)
{
    struct gpmq_request decoded;
    struct gpmq_error err;
    if (request_decode(&decoded, &sim->arena, request.bytes, request.size, &err) != 0)
        return request;
    decoded.kind = "gpo.backup";
    decoded.key_count = 0;
    sim->buffer.size = 0;
    int rc = request_encode(&sim->buffer, &decoded);
    assert(rc == 0);
    (void)rc;
    return (struct store_bytes){sim->buffer.data, sim->buffer.size};
}

static int load_row(void *arg, const struct op_row *row, struct store_bytes request,
                    struct store_bytes result, struct gpmq_error *err)
{
    struct sim *sim = arg;
    struct op_row loaded = *row;
    (void)result;
    if (sim->options.plant == SIM_PLANT_CANCEL_FORGOTTEN) {
        loaded.cancel_requested = false;
        if (loaded.state == GPMQ_CANCELLING)
            loaded.state = GPMQ_RUNNING;
    }
    if (sim->options.plant == SIM_PLANT_ATTEMPTS_FORGOTTEN)
        loaded.attempt = loaded.crashes = loaded.losses = 0;
    if (sim->options.plant == SIM_PLANT_DEPENDENCY_FORGOTTEN &&
        loaded.reason == GPMQ_REASON_DEPENDENCY) {
        loaded.state = GPMQ_QUEUED;
        loaded.reason = GPMQ_REASON_NONE;
    }
    if (sim->options.plant == SIM_PLANT_KEY_IGNORED && lifecycle_is_leased(row->state))
        request = without_key(sim, request);
    return core_load(sim->broker.core, &loaded, request, clock_ms(sim), sim_unix_ms(sim), err);
}

/* What has ended is queued once more. */
static int load_ended(void *arg, const struct op_row *row, struct store_bytes request,
                      struct store_bytes result, struct gpmq_error *err)
{
    struct sim *sim = arg;
    struct op_row again = *row;
    (void)result;
    if (!gpmq_state_is_final(row->state) || row->is_batch || !gpmq_id_is_none(&row->batch))
        return 0;
    again.state = GPMQ_QUEUED;
    again.progress_numerator = 0;
    return core_load(sim->broker.core, &again, request, clock_ms(sim), sim_unix_ms(sim), err);
}

static int load_mark(void *arg, const char *name, int64_t value, struct gpmq_error *err)
{
    struct sim *sim = arg;
    (void)err;
    core_load_mark(sim->broker.core, name, value);
    return 0;
}

void sim_broker_start(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    struct gpmq_error err;

    if (!broker->store) {
        int rc = store_open(&broker->store, "memory:", &err);
        assert(rc == 0);
        (void)rc;
        broker->actions = core_actions_new();
        broker->first_fence = broker->store->ops->fence(broker->store);
    }
    uint64_t fence = broker->store->ops->fence(broker->store);
    if (sim->options.plant == SIM_PLANT_FENCE_REUSED)
        fence = broker->first_fence;
    broker->clock_ms = sim_below(sim, 1000000) - sim->now_ms + 1;
    broker->wall_ms = (int64_t)sim_below(sim, 10000) - 5000;
    core_actions_reset(broker->actions);
    broker->core = core_new(&sim->config, broker->store->ops->epoch(broker->store), fence);
    if (sim->options.plant != SIM_PLANT_PAUSE_FORGOTTEN)
        broker->store->ops->marks(broker->store, load_mark, sim, NULL);
    sim_turns_forget(sim);
    if (broker->store->ops->load(broker->store, load_row, sim, &err) != 0)
        sim_violation(sim, "the broker cannot start: %s", err.text);
    if (sim->options.plant == SIM_PLANT_SECOND_END)
        broker->store->ops->list(broker->store, &(struct store_filter){.limit = SIM_OPS_MAX},
                                 load_ended, sim, NULL);
    sim_trace(sim, "broker starts");
}

void sim_broker_crash(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    if (!broker->core)
        return;
    sim_trace(sim, "broker dies");
    core_free(&broker->core);
    store_memory_crash(broker->store);
    sim_check_lost(sim);
    broker->round_open = false;
    broker->hold_told = broker->hold_stored;
    broker->crashes++;
    broker->up_ms = sim->now_ms + 10 + sim_below(sim, sim_is_calm(sim) ? 100 : 5000);
    for (uint32_t i = 0; i < SIM_WORKERS; i++) /* all connect again */
        sim->workers[i].peer = sim->peer_next++;
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        sim->clients[i].peer = sim->peer_next++;
}

void sim_broker_set_clock(struct sim *sim, int64_t wall_ms)
{
    struct sim_broker *broker = &sim->broker;
    int64_t forward_ms = wall_ms - broker->wall_ms;
    if (sim->options.plant == SIM_PLANT_LEASE_ON_WALL_CLOCK && forward_ms > 0)
        broker->clock_ms += forward_ms;
    broker->wall_ms = wall_ms;
}

void sim_broker_pause(struct sim *sim, int64_t until_ms)
{
    sim->broker.awake_ms = until_ms;
    sim_check_excuse(sim);
}

void sim_broker_free(struct sim *sim)
{
    core_free(&sim->broker.core);
    core_actions_free(&sim->broker.actions);
    store_close(&sim->broker.store);
}

/* ---- a round ------------------------------------------------------------------------------- */

/* Progress that was held back, as if it had been told behind the end. */
static void tell_late(struct sim *sim, const struct core_action *final)
{
    struct gpmq_status frame;
    struct gpmq_error err;
    struct core_action late = *final;
    if (status_decode(&frame, &sim->arena, final->bytes.bytes, final->bytes.size, &err) != 0 ||
        frame.kind != GPMQ_FRAME_FINAL)
        return;
    frame.kind = GPMQ_FRAME_PROGRESS;
    frame.seq = ++late.number;
    frame.result = NULL;
    sim->buffer.size = 0;
    if (status_encode(&sim->buffer, &frame) != 0)
        return;
    late.bytes = (struct store_bytes){sim->buffer.data, sim->buffer.size};
    sim_check_stored(sim, &late);
}

static int store_one(struct sim *sim, const struct core_action *action, struct gpmq_error *err)
{
    struct store *store = sim->broker.store;
    if (sim->options.plant == SIM_PLANT_FATE_FORGOTTEN && action->type == CORE_STORE_CHANGE)
        action->row->fate = GPMQ_FATE_NONE;
    sim_check_stored(sim, action);
    if (sim->options.plant == SIM_PLANT_PROGRESS_AFTER_END && action->type == CORE_STORE_FRAME)
        tell_late(sim, action);
    switch (action->type) {
    case CORE_STORE_SUBMIT:
        return store->ops->submit(store, action->row, action->bytes, err);
    case CORE_STORE_CHANGE:
        return store->ops->change(store, &action->change, err);
    case CORE_STORE_FRAME:
        if (sim->options.plant == SIM_PLANT_FRAME_NOT_STORED && action->number % 4 == 3)
            return 0;
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
        break;
    }
    return 0;
}

static bool find_peer(const struct sim *sim, uint64_t peer, struct sim_node *out)
{
    for (uint32_t i = 0; i < SIM_WORKERS; i++)
        if (sim->workers[i].peer == peer) {
            *out = (struct sim_node){SIM_WORKER, i};
            return true;
        }
    for (uint32_t i = 0; i < SIM_CLIENTS; i++)
        if (sim->clients[i].peer == peer) {
            *out = (struct sim_node){SIM_CLIENT, i};
            return true;
        }
    return false; /* it has gone: ROUTER drops what is for it */
}

static void send_to(struct sim *sim, uint64_t peer, const struct message *message)
{
    struct sim_node to;
    if (find_peer(sim, peer, &to))
        sim_net_send(sim, (struct sim_node){SIM_BROKER, 0}, to, peer, message);
}

static void tell_one(struct sim *sim, const struct core_action *action)
{
    sim_check_told(sim, action);
    if (action->type == CORE_ASSIGN && sim->broker.hold_told)
        sim_violation(sim, "something is given out while the queue is paused");
    if (action->type == CORE_REPLY) {
        send_to(sim, action->peer, action->message);
    } else if (action->type == CORE_PUBLISH) {
        sim_net_publish(sim, action);
    } else if (action->type == CORE_ASSIGN) {
        int index = sim_find(sim, &action->op);
        assert(index >= 0);
        struct assignment assignment = {action->number, action->attempt, &sim->ops[index].request};
        struct message message = {.type = MSG_ASSIGN, .assign = {action->session, 1, &assignment}};
        send_to(sim, action->peer, &message);
    }
}

/* Carries out the actions from `first` to before `end`; a random one may be the last. */
static void tell_all(struct sim *sim, size_t first, size_t end, bool dies)
{
    size_t last = end;
    if (dies)
        last = first + sim_below(sim, (uint32_t)(end - first) + 1);
    for (size_t i = first; i < last; i++)
        tell_one(sim, core_actions_at(sim->broker.actions, i));
}

static size_t store_all(struct sim *sim, size_t count)
{
    struct gpmq_error err;
    size_t i = 0;
    for (; i < count; i++) {
        const struct core_action *action = core_actions_at(sim->broker.actions, i);
        if (action->type >= CORE_REPLY)
            break;
        if (store_one(sim, action, &err) != 0)
            sim_violation(sim, "the store refuses an action: %s", err.text);
    }
    return i;
}

enum { DIES_NOT, DIES_BEFORE_COMMIT, DIES_AT_COMMIT, DIES_AFTER, DIES_END };

/* Whether the round is said to be durable. */
static bool commit(struct sim *sim)
{
    struct store *store = sim->broker.store;
    struct gpmq_error err;
    if (sim->options.plant == SIM_PLANT_NO_FSYNC)
        return true;
    if (store->ops->commit(store, &err) == 0)
        return true;
    if (sim->options.plant != SIM_PLANT_COMMIT_RETRIED)
        return false;
    store_memory_crash(store); /* what an fsync that failed has dropped does not come back */
    return store->ops->commit(store, &err) == 0;
}

static void carry_out(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    size_t count = core_actions_count(broker->actions);
    bool dies = count && !sim_is_calm(sim) && sim_chance(sim, sim->rates.round_crash);
    uint32_t when = dies ? 1 + sim_below(sim, DIES_END - 1) : DIES_NOT;
    size_t stored = store_all(sim, count);

    if (sim->options.plant == SIM_PLANT_ACK_BEFORE_COMMIT)
        tell_all(sim, stored, count, false);
    if (when == DIES_AT_COMMIT)
        store_memory_fail_commit(broker->store);
    if (when == DIES_BEFORE_COMMIT || !commit(sim)) {
        sim_broker_crash(sim);
        return;
    }
    sim_check_committed(sim);
    broker->hold_stored = broker->hold_told;
    if (sim->options.plant != SIM_PLANT_ACK_BEFORE_COMMIT)
        tell_all(sim, stored, count, when == DIES_AFTER);
    if (when == DIES_AFTER)
        sim_broker_crash(sim);
}

/* An admin pauses or resumes the whole queue. */
static void hold(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    struct message message = {.type = MSG_PAUSE, .req = 9, .pause = {.resume = !broker->hold}};
    if (broker->hold == broker->hold_told)
        return;
    broker->round_open = true;
    broker->hold_told = broker->hold;
    core_client_message(broker->core, 0, "root", true, &message, NULL, NULL, clock_ms(sim),
                        sim_unix_ms(sim), broker->actions);
    sim_trace(sim, broker->hold ? "the queue is paused" : "the queue is resumed");
}

void sim_broker_round(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    struct gpmq_error err;
    if (!broker->core || sim->now_ms < broker->awake_ms)
        return;
    hold(sim);
    int64_t next_ms = core_next_ms(broker->core, clock_ms(sim), sim_unix_ms(sim));
    if (!broker->round_open && next_ms > clock_ms(sim))
        return;
    core_tick(broker->core, clock_ms(sim), sim_unix_ms(sim), broker->actions);
    if (core_check(broker->core, &err) != 0)
        sim_violation(sim, "the core is at odds with itself: %s", err.text);
    carry_out(sim);
    broker->round_open = false;
    core_actions_reset(broker->actions);
}

int64_t sim_broker_next_ms(const struct sim *sim)
{
    const struct sim_broker *broker = &sim->broker;
    if (!broker->core)
        return broker->up_ms;
    int64_t next_ms = core_next_ms(broker->core, clock_ms(sim), sim_unix_ms(sim));
    if (next_ms != INT64_MAX)
        next_ms -= broker->clock_ms;
    if (broker->round_open || broker->hold != broker->hold_told)
        next_ms = sim->now_ms;
    return next_ms > broker->awake_ms ? next_ms : broker->awake_ms;
}

/* ---- events -------------------------------------------------------------------------------- */

struct looked_up {
    struct sim *sim;
    struct op_row *row;
    struct store_bytes *request;
};

static int keep_row(void *arg, const struct op_row *row, struct store_bytes request,
                    struct store_bytes result, struct gpmq_error *err)
{
    struct looked_up *looked_up = arg;
    struct arena *arena = &looked_up->sim->arena;
    (void)result, (void)err;
    *looked_up->row = *row;
    looked_up->row->client = arena_text(arena, row->client);
    looked_up->row->worker = arena_text(arena, row->worker);
    void *bytes = arena_take(arena, request.size);
    memcpy(bytes, request.bytes, request.size);
    *looked_up->request = (struct store_bytes){bytes, request.size};
    return 0;
}

static bool look_up(void *arg, const struct gpmq_id *id, struct op_row *row,
                    struct store_bytes *request)
{
    struct sim *sim = arg;
    struct looked_up looked_up = {sim, row, request};
    struct store *store = sim->broker.store;
    return store->ops->read(store, id, keep_row, &looked_up, NULL) == 0;
}

struct replaying {
    struct sim *sim;
    struct msg_frames *frames;
};

static int add_frame(void *arg, uint64_t seq, struct store_bytes frame, struct gpmq_error *err)
{
    struct replaying *replaying = arg;
    struct msg_frames *frames = replaying->frames;
    (void)seq, (void)err;
    if (frames->frame_count == MESSAGE_FRAMES_MAX) {
        frames->more = true;
        return GPMQ_EFULL;
    }
    uint8_t *bytes = arena_take(&replaying->sim->arena, frame.size);
    memcpy(bytes, frame.bytes, frame.size);
    frames->frames[frames->frame_count++] = (struct frame_bytes){bytes, (uint32_t)frame.size};
    return 0;
}

/* The driver answers from the store, outside the rounds: what it reads is committed. */
static void replay(struct sim *sim, const struct sim_packet *packet, const struct message *message)
{
    struct store *store = sim->broker.store;
    struct message reply = {.type = MSG_FRAMES, .req = message->req};
    struct replaying replaying = {sim, &reply.frames};

    reply.frames.op = message->replay.op;
    reply.frames.from = message->replay.from;
    reply.frames.frames = arena_take(&sim->arena, MESSAGE_FRAMES_MAX * sizeof *reply.frames.frames);
    store->ops->frames(store, &message->replay.op, message->replay.from, add_frame, &replaying,
                       NULL);
    send_to(sim, packet->peer, &reply);
}

void sim_broker_take(struct sim *sim, const struct sim_packet *packet)
{
    struct sim_broker *broker = &sim->broker;
    struct gpmq_error err;
    struct message message;

    if (!broker->core)
        return;
    if (message_decode(&message, &sim->arena, packet->bytes, packet->size, &err) != 0) {
        sim_violation(sim, "the broker cannot read a message: %s", err.text);
        return;
    }
    if (message.type == MSG_REPLAY) {
        replay(sim, packet, &message);
        return;
    }
    broker->round_open = true;
    if (packet->from.role == SIM_WORKER) {
        sim_check_reports(sim, &message);
        core_worker_message(broker->core, packet->peer, sim->workers[packet->from.index].name,
                            &message, clock_ms(sim), sim_unix_ms(sim), broker->actions);
    } else {
        uint32_t who = sim->options.plant == SIM_PLANT_UNFAIR ? 0 : packet->from.index;
        core_client_message(broker->core, packet->peer, sim->clients[who].name, false, &message,
                            look_up, sim, clock_ms(sim), sim_unix_ms(sim), broker->actions);
    }
}
