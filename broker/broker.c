/* broker.c - the broker's loop. */
#include "broker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "access.h"
#include "access_keys.h"
#include "broker_sockets.h"
#include "cleanup.h"
#include "clock.h"
#include "curve.h"
#include "fail.h"
#include "log.h"
#include "notify.h"
#include "revoke.h"
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
    struct broker_urls urls;
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
                              {gate_socket(parts->gates[GATE_CONTROL]), 0, ZMQ_POLLIN, 0},
                              {gate_socket(parts->gates[GATE_WORKER]), 0, ZMQ_POLLIN, 0},
                              {gate_socket(parts->gates[GATE_STATUS]), 0, ZMQ_POLLIN, 0},
                              {NULL, stop_fd, ZMQ_POLLIN, 0}};
    const int count = sizeof items / sizeof items[0];
    parts->err = err;
    while (true) {
        int rc = round_run(parts, clock_now_ms(), clock_unix_ms());
        if (rc)
            return rc;
        notify_tick(broker->notify, parts->now_ms);
        if (zmq_poll(items, count, poll_ms(broker)) < 0 && errno != EINTR)
            return fail_zmq(err, "cannot wait for messages");
        if (items[count - 1].revents)
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

int broker_check(const struct broker_settings *settings, struct gpmq_error *err)
{
    CLEANUP(curve_forget) struct curve_key key = {.name = ""};
    CLEANUP(access_keys_free) struct access_keys *keys = NULL;
    bool has_key = settings->key_file;
    int rc = has_key ? curve_load(&key, settings->key_file, CURVE_SECRET, err) : 0;
    if (!rc)
        rc = access_keys_load(&keys, settings->keys, err);
    if (!rc)
        rc = broker_sockets_check(settings, err);
    return rc;
}

/* What may change while it runs. */
static void take_limits(struct parts *parts, const struct broker_settings *settings)
{
    parts->limits = settings->limits;
    limits_fill(&parts->limits);
    parts->retention_ms = settings->retention_ms ? settings->retention_ms : BROKER_RETENTION_MS;
    parts->reserve_bytes = settings->reserve_bytes ? settings->reserve_bytes : BROKER_RESERVE_BYTES;
    parts->retain_due_ms = 0;
}

int broker_reload(struct broker *broker, const struct broker_settings *settings,
                  struct gpmq_error *err)
{
    struct parts *parts = &broker->parts;
    int rc = access_reload(broker->access, settings->keys, err);
    if (rc)
        return rc;
    take_limits(parts, settings);
    core_set_limits(parts->core, &settings->core);
    revoke_changed(parts);
    return 0;
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
    parts->recent = recent_new();
    parts->watch = watch_new();
    parts->subscriptions = subscriptions_new();
    parts->arena.limit_bytes = ROUND_MEMORY_MAX;
    parts->clients = peers_new(2);
    parts->workers = peers_new(1);
    take_limits(parts, settings);
    parts->keepalive_ms = settings->core.keepalive_ms;
    parts->is_admin = access_is_admin;
    parts->admits = access_admits;
    parts->changed = access_changed;
    parts->status_url = broker->urls.status;
    int rc = open_core(broker, settings, err);
    if (!rc)
        rc = access_start(&broker->access, broker->context, settings->keys, err);
    if (!rc)
        rc = broker_sockets_open(parts, &broker->urls, settings, broker->context, err);
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
    broker_sockets_close(parts);
    access_stop(&broker->access);
    watch_free(&parts->watch);
    subscriptions_free(&parts->subscriptions);
    outbox_free(&parts->outbox);
    recent_free(&parts->recent);
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
    return broker->urls.control;
}

const char *broker_worker_url(const struct broker *broker)
{
    return broker->urls.worker;
}
