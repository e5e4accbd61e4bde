/*
 * gpmq/op.h - operations: their ids, states, requests, status and results.
 *
 * Structs hold borrowed pointers: whoever fills one says how long they live. Text is UTF-8 with a
 * terminating NUL; a NULL string is "not given". Times ending in _unix_ms count milliseconds from
 * 1970-01-01 UTC; durations end in _ms.
 */
#ifndef GPMQ_OP_H
#define GPMQ_OP_H

#include <stddef.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- ids ----------------------------------------------------------------------------------- */

/* The id of an operation or a batch: a UUIDv7 (RFC 9562 5.7), most significant byte first.
 * All zero is "none". */
struct gpmq_id {
    uint8_t bytes[16];
};

#define GPMQ_ID_TEXT_SIZE 33 /* 32 lower-case hex digits and NUL */

/* A new id from the clock and the system's random numbers. Thread-safe. */
GPMQ_API struct gpmq_id gpmq_id_new(void);
/* A UUIDv7 from given parts (for tests and simulators): unix_ms below 2^48, 74 random bits. */
GPMQ_API struct gpmq_id gpmq_id_make(int64_t unix_ms, const uint8_t random[10]);
/* Writes 32 hex digits and NUL; returns text. */
GPMQ_API const char *gpmq_id_text(const struct gpmq_id *id, char text[GPMQ_ID_TEXT_SIZE]);
/* Reads 32 hex digits in any case, with or without the hyphens of a UUID. GPMQ_EINVAL. */
GPMQ_API GPMQ_CHECKED int gpmq_id_parse(struct gpmq_id *out, const char *text);
GPMQ_API bool gpmq_id_is_none(const struct gpmq_id *id);
GPMQ_API bool gpmq_id_equal(const struct gpmq_id *a, const struct gpmq_id *b);
/* The id of a batch's item: BLAKE2b-128 over batch and name, marked as UUIDv8. Doing it again
 * gives the same id, which makes repeating a batch harmless. name: any bytes, usually a GUID. */
GPMQ_API struct gpmq_id gpmq_id_derive(const struct gpmq_id *from, const char *name);

/* A GUID, in the order of its text form (RFC 9562), not of Microsoft's in-memory form. */
struct gpmq_guid {
    uint8_t bytes[16];
};

#define GPMQ_GUID_TEXT_SIZE 39 /* "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}" and NUL */

/* Writes the form with braces and upper-case digits; returns text. */
GPMQ_API const char *gpmq_guid_text(const struct gpmq_guid *guid, char text[GPMQ_GUID_TEXT_SIZE]);
/* Reads 8-4-4-4-12 hex digits in any case, braces optional. GPMQ_EINVAL: it is not one. */
GPMQ_API GPMQ_CHECKED int gpmq_guid_parse(struct gpmq_guid *out, const char *text);
GPMQ_API bool gpmq_guid_equal(const struct gpmq_guid *a, const struct gpmq_guid *b);
/* A GUID that an operation will create, from the operation's id and what it is for ("backup",
 * "gpo"): the second attempt finds the first one's work. BLAKE2b-128, marked as version 4. */
GPMQ_API struct gpmq_guid gpmq_guid_derive(const struct gpmq_id *from, const char *purpose);
/* From and to the 16 bytes of MS-DTYP 2.3.4.2 (first three fields little-endian). */
GPMQ_API struct gpmq_guid gpmq_guid_from_le(const uint8_t bytes[16]);
GPMQ_API void gpmq_guid_to_le(const struct gpmq_guid *guid, uint8_t bytes[16]);

/* ---- states -------------------------------------------------------------------------------- */

/* The numbers are stored and sent; new states are added before GPMQ_STATE_END. */
enum gpmq_state {
    GPMQ_WAITING = 1, /* something must happen first: see enum gpmq_reason */
    GPMQ_QUEUED,      /* may run as soon as a worker has room */
    GPMQ_ASSIGNED,    /* given to a worker, which has not said yes yet */
    GPMQ_RUNNING,     /* a worker runs it */
    GPMQ_RETRY_WAIT,  /* an attempt ended badly; the next one comes later */
    GPMQ_CANCELLING,  /* its worker has been told to stop */
    GPMQ_SUCCEEDED,   /* final from here on */
    GPMQ_FAILED,
    GPMQ_CANCELLED,
    GPMQ_CANCELLED_UNCONFIRMED, /* its worker never answered; it is fenced off */
    GPMQ_EXPIRED,               /* its deadline passed before it ended */
    GPMQ_DEAD,                  /* it killed too many executors or workers */
    GPMQ_STATE_END
};

