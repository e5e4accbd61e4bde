/*
 * report_security.h - the parts of the Security section that are access lists.
 */
#ifndef GPMQ_REPORT_SECURITY_H
#define GPMQ_REPORT_SECURITY_H

#include "report_inf.h"
#include "report_parts.h"

/* SystemServices, Registry and File: the bare lines of [Service General Setting], [Registry Keys]
 * and [File Security], in the file's order. SDDL that cannot be read is printed, no more. */
int report_security_access(struct report *report, const struct report_lines *lines,
                           struct gpmq_error *err) GPMQ_CHECKED;

#endif
