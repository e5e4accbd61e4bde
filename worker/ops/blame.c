/* blame.c - which extension does a file belong to? */
#include "blame.h"

#include <ctype.h>
#include <strings.h>

/* Whether a file of the GPT is what bkp:Location "DomainSysvol\\GPO\\..." names. */
static bool is_at(const char *location, const char *path)
{
    static const char root[] = "DomainSysvol\\GPO\\";
    if (!location || strncasecmp(location, root, sizeof root - 1) != 0)
        return false;
    for (location += sizeof root - 1; *location && *path; location++, path++)
        if (tolower((unsigned char)*location) != tolower((unsigned char)*path) &&
            !(*location == '\\' && *path == '/'))
            return false;
    return *location == *path;
}

static bool takes(const struct backup_object *objects, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (is_at(objects[i].location, path) ||
            takes(objects[i].children, objects[i].child_count, path))
            return true;
    return false;
}

void blame_file(struct run *run, const struct backup_extension *extensions, size_t count,
                const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (takes(extensions[i].objects, extensions[i].object_count, path)) {
            run_blame(run, path, extensions[i].name);
            return;
        }
    run_blame(run, path, NULL);
}
