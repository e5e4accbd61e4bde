/* test_lease_book.c - what a worker does with its leases, played by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "lease_book.h"

#define LEASE_MS 30000
#define RENEW_MS 10000

/* A worker without sockets and executors, at a time that the test sets. */
struct bench {
    struct lease_book *book;
    struct book_actions *actions;
    int64_t now_ms;
    uint64_t session;
};

static void bench_free(struct bench *bench)
{
    lease_book_free(&bench->book);
    book_actions_free(&bench->actions);
}

static void tick(struct bench *bench)
{
    book_actions_reset(bench->actions);
    lease_book_tick(bench->book, bench->now_ms, bench->actions);
}

static const struct book_action *find(const struct bench *bench, enum book_action_type type)
{
    for (size_t i = 0; i < book_actions_count(bench->actions); i++)
        if (book_actions_at(bench->actions, i)->type == type)
            return book_actions_at(bench->actions, i);
    return NULL;
}

static const struct message *sent(const struct bench *bench, enum message_type type)
{
    for (size_t i = 0; i < book_actions_count(bench->actions); i++) {
        const struct book_action *action = book_actions_at(bench->actions, i);
        if (action->type == BOOK_SEND && action->message->type == type)
            return action->message;
    }
    return NULL;
}

static void say(struct bench *bench, const struct message *message)
{
    lease_book_message(bench->book, message, bench->now_ms);
    tick(bench);
}

static struct bench fresh_worker(uint32_t executors, uint32_t credit)
{
    struct lease_book_config config = lease_book_config_default;
    config.name = "w1";
    config.executors = executors;
    config.credit = credit;
    struct bench bench = {lease_book_new(&config), book_actions_new(), 1000, 0};
    lease_book_open(bench.book, bench.now_ms);
    tick(&bench);
    return bench;
}

static void welcome(struct bench *bench, uint64_t session)
{
    const struct message *hello = sent(bench, MSG_WORKER_HELLO);
    assert_non_null(hello);
    struct message message = {.type = MSG_WORKER_WELCOME, .req = hello->req};
    message.worker_welcome = (struct msg_worker_welcome){
        .v = PROTOCOL_VERSION, .session = session, .lease_ms = LEASE_MS, .renew_ms = RENEW_MS};
    bench->session = session;
    say(bench, &message);
}

static struct bench joined_worker(uint32_t executors, uint32_t credit)
{
    struct bench bench = fresh_worker(executors, credit);
    welcome(&bench, 7);
    assert_true(lease_book_is_joined(bench.book));
    return bench;
}

static struct gpmq_id an_id(uint8_t last)
{
    struct gpmq_id id = {{1, 0x93, 0xa1, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}};
    return id;
}

static void assign(struct bench *bench, uint8_t op, uint64_t fence)
{
    struct gpmq_request request = {.id = an_id(op), .kind = "noop"};
    struct assignment assignment = {.fence = fence, .attempt = 1, .request = &request};
    struct message message = {.type = MSG_ASSIGN, .assign = {bench->session, 1, &assignment}};
    say(bench, &message);
}

static void tell(struct bench *bench, uint8_t op, uint64_t fence, enum report_kind kind,
                 int32_t numerator)
{
    struct report report = {.op = an_id(op),
                            .fence = fence,
                            .kind = kind,
                            .progress_numerator = numerator,
                            .progress_denominator = 10};
    lease_book_report(bench->book, &report, NULL, bench->now_ms);
    tick(bench);
}

static void ack(struct bench *bench, uint8_t op, uint64_t fence, uint64_t n, enum lease_order order)
{
    struct report_ack one = {.op = an_id(op), .fence = fence, .n = n, .order = order};
    struct message message = {.type = MSG_REPORT_ACK, .report_ack = {bench->session, 1, &one}};
    say(bench, &message);
}

