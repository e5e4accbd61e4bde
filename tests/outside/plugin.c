/* plugin.c - a plug-in for gpmq-worker: "site.usage" counts what the backups of a repository take.
 *
 *     cc -shared -fPIC -o usage.so plugin.c $(pkg-config --cflags gpmq) */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpmq/handler.h>

#define DEPTH_MAX 32

struct usage {
    int64_t files;
    int64_t bytes;
};

/* Counts the files beneath a folder, which it closes. Links are not followed. */
static int count(struct gpmq_run *run, int folder, int depth, struct usage *usage)
{
    DIR *dir = depth < DEPTH_MAX ? fdopendir(folder) : NULL;
    int rc = dir ? 0 : GPMQ_EIO;
    if (!dir)
        close(folder);
    for (struct dirent *entry; dir && !rc && (entry = readdir(dir));) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (gpmq_run_stopped(run, 0)) {
            rc = GPMQ_ESTOPPED;
        } else if (S_ISDIR(status.st_mode)) {
            int below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            rc = below < 0 ? GPMQ_EIO : count(run, below, depth + 1, usage);
        } else {
            usage->files++;
            usage->bytes += status.st_size;
        }
    }
    if (dir)
        closedir(dir);
    return rc;
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    return request->repository ? 0 : gpmq_run_fail(err, GPMQ_EINVAL, "'repository' is missing");
}

static int run_usage(struct gpmq_run *run, const struct gpmq_request *request,
                     struct gpmq_error *err)
{
    struct usage usage = {0, 0};
    char files[24], bytes[24];
    const char *url = gpmq_run_repository(run, request->repository);
    const char *path = url && strncmp(url, "folder:", 7) == 0 ? url + 7 : url;
    int folder = path ? open(path, O_RDONLY | O_DIRECTORY) : -1;
    if (folder < 0)
        return gpmq_run_fail(err, GPMQ_ENOTFOUND, "cannot open the repository '%s': %s",
                             request->repository, path ? strerror(errno) : "it is not served here");
    gpmq_run_progress(run, 1, 3);
    int rc = count(run, folder, 0, &usage);
    if (rc)
        return gpmq_run_fail(err, rc, "counting in '%s' ended early", path);
    snprintf(files, sizeof files, "%" PRId64, usage.files);
    snprintf(bytes, sizeof bytes, "%" PRId64, usage.bytes);
    gpmq_run_result(run, "usage", GPMQ_S_OK);
    rc = gpmq_run_property(run, "files", files);
    return rc ? rc : gpmq_run_property(run, "bytes", bytes);
}

static const struct gpmq_handler handlers[] = {
    {.kind = "site.usage", .repeatable = true, .check = check, .run = run_usage},
};
GPMQ_PLUGIN("usage 1.0", handlers);
