/* cli_diff.c - gpmq diff: which two are meant, and the operation that compares them. */
#include "cli_diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "cli_diff_view.h"
#include "cli_list.h"
#include "cli_output.h"
#include "cli_submission.h"
#include "fail.h"

#define EXIT_DIFFERENT 10 /* docs/protocol.md, section 8 */

#define BACKUP_PREFIX "backup:"
#define GPO_PREFIX    "gpo:"

/* One of the two: a backup or a live GPO, by its GUID. */
struct choice {
    bool is_backup;
    char id[GPMQ_GUID_TEXT_SIZE];
};

struct diff {
    struct submission submission; /* entries: backups; targets: GPOs */
    const char *repository;
    struct choice from, to;
    char args[256];
};

static void diff_close(struct diff *diff)
{
    submission_close(&diff->submission);
}

/* ---- backups -------------------------------------------------------------------------------- */

static int need_backups(struct diff *diff, struct gpmq_error *err)
{
    struct submission *submission = &diff->submission;
    if (submission->entries)
        return 0;
    int rc = submission_need(diff->repository, "repository (--from)",
                             "gpmq diff \"Default Domain Policy\" --from nightly", err);
    return rc ? rc
              : cli_list_backups(&submission->entries, submission->client, &submission->options,
                                 diff->repository, err);
}

static bool is_same_gpo(const struct cli_entry *a, const struct cli_entry *b)
{
    return !strcmp(a->gpo_id, b->gpo_id) && !strcasecmp(a->domain, b->domain);
}

static bool is_older(const struct cli_entry *a, const struct cli_entry *b)
{
    int order = strcmp(a->time, b->time);
    return order ? order < 0 : strcmp(a->id, b->id) < 0;
}

/* The backup of the same GPO that was made before; NULL: there is none. */
static const struct cli_entry *before(const struct cli_entries *backups,
                                      const struct cli_entry *backup)
{
    const struct cli_entry *found = NULL;
    for (size_t i = 0; i < backups->count; i++) {
        const struct cli_entry *entry = &backups->items[i];
        if (is_same_gpo(entry, backup) && is_older(entry, backup) &&
            (!found || is_older(found, entry)))
            found = entry;
    }
    return found;
}

/* Cuts "~N" off a word; N, or 0 where there is none. */
static unsigned take_age(char *word)
{
    char *tilde = strrchr(word, '~'), *end;
    if (!tilde || !tilde[1] || strspn(tilde + 1, "0123456789") != strlen(tilde + 1))
        return 0;
    unsigned long age = strtoul(tilde + 1, &end, 10);
    *tilde = 0;
    return age > 1000000 ? 1000000 : (unsigned)age;
}

/* "NAME", "{GUID}", with "~N" the Nth before it. */
static int find_backup(struct diff *diff, const char *word, const struct cli_entry **out,
                       struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *name = strdup(word);
    int rc = need_backups(diff, err);
    const struct cli_entries *backups = diff->submission.entries;
    if (rc || !name)
        return rc ? rc : fail(err, GPMQ_ENOMEM, "no memory for a name");
    if (!cli_find_backup(out, backups, word, diff->repository, NULL))
        return 0;
    unsigned age = take_age(name);
    rc = cli_find_backup(out, backups, name, diff->repository, err);
    for (unsigned i = 0; i < age && !rc; i++) {
        *out = before(backups, *out);
        if (!*out)
            return fail(err, GPMQ_ENOTFOUND, "there are only %u backups of '%s' in %s", i + 1, name,
                        diff->repository);
    }
    return rc;
}

static void choose(struct choice *out, bool is_backup, const char *id)
{
    out->is_backup = is_backup;
    memcpy(out->id, id, GPMQ_GUID_TEXT_SIZE);
}

static int choose_backup(struct diff *diff, const char *word, struct choice *out,
                         struct gpmq_error *err)
{
    const struct cli_entry *entry = NULL;
    int rc = find_backup(diff, word, &entry, err);
    if (!rc)
        choose(out, true, entry->id);
    return rc;
}

/* ---- GPOs ----------------------------------------------------------------------------------- */

static int choose_gpo(struct diff *diff, const char *word, struct choice *out,
                      struct gpmq_error *err)
{
    struct submission *submission = &diff->submission;
    const struct cli_entry *entry = NULL;
    int rc = submission->targets ? 0 : submission_domain(submission, &submission->targets, err);
    if (!rc)
        rc = cli_find_gpo(&entry, submission->targets, word, submission->options.domain, err);
    if (!rc)
        choose(out, false, entry->id);
    return rc;
}

/* ---- which two ------------------------------------------------------------------------------ */

static const char *behind(const char *word, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncasecmp(word, prefix, length) ? NULL : word + length;
}

