/* test_room.c - a broker whose disk is nearly full says so before it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cleanup.h"
#include "room.h"

static struct store_stat disk; /* what the store says next */
static int trouble;

static int stat_of(struct store *store, struct store_stat *out, struct gpmq_error *err)
{
    (void)store;
    (void)err;
    *out = disk;
    return trouble;
}

static const struct store_ops ops = {.scheme = "test", .stat = stat_of};

static void it_takes_nothing_new_below_the_reserve_until_there_is_room(void **state)
{
    (void)state;
    struct store store = {&ops};
    CLEANUP(core_free) struct core *core = core_new(&core_config_default, 1, 1);
    struct gpmq_error err;
    struct parts parts = {.store = &store, .core = core, .reserve_bytes = 1000, .err = &err};
    static const struct {
        uint64_t free_bytes;
        bool room;
    } steps[] = {{1000, true}, {999, false}, {0, false}, {1000, true}, {UINT64_MAX, true}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        disk.free_bytes = steps[i].free_bytes;
        assert_int_equal(room_look(&parts), 0);
        assert_int_equal(core_has_room(core), steps[i].room);
    }
}

static void a_store_that_cannot_tell_ends_the_round(void **state)
{
    (void)state;
    struct store store = {&ops};
    CLEANUP(core_free) struct core *core = core_new(&core_config_default, 1, 1);
    struct gpmq_error err;
    struct parts parts = {.store = &store, .core = core, .err = &err};
    trouble = GPMQ_ESTORE;
    assert_int_equal(room_look(&parts), GPMQ_ESTORE);
    trouble = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_nothing_new_below_the_reserve_until_there_is_room),
        cmocka_unit_test(a_store_that_cannot_tell_ends_the_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
