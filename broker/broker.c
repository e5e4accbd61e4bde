/* broker.c - the broker's loop. */
#include "broker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "access_keys.h"
#include "cleanup.h"
#include "clock.h"
#include "curve.h"
#include "endpoint.h"
#include "fail.h"
#include "frames.h"
#include "log.h"
#include "notify.h"
#include "round.h"
#include "status.h"
#include "table.h"

#define POLL_MAX_MS 60000

struct broker {
    struct parts parts;
    struct access *access;
    struct notify *notify; /* borrowed */
    void *context;
    bool own_context;
    char control_url[ENDPOINT_MAX];
    char worker_url[ENDPOINT_MAX];
    char status_url[ENDPOINT_MAX];
};

/* ---- the loop ----------------------------------------------------------------------------- */

static long poll_ms(const struct broker *broker)
{
    const struct parts *parts = &broker->parts;
    int64_t now_ms = clock_now_ms();
    int64_t due_ms = core_next_ms(parts->core, now_ms, clock_unix_ms());
    int64_t other_ms = status_next_ms(parts);
    if (other_ms < due_ms)
        due_ms = other_ms;
    if (parts->retain_due_ms < due_ms)
        due_ms = parts->retain_due_ms;
    if (notify_next_ms(broker->notify) < due_ms)
        due_ms = notify_next_ms(broker->notify);
    int64_t wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    return wait_ms < POLL_MAX_MS ? (long)wait_ms : POLL_MAX_MS;
}

int broker_run(struct broker *broker, int stop_fd, struct gpmq_error *err)
{
    struct parts *parts = &broker->parts;
    zmq_pollitem_t items[] = {{parts->control, 0, ZMQ_POLLIN, 0},
                              {parts->worker, 0, ZMQ_POLLIN, 0},
                              {parts->status, 0, ZMQ_POLLIN, 0},
                              {NULL, stop_fd, ZMQ_POLLIN, 0}};
    parts->err = err;
    while (true) {
        int rc = round_run(parts, clock_now_ms(), clock_unix_ms());
        if (rc)
            return rc;
        notify_tick(broker->notify, parts->now_ms);
        if (zmq_poll(items, 4, poll_ms(broker)) < 0 && errno != EINTR)
            return fail_zmq(err, "cannot wait for messages");
        if (!items[3].revents)
            continue;
        notify_stopping(broker->notify);
        return 0;
    }
}

/* ---- opening and closing --------------------------------------------------------------------- */

struct loading {
    struct core *core;
    size_t count;
};

static int load_row(void *arg, const struct op_row *row, struct store_bytes request,
                    struct store_bytes result, struct gpmq_error *err)
{
    (void)result;
    struct loading *loading = arg;
    loading->count++;
    return core_load(loading->core, row, request, clock_now_ms(), clock_unix_ms(), err);
}

static int load_mark(void *arg, const char *name, int64_t value, struct gpmq_error *err)
{
    (void)err;
    core_load_mark(arg, name, value);
    return 0;
}

static int open_core(struct broker *broker, const struct broker_settings *settings,
                     struct gpmq_error *err)
{
    struct parts *parts = &broker->parts;
    int rc = store_open(&parts->store, settings->store, err);
    if (rc)
        return rc;
    uint64_t epoch = parts->store->ops->epoch(parts->store);
    parts->core = core_new(&settings->core, epoch, parts->store->ops->fence(parts->store));
    if (!parts->core)
        return fail(err, GPMQ_ENOMEM, "no memory for the broker");
    struct loading loading = {parts->core, 0};
    rc = parts->store->ops->marks(parts->store, load_mark, parts->core, err);
    if (rc)
        return rc;
    rc = parts->store->ops->load(parts->store, load_row, &loading, err);
    if (rc == GPMQ_EDAMAGED) { /* the records that are whole have been loaded all the same */
        char value[LOG_VALUE_SIZE];
        log_event(LOG_ERROR, "record_damaged", "reason=%s", log_value(err->text, value));
        rc = 0;
    }
    log_event(LOG_INFO, "store_opened", "epoch=%llu open_operations=%zu", (unsigned long long)epoch,
              loading.count);
    return rc;
}

/* One full `watch` is answered by as many messages as it has watches: room for two. */
#define CONTROL_SEND_HWM (2 * MESSAGE_OPS_MAX)

static const struct frames_options control_options = {CONTROL_SEND_HWM, 256, MESSAGE_MAX, 500};
static const struct frames_options worker_options = {4000, 1000, MESSAGE_MAX, 500};
static const struct frames_options status_options = {10000, 1000, 4096, 0};

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

