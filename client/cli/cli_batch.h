/*
 * cli_batch.h - one operation or many: submit them, follow them to the end.
 */
#ifndef GPMQ_CLI_BATCH_H
#define GPMQ_CLI_BATCH_H

#include "cli_options.h"
#include "cli_view.h"

/* What is to be done to what. Items own their text. */
struct cli_work {
    struct gpmq_client *client;
    const struct cli_options *options;
    struct view *view;
    struct gpmq_request request; /* what all items share */
    bool single;                 /* one thing was named: no batch around it */
    struct gpmq_id op;           /* of a single one that was submitted */
    struct gpmq_id *ops;         /* of each item, once submitted; zero: it was refused */
    char *label;                 /* of the batch */
    size_t count;
    size_t room;
    struct gpmq_batch_item *items;
};

int work_open(struct cli_work *work, const char *verb, struct gpmq_error *err) GPMQ_CHECKED;
void work_close(struct cli_work *work);

/* Adds an item. The same key twice, or a name that is too long, is refused, which fails only that
 * item; a label is cut to GPMQ_LABEL_MAX. */
int work_add(struct cli_work *work, const struct gpmq_batch_item *item,
             struct gpmq_error *err) GPMQ_CHECKED;
/* Submits all and follows them, or with --detach only prints the id. Returns the exit code. */
int work_run(struct cli_work *work);
/* Whether the operation of an item has ended well, and the content of its result. */
bool work_ended_well(const struct cli_work *work, size_t item);
int work_content_of(struct cli_work *work, size_t item, struct gpmq_content **out,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* The content of the result that a single one, which ended well, has. gpmq_content_free() it. */
int work_content(struct cli_work *work, struct gpmq_content **out,
                 struct gpmq_error *err) GPMQ_CHECKED;

#endif
