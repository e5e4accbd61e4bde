/*
 * The Software Installation section: the packages of the GPO's class store ([MS-GPSI] 2.2), as far
 * as their attributes go.
 *
 * No backup with a package is known to us: names of elements follow the attributes that say the
 * same. Flags stand as a number in an element of ours.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "hex.h"
#include "report_parts.h"

#define PACKAGES_DEPTH_MAX 32
#define GUID_BYTES         16

/* clang-format off */
static const struct {
    const char *element, *attribute;
} parts[] = {
    {"Name",            "packageName"},
    {"Path",            "msiFileList"},
    {"MajorVersion",    "versionNumberHi"},
    {"MinorVersion",    "versionNumberLo"},
    {"LanguageId",      "localeID"},
    {"Architecture",    "machineArchitecture"},
    {"SupportURL",      "url"},
    {"ScriptPath",      "msiScriptPath"},
    {"DeploymentCount", "revision"},
};
/* clang-format on */

static const char *value_of(const struct gpo_ds_object *package, const char *name)
{
    for (size_t i = 0; i < package->attribute_count; i++)
        if (!strcasecmp(package->attributes[i].name, name) && package->attributes[i].value_count)
            return package->attributes[i].values[0];
    return NULL;
}

/* "0:\\server\share\setup.msi": the package is the first file, without its number. */
static const char *without_number(const char *file)
{
    const char *colon = file + strspn(file, "0123456789");
    return colon > file && *colon == ':' ? colon + 1 : file;
}

static int put_product(struct report_write *write, const struct gpo_ds_object *package,
                       struct gpmq_error *err)
{
    const char *hex = value_of(package, "productCode");
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size = 0;
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid;
    if (!hex)
        return 0;
    int rc = hex_parse(hex, &bytes, &size, err);
    if (rc)
        return rc == GPMQ_ENOMEM ? rc : 0;
    if (size != GUID_BYTES)
        return 0;
    guid = gpmq_guid_from_le(bytes);
    report_text(write, "ProductId", gpmq_guid_text(&guid, text));
    return 0;
}

static int put_package(struct report *report, const struct gpo_ds_object *package,
                       struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    const char *flags = value_of(package, "packageFlags");
    report_open(write, "MsiApplication");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *value = value_of(package, parts[i].attribute);
        if (value)
            report_text(write, parts[i].element, without_number(value));
    }
    int rc = put_product(write, package, err);
    if (flags)
        report_text_own(write, "gpmq:Flags", flags);
    report_close(write);
    return rc;
}

/* A backup has the pattern that packages were looked for with as well: it has no values. */
static bool is_package(const struct gpo_ds_object *object)
{
    return object->object_class && !strcasecmp(object->object_class, "packageRegistration") &&
           value_of(object, "packageName");
}

static int put_packages(struct report *report, const struct gpo_ds_object *objects, size_t count,
                        unsigned depth, struct gpmq_error *err)
{
    int rc = 0;
    if (depth > PACKAGES_DEPTH_MAX)
        return 0;
    for (size_t i = 0; !rc && i < count; i++) {
        if (is_package(&objects[i]))
            rc = put_package(report, &objects[i], err);
        if (!rc)
            rc = put_packages(report, objects[i].children, objects[i].child_count, depth + 1, err);
    }
    return rc;
}

static bool is_of_side(const struct report *report, const struct gpo_ds_object *object)
{
    const char *side = *report->folder == 'M' ? "%GPO_MACH_DSPATH%" : "%GPO_USER_DSPATH%";
    return object->path && strcasestr(object->path, side);
}

int report_software(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    const struct gpo *gpo = report->source->gpo;
    int rc = 0;
    report_begin_area(report, area);
    for (size_t i = 0; !rc && i < gpo->ds_object_count; i++)
        if (is_of_side(report, &gpo->ds_objects[i]))
            rc = put_packages(report, &gpo->ds_objects[i], 1, 0, err);
    report_end_area(report, area);
    return rc;
}
