/* results.c - what IGPMResult::Result is for each kind. */
#include "results.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "run_text.h"

void results_backup(struct run *run, const struct backup_info *info)
{
    char id[GPMQ_GUID_TEXT_SIZE], gpo_id[GPMQ_GUID_TEXT_SIZE];
    run_result(run, "backup");
    run_property(run, "id", gpmq_guid_text(&info->id, id));
    run_property(run, "gpo_id", gpmq_guid_text(&info->gpo_id, gpo_id));
    run_property(run, "gpo_domain", info->domain);
    run_property(run, "gpo_display_name", info->display_name);
    run_property_time(run, "timestamp", info->time_unix_ms);
    run_property(run, "comment", info->comment);
    run_property(run, "backup_dir", run_request(run)->repository);
}

void results_gpo(struct run *run, const struct gpo *gpo)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    run_result(run, "gpo");
    run_property(run, "id", gpmq_guid_text(&gpo->id, id));
    run_property(run, "display_name", gpo->display_name);
    run_property(run, "domain_name", gpo->domain);
    run_property(run, "path", gpo->path);
    run_property_number(run, "user_ds_version_number", gpo->user.ds);
    run_property_number(run, "user_sysvol_version_number", gpo->user.sysvol);
    run_property_number(run, "computer_ds_version_number", gpo->machine.ds);
    run_property_number(run, "computer_sysvol_version_number", gpo->machine.sysvol);
    run_property_time(run, "creation_time", gpo->created_unix_ms);
    run_property_time(run, "modification_time", gpo->modified_unix_ms);
}

/* Text from a file as a JSON string: jansson takes valid UTF-8 only. */
static json_t *text_json(const char *text)
{
    char fit[RUN_TEXT_MAX];
    return json_string(run_text(fit, sizeof fit, text));
}

json_t *results_backup_json(const struct backup_info *info)
{
    char id[GPMQ_GUID_TEXT_SIZE], gpo_id[GPMQ_GUID_TEXT_SIZE], time[CLOCK_TEXT_SIZE];
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "id", gpmq_guid_text(&info->id, id),
                     "gpo_id", gpmq_guid_text(&info->gpo_id, gpo_id), "gpo_domain",
                     text_json(info->domain), "gpo_display_name", text_json(info->display_name),
                     "timestamp", clock_text(info->time_unix_ms, time), "comment",
                     text_json(info->comment));
}

json_t *results_domain_gpo_json(const struct domain_gpo *gpo)
{
    char id[GPMQ_GUID_TEXT_SIZE], created[CLOCK_TEXT_SIZE], modified[CLOCK_TEXT_SIZE];
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:s, s:s}", "id", gpmq_guid_text(&gpo->id, id),
                     "display_name", text_json(gpo->display_name), "options",
                     (json_int_t)gpo->options, "user_version", (json_int_t)gpo->user_version,
                     "computer_version", (json_int_t)gpo->machine_version, "creation_time",
                     clock_text(gpo->created_unix_ms, created), "modification_time",
                     clock_text(gpo->modified_unix_ms, modified));
}

int results_list(struct run *run, const char *type, const json_t *list, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = json_dumps(list, JSON_COMPACT);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a list");
    run_result(run, type);
    run_property_number(run, "count", (int64_t)json_array_size(list));
    return run_content(run, text, strlen(text), err);
}
