/* lease_book.c - the leases: given, run, stopped, ended. */
#include "lease_book.h"

#include <assert.h>
#include <string.h>

#include "cleanup.h"
#include "lease_state.h"

const struct lease_book_config lease_book_config_default = {
    .executors = 1,
    .credit = 2,
    .answer_ms = 2000,
    .silences_max = 3,
    .margin_ms = 5000,
    .progress_ms = 100,
};

struct lease_book *lease_book_new(const struct lease_book_config *config)
{
    assert(config->name && config->executors >= 1);
    struct lease_book *book = book_memory(sizeof *book);
    book->config = *config;
    if (book->config.credit < config->executors)
        book->config.credit = config->executors;
    if (book->config.credit > MESSAGE_OPS_MAX)
        book->config.credit = MESSAGE_OPS_MAX;
    TAILQ_INIT(&book->leases);
    book->next_ms = INT64_MAX;
    return book;
}

static void lease_free(struct lease_book *book, struct lease *lease)
{
    TAILQ_REMOVE(&book->leases, lease, in_book);
    book->count--;
    lease_outbox_clear(&lease->outbox);
    free(lease);
}

void lease_book_free(struct lease_book **book_p)
{
    struct lease_book *book = STEAL(*book_p);
    if (!book)
        return;
    while (!TAILQ_EMPTY(&book->leases))
        lease_free(book, TAILQ_FIRST(&book->leases));
    free(book);
}

struct lease *lease_find(const struct lease_book *book, const struct gpmq_id *op, uint64_t fence)
{
    struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    if (lease->fence == fence && gpmq_id_equal(&lease->op, op))
        return lease;
    return NULL;
}

/* ---- the end of a lease -------------------------------------------------------------------- */

void lease_forget(struct lease_book *book, struct lease *lease)
{
    book->ended[book->ended_next] = (struct lease_ref){lease->op, lease->fence};
    book->ended_next = (book->ended_next + 1) % BOOK_ENDED_MAX;
    lease_free(book, lease);
}

static bool was_ended(const struct lease_book *book, const struct gpmq_id *op, uint64_t fence)
{
    for (size_t i = 0; i < BOOK_ENDED_MAX; i++)
        if (book->ended[i].fence == fence && gpmq_id_equal(&book->ended[i].op, op))
            return true;
    return false;
}

void lease_end(struct lease *lease, enum report_kind kind, int code)
{
    struct report report = {
        .op = lease->op,
        .fence = lease->fence,
        .kind = kind,
        .code = code,
        .hr_status = gpmq_code_hresult(code),
    };
    lease_outbox_add(&lease->outbox, &report);
    lease->state = LEASE_ENDED;
}

/* It is no longer ours. Where an executor is at work it keeps its place until that is gone. */
static void lease_abandon(struct lease_book *book, struct lease *lease)
{
    if (lease->state != LEASE_RUNNING && lease->state != LEASE_GONE) {
        lease_forget(book, lease);
        return;
    }
    lease->state = LEASE_GONE;
    lease_outbox_clear(&lease->outbox);
}

void lease_obey(struct lease_book *book, struct lease *lease, enum lease_order order,
                int64_t grace_ms)
{
    if (order == LEASE_ABANDON) {
        lease_abandon(book, lease);
    } else if (order == LEASE_STOP && lease->state == LEASE_WAITING) {
        lease_end(lease, REPORT_REJECT, GPMQ_ESTOPPED);
    } else if (order == LEASE_STOP && !lease->stop) {
        lease->stop = true;
        lease->grace_ms = grace_ms > 0 ? grace_ms : GPMQ_GRACE_DEFAULT_MS;
    }
}

/* ---- what the broker says ------------------------------------------------------------------ */

