/*
 * session.h - the worker's connection to its broker: messages out, messages in, a fresh one when
 * nothing comes back. What is said over it is the lease book's business.
 */
#ifndef GPMQ_SESSION_H
#define GPMQ_SESSION_H

#include "codec.h"

struct curve_key;
struct session;

/* Borrowed while the session is there. */
struct session_options {
    void *context;                  /* the process's one ZeroMQ context */
    const char *broker;             /* "tcp://broker.example.org:5671", "ipc://..." */
    const struct curve_key *key;    /* ours; NULL: no encryption */
    const struct curve_key *server; /* the broker's public key; goes with key */
};

/* Connects; the broker need not be there yet. GPMQ_EINVAL: no such address. */
int session_open(struct session **out, const struct session_options *options,
                 struct gpmq_error *err) GPMQ_CHECKED;
void session_close(struct session **session_p);

/* Another socket in place of the old one, whose connection may be dead without knowing it. What it
 * had not sent is dropped. On failure there is still the old one. */
int session_reconnect(struct session *session, struct gpmq_error *err) GPMQ_CHECKED;

/* For zmq_poll(). */
void *session_socket(const struct session *session);

/* Sends one message, or drops it where the broker is not there or does not take it: whoever needs
 * an answer asks again. GPMQ_EBUSY: dropped. GPMQ_EIO, GPMQ_ENOMEM. */
int session_send(struct session *session, const struct message *message) GPMQ_CHECKED;

/* The next message; *out points into arena. GPMQ_EBUSY: there is none. GPMQ_EMALFORMED and others
 * of message_decode(): one that makes no sense was dropped. GPMQ_EIO: the socket is of no use. */
int session_receive(struct session *session, struct arena *arena, struct message *out,
                    struct gpmq_error *err) GPMQ_CHECKED;

#endif
