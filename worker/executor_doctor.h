/* executor_doctor.h - an executor that runs nothing, and says what is wrong with a domain. */
#ifndef GPMQ_EXECUTOR_DOCTOR_H
#define GPMQ_EXECUTOR_DOCTOR_H

#include "doctor.h"

/* Looks at the domain "NAME=URL"; helper: gpmq-sysvol-acl, or NULL. Tickets are kept in a folder of
 * its own, which goes. Returns the exit code: 0, or 1 where there is a problem. */
int executor_doctor(const char *domain, const char *helper, bool json, bool may_write);

#endif
