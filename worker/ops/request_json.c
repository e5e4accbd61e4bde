/* request_json.c - a request as JSON. */
#include "request_json.h"

#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

static void let_go(json_t **json_p)
{
    json_decref(*json_p);
    *json_p = NULL;
}

static void set_text(json_t *json, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(json, name, json_string(text));
}

static void set_true(json_t *json, const char *name, bool value)
{
    if (value)
        json_object_set_new(json, name, json_true());
}

static const char *url_of(const struct place *places, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count && name; i++)
        if (strcmp(places[i].name, name) == 0)
            return places[i].url;
    return NULL;
}

static void set_names(json_t *json, const struct gpmq_request *request)
{
    char text[GPMQ_ID_TEXT_SIZE];
    set_text(json, "op", gpmq_id_text(gpmq_request_origin(request), text));
    if (!gpmq_id_is_none(&request->batch))
        set_text(json, "batch", gpmq_id_text(&request->batch, text));
    set_text(json, "kind", request->kind);
    set_text(json, "domain", request->domain);
    set_text(json, "target_domain", request->target_domain);
    set_text(json, "repository", request->repository);
    set_text(json, "gpo", request->gpo);
    set_text(json, "backup", request->backup);
    set_text(json, "name", request->name);
    set_text(json, "comment", request->comment);
    set_text(json, "label", request->label);
    set_text(json, "trace", request->trace);
    set_true(json, "create", request->create);
    set_true(json, "dry_run", request->dry_run);
    set_true(json, "read_data", request->read_data);
}

static void set_places(json_t *json, const struct msg_exec_start *start)
{
    const struct gpmq_request *request = start->request;
    set_text(json, "domain_url", url_of(start->domains, start->domain_count, request->domain));
    set_text(json, "target_domain_url",
             url_of(start->domains, start->domain_count, request->target_domain));
    set_text(json, "repository_url",
             url_of(start->repositories, start->repository_count, request->repository));
    json_object_set_new(json, "fence", json_integer((json_int_t)start->fence));
    json_object_set_new(json, "attempt", json_integer(start->attempt));
}

static int set_args(json_t *json, const char *args, struct gpmq_error *err)
{
    json_error_t why;
    json_t *value;
    if (!args || !*args)
        return 0;
    value = json_loads(args, JSON_REJECT_DUPLICATES, &why);
    if (!value)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    json_object_set_new(json, "args", value);
    return 0;
}

int request_json(char **out, const struct run *run, struct gpmq_error *err)
{
    const struct msg_exec_start *start = run_start(run);
    CLEANUP(let_go) json_t *json = json_object();
    CLEANUP(free_pointer) char *text = NULL;
    char *line = NULL;
    int rc = json ? set_args(json, start->request->args, err) : GPMQ_ENOMEM;
    if (json && rc)
        return rc;
    if (json) {
        set_names(json, start->request);
        set_places(json, start);
        text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    }
    if (!text || asprintf(&line, "%s\n", text) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a request as JSON");
    *out = line;
    return 0;
}