static void stop(struct bench *bench, uint8_t op, uint64_t fence, enum lease_order order)
{
    struct lease_answer one = {an_id(op), fence, order, 3000};
    struct message message = {.type = MSG_STOP, .stop = {bench->session, 1, &one}};
    say(bench, &message);
}

static void pass(struct bench *bench, int64_t ms)
{
    bench->now_ms += ms;
    tick(bench);
}

static const struct report *report_at(const struct bench *bench, uint32_t index)
{
    const struct message *message = sent(bench, MSG_REPORT);
    assert_non_null(message);
    assert_true(index < message->report.report_count);
    return &message->report.reports[index];
}

/* ---- leases -------------------------------------------------------------------------------- */

static void an_assignment_is_accepted_when_it_runs(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    assign(&bench, 1, 5);

    const struct book_action *run = find(&bench, BOOK_RUN);
    assert_non_null(run);
    assert_int_equal(run->fence, 5);
    assert_string_equal(run->request->kind, "noop");
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_ACCEPT);
    assert_int_equal(report_at(&bench, 0)->n, 1);

    assign(&bench, 2, 6); /* waits for the executor: neither run nor accepted */
    assert_null(find(&bench, BOOK_RUN));
    assert_null(sent(&bench, MSG_REPORT));
    tell(&bench, 1, 5, REPORT_DONE, 10);
    assert_non_null(find(&bench, BOOK_RUN));
}

static void an_assignment_that_comes_twice_runs_once(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(2, 2);
    assign(&bench, 1, 5);
    assign(&bench, 1, 5);
    assert_null(find(&bench, BOOK_RUN));
    assert_int_equal(lease_book_held(bench.book), 1);

    tell(&bench, 1, 5, REPORT_DONE, 10);
    ack(&bench, 1, 5, 2, LEASE_KEEP);
    assert_int_equal(lease_book_held(bench.book), 0);
    assign(&bench, 1, 5); /* also when it is over */
    assert_int_equal(lease_book_held(bench.book), 0);
}

static void a_higher_fence_of_the_same_operation_kills_the_lower_one(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    assign(&bench, 1, 5);
    assign(&bench, 1, 9);
    const struct book_action *kill = find(&bench, BOOK_KILL);
    assert_non_null(kill);
    assert_int_equal(kill->fence, 5);
    assert_null(find(&bench, BOOK_RUN)); /* its executor is not free yet */

    struct gpmq_id op = an_id(1);
    lease_book_ended(bench.book, &op, 5, bench.now_ms);
    tick(&bench);
    assert_int_equal(find(&bench, BOOK_RUN)->fence, 9);
}

static void an_assignment_of_another_session_is_not_ours(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    bench.session = 6;
    assign(&bench, 1, 5);
    assert_int_equal(lease_book_held(bench.book), 0);
}

static void what_is_abandoned_is_killed_and_told_nothing_of(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    ack(&bench, 1, 5, 1, LEASE_ABANDON);
    assert_non_null(find(&bench, BOOK_KILL));
    tell(&bench, 1, 5, REPORT_MESSAGE, 1);
    assert_null(sent(&bench, MSG_REPORT));
    tell(&bench, 1, 5, REPORT_DONE, 10); /* it ended before the signal came */
    assert_null(sent(&bench, MSG_REPORT));
    assert_int_equal(lease_book_held(bench.book), 0);
}

/* ---- cancel -------------------------------------------------------------------------------- */

static void a_running_operation_is_stopped_once(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    stop(&bench, 1, 5, LEASE_STOP);
    assert_int_equal(find(&bench, BOOK_STOP)->grace_ms, 3000);
    stop(&bench, 1, 5, LEASE_STOP);
    assert_null(find(&bench, BOOK_STOP));
}

static void an_executor_that_had_to_be_killed_by_a_stop_is_cancelled(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    struct gpmq_id op = an_id(1);
    assign(&bench, 1, 5);
    stop(&bench, 1, 5, LEASE_STOP);
    lease_book_ended(bench.book, &op, 5, bench.now_ms);
    tick(&bench);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_CANCELLED);
    assert_int_equal(report_at(&bench, 0)->hr_status, GPMQ_HR_CANCELLED);
}

