/* request_json.h - a request as a program of the worker's owner reads it. */
#ifndef GPMQ_REQUEST_JSON_H
#define GPMQ_REQUEST_JSON_H

#include "run.h"

/* One JSON object, a newline behind it: kind, op, fence, attempt, the request's fields by their
 * names in gpmq/op.h where they are given, args as JSON, and the URLs of the domains and the
 * repository that it names as domain_url, target_domain_url, repository_url. For free().
 * GPMQ_EINVAL: args is no JSON. GPMQ_ENOMEM. */
int request_json(char **out, const struct run *run, struct gpmq_error *err) GPMQ_CHECKED;

#endif
