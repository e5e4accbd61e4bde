#include "migration_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

struct migration_table {
    size_t count;
    size_t room;
    struct migration_entry *items;
    size_t *sorted; /* the positions of items by source: sources are looked up for every account */
};

static const char *const type_names[] = {
    [MIGRATION_USER] = "User",
    [MIGRATION_COMPUTER] = "Computer",
    [MIGRATION_LOCAL_GROUP] = "LocalGroup",
    [MIGRATION_GLOBAL_GROUP] = "GlobalGroup",
    [MIGRATION_UNIVERSAL_GROUP] = "UniversalGroup",
    [MIGRATION_UNC_PATH] = "UNCPath",
    [MIGRATION_UNKNOWN] = "Unknown",
};

static const char *const option_elements[] = {
    [MIGRATION_SAME_AS_SOURCE] = "DestinationSameAsSource",
    [MIGRATION_NONE] = "DestinationNone",
    [MIGRATION_BY_RELATIVE_NAME] = "DestinationByRelativeName",
    [MIGRATION_SET] = "Destination",
};

const char *migration_type_name(enum migration_type type)
{
    assert(type >= 0 && type < MIGRATION_TYPE_END);
    return type_names[type];
}

bool migration_type_find(enum migration_type *out, const char *name)
{
    for (int i = 0; i < MIGRATION_TYPE_END; i++)
        if (!strcmp(type_names[i], name)) {
            *out = (enum migration_type)i;
            return true;
        }
    return false;
}

const char *migration_option_element(enum migration_option option)
{
    assert(option >= 0 && option < MIGRATION_OPTION_END);
    return option_elements[option];
}

bool migration_option_find(enum migration_option *out, const char *element)
{
    for (int i = 0; i < MIGRATION_OPTION_END; i++)
        if (!strcmp(option_elements[i], element)) {
            *out = (enum migration_option)i;
            return true;
        }
    return false;
}

struct migration_table *migration_table_new(void)
{
    return calloc(1, sizeof(struct migration_table));
}

static void free_entry(struct migration_entry *entry)
{
    free(entry->source);
    free(entry->destination);
    *entry = (struct migration_entry){0};
}

void migration_table_free(struct migration_table **table_p)
{
    struct migration_table *table = STEAL(*table_p);
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free_entry(&table->items[i]);
    free(table->items);
    free(table->sorted);
    free(table);
}

size_t migration_table_count(const struct migration_table *table)
{
    return table->count;
}

const struct migration_entry *migration_table_at(const struct migration_table *table, size_t index)
{
    assert(index < table->count);
    return &table->items[index];
}

/* ---- judging -------------------------------------------------------------------------------- */

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    return false;
}

static int judge_text(const char *what, const char *text, bool path, struct gpmq_error *err)
{
    if (!text || !*text)
        return fail(err, GPMQ_EINVAL, "an entry without a %s", what);
    if (strlen(text) > MIGRATION_TEXT_MAX)
        return fail(err, GPMQ_ETOOBIG, "a %s of %zu bytes: more than %d", what, strlen(text),
                    MIGRATION_TEXT_MAX);
    if (!fold_is_utf8(text, strlen(text)) || has_control(text))
        return fail(err, GPMQ_EINVAL, "a %s that is no text: '%.64s'", what, text);
    if (path && strncmp(text, "\\\\", 2) != 0)
        return fail(err, GPMQ_EINVAL, "a UNC path begins with two backslashes: '%.256s'", text);
    return 0;
}

static int judge(const struct migration_entry *entry, struct gpmq_error *err)
{
    bool path = entry->type == MIGRATION_UNC_PATH;
    int rc = judge_text("source", entry->source, path, err);
    if (rc)
        return rc;
    if (path && (entry->option == MIGRATION_NONE || entry->option == MIGRATION_BY_RELATIVE_NAME))
        return fail(err, GPMQ_EINVAL, "a UNC path cannot have %s: '%.256s'",
                    migration_option_element(entry->option), entry->source);
    if (entry->option == MIGRATION_SET)
        return judge_text("destination", entry->destination, path, err);
    if (entry->destination)
        return fail(err, GPMQ_EINVAL, "%s has no text: '%.256s'",
                    migration_option_element(entry->option), entry->destination);
    return 0;
}

