/* lease_session.c - hello, renewals, and when our leases end. */
#include "lease_state.h"

#include <assert.h>
#include <string.h>

/* What a broker may say, so that a wrong one cannot make us ask without end. */
#define LEASE_MS_MIN 100
#define LEASE_MS_MAX (24 * 60 * 60 * 1000)
#define RENEW_MS_MIN 10

#define HELLO_MS_MIN 100 /* to the second hello; then twice as long each time, up to answer_ms */

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t between(int64_t low, int64_t value, int64_t high)
{
    return value < low ? low : min_ms(value, high);
}

int64_t lease_session_answer_ms(const struct lease_book *book)
{
    if (!book->session.renew_ms)
        return book->config.answer_ms;
    return between(RENEW_MS_MIN, book->session.renew_ms / 2, book->config.answer_ms);
}

int64_t lease_session_end_ms(const struct lease_book *book)
{
    return book->session.end_ms ? book->session.end_ms : INT64_MAX;
}

int64_t lease_session_warn_ms(const struct lease_book *book)
{
    if (!book->session.end_ms)
        return INT64_MAX;
    return book->session.end_ms - min_ms(book->config.margin_ms, book->session.lease_ms / 4);
}

void lease_book_open(struct lease_book *book, int64_t now_ms)
{
    (void)now_ms;
    book->session.open = true;
    lease_session_rejoin(book);
}

void lease_session_rejoin(struct lease_book *book)
{
    book->session.joined = false;
    book->session.number = 0;
    book->session.waiting = false;
    book->session.silences = 0;
    struct lease *lease;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    lease_outbox_rejoin(&lease->outbox);
    lease_wake(book, INT64_MIN);
}

/* ---- answers ------------------------------------------------------------------------------- */

static const struct asked *find_asked(const struct lease_book *book, uint64_t req)
{
    const struct asked *asked = &book->session.asked[req % BOOK_ASKED_MAX];
    return req && asked->req == req ? asked : NULL;
}

/* The leases live from when the question was sent, not from when the answer came. */
static void answered(struct lease_book *book, const struct asked *asked)
{
    struct book_session *session = &book->session;
    int64_t end_ms = asked->sent_ms + session->lease_ms;
    if (end_ms > session->end_ms)
        session->end_ms = end_ms;
    session->waiting = false;
    session->silences = 0;
    session->renew_at = asked->sent_ms + session->renew_ms;
}

static void obey_all(struct lease_book *book, const struct lease_answer *answers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct lease *lease = lease_find(book, &answers[i].op, answers[i].fence);
        if (lease)
            lease_obey(book, lease, answers[i].order, answers[i].grace_ms);
    }
}

void lease_session_welcome(struct lease_book *book, const struct message *message, int64_t now_ms)
{
    (void)now_ms;
    const struct msg_worker_welcome *welcome = &message->worker_welcome;
    const struct asked *asked = find_asked(book, message->req);
    struct book_session *session = &book->session;
    if (!asked || asked->req <= session->joined_req || !welcome->session ||
        welcome->v != PROTOCOL_VERSION)
        return;
    if (session->joined) /* a hello was repeated, and both were answered */
        lease_session_rejoin(book);
    session->joined = true;
    session->joined_req = asked->req;
    session->number = welcome->session;
    session->lease_ms = between(LEASE_MS_MIN, welcome->lease_ms, LEASE_MS_MAX);
    session->renew_ms = between(RENEW_MS_MIN, welcome->renew_ms, session->lease_ms / 3);
    answered(book, asked);
    obey_all(book, welcome->held, welcome->held_count);
}

void lease_session_renewed(struct lease_book *book, const struct message *message, int64_t now_ms)
{
    (void)now_ms;
    const struct msg_renewed *renewed = &message->renewed;
    const struct asked *asked = find_asked(book, message->req);
    if (!asked || asked->req <= book->session.joined_req)
        return;
    if (renewed->session == 0) {
        lease_session_rejoin(book);
    } else if (renewed->session == book->session.number) {
        answered(book, asked);
        obey_all(book, renewed->held, renewed->held_count);
    }
}

/* ---- questions ----------------------------------------------------------------------------- */

static struct lease_ref *held_leases(const struct lease_book *book, struct book_actions *actions,
                                     uint32_t *count)
{
    struct lease_ref *held = book_actions_take(actions, (book->count + 1) * sizeof *held);
    const struct lease *lease;
    *count = 0;
    TAILQ_FOREACH(lease, &book->leases, in_book)
    if (lease->state != LEASE_GONE)
        held[(*count)++] = (struct lease_ref){lease->op, lease->fence};
    return held;
}

static uint64_t ask(struct lease_book *book, int64_t now_ms)
{
    struct book_session *session = &book->session;
    session->waiting = true;
    session->asked_ms = now_ms;
    session->silences++;
    session->req++;
    session->asked[session->req % BOOK_ASKED_MAX] = (struct asked){session->req, now_ms};
    return session->req;
}

static void send_hello(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    const struct lease_book_config *config = &book->config;
    struct message *message = book_actions_send(actions, MSG_WORKER_HELLO, ask(book, now_ms));
    message->worker_hello = (struct msg_worker_hello){
        .v = PROTOCOL_VERSION,
        .name = config->name,
        .incarnation = config->incarnation,
        .executors = config->executors,
        .credit = config->credit,
        .kinds = config->kinds,
        .domains = config->domains,
        .repositories = config->repositories,
    };
    message->worker_hello.held = held_leases(book, actions, &message->worker_hello.held_count);
}

static void send_renew(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    struct message *message = book_actions_send(actions, MSG_RENEW, ask(book, now_ms));
    message->renew = (struct msg_renew){
        .session = book->session.number,
        .draining = book->draining,
        .newest = book->newest,
    };
    message->renew.held = held_leases(book, actions, &message->renew.held_count);
}

/* The first hello is often lost because the connection is still being made. */
static int64_t patience_ms(const struct lease_book *book)
{
    const struct book_session *session = &book->session;
    if (session->joined || session->silences > 10)
        return lease_session_answer_ms(book);
    return between(0, HELLO_MS_MIN << (session->silences - 1), lease_session_answer_ms(book));
}

static uint32_t silences_max(const struct lease_book *book)
{
    return book->config.silences_max * (book->session.joined ? 1 : 2);
}

static int64_t ask_ms(const struct lease_book *book)
{
    const struct book_session *session = &book->session;
    if (session->waiting)
        return session->asked_ms + patience_ms(book);
    return session->joined ? session->renew_at : INT64_MIN;
}

void lease_session_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    struct book_session *session = &book->session;
    if (!session->open)
        return;
    if (now_ms >= ask_ms(book)) {
        if (session->silences >= silences_max(book)) {
            session->open = false;
            session->silences = 0;
            book_actions_add(actions, BOOK_RECONNECT);
            return;
        }
        if (session->joined)
            send_renew(book, now_ms, actions);
        else
            send_hello(book, now_ms, actions);
    }
    lease_wake(book, ask_ms(book));
}
