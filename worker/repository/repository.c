#include "repository.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fail.h"
#include "repository_folder.h"

#define SCHEME "folder:"

void repository_close(struct repository **repository_p)
{
    struct repository *repository = STEAL(*repository_p);
    if (!repository)
        return;
    for (size_t i = 0; i < repository->hold_count; i++)
        close_fd(&repository->holds[i].fd);
    free(repository->holds);
    close_fd(&repository->dir);
    free(repository->path);
    free(repository);
}

/* The path in a URL; NULL: it has another scheme. */
static const char *path_of(const char *url)
{
    if (!strncmp(url, SCHEME, strlen(SCHEME)))
        return url + strlen(SCHEME);
    const char *colon = strchr(url, ':'), *slash = strchr(url, '/');
    return colon && (!slash || colon < slash) ? NULL : url;
}

static int open_folder(struct repository *repository, bool create, struct gpmq_error *err)
{
    const char *path = repository->path;
    if (create && mkdir(path, 0777) && errno != EEXIST)
        return fail_errno(err, "cannot make repository %s", path);
    repository->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (repository->dir >= 0)
        return 0;
    if (errno == ENOTDIR)
        return fail(err, GPMQ_EINVAL, "repository %s is not a folder", path);
    if (errno == ENOENT)
        return fail(err, GPMQ_ENOTFOUND, "there is no repository %s", path);
    return fail_errno(err, "cannot open repository %s", path);
}

int repository_open(struct repository **out, const char *url, bool create, struct gpmq_error *err)
{
    if (!out || !url || !*url)
        return fail(err, GPMQ_EINVAL, "no path of a repository");
    const char *path = path_of(url);
    if (!path || !*path)
        return fail(err, GPMQ_EUNSUPPORTED, "'%s' is neither a path nor folder:PATH", url);
    CLEANUP(repository_close) struct repository *repository = calloc(1, sizeof *repository);
    if (!repository)
        return fail(err, GPMQ_ENOMEM, "cannot allocate a repository");
    repository->dir = -1;
    repository->path = strdup(path);
    if (!repository->path)
        return fail(err, GPMQ_ENOMEM, "cannot allocate a repository");
    int rc = open_folder(repository, create, err);
    if (rc)
        return rc;
    *out = STEAL(repository);
    return 0;
}
