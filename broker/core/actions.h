/* actions.h - how the core writes down what is to be done; core.h is how the driver reads it. */
#ifndef GPMQ_ACTIONS_H
#define GPMQ_ACTIONS_H

#include "codec.h"
#include "core.h"

/* A new action of this type, zeroed otherwise. The pointer is good until the next call; *index,
 * which may be NULL, finds it again with actions_again(). */
struct core_action *actions_add(struct core_actions *actions, enum core_action_type type,
                                size_t *index);
/* One of the actions for the store, to be written over. */
struct core_action *actions_again(struct core_actions *actions, size_t index);
/* Rises with every core_actions_reset(), from 1. */
uint64_t actions_round(const struct core_actions *actions);

/* Memory that lives until the reset; never NULL. */
void *actions_take(struct core_actions *actions, size_t size);
const char *actions_text(struct core_actions *actions, const char *text);
struct store_bytes actions_bytes(struct core_actions *actions, const void *bytes, size_t size);
/* A reply to `peer` that answers request `req`; its body is still to be filled in. */
struct message *actions_reply(struct core_actions *actions, uint64_t peer, enum message_type type,
                              uint64_t req);
/* A buffer to encode into, empty. */
msgpack_sbuffer *actions_buffer(struct core_actions *actions);

#endif
