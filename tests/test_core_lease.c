/* test_core_lease.c - attempts: fences, lost workers, crashes, retries, restarts. */
#include "core_desk.h"

#define LEASE_AND_SLACK_MS 35000

/* A desk with one running operation, number 1. */
static struct desk *running(const struct core_config *config)
{
    struct desk *desk = desk_new(config);
    struct gpmq_request request = desk_request(1);
    request.grace_ms = 2000;
    desk_hello(desk, 2);
    desk_submit(desk, &request);
    desk_tell(desk, 1, REPORT_ACCEPT);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    return desk;
}

static const struct op_row *row_one(const struct desk *desk)
{
    struct gpmq_id id = desk_id(1);
    return desk_row(desk, &id);
}

static void renew(struct desk *desk, bool with_lease)
{
    struct lease_ref held[1] = {{row_one(desk)->id, row_one(desk)->fence}};
    struct message message = {.type = MSG_RENEW,
                              .renew = {.session = desk->session,
                                        .held_count = with_lease ? 1 : 0,
                                        .held = held,
                                        .newest = row_one(desk)->fence}};
    desk_worker(desk, DESK_WORKER, "worker-key", &message);
}

static void a_renewed_lease_lives_on(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    for (int i = 0; i < 10; i++) {
        desk_pass(desk, 10000);
        renew(desk, true);
        assert_int_equal(desk_reply(desk, MSG_RENEWED)->renewed.held[0].order, LEASE_KEEP);
    }
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_free(&desk);
}

