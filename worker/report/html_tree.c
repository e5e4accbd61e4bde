/* html_tree.c - any element, readable without knowing it. */
#include "html_tree.h"

#include <string.h>

#include "html_label.h"

/* Names and values come in lists; a table or a branch ends the list it stands behind. */
struct tree {
    struct html_page *page;
    bool items;
    bool in_pairs;
};

static void end_pairs(struct tree *tree)
{
    if (tree->in_pairs)
        html_pairs_end(tree->page);
    tree->in_pairs = false;
}

static void begin_pair(struct tree *tree, const char *name)
{
    char label[HTML_LABEL_SIZE];
    if (!tree->in_pairs)
        html_pairs_begin(tree->page, tree->items);
    tree->in_pairs = true;
    html_pair_begin(tree->page, tree->items, html_label(name, label));
}

/* XML Schema's xsi:nil: the element is there and says nothing. */
static bool is_nil(const struct xml_element *element)
{
    const char *nil = xml_attribute(element, "nil");
    return nil && !strcmp(nil, "true");
}

static bool has_attributes(const struct xml_element *element)
{
    const char *name, *value;
    return !is_nil(element) && xml_attribute_at(element, 0, &name, &value);
}

bool html_is_leaf(const struct xml_element *element)
{
    return !xml_child(element, NULL) && !has_attributes(element);
}

static const struct xml_element *only_child(const struct xml_element *element)
{
    const struct xml_element *child = xml_child(element, NULL);
    return child && !xml_next(child, NULL) ? child : NULL;
}

static bool is_wrapper_of(const char *name)
{
    return !strcmp(name, "Value") || !strcmp(name, "Mode");
}

/* <EnableFirewall><Value>true</Value></EnableFirewall>: a leaf in a wrapper. */
static const struct xml_element *wrapped_value(const struct xml_element *element)
{
    const struct xml_element *child = has_attributes(element) ? NULL : only_child(element);
    return child && html_is_leaf(child) && is_wrapper_of(xml_name(child)) ? child : NULL;
}

static bool is_trustee(const struct xml_element *element)
{
    const struct xml_element *sid = xml_child(element, "SID");
    if (!sid || has_attributes(element))
        return false;
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (!html_is_leaf(e) || (strcmp(xml_name(e), "SID") && strcmp(xml_name(e), "Name")))
            return false;
    return true;
}

static void put_text(struct tree *tree, const char *name, const char *text)
{
    if (html_is_secret(name)) {
        if (*text)
            html_secret(tree->page);
        else
            html_value(tree->page, text);
    } else if (!strcmp(text, "true") || !strcmp(text, "false")) {
        html_state(tree->page, html_yes_no(text));
    } else {
        html_value(tree->page, text);
    }
}

/* <Months><January/><March/></Months>: what is there is the value. */
static bool is_flags(const struct xml_element *element)
{
    const struct xml_element *child = has_attributes(element) ? NULL : xml_child(element, NULL);
    if (!child || *xml_text(element) > ' ')
        return false;
    for (; child; child = xml_next(child, NULL))
        if (!html_is_leaf(child) || *xml_text(child) || is_nil(child))
            return false;
    return true;
}

static void put_flags(struct tree *tree, const struct xml_element *element)
{
    char label[HTML_LABEL_SIZE];
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL)) {
        html_text(tree->page->html, html_label(xml_name(e), label));
        if (xml_next(e, NULL))
            html_text(tree->page->html, ", ");
    }
}

static void put_simple(struct tree *tree, const struct xml_element *element)
{
    const struct xml_element *value = wrapped_value(element);
    if (is_trustee(element))
        html_trustee(tree->page, element);
    else if (is_flags(element))
        put_flags(tree, element);
    else if (is_nil(element))
        html_put(tree->page->html, "span", "none", "(not set)");
    else
        put_text(tree, xml_name(element), xml_text(value ? value : element));
}

static bool is_simple(const struct xml_element *element)
{
    return html_is_leaf(element) || wrapped_value(element) || is_trustee(element) ||
           is_flags(element);
}

/* The next sibling, if it has the same name: so a run is left in one direction and in linear time.
 */
static const struct xml_element *next_alike(const struct xml_element *element)
{
    const struct xml_element *next = xml_next(element, NULL);
    return next && !strcmp(xml_name(next), xml_name(element)) ? next : NULL;
}

/* ---- runs of likes -------------------------------------------------------------------------- */

struct columns {
    const char *names[HTML_TREE_COLUMNS_MAX];
    size_t count;
};

static bool add_column(struct columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (!strcmp(columns->names[i], name))
            return true;
    if (columns->count == HTML_TREE_COLUMNS_MAX || html_is_secret(name))
        return false;
    columns->names[columns->count++] = name;
    return true;
}

