/* html_label.c - words for names. */
#include "html_label.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct word {
    const char *name;
    const char *label;
};

/* clang-format off */
static const struct word labels[] = {
    {"uid", "Item id"}, {"clsid", "Class id"}, {"desc", "Description"}, {"sid", "SID"},
    {"userContext", "Run in the user's security context"},
    {"bypassErrors", "Go on after an error"},
    {"removePolicy", "Remove when no longer applied"},
    {"changed", "Changed"}, {"image", "Icon"}, {"bool", "Joined by"}, {"not", "Negated"},
    {"sp", "Service pack"}, {"newName", "Rename to"}, {"thisDrive", "This drive"},
    {"FilterOs", "Operating system"}, {"FilterRunOnce", "Apply once"},
    {"FilterGroup", "Security group"}, {"FilterUser", "User"}, {"FilterComputer", "Computer"},
    {"FilterDomain", "Domain"}, {"FilterOrgUnit", "Organizational unit"}, {"FilterSite", "Site"},
    {"FilterIpRange", "IP address range"}, {"FilterRegistry", "Registry match"},
    {"FilterFile", "File match"}, {"FilterWmi", "WMI query"}, {"FilterLdap", "LDAP query"},
    {"FilterVariable", "Environment variable"}, {"FilterCollection", "All of"},
    {"FilterDisk", "Disk space"}, {"FilterRam", "RAM"}, {"FilterCpu", "CPU speed"},
    {"FilterBattery", "Battery present"}, {"FilterDate", "Date match"}, {"FilterTime", "Time range"},
    {"FilterLanguage", "Language"}, {"FilterMacAddress", "MAC address range"},
    {"FilterMsi", "MSI query"}, {"FilterPcmcia", "PCMCIA present"},
    {"FilterPortable", "Portable computer"}, {"FilterProcMode", "Processing mode"},
    {"FilterTerminal", "Terminal session"}, {"FilterDun", "Dial-up connection"},
    {"TaskV2", "Task"}, {"ImmediateTaskV2", "Immediate task"}, {"NTService", "Service"},
    {"GlobalPowerOptionsV2", "Power plan"}, {"Nla", "Network location"},
    {"AllowEFS", "Allow EFS"}, {"KeyLen", "Key length"},
    {"Exe", "Executable rules"}, {"Dll", "DLL rules"}, {"Msi", "Windows Installer rules"},
    {"Script", "Script rules"}, {"Appx", "Packaged app rules"},
    {"DefaultInboundAction", "Inbound connections"},
    {"DefaultOutboundAction", "Outbound connections"},
    {"EnableFirewall", "Firewall state"},
    {"DisableNotifications", "Hide notifications"},
    {"AllowLocalPolicyMerge", "Apply local firewall rules"},
    {"AllowLocalIPsecPolicyMerge", "Apply local connection security rules"},
    {"DisableUnicastResponsesToMulticastBroadcast", "Refuse unicast responses"},
    {"DoNotAllowExceptions", "Block all inbound connections"},
    {"App", "Program"}, {"Svc", "Service"}, {"LPort", "Local port"}, {"RPort", "Remote port"},
    {"LA4", "Local IPv4 address"}, {"RA4", "Remote IPv4 address"}, {"LA6", "Local IPv6 address"},
    {"RA6", "Remote IPv6 address"}, {"IF", "Interface"}, {"IFType", "Interface type"},
    {"EmbedCtxt", "Group"}, {"ICMP4", "ICMPv4 types"}, {"ICMP6", "ICMPv6 types"},
    {"Edge", "Edge traversal"}, {"Defer", "Edge traversal asks"}, {"LUAuth", "Local users"},
    {"RMauth", "Remote computers"}, {"RUAuth", "Remote users"},
    {"SOMPath", "Path"}, {"SOMName", "Location"},
};

static const struct word actions[] = {
    {"C", "Create"}, {"R", "Replace"}, {"U", "Update"}, {"D", "Delete"},
    {"ADD", "Add"}, {"REMOVE", "Remove"},
};

