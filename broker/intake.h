/*
 * intake.h - what a ROUTER has received, judged, decoded and given to who takes that type.
 */
#ifndef GPMQ_INTAKE_H
#define GPMQ_INTAKE_H

#include "parts.h"

/* Takes one message; both live until the round ends. */
typedef void take_fn(struct parts *parts, const struct peer *peer, struct message *message);

/* Takes up to ROUND_MESSAGES_MAX messages and ROUND_BYTES_MAX bytes. What is no message, or of a
 * type that has no taker, is answered with an error. `from` is a word for the log. */
int intake(struct parts *parts, void *socket, struct peers *peers,
           take_fn *const takers[MSG_TYPE_END], const char *from) GPMQ_CHECKED;

#endif
