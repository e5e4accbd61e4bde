/*
 * domain_records.h - what LDIF records of a directory mean: SOMs, WMI filters, principals. The
 * records may come from a file or from an LDAP search; those of other classes are passed over.
 */
#ifndef GPMQ_DOMAIN_RECORDS_H
#define GPMQ_DOMAIN_RECORDS_H

#include "domain.h"
#include "ldif.h"
#include "sid.h"

/* The SOMs among the records: the domain `domain_dn`, OUs below it, sites; as domain_ops.soms(). */
int records_soms(const struct ldif *directory, const char *domain_dn, struct domain_soms *out,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* The WMI filters among the records, as domain_ops.wmi_filters(). */
int records_wmi_filters(const struct ldif *directory, struct domain_wmi_filters *out,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* Fills in what an account's record, which has a sAMAccountName, tells of its principal; ->sid is
 * left as it is. */
int records_principal(const struct ldif_record *record, const struct sid *sid,
                      const struct domain_info *info, struct domain_principal *principal,
                      struct gpmq_error *err) GPMQ_CHECKED;

#endif
