/*
 * gpmq/client.h - submit Group Policy operations to a broker and follow them.
 *
 *     struct gpmq_client *client = NULL;
 *     struct gpmq_client_options options = {.broker = "tcp://127.0.0.1:5670"};
 *     struct gpmq_request request = {.kind = "gpo.backup", .domain = "example.test",
 *         .repository = "nightly", .gpo = "{31B2F340-016D-11D2-945F-00C04FB984F9}"};
 *     struct gpmq_id op;
 *     if (gpmq_client_open(&client, &options, &err) == 0 &&
 *         gpmq_submit(client, &request, &op, &err) == 0 &&
 *         gpmq_watch(client, &op, on_status, NULL, &err) == 0 &&
 *         gpmq_wait(client, &op, 1, GPMQ_WAIT_ALL, -1, &err) == 0)
 *         puts(gpmq_state_name(gpmq_outcome(client, &op)->state));
 *     gpmq_client_close(&client);
 *
 * Results.  0 is success; anything negative is a GPMQ_E... code from gpmq/error.h. A failed
 *           call changes nothing the caller can see, except *err, which may be NULL.
 *           GPMQ_EUNREACHABLE: nobody answered as a broker within the time. GPMQ_ETIMEOUT: a
 *           broker is there, but did not answer this. GPMQ_EDENIED: it refuses our key.
 * Owning.   What a function hands out through **out is the caller's, to be let go by the
 *           function named there. Pointers passed in are borrowed for the call.
 * Threads.  One thread at a time may use a client. Different clients are independent.
 * Calls.    A request that is not answered is sent again, under the same ids, until the client's
 *           timeout: repeating a submit, a batch or a cancel does what doing it once does. A broker
 *           that restarts is found again; what is followed goes on where it was.
 * Callbacks run only inside gpmq_wait() and gpmq_dispatch(). They may call everything but these two
 *           and gpmq_client_close().
 * Units.    Times are milliseconds; _unix_ms counts from 1970 UTC. Text is UTF-8.
 */
#ifndef GPMQ_CLIENT_H
#define GPMQ_CLIENT_H

#include <gpmq/op.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gpmq_client;

#define GPMQ_TIMEOUT_DEFAULT_MS 10000

struct gpmq_client_options {
    const char *broker;   /* "tcp://broker.example.org:5670", "ipc:///run/gpmq"; required */
    void *context;        /* the program's ZeroMQ context; NULL: one that all clients share
                           * and that is never terminated */
    const char *key_file; /* our secret CURVE key (NAME.key of `gpmq keys create`), mode 0600;
                           * NULL: no encryption, for loopback and ipc only */
    const char *server_key_file; /* the broker's public key (NAME.pub); goes with key_file */
    const char *name;            /* of the program, for the broker's log; NULL: "libgpmq" */
    int64_t timeout_ms;          /* longest wait for one answer; 0: GPMQ_TIMEOUT_DEFAULT_MS */
};

/* Connects; options is not needed afterwards. The broker need not be up yet: that shows in
 * the first call that waits for it, as GPMQ_EUNREACHABLE. Let *out go with gpmq_client_close().
 * GPMQ_EINVAL: options->broker is missing or no address, or only one key file is given.
 * GPMQ_EACCESS, GPMQ_ENOTFOUND, GPMQ_EMALFORMED: of a key file; the text says what to do. */
GPMQ_API GPMQ_CHECKED int gpmq_client_open(struct gpmq_client **out,
                                           const struct gpmq_client_options *options,
                                           struct gpmq_error *err);

/* Closes, and sets *client_p to NULL. Takes NULL. Never blocks. What was submitted goes on without
 * us. */
GPMQ_API void gpmq_client_close(struct gpmq_client **client_p);

/* A descriptor for event loops, the client's own: readable when gpmq_dispatch(client, 0, NULL) has
 * something to do (also when only a time has come). Do nothing else with it. */
GPMQ_API int gpmq_client_fd(const struct gpmq_client *client);

/* Whether a broker is there and speaks with us: 0 or why not. timeout_ms 0: the client's. */
GPMQ_API GPMQ_CHECKED int gpmq_ping(struct gpmq_client *client, int64_t timeout_ms,
                                    struct gpmq_error *err);

/* ---- submit -------------------------------------------------------------------------------- */

