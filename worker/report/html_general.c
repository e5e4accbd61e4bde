/* html_general.c - what a GPO is, where it is linked, whom it applies to, who may change it. */
#include <string.h>

#include "html_areas.h"
#include "html_table.h"
#include "html_tree.h"

static const char *text_of(const struct xml_element *parent, const char *name)
{
    const char *text = xml_child_text(parent, name);
    return text ? text : "";
}

static bool is_true(const struct xml_element *parent, const char *name)
{
    return !strcmp(text_of(parent, name), "true");
}

static void put_time_pair(struct html_page *page, const char *name, const char *time)
{
    if (!*time)
        return;
    html_pair_begin(page, false, name);
    html_time(page, time);
    html_pair_end(page);
}

static void put_revision(struct html_page *page, const struct xml_element *side, const char *name)
{
    const char *directory = text_of(side, "VersionDirectory");
    const char *sysvol = text_of(side, "VersionSysvol");
    html_pair_begin(page, false, name);
    html_format(page->html, "%s (AD), %s (SYSVOL)", directory, sysvol);
    if (strcmp(directory, sysvol) != 0) {
        html_text(page->html, " ");
        html_state(page, "Versions differ");
    }
    html_pair_end(page);
}

static const char *status_of(const struct xml_element *gpo)
{
    static const char *const words[] = {"All settings disabled", "User settings disabled",
                                        "Computer settings disabled", "Enabled"};
    int which = is_true(xml_child(gpo, "Computer"), "Enabled") +
                2 * is_true(xml_child(gpo, "User"), "Enabled");
    return words[which];
}

static void put_details(struct html_page *page, const struct xml_element *gpo)
{
    const struct xml_element *id = xml_child(gpo, "Identifier");
    const struct xml_element *owner = xml_child(xml_child(gpo, "SecurityDescriptor"), "Owner");
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Details");
    html_pairs_begin(page, true);
    html_pair(page, false, "Domain", text_of(id, "Domain"));
    if (owner) {
        html_pair_begin(page, false, "Owner");
        html_trustee(page, owner);
        html_pair_end(page);
    }
    put_time_pair(page, "Created", text_of(gpo, "CreatedTime"));
    put_time_pair(page, "Modified", text_of(gpo, "ModifiedTime"));
    put_revision(page, xml_child(gpo, "User"), "User revisions");
    put_revision(page, xml_child(gpo, "Computer"), "Computer revisions");
    html_pair_begin(page, false, "Unique ID");
    html_code(page, text_of(id, "Identifier"));
    html_pair_end(page);
    html_pair(page, false, "GPO status", status_of(gpo));
    if (*text_of(gpo, "Comment"))
        html_pair(page, false, "Comment", text_of(gpo, "Comment"));
    html_pairs_end(page);
    html_section_end(page, &chapter, NULL);
}

static void put_link(struct html_page *page, const struct xml_element *link)
{
    html_open(page->html, "tr", NULL);
    html_cell_name(page, text_of(link, "SOMName"), NULL);
    html_cell(page, is_true(link, "NoOverride") ? "Yes" : "No");
    html_open(page->html, "td", NULL);
    html_state(page, is_true(link, "Enabled") ? "Enabled" : "Disabled");
    html_close(page->html, "td");
    html_cell(page, text_of(link, "SOMPath"));
    html_row_end(page);
}

static void put_links(struct html_page *page, const struct xml_element *gpo)
{
    static const char *const columns[] = {"Location", "Enforced", "Link status", "Path", NULL};
    const struct xml_element *first = xml_child(gpo, "LinksTo");
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Links");
    if (first)
        html_table_begin(page, "links", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "LinksTo"))
        put_link(page, e);
    if (first)
        html_table_end(page);
    html_section_end(page, &chapter, "Linked nowhere.");
}

static const struct xml_element *first_permission(const struct xml_element *gpo)
{
    return xml_child(xml_child(xml_child(gpo, "SecurityDescriptor"), "Permissions"),
                     "TrusteePermissions");
}

