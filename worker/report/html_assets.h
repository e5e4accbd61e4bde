/*
 * html_assets.h - the stylesheet and the script of a page, as the build took them from
 * report_page.css and report_page.js.
 */
#ifndef GPMQ_HTML_ASSETS_H
#define GPMQ_HTML_ASSETS_H

extern const char html_style[];
extern const char html_script[];

#endif
