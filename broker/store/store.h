/*
 * store.h - what the broker remembers across a crash.
 *
 * Changes belong to the open round. When commit() returns 0 they all survive the loss of the
 * process and of the machine's power; when it fails, none of them happened, and the store is of no
 * further use: every call says GPMQ_ESTORE; close it, restart from what is on disk (never retry an
 * fsync). So it is after any GPMQ_ESTORE or GPMQ_ENOSPACE. A call that returns another error has
 * changed nothing. Reads see the changes of the open round.
 *
 * A store belongs to one thread. Several brokers may share one database later, so a change names
 * the state and the fence it starts from, and is refused if another has moved on.
 *
 * Every record on a disk carries a checksum (XXH3) of what it says; a record that fails it is
 * GPMQ_EDAMAGED with its table and id in the text, never a wrong answer.
 *
 * tests/test_store.c holds every implementation to this.
 */
#ifndef GPMQ_STORE_H
#define GPMQ_STORE_H

#include "gpmq/op.h"

struct store;

/* What is known of one operation or batch beside its request and its result. This is also what the
 * core keeps in memory of a live one. Text is interned or borrowed, at most GPMQ_NAME_MAX bytes. */
struct op_row {
    struct gpmq_id id;
    struct gpmq_id batch; /* the batch it belongs to; none: no batch */
    bool is_batch;
    bool closed; /* of a batch: no more operations come */
    bool cancel_requested;
    uint8_t priority;
    enum gpmq_state state;
    enum gpmq_reason reason;
    uint64_t fence;    /* of the newest assignment; 0: none yet */
    uint64_t seq;      /* of the newest status frame */
    uint64_t report_n; /* of the newest report taken, within that fence */
    uint32_t attempt;  /* attempts begun: ACCEPT makes it count */
    uint32_t crashes;  /* of those, ended by the death of the executor */
    uint32_t losses;   /* and by the loss of the worker */
    uint32_t weight;
    int32_t progress_numerator;
    int32_t progress_denominator;
    int32_t hr_status;
    int32_t code; /* enum gpmq_code it ended with */
    int64_t submitted_unix_ms;
    int64_t started_unix_ms;  /* of the newest attempt; 0: none */
    int64_t finished_unix_ms; /* 0: not yet */
    enum gpmq_fate fate;      /* of a DEAD one; may change after its end */
    int64_t due_unix_ms;      /* WAITING, RETRY_WAIT: not before this; 0: no such time */
    uint32_t total;           /* of a batch */
    uint32_t succeeded;
    uint32_t failed;
    uint32_t cancelled;
    const char *client; /* name of the key that submitted it */
    const char *worker; /* name of the worker of the newest assignment; NULL: none */
};

struct store_bytes {
    const void *bytes;
    size_t size;
};

/* A change of one row: `row` replaces what is stored, if that is in state `from` and has fence
 * `from_fence`. id, batch and is_batch stay as they were submitted. */
struct store_change {
    enum gpmq_state from;
    uint64_t from_fence;
    const struct op_row *row;
};

/* Called for each record found; bytes and text are borrowed for the call; {NULL, 0} is "there is
 * none". Anything but 0 ends the reading and is handed on. A sink does not call the store. */
typedef int store_row_sink(void *arg, const struct op_row *row, struct store_bytes request,
                           struct store_bytes result, struct gpmq_error *err);
typedef int store_mark_sink(void *arg, const char *name, int64_t value, struct gpmq_error *err);
typedef int store_frame_sink(void *arg, uint64_t seq, struct store_bytes frame,
                             struct gpmq_error *err);

struct store_filter {
    struct gpmq_id after; /* only what was submitted before this one; none: from the newest */
    struct gpmq_id batch; /* only of this batch; none: all */
    bool open_only;       /* only what has not ended */
    bool dead_only;       /* only what is DEAD and has no fate */
    uint32_t limit;       /* at least 1 */
};

struct store_stat {
    uint64_t open_count; /* rows that have not ended */
    uint64_t final_count;
    uint64_t blob_bytes; /* of all blobs, also those not complete */
    uint64_t free_bytes; /* left on the disk it is on; UINT64_MAX: no disk */
};

/* Whose a blob is that begins, and how much there may be of them. A blob that two bring is the
 * first one's. Sizes count as soon as they are said. */
struct store_quota {
    const char *client;    /* name of the key; NULL: nobody's */
    uint64_t client_bytes; /* of all blobs of that client; 0: no limit */
    uint64_t all_bytes;    /* of all blobs; 0: no limit */
};

struct store_ops {
    const char *scheme; /* the word before ':' in a store's URL: "sqlite", "memory" */

    /* Opens url (what follows the ':'), creating what is missing, and takes ownership: the owner
     * epoch rises by one, durably. Gives *out to the caller. GPMQ_EBUSY: another process owns it.
     * GPMQ_EVERSION: written by a newer gpmq. GPMQ_EDAMAGED: it is no store, or broken. */
    int (*open)(struct store **out, const char *url, struct gpmq_error *err);
    /* Closes and sets *store_p to NULL; the open round is dropped. Takes NULL, and a store whose
     * open failed half way. */
    void (*close)(struct store **store_p);
    uint64_t (*epoch)(const struct store *store);
    /* The first fence that no assignment has ever had; at least 1. */
    uint64_t (*fence)(const struct store *store);
    /* From this round's commit on, fences below `limit` may be given out without telling again:
     * after a restart fence() is at least limit. A lower limit than before changes nothing. */
    int (*reserve_fences)(struct store *store, uint64_t limit, struct gpmq_error *err);

