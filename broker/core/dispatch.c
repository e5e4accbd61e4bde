/* dispatch.c - which operation is next, and who gets it. */
#include "dispatch.h"

#include "keys.h"
#include "lease.h"
#include "route.h"

static void sweep_active(struct core *core)
{
    struct route *route, *next;
    for (route = LIST_FIRST(&core->active_routes); route; route = next) {
        next = LIST_NEXT(route, in_active);
        if (route->paused) /* something came back to it meanwhile */
            route_pause(core, route);
        if (route->ready.count)
            continue;
        LIST_REMOVE(route, in_active);
        route->active = false;
    }
}

/* The operation whose turn it is among those that the session can run; NULL: none. */
static struct operation *pick(const struct core *core, const struct session *session)
{
    struct operation *best = NULL;
    const struct route *route;
    LIST_FOREACH(route, &core->active_routes, in_active)
    {
        if (!route->ready.count || !route_is_served_by(route, session))
            continue;
        struct operation *op = fair_first(core, &route->ready);
        if (!best || fair_is_before(core, op, best))
            best = op;
    }
    return best;
}

/* Gives the session one operation; false: there is none for it. */
static bool serve(struct core *core, struct session *session)
{
    for (struct operation *op; (op = pick(core, session));) {
        if (!keys_blocking(op)) {
            fair_charge(core, op);
            lease_assign(core, op, session);
            return true;
        }
        operation_wait(core, op, GPMQ_REASON_KEY);
    }
    return false;
}

/* One for each session that has room below what `limit` says, again and again. */
static void serve_all(struct core *core, bool beyond_executors)
{
    bool served = true;
    while (served) {
        served = false;
        struct session *session;
        TAILQ_FOREACH(session, &core->all_sessions, in_all)
        {
            uint32_t limit = beyond_executors ? session->credit : session->executors;
            if (!session->draining && !session->drained && session->lease_count < limit)
                served |= serve(core, session);
        }
    }
}

void dispatch(struct core *core)
{
    keys_wake(core);
    sweep_active(core);
    if (LIST_EMPTY(&core->active_routes))
        return;
    serve_all(core, false); /* free executors first, then what waits before them */
    serve_all(core, true);
    sweep_active(core);
    struct session *first = TAILQ_FIRST(&core->all_sessions);
    if (first) { /* another one begins next time */
        TAILQ_REMOVE(&core->all_sessions, first, in_all);
        TAILQ_INSERT_TAIL(&core->all_sessions, first, in_all);
    }
}
