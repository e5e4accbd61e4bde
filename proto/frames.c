/* frames.c - messages as ZeroMQ frames. */
#include "frames.h"

#include <errno.h>
#include <string.h>

#define HEARTBEAT_MS         2000
#define HEARTBEAT_TIMEOUT_MS 6000
#define HANDSHAKE_MS         5000
#define RECONNECT_MS         100
#define RECONNECT_MAX_MS     2000

struct option {
    int name;
    int value;
};

static int set_options(void *socket, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof(int)) != 0)
            return -1;
    return 0;
}

void *frames_socket(void *context, int type, const struct frames_options *options)
{
    const struct option common[] = {
        {ZMQ_SNDHWM, options->send_hwm},
        {ZMQ_RCVHWM, options->receive_hwm},
        {ZMQ_LINGER, options->linger_ms},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_RECONNECT_IVL, RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_IPV6, type == ZMQ_DEALER || type == ZMQ_SUB},
    };
    const struct option router[] = {{ZMQ_ROUTER_MANDATORY, 1}};
    const struct option dealer[] = {{ZMQ_IMMEDIATE, 1}};

    void *socket = zmq_socket(context, type);
    if (!socket)
        return NULL;
    int rc = set_options(socket, common, sizeof common / sizeof common[0]);
    if (!rc)
        rc = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &options->message_max,
                            sizeof options->message_max);
    if (!rc && type == ZMQ_ROUTER)
        rc = set_options(socket, router, 1);
    if (!rc && type == ZMQ_DEALER)
        rc = set_options(socket, dealer, 1);
    if (rc) {
        int number = errno;
        zmq_close(socket);
        errno = number;
        return NULL;
    }
    return socket;
}

/* Takes and drops what is left of a message. */
static void drop_rest(void *socket, zmq_msg_t *last)
{
    while (zmq_msg_more(last)) {
        zmq_msg_close(last);
        zmq_msg_init(last);
        if (zmq_msg_recv(last, socket, ZMQ_DONTWAIT) < 0)
            return;
    }
}

int frames_receive(void *socket, bool has_first, struct frames *out)
{
    zmq_msg_init(&out->first);
    zmq_msg_init(&out->body);
    out->has_first = has_first;

    zmq_msg_t *frame = has_first ? &out->first : &out->body;
    if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
        frames_free(out);
        return errno == EAGAIN || errno == EINTR ? GPMQ_EBUSY : GPMQ_EIO;
    }
    bool whole = true;
    if (has_first) {
        whole = zmq_msg_more(&out->first) && zmq_msg_recv(&out->body, socket, ZMQ_DONTWAIT) >= 0;
        frame = &out->body;
    }
    if (whole && !zmq_msg_more(frame))
        return 0;
    drop_rest(socket, frame);
    frames_free(out);
    return GPMQ_EMALFORMED;
}

void frames_free(struct frames *frames)
{
    int number = errno;
    zmq_msg_close(&frames->first);
    zmq_msg_close(&frames->body);
    errno = number;
}

const char *frames_user(struct frames *frames)
{
    const char *user = zmq_msg_gets(&frames->body, "User-Id");
    return user ? user : "";
}

static int code_of_send(void)
{
    if (errno == EAGAIN || errno == EINTR)
        return GPMQ_EBUSY;
    return errno == EHOSTUNREACH ? GPMQ_EUNREACHABLE : GPMQ_EIO;
}

int frames_descriptor(const struct frames *frames)
{
    return zmq_msg_get(&frames->body, ZMQ_SRCFD);
}

int frames_send(void *socket, const void *first, size_t first_size, const void *body,
                size_t body_size)
{
    if (first && zmq_send(socket, first, first_size, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return code_of_send();
    if (zmq_send(socket, body, body_size, ZMQ_DONTWAIT) < 0)
        return code_of_send();
    return 0;
}
