/*
 * settings_value.h - the value of a setting as text: lines for comparing and for people.
 */
#ifndef GPMQ_SETTINGS_VALUE_H
#define GPMQ_SETTINGS_VALUE_H

#include "settings_rules.h"

/* Gives *out the value of an element that `rule` made a setting, and *compared the same with
 * accounts by their SIDs alone and without Display, or NULL when it is the same; free() both, also
 * after a failure. skips (may be NULL) is asked about its children: those that are settings of
 * their own. GPMQ_ETOOBIG: over SETTINGS_BYTES_MAX. */
int settings_value(char **out, char **compared, const char *area, const struct setting_rule *rule,
                   const struct xml_element *element,
                   bool (*skips)(const struct xml_element *child), struct gpmq_error *err);

#endif
