/*
 * core.h - the broker's brain: (state, event, now) -> actions.
 *
 * Pure: no socket, clock, file, thread or random number inside. The broker's loop and the simulator
 * drive the same object file. The core holds what has not ended; what has ended is in the store.
 *
 * Actions are carried out in the order in which they come: first all that go to the store, then one
 * commit, then everything that tells somebody (replies, assignments, status frames). An action that
 * tells is never carried out if the commit failed.
 *
 * Rounds. A round is any number of messages, one core_tick(), the carrying out, and then
 *         core_actions_reset(). A row that changes several times in a round is written once, as it
 *         is at the end; so actions are looked at only after core_tick(). One struct core_actions
 *         serves a core all its life.
 * Memory. A core that gets no memory ends the process; the broker restarts from its store.
 *
 * Time. `now_ms` is monotonic and never falls (leases, retries, silences); `unix_ms` is for the
 *       stamps, not-before and deadlines. After a restart the monotonic clock may begin anywhere.
 * Peers. A client or worker connection is a number that the driver gives and never reuses. A
 *       worker's session is a number that the core gives.
 */
#ifndef GPMQ_CORE_H
#define GPMQ_CORE_H

#include "codec.h"
#include "message.h"
#include "store.h"

#define CORE_FULL_RETRY_MS 5000 /* when somebody may ask again after GPMQ_EFULL */

struct core;

struct core_config {
    int64_t lease_ms;         /* default 30000 */
    int64_t slack_ms;         /* the broker waits this much longer than the worker: 5000 */
    int64_t offer_ms;         /* an assignment that nobody accepts returns to the queue: 10000 */
    int64_t progress_ms;      /* at most one PROGRESS frame of an operation in this time: 100 */
    uint32_t crashes_max;     /* executors that may die under one operation, the last: DEAD: 3 */
    uint32_t losses_max;      /* the same of workers: 10 */
    uint32_t open_max;        /* operations that have not ended: 1000000; more: GPMQ_EFULL */
    uint32_t client_open_max; /* of one client: 100000 */
    uint32_t workers_max;     /* sessions at once: 1000 */
    uint64_t fence_block; /* fences reserved at a time: a tenth of a second of them, see lease.c */
    int64_t keepalive_ms; /* a KEEPALIVE frame this often for what runs: 5000 */
};
extern const struct core_config core_config_default;

enum core_action_type {
    /* for the store; before the commit */
    CORE_STORE_SUBMIT = 1,
    CORE_STORE_CHANGE,
    CORE_STORE_FRAME,
    CORE_STORE_RESULT,
    CORE_STORE_FENCES,
    CORE_STORE_BLOB_LINK,
    CORE_STORE_MARK,
    /* after the commit */
    CORE_REPLY,   /* message to a client's or worker's connection */
    CORE_PUBLISH, /* a status frame to its topic; FINAL also to those who watch; KEEPALIVE frames
                   * are published and not stored */
    CORE_ASSIGN,  /* an assignment to a worker: the driver adds the request from the store */
};

struct core_action {
    enum core_action_type type;
    uint64_t peer; /* of REPLY and ASSIGN */
    struct gpmq_id op;
    struct gpmq_id batch;          /* of PUBLISH, for the topic; of a batch: its own id */
    uint64_t number;               /* FENCES: limit; FRAME, PUBLISH: seq; ASSIGN: fence */
    uint64_t session;              /* of ASSIGN */
    uint32_t attempt;              /* of ASSIGN */
    bool final;                    /* of PUBLISH */
    struct store_change change;    /* of CHANGE; ->row is a copy made for the action */
    struct op_row *row;            /* of SUBMIT and CHANGE */
    struct store_bytes bytes;      /* SUBMIT: request; FRAME, PUBLISH: encoded frame; RESULT */
    uint8_t digest[32];            /* of BLOB_LINK */
    const char *name;              /* of MARK; its value is `number` */
    const struct message *message; /* of REPLY */
};

/* Actions of one or several events, and the memory they point into. */
struct core_actions;
struct core_actions *core_actions_new(void);
void core_actions_free(struct core_actions **actions_p);
/* Forgets all actions and what they point into. */
void core_actions_reset(struct core_actions *actions);
size_t core_actions_count(const struct core_actions *actions);
const struct core_action *core_actions_at(const struct core_actions *actions, size_t index);

