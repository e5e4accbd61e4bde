/* sysvol_smb_write.c - SYSVOL by SMB: make, write, rename, remove, lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sysvol_smb.h"

struct sysvol_file {
    struct smb *smb;
    SMBCFILE *handle;
    char path[GPO_PATH_MAX + 1];
};

struct sysvol_lock {
    struct smb *smb;
    SMBCFILE *handle;
};

int smb_mkdir(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[SMB_URL_SIZE];
    int rc = smb_url(smb, path, url, err);
    if (!rc && smbc_getFunctionMkdir(smb->context)(smb->context, url, 0755) != 0)
        rc = smb_fail(smb, err, "make the folder", path);
    return rc;
}

int smb_create(struct sysvol *sysvol, const char *path, struct sysvol_file **out,
               struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[SMB_URL_SIZE];
    CLEANUP(free_pointer) struct sysvol_file *file = calloc(1, sizeof *file);
    int rc = smb_url(smb, path, url, err);
    if (!file)
        return fail(err, GPMQ_ENOMEM, "no memory for a file");
    if (rc)
        return rc;
    file->smb = smb;
    snprintf(file->path, sizeof file->path, "%s", path);
    file->handle = smbc_getFunctionOpen(smb->context)(smb->context, url, O_RDWR | O_CREAT, 0644);
    if (!file->handle)
        return smb_fail(smb, err, "write", path);
    if (smbc_getFunctionLseek(smb->context)(smb->context, file->handle, 0, SEEK_END) < 0) {
        rc = smb_fail(smb, err, "write", path);
        smbc_getFunctionClose(smb->context)(smb->context, file->handle);
        return rc;
    }
    *out = STEAL(file);
    return 0;
}

int sysvol_smb_write(struct sysvol_file *file, const void *bytes, size_t size,
                     struct gpmq_error *err)
{
    SMBCCTX *context = file->smb->context;
    const uint8_t *at = bytes;
    while (size) {
        ssize_t put = smbc_getFunctionWrite(context)(context, file->handle, at, size);
        if (put <= 0)
            return smb_fail(file->smb, err, "write", file->path);
        at += put;
        size -= (size_t)put;
    }
    return 0;
}

int sysvol_smb_close_file(struct sysvol_file **file_p, struct gpmq_error *err)
{
    struct sysvol_file *file = STEAL(*file_p);
    if (!file)
        return 0;
    SMBCCTX *context = file->smb->context;
    int rc = smbc_getFunctionClose(context)(context, file->handle) == 0
                 ? 0
                 : smb_fail(file->smb, err, "write", file->path);
    free(file);
    return rc;
}

int smb_rename(struct sysvol *sysvol, const char *from, const char *to, struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char old_url[SMB_URL_SIZE], new_url[SMB_URL_SIZE];
    int rc = smb_url(smb, from, old_url, err);
    if (!rc)
        rc = smb_url(smb, to, new_url, err);
    if (!rc &&
        smbc_getFunctionRename(smb->context)(smb->context, old_url, smb->context, new_url) != 0)
        rc = smb_fail(smb, err, "rename", from);
    return rc;
}

/* Every file as it is met, folders in reverse order afterwards. */
struct removal {
    struct smb *smb;
    const char *folder;
    struct smb_names folders;
};

static int remove_one(struct smb *smb, const char *path, bool folder, struct gpmq_error *err)
{
    char url[SMB_URL_SIZE];
    int rc = smb_url(smb, path, url, err);
    if (rc)
        return rc;
    int failed = folder ? smbc_getFunctionRmdir(smb->context)(smb->context, url)
                        : smbc_getFunctionUnlink(smb->context)(smb->context, url);
    return !failed || errno == ENOENT ? 0 : smb_fail(smb, err, "remove", path);
}

static int remove_visited(void *arg, const char *path, const struct sysvol_stat *stat,
                          struct gpmq_error *err)
{
    struct removal *removal = arg;
    char whole[2 * GPO_PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", removal->folder, path);
    return stat->directory ? smb_keep_name(&removal->folders, whole, err)
                           : remove_one(removal->smb, whole, false, err);
}

static int remove_folder(struct smb *smb, const char *path, struct gpmq_error *err)
{
    struct removal removal = {.smb = smb, .folder = path};
    int rc = smb_list(&smb->base, path, remove_visited, &removal, err);
    for (size_t i = removal.folders.count; i-- > 0 && !rc;)
        rc = remove_one(smb, removal.folders.items[i], true, err);
    smb_free_names(&removal.folders);
    return rc ? rc : remove_one(smb, path, true, err);
}

int smb_remove(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
{
    struct sysvol_stat stat;
    int rc = smb_stat(sysvol, path, &stat, err);
    if (rc)
        return rc == GPMQ_ENOTFOUND ? 0 : rc;
    return stat.directory ? remove_folder(smb_of(sysvol), path, err)
                          : remove_one(smb_of(sysvol), path, false, err);
}

/* The server refuses every other open of the file while this one stands, and drops it with the
 * connection. */
int smb_lock(struct sysvol *sysvol, const char *path, struct sysvol_lock **out,
             struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    CLEANUP(free_pointer) struct sysvol_lock *lock = calloc(1, sizeof *lock);
    char url[SMB_URL_SIZE];
    int rc = smb_url(smb, path, url, err);
    if (!lock)
        return fail(err, GPMQ_ENOMEM, "no memory for a lock");
    if (rc)
        return rc;
    smbc_setOptionOpenShareMode(smb->context, SMBC_SHAREMODE_DENY_ALL);
    lock->handle = smbc_getFunctionOpen(smb->context)(smb->context, url, O_RDWR | O_CREAT, 0644);
    int number = errno;
    smbc_setOptionOpenShareMode(smb->context, SMBC_SHAREMODE_DENY_NONE);
    errno = number;
    if (!lock->handle)
        return smb_fail(smb, err, "lock", path);
    lock->smb = smb;
    *out = STEAL(lock);
    return 0;
}

void sysvol_smb_unlock(struct sysvol_lock **lock_p)
{
    struct sysvol_lock *lock = STEAL(*lock_p);
    if (!lock)
        return;
    smbc_getFunctionClose(lock->smb->context)(lock->smb->context, lock->handle);
    free(lock);
}
