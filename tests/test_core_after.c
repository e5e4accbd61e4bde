/* test_core_after.c - what waits for others to succeed, and attempts that stall. */
#include "core_desk.h"

static struct gpmq_request request_after(uint8_t number, uint8_t on)
{
    struct gpmq_request request = desk_request(number);
    request.after_count = 1;
    request.after[0] = desk_id(on);
    return request;
}

static void run(struct desk *desk, uint8_t number, enum report_kind end)
{
    desk_tell(desk, number, REPORT_ACCEPT);
    desk_tell(desk, number, end);
}

static void what_depends_on_another_runs_when_that_has_succeeded(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = request_after(2, 1);

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    assert_int_equal(desk_submit(desk, &second).code, 0);
    assert_int_equal(desk_frame(desk, &second.id)->reason, GPMQ_REASON_DEPENDENCY);
    run(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    struct gpmq_request third = request_after(3, 1); /* which has ended */
    assert_int_equal(desk_submit(desk, &third).code, 0);
    assert_int_equal(desk_state(desk, 3), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void it_waits_for_all_that_it_names(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = desk_request(2);
    struct gpmq_request third = request_after(3, 1);
    third.after[third.after_count++] = desk_id(2);

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    desk_submit(desk, &second);
    desk_submit(desk, &third);
    run(desk, 2, REPORT_DONE);
    assert_int_equal(desk_state(desk, 3), GPMQ_WAITING);
    run(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 3), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_chain_fails_from_its_first_failure_on(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1);

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    for (uint8_t number = 2; number <= 40; number++) {
        struct gpmq_request request = request_after(number, number - 1);
        desk_submit(desk, &request);
    }
    run(desk, 1, REPORT_FAILED);
    for (uint8_t number = 1; number <= 40; number++)
        assert_int_equal(desk_state(desk, number), GPMQ_FAILED);
    struct gpmq_id second = desk_id(2);
    const struct gpmq_status *final = desk_frame(desk, &second);
    assert_int_equal(final->status_msg_count, 1);
    assert_non_null(
        strstr(final->status_msgs[0].message, "had to succeed first, has ended failed"));
    desk_free(&desk);
}

static void a_cancelled_one_fails_those_that_wait_for_it(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = request_after(2, 1);

    desk_submit(desk, &first);
    desk_submit(desk, &second);
    desk_cancel(desk, &first.id);
    assert_int_equal(desk_state(desk, 2), GPMQ_FAILED);
    desk_free(&desk);
}

static void who_waits_can_be_cancelled_alone(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = request_after(2, 1);

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    desk_submit(desk, &second);
    assert_int_equal(desk_cancel(desk, &second.id).disposition, CANCEL_NOW);
    run(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    assert_int_equal(desk_state(desk, 2), GPMQ_CANCELLED);
    desk_free(&desk);
}

static void a_dependency_must_be_known_and_not_have_failed(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), unknown = request_after(2, 9);
    struct gpmq_request itself = request_after(3, 3), late = request_after(4, 1);

    assert_int_equal(desk_submit(desk, &unknown).code, GPMQ_ENOTFOUND);
    assert_int_equal(desk_submit(desk, &itself).code, GPMQ_EINVAL);
    desk_submit(desk, &first);
    desk_cancel(desk, &first.id);
    assert_int_equal(desk_submit(desk, &late).code, GPMQ_ESTATE);
    desk_free(&desk);
}

static void dependencies_outlive_the_broker(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = request_after(2, 1);
    struct gpmq_request third = request_after(3, 2);

    desk_submit(desk, &first);
    desk_submit(desk, &second);
    desk_submit(desk, &third);
    desk_restart(desk);
    desk_hello(desk, 4);
    run(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 3), GPMQ_WAITING);
    desk_restart(desk); /* 2 no longer depends on anything */
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 3), GPMQ_WAITING);
    desk_free(&desk);
}

