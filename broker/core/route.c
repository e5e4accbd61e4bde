/* route.c - kinds, domains and repositories, matched once per session and not once per operation.
 */
#include "route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "operation.h"
#include "pauses.h"

/* Copies the four words, each with its NUL, and says where each lies; none is an empty one. */
static size_t write_words(char *out, const char *const words[4], const char *places[4])
{
    size_t size = 0;
    for (int i = 0; i < 4; i++) {
        const char *word = words[i] ? words[i] : "";
        size_t length = strlen(word) + 1;
        if (out)
            memcpy(out + size, word, length);
        if (places)
            places[i] = out + size;
        size += length;
    }
    return size;
}

static bool has_name(const struct name_list *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

bool route_is_served_by(const struct route *route, const struct session *session)
{
    return has_name(&session->kinds, route->kind) &&
           (!*route->domain || has_name(&session->domains, route->domain)) &&
           (!*route->target_domain || has_name(&session->domains, route->target_domain)) &&
           (!*route->repository || has_name(&session->repositories, route->repository));
}

static void count_servers(struct core *core, struct route *route)
{
    struct session *session;
    TAILQ_FOREACH(session, &core->all_sessions, in_all)
    if (route_is_served_by(route, session))
        route->server_count++;
}

static struct route *route_new(struct core *core, const char *const words[4], size_t size)
{
    struct route *route = memory_take(sizeof *route + size);
    const char *places[4];

    write_words(route->text, words, places);
    route->kind = places[0];
    route->domain = places[1];
    route->target_domain = places[2];
    route->repository = places[3];
    route->bare.of = DEADLINE_ROUTE;
    fair_start(&route->ready);
    queue_start(&route->waiting);
    queue_start(&route->held);
    route->paused = pauses_hold(core, route);
    count_servers(core, route);
    table_add(&core->routes, &route->node, route->text, size);
    LIST_INSERT_HEAD(&core->all_routes, route, in_all);
    return route;
}

struct route *route_take(struct core *core, const struct gpmq_request *request)
{
    const char *const words[4] = {request->kind, request->domain, request->target_domain,
                                  request->repository};
    char text[4 * (GPMQ_NAME_MAX + 1)];
    size_t size = write_words(NULL, words, NULL);

    assert(size <= sizeof text);
    write_words(text, words, NULL);
    struct route *route = HOLDER(table_find(&core->routes, text, size), struct route, node);
    if (!route)
        route = route_new(core, words, size);
    route->uses++;
    return route;
}

void route_give(struct core *core, struct route **route_p)
{
    struct route *route = STEAL(*route_p);
    if (!route || --route->uses)
        return;
    if (route->active)
        LIST_REMOVE(route, in_active);
    deadline_set(&core->due, &route->bare, DEADLINE_NEVER);
    LIST_REMOVE(route, in_all);
    table_remove(&core->routes, &route->node);
    free(route);
}

void route_session_opened(struct core *core, const struct session *session)
{
    struct route *route, *next;
    for (route = LIST_FIRST(&core->all_routes); route; route = next) {
        next = LIST_NEXT(route, in_all);
        if (!route_is_served_by(route, session))
            continue;
        route->server_count++;
        deadline_set(&core->due, &route->bare, DEADLINE_NEVER);
        for (struct operation *op; (op = queue_first(&route->waiting));)
            operation_queue(core, op);
    }
}

void route_session_closed(struct core *core, const struct session *session)
{
    struct route *route;
    LIST_FOREACH(route, &core->all_routes, in_all)
    if (route_is_served_by(route, session) && --route->server_count == 0)
        deadline_set(&core->due, &route->bare, core->now_ms + core->config.lease_ms);
}

void route_bare(struct core *core, struct route *route)
{
    if (route->server_count)
        return;
    for (struct operation *op; (op = fair_any(&route->ready));)
        operation_wait(core, op, GPMQ_REASON_NO_WORKER);
}

void route_pause(struct core *core, struct route *route)
{
    route->paused = pauses_hold(core, route);
    if (route->paused)
        for (struct operation *op; (op = fair_any(&route->ready));)
            operation_wait(core, op, GPMQ_REASON_PAUSED);
    else
        for (struct operation *op; (op = queue_first(&route->held));)
            operation_queue(core, op);
}

void route_activate(struct core *core, struct route *route)
{
    if (!route->server_count && !route->bare.place)
        deadline_set(&core->due, &route->bare, core->now_ms + core->config.lease_ms);
    if (route->active)
        return;
    route->active = true;
    LIST_INSERT_HEAD(&core->active_routes, route, in_active);
}
