/*
 * migration_table_file.h - migration tables as files (.migtable), as GPMC and its editor write and
 * read them: UTF-16LE with a byte order mark, lines that end in CRLF.
 *
 *     MigrationTable
 *       Mapping*
 *         Type, Source, then one of Destination, DestinationSameAsSource, DestinationNone,
 *         DestinationByRelativeName
 */
#ifndef GPMQ_MIGRATION_TABLE_FILE_H
#define GPMQ_MIGRATION_TABLE_FILE_H

#include "migration_table.h"

#define MIGRATION_FILE_MAX (32u << 20) /* bytes: what xml.h reads */

/* Reads a table, in UTF-8 too, elements of a Mapping in any order; spaces around texts are dropped.
 * name: of the file, for the error's text. GPMQ_EMALFORMED: no such XML, an element or type that
 * there is not, one that is missing or there twice, a source that is there twice, an option that
 * the type cannot have; the text names element and line. GPMQ_ETOOBIG: over a limit. */
int migration_table_read(struct migration_table **out, const void *bytes, size_t size,
                         const char *name, struct gpmq_error *err) GPMQ_CHECKED;

/* free() *out. GPMQ_ENOMEM. */
int migration_table_write(void **out, size_t *size, const struct migration_table *table,
                          struct gpmq_error *err) GPMQ_CHECKED;

#endif
