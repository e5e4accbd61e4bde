/* worker_config.c - the table of the worker's settings. */
#include "worker_config.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ad_settings.h"
#include "cleanup.h"
#include "fail.h"
#include "worker_ad_url.h"
#include "worker_file.h"
#include "worker_programs.h"

#define EXECUTOR_NAME       "gpmq-executor"
#define MEMORY_DEFAULT_MB   2048
#define OPEN_FILES_DEFAULT  1024
#define NUMBER_OF_EXECUTORS 4
#define MEGABYTE            ((int64_t)1 << 20)

enum {
    OPT_BROKER = 256,
    OPT_NAME,
    OPT_EXECUTORS,
    OPT_CREDIT,
    OPT_DOMAIN,
    OPT_REPOSITORY,
    OPT_TEMPLATES,
    OPT_KEY,
    OPT_SERVER_KEY,
    OPT_MEMORY,
    OPT_CPU,
    OPT_FILES,
    OPT_SANDBOX,
    OPT_EXECUTOR,
    OPT_DRAIN,
    OPT_LOG_LEVEL,
    OPT_CHECK,
    OPT_DOCTOR,
    OPT_DOCTOR_WRITE,
    OPT_JSON,
    OPT_PARENT_FD,
};

static const struct argp_option option_table[] = {
    {"config", 'c', "FILE", 0, "settings as YAML; the options below stand over it", 0},
    {"broker", OPT_BROKER, "URL", 0, "the broker's socket for workers (required)", 1},
    {"name", OPT_NAME, "NAME", 0, "unique among workers (this machine's name)", 1},
    {"key", OPT_KEY, "FILE", 0, "our secret key", 1},
    {"server-key", OPT_SERVER_KEY, "FILE", 0, "the broker's public key", 1},
    {"domain", OPT_DOMAIN, "NAME=URL", 0, "serve this domain; may be repeated", 2},
    {"repository", OPT_REPOSITORY, "NAME=PATH", 0, "serve this repository; may be repeated", 2},
    {"templates", OPT_TEMPLATES, "FOLDER", 0, "ADMX files for domains without a central store", 2},
    {"executors", OPT_EXECUTORS, "N", 0, "operations at once (4)", 3},
    {"credit", OPT_CREDIT, "N", 0, "leases held at once (twice the executors)", 3},
    {"memory-mb", OPT_MEMORY, "N", 0, "address space of an executor (2048; 0: no limit)", 3},
    {"cpu-s", OPT_CPU, "S", 0, "processor time of an operation (0: no limit)", 3},
    {"open-files", OPT_FILES, "N", 0, "open files of an executor (1024)", 3},
    {"sandbox", OPT_SANDBOX, "MODE", 0, "auto (what the kernel can do), required or off", 3},
    {"executor", OPT_EXECUTOR, "FILE", 0, "the executor's program (" EXECUTOR_NAME ")", 3},
    {"drain-s", OPT_DRAIN, "S", 0, "longest wait for what runs when told to end (300)", 3},
    {"log-level", OPT_LOG_LEVEL, "WORD", 0, "error, warning, info or debug (info)", 3},
    {"check", OPT_CHECK, NULL, 0, "say whether the settings are good, and end", 4},
    {"doctor", OPT_DOCTOR, NULL, 0, "say what is wrong with the domains and repositories, and end",
     4},
    {"doctor-write", OPT_DOCTOR_WRITE, NULL, 0,
     "as --doctor, and try to make a folder in SYSVOL, which is removed", 4},
    {"json", OPT_JSON, NULL, 0, "of --doctor: an object a line", 4},
    {"parent-fd", OPT_PARENT_FD, "FD", OPTION_HIDDEN, "end when this pipe closes", 4},
    {0},
};

static const char doc[] =
    "Runs operations that a gpmq-broker gives it, on the domains and repositories it is given.\v"
    "SIGTERM: takes nothing new, ends what runs, hands back the rest. A second one: at once.\n\n"
    "Examples:\n"
    "  gpmq-worker --config /etc/gpmq/worker.yaml\n"
    "  gpmq-worker --broker ipc:///run/gpmq/worker --domain example.test=folder:/srv/domain \\\n"
    "      --repository nightly=/srv/backups\n";

