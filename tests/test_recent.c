/* test_recent.c - requests that were submitted lately are here as they came, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "recent.h"

/* Another first byte is another id; the same last ones are the same slot. */
static struct gpmq_id an_id(uint8_t first, uint8_t last)
{
    struct gpmq_id id = {{0}};
    id.bytes[0] = first;
    id.bytes[15] = last;
    return id;
}

static struct store_bytes bytes_of(const char *text)
{
    return (struct store_bytes){text, strlen(text)};
}

static void what_was_added_is_found_until_its_slot_is_another_one_s(void **state)
{
    (void)state;
    CLEANUP(recent_free) struct recent *recent = recent_new();
    struct gpmq_id one = an_id(1, 7), two = an_id(2, 8), other = an_id(3, 7);
    assert_int_equal(recent_find(recent, &one).size, 0);
    recent_add(recent, &one, bytes_of("first"));
    recent_add(recent, &two, bytes_of("second"));
    assert_memory_equal(recent_find(recent, &one).bytes, "first", 5);
    assert_int_equal(recent_find(recent, &other).size, 0);
    recent_add(recent, &other, bytes_of("third"));
    assert_int_equal(recent_find(recent, &one).size, 0);
    assert_memory_equal(recent_find(recent, &other).bytes, "third", 5);
    assert_memory_equal(recent_find(recent, &two).bytes, "second", 6);
}

static void what_is_large_is_not_kept_and_hides_what_was_there(void **state)
{
    (void)state;
    CLEANUP(recent_free) struct recent *recent = recent_new();
    struct gpmq_id one = an_id(1, 7);
    char large[RECENT_REQUEST + 1];
    memset(large, 'x', sizeof large);
    recent_add(recent, &one, (struct store_bytes){large, RECENT_REQUEST});
    assert_int_equal(recent_find(recent, &one).size, RECENT_REQUEST);
    recent_add(recent, &one, (struct store_bytes){large, sizeof large});
    assert_int_equal(recent_find(recent, &one).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_until_its_slot_is_another_one_s),
        cmocka_unit_test(what_is_large_is_not_kept_and_hides_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