/* Whether a table can hold all of one element: each name once, each value simple. */
static bool fits(struct columns *columns, const struct xml_element *element)
{
    const char *name, *value;
    if (is_nil(element) || *xml_text(element) > ' ')
        return false;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        if (!add_column(columns, name))
            return false;
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL)) {
        bool twice = xml_next(e, xml_name(e)) || xml_attribute(element, xml_name(e));
        if (twice || !is_simple(e) || !add_column(columns, xml_name(e)))
            return false;
    }
    return true;
}

static void put_cell(struct tree *tree, const struct xml_element *element, const char *name,
                     bool first)
{
    const struct xml_element *child = xml_child(element, name);
    const char *attribute = xml_attribute(element, name);
    if (first)
        html_open(tree->page->html, "th", "scope", "row", NULL);
    else
        html_open(tree->page->html, "td", NULL);
    if (child)
        put_simple(tree, child);
    else if (attribute)
        put_text(tree, name, attribute);
    html_close(tree->page->html, first ? "th" : "td");
}

static void put_table(struct tree *tree, const struct xml_element *first,
                      const struct columns *columns)
{
    char labels[HTML_TREE_COLUMNS_MAX][HTML_LABEL_SIZE];
    const char *titles[HTML_TREE_COLUMNS_MAX + 1] = {NULL};
    for (size_t i = 0; i < columns->count; i++)
        titles[i] = html_label(columns->names[i], labels[i]);
    html_table_begin(tree->page, "even", titles);
    for (const struct xml_element *e = first; e; e = next_alike(e)) {
        if (tree->items)
            html_row_begin(tree->page);
        else
            html_open(tree->page->html, "tr", NULL);
        for (size_t i = 0; i < columns->count; i++)
            put_cell(tree, e, columns->names[i], i == 0);
        html_close(tree->page->html, "tr");
    }
    html_table_end(tree->page);
}

static void put_branch(struct tree *tree, const struct xml_element *element)
{
    char label[HTML_LABEL_SIZE];
    html_open(tree->page->html, "div", "class", "branch block", NULL);
    html_put(tree->page->html, "p", "branch-name", html_label(xml_name(element), label));
    html_tree(tree->page, element, NULL, tree->items);
    html_close(tree->page->html, "div");
}

static void put_list(struct tree *tree, const struct xml_element *first)
{
    begin_pair(tree, xml_name(first));
    html_open(tree->page->html, "ul", "class", "plain", NULL);
    for (const struct xml_element *e = first; e; e = next_alike(e)) {
        html_open(tree->page->html, "li", NULL);
        put_simple(tree, e);
        html_close(tree->page->html, "li");
    }
    html_close(tree->page->html, "ul");
    html_pair_end(tree->page);
}

static void put_run(struct tree *tree, const struct xml_element *first)
{
    bool several = next_alike(first);
    bool simple = true;
    struct columns columns = {0};
    bool table = several;
    for (const struct xml_element *e = first; e; e = next_alike(e)) {
        simple = simple && is_simple(e);
        table = table && !is_simple(e) && fits(&columns, e);
    }
    if (simple && several) {
        put_list(tree, first);
    } else if (simple) {
        begin_pair(tree, xml_name(first));
        put_simple(tree, first);
        html_pair_end(tree->page);
    } else {
        end_pairs(tree);
        if (table && columns.count > 0)
            put_table(tree, first, &columns);
        else
            for (const struct xml_element *e = first; e; e = next_alike(e))
                put_branch(tree, e);
    }
}

static bool is_in(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

static void put_attributes(struct tree *tree, const struct xml_element *element,
                           const char *const *skip)
{
    const char *name, *value;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++) {
        if (!*value || is_in(skip, name))
            continue;
        begin_pair(tree, name);
        put_text(tree, name, value);
        html_pair_end(tree->page);
    }
}

void html_tree(struct html_page *page, const struct xml_element *element, const char *const *skip,
               bool items)
{
    struct tree tree = {.page = page, .items = items};
    put_attributes(&tree, element, skip);
    if (*xml_text(element) > ' ' || (*xml_text(element) && !xml_child(element, NULL))) {
        begin_pair(&tree, "Value");
        put_text(&tree, xml_name(element), xml_text(element));
        html_pair_end(page);
    }
    const struct xml_element *e = xml_child(element, NULL);
    while (e) {
        const struct xml_element *last = e;
        while (next_alike(last))
            last = next_alike(last);
        if (!is_in(skip, xml_name(e)))
            put_run(&tree, e);
        e = xml_next(last, NULL);
    }
    end_pairs(&tree);
}

void html_tree_run(struct html_page *page, const struct xml_element *first, bool items)
{
    struct tree tree = {.page = page, .items = items};
    put_run(&tree, first);
    end_pairs(&tree);
}
