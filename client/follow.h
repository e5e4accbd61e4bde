/*
 * follow.h - what a client follows: operations and batches, each with its history.
 *
 * A table and nothing more: asking and delivering is feed.c's. Entries stay where they are until
 * they are taken out.
 */
#ifndef GPMQ_FOLLOW_H
#define GPMQ_FOLLOW_H

#include <sys/queue.h>

#include "codec.h"
#include "gpmq/client.h"
#include "history.h"

struct follow {
    struct gpmq_id id;
    struct gpmq_id batch; /* of an operation of a followed batch; of a batch: its own id */
    bool is_batch;
    struct history history;
    gpmq_status_fn *callback; /* NULL: nobody listens */
    void *user;
    char topic[TOPIC_SIZE];    /* what we subscribed to for it alone; "": nothing */
    size_t open_count;         /* of a batch: its operations whose end was not delivered */
    bool listed;               /* of a batch: all its operations are in the table */
    uint64_t list_request;     /* of a batch: the listing that is under way */
    int64_t list_ms;           /* when it was asked */
    struct gpmq_id list_after; /* the last id of its page before */
    size_t final_size;
    uint8_t *final; /* the encoded final frame, once its callback has run */
    TAILQ_ENTRY(follow) order;
};

struct follows {
    void *tree; /* by id (search.h) */
    size_t count;
    TAILQ_HEAD(follow_list, follow) list; /* in the order in which they were added */
};

void follows_init(struct follows *follows);
void follows_free(struct follows *follows);

struct follow *follows_find(const struct follows *follows, const struct gpmq_id *id);
/* The entry of id, made if there is none; NULL: no memory. */
struct follow *follows_add(struct follows *follows, const struct gpmq_id *id);
void follows_remove(struct follows *follows, struct follow *follow);

/* Keeps the final frame. GPMQ_ENOMEM. */
int follow_keep(struct follow *follow, const void *bytes, size_t size) GPMQ_CHECKED;

#endif
