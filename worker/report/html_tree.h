/*
 * html_tree.h - any element of a report, readable without knowing it: so nothing is lost of an
 * area that has no page of its own, or of an element that this version has not heard of.
 *
 * Leaves are pairs, runs of likes are tables, the rest is indented. A password is flagged.
 */
#ifndef GPMQ_HTML_TREE_H
#define GPMQ_HTML_TREE_H

#include "html_table.h"

#define HTML_TREE_COLUMNS_MAX 7 /* of a table made from likes */

/* Attributes and children of an element, without those whose local name is in skip (NULL at the
 * end; skip may be NULL). items: leaves and rows count as settings. */
void html_tree(struct html_page *page, const struct xml_element *element, const char *const *skip,
               bool items);
/* The siblings of first's name from first on: one pair, one table or several branches. */
void html_tree_run(struct html_page *page, const struct xml_element *first, bool items);

/* An element without children and attributes. */
bool html_is_leaf(const struct xml_element *element);

#endif
