/* report_html_rsop.c - the page of a Resultant Set of Policy. */
#include <stdio.h>
#include <string.h>

#include "html_rsop.h"
#include "html_table.h"
#include "report_html.h"

struct side_words {
    const char *element;
    const char *title;
    const char *fact;  /* who */
    const char *count; /* of the GPOs */
};

static const struct side_words sides[] = {
    {"ComputerResults", "Computer configuration", "Computer", "Computer's GPOs"},
    {"UserResults", "User configuration", "User", "User's GPOs"},
};
#define SIDES (sizeof sides / sizeof sides[0])

static const char *text_of(const struct xml_element *parent, const char *name)
{
    const char *text = parent ? xml_child_text(parent, name) : NULL;
    return text ? text : "";
}

/* An account, or the place that stands for anybody in it. */
static const char *who(const struct xml_element *side)
{
    const char *name = text_of(side, "Name");
    return *name ? name : text_of(side, "SOM");
}

static void put_notes(struct html_page *page, const struct xml_element *rsop)
{
    const struct xml_element *note = xml_child(rsop, "Note");
    struct html_section part;
    if (!note)
        return;
    html_section_begin(page, &part, HTML_PART, "What is taken for granted");
    html_open(page->html, "ul", NULL);
    for (; note; note = xml_next(note, "Note"))
        html_put(page->html, "li", NULL, xml_text(note));
    html_close(page->html, "ul");
    html_section_end(page, &part, NULL);
}

static void put_searched(struct html_page *page, const struct xml_element *side)
{
    static const char *const columns[] = {"Place", "Type", "Blocks inheritance", "Blocked", NULL};
    const struct xml_element *som = xml_child(side, "SearchedSOM");
    struct html_section area;
    html_section_begin(page, &area, HTML_AREA, "Places searched");
    if (som) {
        html_table_begin(page, "places", columns);
        for (; som; som = xml_next(som, "SearchedSOM")) {
            html_open(page->html, "tr", NULL);
            bool loopback = !strcmp(text_of(som, "Reason"), "Loopback");
            html_cell_name(page, text_of(som, "Path"), loopback ? "Loopback" : NULL);
            html_cell(page, text_of(som, "Type"));
            html_cell(page, html_yes_no(text_of(som, "BlocksInheritance")));
            html_cell(page, html_yes_no(text_of(som, "Blocked")));
            html_close(page->html, "tr");
        }
        html_table_end(page);
    }
    html_section_end(page, &area, NULL);
}

static void put_groups(struct html_page *page, const struct xml_element *side)
{
    const struct xml_element *group = xml_child(side, "SecurityGroup");
    struct html_section area;
    html_section_begin(page, &area, HTML_AREA, "Security groups");
    if (group)
        html_trustees(page, group, "SecurityGroup");
    html_section_end(page, &area, NULL);
}

static void put_side(struct html_page *page, const struct xml_element *side,
                     const struct side_words *words)
{
    struct html_section part, chapter;
    html_section_begin(page, &part, HTML_PART, words->title);
    html_rsop_gpos(page, side);
    html_section_begin(page, &chapter, HTML_CHAPTER, "Where from");
    put_searched(page, side);
    put_groups(page, side);
    html_section_end(page, &chapter, NULL);
    html_rsop_settings(page, side);
    html_section_end(page, &part, NULL);
}

static void add_facts(struct html_page *page, const struct xml_element *rsop)
{
    char count[HTML_FACT_SIZE];
    const char *site = "";
    for (size_t i = 0; i < SIDES; i++) {
        const struct xml_element *side = xml_child(rsop, sides[i].element);
        if (!side)
            continue;
        html_page_fact(page, sides[i].fact, who(side));
        html_rsop_count(count, side);
        html_page_fact(page, sides[i].count, count);
        site = *site ? site : text_of(side, "Site");
    }
    if (*site)
        html_page_fact(page, "Site", site);
}

void report_html_rsop(struct html_page *page, const struct xml_element *rsop)
{
    const struct xml_element *user = xml_child(rsop, "UserResults");
    const struct xml_element *first = user ? user : xml_child(rsop, "ComputerResults");
    bool planned = !strcmp(text_of(rsop, "DataType"), "PlannedData");
    page->kind = planned ? "Resultant Set of Policy, planned" : "Resultant Set of Policy";
    page->title = first && *who(first) ? who(first) : "Resultant Set of Policy";
    html_page_when(page, text_of(rsop, "ReadTime"));
    add_facts(page, rsop);
    put_notes(page, rsop);
    for (size_t i = 0; i < SIDES; i++)
        if (xml_child(rsop, sides[i].element))
            put_side(page, xml_child(rsop, sides[i].element), &sides[i]);
}
