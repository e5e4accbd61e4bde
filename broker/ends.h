/*
 * ends.h - the log says which operations ended, with their attempt and trace.
 *
 * What ended badly is said at level info, what was cancelled or succeeded at debug. The trace lies
 * in the request, in the store: it is read within the round, and told when that is on disk.
 */
#ifndef GPMQ_ENDS_H
#define GPMQ_ENDS_H

#include "parts.h"

/* At most so many lines of ends in PACE_PERIOD_MS: the others are counted. */
#define ENDS_LINES 1000

/* Looks up what there is to say of the operations that end in this round. */
step_fn ends_note;
/* Says it. */
step_fn ends_log;

#endif
