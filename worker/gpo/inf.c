#include "inf.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char *trim(char *text)
{
    while (is_blank(*text))
        text++;
    size_t length = strlen(text);
    while (length && is_blank(text[length - 1]))
        text[--length] = 0;
    return text;
}

struct inf_cursor inf_begin(char *text)
{
    return (struct inf_cursor){.next = text, .section = ""};
}

static char *take_line(struct inf_cursor *cursor)
{
    char *line = cursor->next;
    char *end = line + strcspn(line, "\n");
    cursor->next = *end ? end + 1 : end;
    *end = 0;
    return trim(line);
}

static bool is_section(char *line)
{
    size_t length = strlen(line);
    if (length < 2 || line[0] != '[' || line[length - 1] != ']')
        return false;
    line[length - 1] = 0;
    return true;
}

bool inf_next(struct inf_cursor *cursor, struct inf_line *line)
{
    while (*cursor->next) {
        char *text = take_line(cursor);
        if (!*text || *text == ';')
            continue;
        if (is_section(text)) {
            cursor->section = trim(text + 1);
            continue;
        }
        char *equals = strchr(text, '=');
        if (equals)
            *equals = 0;
        *line = (struct inf_line){
            .section = cursor->section,
            .key = trim(text),
            .value = equals ? trim(equals + 1) : NULL,
        };
        return true;
    }
    return false;
}

char *inf_item(char **list_p)
{
    if (!*list_p)
        return NULL;
    char *item = *list_p;
    char *comma = strchr(item, ',');
    if (comma)
        *comma = 0;
    *list_p = comma ? comma + 1 : NULL;
    return trim(item);
}
