#include "verify_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fail.h"
#include "text.h"

int verify_text_begin(struct verify_text *text, const void *bytes, size_t size,
                      struct gpmq_error *err)
{
    size_t length;
    *text = (struct verify_text){.text = NULL};
    int rc = text_to_utf8(&text->text, &length, bytes, size, TEXT_WINDOWS_1252, err);
    text->next = text->text;
    return rc;
}

void verify_text_free(struct verify_text *text)
{
    free(text->text);
    *text = (struct verify_text){.text = NULL};
}

char *verify_trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length && strchr(" \t\r", text[length - 1]))
        text[--length] = 0;
    return text;
}

char *verify_text_line(struct verify_text *text)
{
    while (*text->next) {
        char *line = text->next;
        size_t length = strcspn(line, "\n");
        text->next = line + length + (line[length] == '\n');
        line[length] = 0;
        text->line++;
        line = verify_trim(line);
        if (*line && *line != ';')
            return line;
    }
    return NULL;
}

char *verify_section(char *line)
{
    size_t length = strlen(line);
    if (length < 3 || line[0] != '[' || line[length - 1] != ']')
        return NULL;
    line[length - 1] = 0;
    return verify_trim(line + 1);
}

bool verify_pair(char *line, char **value)
{
    char *equals = strchr(line, '=');
    if (!equals || equals == line)
        return false;
    *equals = 0;
    *value = verify_trim(equals + 1);
    verify_trim(line);
    return true;
}

bool verify_is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!strcasecmp(text, *words))
            return true;
    return false;
}

bool verify_is_number(const char *text)
{
    text += *text == '-';
    return *text && strspn(text, "0123456789") == strlen(text);
}

int verify_fail(const struct verify_text *text, struct gpmq_error *err, const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return fail(err, GPMQ_EDAMAGED, "line %u: %s", text->line, reason);
}