static void an_executor_that_dies_by_itself_is_a_crash(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    struct gpmq_id op = an_id(1);
    assign(&bench, 1, 5);
    lease_book_ended(bench.book, &op, 5, bench.now_ms);
    tick(&bench);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_CRASHED);
}

static void a_stop_before_it_began_is_a_refusal(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    assign(&bench, 1, 5);
    assign(&bench, 2, 6);
    stop(&bench, 2, 6, LEASE_STOP);
    assert_null(find(&bench, BOOK_STOP));
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_REJECT);
}

/* ---- reports ------------------------------------------------------------------------------- */

static void progress_gives_way_to_later_progress_and_messages_never_do(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    lease_book_open(bench.book, bench.now_ms); /* nothing gets through until the next hello */
    tell(&bench, 1, 5, REPORT_PROGRESS, 1);
    tell(&bench, 1, 5, REPORT_PROGRESS, 2);
    tell(&bench, 1, 5, REPORT_MESSAGE, 2);
    tell(&bench, 1, 5, REPORT_PROGRESS, 3);
    tell(&bench, 1, 5, REPORT_PROGRESS, 4);
    tell(&bench, 1, 5, REPORT_DONE, 10);
    bench.now_ms += 2000;
    tick(&bench);
    welcome(&bench, 8);

    assert_int_equal(sent(&bench, MSG_REPORT)->report.report_count, 4);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_ACCEPT);
    assert_int_equal(report_at(&bench, 1)->progress_numerator, 2);
    assert_int_equal(report_at(&bench, 1)->after, 1);
    assert_int_equal(report_at(&bench, 2)->kind, REPORT_MESSAGE);
    assert_int_equal(report_at(&bench, 2)->n, 4);
    assert_int_equal(report_at(&bench, 3)->kind, REPORT_DONE);
    assert_int_equal(report_at(&bench, 3)->after, 4);
}

static void progress_is_sent_at_most_so_often(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    tell(&bench, 1, 5, REPORT_PROGRESS, 1);
    assert_non_null(sent(&bench, MSG_REPORT));
    pass(&bench, 40);
    tell(&bench, 1, 5, REPORT_PROGRESS, 2);
    assert_null(sent(&bench, MSG_REPORT));
    assert_int_equal(lease_book_next_ms(bench.book), bench.now_ms + 60);
    pass(&bench, 60);
    assert_int_equal(report_at(&bench, 0)->progress_numerator, 2);
}

static void a_report_is_sent_until_it_is_acknowledged(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    tell(&bench, 1, 5, REPORT_DONE, 10);
    pass(&bench, 1999);
    assert_null(sent(&bench, MSG_REPORT));
    pass(&bench, 1);
    assert_int_equal(sent(&bench, MSG_REPORT)->report.report_count, 2);
    ack(&bench, 1, 5, 1, LEASE_KEEP);
    pass(&bench, 2000);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_DONE);
    ack(&bench, 1, 5, 2, LEASE_KEEP);
    assert_int_equal(lease_book_held(bench.book), 0);
}

static void a_broker_that_restarted_gets_every_report_it_has_not_acknowledged(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    tell(&bench, 1, 5, REPORT_DONE, 10);
    struct message unknown = {.type = MSG_REPORT_ACK};
    say(&bench, &unknown);
    const struct message *hello = sent(&bench, MSG_WORKER_HELLO);
    assert_int_equal(hello->worker_hello.held_count, 1);
    welcome(&bench, 8);
    assert_int_equal(sent(&bench, MSG_REPORT)->report.session, 8);
    assert_int_equal(sent(&bench, MSG_REPORT)->report.report_count, 2);
}

