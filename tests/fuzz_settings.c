/* fuzz_settings.c - any bytes: what is a report has the same settings each time, no more than its
 * limit, and does not differ from itself. */
#include <stdint.h>
#include <stdlib.h>

#include "cleanup.h"
#include "settings_diff.h"
#include "settings_general.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the report says of the GPO itself, likewise. */
static void try_general(const struct xml_document *document)
{
    CLEANUP(settings_free) struct settings list = {0};
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    if (settings_read_general(&list, document, SETTINGS_OWNER | SETTINGS_LINKS, NULL) != 0)
        return;
    if (settings_diff(&diff, &list, &list, NULL) != 0 || diff.count)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(settings_free) struct settings first = {0};
    CLEANUP(settings_free) struct settings second = {0};
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    if (xml_read(&document, bytes, size, "report", NULL) != 0 ||
        settings_read(&first, document, NULL) != 0)
        return 0;
    if (settings_read(&second, document, NULL) != 0 ||
        settings_diff(&diff, &first, &second, NULL) != 0 || diff.count ||
        diff.unchanged != first.count)
        abort();
    try_general(document);
    for (size_t i = 1; i < first.count; i++)
        if (settings_compare(&first.items[i - 1], &first.items[i]) > 0)
            abort();
    return 0;
}
