/*
 * admx_store.h - the administrative templates of a domain's central store.
 */
#ifndef GPMQ_ADMX_STORE_H
#define GPMQ_ADMX_STORE_H

#include "admx.h"
#include "domain.h"

/* Told of a template that cannot be used, and why: the others are, and the report is made. */
typedef void admx_complaint(void *arg, const char *path, const struct gpmq_error *why);

/* Reads all templates; *out is NULL when the domain has none. Texts are in English where there are
 * some ("en-US", then any other "en"), else in the first language that has them. complain may be
 * NULL. Errors of the domain are handed on. */
int admx_store_read(struct admx **out, struct domain *domain, admx_complaint *complain, void *arg,
                    struct gpmq_error *err) GPMQ_CHECKED;

#endif
