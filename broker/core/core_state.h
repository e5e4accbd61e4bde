/*
 * core_state.h - everything that the core knows. For the files of this folder, and nobody else.
 *
 * What belongs to whom: an operation counts a use of its route, keys and names; a session and a
 * batch only list operations. Whoever ends takes itself off all lists.
 */
#ifndef GPMQ_CORE_STATE_H
#define GPMQ_CORE_STATE_H

#include <sys/queue.h>

#include "actions.h"
#include "core.h"
#include "deadline.h"
#include "fair.h"
#include "lifecycle.h"
#include "names.h"
#include "queue.h"
#include "retry.h"
#include "table.h"

#define KEYS_MAX          (GPMQ_KEYS_MAX + 2) /* those of the request, and the GPO it changes */
#define WEIGHT_MAX        4000u               /* so that a million of them fit 32 bits */
#define CANCEL_MARGIN_MS  5000    /* after the grace, in which a worker says it is done */
#define REJECT_REST_MS    1000    /* before a rejected operation is offered again */
#define FENCE_PER_MS_BITS 10      /* 1024 assignments a millisecond; fences stay below 2^53 */
#define BATCH_SCALE       1000000 /* denominator of a batch's progress */

/* One row of the store, as it will be after the open round, and what it was before. */
struct record {
    struct op_row row;
    enum gpmq_state stored_state;
    uint64_t stored_fence;
    uint64_t round;         /* in which it was written last */
    size_t action;          /* which of that round's actions writes it */
    bool progress_held;     /* progress was made that no frame has told yet */
    int64_t progress_at_ms; /* not before then */
};

enum stop_why { STOP_NONE, STOP_CANCEL, STOP_DEADLINE, STOP_RUN_LIMIT, STOP_STALL };

/* One operation's share in a concurrency key. */
struct key_use {
    struct key *key;
    struct operation *op;
    uint32_t limit;
    LIST_ENTRY(key_use) in_holders;
    bool held; /* it is among the holders: the operation has a live lease */
};

struct key {
    struct table_node node;
    uint32_t uses;
    LIST_HEAD(, key_use) holders; /* live leases; counted, never remembered as a number */
    struct op_queue waiting;      /* WAITING for this key */
    TAILQ_ENTRY(key) in_freed;
    bool freed; /* somebody may have a turn now */
    char text[];
};

/* All operations that the same workers can run: same kind, domain and repository. */
struct route {
    struct table_node node;
    LIST_ENTRY(route) in_all;
    LIST_ENTRY(route) in_active;
    bool active; /* its ready queue is not empty, or was a moment ago */
    uint32_t uses;
    uint32_t server_count;   /* sessions that serve it */
    struct fair_queue ready; /* QUEUED */
    struct op_queue waiting; /* WAITING for a worker */
    struct op_queue held;    /* WAITING because it is paused */
    bool paused;
    struct deadline bare; /* when those that are QUEUED begin to wait for a worker */
    const char *kind;
    const char *domain;
    const char *target_domain;
    const char *repository;
    char text[]; /* the four, as the table's key */
};

LIST_HEAD(dep_list, dep); /* see deps.h */

struct operation {
    struct record record;
    struct table_node node;
    struct batch *batch; /* NULL: none */
    LIST_ENTRY(operation) in_batch;
    uint64_t batch_done; /* its part of the batch's done_open */
    struct name *client;
    struct name *worker; /* of the newest assignment; NULL: none */
    struct route *route;
    struct op_queue *queue; /* that it is in; NULL: none */
    struct share *share;    /* of a fair queue that it is in; NULL: none */
    int64_t ready_ms;       /* since when */
    TAILQ_ENTRY(operation) in_queue;
    uint64_t order; /* of submission, in this process */
    uint32_t key_count;
    struct key_use *keys;
    LIST_ENTRY(operation) in_ended;
    uint8_t digest[16]; /* of the request */

    /* see deps.h */
    struct dep_list dependents; /* who waits for it */
    struct dep *deps;           /* what it waits for */
    uint32_t dep_count;
    uint32_t dep_open; /* of those, not succeeded yet */
    bool dep_failed;
    struct gpmq_id dep_failed_id;
    bool dep_failed_is_batch;
    enum gpmq_state dep_failed_state;
    bool settling;
    TAILQ_ENTRY(operation) in_settling;
    struct gpmq_id *after; /* not linked yet */
    uint32_t after_count;
    LIST_ENTRY(operation) in_unlinked;