/* Submits one operation. When this returns 0 it is durable. request->id may be none: then one is
 * chosen, and *out (may be NULL) tells which. A caller that must not submit twice, even when it
 * dies and starts again, chooses the id and keeps it.
 * GPMQ_ECONFLICT: the id is taken by another request. GPMQ_EFULL, GPMQ_ETOOBIG, GPMQ_EDENIED,
 * GPMQ_EINVAL: refused, nothing was accepted; the text says what to do. */
GPMQ_API GPMQ_CHECKED int gpmq_submit(struct gpmq_client *client,
                                      const struct gpmq_request *request, struct gpmq_id *out,
                                      struct gpmq_error *err);

/* How one operation of a batch differs from the template; NULL: as in the template. Its id is
 * gpmq_id_derive(&batch, key): the same key twice is the same operation. */
struct gpmq_batch_item {
    const char *key; /* required, at most GPMQ_NAME_MAX bytes; the GPO's GUID, usually */
    const char *gpo;
    const char *backup;
    const char *name;
    const char *label;
    uint32_t weight; /* its share of the batch's progress; 0 counts as 1 */
};

struct gpmq_batch {
    struct gpmq_id id;                  /* chosen by the caller, with gpmq_id_new() */
    const char *label;                  /* what the batch is, for people; may be NULL */
    const struct gpmq_request *request; /* the template: what all items share */
    size_t item_count;                  /* any number, also 0; sent in pieces */
    const struct gpmq_batch_item *items;
    bool last; /* no more items follow in a later call: the batch may end */
};

/* What became of one item. */
struct gpmq_answer {
    struct gpmq_id op;
    int32_t code;     /* 0: accepted, and durable; else why not */
    const char *text; /* of a refusal; never NULL */
    bool known;       /* it had been accepted before */
    enum gpmq_state state;
    int64_t retry_after_ms; /* 0: do not retry */
};

struct gpmq_answers {
    size_t count; /* one for each item, in their order */
    struct gpmq_answer *items;
};

/* Submits a batch or more items of one. When it fails half way (GPMQ_ETIMEOUT, say), some items may
 * have been accepted: calling it again with the same batch completes it and doubles nothing.
 * 0 also when items were refused: see *out (may be NULL), let go with gpmq_answers_free(). */
GPMQ_API GPMQ_CHECKED int gpmq_submit_batch(struct gpmq_client *client,
                                            const struct gpmq_batch *batch,
                                            struct gpmq_answers **out, struct gpmq_error *err);
GPMQ_API void gpmq_answers_free(struct gpmq_answers **answers_p);

/* ---- follow -------------------------------------------------------------------------------- */

/* IGPMStatusMsgCollection. */
struct gpmq_status_msgs {
    uint32_t count;
    const struct gpmq_status_msg *items;
};

/* IGPMAsyncProgress::Status: the same five arguments in the same order, then what numbers the frame
 * and the pointer given to gpmq_watch(). For each operation the calls come in the order of
 * status->seq. A frame that the broker no longer keeps (old progress) may be left out; messages and
 * the end never are. Numerator and denominator are equal in the last call, and only there; only it
 * has a result. All pointers hold for the call.
 *
 * pResult                     NULL but in the last call
 * ppIGPMStatusMsgCollection   NULL when there is nothing to say
 * status                      op, batch, seq, state, ... of this frame */
typedef void gpmq_status_fn(int32_t lProgressNumerator, int32_t lProgressDenominator,
                            int32_t hrStatus, const struct gpmq_result *pResult,
                            const struct gpmq_status_msgs *ppIGPMStatusMsgCollection,
                            const struct gpmq_status *status, void *user);

/* Follows an operation from its first frame to its end, also one that has ended. callback may be
 * NULL (to wait only). Following what is followed already sets callback and user anew.
 * GPMQ_ENOTFOUND: the broker knows no such operation. */
GPMQ_API GPMQ_CHECKED int gpmq_watch(struct gpmq_client *client, const struct gpmq_id *op,
                                     gpmq_status_fn *callback, void *user, struct gpmq_error *err);
/* Follows a batch: its own frames (op and batch equal) and those of every operation in it, also of
 * those that join later. */
GPMQ_API GPMQ_CHECKED int gpmq_watch_batch(struct gpmq_client *client, const struct gpmq_id *batch,
                                           gpmq_status_fn *callback, void *user,
                                           struct gpmq_error *err);
