/*
 * watch.h - who follows which operation on a control connection, and still waits for its end.
 *
 * A final frame is published like any other; to those who watch it is also sent on their control
 * connection, again and again with growing pauses, until they acknowledge it.
 */
#ifndef GPMQ_WATCH_H
#define GPMQ_WATCH_H

#include "gpmq/op.h"
#include "broker_limits.h"

#define WATCH_RESEND_MS    1000 /* first pause; doubled each time up to ... */
#define WATCH_PAUSE_MAX_MS (60 * 1000)
#define WATCH_TRIES_MAX    12 /* then it is up to the client to ask */

struct watch;

struct watch *watch_new(void);
void watch_free(struct watch **watch_p);

/* Somebody follows an operation that has not ended. GPMQ_EFULL: watches_max of all, or
 * connection_watches_max of this one. */
int watch_add(struct watch *watch, const struct gpmq_id *op, uint64_t peer,
              const struct limits *limits) GPMQ_CHECKED;
/* That peer no longer does, or has got the final frame. */
void watch_remove(struct watch *watch, const struct gpmq_id *op, uint64_t peer);
/* That peer is gone for good. */
void watch_gone(struct watch *watch, uint64_t peer);
/* The operation has ended with this frame, which is kept until all have acknowledged it. */
void watch_final(struct watch *watch, const struct gpmq_id *op, const void *frame,
                 size_t frame_size, int64_t now_ms);

/* Sends one final frame to one peer; false: that peer is gone for good. */
typedef bool watch_send(void *arg, uint64_t peer, const struct gpmq_id *op, const void *frame,
                        size_t frame_size);
/* Sends what is due. */
void watch_resend(struct watch *watch, int64_t now_ms, watch_send *send, void *arg);
/* When watch_resend() has something to do next; INT64_MAX: never. */
int64_t watch_next_ms(const struct watch *watch);

size_t watch_count(const struct watch *watch);

#endif
