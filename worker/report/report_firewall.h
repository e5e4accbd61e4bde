/*
 * report_firewall.h - the rules of the Windows Firewall section.
 */
#ifndef GPMQ_REPORT_FIREWALL_H
#define GPMQ_REPORT_FIREWALL_H

#include "report_parts.h"

#define FIREWALL "Software\\Policies\\Microsoft\\WindowsFirewall"

/* Whether a value is of that key, and not of one below it. */
bool report_firewall_in_key(const struct report_pol_value *value, const char *key);
/* Writes them, each taken to pieces; one that is no rule is left to Registry. */
int report_firewall_rules(struct report *report, struct gpmq_error *err) GPMQ_CHECKED;

#endif
