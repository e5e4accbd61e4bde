/* cli_options.c - the table of options. */
#include "cli_options.h"

#include <argp.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_suggest.h"
#include "cli_when.h"
#include "clock.h"
#include "fail.h"

enum option_type {
    OPTION_FLAG = 1,
    OPTION_TEXT,
    OPTION_NUMBER,   /* from `least` on */
    OPTION_DURATION, /* milliseconds */
    OPTION_TIME,     /* since 1970 UTC */
    OPTION_IDS,      /* of operations, one at a time */
    OPTION_TEXTS,    /* one at a time */
};

struct option_row {
    const char *name;
    enum option_type type;
    size_t at; /* in struct cli_options */
    unsigned verbs;
    const char *arg; /* what follows it, as help shows it; NULL: nothing */
    const char *doc;
    int64_t least, most; /* of a number; 0, 0: from 1 on */
};

#define FLAG(name_, field_, verbs_, doc_)                                                          \
    {                                                                                              \
        name_, OPTION_FLAG, offsetof(struct cli_options, field_), verbs_, NULL, doc_, 0, 0         \
    }
#define TEXT(name_, field_, verbs_, arg_, doc_)                                                    \
    {                                                                                              \
        name_, OPTION_TEXT, offsetof(struct cli_options, field_), verbs_, arg_, doc_, 0, 0         \
    }
#define TEXTS(name_, field_, verbs_, arg_, doc_)                                                   \
    {                                                                                              \
        name_, OPTION_TEXTS, offsetof(struct cli_options, field_), verbs_, arg_, doc_, 0, 0        \
    }
#define NUMBER(name_, field_, verbs_, arg_, doc_)                                                  \
    {                                                                                              \
        name_, OPTION_NUMBER, offsetof(struct cli_options, field_), verbs_, arg_, doc_, 0, 0       \
    }

#define NUMBER_IN(name_, field_, verbs_, arg_, least_, most_, doc_)                                \
    {                                                                                              \
        name_, OPTION_NUMBER, offsetof(struct cli_options, field_), verbs_, arg_, doc_, least_,    \
            most_                                                                                  \
    }
#define SCHEDULE(name_, type_, field_, arg_, doc_)                                                 \
    {                                                                                              \
        name_, type_, offsetof(struct cli_options, schedule.field_), VERB_SUBMIT, arg_, doc_, 0, 0 \
    }

