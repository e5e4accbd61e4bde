/* fuzz_report_html.c - any document as a report: a page comes out, closed, and without what hides.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "report_html.h"

static void judge(const char *page, size_t size)
{
    static const char end[] = "</html>";
    size_t scripts = 0;
    if (size < sizeof end || memcmp(page + size - sizeof end + 1, end, sizeof end - 1) != 0)
        abort();
    for (const char *p = page; (p = strstr(p, "<script")); p++)
        scripts++;
    if (scripts != 1 || strlen(page) != size || !fold_is_utf8(page, size))
        abort();
    uint32_t character;
    for (size_t i = 0; i < size; i += fold_read(page + i, size - i, &character))
        if (page[i] != '\n' && fold_read(page + i, size - i, &character) && !html_shows(character))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct xml_document *report = NULL;
    char *page = NULL;
    size_t length;
    if (!xml_read(&report, bytes, size, "fuzz", NULL) && !report_html(&page, &length, report, NULL))
        judge(page, length);
    free(page);
    xml_free(&report);
    return 0;
}
