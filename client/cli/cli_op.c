/* cli_op.c - what the broker knows of one operation, as a line, in full, and as JSON. */
#include "cli_op.h"

#include <stdio.h>
#include <string.h>

#include "cli_output.h"
#include "clock.h"

static json_t *json_of(const struct gpmq_op_info *op)
{
    json_t *json = json_pack(
        "{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "op", out_id(&op->op),
        "batch", out_id(&op->batch), "kind", op->kind, "domain", op->domain, "repository",
        op->repository, "gpo", op->gpo, "label", op->label, "comment", op->comment, "client",
        op->client, "worker", op->worker, "state", gpmq_state_name(op->state), "reason",
        gpmq_reason_name(op->reason), "cancel_requested", op->cancel_requested);
    json_t *rest =
        json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:i, s:i, s:o, s:o}", "seq",
                  (json_int_t)op->seq, "attempt", (json_int_t)op->attempt, "crashes",
                  (json_int_t)op->crashes, "losses", (json_int_t)op->losses, "submitted",
                  out_time(op->submitted_unix_ms), "started", out_time(op->started_unix_ms),
                  "finished", out_time(op->finished_unix_ms), "progress_numerator",
                  op->progress_numerator, "progress_denominator", op->progress_denominator,
                  "hr_status", out_hresult(op->hr_status), "result", out_result(op->result));
    json_object_update(json, rest);
    json_decref(rest);
    json_object_set_new(json, "waits_for", out_id(&op->waits_for));
    json_object_set_new(json, "why", json_string(op->why));
    json_object_set_new(json, "fate", json_string(gpmq_fate_name(op->fate)));
    json_object_set_new(json, "retry_of", out_id(&op->retry_of));
    json_object_set_new(json, "retried_as", out_id(&op->retried_as));
    if (strcmp(op->kind, "batch") != 0)
        return json;
    json_object_set_new(json, "total", json_integer(op->total));
    json_object_set_new(json, "succeeded", json_integer(op->succeeded));
    json_object_set_new(json, "failed", json_integer(op->failed));
    json_object_set_new(json, "cancelled", json_integer(op->cancelled));
    return json;
}

void op_show_line(const struct cli_options *options, const struct gpmq_op_info *op)
{
    char id[GPMQ_ID_TEXT_SIZE], when[CLOCK_TEXT_SIZE], label[OUT_LINE_SIZE], state[64];
    if (options->json) {
        out_json("op", json_of(op));
        return;
    }
    snprintf(state, sizeof state, "%s%s%s", gpmq_state_name(op->state), op->reason ? ": " : "",
             gpmq_reason_name(op->reason));
    out_text(options, "%s  %.19s  %-13s %-19s %s", gpmq_id_text(&op->op, id),
             clock_text(op->submitted_unix_ms, when), op->kind, state, out_line(op->label, label));
}

static void show_text(const struct cli_options *options, const char *name, const char *value)
{
    char line[OUT_LINE_SIZE];
    if (value && *value)
        out_text(options, "%-12s %s", name, out_line(value, line));
}

static void show_id(const struct cli_options *options, const char *name, const struct gpmq_id *id)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if (!gpmq_id_is_none(id))
        show_text(options, name, gpmq_id_text(id, text));
}

static void show_time(const struct cli_options *options, const char *name, int64_t unix_ms)
{
    char text[CLOCK_TEXT_SIZE];
    if (unix_ms)
        show_text(options, name, clock_text(unix_ms, text));
}

static void show_result(const struct cli_options *options, const struct gpmq_result *result)
{
    char text[OUT_LINE_SIZE];
    if (!result)
        return;
    snprintf(text, sizeof text, "%s, overall status 0x%08x", result->type,
             (unsigned)result->overall_status);
    show_text(options, "result", text);
    for (uint32_t i = 0; i < result->property_count; i++) {
        snprintf(text, sizeof text, "%s = %s", result->properties[i].name,
                 result->properties[i].value);
        show_text(options, "", text);
    }
}

void op_show(const struct cli_options *options, const struct gpmq_op_info *op)
{
    char text[OUT_LINE_SIZE];
    if (options->json) {
        out_json("op", json_of(op));
        return;
    }
    show_id(options, "operation", &op->op);
    show_id(options, "batch", &op->batch);
    show_id(options, "retry of", &op->retry_of);
    show_text(options, "kind", op->kind);
    show_text(options, "label", op->label);
    snprintf(text, sizeof text, "%s%s%s%s", gpmq_state_name(op->state), op->reason ? ": " : "",
             gpmq_reason_name(op->reason), op->cancel_requested ? ", cancel requested" : "");
    show_text(options, "state", text);
    show_id(options, "waits for", &op->waits_for);
    show_text(options, "because", op->why);
    show_text(options, "then", gpmq_fate_name(op->fate));
    show_id(options, "retried as", &op->retried_as);
    snprintf(text, sizeof text, "%d/%d, status 0x%08x", op->progress_numerator,
             op->progress_denominator, (unsigned)op->hr_status);
    show_text(options, "progress", text);
    show_text(options, "domain", op->domain);
    show_text(options, "repository", op->repository);
    show_text(options, "GPO", op->gpo);
    show_text(options, "comment", op->comment);
    show_text(options, "client", op->client);
    show_text(options, "worker", op->worker);
    snprintf(text, sizeof text, "%u, %u crashes, %u lost workers", op->attempt, op->crashes,
             op->losses);
    show_text(options, "attempts", text);
    show_time(options, "submitted", op->submitted_unix_ms);
    show_time(options, "started", op->started_unix_ms);
    show_time(options, "finished", op->finished_unix_ms);
    snprintf(text, sizeof text, "%u: %u succeeded, %u failed, %u cancelled", op->total,
             op->succeeded, op->failed, op->cancelled);
    if (strcmp(op->kind, "batch") == 0)
        show_text(options, "operations", text);
    show_result(options, op->result);
}
