/*
 * cli_submission.h - what the commands that submit operations share: the connection, the lists that
 * names are looked for in, and the operations that come of the words.
 */
#ifndef GPMQ_CLI_SUBMISSION_H
#define GPMQ_CLI_SUBMISSION_H

#include "cli_batch.h"
#include "cli_config.h"
#include "cli_names.h"

/* One command: what it was given, and what it makes of it. Zeroed but for options it is ready. */
struct submission {
    struct cli_options options;
    struct cli_config *config;
    struct gpmq_client *client;
    struct cli_entries *entries; /* what there is to choose from; NULL: not asked */
    struct cli_entries *targets; /* GPOs of the domain that is changed; NULL: not asked */
    char *args;                  /* of the request; NULL: none */
    struct cli_work work;
};

/* Reads the settings, connects, and makes the view. */
int submission_open(struct submission *submission, const char *verb,
                    struct gpmq_error *err) GPMQ_CHECKED;
void submission_close(struct submission *submission);

/* The repository that was given, or that of the settings, or NULL. */
const char *submission_repository(const struct submission *submission, const char *given);
/* GPMQ_EINVAL where value is NULL: "which <what>? for example: <example>". */
int submission_need(const char *value, const char *what, const char *example,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* Some words or --all, not both. */
int submission_check(const struct cli_options *options, const char *things,
                     struct gpmq_error *err) GPMQ_CHECKED;
bool submission_all_guids(const struct cli_options *options);

/* The domain that is meant when none is named: the only one there is. Listing its GPOs tells. */
int submission_domain(struct submission *submission, struct cli_entries **gpos,
                      struct gpmq_error *err) GPMQ_CHECKED;

/* Finds what a word means: cli_find_gpo() or the like. */
typedef int submission_find(const struct cli_entry **out, const struct cli_entries *entries,
                            const char *word, const char *where, struct gpmq_error *err);
/* Makes an operation for an entry: calls work_add(). */
typedef int submission_take(struct submission *submission, const struct cli_entry *entry,
                            struct gpmq_error *err);
/* Takes what one word means. One that names nothing fails alone, if there are others
 * (work.single). Without entries it is a GUID. where: for the text. */
int submission_add_word(struct submission *submission, const char *word, const char *where,
                        submission_find *find, submission_take *take,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what each word means, or with --all every entry. */
int submission_add(struct submission *submission, const char *where, submission_find *find,
                   submission_take *take, struct gpmq_error *err) GPMQ_CHECKED;

#endif
