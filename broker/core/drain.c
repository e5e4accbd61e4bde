/* drain.c - an admin wants a worker to finish what it has and to get nothing new. */
#include <string.h>

#include "fail.h"
#include "roster.h"

void roster_drain(struct core *core, uint64_t peer, bool admin, const struct message *message)
{
    const struct msg_drain *drain = &message->drain;
    struct session *session =
        HOLDER(table_find(&core->session_names, drain->worker, strlen(drain->worker)),
               struct session, by_name);
    struct gpmq_error err;
    int rc = 0;

    if (!admin)
        rc = fail(&err, GPMQ_EDENIED, "only a key of the role admin may drain a worker");
    else if (!session)
        rc = fail(&err, GPMQ_ENOTFOUND, "there is no worker '%s' here; see: gpmq workers",
                  drain->worker);
    if (rc) {
        struct message *refusal = actions_reply(core->actions, peer, MSG_ERROR, message->req);
        refusal->error.code = rc;
        refusal->error.text = actions_text(core->actions, err.text);
        return;
    }
    session->drained = !drain->resume;
    struct message *reply = actions_reply(core->actions, peer, MSG_DRAINING, message->req);
    reply->draining.worker = actions_text(core->actions, drain->worker);
    reply->draining.leases = session->lease_count;
}
