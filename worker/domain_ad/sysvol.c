/* sysvol.c - what both kinds of SYSVOL share. */
#include "sysvol.h"

#include "fail.h"

int sysvol_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                struct gpmq_error *err)
{
    return settings->sysvol ? sysvol_local_open(out, settings, server, err)
                            : sysvol_smb_open(out, settings, server, err);
}

void sysvol_close(struct sysvol **sysvol_p)
{
    if (*sysvol_p)
        (*sysvol_p)->ops->close(sysvol_p);
}

static int take_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct bytes *out = arg;
    if (size > SYSVOL_SMALL_MAX - out->size)
        return fail(err, GPMQ_ETOOBIG, "more than %d bytes", SYSVOL_SMALL_MAX);
    bytes_put(out, bytes, size);
    return 0;
}

int sysvol_read_small(struct sysvol *sysvol, const char *path, struct bytes *out,
                      struct gpmq_error *err)
{
    bytes_put(out, "", 0);
    int rc = sysvol->ops->read(sysvol, path, NULL, take_piece, out, err);
    if (rc == GPMQ_ETOOBIG)
        return fail_in(err, "SYSVOL, %s", path);
    return rc ? rc : out->failed ? fail(err, GPMQ_ENOMEM, "no memory for %s", path) : 0;
}

int sysvol_put(struct sysvol *sysvol, const char *path, const void *bytes, size_t size,
               struct gpmq_error *err)
{
    const struct sysvol_ops *ops = sysvol->ops;
    struct sysvol_file *file = NULL;
    int rc = ops->remove(sysvol, path, err);
    if (!rc)
        rc = ops->create(sysvol, path, &file, err);
    if (!rc)
        rc = ops->write(file, bytes, size, err);
    int closed = ops->close_file(&file, rc ? NULL : err);
    return rc ? rc : closed;
}
