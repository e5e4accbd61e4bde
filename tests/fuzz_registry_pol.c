/* fuzz_registry_pol.c - whatever is accepted as registry.pol is written back byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "registry_pol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(bytes_free) struct bytes again = {0};
    struct registry_walk walk;
    struct registry_record record;
    struct gpmq_error err;
    bool more = true;
    if (registry_pol_open(&walk, bytes, size, &err) != 0)
        return 0;
    registry_pol_begin(&again);
    while (more) {
        if (registry_pol_next(&walk, &record, &more, &err) != 0)
            return 0;
        if (more)
            registry_pol_put(&again, &record);
    }
    if (again.failed || again.size != size || memcmp(again.at, bytes, size) != 0)
        abort();
    return 0;
}
