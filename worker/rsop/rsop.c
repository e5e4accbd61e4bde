/* rsop.c - from a question to what was found out. */
#include "rsop.h"

#include <string.h>

#include "rsop_notes.h"

void rsop_free(struct rsop *rsop)
{
    for (int side = 0; side < RSOP_SIDES; side++)
        rsop_settings_free(&rsop->merged[side]);
    rsop_reports_free(&rsop->reports);
    rsop_plan_free(&rsop->plan);
    rsop_knowledge_free(&rsop->knowledge);
}

/* Its token has Enterprise Domain Controllers. */
static int is_controller(const struct rsop_request *request, bool *out, struct gpmq_error *err)
{
    struct sid sid;
    int rc = sid_parse(&sid, "S-1-5-9", err);
    if (!rc)
        *out = access_token_has(&request->subjects[RSOP_COMPUTER].token, &sid);
    return rc;
}

static int merge(struct rsop *rsop, struct gpmq_error *err)
{
    int rc = 0;
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = rsop_merge(&rsop->merged[side], (enum rsop_side)side, &rsop->plan.sides[side],
                        &rsop->knowledge.directory, rsop->reports.of, &rsop->conditions, err);
    return rc;
}

int rsop_make(struct rsop *out, struct domain *domain, const struct rsop_ask *ask, bool slow_link,
              const struct rsop_watch *watch, struct gpmq_error *err)
{
    struct rsop_knowledge *knowledge = &out->knowledge;
    *out = (struct rsop){.conditions.slow_link = slow_link};
    int rc = rsop_gather(knowledge, domain, ask, err);
    if (!rc)
        rc = is_controller(&knowledge->request, &out->conditions.controller, err);
    if (!rc)
        rc = rsop_plan(&out->plan, &knowledge->directory, &knowledge->request, err);
    if (!rc)
        rc =
            rsop_reports_read(&out->reports, domain, &out->plan, &knowledge->directory, watch, err);
    if (!rc)
        rc = merge(out, err);
    return rc ? rc : rsop_note_findings(out, err);
}
