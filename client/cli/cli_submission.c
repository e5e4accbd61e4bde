/* cli_submission.c - a command that submits operations, on its way to the queue. */
#include "cli_submission.h"

#include <stdlib.h>

#include "cli_list.h"
#include "cli_output.h"
#include "fail.h"

void submission_close(struct submission *submission)
{
    work_close(&submission->work);
    cli_entries_free(&submission->entries);
    cli_entries_free(&submission->targets);
    free(submission->args);
    gpmq_client_close(&submission->client);
    cli_config_free(&submission->config);
}

int submission_open(struct submission *submission, const char *verb, struct gpmq_error *err)
{
    struct cli_options *options = &submission->options;
    int rc = cli_config_load(&submission->config, options->config, err);
    if (!rc)
        rc = cli_connect(&submission->client, options, submission->config, err);
    submission->work.client = submission->client;
    submission->work.options = options;
    return rc ? rc : work_open(&submission->work, verb, err);
}

const char *submission_repository(const struct submission *submission, const char *given)
{
    if (given || !submission->config)
        return given;
    return submission->config->repository;
}

int submission_need(const char *value, const char *what, const char *example,
                    struct gpmq_error *err)
{
    return value ? 0 : fail(err, GPMQ_EINVAL, "which %s? for example: %s", what, example);
}

bool submission_all_guids(const struct cli_options *options)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    for (int i = 0; i < options->word_count; i++)
        if (!cli_is_guid(options->words[i], guid))
            return false;
    return true;
}

int submission_check(const struct cli_options *options, const char *things, struct gpmq_error *err)
{
    if (options->all && options->word_count > 0)
        return fail(err, GPMQ_EINVAL, "--all and '%s' together: name some %s, or take all",
                    options->words[0], things);
    if (!options->all && options->word_count == 0)
        return fail(err, GPMQ_EINVAL, "which %s? name some, or take --all", things);
    return 0;
}

int submission_add_word(struct submission *submission, const char *word, const char *where,
                        submission_find *find, submission_take *take, struct gpmq_error *err)
{
    const struct cli_entry *entry = NULL;
    struct cli_entry guid = {.name = word, .time = "", .comment = "", .domain = ""};
    if (cli_is_guid(word, guid.id) && !submission->entries)
        return take(submission, &guid, err);
    int rc = find(&entry, submission->entries, word, where, err);
    if (rc == 0)
        return take(submission, entry, err);
    if (submission->work.single || (rc != GPMQ_ENOTFOUND && rc != GPMQ_EAMBIGUOUS))
        return rc;
    view_refused(submission->work.view, word, err);
    return 0;
}

int submission_add(struct submission *submission, const char *where, submission_find *find,
                   submission_take *take, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    int rc = 0;
    submission->work.single = !options->all && options->word_count == 1;
    for (int i = 0; i < options->word_count && !rc; i++)
        rc = submission_add_word(submission, options->words[i], where, find, take, err);
    for (size_t i = 0; options->all && i < submission->entries->count && !rc; i++)
        rc = take(submission, &submission->entries->items[i], err);
    return rc;
}

int submission_domain(struct submission *submission, struct cli_entries **gpos,
                      struct gpmq_error *err)
{
    struct cli_options *options = &submission->options;
    int rc = cli_list_gpos(gpos, submission->client, options, options->domain, err);
    if (!rc && !options->domain)
        options->domain = (*gpos)->domain;
    return rc;
}
