/*
 * lease_book.h - the leases that a worker holds, and what it still has to tell of them.
 *
 * Pure: (state, event, now) -> actions, with no socket, clock, process or random number inside, so
 * that the worker and the simulator drive the same object file. An event only changes the state;
 * lease_book_tick() works out what is to be done, and is called after every round of events.
 *
 * Sessions. The book says hello, renews all leases in one message, and says hello again (with the
 *           leases it holds) when the broker does not know it or the connection was replaced.
 * Reports.  What an executor tells is numbered per lease and kept until the broker has
 *           acknowledged it, over any number of sessions. Progress is superseded by later progress;
 *           messages and ends are never lost. Large content goes ahead in pieces.
 * Fencing.  The leases end lease_ms after the last answered renewal was *sent*. Executors are told
 *           to end some seconds before, and killed then: by the time the broker gives an operation
 *           away, nobody works on it here. Of what was fenced off only the crash is told.
 * Time.     now_ms is monotonic; nothing here knows another clock.
 * Memory.   A worker without memory stops, and its leases run out.
 */
#ifndef GPMQ_LEASE_BOOK_H
#define GPMQ_LEASE_BOOK_H

#include "codec.h"

#define LEASE_REPORTS_MAX 1024 /* reports of one lease that wait for an acknowledgement */

struct lease_book;

/* Names are borrowed and stay as they are while the book is there. */
struct lease_book_config {
    const char *name;           /* of the worker */
    struct gpmq_id incarnation; /* of this process */
    uint32_t executors;         /* operations that run at once */
    uint32_t credit;            /* leases held at once; at least executors */
    struct name_list kinds;
    struct name_list domains;
    struct name_list repositories;
    int64_t answer_ms;     /* what has no answer after this long is sent again */
    uint32_t silences_max; /* renewals in a row without one (hellos: twice as many), until the
                            * connection is replaced */
    int64_t margin_ms;     /* executors are told this long before a lease ends */
    int64_t progress_ms;   /* at most one progress report of a lease in this time */
};
/* All but the names: 1 executor, credit 2, 2000 ms, 3, 5000 ms, 100 ms. */
extern const struct lease_book_config lease_book_config_default;

enum book_action_type {
    BOOK_SEND = 1,  /* message to the broker; it may be lost, it is sent again then */
    BOOK_RUN,       /* give request to an executor: one is free */
    BOOK_STOP,      /* ask its executor to stop; kill it when grace_ms have passed */
    BOOK_TERM,      /* ask its executor to end at once: SIGTERM */
    BOOK_KILL,      /* kill its executor: SIGKILL */
    BOOK_RECONNECT, /* close the connection, open a fresh one and call lease_book_open() */
    BOOK_LEFT,      /* all is told or handed back: the process may end */
};

struct book_action {
    enum book_action_type type;
    struct gpmq_id op; /* of RUN, STOP, TERM, KILL */
    uint64_t fence;
    uint32_t attempt;                   /* of RUN */
    int64_t grace_ms;                   /* of STOP */
    const struct gpmq_request *request; /* of RUN */
    const struct message *message;      /* of SEND */
};

/* Actions of one or several ticks, and the memory they point into. */
struct book_actions;
struct book_actions *book_actions_new(void);
void book_actions_free(struct book_actions **actions_p);
void book_actions_reset(struct book_actions *actions);
size_t book_actions_count(const struct book_actions *actions);
const struct book_action *book_actions_at(const struct book_actions *actions, size_t index);

struct lease_book *lease_book_new(const struct lease_book_config *config);
void lease_book_free(struct lease_book **book_p);

/* There is a (fresh) connection. Before the first one, and between BOOK_RECONNECT and this call,
 * nothing is sent. */
void lease_book_open(struct lease_book *book, int64_t now_ms);

/* A message from the broker: MSG_WORKER_WELCOME, MSG_RENEWED, MSG_REPORT_ACK, MSG_RESULT_CHUNK_OK,
 * MSG_ASSIGN, MSG_STOP. Others change nothing. */
void lease_book_message(struct lease_book *book, const struct message *message, int64_t now_ms);

/* What an executor says: REPORT_PROGRESS, MESSAGE, DONE, FAILED, CANCELLED; numbers are the book's.
 * After an end its executor is free. content, which the book takes over with free(), is the
 * result's where that is over GPMQ_RESULT_INLINE_MAX; otherwise NULL. Unknown leases change
 * nothing. */
void lease_book_report(struct lease_book *book, const struct report *report, void *content,
                       int64_t now_ms);
/* The executor that ran a lease is gone, and it had not reported an end. */
void lease_book_ended(struct lease_book *book, const struct gpmq_id *op, uint64_t fence,
                      int64_t now_ms);
/* Whether a lease has LEASE_REPORTS_MAX reports waiting: its executor is not listened to then. */
bool lease_book_is_full(const struct lease_book *book, const struct gpmq_id *op, uint64_t fence);

/* Serves other kinds, domains and repositories from now on (borrowed like those of the
 * configuration): hands back what has not begun, and says hello again. */
void lease_book_serve(struct lease_book *book, const struct name_list *kinds,
                      const struct name_list *domains, const struct name_list *repositories);
/* Takes nothing new, hands back what has not begun, and leaves when the rest has ended. */
void lease_book_drain(struct lease_book *book);
/* Kills what runs, hands everything back, and leaves. */
void lease_book_leave(struct lease_book *book);

/* Appends what is to be done now to *actions. */
void lease_book_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions);
/* When lease_book_tick() has something to do next; at once: INT64_MIN; never: INT64_MAX. */
int64_t lease_book_next_ms(const struct lease_book *book);

/* For tests, the log and --check: how many leases are held, and whether the broker knows us. */
size_t lease_book_held(const struct lease_book *book);
bool lease_book_is_joined(const struct lease_book *book);

#endif
