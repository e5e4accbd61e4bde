/*
 * backup_equal.h - whether two descriptions of a backup say the same; the first difference in
 * words.
 */
#ifndef GPMQ_BACKUP_EQUAL_H
#define GPMQ_BACKUP_EQUAL_H

#include "backup_model.h"

#define BACKUP_EQUAL_TEXT_SIZE 1024

/* Handlers with their files and directory objects. exact_case: letter case of places
 * (bkp:Location, bkp:SourceExpandedPath) counts. An empty text: they are equal. */
const char *extensions_differ(const struct backup_extensions *a, const struct backup_extensions *b,
                              bool exact_case, char text[BACKUP_EQUAL_TEXT_SIZE]);
/* Everything. */
const char *backups_differ(const struct backup *a, const struct backup *b,
                           char text[BACKUP_EQUAL_TEXT_SIZE]);

#endif
