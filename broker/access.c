/* access.c - the ZAP handler's thread. */
#include "access.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <zmq.h>

#include "access_keys.h"
#include "cleanup.h"
#include "fail.h"
#include "log.h"

#define ZAP_ENDPOINT  "inproc://zeromq.zap.01"
#define STOP_ENDPOINT "inproc://gpmq.access.stop"
#define ZAP_FRAMES    7 /* version, request, domain, address, routing id, mechanism, key */
#define ZAP_FRAME_MAX 256

struct access {
    pthread_mutex_t lock;       /* over keys: the loop changes them, the handler reads them */
    struct access_keys *keys;   /* only the loop's thread changes them */
    struct access_keys *before; /* those before the newest; NULL: there were none */
    void *zap;                  /* REP; the handler's thread alone uses it, once that runs */
    void *stop_here;            /* PAIR: we tell the thread to stop */
    void *stop_there;
    pthread_t thread;
    bool running;
};

struct zap_request {
    unsigned count;
    struct {
        uint8_t bytes[ZAP_FRAME_MAX];
        size_t size;
    } frames[ZAP_FRAMES];
};

/* Reads one whole request; what does not fit is cut, and refused because of that. */
static bool receive(void *socket, struct zap_request *request)
{
    int more = 1;
    request->count = 0;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) {
            zmq_msg_close(&frame);
            return false;
        }
        size_t size = zmq_msg_size(&frame);
        if (request->count < ZAP_FRAMES) {
            size_t kept = size < ZAP_FRAME_MAX ? size : ZAP_FRAME_MAX;
            memcpy(request->frames[request->count].bytes, zmq_msg_data(&frame), kept);
            request->frames[request->count].size = size;
        }
        request->count++;
        more = zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
    return true;
}

static bool frame_is(const struct zap_request *request, unsigned index, const char *text)
{
    return request->frames[index].size == strlen(text) &&
           memcmp(request->frames[index].bytes, text, strlen(text)) == 0;
}

/* The key that asks, if it may have what it asks for. */
static const struct curve_key *judge(const struct access *access, const struct zap_request *request,
                                     const char **why)
{
    static const char *const domains[] = {ACCESS_CONTROL, ACCESS_WORKER, ACCESS_STATUS};
    *why = "malformed";
    if (request->count != ZAP_FRAMES || !frame_is(request, 0, "1.0"))
        return NULL;
    *why = "no_curve";
    if (!frame_is(request, 5, "CURVE") || request->frames[6].size != 32)
        return NULL;
    *why = "unknown_key";
    const struct curve_key *key = access_keys_find(access->keys, request->frames[6].bytes);
    if (!key)
        return NULL;
    *why = "wrong_role";
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (frame_is(request, 2, domains[i]))
            return access_role_opens(key->role, domains[i]) ? key : NULL;
    return NULL;
}

static void answer(void *socket, const struct zap_request *request, const struct curve_key *key)
{
    const char *status = key ? "200" : "400";
    const char *text = key ? "OK" : "No access";
    const char *user = key ? key->name : "";
    size_t id_size = request->count > 1 ? request->frames[1].size : 0;
    if (id_size > ZAP_FRAME_MAX)
        id_size = 0;
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, request->frames[1].bytes, id_size, ZMQ_SNDMORE);
    zmq_send(socket, status, strlen(status), ZMQ_SNDMORE);
    zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    zmq_send(socket, user, strlen(user), ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
}

static void handle(struct access *access)
{
    struct zap_request request;
    const char *why;
    if (!receive(access->zap, &request))
        return;
    pthread_mutex_lock(&access->lock);
    const struct curve_key *key = judge(access, &request, &why);
    answer(access->zap, &request, key);
    bool refused = !key;
    pthread_mutex_unlock(&access->lock);
    if (refused) {
        char address[ZAP_FRAME_MAX + 1] = "", value[LOG_VALUE_SIZE];
        if (request.count > 3 && request.frames[3].size <= ZAP_FRAME_MAX)
            memcpy(address, request.frames[3].bytes, request.frames[3].size);
        log_event(LOG_WARNING, "connection_refused", "address=%s reason=%s",
                  log_value(address, value), why);
    }
}

