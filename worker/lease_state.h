/* lease_state.h - everything that the lease book knows. For the files lease_*.c, and nobody else.
 */
#ifndef GPMQ_LEASE_STATE_H
#define GPMQ_LEASE_STATE_H

#include <sys/queue.h>

#include "book_actions.h"
#include "lease_book.h"
#include "lease_outbox.h"

#define BOOK_ASKED_MAX 8   /* hellos and renewals whose sending time is remembered */
#define BOOK_ENDED_MAX 256 /* leases that are over, remembered so that none begins twice */

enum lease_state {
    LEASE_WAITING = 1, /* for an executor */
    LEASE_RUNNING,
    LEASE_ENDED, /* its end is in the outbox */
    LEASE_GONE,  /* no longer ours: its executor is being killed, nothing is told */
};

/* How hard its executor has been told to stop; never falls. */
enum lease_told { TOLD_NOTHING, TOLD_STOP, TOLD_TERM, TOLD_KILL };

struct lease {
    TAILQ_ENTRY(lease) in_book;
    struct gpmq_id op;
    uint64_t fence;
    uint32_t attempt;
    enum lease_state state;
    bool stop; /* the broker wants it to end */
    int64_t grace_ms;
    bool fenced; /* it ran out: whatever its executor still says is not told */
    enum lease_told told;
    struct lease_outbox outbox;
    size_t request_size;
    char request[]; /* encoded */
};
TAILQ_HEAD(leases, lease);

struct book_session {
    bool open;   /* there is a connection */
    bool joined; /* number is one that the broker gave us */
    uint64_t number;
    uint64_t joined_req; /* of the hello that was answered with it */
    int64_t lease_ms;
    int64_t renew_ms;
    int64_t end_ms;   /* when our leases end; 0: no renewal was ever answered */
    int64_t renew_at; /* when to renew next */

    bool waiting; /* for the answer to the newest hello or renewal */
    int64_t asked_ms;
    uint32_t silences; /* asked in a row without an answer */
    uint64_t req;      /* of the newest */
    struct asked {
        uint64_t req;
        int64_t sent_ms;
    } asked[BOOK_ASKED_MAX];
};

struct lease_book {
    struct lease_book_config config;
    struct leases leases;
    uint32_t count;
    struct book_session session;
    uint64_t newest; /* the highest fence that was given to us */
    bool draining;
    bool leaving;
    bool left;
    struct lease_ref ended[BOOK_ENDED_MAX]; /* a ring */
    uint32_t ended_next;
    int64_t next_ms;
};

/* lease_book.c */
struct lease *lease_find(const struct lease_book *book, const struct gpmq_id *op, uint64_t fence);
/* Does what the broker says of a lease. */
void lease_obey(struct lease_book *book, struct lease *lease, enum lease_order order,
                int64_t grace_ms);
/* It is over, and nothing of it is left to tell. */
void lease_forget(struct lease_book *book, struct lease *lease);
/* Adds an end that no executor told. */
void lease_end(struct lease *lease, enum report_kind kind, int code);

/* lease_session.c: hello, renewals and what answers them. */
void lease_session_welcome(struct lease_book *book, const struct message *message, int64_t now_ms);
void lease_session_renewed(struct lease_book *book, const struct message *message, int64_t now_ms);
/* The broker does not know our session: hello again. */
void lease_session_rejoin(struct lease_book *book);
void lease_session_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions);
/* What has no answer after this long is sent again. */
int64_t lease_session_answer_ms(const struct lease_book *book);
/* When executors are told that their leases end, and when they are killed. INT64_MAX: never. */
int64_t lease_session_warn_ms(const struct lease_book *book);
int64_t lease_session_end_ms(const struct lease_book *book);

/* lease_send.c: reports and pieces to the broker. */
void lease_send_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions);

/* The earlier of next_ms and due_ms is when a tick is needed. */
static inline void lease_wake(struct lease_book *book, int64_t due_ms)
{
    if (due_ms < book->next_ms)
        book->next_ms = due_ms;
}

#endif
