/* worker_main.c - options, settings, signals, exit code; nothing else. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "cleanup.h"
#include "log.h"
#include "notify.h"
#include "worker_config.h"
#include "worker_doctor.h"

/* Seen by the C library, so not hidden as everything else is. */
__attribute__((visibility("default"))) const char *argp_program_version = "gpmq-worker 0.1.0";

struct program {
    int argc;
    char **argv;
    struct worker_config first;   /* as at the start: what cannot change is from here */
    struct worker_config *newest; /* of the last SIGHUP; NULL: there was none */
};

static void drop_config(struct worker_config **config_p)
{
    if (*config_p)
        worker_config_free(*config_p);
    free(STEAL(*config_p));
}

static void program_free(struct program *program)
{
    drop_config(&program->newest);
    worker_config_free(&program->first);
}

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

static int give_up(const struct gpmq_error *err)
{
    fprintf(stderr, "gpmq-worker: %s\n", err->text);
    return gpmq_code_exit(err->code);
}

static void check_places(const struct worker_settings *settings)
{
    struct gpmq_error err;
    char value[LOG_VALUE_SIZE];
    if (worker_check_places(settings, &err) != 0) /* the others can be served */
        log_event(LOG_WARNING, "place_missing", "reason=%s", log_value(err.text, value));
}

static void needs_restart(const char *name)
{
    log_event(LOG_WARNING, "setting_needs_restart", "setting=%s", name);
}

/* Reads the settings anew. What is wrong leaves everything as it is. */
static void reload(void *arg, struct worker *worker)
{
    struct program *program = arg;
    struct gpmq_error err = {.code = GPMQ_ENOMEM, .text = "no memory for the settings"};
    char value[LOG_VALUE_SIZE];
    CLEANUP(drop_config) struct worker_config *now = calloc(1, sizeof *now);
    int rc = now ? worker_config_read(now, program->argc, program->argv, &err) : GPMQ_ENOMEM;
    if (!rc)
        rc = worker_reload(worker, &now->settings, &err);
    if (rc) {
        log_event(LOG_ERROR, "reload_refused", "reason=%s", log_value(err.text, value));
        return;
    }
    log_set_most(now->settings.executors.log_level);
    worker_config_compare(&program->first, now, needs_restart);
    check_places(&now->settings);
    drop_config(&program->newest);
    program->newest = STEAL(now);
    log_event(LOG_INFO, "reloaded", "by=signal");
}

static int serve(struct program *program, int stop_fd, struct gpmq_error *err)
{
    struct worker_config *config = &program->first;
    const struct notify_place place = notify_environment();
    CLEANUP(notify_close) struct notify notify;
    notify_open(&notify, &place);
    config->settings.notify = &notify;
    config->settings.hangup = reload;
    config->settings.hangup_arg = program;
    CLEANUP(worker_close) struct worker *worker = NULL;
    char value[LOG_VALUE_SIZE];
    int rc = worker_open(&worker, &config->settings, NULL, err);
    if (rc)
        return rc;
    if (config->check)
        return worker_check_places(&config->settings, err);
    check_places(&config->settings);
    log_event(LOG_INFO, "ready", "name=%s executors=%u", log_value(config->settings.name, value),
              config->settings.executors.count);
    notify_ready(&notify); /* also without a broker: it looks for one as long as it runs */
    return worker_run(worker, stop_fd, config->parent_fd, err);
}

int main(int argc, char **argv)
{
    CLEANUP(program_free) struct program program = {.argc = argc, .argv = argv};
    struct gpmq_error err = {0};
    log_start("gpmq-worker", LOG_INFO);
    if (worker_config_read(&program.first, argc, argv, &err) != 0)
        return give_up(&err);
    log_set_most(program.first.settings.executors.log_level);
    if (program.first.doctor)
        return worker_doctor(&program.first.settings.executors, program.first.doctor_json,
                             program.first.doctor_write);
    CLEANUP(close_fd) int stop_fd = signals_open();
    if (serve(&program, stop_fd, &err) != 0)
        return give_up(&err);
    if (program.first.check)
        printf("gpmq-worker: the settings are good\n");
    return 0;
}
