/*
 * gpt_ini.h - GPT.INI, the version of a GPO's SYSVOL half ([MS-GPOL] 2.2.4): ANSI text, section
 * [General], a line "Version=" with the same number as versionNumber.
 */
#ifndef GPMQ_GPT_INI_H
#define GPMQ_GPT_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GPT_INI_NAME "GPT.INI"
#define GPT_INI_MAX  65536 /* bytes that are read */
#define GPT_INI_SIZE 128   /* of what is written, with NUL */

/* The number of the line "Version=", in any case and with spaces around. False: no such line. */
bool gpt_ini_version(const char *text, uint32_t *out);
/* What Windows writes into a new one, with this version; returns its length. */
size_t gpt_ini_text(uint32_t version, char text[GPT_INI_SIZE]);

#endif