/* Stops following an operation, or a batch with its operations; forgets its outcome. */
GPMQ_API void gpmq_unwatch(struct gpmq_client *client, const struct gpmq_id *id);

/* The final frame of an operation or batch that is followed and whose last callback has run; NULL:
 * it has not ended. Holds until the next call of gpmq_outcome() or gpmq_unwatch(). */
GPMQ_API const struct gpmq_status *gpmq_outcome(struct gpmq_client *client,
                                                const struct gpmq_id *id);

enum gpmq_wait_for {
    GPMQ_WAIT_ALL = 1, /* until every one has ended */
    GPMQ_WAIT_ANY      /* until one has ended */
};

/* Runs callbacks until all or any of the ids (operations, batches; followed if they are not yet)
 * have ended. timeout_ms -1: for ever. GPMQ_ETIMEOUT: not in time, and all goes on.
 * GPMQ_ESTOPPED: a signal handler ran. */
GPMQ_API GPMQ_CHECKED int gpmq_wait(struct gpmq_client *client, const struct gpmq_id *ids,
                                    size_t count, enum gpmq_wait_for what, int64_t timeout_ms,
                                    struct gpmq_error *err);
/* Waits up to timeout_ms (-1: for ever; 0: not at all) for something to come, and runs the
 * callbacks of everything that has. GPMQ_ETIMEOUT: nothing came. GPMQ_ESTOPPED: a signal handler
 * ran. */
GPMQ_API GPMQ_CHECKED int gpmq_dispatch(struct gpmq_client *client, int64_t timeout_ms,
                                        struct gpmq_error *err);

/* ---- cancel -------------------------------------------------------------------------------- */

enum gpmq_disposition {
    GPMQ_CANCEL_NOW = 1,   /* it is cancelled */
    GPMQ_CANCEL_PENDING,   /* it is being stopped, and ends within deadline_ms */
    GPMQ_CANCEL_TOO_LATE,  /* it had ended: see state */
    GPMQ_CANCEL_NOT_FOUND, /* the broker knows no such operation */
    GPMQ_CANCEL_DENIED,    /* it belongs to another, and our key is no admin's */
    GPMQ_DISPOSITION_END
};

struct gpmq_cancel_answer {
    struct gpmq_id op;
    enum gpmq_disposition disposition;
    enum gpmq_state state;
    int64_t deadline_ms; /* from now, of GPMQ_CANCEL_PENDING */
};

/* "cancelled", "cancelling", "too_late", "not_found", "denied"; else "unknown". Static. */
GPMQ_API const char *gpmq_disposition_name(enum gpmq_disposition disposition);

/* Asks to cancel operations and batches (a batch: all of it). grace_ms: between asking a running
 * one to stop and killing it; 0: its own. answers (count of them, or NULL) are in the order of ids.
 * The answer is durable: what is PENDING ends in time, whether we stay or not. */
GPMQ_API GPMQ_CHECKED int gpmq_cancel(struct gpmq_client *client, const struct gpmq_id *ids,
                                      size_t count, int64_t grace_ms,
                                      struct gpmq_cancel_answer *answers, struct gpmq_error *err);

/* ---- ask ----------------------------------------------------------------------------------- */

/* What the broker knows of an operation or a batch. Text is never NULL. */
struct gpmq_op_info {
    struct gpmq_id op;
    struct gpmq_id batch;
    const char *kind; /* "batch" for a batch */
    const char *domain;
    const char *target_domain; /* of a copy into another domain */
    const char *repository;
    const char *gpo;
    const char *label;
    const char *comment;
    const char *client; /* who submitted it: the name of the key */
    const char *worker; /* who runs it, "" nobody */
    enum gpmq_state state;
    enum gpmq_reason reason;
    bool cancel_requested;
    bool closed; /* of a batch: no more items come */
    uint64_t seq;
    uint64_t fence;
    uint32_t attempt;
    uint32_t crashes; /* attempts that ended by the death of the executor */
    uint32_t losses;  /* and by the loss of the worker */
    int64_t submitted_unix_ms;
    int64_t started_unix_ms; /* of the last attempt; 0: never */
    int64_t finished_unix_ms;
    int32_t progress_numerator;
    int32_t progress_denominator;
    int32_t hr_status;
    uint32_t total; /* of a batch: its operations, and how they ended */
    uint32_t succeeded;
    uint32_t failed;
    uint32_t cancelled;
    const struct gpmq_result *result; /* of what has ended; NULL: none */
    enum gpmq_fate fate;              /* of what is dead */
    struct gpmq_id retry_of;          /* the dead operation that it runs again; none: none */
    struct gpmq_id retried_as;        /* of a dead one: who runs it again */
    struct gpmq_id waits_for;         /* of a waiting one: the operation in its way; none: none */
    const char *why;                  /* of a waiting one: why, in words; "" of others */
};