/* Why an operation is WAITING; 0 in every other state. */
enum gpmq_reason {
    GPMQ_REASON_NONE = 0,
    GPMQ_REASON_NOT_BEFORE, /* its time has not come */
    GPMQ_REASON_DEPENDENCY, /* another operation must end first */
    GPMQ_REASON_KEY,        /* a concurrency key is taken: another changes the same GPO, say */
    GPMQ_REASON_PAUSED,     /* the queue is paused */
    GPMQ_REASON_NO_WORKER,  /* no worker here serves its kind, domain and repository */
    GPMQ_REASON_END
};

/* "queued", "cancelled_unconfirmed"; "unknown" for anything else. Static. */
GPMQ_API const char *gpmq_state_name(enum gpmq_state state);
/* The state with that name, or 0. */
GPMQ_API enum gpmq_state gpmq_state_from_name(const char *name);
GPMQ_API bool gpmq_state_is_final(enum gpmq_state state);
/* "not_before", "no_worker"; "" for none. Static. */
GPMQ_API const char *gpmq_reason_name(enum gpmq_reason reason);

/* What became of a DEAD operation afterwards. The numbers are stored. */
enum gpmq_fate {
    GPMQ_FATE_NONE = 0, /* it is on the list of the dead */
    GPMQ_FATE_RETRIED,  /* it was run again, as another operation */
    GPMQ_FATE_DROPPED,  /* somebody took it off the list */
    GPMQ_FATE_END
};
/* "retried", "dropped"; "" for none. Static. */
GPMQ_API const char *gpmq_fate_name(enum gpmq_fate fate);

/* ---- requests ------------------------------------------------------------------------------ */

#define GPMQ_KIND_MAX  64   /* bytes of a kind: "gpo.backup" */
#define GPMQ_NAME_MAX  256  /* bytes of a domain's, repository's, GPO's or backup's name */
#define GPMQ_LABEL_MAX 1024 /* bytes of a label, and of a display name */
#define GPMQ_COMMENT_MAX                                                                           \
    2047 /* characters of a backup's comment, of up to 4 bytes each: GPMC's limit */
#define GPMQ_ARGS_MAX     65536
#define GPMQ_KEYS_MAX     8
#define GPMQ_AFTER_MAX    16
#define GPMQ_PRIORITY_MAX 7

/* At most `limit` operations that carry a key of this name run at once. */
struct gpmq_key {
    const char *name;
    uint32_t limit; /* at least 1 */
};

/* What to run. Which fields a kind needs is in docs/operations.md; a worker refuses the rest. */
struct gpmq_request {
    struct gpmq_id id;      /* chosen by the client; the same id and body is the same operation */
    const char *kind;       /* "gpo.backup"; required */
    const char *domain;     /* name of a domain that workers have configured */
    const char *repository; /* name of a repository that workers have configured */
    const char *gpo;        /* GUID of the GPO it works on, "{...}" */
    const char *backup;     /* GUID of the backup it reads, or NULL */
    const char *name;       /* display name of what it creates */
    const char *comment;    /* comment of a backup */
    const char *target_domain; /* of a copy */
    const char *args;          /* a JSON object with what only this kind knows; at most 64 KiB */
    bool create;               /* make the target GPO */
    bool dry_run;              /* say what would change, change nothing */
    bool read_data;            /* verify reads every file */

