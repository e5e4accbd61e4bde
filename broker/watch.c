/* watch.c - who follows which operation. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "table.h"

/* Who watches, and how much. */
struct holder {
    struct table_node node;
    LIST_HEAD(, watcher) watchers;
    uint64_t peer;
    int64_t count;
};

struct watcher {
    LIST_ENTRY(watcher) in_target;
    LIST_ENTRY(watcher) in_holder;
    struct target *target;
    struct holder *holder;
    uint64_t peer;
    int64_t due_ms;
    unsigned tries;
};

struct target {
    struct table_node node;
    TAILQ_ENTRY(target) in_ended;
    LIST_HEAD(, watcher) watchers;
    struct gpmq_id op;
    bool ended;
    void *frame; /* the final one */
    size_t frame_size;
};

struct watch {
    struct table targets;
    struct table holders;
    TAILQ_HEAD(, target) ended;
    size_t count;
};

struct watch *watch_new(void)
{
    struct watch *watch = memory_take(sizeof *watch);
    TAILQ_INIT(&watch->ended);
    return watch;
}

static struct target *find(const struct watch *watch, const struct gpmq_id *op)
{
    return HOLDER(table_find(&watch->targets, op, sizeof *op), struct target, node);
}

static struct holder *find_holder(const struct watch *watch, uint64_t peer)
{
    return HOLDER(table_find(&watch->holders, &peer, sizeof peer), struct holder, node);
}

static struct holder *hold(struct watch *watch, uint64_t peer)
{
    struct holder *holder = find_holder(watch, peer);
    if (!holder) {
        holder = memory_take(sizeof *holder);
        holder->peer = peer;
        LIST_INIT(&holder->watchers);
        table_add(&watch->holders, &holder->node, &holder->peer, sizeof holder->peer);
    }
    holder->count++;
    return holder;
}

static void let_go(struct watch *watch, struct holder *holder)
{
    if (--holder->count > 0)
        return;
    table_remove(&watch->holders, &holder->node);
    free(holder);
}

static void drop_watcher(struct watch *watch, struct watcher *watcher)
{
    LIST_REMOVE(watcher, in_target);
    LIST_REMOVE(watcher, in_holder);
    let_go(watch, watcher->holder);
    watch->count--;
    free(watcher);
}

static void drop_target(struct watch *watch, struct target *target)
{
    while (!LIST_EMPTY(&target->watchers))
        drop_watcher(watch, LIST_FIRST(&target->watchers));
    if (target->ended)
        TAILQ_REMOVE(&watch->ended, target, in_ended);
    table_remove(&watch->targets, &target->node);
    free(target->frame);
    free(target);
}

static void drop_node(void *arg, struct table_node *node)
{
    drop_target(arg, HOLDER(node, struct target, node));
}

void watch_free(struct watch **watch_p)
{
    struct watch *watch = *watch_p;
    *watch_p = NULL;
    if (!watch)
        return;
    table_each(&watch->targets, drop_node, watch);
    table_free(&watch->targets);
    table_free(&watch->holders);
    free(watch);
}

static struct watcher *find_watcher(struct target *target, uint64_t peer)
{
    struct watcher *watcher;
    LIST_FOREACH(watcher, &target->watchers, in_target)
    if (watcher->peer == peer)
        return watcher;
    return NULL;
}

int watch_add(struct watch *watch, const struct gpmq_id *op, uint64_t peer,
              const struct limits *limits)
{
    struct target *target = find(watch, op);
    if (target && find_watcher(target, peer))
        return 0;
    const struct holder *holder = find_holder(watch, peer);
    if ((int64_t)watch->count >= limits->watches_max ||
        (holder && holder->count >= limits->connection_watches_max))
        return GPMQ_EFULL;
    if (!target) {
        target = memory_take(sizeof *target);
        target->op = *op;
        LIST_INIT(&target->watchers);
        table_add(&watch->targets, &target->node, &target->op, sizeof target->op);
    }
    struct watcher *watcher = memory_take(sizeof *watcher);
    watcher->peer = peer;
    watcher->target = target;
    watcher->holder = hold(watch, peer);
    LIST_INSERT_HEAD(&watcher->holder->watchers, watcher, in_holder);
    LIST_INSERT_HEAD(&target->watchers, watcher, in_target);
    watch->count++;
    return 0;
}

void watch_remove(struct watch *watch, const struct gpmq_id *op, uint64_t peer)
{
    struct target *target = find(watch, op);
    struct watcher *watcher = target ? find_watcher(target, peer) : NULL;
    if (!watcher)
        return;
    drop_watcher(watch, watcher);
    if (LIST_EMPTY(&target->watchers))
        drop_target(watch, target);
}

void watch_gone(struct watch *watch, uint64_t peer)
{
    struct holder *holder;
    while ((holder = find_holder(watch, peer))) {
        struct watcher *watcher = LIST_FIRST(&holder->watchers);
        struct target *target = watcher->target;
        drop_watcher(watch, watcher);
        if (LIST_EMPTY(&target->watchers))
            drop_target(watch, target);
    }
}

void watch_final(struct watch *watch, const struct gpmq_id *op, const void *frame,
                 size_t frame_size, int64_t now_ms)
{
    struct target *target = find(watch, op);
    if (!target || target->ended)
        return;
    target->ended = true;
    target->frame = memory_take(frame_size);
    target->frame_size = frame_size;
    memcpy(target->frame, frame, frame_size);
    TAILQ_INSERT_TAIL(&watch->ended, target, in_ended);
    struct watcher *watcher;
    LIST_FOREACH(watcher, &target->watchers, in_target)
    watcher->due_ms = now_ms;
}

/* Sends to one watcher if it is time; false: this one is done with. */
static bool serve(struct target *target, struct watcher *watcher, int64_t now_ms, watch_send *send,
                  void *arg)
{
    if (watcher->due_ms > now_ms)
        return true;
    if (watcher->tries >= WATCH_TRIES_MAX ||
        !send(arg, watcher->peer, &target->op, target->frame, target->frame_size))
        return false;
    int64_t pause_ms = (int64_t)WATCH_RESEND_MS << watcher->tries++;
    watcher->due_ms = now_ms + (pause_ms < WATCH_PAUSE_MAX_MS ? pause_ms : WATCH_PAUSE_MAX_MS);
    return true;
}

void watch_resend(struct watch *watch, int64_t now_ms, watch_send *send, void *arg)
{
    struct target *target = TAILQ_FIRST(&watch->ended);
    while (target) {
        struct target *next = TAILQ_NEXT(target, in_ended);
        struct watcher *watcher = LIST_FIRST(&target->watchers);
        while (watcher) {
            struct watcher *after = LIST_NEXT(watcher, in_target);
            if (!serve(target, watcher, now_ms, send, arg))
                drop_watcher(watch, watcher);
            watcher = after;
        }
        if (LIST_EMPTY(&target->watchers))
            drop_target(watch, target);
        target = next;
    }
}

int64_t watch_next_ms(const struct watch *watch)
{
    int64_t next_ms = INT64_MAX;
    const struct target *target;
    TAILQ_FOREACH(target, &watch->ended, in_ended)
    {
        const struct watcher *watcher;
        LIST_FOREACH(watcher, &target->watchers, in_target)
        if (watcher->due_ms < next_ms)
            next_ms = watcher->due_ms;
    }
    return next_ms;
}

size_t watch_count(const struct watch *watch)
{
    return watch->count;
}
