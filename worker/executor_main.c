/*
 * executor_main.c - gpmq-executor: runs operations for a gpmq-worker, in a sandbox.
 *
 * Only a worker starts it; its options are between the two. Descriptor 3 is the socket.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ad_ticket.h"
#include "domain_ad.h"
#include "domain_folder.h"
#include "executor_doctor.h"
#include "executor_loop.h"
#include "fail.h"
#include "log.h"
#include "op_exec.h"
#include "plugin.h"
#include "sandbox.h"
#include "sysvol_acl.h"

#define WORKER_FD   3
#define FOLDERS_MAX 256
#define WORDS_MAX   64
#define PLUGINS_MAX 16

const struct domain_ops *const domain_kinds[] = {&domain_folder, &domain_ad, NULL};

struct options {
    int64_t parent;
    int64_t memory_max_bytes;
    int64_t cpu_max_s;
    int64_t files_max;
    enum sandbox_mode sandbox;
    bool sandbox_known; /* what it lacks is logged already */
    struct sandbox_rules rules;
    const char *folders[FOLDERS_MAX];
    const char *readable[FOLDERS_MAX];
    const char *tickets;         /* folder for Kerberos tickets; NULL: none */
    const char *templates;       /* folder of administrative templates; NULL: none */
    const char *acl_helper;      /* gpmq-sysvol-acl; NULL: none */
    struct exec_program program; /* kind NULL: none */
    char *words[WORDS_MAX + 1];
    size_t word_count;
    const char *plugins[PLUGINS_MAX];
    size_t plugin_count;
    bool list_kinds;
    const char *doctor; /* NAME=URL of a domain to look at; NULL: none */
    bool doctor_json;
    bool doctor_write;
    enum log_level log_level;
};

static const struct argp_option option_table[] = {
    {"parent", 'p', "PID", 0, "End when this process is no longer the parent", 0},
    {"memory", 'm', "BYTES", 0, "Address space; 0: no limit", 0},
    {"cpu", 'c', "S", 0, "Processor time of one operation; 0: no limit", 0},
    {"files", 'n', "N", 0, "Open files; 0: no limit", 0},
    {"sandbox", 's', "MODE", 0, "auto, required or off", 0},
    {"log-level", 'l', "WORD", 0, "error, warning, info or debug (info)", 0},
    {"quiet", 'q', NULL, 0, "Do not log what the sandbox lacks", 0},
    {"network", 'N', NULL, 0, "Allow connections to other machines", 0},
    {"folder", 'f', "PATH", 0, "A folder that may be read and written; may be repeated", 0},
    {"read", 'R', "PATH", 0, "A file or folder that may be read; may be repeated", 0},
    {"tickets", 't', "FOLDER", 0, "Where Kerberos tickets are kept", 0},
    {"templates", 'T', "FOLDER", 0, "Administrative templates, which may be read", 0},
    {"acl-helper", 'a', "FILE", 0, "The program that sets permissions in SYSVOL", 0},
    {"plugin", 'P', "FILE", 0, "Load this shared object; may be repeated", 0},
    {"program", 'x', "KIND", 0, "Run a program, and only operations of this kind", 0},
    {"word", 'w', "TEXT", 0, "The next word of that program's command", 0},
    {"repeatable", 'r', NULL, 0, "A failure of it that may pass is tried again", 0},
    {"doctor", 'D', "NAME=URL", 0, "Say what is wrong with this domain, and end", 0},
    {"doctor-json", 'J', NULL, 0, "As JSON, an object a line", 0},
    {"doctor-write", 'W', NULL, 0, "It may make a temporary folder in SYSVOL", 0},
    {"kinds", 'k', NULL, 0, "Print the kinds of the plug-ins, and end", 0},
    {0},
};

static int64_t number(const char *text, struct argp_state *state)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || *end || end == text || value < 0)
        argp_error(state, "'%s' is no number", text);
    return value;
}

static void add_path(const char **paths, size_t *count, const char *path, struct argp_state *state)
{
    if (*count == FOLDERS_MAX)
        argp_error(state, "more than %d folders", FOLDERS_MAX);
    paths[(*count)++] = path;
}