static bool is_allowed(const struct xml_element *permission)
{
    return !strcmp(text_of(xml_child(permission, "Type"), "PermissionType"), "Allow");
}

static bool is_applied(const struct xml_element *permission)
{
    return is_allowed(permission) && !strcmp(html_access_name(permission), "Apply Group Policy");
}

static void put_filtering(struct html_page *page, const struct xml_element *gpo)
{
    struct html_section chapter;
    bool any = false;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Security filtering");
    for (const struct xml_element *e = first_permission(gpo); e;
         e = xml_next(e, "TrusteePermissions")) {
        if (!is_applied(e))
            continue;
        if (!any) {
            html_put(page->html, "p", "note", "The settings can only apply to:");
            html_open(page->html, "ul", "class", "plain trustees", NULL);
        }
        any = true;
        html_open(page->html, "li", NULL);
        html_trustee(page, xml_child(e, "Trustee"));
        html_close(page->html, "li");
    }
    if (any)
        html_close(page->html, "ul");
    html_section_end(page, &chapter, "Nobody may apply this GPO.");
}

static void put_permission(struct html_page *page, const struct xml_element *permission)
{
    const struct xml_element *trustee = xml_child(permission, "Trustee");
    const char *access = html_access_name(permission);
    html_open(page->html, "tr", NULL);
    html_open(page->html, "th", "scope", "row", NULL);
    if (trustee)
        html_trustee(page, trustee);
    html_close(page->html, "th");
    html_open(page->html, "td", NULL);
    if (!is_allowed(permission)) {
        html_state(page, text_of(xml_child(permission, "Type"), "PermissionType"));
        html_text(page->html, " ");
    }
    html_text(page->html, is_applied(permission) ? "Read and apply (security filtering)" : access);
    html_close(page->html, "td");
    html_cell(page, is_true(permission, "Inherited") ? "Yes" : "No");
    html_row_end(page);
}

static void put_delegation(struct html_page *page, const struct xml_element *gpo)
{
    static const char *const columns[] = {"Name", "Permissions", "Inherited", NULL};
    const char *sddl = text_of(xml_child(gpo, "SecurityDescriptor"), "SDDL");
    const struct xml_element *first = first_permission(gpo);
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Delegation");
    if (first)
        html_table_begin(page, "delegation", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "TrusteePermissions"))
        put_permission(page, e);
    if (first)
        html_table_end(page);
    if (*sddl) {
        html_open(page->html, "details", "class", "long", NULL);
        html_put(page->html, "summary", NULL, "Security descriptor (SDDL)");
        html_put(page->html, "code", NULL, sddl);
        html_close(page->html, "details");
    }
    html_section_end(page, &chapter, "The report has no permissions.");
}

static void put_wmi(struct html_page *page, const struct xml_element *gpo)
{
    const char *name = text_of(gpo, "FilterName");
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, "WMI filtering");
    if (*name) {
        html_pairs_begin(page, true);
        html_pair(page, false, "Filter", name);
        html_pair(page, false, "Description", text_of(gpo, "FilterDescription"));
        html_pairs_end(page);
    }
    html_section_end(page, &chapter,
                     is_true(gpo, "FilterDataAvailable") ? "No WMI filter."
                                                         : "The WMI filter could not be read.");
}

void html_general(struct html_page *page, const struct xml_element *gpo)
{
    static const char *const known[] = {
        "schemaLocation", "Identifier",          "Name",     "IncludeComments",
        "CreatedTime",    "ModifiedTime",        "ReadTime", "SecurityDescriptor",
        "FilterName",     "FilterDescription",   "Computer", "User",
        "LinksTo",        "FilterDataAvailable", "Comment",  NULL};
    struct html_section part;
    html_section_begin(page, &part, HTML_PART, "General");
    put_details(page, gpo);
    put_links(page, gpo);
    put_filtering(page, gpo);
    put_delegation(page, gpo);
    put_wmi(page, gpo);
    html_tree(page, gpo, known, false);
    html_section_end(page, &part, NULL);
}
