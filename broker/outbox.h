/*
 * outbox.h - what may be said once the round is on disk.
 *
 * Messages are encoded when they are put in, so that what they point to may go. Sending never
 * blocks: what a peer's full queue refuses is dropped, since every message is asked for or sent
 * again. A large answer to somebody who does not read is not even queued: an error says so, in its
 * place.
 */
#ifndef GPMQ_OUTBOX_H
#define GPMQ_OUTBOX_H

#include "broker_limits.h"
#include "message.h"
#include "peers.h"

#define OUTBOX_SMALL_MAX 4096 /* bytes of a message that is always queued: a queue has a number */

struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox **outbox_p);

/* A message to a peer. GPMQ_ENOMEM. */
int outbox_add(struct outbox *outbox, uint64_t peer, const struct message *message) GPMQ_CHECKED;
/* An error as the answer to request `req`. */
void outbox_refuse(struct outbox *outbox, uint64_t peer, uint64_t req, int code,
                   int64_t retry_after_ms, const char *text);

/* Sends everything that is for peers of `peers` on their ROUTER. */
void outbox_send(struct outbox *outbox, struct peers *peers, void *socket,
                 const struct limits *limits);
/* Bytes that are in it. */
size_t outbox_bytes(const struct outbox *outbox);
/* Forgets everything. */
void outbox_reset(struct outbox *outbox);

#endif
