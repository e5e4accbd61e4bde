/*
 * names.h - names of clients and workers, kept once however many operations carry them.
 */
#ifndef GPMQ_NAMES_H
#define GPMQ_NAMES_H

#include "table.h"

struct name {
    struct table_node node;
    uint32_t uses;
    uint32_t open; /* operations of the client of this name that have not ended */
    uint32_t live; /* those of them that a worker has */
    uint64_t turn; /* of the client: who has the lowest is next, see fair.h */
    char text[];
};

/* The name with this text, which counts one more use; NULL for NULL. */
struct name *names_take(struct table *names, const char *text);
/* The name if it is in use, without a use more; or NULL. */
struct name *names_find(const struct table *names, const char *text);
/* Gives one use back and sets *name_p to NULL; takes NULL. */
void names_give(struct table *names, struct name **name_p);

#endif
