/* plugin.c - shared objects become handlers, and what they call goes to run.h. */
#include "plugin.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <string.h>

#include "fail.h"
#include "gpmq/handler.h"

struct plugin_run {
    struct gpmq_run base; /* first */
    struct run *run;
};

static struct run *run_of(const struct gpmq_run *base)
{
    return ((const struct plugin_run *)base)->run;
}

static void call_progress(struct gpmq_run *base, int32_t numerator, int32_t denominator)
{
    run_progress(run_of(base), numerator, denominator);
}

static void call_message(struct gpmq_run *base, const struct gpmq_status_msg *message)
{
    run_message(run_of(base), message);
}

static bool call_stopped(struct gpmq_run *base, int64_t wait_ms)
{
    return run_pause(run_of(base), wait_ms > 0 ? wait_ms : 0);
}

static uint64_t call_fence(const struct gpmq_run *base)
{
    return run_fence(run_of(base));
}

static const char *url_of(const struct place *places, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count && name; i++)
        if (strcmp(places[i].name, name) == 0)
            return places[i].url;
    return NULL;
}

static const char *call_domain(const struct gpmq_run *base, const char *name)
{
    const struct msg_exec_start *start = run_start(run_of(base));
    return url_of(start->domains, start->domain_count, name);
}

static const char *call_repository(const struct gpmq_run *base, const char *name)
{
    const struct msg_exec_start *start = run_start(run_of(base));
    return url_of(start->repositories, start->repository_count, name);
}

static void call_result(struct gpmq_run *base, const char *type, int32_t overall_status)
{
    run_result(run_of(base), type ? type : "none");
    run_overall(run_of(base), overall_status);
}

static int call_property(struct gpmq_run *base, const char *name, const char *value)
{
    if (run_property_room(run_of(base)) == 0)
        return GPMQ_ETOOBIG;
    run_property(run_of(base), name, value);
    return 0;
}

static int call_content(struct gpmq_run *base, const void *bytes, size_t size)
{
    return run_content(run_of(base), bytes, size, NULL);
}

static const struct gpmq_run_calls calls = {
    .size = sizeof calls,
    .progress = call_progress,
    .message = call_message,
    .stopped = call_stopped,
    .fence = call_fence,
    .domain = call_domain,
    .repository = call_repository,
    .result = call_result,
    .property = call_property,
    .content = call_content,
};

/* A code outside our list would not be sent as it is. */
static int judge_code(int code, const char *kind, struct gpmq_error *err)
{
    if (code == 0 || (code < 0 && code > GPMQ_CODE_END))
        return code;
    return fail(err, GPMQ_EMALFORMED, "the plug-in of kind '%s' ended with %d, which is no code",
                kind, code);
}

static int run_handler(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    const struct gpmq_handler *handler = run_own(run);
    struct plugin_run plugin_run = {.base.calls = &calls, .run = run};
    return judge_code(handler->run(&plugin_run.base, request, err), handler->kind, err);
}

static int add(struct plugin_handlers *handlers, const struct gpmq_handler *from,
               struct gpmq_error *err)
{
    struct handler_list known = {handlers->count, handlers->items};
    if (!from->kind || !*from->kind || strlen(from->kind) > GPMQ_KIND_MAX || !from->run)
        return fail(err, GPMQ_EINVAL, "a handler needs run() and a kind of 1 to %d bytes",
                    GPMQ_KIND_MAX);
    if (handler_find(from->kind, &known))
        return fail(err, GPMQ_EEXIST, "there is another handler of kind '%s'", from->kind);
    if (handlers->count == PLUGIN_HANDLERS_MAX)
        return fail(err, GPMQ_ETOOBIG, "all plug-ins have more than %d handlers",
                    PLUGIN_HANDLERS_MAX);
    handlers->items[handlers->count++] = (struct handler){
        .kind = from->kind,
        .repeatable = from->repeatable,
        .check = from->check,
        .run = run_handler,
        .own = from,
    };
    return 0;
}

static int add_all(struct plugin_handlers *handlers, const struct gpmq_plugin *plugin,
                   struct gpmq_error *err)
{
    if (plugin->version != GPMQ_PLUGIN_VERSION ||
        plugin->handler_size != sizeof(struct gpmq_handler))
        return fail(err, GPMQ_EVERSION,
                    "it is made for version %" PRIu32 " of gpmq/handler.h, not %d: build it again",
                    plugin->version, GPMQ_PLUGIN_VERSION);
    if (plugin->handler_count < 1 || plugin->handler_count > GPMQ_PLUGIN_KINDS_MAX)
        return fail(err, GPMQ_EINVAL, "it has %" PRIu32 " handlers; from 1 to %d are possible",
                    plugin->handler_count, GPMQ_PLUGIN_KINDS_MAX);
    int rc = 0;
    for (uint32_t i = 0; i < plugin->handler_count && !rc; i++)
        rc = add(handlers, &plugin->handlers[i], err);
    return rc;
}

int plugin_load(struct plugin_handlers *handlers, const char *path, struct gpmq_error *err)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return fail(err, GPMQ_EIO, "cannot load the plug-in: %s", dlerror());
    const struct gpmq_plugin *plugin = dlsym(object, "gpmq_plugin");
    if (!plugin)
        return fail(err, GPMQ_EIO, "the plug-in '%s' has no symbol gpmq_plugin: see gpmq/handler.h",
                    path);
    return add_all(handlers, plugin, err) ? fail_in(err, "the plug-in '%s'", path) : 0;
}
