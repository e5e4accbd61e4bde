/* admx_match.c - which policies a registry.pol sets. */
#include "admx_match.h"

#include <string.h>
#include <strings.h>

const char *admx_element_key(const struct admx_policy *policy, const struct xml_element *element,
                             const char **name)
{
    const char *key = xml_attribute(element, "key");
    *name = xml_attribute(element, "valueName");
    return key && *key ? key : policy->key;
}

const struct xml_element *admx_element(const struct admx_policy *policy, const char *id)
{
    const struct xml_element *elements = xml_child(policy->element, "elements");
    for (const struct xml_element *e = xml_child(elements, NULL); e && id; e = xml_next(e, NULL)) {
        const char *own = xml_attribute(e, "id");
        if (own && !strcasecmp(own, id))
            return e;
    }
    return NULL;
}

bool admx_list_has(const struct xml_element *list, const struct report_pol_value *value)
{
    const char *prefix = xml_attribute(list, "valuePrefix");
    if (!strncmp(value->name, "**", 2))
        return false;
    return !prefix || !strncasecmp(value->name, prefix, strlen(prefix));
}

static bool is_list(const struct xml_element *element)
{
    return !strcmp(xml_name(element), "list");
}

/* Entries, and the commands that clear the list first. */
static enum admx_found find_list(const struct admx_values *values, const struct admx_policy *policy,
                                 const struct xml_element *list, struct admx_touched *touched)
{
    const char *name;
    size_t first;
    const char *key = admx_element_key(policy, list, &name);
    size_t count = admx_values_of_key(values, key, &first);
    enum admx_found found = ADMX_ABSENT;
    for (size_t i = first; i < first + count; i++) {
        const struct report_pol_value *value = &values->pol->values[values->order[i]];
        bool cleared = !strncasecmp(value->name, "**delvals", 9);
        if (admx_list_has(list, value))
            found = ADMX_SET;
        else if (cleared && found == ADMX_ABSENT)
            found = ADMX_DELETED;
        else if (!cleared)
            continue;
        admx_touch(touched, values->order[i]);
    }
    return found;
}

static enum admx_found find_element(const struct admx_values *values,
                                    const struct admx_policy *policy,
                                    const struct xml_element *element, struct admx_touched *touched)
{
    const char *name;
    size_t at;
    if (is_list(element))
        return find_list(values, policy, element, touched);
    const char *key = admx_element_key(policy, element, &name);
    return name ? admx_values_find(values, key, name, &at, touched) : ADMX_ABSENT;
}

/* The items of <enabledList>, <valueList> and the like: all of them hold. No item: false. */
static bool list_holds(const struct admx_values *values, const struct admx_policy *policy,
                       const struct xml_element *list, struct admx_touched *touched)
{
    const char *common = list ? xml_attribute(list, "defaultKey") : NULL;
    const struct xml_element *first = xml_child(list, "item");
    for (const struct xml_element *e = first; e; e = xml_next(e, "item")) {
        const char *key = xml_attribute(e, "key");
        const char *name = xml_attribute(e, "valueName");
        const char *where = key && *key ? key : common && *common ? common : policy->key;
        size_t at;
        if (!name || !admx_value_is(values, where, name, xml_child(e, "value")))
            return false;
        admx_values_find(values, where, name, &at, touched);
    }
    return first;
}

static enum admx_state state_of_value(const struct admx_values *values,
                                      const struct admx_policy *policy)
{
    const struct xml_element *on = xml_child(policy->element, "enabledValue");
    const struct xml_element *off = xml_child(policy->element, "disabledValue");
    size_t at = 0;
    uint64_t number = 0;
    enum admx_found found = admx_values_find(values, policy->key, policy->value_name, &at, NULL);
    if (found == ADMX_ABSENT)
        return ADMX_NOT_CONFIGURED;
    if (on && admx_value_is(values, policy->key, policy->value_name, on))
        return ADMX_ENABLED;
    if (off && admx_value_is(values, policy->key, policy->value_name, off))
        return ADMX_DISABLED;
    if (found == ADMX_DELETED)
        return off ? ADMX_NOT_CONFIGURED : ADMX_DISABLED;
    if (!report_pol_number(&values->pol->values[at], &number))
        return ADMX_NOT_CONFIGURED;
    if (number == 1 && !on)
        return ADMX_ENABLED;
    return number == 0 && !off ? ADMX_DISABLED : ADMX_NOT_CONFIGURED;
}

/* Without a value of its own: by its lists, then by its elements. */
static enum admx_state state_of_parts(const struct admx_values *values,
                                      const struct admx_policy *policy)
{
    const struct xml_element *elements = xml_child(policy->element, "elements");
    bool set = false, deleted = false;
    if (list_holds(values, policy, xml_child(policy->element, "enabledList"), NULL))
        return ADMX_ENABLED;
    if (list_holds(values, policy, xml_child(policy->element, "disabledList"), NULL))
        return ADMX_DISABLED;
    for (const struct xml_element *e = xml_child(elements, NULL); e; e = xml_next(e, NULL)) {
        enum admx_found found = find_element(values, policy, e, NULL);
        set = set || found == ADMX_SET;
        deleted = deleted || found == ADMX_DELETED;
    }
    return set ? ADMX_ENABLED : deleted ? ADMX_DISABLED : ADMX_NOT_CONFIGURED;
}

/* All that is there of an element: also what an item of it sets besides. */
static void touch_element(const struct admx_values *values, const struct admx_policy *policy,
                          const struct xml_element *element, struct admx_touched *touched)
{
    find_element(values, policy, element, touched);
    list_holds(values, policy, xml_child(element, "trueList"), touched);
    list_holds(values, policy, xml_child(element, "falseList"), touched);
    const char *name;
    const char *key = admx_element_key(policy, element, &name);
    for (const struct xml_element *e = xml_child(element, "item"); e && name;
         e = xml_next(e, "item"))
        if (admx_value_is(values, key, name, xml_child(e, "value")))
            list_holds(values, policy, xml_child(e, "valueList"), touched);
}

enum admx_state admx_state_of(const struct admx_values *values, const struct admx_policy *policy,
                              struct admx_touched *touched)
{
    const struct xml_element *elements = xml_child(policy->element, "elements");
    enum admx_state state =
        policy->value_name ? state_of_value(values, policy) : state_of_parts(values, policy);
    size_t at;
    if (state == ADMX_NOT_CONFIGURED)
        return state;
    if (policy->value_name)
        admx_values_find(values, policy->key, policy->value_name, &at, touched);
    list_holds(values, policy,
               xml_child(policy->element, state == ADMX_ENABLED ? "enabledList" : "disabledList"),
               touched);
    for (const struct xml_element *e = xml_child(elements, NULL); e; e = xml_next(e, NULL))
        touch_element(values, policy, e, touched);
    return state;
}
