/* dispatch.h - queued operations and workers with room become leases. */
#ifndef GPMQ_DISPATCH_H
#define GPMQ_DISPATCH_H

#include "core_state.h"

/* Gives out all that can be given out now. */
void dispatch(struct core *core);

#endif
