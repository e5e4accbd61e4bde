#include "report_firewall.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"

#define RULE_FIELDS_MAX 256 /* of one rule */
#define COUNT(array)    (sizeof(array) / sizeof *(array))

/* clang-format off */
/* The fields of a rule in the order of reports; others follow as they stand in the rule. */
static const char *const rule_fields[] = {
    "Action", "Name", "Dir", "App", "Svc", "Profile", "LA4", "LA6", "RA4", "RA6", "LPort",
    "LPort2_10", "LPort2_20", "RPort", "RPort2_10", "Protocol", "ICMP6", "ICMP4", "Desc", "Active",
    "Edge", "EmbedCtxt",
};
/* clang-format on */

bool report_firewall_in_key(const struct report_pol_value *value, const char *key)
{
    const char *rest;
    return report_pol_below(value, key, &rest) && !*rest;
}

struct field {
    const char *name, *value;
    bool told;
};

struct rule {
    const char *version; /* "2.26" */
    size_t count;
    struct field fields[RULE_FIELDS_MAX];
};

static bool is_name(const char *text)
{
    return *text &&
           !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789_")] &&
           !strchr("0123456789", *text);
}

/* "v2.26|Action=Allow|...|", cut to pieces; false: it is no rule. */
static bool read_rule(struct rule *out, char *text)
{
    char *piece = strsep(&text, "|");
    out->count = 0;
    if (piece[0] != 'v' || strspn(piece + 1, "0123456789.") != strlen(piece + 1))
        return false;
    out->version = piece + 1;
    while ((piece = strsep(&text, "|"))) {
        if (!*piece)
            continue;
        char *equals = strchr(piece, '=');
        if (!equals || out->count == RULE_FIELDS_MAX)
            return false;
        *equals = 0;
        if (!is_name(piece))
            return false;
        out->fields[out->count++] = (struct field){.name = piece, .value = equals + 1};
    }
    return true;
}

static void put_field(struct report_write *write, struct field *field)
{
    const char *value = field->value;
    if (!strcasecmp(value, "TRUE") || !strcasecmp(value, "FALSE"))
        value = !strcasecmp(value, "TRUE") ? "true" : "false";
    if (!strcasecmp(field->name, "Defer")) /* Windows leaves it out */
        report_text_own(write, "gpmq:Defer", value);
    else
        report_text(write, field->name, value);
    field->told = true;
}

static void put_rule(struct report_write *write, const char *element, struct rule *rule)
{
    report_open(write, element);
    report_text(write, "Version", rule->version);
    for (size_t f = 0; f < COUNT(rule_fields); f++)
        for (size_t i = 0; i < rule->count; i++)
            if (!strcasecmp(rule->fields[i].name, rule_fields[f]))
                put_field(write, &rule->fields[i]);
    for (size_t i = 0; i < rule->count; i++)
        if (!rule->fields[i].told)
            put_field(write, &rule->fields[i]);
    report_close(write);
}

static bool is_outbound(const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++)
        if (!strcasecmp(rule->fields[i].name, "Dir") && !strcasecmp(rule->fields[i].value, "Out"))
            return true;
    return false;
}

/* The rules of a key that go that way: inbound, outbound, or all of them. */
static int put_rules(struct report *report, const char *key, const char *element,
                     bool (*is_wanted)(const struct rule *rule), struct gpmq_error *err)
{
    struct rule *rule = malloc(sizeof *rule);
    if (!rule)
        return fail(err, GPMQ_ENOMEM, "no memory for a firewall rule");
    int rc = 0;
    for (size_t i = 0; !rc && i < report->pol.count; i++) {
        struct report_pol_value *value = &report->pol.values[i];
        CLEANUP(free_pointer) char *text = NULL;
        if (value->owner != REPORT_POL_FIREWALL || !report_firewall_in_key(value, key) ||
            value->told)
            continue;
        rc = report_pol_text(&text, value, err);
        if (rc || !text || !read_rule(rule, text) || !is_wanted(rule))
            continue;
        value->told = true;
        put_rule(&report->write, element, rule);
    }
    free(rule);
    return rc;
}

static bool is_inbound(const struct rule *rule)
{
    return !is_outbound(rule);
}

static bool is_any(const struct rule *rule)
{
    (void)rule;
    return true;
}

int report_firewall_rules(struct report *report, struct gpmq_error *err)
{
    int rc = put_rules(report, FIREWALL "\\FirewallRules", "InboundFirewallRules", is_inbound, err);
    if (!rc)
        rc = put_rules(report, FIREWALL "\\FirewallRules", "OutboundFirewallRules", is_outbound,
                       err);
    if (!rc)
        rc = put_rules(report, FIREWALL "\\ConSecRules", "ConnectionSecurityRules", is_any, err);
    return rc;
}
