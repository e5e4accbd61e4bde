/* cli_rsop.c - gpmq report --rsop. */
#include "cli_rsop.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_output.h"
#include "cli_report.h"
#include "fail.h"

static const char example[] =
    "gpmq report --rsop --computer WS-0001 --user alindqvist --domain example.test";

bool cli_rsop_is_meant(const struct cli_options *options)
{
    const struct cli_rsop *rsop = &options->rsop;
    return rsop->plan || rsop->computer || rsop->user || rsop->computer_container ||
           rsop->user_container || rsop->site || rsop->loopback || rsop->slow_link ||
           rsop->computer_groups.count || rsop->user_groups.count || rsop->wmi_true.count ||
           rsop->wmi_false.count;
}

static int check(const struct cli_options *options, struct gpmq_error *err)
{
    const struct cli_rsop *rsop = &options->rsop;
    bool somebody =
        rsop->computer || rsop->user || rsop->computer_container || rsop->user_container;
    if (!rsop->plan)
        return fail(err, GPMQ_EINVAL, "--computer, --user and what goes with them need --rsop: %s",
                    example);
    if (options->all || options->word_count || options->backup || options->from)
        return fail(err, GPMQ_EINVAL, "--rsop plans for a computer and a user: no GPO, no backup");
    if (!somebody)
        return fail(err, GPMQ_EINVAL, "which computer, which user? for example: %s", example);
    if (rsop->loopback && strcmp(rsop->loopback, "merge") != 0 &&
        strcmp(rsop->loopback, "replace") != 0)
        return fail(err, GPMQ_EINVAL, "--loopback takes merge or replace, not '%s'",
                    rsop->loopback);
    return 0;
}

/* ---- args ----------------------------------------------------------------------------------- */

/* These keep the first failure: *json is NULL from there on. */
static void put(json_t **json, const char *name, json_t *value)
{
    if (*json && json_object_set_new(*json, name, value) == 0)
        return;
    json_decref(*json);
    *json = NULL;
}

static void put_text(json_t **json, const char *name, const char *text)
{
    if (text)
        put(json, name, json_string(text));
}

static json_t *list_of(const struct cli_texts *texts)
{
    json_t *list = json_array();
    for (uint32_t i = 0; list && i < texts->count; i++)
        if (json_array_append_new(list, json_string(texts->items[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static void put_texts(json_t **json, const char *name, const struct cli_texts *texts)
{
    if (texts->count)
        put(json, name, list_of(texts));
}

static bool says_all(const struct cli_texts *texts)
{
    return texts->count == 1 && strcmp(texts->items[0], "all") == 0;
}

static void put_wmi(json_t **json, const struct cli_rsop *rsop)
{
    json_t *wmi = json_object();
    if (says_all(&rsop->wmi_true))
        put_text(&wmi, "true", "all");
    else
        put_texts(&wmi, "true", &rsop->wmi_true);
    put_texts(&wmi, "false", &rsop->wmi_false);
    put(json, "wmi", wmi);
}

int cli_rsop_args(const struct cli_options *options, const char *format, char **out,
                  struct gpmq_error *err)
{
    const struct cli_rsop *rsop = &options->rsop;
    json_t *json = json_object();
    int rc = check(options, err);
    put_text(&json, "format", format);
    put_text(&json, "computer", rsop->computer);
    put_text(&json, "user", rsop->user);
    put_text(&json, "computer_container", rsop->computer_container);
    put_text(&json, "user_container", rsop->user_container);
    put_text(&json, "site", rsop->site);
    put_text(&json, "loopback", rsop->loopback);
    put_texts(&json, "computer_groups", &rsop->computer_groups);
    put_texts(&json, "user_groups", &rsop->user_groups);
    if (rsop->slow_link)
        put(&json, "slow_link", json_true());
    if (rsop->wmi_true.count || rsop->wmi_false.count)
        put_wmi(&json, rsop);
    char *text = json && !rc ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (rc)
        return rc;
    *out = text;
    return text ? 0 : fail(err, GPMQ_EINVAL, "the options are no UTF-8, or there is no memory");
}

/* ---- run ------------------------------------------------------------------------------------ */

/* "alindqvist on WS-0001". */
static void name_plan(const struct cli_rsop *rsop, char *out, size_t size)
{
    const char *user = rsop->user ? rsop->user : rsop->user_container;
    const char *computer = rsop->computer ? rsop->computer : rsop->computer_container;
    snprintf(out, size, "%s%s%s", user ? user : "", user && computer ? " on " : "",
             computer ? computer : "");
}

static int prepare(struct submission *submission, struct gpmq_error *err)
{
    struct cli_options *options = &submission->options;
    char label[1024];
    int rc = options->domain ? 0 : submission_domain(submission, &submission->entries, err);
    if (rc)
        return rc;
    name_plan(&options->rsop, label, sizeof label);
    submission->work.single = true;
    submission->work.request = (struct gpmq_request){.kind = "gpo.rsop",
                                                     .domain = options->domain,
                                                     .args = submission->args,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    const struct gpmq_batch_item item = {.key = label, .label = label};
    return work_add(&submission->work, &item, err);
}

int cli_command_rsop(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = cli_rsop_args(options, report_format(options), &submission.args, &err);
    if (!rc)
        rc = report_check_output(options, false, &err);
    if (!rc)
        rc = submission_open(&submission, "rsop", &err);
    if (!rc)
        rc = prepare(&submission, &err);
    return rc ? out_error(options, &err) : report_run(&submission);
}
