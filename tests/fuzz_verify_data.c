/* fuzz_verify_data.c - any bytes as the content of any file of a backup: judged within bounds, and
 * the same way twice. The first byte says which format. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verify_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static verify_format *const formats[] = {
        verify_registry_pol, verify_security, verify_audit,       verify_scripts, verify_ini,
        verify_preferences,  verify_comments, verify_description, verify_report,
    };
    struct gpmq_error first = {.text = ""}, second = {.text = ""};
    if (!size)
        return 0;
    verify_format *format = formats[*bytes % (sizeof formats / sizeof *formats)];
    int rc = format(bytes + 1, size - 1, &first);
    if (format(bytes + 1, size - 1, &second) != rc || (rc && strcmp(first.text, second.text) != 0))
        abort();
    return 0;
}
