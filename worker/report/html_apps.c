/* html_apps.c - application control, certificates, scripts, folder redirection: areas with one kind
 * of table each. */
#include <string.h>

#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"

/* ---- application control -------------------------------------------------------------------- */

static void put_who(struct html_page *page, const char *sid)
{
    const char *name = sid ? html_well_known(sid) : NULL;
    html_open(page->html, "td", NULL);
    if (name)
        html_text(page->html, name);
    if (sid) {
        html_open(page->html, "span", "class", name ? "sid" : NULL, NULL);
        html_code(page, sid);
        html_close(page->html, "span");
    }
    html_close(page->html, "td");
}

static const char *only_attribute(const struct xml_element *element)
{
    const char *name, *value, *more;
    bool one = xml_attribute_at(element, 0, &name, &value) &&
               !xml_attribute_at(element, 1, &name, &more) && !xml_child(element, NULL);
    return one ? value : NULL;
}

/* <FilePath Path="..."/> is "File path: ..."; an exception has another element around it. */
static void put_conditions(struct html_page *page, const struct xml_element *conditions)
{
    char label[HTML_LABEL_SIZE];
    const char *name, *text;
    html_pairs_begin(page, false);
    for (const struct xml_element *e = xml_child(conditions, NULL); e; e = xml_next(e, NULL)) {
        const struct xml_element *inner = xml_child(e, NULL);
        bool wrapped = inner && !xml_next(inner, NULL) && only_attribute(inner) &&
                       !xml_attribute_at(e, 0, &name, &text);
        const struct xml_element *condition = wrapped ? inner : e;
        const char *value = only_attribute(condition);
        html_pair_begin(page, false, html_label(xml_name(condition), label));
        if (value)
            html_code(page, value);
        else
            html_tree(page, condition, NULL, false);
        html_pair_end(page);
    }
    html_pairs_end(page);
}

static void put_app_rule(struct html_page *page, const struct xml_element *rule)
{
    static const char *const known[] = {
        "Name", "Description", "UserOrGroupSid", "Action", "Conditions", "Exceptions", "Id", NULL};
    const struct xml_element *exceptions = xml_child(rule, "Exceptions");
    const char *id = xml_attribute(rule, "Id");
    const char *name = xml_attribute(rule, "Name");
    const char *action = xml_attribute(rule, "Action");
    html_row_begin(page);
    html_cell_name(page, name ? name : "", xml_attribute(rule, "Description"));
    html_open(page->html, "td", NULL);
    html_state(page, action ? action : "");
    html_close(page->html, "td");
    put_who(page, xml_attribute(rule, "UserOrGroupSid"));
    html_open(page->html, "td", NULL);
    put_conditions(page, xml_child(rule, "Conditions"));
    if (exceptions) {
        html_put(page->html, "p", "sub", "Except");
        put_conditions(page, exceptions);
    }
    html_tree(page, rule, known, false);
    if (id && *id) {
        html_open(page->html, "div", "class", "detail", NULL);
        html_code(page, id);
        html_close(page->html, "div");
    }
    html_close(page->html, "td");
    html_row_end(page);
}

static bool is_rule(const struct xml_element *element)
{
    const char *name = xml_name(element);
    size_t length = strlen(name);
    return length > 4 && !strcmp(name + length - 4, "Rule");
}

static const struct xml_element *first_rule(const struct xml_element *collection)
{
    for (const struct xml_element *e = xml_child(collection, NULL); e; e = xml_next(e, NULL))
        if (is_rule(e))
            return e;
    return NULL;
}

static void put_collection(struct html_page *page, const struct xml_element *collection)
{
    static const char *const columns[] = {"Rule", "Action", "Applies to", "Conditions", NULL};
    const char *type = xml_attribute(collection, "Type");
    char label[HTML_LABEL_SIZE];
    struct html_section group;
    html_section_begin(page, &group, HTML_GROUP, html_label(type ? type : "Rules", label));
    for (const struct xml_element *e = xml_child(collection, NULL); e; e = xml_next(e, NULL))
        if (!is_rule(e))
            html_tree_run(page, e, false);
    const struct xml_element *first = first_rule(collection);
    if (first)
        html_table_begin(page, "rules", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, NULL))
        if (is_rule(e))
            put_app_rule(page, e);
    if (first)
        html_table_end(page);
    html_section_end(page, &group, "No rules.");
}

void html_area_apps(struct html_page *page, const struct xml_element *extension)
{
    static const char *const known[] = {"type", "RuleCollection", NULL};
    for (const struct xml_element *e = xml_child(extension, "RuleCollection"); e;
         e = xml_next(e, "RuleCollection"))
        put_collection(page, e);
    html_tree(page, extension, known, true);
}

/* ---- certificates --------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *element;
    const char *heading;
} stores[] = {
    {"RootCertificate", "Trusted root certification authorities"},
    {"IntermediateCACertificate", "Intermediate certification authorities"},
    {"TrustedPeopleCertificate", "Trusted people"},
    {"TrustedPublisherCertificate", "Trusted publishers"},
    {"UntrustedCertificate", "Untrusted certificates"},
    {"EFSRecoveryAgent", "Data recovery agents"},
};
/* clang-format on */
#define STORES (sizeof stores / sizeof stores[0])

