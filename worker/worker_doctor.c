/* worker_doctor.c - asks after each place. */
#include "worker_doctor.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "doctor.h"

#define WORDS_MAX 6

/* Runs it to its end; its lines go where ours go. */
static int spawn_and_wait(const struct executor_pool_config *config, char *const *argv)
{
    pid_t pid;
    int status = 0;
    int rc = posix_spawn(&pid, config->program, NULL, NULL, argv, environ);
    if (rc)
        return rc;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? -WEXITSTATUS(status) : ECHILD;
}

static void ask_executor(struct doctor *doctor, const struct executor_pool_config *config,
                         const char *url)
{
    char helper[PATH_MAX];
    CLEANUP(free_pointer) char *domain = NULL;
    if (executor_helper(helper, config->program, NULL) != 0 ||
        asprintf(&domain, "--doctor=%s=%s", doctor->place, url) < 0)
        return;
    char *argv[WORDS_MAX + 1] = {(char *)config->program, domain, (char *)"--acl-helper", helper};
    size_t count = 4;
    if (doctor->json)
        argv[count++] = (char *)"--doctor-json";
    if (doctor->may_write)
        argv[count++] = (char *)"--doctor-write";
    int rc = spawn_and_wait(config, argv);
    if (rc > 0)
        doctor_say(doctor, DOCTOR_PROBLEM, "executor", "check 'executor' in the settings",
                   "'%s' did not look at the domain to its end: %s", config->program, strerror(rc));
    else
        doctor->problems += rc < 0;
}

static unsigned look(const struct place *place, const struct executor_pool_config *config,
                     bool json, bool may_write)
{
    struct doctor doctor = {.place = place->name, .json = json, .may_write = may_write};
    const char *folder = executor_folder(place->url);
    if (folder)
        doctor_folder(&doctor, folder);
    else
        ask_executor(&doctor, config, place->url);
    return doctor.problems;
}

int worker_doctor(const struct executor_pool_config *config, bool json, bool may_write)
{
    unsigned problems = 0;
    for (uint32_t i = 0; i < config->domain_count; i++)
        problems += look(&config->domains[i], config, json, may_write);
    for (uint32_t i = 0; i < config->repository_count; i++)
        problems += look(&config->repositories[i], config, json, may_write);
    return problems ? 1 : 0;
}
