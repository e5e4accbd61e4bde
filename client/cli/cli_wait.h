/* cli_wait.h - follow to the end, or until somebody has had enough. */
#ifndef GPMQ_CLI_WAIT_H
#define GPMQ_CLI_WAIT_H

#include "cli_view.h"

struct cli_waiting {
    struct gpmq_client *client;
    const struct cli_options *options;
    struct view *view;         /* shows what comes; its callback is set already */
    const struct gpmq_id *ids; /* operations and batches that are followed */
    size_t count;
    enum gpmq_wait_for what;
    bool cancel_on_interrupt; /* Ctrl-C asks for cancel; else it leaves at once */
    /* What was just submitted, for the text when no worker serves it; NULL: wait however long. */
    const struct gpmq_request *submitted;
    /* Called when they have ended, before the summary; NULL: nothing is. */
    void (*ended)(void *arg);
    void *ended_arg;
};

/* Waits until they have ended. Ctrl-C once asks to cancel them and waits for their end, twice
 * leaves them alone; --timeout leaves too. What was submitted and finds no worker that serves it
 * within half a minute is cancelled: a name was wrong, most likely. Says what it does; returns the
 * exit code. */
int cli_wait(const struct cli_waiting *waiting);

#endif
