/* cli_output.c - text or JSON. */
#include "cli_output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

void out_json(const char *type, json_t *fields)
{
    json_t *line = json_pack("{s:s, s:i}", "type", type, "schema", CLI_SCHEMA);
    if (line && fields)
        json_object_update(line, fields);
    json_decref(fields);
    if (line)
        json_dumpf(line, stdout, JSON_COMPACT);
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

void out_note(const struct cli_options *options, const char *format, ...)
{
    if (options->quiet)
        return;
    va_list args;
    va_start(args, format);
    fputs("gpmq: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int out_error(const struct cli_options *options, const struct gpmq_error *err)
{
    char line[OUT_LINE_SIZE * 2];
    snprintf(line, sizeof line, "%s", err->text);
    fprintf(stderr, "gpmq: %s\n", line);
    if (options->json)
        out_json("error", json_pack("{s:s, s:s}", "code", gpmq_code_name(err->code), "text", line));
    return gpmq_code_exit(err->code);
}

const char *out_line(const char *text, char line[OUT_LINE_SIZE])
{
    snprintf(line, OUT_LINE_SIZE, "%s", text ? text : "");
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return line;
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
