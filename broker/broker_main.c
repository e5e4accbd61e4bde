/* broker_main.c - options, settings, signals, exit code; nothing else. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker_config.h"
#include "broker_tools.h"
#include "cleanup.h"
#include "log.h"
#include "notify.h"

#define OWN_FILES 64 /* descriptors beside those of connections */

struct program {
    int argc;
    char **argv;
    struct broker_config config; /* as at the start */
};

/* SIGTERM, SIGINT and SIGHUP as a descriptor; a broken pipe is an error like any other. */
static int signals_open(void)
{
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGHUP);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int give_up(const char *event, const struct gpmq_error *err)
{
    char value[LOG_VALUE_SIZE];
    log_event(LOG_ERROR, event, "code=%s reason=%s", gpmq_code_name(err->code),
              log_value(err->text, value));
    return gpmq_code_exit(err->code);
}

static void needs_restart(const char *name)
{
    log_event(LOG_WARNING, "setting_needs_restart", "setting=%s", name);
}

/* SIGHUP: reads the settings anew. What is wrong leaves everything as it is. */
static void reload(struct broker *broker, struct program *program)
{
    struct gpmq_error err = {0};
    CLEANUP(broker_config_free) struct broker_config now = {.file = NULL};
    char value[LOG_VALUE_SIZE];
    int rc = broker_config_read(&now, program->argc, program->argv, &err);
    if (!rc)
        rc = broker_reload(broker, &now.settings, &err);
    if (rc) {
        log_event(LOG_ERROR, "reload_refused", "reason=%s", log_value(err.text, value));
        return;
    }
    log_set_most(now.log_level);
    broker_config_compare(&program->config, &now, needs_restart);
    log_event(LOG_INFO, "reloaded", "by=signal");
}

/* Whether all that the signals waited to say was SIGHUP. */
static bool only_hangups(int signals)
{
    struct signalfd_siginfo signal;
    bool only = true;
    while (read(signals, &signal, sizeof signal) == (ssize_t)sizeof signal)
        only = only && signal.ssi_signo == SIGHUP;
    return only;
}

/* Each connection is a descriptor: as many as the system lets us have. */
static void raise_open_files(const struct limits *limits)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct limits filled = *limits;
    limits_fill(&filled);
    uint64_t needed = 3 * (uint64_t)filled.connections_max + OWN_FILES;
    if (files.rlim_cur < needed)
        log_event(LOG_WARNING, "open_files_few", "have=%llu needed=%llu",
                  (unsigned long long)files.rlim_cur, (unsigned long long)needed);
}

static int run(struct program *program)
{
    struct broker_settings *settings = &program->config.settings;
    struct gpmq_error err = {0};
    const struct notify_place place = notify_environment();
    CLEANUP(notify_close) struct notify notify;
    notify_open(&notify, &place);
    settings->notify = &notify;
    CLEANUP(broker_close) struct broker *broker = NULL;
    CLEANUP(close_fd) int signals = signals_open();
    raise_open_files(&settings->limits);
    if (broker_open(&broker, settings, NULL, &err) != 0)
        return give_up("cannot_start", &err);
    log_event(LOG_INFO, "ready", "control=%s worker=%s", broker_control_url(broker),
              broker_worker_url(broker));
    notify_ready(&notify);
    for (;;) {
        if (broker_run(broker, signals, &err) != 0)
            return give_up("stopped_by_failure", &err);
        if (!only_hangups(signals))
            break;
        reload(broker, program);
    }
    notify_stopping(&notify);
    log_event(LOG_INFO, "stopped", "by=signal");
    return 0;
}

static void program_free(struct program *program)
{
    broker_config_free(&program->config);
}

int main(int argc, char **argv)
{
    struct gpmq_error err = {0};
    CLEANUP(program_free) struct program program = {.argc = argc, .argv = argv};
    struct broker_config *config = &program.config;
    log_start("gpmq-broker", LOG_INFO);
    int rc = broker_config_read(config, argc, argv, &err);
    if (rc) {
        fprintf(stderr, "gpmq-broker: %s\n", err.text);
        return 2;
    }
    if (config->check_only)
        return broker_tools_check(&config->settings);
    if (config->backup_to)
        return broker_tools_backup(&config->settings, config->backup_to);
    log_set_most(config->log_level);
    return run(&program);
}
