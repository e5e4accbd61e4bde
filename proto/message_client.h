/*
 * message_client.h - what a client and the broker say of operations, on the control socket.
 */
#ifndef GPMQ_MESSAGE_CLIENT_H
#define GPMQ_MESSAGE_CLIENT_H

#include "message_limits.h"

/* ---- client to broker ---------------------------------------------------------------------- */

struct msg_hello {
    uint32_t v;       /* highest version the client speaks */
    const char *name; /* program and version, for the log */
};

struct msg_submit {
    uint32_t op_count; /* 1 .. MESSAGE_OPS_MAX */
    struct gpmq_request *ops;
};

/* What differs between the operations of a batch; NULL: as in the template. The operation's id is
 * gpmq_id_derive(batch, key). */
struct batch_item {
    const char *key; /* what the id is derived from: the GPO's GUID, usually */
    const char *gpo;
    const char *backup;
    const char *name;
    const char *label;
    uint32_t weight;
};

struct msg_submit_batch {
    struct gpmq_id batch;
    const char *label;             /* what the batch is, for people */
    struct gpmq_request *template; /* its id is not used; needed in every message with items */
    uint32_t item_count;           /* 0 .. MESSAGE_OPS_MAX */
    struct batch_item *items;
    bool last; /* no more items follow: the batch can end */
};

struct msg_cancel {
    uint32_t id_count; /* operations and batches */
    struct gpmq_id *ids;
    int64_t grace_ms; /* 0: the operation's own */
};

/* Answered by MSG_SUBMITTED, one answer for each id in their order: `op` is the new operation. */
struct msg_dead {
    uint32_t id_count; /* dead operations */
    struct gpmq_id *ids;
    bool drop; /* takes them off the list of the dead; else: runs them again */
};

struct msg_query {
    uint32_t id_count;
    struct gpmq_id *ids;
};

struct msg_list {
    struct gpmq_id after; /* the last id of the page before; none: the newest */
    struct gpmq_id batch; /* only of this batch; none: all */
    bool open_only;       /* only what has not ended */
    uint32_t limit;       /* 1 .. MESSAGE_OPS_MAX; 0: 100 */
    bool dead_only;       /* only what is dead, and neither run again nor dropped */
};

struct watch_entry {
    struct gpmq_id op;
    uint64_t last_seq; /* the newest frame the client has; 0: none */
};

struct msg_watch {
    uint32_t watch_count;
    struct watch_entry *watches;
};

struct msg_unwatch {
    uint32_t id_count;
    struct gpmq_id *ids;
};

struct msg_replay {
    struct gpmq_id op;
    uint64_t from; /* first seq wanted */
};

struct msg_ack {
    uint32_t id_count; /* operations whose final frame has arrived */
    struct gpmq_id *ids;
};

struct msg_fetch {
    struct gpmq_id op;
    uint64_t offset; /* of the result's content, in bytes */
};

struct msg_put {
    uint8_t digest[32]; /* BLAKE2b-256 of the whole content */
    uint64_t size;      /* of the whole content; at most GPMQ_BLOB_MAX */
    uint64_t offset;
    const uint8_t *bytes; /* at most GPMQ_BLOB_CHUNK */
    uint32_t bytes_size;
};

/* ---- broker to client ---------------------------------------------------------------------- */

struct msg_welcome {
    uint32_t v;             /* the version both will speak */
    uint64_t epoch;         /* rises with every start of the broker */
    const char *status_url; /* where to subscribe; "": the port after the control port */
    uint32_t message_max;
    uint32_t ops_max;
    int64_t retention_ms; /* how long finished operations are kept */
    int64_t time_unix_ms;
    int64_t keepalive_ms; /* a KEEPALIVE frame comes this often for what runs */
};

/* What became of one submitted operation. */
struct submit_answer {
    struct gpmq_id op;
    int32_t code;           /* enum gpmq_code; 0: accepted, and durable */
    bool known;             /* it had been accepted before */
    enum gpmq_state state;  /* when accepted or known */
    const char *text;       /* of a refusal */
    int64_t retry_after_ms; /* 0: do not retry */
};

struct msg_submitted {
    struct gpmq_id batch;
    uint32_t answer_count;
    struct submit_answer *answers;
};

enum cancel_disposition {
    CANCEL_NOW = 1,  /* it is cancelled */
    CANCEL_PENDING,  /* it is being stopped, and ends by deadline_ms */
    CANCEL_TOO_LATE, /* it had ended: see state */
    CANCEL_NOT_FOUND,
    CANCEL_DENIED,
    CANCEL_DISPOSITION_END
};

struct cancel_entry {
    struct gpmq_id op;
    enum cancel_disposition disposition;
    enum gpmq_state state;
    int64_t deadline_ms; /* from now, for CANCEL_PENDING */
};

struct msg_cancel_answer {
    uint32_t answer_count;
    struct cancel_entry *answers;
};

/* What `gpmq ops` and `gpmq show` print of one operation or batch. */
struct op_summary {
    struct gpmq_id op;
    struct gpmq_id batch;
    const char *kind; /* "batch" for a batch */
    const char *domain;
    const char *target_domain;
    const char *repository;
    const char *gpo;
    const char *label;
    const char *comment;
    const char *client; /* who submitted it: the name of the key */
    const char *worker; /* who runs it, "" nobody */
    enum gpmq_state state;
    enum gpmq_reason reason;
    bool cancel_requested;
    uint64_t seq;
    uint64_t fence;
    uint32_t attempt;
    uint32_t crashes;
    uint32_t losses;
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
    bool closed;                /* of a batch: no more items come */
    struct gpmq_result *result; /* of what has ended */
    enum gpmq_fate fate;        /* of what is dead */
    struct gpmq_id retry_of;    /* the dead operation that it runs again */
    struct gpmq_id retried_as;  /* of a dead one: who runs it again */
    struct gpmq_id waits_for;   /* of a waiting one: the operation that is in its way */
    const char *why;            /* of a waiting one: why, in words */
};

struct msg_ops {
    uint32_t op_count;
    struct op_summary *ops; /* unknown ids are left out */
    bool more;
};

/* Frames as they were published, in order of seq, dense. */
struct frame_bytes {
    const uint8_t *bytes; /* one encoded status frame */
    uint32_t bytes_size;
};

struct msg_watching {
    struct gpmq_id op;
    const char *topic;    /* what to subscribe to */
    uint64_t seq;         /* the newest frame there is */
    uint32_t frame_count; /* from last_seq + 1 on, as many as fit */
    struct frame_bytes *frames;
    bool more; /* ask with replay for the rest */
};

struct msg_frames {
    struct gpmq_id op;
    uint64_t from;
    uint32_t frame_count;
    struct frame_bytes *frames;
    bool more;
};

struct msg_final {
    struct gpmq_id op;
    struct frame_bytes frame;
};

struct msg_chunk {
    struct gpmq_id op;
    uint64_t offset;
    uint64_t size;        /* of the whole content */
    const uint8_t *bytes; /* at most GPMQ_BLOB_CHUNK; fewer only at the end */
    uint32_t bytes_size;
};

struct msg_put_ok {
    uint8_t digest[32];
    uint64_t offset; /* where the next chunk begins; size: complete and durable */
};

struct msg_pong {
    uint64_t epoch;
};

struct msg_error {
    int32_t code;
    const char *text;
    int64_t retry_after_ms;
};

#endif
