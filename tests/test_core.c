/* test_core.c - an operation's way through the core, from submission to its end. */
#include "core_desk.h"

static void an_operation_runs_and_succeeds(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);

    desk_hello(desk, 1);
    assert_int_equal(desk_submit(desk, &request).code, 0);
    assert_int_equal(desk->assign_count, 1);
    assert_int_equal(desk->assigns[0].attempt, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);

    assert_int_equal(desk_tell(desk, 1, REPORT_ACCEPT).order, LEASE_KEEP);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);

    const struct gpmq_status *final = desk_frame(desk, &request.id);
    assert_int_equal(final->kind, GPMQ_FRAME_FINAL);
    assert_int_equal(final->progress_numerator, final->progress_denominator);
    assert_non_null(final->result);
    desk_free(&desk);
}

static void frames_are_numbered_without_a_gap(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);

    desk_submit(desk, &request);
    desk_hello(desk, 1);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_tell(desk, 1, REPORT_MESSAGE);
    desk_tell(desk, 1, REPORT_DONE);
    for (uint32_t i = 0; i < desk->frame_count; i++)
        assert_int_equal(desk->frames[i].seq, i + 1);
    assert_int_equal(desk->frame_count, 5); /* waiting, queued, running, message, final */
    desk_free(&desk);
}

static void the_same_request_twice_is_the_same_operation(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);

    assert_false(desk_submit(desk, &request).known);
    struct submit_answer again = desk_submit(desk, &request);
    assert_int_equal(again.code, 0);
    assert_true(again.known);
    assert_int_equal(again.state, GPMQ_WAITING);
    assert_int_equal(desk->row_count, 1);

    request.comment = "another";
    assert_int_equal(desk_submit(desk, &request).code, GPMQ_ECONFLICT);
    desk_free(&desk);
}

static void a_queued_operation_is_cancelled_at_once(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);

    desk_submit(desk, &request);
    assert_int_equal(desk_cancel(desk, &request.id).disposition, CANCEL_NOW);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLED);
    assert_int_equal(desk_frame(desk, &request.id)->hr_status, GPMQ_HR_CANCELLED);

    struct cancel_entry again = desk_cancel(desk, &request.id);
    assert_int_equal(again.disposition, CANCEL_TOO_LATE);
    assert_int_equal(again.state, GPMQ_CANCELLED);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_runs_and_succeeds),
        cmocka_unit_test(frames_are_numbered_without_a_gap),
        cmocka_unit_test(the_same_request_twice_is_the_same_operation),
        cmocka_unit_test(a_queued_operation_is_cancelled_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
