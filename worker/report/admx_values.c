/* admx_values.c - values of a registry.pol by key and name. */
#include "admx_values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

static const char deleted[] = "**del.";
static const char soft[] = "**soft.";

/* The name of the value that a record is about. */
static const char *plain_name(const char *name)
{
    if (!strncasecmp(name, deleted, sizeof deleted - 1))
        return name + sizeof deleted - 1;
    if (!strncasecmp(name, soft, sizeof soft - 1))
        return name + sizeof soft - 1;
    return name;
}

static int compare(const struct report_pol_value *value, const char *key, const char *name)
{
    int order = fold_compare(value->key, key);
    return order || !name ? order : fold_compare(plain_name(value->name), name);
}

static int by_key_and_name(const void *a, const void *b, void *pol_p)
{
    const struct report_pol *pol = pol_p;
    size_t one = *(const size_t *)a, two = *(const size_t *)b;
    int order = compare(&pol->values[one], pol->values[two].key, plain_name(pol->values[two].name));
    return order ? order : one < two ? -1 : one > two;
}

int admx_values_open(struct admx_values *out, struct report_pol *pol, struct gpmq_error *err)
{
    struct admx_values values = {.pol = pol};
    values.order = calloc(pol->count + 1, sizeof *values.order);
    if (!values.order)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu registry values", pol->count);
    for (size_t i = 0; i < pol->count; i++)
        if (!pol->values[i].told)
            values.order[values.count++] = i;
    qsort_r(values.order, values.count, sizeof *values.order, by_key_and_name, pol);
    *out = values;
    return 0;
}

void admx_values_close(struct admx_values *values)
{
    free(values->order);
    *values = (struct admx_values){0};
}

/* The first place in ->order that is not before key and name; name NULL: of the key. */
static size_t lower(const struct admx_values *values, const char *key, const char *name)
{
    size_t low = 0, high = values->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&values->pol->values[values->order[middle]], key, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t admx_values_of_key(const struct admx_values *values, const char *key, size_t *first)
{
    size_t end = *first = lower(values, key, NULL);
    while (end < values->count && !compare(&values->pol->values[values->order[end]], key, NULL))
        end++;
    return end - *first;
}

void admx_touch(struct admx_touched *touched, size_t at)
{
    if (!touched)
        return;
    if (touched->count == touched->room) {
        size_t room = touched->room ? touched->room * 2 : 16;
        size_t *grown = reallocarray(touched->at, room, sizeof *grown);
        if (!grown) {
            touched->failed = true;
            return;
        }
        touched->at = grown;
        touched->room = room;
    }
    touched->at[touched->count++] = at;
}

void admx_touched_free(struct admx_touched *touched)
{
    free(touched->at);
    *touched = (struct admx_touched){0};
}

enum admx_found admx_values_find(const struct admx_values *values, const char *key,
                                 const char *name, size_t *at, struct admx_touched *touched)
{
    enum admx_found found = ADMX_ABSENT;
    for (size_t i = lower(values, key, name); i < values->count; i++) {
        const struct report_pol_value *value = &values->pol->values[values->order[i]];
        if (compare(value, key, name) != 0)
            break;
        *at = values->order[i];
        found = strncasecmp(value->name, deleted, sizeof deleted - 1) ? ADMX_SET : ADMX_DELETED;
        admx_touch(touched, *at);
    }
    return found;
}

static bool is_number(const struct report_pol_value *value, const char *wanted)
{
    uint64_t number;
    char *end;
    if (!wanted || !*wanted || !report_pol_number(value, &number))
        return false;
    return strtoull(wanted, &end, 10) == number && !*end;
}

static bool is_text(const struct report_pol_value *value, const char *wanted)
{
    CLEANUP(free_pointer) char *text = NULL;
    struct gpmq_error err;
    return !report_pol_text(&text, value, &err) && text && !fold_compare(text, wanted);
}

bool admx_value_is(const struct admx_values *values, const char *key, const char *name,
                   const struct xml_element *spec)
{
    size_t at = 0;
    enum admx_found found = admx_values_find(values, key, name, &at, NULL);
    const struct xml_element *wanted = xml_child(spec, NULL);
    if (found == ADMX_ABSENT || !wanted)
        return false;
    if (!strcmp(xml_name(wanted), "delete"))
        return found == ADMX_DELETED;
    if (found == ADMX_DELETED)
        return false;
    if (!strcmp(xml_name(wanted), "string"))
        return is_text(&values->pol->values[at], xml_text(wanted));
    return is_number(&values->pol->values[at], xml_attribute(wanted, "value"));
}
