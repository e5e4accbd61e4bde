/*
 * message.h - every message of the protocol as a struct, its limits beside its fields.
 *
 * docs/protocol.md is the contract; fields.c is the same as tables, which encode.c and decode.c
 * follow. A body is one MessagePack map; keys are the names of the fields here.
 *
 * Owning. A decoded message points into the arena it was decoded with. A message to be encoded
 *         points wherever its maker likes.
 * Lists.  `count` and an array of structs; at most what the comment beside it says.
 */
#ifndef GPMQ_MESSAGE_H
#define GPMQ_MESSAGE_H

#include "gpmq/op.h"

#define PROTOCOL_VERSION 1

/* Sizes, in bytes, of whole messages: what is longer is not looked at. */
#define MESSAGE_MAX (1u << 20)  /* control and worker sockets */
#define STATUS_MAX  (64u << 10) /* one status frame */

#define MESSAGE_OPS_MAX    1000 /* requests, answers, reports, leases in one message */
#define MESSAGE_FRAMES_MAX 256  /* status frames in one reply */
#define MESSAGE_PAUSES_MAX 64   /* pauses in force */
#define MESSAGE_NAMES_MAX  64   /* kinds, domains, repositories of a worker */
#define MESSAGE_DEPTH_MAX  8    /* nested maps and arrays */
#define MESSAGE_TEXT_MAX   4096 /* bytes of a message's text, a path, an error */
#define MESSAGE_VALUE_MAX  4096 /* bytes of a result's property */

enum message_type {
    /* client to broker, on the control socket */
    MSG_HELLO = 1,
    MSG_SUBMIT,
    MSG_SUBMIT_BATCH,
    MSG_CANCEL,
    MSG_QUERY,
    MSG_LIST,
    MSG_WATCH,
    MSG_UNWATCH,
    MSG_REPLAY,
    MSG_ACK,
    MSG_FETCH,
    MSG_PUT,
    MSG_PING,
    MSG_WORKERS,
    MSG_STATS,
    MSG_PAUSE,
    MSG_DRAIN,
    /* broker to client */
    MSG_WELCOME,
    MSG_SUBMITTED,
    MSG_CANCEL_ANSWER,
    MSG_OPS,
    MSG_WATCHING,
    MSG_FRAMES,
    MSG_FINAL,
    MSG_CHUNK,
    MSG_PUT_OK,
    MSG_PONG,
    MSG_WORKER_LIST,
    MSG_STATS_ANSWER,
    MSG_PAUSED,
    MSG_DRAINING,
    MSG_ERROR,
    /* worker to broker */
    MSG_WORKER_HELLO,
    MSG_RENEW,
    MSG_REPORT,
    MSG_RESULT_CHUNK,
    MSG_BYE,
    /* broker to worker */
    MSG_WORKER_WELCOME,
    MSG_RENEWED,
    MSG_REPORT_ACK,
    MSG_RESULT_CHUNK_OK,
    MSG_ASSIGN,
    MSG_STOP,
    /* between a worker and its executors (a socketpair) */
    MSG_EXEC_START,
    MSG_EXEC_STOP,
    MSG_EXEC_REPORT,
    MSG_EXEC_CHUNK,
    MSG_TYPE_END
};

struct name_list {
    uint32_t count;
    const char **items;
};

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

struct msg_query {
    uint32_t id_count;
    struct gpmq_id *ids;
};

