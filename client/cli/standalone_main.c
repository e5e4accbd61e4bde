/* standalone_main.c - the roles of this program in standalone mode: the daemons' code, without
 * their command lines. */
#include "standalone_main.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "broker.h"
#include "cleanup.h"
#include "fail.h"
#include "log.h"
#include "standalone_folder.h"
#include "standalone_role.h"
#include "worker_config.h"

#define LEASE_MS 6000 /* on one machine nobody is silent for long */
#define DRAIN_S  10

static int give_up(const char *event, const struct gpmq_error *err)
{
    char value[LOG_VALUE_SIZE];
    log_event(LOG_ERROR, event, "code=%s reason=%s", gpmq_code_name(err->code),
              log_value(err->text, value));
    return gpmq_code_exit(err->code);
}

/* ---- broker: --as-broker FOLDER ------------------------------------------------------------ */

static int be_broker(const char *folder)
{
    char store[PATH_MAX + 32];
    char urls[3][STANDALONE_URL_SIZE];
    struct gpmq_error err = {0};
    CLEANUP(broker_close) struct broker *broker = NULL;
    standalone_folder_url(folder, "control", urls[0]);
    standalone_folder_url(folder, "worker", urls[1]);
    standalone_folder_url(folder, "status", urls[2]);
    snprintf(store, sizeof store, "sqlite:%s/queue.db", folder);
    struct broker_settings settings = {.control = urls[0],
                                       .worker = urls[1],
                                       .status = urls[2],
                                       .store = store,
                                       .core = core_config_default};
    settings.core.lease_ms = LEASE_MS;
    settings.core.slack_ms = LEASE_MS / 6;
    settings.core.offer_ms = LEASE_MS / 3;
    log_start("gpmq-broker", LOG_INFO);
    if (broker_open(&broker, &settings, NULL, &err) != 0)
        return give_up("cannot_start", &err);
    log_event(LOG_INFO, "ready", "control=%s worker=%s", broker_control_url(broker),
              broker_worker_url(broker));
    if (broker_run(broker, ROLE_PARENT_FD, &err) != 0)
        return give_up("stopped_by_failure", &err);
    log_event(LOG_INFO, "stopped", "by=last_command");
    return 0;
}

/* ---- worker: --as-worker FOLDER NAME (domain=PATH | repository=PATH | templates=PATH)... -- */

static const char *after(const char *word, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

/* A place's name is its path, so that a stored request tells where it is. */
static void take_places(struct worker_config *config, int count, char **words)
{
    struct executor_pool_config *pool = &config->settings.executors;
    for (int i = 0; i < count; i++) {
        const char *domain = after(words[i], "domain=");
        const char *repository = after(words[i], "repository=");
        const char *templates = after(words[i], "templates=");
        if (templates)
            pool->templates = templates;
        if (domain && pool->domain_count < MESSAGE_NAMES_MAX)
            config->domains[pool->domain_count++] = (struct place){domain, domain};
        if (repository && pool->repository_count < MESSAGE_NAMES_MAX)
            config->repositories[pool->repository_count++] = (struct place){repository, repository};
    }
}

static int stop_signal(void)
{
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    return signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int be_worker(const char *folder, const char *name, int count, char **words)
{
    char url[STANDALONE_URL_SIZE];
    struct gpmq_error err = {0};
    CLEANUP(close_fd) int stop_fd = stop_signal();
    CLEANUP(worker_config_free) struct worker_config config;
    CLEANUP(worker_close) struct worker *worker = NULL;
    worker_config_default(&config);
    standalone_folder_url(folder, "worker", url);
    config.settings.broker = url;
    config.settings.name = name;
    config.settings.drain_s = DRAIN_S;
    take_places(&config, count, words);
    log_start("gpmq-worker", LOG_INFO);
    if (worker_open(&worker, &config.settings, NULL, &err) != 0)
        return give_up("cannot_start", &err);
    log_event(LOG_INFO, "ready", "name=%s", name);
    if (worker_run(worker, stop_fd, ROLE_PARENT_FD, &err) != 0)
        return give_up("stopped_by_failure", &err);
    log_event(LOG_INFO, "stopped", "by=command");
    return 0;
}

bool standalone_main_is_role(int argc, char **argv)
{
    return (argc == 3 && strcmp(argv[1], ROLE_BROKER) == 0) ||
           (argc >= 4 && strcmp(argv[1], ROLE_WORKER) == 0);
}

int standalone_main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(argv[1], ROLE_BROKER) == 0)
        return be_broker(argv[2]);
    return be_worker(argv[2], argv[3], argc - 4, argv + 4);
}
