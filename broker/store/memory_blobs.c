/* memory_blobs.c - blobs of the memory store. */
#include "memory_impl.h"

#include <sodium.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

void memory_blob_free(struct blob *blob)
{
    free(blob->bytes);
    free(blob);
}

static struct blob *find_blob(const struct memory *memory, const uint8_t digest[32])
{
    struct blob *blob;
    LIST_FOREACH(blob, &memory->blobs, link)
    if (memcmp(blob->digest, digest, sizeof blob->digest) == 0)
        return blob;
    return NULL;
}

uint64_t memory_blob_kept(const struct store *store, const char *client)
{
    const struct memory *memory = (const struct memory *)store;
    const struct blob *blob;
    uint64_t kept = 0;
    LIST_FOREACH(blob, &memory->blobs, link)
    if (!client || (blob->client && strcmp(blob->client, client) == 0))
        kept += blob->size;
    return kept;
}

static int new_blob(struct memory *memory, const uint8_t digest[32], uint64_t size,
                    const struct store_quota *quota, struct blob **out, struct gpmq_error *err)
{
    const struct store *store = &memory->store;
    const char *client = quota ? quota->client : NULL;
    int rc = store_judge_quota(quota, size, client ? memory_blob_kept(store, client) : 0,
                               memory_blob_kept(store, NULL), err);
    if (rc || (client && (rc = memory_keep_name(memory, client, &client, err))) ||
        (rc = memory_undo_reserve(memory, err)))
        return rc;
    struct blob *blob = calloc(1, sizeof *blob);
    if (!blob)
        return fail(err, GPMQ_ENOMEM, "no memory for a blob");
    memcpy(blob->digest, digest, sizeof blob->digest);
    blob->size = size;
    blob->client = client;
    LIST_INSERT_HEAD(&memory->blobs, blob, link);
    memory_undo_add(memory, (struct undo){.kind = UNDO_BLOB_NEW, .blob = blob});
    *out = blob;
    return 0;
}

static int append(struct blob *blob, struct store_bytes piece, struct gpmq_error *err)
{
    size_t need = (size_t)blob->received + piece.size;
    if (need > blob->room) {
        uint8_t *bytes = realloc(blob->bytes, need * 2);
        if (!bytes)
            return fail(err, GPMQ_ENOMEM, "no memory for %zu bytes of a blob", need);
        blob->bytes = bytes;
        blob->room = need * 2;
    }
    if (piece.size)
        memcpy(blob->bytes + blob->received, piece.bytes, piece.size);
    blob->received = need;
    return 0;
}

static bool digest_is_right(const struct blob *blob)
{
    uint8_t digest[32];
    crypto_generichash(digest, sizeof digest, blob->bytes, blob->received, NULL, 0);
    return memcmp(digest, blob->digest, sizeof digest) == 0;
}

static int remove_blob(struct memory *memory, struct blob *blob, struct gpmq_error *err)
{
    int rc = memory_undo_reserve(memory, err);
    if (rc)
        return rc;
    LIST_REMOVE(blob, link);
    memory_undo_add(memory, (struct undo){.kind = UNDO_BLOB_REMOVE, .blob = blob});
    return 0;
}

int memory_blob_write(struct store *store, const uint8_t digest[32], uint64_t size, uint64_t offset,
                      struct store_bytes piece, const struct store_quota *quota,
                      int64_t now_unix_ms, uint64_t *next, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    struct blob *blob = find_blob(memory, digest);
    int rc = memory_ready(memory, err);
    if (rc || (rc = store_judge_piece(blob ? blob->size : size, size, offset, piece.size, err)) ||
        (!blob && (rc = new_blob(memory, digest, size, quota, &blob, err))) ||
        (rc = memory_undo_reserve(memory, err)))
        return rc;
    struct undo undo = {.kind = UNDO_BLOB_WRITE,
                        .blob = blob,
                        .number = blob->received,
                        .unix_ms = blob->touched_unix_ms,
                        .complete = blob->complete};
    if (offset == blob->received && (rc = append(blob, piece, err)))
        return rc;
    memory_undo_add(memory, undo);
    if (now_unix_ms > blob->touched_unix_ms)
        blob->touched_unix_ms = now_unix_ms;
    if (!blob->complete && blob->received == size) {
        blob->complete = digest_is_right(blob);
        if (!blob->complete)
            return (rc = remove_blob(memory, blob, err)) ? rc : store_fail_digest(digest, err);
    }
    *next = blob->received;
    return 0;
}

int memory_blob_read(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                     size_t *size, uint64_t *total, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (rc)
        return rc;
    const struct blob *blob = find_blob(memory, digest);
    if (!blob || !blob->complete)
        return store_fail_blob(digest, err);
    uint64_t left = offset < blob->size ? blob->size - offset : 0;
    if (left < *size)
        *size = (size_t)left;
    if (*size)
        memcpy(buffer, blob->bytes + offset, *size);
    *total = blob->size;
    return 0;
}

static bool uses(const struct record *record, const uint8_t digest[32])
{
    const struct blob_use *use;
    SLIST_FOREACH(use, &record->uses, link)
    if (memcmp(use->digest, digest, sizeof use->digest) == 0)
        return true;
    return false;
}

int memory_blob_link(struct store *store, const struct gpmq_id *id, const uint8_t digest[32],
                     struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    struct record *record = memory_find(memory, id);
    if (rc)
        return rc;
    if (!record)
        return store_fail_unknown(id, err);
    if (uses(record, digest))
        return 0;
    if ((rc = memory_undo_reserve(memory, err)))
        return rc;
    struct blob_use *use = calloc(1, sizeof *use);
    if (!use)
        return fail(err, GPMQ_ENOMEM, "no memory for the use of a blob");
    memcpy(use->digest, digest, sizeof use->digest);
    SLIST_INSERT_HEAD(&record->uses, use, link);
    memory_undo_add(memory, (struct undo){.kind = UNDO_USE, .record = record});
    return 0;
}

static bool is_used(const struct memory *memory, const uint8_t digest[32])
{
    const struct record *record;
    TAILQ_FOREACH(record, &memory->records, order)
    if (uses(record, digest))
        return true;
    return false;
}

int memory_blob_retain(struct memory *memory, int64_t before_unix_ms, struct gpmq_error *err)
{
    struct blob *blob = LIST_FIRST(&memory->blobs);
    while (blob) {
        struct blob *next = LIST_NEXT(blob, link);
        bool goes = blob->touched_unix_ms < before_unix_ms && !is_used(memory, blob->digest);
        int rc = goes ? remove_blob(memory, blob, err) : 0;
        if (rc)
            return rc;
        blob = next;
    }
    return 0;
}