/* clang-format off */
static const struct option_row rows[] = {
    FLAG("all", all, VERB_DEAD, "all that are on the list"),
    FLAG("all", all, VERB_BACKUP | VERB_IMPORT, "every GPO of the domain, every backup of REPO"),
    FLAG("all", all, VERB_RESTORE, "the newest backup of each GPO of the domain"),
    FLAG("all", all, VERB_REPORT, "every GPO of the domain, every backup with --from"),
    TEXT("backup", backup, VERB_REPORT, "BACKUP", "of this backup, not of a GPO"),
    TEXT("op", op, VERB_REPORT, "ID", "of an operation submitted with --detach: what it made"),
    FLAG("html", html, VERB_REPORT, "a page for people (so without --xml and FILE.xml)"),
    FLAG("xml", xml, VERB_REPORT, "for programs, as GPMC's"),
    TEXT("output", output, VERB_REPORT, "FILE", "also -o: where to; a folder for several; - is stdout"),
    FLAG("rsop", rsop.plan, VERB_REPORT, "plan what a computer and a user would get:"),
    TEXT("computer", rsop.computer, VERB_REPORT, "NAME", "... this computer: name, DN or SID"),
    TEXT("user", rsop.user, VERB_REPORT, "NAME", "... this user"),
    TEXT("computer-container", rsop.computer_container, VERB_REPORT, "DN", "... as if the computer were here, or any in it"),
    TEXT("user-container", rsop.user_container, VERB_REPORT, "DN", "... the same of the user"),
    TEXTS("computer-group", rsop.computer_groups, VERB_REPORT, "GROUP", "... in this group, not its own; also several times"),
    TEXTS("user-group", rsop.user_groups, VERB_REPORT, "GROUP", "... the same of the user"),
    TEXT("site", rsop.site, VERB_REPORT, "SITE", "... in this site"),
    TEXT("loopback", rsop.loopback, VERB_REPORT, "MODE", "... merge or replace"),
    FLAG("slow-link", rsop.slow_link, VERB_REPORT, "... over a slow link"),
    TEXTS("wmi-true", rsop.wmi_true, VERB_REPORT, "FILTER", "... this WMI filter is true, others false; all: so without it"),
    TEXTS("wmi-false", rsop.wmi_false, VERB_REPORT, "FILTER", "... this WMI filter is false"),
    TEXT("to", to, VERB_BACKUP, "REPO", "the repository to write to"),
    TEXT("from", from, VERB_IMPORT | VERB_RESTORE | VERB_REPORT | VERB_LIST | VERB_DIFF | VERB_TABLE, "REPO", "the repository to read from"),
    TEXT("comment", comment, VERB_BACKUP, "TEXT", "kept with each backup"),
    TEXT("into", into, VERB_IMPORT, "GPO", "replace the settings of this GPO"),
    FLAG("create", create, VERB_IMPORT, "make a new GPO for each backup"),
    TEXT("name", name, VERB_IMPORT, "NAME", "name of the new GPO (the backup's)"),
    TEXT("as", name, VERB_COPY, "NAME", "name of the copy (\"Copy of\" and the GPO's)"),
    TEXT("to-domain", to_domain, VERB_COPY, "NAME", "copy into this domain (its own)"),
    FLAG("copy-acl", copy_acl, VERB_COPY, "with its permissions, not those of a new GPO"),
    TEXT("migration-table", migration_table, VERB_IMPORT | VERB_COPY, "FILE", "map accounts and UNC paths through it"),
    FLAG("migration-table-only", migration_table_only, VERB_IMPORT | VERB_COPY, "refuse what has no entry in it"),
    FLAG("with-acl", with_acl, VERB_TABLE, "the accounts of permissions, too"),
    TEXT("output", output, VERB_TABLE, "FILE", "-o FILE: where the table goes (required)"),
    FLAG("dry-run", dry_run, VERB_GPOS | VERB_PRUNE, "say what would change, change nothing"),
    FLAG("read-data", read_data, VERB_VERIFY, "read every file, not only the lists"),
    NUMBER("keep-last", keep_last, VERB_PRUNE, "N", "the newest N backups of each GPO"),
    NUMBER("keep-daily", keep_daily, VERB_PRUNE, "N", "the newest one of each of the newest N days with a backup"),
    NUMBER("keep-weekly", keep_weekly, VERB_PRUNE, "N", "... of N weeks"),
    NUMBER("keep-monthly", keep_monthly, VERB_PRUNE, "N", "... of N months"),
    TEXT("gpo", gpo, VERB_PRUNE, "GPO", "only the backups of this GPO"),
    FLAG("open", open_only, VERB_OPS, "only what has not ended"),
    TEXT("batch", batch, VERB_OPS, "ID", "only the operations of this batch"),
    NUMBER("limit", limit, VERB_OPS, "N", "at most so many, the newest (100)"),
    FLAG("any", any, VERB_WAIT, "until one has ended, not all"),
    NUMBER("grace", grace_s, VERB_CANCEL, "SECONDS", "between asking to stop and killing"),
    NUMBER("timeout", timeout_s, VERB_BROKER & ~VERB_PING, "SECONDS", "stop waiting after this; it goes on"),
    FLAG("detach", detach, VERB_SUBMIT, "submit, print the id, do not wait"),
    SCHEDULE("after", OPTION_IDS, after, "ID", "once this operation or batch has succeeded; also several times"),
    SCHEDULE("not-before", OPTION_TIME, not_before_unix_ms, "TIME", "+2h, 22:00, 2026-12-01T02:30Z"),
    SCHEDULE("deadline", OPTION_TIME, deadline_unix_ms, "TIME", "what has not ended by then expires"),
    NUMBER_IN("priority", schedule.priority, VERB_SUBMIT, "N", 0, GPMQ_PRIORITY_MAX, "from 0, the first, to 7 (3)"),
    SCHEDULE("run-limit", OPTION_DURATION, run_ms, "TIME", "longest attempt: 90s, 15m, 2h"),
    SCHEDULE("stall-limit", OPTION_DURATION, stall_ms, "TIME", "longest time without progress"),
    NUMBER_IN("attempts", schedule.attempts, VERB_SUBMIT, "N", 1, 100, "how often a failure that may pass is tried"),
    SCHEDULE("backoff", OPTION_DURATION, backoff_ms, "TIME", "before the second attempt, then doubled"),
    TEXT("dns-name", dns_name, VERB_DOMAIN, "NAME", "of the new domain (required)"),
    TEXT("netbios", netbios, VERB_DOMAIN, "NAME", "its short name"),
    TEXT("ldif", ldif, VERB_DOMAIN, "FILE", "fill it from ldapsearch output ..."),
    TEXT("sysvol", sysvol, VERB_DOMAIN, "FOLDER", "... and a copy of SYSVOL"),
    TEXT("role", role, VERB_KEYS, "ROLE", "client, worker, broker or admin (required)"),
    TEXT("to", to, VERB_KEYS, "FOLDER", "where the two files go (this folder)"),
    TEXT("kind", kind, VERB_PAUSE, "KIND", "only operations of this kind, as gpo.import"),
    TEXT("domain", domain, VERB_PAUSE, "NAME", "only those of this domain"),
    TEXT("repository", repository, VERB_PAUSE, "REPO", "only those of this repository"),
    FLAG("resume", resume, VERB_DRAIN, "it gets work again"),
    TEXT("domain", domain, VERB_TABLE, "NAME", "of the GPOs of this domain"),
    TEXT("domain", domain, VERB_TABLE_CHECK, "NAME", "that settings will move into"),
    TEXT("domain", domain, VERB_GPOS | VERB_REPORT | VERB_LIST | VERB_DIFF, "NAME", "which domain; without a broker: its folder"),
    TEXT("broker", broker, VERB_BROKER, "URL", "tcp://HOST:PORT or ipc://PATH"),
    TEXT("key", key_file, VERB_BROKER, "FILE", "our secret key, NAME.key"),
    TEXT("server-key", server_key_file, VERB_BROKER, "FILE", "the broker's public key"),
    TEXT("config", config, VERB_BROKER, "FILE", "instead of ~/.config/gpmq/gpmq.yaml"),
    FLAG("json", json, VERB_ALL, "JSON Lines"),
    FLAG("quiet", quiet, VERB_ALL, "only errors"),
    FLAG("no-progress", no_progress, VERB_SUBMIT | VERB_WATCH | VERB_WAIT | VERB_TABLES, "no bars"),
};
/* clang-format on */

