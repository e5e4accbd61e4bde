#include "well_known.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "fold.h"

/* [MS-DTYP] 2.4.2.4. Not here: the groups that only domain controllers have (S-1-5-32-548 to 550)
 * and services (S-1-5-80): no Windows backup lists them. */
/* clang-format off */
static const struct {
    const char *sid, *name;
} known[] = {
    {"S-1-1-0",      "Everyone"},
    {"S-1-2-0",      "LOCAL"},
    {"S-1-2-1",      "CONSOLE LOGON"},
    {"S-1-3-0",      "CREATOR OWNER"},
    {"S-1-3-1",      "CREATOR GROUP"},
    {"S-1-3-4",      "OWNER RIGHTS"},
    {"S-1-5-1",      "DIALUP"},
    {"S-1-5-2",      "NETWORK"},
    {"S-1-5-3",      "BATCH"},
    {"S-1-5-4",      "INTERACTIVE"},
    {"S-1-5-6",      "SERVICE"},
    {"S-1-5-7",      "ANONYMOUS LOGON"},
    {"S-1-5-8",      "PROXY"},
    {"S-1-5-9",      "ENTERPRISE DOMAIN CONTROLLERS"},
    {"S-1-5-10",     "SELF"},
    {"S-1-5-11",     "Authenticated Users"},
    {"S-1-5-12",     "RESTRICTED"},
    {"S-1-5-13",     "TERMINAL SERVER USER"},
    {"S-1-5-14",     "REMOTE INTERACTIVE LOGON"},
    {"S-1-5-15",     "This Organization"},
    {"S-1-5-17",     "IUSR"},
    {"S-1-5-18",     "SYSTEM"},
    {"S-1-5-19",     "LOCAL SERVICE"},
    {"S-1-5-20",     "NETWORK SERVICE"},
    {"S-1-5-64-10",  "NTLM Authentication"},
    {"S-1-5-64-14",  "SChannel Authentication"},
    {"S-1-5-64-21",  "Digest Authentication"},
    {"S-1-5-113",    "Local account"},
    {"S-1-5-114",    "Local account and member of Administrators group"},
    {"S-1-5-1000",   "Other Organization"},
    {"S-1-5-32-544", "Administrators"},
    {"S-1-5-32-545", "Users"},
    {"S-1-5-32-546", "Guests"},
    {"S-1-5-32-547", "Power Users"},
    {"S-1-5-32-551", "Backup Operators"},
    {"S-1-5-32-552", "Replicator"},
    {"S-1-5-32-554", "Pre-Windows 2000 Compatible Access"},
    {"S-1-5-32-555", "Remote Desktop Users"},
    {"S-1-5-32-556", "Network Configuration Operators"},
    {"S-1-5-32-557", "Incoming Forest Trust Builders"},
    {"S-1-5-32-558", "Performance Monitor Users"},
    {"S-1-5-32-559", "Performance Log Users"},
    {"S-1-5-32-560", "Windows Authorization Access Group"},
    {"S-1-5-32-561", "Terminal Server License Servers"},
    {"S-1-5-32-562", "Distributed COM Users"},
    {"S-1-5-32-568", "IIS_IUSRS"},
    {"S-1-5-32-569", "Cryptographic Operators"},
    {"S-1-5-32-573", "Event Log Readers"},
    {"S-1-5-32-574", "Certificate Service DCOM Access"},
    {"S-1-5-32-575", "RDS Remote Access Servers"},
    {"S-1-5-32-576", "RDS Endpoint Servers"},
    {"S-1-5-32-577", "RDS Management Servers"},
    {"S-1-5-32-578", "Hyper-V Administrators"},
    {"S-1-5-32-579", "Access Control Assistance Operators"},
    {"S-1-5-32-580", "Remote Management Users"},
    {"S-1-5-32-582", "Storage Replica Administrators"},
};
/* clang-format on */

const char *well_known_name(const char *sid)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].sid, sid))
            return known[i].name;
    return NULL;
}

/* Which names an authority has: those whose SID begins so; the longest beginning comes first. */
static const struct {
    const char *begin, *authority;
} authorities[] = {
    {"S-1-5-32-", "BUILTIN\\"},
    {"S-1-5-", "NT AUTHORITY\\"},
};

/* "BUILTIN\\" for S-1-5-32-544; "" where none is written. */
static const char *authority_of(const char *sid)
{
    for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++)
        if (!strncmp(sid, authorities[i].begin, strlen(authorities[i].begin)))
            return authorities[i].authority;
    return "";
}

/* What stands behind the authority in name; the whole name where it has none. */
static const char *without_authority(const char *name, const char *authority)
{
    size_t length = strlen(authority);
    return length && !strncasecmp(name, authority, length) ? name + length : name;
}

const char *well_known_sid(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!fold_compare(known[i].name, without_authority(name, authority_of(known[i].sid))))
            return known[i].sid;
    return NULL;
}
