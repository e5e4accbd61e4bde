/* roster.c - sessions begin, go on and end; leases are kept or lost with them. */
#include "roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "fail.h"
#include "lease.h"
#include "route.h"

#define RENEWALS_PER_LEASE 3
#define LEASES_MAX         MESSAGE_OPS_MAX /* of one session: all fit one renewal */

static int64_t renew_ms(const struct core *core)
{
    return core->config.lease_ms / RENEWALS_PER_LEASE;
}

/* ---- sessions ------------------------------------------------------------------------------ */

static void heard(struct core *core, struct session *session, uint64_t peer)
{
    session->peer = peer;
    session->heard_ms = core->now_ms;
    deadline_set(&core->due, &session->silent,
                 core->now_ms + core->config.lease_ms + core->config.slack_ms);
}

struct session *roster_heard(struct core *core, uint64_t number, const struct worker_event *event)
{
    struct session *session =
        HOLDER(table_find(&core->sessions, &number, sizeof number), struct session, by_number);
    if (!session || strcmp(session->key->text, event->key) != 0)
        return NULL;
    heard(core, session, event->peer);
    return session;
}

static struct name_list copy_names(const struct name_list *names)
{
    struct name_list copy = {names->count, NULL};
    if (names->count)
        copy.items = memory_take(names->count * sizeof *copy.items);
    for (uint32_t i = 0; i < names->count; i++) {
        size_t size = strlen(names->items[i]) + 1;
        copy.items[i] = memcpy(memory_take(size), names->items[i], size);
    }
    return copy;
}

