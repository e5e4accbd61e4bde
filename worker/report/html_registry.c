/* html_registry.c - administrative templates by category, and registry values without one. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fold.h"
#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"

/* The children of a Policy that are no setting of its own. */
static const char *const policy_parts[] = {"Name",     "State",   "Explain", "Supported",
                                           "Category", "Comment", NULL};

static bool is_part(const char *name)
{
    for (const char *const *p = policy_parts; *p; p++)
        if (!strcmp(*p, name))
            return true;
    return false;
}

/* The name opens what Windows explains of the policy: help, which need not be read each time. */
static void put_name(struct html_page *page, const struct xml_element *policy)
{
    const char *name = xml_child_text(policy, "Name");
    const char *explain = xml_child_text(policy, "Explain");
    const char *supported = xml_child_text(policy, "Supported");
    bool help = (explain && *explain) || (supported && *supported);
    html_open(page->html, "th", "scope", "row", NULL);
    if (!help) {
        html_value(page, name ? name : "");
    } else {
        html_open(page->html, "details", "class", "about", NULL);
        html_put(page->html, "summary", NULL, name);
        if (explain && *explain)
            html_put(page->html, "p", "explain", explain);
        if (supported && *supported) {
            html_open(page->html, "p", "class", "supported", NULL);
            html_format(page->html, "Supported on: %s", supported);
            html_close(page->html, "p");
        }
        html_close(page->html, "details");
    }
    html_close(page->html, "th");
}

static void put_list_element(struct html_page *page, const struct xml_element *element)
{
    const char *name = xml_child_text(element, "Name");
    const char *content = xml_child_text(element, "Data");
    html_open(page->html, "li", NULL);
    if (name && *name) {
        html_put(page->html, "code", NULL, name);
        html_text(page->html, " = ");
    }
    if (content)
        html_code(page, content);
    html_close(page->html, "li");
}

/* The value of a presentation element: Value, Value/Name, Value/string*, Value/Element*. */
static void put_element_value(struct html_page *page, const struct xml_element *value)
{
    const struct xml_element *first = xml_child(value, NULL);
    if (!first) {
        html_value(page, xml_text(value));
    } else if (!strcmp(xml_name(first), "Element")) {
        html_open(page->html, "ul", "class", "plain", NULL);
        for (const struct xml_element *e = first; e; e = xml_next(e, "Element"))
            put_list_element(page, e);
        html_close(page->html, "ul");
    } else if (html_is_leaf(first) && xml_next(first, NULL)) {
        html_texts(page, first, xml_name(first));
    } else if (html_is_leaf(first)) {
        html_value(page, xml_text(first));
    } else {
        html_tree(page, value, NULL, false);
    }
}

static const char *const known_parts[] = {
    "Name", "State", "ExplicitValue", "Additive", "Value", "ValuePrefix", NULL};

static void put_element(struct html_page *page, const struct xml_element *element)
{
    const char *name = xml_child_text(element, "Name");
    const char *state = xml_child_text(element, "State");
    const struct xml_element *value = xml_child(element, "Value");
    html_pair_begin(page, false, name ? name : "");
    if (value)
        put_element_value(page, value);
    else if (state)
        html_state(page, state);
    if (value && state && strcmp(state, "Enabled") != 0)
        html_state(page, state);
    const char *prefix = xml_child_text(element, "ValuePrefix");
    if (prefix && *prefix) {
        html_text(page->html, " ");
        html_format(page->html, "(value names begin with %s)", prefix);
    }
    html_pair_end(page);
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL)) {
        bool known = false;
        for (const char *const *p = known_parts; *p; p++)
            known = known || !strcmp(*p, xml_name(e));
        if (!known)
            html_pair(page, false, xml_name(e), xml_text(e));
    }
}

static void put_setting(struct html_page *page, const struct xml_element *policy)
{
    const char *state = xml_child_text(policy, "State");
    html_open(page->html, "td", NULL);
    if (state)
        html_state(page, state);
    bool in_pairs = false;
    for (const struct xml_element *e = xml_child(policy, NULL); e; e = xml_next(e, NULL)) {
        if (is_part(xml_name(e)))
            continue;
        bool note = !strcmp(xml_name(e), "Text");
        if (in_pairs == note) {
            if (note)
                html_pairs_end(page);
            else
                html_pairs_begin(page, false);
            in_pairs = !note;
        }
        if (note)
            html_put(page->html, "p", "note", xml_child_text(e, "Name"));
        else
            put_element(page, e);
    }
    if (in_pairs)
        html_pairs_end(page);
    html_close(page->html, "td");
}

/* ---- by category ---------------------------------------------------------------------------- */

