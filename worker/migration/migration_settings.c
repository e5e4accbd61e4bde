#include "migration_settings.h"

#include <stddef.h>

#include "fold.h"

/* clang-format off */
static const struct known_file {
    const char *path;
    const char *extension; /* bkp:DescName */
    migration_file_walk *walk;
} known_files[] = {
    {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", "Security",           migration_security},
    {"User/Documents & Settings/fdeploy.ini",            "Folder Redirection", migration_folders},
    {"User/Documents & Settings/fdeploy1.ini",           "Folder Redirection", migration_folders},
    {"Machine/Scripts/scripts.ini",                      "Scripts",            migration_scripts},
    {"Machine/Scripts/psscripts.ini",                    "Scripts",            migration_scripts},
    {"User/Scripts/scripts.ini",                         "Scripts",            migration_scripts},
    {"User/Scripts/psscripts.ini",                       "Scripts",            migration_scripts},
};
/* clang-format on */

static const struct known_file *find(const char *path)
{
    for (size_t i = 0; i < sizeof known_files / sizeof *known_files; i++)
        if (!fold_compare(known_files[i].path, path))
            return &known_files[i];
    return NULL;
}

const char *migration_file_extension(const char *path)
{
    const struct known_file *file = find(path);
    return file ? file->extension : NULL;
}

int migration_file(const struct migration_walk *walk, const void *bytes, size_t size,
                   struct bytes *out, bool *changed, struct gpmq_error *err)
{
    const struct known_file *file = find(walk->object_path);
    struct migration_walk named = *walk;
    *changed = false;
    if (!file) {
        bytes_put(out, bytes, size);
        return 0;
    }
    named.extension_name = file->extension;
    return file->walk(&named, bytes, size, out, changed, err);
}
