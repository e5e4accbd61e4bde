/*
 * cli_options.h - the options of all commands: one table, from which they are parsed and --help is
 * printed.
 */
#ifndef GPMQ_CLI_OPTIONS_H
#define GPMQ_CLI_OPTIONS_H

#include "gpmq/client.h"

/* One bit for each command: a row of the table says which of them know an option. */
enum cli_verb {
    VERB_BACKUP = 1 << 0,
    VERB_IMPORT = 1 << 1,
    VERB_LIST = 1 << 2,
    VERB_VERIFY = 1 << 3,
    VERB_OPS = 1 << 4,
    VERB_SHOW = 1 << 5,
    VERB_WATCH = 1 << 6,
    VERB_WAIT = 1 << 7,
    VERB_CANCEL = 1 << 8,
    VERB_DOMAIN = 1 << 9,
    VERB_KEYS = 1 << 10,
    VERB_PING = 1 << 11,
    VERB_WORKERS = 1 << 12,
    VERB_STATS = 1 << 13,
    VERB_PAUSE = 1 << 14, /* and resume */
    VERB_DRAIN = 1 << 15,
    VERB_RESTORE = 1 << 16,
    VERB_COPY = 1 << 17,
    VERB_DEAD = 1 << 18, /* dead retry, dead drop */
    VERB_REPORT = 1 << 19,
    VERB_PRUNE = 1 << 20,
    VERB_DIFF = 1 << 21,
    VERB_TABLE = 1 << 22,       /* migration-table create */
    VERB_TABLE_CHECK = 1 << 23, /* migration-table validate */
    VERB_DEAD_LIST = 1 << 24,
};
#define VERB_ALL     ((1 << 28) - 1)
#define VERB_NUMBERS (VERB_WORKERS | VERB_STATS | VERB_DEAD_LIST | VERB_PING)
#define VERB_QUEUE   (VERB_NUMBERS | VERB_PAUSE | VERB_DRAIN | VERB_DEAD)
#define VERB_TABLES  (VERB_TABLE | VERB_TABLE_CHECK)
#define VERB_PREPARE (VERB_TABLES | VERB_DOMAIN | VERB_KEYS)
#define VERB_FOLLOW  (VERB_OPS | VERB_SHOW | VERB_WATCH | VERB_WAIT | VERB_CANCEL)
#define VERB_GPOS    (VERB_BACKUP | VERB_IMPORT | VERB_RESTORE | VERB_COPY) /* work on GPOs */
#define VERB_SUBMIT  (VERB_GPOS | VERB_REPORT | VERB_VERIFY | VERB_PRUNE | VERB_DIFF)
#define VERB_BROKER  (VERB_ALL & ~(VERB_DOMAIN | VERB_KEYS))

struct standalone;

/* What a command has while no broker is configured; main's, and let go there. */
struct cli_folders {
    struct standalone *standalone; /* NULL: there is a broker, or nothing is connected yet */
    char *domain;                  /* absolute paths, which options point to */
    char *to_domain;
    char *to;
    char *from;
};

/* When and how often what is submitted runs; 0: not said. */
struct cli_schedule {
    int64_t priority; /* GPMQ_PRIORITY_DEFAULT: not said */
    int64_t not_before_unix_ms;
    int64_t deadline_unix_ms;
    int64_t run_ms;
    int64_t stall_ms;
    int64_t attempts;
    int64_t backoff_ms;
    uint32_t after_count;
    struct gpmq_id after[GPMQ_AFTER_MAX];
};

#define CLI_TEXTS_MAX 64 /* of an option that can be given several times */

struct cli_texts {
    uint32_t count;
    const char *items[CLI_TEXTS_MAX];
};

/* What report --rsop plans for; NULL, false and 0: not given. */
struct cli_rsop {
    bool plan;
    const char *computer;
    const char *user;
    const char *computer_container;
    const char *user_container;
    const char *site;
    const char *loopback;
    bool slow_link;
    struct cli_texts computer_groups;
    struct cli_texts user_groups;
    struct cli_texts wmi_true;
    struct cli_texts wmi_false;
};

/* What was given; NULL, false and 0: not given. Text is borrowed from argv. */
struct cli_options {
    /* where */
    const char *domain;
    const char *broker;
    const char *config;
    const char *key_file;
    const char *server_key_file;
    /* what */
    bool all;
    const char *to;
    const char *from;
    const char *comment;
    const char *into;
    bool create;
    const char *name;
    const char *to_domain;
    bool copy_acl;
    const char *migration_table;
    bool migration_table_only;
    bool with_acl;
    const char *output;
    bool read_data;
    const char *backup;
    const char *op;
    bool html;
    bool xml;
    struct cli_rsop rsop;
    bool dry_run;
    const char *gpo;
    int64_t keep_last; /* 0: not given, as the next three */
    int64_t keep_daily;
    int64_t keep_weekly;
    int64_t keep_monthly;
    struct cli_schedule schedule;
    /* which */
    bool open_only;
    const char *batch;
    int64_t limit;
    bool any;
    int64_t grace_s;
    int64_t timeout_s;
    const char *kind;
    const char *repository;
    bool resume;
    /* how it is told */
    bool detach;
    bool json;
    bool quiet;
    bool no_progress;
    /* making a domain, making keys */
    const char *dns_name;
    const char *netbios;
    const char *ldif;
    const char *sysvol;
    const char *role;
    /* without a broker */
    struct cli_folders *folders; /* NULL: this command is for brokers only */
    bool no_resume;              /* what was interrupted is left for the next command */
    /* the rest of the line */
    int word_count;
    char **words;
};

struct cli_command {
    const char *name; /* "backup", "domain create" */
    enum cli_verb verb;
    const char *summary; /* one line, for the list of all commands */
    const char *usage;   /* what follows the name: "(--all | GPO...) --to REPO" */
    const char *help;    /* examples, then what is to be known; ends in a newline */
    int words_min;
    int words_max;                                 /* -1: any number */
    int (*run)(const struct cli_options *options); /* returns the exit code */
};

/* Parses what follows a command's name: argv[0] is the name. Prints help and exits for -h and
 * --help. GPMQ_EINVAL: an option or a word is wrong; *err says which, and what is close to it. */
int cli_options_parse(struct cli_options *out, const struct cli_command *command, int argc,
                      char **argv, struct gpmq_error *err) GPMQ_CHECKED;

/* Whether the command has a broker of its own (cli_alone.h). */
bool cli_is_alone(const struct cli_options *options);

/* Prints a command's help. */
void cli_options_help(const struct cli_command *command);

#endif
