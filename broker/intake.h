/*
 * intake.h - what a ROUTER has received, judged, decoded and given to who takes that type.
 */
#ifndef GPMQ_INTAKE_H
#define GPMQ_INTAKE_H

#include "parts.h"

/* Takes one message; both live until the round ends. */
typedef void take_fn(struct parts *parts, const struct peer *peer, struct message *message);

/* Where messages come in, and who takes which. */
struct intake {
    void *socket;
    struct peers *peers;
    struct gate *gate;      /* NULL: nobody looks at its connections */
    const char *zap_domain; /* what a key must open to be listened to */
    const char *from;       /* a word for the log */
    take_fn *const *takers; /* of each enum message_type; NULL: of no use here */
};

/* Takes up to ROUND_MESSAGES_MAX messages and ROUND_BYTES_MAX bytes. What is no message, or of a
 * type that has no taker, is answered with an error. Whose key was taken away is not listened to.
 */
int intake(struct parts *parts, const struct intake *from) GPMQ_CHECKED;

#endif