/* Options of what it may reach. */
static error_t parse_places(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'N':
        options->rules.network = true;
        return 0;
    case 'f':
        add_path(options->folders, &options->rules.folder_count, text, state);
        return 0;
    case 'R':
        add_path(options->readable, &options->rules.readable_count, text, state);
        return 0;
    case 't':
        options->tickets = text;
        add_path(options->folders, &options->rules.folder_count, text, state);
        return 0;
    case 'T':
        options->templates = text;
        add_path(options->readable, &options->rules.readable_count, text, state);
        return 0;
    case 'a':
        options->acl_helper = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Options for what it runs besides the kinds of kinds.h. */
static error_t parse_handlers(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'P':
        if (options->plugin_count == PLUGINS_MAX)
            argp_error(state, "more than %d plug-ins", PLUGINS_MAX);
        options->plugins[options->plugin_count++] = text;
        return 0;
    case 'x':
        options->program.kind = text;
        return 0;
    case 'w':
        if (options->word_count == WORDS_MAX)
            argp_error(state, "more than %d words", WORDS_MAX);
        options->words[options->word_count++] = text;
        return 0;
    case 'r':
        options->program.repeatable = true;
        return 0;
    case 'k':
        options->list_kinds = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_doctor(int key, char *text, struct options *options)
{
    switch (key) {
    case 'D':
        options->doctor = text;
        return 0;
    case 'J':
        options->doctor_json = true;
        return 0;
    case 'W':
        options->doctor_write = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'p':
        options->parent = number(text, state);
        return 0;
    case 'm':
        options->memory_max_bytes = number(text, state);
        return 0;
    case 'c':
        options->cpu_max_s = number(text, state);
        return 0;
    case 'n':
        options->files_max = number(text, state);
        return 0;
    case 's':
        if (sandbox_mode_from_name(&options->sandbox, text))
            argp_error(state, "'%s' is no sandbox mode", text);
        return 0;
    case 'l':
        if (!log_level_from_name(&options->log_level, text))
            argp_error(state, "'%s' is no log level", text);
        return 0;
    case 'q':
        options->sandbox_known = true;
        return 0;
    default:
        if (parse_doctor(key, text, options) == 0)
            return 0;
        return parse_places(key, text, state) == 0 ? 0 : parse_handlers(key, text, state);
    }
}

/* The signal follows the thread that forked, which is the worker's main one. If the worker was gone
 * before this call, it never comes: so look once more. */
static void die_with_parent(int64_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (parent && getppid() != (pid_t)parent)
        _exit(0);
}

static void limit(int resource, int64_t most)
{
    struct rlimit rlimit = {(rlim_t)most, (rlim_t)most};
    if (most > 0)
        setrlimit(resource, &rlimit);
}

static void set_limits(const struct options *options)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef GPMQ_SANITIZED /* whose shadow memory is terabytes of address space */
    limit(RLIMIT_AS, options->memory_max_bytes);
#endif
    limit(RLIMIT_NOFILE, options->files_max);
}

static int enter_sandbox(const struct options *options)
{
    struct gpmq_error err;
    if (options->sandbox == SANDBOX_OFF || sandbox_enter(&options->rules, &err) == 0)
        return 0;
    char value[LOG_VALUE_SIZE];
    bool fatal = options->sandbox == SANDBOX_REQUIRED;
    if (fatal || !options->sandbox_known)
        log_event(fatal ? LOG_ERROR : LOG_WARNING, "sandbox_incomplete", "reason=%s",
                  log_value(err.text, value));
    return fatal ? err.code : 0;
}

/* ---- handlers from outside ------------------------------------------------------------------ */

static int add_program(struct options *options, struct plugin_handlers *handlers,
                       struct gpmq_error *err)
{
    if (!options->program.kind)
        return 0;
    if (!options->word_count)
        return fail(err, GPMQ_EINVAL, "the program of kind '%s' has no command",
                    options->program.kind);
    options->program.words = options->words;
    options->rules.program = options->words[0];
    options->rules.network = true;
    handlers->items[handlers->count++] = exec_handler(&options->program);
    return 0;
}

static int load_handlers(struct options *options, struct plugin_handlers *handlers,
                         struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < options->plugin_count && !rc; i++)
        rc = plugin_load(handlers, options->plugins[i], err);
    return rc ? rc : add_program(options, handlers, err);
}

static int list_kinds(const struct plugin_handlers *handlers)
{
    for (size_t i = 0; i < handlers->count; i++)
        puts(handlers->items[i].kind);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int give_up(const struct gpmq_error *err)
{
    char value[LOG_VALUE_SIZE];
    log_event(LOG_ERROR, "executor_stopped", "reason=%s", log_value(err->text, value));
    return gpmq_code_exit(err->code);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .doc = "Runs operations for a gpmq-worker, which starts it.",
    };
    static struct plugin_handlers handlers;
    struct options options = {.log_level = LOG_INFO};
    struct gpmq_error err;
    options.rules.folders = options.folders;
    options.rules.readable = options.readable;
    log_start("gpmq-executor", LOG_INFO);
    signal(SIGPIPE, SIG_IGN); /* a server that goes away is an error, and no end of ours */
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return gpmq_code_exit(GPMQ_EINVAL);

    log_set_most(options.log_level);
    die_with_parent(options.parent);
    set_limits(&options);
    if (load_handlers(&options, &handlers, &err) != 0)
        return give_up(&err);
    if (options.list_kinds)
        return list_kinds(&handlers);
    if (options.doctor)
        return executor_doctor(options.doctor, options.acl_helper, options.doctor_json,
                               options.doctor_write);
    ad_ticket_folder(options.tickets);
    if (options.acl_helper && sysvol_acl_prepare(options.acl_helper, &err) != 0)
        return give_up(&err);
    int rc = enter_sandbox(&options);
    if (rc)
        return gpmq_code_exit(rc);
    const struct executor_terms terms = {
        .cpu_max_s = options.cpu_max_s,
        .templates = options.templates,
        .more = {handlers.count, handlers.items},
    };
    rc = executor_loop(WORKER_FD, &terms, &err);
    (void)rc; /* it returns with an error only */
    return give_up(&err);
}
