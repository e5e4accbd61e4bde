/* worker_main.c - options, settings, signals, exit code; nothing else. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "cleanup.h"
#include "log.h"
#include "notify.h"
#include "worker_config.h"

/* Seen by the C library, so not hidden as everything else is. */
__attribute__((visibility("default"))) const char *argp_program_version = "gpmq-worker 0.1.0";

/* SIGTERM and SIGINT as a descriptor; a broken pipe is an error like any other. */
static int signals_open(void)
{
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGINT);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int give_up(const struct gpmq_error *err)
{
    fprintf(stderr, "gpmq-worker: %s\n", err->text);
    return gpmq_code_exit(err->code);
}

static int serve(struct worker_config *config, int stop_fd, struct gpmq_error *err)
{
    const struct notify_place place = notify_environment();
    CLEANUP(notify_close) struct notify notify;
    notify_open(&notify, &place);
    config->settings.notify = &notify;
    CLEANUP(worker_close) struct worker *worker = NULL;
    char value[LOG_VALUE_SIZE];
    int rc = worker_open(&worker, &config->settings, NULL, err);
    if (rc)
        return rc;
    rc = worker_check_places(&config->settings, err);
    if (config->check)
        return rc;
    if (rc) /* the others can be served */
        log_event(LOG_WARNING, "place_missing", "reason=%s", log_value(err->text, value));
    log_event(LOG_INFO, "ready", "name=%s executors=%u", log_value(config->settings.name, value),
              config->settings.executors.count);
    notify_ready(&notify); /* also without a broker: it looks for one as long as it runs */
    return worker_run(worker, stop_fd, config->parent_fd, err);
}

int main(int argc, char **argv)
{
    CLEANUP(worker_config_free) struct worker_config config;
    struct gpmq_error err = {0};
    log_start("gpmq-worker", LOG_INFO);
    if (worker_config_read(&config, argc, argv, &err) != 0)
        return give_up(&err);
    log_set_most(config.settings.executors.log_level);
    CLEANUP(close_fd) int stop_fd = signals_open();
    if (serve(&config, stop_fd, &err) != 0)
        return give_up(&err);
    if (config.check)
        printf("gpmq-worker: the settings are good\n");
    return 0;
}
