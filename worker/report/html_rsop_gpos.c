/* html_rsop_gpos.c - which GPOs apply, and which do not and why. */
#include "html_rsop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "html_table.h"

/* A link of a GPO. */
struct row {
    const struct xml_element *gpo;
    const struct xml_element *link;
    long applied; /* its AppliedOrder; 0: it does not apply */
    long order;   /* its LinkOrder */
};

static const char *text_of(const struct xml_element *parent, const char *name)
{
    const char *text = parent ? xml_child_text(parent, name) : NULL;
    return text ? text : "";
}

static long number_of(const struct xml_element *parent, const char *name)
{
    return strtol(text_of(parent, name), NULL, 10);
}

static bool is_true(const struct xml_element *parent, const char *name)
{
    return !strcmp(text_of(parent, name), "true");
}

/* First what applies, in its order, then the rest as it was found. */
static int by_application(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    if ((left->applied != 0) != (right->applied != 0))
        return left->applied ? -1 : 1;
    long first = left->applied ? left->applied : left->order;
    long second = right->applied ? right->applied : right->order;
    return first < second ? -1 : first > second;
}

static size_t count_links(const struct xml_element *side)
{
    size_t count = 0;
    for (const struct xml_element *gpo = xml_child(side, "GPO"); gpo; gpo = xml_next(gpo, "GPO"))
        count += xml_count(gpo, "Link");
    return count;
}

/* The rows, sorted; NULL: there are none, or there is no memory. */
static struct row *list_rows(const struct xml_element *side, size_t *count)
{
    size_t links = count_links(side);
    struct row *rows = links ? calloc(links, sizeof *rows) : NULL;
    *count = 0;
    for (const struct xml_element *gpo = rows ? xml_child(side, "GPO") : NULL; gpo;
         gpo = xml_next(gpo, "GPO"))
        for (const struct xml_element *link = xml_child(gpo, "Link"); link;
             link = xml_next(link, "Link"))
            rows[(*count)++] = (struct row){gpo, link, number_of(link, "AppliedOrder"),
                                            number_of(link, "LinkOrder")};
    if (rows)
        qsort(rows, *count, sizeof *rows, by_application);
    return rows;
}

/* Why, where the report does not say it itself. */
static const char *guess(const struct row *row)
{
    if (!is_true(row->link, "Enabled"))
        return "the link is disabled";
    if (!is_true(row->gpo, "Enabled"))
        return "the GPO is disabled";
    if (!is_true(row->gpo, "IsValid"))
        return "the GPO cannot be read";
    if (is_true(row->gpo, "AccessDenied"))
        return "access is denied";
    if (!is_true(row->gpo, "FilterAllowed"))
        return "the WMI filter is false";
    return "the report does not say why";
}

static void put_outcome(struct html_page *page, const struct row *row)
{
    const struct xml_element *because = xml_child(row->link, "Because");
    html_open(page->html, "td", NULL);
    html_state(page, row->applied ? "Applied" : "Not applied");
    if (because)
        html_texts(page, because, "Because");
    else if (!row->applied)
        html_put(page->html, "div", NULL, guess(row));
    html_close(page->html, "td");
}

static void put_place(struct html_page *page, const struct row *row)
{
    const char *reason = text_of(row->link, "Reason");
    html_open(page->html, "td", NULL);
    html_value(page, text_of(row->link, "SOMPath"));
    if (is_true(row->link, "NoOverride") || *reason)
        html_text(page->html, " ");
    if (is_true(row->link, "NoOverride"))
        html_state(page, "Enforced");
    if (*reason)
        html_state(page, reason);
    html_close(page->html, "td");
}

static void put_row(struct html_page *page, const struct row *row)
{
    char order[24];
    snprintf(order, sizeof order, "%ld", row->applied);
    html_row_begin(page);
    html_cell_name(page, text_of(row->gpo, "Name"),
                   text_of(xml_child(row->gpo, "Path"), "Identifier"));
    put_place(page, row);
    html_cell(page, row->applied ? order : "");
    put_outcome(page, row);
    html_row_end(page);
}

void html_rsop_gpos(struct html_page *page, const struct xml_element *side)
{
    static const char *const columns[] = {"GPO", "Linked to", "Order", "Outcome", NULL};
    struct html_section chapter;
    size_t count;
    CLEANUP(free_pointer) struct row *rows = list_rows(side, &count);
    html_section_begin(page, &chapter, HTML_CHAPTER, "Group Policy Objects");
    if (rows) {
        html_put(page->html, "p", "note",
                 "In the order in which they are applied: the last one wins.");
        html_table_begin(page, "gpos", columns);
        for (size_t i = 0; i < count; i++)
            put_row(page, &rows[i]);
        html_table_end(page);
    }
    html_section_end(page, &chapter, "No GPO is linked here.");
}

void html_rsop_count(char out[HTML_FACT_SIZE], const struct xml_element *side)
{
    size_t applied = 0;
    for (const struct xml_element *gpo = xml_child(side, "GPO"); gpo; gpo = xml_next(gpo, "GPO"))
        for (const struct xml_element *link = xml_child(gpo, "Link"); link;
             link = xml_next(link, "Link"))
            applied += number_of(link, "AppliedOrder") != 0;
    snprintf(out, HTML_FACT_SIZE, "%zu of %zu", applied, count_links(side));
}
