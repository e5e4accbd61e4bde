/* cli_report_file.c - where a report goes. */
#include "cli_report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "cli_output.h"
#include "fail.h"

#define NAME_BYTES_MAX 120 /* of the GPO's name within the file's */

const char *report_file_name(const char *name, const char *id, const char *format,
                             char out[REPORT_NAME_SIZE])
{
    char plain[NAME_BYTES_MAX + 1], line[OUT_LINE_SIZE];
    size_t length = 0;
    name = out_line(name, line); /* what would not be seen as it is has become '?' */
    for (; name[length] && length < NAME_BYTES_MAX; length++) {
        unsigned char c = (unsigned char)name[length];
        plain[length] = c < 0x20 || c == 0x7F || strchr("/\\:*?\"<>|", c) ? '_' : (char)c;
    }
    while (length > 0 && name[length] && ((unsigned char)name[length] & 0xC0) == 0x80)
        length--; /* not within a character */
    plain[length] = 0;
    if (plain[0] == '.')
        plain[0] = '_';
    snprintf(out, REPORT_NAME_SIZE, "%s%s%s.%s", plain, *plain ? " " : "", id, format);
    return out;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

/* What a new file gets here; umask() can only be asked by setting it. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(077);
    umask(mask);
    return 0666 & ~mask;
}

/* Writes the file beside its place; errno tells. */
static int write_beside(char *beside, const void *bytes, size_t size)
{
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = fchmod(fd, usual_mode()) || write_all(fd, bytes, size) || fsync(fd);
    int saved = errno;
    if (close(fd) != 0 && !rc) {
        saved = errno;
        rc = -1;
    }
    if (rc)
        unlink(beside);
    errno = saved;
    return rc ? -1 : 0;
}

int report_file_write(const char *path, const void *bytes, size_t size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *beside = NULL;
    struct stat info;
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return fail(err, GPMQ_EINVAL, "cannot write the report to '%s': it is there and no file",
                    path);
    if (asprintf(&beside, "%.*s.gpmq-report-XXXXXX", folder, path) < 0) {
        beside = NULL;
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a file");
    }
    if (write_beside(beside, bytes, size) != 0)
        return fail_errno(err, "cannot write the report to '%s'", path);
    if (rename(beside, path) != 0) {
        int saved = errno;
        unlink(beside);
        errno = saved;
        return fail_errno(err, "cannot put the report at '%s'", path);
    }
    return 0;
}
