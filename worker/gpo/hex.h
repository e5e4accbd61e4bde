/*
 * hex.h - bytes as text, the way Backup.xml writes them: "01 00 04 9c".
 */
#ifndef GPMQ_HEX_H
#define GPMQ_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "gpmq/error.h"

/* Lower-case hex with a space between bytes; free() it. NULL: no memory. */
char *hex_text(const void *bytes, size_t size);
/* Reads hex digits in any case; spaces, tabs and line ends may stand between bytes, not within one.
 * free() *out, which is never NULL on success. GPMQ_EMALFORMED: something else is in it. */
int hex_parse(const char *text, uint8_t **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;

#endif
