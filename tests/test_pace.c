/* test_pace.c - what others cause is logged, but not for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pace.h"

static void a_flood_is_a_few_lines_and_a_count(void **state)
{
    (void)state;
    struct pace pace = {0};
    uint32_t left_out = 7, lines = 0;
    for (int i = 0; i < 1000; i++)
        lines += pace_allows(&pace, 5, &left_out);
    assert_int_equal(lines, PACE_LINES);
    assert_int_equal(left_out, 0);
    assert_true(pace_allows(&pace, 5 + PACE_PERIOD_MS, &left_out));
    assert_int_equal(left_out, 1000 - PACE_LINES);
    assert_true(pace_allows(&pace, 6 + PACE_PERIOD_MS, &left_out));
    assert_int_equal(left_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_is_a_few_lines_and_a_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
