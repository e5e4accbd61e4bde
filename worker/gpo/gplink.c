/* gplink.c - the gPLink attribute. */
#include "gplink.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"

#define DISABLED 1u
#define ENFORCED 2u

static const char scheme[] = "LDAP://";
static const char policies[] = ",cn=policies,cn=system,";

void gplink_free(struct gplink *links, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(links[i].domain_dn);
    free(links);
}

/* Reads "LDAP://cn={GUID},cn=policies,cn=system,DN" of `length` bytes. */
static bool read_target(const char *at, size_t length, struct gplink *link)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    size_t head = strlen(scheme), tail = strlen(policies), guid_length = sizeof guid - 1;
    if (length <= head + 3 + guid_length + tail || strncasecmp(at, scheme, head) != 0 ||
        strncasecmp(at + head, "cn=", 3) != 0)
        return false;
    at += head + 3;
    memcpy(guid, at, guid_length);
    guid[guid_length] = 0;
    at += guid_length;
    if (*guid != '{' || gpmq_guid_parse(&link->gpo, guid) != 0 ||
        strncasecmp(at, policies, tail) != 0)
        return false;
    link->domain_dn = strndup(at + tail, length - head - 3 - guid_length - tail);
    return true;
}

/* Reads the options up to ']': a decimal number. */
static bool read_options(const char *at, const char *end, unsigned *out)
{
    unsigned number = 0;
    if (at == end || end - at > 9)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = number * 10 + (unsigned)(*at - '0');
    }
    *out = number;
    return true;
}

/* Reads "[target;options]" at *text and moves behind it. */
static int read_link(const char **text, size_t index, struct gplink *link, struct gpmq_error *err)
{
    const char *end = **text == '[' ? strchr(*text, ']') : NULL;
    const char *semicolon = end ? memrchr(*text, ';', (size_t)(end - *text)) : NULL;
    unsigned options;
    if (!semicolon || !read_options(semicolon + 1, end, &options) ||
        !read_target(*text + 1, (size_t)(semicolon - *text - 1), link))
        return fail(err, GPMQ_EDAMAGED, "damaged gPLink: entry %zu at '%.60s'", index + 1, *text);
    if (!link->domain_dn)
        return fail(err, GPMQ_ENOMEM, "no memory for a link");
    link->enabled = !(options & DISABLED);
    link->enforced = options & ENFORCED;
    *text = end + 1;
    return 0;
}

/* How many entries there can be. */
static size_t count_entries(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '[';
    return count;
}

/* The last entry of the text becomes the first of the list. */
static void put_in_order(struct gplink *links, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct gplink link = links[i];
        links[i] = links[count - 1 - i];
        links[count - 1 - i] = link;
    }
    for (size_t i = 0; i < count; i++)
        links[i].order = (unsigned)i + 1;
}

int gplink_parse(const char *text, struct gplink **out, size_t *count, struct gpmq_error *err)
{
    text = text ? text : "";
    size_t entries = strnlen(text, GPLINK_TEXT_MAX + 1u);
    if (entries <= GPLINK_TEXT_MAX)
        entries = count_entries(text);
    if (entries > GPLINK_MAX)
        return fail(err, GPMQ_ETOOBIG, "a gPLink of more than %d links", GPLINK_MAX);
    struct gplink *links = entries ? calloc(entries, sizeof *links) : NULL;
    if (entries && !links)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu links", entries);
    size_t got = 0;
    int rc = 0;
    for (text += strspn(text, " "); !rc && *text; text += strspn(text, " "))
        if (got == entries)
            rc = fail(err, GPMQ_EDAMAGED, "damaged gPLink: '%.60s' behind its links", text);
        else
            rc = read_link(&text, got, &links[got], err), got++;
    if (rc) {
        gplink_free(links, got);
        return rc;
    }
    put_in_order(links, got);
    *out = links;
    *count = got;
    return 0;
}
