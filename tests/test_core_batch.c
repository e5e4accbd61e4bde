/* test_core_batch.c - batches, and the progress of one and of many. */
#include "core_desk.h"

static struct gpmq_id batch_id(void)
{
    return desk_id(99);
}

static struct gpmq_id item_id(const char *key)
{
    struct gpmq_id batch = batch_id();
    return gpmq_id_derive(&batch, key);
}

/* Submits the items "a", "b", ... of the batch. */
static void submit_items(struct desk *desk, uint32_t count, bool last)
{
    static const char *const keys[] = {"a", "b", "c", "d"};
    struct gpmq_request template = {.kind = "noop", .priority = 3};
    struct batch_item items[4] = {0};
    for (uint32_t i = 0; i < count; i++)
        items[i] = (struct batch_item){.key = keys[i], .weight = i + 1};
    struct message message = {.type = MSG_SUBMIT_BATCH,
                              .submit_batch = {.batch = batch_id(),
                                               .template = &template,
                                               .item_count = count,
                                               .items = items,
                                               .last = last}};
    desk_client(desk, "alice", &message);
}

static void tell_item(struct desk *desk, const char *key, struct report report)
{
    struct gpmq_id id = item_id(key);
    const struct op_row *row = desk_row(desk, &id);
    report.op = id;
    report.fence = row->fence;
    if (!report.n)
        report.n = row->report_n + 1;
    desk_report(desk, &report);
}

static void end_item(struct desk *desk, const char *key, enum report_kind kind)
{
    tell_item(desk, key, (struct report){.kind = kind, .code = GPMQ_EACCESS});
}

static const struct gpmq_status *batch_frame(struct desk *desk)
{
    struct gpmq_id id = batch_id();
    return desk_frame(desk, &id);
}

static void a_batch_ends_with_its_last_operation(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    submit_items(desk, 2, true);
    end_item(desk, "a", REPORT_DONE);
    assert_int_equal(desk_state(desk, 99), GPMQ_RUNNING);
    end_item(desk, "b", REPORT_DONE);
    assert_int_equal(desk_state(desk, 99), GPMQ_SUCCEEDED);
    assert_int_equal(batch_frame(desk)->kind, GPMQ_FRAME_FINAL);
    assert_string_equal(batch_frame(desk)->result->properties[0].name, "total");
    assert_string_equal(batch_frame(desk)->result->properties[0].value, "2");
    desk_free(&desk);
}

static void a_batch_with_some_failures_says_so(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    submit_items(desk, 2, true);
    end_item(desk, "a", REPORT_DONE);
    end_item(desk, "b", REPORT_FAILED);
    assert_int_equal(desk_state(desk, 99), GPMQ_FAILED);
    assert_int_equal(batch_frame(desk)->result->overall_status, gpmq_code_hresult(GPMQ_EPARTIAL));
    desk_free(&desk);
}

static void an_empty_batch_succeeds_at_once(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    submit_items(desk, 0, true);
    assert_int_equal(desk_state(desk, 99), GPMQ_SUCCEEDED);
    desk_free(&desk);
}

static void a_batch_that_is_repeated_is_the_same(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_id id = batch_id();
    submit_items(desk, 2, false);
    submit_items(desk, 3, true);
    submit_items(desk, 3, true);
    const struct msg_submitted *submitted = &desk_reply(desk, MSG_SUBMITTED)->submitted;
    for (uint32_t i = 0; i < 3; i++)
        assert_true(submitted->answers[i].known);
    assert_int_equal(desk_row(desk, &id)->total, 3);
    assert_int_equal(desk->row_count, 4);
    desk_free(&desk);
}

static void a_closed_batch_takes_no_more(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    submit_items(desk, 1, true);
    submit_items(desk, 2, true);
    const struct msg_submitted *submitted = &desk_reply(desk, MSG_SUBMITTED)->submitted;
    assert_true(submitted->answers[0].known);
    assert_int_equal(submitted->answers[1].code, GPMQ_ESTATE);
    desk_free(&desk);
}

