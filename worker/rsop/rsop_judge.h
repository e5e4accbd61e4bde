/*
 * rsop_judge.h - does one link take effect? [MS-GPOL] 3.2.5.1.6, and the WMI Filter Evaluation
 * behind it. Used by rsop_plan.c.
 */
#ifndef GPMQ_RSOP_JUDGE_H
#define GPMQ_RSOP_JUDGE_H

#include "rsop_plan.h"

/* Adds to entry->reasons what keeps the GPO from `side`; link and inheritance were judged before.
 * Fills in denied_by, wmi, wmi_filter and no_descriptor. */
void rsop_judge(struct rsop_entry *entry, enum rsop_side side,
                const struct rsop_directory *directory, const struct rsop_request *request);

#endif
