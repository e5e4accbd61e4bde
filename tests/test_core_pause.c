/* test_core_pause.c - what an admin holds back, and the workers that get nothing new. */
#include "core_desk.h"

static const struct message *control(struct desk *desk, bool admin, const struct message *message)
{
    desk_admin(desk, admin ? "root" : "alice", admin, message);
    return desk->reply_count ? desk->replies[0] : NULL;
}

static uint32_t pause(struct desk *desk, const char *kind, const char *domain, bool resume)
{
    struct message message = {
        .type = MSG_PAUSE, .req = 5, .pause = {.kind = kind, .domain = domain, .resume = resume}};
    const struct message *reply = control(desk, true, &message);
    assert_non_null(reply);
    assert_int_equal(reply->type, MSG_PAUSED);
    return reply->paused.pause_count;
}

static void a_paused_queue_gives_nothing_out_until_it_is_resumed(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = desk_request(2);

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    assert_int_equal(pause(desk, NULL, NULL, false), 1);
    assert_int_equal(pause(desk, NULL, NULL, false), 1); /* twice is once */
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &second.id)->reason, GPMQ_REASON_PAUSED);
    desk_tell(desk, 1, REPORT_ACCEPT); /* what runs goes on */
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    assert_int_equal(pause(desk, NULL, NULL, true), 0);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void what_is_queued_or_comes_back_waits_for_the_end_of_the_pause(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = desk_request(2);

    desk_hello(desk, 1);
    desk_submit(desk, &first);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 2), GPMQ_QUEUED);
    pause(desk, NULL, NULL, false);
    assert_int_equal(desk_frame(desk, &second.id)->reason, GPMQ_REASON_PAUSED);
    desk_tell(desk, 1, REPORT_REJECT);
    desk_pass(desk, 5000);
    desk_pass(desk, 1);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &first.id)->reason, GPMQ_REASON_PAUSED);
    pause(desk, NULL, NULL, true);
    assert_int_equal(desk_state(desk, 1) == GPMQ_ASSIGNED, desk_state(desk, 2) == GPMQ_QUEUED);
    desk_free(&desk);
}

static void a_pause_of_a_kind_or_a_domain_holds_back_only_that(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request backup = desk_request(1), plain = desk_request(2);
    backup.kind = "gpo.backup";
    backup.domain = backup.repository = "test";

    desk_hello(desk, 4);
    assert_int_equal(pause(desk, "gpo.import", NULL, false), 1);
    assert_int_equal(pause(desk, "gpo.backup", "test", false), 2);
    desk_submit(desk, &backup);
    desk_submit(desk, &plain);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    pause(desk, "gpo.import", NULL, true);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    pause(desk, "gpo.backup", NULL, true); /* not the words of any pause */
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(pause(desk, "gpo.backup", "test", true), 0);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_pause_outlives_the_broker(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = desk_request(2);

    desk_hello(desk, 4);
    pause(desk, "noop", NULL, false);
    desk_submit(desk, &first);
    desk_restart(desk);
    desk_hello(desk, 4);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    pause(desk, "noop", NULL, true);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    desk_restart(desk);
    assert_int_equal(pause(desk, "gpo.list", NULL, false), 1);
    desk_free(&desk);
}

static void what_is_paused_can_be_cancelled(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1);

    pause(desk, NULL, NULL, false);
    desk_submit(desk, &first);
    assert_int_equal(desk_cancel(desk, &first.id).disposition, CANCEL_NOW);
    desk_free(&desk);
}

static void pauses_have_a_limit(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    char kind[16];
    for (uint32_t i = 0; i < MESSAGE_PAUSES_MAX; i++) {
        snprintf(kind, sizeof kind, "kind-%u", i);
        assert_int_equal(pause(desk, kind, NULL, false), i + 1);
    }
    struct message message = {.type = MSG_PAUSE, .req = 5};
    const struct message *reply = control(desk, true, &message);
    assert_int_equal(reply->type, MSG_ERROR);
    assert_int_equal(reply->error.code, GPMQ_EFULL);
    assert_true(reply->error.retry_after_ms > 0);
    desk_free(&desk);
}

static void workers_have_a_limit_and_the_one_that_is_here_may_say_hello_again(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.workers_max = 1;
    struct desk *desk = desk_new(&config);
    desk_hello(desk, 4);
    struct message message = {
        .type = MSG_WORKER_HELLO,
        .req = 9,
        .worker_hello = {.v = 1, .name = "another", .incarnation = desk_id(9), .executors = 1}};
    desk_worker(desk, DESK_WORKER + 2, "worker-key", &message);
    const struct message *reply = desk_reply(desk, MSG_ERROR);
    assert_non_null(reply);
    assert_int_equal(reply->error.code, GPMQ_EFULL);
    assert_true(reply->error.retry_after_ms > 0);
    desk_hello_again(desk, 4);
    desk_hello(desk, 4); /* started anew: in its own place */
    desk_free(&desk);
}

