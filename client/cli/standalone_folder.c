/* standalone_folder.c - lock, pipe and addresses of the state folder. */
#include "standalone_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fail.h"

#define SOCKET_PATH_MAX 107 /* bytes of sun_path, without NUL */
#define LONGEST_SOCKET  "/control"
#define LOOK_MS         10 /* between two looks whether the lock is free */

int standalone_folder_path(char out[PATH_MAX], struct gpmq_error *err)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state && *state == '/')
        snprintf(out, PATH_MAX, "%s/gpmq", state);
    else if (home && *home == '/')
        snprintf(out, PATH_MAX, "%s/.local/state/gpmq", home);
    else
        return fail(err, GPMQ_EINVAL,
                    "there is no place for the queue: set $XDG_STATE_HOME to a folder, or name a "
                    "broker");
    if (strlen(out) + strlen(LONGEST_SOCKET) > SOCKET_PATH_MAX)
        return fail(err, GPMQ_EINVAL,
                    "the path of the state folder '%s' has more than %d bytes, too many for "
                    "sockets in it: set $XDG_STATE_HOME to a shorter one",
                    out, SOCKET_PATH_MAX - (int)strlen(LONGEST_SOCKET));
    return 0;
}

bool standalone_folder_is_used(const char *path)
{
    char store[PATH_MAX];
    return snprintf(store, sizeof store, "%s/queue.db", path) < PATH_MAX &&
           access(store, F_OK) == 0;
}

void standalone_folder_url(const char *path, const char *socket, char out[STANDALONE_URL_SIZE])
{
    snprintf(out, STANDALONE_URL_SIZE, "ipc://%.*s/%s", SOCKET_PATH_MAX, path, socket);
}

/* ---- opening ------------------------------------------------------------------------------- */

/* The folder and those above it. */
static int make_folders(const char *path, struct gpmq_error *err)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        int length = slash ? (int)(slash - path) : (int)strlen(path);
        snprintf(part, sizeof part, "%.*s", length, path);
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return fail_errno(err, "cannot make the state folder '%s'", part);
        if (!slash)
            return 0;
    }
}

static int check_private(const char *path, struct gpmq_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return fail_errno(err, "cannot look at the state folder '%s'", path);
    if (info.st_uid == geteuid() && (info.st_mode & 077) == 0)
        return 0;
    return fail(err, GPMQ_EACCESS,
                "the state folder '%s' is not ours alone: chmod 700 it, or set $XDG_STATE_HOME",
                path);
}

static int open_users(struct standalone_folder *folder, struct gpmq_error *err)
{
    char pipe[PATH_MAX + 8];
    snprintf(pipe, sizeof pipe, "%s/users", folder->path);
    if (mkfifo(pipe, 0600) != 0 && errno != EEXIST)
        return fail_errno(err, "cannot make the pipe '%s'", pipe);
    folder->users_read = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (folder->users_read >= 0)
        folder->users_write = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return folder->users_write < 0 ? fail_errno(err, "cannot open the pipe '%s'", pipe) : 0;
}

int standalone_folder_open(struct standalone_folder *folder, struct gpmq_error *err)
{
    *folder = (struct standalone_folder){.lock = -1, .users_read = -1, .users_write = -1};
    int rc = standalone_folder_path(folder->path, err);
    if (!rc)
        rc = make_folders(folder->path, err);
    if (!rc)
        rc = check_private(folder->path, err);
    return rc ? rc : open_users(folder, err);
}

void standalone_folder_close(struct standalone_folder *folder)
{
    close_fd(&folder->users_write);
    close_fd(&folder->users_read);
    close_fd(&folder->lock);
}

/* ---- the lock ------------------------------------------------------------------------------ */

static int open_lock(const struct standalone_folder *folder)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", folder->path);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

bool standalone_folder_own(struct standalone_folder *folder)
{
    if (folder->lock >= 0)
        return true;
    CLEANUP(close_fd) int lock = open_lock(folder);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0)
        return false;
    folder->lock = steal_fd(&lock);
    return true;
}

void standalone_folder_name(const struct standalone_folder *folder, int pid)
{
    if (ftruncate(folder->lock, 0) == 0)
        dprintf(folder->lock, "%d\n", pid);
}

int standalone_folder_owner(const struct standalone_folder *folder)
{
    char text[16] = "";
    CLEANUP(close_fd) int lock = open_lock(folder);
    if (lock < 0 || pread(lock, text, sizeof text - 1, 0) <= 0)
        return 0;
    return (int)strtol(text, NULL, 10);
}

void standalone_folder_leave(struct standalone_folder *folder, int wait_ms)
{
    struct pollfd users = {.fd = folder->users_read};
    close_fd(&folder->users_write);
    close_fd(&folder->lock); /* broker and worker hold it on */
    bool last = users.fd >= 0 && poll(&users, 1, 0) == 1 && users.revents & POLLHUP;
    close_fd(&folder->users_read);
    for (int ms = 0; last && ms < wait_ms; ms += LOOK_MS) {
        if (standalone_folder_own(folder)) /* nobody holds it any more */
            break;
        poll(NULL, 0, LOOK_MS);
    }
    close_fd(&folder->lock);
}
