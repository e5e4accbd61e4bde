/*
 * The Name Resolution Policy section: the global settings of the DNS client ([MS-GPNRPT] 2.2.1).
 *
 * Windows shows the section as soon as registry.pol has any value of the DNS client. Its table of
 * rules (DnsPolicyConfig) is left to Registry: no report that we know has one.
 */
#include <string.h>
#include <strings.h>

#include "report_parts.h"

#define DNS_CLIENT "Software\\Policies\\Microsoft\\Windows NT\\DNSClient"

/* clang-format off */
static const struct {
    const char *element, *value;
} settings[] = {
    {"Nla",      "EnableDAForAllNetworks"},
    {"Fallback", "DnsSecureNameQueryFallback"},
    {"Query",    "DirectAccessQueryOrder"},
};
/* clang-format on */

static bool has_any(const struct report *report)
{
    for (size_t i = 0; i < report->pol.count; i++)
        if (report_pol_below(&report->pol.values[i], DNS_CLIENT, NULL))
            return true;
    return false;
}

static bool take(struct report_pol *pol, const char *name, uint64_t *out)
{
    bool found = false;
    for (size_t i = 0; i < pol->count; i++) {
        struct report_pol_value *value = &pol->values[i];
        const char *rest;
        uint64_t number;
        if (!report_pol_below(value, DNS_CLIENT, &rest) || *rest || strcasecmp(value->name, name) ||
            !report_pol_number(value, &number))
            continue;
        found = value->told = true;
        *out = number;
    }
    return found;
}

int report_nrpt(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    (void)err;
    struct report_write *write = &report->write;
    if (!has_any(report))
        return 0;
    report_begin_area(report, area);
    report_open(write, "Global");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        uint64_t number;
        if (take(&report->pol, settings[i].value, &number)) {
            report_number(write, settings[i].element, number);
            continue;
        }
        report_open(write, settings[i].element);
        report_attribute(write, "xsi:nil", "true");
        report_close(write);
    }
    report_close(write);
    report_end_area(report, area);
    return 0;
}
