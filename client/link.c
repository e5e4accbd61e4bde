/* link.c - a client's connection. */
#include "link.h"

#include <string.h>
#include <zmq.h>

#include "fail.h"
#include "frames.h"

/* A client has few requests under way; SUB sockets lose subscriptions beyond their send limit. */
#define CONTROL_HWM 4096
#define STATUS_HWM  65536

#define MONITORED                                                                                  \
    (ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |    \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

/* ---- open and close ------------------------------------------------------------------------ */

static int load_keys(struct link *link, const struct gpmq_client_options *options,
                     struct gpmq_error *err)
{
    if (!options->key_file != !options->server_key_file)
        return fail(err, GPMQ_EINVAL,
                    "CURVE needs two files: our secret key (NAME.key) and the broker's public key "
                    "(NAME.pub); only one is given");
    if (!options->key_file)
        return 0;
    link->encrypted = true;
    int rc = curve_load(&link->key, options->key_file, CURVE_SECRET, err);
    return rc ? rc : curve_load(&link->server, options->server_key_file, CURVE_PUBLIC, err);
}

static int use_keys(struct link *link, struct gpmq_error *err)
{
    if (!link->encrypted)
        return 0;
    int rc = curve_client(link->control, &link->key, &link->server, err);
    return rc ? rc : curve_client(link->status, &link->key, &link->server, err);
}

static int open_sockets(struct link *link, void *context, struct gpmq_error *err)
{
    const struct frames_options control = {CONTROL_HWM, CONTROL_HWM, MESSAGE_MAX, 0};
    const struct frames_options status = {0, STATUS_HWM, STATUS_MAX, 0};
    const struct frames_options monitor = {0, 0, -1, 0};
    link->control = frames_socket(context, ZMQ_DEALER, &control);
    link->status = frames_socket(context, ZMQ_SUB, &status);
    link->monitor = frames_socket(context, ZMQ_PAIR, &monitor);
    if (!link->control || !link->status || !link->monitor)
        return fail_zmq(err, "cannot make a ZeroMQ socket");
    return use_keys(link, err);
}

static int start_monitor(struct link *link, struct gpmq_error *err)
{
    char where[64];
    snprintf(where, sizeof where, "inproc://gpmq-monitor-%p", link->control);
    if (zmq_socket_monitor(link->control, where, MONITORED) != 0 ||
        zmq_connect(link->monitor, where) != 0)
        return fail_zmq(err, "cannot watch over the connection");
    return 0;
}

int link_open(struct link *link, void *context, const struct gpmq_client_options *options,
              struct gpmq_error *err)
{
    msgpack_sbuffer_init(&link->buffer);
    snprintf(link->broker, sizeof link->broker, "%s", options->broker);
    snprintf(link->name, sizeof link->name, "%s", options->name ? options->name : "libgpmq");
    if (strlen(options->broker) >= sizeof link->broker)
        return fail(err, GPMQ_EINVAL, "the broker's address has more than %d bytes",
                    LINK_URL_SIZE - 1);
    int rc = load_keys(link, options, err);
    if (!rc)
        rc = open_sockets(link, context, err);
    if (!rc)
        rc = start_monitor(link, err);
    if (rc)
        return rc;
    if (zmq_connect(link->control, link->broker) != 0)
        return fail(err, GPMQ_EINVAL,
                    "'%s' is no broker's address: write tcp://HOST:PORT or ipc://PATH (%s)",
                    link->broker, zmq_strerror(zmq_errno()));
    return 0;
}

static void close_socket(void **socket_p)
{
    if (*socket_p)
        zmq_close(*socket_p);
    *socket_p = NULL;
}

void link_close(struct link *link)
{
    if (link->control)
        zmq_socket_monitor(link->control, NULL, 0);
    close_socket(&link->monitor);
    close_socket(&link->control);
    close_socket(&link->status);
    msgpack_sbuffer_destroy(&link->buffer);
    curve_forget(&link->key);
}

/* ---- the connection's state ---------------------------------------------------------------- */

static void take_event(struct link *link, unsigned event, unsigned value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        link->connected = true;
        link->welcomed = false;
        link->refused = link->key_wanted = link->shaken = false;
        link->hello_ms = 0;
        break;
    case ZMQ_EVENT_DISCONNECTED:
        link->connected = link->welcomed = false;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        link->refused = true;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        link->key_wanted = value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
        link->shaken = true;
        break;
    default:
        link->shaken = true;
    }
}

/* An event is two frames: number (16 bits) and value (32 bits), then the address. */
static bool next_event(struct link *link)
{
    struct frames frames;
    if (frames_receive(link->monitor, true, &frames) != 0)
        return false;
    const uint8_t *bytes = zmq_msg_data(&frames.first);
    if (zmq_msg_size(&frames.first) >= 6) {
        uint16_t event;
        uint32_t value;
        memcpy(&event, bytes, sizeof event);
        memcpy(&value, bytes + 2, sizeof value);
        take_event(link, event, value);
    }
    frames_free(&frames);
    return true;
}

