/*
 * roster.h - the workers that have said hello, what they serve, and when they were last heard.
 */
#ifndef GPMQ_ROSTER_H
#define GPMQ_ROSTER_H

#include "core_state.h"

/* A worker's message, and from whom it is. */
struct worker_event {
    uint64_t peer;
    const char *key;
    const struct message *message;
};

void roster_hello(struct core *core, const struct worker_event *event);
void roster_renew(struct core *core, const struct worker_event *event);
void roster_bye(struct core *core, const struct worker_event *event);

/* The session of this number if the key is the one that opened it: it was heard now, over `peer`.
 * NULL: unknown here. */
struct session *roster_heard(struct core *core, uint64_t number, const struct worker_event *event);
/* Nothing was heard of it for too long. */
void roster_silent(struct core *core, struct session *session);
/* Ends a session that has no leases any more. */
void roster_close(struct core *core, struct session *session);

#endif
