/* program_line.c - lines of a program are judged, and become progress, messages and a result. */
#include "program_line.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

#define PROPERTY_NAME_MAX 63  /* bytes */
#define SHOWN_MAX         120 /* bytes of a wrong line that are shown */

/* ---- progress ------------------------------------------------------------------------------ */

/* Reads a number that `end` follows; leaves *at behind it. */
static bool read_number(const char **at, char end, int32_t *out)
{
    char *after;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    long long value = strtoll(*at, &after, 10);
    if (errno || value > INT32_MAX || *after != end)
        return false;
    *out = (int32_t)value;
    *at = end ? after + 1 : after;
    return true;
}

static int take_progress(struct program_talk *talk, const char *rest, size_t size,
                         struct gpmq_error *err)
{
    int32_t numerator, denominator;
    (void)size;
    if (!read_number(&rest, ' ', &numerator) || !read_number(&rest, '\0', &denominator))
        return fail(err, GPMQ_EMALFORMED, "it is not 'progress N D' with two numbers");
    if (denominator < 1 || numerator > denominator)
        return fail(err, GPMQ_EMALFORMED, "%" PRId32 " parts of %" PRId32 " cannot be done",
                    numerator, denominator);
    run_progress(talk->run, numerator, denominator);
    return 0;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void let_go(json_t **json_p)
{
    json_decref(*json_p);
    *json_p = NULL;
}

static json_t *read_json(const char *text, size_t size, struct gpmq_error *err)
{
    json_error_t why;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!json)
        fail(err, GPMQ_EMALFORMED, "it has no JSON: %s", why.text);
    return json;
}

static int take_message(struct program_talk *talk, const char *rest, size_t size,
                        struct gpmq_error *err)
{
    json_error_t why;
    struct gpmq_status_msg message = {0};
    json_int_t code = 0;
    CLEANUP(let_go) json_t *json = read_json(rest, size, err);
    if (!json)
        return GPMQ_EMALFORMED;
    if (json_is_string(json))
        message.message = json_string_value(json);
    else if (json_unpack_ex(json, &why, JSON_STRICT, "{s:s, s?s, s?I, s?s, s?s}", "message",
                            &message.message, "object_path", &message.object_path, "error_code",
                            &code, "extension_name", &message.extension_name, "settings_name",
                            &message.settings_name))
        return fail(err, GPMQ_EMALFORMED, "%s", why.text);
    if (code < INT32_MIN || code > UINT32_MAX)
        return fail(err, GPMQ_EMALFORMED, "error_code is no HRESULT");
    message.error_code = (int32_t)(uint32_t)code;
    run_message(talk->run, &message);
    return 0;
}

/* ---- the result ---------------------------------------------------------------------------- */

struct result_parts {
    const char *type;
    json_int_t overall;
    json_t *properties; /* borrowed from the result */
    const char *content;
    size_t content_size;
};

static bool is_plain(const json_t *value)
{
    return json_is_string(value) || json_is_integer(value) || json_is_boolean(value);
}

static int judge_properties(const struct program_talk *talk, json_t *properties,
                            struct gpmq_error *err)
{
    const char *name;
    json_t *value;
    if (json_object_size(properties) > run_property_room(talk->run))
        return fail(err, GPMQ_ETOOBIG, "a result has at most %d properties", GPMQ_PROPERTIES_MAX);
    json_object_foreach(properties, name, value)
    {
        if (!*name || strlen(name) > PROPERTY_NAME_MAX)
            return fail(err, GPMQ_EMALFORMED, "a property's name has 1 to %d bytes",
                        PROPERTY_NAME_MAX);
        if (!is_plain(value))
            return fail(err, GPMQ_EMALFORMED, "'%s' is no string, integer or boolean", name);
    }
    return 0;
}

static int read_result(const struct program_talk *talk, json_t *json, struct result_parts *out,
                       struct gpmq_error *err)
{
    json_error_t why;
    *out = (struct result_parts){.type = "none"};
    if (json_unpack_ex(json, &why, JSON_STRICT, "{s?s, s?I, s?o, s?s%}", "type", &out->type,
                       "overall_status", &out->overall, "properties", &out->properties, "content",
                       &out->content, &out->content_size))
        return fail(err, GPMQ_EMALFORMED, "%s", why.text);
    if (!*out->type || strlen(out->type) > GPMQ_KIND_MAX)
        return fail(err, GPMQ_EMALFORMED, "a result's type has 1 to %d bytes", GPMQ_KIND_MAX);
    if (out->overall < INT32_MIN || out->overall > UINT32_MAX)
        return fail(err, GPMQ_EMALFORMED, "overall_status is no HRESULT");
    if (out->properties && !json_is_object(out->properties))
        return fail(err, GPMQ_EMALFORMED, "properties is no object");
    return judge_properties(talk, out->properties, err);
}

