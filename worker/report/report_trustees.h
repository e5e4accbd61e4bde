/*
 * report_trustees.h - a security descriptor in a report: who may do what.
 */
#ifndef GPMQ_REPORT_TRUSTEES_H
#define GPMQ_REPORT_TRUSTEES_H

#include "report_parts.h"
#include "sd.h"

/* What a descriptor guards, which decides how its rights are named. */
enum report_guarded {
    REPORT_GUARDS_GPO,
    REPORT_GUARDS_REGISTRY,
    REPORT_GUARDS_FILE,
    REPORT_GUARDS_SERVICE,
    REPORT_GUARDS_END
};

/* Writes the content of a SecurityDescriptor: SDDL, Owner, Group, PermissionsPresent, Permissions,
 * AuditingPresent. Of a GPO there is one TrusteePermissions for each trustee, without CREATOR
 * OWNER; of others one for each ACE. sd NULL: there is none, and both are false. sddl NULL: it is
 * made from *sd. As Windows does it, a SACL is in the SDDL alone. */
int report_descriptor(struct report *report, const struct sd *sd, const char *sddl,
                      enum report_guarded guarded, struct gpmq_error *err) GPMQ_CHECKED;

#endif
