/*
 * backup_time.h - BackupTime of bkupInfo.xml: "2023-03-09T17:04:03", UTC, no zone.
 */
#ifndef GPMQ_BACKUP_TIME_H
#define GPMQ_BACKUP_TIME_H

#include <stdint.h>

#include "gpmq/error.h"

#define BACKUP_TIME_TEXT_SIZE 32

/* Writes whole seconds; returns text. Years outside 1601 to 9999 become the nearest of them. */
const char *backup_time_text(int64_t unix_ms, char text[BACKUP_TIME_TEXT_SIZE]);
/* Reads it, also with a fraction or a 'Z' behind it. GPMQ_EMALFORMED: it is no such time. */
int backup_time_parse(int64_t *out_unix_ms, const char *text) GPMQ_CHECKED;

#endif
