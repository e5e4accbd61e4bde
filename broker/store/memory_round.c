/* memory_round.c - the open round: how to be back at the last commit. */
#include "memory_impl.h"

#include "cleanup.h"
#include "fail.h"

enum { UNDO_FIRST = 64 };

int memory_undo_reserve(struct memory *memory, struct gpmq_error *err)
{
    if (memory->undo_count < memory->undo_room)
        return 0;
    size_t room = memory->undo_room ? memory->undo_room * 2 : UNDO_FIRST;
    struct undo *undo = realloc(memory->undo, room * sizeof *undo);
    if (!undo)
        return fail(err, GPMQ_ENOMEM, "no memory for a round of %zu changes", room);
    memory->undo = undo;
    memory->undo_room = room;
    return 0;
}

void memory_undo_add(struct memory *memory, struct undo undo)
{
    memory->undo[memory->undo_count++] = undo;
}

static void undo_one(struct memory *memory, struct undo *undo)
{
    struct record *record = undo->record;
    struct blob *blob = undo->blob;
    struct blob_use *use;
    switch (undo->kind) {
    case UNDO_SUBMIT:
        memory_record_unlink(memory, record);
        memory_record_free(record);
        break;
    case UNDO_CHANGE:
        record->row = undo->row;
        break;
    case UNDO_FRAME:
        memory_drop_bytes(&record->frames[--record->frame_count]);
        break;
    case UNDO_RESULT:
        memory_drop_bytes(&record->result);
        break;
    case UNDO_USE:
        use = SLIST_FIRST(&record->uses);
        SLIST_REMOVE_HEAD(&record->uses, link);
        free(use);
        break;
    case UNDO_REMOVE:
        memory_record_link(memory, record);
        break;
    case UNDO_FENCE:
        memory->fence = undo->number;
        break;
    case UNDO_MARK:
        undo->mark->value = undo->unix_ms;
        break;
    case UNDO_BLOB_NEW:
        LIST_REMOVE(blob, link);
        memory_blob_free(blob);
        break;
    case UNDO_BLOB_WRITE:
        blob->received = undo->number;
        blob->touched_unix_ms = undo->unix_ms;
        blob->complete = undo->complete;
        break;
    case UNDO_BLOB_REMOVE:
        LIST_INSERT_HEAD(&memory->blobs, blob, link);
        break;
    }
}

void memory_round_drop(struct memory *memory)
{
    while (memory->undo_count)
        undo_one(memory, &memory->undo[--memory->undo_count]);
}

void memory_round_keep(struct memory *memory)
{
    for (size_t i = 0; i < memory->undo_count; i++) {
        struct undo *undo = &memory->undo[i];
        if (undo->kind == UNDO_REMOVE)
            memory_record_free(undo->record);
        else if (undo->kind == UNDO_BLOB_REMOVE)
            memory_blob_free(undo->blob);
    }
    memory->undo_count = 0;
}
