/*
 * domain_kind.h - the kind of domain that test_domain.c is linked with.
 */
#ifndef GPMQ_DOMAIN_KIND_H
#define GPMQ_DOMAIN_KIND_H

#include "domain.h"
#include "scratch.h"

struct domain_kind {
    const char *name;
    bool carries_patterns;  /* keeps what Backup.xml alone has: "*" objects, empty attributes */
    bool (*is_there)(void); /* NULL: always */
    size_t gpos;            /* that are always there: the two of a new domain, or none */
    /* Makes a domain "example.test" (EXAMPLE) without other GPOs, and writes its URL. */
    int (*make)(const struct scratch *scratch, char *url, size_t room, struct gpmq_error *err);
    void (*forget)(void); /* lets go of what is kept open; may be NULL */
};

extern const struct domain_kind domain_kind;

#endif
