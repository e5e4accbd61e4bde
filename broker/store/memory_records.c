/* memory_records.c - records by id and by age, and what they hold. */
#include "memory_impl.h"

#include <string.h>
#include <xxhash.h>

#include "cleanup.h"
#include "fail.h"

enum { BUCKETS_FIRST = 64 };

static struct record **bucket_of(const struct memory *memory, const struct gpmq_id *id)
{
    return &memory->buckets[XXH3_64bits(id, sizeof *id) & (memory->bucket_count - 1)];
}

struct record *memory_find(const struct memory *memory, const struct gpmq_id *id)
{
    struct record *record = *bucket_of(memory, id);
    while (record && !gpmq_id_equal(&record->row.id, id))
        record = record->next_in_bucket;
    return record;
}

static void put_in_bucket(struct memory *memory, struct record *record)
{
    struct record **bucket = bucket_of(memory, &record->row.id);
    record->next_in_bucket = *bucket;
    *bucket = record;
}

void memory_record_link(struct memory *memory, struct record *record)
{
    struct record *before = TAILQ_LAST(&memory->records, record_list);
    while (before && before->number > record->number)
        before = TAILQ_PREV(before, record_list, order);
    if (before)
        TAILQ_INSERT_AFTER(&memory->records, before, record, order);
    else
        TAILQ_INSERT_HEAD(&memory->records, record, order);
    put_in_bucket(memory, record);
    memory->record_count++;
}

void memory_record_unlink(struct memory *memory, struct record *record)
{
    struct record **at = bucket_of(memory, &record->row.id);
    while (*at != record)
        at = &(*at)->next_in_bucket;
    *at = record->next_in_bucket;
    TAILQ_REMOVE(&memory->records, record, order);
    memory->record_count--;
}

int memory_grow_buckets(struct memory *memory, struct gpmq_error *err)
{
    if (memory->record_count < memory->bucket_count)
        return 0;
    size_t count = memory->bucket_count ? memory->bucket_count * 2 : BUCKETS_FIRST;
    struct record **buckets = calloc(count, sizeof(struct record *));
    if (!buckets)
        return fail(err, GPMQ_ENOMEM, "no memory for the %zu records of the store", count);
    free(memory->buckets);
    memory->buckets = buckets;
    memory->bucket_count = count;
    struct record *record;
    TAILQ_FOREACH(record, &memory->records, order)
    put_in_bucket(memory, record);
    return 0;
}

int memory_keep_name(struct memory *memory, const char *text, const char **out,
                     struct gpmq_error *err)
{
    struct name *name = memory->names;
    while (name && text && strcmp(name->text, text) != 0)
        name = name->next;
    if (text && !name) {
        name = malloc(sizeof *name + strlen(text) + 1);
        if (!name)
            return fail(err, GPMQ_ENOMEM, "no memory for a name");
        memcpy(name->text, text, strlen(text) + 1);
        name->next = memory->names;
        memory->names = name;
    }
    *out = text ? name->text : NULL;
    return 0;
}

int memory_keep_row(struct memory *memory, const struct op_row *row, struct op_row *out,
                    struct gpmq_error *err)
{
    struct op_row kept = *row;
    int rc = memory_keep_name(memory, row->client, &kept.client, err);
    if (!rc)
        rc = memory_keep_name(memory, row->worker, &kept.worker, err);
    if (!rc)
        *out = kept;
    return rc;
}

int memory_copy(struct store_bytes *out, struct store_bytes bytes, struct gpmq_error *err)
{
    *out = (struct store_bytes){0};
    if (!bytes.size)
        return 0;
    void *copy = malloc(bytes.size);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu bytes of a record", bytes.size);
    memcpy(copy, bytes.bytes, bytes.size);
    *out = (struct store_bytes){copy, bytes.size};
    return 0;
}

static void free_bytes(struct store_bytes bytes)
{
    free((void *)(uintptr_t)bytes.bytes);
}

void memory_record_free(struct record *record)
{
    free_bytes(record->request);
    free_bytes(record->result);
    for (size_t i = 0; i < record->frame_count; i++)
        free_bytes(record->frames[i]);
    free(record->frames);
    while (!SLIST_EMPTY(&record->uses)) {
        struct blob_use *use = SLIST_FIRST(&record->uses);
        SLIST_REMOVE_HEAD(&record->uses, link);
        free(use);
    }
    free(record);
}

void memory_drop_bytes(struct store_bytes *bytes)
{
    free_bytes(*bytes);
    *bytes = (struct store_bytes){0};
}
