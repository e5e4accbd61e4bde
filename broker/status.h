/*
 * status.h - state changes for those who watch.
 */
#ifndef GPMQ_STATUS_H
#define GPMQ_STATUS_H

#include "parts.h"

/* Publishes the frame of a CORE_PUBLISH action to its topic; a final one also to those who watch.
 */
void status_publish(struct parts *parts, const struct core_action *action);

#define STATUS_WISHES_MAX 20000 /* taken in one round */

/* Takes what subscribers say (which prefixes they want), so that it does not pile up, and shuts out
 * who wants too much. */
step_fn status_take;
/* Final frames again to those who have not acknowledged them. */
step_fn status_remind;

/* When status_remind() has something to do next, as now_ms. */
int64_t status_next_ms(const struct parts *parts);

#endif
