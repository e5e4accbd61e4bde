/* gpo.c - one Group Policy object in memory. */
#include "gpo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

static void free_ds_attribute(struct gpo_ds_attribute *attribute)
{
    free(attribute->name);
    free(attribute->type);
    for (size_t i = 0; i < attribute->value_count; i++)
        free(attribute->values[i]);
    free(attribute->values);
}

void gpo_free_ds_objects(struct gpo_ds_object *objects, size_t count)
{
    for (size_t i = 0; objects && i < count; i++) {
        struct gpo_ds_object *object = &objects[i];
        free(object->path);
        free(object->object_class);
        free(object->source_path);
        free(object->security_descriptor);
        for (size_t k = 0; k < object->attribute_count; k++)
            free_ds_attribute(&object->attributes[k]);
        free(object->attributes);
        gpo_free_ds_objects(object->children, object->child_count);
    }
    free(objects);
}

void gpo_free(struct gpo **gpo_p)
{
    struct gpo *gpo = STEAL(*gpo_p);
    if (!gpo)
        return;
    free(gpo->display_name);
    free(gpo->domain);
    free(gpo->domain_controller);
    free(gpo->path);
    free(gpo->machine_extensions);
    free(gpo->user_extensions);
    free(gpo->wmi_filter);
    free(gpo->wmi_filter_name);
    free(gpo->security_descriptor);
    for (size_t i = 0; i < gpo->file_count; i++)
        free(gpo->files[i].path);
    free(gpo->files);
    gpo_free_ds_objects(gpo->ds_objects, gpo->ds_object_count);
    free(gpo);
}

/* Room is doubled at each power of two, so that the struct needs no field for it. */
static bool make_room(struct gpo *gpo)
{
    size_t count = gpo->file_count;
    if (count & (count - 1))
        return true;
    size_t room = count ? count * 2 : 1;
    struct gpo_file *files = realloc(gpo->files, room * sizeof *files);
    if (files)
        gpo->files = files;
    return files != NULL;
}

int gpo_add_file(struct gpo *gpo, const char *path, bool directory, uint64_t size_bytes,
                 struct gpmq_error *err)
{
    if (gpo->file_count == GPO_FILES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a GPO has at most %d files and folders, stopped at '%s'",
                    GPO_FILES_MAX, path);
    char *copy = strdup(path);
    if (!copy || !make_room(gpo)) {
        free(copy);
        return fail(err, GPMQ_ENOMEM, "no memory for the list of files");
    }
    gpo->files[gpo->file_count++] =
        (struct gpo_file){.path = copy, .directory = directory, .size_bytes = size_bytes};
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct gpo_file *left = a, *right = b;
    return fold_compare_paths(left->path, right->path);
}

void gpo_sort_files(struct gpo *gpo)
{
    if (gpo->file_count)
        qsort(gpo->files, gpo->file_count, sizeof *gpo->files, by_path);
}

const struct gpo_file *gpo_find_file(const struct gpo *gpo, const char *path)
{
    for (size_t i = 0; i < gpo->file_count; i++)
        if (fold_compare_paths(gpo->files[i].path, path) == 0)
            return &gpo->files[i];
    return NULL;
}

/* What is wrong with one part of a path, or NULL. */
static const char *judge_part(const char *part, size_t length)
{
    if (length == 0)
        return "it has an empty part";
    if (length > GPO_PATH_PART_MAX)
        return "a part is too long";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)part[i];
        if (c < 0x20 || c == 0x7F)
            return "it has a control character";
        if (c == ':' || c == '\\')
            return "':' and '\\' are not allowed in it";
    }
    if (part[length - 1] == '.' || part[length - 1] == ' ')
        return "a part ends in '.' or a space";
    return NULL;
}

int gpo_path_check(const char *path, struct gpmq_error *err)
{
    size_t length = strnlen(path, GPO_PATH_MAX + 1);
    const char *reason = NULL;
    if (length > GPO_PATH_MAX)
        reason = "it is too long";
    else if (!fold_is_utf8(path, length))
        reason = "it is not UTF-8";
    int depth = 0;
    for (const char *part = path; !reason; depth++) {
        size_t size = strcspn(part, "/");
        reason = depth < GPO_DEPTH_MAX ? judge_part(part, size) : "it has too many folders";
        if (!part[size])
            break;
        part += size + 1;
    }
    return reason ? fail(err, GPMQ_EMALFORMED, "'%s' is no path inside a GPO: %s", path, reason)
                  : 0;
}

int gpo_sizes_check(const struct gpo *gpo, struct gpmq_error *err)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < gpo->file_count; i++) {
        const struct gpo_file *file = &gpo->files[i];
        if (file->size_bytes > GPO_FILE_MAX)
            return fail(err, GPMQ_ETOOBIG, "%s has %" PRIu64 " bytes, more than %u", file->path,
                        file->size_bytes, GPO_FILE_MAX);
        sum += file->size_bytes; /* each at most 2^30, at most 2^16 of them */
    }
    return sum > GPO_BYTES_MAX ? fail(err, GPMQ_ETOOBIG,
                                      "its files have %" PRIu64 " bytes together, more than %llu",
                                      sum, GPO_BYTES_MAX)
                               : 0;
}

uint32_t gpo_version_pack(uint16_t user, uint16_t machine)
{
    return (uint32_t)user << 16 | machine;
}
