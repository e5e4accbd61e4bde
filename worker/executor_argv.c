/* executor_argv.c - the command line of an executor: its limits and the folders it may touch. */
#include <inttypes.h>
#include <string.h>

#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"

int executor_argv_add(struct executor_role *role, const char *option, const char *value,
                      struct gpmq_error *err)
{
    char **grown = reallocarray(role->argv, role->argv_count + 2, sizeof *grown);
    if (!grown)
        return fail(err, GPMQ_ENOMEM, "no memory for the options of an executor");
    role->argv = grown;
    char *text = NULL;
    if (asprintf(&text, "%s%s", option, value) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for the options of an executor");
    role->argv[role->argv_count++] = text;
    role->argv[role->argv_count] = NULL;
    return 0;
}

static int add_number(struct executor_role *role, const char *option, int64_t value,
                      struct gpmq_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return executor_argv_add(role, option, text, err);
}

static int add_texts(struct executor_role *role, const char *option, const char *const *texts,
                     uint32_t count, struct gpmq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < count && !rc; i++)
        rc = executor_argv_add(role, option, texts[i], err);
    return rc;
}

/* What is alike in all roles. */
static int add_limits(struct executor_role *role, const struct executor_pool_config *config,
                      int64_t memory_max_bytes, enum sandbox_mode sandbox, struct gpmq_error *err)
{
    int rc = executor_argv_add(role, "", config->program, err);
    if (!rc)
        rc = add_number(role, "--parent=", getpid(), err);
    if (!rc)
        rc = add_number(role, "--memory=", memory_max_bytes, err);
    if (!rc)
        rc = add_number(role, "--cpu=", config->cpu_max_s, err);
    if (!rc)
        rc = add_number(role, "--files=", config->files_max, err);
    if (!rc)
        rc = executor_argv_add(role, "--log-level=", log_level_name(config->log_level), err);
    if (!rc)
        rc = executor_argv_add(role, "--sandbox=", sandbox_mode_name(sandbox), err);
    return rc;
}

static int make_for_handlers(struct executor_role *role, const struct executor_pool_config *config,
                             const char *tickets, struct gpmq_error *err)
{
    role->serves = EXECUTOR_SERVES_MAX;
    int rc = add_limits(role, config, config->memory_max_bytes, config->sandbox, err);
    if (!rc)
        rc = executor_place_argv(role, config, tickets, err);
    if (!rc)
        rc = add_texts(role, "--plugin=", config->plugins, config->plugin_count, err);
    return rc;
}

static int make_for_program(struct executor_role *role, const struct executor_pool_config *config,
                            const struct executor_program *program, struct gpmq_error *err)
{
    role->kind = program->kind;
    role->serves = 1; /* its end is the end of whatever it has started */
    int rc = add_limits(role, config, program->memory_max_bytes, program->sandbox, err);
    if (!rc)
        rc = executor_argv_add(role, "--program=", program->kind, err);
    if (!rc && program->repeatable)
        rc = executor_argv_add(role, "--repeatable", "", err);
    if (!rc)
        rc = add_texts(role, "--folder=", program->folders, program->folder_count, err);
    if (!rc)
        rc = add_texts(role, "--word=", program->words, program->word_count, err);
    return rc;
}

int executor_argv_make(struct executor_pool *pool, struct gpmq_error *err)
{
    const struct executor_pool_config *config = &pool->config;
    if (config->program_count > EXECUTOR_PROGRAMS_MAX)
        return fail(err, GPMQ_ETOOBIG, "a worker has at most %d programs", EXECUTOR_PROGRAMS_MAX);
    pool->role_count = 1 + config->program_count;
    int rc = make_for_handlers(&pool->roles[0], config, pool->tickets, err);
    for (uint32_t i = 0; i < config->program_count && !rc; i++)
        rc = make_for_program(&pool->roles[1 + i], config, &config->programs[i], err);
    return rc;
}

void executor_argv_free(struct executor_pool *pool)
{
    executor_argv_drop(pool->roles, pool->role_count);
}

void executor_argv_drop(struct executor_role *roles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct executor_role *role = &roles[i];
        for (uint32_t j = 0; j < role->argv_count; j++)
            free(role->argv[j]);
        free(STEAL(role->argv));
        role->argv_count = 0;
    }
}
