/* store_memory.c - a store that forgets when its process ends: the simplest reading of store.h. */
#include "store_memory.h"

#include <assert.h>

#include "cleanup.h"
#include "fail.h"
#include "memory_impl.h"

int memory_ready(const struct memory *memory, struct gpmq_error *err)
{
    return memory->failed ? fail(err, GPMQ_ESTORE, "a commit has failed; open the store again") : 0;
}

static int find(struct memory *memory, const struct gpmq_id *id, struct record **out,
                struct gpmq_error *err)
{
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    struct record *record = memory_find(memory, id);
    if (!record)
        return store_fail_unknown(id, err);
    *out = record;
    return 0;
}

static void free_record(struct record **record_p)
{
    if (*record_p)
        memory_record_free(*record_p);
    *record_p = NULL;
}

static int submit(struct store *store, const struct op_row *row, struct store_bytes request,
                  struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    if (memory_find(memory, &row->id))
        return store_fail_known(&row->id, err);
    CLEANUP(free_record) struct record *record = calloc(1, sizeof *record);
    if (!record)
        return fail(err, GPMQ_ENOMEM, "no memory for an operation");
    SLIST_INIT(&record->uses);
    if ((rc = memory_keep_row(memory, row, &record->row, err)) ||
        (rc = memory_copy(&record->request, request, err)) ||
        (rc = memory_grow_buckets(memory, err)) || (rc = memory_undo_reserve(memory, err)))
        return rc;
    record->number = ++memory->submitted;
    memory_undo_add(memory, (struct undo){.kind = UNDO_SUBMIT, .record = record});
    memory_record_link(memory, STEAL(record));
    return 0;
}

static int change(struct store *store, const struct store_change *change, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    struct record *record = NULL;
    struct op_row row;
    int rc = find(memory, &change->row->id, &record, err);
    if (rc || (rc = store_judge_change(&record->row, change, err)) ||
        (rc = memory_keep_row(memory, change->row, &row, err)) ||
        (rc = memory_undo_reserve(memory, err)))
        return rc;
    memory_undo_add(memory,
                    (struct undo){.kind = UNDO_CHANGE, .record = record, .row = record->row});
    record->row = row;
    return 0;
}

static int reserve_frame(struct record *record, struct gpmq_error *err)
{
    if (record->frame_count < record->frame_room)
        return 0;
    size_t room = record->frame_room ? record->frame_room * 2 : 8;
    struct store_bytes *frames = realloc(record->frames, room * sizeof *frames);
    if (!frames)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu frames", room);
    record->frames = frames;
    record->frame_room = room;
    return 0;
}

static int frame(struct store *store, const struct gpmq_id *id, uint64_t seq,
                 struct store_bytes frame, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    struct record *record = NULL;
    int rc = find(memory, id, &record, err);
    if (rc || (rc = store_judge_frame(id, record->frame_count, seq, err)) ||
        (rc = reserve_frame(record, err)) || (rc = memory_undo_reserve(memory, err)) ||
        (rc = memory_copy(&record->frames[record->frame_count], frame, err)))
        return rc;
    record->frame_count++;
    memory_undo_add(memory, (struct undo){.kind = UNDO_FRAME, .record = record});
    return 0;
}

static int result(struct store *store, const struct gpmq_id *id, struct store_bytes result,
                  struct gpmq_error *err)
{
    assert(result.size > 0);
    struct memory *memory = memory_of(store);
    struct record *record = NULL;
    int rc = find(memory, id, &record, err);
    if (rc)
        return rc;
    if (record->result.bytes)
        return store_fail_result(id, err);
    if ((rc = memory_undo_reserve(memory, err)) || (rc = memory_copy(&record->result, result, err)))
        return rc;
    memory_undo_add(memory, (struct undo){.kind = UNDO_RESULT, .record = record});
    return 0;
}

static int reserve_fences(struct store *store, uint64_t limit, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc || limit <= memory->fence || (rc = memory_undo_reserve(memory, err)))
        return rc;
    memory_undo_add(memory, (struct undo){.kind = UNDO_FENCE, .number = memory->fence});
    memory->fence = limit;
    return 0;
}

static int commit(struct store *store, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    if (memory->commit_fails) {
        memory->failed = true;
        return fail(err, GPMQ_ESTORE, "the commit failed, as it was told to");
    }
    memory_round_keep(memory);
    return 0;
}

void store_memory_fail_commit(struct store *store)
{
    memory_of(store)->commit_fails = true;
}

void store_memory_crash(struct store *store)
{
    struct memory *memory = memory_of(store);
    memory_round_drop(memory);
    memory->commit_fails = memory->failed = false;
    memory->epoch++;
}

static uint64_t epoch(const struct store *store)
{
    return ((const struct memory *)store)->epoch;
}

static uint64_t fence(const struct store *store)
{
    return ((const struct memory *)store)->fence;
}

static void close_memory(struct store **store_p)
{
    struct memory *memory = (struct memory *)STEAL(*store_p);
    if (!memory)
        return;
    memory_round_keep(memory);
    struct record *record = NULL;
    while ((record = TAILQ_FIRST(&memory->records))) {
        TAILQ_REMOVE(&memory->records, record, order);
        memory_record_free(record);
    }
    struct blob *blob;
    while ((blob = LIST_FIRST(&memory->blobs))) {
        LIST_REMOVE(blob, link);
        memory_blob_free(blob);
    }
    while (memory->marks) {
        struct mark *mark = memory->marks;
        memory->marks = mark->next;
        free(mark);
    }
    while (memory->names) {
        struct name *name = memory->names;
        memory->names = name->next;
        free(name);
    }
    free(memory->buckets);
    free(memory->undo);
    free(memory);
}

static int open_memory(struct store **out, const char *url, struct gpmq_error *err)
{
    if (*url)
        return fail(err, GPMQ_EINVAL, "'memory:' takes nothing behind the colon, not '%s'", url);
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return fail(err, GPMQ_ENOMEM, "no memory for a store");
    CLEANUP(store_close) struct store *store = &memory->store;
    store->ops = &store_memory;
    memory->epoch = 1;
    memory->fence = 1;
    TAILQ_INIT(&memory->records);
    LIST_INIT(&memory->blobs);
    int rc = memory_grow_buckets(memory, err);
    if (rc)
        return rc;
    *out = STEAL(store);
    return 0;
}

const struct store_ops store_memory = {
    .scheme = "memory",
    .open = open_memory,
    .close = close_memory,
    .epoch = epoch,
    .fence = fence,
    .reserve_fences = reserve_fences,
    .mark = memory_mark,
    .marks = memory_marks,
    .submit = submit,
    .change = change,
    .frame = frame,
    .result = result,
    .commit = commit,
    .load = memory_load,
    .read = memory_read,
    .list = memory_list,
    .frames = memory_frames,
    .blob_write = memory_blob_write,
    .blob_kept = memory_blob_kept,
    .blob_read = memory_blob_read,
    .blob_link = memory_blob_link,
    .retain = memory_retain,
    .stat = memory_stat,
};
