/* fuzz_ldif.c - whatever ldif_parse() accepts, ldif_format() writes so that it is read as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ldif.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_equal(const struct ldif *a, const struct ldif *b)
{
    require(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct ldif_record *left = &a->records[i], *right = &b->records[i];
        require(strcmp(left->dn, right->dn) == 0 && left->count == right->count);
        for (size_t k = 0; k < left->count; k++)
            require(strcmp(left->values[k].name, right->values[k].name) == 0 &&
                    left->values[k].size == right->values[k].size &&
                    memcmp(left->values[k].bytes, right->values[k].bytes, left->values[k].size) ==
                        0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    CLEANUP(ldif_free) struct ldif *again = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct gpmq_error err;
    size_t text_size;
    unsigned flags = size ? bytes[0] & LDIF_SEARCH_OUTPUT : 0;
    if (ldif_parse(bytes, size, flags, &ldif, &err) != 0)
        return 0;
    require(ldif_format(ldif, &text, &text_size, NULL) == 0);
    require(ldif_parse(text, text_size, 0, &again, NULL) == 0);
    require_equal(ldif, again);
    return 0;
}