/* A batch of one item, open or closed. */
static struct gpmq_id submit_batch(struct desk *desk, uint8_t number, bool last)
{
    struct gpmq_request template = {.kind = "noop", .priority = 3};
    struct batch_item item = {.key = "one"};
    struct message message = {.type = MSG_SUBMIT_BATCH,
                              .submit_batch = {.batch = desk_id(number),
                                               .template = &template,
                                               .item_count = 1,
                                               .items = &item,
                                               .last = last}};
    struct gpmq_id batch = desk_id(number);
    desk_client(desk, "alice", &message);
    return gpmq_id_derive(&batch, "one");
}

static void end_item(struct desk *desk, const struct gpmq_id *item, enum report_kind end)
{
    struct report report = {.op = *item,
                            .fence = desk_row(desk, item)->fence,
                            .n = 1,
                            .kind = end,
                            .code = GPMQ_EACCESS};
    desk_report(desk, &report);
}

static void what_waits_for_a_batch_runs_when_all_of_it_has_succeeded(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    struct gpmq_id item = submit_batch(desk, 1, true);
    struct gpmq_request second = request_after(2, 1);
    assert_int_equal(desk_submit(desk, &second).code, 0);
    assert_int_equal(desk_frame(desk, &second.id)->reason, GPMQ_REASON_DEPENDENCY);
    assert_non_null(strstr(desk_frame(desk, &second.id)->status_msgs[0].message, "batch"));
    desk_restart(desk);
    desk_hello(desk, 4);
    desk_pass(desk, 40000); /* the lease of before is given up */
    desk_hello(desk, 4);
    desk_pass(desk, 5000);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    end_item(desk, &item, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED); /* in the same round */
    desk_free(&desk);
}

static void a_batch_that_fails_fails_what_waits_for_it_and_so_on(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    struct gpmq_id item = submit_batch(desk, 1, true);
    struct gpmq_request second = request_after(2, 1), third = request_after(3, 2);
    desk_submit(desk, &second);
    desk_submit(desk, &third);
    end_item(desk, &item, REPORT_FAILED);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    assert_int_equal(desk_state(desk, 2), GPMQ_FAILED);
    assert_int_equal(desk_state(desk, 3), GPMQ_FAILED);
    struct gpmq_request late = request_after(4, 1);
    assert_int_equal(desk_submit(desk, &late).code, GPMQ_ESTATE);
    desk_free(&desk);
}

static void an_open_batch_cannot_be_waited_for_nor_its_own(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    submit_batch(desk, 1, false);
    struct gpmq_request outside = request_after(2, 1), inside = request_after(3, 1);
    inside.batch = desk_id(1);
    assert_int_equal(desk_submit(desk, &outside).code, GPMQ_ESTATE);
    assert_int_equal(desk_submit(desk, &inside).code, GPMQ_EINVAL);
    desk_free(&desk);
}

static void an_attempt_without_progress_is_stopped(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.stall_ms = 5000;
    request.attempts = 1;

    desk_hello(desk, 1);
    desk_submit(desk, &request);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_pass(desk, 4000);
    desk_tell(desk, 1, REPORT_PROGRESS);
    desk_pass(desk, 4000);
    assert_null(desk_reply(desk, MSG_STOP));
    desk_pass(desk, 1000);
    assert_non_null(desk_reply(desk, MSG_STOP));
    desk_tell(desk, 1, REPORT_CANCELLED);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    assert_int_equal(desk_row(desk, &request.id)->code, GPMQ_ETIMEOUT);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_depends_on_another_runs_when_that_has_succeeded),
        cmocka_unit_test(it_waits_for_all_that_it_names),
        cmocka_unit_test(a_chain_fails_from_its_first_failure_on),
        cmocka_unit_test(a_cancelled_one_fails_those_that_wait_for_it),
        cmocka_unit_test(who_waits_can_be_cancelled_alone),
        cmocka_unit_test(a_dependency_must_be_known_and_not_have_failed),
        cmocka_unit_test(dependencies_outlive_the_broker),
        cmocka_unit_test(what_waits_for_a_batch_runs_when_all_of_it_has_succeeded),
        cmocka_unit_test(a_batch_that_fails_fails_what_waits_for_it_and_so_on),
        cmocka_unit_test(an_open_batch_cannot_be_waited_for_nor_its_own),
        cmocka_unit_test(an_attempt_without_progress_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
