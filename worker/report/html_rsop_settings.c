/* html_rsop_settings.c - of each setting the value that wins, and what it beat. */
#include "html_rsop.h"

#include <string.h>

#include "html_areas.h"
#include "html_table.h"

static const char *text_of(const struct xml_element *parent, const char *name)
{
    const char *text = parent ? xml_child_text(parent, name) : NULL;
    return text ? text : "";
}

/* A value has a line for each of its parts; deeper ones are indented. */
static void put_lines(struct html_page *page, const char *text)
{
    if (!*text)
        html_value(page, text);
    while (*text) {
        size_t size = strcspn(text, "\n");
        html_open(page->html, "div", "class", "line", NULL);
        html_text_size(page->html, text, size);
        html_close(page->html, "div");
        text += size + (text[size] == '\n');
    }
}

static void put_source(struct html_page *page, const struct xml_element *value)
{
    html_open(page->html, "div", "class", "detail", NULL);
    html_text(page->html, text_of(value, "GPO"));
    html_text(page->html, ", ");
    html_text(page->html, text_of(value, "SOMPath"));
    html_close(page->html, "div");
    if (*text_of(value, "Note"))
        html_put(page->html, "div", "detail", text_of(value, "Note"));
}

static bool counts(const struct xml_element *value)
{
    const char *standing = text_of(value, "Standing");
    return !strcmp(standing, "wins") || !strcmp(standing, "added");
}

/* The values that count, or those that do not. */
static void put_values(struct html_page *page, const struct xml_element *setting, bool counting)
{
    html_open(page->html, "td", NULL);
    for (const struct xml_element *value = xml_child(setting, "Value"); value;
         value = xml_next(value, "Value")) {
        if (counts(value) != counting)
            continue;
        html_open(page->html, "div", "class", counting ? "rsop-value" : "rsop-value beaten", NULL);
        if (!strcmp(text_of(value, "Standing"), "unused"))
            html_state(page, "Not processed");
        put_lines(page, text_of(value, "Text"));
        put_source(page, value);
        html_close(page->html, "div");
    }
    html_close(page->html, "td");
}

static void put_setting(struct html_page *page, const struct xml_element *setting)
{
    html_row_begin(page);
    html_cell_name(page, text_of(setting, "Name"), NULL);
    put_values(page, setting, true);
    put_values(page, setting, false);
    html_row_end(page);
}

/* The settings of one area stand together. Returns the first one of the next area. */
static const struct xml_element *put_area(struct html_page *page, const struct xml_element *setting)
{
    static const char *const columns[] = {"Setting", "Value and where from", "What it beat", NULL};
    const char *area = text_of(setting, "Area");
    struct html_section section;
    html_section_begin(page, &section, HTML_AREA, area);
    html_table_begin(page, "rsop", columns);
    for (; setting && !strcmp(text_of(setting, "Area"), area);
         setting = xml_next(setting, "Setting"))
        put_setting(page, setting);
    html_table_end(page);
    html_section_end(page, &section, NULL);
    return setting;
}

/* A report that gpresult wrote has the extensions' own elements alone. */
static void put_extensions(struct html_page *page, const struct xml_element *side)
{
    for (const struct xml_element *data = xml_child(side, "ExtensionData"); data;
         data = xml_next(data, "ExtensionData")) {
        struct html_section section;
        const struct xml_element *extension = xml_child(data, "Extension");
        html_section_begin(page, &section, HTML_AREA, text_of(data, "Name"));
        if (extension)
            html_area_plain(page, extension);
        html_section_end(page, &section, "No settings.");
    }
}

void html_rsop_settings(struct html_page *page, const struct xml_element *side)
{
    const struct xml_element *setting = xml_child(side, "Setting");
    struct html_section chapter;
    html_section_begin(page, &chapter, HTML_CHAPTER, "Settings");
    if (setting)
        while (setting)
            setting = put_area(page, setting);
    else
        put_extensions(page, side);
    html_section_end(page, &chapter, "No settings.");
}
