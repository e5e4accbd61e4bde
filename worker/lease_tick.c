/* lease_tick.c - from the state to what is to be done. */
#include "lease_state.h"

#include <assert.h>

static void tell(struct lease *lease, enum book_action_type type, struct book_actions *actions)
{
    struct book_action *action = book_actions_add(actions, type);
    action->op = lease->op;
    action->fence = lease->fence;
    action->grace_ms = lease->grace_ms;
}

static const enum book_action_type action_of_told[] = {
    [TOLD_STOP] = BOOK_STOP,
    [TOLD_TERM] = BOOK_TERM,
    [TOLD_KILL] = BOOK_KILL,
};

/* How hard the executor of a running lease must be told now. */
static enum lease_told wanted(const struct lease_book *book, struct lease *lease, int64_t now_ms)
{
    if (now_ms >= lease_session_end_ms(book))
        lease->fenced = true;
    if (lease->state == LEASE_GONE || lease->fenced || book->leaving)
        return TOLD_KILL;
    if (now_ms >= lease_session_warn_ms(book))
        return TOLD_TERM;
    return lease->stop ? TOLD_STOP : TOLD_NOTHING;
}

static void wake_for_end(struct lease_book *book, int64_t now_ms)
{
    if (now_ms < lease_session_warn_ms(book))
        lease_wake(book, lease_session_warn_ms(book));
    else if (now_ms < lease_session_end_ms(book))
        lease_wake(book, lease_session_end_ms(book));
}

static void stop_leases(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    {
        if (lease->state == LEASE_WAITING && now_ms >= lease_session_end_ms(book))
            lease_end(lease, REPORT_REJECT, GPMQ_ESTALE);
        if (lease->state != LEASE_RUNNING && lease->state != LEASE_GONE)
            continue;
        enum lease_told told = wanted(book, lease, now_ms);
        if (told > lease->told) {
            lease->told = told;
            tell(lease, action_of_told[told], actions);
        }
        wake_for_end(book, now_ms);
    }
}

static uint32_t busy_executors(const struct lease_book *book)
{
    uint32_t busy = 0;
    const struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    busy += lease->state == LEASE_RUNNING || lease->state == LEASE_GONE;
    return busy;
}

static void run(struct lease *lease, struct book_actions *actions)
{
    struct gpmq_request *request = book_actions_take(actions, sizeof *request);
    struct gpmq_error err;
    int rc = request_decode(request, book_actions_arena(actions), lease->request,
                            lease->request_size, &err);
    assert(rc == 0); /* we encoded it */

    struct report accept = {.op = lease->op, .fence = lease->fence, .kind = REPORT_ACCEPT};
    lease_outbox_add(&lease->outbox, &accept);
    lease->state = LEASE_RUNNING;
    struct book_action *action = book_actions_add(actions, BOOK_RUN);
    action->op = lease->op;
    action->fence = lease->fence;
    action->attempt = lease->attempt;
    action->request = request;
}

static void run_leases(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    if (!book->session.joined || now_ms >= lease_session_warn_ms(book))
        return;
    uint32_t busy = busy_executors(book);
    struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    {
        if (busy >= book->config.executors)
            return;
        if (lease->state != LEASE_WAITING)
            continue;
        run(lease, actions);
        busy++;
    }
}

/* Leaving hands back by BYE all that is still held; draining waits until nothing is. */
static void leave(struct lease_book *book, struct book_actions *actions)
{
    if (book->left ||
        !(book->leaving ? busy_executors(book) == 0 : book->draining && TAILQ_EMPTY(&book->leases)))
        return;
    book->left = true;
    if (book->session.joined)
        book_actions_send(actions, MSG_BYE, 0)->bye.session = book->session.number;
    book_actions_add(actions, BOOK_LEFT);
}

void lease_book_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    book->next_ms = INT64_MAX;
    if (book->left)
        return;
    stop_leases(book, now_ms, actions);
    run_leases(book, now_ms, actions);
    lease_session_tick(book, now_ms, actions);
    lease_send_tick(book, now_ms, actions);
    leave(book, actions);
}
