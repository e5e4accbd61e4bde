/*
 * frames.h - messages as ZeroMQ frames: plain libzmq, nothing allocated but by libzmq itself.
 *
 * A message is one body frame, before which stands the peer's route on a ROUTER and the topic on
 * XPUB and SUB. Nothing here blocks.
 */
#ifndef GPMQ_FRAMES_H
#define GPMQ_FRAMES_H

#include <stddef.h>
#include <zmq.h>

#include "gpmq/error.h"

#define FRAMES_ROUTE_MAX 255 /* bytes of a ROUTER's name for a peer */

struct frames_options {
    int send_hwm; /* messages queued for one peer; 0: no limit */
    int receive_hwm;
    int64_t message_max; /* bytes of one frame; a peer that sends more is disconnected */
    int linger_ms;       /* how long closing waits for what is still to be sent */
};

/* A socket with every option that gpmq wants set: the above, heartbeats every 2 s with a time-out
 * of 6 s, a handshake within 5 s, ROUTER_MANDATORY on a ROUTER, and on a DEALER that messages wait
 * for a connection that stands. NULL: see zmq_errno(). Close it with zmq_close(). */
void *frames_socket(void *context, int type, const struct frames_options *options);

struct frames {
    zmq_msg_t first; /* route or topic */
    zmq_msg_t body;
    bool has_first;
};

/* Receives one message. has_first: the socket is a ROUTER or SUB. Let it go with frames_free().
 * GPMQ_EBUSY: there is none. GPMQ_EMALFORMED: it had another number of frames, and is gone.
 * GPMQ_EIO: the socket is of no further use. */
int frames_receive(void *socket, bool has_first, struct frames *out) GPMQ_CHECKED;
void frames_free(struct frames *frames);

/* The name that the ZAP handler gave to who sent it, or "": borrowed from the message. It is read
 * from the body frame: a ROUTER loses it on the route (libzmq 4.3.4). */
const char *frames_user(struct frames *frames);
/* The descriptor of the connection that it came by; -1: not known. */
int frames_descriptor(const struct frames *frames);

/* Sends one message; first may be NULL (no such frame). GPMQ_EBUSY: the peer's queue is full.
 * GPMQ_EUNREACHABLE: a ROUTER knows no such peer. GPMQ_EIO. */
int frames_send(void *socket, const void *first, size_t first_size, const void *body,
                size_t body_size) GPMQ_CHECKED;

#endif
