/* cli_preview.c - the result "preview" as lines. */
#include "cli_preview.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "cli_output.h"
#include "fail.h"

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* " (12 -> 20 bytes)", " (20 bytes)", or nothing for a folder. */
static const char *sizes_of(const json_t *file, char out[64])
{
    const json_t *from = json_object_get(file, "size_from");
    const json_t *to = json_object_get(file, "size_to");
    out[0] = 0;
    if (json_is_integer(from) && json_is_integer(to))
        snprintf(out, 64, " (%lld -> %lld bytes)", json_integer_value(from),
                 json_integer_value(to));
    else if (json_is_integer(from) || json_is_integer(to))
        snprintf(out, 64, " (%lld bytes)", json_integer_value(json_is_integer(to) ? to : from));
    return out;
}

static void show_files(const struct cli_options *options, const json_t *files)
{
    static const struct {
        const char *word;
        char sign;
    } signs[] = {{"added", '+'}, {"removed", '-'}, {"changed", '~'}};
    char path[OUT_LINE_SIZE], sizes[64];
    const json_t *file;
    size_t i;
    json_array_foreach(files, i, file)
    {
        const char *change = text_of(file, "change");
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
            if (change && strcmp(change, signs[k].word) == 0)
                out_text(options, "  %c %s%s", signs[k].sign, out_line(text_of(file, "path"), path),
                         sizes_of(file, sizes));
    }
}

static void show_attributes(const struct cli_options *options, const json_t *attributes)
{
    char from[OUT_LINE_SIZE], to[OUT_LINE_SIZE], name[OUT_LINE_SIZE];
    const json_t *item;
    size_t i;
    json_array_foreach(attributes, i, item)
    {
        const char *was = text_of(item, "from"), *is = text_of(item, "to");
        out_text(options, "  %-18s %s -> %s", out_line(text_of(item, "name"), name),
                 was ? out_line(was, from) : "(none)", is ? out_line(is, to) : "(none)");
    }
}

/* "3 -> 4"; of what is not there yet "4". */
static const char *step_of(const json_t *version, const char *from_key, const char *to_key,
                           char out[64])
{
    const json_t *from = json_object_get(version, from_key);
    json_int_t to = json_integer_value(json_object_get(version, to_key));
    if (json_is_integer(from))
        snprintf(out, 64, "%lld -> %lld", json_integer_value(from), to);
    else
        snprintf(out, 64, "%lld", to);
    return out;
}

static void show_text(const struct cli_options *options, const struct gpmq_result *result,
                      const json_t *preview)
{
    char name[OUT_LINE_SIZE], id[OUT_LINE_SIZE], domain[OUT_LINE_SIZE], user[64], computer[64];
    const json_t *version = json_object_get(preview, "version");
    const char *creates = gpmq_result_property(result, "creates");
    bool makes = creates && strcmp(creates, "true") == 0;
    out_text(options, "would %s  %s  %s  %s",
             !makes                    ? "change"
             : json_is_object(version) ? "make"
                                       : "back up",
             out_line(gpmq_result_property(result, "display_name"), name),
             out_line(gpmq_result_property(result, "id"), id),
             out_line(gpmq_result_property(result, "domain_name"), domain));
    show_attributes(options, json_object_get(preview, "attributes"));
    show_files(options, json_object_get(preview, "files"));
    if (json_is_object(version))
        out_text(options, "  %-18s user %s, computer %s", "version",
                 step_of(version, "user_from", "user_to", user),
                 step_of(version, "computer_from", "computer_to", computer));
}

static void show_json(const struct gpmq_id *op, const char *label, const struct gpmq_result *result,
                      json_t *preview)
{
    json_object_set_new(preview, "op", out_id(op));
    json_object_set_new(preview, "label", json_string(label));
    json_object_set_new(preview, "result", out_result(result));
    out_json("preview", json_incref(preview));
}

void cli_preview_show(struct gpmq_client *client, const struct cli_options *options,
                      const struct gpmq_id *op, const char *label)
{
    struct gpmq_error err;
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    CLEANUP(drop_json) json_t *preview = NULL;
    const struct gpmq_status *status = gpmq_outcome(client, op);
    if (!status || !status->result || strcmp(status->result->type, "preview") != 0)
        return;
    int rc = gpmq_result_fetch(client, op, status->result, &content, &err);
    if (!rc) {
        preview = json_loadb(content->bytes, content->size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(preview))
            rc = fail(&err, GPMQ_EMALFORMED, "the preview of '%s' is no JSON object", label);
    }
    if (rc)
        out_error(options, &err);
    else if (options->json)
        show_json(op, label, status->result, preview);
    else
        show_text(options, status->result, preview);
}
