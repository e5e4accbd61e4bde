/* wmi_filter.c - what a directory says of WMI filters. */
#include "wmi_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fold.h"

#define QUERY_KIND "3" /* the number before the lengths */

void wmi_queries_free(struct wmi_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(queries[i].name_space);
        free(queries[i].query);
    }
    free(queries);
}

/* A decimal number up to ';', and behind it. */
static bool read_number(const char **at, size_t *out)
{
    size_t number = 0, length = strspn(*at, "0123456789");
    if (!length || length > 7 || (*at)[length] != ';')
        return false;
    for (size_t i = 0; i < length; i++)
        number = number * 10 + (size_t)((*at)[i] - '0');
    *at += length + 1;
    *out = number;
    return true;
}

static bool read_word(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0 || (*at)[length] != ';')
        return false;
    *at += length + 1;
    return true;
}

/* `units` UTF-16 units of text that end in ';', and behind it. NULL: they are not there. */
static const char *read_text(const char **at, size_t units)
{
    const char *from = *at, *end = from;
    while (units && *end) {
        uint32_t character;
        size_t step = fold_read(end, strnlen(end, 4), &character);
        size_t wide = character > 0xFFFF ? 2 : 1;
        if (!step || wide > units)
            return NULL;
        units -= wide;
        end += step;
    }
    if (units || *end != ';')
        return NULL;
    *at = end + 1;
    return from;
}

static int read_query(const char **at, struct wmi_query *query, size_t number,
                      struct gpmq_error *err)
{
    size_t name_units, query_units;
    const char *name = NULL, *text = NULL;
    if (read_word(at, QUERY_KIND) && read_number(at, &name_units) &&
        read_number(at, &query_units) && read_word(at, "WQL"))
        name = read_text(at, name_units);
    const char *name_end = *at - 1;
    if (name)
        text = read_text(at, query_units);
    if (!text)
        return fail(err, GPMQ_EDAMAGED, "damaged WMI filter: query %zu", number + 1);
    query->name_space = strndup(name, (size_t)(name_end - name));
    query->query = strndup(text, (size_t)(*at - 1 - text));
    if (!query->name_space || !query->query)
        return fail(err, GPMQ_ENOMEM, "no memory for a query");
    return 0;
}

int wmi_queries_parse(const char *text, struct wmi_query **out, size_t *count,
                      struct gpmq_error *err)
{
    size_t total, got = 0;
    if (strnlen(text, WMI_TEXT_MAX + 1u) > WMI_TEXT_MAX)
        return fail(err, GPMQ_ETOOBIG, "a WMI filter of more than %d bytes", WMI_TEXT_MAX);
    if (!read_number(&text, &total))
        return fail(err, GPMQ_EDAMAGED, "damaged WMI filter: no number of queries");
    if (total > WMI_QUERIES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a WMI filter of %zu queries", total);
    struct wmi_query *queries = calloc(total + 1, sizeof *queries);
    if (!queries)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu queries", total);
    int rc = 0;
    for (; !rc && got < total; got++)
        rc = read_query(&text, &queries[got], got, err);
    if (!rc && text[strspn(text, " \r\n")])
        rc = fail(err, GPMQ_EDAMAGED, "damaged WMI filter: more behind %zu queries", total);
    if (rc) {
        wmi_queries_free(queries, got);
        return rc;
    }
    *out = queries;
    *count = total;
    return 0;
}

bool wmi_filter_linked(const char *gpc, struct gpmq_guid *out)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    const char *at = gpc ? strchr(gpc, '{') : NULL;
    if (!at || strlen(at) < sizeof text - 1)
        return false;
    memcpy(text, at, sizeof text - 1);
    text[sizeof text - 1] = 0;
    return gpmq_guid_parse(out, text) == 0;
}
