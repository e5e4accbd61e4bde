/*
 * op_diff.c - what differs between two GPOs, in settings: each a backup or live.
 *
 * args says which two: {"from": {"backup": "{GUID}"}, "to": {"gpo": "{GUID}"}}. The content of the
 * result is one JSON object: "from", "to", "changes".
 */
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "diff_side.h"
#include "fail.h"
#include "handler.h"
#include "settings_diff.h"

enum { FROM, TO, SIDES };
static const char *const side_names[] = {"from", "to"};

#define STEPS 4 /* two are read, compared, told */

/* ---- the request ---------------------------------------------------------------------------- */

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

struct named {
    struct gpmq_guid id;
    bool is_backup;
};

static int read_named(const json_t *args, const char *side, struct named *out,
                      struct gpmq_error *err)
{
    const json_t *place = json_object_get(args, side);
    const char *backup = json_string_value(json_object_get(place, "backup"));
    const char *gpo = json_string_value(json_object_get(place, "gpo"));
    if (json_object_size(place) != 1 || (!backup && !gpo))
        return fail(err, GPMQ_EINVAL, "args: '%s' is neither {\"backup\": ID} nor {\"gpo\": ID}",
                    side);
    out->is_backup = backup;
    if (gpmq_guid_parse(&out->id, backup ? backup : gpo) != 0)
        return fail(err, GPMQ_EINVAL, "args: '%s' of '%s' is no GUID", backup ? backup : gpo, side);
    return 0;
}

static int read_args(const struct gpmq_request *request, struct named out[SIDES],
                     struct gpmq_error *err)
{
    json_error_t why;
    CLEANUP(drop_json)
    json_t *args = json_loads(request->args && *request->args ? request->args : "{}",
                              JSON_REJECT_DUPLICATES, &why);
    if (!args)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    if (json_object_size(args) != SIDES)
        return fail(err, GPMQ_EINVAL, "args has not exactly 'from' and 'to'");
    int rc = 0;
    for (size_t i = 0; i < SIDES && !rc; i++)
        rc = read_named(args, side_names[i], &out[i], err);
    return rc;
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct named named[SIDES] = {{.is_backup = false}};
    int rc = read_args(request, named, err);
    for (size_t i = 0; i < SIDES && !rc; i++)
        rc = handler_needs(request, named[i].is_backup ? NEEDS_REPOSITORY : NEEDS_DOMAIN, err);
    return rc;
}

/* ---- the content ---------------------------------------------------------------------------- */

static json_t *side_json(const struct diff_side *side)
{
    char id[GPMQ_GUID_TEXT_SIZE], backup[GPMQ_GUID_TEXT_SIZE], time[CLOCK_TEXT_SIZE];
    const struct backup_info *info = side->backup ? &side->backup->info : NULL;
    const char *name = side->gpo->display_name, *domain = side->gpo->domain;
    return json_pack("{s:s, s:s*, s:s*, s:s*, s:s*}", "gpo_id", gpmq_guid_text(&side->gpo->id, id),
                     "backup_id", info ? gpmq_guid_text(&info->id, backup) : NULL, "timestamp",
                     info ? clock_text(info->time_unix_ms, time) : NULL, "gpo_display_name",
                     name ? name : "", "gpo_domain", domain ? domain : "");
}

/* What changed: the value, or the place of a preference that was moved. */
static const char *told_of(const struct setting *setting, bool moved)
{
    if (!setting)
        return NULL;
    const char *place = moved ? xml_child_text(setting->element, "GPOSettingOrder") : NULL;
    return moved ? place ? place : "" : setting->value;
}

static int add_change(json_t *changes, const struct settings_change *change, struct gpmq_error *err)
{
    const struct setting *any = change->to ? change->to : change->from;
    bool moved = change->kind == SETTING_MOVED;
    json_t *item = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*}", "change", settings_change_name(change->kind),
        "side", setting_side_name(any->side), "area", any->area, "key", any->key, "name", any->name,
        "from", told_of(change->from, moved), "to", told_of(change->to, moved));
    if (!item || json_array_append_new(changes, item) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    return 0;
}

struct counts {
    size_t kinds[SETTING_CHANGE_END];
    size_t unchanged;
};

/* only: another kind of change is none (contents: a file that is new is told of by its setting). */
static int add_changes(json_t *changes, struct counts *counts, const struct settings *from,
                       const struct settings *to, bool only_changed, struct gpmq_error *err)
{
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    int rc = settings_diff(&diff, from, to, err);
    for (size_t i = 0; i < diff.count && !rc; i++) {
        if (only_changed && diff.items[i].kind != SETTING_CHANGED)
            continue;
        counts->kinds[diff.items[i].kind]++;
        rc = add_change(changes, &diff.items[i], err);
    }
    counts->unchanged += only_changed ? 0 : diff.unchanged;
    return rc;
}