struct gpmq_ops {
    size_t count;
    struct gpmq_op_info *items;
    bool more; /* there are older ones: list again after the last */
};

/* Asks about operations and batches; unknown ids are left out. Let *out go with gpmq_ops_free(). */
GPMQ_API GPMQ_CHECKED int gpmq_query(struct gpmq_client *client, const struct gpmq_id *ids,
                                     size_t count, struct gpmq_ops **out, struct gpmq_error *err);

struct gpmq_list_options {
    struct gpmq_id after; /* the last id of the page before; none: from the newest */
    struct gpmq_id batch; /* only of this batch; none: all */
    bool open_only;       /* only what has not ended */
    uint32_t limit;       /* at most 1000; 0: 100 */
    bool dead_only;       /* only what is dead, and neither run again nor dropped */
};

/* One page of operations, the newest first. options may be NULL. Let *out go with gpmq_ops_free().
 */
GPMQ_API GPMQ_CHECKED int gpmq_list(struct gpmq_client *client,
                                    const struct gpmq_list_options *options, struct gpmq_ops **out,
                                    struct gpmq_error *err);
GPMQ_API void gpmq_ops_free(struct gpmq_ops **ops_p);

/* ---- the dead ------------------------------------------------------------------------------ */

/* An operation that took too many executors or workers with it ends GPMQ_DEAD, and stays so. It can
 * be run again as a new operation, or taken off the list that gpmq_list() gives with dead_only.
 * *out (may be NULL) has an answer for each id, in their order; let it go with gpmq_answers_free().
 * A refused one has a code: GPMQ_ESTATE, it is not dead; GPMQ_ENOTFOUND; GPMQ_EDENIED, it belongs
 * to another, and our key is no admin's; GPMQ_EFULL. */

/* Runs them again. Each answer's `op` is the new operation's id, which is the same however often
 * this is asked (then `known`). It creates what the dead one would have created. */
GPMQ_API GPMQ_CHECKED int gpmq_dead_retry(struct gpmq_client *client, const struct gpmq_id *ids,
                                          size_t count, struct gpmq_answers **out,
                                          struct gpmq_error *err);
/* Takes them off the list. Their record stays readable as long as any other's. */
GPMQ_API GPMQ_CHECKED int gpmq_dead_drop(struct gpmq_client *client, const struct gpmq_id *ids,
                                         size_t count, struct gpmq_answers **out,
                                         struct gpmq_error *err);

/* ---- the queue itself ---------------------------------------------------------------------- */

struct gpmq_names {
    size_t count;
    const char *const *items;
};

/* A worker that is here. Text is never NULL. */
struct gpmq_worker_info {
    const char *name;
    const char *key; /* name of its key */
    uint32_t executors;
    uint32_t credit;   /* leases that it takes at once */
    uint32_t leases;   /* operations that it has */
    uint32_t running;  /* those of them that it has begun */
    bool draining;     /* it gets nothing new */
    int64_t silent_ms; /* since when it was not heard */
    struct gpmq_names kinds;
    struct gpmq_names domains;
    struct gpmq_names repositories;
};

struct gpmq_workers {
    size_t count;
    struct gpmq_worker_info *items; /* in the order in which they came */
};

/* The workers that are here now. Let *out go with gpmq_workers_free(). */
GPMQ_API GPMQ_CHECKED int gpmq_ask_workers(struct gpmq_client *client, struct gpmq_workers **out,
                                           struct gpmq_error *err);
GPMQ_API void gpmq_workers_free(struct gpmq_workers **workers_p);

/* What is held back: what fits all words that are given; all "": everything. Text is never NULL. */
struct gpmq_pause_info {
    const char *kind;
    const char *domain;
    const char *repository;
    int64_t since_unix_ms;
};

