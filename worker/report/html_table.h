/*
 * html_table.h - tables, pairs of name and value, and values, as every area has them.
 */
#ifndef GPMQ_HTML_TABLE_H
#define GPMQ_HTML_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "html_page.h"
#include "xml.h"

#define HTML_LONG_WORD 240 /* ASCII without a space from which on a value is folded away */

/* A table named by the heading above it; columns ends in NULL. css_class sets the widths. */
void html_table_begin(struct html_page *page, const char *css_class, const char *const *columns);
void html_table_end(struct html_page *page);
/* A row is one setting: it is counted, found and hidden as a whole. */
void html_row_begin(struct html_page *page);
void html_row_end(struct html_page *page);
/* The first cell of a row: its name, and below it, smaller, what else it is called; detail NULL
 * or "": nothing. */
void html_cell_name(struct html_page *page, const char *name, const char *detail);
void html_cell(struct html_page *page, const char *text);

/* A list of names and values. items: each is a setting, as a row is. */
void html_pairs_begin(struct html_page *page, bool items);
void html_pairs_end(struct html_page *page);
void html_pair(struct html_page *page, bool item, const char *name, const char *value);
/* A pair whose value the caller writes in between. */
void html_pair_begin(struct html_page *page, bool item, const char *name);
void html_pair_end(struct html_page *page);

/* A text: what is long and has no space folds, what is empty is said to be. */
void html_value(struct html_page *page, const char *text);
/* As html_value(), in the type of keys, paths and numbers; nothing when empty. */
void html_code(struct html_page *page, const char *text);
/* A word in a colour: "Enabled", "Disabled", "true", "Allow" and the like have one. */
void html_state(struct html_page *page, const char *word);
/* "2021-12-15T18:31:05.8039377Z" is "2021-12-15 18:31:05 UTC"; other text stays as it is. */
void html_time(struct html_page *page, const char *time);
/* "Yes" or "No" of "true"/"1" and "false"/"0"; other text as it is. */
const char *html_yes_no(const char *text);
/* Somebody: an element with Name and SID, one of which may be missing. */
void html_trustee(struct html_page *page, const struct xml_element *trustee);
/* Each sibling of that name from first on, as a list of trustees; "(nobody)" when first is NULL. */
void html_trustees(struct html_page *page, const struct xml_element *first, const char *name);
/* Each text of the siblings of that name from first on, as a list. */
void html_texts(struct html_page *page, const struct xml_element *first, const char *name);

#endif
