/*
 * html_areas.h - how the areas of a report look: each writes what is in one Extension element.
 *
 * Every child of the element is written: what a page of an area does not know goes to html_tree().
 */
#ifndef GPMQ_HTML_AREAS_H
#define GPMQ_HTML_AREAS_H

#include "html_page.h"
#include "xml.h"

typedef void html_area_fn(struct html_page *page, const struct xml_element *extension);

html_area_fn html_area_registry;    /* Registry: administrative templates, plain values */
html_area_fn html_area_security;    /* Security */
html_area_fn html_area_audit;       /* Advanced Audit Configuration */
html_area_fn html_area_scripts;     /* Scripts */
html_area_fn html_area_firewall;    /* Windows Firewall */
html_area_fn html_area_apps;        /* Application Control Policies */
html_area_fn html_area_keys;        /* Public Key */
html_area_fn html_area_redirection; /* Folder Redirection */
html_area_fn html_area_preferences; /* every area of preferences */
html_area_fn html_area_plain;       /* all others */

/* A security descriptor (Types/Security) as a table of who may do what; nothing when it has no
 * permissions. */
void html_permissions(struct html_page *page, const struct xml_element *descriptor);
/* How a trustee's permissions are named: the text of Standard/...GroupedAccessEnum; "" when there
 * is none. */
const char *html_access_name(const struct xml_element *trustee_permissions);

/* Computer Configuration and User Configuration of a GPO. */
void html_side(struct html_page *page, const struct xml_element *side, const char *title);
/* Details, links, security filtering, delegation, WMI filter of a GPO. */
void html_general(struct html_page *page, const struct xml_element *gpo);

#endif
