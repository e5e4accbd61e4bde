#include "backup_info_xml.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "backup_time.h"
#include "cleanup.h"
#include "fail.h"
#include "xml.h"

#define MANIFEST_NAMESPACE "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"

enum field_type { FIELD_GUID, FIELD_GUID_LOWER, FIELD_TEXT, FIELD_TIME };

/* The children of a BackupInst in their order. */
static const struct field {
    const char *element;
    enum field_type type;
    size_t offset; /* in struct backup_info */
    bool required;
} fields[] = {
    {"GPOGuid", FIELD_GUID, offsetof(struct backup_info, gpo_id), true},
    {"GPODomain", FIELD_TEXT, offsetof(struct backup_info, domain), true},
    {"GPODomainGuid", FIELD_GUID_LOWER, offsetof(struct backup_info, domain_guid), false},
    {"GPODomainController", FIELD_TEXT, offsetof(struct backup_info, domain_controller), false},
    {"BackupTime", FIELD_TIME, offsetof(struct backup_info, time_unix_ms), true},
    {"ID", FIELD_GUID, offsetof(struct backup_info, id), true},
    {"Comment", FIELD_TEXT, offsetof(struct backup_info, comment), false},
    {"GPODisplayName", FIELD_TEXT, offsetof(struct backup_info, display_name), true},
};
#define FIELD_COUNT (sizeof fields / sizeof *fields)

static void *member(struct backup_info *info, const struct field *field)
{
    return (char *)info + field->offset;
}

static const void *const_member(const struct backup_info *info, const struct field *field)
{
    return (const char *)info + field->offset;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int take_guid(struct gpmq_guid *out, const char *text)
{
    char word[GPMQ_GUID_TEXT_SIZE] = "";
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    if (length >= sizeof word)
        return GPMQ_EINVAL;
    memcpy(word, text, length);
    return gpmq_guid_parse(out, word);
}

static int take_field(struct backup_info *info, const struct field *field, const char *text)
{
    switch (field->type) {
    case FIELD_GUID:
    case FIELD_GUID_LOWER:
        return take_guid(member(info, field), text);
    case FIELD_TIME:
        return backup_time_parse(member(info, field), text);
    case FIELD_TEXT:
        if (strlen(text) > BACKUP_TEXT_MAX)
            return GPMQ_ETOOBIG;
        *(char **)member(info, field) = strdup(text);
        return *(char **)member(info, field) ? 0 : GPMQ_ENOMEM;
    }
    return GPMQ_EINVAL;
}

static int take_instance(struct backup_info *out, const struct xml_element *instance,
                         const char *name, struct gpmq_error *err)
{
    CLEANUP(backup_info_free) struct backup_info info = {0};
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *text = xml_child_text(instance, fields[i].element);
        if (!text && fields[i].required)
            return fail(err, GPMQ_EMALFORMED, "%s, line %d: no element %s", name,
                        xml_line(instance), fields[i].element);
        int rc = take_field(&info, &fields[i], text ? text : "");
        if (rc == GPMQ_ENOMEM)
            return fail(err, rc, "no memory for %s", name);
        if (rc && (fields[i].required || rc == GPMQ_ETOOBIG))
            return fail(err, GPMQ_EMALFORMED, "%s, line %d: '%.64s' makes no sense as %s", name,
                        xml_line(instance), text, fields[i].element);
    }
    const char *software = xml_attribute(instance, "SIPresent");
    info.software = software && !strcasecmp(software, "true");
    *out = info;
    info = (struct backup_info){0};
    return 0;
}

int backup_info_parse(struct backup_info *out, const void *bytes, size_t size, const char *name,
                      struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    int rc = xml_read(&document, bytes, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root = xml_root(document, "BackupInst", MANIFEST_NAMESPACE);
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "%s: its root is no BackupInst of GPMC", name);
    return take_instance(out, root, name, err);
}

int backup_manifest_parse(struct backup_infos *out, const void *bytes, size_t size,
                          const char *name, struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    int rc = xml_read(&document, bytes, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root = xml_root(document, "Backups", MANIFEST_NAMESPACE);
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "%s: its root is no Backups of GPMC", name);

    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    infos.items = calloc(xml_count(root, "BackupInst") + 1, sizeof *infos.items);
    if (!infos.items)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", name);
    for (const struct xml_element *e = xml_child(root, "BackupInst"); e;
         e = xml_next(e, "BackupInst")) {
        rc = take_instance(&infos.items[infos.count], e, name, err);
        if (rc == GPMQ_ENOMEM)
            return rc;
        infos.count += rc == 0;
    }
    *out = infos;
    infos = (struct backup_infos){0};
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

static const char *lower_case(char *text)
{
    for (char *p = text; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return text;
}

static void put_field(struct xml_writer *writer, const struct backup_info *info,
                      const struct field *field)
{
    char guid[GPMQ_GUID_TEXT_SIZE], when[BACKUP_TIME_TEXT_SIZE];
    const char *text = NULL;
    switch (field->type) {
    case FIELD_GUID:
        text = gpmq_guid_text(const_member(info, field), guid);
        break;
    case FIELD_GUID_LOWER:
        gpmq_guid_text(const_member(info, field), guid);
        text = lower_case(guid);
        break;
    case FIELD_TIME:
        text = backup_time_text(*(const int64_t *)const_member(info, field), when);
        break;
    case FIELD_TEXT:
        text = *(char *const *)const_member(info, field);
        break;
    }
    xml_put_cdata_always(writer, field->element, text);
}

static void put_fields(struct xml_writer *writer, const struct backup_info *info)
{
    xml_put_attribute(writer, "mfst:SIPresent", info->software ? "true" : NULL);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        put_field(writer, info, &fields[i]);
}

/* The prefix is declared where it is used. */
static void open_root(struct xml_writer *writer, const char *name, bool prefixed)
{
    xml_open(writer, name);
    xml_put_attribute(writer, "xmlns", MANIFEST_NAMESPACE);
    xml_put_attribute(writer, "xmlns:mfst", prefixed ? MANIFEST_NAMESPACE : NULL);
}

int backup_info_write(char **out, size_t *size, const struct backup_info *info,
                      struct gpmq_error *err)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = xml_writer_begin();
    if (!writer)
        return fail(err, GPMQ_ENOMEM, "no memory for bkupInfo.xml");
    open_root(writer, "BackupInst", info->software);
    put_fields(writer, info);
    xml_close(writer);
    xml_put_raw(writer, "\r\n");
    return xml_writer_end(&writer, out, size, err);
}

int backup_manifest_write(char **out, size_t *size, const struct backup_infos *infos,
                          struct gpmq_error *err)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = xml_writer_begin();
    if (!writer)
        return fail(err, GPMQ_ENOMEM, "no memory for manifest.xml");
    open_root(writer, "Backups", true);
    xml_put_attribute(writer, "mfst:version", "1.0");
    for (size_t i = 0; i < infos->count; i++) {
        xml_open(writer, "BackupInst");
        put_fields(writer, &infos->items[i]);
        xml_close(writer);
    }
    xml_close(writer);
    return xml_writer_end(&writer, out, size, err);
}