#define ROW_COUNT (sizeof rows / sizeof rows[0])
#define KEY_BASE  1000 /* argp's key of the first row: beyond all characters */

struct parsing {
    const struct cli_command *command;
    struct cli_options *options;
    struct gpmq_error *err;
    int rc;
};

/* The ids that --after was given so far, and one more. */
static int take_id(const struct option_row *row, const char *arg, struct cli_schedule *schedule,
                   struct gpmq_error *err)
{
    if (schedule->after_count == GPMQ_AFTER_MAX)
        return fail(err, GPMQ_ETOOBIG, "--%s can be given %d times", row->name, GPMQ_AFTER_MAX);
    if (gpmq_id_parse(&schedule->after[schedule->after_count], arg) != 0)
        return fail(err, GPMQ_EINVAL,
                    "--%s takes the id of an operation, which has 32 hex digits, not '%s'",
                    row->name, arg);
    schedule->after_count++;
    return 0;
}

static int take_text(const struct option_row *row, const char *arg, struct cli_texts *out,
                     struct gpmq_error *err)
{
    if (!*arg)
        return fail(err, GPMQ_EINVAL, "--%s needs a value that is not empty", row->name);
    if (out->count == CLI_TEXTS_MAX)
        return fail(err, GPMQ_ETOOBIG, "--%s can be given %d times", row->name, CLI_TEXTS_MAX);
    out->items[out->count++] = arg;
    return 0;
}