static void cancelling_a_batch_cancels_all_that_is_in_it(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_id id = batch_id();
    desk_hello(desk, 1);
    submit_items(desk, 3, false);
    assert_int_equal(desk_cancel(desk, &id).disposition, CANCEL_PENDING);
    end_item(desk, "a", REPORT_CANCELLED);
    assert_int_equal(desk_state(desk, 99), GPMQ_CANCELLED);
    assert_int_equal(desk_row(desk, &id)->cancelled, 3);
    assert_int_equal(batch_frame(desk)->hr_status, GPMQ_HR_CANCELLED);
    desk_free(&desk);
}

static void the_progress_of_a_batch_is_weighted_and_never_falls(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    submit_items(desk, 2, false); /* weights 1 and 2 */
    end_item(desk, "a", REPORT_DONE);
    desk_pass(desk, 200);
    assert_int_equal(batch_frame(desk)->progress_numerator, 333333);
    assert_int_equal(batch_frame(desk)->progress_denominator, 1000000);
    submit_items(desk, 4, true);
    desk_pass(desk, 200);
    assert_int_equal(batch_frame(desk)->progress_numerator, 333333);
    desk_free(&desk);
}

static void a_batch_is_counted_on_after_a_restart(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 1);
    submit_items(desk, 2, true);
    end_item(desk, "a", REPORT_DONE);
    desk_restart(desk);
    desk_hello(desk, 1);
    desk_pass(desk, 100);
    end_item(desk, "b", REPORT_DONE);
    assert_int_equal(desk_state(desk, 99), GPMQ_SUCCEEDED);
    assert_string_equal(batch_frame(desk)->result->properties[1].value, "2");
    desk_free(&desk);
}

static void progress_is_held_back_and_its_last_value_is_told(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_id id = item_id("a");
    desk_hello(desk, 1);
    submit_items(desk, 1, true);
    uint32_t before = desk->frame_count;
    for (int32_t i = 1; i <= 50; i++)
        tell_item(desk, "a",
                  (struct report){.n = (uint64_t)i,
                                  .kind = REPORT_PROGRESS,
                                  .progress_numerator = i,
                                  .progress_denominator = 100});
    assert_true(desk->frame_count - before < 8);
    desk_pass(desk, 100);
    assert_int_equal(desk_frame(desk, &id)->progress_numerator, 50);
    tell_item(desk, "a",
              (struct report){
                  .kind = REPORT_PROGRESS, .progress_numerator = 100, .progress_denominator = 100});
    desk_pass(desk, 100);
    assert_int_equal(desk_frame(desk, &id)->progress_numerator,
                     99); /* not complete before its end */
    end_item(desk, "a", REPORT_DONE);
    assert_int_equal(desk_frame(desk, &id)->progress_numerator, 100);
    assert_int_equal(desk_frame(desk, &id)->kind, GPMQ_FRAME_FINAL);
    desk_free(&desk);
}

static void progress_that_was_held_back_is_told_before_the_end(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 1);
    submit_items(desk, 1, true);
    for (uint64_t n = 1; n <= 2; n++)
        tell_item(desk, "a",
                  (struct report){.n = n,
                                  .kind = REPORT_PROGRESS,
                                  .progress_numerator = (int32_t)n,
                                  .progress_denominator = 4});
    uint32_t before = desk->frame_count;
    tell_item(desk, "a", (struct report){.n = 3, .kind = REPORT_DONE});
    assert_int_equal(desk->frames[before].kind, GPMQ_FRAME_PROGRESS);
    assert_int_equal(desk->frames[before].progress_numerator, 2);
    assert_int_equal(desk->frames[before + 1].kind, GPMQ_FRAME_FINAL);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_ends_with_its_last_operation),
        cmocka_unit_test(a_batch_with_some_failures_says_so),
        cmocka_unit_test(an_empty_batch_succeeds_at_once),
        cmocka_unit_test(a_batch_that_is_repeated_is_the_same),
        cmocka_unit_test(a_closed_batch_takes_no_more),
        cmocka_unit_test(cancelling_a_batch_cancels_all_that_is_in_it),
        cmocka_unit_test(the_progress_of_a_batch_is_weighted_and_never_falls),
        cmocka_unit_test(a_batch_is_counted_on_after_a_restart),
        cmocka_unit_test(progress_is_held_back_and_its_last_value_is_told),
        cmocka_unit_test(progress_that_was_held_back_is_told_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
