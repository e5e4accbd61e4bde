/*
 * report_policies.h - the policies of a Registry section: registry values by the names that
 * administrative templates give them.
 */
#ifndef GPMQ_REPORT_POLICIES_H
#define GPMQ_REPORT_POLICIES_H

#include "admx_match.h"
#include "report_parts.h"

/* Writes a Policy element for each policy of that side which report->pol sets, in the order of the
 * file; the values it stands for are then told. A value that two policies set belongs to the first.
 * admx NULL: writes nothing. */
int report_policies(struct report *report, const struct admx *admx, bool computer,
                    struct gpmq_error *err) GPMQ_CHECKED;

/* Within a Policy element that is open: its presentation's elements, then those that it leaves out.
 */
int report_policy_elements(struct report *report, const struct admx_values *values,
                           const struct admx_policy *policy, struct gpmq_error *err) GPMQ_CHECKED;
/* "NotConfigured", "Enabled", "Disabled". */
const char *report_policy_state(enum admx_state state);

#endif
