/* report.h - what workers tell of their leases. */
#ifndef GPMQ_REPORT_H
#define GPMQ_REPORT_H

#include "roster.h"

/* MSG_REPORT: each report counts once, in order, and only from the lease it belongs to. */
void report_message(struct core *core, const struct worker_event *event);

#endif
