#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "backup_model.h"
#include "backup_xml.h"
#include "backup_xml_objects.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "hex.h"
#include "sd.h"
#include "xml.h"

/* What every step of the reading needs. */
struct reading {
    const char *name;
    struct gpmq_error *err;
    struct backup *backup;
};

static int wrong(const struct reading *reading, const struct xml_element *element, const char *why)
{
    return fail(reading->err, GPMQ_EMALFORMED, "%s, line %d, element %s: %s", reading->name,
                xml_line(element), xml_name(element), why);
}

static int no_memory(const struct reading *reading)
{
    return fail(reading->err, GPMQ_ENOMEM, "no memory to read %s", reading->name);
}

/* ---- core settings -------------------------------------------------------------------------- */

static int take_text(struct reading *reading, char **out, const struct xml_element *core,
                     const char *element, size_t limit)
{
    const struct xml_element *child = xml_child(core, element);
    const char *text = child ? xml_text(child) : "";
    if (strlen(text) > limit)
        return wrong(reading, child, "its text is too long");
    *out = strdup(text);
    return *out ? 0 : no_memory(reading);
}

static int take_number(struct reading *reading, uint32_t *out, const struct xml_element *core,
                       const char *element)
{
    const char *text = xml_child_text(core, element);
    char *end = NULL;
    uint64_t number = text && isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (!end || *end || number > UINT32_MAX)
        return fail(reading->err, GPMQ_EMALFORMED, "%s, line %d: '%.32s' makes no sense as %s",
                    reading->name, xml_line(core), text ? text : "", element);
    *out = (uint32_t)number;
    return 0;
}

/* High word: SYSVOL, low word: directory. */
static int take_version(struct reading *reading, struct gpo_version *out,
                        const struct xml_element *core, const char *element)
{
    uint32_t packed;
    int rc = take_number(reading, &packed, core, element);
    if (!rc)
        *out = (struct gpo_version){.ds = packed & 0xFFFF, .sysvol = (uint16_t)(packed >> 16)};
    return rc;
}

static int take_guid(struct reading *reading, struct gpmq_guid *out, const struct xml_element *core,
                     const char *element)
{
    const char *text = xml_child_text(core, element);
    if (!text || gpmq_guid_parse(out, text))
        return fail(reading->err, GPMQ_EMALFORMED, "%s, line %d: '%.64s' makes no sense as %s",
                    reading->name, xml_line(core), text ? text : "", element);
    return 0;
}

/* A descriptor that is none (sanitised backups have eight bytes) is kept as text, and told. */
static int take_descriptor(struct reading *reading, const struct xml_element *core)
{
    const char *text = xml_child_text(core, "SecurityDescriptor");
    if (!text || !*text)
        return 0;
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size = 0;
    struct sd judged;
    if (strlen(text) <= 3 * (size_t)GPO_SD_MAX && !hex_parse(text, &bytes, &size, NULL) &&
        size <= GPO_SD_MAX && !sd_open(&judged, bytes, size, NULL)) {
        reading->backup->gpo->security_descriptor = STEAL(bytes);
        reading->backup->gpo->security_descriptor_size = size;
        return 0;
    }
    reading->backup->security_descriptor_damaged = true;
    reading->backup->security_descriptor_text = strdup(text);
    return reading->backup->security_descriptor_text ? 0 : no_memory(reading);
}

static int take_wmi_filter(struct reading *reading, const struct xml_element *core)
{
    struct gpo *gpo = reading->backup->gpo;
    int rc = backup_wmi_from_xml(&gpo->wmi_filter, xml_child_text(core, "WMIFilter"), reading->err);
    if (rc) {
        fail_in(reading->err, "%s", reading->name);
        return rc;
    }
    if (!xml_child(core, "WMIFilterName"))
        return 0;
    return take_text(reading, &gpo->wmi_filter_name, core, "WMIFilterName", BACKUP_TEXT_MAX);
}

