/*
 * make_pol.h - registry.pol and UTF-16 from text, for the maker of the demo domain and for tests.
 */
#ifndef GPMQ_MAKE_POL_H
#define GPMQ_MAKE_POL_H

#include "bytes.h"

/* Appends UTF-8 text as UTF-16LE. GPMQ_EMALFORMED: it is no UTF-8. */
int make_utf16(const char *text, size_t size, struct bytes *out,
               struct gpmq_error *err) GPMQ_CHECKED;

/* Appends a registry.pol with a record for each line "key | value | type | data":
 *
 *     MACHINE\Software\Policies\Example | Enabled | REG_DWORD | 1
 *     Software\Policies\Example | Servers | REG_MULTI_SZ | one ; two
 *     Software\Policies\Example | **del.Old | REG_SZ |
 *
 * A leading MACHINE\ or USER\ is not written. REG_DWORD and REG_QWORD are decimal or 0x; REG_BINARY
 * is hex; REG_NONE has no data; parts of a REG_MULTI_SZ stand between " ; "; the data of a "**"
 * value without data is the one space that Windows writes. Empty lines and lines with '#' say
 * nothing. */
int make_pol(const char *text, struct bytes *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
