#include "backup_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "backup_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "repository_manifest.h"

#define STAGE_PREFIX ".gpmq-tmp-"
#define TRASH_PREFIX ".gpmq-trash-"

/* ---- attempts ------------------------------------------------------------------------------- */

static void stage_name(char name[BACKUP_STAGE_NAME_SIZE], const char *prefix,
                       const struct backup_begin_request *request)
{
    char op[GPMQ_ID_TEXT_SIZE];
    snprintf(name, BACKUP_STAGE_NAME_SIZE, "%s%s.%" PRIu64, prefix, gpmq_id_text(&request->op, op),
             request->fence);
}

/* Whether name is an attempt of that operation, and with which fence. */
static bool is_attempt(const char *name, const char *prefix, const struct gpmq_id *op,
                       uint64_t *fence)
{
    char start[BACKUP_STAGE_NAME_SIZE], text[GPMQ_ID_TEXT_SIZE];
    int length = snprintf(start, sizeof start, "%s%s.", prefix, gpmq_id_text(op, text));
    if (strncmp(name, start, (size_t)length) != 0)
        return false;
    const char *digits = name + length;
    char *end;
    errno = 0;
    *fence = strtoull(digits, &end, 10);
    return *digits >= '0' && *digits <= '9' && !*end && !errno;
}

static void close_dir(DIR **dir_p)
{
    if (*dir_p)
        closedir(*dir_p);
    *dir_p = NULL;
}

static DIR *list_repository(const struct repository *repository)
{
    CLEANUP(close_fd) int fd = openat(repository->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir)
        steal_fd(&fd);
    return dir;
}

/* The highest fence of a staged attempt; 0: there is none. */
static int highest_fence(const struct repository *repository, const struct gpmq_id *op,
                         uint64_t *out, struct gpmq_error *err)
{
    CLEANUP(close_dir) DIR *dir = list_repository(repository);
    if (!dir)
        return fail_errno(err, "cannot list repository %s", repository->path);
    *out = 0;
    uint64_t fence;
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (is_attempt(entry->d_name, STAGE_PREFIX, op, &fence) && fence > *out)
            *out = fence;
    return 0;
}

/* Takes an attempt's folder away, then removes it. Somebody else may be doing the same: what is
 * not there any more is no error, and what remains is removed by the next attempt. */
static void discard(const struct repository *repository, const char *name, const char *trash)
{
    (void)!beneath_remove(repository->dir, repository->path, trash, NULL);
    if (!strcmp(name, trash) || renameat(repository->dir, name, repository->dir, trash))
        return;
    (void)!beneath_remove(repository->dir, repository->path, trash, NULL);
}

static void discard_attempts(const struct repository *repository, const struct gpmq_id *op)
{
    CLEANUP(close_dir) DIR *dir = list_repository(repository);
    uint64_t fence;
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct backup_begin_request attempt = {.op = *op};
        char trash[BACKUP_STAGE_NAME_SIZE];
        if (is_attempt(entry->d_name, STAGE_PREFIX, op, &fence) ||
            is_attempt(entry->d_name, TRASH_PREFIX, op, &fence)) {
            attempt.fence = fence;
            stage_name(trash, TRASH_PREFIX, &attempt);
            discard(repository, entry->d_name, trash);
        }
    }
}

/* ---- begin and end -------------------------------------------------------------------------- */

static void free_writer(struct backup_writer **writer_p)
{
    struct backup_writer *writer = STEAL(*writer_p);
    if (!writer)
        return;
    close_fd(&writer->file);
    close_fd(&writer->sysvol);
    close_fd(&writer->folder);
    free(writer->file_path);
    free(writer);
}

void backup_abort(struct backup_writer **writer_p)
{
    CLEANUP(free_writer) struct backup_writer *writer = STEAL(*writer_p);
    if (!writer || writer->published || writer->folder < 0)
        return;
    char trash[BACKUP_STAGE_NAME_SIZE];
    stage_name(trash, TRASH_PREFIX, &writer->request);
    discard(writer->repository, writer->name, trash);
}

static int make_folder(int dir, const char *root, const char *name, struct gpmq_error *err)
{
    if (mkdirat(dir, name, REPOSITORY_FOLDER_MODE))
        return fail_errno(err, "cannot make %s/%s", root, name);
    return 0;
}

static int make_stage(struct backup_writer *writer, struct gpmq_error *err)
{
    const struct repository *repository = writer->repository;
    int rc = make_folder(repository->dir, repository->path, writer->name, err);
    if (rc)
        return rc;
    writer->folder = beneath_open(repository->dir, writer->name, O_RDONLY | O_DIRECTORY, 0);
    if (writer->folder < 0)
        return beneath_fail(err, "open", repository->path, writer->name);
    rc = make_folder(writer->folder, writer->name, "DomainSysvol", err);
    if (!rc)
        rc = make_folder(writer->folder, writer->name, REPOSITORY_SYSVOL, err);
    if (rc)
        return rc;
    writer->sysvol = beneath_open(writer->folder, REPOSITORY_SYSVOL, O_RDONLY | O_DIRECTORY, 0);
    return writer->sysvol < 0 ? beneath_fail(err, "open", writer->name, REPOSITORY_SYSVOL) : 0;
}

