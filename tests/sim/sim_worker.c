/* sim_worker.c - a worker's process, its connection and its executors. */
#include "sim_worker.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim_check.h"
#include "sim_net.h"

/* Failures that may pass. */
static const int passing[] = {GPMQ_EBUSY, GPMQ_EIO, GPMQ_ENOSPACE, GPMQ_EUNREACHABLE};
#define PASSING_COUNT (sizeof passing / sizeof passing[0])

enum { ENDS_WELL, ENDS_WELL_TOO, ENDS_BADLY, ENDS_FOR_NOW, ENDS_DYING, ENDS_END };

/* ---- executors ----------------------------------------------------------------------------- */

static struct sim_executor *find_executor(struct sim_worker *worker, const struct gpmq_id *op,
                                          uint64_t fence)
{
    for (int i = 0; i < SIM_EXECUTORS; i++) {
        struct sim_executor *executor = &worker->executors[i];
        if (executor->busy && executor->fence == fence && gpmq_id_equal(&executor->op, op))
            return executor;
    }
    return NULL;
}

static void begin(struct sim *sim, struct sim_worker *worker, const struct book_action *action)
{
    struct sim_executor *executor = &worker->executors[0];
    while (executor->busy)
        executor++;
    assert(executor < worker->executors + SIM_EXECUTORS);
    uint32_t steps = 1 + sim_below(sim, 6);
    *executor = (struct sim_executor){
        .busy = true,
        .op = action->op,
        .fence = action->fence,
        .steps = steps,
        .steps_left = steps,
        .next_ms = sim->now_ms + 1 + sim_below(sim, 400),
        .deaf = sim_chance(sim, 200),
        .end = (uint8_t)(sim_is_calm(sim) ? ENDS_WELL : sim_below(sim, ENDS_END)),
    };
    sim_check_began(sim, &action->op, action->fence);
}

static void report(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor,
                   struct report report)
{
    report.op = executor->op;
    report.fence = executor->fence;
    lease_book_report(worker->book, &report, NULL, sim->now_ms);
}

static void report_end(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor,
                       enum report_kind kind, int code, bool retryable)
{
    static const struct gpmq_property property = {"backup_id", "{1}"};
    struct gpmq_result result = {.type = "backup",
                                 .overall_status = gpmq_code_hresult(code),
                                 .property_count = 1,
                                 .properties = &property};
    report(sim, worker, executor,
           (struct report){.kind = kind,
                           .code = code,
                           .hr_status = gpmq_code_hresult(code),
                           .retryable = retryable,
                           .result = &result});
    executor->busy = false;
}

static void die(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor)
{
    executor->busy = false;
    lease_book_ended(worker->book, &executor->op, executor->fence, sim->now_ms);
}

static void end(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor)
{
    if (executor->end == ENDS_DYING)
        die(sim, worker, executor);
    else if (executor->end == ENDS_BADLY)
        report_end(sim, worker, executor, REPORT_FAILED, GPMQ_EACCESS, sim_chance(sim, 500));
    else if (executor->end == ENDS_FOR_NOW)
        report_end(sim, worker, executor, REPORT_FAILED, passing[sim_below(sim, PASSING_COUNT)],
                   true);
    else if (sim_check_effect(sim, &executor->op, executor->fence))
        report_end(sim, worker, executor, REPORT_DONE, GPMQ_OK, false);
    else
        report_end(sim, worker, executor, REPORT_FAILED, GPMQ_ESTALE, false);
}

static void say(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor)
{
    char text[48];
    struct gpmq_status_msg msg = {.object_path = text, .message = "a note"};
    int32_t done = (int32_t)(executor->steps - executor->steps_left);
    if (sim_chance(sim, 600)) {
        report(sim, worker, executor,
               (struct report){.kind = REPORT_PROGRESS,
                               .progress_numerator = done,
                               .progress_denominator = (int32_t)executor->steps});
        return;
    }
    snprintf(text, sizeof text, "%llu %u", (unsigned long long)executor->fence,
             ++executor->messages);
    report(sim, worker, executor,
           (struct report){.kind = REPORT_MESSAGE, .status_msg_count = 1, .status_msgs = &msg});
}

static void step_executor(struct sim *sim, struct sim_worker *worker, struct sim_executor *executor)
{
    if (executor->kill_ms && sim->now_ms >= executor->kill_ms) {
        die(sim, worker, executor);
        return;
    }
    if (sim->now_ms < executor->next_ms)
        return;
    if (executor->stopping) {
        report_end(sim, worker, executor, REPORT_CANCELLED, GPMQ_ESTOPPED, false);
    } else if (executor->steps_left--) {
        say(sim, worker, executor);
        executor->next_ms = sim->now_ms + 1 + sim_below(sim, 600);
    } else {
        end(sim, worker, executor);
    }
}

static void stop(struct sim *sim, struct sim_executor *executor, int64_t grace_ms)
{
    if (!executor)
        return;
    int64_t kill_ms = sim->now_ms + grace_ms;
    if (!executor->kill_ms || kill_ms < executor->kill_ms)
        executor->kill_ms = kill_ms;
    if (!executor->deaf && !executor->stopping) {
        executor->stopping = true;
        executor->next_ms = sim->now_ms + 1 + sim_below(sim, 100);
    }
}

/* ---- the process --------------------------------------------------------------------------- */