/* What both reports can tell of the GPOs themselves. */
static int add_general(json_t *changes, struct counts *counts, const struct diff_side sides[SIDES],
                       struct gpmq_error *err)
{
    CLEANUP(settings_free) struct settings from = {0};
    CLEANUP(settings_free) struct settings to = {0};
    unsigned told = sides[FROM].told & sides[TO].told;
    int rc = settings_read_general(&from, sides[FROM].report, told, err);
    if (!rc)
        rc = settings_read_general(&to, sides[TO].report, told, err);
    return rc ? rc : add_changes(changes, counts, &from, &to, false, err);
}

static int put_content(struct run *run, const struct diff_side sides[SIDES], json_t *changes,
                       struct gpmq_error *err)
{
    CLEANUP(drop_json)
    json_t *content = json_pack("{s:o, s:o, s:O}", side_names[FROM], side_json(&sides[FROM]),
                                side_names[TO], side_json(&sides[TO]), "changes", changes);
    CLEANUP(free_pointer) char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    return run_content(run, text, strlen(text), err);
}

static int compare(struct run *run, const struct diff_side sides[SIDES], struct gpmq_error *err)
{
    CLEANUP(drop_json) json_t *changes = json_array();
    struct counts counts = {.unchanged = 0};
    if (!changes)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    int rc = add_general(changes, &counts, sides, err);
    if (!rc)
        rc = add_changes(changes, &counts, &sides[FROM].settings, &sides[TO].settings, false, err);
    if (!rc)
        rc = add_changes(changes, &counts, &sides[FROM].contents, &sides[TO].contents, true, err);
    if (rc)
        return rc;
    run_progress(run, STEPS - 1, STEPS);
    run_result(run, "diff");
    run_property_number(run, "added", (int64_t)counts.kinds[SETTING_ADDED]);
    run_property_number(run, "removed", (int64_t)counts.kinds[SETTING_REMOVED]);
    run_property_number(run, "changed", (int64_t)counts.kinds[SETTING_CHANGED]);
    run_property_number(run, "moved", (int64_t)counts.kinds[SETTING_MOVED]);
    run_property_number(run, "unchanged", (int64_t)counts.unchanged);
    return put_content(run, sides, changes, err);
}

/* ---- run ------------------------------------------------------------------------------------ */

struct places {
    struct repository *repository;
    struct domain *domain;
    struct diff_side sides[SIDES];
};

static void places_close(struct places *places)
{
    for (size_t i = 0; i < SIDES; i++)
        diff_side_free(&places->sides[i]);
    repository_close(&places->repository);
    domain_close(&places->domain);
}

static void tell_unparsed(void *arg, const char *path, const char *reason)
{
    char text[RUN_TEXT_MAX];
    snprintf(text, sizeof text, "%s; it is compared by its content", reason);
    run_message(arg, &(struct gpmq_status_msg){.object_path = path, .message = text});
}

static int read_side(struct run *run, const struct gpmq_request *request, struct places *places,
                     const struct named *named, size_t at, struct gpmq_error *err)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    int rc = 0;
    run_progress(run, (int32_t)at, STEPS);
    if (run_stopped(run))
        return fail(err, GPMQ_ESTOPPED, "the comparison was stopped");
    if (named->is_backup && !places->repository)
        rc = run_repository(run, request->repository, &places->repository, err);
    if (!named->is_backup && !places->domain)
        rc = run_domain(run, request->domain, &places->domain, err);
    if (rc)
        return rc;
    const struct diff_place place = {
        .id = named->id,
        .repository = named->is_backup ? places->repository : NULL,
        .domain = named->is_backup ? NULL : places->domain,
    };
    rc = diff_side_read(&places->sides[at], &place, tell_unparsed, run, err);
    if (rc)
        run_blame(run, gpmq_guid_text(&named->id, id), NULL);
    return rc;
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(places_close) struct places places = {.repository = NULL};
    struct named named[SIDES] = {{.is_backup = false}};
    int rc = read_args(request, named, err);
    for (size_t i = 0; i < SIDES && !rc; i++)
        rc = read_side(run, request, &places, &named[i], i, err);
    return rc ? rc : compare(run, places.sides, err);
}

const struct handler handler_gpo_diff = {
    .kind = "gpo.diff",
    .repeatable = true,
    .check = check,
    .run = run,
};
