/* fuzz_gplink.c - any text as links, as queries of a WMI filter, and as a DN. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dn.h"
#include "gplink.h"
#include "wmi_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(free_pointer) char *text = strndup((const char *)bytes, size);
    struct gplink *links;
    struct wmi_query *queries;
    struct gpmq_error err;
    struct gpmq_guid id;
    size_t count;
    if (!text)
        return 0;
    if (gplink_parse(text, &links, &count, &err) == 0) {
        for (size_t i = 0; i < count; i++)
            if (links[i].order != i + 1 || !links[i].domain_dn)
                abort();
        gplink_free(links, count);
    }
    if (wmi_queries_parse(text, &queries, &count, &err) == 0)
        wmi_queries_free(queries, count);
    wmi_filter_linked(text, &id);
    CLEANUP(free_pointer) char *name = dn_name(text);
    CLEANUP(free_pointer) char *path = dn_canonical(text);
    if (!name || !path || !dn_equal(text, text) || !dn_is_within(text, text))
        abort();
    return 0;
}
