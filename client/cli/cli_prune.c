/* cli_prune.c - gpmq prune: the rules go to the worker, what became of each backup comes back. */
#include "cli_prune.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "cli_batch.h"
#include "cli_config.h"
#include "cli_list.h"
#include "cli_output.h"
#include "fail.h"

struct prune {
    struct cli_options options;
    struct cli_config *config;
    struct gpmq_client *client;
    struct cli_entries *entries; /* where --gpo was looked for */
    struct cli_work work;
    char args[256];
};

static void prune_close(struct prune *prune)
{
    work_close(&prune->work);
    cli_entries_free(&prune->entries);
    gpmq_client_close(&prune->client);
    cli_config_free(&prune->config);
}

/* ---- the request ---------------------------------------------------------------------------- */

/* The rules that were given, as the operation takes them. */
static int write_args(struct prune *prune, struct gpmq_error *err)
{
    const struct cli_options *options = &prune->options;
    const struct {
        const char *name;
        int64_t keep;
    } rules[] = {
        {"keep_last", options->keep_last},
        {"keep_daily", options->keep_daily},
        {"keep_weekly", options->keep_weekly},
        {"keep_monthly", options->keep_monthly},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].keep > 0)
            used += (size_t)snprintf(prune->args + used, sizeof prune->args - used,
                                     "%s\"%s\": %" PRId64, used ? ", " : "{", rules[i].name,
                                     rules[i].keep);
    if (!used)
        return fail(err, GPMQ_EINVAL,
                    "keep what? for example: gpmq prune REPO --keep-daily 14 --keep-monthly 12");
    snprintf(prune->args + used, sizeof prune->args - used, "}");
    return 0;
}

/* A display name is that of a backup in the repository: the GPO may be gone from its domain. */
static int find_gpo(struct prune *prune, char guid[GPMQ_GUID_TEXT_SIZE], struct gpmq_error *err)
{
    const struct cli_options *options = &prune->options;
    const struct cli_entry *entry = NULL;
    if (!options->gpo || cli_is_guid(options->gpo, guid))
        return 0;
    int rc = cli_list_backups(&prune->entries, prune->client, options, options->from, err);
    if (!rc)
        rc = cli_find_backup(&entry, prune->entries, options->gpo, options->from, err);
    if (!rc)
        memcpy(guid, entry->gpo_id, GPMQ_GUID_TEXT_SIZE);
    return rc;
}

static int prepare(struct prune *prune, char guid[GPMQ_GUID_TEXT_SIZE], struct gpmq_error *err)
{
    struct cli_options *options = &prune->options;
    int rc = cli_config_load(&prune->config, options->config, err);
    if (!rc)
        rc = cli_connect(&prune->client, options, prune->config, err);
    prune->work.client = prune->client;
    prune->work.options = options;
    prune->work.single = true;
    if (!rc)
        rc = work_open(&prune->work, "prune", err);
    if (!rc)
        rc = find_gpo(prune, guid, err);
    if (rc)
        return rc;
    view_leave_good_ends(prune->work.view);
    prune->work.request = (struct gpmq_request){.kind = "backup.prune",
                                                .repository = options->from,
                                                .gpo = *guid ? guid : NULL,
                                                .dry_run = options->dry_run,
                                                .args = prune->args};
    const struct gpmq_batch_item item = {.key = options->from, .label = options->from};
    return work_add(&prune->work, &item, err);
}

/* ---- what became of it ---------------------------------------------------------------------- */

static const char *text_of(const json_t *item, const char *name)
{
    const char *text = json_string_value(json_object_get(item, name));
    return text ? text : "";
}

static bool is_same_gpo(const json_t *a, const json_t *b)
{
    return a && !strcmp(text_of(a, "gpo_id"), text_of(b, "gpo_id")) &&
           !strcmp(text_of(a, "gpo_domain"), text_of(b, "gpo_domain"));
}

