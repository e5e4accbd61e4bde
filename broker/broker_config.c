/* broker_config.c - the table of the broker's settings. */
#include "broker_config.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fail.h"

/* Seen by the C library, so not hidden as everything else is. */
__attribute__((visibility("default"))) const char *argp_program_version = "gpmq-broker 0.1.0";

/* The one list: a setting's name in the file, its name as an option, what follows it, and its words
 * for --help. Texts first, then numbers with their range. */
#define TEXTS(X)                                                                                   \
    X(control, "control", "URL", "listen here for clients (" BROKER_CONTROL_DEFAULT ")")           \
    X(worker, "worker", "URL", "listen here for workers (" BROKER_WORKER_DEFAULT ")")              \
    X(status, "status", "URL", "publish status here (" BROKER_STATUS_DEFAULT ")")                  \
    X(store, "store", "URL", "keep the queue here: sqlite:FILE or memory: (required)")             \
    X(key, "key", "FILE", "the broker's secret key; without it only loopback and ipc")             \
    X(keys, "keys", "FOLDER", "public keys (*.pub) of the clients and workers to admit")           \
    X(log_level, "log-level", "WORD", "error, warning, info or debug (info)")

#define NUMBERS(X)                                                                                 \
    X(lease_ms, "lease-ms", "MS", "a worker silent this long has lost what it runs (30000)", 500,  \
      3600000)                                                                                     \
    X(keepalive_ms, "keepalive-ms", "MS", "tell watchers the newest frame this often (5000)", 100, \
      3600000)                                                                                     \
    X(retention_days, "retention-days", "N", "keep what has ended this long (30)", 1, 36500)       \
    X(reserve_mib, "reserve-mib", "N", "take nothing new with less than this on the disk (64)", 1, \
      1048576)                                                                                     \
    X(open_max, "open-max", "N", "most operations that have not ended (1000000)", 1, 100000000)    \
    X(client_open_max, "client-open-max", "N", "most of one client (100000)", 1, 100000000)        \
    X(crashes_max, "crashes-max", "N",                                                             \
      "executors that an operation may take with it: then it is dead (3)", 1, 1000)                \
    X(losses_max, "losses-max", "N", "workers lost under an operation: then it is dead (10)", 1,   \
      1000)                                                                                        \
    LIMITS(X)

/* NULL and 0: not given. */
struct broker_file {
#define TEXT_MEMBER(member, option, arg, doc)                     char *member;
#define NUMBER_MEMBER(member, option, arg, doc, least, most, ...) int64_t member;
    TEXTS(TEXT_MEMBER) NUMBERS(NUMBER_MEMBER)
};

/* ---- the file ----------------------------------------------------------------------------------
 */

static const cyaml_schema_field_t file_fields[] = {
#define TEXT_FIELD(member, option, arg, doc)                                                       \
    CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct broker_file,  \
                           member, 1, MESSAGE_TEXT_MAX),
#define NUMBER_FIELD(member, option, arg, doc, least, most, ...)                                   \
    CYAML_FIELD_INT(#member, CYAML_FLAG_OPTIONAL, struct broker_file, member),
    TEXTS(TEXT_FIELD) NUMBERS(NUMBER_FIELD) CYAML_FIELD_END};

static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct broker_file, file_fields),
};

/* ---- the options -------------------------------------------------------------------------------
 */

enum {
    OPT_FIRST = 256,
#define OPTION_KEY(member, ...) OPT_##member,
    TEXTS(OPTION_KEY) NUMBERS(OPTION_KEY) OPT_CHECK,
    OPT_BACKUP_TO,
};

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "settings as YAML; the options below stand over it", 1},
    {"check", OPT_CHECK, NULL, 0, "say whether settings, keys and store are good, and end", 1},
    {"backup-to", OPT_BACKUP_TO, "FILE", 0, "copy the store to FILE, also of a running broker", 1},
#define OPTION_ROW(member, option, arg, doc, ...) {option, OPT_##member, arg, 0, doc, 2},
    TEXTS(OPTION_ROW) NUMBERS(OPTION_ROW){0},
};

static const char doc[] =
    "Keeps a durable queue of Group Policy operations, gives them to workers and publishes their "
    "progress.\v"
    "Examples:\n"
    "  gpmq-broker --store sqlite:/var/lib/gpmq/queue.db\n"
    "  gpmq-broker --config /etc/gpmq/broker.yaml --check\n"
    "  gpmq-broker --config /etc/gpmq/broker.yaml --backup-to /srv/backup/queue.db\n"
    "  gpmq-broker --store sqlite:queue.db --control tcp://*:5670 --worker tcp://*:5671 \\\n"
    "      --status tcp://*:5672 --key broker.key --keys admitted/\n";

struct reading {
    struct broker_file given; /* by options */
    const char *file;
    bool check_only;
    const char *backup_to;
    struct gpmq_error *err;
    int rc;
};