static void large_content_goes_before_the_end_in_pieces(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    ack(&bench, 1, 5, 1, LEASE_KEEP);
    struct gpmq_result result = {.type = "gpo_list", .data_size = GPMQ_BLOB_CHUNK + 10};
    result.digest[0] = 1;
    struct report done = {.op = an_id(1), .fence = 5, .kind = REPORT_DONE, .result = &result};
    lease_book_report(bench.book, &done, calloc(1, result.data_size), bench.now_ms);
    tick(&bench);
    assert_int_equal(sent(&bench, MSG_RESULT_CHUNK)->result_chunk.bytes_size, GPMQ_BLOB_CHUNK);
    assert_null(sent(&bench, MSG_REPORT));

    struct message ok = {.type = MSG_RESULT_CHUNK_OK,
                         .result_chunk_ok = {an_id(1), 5, GPMQ_BLOB_CHUNK}};
    say(&bench, &ok);
    assert_int_equal(sent(&bench, MSG_RESULT_CHUNK)->result_chunk.bytes_size, 10);
    ok.result_chunk_ok.offset = result.data_size;
    say(&bench, &ok);
    assert_null(sent(&bench, MSG_RESULT_CHUNK));
    assert_int_equal(report_at(&bench, 0)->result->data_size, result.data_size);
}

/* ---- sessions and fencing ------------------------------------------------------------------ */

static void silence_replaces_the_connection(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    pass(&bench, RENEW_MS);
    assert_non_null(sent(&bench, MSG_RENEW));
    pass(&bench, 2000);
    assert_non_null(sent(&bench, MSG_RENEW));
    pass(&bench, 2000);
    assert_non_null(sent(&bench, MSG_RENEW));
    pass(&bench, 2000);
    assert_non_null(find(&bench, BOOK_RECONNECT));
    pass(&bench, 2000);
    assert_int_equal(book_actions_count(bench.actions), 0);
    lease_book_open(bench.book, bench.now_ms);
    tick(&bench);
    assert_non_null(sent(&bench, MSG_WORKER_HELLO));
}

static void a_lease_ends_one_lease_after_the_last_answered_renewal_was_sent(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    struct gpmq_id op = an_id(1);
    int64_t sent_ms = bench.now_ms; /* of the hello */
    assign(&bench, 1, 5);
    assign(&bench, 2, 6);
    ack(&bench, 1, 5, 1, LEASE_KEEP);

    bench.now_ms = sent_ms + LEASE_MS - 5001;
    tick(&bench);
    assert_null(find(&bench, BOOK_TERM));
    pass(&bench, 1);
    assert_non_null(find(&bench, BOOK_TERM));
    pass(&bench, 5000);
    assert_non_null(find(&bench, BOOK_KILL));
    tell(&bench, 1, 5, REPORT_MESSAGE, 3); /* said before the signal came: not told */
    lease_book_ended(bench.book, &op, 5, bench.now_ms);
    lease_book_open(bench.book, bench.now_ms);
    tick(&bench);
    welcome(&bench, 8);
    assert_null(find(&bench, BOOK_RUN)); /* the second was handed back */
    assert_int_equal(sent(&bench, MSG_REPORT)->report.report_count, 2);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_CRASHED);
    assert_int_equal(report_at(&bench, 1)->kind, REPORT_REJECT);
}

static void an_answer_counts_from_when_its_question_was_sent(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    assign(&bench, 1, 5);
    pass(&bench, RENEW_MS);
    int64_t sent_ms = bench.now_ms;
    struct message renewed = {.type = MSG_RENEWED,
                              .req = sent(&bench, MSG_RENEW)->req,
                              .renewed = {.session = bench.session}};
    bench.now_ms += 1500;
    say(&bench, &renewed);
    bench.now_ms = sent_ms + LEASE_MS - 1;
    tick(&bench);
    assert_null(find(&bench, BOOK_KILL));
    pass(&bench, 1);
    assert_non_null(find(&bench, BOOK_KILL));
}

/* ---- leaving ------------------------------------------------------------------------------- */

