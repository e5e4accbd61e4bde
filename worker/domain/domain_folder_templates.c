/* domain_folder_templates.c - the central store of administrative templates of a folder domain. */
#include <errno.h>
#include <fcntl.h>

#include "beneath.h"
#include "cleanup.h"
#include "domain_folder.h"
#include "fail.h"

static const char store[] = "PolicyDefinitions";

/* The store's folder, whatever its name's case; -1 in *out: there is none. */
static int open_store(const struct folder_domain *domain, int *out, struct gpmq_error *err)
{
    char found[GPO_PATH_MAX + 1];
    *out = -1;
    if (beneath_find(domain->policies_fd, store, found) != sizeof store - 1)
        return 0;
    *out = beneath_open(domain->policies_fd, found, O_RDONLY | O_DIRECTORY, 0);
    if (*out < 0 && errno != ENOTDIR)
        return folder_fail(err, "open", domain, found);
    return 0;
}

int folder_templates(struct domain *base, struct domain_templates *out, struct gpmq_error *err)
{
    const struct folder_domain *domain = (const struct folder_domain *)base;
    CLEANUP(domain_templates_free) struct domain_templates templates = {0};
    CLEANUP(close_fd) int fd = -1;
    int rc = open_store(domain, &fd, err);
    if (!rc && fd >= 0)
        rc = domain_templates_walk(&templates, fd, domain->path, err);
    if (rc)
        return rc;
    *out = templates;
    templates = (struct domain_templates){0};
    return 0;
}

int folder_read_template(struct domain *base, const char *path, domain_sink *sink, void *sink_arg,
                         struct gpmq_error *err)
{
    const struct folder_domain *domain = (const struct folder_domain *)base;
    CLEANUP(close_fd) int dir = -1;
    CLEANUP(close_fd) int fd = -1;
    char whole[GPO_PATH_MAX + sizeof store + 1];
    struct stat stat;
    snprintf(whole, sizeof whole, "%s/%s", store, path);
    int rc = gpo_path_check(path, err);
    if (!rc)
        rc = open_store(domain, &dir, err);
    if (rc)
        return rc;
    if (dir >= 0)
        fd = beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    else
        errno = ENOENT;
    if (fd < 0)
        return folder_fail(err, "read", domain, whole);
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return fail(err, GPMQ_EINVAL, "cannot read %s/Policies/%s: it is no file", domain->path,
                    whole);
    return folder_feed(domain, fd, whole, sink, sink_arg, err);
}
