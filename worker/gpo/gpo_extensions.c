/* gpo_extensions.c - the extension-name attributes of a GPC: "[{CSE}{tool}{tool}][{CSE}{tool}]",
 * groups sorted by CSE ([MS-GPOL] 2.2.4). */
#include "gpo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"

#define GUID_LENGTH (GPMQ_GUID_TEXT_SIZE - 1)

struct group {
    const char *at; /* at '[' */
    size_t length;
};

size_t gpo_extension_count(const char *extensions)
{
    size_t count = 0;
    for (const char *at = extensions; at && (at = strstr(at, "[{")); at += 2)
        count++;
    return count;
}

bool gpo_extension_registered(const char *extensions, const char *cse)
{
    size_t length = strlen(cse);
    for (const char *at = extensions; at && (at = strchr(at, '[')); at++)
        if (strncasecmp(at + 1, cse, length) == 0)
            return true;
    return false;
}

static bool is_guid(const char *at)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid;
    if (*at != '{' || strnlen(at, GUID_LENGTH) < GUID_LENGTH)
        return false;
    memcpy(text, at, GUID_LENGTH);
    text[GUID_LENGTH] = 0;
    return gpmq_guid_parse(&guid, text) == 0;
}

/* The length of the well-formed group at `at`, or 0. */
static size_t measure_group(const char *at)
{
    size_t length = 1;
    if (*at != '[' || !is_guid(at + 1))
        return 0;
    while (is_guid(at + length))
        length += GUID_LENGTH;
    return at[length] == ']' ? length + 1 : 0;
}

static int by_cse(const void *a, const void *b)
{
    const struct group *left = a, *right = b;
    int order = strncasecmp(left->at + 1, right->at + 1, GUID_LENGTH);
    if (order)
        return order;
    return left->at < right->at ? -1 : left->at > right->at; /* equal ones stay in order */
}

int gpo_extensions_sort(const char *extensions, char **out, struct gpmq_error *err)
{
    const char *from = extensions ? extensions : "";
    if (strnlen(from, GPO_EXTENSIONS_MAX + 1) > GPO_EXTENSIONS_MAX)
        return fail(err, GPMQ_ETOOBIG, "extension names of more than %d bytes", GPO_EXTENSIONS_MAX);
    if (from[strspn(from, " ")] == 0) { /* AD clears the attribute by writing a space */
        *out = strdup(from);
        return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for extension names");
    }
    size_t room = gpo_extension_count(from), count = 0;
    CLEANUP(free_pointer) struct group *groups = calloc(room + 1, sizeof *groups);
    if (!groups)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu extension names", room);
    for (const char *at = from; *at; at += groups[count++].length) {
        size_t length = measure_group(at);
        if (!length)
            return fail(err, GPMQ_EMALFORMED, "extension names: '%.60s' is no [{CSE}{tool}] group",
                        at);
        groups[count] = (struct group){at, length};
    }
    qsort(groups, count, sizeof *groups, by_cse);
    CLEANUP(bytes_free) struct bytes text = {0};
    for (size_t i = 0; i < count; i++)
        bytes_put(&text, groups[i].at, groups[i].length);
    void *taken;
    int rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}