static int take_number(const struct option_row *row, const char *arg, int64_t *out,
                       struct gpmq_error *err)
{
    char *end;
    errno = 0;
    long long value = strtoll(arg, &end, 10);
    int64_t least = row->most ? row->least : 1, most = row->most ? row->most : 1000000000;
    bool right = !errno && end != arg && !*end && value >= least && value <= most;
    if (!right && row->most)
        return fail(err, GPMQ_EINVAL, "--%s takes a number from %lld to %lld, not '%s'", row->name,
                    (long long)least, (long long)most, arg);
    if (!right)
        return fail(err, GPMQ_EINVAL, "--%s takes a number from 1 on, not '%s'", row->name, arg);
    *out = value;
    return 0;
}

static int take_time(const struct option_row *row, const char *arg, int64_t *out,
                     struct gpmq_error *err)
{
    struct gpmq_error why;
    int rc = row->type == OPTION_TIME ? cli_time_parse(out, arg, clock_unix_ms(), &why)
                                      : cli_duration_parse(out, arg, &why);
    return rc ? fail(err, rc, "--%s: %s", row->name, why.text) : 0;
}

static int take_row(const struct option_row *row, const char *arg, struct parsing *parsing)
{
    char *field = (char *)parsing->options + row->at;
    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return 0;
    case OPTION_TEXT:
        if (!*arg)
            return fail(parsing->err, GPMQ_EINVAL, "--%s needs a value that is not empty",
                        row->name);
        *(const char **)(void *)field = arg;
        return 0;
    case OPTION_NUMBER:
        return take_number(row, arg, (int64_t *)(void *)field, parsing->err);
    case OPTION_DURATION:
    case OPTION_TIME:
        return take_time(row, arg, (int64_t *)(void *)field, parsing->err);
    case OPTION_IDS:
        return take_id(row, arg, &parsing->options->schedule, parsing->err);
    case OPTION_TEXTS:
        return take_text(row, arg, (struct cli_texts *)(void *)field, parsing->err);
    }
    return 0;
}

/* Options that have a letter, too. */
static const struct {
    char letter;
    const char *name;
} letters[] = {{'o', "output"}};

/* The key that argp has for the row: its letter, if it has one. */
static int key_of(size_t row)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strcmp(rows[row].name, letters[i].name) == 0)
            return letters[i].letter;
    return KEY_BASE + (int)row;
}

/* "--output" for "-o"; other words as they are. */
static const char *spelled_out(const char *word)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (word[0] == '-' && word[1] == letters[i].letter && !word[2])
            return letters[i].name;
    return NULL;
}

static int row_of_key(const struct cli_command *command, int key)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].verbs & (unsigned)command->verb && key_of(i) == key)
            return (int)i;
    return -1;
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    int row = key == 'h' ? -1 : row_of_key(parsing->command, key);
    if (row >= 0) {
        parsing->rc = take_row(&rows[row], arg, parsing);
        return parsing->rc ? EINVAL : 0;
    }
    if (key == ARGP_KEY_ARGS) {
        parsing->options->words = state->argv + state->next;
        parsing->options->word_count = state->argc - state->next;
        return 0;
    }
    if (key != 'h')
        return ARGP_ERR_UNKNOWN;
    cli_options_help(parsing->command);
    exit(0);
}

/* The rows that a command knows, as argp wants them. */
static void rows_of(const struct cli_command *command, struct argp_option out[ROW_COUNT + 2])
{
    size_t count = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].verbs & (unsigned)command->verb)
            out[count++] = (struct argp_option){
                .name = rows[i].name, .key = key_of(i), .arg = rows[i].arg, .doc = rows[i].doc};
    out[count++] = (struct argp_option){.name = "help", .key = 'h', .doc = "this text"};
    out[count] = (struct argp_option){0};
}