/* A new core for a broker whose store has this epoch and these unused fences. */
struct core *core_new(const struct core_config *config, uint64_t epoch, uint64_t fence);
void core_free(struct core **core_p);

/* Takes over the limits of another configuration: open_max, client_open_max, workers_max,
 * crashes_max, losses_max. Its times stay as they are: they were told to clients and workers. */
void core_set_limits(struct core *core, const struct core_config *config);

/* Takes over one row of store->load() at the start, batches and operations in any order. What was
 * ASSIGNED, RUNNING or CANCELLING keeps its lease for lease_ms + slack_ms from now, within which
 * its worker can come back to it. GPMQ_EDAMAGED: the request cannot be decoded. */
int core_load(struct core *core, const struct op_row *row, struct store_bytes request,
              int64_t now_ms, int64_t unix_ms, struct gpmq_error *err) GPMQ_CHECKED;

/* Takes over one of the store's marks, at the start like the rows: what is paused. */
void core_load_mark(struct core *core, const char *name, int64_t value);

/* What the store knows of ids that an event names and the core does not hold: the driver looks, the
 * core decides. Returns false when nothing is known. row and request stay until the event is done.
 */
typedef bool core_lookup(void *arg, const struct gpmq_id *id, struct op_row *row,
                         struct store_bytes *request);

/* A message from a client: MSG_SUBMIT, MSG_SUBMIT_BATCH, MSG_CANCEL, MSG_DEAD, MSG_PAUSE,
 * MSG_DRAIN. Questions (query, list, watch, replay, fetch) are answered by the driver from the
 * store. `client` is the name of the peer's key; an admin may also cancel and run again what others
 * submitted, and pause and drain. */
void core_client_message(struct core *core, uint64_t peer, const char *client, bool admin,
                         const struct message *message, core_lookup *lookup, void *lookup_arg,
                         int64_t now_ms, int64_t unix_ms, struct core_actions *actions);

/* A message from a worker: MSG_WORKER_HELLO, MSG_RENEW, MSG_REPORT, MSG_BYE. `key` is the name of
 * the peer's key: a session belongs to the key that opened it. The driver takes result chunks. */
void core_worker_message(struct core *core, uint64_t peer, const char *key,
                         const struct message *message, int64_t now_ms, int64_t unix_ms,
                         struct core_actions *actions);

/* The operation that MSG_DEAD makes of a dead one. */
struct gpmq_id core_retry_id(const struct gpmq_id *dead);

/* Whether the store has room for more. While it has not, new operations are GPMQ_EFULL; what was
 * accepted goes on, and can be cancelled. A new core has room. */
void core_set_room(struct core *core, bool room);
bool core_has_room(const struct core *core);

/* Everything that is due: leases, offers, retries, not-before, deadlines, run-time limits,
 * held-back progress. Then gives queued operations to workers that have room. Call it once per
 * round. */
void core_tick(struct core *core, int64_t now_ms, int64_t unix_ms, struct core_actions *actions);

/* When core_tick() has something to do next, as now_ms; INT64_MAX: nothing is due. */
int64_t core_next_ms(const struct core *core, int64_t now_ms, int64_t unix_ms);

/* Why an operation waits, in words, and the operation that is in its way. *text is NULL and *who is
 * none where there is nothing to tell. */
void core_explain(const struct core *core, const struct gpmq_id *id, struct arena *arena,
                  struct gpmq_id *who, const char **text);

/* The workers that are here, a page of them after the session `after`; the core's part of the
 * numbers of MSG_STATS_ANSWER. Names are the core's, good until its next event; lists lie in the
 * arena, and are empty when that is full. */
void core_workers(const struct core *core, uint64_t after, struct arena *arena,
                  struct msg_worker_list *out);
void core_stats(const struct core *core, struct arena *arena, struct msg_stats_answer *out);

/* For tests and the simulator: checks every invariant of the core's own tables. GPMQ_EDAMAGED says
 * which is broken. */
int core_check(const struct core *core, struct gpmq_error *err) GPMQ_CHECKED;

#endif