void sim_worker_start(struct sim *sim, uint32_t index)
{
    static const char *kinds[] = {"noop", "gpo.backup", "gpo.import"};
    static const char *places[] = {"test"};
    struct sim_worker *worker = &sim->workers[index];
    uint8_t random[10] = {(uint8_t)index};

    snprintf(worker->name, sizeof worker->name, "w%u", index);
    worker->starts++;
    worker->config = lease_book_config_default;
    worker->config.name = worker->name;
    worker->config.incarnation = gpmq_id_make(SIM_UNIX_MS + sim->now_ms + worker->starts, random);
    worker->config.executors = 1 + index % SIM_EXECUTORS;
    worker->config.credit = worker->config.executors + index;
    worker->config.kinds = (struct name_list){3, kinds};
    worker->config.domains = worker->config.repositories = (struct name_list){1, places};
    worker->config.answer_ms = 500;
    worker->config.margin_ms = 500;
    worker->book = lease_book_new(&worker->config);
    if (!worker->actions)
        worker->actions = book_actions_new();
    memset(worker->executors, 0, sizeof worker->executors);
    worker->peer = sim->peer_next++;
    worker->open_ms = 0;
    lease_book_open(worker->book, sim->now_ms);
    sim_trace(sim, "worker %u starts", index);
}

/* Its executors die with it. */
void sim_worker_crash(struct sim *sim, uint32_t index)
{
    struct sim_worker *worker = &sim->workers[index];
    if (!worker->book)
        return;
    sim_trace(sim, "worker %u dies", index);
    lease_book_free(&worker->book);
    worker->up_ms = sim->now_ms + 10 + sim_below(sim, 8000);
    worker->peer = 0;
}

void sim_worker_free(struct sim *sim, uint32_t index)
{
    lease_book_free(&sim->workers[index].book);
    book_actions_free(&sim->workers[index].actions);
}

void sim_worker_take(struct sim *sim, uint32_t index, const struct sim_packet *packet)
{
    struct sim_worker *worker = &sim->workers[index];
    struct gpmq_error err;
    struct message message;
    if (!worker->book || packet->peer != worker->peer)
        return; /* of a connection that is no more */
    if (message_decode(&message, &sim->arena, packet->bytes, packet->size, &err) != 0)
        sim_violation(sim, "a worker cannot read a message: %s", err.text);
    else
        lease_book_message(worker->book, &message, sim->now_ms);
}

static void carry_out(struct sim *sim, uint32_t index, const struct book_action *action)
{
    struct sim_worker *worker = &sim->workers[index];
    struct sim_executor *executor = find_executor(worker, &action->op, action->fence);

    switch (action->type) {
    case BOOK_SEND:
        sim_net_send(sim, (struct sim_node){SIM_WORKER, index}, (struct sim_node){SIM_BROKER, 0},
                     worker->peer, action->message);
        break;
    case BOOK_RUN:
        begin(sim, worker, action);
        break;
    case BOOK_STOP:
        stop(sim, executor, action->grace_ms);
        break;
    case BOOK_TERM:
        stop(sim, executor, 400);
        break;
    case BOOK_KILL:
        if (executor)
            executor->kill_ms = sim->now_ms;
        break;
    case BOOK_RECONNECT:
        worker->open_ms = sim->now_ms + 1 + sim_below(sim, 50);
        break;
    case BOOK_LEFT:
        sim_worker_crash(sim, index);
        break;
    }
}

static void tick(struct sim *sim, uint32_t index)
{
    struct sim_worker *worker = &sim->workers[index];
    lease_book_tick(worker->book, sim->now_ms, worker->actions);
    for (size_t i = 0; worker->book && i < book_actions_count(worker->actions); i++)
        carry_out(sim, index, book_actions_at(worker->actions, i));
    book_actions_reset(worker->actions);
}

void sim_worker_step(struct sim *sim, uint32_t index)
{
    struct sim_worker *worker = &sim->workers[index];
    if (!worker->book && sim->now_ms >= worker->up_ms)
        sim_worker_start(sim, index);
    if (!worker->book || sim_worker_next_ms(sim, index) > sim->now_ms)
        return;
    if (worker->open_ms && sim->now_ms >= worker->open_ms) {
        worker->open_ms = 0;
        worker->peer = sim->peer_next++;
        lease_book_open(worker->book, sim->now_ms);
    }
    if (worker->awake_ms) { /* after a pause it looks at its leases before anything else goes on */
        worker->awake_ms = 0;
        tick(sim, index);
    }
    for (int i = 0; worker->book && i < SIM_EXECUTORS; i++)
        if (worker->executors[i].busy)
            step_executor(sim, worker, &worker->executors[i]);
    if (worker->book)
        tick(sim, index);
}

int64_t sim_worker_next_ms(const struct sim *sim, uint32_t index)
{
    const struct sim_worker *worker = &sim->workers[index];
    if (!worker->book)
        return worker->up_ms;
    int64_t next_ms = lease_book_next_ms(worker->book);
    if (worker->open_ms && worker->open_ms < next_ms)
        next_ms = worker->open_ms;
    for (int i = 0; i < SIM_EXECUTORS; i++) {
        const struct sim_executor *executor = &worker->executors[i];
        if (executor->busy && executor->next_ms < next_ms)
            next_ms = executor->next_ms;
        if (executor->busy && executor->kill_ms && executor->kill_ms < next_ms)
            next_ms = executor->kill_ms;
    }
    return next_ms > worker->awake_ms ? next_ms : worker->awake_ms;
}
