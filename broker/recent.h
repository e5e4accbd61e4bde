/*
 * recent.h - requests that were submitted lately, as the store has them.
 *
 * Most operations are assigned soon after they were submitted: what is remembered here need not be
 * read from the store for that. A request never changes; what is not here is in the store.
 */
#ifndef GPMQ_RECENT_H
#define GPMQ_RECENT_H

#include "store.h"

#define RECENT_SLOTS   4096 /* a power of two; a slot's newest request is kept */
#define RECENT_REQUEST 512  /* bytes; larger ones are not kept */

struct recent;

struct recent *recent_new(void);
void recent_free(struct recent **recent_p);
void recent_add(struct recent *recent, const struct gpmq_id *id, struct store_bytes request);
/* {NULL, 0}: not here. Borrowed until the next recent_add(). */
struct store_bytes recent_find(const struct recent *recent, const struct gpmq_id *id);

#endif
