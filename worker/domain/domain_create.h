/*
 * domain_create.h - inside domain_create(): what its two source files share.
 */
#ifndef GPMQ_DOMAIN_CREATE_H
#define GPMQ_DOMAIN_CREATE_H

#include "ldif.h"

/* "example.test" as "DC=example,DC=test"; free() it. GPMQ_EINVAL: no DNS name. */
int create_dn(const char *dns_name, char **out, struct gpmq_error *err) GPMQ_CHECKED;
/* The NetBIOS name that goes with a DNS name; free() it. GPMQ_EINVAL: `given` is none. */
int create_netbios(const char *dns_name, const char *given, char **out,
                   struct gpmq_error *err) GPMQ_CHECKED;
/* The crossRef that holds the NetBIOS name. */
int create_cross_ref(struct ldif *ldif, const char *dn, const char *dns_name, const char *netbios,
                     struct gpmq_error *err) GPMQ_CHECKED;
/* domain.ldif of an empty domain with a random SID and GUID and its well-known principals. */
int create_new_directory(const char *dn, const char *dns_name, const char *netbios,
                         struct ldif **out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
