/* client_watch.c - follow operations and batches to their end. */
#include <string.h>
#include <zmq.h>

#include "client_impl.h"
#include "clock.h"
#include "fail.h"

/* ---- what to follow ------------------------------------------------------------------------ */

static void subscribe(struct gpmq_client *client, int option, const char *prefix)
{
    zmq_setsockopt(client->link.status, option, prefix, strlen(prefix));
}

/* "gpmq1." and the batch: all frames of its operations, and its own. */
static void batch_prefix(const struct gpmq_id *batch, char prefix[TOPIC_SIZE])
{
    char id[GPMQ_ID_TEXT_SIZE];
    snprintf(prefix, TOPIC_SIZE, "gpmq1.%s", gpmq_id_text(batch, id));
}

/* The first question, whose answer also tells whether there is such an operation. */
static int first_watch(struct gpmq_client *client, struct follow *follow, struct gpmq_error *err)
{
    struct watch_entry entry = {.op = follow->id, .last_seq = follow->history.seq};
    struct message request = {.type = MSG_WATCH, .watch = {1, &entry}}, answer;
    history_asked(&follow->history, clock_now_ms());
    int rc = call(client, &request, MSG_WATCHING, 0, &answer, err);
    if (rc)
        return rc;
    if (!answer.watching.topic || !*answer.watching.topic) {
        char id[GPMQ_ID_TEXT_SIZE];
        return fail(err, GPMQ_ENOTFOUND,
                    "the broker knows no operation %s: it never had it, or keeps it no longer",
                    gpmq_id_text(&follow->id, id));
    }
    feed_watching(client, &answer.watching);
    return 0;
}

static void set_callback(struct follow *follow, gpmq_status_fn *callback, void *user)
{
    follow->callback = callback;
    follow->user = user;
}

int gpmq_watch(struct gpmq_client *client, const struct gpmq_id *op, gpmq_status_fn *callback,
               void *user, struct gpmq_error *err)
{
    struct follow *follow = follows_find(&client->follows, op);
    if (follow) {
        set_callback(follow, callback, user);
        return 0;
    }
    follow = follows_add(&client->follows, op);
    if (!follow)
        return fail(err, GPMQ_ENOMEM, "cannot follow one more operation");
    set_callback(follow, callback, user);
    int rc = first_watch(client, follow, err);
    if (rc)
        gpmq_unwatch(client, op);
    client_settle(client);
    return rc;
}

static void set_batch_callback(struct gpmq_client *client, const struct gpmq_id *batch,
                               gpmq_status_fn *callback, void *user)
{
    struct follow *follow;
    TAILQ_FOREACH(follow, &client->follows.list, order)
    if (gpmq_id_equal(&follow->batch, batch))
        set_callback(follow, callback, user);
}

/* Its operations are listed, and asked for, by feed_check(). */
int gpmq_watch_batch(struct gpmq_client *client, const struct gpmq_id *batch,
                     gpmq_status_fn *callback, void *user, struct gpmq_error *err)
{
    struct follow *follow = follows_find(&client->follows, batch);
    if (follow && follow->is_batch) {
        set_batch_callback(client, batch, callback, user);
        return 0;
    }
    bool is_new = !follow;
    follow = follows_add(&client->follows, batch);
    if (!follow)
        return fail(err, GPMQ_ENOMEM, "cannot follow one more batch");
    set_callback(follow, callback, user);
    follow->batch = *batch;
    batch_prefix(batch, follow->topic);
    subscribe(client, ZMQ_SUBSCRIBE, follow->topic);
    int rc = is_new ? first_watch(client, follow, err) : 0;
    if (rc)
        gpmq_unwatch(client, batch);
    else
        follow->is_batch = true;
    client_settle(client);
    return rc;
}

static void remove_one(struct gpmq_client *client, struct follow *follow)
{
    if (follow->topic[0])
        subscribe(client, ZMQ_UNSUBSCRIBE, follow->topic);
    follows_remove(&client->follows, follow);
}

static void remove_members(struct gpmq_client *client, const struct gpmq_id *batch)
{
    struct follow *follow = TAILQ_FIRST(&client->follows.list);
    while (follow) {
        struct follow *next = TAILQ_NEXT(follow, order);
        if (gpmq_id_equal(&follow->batch, batch) && !gpmq_id_equal(&follow->id, batch))
            remove_one(client, follow);
        follow = next;
    }
}