static void draining_hands_back_what_has_not_begun_and_leaves_after_the_rest(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    assign(&bench, 1, 5);
    assign(&bench, 2, 6);
    lease_book_drain(bench.book);
    tick(&bench);
    assert_true(sent(&bench, MSG_RENEW)->renew.draining);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_REJECT);
    ack(&bench, 2, 6, 1, LEASE_KEEP);
    tell(&bench, 1, 5, REPORT_DONE, 10);
    assert_null(find(&bench, BOOK_LEFT));
    ack(&bench, 1, 5, 2, LEASE_KEEP);
    assert_non_null(sent(&bench, MSG_BYE));
    assert_non_null(find(&bench, BOOK_LEFT));
}

static void other_places_are_told_and_what_runs_goes_on(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 2);
    const char *names[] = {"elsewhere"};
    const struct name_list none = {0, NULL}, places = {1, names};
    assign(&bench, 1, 5);
    assign(&bench, 2, 6);
    lease_book_serve(bench.book, &none, &places, &none);
    tick(&bench);
    const struct msg_worker_hello *hello = &sent(&bench, MSG_WORKER_HELLO)->worker_hello;
    assert_int_equal(hello->domains.count, 1);
    assert_string_equal(hello->domains.items[0], "elsewhere");
    assert_int_equal(hello->repositories.count, 0);
    assert_int_equal(hello->held_count, 2);
    assert_null(find(&bench, BOOK_KILL));
    welcome(&bench, 78);
    assert_int_equal(report_at(&bench, 1)->kind, REPORT_REJECT); /* what had not begun */
    tell(&bench, 1, 5, REPORT_DONE, 10);
    assert_int_equal(report_at(&bench, 0)->kind, REPORT_DONE);
}

static void leaving_kills_what_runs_before_it_says_bye(void **state)
{
    (void)state;
    CLEANUP(bench_free) struct bench bench = joined_worker(1, 1);
    struct gpmq_id op = an_id(1);
    assign(&bench, 1, 5);
    lease_book_leave(bench.book);
    tick(&bench);
    assert_non_null(find(&bench, BOOK_KILL));
    assert_null(sent(&bench, MSG_BYE));
    lease_book_ended(bench.book, &op, 5, bench.now_ms);
    tick(&bench);
    assert_non_null(sent(&bench, MSG_BYE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assignment_is_accepted_when_it_runs),
        cmocka_unit_test(an_assignment_that_comes_twice_runs_once),
        cmocka_unit_test(a_higher_fence_of_the_same_operation_kills_the_lower_one),
        cmocka_unit_test(an_assignment_of_another_session_is_not_ours),
        cmocka_unit_test(what_is_abandoned_is_killed_and_told_nothing_of),
        cmocka_unit_test(a_running_operation_is_stopped_once),
        cmocka_unit_test(an_executor_that_had_to_be_killed_by_a_stop_is_cancelled),
        cmocka_unit_test(an_executor_that_dies_by_itself_is_a_crash),
        cmocka_unit_test(a_stop_before_it_began_is_a_refusal),
        cmocka_unit_test(progress_gives_way_to_later_progress_and_messages_never_do),
        cmocka_unit_test(progress_is_sent_at_most_so_often),
        cmocka_unit_test(a_report_is_sent_until_it_is_acknowledged),
        cmocka_unit_test(a_broker_that_restarted_gets_every_report_it_has_not_acknowledged),
        cmocka_unit_test(large_content_goes_before_the_end_in_pieces),
        cmocka_unit_test(silence_replaces_the_connection),
        cmocka_unit_test(a_lease_ends_one_lease_after_the_last_answered_renewal_was_sent),
        cmocka_unit_test(an_answer_counts_from_when_its_question_was_sent),
        cmocka_unit_test(draining_hands_back_what_has_not_begun_and_leaves_after_the_rest),
        cmocka_unit_test(other_places_are_told_and_what_runs_goes_on),
        cmocka_unit_test(leaving_kills_what_runs_before_it_says_bye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
