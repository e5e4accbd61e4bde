/* test_lifecycle.c - what holds for the whole table of transitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lifecycle.h"

static void every_open_state_can_be_cancelled(void **state)
{
    (void)state;
    for (enum gpmq_state from = 1; from < GPMQ_STATE_END; from++) {
        enum gpmq_state next;
        if (!gpmq_state_is_final(from))
            assert_int_equal(lifecycle_next(from, EV_CANCEL, &next), 0);
    }
}

static void no_transition_leaves_a_final_state(void **state)
{
    (void)state;
    for (enum gpmq_state from = GPMQ_SUCCEEDED; from < GPMQ_STATE_END; from++)
        for (enum op_event event = 1; event < EV_END; event++) {
            enum gpmq_state next = 77;
            assert_int_equal(lifecycle_next(from, event, &next), GPMQ_ESTATE);
            assert_int_equal(next, 77);
        }
}

/* Marks what can be reached from `from`, itself included. */
static void reach(enum gpmq_state from, bool reached[GPMQ_STATE_END])
{
    if (reached[from])
        return;
    reached[from] = true;
    for (enum op_event event = 1; event < EV_END; event++) {
        enum gpmq_state next;
        if (lifecycle_next(from, event, &next) == 0)
            reach(next, reached);
    }
}

static void every_state_can_be_reached_from_the_first(void **state)
{
    (void)state;
    bool reached[GPMQ_STATE_END] = {false};
    reach(GPMQ_WAITING, reached);
    for (enum gpmq_state to = 1; to < GPMQ_STATE_END; to++)
        assert_true(reached[to]);
}

static void every_open_state_can_come_to_an_end(void **state)
{
    (void)state;
    for (enum gpmq_state from = 1; from < GPMQ_SUCCEEDED; from++) {
        bool reached[GPMQ_STATE_END] = {false};
        reach(from, reached);
        assert_true(reached[GPMQ_CANCELLED]);
        assert_true(reached[GPMQ_SUCCEEDED]);
        assert_true(reached[GPMQ_FAILED]);
    }
}

static void only_a_leased_operation_can_end_by_itself(void **state)
{
    (void)state;
    for (enum gpmq_state from = 1; from < GPMQ_SUCCEEDED; from++) {
        enum gpmq_state next;
        if (lifecycle_next(from, EV_SUCCEED, &next) == 0)
            assert_true(lifecycle_is_leased(from));
        if (lifecycle_next(from, EV_ASSIGN, &next) == 0)
            assert_int_equal(from, GPMQ_QUEUED);
    }
}

static void what_is_being_cancelled_never_runs_again(void **state)
{
    (void)state;
    bool reached[GPMQ_STATE_END] = {false};
    reach(GPMQ_CANCELLING, reached);
    assert_false(reached[GPMQ_WAITING] || reached[GPMQ_QUEUED] || reached[GPMQ_ASSIGNED] ||
                 reached[GPMQ_RUNNING] || reached[GPMQ_RETRY_WAIT]);
}

static void every_event_moves_something_and_has_a_name(void **state)
{
    (void)state;
    for (enum op_event event = 1; event < EV_END; event++) {
        bool used = false;
        for (enum gpmq_state from = 1; from < GPMQ_STATE_END; from++) {
            enum gpmq_state next;
            used |= lifecycle_next(from, event, &next) == 0;
        }
        assert_true(used);
        assert_string_not_equal(lifecycle_event_name(event), "unknown");
    }
    assert_string_equal(lifecycle_event_name(EV_END), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_open_state_can_be_cancelled),
        cmocka_unit_test(no_transition_leaves_a_final_state),
        cmocka_unit_test(every_state_can_be_reached_from_the_first),
        cmocka_unit_test(every_open_state_can_come_to_an_end),
        cmocka_unit_test(only_a_leased_operation_can_end_by_itself),
        cmocka_unit_test(what_is_being_cancelled_never_runs_again),
        cmocka_unit_test(every_event_moves_something_and_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
