/* sysvol_smb.c - SYSVOL by libsmbclient: one context for a process, one call at a time. */
#include <errno.h>
#include <fcntl.h>
#include <libsmbclient.h>
#include <stdlib.h>
#include <string.h>

#include "ad_ticket.h"
#include "cleanup.h"
#include "fail.h"
#include "sysvol.h"

#define URL_SIZE     (3 * (GPO_PATH_MAX + 512))
#define ATTR_REPARSE 0x400 /* FILE_ATTRIBUTE_REPARSE_POINT ([MS-FSCC] 2.6) */
#define ATTR_FOLDER  0x10

struct smb {
    struct sysvol base;
    SMBCCTX *context;
    const struct ad_settings *settings;
    char *password; /* NULL: Kerberos */
    char *user;     /* without the realm */
    char *root;     /* "smb://dc1.example.org/sysvol/example.org/Policies" */
    uint8_t *piece;
    bool broken;
};

struct sysvol_file {
    struct smb *smb;
    SMBCFILE *handle;
    char path[GPO_PATH_MAX + 1];
};

struct sysvol_lock {
    struct smb *smb;
    SMBCFILE *handle;
};

static struct smb *smb_of(struct sysvol *sysvol)
{
    return (struct smb *)sysvol;
}

/* ---- names and errors ------------------------------------------------------------------------ */

/* root/path with everything but plain characters percent-encoded. */
static int url_of(const struct smb *smb, const char *path, char url[URL_SIZE],
                  struct gpmq_error *err)
{
    size_t length = (size_t)snprintf(url, URL_SIZE, "%s%s", smb->root, *path ? "/" : "");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        bool plain =
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/", *c);
        if (length + 4 > URL_SIZE)
            return fail(err, GPMQ_ETOOBIG, "'%s' is too long", path);
        length += (size_t)snprintf(url + length, URL_SIZE - length, plain ? "%c" : "%%%02X", *c);
    }
    return 0;
}

static const struct {
    int number;
    int code;
} meanings[] = {
    {ENOENT, GPMQ_ENOTFOUND},
    {ENOTDIR, GPMQ_ENOTFOUND},
    {EACCES, GPMQ_EACCESS},
    {EPERM, GPMQ_EACCESS},
    {EEXIST, GPMQ_EEXIST},
    {ENOTEMPTY, GPMQ_EEXIST},
    {ENOSPC, GPMQ_ENOSPACE},
    {EDQUOT, GPMQ_ENOSPACE},
    {EBUSY, GPMQ_EBUSY},
    {ETXTBSY, GPMQ_EBUSY},
    {ENOMEM, GPMQ_ENOMEM},
    {ECONNREFUSED, GPMQ_EUNREACHABLE},
    {ECONNRESET, GPMQ_EUNREACHABLE},
    {ECONNABORTED, GPMQ_EUNREACHABLE},
    {ETIMEDOUT, GPMQ_EUNREACHABLE},
    {EHOSTUNREACH, GPMQ_EUNREACHABLE},
    {ENETUNREACH, GPMQ_EUNREACHABLE},
    {EPIPE, GPMQ_EUNREACHABLE},
    {ENOTCONN, GPMQ_EUNREACHABLE},
    {EBADF, GPMQ_EUNREACHABLE},
};

static int fail_smb(struct smb *smb, struct gpmq_error *err, const char *doing, const char *path)
{
    int number = errno, code = GPMQ_EIO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].number == number)
            code = meanings[i].code;
    smb->broken = smb->broken || code == GPMQ_EUNREACHABLE;
    return fail(err, code, "cannot %s %s/%s: %s", doing, smb->root, path, strerror(number));
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void give_account(SMBCCTX *context, const char *server, const char *share, char *workgroup,
                         int workgroup_size, char *user, int user_size, char *password,
                         int password_size)
{
    const struct smb *smb = smbc_getOptionUserData(context);
    (void)server;
    (void)share;
    snprintf(workgroup, (size_t)workgroup_size, "%s", smb->settings->realm);
    snprintf(user, (size_t)user_size, "%s", smb->user ? smb->user : "");
    snprintf(password, (size_t)password_size, "%s", smb->password ? smb->password : "");
}

static void smb_close(struct sysvol **sysvol_p)
{
    struct smb *smb = smb_of(STEAL(*sysvol_p));
    if (smb->context)
        smbc_free_context(smb->context, 1);
    ad_password_free(&smb->password);
    free(smb->user);
    free(smb->root);
    free(smb->piece);
    free(smb);
}

static void close_smb(struct smb **smb_p)
{
    struct sysvol *sysvol = *smb_p ? &STEAL(*smb_p)->base : NULL;
    if (sysvol)
        smb_close(&sysvol);
}

static bool smb_is_broken(const struct sysvol *sysvol)
{
    return ((const struct smb *)sysvol)->broken;
}

/* ---- reading --------------------------------------------------------------------------------- */

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

