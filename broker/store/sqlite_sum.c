/* sqlite_sum.c - the checksums of records: a record that lies in another's place fails as well. */
#include <string.h>
#include <xxhash.h>

#include "sqlite_impl.h"

#define WHOLE_NUMBER(type, c_type)                                                                 \
    static int64_t number_##type(const c_type *value)                                              \
    {                                                                                              \
        return (int64_t)*value;                                                                    \
    }

WHOLE_NUMBER(FLAG, bool)
WHOLE_NUMBER(U8, uint8_t)
WHOLE_NUMBER(U32, uint32_t)
WHOLE_NUMBER(I32, int32_t)
WHOLE_NUMBER(U64, uint64_t)
WHOLE_NUMBER(I64, int64_t)
WHOLE_NUMBER(STATE, enum gpmq_state)
WHOLE_NUMBER(REASON, enum gpmq_reason)
WHOLE_NUMBER(FATE, enum gpmq_fate)

/* A name stands for itself by its hash; no name is zero. */
static int64_t number_NAME(const char *const *value)
{
    return *value ? (int64_t)XXH3_64bits(*value, strlen(*value)) : 0;
}

/* What a later version added counts only where it is not zero, so that the checksums of rows that
 * an older version wrote stay right. */
static int64_t add_newer(uint64_t sum, const struct op_row *row)
{
#define COLUMN_NUMBER(name, type) number_##type(&row->name),
    const int64_t newer[] = {SQLITE_OP_COLUMNS_2(COLUMN_NUMBER)};
#undef COLUMN_NUMBER
    static const int64_t zero[sizeof newer / sizeof *newer];
    if (memcmp(newer, zero, sizeof newer) == 0)
        return (int64_t)sum;
    return (int64_t)XXH3_64bits_withSeed(newer, sizeof newer, sum);
}

int64_t sqlite_sum_row(const struct op_row *row)
{
#define COLUMN_NUMBER(name, type) number_##type(&row->name),
    struct {
        struct gpmq_id id, batch;
        int64_t is_batch;
        int64_t numbers[25];
    } said = {row->id, row->batch, row->is_batch, {SQLITE_OP_COLUMNS_1(COLUMN_NUMBER)}};
#undef COLUMN_NUMBER
#define COLUMN_ONE(name, type) +1
    _Static_assert(SQLITE_OP_COLUMNS_1(COLUMN_ONE) == sizeof said.numbers / sizeof said.numbers[0],
                   "a number for each column");
#undef COLUMN_ONE
    return add_newer(XXH3_64bits(&said, sizeof said), row);
}

int64_t sqlite_sum(enum sqlite_table table, int64_t key, int64_t key_2, struct store_bytes bytes)
{
    int64_t said[] = {table, key, key_2, (int64_t)XXH3_64bits(bytes.bytes, bytes.size)};
    return (int64_t)XXH3_64bits(said, sizeof said);
}