void gpmq_unwatch(struct gpmq_client *client, const struct gpmq_id *id)
{
    struct follow *follow = follows_find(&client->follows, id);
    if (!follow)
        return;
    struct gpmq_id gone = *id; /* id may point into what is removed */
    struct message message = {.type = MSG_UNWATCH,
                              .req = ++client->link.request,
                              .unwatch = {.id_count = 1, .ids = &gone}};
    link_try(&client->link, &message);
    if (follow->is_batch)
        remove_members(client, &gone);
    struct follow *batch = follows_find(&client->follows, &follow->batch);
    if (batch && batch != follow && !follow->final && batch->open_count > 0)
        batch->open_count--;
    remove_one(client, follow);
}

const struct gpmq_status *gpmq_outcome(struct gpmq_client *client, const struct gpmq_id *id)
{
    const struct follow *follow = follows_find(&client->follows, id);
    arena_reset(&client->outcome_arena);
    if (!follow || !follow->final ||
        status_decode(&client->outcome, &client->outcome_arena, follow->final, follow->final_size,
                      NULL) != 0)
        return NULL;
    return &client->outcome;
}

/* ---- wait ---------------------------------------------------------------------------------- */

static bool has_ended(const struct gpmq_client *client, const struct gpmq_id *id)
{
    const struct follow *follow = follows_find(&client->follows, id);
    if (!follow || !follow->final)
        return false;
    return !follow->is_batch || (follow->listed && follow->open_count == 0);
}

static size_t count_ended(const struct gpmq_client *client, const struct gpmq_id *ids, size_t count)
{
    size_t ended = 0;
    for (size_t i = 0; i < count; i++)
        ended += has_ended(client, &ids[i]);
    return ended;
}

static int64_t left_ms(int64_t until_ms)
{
    int64_t left = until_ms - clock_now_ms();
    return left > 0 ? left : 0;
}

/* The end of a waiting that may be for ever. */
static int64_t until(int64_t timeout_ms)
{
    return timeout_ms < 0 ? INT64_MAX : clock_now_ms() + timeout_ms;
}

int gpmq_dispatch(struct gpmq_client *client, int64_t timeout_ms, struct gpmq_error *err)
{
    int64_t until_ms = until(timeout_ms);
    int rc;
    size_t delivered;
    do {
        delivered = feed_deliver(client);
        rc = client_round(client, ROUND_ALL, delivered ? 0 : left_ms(until_ms));
        delivered += feed_deliver(client);
    } while (!delivered && !rc && left_ms(until_ms) > 0 && link_denied(&client->link, NULL) == 0);
    client_settle(client);
    if (delivered)
        return 0;
    if (rc)
        return fail(err, rc, "interrupted by a signal");
    rc = link_denied(&client->link, err);
    return rc ? rc : fail(err, GPMQ_ETIMEOUT, "nothing came within %lld ms", (long long)timeout_ms);
}

static int watch_all(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
                     struct gpmq_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (follows_find(&client->follows, &ids[i]))
            continue;
        int rc = gpmq_watch(client, &ids[i], NULL, NULL, err);
        if (rc)
            return rc;
    }
    return 0;
}

int gpmq_wait(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
              enum gpmq_wait_for what, int64_t timeout_ms, struct gpmq_error *err)
{
    int64_t until_ms = until(timeout_ms);
    int rc = watch_all(client, ids, count, err);
    if (rc)
        return rc;
    size_t wanted = what == GPMQ_WAIT_ANY && count > 0 ? 1 : count;
    for (;;) {
        feed_deliver(client);
        size_t ended = count_ended(client, ids, count);
        if (ended >= wanted)
            break;
        if (left_ms(until_ms) == 0)
            rc = fail(err, GPMQ_ETIMEOUT,
                      "%zu of %zu operations have not ended within %.1f s; they go on",
                      count - ended, count, (double)timeout_ms / 1000);
        if (!rc)
            rc = link_denied(&client->link, err);
        if (!rc && client_round(client, ROUND_ALL, left_ms(until_ms)) == GPMQ_ESTOPPED)
            rc = fail(err, GPMQ_ESTOPPED, "interrupted by a signal; the operations go on");
        if (rc)
            break;
    }
    client_settle(client);
    return rc;
}
