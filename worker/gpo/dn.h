/*
 * dn.h - distinguished names (RFC 4514) as text, as far as a domain's tree needs them.
 *
 * Nothing here judges a DN: what is no DN has no parent and is equal to itself only.
 */
#ifndef GPMQ_DN_H
#define GPMQ_DN_H

#include <stdbool.h>
#include <stdint.h>

/* The DN above: what stands behind the first ',' that is not escaped, inside dn; NULL: none. */
const char *dn_parent(const char *dn);
/* Whether both name the same object: without case, spaces around ',' do not count. */
bool dn_equal(const char *a, const char *b);
/* The same number for DNs that are equal, most often another one for others: for indexes. */
uint64_t dn_hash(const char *dn);
/* Whether dn is `ancestor` or lies below it. */
bool dn_is_within(const char *dn, const char *ancestor);
/* Whether the first part is of that attribute: dn_has_type("OU=Kiosks,DC=a", "OU"). */
bool dn_has_type(const char *dn, const char *type);
/* The first part's value without escapes: "Kiosks"; free() it. NULL: no memory. */
char *dn_name(const char *dn);
/* The canonical name, from the domain down: "example.test/Workstations/Kiosks"; free() it.
 * NULL: no memory. */
char *dn_canonical(const char *dn);

#endif
