/* The two spellings of a GPO's link to a WMI filter, and the spelling of locations. */
#include <string.h>
#include <strings.h>

#include "backup_xml.h"
#include "cleanup.h"
#include "fail.h"

#define LOCATION_ROOT "DomainSysvol\\GPO\\"

/* The characters between `before` and `after`, which moves *at behind them; -1: not there. */
static int between(const char **at, const char *before, const char *after, const char **found)
{
    size_t skip = strlen(before);
    if (strncasecmp(*at, before, skip) != 0)
        return -1;
    const char *end = strstr(*at + skip, after);
    if (!end)
        return -1;
    *found = *at + skip;
    *at = end + strlen(after);
    return (int)(end - *found);
}

/* Whether the pieces are a GUID and a domain that either spelling can hold. */
static bool is_filter(const char *guid, int guid_length, const char *domain, int domain_length)
{
    struct gpmq_guid id;
    char word[GPMQ_GUID_TEXT_SIZE];
    if (guid_length < 0 || domain_length < 0 || guid_length >= (int)sizeof word)
        return false;
    snprintf(word, sizeof word, "%.*s", guid_length, guid);
    return !gpmq_guid_parse(&id, word) && (int)strcspn(domain, "[;]\"") >= domain_length;
}

int backup_wmi_to_xml(char **out, const char *gpc, struct gpmq_error *err)
{
    *out = NULL;
    if (!gpc || !*gpc)
        return 0;
    const char *at = gpc, *domain, *guid;
    int domain_length = between(&at, "[", ";", &domain);
    int guid_length = domain_length < 0 ? -1 : between(&at, "", ";", &guid);
    if (guid_length < 0 || !is_filter(guid, guid_length, domain, domain_length))
        return fail(err, GPMQ_EMALFORMED, "'%.128s' links to no WMI filter", gpc);
    if (asprintf(out, "MSFT_SomFilter.ID=\"%.*s\",Domain=\"%.*s\"", guid_length, guid,
                 domain_length, domain) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    return 0;
}

int backup_wmi_from_xml(char **out, const char *xml, struct gpmq_error *err)
{
    *out = NULL;
    if (!xml || !*xml)
        return 0;
    const char *at = xml, *domain, *guid;
    int guid_length = between(&at, "MSFT_SomFilter.ID=\"", "\"", &guid);
    int domain_length = guid_length < 0 ? -1 : between(&at, ",Domain=\"", "\"", &domain);
    if (domain_length < 0 || !is_filter(guid, guid_length, domain, domain_length))
        return fail(err, GPMQ_EMALFORMED, "'%.128s' names no WMI filter", xml);
    if (asprintf(out, "[%.*s;%.*s;0]", domain_length, domain, guid_length, guid) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    return 0;
}

const char *backup_spell_path(const char *path, char out[GPO_PATH_MAX + 1])
{
    static const char *const sides[] = {"Machine", "User"};
    size_t first = strcspn(path, "/");
    snprintf(out, GPO_PATH_MAX + 1, "%s", path);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (strlen(sides[i]) == first && !strncasecmp(path, sides[i], first))
            memcpy(out, sides[i], first);
    return out;
}

int backup_location_path(char **out, const char *location, struct gpmq_error *err)
{
    size_t root = strlen(LOCATION_ROOT);
    if (strncasecmp(location, LOCATION_ROOT, root) != 0)
        return fail(err, GPMQ_EMALFORMED, "location '%.256s' is not below %s", location,
                    LOCATION_ROOT);
    if (strchr(location, '/'))
        return fail(err, GPMQ_EMALFORMED, "location '%.256s' has a '/'", location);
    CLEANUP(free_pointer) char *path = strdup(location + root);
    if (!path)
        return fail(err, GPMQ_ENOMEM, "no memory for a location");
    for (char *p = path; *p; p++)
        if (*p == '\\')
            *p = '/';
    int rc = gpo_path_check(path, err);
    if (rc) {
        fail_in(err, "location '%.256s'", location);
        return rc;
    }
    *out = STEAL(path);
    return 0;
}
