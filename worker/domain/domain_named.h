/*
 * domain_named.h - who a name means, in every form that people write it; the directory itself is
 * asked by its owner.
 */
#ifndef GPMQ_DOMAIN_NAMED_H
#define GPMQ_DOMAIN_NAMED_H

#include "domain.h"
#include "sid.h"

/* How accounts are looked up. Each gives *out to the caller. */
struct domain_directory {
    const struct domain_info *info;
    void *arg;
    /* As domain_ops.principal(): nobody of that SID is no error. */
    int (*by_sid)(void *arg, const struct sid *sid, struct domain_principal *out,
                  struct gpmq_error *err);
    /* By sAMAccountName, without case. GPMQ_ENOTFOUND, without a text. GPMQ_EAMBIGUOUS. */
    int (*by_account)(void *arg, const char *name, struct domain_principal *out,
                      struct gpmq_error *err);
    /* By userPrincipalName, without case. GPMQ_ENOTFOUND, without a text. */
    int (*by_upn)(void *arg, const char *upn, struct domain_principal *out, struct gpmq_error *err);
};

/* As domain_ops.find_principal(). */
int domain_named(const struct domain_directory *directory, const char *name,
                 struct domain_principal *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
