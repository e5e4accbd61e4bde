/* cli_diff_view.c - changes of settings, aligned: area by area, long values line by line. */
#include "cli_diff_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_lines.h"
#include "cli_output.h"

#define NAME_WIDTH_MAX 80 /* of the column of names */
#define CONTEXT        1  /* equal lines shown around what differs */

struct kind {
    const char *name;
    char sign;
    enum out_colour colour;
};

static const struct kind kinds[] = {
    {"added", '+', OUT_GREEN},
    {"removed", '-', OUT_RED},
    {"changed", '~', OUT_YELLOW},
    {"moved", '>', OUT_YELLOW},
};

static const struct kind *kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return &kinds[2];
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* ---- head ----------------------------------------------------------------------------------- */

static void show_side(const struct cli_options *options, const char *word, const json_t *side)
{
    char name[OUT_LINE_SIZE], domain[OUT_LINE_SIZE], id[OUT_LINE_SIZE], time[OUT_LINE_SIZE];
    const char *backup = text_of(side, "backup_id");
    out_line(*backup ? backup : text_of(side, "gpo_id"), id);
    out_text(options, "%-4s  %-6s  %s  %s%s%.19s%s%s", word, *backup ? "backup" : "live", id,
             out_line(text_of(side, "gpo_display_name"), name), *backup ? "  " : "",
             out_line(text_of(side, "timestamp"), time), "  ",
             out_line(text_of(side, "gpo_domain"), domain));
}

/* ---- changes -------------------------------------------------------------------------------- */

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static bool is_one_line(const json_t *change)
{
    return !strchr(text_of(change, "from"), '\n') && !strchr(text_of(change, "to"), '\n');
}

static bool is_same_area(const json_t *a, const json_t *b)
{
    return a && !strcmp(text_of(a, "side"), text_of(b, "side")) &&
           !strcmp(text_of(a, "area"), text_of(b, "area"));
}

/* The column of names in the area that begins at `at`: as wide as its widest one-line change. */
static size_t column_of(const json_t *changes, size_t at)
{
    const json_t *first = json_array_get(changes, at);
    size_t column = 0;
    for (size_t i = at; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        if (!is_same_area(first, change))
            break;
        size_t width = is_one_line(change) ? width_of(text_of(change, "name")) : 0;
        if (width > column && width <= NAME_WIDTH_MAX)
            column = width;
    }
    return column;
}

static void show_line(const struct cli_options *options, const json_t *change, size_t column)
{
    const struct kind *kind = kind_of(text_of(change, "change"));
    CLEANUP(free_pointer) char *name = out_whole(text_of(change, "name"));
    CLEANUP(free_pointer) char *from = out_whole(text_of(change, "from"));
    CLEANUP(free_pointer) char *to = out_whole(text_of(change, "to"));
    if (!name || !from || !to)
        return;
    size_t width = width_of(name), gap = width < column ? column - width : 0;
    bool both = kind->sign == '~' || kind->sign == '>', has_value = both || *from || *to;
    const char *what = kind->sign == '>' ? "place " : "";
    out_text(options, "  %s%c %s%s%*s%s%s%s%s", out_colour(kind->colour), kind->sign, name,
             out_colour(OUT_PLAIN), has_value ? (int)gap + 2 : 0, "", what, from,
             both ? " -> " : "", to);
}

/* Whether a row is near enough to one that differs. */
static bool is_near(const struct lines_row *rows, size_t count, size_t at)
{
    size_t from = at > CONTEXT ? at - CONTEXT : 0;
    for (size_t i = from; i < count && i <= at + CONTEXT; i++)
        if (rows[i].sign != ' ')
            return true;
    return false;
}