static void tell_property(struct run *run, const char *name, const json_t *value)
{
    if (json_is_integer(value))
        run_property_number(run, name, json_integer_value(value));
    else if (json_is_boolean(value))
        run_property(run, name, json_is_true(value) ? "true" : "false");
    else
        run_property(run, name, json_string_value(value));
}

static int take_result(struct program_talk *talk, const char *rest, size_t size,
                       struct gpmq_error *err)
{
    struct result_parts parts;
    const char *name;
    json_t *value;
    if (talk->has_result)
        return fail(err, GPMQ_EMALFORMED, "there is a result already");
    CLEANUP(let_go) json_t *json = read_json(rest, size, err);
    int rc = json ? read_result(talk, json, &parts, err) : GPMQ_EMALFORMED;
    if (!rc && parts.content)
        rc = run_content(talk->run, parts.content, parts.content_size, err);
    if (rc)
        return rc;
    talk->has_result = true;
    run_result(talk->run, parts.type);
    run_overall(talk->run, (int32_t)(uint32_t)parts.overall);
    json_object_foreach(parts.properties, name, value) tell_property(talk->run, name, value);
    return 0;
}

/* ---- lines --------------------------------------------------------------------------------- */

static const struct {
    const char *word; /* with the space behind it */
    int (*take)(struct program_talk *talk, const char *rest, size_t size, struct gpmq_error *err);
} takers[] = {
    {"progress ", take_progress},
    {"message ", take_message},
    {"result ", take_result},
};

static void tell_wrong(struct program_talk *talk, const char *why)
{
    char text[RUN_TEXT_MAX];
    if (++talk->wrong > PROGRAM_WRONG_MAX)
        return;
    snprintf(text, sizeof text, "the program's line %" PRIu32 " is ignored: %s: '%.*s'",
             talk->lines, why, talk->size < SHOWN_MAX ? (int)talk->size : SHOWN_MAX, talk->line);
    run_message(talk->run, &(struct gpmq_status_msg){.message = text});
}

static int judge_line(struct program_talk *talk, struct gpmq_error *err)
{
    if (talk->overlong)
        return fail(err, GPMQ_ETOOBIG, "it is longer than %u bytes", PROGRAM_LINE_MAX - 1);
    if (memchr(talk->line, '\0', talk->size))
        return fail(err, GPMQ_EMALFORMED, "it has a NUL");
    talk->line[talk->size] = '\0';
    for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++) {
        size_t length = strlen(takers[i].word);
        if (strncmp(talk->line, takers[i].word, length) == 0)
            return takers[i].take(talk, talk->line + length, talk->size - length, err);
    }
    return fail(err, GPMQ_EMALFORMED, "it begins with none of progress, message and result");
}

static void take_line(struct program_talk *talk)
{
    struct gpmq_error err;
    talk->lines++;
    if (judge_line(talk, &err) != 0)
        tell_wrong(talk, err.text);
    talk->size = 0;
    talk->overlong = false;
}

int program_talk_begin(struct program_talk *out, struct run *run, struct gpmq_error *err)
{
    *out = (struct program_talk){.run = run, .line = malloc(PROGRAM_LINE_MAX)};
    return out->line ? 0 : fail(err, GPMQ_ENOMEM, "no memory for the lines of a program");
}

void program_talk_take(struct program_talk *talk, const char *bytes, size_t size)
{
    while (size) {
        const char *newline = memchr(bytes, '\n', size);
        size_t part = newline ? (size_t)(newline - bytes) : size;
        size_t room = PROGRAM_LINE_MAX - 1 - talk->size;
        size_t kept = part < room ? part : room;
        memcpy(talk->line + talk->size, bytes, kept);
        talk->size += kept;
        talk->overlong = talk->overlong || kept < part;
        if (newline)
            take_line(talk);
        part += newline ? 1 : 0;
        bytes += part;
        size -= part;
    }
}

void program_talk_end(struct program_talk *talk)
{
    char text[RUN_TEXT_MAX];
    if (talk->size || talk->overlong)
        take_line(talk);
    if (talk->wrong <= PROGRAM_WRONG_MAX)
        return;
    snprintf(text, sizeof text, "%" PRIu32 " further lines of the program are ignored as well",
             talk->wrong - PROGRAM_WRONG_MAX);
    run_message(talk->run, &(struct gpmq_status_msg){.message = text});
}

void program_talk_free(struct program_talk *talk)
{
    free(STEAL(talk->line));
}
