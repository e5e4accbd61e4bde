/*
 * message_worker.h - what a worker and the broker say, on the worker socket.
 */
#ifndef GPMQ_MESSAGE_WORKER_H
#define GPMQ_MESSAGE_WORKER_H

#include "message_limits.h"

/* ---- worker to broker ---------------------------------------------------------------------- */

struct lease_ref {
    struct gpmq_id op;
    uint64_t fence;
};

struct msg_worker_hello {
    uint32_t v;
    const char *name;           /* unique among workers; a restart has the same */
    struct gpmq_id incarnation; /* new at every start of the worker's process */
    uint32_t executors;         /* operations it can run at once */
    uint32_t credit;            /* leases it will hold at once, at least executors */
    struct name_list kinds;
    struct name_list domains;
    struct name_list repositories;
    uint32_t held_count; /* leases it still holds */
    struct lease_ref *held;
};

/* `held` also lists leases whose last report is not acknowledged yet: what a worker had accepted
 * and leaves out in two renewals is lost. */
struct msg_renew {
    uint64_t session;
    uint32_t held_count;
    struct lease_ref *held;
    bool draining;   /* give it nothing new */
    uint64_t newest; /* highest fence it was given: of a higher one this says nothing; 0: none */
};

enum report_kind {
    REPORT_ACCEPT = 1, /* it will run: RUNNING from now */
    REPORT_REJECT,     /* it will not: back to the queue, no attempt used */
    REPORT_PROGRESS,   /* may be left out when a later one exists */
    REPORT_MESSAGE,    /* status_msgs; never left out */
    REPORT_DONE,       /* ended well: hr_status and result */
    REPORT_FAILED,     /* ended badly: code, hr_status, result */
    REPORT_CANCELLED,  /* stopped because it was told to */
    REPORT_CRASHED,    /* the executor died under it */
    REPORT_KIND_END
};

/* What a worker tells of one lease. n rises within a lease and may skip progress left out; `after`
 * shows that nothing else is missing in between: while the broker has not taken the report of that
 * number, it takes no later one, and acknowledges the newest it has. */
struct report {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t n;
    uint64_t after; /* n of the newest report before it that is not PROGRESS; 0: none */
    enum report_kind kind;
    int32_t progress_numerator;
    int32_t progress_denominator;
    int32_t hr_status;
    int32_t code;              /* enum gpmq_code of REPORT_FAILED and REPORT_REJECT */
    bool retryable;            /* of REPORT_FAILED: the same may succeed later */
    uint32_t status_msg_count; /* 0 .. GPMQ_STATUS_MSGS_MAX */
    struct gpmq_status_msg *status_msgs;
    struct gpmq_result *result; /* of DONE, FAILED, CANCELLED; NULL: none */
};

struct msg_report {
    uint64_t session;
    uint32_t report_count;
    struct report *reports;
};

/* A piece of a result that is too large for a report; all pieces precede the report that names
 * their digest. */
struct msg_result_chunk {
    uint64_t session;
    struct gpmq_id op;
    uint64_t fence;
    uint8_t digest[32];
    uint64_t size;
    uint64_t offset;
    const uint8_t *bytes;
    uint32_t bytes_size;
};

struct msg_bye {
    uint64_t session;
};

/* Asks for the next piece of the input of an operation that was assigned with that fence. */
struct msg_input {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t offset;
};

/* ---- broker to worker ---------------------------------------------------------------------- */

enum lease_order {
    LEASE_KEEP = 1, /* go on; the lease is renewed */
    LEASE_STOP,     /* cancel it, within grace_ms */
    LEASE_ABANDON,  /* it is no longer yours: kill it, report nothing */
    LEASE_ORDER_END
};

struct lease_answer {
    struct gpmq_id op;
    uint64_t fence;
    enum lease_order order;
    int64_t grace_ms;
};

struct msg_worker_welcome {
    uint32_t v;
    uint64_t session;
    uint64_t epoch;
    int64_t lease_ms; /* a lease ends this long after the last answered renewal was sent */
    int64_t renew_ms; /* renew this often */
    uint32_t held_count;
    struct lease_answer *held; /* one for each lease of the hello */
};

struct msg_renewed {
    uint64_t session; /* 0: unknown here, say hello again */
    uint32_t held_count;
    struct lease_answer *held;
};

struct report_ack {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t n;             /* everything up to here is durable */
    enum lease_order order; /* LEASE_ABANDON: forget the rest */
};

struct msg_report_ack {
    uint64_t session; /* 0: unknown here, say hello again */
    uint32_t ack_count;
    struct report_ack *acks;
};

struct msg_result_chunk_ok {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t offset; /* where the next piece begins */
};

/* A piece of an operation's input: up to GPMQ_BLOB_CHUNK bytes of `size`; no bytes and size 0: the
 * broker has none for this operation and fence. */
struct msg_input_chunk {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t offset;
    uint64_t size; /* of the whole */
    const uint8_t *bytes;
    uint32_t bytes_size;
};

struct assignment {
    uint64_t fence;
    uint32_t attempt; /* from 1 */
    struct gpmq_request *request;
};

struct msg_assign {
    uint64_t session;
    uint32_t assignment_count;
    struct assignment *assignments;
};

struct msg_stop {
    uint64_t session;
    uint32_t stop_count;
    struct lease_answer *stops;
};

#endif
