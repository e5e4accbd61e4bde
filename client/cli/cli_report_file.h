/*
 * cli_report_file.h - where a report goes: its file's name, and the file, whole or not at all.
 */
#ifndef GPMQ_CLI_REPORT_FILE_H
#define GPMQ_CLI_REPORT_FILE_H

#include <stddef.h>

#include "gpmq/error.h"

#define REPORT_NAME_SIZE 256 /* of a file's name, with its NUL */

/* "Default Domain Policy {31B2F340-...}.html": the name without what file systems and people do not
 * like in names, cut; the id keeps two of one name apart. Returns out. */
const char *report_file_name(const char *name, const char *id, const char *format,
                             char out[REPORT_NAME_SIZE]);

/* Makes or replaces a file in one step: who reads it finds the old content or the new. path names a
 * file in a folder that is there. GPMQ_EIO, GPMQ_EACCESS, GPMQ_ENOSPACE, GPMQ_ENOTFOUND; then the
 * old file is as it was, and nothing is left beside it. */
int report_file_write(const char *path, const void *bytes, size_t size,
                      struct gpmq_error *err) GPMQ_CHECKED;

#endif