/* Names of folders, which are gone into after this one is read to its end. */
struct names {
    size_t count;
    char **items;
};

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static int keep_name(struct names *names, const char *name, struct gpmq_error *err)
{
    char **items = reallocarray(names->items, names->count + 1, sizeof *items);
    if (items)
        names->items = items;
    if (!items || !(items[names->count] = strdup(name)))
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    names->count++;
    return 0;
}

static int read_folder(struct smb_walk *walk, SMBCFILE *handle, struct names *folders,
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
            rc = keep_name(folders, info->name, err);
        errno = 0;
    }
    return rc;
}

static int walk_below(struct smb_walk *walk, const struct names *folders, struct gpmq_error *err)
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
    CLEANUP(free_names) struct names folders = {0};
    char path[2 * GPO_PATH_MAX], url[URL_SIZE];
    snprintf(path, sizeof path, "%s%s%s", walk->folder, *walk->path && *walk->folder ? "/" : "",
             walk->path);
    int rc = url_of(walk->smb, path, url, err);
    if (rc)
        return rc;
    SMBCFILE *handle = smbc_getFunctionOpendir(context)(context, url);
    if (!handle)
        return fail_smb(walk->smb, err, "list", path);
    rc = read_folder(walk, handle, &folders, err);
    smbc_getFunctionClosedir(context)(context, handle);
    return rc ? rc : walk_below(walk, &folders, err);
}

static int smb_list(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
                    struct gpmq_error *err)
{
    struct smb_walk walk = {smb_of(sysvol), folder, visit, arg, true, 0, ""};
    return walk_folder(&walk, err);
}

