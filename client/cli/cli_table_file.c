#include "cli_table_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"

/* Whether the first character is that of XML, in UTF-16 or UTF-8. */
static bool begins_as_xml(const unsigned char *bytes, size_t size)
{
    static const unsigned char marks[][3] = {
        {0xFF, 0xFE, '<'}, {0xFE, 0xFF, 0}, {0xEF, 0xBB, 0xBF}};
    if (size < 4)
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memcmp(bytes, marks[i], sizeof *marks) == 0)
            return true;
    return bytes[0] == '<' || (!bytes[0] && bytes[1] == '<');
}

static int read_all(FILE *file, unsigned char *bytes, size_t *size, const char *path,
                    struct gpmq_error *err)
{
    *size = fread(bytes, 1, CLI_TABLE_MAX + 1, file);
    if (ferror(file))
        return fail_errno(err, "cannot read the migration table '%s'", path);
    if (*size > CLI_TABLE_MAX)
        return fail(err, GPMQ_ETOOBIG, "the migration table '%s' has more than %u bytes", path,
                    CLI_TABLE_MAX);
    if (!begins_as_xml(bytes, *size))
        return fail(err, GPMQ_EINVAL, "'%s' is no migration table: it does not begin as XML", path);
    return 0;
}

int cli_table_read(unsigned char **out, size_t *size, const char *path, struct gpmq_error *err)
{
    CLEANUP(close_file) FILE *file = fopen(path, "rbe");
    CLEANUP(free_pointer) unsigned char *bytes = malloc(CLI_TABLE_MAX + 1);
    if (!file)
        return fail_errno(err, "cannot open the migration table '%s'", path);
    if (!bytes)
        return fail(err, GPMQ_ENOMEM, "no memory for the migration table '%s'", path);
    int rc = read_all(file, bytes, size, path, err);
    if (!rc)
        *out = STEAL(bytes);
    return rc;
}

static int write_all(int fd, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(fd, (const char *)bytes + done, size - done);
        if (written < 0)
            return -1;
        done += (size_t)written;
    }
    return fsync(fd);
}

int cli_table_write(const char *path, const void *bytes, size_t size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *beside = NULL;
    if (asprintf(&beside, "%s.%d.tmp", path, (int)getpid()) < 0) {
        beside = NULL;
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a file");
    }
    CLEANUP(close_fd) int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_errno(err, "cannot make '%s'", beside);
    int rc = 0;
    if (write_all(fd, bytes, size) != 0 || rename(beside, path) != 0)
        rc = fail_errno(err, "cannot write '%s'", path);
    if (rc)
        unlink(beside);
    return rc;
}
