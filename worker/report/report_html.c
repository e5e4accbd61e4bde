/* report_html.c - which page a report gets. */
#include "report_html.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "html_areas.h"
#include "report_area.h"

static const struct {
    const char *root;
    const char *ns;
    void (*put)(struct html_page *page, const struct xml_element *root);
} sorts[] = {
    {"GPO", REPORT_NS, report_html_gpo},
    {"Rsop", REPORT_NS_RSOP, report_html_rsop},
};

int report_html(char **out, size_t *size, const struct xml_document *report, struct gpmq_error *err)
{
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        const struct xml_element *root = xml_root(report, sorts[i].root, sorts[i].ns);
        if (!root)
            continue;
        CLEANUP(html_page_free) struct html_page page;
        html_page_begin(&page);
        sorts[i].put(&page, root);
        return html_page_end(&page, out, size, err);
    }
    return fail(err, GPMQ_EMALFORMED,
                "the document is no report: its root is neither GPO in %s "
                "nor Rsop in %s",
                REPORT_NS, REPORT_NS_RSOP);
}

static void add_count(struct html_page *page, const char *name, size_t items, bool enabled)
{
    char value[HTML_FACT_SIZE];
    snprintf(value, sizeof value, "%zu%s", items, enabled ? "" : " (disabled)");
    html_page_fact(page, name, value);
}

static bool is_enabled(const struct xml_element *side)
{
    const char *enabled = xml_child_text(side, "Enabled");
    return enabled && !strcmp(enabled, "true");
}

void report_html_gpo(struct html_page *page, const struct xml_element *gpo)
{
    const struct xml_element *computer = xml_child(gpo, "Computer");
    const struct xml_element *user = xml_child(gpo, "User");
    const char *name = xml_child_text(gpo, "Name");
    const char *domain = xml_child_text(xml_child(gpo, "Identifier"), "Domain");
    page->kind = "Group Policy Object";
    page->title = name && *name ? name : "(no name)";
    html_page_when(page, xml_child_text(gpo, "ReadTime"));
    html_general(page, gpo);
    size_t before = page->items;
    html_side(page, computer, "Computer configuration");
    size_t between = page->items;
    html_side(page, user, "User configuration");
    char links[HTML_FACT_SIZE];
    snprintf(links, sizeof links, "%zu", xml_count(gpo, "LinksTo"));
    html_page_fact(page, "Domain", domain ? domain : "");
    add_count(page, "Computer settings", between - before, is_enabled(computer));
    add_count(page, "User settings", page->items - between, is_enabled(user));
    html_page_fact(page, "Links", links);
}
