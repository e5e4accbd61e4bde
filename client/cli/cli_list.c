/* cli_list.c - what a domain or a repository holds. */
#include "cli_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_config.h"
#include "cli_output.h"
#include "fail.h"

#define LIST_TIMEOUT_MS 60000 /* unless --timeout says otherwise */
#define LIST_SERVED_MS  30000 /* until somebody must serve it */

/* One listing: what its callback needs. */
struct listing {
    const struct cli_options *options;
    const struct gpmq_request *request;
    bool unserved;              /* it waits for a worker that serves it */
    size_t damaged;             /* what the worker could not read */
    int code;                   /* of the last error that it told */
    char reason[OUT_LINE_SIZE]; /* and its text */
};

/* What cannot be read is told of at once: it does not hide the others. */
static void take_message(struct listing *listing, const struct gpmq_status_msg *msg)
{
    char path[OUT_LINE_SIZE];
    out_line(msg->message, listing->reason);
    listing->code = msg->operation_code;
    if (msg->error_code == 0 || !msg->object_path || !*msg->object_path)
        return;
    listing->damaged++;
    fprintf(stderr, "gpmq: %s: %s\n", out_line(msg->object_path, path), listing->reason);
}

static const char *place_of(const struct gpmq_request *request)
{
    if (request->domain)
        return request->domain;
    return request->repository ? request->repository : "the only domain";
}

/* A property of the domain that was listed: its name, also when the request named none. */
static char *copy_of(const struct gpmq_result *result, const char *property)
{
    const char *value = gpmq_result_property(result, property);
    return value ? strdup(value) : NULL;
}

static void on_status(int32_t lProgressNumerator, int32_t lProgressDenominator, int32_t hrStatus,
                      const struct gpmq_result *pResult,
                      const struct gpmq_status_msgs *ppIGPMStatusMsgCollection,
                      const struct gpmq_status *status, void *user)
{
    (void)lProgressNumerator;
    (void)lProgressDenominator;
    (void)hrStatus;
    (void)pResult;
    struct listing *listing = user;
    const struct gpmq_status_msgs *msgs = ppIGPMStatusMsgCollection;
    for (uint32_t i = 0; msgs && i < msgs->count; i++)
        take_message(listing, &msgs->items[i]);
    listing->unserved = status->reason == GPMQ_REASON_NO_WORKER;
    if (listing->unserved && !cli_is_alone(listing->options))
        out_note(listing->options,
                 "waiting: no worker that is connected serves %s on '%s'; start one, or check the "
                 "name",
                 listing->request->kind, place_of(listing->request));
}

static int judge(const struct listing *listing, const struct gpmq_status *status,
                 struct gpmq_error *err)
{
    if (status->state == GPMQ_SUCCEEDED && status->result)
        return 0;
    int code = listing->code ? listing->code : GPMQ_EIO;
    if (status->state == GPMQ_CANCELLED)
        code = GPMQ_ESTOPPED;
    return fail(err, code, "%s on '%s' ended %s%s%s", listing->request->kind,
                place_of(listing->request), gpmq_state_name(status->state),
                listing->reason[0] ? ": " : "", listing->reason);
}

/* Waits for the end of a listing; what does not come to one is not left behind in the queue. */
static int await(struct gpmq_client *client, const struct gpmq_id *op,
                 const struct listing *listing, struct gpmq_error *err)
{
    int64_t wait_ms =
        listing->options->timeout_s > 0 ? listing->options->timeout_s * 1000 : LIST_TIMEOUT_MS;
    int64_t first_ms = wait_ms < LIST_SERVED_MS ? wait_ms : LIST_SERVED_MS;
    int rc = gpmq_wait(client, op, 1, GPMQ_WAIT_ALL, first_ms, err);
    if (rc == GPMQ_ETIMEOUT && !listing->unserved && wait_ms > first_ms)
        rc = gpmq_wait(client, op, 1, GPMQ_WAIT_ALL, wait_ms - first_ms, err);
    if (rc != GPMQ_ETIMEOUT)
        return rc;
    struct gpmq_error why;
    if (gpmq_cancel(client, op, 1, 0, NULL, &why) != 0)
        return fail_in(err, "%s (nor could it be cancelled: %s)", listing->request->kind, why.text);
    if (!listing->unserved)
        return rc;
    return fail(err, GPMQ_EUNSUPPORTED,
                "no worker that is connected serves %s on '%s'; start one, or check the name",
                listing->request->kind, place_of(listing->request));
}