static void put_certificate(struct html_page *page, const struct xml_element *certificate)
{
    static const char *const known[] = {"IssuedTo", "IssuedBy", "ExpirationDate", "Data", NULL};
    const char *name = xml_child_text(certificate, "IssuedTo");
    const char *expires = xml_child_text(certificate, "ExpirationDate");
    const char *content = xml_child_text(certificate, "Data");
    html_row_begin(page);
    html_cell_name(page, name ? name : "", NULL);
    html_cell(page, xml_child_text(certificate, "IssuedBy"));
    html_open(page->html, "td", NULL);
    html_time(page, expires ? expires : "");
    html_close(page->html, "td");
    html_open(page->html, "td", NULL);
    if (content)
        html_value(page, content);
    html_tree(page, certificate, known, false);
    html_close(page->html, "td");
    html_row_end(page);
}

static void put_store(struct html_page *page, const struct xml_element *first, size_t store)
{
    static const char *const columns[] = {"Issued to", "Issued by", "Expires", "Certificate", NULL};
    struct html_section group;
    if (!first)
        return;
    html_section_begin(page, &group, HTML_GROUP, stores[store].heading);
    html_table_begin(page, "certificates", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, stores[store].element))
        put_certificate(page, e);
    html_table_end(page);
    html_section_end(page, &group, NULL);
}

void html_area_keys(struct html_page *page, const struct xml_element *extension)
{
    const char *known[STORES + 2] = {"type"};
    for (size_t i = 0; i < STORES; i++)
        known[i + 1] = stores[i].element;
    html_tree(page, extension, known, true);
    for (size_t i = 0; i < STORES; i++)
        put_store(page, xml_child(extension, stores[i].element), i);
}

/* ---- scripts -------------------------------------------------------------------------------- */

static void put_script(struct html_page *page, const struct xml_element *script)
{
    static const char *const known[] = {"Command", "Parameters", "Type", "Order", "RunOrder", NULL};
    const char *command = xml_child_text(script, "Command");
    const char *order = xml_child_text(script, "RunOrder");
    char label[HTML_LABEL_SIZE];
    html_row_begin(page);
    html_cell_name(page, command ? command : "", NULL);
    html_cell(page, xml_child_text(script, "Parameters"));
    html_cell(page, xml_child_text(script, "Type"));
    html_cell(page, xml_child_text(script, "Order"));
    html_open(page->html, "td", NULL);
    if (order && !strcmp(order, "PSNotConfigured"))
        html_put(page->html, "span", "none", "PowerShell order not configured");
    else if (order && *order)
        html_text(page->html, !strcmp(order, "RunPSFirst")  ? "PowerShell scripts first"
                              : !strcmp(order, "RunPSLast") ? "PowerShell scripts last"
                                                            : html_label(order, label));
    html_tree(page, script, known, false);
    html_close(page->html, "td");
    html_row_end(page);
}

void html_area_scripts(struct html_page *page, const struct xml_element *extension)
{
    static const char *const columns[] = {"Script", "Parameters", "When",
                                          "Order",  "Run order",  NULL};
    static const char *const known[] = {"type", "Script", NULL};
    const struct xml_element *first = xml_child(extension, "Script");
    if (first)
        html_table_begin(page, "even", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "Script"))
        put_script(page, e);
    if (first)
        html_table_end(page);
    html_tree(page, extension, known, true);
}

/* ---- folder redirection --------------------------------------------------------------------- */

/* Where to, and for whom: one for everybody, or one for each group. */
static void put_location(struct html_page *page, const struct xml_element *location)
{
    static const char *const known[] = {"DestinationPath", "SecurityGroup", NULL};
    const char *path = xml_child_text(location, "DestinationPath");
    const struct xml_element *group = xml_child(location, "SecurityGroup");
    html_open(page->html, "li", NULL);
    html_value(page, path ? path : "");
    if (group) {
        html_open(page->html, "div", "class", "detail", NULL);
        html_text(page->html, "for ");
        html_trustee(page, group);
        html_close(page->html, "div");
    }
    html_tree(page, location, known, false);
    html_close(page->html, "li");
}

static void put_folder(struct html_page *page, const struct xml_element *folder)
{
    static const char *const known[] = {"Id", "Location", NULL};
    const char *id = xml_child_text(folder, "Id");
    const char *name = id ? html_known_folder(id) : NULL;
    html_row_begin(page);
    html_cell_name(page, name ? name : id ? id : "", name ? id : NULL);
    html_open(page->html, "td", NULL);
    html_open(page->html, "ul", "class", "plain", NULL);
    for (const struct xml_element *e = xml_child(folder, "Location"); e;
         e = xml_next(e, "Location"))
        put_location(page, e);
    html_close(page->html, "ul");
    html_close(page->html, "td");
    html_open(page->html, "td", NULL);
    html_tree(page, folder, known, false);
    html_close(page->html, "td");
    html_row_end(page);
}

void html_area_redirection(struct html_page *page, const struct xml_element *extension)
{
    static const char *const columns[] = {"Folder", "Location", "Options", NULL};
    static const char *const known[] = {"type", "Folder", NULL};
    const struct xml_element *first = xml_child(extension, "Folder");
    if (first)
        html_table_begin(page, "even", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "Folder"))
        put_folder(page, e);
    if (first)
        html_table_end(page);
    html_tree(page, extension, known, true);
}

void html_area_plain(struct html_page *page, const struct xml_element *extension)
{
    static const char *const known[] = {"type", NULL};
    html_tree(page, extension, known, true);
}