struct gpmq_stats {
    uint64_t epoch; /* rises with every start of the broker */
    uint64_t open;  /* operations that have not ended */
    uint64_t open_max;
    uint64_t client_open_max;
    uint32_t depths[GPMQ_STATE_END]; /* of those, in each state */
    uint64_t workers;
    uint64_t workers_max;
    uint64_t executors;
    uint64_t watches;
    uint64_t watches_max;
    uint64_t clients;     /* connections of clients */
    uint64_t stored_open; /* operations and batches on disk */
    uint64_t stored_ended;
    uint64_t blob_bytes;
    uint64_t free_bytes; /* left on that disk; 0: the store is on none */
    size_t pause_count;
    const struct gpmq_pause_info *pauses;
};

/* The numbers of the queue. Let *out go with gpmq_stats_free(). */
GPMQ_API GPMQ_CHECKED int gpmq_ask_stats(struct gpmq_client *client, struct gpmq_stats **out,
                                         struct gpmq_error *err);
GPMQ_API void gpmq_stats_free(struct gpmq_stats **stats_p);

/* What to hold back, by names; NULL: any. All NULL: the whole queue. */
struct gpmq_pause_options {
    const char *kind;
    const char *domain;
    const char *repository;
};

/* Holds operations back that have not begun, also those to come, until the same words are resumed;
 * also over a restart of the broker. What runs goes on. options may be NULL. GPMQ_EDENIED: our key
 * is no admin's. */
GPMQ_API GPMQ_CHECKED int gpmq_pause(struct gpmq_client *client,
                                     const struct gpmq_pause_options *options,
                                     struct gpmq_error *err);
/* Ends the pause of these words; there need not be one. */
GPMQ_API GPMQ_CHECKED int gpmq_resume(struct gpmq_client *client,
                                      const struct gpmq_pause_options *options,
                                      struct gpmq_error *err);

/* A worker gets nothing new, and finishes what it has, until its process starts anew or `resume`.
 * *leases, which may be NULL, is how many operations it still has. GPMQ_ENOTFOUND: it is not here.
 * GPMQ_EDENIED: our key is no admin's. */
GPMQ_API GPMQ_CHECKED int gpmq_drain(struct gpmq_client *client, const char *worker, bool resume,
                                     uint32_t *leases, struct gpmq_error *err);

/* The content of a result: a report's text, a list as JSON. */
struct gpmq_content {
    size_t size;
    const char *bytes; /* a NUL follows them, not counted */
};

/* Gets the content of an operation's result, from the result itself or, when it is large, from the
 * broker, and checks its digest. No content: size 0. GPMQ_EDAMAGED: it is not what the result says.
 * Let *out go with gpmq_content_free(). */
GPMQ_API GPMQ_CHECKED int gpmq_result_fetch(struct gpmq_client *client, const struct gpmq_id *op,
                                            const struct gpmq_result *result,
                                            struct gpmq_content **out, struct gpmq_error *err);
GPMQ_API void gpmq_content_free(struct gpmq_content **content_p);

/* ---- content that requests bring with them -------------------------------------------------- */

/* Brings content that is too large for a request's args to the broker, in pieces; digest becomes
 * its BLAKE2b-256. A request then names it (input_size, input_digest). Bringing it twice is
 * bringing it once. size: 1 to GPMQ_BLOB_MAX. GPMQ_EINVAL; GPMQ_EFULL: the broker keeps as much as
 * it may; GPMQ_ETIMEOUT. */
GPMQ_API GPMQ_CHECKED int gpmq_put(struct gpmq_client *client, const void *bytes, size_t size,
                                   uint8_t digest[32], struct gpmq_error *err);

/* Text of a result's property, or NULL. */
GPMQ_API const char *gpmq_result_property(const struct gpmq_result *result, const char *name);

/* ---- content that requests bring with them -------------------------------------------------- */

/* Brings content that is too large for a request's args to the broker, in pieces; *digest is its
 * BLAKE2b-256. A request then names it (input_size, input_digest). Bringing it twice is bringing it
 * once. size: 1 to GPMQ_BLOB_MAX. GPMQ_EINVAL; GPMQ_EFULL: the broker keeps as much as it may;
 * GPMQ_ETIMEOUT. */
GPMQ_API GPMQ_CHECKED int gpmq_put(struct gpmq_client *client, const void *bytes, size_t size,
                                   uint8_t digest[32], struct gpmq_error *err);

#ifdef __cplusplus
}
#endif

#endif
