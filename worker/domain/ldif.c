/* ldif.c - records and their values in memory. */
#include "ldif.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

static void free_value(struct ldif_value *value)
{
    free(value->name);
    free(value->bytes);
}

static void free_record(struct ldif_record *record)
{
    free(record->dn);
    for (size_t i = 0; i < record->count; i++)
        free_value(&record->values[i]);
    free(record->values);
}

struct ldif *ldif_new(void)
{
    return calloc(1, sizeof(struct ldif));
}

void ldif_free(struct ldif **ldif_p)
{
    struct ldif *ldif = STEAL(*ldif_p);
    if (!ldif)
        return;
    for (size_t i = 0; i < ldif->count; i++)
        free_record(&ldif->records[i]);
    free(ldif->records);
    free(ldif);
}

/* An array that may hold one more: room is doubled at each power of two. */
static void *one_more(void *array, size_t count, size_t item_size)
{
    if (count & (count - 1))
        return array;
    return reallocarray(array, count ? count * 2 : 1, item_size);
}

int ldif_add(struct ldif *ldif, const char *dn, struct ldif_record **out, struct gpmq_error *err)
{
    if (ldif->count == LDIF_RECORDS_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d LDIF records", LDIF_RECORDS_MAX);
    if (strlen(dn) > LDIF_DN_MAX)
        return fail(err, GPMQ_ETOOBIG, "a DN of more than %d bytes", LDIF_DN_MAX);
    struct ldif_record *records = one_more(ldif->records, ldif->count, sizeof *records);
    if (records)
        ldif->records = records;
    char *copy = records ? strdup(dn) : NULL;
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory for an LDIF record");
    ldif->records[ldif->count] = (struct ldif_record){.dn = copy};
    *out = &ldif->records[ldif->count++];
    return 0;
}

int ldif_add_copy(struct ldif *ldif, const struct ldif_record *record, struct gpmq_error *err)
{
    struct ldif_record *copy;
    int rc = ldif_add(ldif, record->dn, &copy, err);
    for (size_t i = 0; !rc && i < record->count; i++)
        rc = ldif_put(copy, record->values[i].name, record->values[i].bytes, record->values[i].size,
                      err);
    return rc;
}

struct ldif_record *ldif_find(const struct ldif *ldif, const char *dn)
{
    for (size_t i = 0; i < ldif->count; i++)
        if (fold_compare(ldif->records[i].dn, dn) == 0)
            return &ldif->records[i];
    return NULL;
}

void ldif_remove(struct ldif *ldif, bool (*matches)(const struct ldif_record *record, void *arg),
                 void *arg)
{
    size_t kept = 0, count = ldif->count;
    for (size_t i = 0; i < count; i++) {
        if (matches(&ldif->records[i], arg))
            free_record(&ldif->records[i]);
        else
            ldif->records[kept++] = ldif->records[i];
    }
    ldif->count = kept;
}

const struct ldif_value *ldif_get(const struct ldif_record *record, const char *name)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcasecmp(record->values[i].name, name) == 0)
            return &record->values[i];
    return NULL;
}

const char *ldif_text(const struct ldif_record *record, const char *name)
{
    const struct ldif_value *value = ldif_get(record, name);
    if (!value || memchr(value->bytes, 0, value->size))
        return NULL;
    return (const char *)value->bytes;
}

bool ldif_has(const struct ldif_record *record, const char *name, const char *text)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcasecmp(record->values[i].name, name) == 0 &&
            fold_compare((const char *)record->values[i].bytes, text) == 0)
            return true;
    return false;
}

/* ALPHA then letters, digits, '-', and the '.' and ';' of OIDs and options (RFC 4512 2.5). */
static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-.;");
    return length > 0 && !name[length] && length <= LDIF_NAME_MAX && !strchr("-.;", *name);
}

/* A value with copies of both; NULL name: no memory. */
static struct ldif_value make_value(const char *name, const void *bytes, size_t size)
{
    struct ldif_value value = {.name = strdup(name), .bytes = malloc(size + 1), .size = size};
    if (!value.name || !value.bytes) {
        free_value(&value);
        return (struct ldif_value){0};
    }
    if (size)
        memcpy(value.bytes, bytes, size);
    value.bytes[size] = 0;
    return value;
}

static int judge_value(const char *name, size_t size, struct gpmq_error *err)
{
    if (!is_name(name))
        return fail(err, GPMQ_EINVAL, "'%s' is no attribute name", name);
    if (size > LDIF_VALUE_MAX)
        return fail(err, GPMQ_ETOOBIG, "a value of %s has more than %u bytes", name,
                    LDIF_VALUE_MAX);
    return 0;
}

int ldif_put(struct ldif_record *record, const char *name, const void *bytes, size_t size,
             struct gpmq_error *err)
{
    int rc = judge_value(name, size, err);
    if (rc)
        return rc;
    if (record->count == LDIF_VALUES_MAX)
        return fail(err, GPMQ_ETOOBIG, "'%s' has more than %d values", record->dn, LDIF_VALUES_MAX);
    struct ldif_value *values = one_more(record->values, record->count, sizeof *values);
    if (values)
        record->values = values;
    struct ldif_value value = values ? make_value(name, bytes, size) : (struct ldif_value){0};
    if (!value.name)
        return fail(err, GPMQ_ENOMEM, "no memory for a value of %s", name);
    record->values[record->count++] = value;
    return 0;
}

int ldif_put_text(struct ldif_record *record, const char *name, const char *text,
                  struct gpmq_error *err)
{
    return ldif_put(record, name, text, strlen(text), err);
}

/* Drops the values of an attribute from index `from` on. */
static void drop_from(struct ldif_record *record, const char *name, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < record->count; i++) {
        if (strcasecmp(record->values[i].name, name) == 0)
            free_value(&record->values[i]);
        else
            record->values[kept++] = record->values[i];
    }
    if (record->values)
        memset(&record->values[kept], 0, (record->count - kept) * sizeof *record->values);
    record->count = kept;
}

int ldif_set(struct ldif_record *record, const char *name, const void *bytes, size_t size,
             struct gpmq_error *err)
{
    const struct ldif_value *old = ldif_get(record, name);
    if (!old)
        return ldif_put(record, name, bytes, size, err);
    int rc = judge_value(name, size, err);
    if (rc)
        return rc;
    struct ldif_value value = make_value(old->name, bytes, size);
    if (!value.name)
        return fail(err, GPMQ_ENOMEM, "no memory for a value of %s", name);
    size_t index = (size_t)(old - record->values);
    free_value(&record->values[index]);
    record->values[index] = value;
    drop_from(record, name, index + 1);
    return 0;
}

int ldif_set_text(struct ldif_record *record, const char *name, const char *text,
                  struct gpmq_error *err)
{
    return ldif_set(record, name, text, strlen(text), err);
}

void ldif_unset(struct ldif_record *record, const char *name)
{
    drop_from(record, name, 0);
}
