/*
 * backup_info_xml.h - bkupInfo.xml, and manifest.xml, which is a list of them.
 */
#ifndef GPMQ_BACKUP_INFO_XML_H
#define GPMQ_BACKUP_INFO_XML_H

#include "repository.h"

/* Reads bkupInfo.xml. name is for the error's text. GPMQ_EMALFORMED names element and reason. Let
 * *out go with backup_info_free(). */
int backup_info_parse(struct backup_info *out, const void *bytes, size_t size, const char *name,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Reads manifest.xml; entries that make no sense are left out. backup_infos_free() *out. */
int backup_manifest_parse(struct backup_infos *out, const void *bytes, size_t size,
                          const char *name, struct gpmq_error *err) GPMQ_CHECKED;

/* The documents as Windows writes them; free() *out. */
int backup_info_write(char **out, size_t *size, const struct backup_info *info,
                      struct gpmq_error *err) GPMQ_CHECKED;
int backup_manifest_write(char **out, size_t *size, const struct backup_infos *infos,
                          struct gpmq_error *err) GPMQ_CHECKED;

#endif