struct reading {
    struct worker_config *config;
    const char *file;
    struct gpmq_error *err;
    int rc; /* of the first failure */
};

/* ---- values -------------------------------------------------------------------------------- */

static int64_t number(struct reading *reading, const char *option, const char *text, int64_t least,
                      int64_t most)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!reading->rc && (errno || end == text || *end || value < least || value > most))
        reading->rc = fail(reading->err, GPMQ_EINVAL,
                           "--%s takes a number from %" PRId64 " to %" PRId64 ", not '%s'", option,
                           least, most, text);
    return value;
}

static int add_place(struct place *places, uint32_t *count, const char *what, const char *name,
                     const char *url, struct gpmq_error *err)
{
    if (!*name || strlen(name) > GPMQ_NAME_MAX || !*url || strlen(url) > MESSAGE_TEXT_MAX)
        return fail(err, GPMQ_EINVAL, "a %s needs a name and a place: --%s NAME=PLACE", what, what);
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(places[i].name, name) == 0)
            return fail(err, GPMQ_EINVAL, "there are two entries for the %s '%s'", what, name);
    if (*count == MESSAGE_NAMES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a worker serves at most %d of one sort: %s '%s' is over",
                    MESSAGE_NAMES_MAX, what, name);
    places[(*count)++] = (struct place){name, url};
    return 0;
}

/* Whether the keys of an "ad:" URL make sense; what they name may come later. */
static int judge_url(const char *url, struct gpmq_error *err)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    const char *text = executor_ad(url);
    return text ? ad_settings_parse(&settings, text, err) : 0;
}

static int add_domain(struct worker_config *config, const char *name, const char *url,
                      struct gpmq_error *err)
{
    int rc = judge_url(url, err);
    if (rc)
        return fail_in(err, "the domain '%s'", name);
    return add_place(config->domains, &config->settings.executors.domain_count, "domain", name, url,
                     err);
}

static int add_repository(struct worker_config *config, const char *name, const char *url,
                          struct gpmq_error *err)
{
    return add_place(config->repositories, &config->settings.executors.repository_count,
                     "repository", name, url, err);
}

static int add_pair(struct worker_config *config, const char *pair,
                    int (*add)(struct worker_config *, const char *, const char *,
                               struct gpmq_error *),
                    struct gpmq_error *err)
{
    const char *equals = strchr(pair, '=');
    if (!equals)
        return fail(err, GPMQ_EINVAL, "'%s' is not NAME=PLACE", pair);
    if (config->text_count == sizeof config->texts / sizeof config->texts[0])
        return fail(err, GPMQ_ETOOBIG, "too many domains and repositories");
    char *name = strndup(pair, (size_t)(equals - pair));
    if (!name)
        return fail(err, GPMQ_ENOMEM, "no memory for the settings");
    config->texts[config->text_count++] = name;
    return add(config, name, equals + 1, err);
}

/* A domain of the file: by a URL, or by the keys of one. */
static int add_file_domain(struct worker_config *config, const struct worker_file_domain *domain,
                           struct gpmq_error *err)
{
    if (!domain->url == !domain->ad)
        return fail(err, GPMQ_EINVAL, "the domain '%s' needs 'url' or 'ad', and not both",
                    domain->name);
    if (domain->url)
        return add_domain(config, domain->name, domain->url, err);
    char **url = &config->texts[config->text_count];
    int rc = worker_ad_url(url, domain->name, domain->ad, err);
    if (rc)
        return fail_in(err, "the domain '%s'", domain->name);
    config->text_count++;
    return add_domain(config, domain->name, *url, err);
}

static int set_sandbox(struct worker_config *config, const char *word, struct gpmq_error *err)
{
    if (sandbox_mode_from_name(&config->settings.executors.sandbox, word) == 0)
        return 0;
    return fail(err, GPMQ_EINVAL, "the sandbox is auto, required or off, not '%s'", word);
}

static int set_log_level(struct worker_config *config, const char *word, struct gpmq_error *err)
{
    if (log_level_from_name(&config->settings.executors.log_level, word))
        return 0;
    return fail(err, GPMQ_EINVAL, "the log level is error, warning, info or debug, not '%s'", word);
}

/* ---- the command line ---------------------------------------------------------------------- */

static void note(struct reading *reading, int rc)
{
    if (!reading->rc)
        reading->rc = rc;
}

