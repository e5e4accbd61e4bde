/* worker.c - the loop between broker, book and executors. */
#include "worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "clock.h"
#include "fail.h"
#include "log.h"
#include "notify.h"
#include "worker_state.h"

#define LEAVE_MAX_MS      5000  /* from being told to leave until the end, whatever happens */
#define RECONNECT_MS      1000  /* before a connection that could not be made is tried again */
#define ROUND_MAX_MS      60000 /* the loop turns at least this often */
#define TAKEN_FROM_BROKER 256   /* messages in one round */

/* ---- from the executors to the book -------------------------------------------------------- */

static void on_report(void *arg, const struct report *report, void *content)
{
    struct worker *worker = arg;
    lease_book_report(worker->book, report, content, worker->now_ms);
}

static void on_ended(void *arg, const struct gpmq_id *op, uint64_t fence, const char *how)
{
    struct worker *worker = arg;
    (void)how; /* the pool has logged it */
    lease_book_ended(worker->book, op, fence, worker->now_ms);
}

static bool on_full(void *arg, const struct gpmq_id *op, uint64_t fence)
{
    const struct worker *worker = arg;
    return lease_book_is_full(worker->book, op, fence);
}

struct executor_listener worker_listener(struct worker *worker)
{
    return (struct executor_listener){on_report, on_ended, on_full, worker};
}

/* ---- from the book to executors and broker ------------------------------------------------- */

static void start(struct worker *worker, const struct book_action *action)
{
    const struct gpmq_request *request = action->request;
    struct gpmq_error err;
    const struct log_about about = {&action->op, action->attempt, request->trace};
    int rc = request->input_size
                 ? inputs_begin(worker->inputs, request, action->fence, action->attempt, &err)
                 : executor_run(worker->pool, request, action->fence, action->attempt, &err);
    if (rc)
        worker_fail(worker, &about, action->fence, &err);
}

static void reconnect(struct worker *worker)
{
    struct gpmq_error err;
    char value[LOG_VALUE_SIZE];
    worker->reconnect_ms = INT64_MAX;
    log_event(worker->silent ? LOG_DEBUG : LOG_WARNING, "broker_silent", "broker=%s",
              log_value(worker->settings->broker, value));
    worker->silent = true; /* once is enough until it speaks again */
    if (session_reconnect(worker->session, &err) == 0) {
        lease_book_open(worker->book, worker->now_ms);
        return;
    }
    log_event(LOG_ERROR, "cannot_reconnect", "reason=%s", log_value(err.text, value));
    worker->reconnect_ms = worker->now_ms + RECONNECT_MS;
}

static void carry_out(struct worker *worker, const struct book_action *action)
{
    switch (action->type) {
    case BOOK_SEND:
        if (session_send(worker->session, action->message) != 0)
            log_event(LOG_DEBUG, "message_dropped", "type=%s",
                      message_type_name(action->message->type));
        break;
    case BOOK_RUN:
        start(worker, action);
        break;
    case BOOK_STOP:
        if (worker_stop_input(worker, &action->op, action->fence))
            break;
        executor_stop(worker->pool, &action->op, action->fence, action->grace_ms, worker->now_ms);
        break;
    case BOOK_TERM:
        if (worker_stop_input(worker, &action->op, action->fence))
            break;
        executor_term(worker->pool, &action->op, action->fence, worker->now_ms);
        break;
    case BOOK_KILL:
        if (worker_stop_input(worker, &action->op, action->fence))
            break;
        executor_kill(worker->pool, &action->op, action->fence);
        break;
    case BOOK_RECONNECT:
        reconnect(worker);
        break;
    case BOOK_LEFT:
        worker->left = true;
        break;
    }
}

static void tick(struct worker *worker)
{
    book_actions_reset(worker->actions);
    lease_book_tick(worker->book, worker->now_ms, worker->actions);
    for (size_t i = 0; i < book_actions_count(worker->actions); i++)
        carry_out(worker, book_actions_at(worker->actions, i));
    inputs_tick(worker->inputs, worker->now_ms);
}

/* ---- from the broker to the book ----------------------------------------------------------- */

static void log_join(struct worker *worker)
{
    bool joined = lease_book_is_joined(worker->book);
    if (joined != worker->joined) {
        log_event(joined ? LOG_INFO : LOG_WARNING, joined ? "joined" : "not_joined", "leases=%zu",
                  lease_book_held(worker->book));
        notify_status(worker->settings->notify, joined ? "the broker knows us" : "no broker");
    }
    worker->joined = joined;
    worker->silent = worker->silent && !joined;
}

