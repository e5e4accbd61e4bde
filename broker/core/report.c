/* report.c - a report is taken, or it is known already, or it is too late. */
#include "report.h"

#include "batch.h"
#include "lease.h"
#include "record.h"

static struct outcome outcome_of(const struct report *report)
{
    return (struct outcome){
        .code = report->code,
        .hr_status = report->hr_status,
        .result = report->result,
        .msg_count = report->status_msg_count,
        .msgs = report->status_msgs,
    };
}

/* Every report but a rejection accepts, since the first one may be late: take() has done it. */
static void take_accept(struct core *core, struct operation *op, const struct report *report)
{
    (void)core, (void)op, (void)report;
}

static void take_reject(struct core *core, struct operation *op, const struct report *report)
{
    (void)report;
    if (op->accepted)
        lease_released(core, op);
    else
        lease_rejected(core, op);
}

static void take_progress(struct core *core, struct operation *op, const struct report *report)
{
    op->record.row.hr_status = report->hr_status;
    record_progress(&op->record, report->progress_numerator, report->progress_denominator);
    lease_moved(core, op);
    record_tell_progress(core, &op->record);
    batch_moved(core, op);
    operation_arm(core, op);
}

static void take_message(struct core *core, struct operation *op, const struct report *report)
{
    op->record.row.hr_status = report->hr_status;
    lease_moved(core, op);
    if (report->progress_denominator > 0)
        record_progress(&op->record, report->progress_numerator, report->progress_denominator);
    record_tell(core, &op->record,
                &(struct tale){.kind = GPMQ_FRAME_MESSAGE,
                               .msg_count = report->status_msg_count,
                               .msgs = report->status_msgs});
    batch_moved(core, op);
    operation_arm(core, op);
}

static void take_done(struct core *core, struct operation *op, const struct report *report)
{
    struct outcome outcome = outcome_of(report);
    outcome.code = GPMQ_OK;
    lease_succeeded(core, op, &outcome);
}

static void take_failed(struct core *core, struct operation *op, const struct report *report)
{
    struct outcome outcome = outcome_of(report);
    if (report->code == GPMQ_ESTOPPED && op->stop) {
        lease_stopped(core, op, &outcome);
        return;
    }
    if (outcome.code >= 0 || outcome.code <= GPMQ_CODE_END)
        outcome.code = GPMQ_EIO;
    if (outcome.hr_status >= 0)
        outcome.hr_status = gpmq_code_hresult(outcome.code);
    lease_failed(core, op, &outcome, report->retryable);
}

static void take_cancelled(struct core *core, struct operation *op, const struct report *report)
{
    struct outcome outcome = outcome_of(report);
    lease_stopped(core, op, &outcome);
}

static void take_crashed(struct core *core, struct operation *op, const struct report *report)
{
    if (op->stop)
        take_cancelled(core, op, report); /* killed because it did not stop */
    else
        lease_crashed(core, op, "its executor died");
}

typedef void take_fn(struct core *core, struct operation *op, const struct report *report);

static take_fn *const takes[REPORT_KIND_END] = {
    [REPORT_ACCEPT] = take_accept,       [REPORT_REJECT] = take_reject,
    [REPORT_PROGRESS] = take_progress,   [REPORT_MESSAGE] = take_message,
    [REPORT_DONE] = take_done,           [REPORT_FAILED] = take_failed,
    [REPORT_CANCELLED] = take_cancelled, [REPORT_CRASHED] = take_crashed,
};

/* The live lease that a report belongs to; NULL: it is too late. */
static struct operation *lease_of(const struct core *core, const struct session *session,
                                  const struct report *report)
{
    struct operation *op = operation_find(core, &report->op);
    bool live = op && lifecycle_is_leased(op->record.row.state) && op->session == session &&
                op->record.row.fence == report->fence;
    return live ? op : NULL;
}

static bool is_next(const struct operation *op, const struct report *report)
{
    return report->n > op->record.row.report_n && report->after <= op->record.row.report_n;
}

static void take(struct core *core, struct operation *op, const struct report *report)
{
    op->record.row.report_n = report->n;
    if (!op->accepted && report->kind != REPORT_REJECT)
        lease_accept(core, op);
    takes[report->kind](core, op, report);
}

static struct report_ack answer(struct core *core, const struct session *session,
                                const struct report *report)
{
    struct report_ack ack = {
        .op = report->op, .fence = report->fence, .n = report->n, .order = LEASE_ABANDON};
    struct operation *op = lease_of(core, session, report);
    if (!op || report->kind <= 0 || report->kind >= REPORT_KIND_END)
        return ack;
    if (is_next(op, report))
        take(core, op, report);
    ack.n = op->record.row.report_n;
    ack.order = lease_of(core, session, report) ? lease_order(op).order : LEASE_KEEP;
    return ack;
}

void report_message(struct core *core, const struct worker_event *event)
{
    const struct msg_report *reports = &event->message->report;
    struct session *session = roster_heard(core, reports->session, event);
    struct message *reply =
        actions_reply(core->actions, event->peer, MSG_REPORT_ACK, event->message->req);
    if (!session)
        return;
    struct report_ack *acks =
        actions_take(core->actions, (reports->report_count + 1) * sizeof *acks);
    for (uint32_t i = 0; i < reports->report_count; i++)
        acks[i] = answer(core, session, &reports->reports[i]);
    reply->report_ack = (struct msg_report_ack){session->number, reports->report_count, acks};
}
