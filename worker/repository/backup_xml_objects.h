/*
 * backup_xml_objects.h - the extension handlers of Backup.xml with their files and AD objects.
 */
#ifndef GPMQ_BACKUP_XML_OBJECTS_H
#define GPMQ_BACKUP_XML_OBJECTS_H

#include "backup_model.h"
#include "xml.h"

/* Reads the GroupPolicyExtension children of a GroupPolicyObject. *out holds what was read also
 * after a failure. */
int backup_extensions_parse(struct backup_extensions *out, const struct xml_element *object,
                            struct gpmq_error *err) GPMQ_CHECKED;
/* Writes them. */
void backup_extensions_write(struct xml_writer *writer, const struct backup_extensions *extensions);

/* A deep copy. *out holds what was copied also after a failure. */
int backup_ds_object_copy(struct gpo_ds_object *out, const struct gpo_ds_object *from,
                          struct gpmq_error *err) GPMQ_CHECKED;

#endif
