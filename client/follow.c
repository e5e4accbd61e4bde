/* follow.c - the table of what a client follows. */
#include "follow.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* The id is the first member, so that an id alone can be looked for. */
_Static_assert(offsetof(struct follow, id) == 0, "a follow begins with its id");

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct gpmq_id));
}

void follows_init(struct follows *follows)
{
    *follows = (struct follows){0};
    TAILQ_INIT(&follows->list);
}

static void let_go(struct follow *follow)
{
    free(follow->final);
    free(follow);
}

static void keep_node(void *node)
{
    (void)node; /* belongs to the list */
}

void follows_free(struct follows *follows)
{
    tdestroy(follows->tree, keep_node);
    struct follow *follow;
    while ((follow = TAILQ_FIRST(&follows->list))) {
        TAILQ_REMOVE(&follows->list, follow, order);
        let_go(follow);
    }
    follows_init(follows);
}

struct follow *follows_find(const struct follows *follows, const struct gpmq_id *id)
{
    struct follow **found = tfind(id, &follows->tree, compare);
    return found ? *found : NULL;
}

struct follow *follows_add(struct follows *follows, const struct gpmq_id *id)
{
    struct follow *follow = follows_find(follows, id);
    if (follow)
        return follow;
    follow = calloc(1, sizeof *follow);
    if (!follow)
        return NULL;
    follow->id = *id;
    if (!tsearch(follow, &follows->tree, compare)) {
        free(follow);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&follows->list, follow, order);
    follows->count++;
    return follow;
}

void follows_remove(struct follows *follows, struct follow *follow)
{
    tdelete(follow, &follows->tree, compare);
    TAILQ_REMOVE(&follows->list, follow, order);
    follows->count--;
    let_go(follow);
}

int follow_keep(struct follow *follow, const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    if (!copy)
        return GPMQ_ENOMEM;
    free(follow->final);
    follow->final = memcpy(copy, bytes, size);
    follow->final_size = size;
    return 0;
}
