/* run_text.h - text from files, made fit for a message. */
#ifndef GPMQ_RUN_TEXT_H
#define GPMQ_RUN_TEXT_H

#include <stddef.h>

/* Copies text into to[size], size at least 4: valid UTF-8, control characters and bytes that are
 * no UTF-8 replaced by '?', cut at a whole character with "..." where it is too long. NULL is "".
 * Returns to. */
char *run_text(char *to, size_t size, const char *text);

#endif
