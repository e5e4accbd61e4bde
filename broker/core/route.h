/*
 * route.h - operations that the same workers can run, and which workers these are.
 */
#ifndef GPMQ_ROUTE_H
#define GPMQ_ROUTE_H

#include "core_state.h"

/* The route of a request, which counts one more use. */
struct route *route_take(struct core *core, const struct gpmq_request *request);
/* Gives one use back and sets *route_p to NULL; takes NULL. */
void route_give(struct core *core, struct route **route_p);

bool route_is_served_by(const struct route *route, const struct session *session);
/* A session serves what it says from now on; what waited for it is queued. */
void route_session_opened(struct core *core, const struct session *session);
/* A session no longer serves anything. */
void route_session_closed(struct core *core, const struct session *session);
/* No worker has served the route for a while: what is queued waits for one. */
void route_bare(struct core *core, struct route *route);
/* What is paused has changed: what is queued waits, or what waited for that is queued. */
void route_pause(struct core *core, struct route *route);
/* It has something ready. */
void route_activate(struct core *core, struct route *route);

#endif
