/*
 * preview_attributes.h - the attributes in which two states of a GPO differ, as text.
 */
#ifndef GPMQ_PREVIEW_ATTRIBUTES_H
#define GPMQ_PREVIEW_ATTRIBUTES_H

#include <jansson.h>

#include "domain.h"

/* Appends {"name", "from", "to"} for each attribute (preview.h) that differs; from is null for all
 * when live is NULL, and an attribute that is empty in both is left out. */
int preview_attributes(json_t *list, const struct domain_info *domain, const struct gpo *live,
                       const struct gpo *staged, struct gpmq_error *err) GPMQ_CHECKED;

#endif
