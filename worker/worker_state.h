/* worker_state.h - what a worker owns. For worker.c and worker_open.c only. */
#ifndef GPMQ_WORKER_STATE_H
#define GPMQ_WORKER_STATE_H

#include "curve.h"
#include "inputs.h"
#include "executor_kinds.h"
#include "session.h"
#include "worker.h"

struct worker {
    const struct worker_settings *settings;
    void *context;
    bool owns_context;
    struct curve_key key;
    struct curve_key server;
    struct session *session;
    struct executor_pool *pool;
    struct lease_book *book;
    struct inputs *inputs;
    struct book_actions *actions;
    struct arena arena;
    struct executor_kinds kinds;
    const char *domains[MESSAGE_NAMES_MAX];
    const char *repositories[MESSAGE_NAMES_MAX];
    int64_t drain_s;
    int64_t now_ms;
    int64_t reconnect_ms; /* when to try again; INT64_MAX: there is a connection */
    int64_t leave_ms;     /* when draining is over; INT64_MAX: it is not draining */
    int64_t end_ms;       /* when leaving is over, done or not */
    bool draining;
    bool joined; /* as it was logged */
    bool silent;
    bool left;
};

/* worker.c: what the executors say goes to the book. */
struct executor_listener worker_listener(struct worker *worker);
/* worker_input.c: operations with an input begin when it is here. */
struct inputs_listener worker_inputs_listener(struct worker *worker);
/* What could not even be started failed, and may be tried again, here or elsewhere. */
void worker_fail(struct worker *worker, const struct log_about *about, uint64_t fence,
                 const struct gpmq_error *why);
/* Stops what waits for its input; false: it does not. */
bool worker_stop_input(struct worker *worker, const struct gpmq_id *op, uint64_t fence);

#endif
