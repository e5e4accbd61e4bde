/*
 * text.h - text files of a GPO as UTF-8, whatever Windows or a person saved them as.
 */
#ifndef GPMQ_TEXT_H
#define GPMQ_TEXT_H

#include <stddef.h>

#include "bytes.h"

#define TEXT_BYTES_MAX (64u << 20) /* bytes of one text file */

/* Which eight-bit encoding is meant where there is no byte order mark and no UTF-8. */
enum text_fallback {
    TEXT_REFUSE,       /* none: GPMQ_EMALFORMED */
    TEXT_STRICT,       /* none, and an unpaired surrogate is GPMQ_EMALFORMED as well */
    TEXT_WINDOWS_1252, /* "ANSI", as a file that a person saved with an old editor */
};

/* Gives *out a copy of `size` bytes as UTF-8 without byte order mark, NUL behind it, *out_size
 * bytes long; free() it. Known are UTF-16 in both byte orders (with a byte order mark, or where the
 * first character shows it) and UTF-8. An unpaired surrogate becomes U+FFFD. GPMQ_EMALFORMED: half
 * a character, a NUL, no UTF-8 under TEXT_REFUSE, or what TEXT_STRICT does not take. GPMQ_ETOOBIG.
 */
int text_to_utf8(char **out, size_t *out_size, const void *bytes, size_t size,
                 enum text_fallback fallback, struct gpmq_error *err) GPMQ_CHECKED;

/* What bytes of text are. */
enum text_form { TEXT_UTF8, TEXT_UTF16_LE, TEXT_UTF16_BE, TEXT_8BIT /* Windows-1252 */ };

/* As text_to_utf8() judges it; the first *mark bytes are a byte order mark. */
enum text_form text_form(const void *bytes, size_t size, size_t *mark);
/* As text_to_utf8() for a piece whose form is known, without byte order mark. TEXT_8BIT is read as
 * Windows-1252. */
int text_piece_to_utf8(char **out, size_t *out_size, const void *bytes, size_t size,
                       enum text_form form, struct gpmq_error *err) GPMQ_CHECKED;
/* Appends a byte order mark; TEXT_8BIT has none. */
void text_put_mark(struct bytes *out, enum text_form form);
/* Appends `size` bytes of UTF-8 in that form. GPMQ_EMALFORMED: they are no UTF-8, or Windows-1252
 * lacks one of the characters. */
int text_put(struct bytes *out, enum text_form form, const char *text, size_t size,
             struct gpmq_error *err) GPMQ_CHECKED;

#endif
