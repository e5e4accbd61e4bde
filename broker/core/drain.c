/* drain.c - workers that get nothing new. */
#include "drain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "fail.h"
#include "table.h"

#define MARK_PREFIX      "drain\x1f" /* then the incarnation, then the worker's name */
#define MARK_PREFIX_SIZE (sizeof MARK_PREFIX - 1)
#define ID_TEXT          (GPMQ_ID_TEXT_SIZE - 1)
#define MARK_SIZE        (MARK_PREFIX_SIZE + ID_TEXT + GPMQ_NAME_MAX + 1)

struct drain_entry {
    LIST_ENTRY(drain_entry) in_all;
    char mark[MARK_SIZE];
};

static const char *worker_of(const struct drain_entry *entry)
{
    return entry->mark + MARK_PREFIX_SIZE + ID_TEXT;
}

static void name_mark(char mark[MARK_SIZE], const char *worker, const struct gpmq_id *incarnation)
{
    char id[GPMQ_ID_TEXT_SIZE];
    snprintf(mark, MARK_SIZE, MARK_PREFIX "%s%s", gpmq_id_text(incarnation, id), worker);
}

static struct drain_entry *find(const struct core *core, const char *mark)
{
    struct drain_entry *entry;
    LIST_FOREACH(entry, &core->drains, in_all)
    if (strcmp(entry->mark, mark) == 0)
        return entry;
    return NULL;
}

static void add(struct core *core, const char *mark)
{
    struct drain_entry *entry = memory_take(sizeof *entry);
    snprintf(entry->mark, sizeof entry->mark, "%s", mark);
    LIST_INSERT_HEAD(&core->drains, entry, in_all);
    core->drain_count++;
}

static void drop(struct core *core, struct drain_entry *entry)
{
    LIST_REMOVE(entry, in_all);
    core->drain_count--;
    free(entry);
}

static void record(struct core *core, const char *mark, int64_t value)
{
    struct core_action *action = actions_add(core->actions, CORE_STORE_MARK, NULL);
    action->name = actions_text(core->actions, mark);
    action->number = (uint64_t)value;
}

void drain_free(struct core *core)
{
    while (!LIST_EMPTY(&core->drains))
        drop(core, LIST_FIRST(&core->drains));
}

void drain_load(struct core *core, const char *name, int64_t since_unix_ms)
{
    bool is_drain = strncmp(name, MARK_PREFIX, MARK_PREFIX_SIZE) == 0 &&
                    strlen(name) > MARK_PREFIX_SIZE + ID_TEXT && strlen(name) < MARK_SIZE;
    if (is_drain && since_unix_ms && !find(core, name))
        add(core, name);
}

bool drain_greet(struct core *core, const char *worker, const struct gpmq_id *incarnation)
{
    char mark[MARK_SIZE];
    struct drain_entry *entry, *next;
    name_mark(mark, worker, incarnation);
    for (entry = LIST_FIRST(&core->drains); entry; entry = next) {
        next = LIST_NEXT(entry, in_all);
        if (strcmp(worker_of(entry), worker) != 0 || strcmp(entry->mark, mark) == 0)
            continue;
        record(core, entry->mark, 0);
        drop(core, entry);
    }
    return find(core, mark) != NULL;
}

/* ---- the message --------------------------------------------------------------------------- */

static struct session *session_named(const struct core *core, const char *name)
{
    return HOLDER(table_find(&core->session_names, name, strlen(name)), struct session, by_name);
}

/* There are no more of them than workers: one of a worker that is not here makes room. */
static void make_room(struct core *core)
{
    struct drain_entry *entry, *next;
    for (entry = LIST_FIRST(&core->drains); entry && core->drain_count >= core->config.workers_max;
         entry = next) {
        next = LIST_NEXT(entry, in_all);
        if (session_named(core, worker_of(entry)))
            continue;
        record(core, entry->mark, 0);
        drop(core, entry);
    }
}

/* Records, then applies. What is as it is wished already stays so. */
static void change(struct core *core, struct session *session, bool resume)
{
    char mark[MARK_SIZE];
    name_mark(mark, session->name->text, &session->incarnation);
    struct drain_entry *entry = find(core, mark);
    session->drained = !resume;
    if (!entry == resume)
        return;
    if (resume) {
        drop(core, entry);
    } else {
        make_room(core);
        add(core, mark);
    }
    record(core, mark, resume ? 0 : core->unix_ms);
}

void drain_message(struct core *core, uint64_t peer, bool admin, const struct message *message)
{
    const struct msg_drain *drain = &message->drain;
    struct session *session = session_named(core, drain->worker);
    struct gpmq_error err;
    int rc = 0;

    if (!admin)
        rc = fail(&err, GPMQ_EDENIED, "only a key of the role admin may drain a worker");
    else if (!session)
        rc = fail(&err, GPMQ_ENOTFOUND, "there is no worker '%s' here; see: gpmq workers",
                  drain->worker);
    if (rc) {
        struct message *refusal = actions_reply(core->actions, peer, MSG_ERROR, message->req);
        refusal->error.code = rc;
        refusal->error.text = actions_text(core->actions, err.text);
        return;
    }
    change(core, session, drain->resume);
    struct message *reply = actions_reply(core->actions, peer, MSG_DRAINING, message->req);
    reply->draining.worker = actions_text(core->actions, drain->worker);
    reply->draining.leases = session->lease_count;
}
