/*
 * The Windows Firewall section: keys of registry.pol below WindowsFirewall ([MS-GPFAS] 2.2), the
 * profiles' values as yes or no, and each rule taken to pieces.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "report_firewall.h"

#define PROFILE_PARTS 2

enum kind { KIND_NUMBER, KIND_BOOLEAN, KIND_TEXT };

struct setting {
    const char *name;
    enum kind kind;
};

/* In the order of reports. */
/* clang-format off */
static const struct setting global_settings[] = {
    {"PolicyVersion",      KIND_NUMBER},
    {"DisableStatefulFTP", KIND_BOOLEAN},
    {"DisableStatefulPPTP", KIND_BOOLEAN},
    {"PresharedKeyEncoding", KIND_NUMBER},
    {"SAIdleTime",         KIND_NUMBER},
    {"StrongCRLCheck",     KIND_NUMBER},
    {"IPsecExempt",        KIND_NUMBER},
    {"IPsecThroughNAT",    KIND_NUMBER},
};
static const struct setting profile_settings[] = {
    {"AllowLocalIPsecPolicyMerge", KIND_BOOLEAN},
    {"AllowLocalPolicyMerge",      KIND_BOOLEAN},
    {"DefaultInboundAction",       KIND_BOOLEAN},
    {"DefaultOutboundAction",      KIND_BOOLEAN},
    {"DisableNotifications",       KIND_BOOLEAN},
    {"DisableStealthMode",         KIND_BOOLEAN},
    {"DisableStealthModeIPsecSecuredPacketExemption", KIND_BOOLEAN},
    {"DisableUnicastResponsesToMulticastBroadcast",   KIND_BOOLEAN},
    {"DoNotAllowExceptions",       KIND_BOOLEAN},
    {"EnableFirewall",             KIND_BOOLEAN},
    {"LogFilePath",                KIND_TEXT},
    {"LogFileSize",                KIND_NUMBER},
    {"LogDroppedPackets",          KIND_BOOLEAN},
    {"LogSuccessfulConnections",   KIND_BOOLEAN},
};

/* Where a profile keeps its values: its log's are in a key of their own. */
static const struct profile {
    const char *element;
    const char *keys[PROFILE_PARTS];
} profiles[] = {
    {"DomainProfile",  {FIREWALL "\\DomainProfile",  FIREWALL "\\DomainProfile\\Logging"}},
    {"PublicProfile",  {FIREWALL "\\PublicProfile",  FIREWALL "\\PublicProfile\\Logging"}},
    {"PrivateProfile", {FIREWALL "\\PrivateProfile", FIREWALL "\\PrivateProfile\\Logging"}},
};
/* clang-format on */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- settings ------------------------------------------------------------------------------- */

/* The last value of that name in one of the keys, as Windows applies them; marks all as told. */
static const struct report_pol_value *take(struct report_pol *pol, const char *const *keys,
                                           size_t key_count, const struct setting *setting)
{
    const struct report_pol_value *last = NULL;
    for (size_t i = 0; i < pol->count; i++) {
        struct report_pol_value *value = &pol->values[i];
        uint64_t number;
        bool fits = setting->kind == KIND_TEXT ? value->type == REGISTRY_SZ
                                               : report_pol_number(value, &number);
        if (value->owner != REPORT_POL_FIREWALL || !fits || strcasecmp(value->name, setting->name))
            continue;
        for (size_t k = 0; k < key_count; k++)
            if (report_firewall_in_key(value, keys[k])) {
                value->told = true;
                last = value;
            }
    }
    return last;
}

static int put_setting(struct report *report, const struct setting *setting,
                       const struct report_pol_value *value, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    CLEANUP(free_pointer) char *text = NULL;
    uint64_t number = 0;
    int rc = report_pol_text(&text, value, err);
    if (rc)
        return rc;
    report_open(write, setting->name);
    if (report_pol_number(value, &number) && setting->kind == KIND_BOOLEAN)
        report_bool(write, "Value", number);
    else if (setting->kind == KIND_TEXT)
        report_text(write, "Value", text);
    else
        report_number(write, "Value", number);
    report_close(write);
    return 0;
}

/* An element with the settings that are there; without one it is written if `always` is set. */
static int put_settings(struct report *report, const char *element, const char *const *keys,
                        size_t key_count, const struct setting *settings, size_t count, bool always,
                        struct gpmq_error *err)
{
    bool open = always;
    int rc = 0;
    if (open)
        report_open(&report->write, element);
    for (size_t i = 0; !rc && i < count; i++) {
        const struct report_pol_value *value = take(&report->pol, keys, key_count, &settings[i]);
        if (!value)
            continue;
        if (!open)
            report_open(&report->write, element);
        open = true;
        rc = put_setting(report, &settings[i], value, err);
    }
    if (open)
        report_close(&report->write);
    return rc;
}

/* ---- the section ---------------------------------------------------------------------------- */

static bool has_any(const struct report *report)
{
    for (size_t i = 0; i < report->pol.count; i++)
        if (report->pol.values[i].owner == REPORT_POL_FIREWALL)
            return true;
    return false;
}

static int put_all(struct report *report, struct gpmq_error *err)
{
    static const char *const global_key[] = {FIREWALL};
    int rc = put_settings(report, "GlobalSettings", global_key, 1, global_settings,
                          COUNT(global_settings), true, err);
    for (size_t i = 0; !rc && i < COUNT(profiles); i++)
        rc = put_settings(report, profiles[i].element, profiles[i].keys, PROFILE_PARTS,
                          profile_settings, COUNT(profile_settings), false, err);
    return rc ? rc : report_firewall_rules(report, err);
}

int report_firewall(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    if (!has_any(report))
        return 0;
    report_begin_area(report, area);
    int rc = put_all(report, err);
    report_end_area(report, area);
    return rc;
}