void link_tend(struct link *link, int64_t now_ms)
{
    while (next_event(link))
        continue;
    if (!link->connected || link->welcomed)
        return;
    if (link->hello_ms && now_ms - link->hello_ms < LINK_HELLO_MS)
        return;
    struct message hello = {.type = MSG_HELLO,
                            .req = ++link->request,
                            .hello = {.v = PROTOCOL_VERSION, .name = link->name}};
    if (link_send(link, &hello) == 0)
        link->hello_ms = now_ms;
}

void link_welcome(struct link *link, const struct msg_welcome *welcome)
{
    char url[LINK_URL_SIZE];
    link->welcomed = link->ever_welcomed = true;
    link->keepalive_ms = welcome->keepalive_ms > 0 ? welcome->keepalive_ms : 5000;
    link->generation++;
    if (!link_status_url(link->broker, welcome->status_url, url) ||
        strcmp(url, link->status_url) == 0)
        return;
    if (link->status_url[0])
        zmq_disconnect(link->status, link->status_url);
    link->status_url[0] = 0;
    if (zmq_connect(link->status, url) == 0)
        memcpy(link->status_url, url, sizeof url);
}

/* ---- send ---------------------------------------------------------------------------------- */

int link_send(struct link *link, const struct message *message)
{
    link->buffer.size = 0;
    int rc = message_encode(&link->buffer, message);
    return rc ? rc : frames_send(link->control, NULL, 0, link->buffer.data, link->buffer.size);
}

void link_try(struct link *link, const struct message *message)
{
    int rc = link_send(link, message);
    (void)rc; /* asked again when it is due */
}

/* ---- what to say --------------------------------------------------------------------------- */

int link_denied(const struct link *link, struct gpmq_error *err)
{
    if (link->refused)
        return fail(err, GPMQ_EDENIED,
                    "the broker at %s does not accept our key: have its owner add the public half "
                    "(NAME.pub) of ours",
                    link->broker);
    if (link->key_wanted)
        return fail(err, GPMQ_EDENIED, "the broker at %s %s", link->broker,
                    link->encrypted ? "works without keys: leave key_file out, or ask its owner"
                                    : "asks for a key: give our key_file and its server_key_file");
    return 0;
}

int link_no_answer(const struct link *link, int64_t since_ms, int64_t timeout_ms,
                   struct gpmq_error *err)
{
    double seconds = (double)timeout_ms / 1000;
    if (link->welcomed || link->heard_ms >= since_ms)
        return fail(err, GPMQ_ETIMEOUT,
                    "the broker at %s did not answer within %.1f s: it is there, but busy or "
                    "stuck; try again, repeating is harmless",
                    link->broker, seconds);
    if (link->connected)
        return fail(err, GPMQ_EUNREACHABLE,
                    "what listens at %s does not answer as a gpmq broker (%.1f s): check address "
                    "and port",
                    link->broker, seconds);
    /* Whether libzmq tells of the mechanism or only of the end of the connection is a race. */
    if (link->shaken && !link->encrypted)
        return fail(err, GPMQ_EDENIED,
                    "the broker at %s closes every connection, so most likely it asks for a key: "
                    "give our key_file and its server_key_file",
                    link->broker);
    if (link->shaken)
        return fail(err, GPMQ_EUNREACHABLE,
                    "the broker at %s closes every connection: is server_key_file its public key, "
                    "and is this its control port?",
                    link->broker);
    return fail(err, GPMQ_EUNREACHABLE,
                "no broker answers at %s (%.1f s): is it running, and is the address right?",
                link->broker, seconds);
}

/* ---- where to subscribe -------------------------------------------------------------------- */

/* The port at the end of a tcp address, 0: there is none. */
static unsigned long port_of(const char *url)
{
    const char *colon = strrchr(url, ':');
    char *end;
    if (!colon || colon[1] < '0' || colon[1] > '9')
        return 0;
    unsigned long port = strtoul(colon + 1, &end, 10);
    return *end || port > 65535 ? 0 : port;
}

bool link_status_url(const char *control, const char *given, char out[LINK_URL_SIZE])
{
    bool any_host =
        given && (strncmp(given, "tcp://*", 7) == 0 || strncmp(given, "tcp://0.0.0.0:", 14) == 0 ||
                  strncmp(given, "tcp://[::]:", 11) == 0);
    if (given && *given && !any_host)
        return snprintf(out, LINK_URL_SIZE, "%s", given) < LINK_URL_SIZE;
    unsigned long own = port_of(control);
    unsigned long port = any_host ? port_of(given) : own + 1;
    const char *colon = strrchr(control, ':');
    if (strncmp(control, "tcp://", 6) != 0 || own == 0 || port == 0 || port > 65535)
        return false;
    return snprintf(out, LINK_URL_SIZE, "%.*s:%lu", (int)(colon - control), control, port) <
           LINK_URL_SIZE;
}
