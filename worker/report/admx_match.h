/*
 * admx_match.h - which policies a registry.pol sets, and how.
 *
 * A policy is enabled when its own value is what enabledValue says (1 where it says nothing), or,
 * without such a value, when its lists or any of its elements are there; disabled when the value is
 * what disabledValue says (deleted where it says nothing), or all that it has is deleted.
 */
#ifndef GPMQ_ADMX_MATCH_H
#define GPMQ_ADMX_MATCH_H

#include "admx_values.h"

enum admx_state { ADMX_NOT_CONFIGURED, ADMX_ENABLED, ADMX_DISABLED };

/* How a policy stands; the values that make it so are added to touched. */
enum admx_state admx_state_of(const struct admx_values *values, const struct admx_policy *policy,
                              struct admx_touched *touched);

/* The key and the value of an element: its own or its policy's. *name is NULL: it has none. */
const char *admx_element_key(const struct admx_policy *policy, const struct xml_element *element,
                             const char **name);
/* The element with that id, or NULL. */
const struct xml_element *admx_element(const struct admx_policy *policy, const char *id);

/* Whether a record of a list's key is an entry of that list. */
bool admx_list_has(const struct xml_element *list, const struct report_pol_value *value);

#endif
