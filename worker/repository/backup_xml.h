/*
 * backup_xml.h - Backup.xml: the directory half of a GPO, its principals, and the list of its
 * files.
 *
 * Reading takes what Windows and people wrote: prefixes, order and white space mean nothing, a
 * damaged security descriptor is told, not refused. What is read and written again reads the same.
 */
#ifndef GPMQ_BACKUP_XML_H
#define GPMQ_BACKUP_XML_H

#include "repository.h"

#define BACKUP_PRINCIPALS_MAX   16384
#define BACKUP_OBJECT_DEPTH_MAX 8  /* patterns within patterns */
#define BACKUP_DS_DEPTH_MAX     16 /* directory objects within each other */

/* Reads Backup.xml into *out: everything but info, and the sizes of files. ->gpo->files are the
 * objects with a location, once each; a location outside DomainSysvol\GPO, or one that
 * gpo_path_check() refuses, is GPMQ_EMALFORMED. name is for the error's text, which names element
 * and line. Let *out go with backup_free(). */
int backup_xml_parse(struct backup **out, const void *bytes, size_t size, const char *name,
                     struct gpmq_error *err) GPMQ_CHECKED;

/* The document as Windows writes it; free() *out. GPMQ_EDAMAGED: backup->gpo has a security
 * descriptor that is none. */
int backup_xml_write(char **out, size_t *size, const struct backup *backup,
                     struct gpmq_error *err) GPMQ_CHECKED;

/* A GPC's gPCWQLFilter "[dns;{guid};0]" as Backup.xml has it, and back; free() *out. NULL and ""
 * give NULL. GPMQ_EMALFORMED: it is neither. */
int backup_wmi_to_xml(char **out, const char *gpc, struct gpmq_error *err) GPMQ_CHECKED;
int backup_wmi_from_xml(char **out, const char *xml, struct gpmq_error *err) GPMQ_CHECKED;

/* The path inside the GPT behind a location "DomainSysvol\GPO\Machine\registry.pol"; free() *out.
 * GPMQ_EMALFORMED: it leads elsewhere. */
int backup_location_path(char **out, const char *location, struct gpmq_error *err) GPMQ_CHECKED;

/* A path inside the GPT as a backup spells it: "Machine" and "User" so, however SYSVOL does. Writes
 * to `out`; returns it. path passed gpo_path_check(). */
const char *backup_spell_path(const char *path, char out[GPO_PATH_MAX + 1]);

#define BACKUP_NAMESPACE "http://www.microsoft.com/GroupPolicy/GPOOperations"

#endif
