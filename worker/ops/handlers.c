/* handlers.c - kind -> handler. */
#include <string.h>

#include "fail.h"
#include "handler.h"
#include "kinds.h"

#define DECLARE(word, kind) extern const struct handler handler_##word;
KINDS(DECLARE)

#define REFER(word, kind) &handler_##word,
static const struct handler *const handlers[] = {KINDS(REFER)};

const struct handler *handler_find(const char *kind, const struct handler_list *more)
{
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        if (strcmp(handlers[i]->kind, kind) == 0)
            return handlers[i];
    for (size_t i = 0; i < more->count; i++)
        if (strcmp(more->items[i].kind, kind) == 0)
            return &more->items[i];
    return NULL;
}

static int execute(struct run *run, const struct handler *handler, struct gpmq_error *err)
{
    const struct gpmq_request *request = run_request(run);
    if (!handler)
        return fail(err, GPMQ_EUNSUPPORTED, "this worker knows no operation of kind '%s'",
                    request->kind);
    run_lend(run, handler->own);
    int rc = handler->check ? handler->check(request, err) : 0;
    return rc ? rc : handler->run(run, request, err);
}

void handler_execute(struct run *run, const struct handler_list *more)
{
    struct gpmq_error err = {0};
    const struct handler *handler = handler_find(run_request(run)->kind, more);
    int rc = execute(run, handler, &err);
    run_finish(run, rc, &err, handler && handler->repeatable);
}

int handler_needs(const struct gpmq_request *request, unsigned needs, struct gpmq_error *err)
{
    const struct {
        unsigned need;
        const char *value;
        const char *word;
    } fields[] = {
        {NEEDS_DOMAIN, request->domain, "domain"},
        {NEEDS_REPOSITORY, request->repository, "repository"},
        {NEEDS_GPO, request->gpo, "gpo"},
        {NEEDS_BACKUP, request->backup, "backup"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if ((needs & fields[i].need) && (!fields[i].value || !*fields[i].value))
            return fail(err, GPMQ_EINVAL, "a request of kind %s needs '%s'", request->kind,
                        fields[i].word);
    return 0;
}
