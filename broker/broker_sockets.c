/* broker_sockets.c - the broker's three sockets. */
#include "broker_sockets.h"

#include <string.h>

#include "access.h"
#include "cleanup.h"
#include "curve.h"
#include "fail.h"
#include "frames.h"

static const struct frames_options control_options = {CONTROL_SEND_HWM, 256, MESSAGE_MAX, 500};
static const struct frames_options worker_options = {WORKER_SEND_HWM, 1000, MESSAGE_MAX, 500};
static const struct frames_options status_options = {STATUS_SEND_HWM, 1000, STATUS_WISH_MAX, 0};

static const char *either(const char *given, const char *otherwise)
{
    return given && *given ? given : otherwise;
}

static int check_url(const char *url, bool has_key, struct gpmq_error *err)
{
    if (has_key || endpoint_is_private(url))
        return 0;
    return fail(
        err, GPMQ_EDENIED,
        "will not listen on %s without keys: others can reach it; "
        "give --key and --keys (make them with `gpmq keys create`), or use 127.0.0.1 or ipc",
        url);
}

int broker_sockets_check(const struct broker_settings *settings, struct gpmq_error *err)
{
    bool has_key = settings->key_file;
    int rc = check_url(either(settings->control, BROKER_CONTROL_DEFAULT), has_key, err);
    if (!rc)
        rc = check_url(either(settings->worker, BROKER_WORKER_DEFAULT), has_key, err);
    if (!rc)
        rc = check_url(either(settings->status, BROKER_STATUS_DEFAULT), has_key, err);
    return rc;
}

/* ---- one socket ------------------------------------------------------------------------------ */

static void client_gone(void *arg, int fd)
{
    struct parts *parts = arg;
    uint64_t peer = peers_gone(parts->clients, fd);
    if (peer)
        watch_gone(parts->watch, peer);
}

/* What it held is given back when its lease ends: it may come back by another connection. */
static void worker_gone(void *arg, int fd)
{
    struct parts *parts = arg;
    peers_gone(parts->workers, fd);
}

static void subscriber_gone(void *arg, int fd)
{
    struct parts *parts = arg;
    subscriptions_drop(parts->subscriptions, fd);
}

/* A gate sees every connection: it stands before the socket listens. */
static int listen_at(void *socket, const char *url, const struct curve_key *key,
                     const char *zap_domain, char bound[ENDPOINT_MAX], struct gpmq_error *err)
{
    size_t size = ENDPOINT_MAX;
    int ipv6 = strchr(url, '[') || strchr(url, '*');
    int rc = check_url(url, key, err);
    zmq_setsockopt(socket, ZMQ_IPV6, &ipv6, sizeof ipv6);
    if (!rc && key)
        rc = curve_server(socket, key, zap_domain, err);
    if (rc)
        return rc;
    if (zmq_bind(socket, url) != 0)
        return fail_zmq(err, "cannot listen on %s", url);
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0)
        return fail_zmq(err, "cannot tell where %s is", url);
    return 0;
}

static int open_gate(struct parts *parts, int which, void *context, void *socket, const char *name,
                     gate_gone *gone, struct gpmq_error *err)
{
    return gate_open(&parts->gates[which], context, socket, name, &parts->limits, gone, parts, err);
}

/* ---- all three ------------------------------------------------------------------------------- */

static int make_all(struct parts *parts, void *context, struct gpmq_error *err)
{
    int all = 1; /* every subscription, from whom it came, and every end of one */
    parts->control = frames_socket(context, ZMQ_ROUTER, &control_options);
    parts->worker = frames_socket(context, ZMQ_ROUTER, &worker_options);
    parts->status = frames_socket(context, ZMQ_XPUB, &status_options);
    if (!parts->control || !parts->worker || !parts->status ||
        zmq_setsockopt(parts->status, ZMQ_XPUB_VERBOSER, &all, sizeof all) != 0)
        return fail_zmq(err, "cannot make a socket");
    int rc =
        open_gate(parts, GATE_CONTROL, context, parts->control, ACCESS_CONTROL, client_gone, err);
    if (!rc)
        rc = open_gate(parts, GATE_WORKER, context, parts->worker, ACCESS_WORKER, worker_gone, err);
    if (!rc)
        rc = open_gate(parts, GATE_STATUS, context, parts->status, ACCESS_STATUS, subscriber_gone,
                       err);
    return rc;
}

int broker_sockets_open(struct parts *parts, struct broker_urls *urls,
                        const struct broker_settings *settings, void *context,
                        struct gpmq_error *err)
{
    CLEANUP(curve_forget) struct curve_key key = {.name = ""};
    const struct curve_key *used = settings->key_file ? &key : NULL;
    int rc = used ? curve_load(&key, settings->key_file, CURVE_SECRET, err) : 0;
    if (!rc)
        rc = make_all(parts, context, err);
    if (!rc)
        rc = listen_at(parts->status, either(settings->status, BROKER_STATUS_DEFAULT), used,
                       ACCESS_STATUS, urls->status, err);
    if (!rc)
        rc = listen_at(parts->worker, either(settings->worker, BROKER_WORKER_DEFAULT), used,
                       ACCESS_WORKER, urls->worker, err);
    if (!rc)
        rc = listen_at(parts->control, either(settings->control, BROKER_CONTROL_DEFAULT), used,
                       ACCESS_CONTROL, urls->control, err);
    return rc;
}

void broker_sockets_close(struct parts *parts)
{
    void **sockets[] = {&parts->control, &parts->worker, &parts->status};
    for (size_t i = 0; i < PARTS_GATES; i++)
        gate_close(&parts->gates[i]);
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (*sockets[i])
            zmq_close(STEAL(*sockets[i]));
}