static struct lease *lease_new(const struct assignment *assignment)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    int rc = request_encode(&buffer, assignment->request);
    assert(rc == 0);

    struct lease *lease = book_memory(sizeof *lease + buffer.size);
    lease->op = assignment->request->id;
    lease->fence = assignment->fence;
    lease->attempt = assignment->attempt;
    lease->state = LEASE_WAITING;
    lease->request_size = buffer.size;
    memcpy(lease->request, buffer.data, buffer.size);
    lease_outbox_init(&lease->outbox);
    msgpack_sbuffer_destroy(&buffer);
    return lease;
}

/* Whether the same operation is here under a fence that is at least as high. What is here under a
 * lower one was given up by the broker: it is abandoned. */
static bool is_stale(struct lease_book *book, const struct assignment *assignment)
{
    struct lease *lease = TAILQ_FIRST(&book->leases);
    while (lease) {
        struct lease *next = TAILQ_NEXT(lease, in_book);
        if (gpmq_id_equal(&lease->op, &assignment->request->id)) {
            if (lease->fence >= assignment->fence)
                return true;
            lease_abandon(book, lease);
        }
        lease = next;
    }
    return was_ended(book, &assignment->request->id, assignment->fence);
}

static void assign(struct lease_book *book, const struct assignment *assignment)
{
    if (assignment->fence > book->newest)
        book->newest = assignment->fence;
    if (is_stale(book, assignment) || book->count >= MESSAGE_OPS_MAX)
        return;
    struct lease *lease = lease_new(assignment);
    TAILQ_INSERT_TAIL(&book->leases, lease, in_book);
    book->count++;
    if (book->draining)
        lease_end(lease, REPORT_REJECT, GPMQ_EBUSY);
}

static void take_assign(struct lease_book *book, const struct msg_assign *assign_message)
{
    if (assign_message->session != book->session.number || book->leaving)
        return;
    for (uint32_t i = 0; i < assign_message->assignment_count; i++)
        assign(book, &assign_message->assignments[i]);
}

static void take_stop(struct lease_book *book, const struct msg_stop *stop)
{
    if (stop->session != book->session.number)
        return;
    for (uint32_t i = 0; i < stop->stop_count; i++) {
        const struct lease_answer *answer = &stop->stops[i];
        struct lease *lease = lease_find(book, &answer->op, answer->fence);
        if (lease)
            lease_obey(book, lease, answer->order, answer->grace_ms);
    }
}

static void take_acks(struct lease_book *book, const struct msg_report_ack *message, int64_t now_ms)
{
    for (uint32_t i = 0; i < message->ack_count; i++) {
        const struct report_ack *ack = &message->acks[i];
        struct lease *lease = lease_find(book, &ack->op, ack->fence);
        if (!lease)
            continue;
        if (lease_outbox_ack(&lease->outbox, ack->n, now_ms) && lease->state == LEASE_ENDED)
            lease_forget(book, lease);
        else
            lease_obey(book, lease, ack->order, 0);
    }
}

static void take_report_ack(struct lease_book *book, const struct msg_report_ack *message,
                            int64_t now_ms)
{
    if (message->session == 0 && book->session.joined)
        lease_session_rejoin(book);
    else if (message->session == book->session.number)
        take_acks(book, message, now_ms);
}

static void take_piece_ok(struct lease_book *book, const struct msg_result_chunk_ok *ok)
{
    struct lease *lease = lease_find(book, &ok->op, ok->fence);
    if (lease)
        lease_outbox_content_ack(&lease->outbox, ok->offset);
}

void lease_book_message(struct lease_book *book, const struct message *message, int64_t now_ms)
{
    lease_wake(book, INT64_MIN);
    if (message->type == MSG_WORKER_WELCOME)
        lease_session_welcome(book, message, now_ms);
    if (!book->session.joined)
        return;
    if (message->type == MSG_RENEWED)
        lease_session_renewed(book, message, now_ms);
    else if (message->type == MSG_REPORT_ACK)
        take_report_ack(book, &message->report_ack, now_ms);
    else if (message->type == MSG_RESULT_CHUNK_OK)
        take_piece_ok(book, &message->result_chunk_ok);
    else if (message->type == MSG_ASSIGN)
        take_assign(book, &message->assign);
    else if (message->type == MSG_STOP)
        take_stop(book, &message->stop);
}