static bool take_text(struct worker_settings *settings, int key, const char *arg)
{
    const struct {
        int key;
        const char **at;
    } texts[] = {
        {OPT_BROKER, &settings->broker},
        {OPT_NAME, &settings->name},
        {OPT_KEY, &settings->key_file},
        {OPT_SERVER_KEY, &settings->server_file},
        {OPT_EXECUTOR, &settings->executors.program},
        {OPT_TEMPLATES, &settings->executors.templates},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].key == key) {
            *texts[i].at = arg;
            return true;
        }
    }
    return false;
}

static bool take_number(struct reading *reading, int key, const char *arg)
{
    struct worker_config *config = reading->config;
    struct worker_settings *settings = &config->settings;
    switch (key) {
    case OPT_EXECUTORS:
        settings->executors.count =
            (uint32_t)number(reading, "executors", arg, 1, EXECUTOR_COUNT_MAX);
        return true;
    case OPT_CREDIT:
        settings->credit = (uint32_t)number(reading, "credit", arg, 1, MESSAGE_OPS_MAX);
        return true;
    case OPT_MEMORY:
        settings->executors.memory_max_bytes =
            number(reading, "memory-mb", arg, 0, INT32_MAX) * MEGABYTE;
        return true;
    case OPT_CPU:
        settings->executors.cpu_max_s = number(reading, "cpu-s", arg, 0, INT32_MAX);
        return true;
    case OPT_FILES:
        settings->executors.files_max = number(reading, "open-files", arg, 16, 1 << 20);
        return true;
    case OPT_DRAIN:
        settings->drain_s = number(reading, "drain-s", arg, 0, INT32_MAX);
        return true;
    case OPT_PARENT_FD:
        config->parent_fd = (int)number(reading, "parent-fd", arg, 0, 1 << 20);
        return true;
    default:
        return false;
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct worker_config *config = reading->config;
    if (take_text(&config->settings, key, arg) || take_number(reading, key, arg))
        return 0;
    switch (key) {
    case 'c': /* was read before */
        return 0;
    case OPT_DOMAIN:
        note(reading, add_pair(config, arg, add_domain, reading->err));
        return 0;
    case OPT_REPOSITORY:
        note(reading, add_pair(config, arg, add_repository, reading->err));
        return 0;
    case OPT_SANDBOX:
        note(reading, set_sandbox(config, arg, reading->err));
        return 0;
    case OPT_LOG_LEVEL:
        note(reading, set_log_level(config, arg, reading->err));
        return 0;
    case OPT_DOCTOR_WRITE:
        config->doctor_write = true;
        config->doctor = true;
        return 0;
    case OPT_DOCTOR:
        config->doctor = true;
        return 0;
    case OPT_JSON:
        config->doctor_json = true;
        return 0;
    case OPT_CHECK:
        config->check = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The first reading only looks for the file. */
static error_t find_file(int key, char *arg, struct argp_state *state)
{
    struct reading *reading = state->input;
    if (key == 'c')
        reading->file = arg;
    return key == ARGP_KEY_ARG ? ARGP_ERR_UNKNOWN : 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

static int take_places(struct worker_config *config, const struct worker_file *file,
                       struct gpmq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < file->domains_count && !rc; i++)
        rc = add_file_domain(config, &file->domains[i], err);
    for (uint32_t i = 0; i < file->repositories_count && !rc; i++)
        rc = add_repository(config, file->repositories[i].name, file->repositories[i].url, err);
    return rc;
}

static int take_file(struct worker_config *config, const char *path, struct gpmq_error *err)
{
    int rc = worker_file_load(&config->file, path, err);
    if (rc)
        return rc;
    const struct worker_file *file = config->file;
    struct worker_settings *settings = &config->settings;
    settings->broker = file->broker;
    settings->name = file->name ? file->name : settings->name;
    settings->key_file = file->key;
    settings->server_file = file->server_key;
    settings->executors.program = file->executor ? file->executor : settings->executors.program;
    settings->executors.templates = file->templates;
    settings->executors.count = file->executors ? file->executors : settings->executors.count;
    settings->credit = file->credit;
    settings->drain_s = file->drain_s ? file->drain_s : settings->drain_s;
    settings->executors.cpu_max_s = file->cpu_s;
    if (file->memory_mb)
        settings->executors.memory_max_bytes = file->memory_mb * MEGABYTE;
    if (file->open_files)
        settings->executors.files_max = file->open_files;
    if (file->sandbox)
        rc = set_sandbox(config, file->sandbox, err);
    if (!rc && file->log_level)
        rc = set_log_level(config, file->log_level, err);
    if (!rc)
        rc = take_places(config, file, err);
    if (!rc)
        rc = worker_programs_take(&settings->executors, config->programs, file, err);
    return rc ? fail_in(err, "%s", path) : 0;
}

/* ---- defaults and checks ------------------------------------------------------------------- */

/* Beside this program, as in a build, or in libexec, as installed. */
static const char *find_program(char path[PATH_MAX])
{
    static const char *const places[] = {"/" EXECUTOR_NAME, "/../libexec/gpmq/" EXECUTOR_NAME};
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length < 0 ? 0 : length] = '\0';
    const char *folder = dirname(self);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (snprintf(path, PATH_MAX, "%s%s", folder, places[i]) < PATH_MAX &&
            access(path, X_OK) == 0)
            return path;
    return "/usr/libexec/gpmq/" EXECUTOR_NAME;
}

void worker_config_default(struct worker_config *config)
{
    *config = (struct worker_config){.parent_fd = -1};
    if (gethostname(config->host, sizeof config->host - 1) != 0)
        snprintf(config->host, sizeof config->host, "worker");
    struct worker_settings *settings = &config->settings;
    settings->name = config->host;
    settings->drain_s = WORKER_DRAIN_DEFAULT_S;
    settings->executors.program = find_program(config->program);
    settings->executors.count = NUMBER_OF_EXECUTORS;
    settings->executors.memory_max_bytes = MEMORY_DEFAULT_MB * MEGABYTE;
    settings->executors.files_max = OPEN_FILES_DEFAULT;
    settings->executors.log_level = LOG_INFO;
    settings->executors.domains = config->domains;
    settings->executors.repositories = config->repositories;
}

static int judge(const struct worker_settings *settings, struct gpmq_error *err)
{
    if (!settings->broker)
        return fail(err, GPMQ_EINVAL,
                    "no broker: give --broker URL or 'broker: URL' in the "
                    "settings");
    if (!*settings->name || strlen(settings->name) > GPMQ_NAME_MAX)
        return fail(err, GPMQ_EINVAL, "a worker's name has 1 to %d bytes", GPMQ_NAME_MAX);
    if (settings->executors.count > EXECUTOR_COUNT_MAX)
        return fail(err, GPMQ_EINVAL, "a worker has at most %d executors, not %" PRIu32,
                    EXECUTOR_COUNT_MAX, settings->executors.count);
    return 0;
}

int worker_config_read(struct worker_config *out, int argc, char **argv, struct gpmq_error *err)
{
    const struct argp finder = {.options = option_table, .parser = find_file, .doc = doc};
    const struct argp taker = {.options = option_table, .parser = take, .doc = doc};
    struct reading reading = {.config = out, .err = err};
    worker_config_default(out);
    argp_parse(&finder, argc, argv, 0, NULL, &reading);
    int rc = reading.file ? take_file(out, reading.file, err) : 0;
    if (rc)
        return rc;
    argp_parse(&taker, argc, argv, 0, NULL, &reading);
    return reading.rc ? reading.rc : judge(&out->settings, err);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void worker_config_compare(const struct worker_config *before, const struct worker_config *now,
                           void (*differs)(const char *name))
{
    const struct worker_settings *old = &before->settings, *new = &now->settings;
    const struct {
        const char *name;
        bool same;
    } fixed[] = {
        {"broker", same(old->broker, new->broker)},
        {"name", same(old->name, new->name)},
        {"key", same(old->key_file, new->key_file)},
        {"server_key", same(old->server_file, new->server_file)},
        {"executor", same(old->executors.program, new->executors.program)},
        {"executors", old->executors.count == new->executors.count},
        {"credit", old->credit == new->credit},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (!fixed[i].same)
            differs(fixed[i].name);
}

void worker_config_free(struct worker_config *config)
{
    worker_file_free(&config->file);
    for (uint32_t i = 0; i < config->text_count; i++)
        free(STEAL(config->texts[i]));
    config->text_count = 0;
}
