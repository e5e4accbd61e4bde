/* fuzz_sddl.c - what is read as text, or as a descriptor, is written to text that means the same.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "sddl.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Text that was written is read again, and written the same. */
static void write_and_read(const struct sd *sd, const struct sid *domain)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(free_pointer) char *same = NULL;
    CLEANUP(free_pointer) uint8_t *binary = NULL;
    struct gpmq_error err;
    struct sd again;
    size_t size;
    int rc = sddl_text(sd, domain, &text, &err);
    if (rc == GPMQ_EUNSUPPORTED)
        return;
    if (rc || strlen(text) > SDDL_TEXT_MAX || sddl_parse(text, domain, &binary, &size, &err) != 0 ||
        sd_open(&again, binary, size, &err) != 0 || sddl_text(&again, domain, &same, &err) != 0 ||
        strcmp(text, same) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(free_pointer) uint8_t *binary = NULL;
    struct gpmq_error err;
    struct sid domain;
    struct sd sd;
    size_t binary_size;
    if (sid_parse(&domain, "S-1-5-21-1-2-3", &err) != 0)
        abort();
    if (sd_open(&sd, bytes, size, &err) == 0)
        write_and_read(&sd, &domain);
    text = strndup((const char *)bytes, size);
    if (!text || sddl_parse(text, &domain, &binary, &binary_size, &err) != 0)
        return 0;
    if (sd_open(&sd, binary, binary_size, &err) != 0)
        abort();
    write_and_read(&sd, &domain);
    return 0;
}
