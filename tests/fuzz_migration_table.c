/* Whatever migration table is read, it is written and read again to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "migration_table_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(migration_table_free) struct migration_table *first = NULL;
    CLEANUP(migration_table_free) struct migration_table *second = NULL;
    CLEANUP(free_pointer) void *a = NULL;
    CLEANUP(free_pointer) void *b = NULL;
    size_t a_size, b_size;
    if (migration_table_read(&first, bytes, size, "fuzz", NULL))
        return 0;
    if (migration_table_write(&a, &a_size, first, NULL) ||
        migration_table_read(&second, a, a_size, "fuzz", NULL) ||
        migration_table_write(&b, &b_size, second, NULL) || a_size != b_size ||
        memcmp(a, b, a_size) != 0)
        abort();
    return 0;
}
