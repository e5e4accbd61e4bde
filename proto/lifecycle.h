/*
 * lifecycle.h - which event moves an operation from which state to which.
 *
 * The one table of the whole project: broker, store, library and simulator ask here. What is not in
 * the table is refused.
 */
#ifndef GPMQ_LIFECYCLE_H
#define GPMQ_LIFECYCLE_H

#include "gpmq/op.h"

enum op_event {
    EV_QUEUE = 1,   /* nothing holds it back any more */
    EV_WAIT,        /* something must happen first */
    EV_ASSIGN,      /* given to a worker */
    EV_ACCEPT,      /* the worker runs it */
    EV_REJECT,      /* the worker will not run it, and has not begun */
    EV_LOST,        /* the worker is gone, or did not answer */
    EV_SUCCEED,     /* ended well */
    EV_FAIL,        /* ended badly, for good */
    EV_RETRY,       /* the attempt ended; another one comes later */
    EV_KILL,        /* it killed too many executors or workers */
    EV_CANCEL,      /* somebody wants it to end */
    EV_CANCELLED,   /* its worker has stopped it because of that */
    EV_UNCONFIRMED, /* its worker did not say whether it stopped; it is fenced off */
    EV_EXPIRE,      /* its deadline has passed */
    EV_EXPIRED,     /* its deadline had passed, and it no longer runs */
    EV_END
};

/* Where `event` leads from `from`. GPMQ_ESTATE: nowhere; *out is as it was. */
int lifecycle_next(enum gpmq_state from, enum op_event event, enum gpmq_state *out) GPMQ_CHECKED;

/* Whether a worker may be at work on an operation in this state: ASSIGNED, RUNNING, CANCELLING. */
bool lifecycle_is_leased(enum gpmq_state state);

/* "accept", "unconfirmed"; "unknown" for anything else. Static. */
const char *lifecycle_event_name(enum op_event event);

#endif
