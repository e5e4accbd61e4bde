/* migration_software.c - software installation ([MS-GPSI] 2.2): directory objects with the paths of
 * packages, and with security descriptors. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "hex.h"
#include "migration_settings.h"

#define EXTENSION "Software Installation"

/* What a package is called; its path where it has no name. */
static const char *name_of(const struct gpo_ds_object *object)
{
    static const char *const names[] = {"displayName", "packageName"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < object->attribute_count; j++)
            if (!strcasecmp(object->attributes[j].name, names[i]) &&
                object->attributes[j].value_count)
                return object->attributes[j].values[0];
    return object->path;
}

/* The path in "0:\\server\share\a.msi"; NULL: there is none. */
static char *path_in(char *value)
{
    size_t digits = strspn(value, "0123456789");
    char *at = digits && value[digits] == ':' ? value + digits + 1 : value;
    return strncmp(at, "\\\\", 2) ? NULL : at;
}

static int walk_path(const struct migration_walk *walk, const struct gpo_ds_object *object,
                     char **value, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    char *path = path_in(*value);
    if (!path)
        return 0;
    int rc = migration_ask(walk, MIGRATION_PATH, path, name_of(object), &answer, err);
    if (rc || answer.fate != MIGRATION_REPLACE)
        return rc;
    char *changed = NULL;
    if (asprintf(&changed, "%.*s%s", (int)(path - *value), *value, answer.text) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    free(*value);
    *value = changed;
    return 0;
}

static int walk_files(const struct migration_walk *walk, struct gpo_ds_object *object,
                      struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < object->attribute_count; i++) {
        struct gpo_ds_attribute *attribute = &object->attributes[i];
        if (strcasecmp(attribute->name, "msiFileList") != 0)
            continue;
        for (size_t j = 0; !rc && j < attribute->value_count; j++)
            rc = walk_path(walk, object, &attribute->values[j], err);
    }
    return rc;
}

static int walk_descriptor(const struct migration_walk *walk, struct gpo_ds_object *object,
                           struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *descriptor = NULL;
    CLEANUP(free_pointer) uint8_t *changed = NULL;
    size_t size, changed_size;
    if (!object->security_descriptor ||
        hex_parse(object->security_descriptor, &descriptor, &size, NULL) != 0)
        return 0;
    int rc = migration_dacl(walk, descriptor, size, &changed, &changed_size, err);
    if (rc == GPMQ_EDAMAGED)
        return 0;
    if (rc || !changed)
        return rc;
    char *text = hex_text(changed, changed_size);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
    free(object->security_descriptor);
    object->security_descriptor = text;
    return 0;
}

int migration_software(const struct migration_walk *walk, struct gpo_ds_object *objects,
                       size_t count, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++) {
        struct migration_walk here = *walk;
        here.object_path = objects[i].path;
        here.extension_name = EXTENSION;
        rc = walk_files(&here, &objects[i], err);
        if (!rc)
            rc = walk_descriptor(&here, &objects[i], err);
        if (!rc)
            rc = migration_software(walk, objects[i].children, objects[i].child_count, err);
    }
    return rc;
}
