/*
 * admx_store.h - the administrative templates of a domain: those of its central store, or, where it
 * has none, those of a folder of this machine, as GPMC does it.
 */
#ifndef GPMQ_ADMX_STORE_H
#define GPMQ_ADMX_STORE_H

#include "admx.h"
#include "domain.h"

/* Told of a template that cannot be used, and why: the others are, and the report is made. */
typedef void admx_complaint(void *arg, const char *path, const struct gpmq_error *why);

/* Reads all templates; *out is NULL when there are none. Texts are in English where there are some
 * ("en-US", then any other "en"), else in the first language that has them. complain may be NULL.
 * folder: laid out as a store is; no link below it is followed; NULL: there is none. Whatever is
 * wrong with it is a complaint (path "templates"). Errors of the domain are handed on: a store that
 * cannot be read is still there. GPMQ_ENOMEM. */
int admx_store_read(struct admx **out, struct domain *domain, const char *folder,
                    admx_complaint *complain, void *arg, struct gpmq_error *err) GPMQ_CHECKED;

#endif
