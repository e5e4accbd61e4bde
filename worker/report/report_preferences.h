/*
 * report_preferences.h - in which order the parts of an item of preferences are written.
 */
#ifndef GPMQ_REPORT_PREFERENCES_H
#define GPMQ_REPORT_PREFERENCES_H

#include "xml.h"

/* Elements within each other below the root of a preferences file: a report has eight above. */
#define REPORT_PREFERENCES_DEPTH_MAX 56

/* The child elements as Windows writes them: those of a scheduled task in the order of its schema,
 * others as they stand. free() *out. GPMQ_ENOMEM. */
int report_preferences_order(const struct xml_element *element, const struct xml_element ***out,
                             size_t *count, struct gpmq_error *err) GPMQ_CHECKED;

#endif