static int take_core(struct reading *reading, const struct xml_element *core)
{
    struct gpo *gpo = reading->backup->gpo;
    int rc = take_guid(reading, &gpo->id, core, "ID");
    if (!rc)
        rc = take_text(reading, &gpo->domain, core, "Domain", BACKUP_TEXT_MAX);
    if (!rc)
        rc = take_descriptor(reading, core);
    if (!rc)
        rc = take_text(reading, &gpo->display_name, core, "DisplayName", GPO_NAME_MAX);
    if (!rc)
        rc = take_number(reading, &gpo->options, core, "Options");
    if (!rc)
        rc = take_version(reading, &gpo->user, core, "UserVersionNumber");
    if (!rc)
        rc = take_version(reading, &gpo->machine, core, "MachineVersionNumber");
    if (!rc)
        rc = take_text(reading, &gpo->machine_extensions, core, "MachineExtensionGuids",
                       GPO_EXTENSIONS_MAX);
    if (!rc)
        rc = take_text(reading, &gpo->user_extensions, core, "UserExtensionGuids",
                       GPO_EXTENSIONS_MAX);
    return rc ? rc : take_wmi_filter(reading, core);
}

/* ---- principals and paths ------------------------------------------------------------------- */

/* The children of a Group in their order. */
static const struct {
    const char *element;
    size_t offset; /* in struct domain_principal */
} principal_fields[] = {
    {"Sid", offsetof(struct domain_principal, sid)},
    {"SamAccountName", offsetof(struct domain_principal, sam_account_name)},
    {"Type", offsetof(struct domain_principal, type)},
    {"NetBIOSDomainName", offsetof(struct domain_principal, netbios_domain_name)},
    {"DnsDomainName", offsetof(struct domain_principal, dns_domain_name)},
    {"UPN", offsetof(struct domain_principal, upn)},
};

static int take_principal(struct reading *reading, struct backup_principal *out,
                          const struct xml_element *group)
{
    const char *source = xml_attribute(group, "Source");
    out->from_dacl = source && !strcasecmp(source, "FromDACL");
    for (size_t i = 0; i < sizeof principal_fields / sizeof *principal_fields; i++) {
        const char *text = xml_child_text(group, principal_fields[i].element);
        if (!text || !*text)
            continue;
        char **to = (char **)((char *)&out->principal + principal_fields[i].offset);
        if (strlen(text) > BACKUP_TEXT_MAX)
            return wrong(reading, group, "its text is too long");
        if (!(*to = strdup(text)))
            return no_memory(reading);
    }
    return 0;
}

static int take_principals(struct reading *reading, const struct xml_element *groups)
{
    struct backup *backup = reading->backup;
    size_t count = xml_count(groups, "Group");
    if (count > BACKUP_PRINCIPALS_MAX)
        return fail(reading->err, GPMQ_ETOOBIG, "%s: %zu principals, more than %d", reading->name,
                    count, BACKUP_PRINCIPALS_MAX);
    backup->principals = calloc(count + 1, sizeof *backup->principals);
    if (!backup->principals)
        return no_memory(reading);
    for (const struct xml_element *e = xml_child(groups, "Group"); e; e = xml_next(e, "Group")) {
        int rc = take_principal(reading, &backup->principals[backup->principal_count++], e);
        if (rc)
            return rc;
    }
    return 0;
}

