/* html_network.c - the Windows firewall: its profiles side by side, its rules. */
#include <string.h>

#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"

static const char *const profiles[] = {"DomainProfile", "PrivateProfile", "PublicProfile"};
#define PROFILES         (sizeof profiles / sizeof profiles[0])
#define PROFILE_ROWS_MAX 64 /* settings of a profile in one table; Windows has about 20 */

/* Settings whose "true" is neither yes nor no. */
/* clang-format off */
static const struct {
    const char *name;
    const char *when_true, *when_false;
} words[] = {
    {"DefaultInboundAction", "Block", "Allow"},
    {"DefaultOutboundAction", "Block", "Allow"},
    {"EnableFirewall", "On", "Off"},
};
/* clang-format on */

static const char *word_of(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(words[i].name, name) && !strcmp(value, "true"))
            return words[i].when_true;
        else if (!strcmp(words[i].name, name) && !strcmp(value, "false"))
            return words[i].when_false;
    return html_yes_no(value);
}

static void put_profile_cell(struct html_page *page, const char *name,
                             const struct xml_element *setting)
{
    html_open(page->html, "td", NULL);
    const char *value = setting ? xml_child_text(setting, "Value") : NULL;
    if (!setting)
        html_put(page->html, "span", "none", "Not set");
    else if (value && (!strcmp(value, "true") || !strcmp(value, "false")))
        html_state(page, word_of(name, value));
    else if (value && *value)
        html_value(page, value);
    else
        html_tree(page, setting, NULL, false);
    html_close(page->html, "td");
}

struct names {
    const char *at[PROFILE_ROWS_MAX];
    size_t count;
};

/* The names of a profile's settings; false: more than the table holds, or one twice. */
static bool collect(struct names *names, const struct xml_element *profile)
{
    for (const struct xml_element *e = xml_child(profile, NULL); e; e = xml_next(e, NULL)) {
        size_t i = 0;
        while (i < names->count && strcmp(names->at[i], xml_name(e)) != 0)
            i++;
        if (i == PROFILE_ROWS_MAX || xml_next(e, xml_name(e)))
            return false;
        names->at[i] = xml_name(e);
        names->count += i == names->count;
    }
    return true;
}

static void put_profile_table(struct html_page *page, const struct names *names,
                              const struct xml_element *const of[PROFILES])
{
    static const char *const columns[] = {"Setting", "Domain", "Private", "Public", NULL};
    html_table_begin(page, "profiles", columns);
    for (size_t i = 0; i < names->count; i++) {
        char label[HTML_LABEL_SIZE];
        html_row_begin(page);
        html_cell_name(page, html_label(names->at[i], label), NULL);
        for (size_t p = 0; p < PROFILES; p++)
            put_profile_cell(page, names->at[i], xml_child(of[p], names->at[i]));
        html_row_end(page);
    }
    html_table_end(page);
}

static void put_profiles(struct html_page *page, const struct xml_element *extension)
{
    const struct xml_element *of[PROFILES];
    struct names names = {.count = 0};
    struct html_section group;
    bool fits = true;
    for (size_t p = 0; p < PROFILES; p++) {
        of[p] = xml_child(extension, profiles[p]);
        fits = fits && collect(&names, of[p]) && !(of[p] && xml_next(of[p], profiles[p]));
    }
    html_section_begin(page, &group, HTML_GROUP, "Profiles");
    if (fits && names.count > 0) {
        put_profile_table(page, &names, of);
    } else if (!fits) {
        for (size_t p = 0; p < PROFILES; p++)
            for (const struct xml_element *e = of[p]; e; e = xml_next(e, profiles[p]))
                html_tree_run(page, e, true);
    }
    html_section_end(page, &group, NULL);
}

static void put_each(struct html_page *page, const struct xml_element *rule, const char *name)
{
    const struct xml_element *first = xml_child(rule, name);
    html_open(page->html, "td", NULL);
    for (const struct xml_element *e = first; e; e = xml_next(e, name)) {
        if (e != first)
            html_text(page->html, ", ");
        html_text(page->html, xml_text(e));
    }
    if (!first)
        html_put(page->html, "span", "none", "Any");
    html_close(page->html, "td");
}

/* Everything else that a rule says; what stands in its row already is not said again. */
static void put_conditions(struct html_page *page, const struct xml_element *rule)
{
    static const char *const known[] = {"Name",     "Desc",   "Action",  "Dir", "Profile",
                                        "Protocol", "Active", "Version", NULL};
    const char *protocol = xml_child_text(rule, "Protocol");
    html_open(page->html, "td", NULL);
    if (protocol) {
        const char *name = html_protocol(protocol);
        html_pairs_begin(page, false);
        html_pair_begin(page, false, "Protocol");
        html_format(page->html, name ? "%s (%s)" : "%s%s", name ? name : "", protocol);
        html_pair_end(page);
        html_pairs_end(page);
    }
    html_tree(page, rule, known, false);
    const char *version = xml_child_text(rule, "Version");
    if (version && *version) {
        html_open(page->html, "div", "class", "detail", NULL);
        html_format(page->html, "Rule version %s", version);
        html_close(page->html, "div");
    }
    html_close(page->html, "td");
}

static void put_rule(struct html_page *page, const struct xml_element *rule)
{
    const char *action = xml_child_text(rule, "Action");
    const char *active = xml_child_text(rule, "Active");
    const char *name = xml_child_text(rule, "Name");
    html_row_begin(page);
    html_cell_name(page, name ? name : "", xml_child_text(rule, "Desc"));
    html_open(page->html, "td", NULL);
    html_state(page, action ? action : "");
    if (active && !strcmp(active, "false"))
        html_state(page, "Disabled");
    html_close(page->html, "td");
    put_each(page, rule, "Profile");
    put_conditions(page, rule);
    html_row_end(page);
}

static void put_rules(struct html_page *page, const struct xml_element *extension,
                      const char *element, const char *heading)
{
    static const char *const columns[] = {"Rule", "Action", "Profiles", "Conditions", NULL};
    const struct xml_element *first = xml_child(extension, element);
    if (!first)
        return;
    struct html_section group;
    html_section_begin(page, &group, HTML_GROUP, heading);
    html_table_begin(page, "rules", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, element))
        put_rule(page, e);
    html_table_end(page);
    html_section_end(page, &group, NULL);
}

void html_area_firewall(struct html_page *page, const struct xml_element *extension)
{
    static const char *const known[] = {"type",
                                        "DomainProfile",
                                        "PrivateProfile",
                                        "PublicProfile",
                                        "InboundFirewallRules",
                                        "OutboundFirewallRules",
                                        NULL};
    put_profiles(page, extension);
    put_rules(page, extension, "InboundFirewallRules", "Inbound rules");
    put_rules(page, extension, "OutboundFirewallRules", "Outbound rules");
    html_tree(page, extension, known, true);
}
