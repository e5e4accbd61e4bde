/* stage.c - source -> rewriting step -> change. */
#include "stage.h"

#include "blame.h"
#include "cleanup.h"
#include "fail.h"

/* One file on its way. */
struct passing {
    const struct stage *stage;
    const char *path;
    struct bytes held; /* of a file that is rewritten */
};

static int32_t whole(const struct stage_source *source)
{
    return (int32_t)(source->extension_count + 2) * STAGE_PART;
}

void stage_tell_read(struct run *run, const struct stage_source *source)
{
    run_progress(run, STAGE_PART, whole(source));
}

static void tell_staged(const struct stage *stage, size_t done)
{
    size_t all = stage->source->gpo->file_count;
    int32_t parts = (int32_t)stage->source->extension_count * STAGE_PART;
    int32_t staged = all ? (int32_t)((double)parts * (double)done / (double)all) : parts;
    run_progress(stage->run, STAGE_PART + staged, whole(stage->source));
}

static int read_source(const struct stage_source *source, const char *path, domain_sink *sink,
                       void *sink_arg, struct gpmq_error *err)
{
    if (source->repository)
        return repository_read_file(source->repository, &source->backup, path, sink, sink_arg, err);
    return source->domain->ops->read_file(source->domain, &source->gpo->id, path, sink, sink_arg,
                                          err);
}

static int write_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct passing *file = arg;
    const struct stage *stage = file->stage;
    int rc = stage->change->ops->change_write(stage->change, file->path, bytes, size, err);
    if (!rc && stage->watcher)
        stage->watcher(stage->watcher_arg, file->path, bytes, size);
    return rc;
}

static int hold_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct passing *file = arg;
    if (size > STAGE_REWRITE_MAX - file->held.size)
        return fail(err, GPMQ_ETOOBIG, "%s has more than %u bytes, too many to rewrite it",
                    file->path, STAGE_REWRITE_MAX);
    bytes_put(&file->held, bytes, size);
    return file->held.failed ? fail(err, GPMQ_ENOMEM, "no memory for %s", file->path) : 0;
}

static int rewrite_file(struct passing *file, struct gpmq_error *err)
{
    const struct stage_rewrite *step = file->stage->rewrite;
    CLEANUP(bytes_free) struct bytes out = {0};
    int rc = read_source(file->stage->source, file->path, hold_piece, file, err);
    if (rc)
        return rc;
    rc = step->rewrite(step->arg, file->path, &file->held, &out, err);
    if (!rc && out.failed)
        rc = fail(err, GPMQ_ENOMEM, "no memory for %s", file->path);
    if (rc)
        return fail_in(err, "%s", file->path), rc;
    return out.size ? write_piece(file, out.at, out.size, err) : 0;
}

static int pass_file(const struct stage *stage, const char *path, struct gpmq_error *err)
{
    const struct stage_rewrite *step = stage->rewrite;
    struct passing file = {.stage = stage, .path = path};
    /* Empty files have no piece; so every file begins with an empty one. */
    int rc = write_piece(&file, "", 0, err);
    if (!rc && step && step->wants(step->arg, path))
        rc = rewrite_file(&file, err);
    else if (!rc)
        rc = read_source(stage->source, path, write_piece, &file, err);
    bytes_free(&file.held);
    return rc;
}

static int stage_one(const struct stage *stage, const struct gpo_file *file, struct gpmq_error *err)
{
    if (file->directory)
        return stage->change->ops->change_mkdir(stage->change, file->path, err);
    int rc = pass_file(stage, file->path, err);
    if (rc)
        blame_file(stage->run, stage->source->extensions, stage->source->extension_count,
                   file->path);
    return rc;
}

static int stopped(struct gpmq_error *err)
{
    return fail(err, GPMQ_ESTOPPED, "stopped before the change was made; everything is as it was");
}

/* Names the backup, or the GPO. */
static int fail_source(const struct stage *stage, int code, struct gpmq_error *err)
{
    const struct stage_source *source = stage->source;
    bool of_backup = source->repository != NULL;
    char id[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(of_backup ? &source->backup : &source->gpo->id, id);
    fail_in(err, of_backup ? "backup %s" : "GPO %s", id);
    return code;
}

int stage_files(const struct stage *stage, struct gpmq_error *err)
{
    const struct gpo *gpo = stage->source->gpo;
    int sizes = gpo_sizes_check(gpo, err);
    if (sizes)
        return fail_source(stage, sizes, err);
    for (size_t i = 0; i < gpo->file_count; i++) {
        if (run_stopped(stage->run))
            return stopped(err);
        int rc = stage_one(stage, &gpo->files[i], err);
        if (rc)
            return rc;
        tell_staged(stage, i + 1);
    }
    if (run_stopped(stage->run))
        return stopped(err);
    const struct stage_rewrite *step = stage->rewrite;
    return step && step->settle ? step->settle(step->arg, err) : 0;
}