static int begin_attempt(struct repository *repository, const struct backup_begin_request *request,
                         struct backup_writer **out, struct gpmq_error *err)
{
    CLEANUP(backup_abort) struct backup_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return fail(err, GPMQ_ENOMEM, "cannot allocate a backup");
    *writer = (struct backup_writer){
        .repository = repository, .request = *request, .folder = -1, .sysvol = -1, .file = -1};
    stage_name(writer->name, STAGE_PREFIX, request);
    int rc = make_stage(writer, err);
    if (rc)
        return rc;
    *out = STEAL(writer);
    return 0;
}

int backup_begin(struct repository *repository, const struct backup_begin_request *request,
                 struct backup_writer **out, struct backup_begin_answer *answer,
                 struct gpmq_error *err)
{
    CLEANUP(close_fd) int there = -1;
    *answer = (struct backup_begin_answer){0};
    *out = NULL;
    int rc = repository_open_backup(repository, &request->id, &there, err);
    if (rc && rc != GPMQ_ENOTFOUND)
        return rc;
    if (!rc) {
        discard_attempts(repository, &request->op);
        answer->done = true;
        return repository_manifest_refresh(repository, err);
    }

    uint64_t fence = 0;
    rc = highest_fence(repository, &request->op, &fence, err);
    if (rc)
        return rc;
    if (fence > request->fence)
        return fail(err, GPMQ_ESTALE,
                    "attempt %" PRIu64 " of this backup has begun: attempt %" PRIu64 " is late",
                    fence, request->fence);
    discard_attempts(repository, &request->op);
    return begin_attempt(repository, request, out, err);
}

/* ---- writing -------------------------------------------------------------------------------- */

static int count_one(struct backup_writer *writer, struct gpmq_error *err)
{
    if (++writer->made > GPO_FILES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a backup has at most %d files and folders", GPO_FILES_MAX);
    return 0;
}

/* Opens the folder that `name`, the last part of path, belongs into. */
static int open_parent(const struct backup_writer *writer, const char *path, const char **name,
                       int *out_fd, struct gpmq_error *err)
{
    char folder[GPO_PATH_MAX + 1];
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    *out_fd = beneath_open(writer->sysvol, folder, O_RDONLY | O_DIRECTORY, 0);
    return *out_fd < 0 ? beneath_fail(err, "open", writer->name, folder) : 0;
}

static int make_one(struct backup_writer *writer, const char *path, struct gpmq_error *err)
{
    const char *name;
    CLEANUP(close_fd) int parent = -1;
    int rc = open_parent(writer, path, &name, &parent, err);
    if (rc)
        return rc;
    if (!mkdirat(parent, name, REPOSITORY_FOLDER_MODE))
        return count_one(writer, err);
    return errno == EEXIST ? 0 : fail_errno(err, "cannot make %s/%s", writer->name, path);
}

static int make_folders(struct backup_writer *writer, const char *path, struct gpmq_error *err)
{
    char part[GPO_PATH_MAX + 1];
    snprintf(part, sizeof part, "%s", path);
    int rc = 0;
    for (char *slash = part; !rc && (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        rc = make_one(writer, part, err);
        *slash = '/';
    }
    return rc ? rc : make_one(writer, part, err);
}

int backup_mkdir(struct backup_writer *writer, const char *path, struct gpmq_error *err)
{
    char spelled[GPO_PATH_MAX + 1];
    int rc = gpo_path_check(path, err);
    return rc ? rc : make_folders(writer, backup_spell_path(path, spelled), err);
}

int backup_writer_settle(struct backup_writer *writer, struct gpmq_error *err)
{
    if (writer->file < 0)
        return 0;
    int rc = fsync(writer->file)
                 ? fail_errno(err, "cannot sync %s/%s", writer->name, writer->file_path)
                 : 0;
    close_fd(&writer->file);
    free(STEAL(writer->file_path));
    return rc;
}

static int make_parents(struct backup_writer *writer, const char *path, struct gpmq_error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return 0;
    CLEANUP(free_pointer) char *folder = strndup(path, (size_t)(slash - path));
    if (!folder)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    return make_folders(writer, folder, err);
}

static int open_file(struct backup_writer *writer, const char *path, struct gpmq_error *err)
{
    int rc = backup_writer_settle(writer, err);
    if (!rc)
        rc = make_parents(writer, path, err);
    if (!rc)
        rc = count_one(writer, err);
    if (rc)
        return rc;
    CLEANUP(close_fd)
    int fd =
        beneath_open(writer->sysvol, path, O_WRONLY | O_CREAT | O_APPEND, REPOSITORY_FILE_MODE);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat))
        return beneath_fail(err, "write", writer->name, path);
    writer->file_path = strdup(path);
    if (!writer->file_path)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    writer->file_size = (uint64_t)stat.st_size;
    writer->file = steal_fd(&fd);
    return 0;
}

int backup_write(struct backup_writer *writer, const char *path, const void *bytes, size_t size,
                 struct gpmq_error *err)
{
    char spelled[GPO_PATH_MAX + 1];
    int rc = gpo_path_check(path, err);
    if (rc)
        return rc;
    backup_spell_path(path, spelled);
    if (writer->file < 0 || strcmp(writer->file_path, spelled) != 0)
        rc = open_file(writer, spelled, err);
    if (rc)
        return rc;
    if (size > GPO_FILE_MAX || writer->file_size + size > GPO_FILE_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s has more than %u bytes", path, GPO_FILE_MAX);
    if (beneath_write(writer->file, bytes, size))
        return fail_errno(err, "cannot write %s/%s", writer->name, path);
    writer->file_size += size;
    return 0;
}
