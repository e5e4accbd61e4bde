/* broker_main.c - options, settings, signals, exit code; nothing else. */
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "broker_config.h"
#include "broker_tools.h"
#include "cleanup.h"
#include "log.h"
#include "notify.h"

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

static int give_up(const char *event, const struct gpmq_error *err)
{
    char value[LOG_VALUE_SIZE];
    log_event(LOG_ERROR, event, "code=%s reason=%s", gpmq_code_name(err->code),
              log_value(err->text, value));
    return gpmq_code_exit(err->code);
}

static int run(struct broker_settings *settings)
{
    struct gpmq_error err = {0};
    const struct notify_place place = notify_environment();
    CLEANUP(notify_close) struct notify notify;
    notify_open(&notify, &place);
    settings->notify = &notify;
    CLEANUP(broker_close) struct broker *broker = NULL;
    CLEANUP(close_fd) int stop_fd = signals_open();
    if (broker_open(&broker, settings, NULL, &err) != 0)
        return give_up("cannot_start", &err);
    log_event(LOG_INFO, "ready", "control=%s worker=%s", broker_control_url(broker),
              broker_worker_url(broker));
    notify_ready(&notify);
    if (broker_run(broker, stop_fd, &err) != 0)
        return give_up("stopped_by_failure", &err);
    log_event(LOG_INFO, "stopped", "by=signal");
    return 0;
}

int main(int argc, char **argv)
{
    struct gpmq_error err = {0};
    CLEANUP(broker_config_free) struct broker_config config = {.file = NULL};
    log_start("gpmq-broker", LOG_INFO);
    int rc = broker_config_read(&config, argc, argv, &err);
    if (rc) {
        fprintf(stderr, "gpmq-broker: %s\n", err.text);
        return 2;
    }
    if (config.check_only)
        return broker_tools_check(&config.settings);
    if (config.backup_to)
        return broker_tools_backup(&config.settings, config.backup_to);
    return run(&config.settings);
}