static void *run(void *arg)
{
    struct access *access = arg;
    zmq_pollitem_t items[] = {{access->zap, 0, ZMQ_POLLIN, 0},
                              {access->stop_there, 0, ZMQ_POLLIN, 0}};
    while (zmq_poll(items, 2, -1) >= 0 && !(items[1].revents & ZMQ_POLLIN))
        if (items[0].revents & ZMQ_POLLIN)
            handle(access);
    return NULL;
}

static int open_sockets(struct access *access, void *context, struct gpmq_error *err)
{
    int linger_ms = 0;
    access->zap = zmq_socket(context, ZMQ_REP);
    access->stop_here = zmq_socket(context, ZMQ_PAIR);
    access->stop_there = zmq_socket(context, ZMQ_PAIR);
    if (!access->zap || !access->stop_here || !access->stop_there)
        return fail_zmq(err, "cannot make the sockets of the access check");
    zmq_setsockopt(access->zap, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    if (zmq_bind(access->zap, ZAP_ENDPOINT) != 0 ||
        zmq_bind(access->stop_here, STOP_ENDPOINT) != 0 ||
        zmq_connect(access->stop_there, STOP_ENDPOINT) != 0)
        return fail_zmq(err, "cannot bind the access check");
    return 0;
}

int access_start(struct access **out, void *context, const char *folder, struct gpmq_error *err)
{
    CLEANUP(access_stop) struct access *access = calloc(1, sizeof *access);
    if (!access)
        return fail(err, GPMQ_ENOMEM, "no memory for the access check");
    pthread_mutex_init(&access->lock, NULL);
    int rc = access_keys_load(&access->keys, folder, err);
    if (!rc)
        rc = open_sockets(access, context, err);
    if (rc)
        return rc;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    access->running = pthread_create(&access->thread, NULL, run, access) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!access->running)
        return fail(err, GPMQ_ENOMEM, "cannot start the thread of the access check");
    *out = STEAL(access);
    return 0;
}

void access_stop(struct access **access_p)
{
    struct access *access = STEAL(*access_p);
    if (!access)
        return;
    if (access->running) {
        zmq_send(access->stop_here, "", 0, 0);
        pthread_join(access->thread, NULL);
    }
    void *sockets[] = {access->zap, access->stop_here, access->stop_there};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i])
            zmq_close(sockets[i]);
    access_keys_free(&access->keys);
    access_keys_free(&access->before);
    pthread_mutex_destroy(&access->lock);
    free(access);
}

bool access_is_admin(const void *access_of, const char *user)
{
    const struct access *access = access_of;
    if (access_keys_count(access->keys) == 0)
        return true;
    const struct curve_key *key = access_keys_named(access->keys, user);
    return key && key->role == CURVE_ADMIN;
}

int access_reload(struct access *access, const char *folder, struct gpmq_error *err)
{
    struct access_keys *keys;
    int rc = access_keys_load(&keys, folder, err);
    if (rc)
        return rc;
    access_keys_free(&access->before);
    pthread_mutex_lock(&access->lock);
    access->before = access->keys;
    access->keys = keys;
    pthread_mutex_unlock(&access->lock);
    return 0;
}

bool access_changed(const void *access_of, const char *user)
{
    const struct access *access = access_of;
    const struct curve_key *key = access_keys_named(access->keys, user);
    const struct curve_key *before =
        access->before ? access_keys_named(access->before, user) : NULL;
    return before && !(key && key->role == before->role &&
                       strcmp(key->public_text, before->public_text) == 0);
}

bool access_admits(const void *access_of, const char *user, const char *socket)
{
    const struct access *access = access_of;
    const struct curve_key *key = access_keys_named(access->keys, user);
    return key && access_role_opens(key->role, socket);
}
