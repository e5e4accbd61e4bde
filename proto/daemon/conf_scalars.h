/* conf_scalars.h - numbers and truth values in a settings file, judged by their text. */
#ifndef GPMQ_CONF_SCALARS_H
#define GPMQ_CONF_SCALARS_H

#include "conf.h"

/* Whether each value that the schema says is a number is one, whole and in decimal digits without
 * leading zeros, and each truth value is true, false, yes or no. For a file that libcyaml has
 * taken: keys and kinds are not judged again. GPMQ_EMALFORMED: "FILE:LINE: KEY is 'TEXT'; it is
 * ..."; GPMQ_ENOMEM. */
int conf_judge_scalars(const char *path, const char *text, size_t size,
                       const cyaml_schema_value_t *schema, struct gpmq_error *err) GPMQ_CHECKED;

#endif