    /* Remembers a number under a name, at most STORE_MARK_MAX bytes; 0 forgets it. */
    int (*mark)(struct store *store, const char *name, int64_t value, struct gpmq_error *err);
    /* Every mark that is not 0, in no order. */
    int (*marks)(struct store *store, store_mark_sink *sink, void *arg, struct gpmq_error *err);

    /* Records a new operation with its request (encoded; a batch's may be empty). GPMQ_EEXIST: its
     * id is known already. */
    int (*submit)(struct store *store, const struct op_row *row, struct store_bytes request,
                  struct gpmq_error *err);
    /* Moves one operation on. GPMQ_ESTATE: it is not in change->from with change->from_fence; the
     * text says in which ("it is assigned, not queued"). GPMQ_ENOTFOUND: there is none.
     * GPMQ_EINVAL: the row is of another batch than the stored one. */
    int (*change)(struct store *store, const struct store_change *change, struct gpmq_error *err);
    /* Appends a status frame. GPMQ_EEXIST: the operation has a frame of this seq. GPMQ_EINVAL: it
     * is not the next one, counted from 1. GPMQ_ENOTFOUND: there is no such operation. */
    int (*frame)(struct store *store, const struct gpmq_id *id, uint64_t seq,
                 struct store_bytes frame, struct gpmq_error *err);
    /* Sets the encoded result of an operation, once. GPMQ_EEXIST: it has one. GPMQ_ENOTFOUND. */
    int (*result)(struct store *store, const struct gpmq_id *id, struct store_bytes result,
                  struct gpmq_error *err);

    /* Ends the round: one transaction, one fsync; an empty round costs nothing. GPMQ_ESTORE. */
    int (*commit)(struct store *store, struct gpmq_error *err);

    /* Every row that has not ended, oldest first, with its request. A damaged record is passed
     * over; when all others have been handed out, GPMQ_EDAMAGED names the first. */
    int (*load)(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err);
    /* One row with request and result. GPMQ_ENOTFOUND. */
    int (*read)(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err);
    /* Rows, newest first, with request and result. Damaged records as in load().
     * GPMQ_ENOTFOUND: filter->after is not known (any more). */
    int (*list)(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err);
    /* Frames of one operation from seq `from` on, in order. A hole, or an end before the row's seq,
     * is GPMQ_EDAMAGED. GPMQ_ENOTFOUND: there is no such operation. */
    int (*frames)(struct store *store, const struct gpmq_id *id, uint64_t from,
                  store_frame_sink *sink, void *arg, struct gpmq_error *err);

    /* Blobs, by the BLAKE2b-256 of their content. A blob being written is kept in pieces; when its
     * last byte has come its digest is checked: GPMQ_EDAMAGED, and the pieces are dropped.
     * *next says where to go on; a piece at another offset writes nothing. A complete blob: size.
     * Any piece, wanted or not, makes the blob as young as now_unix_ms. GPMQ_ETOOBIG: size is over
     * GPMQ_BLOB_MAX. GPMQ_EINVAL: the piece reaches past size, or another size was said before.
     * GPMQ_EFULL: with a blob that begins here there would be more than the quota says. */
    int (*blob_write)(struct store *store, const uint8_t digest[32], uint64_t size, uint64_t offset,
                      struct store_bytes piece, const struct store_quota *quota,
                      int64_t now_unix_ms, uint64_t *next, struct gpmq_error *err);
    /* The bytes of all blobs of a client, also of those that are not complete; NULL: of everybody.
     */
    uint64_t (*blob_kept)(const struct store *store, const char *client);
    /* Reads up to *size bytes at offset of a complete blob into buffer; *size is what was read and
     * *total the blob's size. GPMQ_ENOTFOUND: no such complete blob. */
    int (*blob_read)(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                     size_t *size, uint64_t *total, struct gpmq_error *err);
    /* Notes that an operation uses a blob, which is kept as long as the operation is; it need not
     * be there yet, and saying it twice is saying it once. GPMQ_ENOTFOUND: no such operation. */
    int (*blob_link)(struct store *store, const struct gpmq_id *id, const uint8_t digest[32],
                     struct gpmq_error *err);

    /* Removes at most `most` rows that ended before a time, with their frames and results, and
     * blobs that nothing uses and that are older than that. *removed is how many rows. An operation
     * of a batch stays until the batch has ended before then, and the batch goes last, so that
     * repeating a batch never runs anything twice. One call may look at no more than
     * STORE_RETAIN_ROWS rows and as many blobs, and remove some of the blobs only, oldest first;
     * the next call goes on from there: call it from time to time, not until it finds nothing. */
    int (*retain)(struct store *store, int64_t finished_before_unix_ms, uint32_t most,
                  uint32_t *removed, struct gpmq_error *err);
    int (*stat)(struct store *store, struct store_stat *out, struct gpmq_error *err);
};

#define STORE_MARK_MAX    1024
#define STORE_RETAIN_ROWS 16384 /* a bound on how long one retain() takes */

/* The first member of every implementation's own struct. */
struct store {
    const struct store_ops *ops;
};

/* Opens "sqlite:/var/lib/gpmq/queue.db" or "memory:". GPMQ_EUNSUPPORTED: an unknown scheme. */
int store_open(struct store **out, const char *url, struct gpmq_error *err) GPMQ_CHECKED;
/* For CLEANUP(): closes; takes NULL; leaves NULL. */
void store_close(struct store **store_p);

#endif
