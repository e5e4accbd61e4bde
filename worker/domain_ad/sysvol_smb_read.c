/* sysvol_smb_read.c - SYSVOL by SMB: list, look at and read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sysvol_smb.h"

#define ATTR_REPARSE 0x400 /* FILE_ATTRIBUTE_REPARSE_POINT ([MS-FSCC] 2.6) */
#define ATTR_FOLDER  0x10

void smb_free_names(struct smb_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

int smb_keep_name(struct smb_names *names, const char *name, struct gpmq_error *err)
{
    char **items = reallocarray(names->items, names->count + 1, sizeof *items);
    if (items)
        names->items = items;
    if (!items || !(items[names->count] = strdup(name)))
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    names->count++;
    return 0;
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int judge_entry(const struct smb *smb, const struct libsmb_file_info *info,
                       const char *folder, struct gpmq_error *err)
{
    if (info->attrs & ATTR_REPARSE)
        return fail(err, GPMQ_EDAMAGED, "%s/%s/%s is neither file nor folder (a link?): refused",
                    smb->root, folder, info->name);
    return 0;
}

struct smb_walk {
    struct smb *smb;
    const char *folder; /* where it began */
    sysvol_visit *visit;
    void *arg;
    bool deep;
    int depth;
    char path[GPO_PATH_MAX + 1]; /* below folder */
};

static int walk_folder(struct smb_walk *walk, struct gpmq_error *err);

static int visit_entry(struct smb_walk *walk, const struct libsmb_file_info *info,
                       struct gpmq_error *err)
{
    size_t length = strlen(walk->path);
    struct sysvol_stat stat = {.directory = info->attrs & ATTR_FOLDER,
                               .size_bytes = info->attrs & ATTR_FOLDER ? 0 : info->size,
                               .modified_ns = nanoseconds(info->mtime_ts)};
    int rc = judge_entry(walk->smb, info, walk->folder, err);
    if (rc)
        return rc;
    int more = snprintf(walk->path + length, sizeof walk->path - length, "%s%s", length ? "/" : "",
                        info->name);
    if (more < 0 || length + (size_t)more >= sizeof walk->path)
        return fail(err, GPMQ_ETOOBIG, "%s/%s holds a path of more than %d bytes", walk->smb->root,
                    walk->folder, GPO_PATH_MAX);
    rc = walk->visit(walk->arg, walk->path, &stat, err);
    walk->path[length] = 0;
    return rc;
}

static int read_folder(struct smb_walk *walk, SMBCFILE *handle, struct smb_names *folders,
                       struct gpmq_error *err)
{
    SMBCCTX *context = walk->smb->context;
    const struct libsmb_file_info *info;
    int rc = 0;
    errno = 0;
    while (!rc && (info = smbc_getFunctionReaddirPlus(context)(context, handle))) {
        if (strcmp(info->name, ".") == 0 || strcmp(info->name, "..") == 0)
            continue;
        rc = visit_entry(walk, info, err);
        if (!rc && walk->deep && info->attrs & ATTR_FOLDER)
            rc = smb_keep_name(folders, info->name, err);
        errno = 0;
    }
    return rc;
}

static int walk_below(struct smb_walk *walk, const struct smb_names *folders,
                      struct gpmq_error *err)
{
    size_t length = strlen(walk->path);
    int rc = 0;
    if (folders->count && ++walk->depth > GPO_DEPTH_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s/%s is more than %d folders deep", walk->smb->root,
                    walk->folder, GPO_DEPTH_MAX);
    for (size_t i = 0; i < folders->count && !rc; i++) {
        snprintf(walk->path + length, sizeof walk->path - length, "%s%s", length ? "/" : "",
                 folders->items[i]);
        rc = walk_folder(walk, err);
        walk->path[length] = 0;
    }
    walk->depth -= folders->count > 0;
    return rc;
}

static int walk_folder(struct smb_walk *walk, struct gpmq_error *err)
{
    SMBCCTX *context = walk->smb->context;
    CLEANUP(smb_free_names) struct smb_names folders = {0};
    char path[2 * GPO_PATH_MAX], url[SMB_URL_SIZE];
    snprintf(path, sizeof path, "%s%s%s", walk->folder, *walk->path && *walk->folder ? "/" : "",
             walk->path);
    int rc = smb_url(walk->smb, path, url, err);
    if (rc)
        return rc;
    SMBCFILE *handle = smbc_getFunctionOpendir(context)(context, url);
    if (!handle)
        return smb_fail(walk->smb, err, "list", path);
    rc = read_folder(walk, handle, &folders, err);
    smbc_getFunctionClosedir(context)(context, handle);
    return rc ? rc : walk_below(walk, &folders, err);
}

int smb_list(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
             struct gpmq_error *err)
{
    struct smb_walk walk = {smb_of(sysvol), folder, visit, arg, true, 0, ""};
    return walk_folder(&walk, err);
}

int smb_names(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
              struct gpmq_error *err)
{
    struct smb_walk walk = {smb_of(sysvol), folder, visit, arg, false, 0, ""};
    return walk_folder(&walk, err);
}

static struct sysvol_stat stat_of(const struct stat *stat)
{
    return (struct sysvol_stat){.directory = S_ISDIR(stat->st_mode),
                                .size_bytes = S_ISDIR(stat->st_mode) ? 0 : (uint64_t)stat->st_size,
                                .modified_ns = nanoseconds(stat->st_mtim)};
}

int smb_stat(struct sysvol *sysvol, const char *path, struct sysvol_stat *out,
             struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    struct stat stat;
    char url[SMB_URL_SIZE];
    int rc = smb_url(smb, path, url, err);
    if (rc)
        return rc;
    if (smbc_getFunctionStat(smb->context)(smb->context, url, &stat) != 0)
        return smb_fail(smb, err, "look at", path);
    *out = stat_of(&stat);
    return 0;
}

static int judge_state(struct smb *smb, SMBCFILE *handle, const char *path,
                       const struct sysvol_stat *expected, struct gpmq_error *err)
{
    struct stat stat;
    if (smbc_getFunctionFstat(smb->context)(smb->context, handle, &stat) != 0)
        return smb_fail(smb, err, "look at", path);
    struct sysvol_stat now = stat_of(&stat);
    if (now.size_bytes == expected->size_bytes && now.modified_ns == expected->modified_ns)
        return 0;
    return fail(err, GPMQ_EBUSY, "%s/%s was changed while its GPO was being read: read it again",
                smb->root, path);
}

/* With a size that is known, the end needs no reading of its own. */
static int feed(struct smb *smb, SMBCFILE *handle, const char *path, uint64_t left,
                domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    int rc = 0;
    ssize_t got = 0;
    while (!rc && left > 0 &&
           (got = smbc_getFunctionRead(smb->context)(smb->context, handle, smb->piece,
                                                     SYSVOL_PIECE_BYTES)) > 0) {
        rc = sink(sink_arg, smb->piece, (size_t)got, err);
        left -= (uint64_t)got < left ? (uint64_t)got : left;
    }
    return !rc && got < 0 ? smb_fail(smb, err, "read", path) : rc;
}

int smb_read(struct sysvol *sysvol, const char *path, const struct sysvol_stat *expected,
             domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[SMB_URL_SIZE];
    int rc = smb_url(smb, path, url, err);
    if (rc)
        return rc;
    SMBCFILE *handle = smbc_getFunctionOpen(smb->context)(smb->context, url, O_RDONLY, 0);
    if (!handle)
        return smb_fail(smb, err, "read", path);
    rc = expected ? judge_state(smb, handle, path, expected, err) : 0;
    if (!rc)
        rc = feed(smb, handle, path, expected ? expected->size_bytes : UINT64_MAX, sink, sink_arg,
                  err);
    smbc_getFunctionClose(smb->context)(smb->context, handle);
    return rc;
}
