/*
 * report_html.h - an XML report as one HTML page that a person likes to read.
 *
 * The page needs no other file, no network and no script (its own script adds the search), folds,
 * prints, follows the reader's light or dark scheme, and holds every setting of the report: an
 * element that this version does not know is written as a tree. A stored password is flagged and
 * not written. Text of the report is escaped in one place (html.h), and a policy in the page's head
 * lets nothing run or load but its own stylesheet and script.
 */
#ifndef GPMQ_REPORT_HTML_H
#define GPMQ_REPORT_HTML_H

#include <stddef.h>

#include "html_page.h"
#include "xml.h"

/* Makes the page of a report that xml_read() has read: of a GPO (root GPO in REPORT_NS), as gpmq
 * and Windows write it, of a planning or logging report (root Rsop in REPORT_NS_RSOP). Gives *out
 * UTF-8 with a NUL behind it; free() it. GPMQ_EMALFORMED: neither root. GPMQ_ETOOBIG: the page
 * would exceed HTML_BYTES_MAX. */
int report_html(char **out, size_t *size, const struct xml_document *report,
                struct gpmq_error *err) GPMQ_CHECKED;

/* The body of each sort of report: begins with an empty page, sets kind, title and facts. */
void report_html_gpo(struct html_page *page, const struct xml_element *gpo);
void report_html_rsop(struct html_page *page, const struct xml_element *rsop);

#endif
