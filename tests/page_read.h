/*
 * page_read.h - an HTML page, read back for tests.
 */
#ifndef GPMQ_PAGE_READ_H
#define GPMQ_PAGE_READ_H

#include <libxml/HTMLparser.h>

/* Reads a page; the test fails where it is not well formed. Let go with CLEANUP(page_free). */
htmlDocPtr page_read(const char *page, size_t size, const char *name);
void page_free(htmlDocPtr *tree_p);
/* The first element of that name among node, its siblings and all below; NULL: none. */
xmlNode *page_element(xmlNode *node, const char *name);
/* How many there are of it. */
size_t page_count(xmlNode *node, const char *name);

#endif