static int take_file_paths(struct reading *reading, const struct xml_element *paths)
{
    struct backup *backup = reading->backup;
    backup->file_paths = calloc(xml_count(paths, NULL) + 1, sizeof *backup->file_paths);
    if (!backup->file_paths)
        return no_memory(reading);
    for (const struct xml_element *e = xml_child(paths, NULL); e; e = xml_next(e, NULL)) {
        char *path = strdup(xml_text(e));
        if (!path)
            return no_memory(reading);
        backup->file_paths[backup->file_path_count++] = path;
    }
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int add_listed(struct gpo *gpo, const struct backup_object *object, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *path = NULL;
    int rc = object->location ? backup_location_path(&path, object->location, err) : 0;
    if (!rc && path)
        rc = gpo_add_file(gpo, path, object->directory, 0, err);
    for (size_t i = 0; !rc && i < object->child_count; i++)
        rc = add_listed(gpo, &object->children[i], err);
    return rc;
}

/* Two handlers may list the same file; it is one file all the same. */
static void drop_doubles(struct gpo *gpo)
{
    size_t kept = 0;
    for (size_t i = 0; i < gpo->file_count; i++) {
        if (kept && !fold_compare(gpo->files[kept - 1].path, gpo->files[i].path)) {
            free(gpo->files[i].path);
            continue;
        }
        gpo->files[kept++] = gpo->files[i];
    }
    gpo->file_count = kept;
}

static int list_files(struct reading *reading)
{
    struct backup *backup = reading->backup;
    for (size_t i = 0; i < backup->extension_count; i++)
        for (size_t k = 0; k < backup->extensions[i].object_count; k++) {
            int rc = add_listed(backup->gpo, &backup->extensions[i].objects[k], reading->err);
            if (rc) {
                fail_in(reading->err, "%s", reading->name);
                return rc;
            }
        }
    gpo_sort_files(backup->gpo);
    drop_doubles(backup->gpo);
    return 0;
}

/* The directory objects of all handlers, as the GPO has them. */
static int collect_ds_objects(struct reading *reading)
{
    struct backup *backup = reading->backup;
    size_t count = 0;
    for (size_t i = 0; i < backup->extension_count; i++)
        count += backup->extensions[i].ds_object_count;
    backup->gpo->ds_objects = calloc(count + 1, sizeof *backup->gpo->ds_objects);
    if (!backup->gpo->ds_objects)
        return no_memory(reading);
    for (size_t i = 0; i < backup->extension_count; i++)
        for (size_t k = 0; k < backup->extensions[i].ds_object_count; k++) {
            struct gpo_ds_object *to = &backup->gpo->ds_objects[backup->gpo->ds_object_count++];
            int rc = backup_ds_object_copy(to, &backup->extensions[i].ds_objects[k], reading->err);
            if (rc)
                return rc;
        }
    return 0;
}

static int take_object(struct reading *reading, const struct xml_element *object)
{
    const struct xml_element *core = xml_child(object, "GroupPolicyCoreSettings");
    if (!core)
        return wrong(reading, object, "it has no GroupPolicyCoreSettings");
    int rc = take_core(reading, core);
    if (!rc)
        rc = take_principals(reading, xml_child(object, "SecurityGroups"));
    if (!rc)
        rc = take_file_paths(reading, xml_child(object, "FilePaths"));
    if (rc)
        return rc;

    struct backup_extensions extensions = {0};
    rc = backup_extensions_parse(&extensions, object, reading->err);
    reading->backup->extension_count = extensions.count;
    reading->backup->extensions = extensions.items;
    if (rc) {
        fail_in(reading->err, "%s", reading->name);
        return rc;
    }
    rc = list_files(reading);
    return rc ? rc : collect_ds_objects(reading);
}

int backup_xml_parse(struct backup **out, const void *bytes, size_t size, const char *name,
                     struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    int rc = xml_read(&document, bytes, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root =
        xml_root(document, "GroupPolicyBackupScheme", BACKUP_NAMESPACE);
    const struct xml_element *object = xml_child(root, "GroupPolicyObject");
    if (!object)
        return fail(err, GPMQ_EMALFORMED,
                    "%s: it is no GroupPolicyBackupScheme with a "
                    "GroupPolicyObject",
                    name);

    CLEANUP(backup_free) struct backup *backup = calloc(1, sizeof *backup);
    if (!backup || !(backup->gpo = calloc(1, sizeof *backup->gpo)))
        return fail(err, GPMQ_ENOMEM, "no memory to read %s", name);
    struct reading reading = {.name = name, .err = err, .backup = backup};
    rc = take_object(&reading, object);
    if (rc)
        return rc;
    *out = STEAL(backup);
    return 0;
}
