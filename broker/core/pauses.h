/*
 * pauses.h - what an admin holds back: the whole queue, a kind, a domain, a repository, or what
 * fits several of these. What runs goes on; what is new is accepted, and waits.
 *
 * A pause outlives the broker: it is a mark of the store.
 */
#ifndef GPMQ_PAUSES_H
#define GPMQ_PAUSES_H

#include "core_state.h"

/* MSG_PAUSE: begins or ends one. The answer lists all that are in force. */
void pauses_message(struct core *core, uint64_t peer, bool admin, const struct message *message);
/* One from the store; a mark that is no pause is passed over. */
void pauses_load(struct core *core, const char *name, int64_t since_unix_ms);
/* One that holds a route back; NULL: none does. Good until the next event. */
const struct pause *pauses_find(const struct core *core, const struct route *route);
bool pauses_hold(const struct core *core, const struct route *route);
/* Those in force; none when the arena is full. */
void pauses_list(const struct core *core, struct arena *arena, struct pause **out, uint32_t *count);
void pauses_free(struct core *core);

#endif
