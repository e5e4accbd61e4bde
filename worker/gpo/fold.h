/*
 * fold.h - text compared without case, as Windows compares file names and display names: the
 * simple one-to-one pairs of the Latin, Greek and Cyrillic letters; other bytes as they are.
 */
#ifndef GPMQ_FOLD_H
#define GPMQ_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads one character of UTF-8 at text (at most `room` bytes). Returns its length; 0: it is none
 * (overlong, surrogate, cut, above U+10FFFF). */
size_t fold_read(const char *text, size_t room, uint32_t *character);
/* Whether all `size` bytes are UTF-8. */
bool fold_is_utf8(const char *text, size_t size);
/* The lower-case partner of a character, or itself. */
uint32_t fold_lower(uint32_t character);
/* As strcmp(), without case. */
int fold_compare(const char *a, const char *b);
/* As fold_compare() over two paths, where '/' stands before every other character: a folder's
 * content follows the folder. */
int fold_compare_paths(const char *a, const char *b);

#endif