    /* from the request */
    int64_t stall_ms;
    int64_t deadline_unix_ms;
    int64_t run_ms;
    int64_t grace_ms;
    struct retry_policy retry;

    /* its lease, while ASSIGNED, RUNNING or CANCELLING */
    struct session *session; /* NULL: its worker has not come back since the broker's restart */
    LIST_ENTRY(operation) in_session;
    int64_t lease_end_ms;
    int64_t missing_ms; /* since when its worker does not list it; 0: it does */
    bool accepted;
    bool adrift; /* the broker restarted, and its worker has not shown up since */
    enum stop_why stop;
    int64_t stop_by_ms; /* it ends then, whatever its worker says */
    int64_t stop_grace_ms;
    int64_t stall_end_ms; /* no progress until then: it is stopped */
    int64_t run_end_ms;   /* DEADLINE_NEVER: no limit */
    int64_t keepalive_ms;

    int64_t rest_until_ms;    /* QUEUED, but not offered before then; 0: no such time */
    struct deadline due;      /* monotonic */
    struct deadline due_wall; /* wall clock */
};

struct batch {
    struct record record;
    struct table_node node;
    struct name *client; /* NULL: its operations were loaded, it was not yet */
    LIST_HEAD(, operation) operations;
    struct dep_list dependents; /* who waits for all of it */
    LIST_ENTRY(batch) in_ended;
    LIST_ENTRY(batch) in_dirty;
    bool dirty;           /* its progress or its end is to be worked out */
    uint64_t weight_open; /* of the operations that have not ended; of others: row.weight */
    uint64_t done_open;   /* what they have done of it, times BATCH_SCALE */
    struct deadline due;
};

/* A worker that has said hello. */
struct session {
    struct table_node by_number;
    struct table_node by_name;
    TAILQ_ENTRY(session) in_all;
    uint64_t number;
    uint64_t peer;
    struct name *name;
    struct name *key;
    struct gpmq_id incarnation;
    uint32_t executors;
    uint32_t credit;
    bool draining;          /* it says so */
    bool drained;           /* an admin wants it so */
    struct name_list kinds; /* copies */
    struct name_list domains;
    struct name_list repositories;
    LIST_HEAD(, operation) leases;
    uint32_t lease_count;
    int64_t heard_ms;
    struct deadline silent; /* when it is given up, if nothing is heard */
};

/* What somebody holds back. */
struct pause_entry {
    LIST_ENTRY(pause_entry) in_all;
    struct pause pause; /* "" is any; the texts lie in `words` */
    char *mark;         /* the name of its mark in the store */
    char *words;
};

struct core {
    struct core_config config;
    uint64_t epoch;
    uint64_t fence_next;
    uint64_t fence_limit;   /* fences below it may be given out */
    uint32_t session_count; /* that were ever opened, for their numbers */
    uint64_t order_next;
    bool store_full; /* takes no new operations */
    uint32_t open_count;
    uint64_t turn;                   /* of the client that was served last, see fair.h */
    uint32_t depths[GPMQ_STATE_END]; /* operations in each state that is no end */
    LIST_HEAD(, pause_entry) pauses;
    uint32_t pause_count;
    LIST_HEAD(, drain_entry) drains; /* see drain.h */
    uint32_t drain_count;

    struct table operations;
    struct table batches;
    struct table names;
    struct table routes;
    struct table keys;
    struct table sessions;
    struct table session_names;
    LIST_HEAD(, route) all_routes;
    LIST_HEAD(, route) active_routes;
    TAILQ_HEAD(, session) all_sessions;
    TAILQ_HEAD(, key) freed_keys;
    TAILQ_HEAD(, operation) settling;
    LIST_HEAD(, operation) unlinked;
    LIST_HEAD(, batch) dirty_batches;
    LIST_HEAD(, operation) ended; /* in the open round: until it is over the store knows less */
    LIST_HEAD(, batch) ended_batches;
    uint64_t ended_round;
    LIST_HEAD(, operation) adrift; /* live leases from before the restart, by in_session */
    struct deadline_heap due;
    struct deadline_heap due_wall;

    /* the event being handled */
    int64_t now_ms;
    int64_t unix_ms;
    struct core_actions *actions;
};

#endif
