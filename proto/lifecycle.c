/* lifecycle.c - the table of legal transitions. */
#include "lifecycle.h"

#include <assert.h>

/* From, event, to. A pair that is not here stays zero, which is no state, and is refused. */
/* clang-format off */
static const uint8_t next_state[GPMQ_STATE_END][EV_END] = {
    [GPMQ_WAITING]    [EV_QUEUE]       = GPMQ_QUEUED,
    [GPMQ_WAITING]    [EV_WAIT]        = GPMQ_WAITING,    /* for something else now */
    [GPMQ_WAITING]    [EV_FAIL]        = GPMQ_FAILED,     /* what had to succeed first did not */
    [GPMQ_WAITING]    [EV_CANCEL]      = GPMQ_CANCELLED,
    [GPMQ_WAITING]    [EV_EXPIRE]      = GPMQ_EXPIRED,

    [GPMQ_QUEUED]     [EV_WAIT]        = GPMQ_WAITING,
    [GPMQ_QUEUED]     [EV_ASSIGN]      = GPMQ_ASSIGNED,
    [GPMQ_QUEUED]     [EV_CANCEL]      = GPMQ_CANCELLED,
    [GPMQ_QUEUED]     [EV_EXPIRE]      = GPMQ_EXPIRED,

    [GPMQ_ASSIGNED]   [EV_ACCEPT]      = GPMQ_RUNNING,
    [GPMQ_ASSIGNED]   [EV_REJECT]      = GPMQ_QUEUED,
    [GPMQ_ASSIGNED]   [EV_LOST]        = GPMQ_QUEUED,     /* never began: may begin elsewhere */
    [GPMQ_ASSIGNED]   [EV_CANCEL]      = GPMQ_CANCELLING,
    [GPMQ_ASSIGNED]   [EV_EXPIRE]      = GPMQ_CANCELLING, /* it may have begun: stop it first */

    [GPMQ_RUNNING]    [EV_SUCCEED]     = GPMQ_SUCCEEDED,
    [GPMQ_RUNNING]    [EV_FAIL]        = GPMQ_FAILED,
    [GPMQ_RUNNING]    [EV_RETRY]       = GPMQ_RETRY_WAIT,
    [GPMQ_RUNNING]    [EV_LOST]        = GPMQ_RETRY_WAIT, /* may still run: try again later */
    [GPMQ_RUNNING]    [EV_KILL]        = GPMQ_DEAD,
    [GPMQ_RUNNING]    [EV_CANCEL]      = GPMQ_CANCELLING,
    [GPMQ_RUNNING]    [EV_EXPIRE]      = GPMQ_CANCELLING,

    [GPMQ_RETRY_WAIT] [EV_QUEUE]       = GPMQ_QUEUED,
    [GPMQ_RETRY_WAIT] [EV_CANCEL]      = GPMQ_CANCELLED,
    [GPMQ_RETRY_WAIT] [EV_EXPIRE]      = GPMQ_EXPIRED,

    [GPMQ_CANCELLING] [EV_ACCEPT]      = GPMQ_CANCELLING, /* it began, and is being stopped */
    [GPMQ_CANCELLING] [EV_REJECT]      = GPMQ_CANCELLED,
    [GPMQ_CANCELLING] [EV_CANCEL]      = GPMQ_CANCELLING, /* asking twice is asking once */
    [GPMQ_CANCELLING] [EV_SUCCEED]     = GPMQ_SUCCEEDED,  /* it ended first */
    [GPMQ_CANCELLING] [EV_FAIL]        = GPMQ_FAILED,
    [GPMQ_CANCELLING] [EV_CANCELLED]   = GPMQ_CANCELLED,
    [GPMQ_CANCELLING] [EV_UNCONFIRMED] = GPMQ_CANCELLED_UNCONFIRMED,
    [GPMQ_CANCELLING] [EV_EXPIRED]     = GPMQ_EXPIRED,
};
/* clang-format on */

static const char *const event_names[EV_END] = {
    [EV_QUEUE] = "queue",
    [EV_WAIT] = "wait",
    [EV_ASSIGN] = "assign",
    [EV_ACCEPT] = "accept",
    [EV_REJECT] = "reject",
    [EV_LOST] = "lost",
    [EV_SUCCEED] = "succeed",
    [EV_FAIL] = "fail",
    [EV_RETRY] = "retry",
    [EV_KILL] = "kill",
    [EV_CANCEL] = "cancel",
    [EV_CANCELLED] = "cancelled",
    [EV_UNCONFIRMED] = "unconfirmed",
    [EV_EXPIRE] = "expire",
    [EV_EXPIRED] = "expired",
};

int lifecycle_next(enum gpmq_state from, enum op_event event, enum gpmq_state *out)
{
    assert(from > 0 && from < GPMQ_STATE_END);
    assert(event > 0 && event < EV_END);

    enum gpmq_state to = next_state[from][event];
    if (!to)
        return GPMQ_ESTATE;
    *out = to;
    return 0;
}

bool lifecycle_is_leased(enum gpmq_state state)
{
    return state == GPMQ_ASSIGNED || state == GPMQ_RUNNING || state == GPMQ_CANCELLING;
}

const char *lifecycle_event_name(enum op_event event)
{
    return event > 0 && event < EV_END ? event_names[event] : "unknown";
}
