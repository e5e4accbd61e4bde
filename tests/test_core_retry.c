/* test_core_retry.c - which failures are tried again, how often, after how long; what makes DEAD.
 */
#include "core_desk.h"

#include "retry.h"

static struct retry_policy policy_of(const char *kind)
{
    struct gpmq_request request = {.kind = kind};
    return retry_policy_of(&request);
}

/* How often an operation may fail with a code until that is its end. */
static int32_t attempts_of(const struct retry_policy *policy, int32_t code)
{
    int32_t failures = 1;
    while (failures < 1000 && retry_again(policy, code, failures))
        failures++;
    return failures;
}

static void a_failure_is_tried_again_exactly_when_its_code_may_pass(void **state)
{
    (void)state;
    struct retry_policy policy = policy_of("noop");
    for (int code = GPMQ_OK; code > GPMQ_CODE_END; code--)
        assert_int_equal(retry_again(&policy, code, 1), gpmq_code_retryable(code));
    assert_false(retry_again(&policy, 17, 1));
    assert_false(retry_again(&policy, GPMQ_CODE_END, 1));
}

static void kind_and_code_say_how_often(void **state)
{
    (void)state;
    struct retry_policy noop = policy_of("noop"), own = policy_of("site.snapshot");
    struct retry_policy backup = policy_of("gpo.backup"), none = policy_of(NULL);
    assert_int_equal(attempts_of(&noop, GPMQ_EBUSY), GPMQ_ATTEMPTS_DEFAULT);
    assert_int_equal(attempts_of(&own, GPMQ_EBUSY), GPMQ_ATTEMPTS_DEFAULT);
    assert_int_equal(attempts_of(&none, GPMQ_EBUSY), GPMQ_ATTEMPTS_DEFAULT);
    assert_int_equal(attempts_of(&backup, GPMQ_EBUSY), 5);
    assert_int_equal(attempts_of(&backup, GPMQ_ETIMEOUT), 2);
    assert_int_equal(attempts_of(&noop, GPMQ_EUNREACHABLE), 10);
    assert_int_equal(attempts_of(&backup, GPMQ_EACCESS), 1);
}

static void the_request_stands_over_both(void **state)
{
    (void)state;
    struct gpmq_request request = {.kind = "gpo.backup", .attempts = 7, .backoff_ms = 100};
    struct retry_policy policy = retry_policy_of(&request);
    assert_int_equal(attempts_of(&policy, GPMQ_EBUSY), 7);
    assert_int_equal(attempts_of(&policy, GPMQ_ETIMEOUT), 7);
    assert_int_equal(attempts_of(&policy, GPMQ_EACCESS), 1); /* not what cannot pass */
    struct gpmq_id id = desk_id(1);
    assert_in_range(retry_wait_ms(&policy, &id, GPMQ_ENOSPACE, 1), 75, 125);
}

static void waits_double_up_to_an_hour_and_never_leave_their_jitter(void **state)
{
    (void)state;
    for (int32_t jitter = 1; jitter <= 100; jitter += 33) {
        struct gpmq_request request = {.kind = "noop", .jitter_percent = jitter};
        struct retry_policy policy = retry_policy_of(&request);
        for (uint8_t number = 1; number < 50; number++) {
            struct gpmq_id id = desk_id(number);
            for (uint32_t attempt = 1; attempt < 40; attempt++) {
                int64_t middle_ms = attempt < 8 ? INT64_C(30000) << (attempt - 1) : 3600000;
                if (middle_ms > RETRY_WAIT_MAX_MS)
                    middle_ms = RETRY_WAIT_MAX_MS;
                int64_t most_ms = middle_ms * jitter / 100;
                assert_in_range(retry_wait_ms(&policy, &id, GPMQ_ENOSPACE, attempt),
                                middle_ms - most_ms, middle_ms + most_ms);
            }
        }
    }
}

static void those_who_fail_together_do_not_come_back_together(void **state)
{
    (void)state;
    struct retry_policy policy = policy_of("noop");
    int64_t least_ms = INT64_MAX, most_ms = 0;
    for (uint8_t number = 1; number < 100; number++) {
        struct gpmq_id id = desk_id(number);
        int64_t ms = retry_wait_ms(&policy, &id, GPMQ_EBUSY, 1);
        assert_int_equal(ms, retry_wait_ms(&policy, &id, GPMQ_EBUSY, 1));
        least_ms = ms < least_ms ? ms : least_ms;
        most_ms = ms > most_ms ? ms : most_ms;
    }
    assert_true(most_ms - least_ms > 400);
}