static void show_gpo(const struct cli_options *options, const json_t *item)
{
    char name[OUT_LINE_SIZE], domain[OUT_LINE_SIZE], id[OUT_LINE_SIZE];
    out_text(options, "%s%s%s  %s  %s", out_colour(OUT_BOLD),
             out_line(text_of(item, "gpo_display_name"), name), out_colour(OUT_PLAIN),
             out_line(text_of(item, "gpo_domain"), domain), out_line(text_of(item, "gpo_id"), id));
}

/* "last, daily". */
static void join_reasons(const json_t *item, char *out, size_t size)
{
    size_t index, used = 0;
    const json_t *reason;
    *out = 0;
    json_array_foreach(json_object_get(item, "reasons"), index, reason) if (used < size) used +=
        (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                         json_is_string(reason) ? json_string_value(reason) : "");
}

static void show_backup(const struct cli_options *options, const json_t *item)
{
    char why[OUT_LINE_SIZE], reasons[OUT_LINE_SIZE], time[OUT_LINE_SIZE], id[OUT_LINE_SIZE];
    const char *action = text_of(item, "action");
    bool kept = !strcmp(action, "kept"), in_use = !strcmp(action, "in_use");
    const char *word = kept ? "keep" : in_use ? "in use" : "remove";
    join_reasons(item, why, sizeof why);
    out_text(options, "  %s%-6s%s  %.19s  %s%s%s",
             out_colour(kept     ? OUT_GREEN
                        : in_use ? OUT_YELLOW
                                 : OUT_RED),
             word, out_colour(OUT_PLAIN), out_line(text_of(item, "timestamp"), time),
             out_line(text_of(item, "id"), id), *why ? "  " : "", out_line(why, reasons));
}

static size_t count_of(const json_t *list, const char *action)
{
    size_t index, count = 0;
    const json_t *item;
    json_array_foreach(list, index, item) count += !strcmp(text_of(item, "action"), action);
    return count;
}

static void show_counts(const struct cli_options *options, const json_t *list)
{
    size_t kept = count_of(list, "kept"), removed = count_of(list, "removed");
    size_t in_use = count_of(list, "in_use");
    if (options->json)
        out_json("summary", json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "verb", "prune", "count",
                                      (json_int_t)json_array_size(list), "kept", (json_int_t)kept,
                                      "removed", (json_int_t)removed, "in_use", (json_int_t)in_use,
                                      "dry_run", options->dry_run));
    else if (in_use)
        out_text(options, "%zu kept, %zu removed, %zu in use and kept until the next prune", kept,
                 removed, in_use);
    else
        out_text(options, "%zu kept, %zu %s", kept, removed,
                 options->dry_run ? "would be removed" : "removed");
}

static void show(const struct cli_options *options, const json_t *list)
{
    size_t index;
    const json_t *item, *last = NULL;
    json_array_foreach(list, index, item)
    {
        if (options->json) {
            out_json("pruned", json_copy((json_t *)(uintptr_t)item));
            continue;
        }
        if (!is_same_gpo(last, item))
            show_gpo(options, item);
        show_backup(options, item);
        last = item;
    }
    show_counts(options, list);
}

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static int show_content(struct prune *prune, struct gpmq_error *err)
{
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    CLEANUP(drop_json) json_t *list = NULL;
    json_error_t where;
    int rc = work_content(&prune->work, &content, err);
    if (rc)
        return rc;
    list = json_loadb(content->bytes, content->size, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_array(list))
        return fail(err, GPMQ_EMALFORMED, "the worker's list is no JSON array");
    show(&prune->options, list);
    return 0;
}

int cli_command_prune(const struct cli_options *options)
{
    struct gpmq_error err;
    char guid[GPMQ_GUID_TEXT_SIZE] = "";
    CLEANUP(prune_close) struct prune prune = {.options = *options};
    prune.options.from = options->words[0];
    int rc = write_args(&prune, &err);
    if (!rc)
        rc = prepare(&prune, guid, &err);
    if (rc)
        return out_error(options, &err);
    int code = work_run(&prune.work);
    if (code || options->detach)
        return code;
    rc = show_content(&prune, &err);
    return rc ? out_error(options, &err) : 0;
}
