/* cli_migration.c - migration tables: made by a worker and written here, sent to be looked at, sent
 * with an import or a copy. */
#include "cli_migration.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_list.h"
#include "cli_output.h"
#include "cli_submission.h"
#include "cli_table_file.h"
#include "fail.h"

#define ITEMS_MAX         1000  /* that one table is made of by name */
#define TABLE_IN_ARGS_MAX 48000 /* bytes of one that args hold in base64 */

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
    *json_p = NULL;
}

/* ---- args ---------------------------------------------------------------------------------- */

static int dump(char **out, const json_t *args, struct gpmq_error *err)
{
    *out = json_dumps(args, JSON_COMPACT);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for the arguments of an operation");
}

/* Puts a table into args, in base64. */
static int put_into_args(json_t *args, const unsigned char *bytes, size_t size,
                         struct gpmq_error *err)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    CLEANUP(free_pointer) char *text = malloc(room);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    if (json_object_set_new(args, "migration_table", json_string(text)) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    return 0;
}

/* Reads a file and gives it to the request: in its args, or what is larger as its input. */
static int put_table(struct submission *submission, json_t *args, struct gpmq_error *err)
{
    struct gpmq_request *request = &submission->work.request;
    CLEANUP(free_pointer) unsigned char *bytes = NULL;
    size_t size = 0;
    int rc = cli_table_read(&bytes, &size, submission->options.migration_table, err);
    if (rc || size <= TABLE_IN_ARGS_MAX)
        return rc ? rc : put_into_args(args, bytes, size, err);
    rc = gpmq_put(submission->client, bytes, size, request->input_digest, err);
    if (!rc)
        request->input_size = size;
    return rc;
}

int cli_migration_take(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    CLEANUP(drop_json) json_t *args = json_object();
    int rc = 0;
    if (options->migration_table_only && !options->migration_table)
        return fail(err, GPMQ_EINVAL, "--migration-table-only goes with --migration-table FILE");
    if (options->migration_table)
        rc = put_table(submission, args, err);
    if (options->migration_table_only)
        json_object_set_new(args, "migration_table_only", json_true());
    if (options->copy_acl)
        json_object_set_new(args, "copy_acl", json_true());
    if (!rc && json_object_size(args))
        rc = dump(&submission->args, args, err);
    submission->work.request.args = submission->args;
    return rc;
}

/* ---- create -------------------------------------------------------------------------------- */

static int check_create(const struct cli_options *options, struct gpmq_error *err)
{
    if (!options->output)
        return fail(err, GPMQ_EINVAL, "into which file? --output FILE");
    if (options->from && options->domain)
        return fail(err, GPMQ_EINVAL,
                    "--from and --domain together: a table is made of backups or of GPOs");
    if (options->word_count > ITEMS_MAX)
        return fail(err, GPMQ_ETOOBIG, "%d names; at most %d, or none for all there are",
                    options->word_count, ITEMS_MAX);
    return 0;
}

/* A name that means nothing fails the whole: a table is complete or absent. */
static int add_item(const struct submission *submission, json_t *items, const char *word,
                    const char *where, struct gpmq_error *err)
{
    const struct cli_entry *entry = NULL;
    char guid[GPMQ_GUID_TEXT_SIZE];
    if (!cli_is_guid(word, guid)) {
        submission_find *find = submission->options.from ? cli_find_backup : cli_find_gpo;
        int rc = find(&entry, submission->entries, word, where, err);
        if (rc)
            return rc;
    }
    json_array_append_new(items, json_string(entry ? entry->id : guid));
    return 0;
}

/* Lists what names are looked for in, and the domain when none is named. */
static int list_names(struct submission *submission, const char *repository, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    bool guids = submission_all_guids(options);
    if (repository)
        return guids ? 0
                     : cli_list_backups(&submission->entries, submission->client, options,
                                        repository, err);
    return guids && options->domain ? 0 : submission_domain(submission, &submission->entries, err);
}

static int write_create_args(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    const char *where = options->from ? options->from : options->domain;
    CLEANUP(drop_json) json_t *items = json_array();
    int rc = 0;
    for (int i = 0; !rc && i < options->word_count; i++)
        rc = add_item(submission, items, options->words[i], where, err);
    CLEANUP(drop_json)
    json_t *args = json_pack("{s:O, s:b}", "items", items, "with_acl", options->with_acl);
    return rc ? rc : dump(&submission->args, args, err);
}

