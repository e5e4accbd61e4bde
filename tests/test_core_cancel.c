/* test_core_cancel.c - cancel, deadlines and run-time limits: each has an end by a known time. */
#include "core_desk.h"

static struct desk *running(int64_t run_ms, int64_t deadline_ms)
{
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.grace_ms = 2000;
    request.run_ms = run_ms;
    request.deadline_unix_ms = deadline_ms ? desk->unix_ms + deadline_ms : 0;
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    desk_tell(desk, 1, REPORT_ACCEPT);
    return desk;
}

static struct cancel_entry cancel_one(struct desk *desk)
{
    struct gpmq_id id = desk_id(1);
    return desk_cancel(desk, &id);
}

static void a_running_operation_is_stopped_and_the_answer_says_by_when(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    struct cancel_entry answer = cancel_one(desk);
    assert_int_equal(answer.disposition, CANCEL_PENDING);
    assert_int_equal(answer.state, GPMQ_CANCELLING);
    assert_int_equal(answer.deadline_ms, 2000 + 5000);
    const struct message *stop = desk_reply(desk, MSG_STOP);
    assert_int_equal(stop->stop.stops[0].order, LEASE_STOP);
    assert_int_equal(stop->stop.stops[0].grace_ms, 2000);

    desk_tell(desk, 1, REPORT_CANCELLED);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLED);
    desk_free(&desk);
}

static void a_worker_that_never_answers_is_fenced_off_when_the_time_is_up(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    int64_t deadline_ms = cancel_one(desk).deadline_ms;
    desk_pass(desk, deadline_ms - 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLING);
    desk_pass(desk, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLED_UNCONFIRMED);
    assert_int_equal(desk_tell(desk, 1, REPORT_DONE).order, LEASE_ABANDON);
    desk_free(&desk);
}

static void an_operation_that_ends_first_has_the_end_it_had(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    struct gpmq_id id = desk_id(1);
    cancel_one(desk);
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    assert_true(desk_row(desk, &id)->cancel_requested);
    assert_int_equal(cancel_one(desk).disposition, CANCEL_TOO_LATE);
    desk_free(&desk);
}

static void after_a_cancel_nothing_is_tried_again(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    struct gpmq_id id = desk_id(1);
    cancel_one(desk);
    struct report failed = {.op = id,
                            .fence = desk_row(desk, &id)->fence,
                            .n = 2,
                            .kind = REPORT_FAILED,
                            .code = GPMQ_EBUSY,
                            .retryable = true};
    desk_report(desk, &failed);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    desk_free(&desk);
}

static void the_wish_to_cancel_survives_a_restart(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    cancel_one(desk);
    desk_restart(desk);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLING);
    desk_pass(desk, 35000);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLED_UNCONFIRMED);
    desk_free(&desk);
}

static void a_stranger_may_not_cancel_and_the_unknown_is_not_found(void **state)
{
    (void)state;
    struct desk *desk = running(0, 0);
    struct gpmq_id ids[2] = {desk_id(1), desk_id(200)};
    struct message message = {.type = MSG_CANCEL, .cancel = {.id_count = 2, .ids = ids}};
    desk_client(desk, "mallory", &message);
    const struct msg_cancel_answer *answer = &desk_reply(desk, MSG_CANCEL_ANSWER)->cancel_answer;
    assert_int_equal(answer->answers[0].disposition, CANCEL_DENIED);
    assert_int_equal(answer->answers[1].disposition, CANCEL_NOT_FOUND);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_free(&desk);
}

static void a_queued_operation_expires_at_its_deadline(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.deadline_unix_ms = desk->unix_ms + 5000;
    desk_submit(desk, &request);
    desk_pass(desk, 4999);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    desk_pass(desk, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_EXPIRED);
    desk_free(&desk);
}

static void a_running_operation_is_stopped_at_its_deadline_and_expires(void **state)
{
    (void)state;
    struct desk *desk = running(0, 5000);
    desk_pass(desk, 5000);
    assert_int_equal(desk_state(desk, 1), GPMQ_CANCELLING);
    assert_non_null(desk_reply(desk, MSG_STOP));

    struct gpmq_id id = desk_id(1);
    struct gpmq_result stopped = {.type = "none", .overall_status = GPMQ_HR_CANCELLED};
    const struct op_row *row = desk_row(desk, &id);
    struct report report = {.op = id,
                            .fence = row->fence,
                            .n = row->report_n + 1,
                            .after = row->report_n,
                            .kind = REPORT_CANCELLED,
                            .result = &stopped};
    desk_report(desk, &report);
    assert_int_equal(desk_state(desk, 1), GPMQ_EXPIRED);
    const struct gpmq_status *end = desk_frame(desk, &id);
    assert_int_equal(end->hr_status, gpmq_code_hresult(GPMQ_EEXPIRED));
    assert_int_equal(end->result->overall_status, end->hr_status);
    desk_free(&desk);
}

static void an_attempt_over_its_run_time_limit_fails_and_is_tried_again(void **state)
{
    (void)state;
    struct desk *desk = running(3000, 0);
    desk_pass(desk, 3000);
    assert_non_null(desk_reply(desk, MSG_STOP));
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_tell(desk, 1, REPORT_CANCELLED);
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    desk_free(&desk);
}

static void not_before_its_time_nothing_begins(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.not_before_unix_ms = desk->unix_ms + 8000;
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &request.id)->reason, GPMQ_REASON_NOT_BEFORE);
    assert_int_equal(core_next_ms(desk->core, desk->now_ms, desk->unix_ms), desk->now_ms + 8000);
    desk_pass(desk, 8000);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_running_operation_is_stopped_and_the_answer_says_by_when),
        cmocka_unit_test(a_worker_that_never_answers_is_fenced_off_when_the_time_is_up),
        cmocka_unit_test(an_operation_that_ends_first_has_the_end_it_had),
        cmocka_unit_test(after_a_cancel_nothing_is_tried_again),
        cmocka_unit_test(the_wish_to_cancel_survives_a_restart),
        cmocka_unit_test(a_stranger_may_not_cancel_and_the_unknown_is_not_found),
        cmocka_unit_test(a_queued_operation_expires_at_its_deadline),
        cmocka_unit_test(a_running_operation_is_stopped_at_its_deadline_and_expires),
        cmocka_unit_test(an_attempt_over_its_run_time_limit_fails_and_is_tried_again),
        cmocka_unit_test(not_before_its_time_nothing_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
