/* run_places.c - the domains and repositories that a run may touch, by the names of their owner. */
#include <string.h>

#include "fail.h"
#include "repository.h"
#include "run.h"

static const struct place *find(const struct place *places, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(places[i].name, name) == 0)
            return &places[i];
    return NULL;
}

int run_domain(struct run *run, const char *name, struct domain **out, struct gpmq_error *err)
{
    const struct msg_exec_start *start = run_start(run);
    const struct place *place = NULL;
    if (name)
        place = find(start->domains, start->domain_count, name);
    else if (start->domain_count == 1)
        place = &start->domains[0];
    else
        return fail(err, GPMQ_EINVAL, "which domain? this worker serves %s: name one (--domain)",
                    start->domain_count ? "several" : "none");
    if (!place)
        return fail(err, GPMQ_ENOTFOUND, "this worker serves no domain '%s'", name);
    return domain_open(out, place->url, err);
}

const char *run_only_domain(const struct run *run)
{
    const struct msg_exec_start *start = run_start(run);
    return start->domain_count == 1 ? start->domains[0].name : NULL;
}

int run_repository(struct run *run, const char *name, struct repository **out,
                   struct gpmq_error *err)
{
    const struct msg_exec_start *start = run_start(run);
    const struct place *place = find(start->repositories, start->repository_count, name);
    if (!place)
        return fail(err, GPMQ_ENOTFOUND, "this worker serves no repository '%s'", name);
    return repository_open(out, place->url, false, err);
}