static int prepare_create(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    int rc = list_names(submission, options->from, err);
    if (!rc)
        rc = write_create_args(submission, err);
    submission->work.single = true;
    submission->work.request = (struct gpmq_request){.kind = "migration_table.create",
                                                     .repository = options->from,
                                                     .domain = options->domain,
                                                     .args = submission->args,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    const struct gpmq_batch_item item = {.key = "table", .label = options->output};
    return rc ? rc : work_add(&submission->work, &item, err);
}

static int64_t number(const struct cli_work *work, const char *name)
{
    const struct gpmq_status *status = gpmq_outcome(work->client, &work->op);
    const char *text = gpmq_result_property(status ? status->result : NULL, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

static int keep_table(struct submission *submission, struct gpmq_error *err)
{
    struct cli_work *work = &submission->work;
    const struct cli_options *options = &submission->options;
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    int rc = work_content(work, &content, err);
    if (!rc)
        rc = cli_table_write(options->output, content->bytes, content->size, err);
    if (rc)
        return rc;
    if (options->json)
        out_json("migration_table", json_pack("{s:s, s:I, s:I}", "file", options->output, "entries",
                                              (json_int_t)number(work, "entries"), "sources",
                                              (json_int_t)number(work, "sources")));
    else
        out_text(options, "%s: %" PRId64 " entries from %" PRId64 " %s", options->output,
                 number(work, "entries"), number(work, "sources"),
                 options->from ? "backups" : "GPOs");
    return 0;
}

int cli_command_migration_create(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = check_create(options, &err);
    if (!rc)
        rc = submission_open(&submission, "migration-table create", &err);
    if (!rc)
        rc = prepare_create(&submission, &err);
    if (rc)
        return out_error(options, &err);
    view_leave_good_ends(submission.work.view);
    int code = work_run(&submission.work);
    if (code)
        return code;
    rc = keep_table(&submission, &err);
    return rc ? out_error(options, &err) : 0;
}

/* ---- validate ------------------------------------------------------------------------------ */

static int prepare_validate(struct submission *submission, struct gpmq_error *err)
{
    struct cli_options *options = &submission->options;
    int rc = 0;
    options->migration_table = options->words[0];
    if (!options->domain)
        rc = submission_domain(submission, &submission->targets, err);
    submission->work.single = true;
    submission->work.request = (struct gpmq_request){.kind = "migration_table.validate",
                                                     .domain = options->domain,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    if (!rc)
        rc = cli_migration_take(submission, err);
    const struct gpmq_batch_item item = {.key = "table", .label = options->words[0]};
    return rc ? rc : work_add(&submission->work, &item, err);
}

static const char *text_of(const json_t *entry, const char *name)
{
    const char *text = json_string_value(json_object_get(entry, name));
    return text ? text : "";
}

static void show_entry(const struct cli_options *options, const json_t *entry)
{
    char source[OUT_LINE_SIZE], to[OUT_LINE_SIZE], found[OUT_LINE_SIZE], why[OUT_LINE_SIZE];
    bool valid = json_is_true(json_object_get(entry, "valid"));
    const char *destination = text_of(entry, "destination");
    if (options->json) {
        out_json("migration_entry", json_copy((json_t *)(uintptr_t)entry));
        return;
    }
    out_text(options, "%s%-3s%s %-14s %s -> %s  %s%s%s", out_colour(valid ? OUT_GREEN : OUT_RED),
             valid ? "ok" : "no", out_colour(OUT_PLAIN), text_of(entry, "type"),
             out_line(text_of(entry, "source"), source),
             out_line(*destination ? destination : text_of(entry, "option"), to),
             out_line(text_of(entry, "found"), found), *text_of(entry, "message") ? " # " : "",
             out_line(text_of(entry, "message"), why));
}

static int show_entries(struct submission *submission, struct gpmq_error *err)
{
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    CLEANUP(drop_json) json_t *list = NULL;
    size_t index;
    const json_t *entry;
    int rc = work_content(&submission->work, &content, err);
    if (rc)
        return rc;
    list = json_loadb(content->bytes, content->size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_array(list))
        return fail(err, GPMQ_EMALFORMED, "the worker's answer is no JSON array");
    json_array_foreach(list, index, entry) show_entry(&submission->options, entry);
    return 0;
}

/* Whether it ended with an answer, that all is well or not. */
static bool has_answer(const struct submission *submission)
{
    const struct cli_work *work = &submission->work;
    const struct gpmq_status *status = gpmq_outcome(work->client, &work->op);
    return status && status->state == GPMQ_SUCCEEDED && status->result;
}

int cli_command_migration_validate(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = submission_open(&submission, "migration-table validate", &err);
    if (!rc)
        rc = prepare_validate(&submission, &err);
    if (rc)
        return out_error(options, &err);
    view_leave_good_ends(submission.work.view);
    int code = work_run(&submission.work);
    if (!has_answer(&submission))
        return code;
    rc = show_entries(&submission, &err);
    return rc ? out_error(options, &err) : code;
}
