/*
 * beneath.h - files below an open folder and never outside it.
 *
 * Every path is opened with openat2() beneath the folder, symbolic links refused; where the kernel
 * has no openat2(), name by name with O_NOFOLLOW. Paths use '/' and name files as they are unless
 * it says "without case".
 */
#ifndef GPMQ_BENEATH_H
#define GPMQ_BENEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "bytes.h"
#include "gpo.h"

/* As openat(); returns a descriptor, or -1 with errno (ELOOP or EXDEV: a link, or it leads out). */
int beneath_open(int dir, const char *path, int flags, mode_t mode);
/* As fail_errno(), with GPMQ_EDAMAGED and clear words where errno tells of a link. */
int beneath_fail(struct gpmq_error *err, const char *doing, const char *root, const char *path);
/* Whether something is there; links are not followed. */
bool beneath_exists(int dir, const char *name);

/* Reads a whole file of at most `limit` bytes into *out. -1 with errno; EFBIG: over the limit. */
int beneath_read(int dir, const char *path, size_t limit, struct bytes *out);
/* Makes or replaces a file in one step that survives a power cut. -1 with errno. */
int beneath_replace(int dir, const char *name, const void *bytes, size_t size);
/* Writes all bytes. -1 with errno. */
int beneath_write(int fd, const void *bytes, size_t size);
/* Makes a folder unless it is there. -1 with errno. */
int beneath_mkdir(int dir, const char *name);

/* Finds the names of `path` below dir without case, and writes them as they are on disk to `found`.
 * A name spelled the same comes first; of several others, the first in byte order.
 * Returns how many bytes of path were found: all of them, or up to the first missing name. errno is
 * then 0, or says why it could not be looked for: it may be there all the same. */
size_t beneath_find(int dir, const char *path, char found[GPO_PATH_MAX + 1]);

/* One step of a walk. A folder is met twice: before its content and, `leaving`, after it. */
struct beneath_entry {
    int dir;          /* the folder it is in */
    const char *name; /* in that folder */
    const char *path; /* from where the walk began */
    const struct stat *stat;
    bool leaving;
};
typedef int beneath_visit(void *arg, const struct beneath_entry *entry, struct gpmq_error *err);

/* Visits everything below dir, in byte order of the names; stops at the first visit that fails.
 * root is for error texts. GPMQ_ETOOBIG: deeper than GPO_DEPTH_MAX, or a path over GPO_PATH_MAX. */
int beneath_walk(int dir, const char *root, beneath_visit *visit, void *arg,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Removes a file or a folder with all that is in it; nothing there is no error. */
int beneath_remove(int dir, const char *root, const char *name,
                   struct gpmq_error *err) GPMQ_CHECKED;
/* Brings every file and folder below dir, and dir itself, to disk. GPMQ_ETOOBIG: more than `limit`.
 */
int beneath_sync(int dir, const char *root, size_t limit, struct gpmq_error *err) GPMQ_CHECKED;
/* Copies files and folders from one open folder into another. Links and devices are refused. */
int beneath_copy(int from, const char *from_root, int to, const char *to_root,
                 struct gpmq_error *err) GPMQ_CHECKED;

#endif