/* ---- what the executors say ---------------------------------------------------------------- */

/* An executor that is stopped without anybody wanting the operation to end did so because its
 * lease was running out: for the broker it is a crash, to be tried again. */
static bool was_driven_out(const struct lease *lease, const struct report *report)
{
    return report->kind == REPORT_CANCELLED && !lease->stop;
}

static void take_end(struct lease_book *book, struct lease *lease, const struct report *report,
                     void *content)
{
    if (lease->state == LEASE_GONE || book->leaving) {
        free(content);
        lease_forget(book, lease);
    } else if (lease->fenced || was_driven_out(lease, report)) {
        free(content);
        lease_end(lease, REPORT_CRASHED, GPMQ_ELOST);
    } else {
        lease_outbox_add(&lease->outbox, report);
        lease->state = LEASE_ENDED;
        if (content)
            lease_outbox_content(&lease->outbox, report->result, content);
    }
}

void lease_book_report(struct lease_book *book, const struct report *report, void *content,
                       int64_t now_ms)
{
    (void)now_ms;
    assert(!content || (report->result && report_is_end(report->kind)));
    struct lease *lease = lease_find(book, &report->op, report->fence);
    lease_wake(book, INT64_MIN);
    if (!lease || (lease->state != LEASE_RUNNING && lease->state != LEASE_GONE))
        free(content);
    else if (report_is_end(report->kind))
        take_end(book, lease, report, content);
    else if (lease->state == LEASE_RUNNING && !lease->fenced)
        lease_outbox_add(&lease->outbox, report);
}

void lease_book_ended(struct lease_book *book, const struct gpmq_id *op, uint64_t fence,
                      int64_t now_ms)
{
    (void)now_ms;
    struct lease *lease = lease_find(book, op, fence);
    lease_wake(book, INT64_MIN);
    if (!lease || (lease->state != LEASE_RUNNING && lease->state != LEASE_GONE))
        return;
    if (lease->state == LEASE_GONE || book->leaving)
        lease_forget(book, lease);
    else if (lease->stop && !lease->fenced)
        lease_end(lease, REPORT_CANCELLED, GPMQ_ESTOPPED);
    else
        lease_end(lease, REPORT_CRASHED, GPMQ_ELOST);
}

bool lease_book_is_full(const struct lease_book *book, const struct gpmq_id *op, uint64_t fence)
{
    const struct lease *lease = lease_find(book, op, fence);
    return lease && lease->outbox.count >= LEASE_REPORTS_MAX;
}

/* ---- leaving ------------------------------------------------------------------------------- */

static void hand_back_waiting(struct lease_book *book)
{
    struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    if (lease->state == LEASE_WAITING)
        lease_end(lease, REPORT_REJECT, GPMQ_EBUSY);
}

void lease_book_serve(struct lease_book *book, const struct name_list *kinds,
                      const struct name_list *domains, const struct name_list *repositories)
{
    book->config.kinds = *kinds;
    book->config.domains = *domains;
    book->config.repositories = *repositories;
    hand_back_waiting(book);
    lease_session_rejoin(book);
}

void lease_book_drain(struct lease_book *book)
{
    if (book->draining)
        return;
    book->draining = true;
    book->session.renew_at = INT64_MIN;
    lease_wake(book, INT64_MIN);
    hand_back_waiting(book);
}

void lease_book_leave(struct lease_book *book)
{
    lease_book_drain(book);
    book->leaving = true;
}

int64_t lease_book_next_ms(const struct lease_book *book)
{
    return book->next_ms;
}

size_t lease_book_held(const struct lease_book *book)
{
    return book->count;
}

bool lease_book_is_joined(const struct lease_book *book)
{
    return book->session.joined;
}
