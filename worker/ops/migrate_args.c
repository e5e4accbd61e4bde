/* migrate_args.c - the table that a request brings with it. */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "migrate.h"
#include "migration_table_file.h"

#define TABLE_NAME "the migration table"

static void let_go(json_t **json_p)
{
    json_decref(*json_p);
    *json_p = NULL;
}

void migrate_args_free(struct migrate_args *args)
{
    migration_table_free(&args->table);
    *args = (struct migrate_args){0};
}

static int unpack(json_t *json, enum migrate_kind kind, const char **text, struct migrate_args *out,
                  struct gpmq_error *err)
{
    json_error_t why;
    static const char *const formats[] = {
        [MIGRATE_IMPORT] = "{s?s, s?b}",
        [MIGRATE_COPY] = "{s?s, s?b, s?b}",
        [MIGRATE_VALIDATE] = "{s?s}",
    };
    int rc = json_unpack_ex(json, &why, JSON_STRICT, formats[kind], "migration_table", text,
                            "migration_table_only", &out->table_only, "copy_acl", &out->copy_acl);
    return rc ? fail(err, GPMQ_EINVAL, "args: %s", why.text) : 0;
}

static int read_table(struct migrate_args *out, const char *text, struct gpmq_error *err)
{
    size_t room = strlen(text), size = 0;
    const char *end = text;
    CLEANUP(free_pointer) uint8_t *bytes = malloc(room + 1);
    if (!bytes)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", TABLE_NAME);
    if (sodium_base642bin(bytes, room, text, room, NULL, &size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *end)
        return fail(err, GPMQ_EINVAL, "args: migration_table is not in base64");
    return migration_table_read(&out->table, bytes, size, TABLE_NAME, err);
}

int migrate_args_read(struct migrate_args *out, const struct gpmq_request *request,
                      enum migrate_kind kind, struct gpmq_error *err)
{
    json_error_t why;
    const char *args = request->args && *request->args ? request->args : "{}";
    CLEANUP(let_go) json_t *json = json_loads(args, JSON_REJECT_DUPLICATES, &why);
    CLEANUP(migrate_args_free) struct migrate_args found = {0};
    const char *text = NULL;
    if (!json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    int rc = unpack(json, kind, &text, &found, err);
    if (!rc && text)
        rc = read_table(&found, text, err);
    if (rc)
        return rc;
    if (text && request->input_size)
        return fail(err, GPMQ_EINVAL, "a migration table in args and one in the input: not both");
    found.given = text || request->input_size;
    if (!found.given && (found.table_only || kind == MIGRATE_VALIDATE))
        return fail(err, GPMQ_EINVAL, "args: there is no migration_table");
    *out = found;
    found = (struct migrate_args){0};
    return 0;
}

int migrate_args_load(struct migrate_args *args, struct run *run, struct gpmq_error *err)
{
    CLEANUP(free_pointer) void *bytes = NULL;
    size_t size;
    if (!args->given || args->table)
        return 0;
    int rc = run_input(run, &bytes, &size, err);
    return rc ? rc : migration_table_read(&args->table, bytes, size, TABLE_NAME, err);
}