static const struct word user_rights[] = {
    {"SeAssignPrimaryTokenPrivilege", "Replace a process level token"},
    {"SeAuditPrivilege", "Generate security audits"},
    {"SeBackupPrivilege", "Back up files and directories"},
    {"SeBatchLogonRight", "Log on as a batch job"},
    {"SeChangeNotifyPrivilege", "Bypass traverse checking"},
    {"SeCreateGlobalPrivilege", "Create global objects"},
    {"SeCreatePagefilePrivilege", "Create a pagefile"},
    {"SeCreatePermanentPrivilege", "Create permanent shared objects"},
    {"SeCreateSymbolicLinkPrivilege", "Create symbolic links"},
    {"SeCreateTokenPrivilege", "Create a token object"},
    {"SeDebugPrivilege", "Debug programs"},
    {"SeDelegateSessionUserImpersonatePrivilege",
     "Obtain an impersonation token for another user in the same session"},
    {"SeDenyBatchLogonRight", "Deny log on as a batch job"},
    {"SeDenyInteractiveLogonRight", "Deny log on locally"},
    {"SeDenyNetworkLogonRight", "Deny access to this computer from the network"},
    {"SeDenyRemoteInteractiveLogonRight", "Deny log on through Remote Desktop Services"},
    {"SeDenyServiceLogonRight", "Deny log on as a service"},
    {"SeEnableDelegationPrivilege", "Enable accounts to be trusted for delegation"},
    {"SeImpersonatePrivilege", "Impersonate a client after authentication"},
    {"SeIncreaseBasePriorityPrivilege", "Increase scheduling priority"},
    {"SeIncreaseQuotaPrivilege", "Adjust memory quotas for a process"},
    {"SeIncreaseWorkingSetPrivilege", "Increase a process working set"},
    {"SeInteractiveLogonRight", "Allow log on locally"},
    {"SeLoadDriverPrivilege", "Load and unload device drivers"},
    {"SeLockMemoryPrivilege", "Lock pages in memory"},
    {"SeMachineAccountPrivilege", "Add workstations to the domain"},
    {"SeManageVolumePrivilege", "Perform volume maintenance tasks"},
    {"SeNetworkLogonRight", "Access this computer from the network"},
    {"SeProfileSingleProcessPrivilege", "Profile a single process"},
    {"SeRelabelPrivilege", "Modify an object label"},
    {"SeRemoteInteractiveLogonRight", "Allow log on through Remote Desktop Services"},
    {"SeRemoteShutdownPrivilege", "Force shutdown from a remote system"},
    {"SeRestorePrivilege", "Restore files and directories"},
    {"SeSecurityPrivilege", "Manage auditing and the security log"},
    {"SeServiceLogonRight", "Log on as a service"},
    {"SeShutdownPrivilege", "Shut down the system"},
    {"SeSyncAgentPrivilege", "Synchronize directory service data"},
    {"SeSystemEnvironmentPrivilege", "Modify firmware environment values"},
    {"SeSystemProfilePrivilege", "Profile system performance"},
    {"SeSystemtimePrivilege", "Change the system time"},
    {"SeTakeOwnershipPrivilege", "Take ownership of files or other objects"},
    {"SeTcbPrivilege", "Act as part of the operating system"},
    {"SeTimeZonePrivilege", "Change the time zone"},
    {"SeTrustedCredManAccessPrivilege", "Access Credential Manager as a trusted caller"},
    {"SeUndockPrivilege", "Remove the computer from its docking station"},
};

static const struct word account_policies[] = {
    {"ClearTextPassword", "Store passwords using reversible encryption"},
    {"LockoutBadCount", "Account lockout threshold"},
    {"LockoutDuration", "Account lockout duration (minutes)"},
    {"ResetLockoutCount", "Reset the lockout counter after (minutes)"},
    {"MaximumPasswordAge", "Maximum password age (days)"},
    {"MinimumPasswordAge", "Minimum password age (days)"},
    {"MinimumPasswordLength", "Minimum password length (characters)"},
    {"PasswordComplexity", "Password must meet complexity requirements"},
    {"PasswordHistorySize", "Enforce password history (passwords)"},
    {"MaxClockSkew", "Tolerance of clocks (minutes)"},
    {"MaxRenewAge", "Lifetime of ticket renewal (days)"},
    {"MaxServiceAge", "Lifetime of a service ticket (minutes)"},
    {"MaxTicketAge", "Lifetime of a user ticket (hours)"},
    {"TicketValidateClient", "Enforce user logon restrictions"},
};

