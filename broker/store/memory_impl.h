/*
 * memory_impl.h - what the files of the memory store share.
 *
 * The store holds the newest state. Beside it lies a list of what to do, newest first, to be back
 * at the last commit: an entry for every change of the open round.
 */
#ifndef GPMQ_MEMORY_IMPL_H
#define GPMQ_MEMORY_IMPL_H

#include <sys/queue.h>

#include "store_impl.h"

struct blob {
    uint8_t digest[32];
    uint64_t size;
    uint64_t received;
    bool complete;
    int64_t touched_unix_ms;
    uint8_t *bytes; /* room for `room` of them */
    size_t room;
    const char *client; /* the store's; NULL: nobody's */
    LIST_ENTRY(blob) link;
};
LIST_HEAD(blob_list, blob);

struct blob_use {
    uint8_t digest[32];
    SLIST_ENTRY(blob_use) link;
};

struct record {
    struct op_row row; /* its names are the store's */
    struct store_bytes request;
    struct store_bytes result;
    struct store_bytes *frames; /* frame seq is at seq - 1 */
    size_t frame_count;
    size_t frame_room;
    SLIST_HEAD(, blob_use) uses;
    uint64_t number; /* of its submission */
    struct record *next_in_bucket;
    TAILQ_ENTRY(record) order; /* oldest first */
};

enum undo_kind {
    UNDO_SUBMIT,
    UNDO_CHANGE,
    UNDO_FRAME,
    UNDO_RESULT,
    UNDO_USE,
    UNDO_REMOVE,
    UNDO_FENCE,
    UNDO_MARK,
    UNDO_BLOB_NEW,
    UNDO_BLOB_WRITE,
    UNDO_BLOB_REMOVE,
};

struct undo {
    enum undo_kind kind;
    struct record *record; /* all but those of fences and blobs */
    struct op_row row;     /* CHANGE: as it was */
    struct blob *blob;
    struct mark *mark;
    uint64_t number; /* FENCE, BLOB_WRITE: fence or received as it was */
    int64_t unix_ms; /* BLOB_WRITE, MARK: touched or value as it was */
    bool complete;   /* BLOB_WRITE: as it was */
};

struct name {
    struct name *next;
    char text[];
};

struct mark {
    struct mark *next;
    int64_t value; /* 0: forgotten */
    char name[];
};

struct memory {
    struct store store; /* first */
    uint64_t epoch;
    uint64_t fence;
    TAILQ_HEAD(record_list, record) records;
    struct record **buckets;
    size_t bucket_count; /* a power of two */
    size_t record_count;
    uint64_t submitted; /* the number of the newest record */
    struct blob_list blobs;
    struct name *names; /* clients and workers: as many as there are keys */
    struct mark *marks;
    struct undo *undo; /* of the open round, oldest first */
    size_t undo_count;
    size_t undo_room;
    bool commit_fails; /* the next one */
    bool failed;       /* one has */
};

static inline struct memory *memory_of(struct store *store)
{
    return (struct memory *)store;
}

/* GPMQ_ESTORE after a commit that failed. */
int memory_ready(const struct memory *memory, struct gpmq_error *err);

/* ---- memory_records.c ---- */

/* The record with this id, or NULL. */
struct record *memory_find(const struct memory *memory, const struct gpmq_id *id);
/* Twice as many buckets once there is a record for each. */
int memory_grow_buckets(struct memory *memory, struct gpmq_error *err);
/* Puts a record into the bucket of its id and at its place in the order. */
void memory_record_link(struct memory *memory, struct record *record);
void memory_record_unlink(struct memory *memory, struct record *record);
void memory_record_free(struct record *record);
/* A row whose names are the store's. */
int memory_keep_row(struct memory *memory, const struct op_row *row, struct op_row *out,
                    struct gpmq_error *err);
/* The store's own copy of a name; NULL of NULL. */
int memory_keep_name(struct memory *memory, const char *text, const char **out,
                     struct gpmq_error *err);
/* A copy; {NULL, 0} of no bytes. */
int memory_copy(struct store_bytes *out, struct store_bytes bytes, struct gpmq_error *err);
/* Frees; {NULL, 0} is left. */
void memory_drop_bytes(struct store_bytes *bytes);

/* ---- memory_round.c ---- */

/* Makes room for one more entry of the round, before anything is changed. */
int memory_undo_reserve(struct memory *memory, struct gpmq_error *err);
/* Adds an entry, for which there is room. */
void memory_undo_add(struct memory *memory, struct undo undo);
/* Back to the last commit; or the round is kept for good. */
void memory_round_drop(struct memory *memory);
void memory_round_keep(struct memory *memory);

/* ---- memory_marks.c ---- */

int memory_mark(struct store *store, const char *name, int64_t value, struct gpmq_error *err);
int memory_marks(struct store *store, store_mark_sink *sink, void *arg, struct gpmq_error *err);

/* ---- memory_reads.c ---- */

int memory_load(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err);
int memory_read(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err);
int memory_list(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err);
int memory_frames(struct store *store, const struct gpmq_id *id, uint64_t from,
                  store_frame_sink *sink, void *arg, struct gpmq_error *err);
int memory_retain(struct store *store, int64_t finished_before_unix_ms, uint32_t most,
                  uint32_t *removed, struct gpmq_error *err);
int memory_stat(struct store *store, struct store_stat *out, struct gpmq_error *err);

/* ---- memory_blobs.c ---- */

void memory_blob_free(struct blob *blob);
int memory_blob_write(struct store *store, const uint8_t digest[32], uint64_t size, uint64_t offset,
                      struct store_bytes piece, const struct store_quota *quota,
                      int64_t now_unix_ms, uint64_t *next, struct gpmq_error *err);
uint64_t memory_blob_kept(const struct store *store, const char *client);

int memory_blob_read(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                     size_t *size, uint64_t *total, struct gpmq_error *err);
int memory_blob_link(struct store *store, const struct gpmq_id *id, const uint8_t digest[32],
                     struct gpmq_error *err);
/* Drops blobs that nothing uses and nobody touched since. */
int memory_blob_retain(struct memory *memory, int64_t before_unix_ms, struct gpmq_error *err);

#endif
