/* test_executor.c - real executors: run, tell, stop, kill, replace. Nothing sleeps: every wait is
 * for the pool's own descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "clock.h"
#include "executor.h"

#define WAIT_MAX_MS 20000 /* then something is wrong */

/* What a listener heard of one operation. */
struct heard {
    uint32_t progress;
    uint32_t messages;
    int32_t numerator;
    enum report_kind end; /* 0: none yet */
    int code;
    char text[256];
    char how[256]; /* of an executor that ended without telling */
    size_t content_size;
    bool full;
};

struct bench {
    struct executor_pool *pool;
    struct heard heard;
};

static void on_report(void *arg, const struct report *report, void *content)
{
    struct heard *heard = arg;
    heard->progress += report->kind == REPORT_PROGRESS;
    heard->messages += report->kind == REPORT_MESSAGE;
    if (report->kind == REPORT_PROGRESS) {
        assert_true(report->progress_numerator >= heard->numerator);
        assert_true(report->progress_numerator < report->progress_denominator);
        heard->numerator = report->progress_numerator;
    }
    if (report->kind >= REPORT_DONE) {
        heard->end = report->kind;
        heard->code = report->code;
        heard->content_size = content ? report->result->data_size : 0;
        if (report->status_msg_count)
            snprintf(heard->text, sizeof heard->text, "%s", report->status_msgs[0].message);
    }
    free(content);
}

static void on_ended(void *arg, const struct gpmq_id *op, uint64_t fence, const char *how)
{
    struct heard *heard = arg;
    (void)op;
    (void)fence;
    snprintf(heard->how, sizeof heard->how, "%s", how);
}

static bool on_full(void *arg, const struct gpmq_id *op, uint64_t fence)
{
    struct heard *heard = arg;
    (void)op;
    (void)fence;
    return heard->full;
}

static const char *program(void)
{
    static char path[4096];
    const char *build = getenv("GPMQ_BUILD_DIR");
    snprintf(path, sizeof path, "%s/bin/gpmq-executor", build ? build : ".");
    return path;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct executor_pool_config config = {.program = program(), .count = 1, .cpu_max_s = 60};
    struct executor_listener listener = {on_report, on_ended, on_full, &bench->heard};
    struct gpmq_error err;
    if (executor_pool_new(&bench->pool, &config, &listener, &err)) {
        print_error("%s\n", err.text);
        return -1;
    }
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    executor_pool_free(&bench->pool);
    free(bench);
    return 0;
}

