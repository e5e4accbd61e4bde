/* session.c - a DEALER, and the replacing of it. */
#include "session.h"

#include <string.h>
#include <zmq.h>

#include "cleanup.h"
#include "curve.h"
#include "fail.h"
#include "frames.h"

#define SEND_HWM    1000
#define RECEIVE_HWM 1000
#define LINGER_MS   500 /* in which a BYE still leaves */

struct session {
    struct session_options options;
    void *socket;
    msgpack_sbuffer buffer;
};

static void close_socket(void **socket_p)
{
    void *socket = STEAL(*socket_p);
    if (socket)
        zmq_close(socket);
}

static int connect_socket(const struct session_options *options, void **out, struct gpmq_error *err)
{
    struct frames_options frames = {SEND_HWM, RECEIVE_HWM, MESSAGE_MAX, LINGER_MS};
    CLEANUP(close_socket) void *socket = frames_socket(options->context, ZMQ_DEALER, &frames);
    if (!socket)
        return fail_zmq(err, "cannot make a socket for the broker");
    if (options->key) {
        int rc = curve_client(socket, options->key, options->server, err);
        if (rc)
            return rc;
    }
    if (zmq_connect(socket, options->broker) != 0)
        return fail(err, GPMQ_EINVAL, "cannot connect to the broker '%s': %s", options->broker,
                    zmq_strerror(zmq_errno()));
    *out = STEAL(socket);
    return 0;
}

int session_open(struct session **out, const struct session_options *options,
                 struct gpmq_error *err)
{
    CLEANUP(session_close) struct session *session = calloc(1, sizeof *session);
    if (!session)
        return fail(err, GPMQ_ENOMEM, "no memory for a session");
    msgpack_sbuffer_init(&session->buffer);
    session->options = *options;
    int rc = connect_socket(options, &session->socket, err);
    if (rc)
        return rc;
    *out = STEAL(session);
    return 0;
}

void session_close(struct session **session_p)
{
    struct session *session = STEAL(*session_p);
    if (!session)
        return;
    close_socket(&session->socket);
    msgpack_sbuffer_destroy(&session->buffer);
    free(session);
}

int session_reconnect(struct session *session, struct gpmq_error *err)
{
    void *fresh = NULL;
    int rc = connect_socket(&session->options, &fresh, err);
    if (rc)
        return rc;
    int linger_ms = 0;
    zmq_setsockopt(session->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    close_socket(&session->socket);
    session->socket = fresh;
    return 0;
}

void *session_socket(const struct session *session)
{
    return session->socket;
}

int session_send(struct session *session, const struct message *message)
{
    session->buffer.size = 0;
    int rc = message_encode(&session->buffer, message);
    if (rc)
        return rc;
    return frames_send(session->socket, NULL, 0, session->buffer.data, session->buffer.size);
}

int session_receive(struct session *session, struct arena *arena, struct message *out,
                    struct gpmq_error *err)
{
    struct frames frames;
    int rc = frames_receive(session->socket, false, &frames);
    if (rc == GPMQ_EBUSY)
        return rc;
    if (rc)
        return fail(err, rc, "cannot receive from the broker");
    arena_reset(arena);
    rc = message_decode(out, arena, zmq_msg_data(&frames.body), zmq_msg_size(&frames.body), err);
    frames_free(&frames);
    return rc;
}