static const struct word protocols[] = {
    {"1", "ICMPv4"}, {"2", "IGMP"}, {"6", "TCP"}, {"17", "UDP"}, {"41", "IPv6"},
    {"47", "GRE"}, {"58", "ICMPv6"},
};

static const struct word known_folders[] = {
    {"{FDD39AD0-238F-46AF-ADB4-6C85480369C7}", "Documents"},
    {"{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}", "Desktop"},
    {"{33E28130-4E1E-4676-835A-98395C3BC3BB}", "Pictures"},
    {"{4BD8D571-6D19-48D3-BE97-422220080E43}", "Music"},
    {"{18989B1D-99B5-455B-841C-AB7C74E4DDFC}", "Videos"},
    {"{1777F761-68AD-4D8A-87BD-30B759FA33DD}", "Favorites"},
    {"{56784854-C6CB-462B-8169-88E350ACB882}", "Contacts"},
    {"{374DE290-123F-4565-9164-39C4925E467B}", "Downloads"},
    {"{BFB9D5E0-C6A9-404C-B2B2-AE6DB6AF4968}", "Links"},
    {"{7D1D3A04-DEBB-4115-95CF-2F29DA2920DA}", "Searches"},
    {"{4C5C32FF-BB9D-43B0-B5B4-2D72E54EAAA4}", "Saved games"},
    {"{625B53C3-AB48-4EC1-BA1F-A1EF4146FC19}", "Start menu"},
    {"{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}", "AppData (roaming)"},
};

static const struct word well_known[] = {
    {"S-1-1-0", "Everyone"}, {"S-1-5-11", "Authenticated Users"}, {"S-1-5-18", "SYSTEM"},
    {"S-1-5-32-544", "Administrators"}, {"S-1-5-32-545", "Users"}, {"S-1-5-32-546", "Guests"},
};
/* clang-format on */

#define FIND(table, key) find(table, sizeof(table) / sizeof(table)[0], key)

static const char *find(const struct word *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(table[i].name, name))
            return table[i].label;
    return NULL;
}

const char *html_action(const char *code)
{
    return FIND(actions, code);
}

const char *html_user_right(const char *name)
{
    return FIND(user_rights, name);
}

const char *html_account_policy(const char *name)
{
    return FIND(account_policies, name);
}

const char *html_protocol(const char *number)
{
    return FIND(protocols, number);
}

const char *html_known_folder(const char *id)
{
    for (size_t i = 0; i < sizeof known_folders / sizeof known_folders[0]; i++)
        if (!strcasecmp(known_folders[i].name, id))
            return known_folders[i].label;
    return NULL;
}

const char *html_well_known(const char *sid)
{
    return FIND(well_known, sid);
}

static bool upper(char c)
{
    return isascii((unsigned char)c) && isupper((unsigned char)c);
}

static bool lower(char c)
{
    return isascii((unsigned char)c) && islower((unsigned char)c);
}

/* Whether a word begins at name[i]: "targetPath" at P, "ARPDisplay" at D. */
static bool begins(const char *name, size_t i)
{
    if (i == 0 || !upper(name[i]))
        return false;
    return !upper(name[i - 1]) || lower(name[i + 1]);
}

const char *html_label(const char *name, char out[HTML_LABEL_SIZE])
{
    const char *known = FIND(labels, name);
    size_t length = 0;
    for (size_t i = 0; !known && name[i] && length < HTML_LABEL_SIZE - 2; i++) {
        bool word = begins(name, i) && name[i - 1] != '_';
        if (word)
            out[length++] = ' ';
        bool acronym = upper(name[i + 1]);
        char c = name[i] == '_' ? ' ' : name[i];
        if (length == 0 && lower(c))
            c = (char)(c - 'a' + 'A');
        else if (word && !acronym)
            c = (char)(c - 'A' + 'a');
        out[length++] = c;
    }
    while (length > 0 && ((unsigned char)out[length - 1] & 0x80))
        length--; /* names of elements may be other than ASCII; half a character is none */
    if (known) {
        length = strlen(known);
        memcpy(out, known, length);
    }
    out[length] = 0;
    return out;
}
