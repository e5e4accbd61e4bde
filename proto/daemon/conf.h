/*
 * conf.h - a daemon's settings from a YAML file, by libcyaml.
 *
 * Whoever has settings describes them as a libcyaml schema of a mapping. A key that is not in it, a
 * value of another kind, a missing required key, an alias: refused, with file, line and key. So is
 * a number that is not a whole one in decimal digits ("30s", "010"), and a truth value that is
 * neither true, false, yes nor no.
 */
#ifndef GPMQ_CONF_H
#define GPMQ_CONF_H

#include <cyaml/cyaml.h>

#include "gpmq/error.h"

#define CONF_FILE_MAX (1u << 20) /* bytes */

/* Loads the file into a new struct as the schema says; let it go with conf_free().
 * GPMQ_ENOTFOUND, GPMQ_EACCESS, GPMQ_ETOOBIG. GPMQ_EMALFORMED: "FILE:LINE: KEY: what is wrong". */
int conf_load(const char *path, const cyaml_schema_value_t *schema, void **out,
              struct gpmq_error *err) GPMQ_CHECKED;
/* Takes NULL; leaves NULL. */
void conf_free(const cyaml_schema_value_t *schema, void **conf_p);

#endif