static int run(struct cli_entries **out, struct gpmq_client *client, struct listing *listing,
               struct gpmq_error *err)
{
    struct gpmq_id op;
    int rc = gpmq_submit(client, listing->request, &op, err);
    if (!rc)
        rc = gpmq_watch(client, &op, on_status, listing, err);
    if (!rc)
        rc = await(client, &op, listing, err);
    if (rc)
        return rc == GPMQ_ETIMEOUT || rc == GPMQ_ESTOPPED
                   ? fail_in(err, "%s on '%s'", listing->request->kind, place_of(listing->request))
                   : rc;
    const struct gpmq_status *status = gpmq_outcome(client, &op);
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    rc = judge(listing, status, err);
    if (!rc)
        rc = gpmq_result_fetch(client, &op, status->result, &content, err);
    if (!rc)
        rc = cli_entries_read(out, content->bytes, content->size, err);
    if (!rc) {
        (*out)->damaged = listing->damaged;
        (*out)->domain = copy_of(status->result, "domain");
        (*out)->dns_name = copy_of(status->result, "dns_name");
    }
    gpmq_unwatch(client, &op);
    return rc;
}

int cli_list_gpos(struct cli_entries **out, struct gpmq_client *client,
                  const struct cli_options *options, const char *domain, struct gpmq_error *err)
{
    const struct gpmq_request request = {
        .kind = "gpo.list", .domain = domain, .priority = 0, .label = domain};
    struct listing listing = {.options = options, .request = &request};
    if (!domain && cli_is_alone(options))
        return fail(err, GPMQ_EINVAL,
                    "which domain? for example: --domain ./contoso, the path of a folder domain");
    return run(out, client, &listing, err);
}

int cli_list_backups(struct cli_entries **out, struct gpmq_client *client,
                     const struct cli_options *options, const char *repository,
                     struct gpmq_error *err)
{
    const struct gpmq_request request = {
        .kind = "backup.list", .repository = repository, .priority = 0, .label = repository};
    struct listing listing = {.options = options, .request = &request};
    return run(out, client, &listing, err);
}

/* ---- gpmq list ----------------------------------------------------------------------------- */

static void show(const struct cli_options *options, const struct cli_entry *entry, bool backups)
{
    char name[OUT_LINE_SIZE], comment[OUT_LINE_SIZE];
    out_line(entry->name, name);
    out_line(entry->comment, comment);
    if (options->json)
        out_json(backups ? "backup" : "gpo",
                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", entry->id, "display_name",
                           entry->name, "gpo_id", backups ? entry->gpo_id : entry->id, "time",
                           entry->time, "comment", entry->comment, "domain", entry->domain));
    else if (backups)
        out_text(options, "%s  %.19s  %s%s%s", entry->id, entry->time, name, *comment ? "  # " : "",
                 comment);
    else
        out_text(options, "%s  %s", entry->id, name);
}

static int list(const struct cli_options *options, struct gpmq_client *client,
                const struct cli_config *config, struct gpmq_error *err)
{
    CLEANUP(cli_entries_free) struct cli_entries *entries = NULL;
    bool backups = strcmp(options->words[0], "backups") == 0;
    const char *repository = options->from ? options->from : config ? config->repository : NULL;
    if (!backups && strcmp(options->words[0], "gpos") != 0)
        return fail(err, GPMQ_EINVAL, "gpmq list takes 'gpos' or 'backups', not '%s'",
                    options->words[0]);
    if (backups && !repository)
        return fail(err, GPMQ_EINVAL,
                    "which repository? for example: gpmq list backups --from REPO");
    int rc = backups ? cli_list_backups(&entries, client, options, repository, err)
                     : cli_list_gpos(&entries, client, options, options->domain, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < entries->count; i++)
        show(options, &entries->items[i], backups);
    if (options->json)
        out_json("summary",
                 json_pack("{s:s, s:I, s:I}", "verb", "list", "count", (json_int_t)entries->count,
                           "damaged", (json_int_t)entries->damaged));
    return 0;
}

int cli_command_list(const struct cli_options *given)
{
    struct gpmq_error err;
    struct cli_options options = *given;
    CLEANUP(cli_config_free) struct cli_config *config = NULL;
    CLEANUP(gpmq_client_close) struct gpmq_client *client = NULL;
    int rc = cli_config_load(&config, options.config, &err);
    if (!rc)
        rc = cli_connect(&client, &options, config, &err);
    if (!rc)
        rc = list(&options, client, config, &err);
    return rc ? out_error(&options, &err) : 0;
}