static struct gpmq_id an_id(void)
{
    return (struct gpmq_id){{1, 0x93, 0xa1, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};
}

static void run(struct bench *bench, uint64_t fence, const char *args)
{
    struct gpmq_request request = {.id = an_id(), .kind = "noop", .args = args};
    struct gpmq_error err = {0};
    bench->heard = (struct heard){0};
    if (executor_run(bench->pool, &request, fence, 1, &err))
        fail_msg("%s", err.text);
}

/* One round of the loop: waits until an executor says something or something is due. */
static void round_of(struct bench *bench)
{
    int64_t left_ms = executor_pool_next_ms(bench->pool) - clock_now_ms();
    struct pollfd item = {executor_pool_fd(bench->pool), POLLIN, 0};
    poll(&item, 1, left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms + 1);
    executor_pool_take(bench->pool, clock_now_ms());
}

static bool is_over(const struct bench *bench)
{
    return bench->heard.end || bench->heard.how[0];
}

static int64_t wait_for_end(struct bench *bench)
{
    int64_t start_ms = clock_now_ms();
    while (!is_over(bench) && clock_now_ms() - start_ms < WAIT_MAX_MS)
        round_of(bench);
    assert_true(is_over(bench));
    return clock_now_ms() - start_ms;
}

static void wait_for_progress(struct bench *bench)
{
    while (!bench->heard.progress && !is_over(bench))
        round_of(bench);
    assert_false(is_over(bench));
}

static void an_operation_tells_progress_messages_and_its_end(void **state)
{
    struct bench *bench = *state;
    run(bench, 1, "{\"steps\": 5, \"messages\": 3}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_int_equal(bench->heard.messages, 3);
    assert_int_equal(bench->heard.progress, 6);
    assert_int_equal(executor_pool_busy(bench->pool), 0);
}

static void an_executor_serves_many_operations(void **state)
{
    struct bench *bench = *state;
    for (uint64_t fence = 1; fence <= 50; fence++) {
        run(bench, fence, NULL);
        wait_for_end(bench);
        assert_int_equal(bench->heard.end, REPORT_DONE);
    }
}

static void a_second_operation_needs_a_second_executor(void **state)
{
    struct bench *bench = *state;
    struct gpmq_request request = {.id = an_id(), .kind = "noop"};
    run(bench, 1, "{\"steps\": 1, \"step_ms\": 100}");
    assert_int_equal(executor_run(bench->pool, &request, 2, 1, NULL), GPMQ_EFULL);
    wait_for_end(bench);
}

static void large_content_arrives_whole(void **state)
{
    struct bench *bench = *state;
    run(bench, 1, "{\"result_bytes\": 3000000}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_int_equal(bench->heard.content_size, 3000000);
}

static void a_failure_says_why(void **state)
{
    struct bench *bench = *state;
    run(bench, 1, "{\"fail\": \"io\"}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_FAILED);
    assert_int_equal(bench->heard.code, GPMQ_EIO);
    assert_string_equal(bench->heard.text, "noop was asked to fail with io");

    run(bench, 2, "{\"stepz\": 1}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.code, GPMQ_EINVAL);
}

static void a_crash_costs_one_executor_and_the_next_operation_has_another(void **state)
{
    struct bench *bench = *state;
    run(bench, 1, "{\"crash\": true}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, 0);
#ifndef GPMQ_SANITIZED /* which turns it into an exit */
    assert_non_null(strstr(bench->heard.how, "signal 11"));
#endif
    run(bench, 2, NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
}

static void a_handler_that_asks_stops_at_once(void **state)
{
    struct bench *bench = *state;
    struct gpmq_id op = an_id();
    run(bench, 1, "{\"steps\": 1000, \"step_ms\": 60000}");
    wait_for_progress(bench);
    executor_stop(bench->pool, &op, 1, 10000, clock_now_ms());
    assert_true(wait_for_end(bench) < 5000);
    assert_int_equal(bench->heard.end, REPORT_CANCELLED);
    run(bench, 2, NULL); /* and the executor serves on */
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
}

static void a_handler_that_blocks_every_signal_ends_within_its_grace_and_5_s(void **state)
{
    struct bench *bench = *state;
    struct gpmq_id op = an_id();
    run(bench, 1, "{\"steps\": 2, \"step_ms\": 600000, \"ignore_stop\": true}");
    wait_for_progress(bench);
    executor_stop(bench->pool, &op, 1, 200, clock_now_ms());
    int64_t took_ms = wait_for_end(bench);
    assert_int_equal(bench->heard.end, 0);
    assert_non_null(strstr(bench->heard.how, "signal 9"));
    assert_in_range(took_ms, 200 + EXECUTOR_KILL_AFTER_MS - 50, 200 + 5000);
}

static void a_kill_is_at_once(void **state)
{
    struct bench *bench = *state;
    struct gpmq_id op = an_id();
    run(bench, 1, "{\"steps\": 2, \"step_ms\": 600000, \"ignore_stop\": true}");
    wait_for_progress(bench);
    executor_kill(bench->pool, &op, 1);
    assert_true(wait_for_end(bench) < 1500);
    assert_non_null(strstr(bench->heard.how, "signal 9"));
}

static void what_is_full_is_not_listened_to_and_nothing_is_lost(void **state)
{
    struct bench *bench = *state;
    run(bench, 1, "{\"messages\": 500}");
    bench->heard.full = true;
    executor_pool_take(bench->pool, clock_now_ms());
    assert_int_equal(bench->heard.messages, 0);
    bench->heard.full = false;
    wait_for_end(bench);
    assert_int_equal(bench->heard.messages, 500);
}

static void a_program_that_is_not_there_is_named(void **state)
{
    (void)state;
    CLEANUP(executor_pool_free) struct executor_pool *pool = NULL;
    struct executor_pool_config config = {.program = "/nowhere/gpmq-executor", .count = 1};
    struct executor_listener listener = {on_report, on_ended, NULL, NULL};
    struct gpmq_error err;
    assert_int_equal(executor_pool_new(&pool, &config, &listener, &err), GPMQ_ENOTFOUND);
    assert_non_null(strstr(err.text, "/nowhere/gpmq-executor"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_operation_tells_progress_messages_and_its_end),
        TEST(an_executor_serves_many_operations),
        TEST(a_second_operation_needs_a_second_executor),
        TEST(large_content_arrives_whole),
        TEST(a_failure_says_why),
        TEST(a_crash_costs_one_executor_and_the_next_operation_has_another),
        TEST(a_handler_that_asks_stops_at_once),
        TEST(a_handler_that_blocks_every_signal_ends_within_its_grace_and_5_s),
        TEST(a_kill_is_at_once),
        TEST(what_is_full_is_not_listened_to_and_nothing_is_lost),
        cmocka_unit_test(a_program_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
