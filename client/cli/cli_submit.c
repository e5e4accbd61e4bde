/* cli_submit.c - backup, import, verify. */
#include "cli_submit.h"

#include <string.h>

#include "cleanup.h"
#include "cli_list.h"
#include "cli_migration.h"
#include "cli_output.h"
#include "cli_submission.h"
#include "fail.h"

/* ---- backup -------------------------------------------------------------------------------- */

static int add_gpo(struct submission *submission, const struct cli_entry *entry,
                   struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {.key = entry->id, .gpo = entry->id, .label = entry->name};
    return work_add(&submission->work, &item, err);
}

static int prepare_backup(struct submission *submission, struct gpmq_error *err)
{
    static const char example[] = "gpmq backup --all --to nightly --domain example.test";
    const struct cli_options *options = &submission->options;
    const char *repository = submission_repository(submission, options->to);
    int rc = submission_need(repository, "repository (--to)", example, err);
    if (!rc && (options->all || !options->domain || !submission_all_guids(options)))
        rc = submission_domain(submission, &submission->entries, err);
    submission->work.request = (struct gpmq_request){.kind = "gpo.backup",
                                                     .domain = options->domain,
                                                     .repository = repository,
                                                     .comment = options->comment,
                                                     .dry_run = options->dry_run,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    return rc ? rc : submission_add(submission, options->domain, cli_find_gpo, add_gpo, err);
}

/* ---- import -------------------------------------------------------------------------------- */

static int add_import(struct submission *submission, const struct cli_entry *entry,
                      struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    const char *own = submission->entries ? entry->name : NULL;
    const struct gpmq_batch_item item = {
        .key = entry->id,
        .backup = entry->id,
        .name = options->create ? (options->name ? options->name : own) : NULL,
        .label = entry->name};
    return work_add(&submission->work, &item, err);
}

static int check_target(const struct cli_options *options, struct gpmq_error *err)
{
    if (options->create == !!options->into)
        return fail(
            err, GPMQ_EINVAL,
            "into what? --into GPO replaces one, --create makes new ones: give one of them");
    if ((options->into || options->name) && (options->all || options->word_count > 1))
        return fail(err, GPMQ_EINVAL, "--%s takes one backup, not several",
                    options->into ? "into" : "name");
    if (options->name && !options->create)
        return fail(err, GPMQ_EINVAL, "--name goes with --create");
    return 0;
}

/* The GPO that is replaced, by its GUID. The entries it was found in live as long as the words. */
static int find_target(struct submission *submission, char guid[GPMQ_GUID_TEXT_SIZE],
                       struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    const struct cli_entry *entry = NULL;
    guid[0] = 0;
    bool named = options->into && !cli_is_guid(options->into, guid);
    if (!named && options->domain)
        return 0;
    int rc = submission_domain(submission, &submission->targets, err);
    if (!rc && named)
        rc = cli_find_gpo(&entry, submission->targets, options->into, options->domain, err);
    if (!rc && named)
        memcpy(guid, entry->id, GPMQ_GUID_TEXT_SIZE);
    return rc;
}

static int prepare_import(struct submission *submission, char guid[GPMQ_GUID_TEXT_SIZE],
                          struct gpmq_error *err)
{
    static const char example[] =
        "gpmq import \"Desktop Lockdown\" --from nightly --create --domain example.test";
    const struct cli_options *options = &submission->options;
    const char *repository = submission_repository(submission, options->from);
    int rc = submission_need(repository, "repository (--from)", example, err);
    if (!rc && (options->all || !submission_all_guids(options)))
        rc = cli_list_backups(&submission->entries, submission->client, options, repository, err);
    if (!rc)
        rc = find_target(submission, guid, err);
    submission->work.request = (struct gpmq_request){.kind = "gpo.import",
                                                     .domain = options->domain,
                                                     .repository = repository,
                                                     .gpo = *guid ? guid : NULL,
                                                     .create = options->create,
                                                     .dry_run = options->dry_run,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    if (!rc)
        rc = cli_migration_take(submission, err);
    return rc ? rc : submission_add(submission, repository, cli_find_backup, add_import, err);
}

/* ---- verify -------------------------------------------------------------------------------- */

static int add_verify(struct submission *submission, const struct cli_entry *entry,
                      struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {
        .key = entry->id, .backup = entry->id, .label = entry->name};
    return work_add(&submission->work, &item, err);
}

/* The backups that are named behind the repository. */
static int add_named(struct submission *submission, const char *repository, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    int rc = 0;
    submission->work.single = options->word_count == 2;
    for (int i = 1; i < options->word_count && !rc; i++)
        rc = submission_add_word(submission, options->words[i], repository, cli_find_backup,
                                 add_verify, err);
    return rc;
}

static int prepare_verify(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    const char *repository = options->from;
    int rc = cli_list_backups(&submission->entries, submission->client, options, repository, err);
    submission->work.request = (struct gpmq_request){.kind = "backup.verify",
                                                     .repository = repository,
                                                     .read_data = options->read_data,
                                                     .priority = GPMQ_PRIORITY_DEFAULT};
    if (rc)
        return rc;
    if (options->word_count > 1)
        return add_named(submission, repository, err);
    view_damaged(submission->work.view, submission->entries->damaged);
    for (size_t i = 0; !rc && i < submission->entries->count; i++)
        rc = add_verify(submission, &submission->entries->items[i], err);
    if (!rc && submission->work.count == 0 && submission->entries->damaged == 0)
        out_note(options, "there is no backup in '%s'", repository);
    return rc;
}

/* ---- commands ------------------------------------------------------------------------------ */

int cli_command_backup(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = submission_check(options, "GPOs", &err);
    if (!rc)
        rc = submission_open(&submission, "backup", &err);
    if (!rc)
        rc = prepare_backup(&submission, &err);
    return rc ? out_error(options, &err) : work_run(&submission.work);
}

int cli_command_import(const struct cli_options *options)
{
    struct gpmq_error err;
    char guid[GPMQ_GUID_TEXT_SIZE] = "";
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = submission_check(options, "backups", &err);
    if (!rc)
        rc = check_target(options, &err);
    if (!rc)
        rc = submission_open(&submission, "import", &err);
    if (!rc)
        rc = prepare_import(&submission, guid, &err);
    return rc ? out_error(options, &err) : work_run(&submission.work);
}

int cli_command_verify(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    submission.options.from = options->words[0];
    int rc = submission_open(&submission, "verify", &err);
    if (!rc)
        rc = prepare_verify(&submission, &err);
    return rc ? out_error(options, &err) : work_run(&submission.work);
}
