#include "csv.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes the quotes off a field that begins with one, in place; returns where it ends. */
static char *unquote(char *field, char **rest)
{
    char *from = field + 1, *to = field;
    while (*from && !(*from == '"' && from[1] != '"')) {
        from += *from == '"';
        *to++ = *from++;
    }
    from += *from == '"';
    from += strcspn(from, ",");
    *rest = from;
    return to;
}

/* Cuts one field off a line; *line_p is NULL behind the last. */
static char *take_field(char **line_p)
{
    char *field = *line_p, *rest;
    while (is_blank(*field))
        field++;
    char *end;
    if (*field == '"') {
        end = unquote(field, &rest);
    } else {
        rest = field + strcspn(field, ",");
        for (end = rest; end > field && is_blank(end[-1]);)
            end--;
    }
    *line_p = *rest ? rest + 1 : NULL;
    *end = 0;
    return field;
}

static char *take_line(char **text_p)
{
    char *line = *text_p + strspn(*text_p, "\r\n");
    char *end = line + strcspn(line, "\r\n");
    *text_p = *end ? end + 1 : end;
    *end = 0;
    return line;
}

size_t csv_row(char **text_p, char **fields, size_t room)
{
    size_t count = 0;
    char *line = take_line(text_p);
    while (!line[strspn(line, " \t")]) {
        if (!**text_p)
            return 0;
        line = take_line(text_p);
    }
    while (line) {
        char *field = take_field(&line);
        if (count < room)
            fields[count] = field;
        count++;
    }
    return count;
}
