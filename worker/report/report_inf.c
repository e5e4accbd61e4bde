#include "report_inf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

void report_lines_free(struct report_lines *lines)
{
    free(lines->items);
    *lines = (struct report_lines){0};
}

int report_lines_read(struct report_lines *out, char *text, struct gpmq_error *err)
{
    CLEANUP(report_lines_free) struct report_lines lines = {0};
    struct inf_cursor cursor = inf_begin(text);
    struct inf_line line;
    for (size_t room = 0; inf_next(&cursor, &line);) {
        if (lines.count == REPORT_LINES_MAX)
            return fail(err, GPMQ_ETOOBIG, "it has more than %d lines", REPORT_LINES_MAX);
        if (lines.count == room) {
            room = room ? 2 * room : 64;
            struct inf_line *items = realloc(lines.items, room * sizeof *items);
            if (!items)
                return fail(err, GPMQ_ENOMEM, "no memory for %zu lines", room);
            lines.items = items;
        }
        lines.items[lines.count++] = line;
    }
    *out = lines;
    lines = (struct report_lines){0};
    return 0;
}

/* Equal keys stay in the file's order. */
static int by_key(const void *a, const void *b)
{
    const struct inf_line *left = *(const struct inf_line *const *)a;
    const struct inf_line *right = *(const struct inf_line *const *)b;
    int order = fold_compare(left->key, right->key);
    return order ? order : (left > right) - (left < right);
}

int report_lines_of(const struct report_lines *lines, const char *section, bool sorted,
                    const struct inf_line ***out, size_t *count, struct gpmq_error *err)
{
    const struct inf_line **found = calloc(lines->count + 1, sizeof(const struct inf_line *));
    size_t n = 0;
    if (!found)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu lines", lines->count);
    for (size_t i = 0; i < lines->count; i++)
        if (!strcasecmp(lines->items[i].section, section))
            found[n++] = &lines->items[i];
    if (sorted)
        qsort(found, n, sizeof *found, by_key);
    *out = found;
    *count = n;
    return 0;
}
