/* html_preferences.c - preference items: what each does, whom it is for, how it behaves. */
#include <string.h>

#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"

#define COLLECTIONS_DEPTH_MAX 40 /* within each other; the rest is written as it is */

/* Attributes of an item with a meaning of their own, said when they are "1". */
/* clang-format off */
static const struct {
    const char *name;
    const char *label;
} behaviours[] = {
    {"disabled", "Disabled"},
    {"userContext", "Runs in the user's security context"},
    {"removePolicy", "Removed when no longer applied"},
    {"bypassErrors", "Goes on after an error"},
};
/* clang-format on */
#define BEHAVIOURS (sizeof behaviours / sizeof behaviours[0])

static void put_filter(struct html_page *page, const struct xml_element *filter, bool first);

static void put_filters(struct html_page *page, const struct xml_element *filters)
{
    html_open(page->html, "ul", "class", "filters", NULL);
    const struct xml_element *first = xml_child(filters, NULL);
    for (const struct xml_element *e = first; e; e = xml_next(e, NULL))
        put_filter(page, e, e == first);
    html_close(page->html, "ul");
}

/* "and not Operating system: class NT, version WIN7", and what is within it. */
static void put_filter(struct html_page *page, const struct xml_element *filter, bool first)
{
    const char *joined = xml_attribute(filter, "bool");
    const char *negated = xml_attribute(filter, "not");
    const char *name, *value;
    char label[HTML_LABEL_SIZE];
    html_open(page->html, "li", NULL);
    if (!first && joined && *joined)
        html_text(page->html, !strcmp(joined, "OR") ? "or " : "and ");
    if (negated && !strcmp(negated, "1"))
        html_put(page->html, "strong", NULL, "not ");
    html_put(page->html, "span", "filter", html_label(xml_name(filter), label));
    for (size_t i = 0, said = 0; xml_attribute_at(filter, i, &name, &value); i++) {
        if (!strcmp(name, "bool") || !strcmp(name, "not") || !*value)
            continue;
        html_text(page->html, said++ ? ", " : ": ");
        html_put(page->html, "span", "key", html_label(name, label));
        html_text(page->html, " ");
        if (html_is_secret(name))
            html_text(page->html, "(not shown)");
        else
            html_text(page->html, value);
    }
    if (xml_child(filter, NULL))
        put_filters(page, filter);
    html_close(page->html, "li");
}

static void put_behaviours(struct html_page *page, const struct xml_element *item)
{
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        const char *value = xml_attribute(item, behaviours[i].name);
        if (value && !strcmp(value, "1"))
            html_state(page, behaviours[i].label);
    }
}

/* What Windows keeps of an item for itself. */
static void put_technical(struct html_page *page, const struct xml_element *item)
{
    static const char *const known[] = {
        "Properties", "Filters",     "GPOSettingOrder", "name",         "image", "clsid",
        "disabled",   "userContext", "removePolicy",    "bypassErrors", NULL};
    html_open(page->html, "div", "class", "detail", NULL);
    html_tree(page, item, known, false);
    html_close(page->html, "div");
}

static void put_item(struct html_page *page, const struct xml_element *item)
{
    static const char *const known[] = {"action", NULL};
    const struct xml_element *properties = xml_child(item, "Properties");
    const struct xml_element *filters = xml_child(item, "Filters");
    const char *order = xml_child_text(item, "GPOSettingOrder");
    const char *name = xml_attribute(item, "name");
    const char *action = properties ? xml_attribute(properties, "action") : NULL;
    const char *word = action ? html_action(action) : NULL;
    html_row_begin(page);
    html_open(page->html, "td", "class", "order", NULL);
    html_text(page->html, order ? order : "");
    html_close(page->html, "td");
    html_cell_name(page, name ? name : "", NULL);
    html_open(page->html, "td", NULL);
    if (word || (action && *action))
        html_state(page, word ? word : action);
    html_close(page->html, "td");
    html_open(page->html, "td", NULL);
    if (properties)
        html_tree(page, properties, known, false);
    if (xml_child(filters, NULL)) {
        html_put(page->html, "p", "sub", "Only where");
        put_filters(page, filters);
    }
    put_behaviours(page, item);
    put_technical(page, item);
    html_close(page->html, "td");
    html_row_end(page);
}

static bool is_item(const struct xml_element *element)
{
    return xml_child(element, "Properties");
}

/* From first on, as many as have its name; returns the one behind them. */
static const struct xml_element *put_items(struct html_page *page, const struct xml_element *first)
{
    static const char *const columns[] = {"Order", "Name", "Action", "Settings", NULL};
    const struct xml_element *e = first;
    char label[HTML_LABEL_SIZE];
    struct html_section group;
    html_section_begin(page, &group, HTML_GROUP, html_label(xml_name(first), label));
    html_table_begin(page, "preferences", columns);
    for (; e && !strcmp(xml_name(e), xml_name(first)) && is_item(e); e = xml_next(e, NULL))
        put_item(page, e);
    html_table_end(page);
    html_section_end(page, &group, NULL);
    return e;
}

/* A folder of items, with a name and perhaps filters for all of them. */
static void put_container(struct html_page *page, const struct xml_element *container, int depth)
{
    static const char *const known[] = {"clsid",           "name",    "image",
                                        "GPOSettingOrder", "Filters", NULL};
    const struct xml_element *filters = xml_child(container, "Filters");
    const char *name = xml_attribute(container, "name");
    if (name)
        html_put(page->html, "p", "branch-name", name);
    if (xml_child(filters, NULL)) {
        html_put(page->html, "p", "sub", "Only where");
        put_filters(page, filters);
    }
    bool items = false;
    for (const struct xml_element *e = xml_child(container, NULL); e;) {
        bool branch = xml_child(e, NULL) && e != filters;
        if (is_item(e) && depth < COLLECTIONS_DEPTH_MAX) {
            e = put_items(page, e);
            items = true;
            continue;
        }
        if (branch && depth < COLLECTIONS_DEPTH_MAX) {
            put_container(page, e, depth + 1);
            items = true;
        } else if (branch) {
            html_tree(page, e, NULL, true);
        }
        e = xml_next(e, NULL);
    }
    if (!items)
        html_tree(page, container, known, true);
}

void html_area_preferences(struct html_page *page, const struct xml_element *extension)
{
    const struct xml_element *first = xml_child(extension, NULL);
    for (const struct xml_element *e = first; e; e = xml_next(e, NULL))
        put_container(page, e, 0);
}