/* ---- finding -------------------------------------------------------------------------------- */

/* Where a source is, or would have to stand, in table->sorted. */
static size_t place_of(const struct migration_table *table, const char *source, bool *found)
{
    size_t low = 0, high = table->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = fold_compare(table->items[table->sorted[middle]].source, source);
        if (order == 0)
            *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct migration_entry *find(const struct migration_table *table, const char *source)
{
    bool found;
    size_t place = place_of(table, source, &found);
    return found ? &table->items[table->sorted[place]] : NULL;
}

const struct migration_entry *migration_table_get(const struct migration_table *table,
                                                  const char *source)
{
    return find(table, source);
}

/* ---- changing ------------------------------------------------------------------------------- */

static int make_room(struct migration_table *table, struct gpmq_error *err)
{
    if (table->count >= MIGRATION_ENTRIES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a migration table of more than %d entries",
                    MIGRATION_ENTRIES_MAX);
    if (table->count < table->room)
        return 0;
    size_t room = table->room ? 2 * table->room : 16;
    struct migration_entry *items = realloc(table->items, room * sizeof *items);
    if (items)
        table->items = items;
    size_t *sorted = items ? realloc(table->sorted, room * sizeof *sorted) : NULL;
    if (!sorted)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    table->sorted = sorted;
    table->room = room;
    return 0;
}

static int copy_entry(struct migration_entry *out, const struct migration_entry *entry,
                      struct gpmq_error *err)
{
    struct migration_entry copy = {.type = entry->type, .option = entry->option};
    copy.source = strdup(entry->source);
    copy.destination = entry->destination ? strdup(entry->destination) : NULL;
    if (!copy.source || (entry->destination && !copy.destination)) {
        free_entry(&copy);
        return fail(err, GPMQ_ENOMEM, "no memory for an entry of a migration table");
    }
    *out = copy;
    return 0;
}

int migration_table_add(struct migration_table *table, const struct migration_entry *entry,
                        struct gpmq_error *err)
{
    bool found;
    int rc = judge(entry, err);
    if (rc)
        return rc;
    size_t place = place_of(table, entry->source, &found);
    if (found)
        return fail(err, GPMQ_EEXIST, "'%.256s' is in the migration table already", entry->source);
    rc = make_room(table, err);
    if (!rc)
        rc = copy_entry(&table->items[table->count], entry, err);
    if (rc)
        return rc;
    memmove(table->sorted + place + 1, table->sorted + place,
            (table->count - place) * sizeof *table->sorted);
    table->sorted[place] = table->count++;
    return 0;
}

int migration_table_delete(struct migration_table *table, const char *source,
                           struct gpmq_error *err)
{
    bool found;
    size_t place = place_of(table, source, &found);
    if (!found)
        return fail(err, GPMQ_ENOTFOUND, "'%.256s' is not in the migration table", source);
    size_t index = table->sorted[place];
    free_entry(&table->items[index]);
    table->count--;
    memmove(table->items + index, table->items + index + 1,
            (table->count - index) * sizeof *table->items);
    memmove(table->sorted + place, table->sorted + place + 1,
            (table->count - place) * sizeof *table->sorted);
    for (size_t i = 0; i < table->count; i++)
        table->sorted[i] -= table->sorted[i] > index;
    return 0;
}

int migration_table_update(struct migration_table *table, const char *source,
                           enum migration_option option, const char *destination,
                           struct gpmq_error *err)
{
    struct migration_entry *entry = find(table, source);
    if (!entry)
        return fail(err, GPMQ_ENOTFOUND, "'%.256s' is not in the migration table", source);
    struct migration_entry wanted = {.type = entry->type,
                                     .option = option,
                                     .source = entry->source,
                                     .destination = (char *)destination};
    struct migration_entry made;
    int rc = judge(&wanted, err);
    if (!rc)
        rc = copy_entry(&made, &wanted, err);
    if (rc)
        return rc;
    free_entry(entry);
    *entry = made;
    return 0;
}
