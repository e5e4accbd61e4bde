#include "gpt_ini.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The number behind a line "Version=", in any case and with spaces around. */
bool gpt_ini_version(const char *text, uint32_t *out)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\r\n \t");
        if (strncasecmp(line, "Version", 7) != 0)
            continue;
        const char *at = line + 7 + strspn(line + 7, " \t");
        if (*at != '=')
            continue;
        *out = (uint32_t)strtoul(at + 1, NULL, 10);
        return true;
    }
    return false;
}

size_t gpt_ini_text(uint32_t version, char text[GPT_INI_SIZE])
{
    return (size_t)snprintf(
        text, GPT_INI_SIZE,
        "[General]\r\nVersion=%" PRIu32 "\r\ndisplayName=New Group Policy Object\r\n", version);
}
