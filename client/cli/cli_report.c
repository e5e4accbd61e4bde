/* cli_report.c - gpmq report: what GPOs and backups hold, for people and for programs. */
#include "cli_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "cli_list.h"
#include "cli_output.h"
#include "cli_report_file.h"
#include "cli_rsop.h"
#include "fail.h"

/* ---- where it goes -------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);
    return length > size && !strcasecmp(text + length - size, ending);
}

const char *report_format(const struct cli_options *options)
{
    if (options->xml || (options->output && !options->html && ends_in(options->output, ".xml")))
        return "xml";
    return "html";
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool to_stdout(const struct cli_options *options)
{
    return !options->output || !strcmp(options->output, "-");
}

/* The folder of several reports; it is made if its parent is there. */
static int check_folder(const char *path, struct gpmq_error *err)
{
    if (is_folder(path))
        return 0;
    return mkdir(path, 0777) == 0
               ? 0
               : fail_errno(err, "several reports go into a folder, and '%s' cannot be made one",
                            path);
}

int report_check_output(const struct cli_options *options, bool many, struct gpmq_error *err)
{
    if (options->html && options->xml)
        return fail(err, GPMQ_EINVAL, "--html and --xml together: give one of them");
    if (many && !options->json && to_stdout(options))
        return fail(err, GPMQ_EINVAL, "several reports go into a folder: give -o FOLDER");
    if (many && !to_stdout(options))
        return check_folder(options->output, err);
    if (!options->output && !options->json && !options->detach && isatty(STDOUT_FILENO))
        return fail(err, GPMQ_EINVAL,
                    "a report is not for a terminal: give -o FILE, or a pipe behind it");
    return 0;
}

/* ---- delivery ------------------------------------------------------------------------------- */

static int write_stdout(const struct gpmq_content *content, struct gpmq_error *err)
{
    if (fwrite(content->bytes, 1, content->size, stdout) != content->size || fflush(stdout) != 0)
        return fail_errno(err, "cannot write the report");
    return 0;
}

static int put_json(const struct report_delivery *delivery, const char *path,
                    struct gpmq_error *err)
{
    json_t *fields =
        json_pack("{s:s, s:s, s:s, s:I}", "id", delivery->id, "label", delivery->label, "format",
                  delivery->format, "size", (json_int_t)delivery->content->size);
    json_t *text =
        path ? json_string(path) : json_stringn(delivery->content->bytes, delivery->content->size);
    if (!fields || !text || json_object_set_new(fields, path ? "file" : "text", text)) {
        json_decref(fields);
        return fail(err, GPMQ_EDAMAGED, "the report of '%s' is no UTF-8", delivery->label);
    }
    out_json("report", fields);
    return 0;
}

static int write_file(const struct report_delivery *delivery, struct gpmq_error *err)
{
    const struct cli_options *options = delivery->options;
    char name[REPORT_NAME_SIZE], shown[OUT_LINE_SIZE], label[OUT_LINE_SIZE];
    CLEANUP(free_pointer) char *path = NULL;
    bool folder = is_folder(options->output);
    report_file_name(delivery->label, delivery->id, delivery->format, name);
    if (asprintf(&path, "%s%s%s", options->output, folder ? "/" : "", folder ? name : "") < 0) {
        path = NULL;
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a file");
    }
    int rc = report_file_write(path, delivery->content->bytes, delivery->content->size, err);
    if (rc)
        return rc;
    if (options->json)
        return put_json(delivery, path, err);
    out_text(options, "succeeded  %s  %s", out_line(delivery->label, label), out_line(path, shown));
    return 0;
}

int report_deliver(const struct report_delivery *delivery, struct gpmq_error *err)
{
    if (!to_stdout(delivery->options))
        return write_file(delivery, err);
    return delivery->options->json ? put_json(delivery, NULL, err)
                                   : write_stdout(delivery->content, err);
}

