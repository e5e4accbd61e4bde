#include "migration_map.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "sid.h"

struct migration_map {
    struct migration_map_options options;
    size_t problems;
    size_t told_count;
    char *told[MIGRATION_TOLD_MAX]; /* each is told once for a setting */
};

/* What the table says of an account or path. */
struct verdict {
    const struct migration_entry *entry; /* that counts; NULL: none */
    const struct migration_entry *other; /* that would, were its type another; NULL: none */
};

struct migration_map *migration_map_new(const struct migration_map_options *options)
{
    struct migration_map *map = calloc(1, sizeof *map);
    if (map)
        map->options = *options;
    return map;
}

void migration_map_free(struct migration_map **map_p)
{
    struct migration_map *map = STEAL(*map_p);
    if (!map)
        return;
    for (size_t i = 0; i < map->told_count; i++)
        free(map->told[i]);
    free(map);
}

int migration_map_settle(const struct migration_map *map, struct gpmq_error *err)
{
    if (!map->problems)
        return 0;
    return fail(err, GPMQ_ENOTFOUND,
                "%zu accounts or paths cannot be mapped by the migration table: the messages name "
                "them",
                map->problems);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* Whether this was told of this setting before; remembers it. No memory: it was not. */
static bool was_told(struct migration_map *map, const struct migration_name *name)
{
    CLEANUP(free_pointer) char *key = NULL;
    if (asprintf(&key, "%s\n%s\n%s", name->object_path ? name->object_path : "",
                 name->settings_name ? name->settings_name : "", name->text) < 0)
        return key = NULL, false;
    for (size_t i = 0; i < map->told_count; i++)
        if (!strcmp(map->told[i], key))
            return true;
    if (map->told_count < MIGRATION_TOLD_MAX)
        map->told[map->told_count++] = STEAL(key);
    return false;
}

/* code 0: a warning. */
__attribute__((format(printf, 4, 5))) static void tell(struct migration_map *map,
                                                       const struct migration_name *name, int code,
                                                       const char *format, ...)
{
    CLEANUP(free_pointer) char *text = NULL;
    va_list arguments;
    if (was_told(map, name))
        return;
    map->problems += code != 0;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (map->options.tell)
        map->options.tell(map->options.tell_arg, name, code, text ? text : "");
}

/* No entry counts for it. */
static void tell_missing(struct migration_map *map, const struct migration_name *name,
                         const struct verdict *verdict, enum migration_type type, const char *shown,
                         bool needed)
{
    int code = needed ? GPMQ_ENOTFOUND : 0;
    if (verdict->other)
        tell(map, name, code,
             "the migration table has '%s' as %s, but it is %s: the entry does not count", shown,
             migration_type_name(verdict->other->type), migration_type_name(type));
    else if (needed)
        tell(map, name, code, "the migration table has no entry for '%s' (%s)", shown,
             migration_type_name(type));
}

/* ---- accounts ------------------------------------------------------------------------------- */

static bool counts(const struct migration_entry *entry, const struct migration_principal *principal,
                   size_t form)
{
    if (entry->type == principal->type)
        return true;
    return entry->type == MIGRATION_UNKNOWN && principal->known_by_sid && form == 0;
}

static struct verdict judge_account(const struct migration_map *map,
                                    const struct migration_principal *principal)
{
    struct verdict verdict = {0};
    for (size_t i = 0; i < principal->form_count && !verdict.entry; i++) {
        const struct migration_entry *entry =
            migration_table_get(map->options.table, principal->forms[i]);
        if (entry && counts(entry, principal, i))
            verdict.entry = entry;
        else if (entry)
            verdict.other = entry;
    }
    return verdict;
}

/* "DOMAIN\name" and "name@domain" without the domain; free() it. */
static char *relative_name(const char *text)
{
    const char *slash = strrchr(text, '\\');
    const char *from = slash ? slash + 1 : text;
    return strndup(from, slash ? strlen(from) : strcspn(from, "@"));
}

/* The SID of the account that an entry leads to, in *out; name: of the source, NULL: not known. */
static int resolve(const struct migration_entry *entry, const char *name, struct domain *target,
                   char **out, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal found = {0};
    CLEANUP(free_pointer) char *wanted = NULL;
    if (entry->option == MIGRATION_BY_RELATIVE_NAME && !name)
        return fail(err, GPMQ_ENOTFOUND, "nobody knows the name of '%s'", entry->source);
    wanted = entry->option == MIGRATION_SET ? strdup(entry->destination) : relative_name(name);
    if (!wanted)
        return fail(err, GPMQ_ENOMEM, "no memory for a name");
    int rc = target->ops->find_principal(target, wanted, &found, err);
    if (!rc)
        *out = STEAL(found.sid);
    return rc;
}

static int map_account(struct migration_map *map, const struct migration_name *name,
                       const struct migration_principal *principal,
                       const struct migration_entry *entry, struct migration_answer *answer,
                       struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *sid = NULL;
    struct gpmq_error why = {0};
    if (entry->option == MIGRATION_NONE)
        answer->fate = MIGRATION_DROP;
    if (entry->option == MIGRATION_NONE || entry->option == MIGRATION_SAME_AS_SOURCE)
        return 0;
    int rc = resolve(entry, principal->name, map->options.target, &sid, &why);
    if (rc == GPMQ_ENOTFOUND || rc == GPMQ_EAMBIGUOUS) {
        tell(map, name, rc, "the migration table maps '%s', but %s", entry->source, why.text);
        return 0;
    }
    if (rc)
        return fail(err, rc, "%s", why.text);
    if (strcmp(sid, name->text) != 0) {
        answer->fate = MIGRATION_REPLACE;
        answer->text = STEAL(sid);
    }
    return 0;
}

/* As people read it: DOMAIN\name where there is one. */
static const char *shown(const struct migration_principal *principal)
{
    return principal->known_by_sid && principal->form_count > 1 ? principal->forms[1]
                                                                : principal->forms[0];
}

static int visit_account(struct migration_map *map, const struct migration_name *name,
                         struct migration_answer *answer, struct gpmq_error *err)
{
    CLEANUP(migration_principal_free) struct migration_principal principal = {0};
    int rc = migration_principal_find(&principal, name->text, map->options.lookup,
                                      map->options.lookup_arg, err);
    if (rc)
        return rc;
    struct verdict verdict = judge_account(map, &principal);
    if (verdict.entry)
        return map_account(map, name, &principal, verdict.entry, answer, err);
    bool needed =
        map->options.table_only && principal.listed && (!name->acl || map->options.with_acl);
    tell_missing(map, name, &verdict, principal.type, shown(&principal), needed);
    return 0;
}

/* ---- paths ---------------------------------------------------------------------------------- */

static int visit_path(struct migration_map *map, const struct migration_name *name,
                      struct migration_answer *answer, struct gpmq_error *err)
{
    const struct migration_entry *entry = migration_table_get(map->options.table, name->text);
    struct verdict verdict = {0};
    if (entry && entry->type == MIGRATION_UNC_PATH)
        verdict.entry = entry;
    else
        verdict.other = entry;
    if (!verdict.entry) {
        tell_missing(map, name, &verdict, MIGRATION_UNC_PATH, name->text, map->options.table_only);
        return 0;
    }
    if (entry->option != MIGRATION_SET || !strcmp(entry->destination, name->text))
        return 0;
    answer->text = strdup(entry->destination);
    if (!answer->text)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    answer->fate = MIGRATION_REPLACE;
    return 0;
}

int migration_map_visit(void *visit_arg, const struct migration_name *name,
                        struct migration_answer *answer, struct gpmq_error *err)
{
    struct migration_map *map = visit_arg;
    return name->what == MIGRATION_PATH ? visit_path(map, name, answer, err)
                                        : visit_account(map, name, answer, err);
}

/* ---- an entry alone ------------------------------------------------------------------------- */

int migration_map_entry(const struct migration_entry *entry, struct domain *target, char **out,
                        struct gpmq_error *err)
{
    struct sid sid;
    bool finds = entry->option == MIGRATION_SET || entry->option == MIGRATION_BY_RELATIVE_NAME;
    *out = NULL;
    if (!finds)
        return 0;
    if (entry->type == MIGRATION_UNC_PATH) {
        *out = strdup(entry->destination);
        return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a path");
    }
    if (entry->option == MIGRATION_BY_RELATIVE_NAME && sid_parse(&sid, entry->source, NULL) == 0)
        return fail(err, GPMQ_EUNSUPPORTED, "only its own domain knows the name of '%s'",
                    entry->source);
    return resolve(entry, entry->source, target, out, err);
}