struct placed {
    const char *category;
    const struct xml_element *policy;
    size_t place; /* in the report: qsort() keeps no order */
};

static int by_category(const void *a, const void *b)
{
    const struct placed *one = a, *two = b;
    int order = fold_compare_paths(one->category, two->category);
    if (!order)
        order = strcmp(one->category, two->category);
    return order ? order : one->place < two->place ? -1 : 1;
}

static void put_category(struct html_page *page, const struct placed *policies, size_t count)
{
    static const char *const plain[] = {"Policy", "Setting", NULL};
    static const char *const commented[] = {"Policy", "Setting", "Comment", NULL};
    bool comments = false;
    for (size_t i = 0; i < count; i++) {
        const char *comment = xml_child_text(policies[i].policy, "Comment");
        comments = comments || (comment && *comment);
    }
    struct html_section group;
    html_section_begin(page, &group, HTML_GROUP,
                       *policies->category ? policies->category : "Without category");
    html_table_begin(page, comments ? "three" : "two", comments ? commented : plain);
    for (size_t i = 0; i < count; i++) {
        html_row_begin(page);
        put_name(page, policies[i].policy);
        put_setting(page, policies[i].policy);
        if (comments)
            html_cell(page, xml_child_text(policies[i].policy, "Comment"));
        html_row_end(page);
    }
    html_table_end(page);
    html_section_end(page, &group, NULL);
}

static void put_policies(struct html_page *page, const struct xml_element *extension)
{
    size_t count = xml_count(extension, "Policy"), i = 0;
    if (!count)
        return;
    CLEANUP(free_pointer) struct placed *policies = calloc(count, sizeof *policies);
    if (!policies) {
        page->html->out.failed = true;
        return;
    }
    for (const struct xml_element *e = xml_child(extension, "Policy"); e;
         e = xml_next(e, "Policy"), i++) {
        const char *category = xml_child_text(e, "Category");
        policies[i] = (struct placed){category ? category : "", e, i};
    }
    qsort(policies, count, sizeof *policies, by_category);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count; next++)
            if (strcmp(policies[first].category, policies[next].category) != 0)
                break;
        put_category(page, policies + first, next - first);
    }
}

/* ---- without a template --------------------------------------------------------------------- */

static void put_registry_value(struct html_page *page, const struct xml_element *setting)
{
    static const char *const known[] = {"KeyPath", "AdmSetting", "Value", "Command", NULL};
    static const char *const in_value[] = {"Name", "Number", "String", NULL};
    const struct xml_element *value = xml_child(setting, "Value");
    const char *key = xml_child_text(setting, "KeyPath");
    const char *command = xml_child_text(setting, "Command");
    const char *name = value ? xml_child_text(value, "Name") : command;
    html_row_begin(page);
    html_cell_name(page, name && *name ? name : value ? "(default)" : "(key)", key);
    html_open(page->html, "td", NULL);
    if (value) {
        const char *number = xml_child_text(value, "Number");
        const char *string = xml_child_text(value, "String");
        if (number)
            html_code(page, number);
        if (string && *string)
            html_value(page, string);
        bool other = xml_child(value, NULL) && !number && !string && xml_count(value, NULL) > 1;
        if ((string && !*string) || (!number && !string && !other))
            html_value(page, "");
        html_tree(page, value, in_value, false);
    } else {
        html_put(page->html, "span", "none",
                 command ? "(deletes values or keys)" : "(the key alone)");
    }
    html_tree(page, setting, known, false);
    html_close(page->html, "td");
    html_row_end(page);
}

static void put_values(struct html_page *page, const struct xml_element *extension)
{
    static const char *const columns[] = {"Registry value", "Data", NULL};
    const struct xml_element *first = xml_child(extension, "RegistrySetting");
    if (!first)
        return;
    struct html_section group;
    html_section_begin(page, &group, HTML_GROUP, "Extra registry settings");
    html_put(page->html, "p", "note",
             "No administrative template describes these values; they are shown as they are.");
    html_table_begin(page, "two", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "RegistrySetting"))
        put_registry_value(page, e);
    html_table_end(page);
    html_section_end(page, &group, NULL);
}

void html_area_registry(struct html_page *page, const struct xml_element *extension)
{
    static const char *const known[] = {"type", "Policy", "RegistrySetting", "Blocked", NULL};
    put_policies(page, extension);
    put_values(page, extension);
    const char *blocked = xml_child_text(extension, "Blocked");
    if (blocked && !strcmp(blocked, "true"))
        html_put(page->html, "p", "warning", "These settings are blocked.");
    html_tree(page, extension, known, true);
}
