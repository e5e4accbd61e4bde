/* why.c - why an operation waits. */
#include "why.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "deps.h"
#include "fail.h"
#include "keys.h"
#include "operation.h"
#include "pauses.h"
#include "route.h"

#define WORDS_SIZE (3 * GPMQ_NAME_MAX)

/* fail() cuts what is too long at a character; the code is of no use here. */
#define SAY(why, ...)                                                                              \
    do {                                                                                           \
        struct gpmq_error said_;                                                                   \
        fail(&said_, GPMQ_EBUSY, __VA_ARGS__);                                                     \
        memcpy((why)->text, said_.text, sizeof(why)->text);                                        \
    } while (0)

static void say_not_before(const struct core *core, const struct operation *op, struct why *why)
{
    char time[CLOCK_TEXT_SIZE];
    (void)core;
    SAY(why, "it is not to begin before %s", clock_text(op->record.row.due_unix_ms, time));
}

static void say_dependency(const struct core *core, const struct operation *op, struct why *why)
{
    char id[GPMQ_ID_TEXT_SIZE], more[48] = "";
    const struct op_row *on = deps_first_open(op);
    if (!on)
        return;
    const struct operation *other = operation_find(core, &on->id);
    why->who = on->id;
    if (op->dep_open > 1)
        snprintf(more, sizeof more, " and %u others", op->dep_open - 1);
    SAY(why, "%s %s (%s%s%s)%s must succeed first", other ? "operation" : "batch",
        gpmq_id_text(&why->who, id), other ? other->route->kind : "", other ? ", " : "",
        gpmq_state_name(on->state), more);
}

static void say_key(const struct core *core, const struct operation *op, struct why *why)
{
    char id[GPMQ_ID_TEXT_SIZE];
    const struct key_use *use = keys_blocking_use(op);
    const struct key_use *held = use ? LIST_FIRST(&use->key->holders) : NULL;
    (void)core;
    if (!held) {
        SAY(why, "it waits for its turn");
        return;
    }
    const struct operation *holder = held->op;
    why->who = holder->record.row.id;
    gpmq_id_text(&why->who, id);
    if (keys_is_gpo(use->key))
        SAY(why, "operation %s (%s, on %s) changes the same GPO", id, holder->route->kind,
            holder->worker ? holder->worker->text : "a worker");
    else
        SAY(why, "the key '%s' lets %u run at once, and operation %s (%s) is one of them",
            use->key->text, use->limit, id, holder->route->kind);
}

/* " kind 'x' domain 'y'": what is not empty of them. */
static const char *words_of(const char *kind, const char *domain, const char *repository,
                            char text[WORDS_SIZE])
{
    const struct {
        const char *what, *word;
    } words[] = {{"kind", kind}, {"domain", domain}, {"repository", repository}};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (*words[i].word && used < WORDS_SIZE)
            used += (size_t)snprintf(text + used, WORDS_SIZE - used, " %s '%s'", words[i].what,
                                     words[i].word);
    return text;
}

static void say_paused(const struct core *core, const struct operation *op, struct why *why)
{
    char words[WORDS_SIZE], since[CLOCK_TEXT_SIZE];
    const struct pause *pause = pauses_find(core, op->route);
    if (!pause)
        return;
    words_of(pause->kind, pause->domain, pause->repository, words);
    SAY(why, "an admin has paused%s since %s; gpmq resume ends that", *words ? words : " the queue",
        clock_text(pause->since_unix_ms, since));
}

static bool serves_kind(const struct session *session, const char *kind)
{
    for (uint32_t i = 0; i < session->kinds.count; i++)
        if (strcmp(session->kinds.items[i], kind) == 0)
            return true;
    return false;
}

static void say_no_worker(const struct core *core, const struct operation *op, struct why *why)
{
    char words[WORDS_SIZE];
    const struct session *session;
    const struct route *route = op->route;
    uint32_t here = 0, for_kind = 0;
    TAILQ_FOREACH(session, &core->all_sessions, in_all)
    {
        here++;
        for_kind += serves_kind(session, route->kind);
    }
    if (!here)
        SAY(why, "no worker is here: start one");
    else if (!for_kind)
        SAY(why, "none of the %u workers here serves the kind '%s'; see: gpmq workers", here,
            route->kind);
    else
        SAY(why, "none of the %u workers here serves%s; see: gpmq workers", here,
            words_of(route->kind, route->domain, route->repository, words));
}

typedef void say_fn(const struct core *core, const struct operation *op, struct why *why);

static say_fn *const say[GPMQ_REASON_END] = {
    [GPMQ_REASON_NOT_BEFORE] = say_not_before,
    [GPMQ_REASON_DEPENDENCY] = say_dependency,
    [GPMQ_REASON_KEY] = say_key,
    [GPMQ_REASON_PAUSED] = say_paused,
    [GPMQ_REASON_NO_WORKER] = say_no_worker,
};

struct why why_it_waits(const struct core *core, const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    struct why why = {.text = ""};
    if (row->state == GPMQ_WAITING && say[row->reason])
        say[row->reason](core, op, &why);
    return why;
}

void core_explain(const struct core *core, const struct gpmq_id *id, struct arena *arena,
                  struct gpmq_id *who, const char **text)
{
    const struct operation *op = operation_find(core, id);
    *who = (struct gpmq_id){{0}};
    *text = NULL;
    if (!op)
        return;
    struct why why = why_it_waits(core, op);
    *who = why.who;
    *text = *why.text ? arena_text(arena, why.text) : NULL;
}
