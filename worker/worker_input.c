/* worker_input.c - operations that wait for their input, and those that could not be started. */
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "log.h"
#include "worker_state.h"

void worker_fail(struct worker *worker, const struct log_about *about, uint64_t fence,
                 const struct gpmq_error *why)
{
    char value[LOG_VALUE_SIZE];
    struct gpmq_error copy = *why;
    log_operation(LOG_ERROR, "cannot_start_operation", about, "reason=%s",
                  log_value(copy.text, value));
    struct gpmq_status_msg words = {.error_code = gpmq_code_hresult(copy.code),
                                    .operation_code = copy.code,
                                    .message = copy.text};
    struct report report = {
        .op = *about->op,
        .fence = fence,
        .kind = REPORT_FAILED,
        .code = copy.code,
        .hr_status = gpmq_code_hresult(copy.code),
        .retryable = copy.code != GPMQ_ETOOBIG && copy.code != GPMQ_EDAMAGED,
        .status_msg_count = 1,
        .status_msgs = &words,
    };
    lease_book_report(worker->book, &report, NULL, worker->now_ms);
}

static void on_ready(void *arg, const struct gpmq_request *request, uint64_t fence,
                     uint32_t attempt, int fd)
{
    struct worker *worker = arg;
    CLEANUP(close_fd) int input = fd;
    struct gpmq_error err;
    const struct log_about about = {&request->id, attempt, request->trace};
    if (executor_run_input(worker->pool, request, fence, attempt, input, &err) != 0)
        worker_fail(worker, &about, fence, &err);
}

static void on_failed(void *arg, const struct log_about *about, uint64_t fence,
                      const struct gpmq_error *why)
{
    worker_fail(arg, about, fence, why);
}

static void on_ask(void *arg, const struct message *message)
{
    struct worker *worker = arg;
    if (session_send(worker->session, message) != 0)
        log_event(LOG_DEBUG, "message_dropped", "type=%s", message_type_name(message->type));
}

struct inputs_listener worker_inputs_listener(struct worker *worker)
{
    return (struct inputs_listener){on_ready, on_failed, on_ask, worker};
}

bool worker_stop_input(struct worker *worker, const struct gpmq_id *op, uint64_t fence)
{
    if (!inputs_drop(worker->inputs, op, fence))
        return false;
    struct report report = {.op = *op,
                            .fence = fence,
                            .kind = REPORT_CANCELLED,
                            .code = GPMQ_ESTOPPED,
                            .hr_status = gpmq_code_hresult(GPMQ_ESTOPPED)};
    lease_book_report(worker->book, &report, NULL, worker->now_ms);
    return true;
}