static void take_broker(struct worker *worker)
{
    struct message message;
    struct gpmq_error err;
    char value[LOG_VALUE_SIZE];
    for (int i = 0; i < TAKEN_FROM_BROKER; i++) {
        int rc = session_receive(worker->session, &worker->arena, &message, &err);
        if (rc == GPMQ_EBUSY)
            return;
        if (rc)
            log_event(LOG_WARNING, "message_refused", "reason=%s", log_value(err.text, value));
        else if (message.type == MSG_ERROR)
            log_event(LOG_WARNING, "broker_refused", "code=%s reason=%s",
                      gpmq_code_name(message.error.code),
                      log_value(message.error.text ? message.error.text : "", value));
        else if (message.type == MSG_INPUT_CHUNK)
            inputs_take(worker->inputs, &message.input_chunk, worker->now_ms);
        else
            lease_book_message(worker->book, &message, worker->now_ms);
    }
}

/* ---- the end ------------------------------------------------------------------------------- */

static void leave(struct worker *worker)
{
    if (worker->end_ms != INT64_MAX)
        return;
    log_event(LOG_INFO, "leaving", "leases=%zu", lease_book_held(worker->book));
    worker->leave_ms = INT64_MAX;
    worker->end_ms = worker->now_ms + LEAVE_MAX_MS;
    lease_book_leave(worker->book);
}

static void told_to_stop(struct worker *worker, int stop_fd)
{
    struct signalfd_siginfo signal;
    ssize_t size; /* less than a signal's: it is no signalfd */
    while ((size = read(stop_fd, &signal, sizeof signal)) > 0) {
        if (size == (ssize_t)sizeof signal && signal.ssi_signo == SIGHUP) {
            if (worker->settings->hangup && !worker->draining)
                worker->settings->hangup(worker->settings->hangup_arg, worker);
            continue;
        }
        if (worker->draining) {
            leave(worker);
            continue;
        }
        worker->draining = true;
        notify_stopping(worker->settings->notify);
        worker->leave_ms = worker->now_ms + worker->drain_s * 1000;
        log_event(LOG_INFO, "draining", "leases=%zu", lease_book_held(worker->book));
        lease_book_drain(worker->book);
    }
}

static void take_due(struct worker *worker)
{
    if (worker->now_ms >= worker->reconnect_ms)
        reconnect(worker);
    if (worker->now_ms >= worker->leave_ms)
        leave(worker);
    if (worker->now_ms >= worker->end_ms)
        worker->left = true;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static long wait_ms(const struct worker *worker)
{
    int64_t due_ms = lease_book_next_ms(worker->book);
    due_ms = min_ms(due_ms, executor_pool_next_ms(worker->pool));
    due_ms = min_ms(due_ms, inputs_next_ms(worker->inputs));
    due_ms = min_ms(due_ms, min_ms(worker->reconnect_ms, worker->leave_ms));
    due_ms = min_ms(due_ms, worker->end_ms);
    due_ms = min_ms(due_ms, notify_next_ms(worker->settings->notify));
    int64_t now_ms = clock_now_ms();
    return due_ms <= now_ms ? 0 : (long)min_ms(due_ms - now_ms, ROUND_MAX_MS);
}

int worker_run(struct worker *worker, int stop_fd, int parent_fd, struct gpmq_error *err)
{
    worker->now_ms = clock_now_ms();
    lease_book_open(worker->book, worker->now_ms);
    while (!worker->left) {
        zmq_pollitem_t items[] = {
            {.socket = session_socket(worker->session), .events = ZMQ_POLLIN},
            {.fd = executor_pool_fd(worker->pool), .events = ZMQ_POLLIN},
            {.fd = stop_fd, .events = ZMQ_POLLIN},
            {.fd = parent_fd, .events = ZMQ_POLLIN | ZMQ_POLLERR},
        };
        if (zmq_poll(items, parent_fd < 0 ? 3 : 4, wait_ms(worker)) < 0 && zmq_errno() != EINTR)
            return fail_zmq(err, "cannot wait for the broker and the executors");
        worker->now_ms = clock_now_ms();
        take_broker(worker);
        executor_pool_take(worker->pool, worker->now_ms);
        if (items[2].revents)
            told_to_stop(worker, stop_fd);
        if (parent_fd >= 0 && items[3].revents)
            leave(worker);
        take_due(worker);
        tick(worker);
        notify_tick(worker->settings->notify, worker->now_ms);
        log_join(worker);
    }
    return 0;
}
