/* cli_output.c - text or JSON. */
#include "cli_output.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

void out_json(const char *type, json_t *fields)
{
    json_t *line = json_pack("{s:s, s:i}", "type", type, "schema", CLI_SCHEMA);
    if (line && fields)
        json_object_update(line, fields);
    json_decref(fields);
    if (line)
        json_dumpf(line, stdout, JSON_COMPACT | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0));
    putchar('\n');
    fflush(stdout);
    json_decref(line);
}

void out_text(const struct cli_options *options, const char *format, ...)
{
    if (options->json || options->quiet)
        return;
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* Code points that move the cursor, turn the direction of writing, or are not seen. */
static const struct {
    uint32_t first;
    uint32_t last;
} hidden[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (point >= hidden[i].first && point <= hidden[i].last)
            return true;
    return false;
}

/* The code point at text and its bytes; one byte that is no UTF-8 counts as a NUL. */
static uint32_t point_at(const char *text, size_t *size)
{
    const unsigned char *at = (const unsigned char *)text;
    *size = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    uint32_t point = *size == 1 ? at[0] : at[0] & (0x7fu >> *size);
    bool text_is_utf8 = at[0] < 0x80 || at[0] >= 0xc2;
    for (size_t i = 1; i < *size && text_is_utf8; i++) {
        text_is_utf8 = (at[i] & 0xc0) == 0x80;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (text_is_utf8)
        return point;
    *size = 1;
    return 0;
}

static const char *plain(const char *text, char *line, size_t line_size)
{
    size_t used = 0, size;
    for (const char *at = text ? text : ""; *at; at += size) {
        bool shown = !is_hidden(point_at(at, &size));
        if (used + (shown ? size : 1) >= line_size)
            break;
        memcpy(line + used, shown ? at : "?", shown ? size : 1);
        used += shown ? size : 1;
    }
    line[used] = 0;
    return line;
}

const char *out_line(const char *text, char line[OUT_LINE_SIZE])
{
    return plain(text, line, OUT_LINE_SIZE);
}

char *out_whole(const char *text)
{
    size_t size = strlen(text) + 1;
    char *line = malloc(size);
    if (line)
        plain(text, line, size);
    return line;
}

static bool is_coloured(void)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && (!no_color || !*no_color) && terminal &&
           strcmp(terminal, "dumb") != 0;
}

const char *out_colour(enum out_colour colour)
{
    if (!is_coloured())
        return "";
    switch (colour) {
    case OUT_PLAIN:
        return "\x1b[0m";
    case OUT_BOLD:
        return "\x1b[1m";
    case OUT_RED:
        return "\x1b[31m";
    case OUT_GREEN:
        return "\x1b[32m";
    case OUT_YELLOW:
        return "\x1b[33m";
    }
    return "";
}

void out_note(const struct cli_options *options, const char *format, ...)
{
    char note[OUT_LINE_SIZE * 2], line[OUT_LINE_SIZE * 2];
    if (options->quiet)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(note, sizeof note, format, args);
    va_end(args);
    fprintf(stderr, "gpmq: %s\n", plain(note, line, sizeof line));
}

int out_error(const struct cli_options *options, const struct gpmq_error *err)
{
    char line[OUT_LINE_SIZE * 2];
    plain(err->text, line, sizeof line);
    fprintf(stderr, "gpmq: %s\n", line);
    if (options->json)
        out_json("error", json_pack("{s:s, s:s}", "code", gpmq_code_name(err->code), "text", line));
    return gpmq_code_exit(err->code);
}

json_t *out_id(const struct gpmq_id *id)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return gpmq_id_is_none(id) ? json_null() : json_string(gpmq_id_text(id, text));
}

json_t *out_hresult(int32_t hresult)
{
    char text[16];
    snprintf(text, sizeof text, "0x%08x", (unsigned)hresult);
    return json_string(text);
}

json_t *out_time(int64_t unix_ms)
{
    char text[CLOCK_TEXT_SIZE];
    return unix_ms ? json_string(clock_text(unix_ms, text)) : json_null();
}

static json_t *properties(const struct gpmq_result *result)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < result->property_count; i++)
        json_object_set_new(object, result->properties[i].name,
                            json_string(result->properties[i].value));
    return object;
}

json_t *out_result(const struct gpmq_result *result)
{
    if (!result)
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "type", result->type, "overall_status",
                     out_hresult(result->overall_status), "properties", properties(result));
}

static json_t *status_msg(const struct gpmq_status_msg *msg)
{
    return json_pack("{s:s*, s:o, s:s*, s:s*, s:s, s:s*}", "object_path", msg->object_path,
                     "error_code", out_hresult(msg->error_code), "extension_name",
                     msg->extension_name, "settings_name", msg->settings_name, "operation_code",
                     gpmq_code_name(msg->operation_code), "message", msg->message);
}

json_t *out_status_msgs(const struct gpmq_status_msgs *msgs)
{
    if (!msgs)
        return json_null();
    json_t *array = json_array();
    for (uint32_t i = 0; i < msgs->count; i++)
        json_array_append_new(array, status_msg(&msgs->items[i]));
    return array;
}
