/* fuzz_sd.c - any bytes: a descriptor is refused, or walked and rebuilt within its bounds. */
#include <stdlib.h>

#include "cleanup.h"
#include "sd.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(free_pointer) struct sid *sids = NULL;
    CLEANUP(free_pointer) uint8_t *bare = NULL;
    size_t count, bare_size;
    struct gpmq_error err;
    struct sd sd, again;
    if (sd_open(&sd, bytes, size, &err) != 0)
        return 0;
    if (sd_dacl_sids(&sd, &sids, &count, &err) != 0 ||
        sd_dacl_only(&sd, &bare, &bare_size, &err) != 0 ||
        sd_open(&again, bare, bare_size, &err) != 0)
        abort();
    return 0;
}