static int smb_names(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
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

static int smb_stat(struct sysvol *sysvol, const char *path, struct sysvol_stat *out,
                    struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    struct stat stat;
    char url[URL_SIZE];
    int rc = url_of(smb, path, url, err);
    if (rc)
        return rc;
    if (smbc_getFunctionStat(smb->context)(smb->context, url, &stat) != 0)
        return fail_smb(smb, err, "look at", path);
    *out = stat_of(&stat);
    return 0;
}

static int judge_state(struct smb *smb, SMBCFILE *handle, const char *path,
                       const struct sysvol_stat *expected, struct gpmq_error *err)
{
    struct stat stat;
    if (smbc_getFunctionFstat(smb->context)(smb->context, handle, &stat) != 0)
        return fail_smb(smb, err, "look at", path);
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
    return !rc && got < 0 ? fail_smb(smb, err, "read", path) : rc;
}

static int smb_read(struct sysvol *sysvol, const char *path, const struct sysvol_stat *expected,
                    domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[URL_SIZE];
    int rc = url_of(smb, path, url, err);
    if (rc)
        return rc;
    SMBCFILE *handle = smbc_getFunctionOpen(smb->context)(smb->context, url, O_RDONLY, 0);
    if (!handle)
        return fail_smb(smb, err, "read", path);
    rc = expected ? judge_state(smb, handle, path, expected, err) : 0;
    if (!rc)
        rc = feed(smb, handle, path, expected ? expected->size_bytes : UINT64_MAX, sink, sink_arg,
                  err);
    smbc_getFunctionClose(smb->context)(smb->context, handle);
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

static int smb_mkdir(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[URL_SIZE];
    int rc = url_of(smb, path, url, err);
    if (!rc && smbc_getFunctionMkdir(smb->context)(smb->context, url, 0755) != 0)
        rc = fail_smb(smb, err, "make the folder", path);
    return rc;
}

static int smb_create(struct sysvol *sysvol, const char *path, struct sysvol_file **out,
                      struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char url[URL_SIZE];
    CLEANUP(free_pointer) struct sysvol_file *file = calloc(1, sizeof *file);
    int rc = url_of(smb, path, url, err);
    if (!file)
        return fail(err, GPMQ_ENOMEM, "no memory for a file");
    if (rc)
        return rc;
    file->smb = smb;
    snprintf(file->path, sizeof file->path, "%s", path);
    file->handle = smbc_getFunctionOpen(smb->context)(smb->context, url, O_RDWR | O_CREAT, 0644);
    if (!file->handle)
        return fail_smb(smb, err, "write", path);
    if (smbc_getFunctionLseek(smb->context)(smb->context, file->handle, 0, SEEK_END) < 0) {
        rc = fail_smb(smb, err, "write", path);
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
            return fail_smb(file->smb, err, "write", file->path);
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
                 : fail_smb(file->smb, err, "write", file->path);
    free(file);
    return rc;
}

static int smb_rename(struct sysvol *sysvol, const char *from, const char *to,
                      struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    char old_url[URL_SIZE], new_url[URL_SIZE];
    int rc = url_of(smb, from, old_url, err);
    if (!rc)
        rc = url_of(smb, to, new_url, err);
    if (!rc &&
        smbc_getFunctionRename(smb->context)(smb->context, old_url, smb->context, new_url) != 0)
        rc = fail_smb(smb, err, "rename", from);
    return rc;
}

/* Every file as it is met, folders in reverse order afterwards. */
struct removal {
    struct smb *smb;
    const char *folder;
    struct names folders;
};

static int remove_one(struct smb *smb, const char *path, bool folder, struct gpmq_error *err)
{
    char url[URL_SIZE];
    int rc = url_of(smb, path, url, err);
    if (rc)
        return rc;
    int failed = folder ? smbc_getFunctionRmdir(smb->context)(smb->context, url)
                        : smbc_getFunctionUnlink(smb->context)(smb->context, url);
    return !failed || errno == ENOENT ? 0 : fail_smb(smb, err, "remove", path);
}

static int remove_visited(void *arg, const char *path, const struct sysvol_stat *stat,
                          struct gpmq_error *err)
{
    struct removal *removal = arg;
    char whole[2 * GPO_PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", removal->folder, path);
    return stat->directory ? keep_name(&removal->folders, whole, err)
                           : remove_one(removal->smb, whole, false, err);
}

static int remove_folder(struct smb *smb, const char *path, struct gpmq_error *err)
{
    struct removal removal = {.smb = smb, .folder = path};
    int rc = smb_list(&smb->base, path, remove_visited, &removal, err);
    for (size_t i = removal.folders.count; i-- > 0 && !rc;)
        rc = remove_one(smb, removal.folders.items[i], true, err);
    free_names(&removal.folders);
    return rc ? rc : remove_one(smb, path, true, err);
}

static int smb_remove(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
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
static int smb_lock(struct sysvol *sysvol, const char *path, struct sysvol_lock **out,
                    struct gpmq_error *err)
{
    struct smb *smb = smb_of(sysvol);
    CLEANUP(free_pointer) struct sysvol_lock *lock = calloc(1, sizeof *lock);
    char url[URL_SIZE];
    int rc = url_of(smb, path, url, err);
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
        return fail_smb(smb, err, "lock", path);
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

static const struct sysvol_ops smb_ops = {
    .close = smb_close,
    .is_broken = smb_is_broken,
    .list = smb_list,
    .names = smb_names,
    .stat = smb_stat,
    .read = smb_read,
    .mkdir = smb_mkdir,
    .create = smb_create,
    .write = sysvol_smb_write,
    .close_file = sysvol_smb_close_file,
    .rename = smb_rename,
    .remove = smb_remove,
    .lock = smb_lock,
    .unlock = sysvol_smb_unlock,
};

/* ---- opening --------------------------------------------------------------------------------- */

static int set_account(struct smb *smb, struct gpmq_error *err)
{
    const struct ad_settings *settings = smb->settings;
    int rc = settings->password_file ? ad_password_read(settings, &smb->password, err) : 0;
    if (rc || !settings->user)
        return rc;
    smb->user = strndup(settings->user, strcspn(settings->user, "@"));
    return smb->user ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a name");
}

static int make_context(struct smb *smb, struct gpmq_error *err)
{
    SMBCCTX *context = smbc_new_context();
    if (!context)
        return fail(err, GPMQ_ENOMEM, "no memory for an SMB connection");
    smbc_setDebug(context, 0);
    smbc_setOptionDebugToStderr(context, 1);
    smbc_setTimeout(context, smb->settings->timeout_s * 1000);
    smbc_setOptionUserData(context, smb);
    smbc_setFunctionAuthDataWithContext(context, give_account);
    smbc_setOptionUseKerberos(context, smb->settings->auth == AD_KERBEROS);
    smbc_setOptionFallbackAfterKerberos(context, smb->password != NULL);
    smbc_setOptionNoAutoAnonymousLogin(context, 1);
    smbc_setOptionOpenShareMode(context, SMBC_SHAREMODE_DENY_NONE);
    smbc_setOptionProtocols(context, "SMB2_10", "SMB3_11");
    if (!smbc_init_context(context)) {
        int rc = fail_errno(err, "cannot prepare an SMB connection");
        smbc_free_context(context, 0);
        return rc;
    }
    smb->context = context;
    return 0;
}

/* The host alone: a port of LDAP is not one of SMB. */
static size_t host_length(const char *server)
{
    return server[0] == '[' ? strcspn(server, "]") + 1 : strcspn(server, ":");
}

int sysvol_smb_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                    struct gpmq_error *err)
{
    CLEANUP(close_smb) struct smb *smb = calloc(1, sizeof *smb);
    if (!smb || !(smb->piece = malloc(SYSVOL_PIECE_BYTES)) ||
        asprintf(&smb->root, "smb://%.*s/sysvol/%s/Policies", (int)host_length(server), server,
                 settings->domain) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for an SMB connection");
    smb->base.ops = &smb_ops;
    smb->settings = settings;
    int rc = set_account(smb, err);
    if (!rc)
        rc = make_context(smb, err);
    struct sysvol_stat stat;
    if (!rc)
        rc = smb_stat(&smb->base, "", &stat, err);
    if (rc)
        return rc;
    *out = &STEAL(smb)->base;
    return 0;
}