/* ---- what ends an operation ---------------------------------------------------------------- */

/* A desk with one running operation, number 1. */
static struct desk *running(const struct gpmq_request *request, const struct core_config *config)
{
    struct desk *desk = desk_new(config);
    desk_hello(desk, 1);
    desk_submit(desk, request);
    desk_tell(desk, 1, REPORT_ACCEPT);
    return desk;
}

static const struct op_row *row_one(const struct desk *desk)
{
    struct gpmq_id id = desk_id(1);
    return desk_row(desk, &id);
}

static void fail_one(struct desk *desk, int32_t code, bool retryable)
{
    struct report failed = {.op = desk_id(1),
                            .fence = row_one(desk)->fence,
                            .n = 2,
                            .kind = REPORT_FAILED,
                            .code = code,
                            .retryable = retryable};
    desk_report(desk, &failed);
}

/* The worker restarts, and what it had is lost. */
static void lose_worker(struct desk *desk)
{
    desk_hello(desk, 1);
}

static void go_on(struct desk *desk)
{
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    desk_pass(desk, RETRY_WAIT_MAX_MS * 2);
    desk_hello(desk, 1); /* it was silent */
    desk_pass(desk, 1);
    desk_tell(desk, 1, REPORT_ACCEPT);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
}

static void a_worker_s_no_stands_over_the_table(void **state)
{
    (void)state;
    struct gpmq_request request = desk_request(1);
    struct desk *desk = running(&request, NULL);
    fail_one(desk, GPMQ_EBUSY, false);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    desk_free(&desk);
}

static void a_code_that_cannot_pass_is_the_end_whatever_the_worker_says(void **state)
{
    (void)state;
    struct gpmq_request request = desk_request(1);
    struct desk *desk = running(&request, NULL);
    fail_one(desk, GPMQ_EACCESS, true);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    desk_free(&desk);
}

static void lost_workers_are_counted_apart_from_crashes(void **state)
{
    (void)state;
    struct gpmq_request request = desk_request(1);
    struct desk *desk = running(&request, NULL);
    for (uint32_t loss = 1; loss < core_config_default.losses_max; loss++) {
        lose_worker(desk);
        assert_int_equal(row_one(desk)->losses, loss);
        go_on(desk);
    }
    for (uint32_t crash = 1; crash < core_config_default.crashes_max; crash++) {
        desk_tell(desk, 1, REPORT_CRASHED);
        assert_int_equal(row_one(desk)->crashes, crash);
        go_on(desk);
    }
    for (int32_t failure = 1; failure < GPMQ_ATTEMPTS_DEFAULT; failure++) {
        fail_one(desk, GPMQ_EBUSY, true);
        go_on(desk);
    }
    lose_worker(desk);
    assert_int_equal(desk_state(desk, 1), GPMQ_DEAD);
    assert_int_equal(row_one(desk)->code, GPMQ_ELOST);
    desk_free(&desk);
}

static void the_counts_outlive_the_broker(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.losses_max = 2;
    struct gpmq_request request = desk_request(1);
    struct desk *desk = running(&request, &config);
    lose_worker(desk);
    desk_restart(desk);
    go_on(desk);
    lose_worker(desk);
    assert_int_equal(desk_state(desk, 1), GPMQ_DEAD);
    desk_free(&desk);
}

static void a_jitter_of_more_than_all_is_refused(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.jitter_percent = 101;
    assert_int_equal(desk_submit(desk, &request).code, GPMQ_EINVAL);
    request.jitter_percent = -1;
    assert_int_equal(desk_submit(desk, &request).code, GPMQ_EINVAL);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_tried_again_exactly_when_its_code_may_pass),
        cmocka_unit_test(kind_and_code_say_how_often),
        cmocka_unit_test(the_request_stands_over_both),
        cmocka_unit_test(waits_double_up_to_an_hour_and_never_leave_their_jitter),
        cmocka_unit_test(those_who_fail_together_do_not_come_back_together),
        cmocka_unit_test(a_worker_s_no_stands_over_the_table),
        cmocka_unit_test(a_code_that_cannot_pass_is_the_end_whatever_the_worker_says),
        cmocka_unit_test(lost_workers_are_counted_apart_from_crashes),
        cmocka_unit_test(the_counts_outlive_the_broker),
        cmocka_unit_test(a_jitter_of_more_than_all_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