/* ---- help ---------------------------------------------------------------------------------- */

void cli_options_help(const struct cli_command *command)
{
    char left[40];
    printf("Usage: gpmq %s %s\n\n%s\nOptions:\n", command->name, command->usage, command->help);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!(rows[i].verbs & (unsigned)command->verb))
            continue;
        snprintf(left, sizeof left, "--%s%s%s", rows[i].name, rows[i].arg ? " " : "",
                 rows[i].arg ? rows[i].arg : "");
        printf("  %-19s %s\n", left, rows[i].doc);
    }
}

/* ---- what argp would say less well --------------------------------------------------------- */

static const struct option_row *find_row(const struct cli_command *command, const char *name,
                                         size_t length)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].verbs & (unsigned)command->verb && strlen(rows[i].name) == length &&
            strncmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

static int unknown_option(const struct cli_command *command, const char *word,
                          struct gpmq_error *err)
{
    const char *names[ROW_COUNT + 1];
    size_t count = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].verbs & (unsigned)command->verb)
            names[count++] = rows[i].name;
    const char *close = cli_suggest(word + 2, names, count);
    return fail(err, GPMQ_EINVAL, "gpmq %s has no option '%s'%s%s%s; see: gpmq %s --help",
                command->name, word, close ? "; did you mean --" : "", close ? close : "",
                close ? "?" : "", command->name);
}

/* An option that argp would take for short or not know is told in our words. */
static int check_options(const struct cli_command *command, int argc, char **argv,
                         struct gpmq_error *err)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0)
            return 0;
        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
            continue;
        if (word[0] != '-' || !word[1])
            continue;
        size_t length = strcspn(word + 1, "=");
        const char *name = spelled_out(word);
        const struct option_row *row = name             ? find_row(command, name, strlen(name))
                                       : word[1] == '-' ? find_row(command, word + 2, length - 1)
                                                        : NULL;
        if (!row)
            return unknown_option(command, word[1] == '-' ? word : argv[i], err);
        bool has_value = word[1 + length] == '=';
        if (row->arg && !has_value && ++i >= argc)
            return fail(err, GPMQ_EINVAL, "--%s needs a value: --%s %s", row->name, row->name,
                        row->arg);
        if (!row->arg && has_value)
            return fail(err, GPMQ_EINVAL, "--%s takes no value", row->name);
    }
    return 0;
}

static int check_words(const struct cli_command *command, const struct cli_options *options,
                       struct gpmq_error *err)
{
    if (options->word_count < command->words_min)
        return fail(err, GPMQ_EINVAL, "something is missing: gpmq %s %s", command->name,
                    command->usage);
    if (command->words_max >= 0 && options->word_count > command->words_max)
        return fail(err, GPMQ_EINVAL, "'%s' is too much: gpmq %s %s",
                    options->words[command->words_max], command->name, command->usage);
    return 0;
}

bool cli_is_alone(const struct cli_options *options)
{
    return options->folders && options->folders->standalone;
}

int cli_options_parse(struct cli_options *out, const struct cli_command *command, int argc,
                      char **argv, struct gpmq_error *err)
{
    struct argp_option table[ROW_COUNT + 2];
    const struct argp argp = {.options = table, .parser = take};
    struct parsing parsing = {command, out, err, 0};
    *out = (struct cli_options){.schedule.priority = GPMQ_PRIORITY_DEFAULT};
    rows_of(command, table);
    int rc = check_options(command, argc, argv, err);
    if (rc)
        return rc;
    error_t failed =
        argp_parse(&argp, argc, argv, ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_NO_ERRS, NULL, &parsing);
    if (parsing.rc)
        return parsing.rc;
    if (failed)
        return fail(err, GPMQ_EINVAL, "the options of gpmq %s cannot be read; see: gpmq %s --help",
                    command->name, command->name);
    return check_words(command, out, err);
}
