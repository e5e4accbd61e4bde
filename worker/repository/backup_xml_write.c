#include <inttypes.h>

#include "backup_xml.h"
#include "backup_xml_objects.h"
#include "cleanup.h"
#include "fail.h"
#include "hex.h"
#include "sd.h"

/* What Windows puts before the root; a reader may look for it. */
#define PROLOGUE                                                                                   \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>"                                                   \
    "<!-- Copyright (c) Microsoft Corporation.  All rights reserved. -->"

static void put_principal(struct xml_writer *writer, const struct backup_principal *listed)
{
    const struct domain_principal *principal = &listed->principal;
    xml_open(writer, "Group");
    xml_put_attribute(writer, "bkp:Source", listed->from_dacl ? "FromDACL" : NULL);
    xml_put_cdata(writer, "Sid", principal->sid);
    xml_put_cdata(writer, "SamAccountName", principal->sam_account_name);
    xml_put_cdata(writer, "Type", principal->type);
    xml_put_cdata(writer, "NetBIOSDomainName", principal->netbios_domain_name);
    xml_put_cdata(writer, "DnsDomainName", principal->dns_domain_name);
    xml_put_cdata(writer, "UPN", principal->upn);
    xml_close(writer);
}

static void put_lists(struct xml_writer *writer, const struct backup *backup)
{
    xml_open(writer, "SecurityGroups");
    for (size_t i = 0; i < backup->principal_count; i++)
        put_principal(writer, &backup->principals[i]);
    xml_close(writer);
    xml_open(writer, "FilePaths");
    for (size_t i = 0; i < backup->file_path_count; i++)
        xml_put_cdata(writer, "Path", backup->file_paths[i]);
    xml_close(writer);
}

static void put_number(struct xml_writer *writer, const char *name, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, number);
    xml_put_cdata(writer, name, text);
}

/* High word: SYSVOL, low word: directory. */
static void put_version(struct xml_writer *writer, const char *name, struct gpo_version version)
{
    put_number(writer, name, (uint32_t)version.sysvol << 16 | version.ds);
}

/* The DACL alone, as hex; a damaged descriptor as it came. free() *out, which may be NULL. */
static int descriptor_text(char **out, const struct backup *backup, struct gpmq_error *err)
{
    const struct gpo *gpo = backup->gpo;
    if (!gpo->security_descriptor)
        return 0;
    struct sd judged;
    CLEANUP(free_pointer) uint8_t *dacl = NULL;
    size_t size;
    int rc = sd_open(&judged, gpo->security_descriptor, gpo->security_descriptor_size, err);
    if (!rc)
        rc = sd_dacl_only(&judged, &dacl, &size, err);
    if (rc)
        return rc;
    *out = hex_text(dacl, size);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
}

static int put_core(struct xml_writer *writer, const struct backup *backup, struct gpmq_error *err)
{
    const struct gpo *gpo = backup->gpo;
    CLEANUP(free_pointer) char *descriptor = NULL;
    CLEANUP(free_pointer) char *wmi_filter = NULL;
    int rc = descriptor_text(&descriptor, backup, err);
    if (!rc)
        rc = backup_wmi_to_xml(&wmi_filter, gpo->wmi_filter, err);
    if (rc)
        return rc;

    char id[GPMQ_GUID_TEXT_SIZE];
    xml_open(writer, "GroupPolicyCoreSettings");
    xml_put_cdata(writer, "ID", gpmq_guid_text(&gpo->id, id));
    xml_put_cdata(writer, "Domain", gpo->domain);
    xml_put_text(writer, "SecurityDescriptor",
                 descriptor ? descriptor : backup->security_descriptor_text);
    xml_put_cdata(writer, "DisplayName", gpo->display_name);
    put_number(writer, "Options", gpo->options);
    put_version(writer, "UserVersionNumber", gpo->user);
    put_version(writer, "MachineVersionNumber", gpo->machine);
    xml_put_cdata(writer, "MachineExtensionGuids", gpo->machine_extensions);
    xml_put_cdata(writer, "UserExtensionGuids", gpo->user_extensions);
    xml_put_cdata(writer, "WMIFilter", wmi_filter);
    if (gpo->wmi_filter_name)
        xml_put_cdata(writer, "WMIFilterName", gpo->wmi_filter_name);
    xml_close(writer);
    return 0;
}

int backup_xml_write(char **out, size_t *size, const struct backup *backup, struct gpmq_error *err)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = xml_writer_begin();
    if (!writer)
        return fail(err, GPMQ_ENOMEM, "no memory for Backup.xml");
    xml_put_raw(writer, PROLOGUE);
    xml_open(writer, "GroupPolicyBackupScheme");
    xml_put_attribute(writer, "bkp:version", "2.0");
    xml_put_attribute(writer, "bkp:type", "GroupPolicyBackupTemplate");
    xml_put_attribute(writer, "xmlns:bkp", BACKUP_NAMESPACE);
    xml_put_attribute(writer, "xmlns", BACKUP_NAMESPACE);
    xml_put_raw(writer, "\r\n    ");
    xml_open(writer, "GroupPolicyObject");
    put_lists(writer, backup);
    int rc = put_core(writer, backup, err);
    if (rc)
        return rc;
    struct backup_extensions extensions = {backup->extension_count, backup->extensions};
    backup_extensions_write(writer, &extensions);
    xml_close(writer);
    xml_put_raw(writer, "\r\n");
    xml_close(writer);
    return xml_writer_end(&writer, out, size, err);
}