static void show_rows(const struct cli_options *options, const struct lines_row *rows, size_t count)
{
    bool skipped = false;
    for (size_t i = 0; i < count; i++) {
        enum out_colour colour = rows[i].sign == '+'   ? OUT_GREEN
                                 : rows[i].sign == '-' ? OUT_RED
                                                       : OUT_PLAIN;
        bool near = is_near(rows, count, i);
        CLEANUP(free_pointer) char *line = near ? out_whole(rows[i].text) : NULL;
        if (line)
            out_text(options, "      %s%c %s%s", out_colour(colour), rows[i].sign, line,
                     out_colour(OUT_PLAIN));
        else if (!skipped)
            out_text(options, "        ...");
        skipped = !near;
    }
}

/* A value of several lines: its name, and below it the lines that differ. */
static void show_lines(const struct cli_options *options, const json_t *change)
{
    const struct kind *kind = kind_of(text_of(change, "change"));
    CLEANUP(free_pointer) char *name = out_whole(text_of(change, "name"));
    CLEANUP(free_pointer) char *from = strdup(text_of(change, "from"));
    CLEANUP(free_pointer) char *to = strdup(text_of(change, "to"));
    CLEANUP(free_pointer) struct lines_row *rows = NULL;
    size_t count;
    if (!name || !from || !to || lines_compare(&rows, &count, from, to) != 0)
        return;
    out_text(options, "  %s%c %s%s", out_colour(kind->colour), kind->sign, name,
             out_colour(OUT_PLAIN));
    show_rows(options, rows, count);
}

static void show_changes(const struct cli_options *options, const json_t *changes)
{
    const json_t *change, *last = NULL;
    size_t i, column = 0;
    json_array_foreach(changes, i, change)
    {
        char area[OUT_LINE_SIZE];
        if (!is_same_area(last, change)) {
            column = column_of(changes, i);
            bool of_side = strcmp(text_of(change, "side"), "General") != 0;
            out_text(options, "\n%s%s%s%s%s", out_colour(OUT_BOLD),
                     of_side ? text_of(change, "side") : "", of_side ? ", " : "",
                     out_line(text_of(change, "area"), area), out_colour(OUT_PLAIN));
        }
        last = change;
        if (is_one_line(change))
            show_line(options, change, column);
        else
            show_lines(options, change);
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static size_t count_of(const json_t *changes, const char *kind)
{
    const json_t *change;
    size_t i, count = 0;
    json_array_foreach(changes, i, change) count += !strcmp(text_of(change, "change"), kind);
    return count;
}

static void show_json(const json_t *content)
{
    const json_t *change;
    size_t i;
    out_json("sides", json_pack("{s:O*, s:O*}", "from", json_object_get(content, "from"), "to",
                                json_object_get(content, "to")));
    json_array_foreach(json_object_get(content, "changes"), i, change)
        out_json("change", json_copy((json_t *)(uintptr_t)change));
}

static void show_counts(const struct cli_options *options, const json_t *changes, int64_t unchanged)
{
    size_t added = count_of(changes, "added"), removed = count_of(changes, "removed");
    size_t changed = count_of(changes, "changed"), moved = count_of(changes, "moved");
    if (options->json)
        out_json("summary",
                 json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "verb", "diff", "added",
                           (json_int_t)added, "removed", (json_int_t)removed, "changed",
                           (json_int_t)changed, "moved", (json_int_t)moved, "unchanged",
                           (json_int_t)unchanged, "equal", json_array_size(changes) == 0));
    else if (json_array_size(changes))
        out_text(options, "\n%zu added, %zu removed, %zu changed, %zu moved, %lld equal", added,
                 removed, changed, moved, (long long)unchanged);
    else
        out_text(options, "no difference: %lld settings are equal", (long long)unchanged);
}

size_t diff_show(const struct cli_options *options, const json_t *content, int64_t unchanged)
{
    const json_t *changes = json_object_get(content, "changes");
    if (options->json) {
        show_json(content);
    } else {
        show_side(options, "from", json_object_get(content, "from"));
        show_side(options, "to", json_object_get(content, "to"));
        show_changes(options, changes);
    }
    show_counts(options, changes, unchanged);
    return json_array_size(changes);
}
