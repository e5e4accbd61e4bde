#include "cli_lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

struct text {
    size_t count;
    char **lines;
};

static void text_free(struct text *text)
{
    free(text->lines);
}

static int cut(struct text *out, char *text)
{
    size_t count = *text ? 1 : 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    out->lines = calloc(count + 1, sizeof *out->lines);
    if (!out->lines)
        return -1;
    out->count = count;
    for (size_t i = 0; i < count; i++)
        out->lines[i] = strsep(&text, "\n");
    return 0;
}

/* longest[i * (to + 1) + k]: lines common to what is behind i and k. */
static void measure(uint16_t *longest, const struct text *from, const struct text *to)
{
    size_t width = to->count + 1;
    for (size_t i = from->count; i-- > 0;)
        for (size_t k = to->count; k-- > 0;) {
            uint16_t down = longest[(i + 1) * width + k], right = longest[i * width + k + 1];
            longest[i * width + k] = !strcmp(from->lines[i], to->lines[k])
                                         ? (uint16_t)(longest[(i + 1) * width + k + 1] + 1)
                                     : down >= right ? down
                                                     : right;
        }
}

static size_t put_all(struct lines_row *rows, size_t count, char sign, const struct text *text,
                      size_t from)
{
    for (size_t i = from; i < text->count; i++)
        rows[count++] = (struct lines_row){sign, text->lines[i]};
    return count;
}

static size_t walk(struct lines_row *rows, const uint16_t *longest, const struct text *from,
                   const struct text *to)
{
    size_t width = to->count + 1, i = 0, k = 0, count = 0;
    while (i < from->count && k < to->count) {
        if (!strcmp(from->lines[i], to->lines[k])) {
            rows[count++] = (struct lines_row){' ', from->lines[i++]};
            k++;
        } else if (longest[(i + 1) * width + k] >= longest[i * width + k + 1]) {
            rows[count++] = (struct lines_row){'-', from->lines[i++]};
        } else {
            rows[count++] = (struct lines_row){'+', to->lines[k++]};
        }
    }
    count = put_all(rows, count, '-', from, i);
    return put_all(rows, count, '+', to, k);
}

int lines_compare(struct lines_row **out, size_t *count, char *from, char *to)
{
    CLEANUP(text_free) struct text a = {0};
    CLEANUP(text_free) struct text b = {0};
    if (cut(&a, from) || cut(&b, to))
        return -1;
    struct lines_row *rows = calloc(a.count + b.count + 1, sizeof *rows);
    if (!rows)
        return -1;
    *out = rows;
    if (a.count > LINES_COMPARED_MAX || b.count > LINES_COMPARED_MAX) {
        *count = put_all(rows, put_all(rows, 0, '-', &a, 0), '+', &b, 0);
        return 0;
    }
    CLEANUP(free_pointer)
    uint16_t *longest = calloc((a.count + 1) * (b.count + 1), sizeof *longest);
    if (!longest) {
        free(STEAL(*out));
        return -1;
    }
    measure(longest, &a, &b);
    *count = walk(rows, longest, &a, &b);
    return 0;
}
