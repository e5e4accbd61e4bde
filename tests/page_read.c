/* page_read.c - an HTML page, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "page_read.h"

void page_free(htmlDocPtr *tree_p)
{
    if (*tree_p)
        xmlFreeDoc(*tree_p);
    *tree_p = NULL;
}

/* libxml2 knows HTML 4: what HTML 5 added is unknown to it, and nothing else may be wrong. */
static void judge_error(void *arg, const xmlError *error)
{
    if (error->code != XML_HTML_UNKNOWN_TAG)
        fail_msg("%s, line %d: %s", (const char *)arg, error->line, error->message);
}

htmlDocPtr page_read(const char *page, size_t size, const char *name)
{
    xmlSetStructuredErrorFunc((void *)(uintptr_t)name, (xmlStructuredErrorFunc)judge_error);
    htmlDocPtr tree =
        htmlReadMemory(page, (int)size, NULL, "UTF-8", HTML_PARSE_NONET | XML_PARSE_HUGE);
    xmlSetStructuredErrorFunc(NULL, NULL);
    assert_non_null(tree);
    return tree;
}

xmlNode *page_element(xmlNode *node, const char *name)
{
    for (; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name))
            return node;
        xmlNode *found = page_element(node->children, name);
        if (found)
            return found;
    }
    return NULL;
}

/* The number of elements of that name. */
size_t page_count(xmlNode *node, const char *name)
{
    size_t count = 0;
    for (; node; node = node->next)
        count += (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name)) +
                 (node->type == XML_ELEMENT_NODE ? page_count(node->children, name) : 0);
    return count;
}
