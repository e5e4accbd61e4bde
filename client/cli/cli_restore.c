/* cli_restore.c - restore and copy. */
#include "cli_restore.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "cli_list.h"
#include "cli_migration.h"
#include "cli_output.h"
#include "cli_submission.h"
#include "fail.h"

/* ---- restore ------------------------------------------------------------------------------- */

/* With --all: the newest of each GPO of this domain; what was named is named. */
static bool is_meant(const struct submission *submission, const struct cli_entry *entry)
{
    const struct cli_entries *entries = submission->entries;
    if (!submission->options.all)
        return true;
    return entries->dns_name && strcasecmp(entry->domain, entries->dns_name) == 0 &&
           cli_is_newest(entries, entry);
}

static int take_backup(struct submission *submission, const struct cli_entry *entry,
                       struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {
        .key = entry->id, .backup = entry->id, .gpo = entry->gpo_id, .label = entry->name};
    return is_meant(submission, entry) ? work_add(&submission->work, &item, err) : 0;
}

static int prepare_restore(struct submission *submission, struct gpmq_error *err)
{
    static const char example[] = "gpmq restore --all --from nightly --domain example.test";
    const struct cli_options *options = &submission->options;
    const char *repository = submission_repository(submission, options->from);
    int rc = submission_need(repository, "repository (--from)", example, err);
    if (!rc)
        rc = submission_domain(submission, &submission->targets, err);
    if (!rc)
        rc = cli_list_backups(&submission->entries, submission->client, options, repository, err);
    if (rc)
        return rc;
    submission->entries->dns_name = STEAL(submission->targets->dns_name);
    submission->work.request = (struct gpmq_request){.kind = "gpo.restore",
                                                     .domain = options->domain,
                                                     .repository = repository,
                                                     .dry_run = options->dry_run,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    rc = submission_add(submission, repository, cli_find_backup, take_backup, err);
    if (!rc && options->all && submission->work.count == 0)
        out_note(options, "there is no backup of %s in '%s'",
                 submission->entries->dns_name ? submission->entries->dns_name : options->domain,
                 repository);
    return rc;
}

int cli_command_restore(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = submission_check(options, "backups", &err);
    if (!rc)
        rc = submission_open(&submission, "restore", &err);
    if (!rc)
        rc = prepare_restore(&submission, &err);
    return rc ? out_error(options, &err) : work_run(&submission.work);
}

/* ---- copy ---------------------------------------------------------------------------------- */

static int take_gpo(struct submission *submission, const struct cli_entry *entry,
                    struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {
        .key = entry->id, .gpo = entry->id, .name = submission->options.name, .label = entry->name};
    return work_add(&submission->work, &item, err);
}

static int prepare_copy(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    int rc = 0;
    if (!options->domain || !submission_all_guids(options))
        rc = submission_domain(submission, &submission->entries, err);
    submission->work.request = (struct gpmq_request){.kind = "gpo.copy",
                                                     .domain = options->domain,
                                                     .target_domain = options->to_domain,
                                                     .dry_run = options->dry_run,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    if (!rc)
        rc = cli_migration_take(submission, err);
    return rc ? rc : submission_add(submission, options->domain, cli_find_gpo, take_gpo, err);
}

int cli_command_copy(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = submission_open(&submission, "copy", &err);
    if (!rc)
        rc = prepare_copy(&submission, &err);
    return rc ? out_error(options, &err) : work_run(&submission.work);
}
