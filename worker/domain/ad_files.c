/* ad_files.c - judges what the settings of an AD domain name. */
#include "ad_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"

static bool is_credential(const struct stat *stat)
{
    return stat->st_uid == 0 && stat->st_gid == 0 && (stat->st_mode & 0777) == 0440;
}

int ad_secret_judge(const struct stat *stat, const char *path, struct gpmq_error *err)
{
    if (!S_ISREG(stat->st_mode))
        return fail(err, GPMQ_EINVAL, "'%s' is no file", path);
    if (stat->st_mode & 077 && !is_credential(stat))
        return fail(err, GPMQ_EACCESS, "others can read the password in '%s': chmod 600 '%s'", path,
                    path);
    return 0;
}

/* NULL is good: the key is not given. */
static int check(const char *key, const char *path, mode_t type, struct stat *stat,
                 struct gpmq_error *err)
{
    if (!path)
        return 0;
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, stat) != 0)
        return fail_errno(err, "%s: cannot read '%s'", key, path);
    if ((stat->st_mode & S_IFMT) != type)
        return fail(err, GPMQ_EINVAL, "%s: '%s' is no %s", key, path,
                    type == S_IFDIR ? "folder" : "file");
    return 0;
}

int ad_files_check(const struct ad_settings *settings, struct gpmq_error *err)
{
    struct stat stat;
    int rc = check("keytab", settings->keytab, S_IFREG, &stat, err);
    if (!rc)
        rc = check("ca", settings->ca_file, S_IFREG, &stat, err);
    if (!rc)
        rc = check("sysvol", settings->sysvol, S_IFDIR, &stat, err);
    if (!rc)
        rc = check("password-file", settings->password_file, S_IFREG, &stat, err);
    if (!rc && settings->password_file)
        rc = ad_secret_judge(&stat, settings->password_file, err);
    return rc;
}
