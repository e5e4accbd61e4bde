/*
 * gplink.h - the gPLink attribute of a domain, an organizational unit or a site ([MS-GPOL] 2.2.2):
 *
 *     [LDAP://cn={GUID},cn=policies,cn=system,DC=example,DC=test;2][LDAP://...;0]
 *
 * The options behind ';' are bits: 1 the link is disabled, 2 it is enforced. The last entry has
 * link order 1 and wins.
 */
#ifndef GPMQ_GPLINK_H
#define GPMQ_GPLINK_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/op.h"

#define GPLINK_MAX      1000     /* links of one SOM */
#define GPLINK_TEXT_MAX 0x100000 /* bytes of the attribute */

struct gplink {
    struct gpmq_guid gpo;
    char *domain_dn; /* of the GPO: links may lead to another domain */
    unsigned order;  /* from 1 */
    bool enabled;
    bool enforced;
};

/* Reads the attribute; *out is sorted by order, NULL when there are none (NULL, "" and spaces, as
 * directories have them after the last link was removed). Let it go with gplink_free().
 * GPMQ_EDAMAGED says at which entry. GPMQ_ETOOBIG. */
int gplink_parse(const char *text, struct gplink **out, size_t *count,
                 struct gpmq_error *err) GPMQ_CHECKED;
void gplink_free(struct gplink *links, size_t count);

#endif