static void a_silent_worker_loses_its_lease_and_that_is_counted(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    desk_pass(desk, LEASE_AND_SLACK_MS - 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_pass(desk, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    assert_int_equal(row_one(desk)->losses, 1);
    desk_free(&desk);
}

static void what_a_worker_leaves_out_twice_is_lost(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    desk_pass(desk, 10000);
    renew(desk, false);
    renew(desk, false); /* the same one, doubled on the way */
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_pass(desk, 10000);
    renew(desk, false);
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    desk_free(&desk);
}

static void a_renewal_that_was_sent_before_says_nothing_of_a_lease(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct message late = {.type = MSG_RENEW,
                           .renew = {.session = desk->session, .newest = row_one(desk)->fence - 1}};
    for (int i = 0; i < 3; i++) {
        desk_pass(desk, 8000);
        desk_worker(desk, DESK_WORKER, "worker-key", &late);
        assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    }
    desk_free(&desk);
}

static void an_offer_that_nobody_accepts_costs_no_attempt(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    uint64_t fence = row_one(desk)->fence;
    desk_pass(desk, 10000);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED); /* offered again */
    assert_true(row_one(desk)->fence > fence);
    assert_int_equal(row_one(desk)->attempt, 0);
    desk_free(&desk);
}

static void a_report_with_an_old_fence_has_no_effect(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct report done = {
        .op = desk_id(1), .fence = row_one(desk)->fence, .n = 9, .kind = REPORT_DONE};
    desk_pass(desk, LEASE_AND_SLACK_MS);
    desk_hello(desk, 2);
    desk_pass(desk, 5000);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    assert_int_equal(desk_report(desk, &done).order, LEASE_ABANDON);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_report_that_comes_twice_counts_once(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct report message = {.op = desk_id(1),
                             .fence = row_one(desk)->fence,
                             .n = 5,
                             .after = 1,
                             .kind = REPORT_MESSAGE};
    assert_int_equal(desk_report(desk, &message).n, 5);
    uint32_t frames = desk->frame_count;
    assert_int_equal(desk_report(desk, &message).n, 5);
    assert_int_equal(desk->frame_count, frames);
    desk_free(&desk);
}

static void a_report_behind_a_missing_one_is_not_taken(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct report done = {
        .op = desk_id(1), .fence = row_one(desk)->fence, .n = 3, .after = 2, .kind = REPORT_DONE};
    assert_int_equal(desk_report(desk, &done).n, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_tell(desk, 1, REPORT_MESSAGE);
    desk_report(desk, &done);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    desk_free(&desk);
}

static void a_retryable_failure_is_tried_again_until_the_attempts_are_used(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    for (uint32_t attempt = 1; attempt <= GPMQ_ATTEMPTS_DEFAULT; attempt++) {
        struct report failed = {.op = desk_id(1),
                                .fence = row_one(desk)->fence,
                                .n = 2,
                                .kind = REPORT_FAILED,
                                .code = GPMQ_EBUSY,
                                .retryable = true};
        assert_int_equal(row_one(desk)->attempt, attempt);
        desk_report(desk, &failed);
        if (attempt == GPMQ_ATTEMPTS_DEFAULT)
            break;
        assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
        desk_pass(desk, 6000);
        desk_tell(desk, 1, REPORT_ACCEPT);
    }
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    assert_int_equal(row_one(desk)->code, GPMQ_EBUSY);
    desk_free(&desk);
}

static void a_failure_for_good_is_not_tried_again(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct report failed = {.op = desk_id(1),
                            .fence = row_one(desk)->fence,
                            .n = 2,
                            .kind = REPORT_FAILED,
                            .code = GPMQ_EACCESS};
    desk_report(desk, &failed);
    assert_int_equal(desk_state(desk, 1), GPMQ_FAILED);
    assert_int_equal(row_one(desk)->hr_status, gpmq_code_hresult(GPMQ_EACCESS));
    desk_free(&desk);
}

static void an_operation_that_kills_executors_is_dead_after_three(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    for (uint32_t crash = 1;; crash++) {
        desk_tell(desk, 1, REPORT_CRASHED);
        assert_int_equal(row_one(desk)->crashes, crash);
        if (crash == core_config_default.crashes_max)
            break;
        desk_pass(desk, 6000);
        desk_tell(desk, 1, REPORT_ACCEPT);
    }
    assert_int_equal(desk_state(desk, 1), GPMQ_DEAD);
    desk_free(&desk);
}

static void a_worker_that_starts_anew_loses_what_it_does_not_list(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    desk_hello(desk, 2);
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    desk_free(&desk);
}

static void a_worker_that_says_bye_hands_back_without_a_crash(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct message bye = {.type = MSG_BYE, .bye = {desk->session}};
    desk_worker(desk, DESK_WORKER, "worker-key", &bye);
    assert_int_equal(row_one(desk)->crashes, 0);
    assert_int_equal(row_one(desk)->losses, 0);
    assert_int_equal(row_one(desk)->attempt, 0);
    desk_hello(desk, 1);
    desk_pass(desk, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void another_key_cannot_take_a_living_worker_s_name(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct message hello = {.type = MSG_WORKER_HELLO,
                            .worker_hello = {.v = 1, .name = "w", .incarnation = desk_id(250)}};
    desk_worker(desk, 9, "stolen-key", &hello);
    assert_int_equal(desk_reply(desk, MSG_ERROR)->error.code, GPMQ_EDENIED);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_free(&desk);
}

static void after_a_restart_a_worker_comes_back_to_its_lease(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    struct lease_ref held[1] = {{row_one(desk)->id, row_one(desk)->fence}};
    const char *kinds[] = {"noop"};
    struct message hello = {.type = MSG_WORKER_HELLO,
                            .worker_hello = {.v = 1,
                                             .name = "w",
                                             .incarnation = desk_id(251),
                                             .executors = 1,
                                             .kinds = {1, kinds},
                                             .held_count = 1,
                                             .held = held}};
    desk_restart(desk);
    assert_int_equal(desk_state(desk, 1), GPMQ_RUNNING);
    desk_pass(desk, 20000);
    desk_worker(desk, 5, "worker-key", &hello);
    assert_int_equal(desk_reply(desk, MSG_WORKER_WELCOME)->worker_welcome.held[0].order,
                     LEASE_KEEP);
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    desk_free(&desk);
}

static void after_a_restart_a_lease_that_nobody_claims_is_no_crash(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    desk_restart(desk);
    desk_pass(desk, LEASE_AND_SLACK_MS);
    assert_int_equal(desk_state(desk, 1), GPMQ_RETRY_WAIT);
    assert_int_equal(row_one(desk)->losses, 0);
    desk_free(&desk);
}

static void an_unknown_session_is_told_so(void **state)
{
    (void)state;
    struct desk *desk = running(NULL);
    desk_restart(desk);
    renew(desk, true);
    assert_int_equal(desk_reply(desk, MSG_RENEWED)->renewed.session, 0);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renewed_lease_lives_on),
        cmocka_unit_test(a_silent_worker_loses_its_lease_and_that_is_counted),
        cmocka_unit_test(what_a_worker_leaves_out_twice_is_lost),
        cmocka_unit_test(a_renewal_that_was_sent_before_says_nothing_of_a_lease),
        cmocka_unit_test(an_offer_that_nobody_accepts_costs_no_attempt),
        cmocka_unit_test(a_report_with_an_old_fence_has_no_effect),
        cmocka_unit_test(a_report_that_comes_twice_counts_once),
        cmocka_unit_test(a_report_behind_a_missing_one_is_not_taken),
        cmocka_unit_test(a_retryable_failure_is_tried_again_until_the_attempts_are_used),
        cmocka_unit_test(a_failure_for_good_is_not_tried_again),
        cmocka_unit_test(an_operation_that_kills_executors_is_dead_after_three),
        cmocka_unit_test(a_worker_that_starts_anew_loses_what_it_does_not_list),
        cmocka_unit_test(a_worker_that_says_bye_hands_back_without_a_crash),
        cmocka_unit_test(another_key_cannot_take_a_living_worker_s_name),
        cmocka_unit_test(after_a_restart_a_worker_comes_back_to_its_lease),
        cmocka_unit_test(after_a_restart_a_lease_that_nobody_claims_is_no_crash),
        cmocka_unit_test(an_unknown_session_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