static int64_t number(struct reading *reading, const char *option, const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < 1)
        reading->rc = fail(reading->err, GPMQ_EINVAL, "--%s takes a number from 1 on, not '%s'",
                           option, text);
    return value;
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct reading *reading = state->input;
    switch (key) {
    case 'c':
        reading->file = arg;
        return 0;
    case OPT_CHECK:
        reading->check_only = true;
        return 0;
    case OPT_BACKUP_TO:
        reading->backup_to = arg;
        return 0;
#define TAKE_TEXT(member, option, arg_, doc)                                                       \
    case OPT_##member:                                                                             \
        reading->given.member = arg;                                                               \
        return 0;
        TEXTS(TAKE_TEXT)
#define TAKE_NUMBER(member, option, arg_, doc, least, most, ...)                                   \
    case OPT_##member:                                                                             \
        reading->given.member = number(reading, option, arg);                                      \
        return 0;
        NUMBERS(TAKE_NUMBER)
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- both --------------------------------------------------------------------------------------
 */

static int judge(const struct broker_file *values, struct gpmq_error *err)
{
#define JUDGE(member, option, arg, doc, least, most, ...)                                          \
    if (values->member && (values->member < (least) || values->member > (most)))                   \
        return fail(err, GPMQ_EINVAL, option " is %lld; it is a number from %lld to %lld",         \
                    (long long)values->member, (long long)(least), (long long)(most));
    NUMBERS(JUDGE)
    if (!values->store)
        return fail(err, GPMQ_EINVAL,
                    "store is missing: where is the queue kept? for example "
                    "--store sqlite:/var/lib/gpmq/queue.db");
    return 0;
}

static void fill_settings(struct broker_settings *settings, const struct broker_file *values)
{
    struct core_config core = core_config_default;
    if (values->lease_ms) {
        core.lease_ms = values->lease_ms;
        core.slack_ms = values->lease_ms / 6;
        core.offer_ms = values->lease_ms / 3;
    }
    if (values->keepalive_ms)
        core.keepalive_ms = values->keepalive_ms;
    if (values->open_max)
        core.open_max = (uint32_t)values->open_max;
    if (values->client_open_max)
        core.client_open_max = (uint32_t)values->client_open_max;
    if (values->crashes_max)
        core.crashes_max = (uint32_t)values->crashes_max;
    if (values->losses_max)
        core.losses_max = (uint32_t)values->losses_max;
#define COPY_LIMIT(name, ...) .name = values->name,
    *settings = (struct broker_settings){.control = values->control,
                                         .worker = values->worker,
                                         .status = values->status,
                                         .store = values->store,
                                         .key_file = values->key,
                                         .keys = values->keys,
                                         .retention_ms = values->retention_days * 24 * 3600 * 1000,
                                         .reserve_bytes = (uint64_t)values->reserve_mib << 20,
                                         .limits = {LIMITS(COPY_LIMIT)},
                                         .core = core};
#undef COPY_LIMIT
}

static int take_level(enum log_level *out, const char *word, struct gpmq_error *err)
{
    *out = LOG_INFO;
    if (!word || log_level_from_name(out, word))
        return 0;
    return fail(err, GPMQ_EINVAL, "log_level is '%s'; it is error, warning, info or debug", word);
}

int broker_config_read(struct broker_config *out, int argc, char **argv, struct gpmq_error *err)
{
    static const struct argp argp = {.options = options, .parser = take, .doc = doc};
    struct reading reading = {.err = err};
    *out = (struct broker_config){.file = NULL};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &reading);
    out->check_only = reading.check_only;
    out->backup_to = reading.backup_to;
    int rc = reading.rc;
    void *loaded = NULL;
    if (!rc && reading.file)
        rc = conf_load(reading.file, &file_schema, &loaded, err);
    if (rc)
        return rc;
    out->file = loaded;

    struct broker_file values = reading.given;
#define FROM_FILE(member, ...)                                                                     \
    if (out->file && !values.member)                                                               \
        values.member = out->file->member;
    TEXTS(FROM_FILE)
    NUMBERS(FROM_FILE)
    rc = judge(&values, err);
    if (!rc)
        rc = take_level(&out->log_level, values.log_level, err);
    if (rc)
        return rc;
    fill_settings(&out->settings, &values);
    out->values = malloc(sizeof *out->values);
    if (!out->values)
        return fail(err, GPMQ_ENOMEM, "no memory for the settings");
    *out->values = values;
    return 0;
}

/* ---- what has changed --------------------------------------------------------------------------
 */

/* Clients and workers connect to these, or were told them. */
static const char *const fixed[] = {"control", "worker",   "status",      "store",
                                    "key",     "lease_ms", "keepalive_ms"};

static bool is_fixed(const char *name)
{
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (strcmp(fixed[i], name) == 0)
            return true;
    return false;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void broker_config_compare(const struct broker_config *before, const struct broker_config *now,
                           void (*differs)(const char *name))
{
#define COMPARE_TEXT(member, ...)                                                                  \
    if (is_fixed(#member) && !same(before->values->member, now->values->member))                   \
        differs(#member);
#define COMPARE_NUMBER(member, ...)                                                                \
    if (is_fixed(#member) && before->values->member != now->values->member)                        \
        differs(#member);
    TEXTS(COMPARE_TEXT)
    NUMBERS(COMPARE_NUMBER)
}

void broker_config_free(struct broker_config *config)
{
    void *loaded = config->file;
    conf_free(&file_schema, &loaded);
    free(config->values);
    config->values = NULL;
    config->file = NULL;
}