/* What is not there ended badly, which has been told of. */
static int deliver_item(struct submission *submission, size_t at, struct gpmq_error *err)
{
    const struct gpmq_batch_item *item = &submission->work.items[at];
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    if (!work_ended_well(&submission->work, at))
        return 0;
    int rc = work_content_of(&submission->work, at, &content, err);
    if (rc)
        return rc;
    const struct report_delivery delivery = {
        .options = &submission->options,
        .format = report_format(&submission->options),
        .label = item->label,
        .id = item->backup ? item->backup
              : item->gpo  ? item->gpo
                           : "",
        .content = content,
    };
    return report_deliver(&delivery, err);
}

int report_run(struct submission *submission)
{
    struct gpmq_error err;
    view_leave_good_ends(submission->work.view);
    int code = work_run(&submission->work);
    if (submission->options.detach)
        return code;
    for (size_t i = 0; i < submission->work.count; i++)
        if (deliver_item(submission, i, &err) != 0)
            return out_error(&submission->options, &err);
    return code;
}

/* ---- what is reported on -------------------------------------------------------------------- */

static int take_gpo(struct submission *submission, const struct cli_entry *entry,
                    struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {.key = entry->id, .gpo = entry->id, .label = entry->name};
    return work_add(&submission->work, &item, err);
}

static int take_backup(struct submission *submission, const struct cli_entry *entry,
                       struct gpmq_error *err)
{
    const struct gpmq_batch_item item = {
        .key = entry->id, .backup = entry->id, .label = entry->name};
    return work_add(&submission->work, &item, err);
}

static int prepare_gpos(struct submission *submission, struct gpmq_error *err)
{
    const struct cli_options *options = &submission->options;
    int rc = 0;
    if (options->all || !options->domain || !submission_all_guids(options))
        rc = submission_domain(submission, &submission->entries, err);
    submission->work.request.kind = "gpo.report";
    submission->work.request.domain = options->domain;
    return rc ? rc : submission_add(submission, options->domain, cli_find_gpo, take_gpo, err);
}

static int prepare_backups(struct submission *submission, struct gpmq_error *err)
{
    static const char example[] = "gpmq report --backup \"Desktop Lockdown\" --from nightly";
    const struct cli_options *options = &submission->options;
    const char *repository = submission_repository(submission, options->from);
    int rc = submission_need(repository, "repository (--from)", example, err);
    if (!rc && (options->all || !submission_all_guids(options)))
        rc = cli_list_backups(&submission->entries, submission->client, options, repository, err);
    submission->work.request.kind = "backup.report";
    submission->work.request.repository = repository;
    return rc ? rc : submission_add(submission, repository, cli_find_backup, take_backup, err);
}

int cli_command_report(const struct cli_options *options)
{
    struct gpmq_error err;
    if (cli_rsop_is_meant(options))
        return cli_command_rsop(options);
    if (options->op)
        return report_of_op(options);
    char args[32];
    char *word[1];
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    bool backups = options->backup || options->from;
    int rc = options->backup && (options->all || options->word_count)
                 ? fail(&err, GPMQ_EINVAL,
                        "--backup takes one backup; for several: --from REPO "
                        "BACKUP ..., or --all")
                 : 0;
    if (options->backup) { /* as a word, among the repository's backups */
        word[0] = (char *)(uintptr_t)options->backup;
        submission.options.words = word;
        submission.options.word_count = 1;
    }
    if (!rc)
        rc = submission_check(&submission.options, backups ? "backups" : "GPOs", &err);
    if (!rc)
        rc = report_check_output(options, options->all || options->word_count > 1, &err);
    if (!rc)
        rc = submission_open(&submission, "report", &err);
    snprintf(args, sizeof args, "{\"format\":\"%s\"}", report_format(options));
    submission.work.request =
        (struct gpmq_request){.args = args, .priority = GPMQ_PRIORITY_DEFAULT};
    if (!rc)
        rc = backups ? prepare_backups(&submission, &err) : prepare_gpos(&submission, &err);
    return rc ? out_error(options, &err) : report_run(&submission);
}
