/* memory_reads.c - questions to the memory store, and what it forgets on purpose. */
#include "memory_impl.h"

#include "fail.h"

static int hand_out(const struct record *record, store_row_sink *sink, void *arg,
                    struct gpmq_error *err)
{
    return sink(arg, &record->row, record->request, record->result, err);
}

int memory_load(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    struct record *record;
    TAILQ_FOREACH(record, &memory->records, order)
    {
        if (rc)
            return rc;
        if (!gpmq_state_is_final(record->row.state))
            rc = sink(arg, &record->row, record->request, (struct store_bytes){0}, err);
    }
    return rc;
}

int memory_read(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    struct record *record = memory_find(memory, id);
    return record ? hand_out(record, sink, arg, err) : store_fail_unknown(id, err);
}

static bool passes(const struct op_row *row, const struct store_filter *filter)
{
    if (!gpmq_id_is_none(&filter->batch) && !gpmq_id_equal(&filter->batch, &row->batch))
        return false;
    if (filter->dead_only && (row->state != GPMQ_DEAD || row->fate != GPMQ_FATE_NONE))
        return false;
    return !filter->open_only || !gpmq_state_is_final(row->state);
}

int memory_list(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    struct record *record = TAILQ_LAST(&memory->records, record_list);
    if (!rc && !gpmq_id_is_none(&filter->after)) {
        record = memory_find(memory, &filter->after);
        if (!record)
            return store_fail_unknown(&filter->after, err);
        record = TAILQ_PREV(record, record_list, order);
    }
    for (uint32_t count = 0; !rc && record && count < filter->limit;
         record = TAILQ_PREV(record, record_list, order))
        if (passes(&record->row, filter)) {
            rc = hand_out(record, sink, arg, err);
            count++;
        }
    return rc;
}

int memory_frames(struct store *store, const struct gpmq_id *id, uint64_t from,
                  store_frame_sink *sink, void *arg, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    struct record *record = memory_find(memory, id);
    if (!record)
        return store_fail_unknown(id, err);
    if (record->frame_count < record->row.seq)
        return store_fail_frame(id, record->frame_count + 1, err);
    for (uint64_t seq = from ? from : 1; !rc && seq <= record->frame_count; seq++)
        rc = sink(arg, seq, record->frames[seq - 1], err);
    return rc;
}

static bool ended_before(const struct op_row *row, int64_t unix_ms)
{
    return gpmq_state_is_final(row->state) && row->finished_unix_ms < unix_ms;
}

static bool has_items(const struct memory *memory, const struct gpmq_id *batch)
{
    struct record *record;
    TAILQ_FOREACH(record, &memory->records, order)
    if (gpmq_id_equal(&record->row.batch, batch))
        return true;
    return false;
}

static bool may_go(const struct memory *memory, const struct op_row *row, int64_t before_unix_ms)
{
    if (!ended_before(row, before_unix_ms))
        return false;
    if (row->is_batch)
        return !has_items(memory, &row->id);
    const struct record *batch = memory_find(memory, &row->batch);
    return !batch || ended_before(&batch->row, before_unix_ms);
}

/* Removes operations, or batches, which go after them. */
static int retain_rows(struct memory *memory, bool batches, int64_t before_unix_ms, uint32_t most,
                       uint32_t *removed, struct gpmq_error *err)
{
    struct record *record = TAILQ_FIRST(&memory->records);
    while (record && *removed < most) {
        struct record *next = TAILQ_NEXT(record, order);
        if (record->row.is_batch == batches && may_go(memory, &record->row, before_unix_ms)) {
            int rc = memory_undo_reserve(memory, err);
            if (rc)
                return rc;
            memory_undo_add(memory, (struct undo){.kind = UNDO_REMOVE, .record = record});
            memory_record_unlink(memory, record);
            ++*removed;
        }
        record = next;
    }
    return 0;
}

int memory_retain(struct store *store, int64_t finished_before_unix_ms, uint32_t most,
                  uint32_t *removed, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    uint32_t count = 0;
    int rc = memory_ready(memory, err);
    if (rc || (rc = retain_rows(memory, false, finished_before_unix_ms, most, &count, err)) ||
        (rc = retain_rows(memory, true, finished_before_unix_ms, most, &count, err)) ||
        (rc = memory_blob_retain(memory, finished_before_unix_ms, err)))
        return rc;
    *removed = count;
    return 0;
}

int memory_stat(struct store *store, struct store_stat *out, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    *out = (struct store_stat){.free_bytes = UINT64_MAX};
    const struct record *record;
    TAILQ_FOREACH(record, &memory->records, order)
    gpmq_state_is_final(record->row.state) ? out->final_count++ : out->open_count++;
    const struct blob *blob;
    LIST_FOREACH(blob, &memory->blobs, link)
    out->blob_bytes += blob->received;
    return 0;
}