struct msg_list {
    struct gpmq_id after; /* the last id of the page before; none: the newest */
    struct gpmq_id batch; /* only of this batch; none: all */
    bool open_only;       /* only what has not ended */
    uint32_t limit;       /* 1 .. MESSAGE_OPS_MAX; 0: 100 */
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

struct msg_workers {
    uint64_t after; /* session of the last one of the page before; 0: from the first */
};

/* What is held back: all that fits every word that is given. All NULL: the whole queue. */
struct pause {
    const char *kind;
    const char *domain;
    const char *repository;
    int64_t since_unix_ms;
};

struct msg_pause {
    const char *kind;
    const char *domain;
    const char *repository;
    bool resume; /* ends the pause that was made with the same words */
};

struct msg_drain {
    const char *worker; /* its name */
    bool resume;        /* it gets work again */
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

/* A worker that is here. */
struct worker_info {
    uint64_t session; /* rises with every hello of a new process */
    const char *name;
    const char *key; /* name of its key */
    uint32_t executors;
    uint32_t credit;
    uint32_t leases;   /* operations it has */
    uint32_t running;  /* those of them that it has begun */
    bool draining;     /* it gets nothing new */
    int64_t silent_ms; /* since when it was not heard */
    struct name_list kinds;
    struct name_list domains;
    struct name_list repositories;
};

struct msg_worker_list {
    uint32_t worker_count;
    struct worker_info *workers; /* by session */
    bool more;
};

/* How many operations are in a state that is no end. */
struct state_count {
    enum gpmq_state state;
    uint32_t count;
};

struct msg_stats_answer {
    uint64_t epoch;
    uint64_t open; /* operations that have not ended */
    uint64_t open_max;
    uint64_t client_open_max;
    uint32_t depth_count;
    struct state_count *depths;
    uint64_t workers;
    uint64_t workers_max;
    uint64_t executors;
    uint64_t watches;
    uint64_t watches_max;
    uint64_t clients;     /* connections on the control socket */
    uint64_t stored_open; /* rows of the store */
    uint64_t stored_ended;
    uint64_t blob_bytes;
    uint64_t free_bytes; /* on the store's disk; 0: it is on none */
    uint32_t pause_count;
    struct pause *pauses;
};

struct msg_paused {
    uint32_t pause_count; /* those in force now */
    struct pause *pauses;
};

struct msg_draining {
    const char *worker;
    uint32_t leases; /* that it still has */
};

struct msg_error {
    int32_t code;
    const char *text;
    int64_t retry_after_ms;
};

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
    bool draining; /* give it nothing new */
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

/* ---- worker and executor ------------------------------------------------------------------- */

/* A domain or repository as the worker's owner configured it. */
struct place {
    const char *name;
    const char *url;
};

struct msg_exec_start {
    uint64_t fence;
    uint32_t attempt;
    struct gpmq_request *request;
    uint32_t domain_count;
    struct place *domains;
    uint32_t repository_count;
    struct place *repositories;
};

struct msg_exec_stop {
    uint64_t fence;
};

struct msg_exec_report {
    struct report *report; /* op and fence as in the start; n is not used */
};

struct msg_exec_chunk {
    uint64_t offset;
    const uint8_t *bytes;
    uint32_t bytes_size;
};

/* ---- any ----------------------------------------------------------------------------------- */

struct message {
    enum message_type type;
    uint64_t req; /* number of a request; a reply repeats it; 0: belongs to no request */
    union {
        struct msg_hello hello;
        struct msg_submit submit;
        struct msg_submit_batch submit_batch;
        struct msg_cancel cancel;
        struct msg_query query;
        struct msg_list list;
        struct msg_watch watch;
        struct msg_unwatch unwatch;
        struct msg_replay replay;
        struct msg_ack ack;
        struct msg_fetch fetch;
        struct msg_put put;
        struct msg_welcome welcome;
        struct msg_submitted submitted;
        struct msg_cancel_answer cancel_answer;
        struct msg_ops ops;
        struct msg_watching watching;
        struct msg_frames frames;
        struct msg_final final;
        struct msg_chunk chunk;
        struct msg_put_ok put_ok;
        struct msg_pong pong;
        struct msg_workers workers;
        struct msg_pause pause;
        struct msg_drain drain;
        struct msg_worker_list worker_list;
        struct msg_stats_answer stats_answer;
        struct msg_paused paused;
        struct msg_draining draining;
        struct msg_error error;
        struct msg_worker_hello worker_hello;
        struct msg_renew renew;
        struct msg_report report;
        struct msg_result_chunk result_chunk;
        struct msg_bye bye;
        struct msg_worker_welcome worker_welcome;
        struct msg_renewed renewed;
        struct msg_report_ack report_ack;
        struct msg_result_chunk_ok result_chunk_ok;
        struct msg_assign assign;
        struct msg_stop stop;
        struct msg_exec_start exec_start;
        struct msg_exec_stop exec_stop;
        struct msg_exec_report exec_report;
        struct msg_exec_chunk exec_chunk;
    };
};

/* The word for a type, as in the body's "type": "submit". Unknown: "unknown". */
const char *message_type_name(enum message_type type);

#endif