static void *open_socket(struct broker *broker, int type, const struct frames_options *options,
                         const struct curve_key *key, const char *zap_domain, const char *url,
                         char bound[ENDPOINT_MAX], struct gpmq_error *err)
{
    if (check_url(url, key, err) != 0)
        return NULL;
    void *socket = frames_socket(broker->context, type, options);
    size_t size = ENDPOINT_MAX;
    if (!socket) {
        fail_zmq(err, "cannot make a socket");
        return NULL;
    }
    int ipv6 = strchr(url, '[') || strchr(url, '*');
    zmq_setsockopt(socket, ZMQ_IPV6, &ipv6, sizeof ipv6);
    if ((key && curve_server(socket, key, zap_domain, err) != 0) ||
        (zmq_bind(socket, url) != 0 && fail_zmq(err, "cannot listen on %s", url)) ||
        (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0 &&
         fail_zmq(err, "cannot tell where %s is", url))) {
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

static const char *either(const char *given, const char *otherwise)
{
    return given && *given ? given : otherwise;
}

int broker_check(const struct broker_settings *settings, struct gpmq_error *err)
{
    CLEANUP(curve_forget) struct curve_key key = {.name = ""};
    CLEANUP(access_keys_free) struct access_keys *keys = NULL;
    bool has_key = settings->key_file;
    int rc = has_key ? curve_load(&key, settings->key_file, CURVE_SECRET, err) : 0;
    if (!rc)
        rc = access_keys_load(&keys, settings->keys, err);
    if (!rc)
        rc = check_url(either(settings->control, BROKER_CONTROL_DEFAULT), has_key, err);
    if (!rc)
        rc = check_url(either(settings->worker, BROKER_WORKER_DEFAULT), has_key, err);
    if (!rc)
        rc = check_url(either(settings->status, BROKER_STATUS_DEFAULT), has_key, err);
    return rc;
}

static int open_sockets(struct broker *broker, const struct broker_settings *settings,
                        struct gpmq_error *err)
{
    struct parts *parts = &broker->parts;
    CLEANUP(curve_forget) struct curve_key key = {.name = ""};
    const struct curve_key *used = NULL;
    int rc = access_start(&broker->access, broker->context, settings->keys, err);
    if (rc)
        return rc;
    if (settings->key_file) {
        rc = curve_load(&key, settings->key_file, CURVE_SECRET, err);
        if (rc)
            return rc;
        used = &key;
    }
    parts->status =
        open_socket(broker, ZMQ_XPUB, &status_options, used, ACCESS_STATUS,
                    either(settings->status, BROKER_STATUS_DEFAULT), broker->status_url, err);
    if (parts->status)
        parts->worker =
            open_socket(broker, ZMQ_ROUTER, &worker_options, used, ACCESS_WORKER,
                        either(settings->worker, BROKER_WORKER_DEFAULT), broker->worker_url, err);
    if (parts->worker)
        parts->control = open_socket(broker, ZMQ_ROUTER, &control_options, used, ACCESS_CONTROL,
                                     either(settings->control, BROKER_CONTROL_DEFAULT),
                                     broker->control_url, err);
    return parts->control ? 0 : err->code;
}

int broker_open(struct broker **out, const struct broker_settings *settings, void *context,
                struct gpmq_error *err)
{
    struct gpmq_error local;
    if (!err)
        err = &local;
    if (!settings->store)
        return fail(err, GPMQ_EINVAL, "no store is given; for example --store sqlite:queue.db");
    CLEANUP(broker_close) struct broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return fail(err, GPMQ_ENOMEM, "no memory for a broker");
    broker->notify = settings->notify;
    broker->own_context = !context;
    broker->context = context ? context : zmq_ctx_new();
    if (!broker->context)
        return fail_zmq(err, "cannot start ZeroMQ");

    struct parts *parts = &broker->parts;
    parts->actions = core_actions_new();
    parts->outbox = outbox_new();
    parts->watch = watch_new();
    parts->clients = peers_new(2);
    parts->workers = peers_new(1);
    parts->retention_ms = settings->retention_ms ? settings->retention_ms : BROKER_RETENTION_MS;
    parts->reserve_bytes = settings->reserve_bytes ? settings->reserve_bytes : BROKER_RESERVE_BYTES;
    parts->keepalive_ms = settings->core.keepalive_ms;
    parts->is_admin = access_is_admin;
    parts->status_url = broker->status_url;
    int rc = open_core(broker, settings, err);
    if (!rc)
        rc = open_sockets(broker, settings, err);
    if (rc)
        return rc;
    parts->access = broker->access;
    *out = STEAL(broker);
    return 0;
}

void broker_close(struct broker **broker_p)
{
    struct broker *broker = STEAL(*broker_p);
    if (!broker)
        return;
    struct parts *parts = &broker->parts;
    void *sockets[] = {parts->control, parts->worker, parts->status};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i])
            zmq_close(sockets[i]);
    access_stop(&broker->access);
    watch_free(&parts->watch);
    outbox_free(&parts->outbox);
    core_free(&parts->core);
    core_actions_free(&parts->actions);
    store_close(&parts->store);
    peers_free(&parts->clients);
    peers_free(&parts->workers);
    arena_free(&parts->arena);
    free(parts->questions);
    if (broker->own_context && broker->context)
        zmq_ctx_term(broker->context);
    free(broker);
}

const char *broker_control_url(const struct broker *broker)
{
    return broker->control_url;
}

const char *broker_worker_url(const struct broker *broker)
{
    return broker->worker_url;
}