static void free_names(struct name_list *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free((char *)names->items[i]);
    free(names->items);
    *names = (struct name_list){0};
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* What it can do, as its newest hello says. */
static void take_abilities(struct core *core, struct session *session,
                           const struct msg_worker_hello *hello)
{
    session->executors = at_most(hello->executors, LEASES_MAX);
    session->credit = at_most(hello->credit, LEASES_MAX);
    if (session->credit < session->executors)
        session->credit = session->executors;
    session->draining = false;
    free_names(&session->kinds);
    free_names(&session->domains);
    free_names(&session->repositories);
    session->kinds = copy_names(&hello->kinds);
    session->domains = copy_names(&hello->domains);
    session->repositories = copy_names(&hello->repositories);
    route_session_opened(core, session);
}

static struct session *open_session(struct core *core, const struct worker_event *event)
{
    const struct msg_worker_hello *hello = &event->message->worker_hello;
    struct session *session = memory_take(sizeof *session);

    session->number = core->epoch << 32 | ++core->session_count;
    session->name = names_take(&core->names, hello->name);
    session->key = names_take(&core->names, event->key);
    session->incarnation = hello->incarnation;
    session->silent.of = DEADLINE_SESSION;
    LIST_INIT(&session->leases);
    table_add(&core->sessions, &session->by_number, &session->number, sizeof session->number);
    TAILQ_INSERT_TAIL(&core->all_sessions, session, in_all);
    return session;
}

void roster_close(struct core *core, struct session *session)
{
    assert(LIST_EMPTY(&session->leases));
    TAILQ_REMOVE(&core->all_sessions, session, in_all);
    route_session_closed(core, session);
    table_remove(&core->sessions, &session->by_number);
    table_remove(&core->session_names, &session->by_name);
    deadline_set(&core->due, &session->silent, DEADLINE_NEVER);
    free_names(&session->kinds);
    free_names(&session->domains);
    free_names(&session->repositories);
    names_give(&core->names, &session->name);
    names_give(&core->names, &session->key);
    free(session);
}

static void lose_all(struct core *core, struct session *session, const char *why)
{
    for (struct operation *op; (op = LIST_FIRST(&session->leases));)
        lease_lost(core, op, why);
}

void roster_silent(struct core *core, struct session *session)
{
    lose_all(core, session, "nothing was heard of its worker for longer than a lease");
    roster_close(core, session);
}

/* ---- hello --------------------------------------------------------------------------------- */

static struct operation *find_lease(const struct core *core, const struct lease_ref *ref)
{
    struct operation *op = operation_find(core, &ref->op);
    bool live =
        op && lifecycle_is_leased(op->record.row.state) && op->record.row.fence == ref->fence;
    return live ? op : NULL;
}

static struct lease_answer abandon(const struct lease_ref *ref)
{
    return (struct lease_answer){.op = ref->op, .fence = ref->fence, .order = LEASE_ABANDON};
}

/* A lease that the worker of this name had, in the session before or before the broker's restart.
 */
static bool is_of(const struct operation *op, const struct session *session)
{
    return op->session == session || (!op->session && op->worker == session->name);
}

static struct lease_answer *adopt_held(struct core *core, struct session *session,
                                       const struct session *before,
                                       const struct msg_worker_hello *hello)
{
    struct lease_answer *answers =
        actions_take(core->actions, (hello->held_count + 1) * sizeof *answers);
    for (uint32_t i = 0; i < hello->held_count; i++) {
        struct operation *op = find_lease(core, &hello->held[i]);
        bool ours = op && (is_of(op, session) || (before && op->session == before));
        if (ours)
            lease_adopt(core, op, session);
        answers[i] = ours ? lease_order(op) : abandon(&hello->held[i]);
    }
    return answers;
}

static void welcome(struct core *core, const struct worker_event *event, struct session *session,
                    struct lease_answer *answers)
{
    struct message *reply =
        actions_reply(core->actions, event->peer, MSG_WORKER_WELCOME, event->message->req);
    reply->worker_welcome = (struct msg_worker_welcome){
        .v = 1,
        .session = session->number,
        .epoch = core->epoch,
        .lease_ms = core->config.lease_ms,
        .renew_ms = renew_ms(core),
        .held_count = event->message->worker_hello.held_count,
        .held = answers,
    };
}

static int judge_hello(const struct core *core, const struct worker_event *event,
                       const struct session *before, struct gpmq_error *err)
{
    const struct msg_worker_hello *hello = &event->message->worker_hello;
    if (!hello->name || !*hello->name || gpmq_id_is_none(&hello->incarnation))
        return fail(err, GPMQ_EINVAL, "a worker's hello needs a name and an incarnation");
    if (!before && core->sessions.count >= core->config.workers_max)
        return fail(err, GPMQ_EFULL, "there are %zu workers already; retry later",
                    core->sessions.count);
    if (!before)
        return 0;
    if (strcmp(before->key->text, event->key) != 0)
        return fail(err, GPMQ_EDENIED, "a worker named '%s' is here already, with another key",
                    hello->name);
    if (memcmp(&hello->incarnation, &before->incarnation, sizeof hello->incarnation) < 0)
        return fail(err, GPMQ_ESTALE,
                    "a worker named '%s' that started later is here already; give each its name",
                    hello->name);
    return 0;
}

/* Leases of this worker's name that nobody came back for: it is here, and does not hold them. */
static void drop_adrift(struct core *core, const struct session *session)
{
    struct operation *op, *next;
    for (op = LIST_FIRST(&core->adrift); op; op = next) {
        next = LIST_NEXT(op, in_session);
        if (op->worker == session->name)
            lease_lost(core, op, "its worker came back without it");
    }
}

/* The same process over another connection, or its hello came twice. */
static void say_again(struct core *core, const struct worker_event *event, struct session *session)
{
    const struct msg_worker_hello *hello = &event->message->worker_hello;

    heard(core, session, event->peer);
    route_session_closed(core, session);
    struct lease_answer *answers = adopt_held(core, session, NULL, hello);
    take_abilities(core, session, hello);
    welcome(core, event, session, answers);
}

/* A new process. What the one before held and this one does not list is lost. */
static void say_first(struct core *core, const struct worker_event *event, struct session *before)
{
    const struct msg_worker_hello *hello = &event->message->worker_hello;
    struct session *session = open_session(core, event);

    heard(core, session, event->peer);
    struct lease_answer *answers = adopt_held(core, session, before, hello);
    if (before) {
        lose_all(core, before, "its worker was started anew");
        roster_close(core, before);
    }
    table_add(&core->session_names, &session->by_name, session->name->text,
              strlen(session->name->text));
    drop_adrift(core, session);
    session->drained = drain_greet(core, session->name->text, &session->incarnation);
    take_abilities(core, session, hello);
    welcome(core, event, session, answers);
}

void roster_hello(struct core *core, const struct worker_event *event)
{
    const struct msg_worker_hello *hello = &event->message->worker_hello;
    const char *name = hello->name ? hello->name : "";
    struct session *before =
        HOLDER(table_find(&core->session_names, name, strlen(name)), struct session, by_name);
    struct gpmq_error err;

    if (judge_hello(core, event, before, &err) != 0) {
        struct message *reply =
            actions_reply(core->actions, event->peer, MSG_ERROR, event->message->req);
        reply->error.code = err.code;
        reply->error.retry_after_ms = err.code == GPMQ_EFULL ? CORE_FULL_RETRY_MS : 0;
        reply->error.text = actions_text(core->actions, err.text);
        return;
    }
    if (before && gpmq_id_equal(&before->incarnation, &hello->incarnation))
        say_again(core, event, before);
    else
        say_first(core, event, before);
}

/* ---- renew and bye ------------------------------------------------------------------------- */

/* Renewed leases are marked by their end, which is the same for all. What was accepted and is
 * missing twice, half a renewal apart at least, is lost. A renewal that was sent before the worker
 * had it, and came late, says nothing of it. */
static void find_missing(struct core *core, struct session *session, uint64_t newest)
{
    int64_t renewed_ms = core->now_ms + core->config.lease_ms + core->config.slack_ms;
    struct operation *op, *next;
    for (op = LIST_FIRST(&session->leases); op; op = next) {
        next = LIST_NEXT(op, in_session);
        bool sent_before = newest < op->record.row.fence; /* or the worker does not say */
        if (op->lease_end_ms == renewed_ms || !op->accepted || sent_before)
            continue;
        if (!op->missing_ms)
            op->missing_ms = core->now_ms;
        else if (core->now_ms - op->missing_ms >= renew_ms(core) / 2)
            lease_lost(core, op, "its worker no longer has it");
    }
}

void roster_renew(struct core *core, const struct worker_event *event)
{
    const struct msg_renew *renew = &event->message->renew;
    struct session *session = roster_heard(core, renew->session, event);
    struct message *reply =
        actions_reply(core->actions, event->peer, MSG_RENEWED, event->message->req);
    if (!session)
        return;
    struct lease_answer *answers =
        actions_take(core->actions, (renew->held_count + 1) * sizeof *answers);

    session->draining = renew->draining;
    for (uint32_t i = 0; i < renew->held_count; i++) {
        struct operation *op = find_lease(core, &renew->held[i]);
        bool ours = op && op->session == session;
        if (ours)
            lease_renew(core, op);
        answers[i] = ours ? lease_order(op) : abandon(&renew->held[i]);
    }
    find_missing(core, session, renew->newest);
    reply->renewed = (struct msg_renewed){session->number, renew->held_count, answers};
}

void roster_bye(struct core *core, const struct worker_event *event)
{
    struct session *session = roster_heard(core, event->message->bye.session, event);
    if (!session)
        return;
    for (struct operation *op; (op = LIST_FIRST(&session->leases));)
        lease_released(core, op);
    roster_close(core, session);
}
