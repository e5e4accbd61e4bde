/*
 * html_rsop.h - the parts of a page about a Resultant Set of Policy: which GPOs, which settings.
 *
 * What gpmq's own elements (namespace REPORT_NS_GPMQ, see worker/rsop/rsop_xml.h) do not tell, as
 * in a report that gpresult wrote, is found out from the others as far as they go.
 */
#ifndef GPMQ_HTML_RSOP_H
#define GPMQ_HTML_RSOP_H

#include "html_page.h"
#include "xml.h"

/* GPOs of ComputerResults or UserResults: those that apply in their order, then the others with the
 * reason. */
void html_rsop_gpos(struct html_page *page, const struct xml_element *side);
/* "7 of 9": how many links apply. */
void html_rsop_count(char out[HTML_FACT_SIZE], const struct xml_element *side);
/* Of each setting the value that wins, and what it beat. */
void html_rsop_settings(struct html_page *page, const struct xml_element *side);

#endif
