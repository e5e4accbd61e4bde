/* executor_argv.c - the command line of an executor: its limits and the folders it may touch. */
#include <inttypes.h>
#include <string.h>

#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"

#define FOLDER_SCHEME "folder:"

int executor_argv_add(struct executor_pool *pool, const char *format, const char *value,
                      struct gpmq_error *err)
{
    char **grown = reallocarray(pool->argv, pool->argv_count + 2, sizeof *grown);
    if (!grown)
        return fail(err, GPMQ_ENOMEM, "no memory for the options of an executor");
    pool->argv = grown;
    char *text = NULL;
    if (asprintf(&text, "%s%s", format, value) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for the options of an executor");
    pool->argv[pool->argv_count++] = text;
    pool->argv[pool->argv_count] = NULL;
    return 0;
}

static int add_number(struct executor_pool *pool, const char *option, int64_t value,
                      struct gpmq_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return executor_argv_add(pool, option, text, err);
}

const char *executor_folder(const char *url)
{
    if (strncmp(url, FOLDER_SCHEME, strlen(FOLDER_SCHEME)) == 0)
        return url + strlen(FOLDER_SCHEME);
    const char *colon = strchr(url, ':');
    const char *slash = strchr(url, '/');
    return colon && (!slash || colon < slash) ? NULL : url;
}

static int add_places(struct executor_pool *pool, const struct place *places, uint32_t count,
                      bool *network, struct gpmq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < count && !rc; i++) {
        const char *folder = executor_folder(places[i].url);
        *network = *network || !folder;
        if (folder && access(folder, F_OK) == 0)
            rc = executor_argv_add(pool, "--folder=", folder, err);
    }
    return rc;
}

int executor_argv_make(struct executor_pool *pool, struct gpmq_error *err)
{
    const struct executor_pool_config *config = &pool->config;
    bool network = false;
    int rc = executor_argv_add(pool, "", config->program, err);
    if (!rc)
        rc = add_number(pool, "--parent=", getpid(), err);
    if (!rc)
        rc = add_number(pool, "--memory=", config->memory_max_bytes, err);
    if (!rc)
        rc = add_number(pool, "--cpu=", config->cpu_max_s, err);
    if (!rc)
        rc = add_number(pool, "--files=", config->files_max, err);
    if (!rc)
        rc = executor_argv_add(pool, "--sandbox=", sandbox_mode_name(config->sandbox), err);
    if (!rc)
        rc = add_places(pool, config->domains, config->domain_count, &network, err);
    if (!rc)
        rc = add_places(pool, config->repositories, config->repository_count, &network, err);
    if (!rc && network)
        rc = executor_argv_add(pool, "--network", "", err);
    return rc;
}

void executor_argv_free(struct executor_pool *pool)
{
    for (uint32_t i = 0; i < pool->argv_count; i++)
        free(pool->argv[i]);
    free(STEAL(pool->argv));
    pool->argv_count = 0;
}
