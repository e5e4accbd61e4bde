/* cli_names.c - which GPO or backup a person means. */
#include "cli_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "cli_suggest.h"
#include "fail.h"

/* ---- the list ------------------------------------------------------------------------------ */

void cli_entries_free(struct cli_entries **entries_p)
{
    struct cli_entries *entries = STEAL(*entries_p);
    if (!entries)
        return;
    free(entries->items);
    free(entries->domain);
    free(entries->dns_name);
    json_decref(entries->json);
    free(entries);
}

/* The array itself, or the one array that an object holds. */
static json_t *array_of(json_t *json)
{
    const char *key;
    json_t *value;
    if (json_is_array(json))
        return json;
    json_object_foreach(json, key, value) if (json_is_array(value)) return value;
    return NULL;
}

static const char *text_of(json_t *object, const char *key, const char *other)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text && other)
        text = json_string_value(json_object_get(object, other));
    return text ? text : "";
}

static bool read_entry(struct cli_entry *out, json_t *object)
{
    *out = (struct cli_entry){
        .name = text_of(object, "display_name", "gpo_display_name"),
        .time = text_of(object, "timestamp", "modification_time"),
        .comment = text_of(object, "comment", NULL),
        .domain = text_of(object, "gpo_domain", NULL),
    };
    const char *gpo_id = text_of(object, "gpo_id", NULL);
    if (*gpo_id && !cli_is_guid(gpo_id, out->gpo_id))
        return false;
    return cli_is_guid(text_of(object, "id", NULL), out->id);
}

static int read_entries(struct cli_entries *entries, struct gpmq_error *err)
{
    json_t *array = array_of(entries->json), *object;
    size_t index;
    if (!array)
        return fail(err, GPMQ_EMALFORMED, "the worker's list holds no array");
    entries->items = calloc(json_array_size(array) + 1, sizeof *entries->items);
    if (!entries->items)
        return fail(err, GPMQ_ENOMEM, "cannot keep a list");
    json_array_foreach(array, index, object)
    {
        if (!read_entry(&entries->items[index], object))
            return fail(err, GPMQ_EMALFORMED, "entry %zu of the worker's list has no GUID as id",
                        index + 1);
        entries->count++;
    }
    return 0;
}

int cli_entries_read(struct cli_entries **out, const char *text, size_t size,
                     struct gpmq_error *err)
{
    CLEANUP(cli_entries_free) struct cli_entries *entries = calloc(1, sizeof *entries);
    json_error_t where;
    if (!entries)
        return fail(err, GPMQ_ENOMEM, "cannot keep a list");
    entries->json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (!entries->json)
        return fail(err, GPMQ_EMALFORMED, "the worker's list is no JSON: %s", where.text);
    int rc = read_entries(entries, err);
    if (!rc)
        *out = STEAL(entries);
    return rc;
}

/* ---- finding ------------------------------------------------------------------------------- */

bool cli_is_guid(const char *word, char out[GPMQ_GUID_TEXT_SIZE])
{
    struct gpmq_guid guid;
    if (gpmq_guid_parse(&guid, word) != 0)
        return false;
    gpmq_guid_text(&guid, out);
    return true;
}

static int not_found(const struct cli_entries *entries, const char *what, const char *word,
                     const char *where, struct gpmq_error *err)
{
    const char *close = NULL;
    for (size_t i = 0; i < entries->count && !close; i++)
        close = cli_suggest(word, &entries->items[i].name, 1);
    if (close)
        return fail(err, GPMQ_ENOTFOUND, "there is no %s '%s' in %s; did you mean '%s'?", what,
                    word, where, close);
    return fail(err, GPMQ_ENOTFOUND, "there is no %s '%s' in %s; see: gpmq list %ss", what, word,
                where, what[0] == 'G' ? "gpo" : "backup");
}

/* "{...}, {...}": as many candidates as one line holds. */
static void list_ids(const struct cli_entries *entries, const char *name, bool of_gpo, char *out,
                     size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct cli_entry *entry = &entries->items[i];
        const char *id = of_gpo ? entry->gpo_id : entry->id;
        if (strcasecmp(entry->name, name) != 0 || strstr(out, id) ||
            used + GPMQ_GUID_TEXT_SIZE + 8 >= size)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", id);
    }
}

int cli_find_gpo(const struct cli_entry **out, const struct cli_entries *entries, const char *word,
                 const char *where, struct gpmq_error *err)
{
    char guid[GPMQ_GUID_TEXT_SIZE], candidates[256];
    const struct cli_entry *found = NULL;
    size_t matches = 0;
    bool is_guid = cli_is_guid(word, guid);
    for (size_t i = 0; i < entries->count; i++) {
        const struct cli_entry *entry = &entries->items[i];
        if (is_guid ? strcmp(entry->id, guid) != 0 : strcasecmp(entry->name, word) != 0)
            continue;
        found = entry;
        matches++;
    }
    if (matches == 0)
        return not_found(entries, "GPO", word, where, err);
    list_ids(entries, word, false, candidates, sizeof candidates);
    if (matches > 1)
        return fail(err, GPMQ_EAMBIGUOUS,
                    "%zu GPOs in %s are named '%s': give the GUID of the one you mean: %s", matches,
                    where, word, candidates);
    *out = found;
    return 0;
}

int cli_find_backup(const struct cli_entry **out, const struct cli_entries *entries,
                    const char *word, const char *where, struct gpmq_error *err)
{
    char guid[GPMQ_GUID_TEXT_SIZE], candidates[256];
    const struct cli_entry *newest = NULL;
    bool is_guid = cli_is_guid(word, guid), several = false;
    for (size_t i = 0; i < entries->count; i++) {
        const struct cli_entry *entry = &entries->items[i];
        bool elsewhere = entries->dns_name && strcasecmp(entry->domain, entries->dns_name) != 0;
        if (is_guid ? strcmp(entry->id, guid) != 0
                    : elsewhere || strcasecmp(entry->name, word) != 0)
            continue;
        several = several || (newest && strcmp(newest->gpo_id, entry->gpo_id) != 0);
        if (!newest || strcmp(newest->time, entry->time) <= 0)
            newest = entry;
    }
    if (!newest)
        return not_found(entries, "backup", word, where, err);
    list_ids(entries, word, false, candidates, sizeof candidates);
    if (several)
        return fail(err, GPMQ_EAMBIGUOUS,
                    "'%s' in %s names backups of several GPOs: give the id of the one you mean: %s",
                    word, where, candidates);
    *out = newest;
    return 0;
}

/* Of backups of one second the later one in the list counts, as for a name. */
bool cli_is_newest(const struct cli_entries *entries, const struct cli_entry *entry)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct cli_entry *other = &entries->items[i];
        if (strcmp(other->gpo_id, entry->gpo_id) != 0 ||
            strcasecmp(other->domain, entry->domain) != 0)
            continue;
        int order = strcmp(other->time, entry->time);
        if (order > 0 || (order == 0 && other > entry))
            return false;
    }
    return true;
}
