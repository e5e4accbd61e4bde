/*
 * admx_values.h - values of a registry.pol, looked up by key and name: what a policy has set.
 *
 * "**del.Name" deletes Name; "**soft.Name" sets it where it is not there. Of several records for
 * one value the last counts, as it does for Windows.
 */
#ifndef GPMQ_ADMX_VALUES_H
#define GPMQ_ADMX_VALUES_H

#include "admx.h"
#include "report_pol.h"

/* An index over the values that the Registry section tells of and nobody has told yet. */
struct admx_values {
    struct report_pol *pol; /* borrowed */
    size_t *order;          /* places in pol->values, by key and name without case */
    size_t count;
};

enum admx_found { ADMX_ABSENT, ADMX_SET, ADMX_DELETED };

/* What belongs to a policy: places in pol->values. */
struct admx_touched {
    size_t *at;
    size_t count, room;
    bool failed; /* no memory */
};

int admx_values_open(struct admx_values *out, struct report_pol *pol,
                     struct gpmq_error *err) GPMQ_CHECKED;
void admx_values_close(struct admx_values *values);

/* The record that counts for a value; *at is its place unless ADMX_ABSENT. Every record of that
 * name is added to touched, which may be NULL. */
enum admx_found admx_values_find(const struct admx_values *values, const char *key,
                                 const char *name, size_t *at, struct admx_touched *touched);
/* The values of a key, as a range of ->order from *first on. */
size_t admx_values_of_key(const struct admx_values *values, const char *key, size_t *first);

/* Whether a value is what <decimal>, <longDecimal>, <string> or <delete> within spec says. */
bool admx_value_is(const struct admx_values *values, const char *key, const char *name,
                   const struct xml_element *spec);

void admx_touch(struct admx_touched *touched, size_t at);
void admx_touched_free(struct admx_touched *touched);

#endif
