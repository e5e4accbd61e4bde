/* backup_diff.c - walk along two descriptions. */
#include "backup_diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "hex.h"

static void text(const struct backup_diff *diff, const char *what, const char *a, const char *b)
{
    if (!a != !b || (a && strcmp(a, b) != 0))
        diff->tell(diff->arg, what, a ? a : "(none)", b ? b : "(none)");
}

static void number(const struct backup_diff *diff, const char *what, int64_t a, int64_t b)
{
    char left[24], right[24];
    snprintf(left, sizeof left, "%" PRId64, a);
    snprintf(right, sizeof right, "%" PRId64, b);
    text(diff, what, left, right);
}

static void guid(const struct backup_diff *diff, const char *what, const struct gpmq_guid *a,
                 const struct gpmq_guid *b)
{
    char left[GPMQ_GUID_TEXT_SIZE], right[GPMQ_GUID_TEXT_SIZE];
    text(diff, what, gpmq_guid_text(a, left), gpmq_guid_text(b, right));
}

static void info(const struct backup_diff *diff, const struct backup_info *a,
                 const struct backup_info *b)
{
    guid(diff, "info.id", &a->id, &b->id);
    guid(diff, "info.gpo_id", &a->gpo_id, &b->gpo_id);
    guid(diff, "info.domain_guid", &a->domain_guid, &b->domain_guid);
    text(diff, "info.domain", a->domain, b->domain);
    text(diff, "info.domain_controller", a->domain_controller, b->domain_controller);
    number(diff, "info.time", a->time_unix_ms, b->time_unix_ms);
    text(diff, "info.comment", a->comment, b->comment);
    text(diff, "info.display_name", a->display_name, b->display_name);
    number(diff, "info.software", a->software, b->software);
}

static void core(const struct backup_diff *diff, const struct gpo *a, const struct gpo *b)
{
    CLEANUP(free_pointer) char *left = NULL;
    CLEANUP(free_pointer) char *right = NULL;
    guid(diff, "core.id", &a->id, &b->id);
    text(diff, "core.domain", a->domain, b->domain);
    text(diff, "core.display_name", a->display_name, b->display_name);
    number(diff, "core.options", a->options, b->options);
    number(diff, "core.user_version.ds", a->user.ds, b->user.ds);
    number(diff, "core.user_version.sysvol", a->user.sysvol, b->user.sysvol);
    number(diff, "core.machine_version.ds", a->machine.ds, b->machine.ds);
    number(diff, "core.machine_version.sysvol", a->machine.sysvol, b->machine.sysvol);
    text(diff, "core.machine_extensions", a->machine_extensions, b->machine_extensions);
    text(diff, "core.user_extensions", a->user_extensions, b->user_extensions);
    text(diff, "core.wmi_filter", a->wmi_filter, b->wmi_filter);
    text(diff, "core.wmi_filter_name", a->wmi_filter_name, b->wmi_filter_name);
    if (a->security_descriptor)
        left = hex_text(a->security_descriptor, a->security_descriptor_size);
    if (b->security_descriptor)
        right = hex_text(b->security_descriptor, b->security_descriptor_size);
    text(diff, "core.security_descriptor", left, right);
}

static void objects(const struct backup_diff *diff, const struct backup_object *a, size_t a_count,
                    const struct backup_object *b, size_t b_count)
{
    number(diff, "object.count", (int64_t)a_count, (int64_t)b_count);
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        text(diff, "object.path", a[i].path, b[i].path);
        number(diff, "object.directory", a[i].directory, b[i].directory);
        text(diff, "object.source_path", a[i].source_path, b[i].source_path);
        text(diff, "object.location", a[i].location, b[i].location);
        text(diff, "object.reevaluate", a[i].reevaluate, b[i].reevaluate);
        objects(diff, a[i].children, a[i].child_count, b[i].children, b[i].child_count);
    }
}

static void ds_attribute(const struct backup_diff *diff, const struct gpo_ds_attribute *a,
                         const struct gpo_ds_attribute *b)
{
    text(diff, "ds_attribute.name", a->name, b->name);
    text(diff, "ds_attribute.type", a->type, b->type);
    number(diff, "ds_attribute.values", (int64_t)a->value_count, (int64_t)b->value_count);
    for (size_t i = 0; i < a->value_count && i < b->value_count; i++)
        text(diff, "ds_attribute.value", a->values[i], b->values[i]);
}

static void ds_objects(const struct backup_diff *diff, const struct gpo_ds_object *a,
                       size_t a_count, const struct gpo_ds_object *b, size_t b_count)
{
    number(diff, "ds_object.count", (int64_t)a_count, (int64_t)b_count);
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        text(diff, "ds_object.path", a[i].path, b[i].path);
        text(diff, "ds_object.class", a[i].object_class, b[i].object_class);
        text(diff, "ds_object.source_path", a[i].source_path, b[i].source_path);
        text(diff, "ds_object.security_descriptor", a[i].security_descriptor,
             b[i].security_descriptor);
        number(diff, "ds_object.attributes", (int64_t)a[i].attribute_count,
               (int64_t)b[i].attribute_count);
        for (size_t k = 0; k < a[i].attribute_count && k < b[i].attribute_count; k++)
            ds_attribute(diff, &a[i].attributes[k], &b[i].attributes[k]);
        ds_objects(diff, a[i].children, a[i].child_count, b[i].children, b[i].child_count);
    }
}

static void extensions(const struct backup_diff *diff, const struct backup *a,
                       const struct backup *b)
{
    number(diff, "extension.count", (int64_t)a->extension_count, (int64_t)b->extension_count);
    for (size_t i = 0; i < a->extension_count && i < b->extension_count; i++) {
        const struct backup_extension *x = &a->extensions[i], *y = &b->extensions[i];
        text(diff, "extension.id", x->id, y->id);
        text(diff, "extension.name", x->name, y->name);
        objects(diff, x->objects, x->object_count, y->objects, y->object_count);
        ds_objects(diff, x->ds_objects, x->ds_object_count, y->ds_objects, y->ds_object_count);
    }
}

void backup_diff(const struct backup_diff *diff, const struct backup *a, const struct backup *b)
{
    info(diff, &a->info, &b->info);
    core(diff, a->gpo, b->gpo);
    text(diff, "core.damaged_descriptor", a->security_descriptor_text, b->security_descriptor_text);
    number(diff, "file_paths", (int64_t)a->file_path_count, (int64_t)b->file_path_count);
    for (size_t i = 0; i < a->file_path_count && i < b->file_path_count; i++)
        text(diff, "file_path", a->file_paths[i], b->file_paths[i]);
    extensions(diff, a, b);
}
