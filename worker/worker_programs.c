/* worker_programs.c - programs and plug-ins of the worker's settings. */
#include "worker_programs.h"

#include "fail.h"

#define MEGABYTE ((int64_t)1 << 20)

static int judge(const struct worker_file_program *from, struct gpmq_error *err)
{
    if (!from->command_count || from->command[0][0] != '/')
        return fail(err, GPMQ_EINVAL,
                    "the command of the program '%s' begins with the absolute path of a file",
                    from->kind);
    for (uint32_t i = 0; i < from->folders_count; i++)
        if (from->folders[i][0] != '/')
            return fail(err, GPMQ_EINVAL, "the folder '%s' of the program '%s' is no absolute path",
                        from->folders[i], from->kind);
    return 0;
}

static int take(struct executor_program *to, const struct worker_file_program *from,
                struct gpmq_error *err)
{
    int rc = judge(from, err);
    if (rc)
        return rc;
    *to = (struct executor_program){
        .kind = from->kind,
        .word_count = from->command_count,
        .words = (const char *const *)from->command,
        .folder_count = from->folders_count,
        .folders = (const char *const *)from->folders,
        .memory_max_bytes = from->memory_mb * MEGABYTE,
        .repeatable = from->repeatable,
    };
    if (from->sandbox && sandbox_mode_from_name(&to->sandbox, from->sandbox) != 0)
        return fail(err, GPMQ_EINVAL,
                    "the sandbox of the program '%s' is auto, required or off, not '%s'",
                    from->kind, from->sandbox);
    return 0;
}

int worker_programs_take(struct executor_pool_config *config, struct executor_program *programs,
                         const struct worker_file *file, struct gpmq_error *err)
{
    for (uint32_t i = 0; i < file->plugins_count; i++)
        if (file->plugins[i][0] != '/')
            return fail(err, GPMQ_EINVAL, "the plug-in '%s' is no absolute path", file->plugins[i]);
    config->plugins = (const char *const *)file->plugins;
    config->plugin_count = file->plugins_count;
    config->programs = programs;
    config->program_count = file->programs_count;
    int rc = 0;
    for (uint32_t i = 0; i < file->programs_count && !rc; i++)
        rc = take(&programs[i], &file->programs[i], err);
    return rc;
}
