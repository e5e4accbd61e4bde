/* pauses.c - what an admin holds back. */
#include "pauses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "route.h"

#define MARK_PREFIX    "pause"
#define MARK_SEPARATOR '\x1f' /* no name has it */
#define MARK_SIZE      (GPMQ_KIND_MAX + 2 * GPMQ_NAME_MAX + 16)

/* ---- entries ------------------------------------------------------------------------------- */

static const char *word(const char *given)
{
    return given ? given : "";
}

/* Writes the name of a pause's mark: the same words, the same name. */
static void mark_name(char mark[MARK_SIZE], const struct msg_pause *pause)
{
    snprintf(mark, MARK_SIZE, "%s%c%s%c%s%c%s", MARK_PREFIX, MARK_SEPARATOR, word(pause->kind),
             MARK_SEPARATOR, word(pause->domain), MARK_SEPARATOR, word(pause->repository));
}

static struct pause_entry *find(const struct core *core, const char *mark)
{
    struct pause_entry *entry;
    LIST_FOREACH(entry, &core->pauses, in_all)
    if (strcmp(entry->mark, mark) == 0)
        return entry;
    return NULL;
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_take(size), text, size);
}

/* The next of the words, which begins behind a separator; NULL: there is none. */
static const char *cut(char **at)
{
    char *separator = *at ? strchr(*at, MARK_SEPARATOR) : NULL;
    *at = separator ? separator + 1 : NULL;
    if (separator)
        *separator = '\0';
    return *at;
}

static void add(struct core *core, const char *mark, int64_t since_unix_ms)
{
    struct pause_entry *entry = memory_take(sizeof *entry);
    entry->mark = copy(mark);
    entry->words = copy(mark);
    char *at = entry->words;
    entry->pause.kind = word(cut(&at));
    entry->pause.domain = word(cut(&at));
    entry->pause.repository = word(cut(&at));
    entry->pause.since_unix_ms = since_unix_ms;
    LIST_INSERT_HEAD(&core->pauses, entry, in_all);
    core->pause_count++;
}

static void drop(struct core *core, struct pause_entry *entry)
{
    LIST_REMOVE(entry, in_all);
    core->pause_count--;
    free(entry->mark);
    free(entry->words);
    free(entry);
}

void pauses_free(struct core *core)
{
    for (struct pause_entry *entry; (entry = LIST_FIRST(&core->pauses));)
        drop(core, entry);
}

static bool fits(const char *wanted, const char *name)
{
    return !*wanted || strcmp(wanted, name) == 0;
}

const struct pause *pauses_find(const struct core *core, const struct route *route)
{
    const struct pause_entry *entry;
    LIST_FOREACH(entry, &core->pauses, in_all)
    {
        const struct pause *pause = &entry->pause;
        bool domain = fits(pause->domain, route->domain) ||
                      (*route->target_domain && fits(pause->domain, route->target_domain));
        if (fits(pause->kind, route->kind) && domain && fits(pause->repository, route->repository))
            return pause;
    }
    return NULL;
}

bool pauses_hold(const struct core *core, const struct route *route)
{
    return pauses_find(core, route) != NULL;
}

static void apply(struct core *core)
{
    struct route *route, *next;
    for (route = LIST_FIRST(&core->all_routes); route; route = next) {
        next = LIST_NEXT(route, in_all);
        if (route->paused != pauses_hold(core, route))
            route_pause(core, route);
    }
}

void pauses_load(struct core *core, const char *name, int64_t since_unix_ms)
{
    static const char prefix[] = {MARK_PREFIX "\x1f"};
    if (strncmp(name, prefix, sizeof prefix - 1) != 0 || !since_unix_ms || find(core, name))
        return;
    add(core, name, since_unix_ms);
}

void pauses_list(const struct core *core, struct arena *arena, struct pause **out, uint32_t *count)
{
    const struct pause_entry *entry;
    *count = 0;
    *out = arena_take(arena, (core->pause_count + 1) * sizeof **out);
    if (!*out)
        return;
    LIST_FOREACH(entry, &core->pauses, in_all)
    (*out)[(*count)++] = entry->pause;
}

/* ---- the message --------------------------------------------------------------------------- */

static int judge(const struct core *core, bool admin, const struct msg_pause *pause,
                 const char *mark, struct gpmq_error *err)
{
    const char *const words[] = {word(pause->kind), word(pause->domain), word(pause->repository)};
    if (!admin)
        return fail(err, GPMQ_EDENIED, "only a key of the role admin may pause or resume");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strchr(words[i], MARK_SEPARATOR))
            return fail(err, GPMQ_EINVAL, "a name of what is to be paused has a control character");
    if (!pause->resume && !find(core, mark) && core->pause_count >= MESSAGE_PAUSES_MAX)
        return fail(err, GPMQ_EFULL, "%d pauses are in force; resume one of them first",
                    MESSAGE_PAUSES_MAX);
    return 0;
}

/* Records, then applies. What is as it is wished already stays so. */
static void change(struct core *core, const char *mark, bool resume)
{
    struct pause_entry *entry = find(core, mark);
    if (!entry == resume)
        return;
    struct core_action *action = actions_add(core->actions, CORE_STORE_MARK, NULL);
    action->name = actions_text(core->actions, mark);
    action->number = resume ? 0 : (uint64_t)core->unix_ms;
    if (resume)
        drop(core, entry);
    else
        add(core, mark, core->unix_ms);
    apply(core);
}

static void answer(struct core *core, uint64_t peer, uint64_t req)
{
    struct message *reply = actions_reply(core->actions, peer, MSG_PAUSED, req);
    const struct pause_entry *entry;
    struct pause *pauses = actions_take(core->actions, (core->pause_count + 1) * sizeof *pauses);
    reply->paused.pauses = pauses;
    LIST_FOREACH(entry, &core->pauses, in_all)
    {
        struct pause *pause = &pauses[reply->paused.pause_count++];
        pause->kind = actions_text(core->actions, entry->pause.kind);
        pause->domain = actions_text(core->actions, entry->pause.domain);
        pause->repository = actions_text(core->actions, entry->pause.repository);
        pause->since_unix_ms = entry->pause.since_unix_ms;
    }
}

void pauses_message(struct core *core, uint64_t peer, bool admin, const struct message *message)
{
    char mark[MARK_SIZE];
    struct gpmq_error err;

    mark_name(mark, &message->pause);
    if (judge(core, admin, &message->pause, mark, &err) != 0) {
        struct message *reply = actions_reply(core->actions, peer, MSG_ERROR, message->req);
        reply->error.code = err.code;
        reply->error.retry_after_ms = err.code == GPMQ_EFULL ? CORE_FULL_RETRY_MS : 0;
        reply->error.text = actions_text(core->actions, err.text);
        return;
    }
    change(core, mark, message->pause.resume);
    answer(core, peer, message->req);
}
