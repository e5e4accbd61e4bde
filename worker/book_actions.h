/* book_actions.h - how the lease book writes down what is to be done; lease_book.h reads it. */
#ifndef GPMQ_BOOK_ACTIONS_H
#define GPMQ_BOOK_ACTIONS_H

#include "lease_book.h"

/* A new action of this type, zeroed otherwise; good until the next call. */
struct book_action *book_actions_add(struct book_actions *actions, enum book_action_type type);
/* A message to be sent; its body is still to be filled in. */
struct message *book_actions_send(struct book_actions *actions, enum message_type type,
                                  uint64_t req);
/* Zeroed memory that lives until the reset; never NULL. */
void *book_actions_take(struct book_actions *actions, size_t size);
/* For decoding into. */
struct arena *book_actions_arena(struct book_actions *actions);

/* size zeroed bytes for free(); a worker without memory stops here. */
void *book_memory(size_t size);

#endif