/* as_backup: what a word without a prefix means first; a GUID may be of the other, too. */
static int choose_word(struct diff *diff, const char *word, bool as_backup, struct choice *out,
                       struct gpmq_error *err)
{
    const char *backup = behind(word, BACKUP_PREFIX), *gpo = behind(word, GPO_PREFIX);
    char guid[GPMQ_GUID_TEXT_SIZE];
    if (backup || gpo)
        return backup ? choose_backup(diff, backup, out, err) : choose_gpo(diff, gpo, out, err);
    int rc = as_backup ? choose_backup(diff, word, out, err) : choose_gpo(diff, word, out, err);
    bool both = diff->repository && diff->submission.options.domain;
    if (rc != GPMQ_ENOTFOUND || !both || !cli_is_guid(word, guid))
        return rc;
    int other =
        as_backup ? choose_gpo(diff, word, out, NULL) : choose_backup(diff, word, out, NULL);
    return other ? rc : 0;
}

/* One word: a backup beside the live GPO, or beside the backup before it. */
static int choose_one(struct diff *diff, const char *word, bool live, struct gpmq_error *err)
{
    const char *plain = behind(word, BACKUP_PREFIX);
    const struct cli_entry *backup = NULL;
    int rc = find_backup(diff, plain ? plain : word, &backup, err);
    if (rc)
        return rc;
    if (live) {
        choose(&diff->from, true, backup->id);
        return choose_gpo(diff, backup->gpo_id, &diff->to, err);
    }
    const struct cli_entry *older = before(diff->submission.entries, backup);
    if (!older)
        return fail(err, GPMQ_ENOTFOUND,
                    "'%s' has no older backup in %s; beside the live GPO: give --domain",
                    backup->name, diff->repository);
    choose(&diff->from, true, older->id);
    choose(&diff->to, true, backup->id);
    return 0;
}

static int choose_both(struct diff *diff, struct gpmq_error *err)
{
    const struct cli_options *options = &diff->submission.options;
    bool live = options->domain, stored = diff->repository && (options->from || !live);
    if (options->word_count == 1)
        return choose_one(diff, options->words[0], live, err);
    int rc = choose_word(diff, options->words[0], stored, &diff->from, err);
    return rc ? rc : choose_word(diff, options->words[1], stored && !live, &diff->to, err);
}

/* ---- the operation -------------------------------------------------------------------------- */

static int prepare(struct diff *diff, struct gpmq_error *err)
{
    struct submission *submission = &diff->submission;
    const struct choice *from = &diff->from, *to = &diff->to;
    int rc = submission_open(submission, "diff", err);
    diff->repository = rc ? NULL : submission_repository(submission, submission->options.from);
    if (!rc)
        rc = choose_both(diff, err);
    if (rc)
        return rc;
    bool backups = from->is_backup || to->is_backup, live = !from->is_backup || !to->is_backup;
    snprintf(
        diff->args, sizeof diff->args, "{\"from\": {\"%s\": \"%s\"}, \"to\": {\"%s\": \"%s\"}}",
        from->is_backup ? "backup" : "gpo", from->id, to->is_backup ? "backup" : "gpo", to->id);
    submission->work.single = true;
    submission->work.request = (struct gpmq_request){
        .kind = "gpo.diff",
        .repository = backups ? diff->repository : NULL,
        .domain = live ? submission->options.domain : NULL,
        .args = diff->args,
    };
    view_leave_good_ends(submission->work.view);
    const struct gpmq_batch_item item = {.key = from->id, .label = submission->options.words[0]};
    return work_add(&submission->work, &item, err);
}

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static int64_t unchanged_of(struct diff *diff)
{
    struct cli_work *work = &diff->submission.work;
    const struct gpmq_status *status = gpmq_outcome(work->client, &work->op);
    const char *text = status ? gpmq_result_property(status->result, "unchanged") : NULL;
    return text ? strtoll(text, NULL, 10) : 0;
}

static int show(struct diff *diff, size_t *changes, struct gpmq_error *err)
{
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    CLEANUP(drop_json) json_t *json = NULL;
    json_error_t where;
    int rc = work_content(&diff->submission.work, &content, err);
    if (rc)
        return rc;
    json = json_loadb(content->bytes, content->size, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_array(json_object_get(json, "changes")))
        return fail(err, GPMQ_EMALFORMED, "the worker's comparison has no changes");
    *changes = diff_show(&diff->submission.options, json, unchanged_of(diff));
    return 0;
}

int cli_command_diff(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(diff_close) struct diff diff = {.submission = {.options = *options}};
    size_t changes = 0;
    int rc = prepare(&diff, &err);
    if (rc)
        return out_error(options, &err);
    int code = work_run(&diff.submission.work);
    if (code || options->detach)
        return code;
    rc = show(&diff, &changes, &err);
    if (rc)
        return out_error(options, &err);
    return changes ? EXIT_DIFFERENT : 0;
}
