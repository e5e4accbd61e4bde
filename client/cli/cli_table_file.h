/* cli_table_file.h - migration tables as files of this machine. What is in them is the workers' to
 * judge: only they parse what comes from elsewhere. */
#ifndef GPMQ_CLI_TABLE_FILE_H
#define GPMQ_CLI_TABLE_FILE_H

#include <stddef.h>

#include "gpmq/error.h"

#define CLI_TABLE_MAX (32u << 20) /* bytes of a table */

/* Reads a table; free() *out. GPMQ_EINVAL: it is empty, or does not begin as XML does.
 * GPMQ_ETOOBIG: more than CLI_TABLE_MAX bytes. Other codes: it cannot be read. */
int cli_table_read(unsigned char **out, size_t *size, const char *path,
                   struct gpmq_error *err) GPMQ_CHECKED;
/* Writes a file, complete or not at all, in the place of one that is there. */
int cli_table_write(const char *path, const void *bytes, size_t size,
                    struct gpmq_error *err) GPMQ_CHECKED;

#endif