    int32_t priority;           /* 0 (first) .. GPMQ_PRIORITY_MAX; GPMQ_PRIORITY_DEFAULT */
    int64_t not_before_unix_ms; /* 0: at once */
    int64_t deadline_unix_ms;   /* not finished by then: expired; 0: never */
    int64_t run_ms;             /* longest attempt; 0: no limit */
    int64_t grace_ms;           /* between asking to stop and killing; 0: GPMQ_GRACE_DEFAULT_MS */
    int32_t attempts;           /* how often a failure that may pass is tried; 0: see below */
    int64_t backoff_ms;         /* before the second attempt, doubled each time; 0: see below */
    uint32_t key_count;
    struct gpmq_key keys[GPMQ_KEYS_MAX];
    struct gpmq_id batch; /* none: no batch */
    uint32_t weight;      /* its share of the batch's progress; 0 counts as 1 */
    const char *label;    /* for people; a GPO's name, usually */
    const char *trace;    /* W3C traceparent, carried along */
    int64_t stall_ms;     /* longest time of an attempt without a report of progress; 0: no limit */
    uint32_t after_count; /* operations and batches that must have succeeded first */
    struct gpmq_id after[GPMQ_AFTER_MAX];
    struct gpmq_id
        retry_of;           /* set by the broker: the dead operation whose work this one takes up */
    int32_t jitter_percent; /* each wait is so much longer or shorter, 1 .. 100; 0: 25 */
    /* What is too large for args: content that was put (gpmq_put()). Its size, 0: none, at most
     * GPMQ_BLOB_MAX, and its BLAKE2b-256. */
    uint64_t input_size;
    uint8_t input_digest[32];
};

#define GPMQ_PRIORITY_DEFAULT 3
#define GPMQ_GRACE_DEFAULT_MS 10000
/* The operation after which what the request creates is named: the second attempt, and the run of a
 * dead operation as a new one, find what was created before. */
GPMQ_API const struct gpmq_id *gpmq_request_origin(const struct gpmq_request *request);

/* Of kinds and failures that have no row in the tables of docs/operations.md. */
#define GPMQ_ATTEMPTS_DEFAULT   3
#define GPMQ_BACKOFF_DEFAULT_MS 1000

/* ---- status and results -------------------------------------------------------------------- */

/* IGPMStatusMessage (gpmgmt.idl). */
struct gpmq_status_msg {
    const char *object_path;
    int32_t error_code; /* HRESULT of the first underlying error; 0: a warning or a note */
    const char *extension_name;
    const char *settings_name;
    int32_t operation_code; /* a gpmq_code, or 0: the operation goes on after a warning */
    const char *message;
};

#define GPMQ_STATUS_MSGS_MAX 32

struct gpmq_property {
    const char *name;  /* as in the COM interface, in snake_case: "gpo_display_name" */
    const char *value; /* numbers in decimal, times as ISO 8601 UTC, booleans "true"/"false" */
};

#define GPMQ_PROPERTIES_MAX 64

/* IGPMResult: the result object and the overall status. */
struct gpmq_result {
    const char *type;       /* "backup", "gpo", "gpo_list", "backup_list", "verify", "none" ... */
    int32_t overall_status; /* HRESULT of IGPMResult::OverallStatus */
    uint32_t property_count;
    const struct gpmq_property *properties;
    const void *data;   /* large content: a list as JSON, a report's text; NULL when a blob */
    uint64_t data_size; /* bytes of the content, also when it is a blob */
    uint8_t digest[32]; /* BLAKE2b-256 of the content; zero when there is none */
};

#define GPMQ_RESULT_INLINE_MAX 8192 /* larger content travels as a blob */
#define GPMQ_BLOB_MAX          (64u << 20)
#define GPMQ_BLOB_CHUNK        (256u << 10)

enum gpmq_frame_kind {
    GPMQ_FRAME_PROGRESS = 1, /* numerator or denominator moved */
    GPMQ_FRAME_MESSAGE,      /* has status_msgs */
    GPMQ_FRAME_STATE,        /* the state changed */
    GPMQ_FRAME_FINAL,        /* the end: the only one with a result */
    GPMQ_FRAME_KEEPALIVE,    /* tells the current seq, has none of its own */
    GPMQ_FRAME_KIND_END
};

/* One status frame: IGPMAsyncProgress::Status and what numbers it. */
struct gpmq_status {
    struct gpmq_id op;
    struct gpmq_id batch;
    uint64_t seq;   /* dense from 1 for each operation */
    uint64_t fence; /* of the attempt it speaks of; 0 before the first */
    int64_t time_unix_ms;
    enum gpmq_frame_kind kind;
    enum gpmq_state state;
    int32_t progress_numerator;
    int32_t progress_denominator;
    int32_t hr_status;
    const struct gpmq_result *result; /* only in the final frame */
    uint32_t status_msg_count;
    const struct gpmq_status_msg *status_msgs; /* NULL: nothing to say */
    enum gpmq_reason reason;
    uint32_t attempt;
};

#ifdef __cplusplus
}
#endif

#endif