static void only_an_admin_may_pause_and_drain(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct message pausing = {.type = MSG_PAUSE, .req = 5};
    struct message draining = {.type = MSG_DRAIN, .req = 5, .drain = {.worker = "w"}};
    desk_hello(desk, 1);
    assert_int_equal(control(desk, false, &pausing)->error.code, GPMQ_EDENIED);
    assert_int_equal(control(desk, false, &draining)->error.code, GPMQ_EDENIED);
    draining.drain.worker = "nobody";
    assert_int_equal(control(desk, true, &draining)->error.code, GPMQ_ENOTFOUND);
    desk_free(&desk);
}

static void a_drained_worker_finishes_and_gets_nothing_new(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1), second = desk_request(2);
    struct message message = {.type = MSG_DRAIN, .req = 5, .drain = {.worker = "w"}};

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    const struct message *reply = control(desk, true, &message);
    assert_int_equal(reply->type, MSG_DRAINING);
    assert_int_equal(reply->draining.leases, 1);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 2), GPMQ_QUEUED);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 1), GPMQ_SUCCEEDED);
    assert_int_equal(desk_state(desk, 2), GPMQ_QUEUED);
    message.drain.resume = true;
    control(desk, true, &message);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_drain_outlives_the_broker_until_it_is_resumed(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1);
    struct message message = {.type = MSG_DRAIN, .req = 5, .drain = {.worker = "w"}};

    desk_hello(desk, 4);
    control(desk, true, &message);
    control(desk, true, &message); /* twice is once */
    desk_restart(desk);
    desk_hello_again(desk, 4);
    desk_submit(desk, &first);
    assert_int_equal(desk_state(desk, 1), GPMQ_QUEUED);
    message.drain.resume = true;
    control(desk, true, &message);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_restart(desk);
    desk_hello_again(desk, 4);
    struct gpmq_request second = desk_request(2);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_worker_that_started_anew_while_the_broker_was_away_is_not_drained(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1);
    struct message message = {.type = MSG_DRAIN, .req = 5, .drain = {.worker = "w"}};

    desk_hello(desk, 4);
    control(desk, true, &message);
    desk_restart(desk);
    desk_hello(desk, 4);
    desk_submit(desk, &first);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_drained_worker_that_starts_anew_gets_work(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = desk_request(1);
    struct message message = {.type = MSG_DRAIN, .req = 5, .drain = {.worker = "w"}};

    desk_hello(desk, 4);
    control(desk, true, &message);
    desk_hello(desk, 4);
    desk_submit(desk, &first);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void the_numbers_and_the_workers_are_told(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct msg_stats_answer stats;
    struct msg_worker_list list;

    desk_hello(desk, 2);
    for (uint8_t number = 1; number <= 5; number++) {
        struct gpmq_request request = desk_request(number);
        desk_submit(desk, &request);
    }
    desk_tell(desk, 1, REPORT_ACCEPT);
    pause(desk, "gpo.list", NULL, false);
    desk_pass(desk, 700);
    core_stats(desk->core, &desk->arena, &stats);
    assert_int_equal(stats.open, 5);
    assert_int_equal(stats.workers, 1);
    assert_int_equal(stats.executors, 2);
    assert_int_equal(stats.pause_count, 1);
    for (uint32_t i = 0; i < stats.depth_count; i++) {
        uint32_t wanted = stats.depths[i].state == GPMQ_QUEUED ? 3 : 0;
        if (stats.depths[i].state == GPMQ_ASSIGNED || stats.depths[i].state == GPMQ_RUNNING)
            wanted = 1;
        assert_int_equal(stats.depths[i].count, wanted);
    }
    core_workers(desk->core, 0, &desk->arena, &list);
    assert_int_equal(list.worker_count, 1);
    assert_string_equal(list.workers[0].name, "w");
    assert_int_equal(list.workers[0].leases, 2);
    assert_int_equal(list.workers[0].running, 1);
    assert_int_equal(list.workers[0].silent_ms, 700);
    assert_false(list.more);
    core_workers(desk->core, list.workers[0].session, &desk->arena, &list);
    assert_int_equal(list.worker_count, 0);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paused_queue_gives_nothing_out_until_it_is_resumed),
        cmocka_unit_test(what_is_queued_or_comes_back_waits_for_the_end_of_the_pause),
        cmocka_unit_test(a_pause_of_a_kind_or_a_domain_holds_back_only_that),
        cmocka_unit_test(a_pause_outlives_the_broker),
        cmocka_unit_test(what_is_paused_can_be_cancelled),
        cmocka_unit_test(pauses_have_a_limit),
        cmocka_unit_test(workers_have_a_limit_and_the_one_that_is_here_may_say_hello_again),
        cmocka_unit_test(only_an_admin_may_pause_and_drain),
        cmocka_unit_test(a_drained_worker_finishes_and_gets_nothing_new),
        cmocka_unit_test(a_drain_outlives_the_broker_until_it_is_resumed),
        cmocka_unit_test(a_worker_that_started_anew_while_the_broker_was_away_is_not_drained),
        cmocka_unit_test(a_drained_worker_that_starts_anew_gets_work),
        cmocka_unit_test(the_numbers_and_the_workers_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
