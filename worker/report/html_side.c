/* html_side.c - the computer's and the user's side of a GPO, area by area. */
#include <string.h>

#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"
#include "report_area.h"

struct look {
    const char *name;    /* of the area in a report */
    const char *heading; /* NULL: its name */
    html_area_fn *put;
};

/* clang-format off */
static const struct look looks[] = {
    {"Registry", "Administrative templates", html_area_registry},
    {"Security", "Security settings", html_area_security},
    {"Advanced Audit Configuration", "Advanced audit", html_area_audit},
    {"Scripts", NULL, html_area_scripts},
    {"Windows Firewall", NULL, html_area_firewall},
    {"Application Control Policies", "Application control", html_area_apps},
    {"Public Key", "Public key policies", html_area_keys},
    {"Folder Redirection", NULL, html_area_redirection},
    {"Windows Registry", "Registry", html_area_preferences},
};
/* clang-format on */

static bool is_preference(const char *name)
{
    static const char folder[] = "Preferences/";
    const struct report_area *area = report_area_named(name);
    return area && area->file && !strncmp(area->file, folder, sizeof folder - 1);
}

static struct look look_of(const char *name)
{
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        if (!strcmp(looks[i].name, name))
            return looks[i];
    return (struct look){name, NULL, is_preference(name) ? html_area_preferences : html_area_plain};
}

static void put_area(struct html_page *page, const struct xml_element *area)
{
    static const char *const known[] = {"Extension", "Name", NULL};
    const char *name = xml_child_text(area, "Name");
    const struct xml_element *extension = xml_child(area, "Extension");
    struct look look = look_of(name ? name : "");
    struct html_section section;
    html_section_begin(page, &section, HTML_AREA,
                       look.heading    ? look.heading
                       : name && *name ? name
                                       : "Unnamed area");
    for (const struct xml_element *e = extension; e; e = xml_next(e, "Extension"))
        look.put(page, e);
    html_tree(page, area, known, true);
    html_section_end(page, &section, "The report says nothing more of this area.");
}

static void put_chapter(struct html_page *page, const struct xml_element *side, const char *title,
                        bool preferences)
{
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, title);
    for (const struct xml_element *e = xml_child(side, "ExtensionData"); e;
         e = xml_next(e, "ExtensionData")) {
        const char *name = xml_child_text(e, "Name");
        if (is_preference(name ? name : "") == preferences)
            put_area(page, e);
    }
    html_section_end(page, &chapter, NULL);
}

/* What no area tells of (an element of ours): extensions that are only registered, files. */
static void put_other(struct html_page *page, const struct xml_element *other)
{
    struct html_section chapter, area;
    if (!other)
        return;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Other");
    html_section_begin(page, &area, HTML_AREA, "What no area tells of");
    html_tree(page, other, NULL, true);
    html_section_end(page, &area, NULL);
    html_section_end(page, &chapter, NULL);
}

void html_side(struct html_page *page, const struct xml_element *side, const char *title)
{
    static const char *const known[] = {"VersionDirectory", "VersionSysvol", "Enabled",
                                        "ExtensionData",    "Other",         NULL};
    struct html_section part;
    html_section_begin(page, &part, HTML_PART, title);
    put_chapter(page, side, "Policies", false);
    put_chapter(page, side, "Preferences", true);
    put_other(page, xml_child(side, "Other"));
    if (side)
        html_tree(page, side, known, true);
    html_section_end(page, &part, "No settings defined.");
}
