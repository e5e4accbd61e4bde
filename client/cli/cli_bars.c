/* cli_bars.c - progress as text. */
#include "cli_bars.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define LABEL_SHARE 3 /* a third of the line is the label's */
#define WORD_WIDTH  11
#define COLOUR_ON   "\x1b[36m"
#define COLOUR_OFF  "\x1b[0m"

static unsigned usable(const struct bars_style *style)
{
    if (style->width < BARS_WIDTH_MIN)
        return BARS_WIDTH_MIN;
    return style->width > BARS_WIDTH_MAX ? BARS_WIDTH_MAX : style->width;
}

/* ---- text in columns ----------------------------------------------------------------------- */

struct glyph {
    size_t bytes; /* of the text it stands for */
    unsigned columns;
    bool printable;
};

static struct glyph next_glyph(const char *text, mbstate_t *state)
{
    wchar_t wide;
    size_t bytes = mbrtowc(&wide, text, strlen(text), state);
    if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0) {
        *state = (mbstate_t){0};
        return (struct glyph){1, 1, false};
    }
    int columns = wcwidth(wide);
    if (columns < 0)
        return (struct glyph){bytes, 1, false};
    return (struct glyph){bytes, (unsigned)columns, true};
}

size_t bars_fit(char *out, size_t size, const char *text, unsigned width)
{
    mbstate_t state = {0};
    size_t used = 0;
    unsigned columns = 0;
    while (*text) {
        struct glyph glyph = next_glyph(text, &state);
        size_t bytes = glyph.printable ? glyph.bytes : 1;
        if (columns + glyph.columns > width || used + bytes + (width - columns) >= size)
            break;
        memcpy(out + used, glyph.printable ? text : "?", bytes);
        used += bytes;
        columns += glyph.columns;
        text += glyph.bytes;
    }
    for (; columns < width && used + 1 < size; columns++)
        out[used++] = ' ';
    out[used] = 0;
    return used;
}

const char *bars_time(int64_t ms, char out[BARS_TIME_SIZE])
{
    long long s = (long long)ms / 1000;
    if (ms < 0 || s >= 1000 * 3600)
        snprintf(out, BARS_TIME_SIZE, "-:--");
    else if (s >= 3600)
        snprintf(out, BARS_TIME_SIZE, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, BARS_TIME_SIZE, "%02lld:%02lld", s / 60, s % 60);
    return out;
}

int64_t bars_left_ms(const struct bars_total *total)
{
    if (total->fraction >= 1)
        return 0;
    if (total->fraction <= 0.001)
        return -1;
    return (int64_t)((double)total->elapsed_ms * (1 - total->fraction) / total->fraction);
}

/* ---- the bar ------------------------------------------------------------------------------- */

/* A line that is being written; what does not fit is left out. */
struct line {
    char *out;
    size_t used;
    unsigned columns;
};

static void add(struct line *line, const char *text, size_t bytes, unsigned columns)
{
    if (line->used + bytes >= BARS_LINE_BYTES)
        return;
    memcpy(line->out + line->used, text, bytes + 1);
    line->used += bytes;
    line->columns += columns;
}

static void add_ascii(struct line *line, const char *text)
{
    add(line, text, strlen(text), (unsigned)strlen(text));
}

static void add_fitted(struct line *line, const char *text, unsigned width)
{
    line->used += bars_fit(line->out + line->used, BARS_LINE_BYTES - line->used, text, width);
    line->columns += width;
}

static void add_cells(struct line *line, const char *cell, unsigned count)
{
    for (; count > 0; count--)
        add(line, cell, strlen(cell), 1);
}

static void add_bar(struct line *line, const struct bars_style *style, double fraction,
                    unsigned width)
{
    unsigned full = (unsigned)(fraction * width + 0.0001);
    if (full > width)
        full = width;
    if (style->colour)
        add(line, COLOUR_ON, strlen(COLOUR_ON), 0);
    add_cells(line, style->unicode ? "█" : "#", full);
    if (style->colour)
        add(line, COLOUR_OFF, strlen(COLOUR_OFF), 0);
    add_cells(line, style->unicode ? "░" : ".", width - full);
}

static double fraction_of(const struct bars_row *row)
{
    if (row->denominator <= 0 || row->numerator <= 0)
        return 0;
    return row->numerator >= row->denominator ? 1
                                              : (double)row->numerator / (double)row->denominator;
}

/* label, bar, word: the bar gets what the others leave, and goes first when there is no room. */
unsigned bars_row_text(char out[BARS_LINE_BYTES], const struct bars_style *style,
                       const struct bars_row *row)
{
    struct line line = {.out = out};
    char percent[8];
    unsigned width = usable(style), label = width / LABEL_SHARE;
    unsigned rest = label + 1 + 5 + 1 + WORD_WIDTH; /* " 100% word" */
    double fraction = fraction_of(row);
    out[0] = 0;
    add_fitted(&line, row->label, label);
    add_ascii(&line, " ");
    if (rest + 4 < width)
        add_bar(&line, style, fraction, width - rest);
    snprintf(percent, sizeof percent, " %3d%%", (int)(fraction * 100));
    add_ascii(&line, percent);
    if (line.columns + 1 + WORD_WIDTH <= width) {
        add_ascii(&line, " ");
        add_fitted(&line, row->word, WORD_WIDTH);
    }
    return line.columns;
}

unsigned bars_total_text(char out[BARS_LINE_BYTES], const struct bars_style *style,
                         const struct bars_total *total)
{
    struct line line = {.out = out};
    char counts[64], rates[64], elapsed[BARS_TIME_SIZE], left[BARS_TIME_SIZE];
    unsigned width = usable(style);
    double seconds = (double)total->elapsed_ms / 1000;
    snprintf(counts, sizeof counts, "%zu/%zu%s", total->ended, total->count,
             total->failed ? "!" : "");
    snprintf(rates, sizeof rates, " %3d%%  %.1f/s  %s, %s left", (int)(total->fraction * 100),
             seconds > 0 ? (double)total->ended / seconds : 0,
             bars_time(total->elapsed_ms, elapsed), bars_time(bars_left_ms(total), left));
    unsigned label = width / LABEL_SHARE;
    unsigned rest = label + 1 + (unsigned)strlen(rates);
    out[0] = 0;
    add_fitted(&line, counts, label);
    add_ascii(&line, " ");
    if (rest + 4 < width)
        add_bar(&line, style, total->fraction, width - rest);
    if (line.columns + strlen(rates) <= width)
        add_ascii(&line, rates);
    return line.columns;
}
