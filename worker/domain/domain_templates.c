/* domain_templates.c - which files of a central store are administrative templates. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "beneath.h"
#include "domain.h"
#include "fail.h"

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), size = strlen(ending);
    return length > size && !strcasecmp(path + length - size, ending);
}

/* A language's folder is one level deep; of anything else nobody knows what it is. */
static bool is_template(const char *path)
{
    const char *slash = strchr(path, '/');
    return slash ? !strchr(slash + 1, '/') && ends_in(path, ".adml") : ends_in(path, ".admx");
}

int domain_templates_add(struct domain_templates *templates, const char *path,
                         struct gpmq_error *err)
{
    if (!is_template(path))
        return 0;
    if (templates->count >= DOMAIN_TEMPLATES_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d administrative templates",
                    DOMAIN_TEMPLATES_MAX);
    char **paths = reallocarray(templates->paths, templates->count + 1, sizeof *paths);
    if (paths)
        templates->paths = paths;
    if (!paths || !(paths[templates->count] = strdup(path)))
        return fail(err, GPMQ_ENOMEM, "no memory for the names of templates");
    templates->count++;
    return 0;
}

static int collect(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    return entry->leaving || !S_ISREG(entry->stat->st_mode)
               ? 0
               : domain_templates_add(arg, entry->path, err);
}

int domain_templates_walk(struct domain_templates *templates, int dir, const char *root,
                          struct gpmq_error *err)
{
    return beneath_walk(dir, root, collect, templates, err);
}
