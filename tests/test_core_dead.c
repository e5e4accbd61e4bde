/* test_core_dead.c - what was given up is run again, once, or taken off the list. */
#include "core_desk.h"

/* A desk on which operation 1, of alice, is dead. */
static struct desk *with_dead(const struct gpmq_request *request)
{
    struct core_config config = core_config_default;
    config.crashes_max = 1;
    struct desk *desk = desk_new(&config);
    desk_hello(desk, 2);
    assert_int_equal(desk_submit(desk, request).code, 0);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_tell(desk, 1, REPORT_CRASHED);
    assert_int_equal(desk_state(desk, 1), GPMQ_DEAD);
    return desk;
}

static struct desk *with_plain_dead(void)
{
    struct gpmq_request request = desk_request(1);
    return with_dead(&request);
}

/* Asks for one or several; the answers are good until the next round. */
static const struct submit_answer *ask(struct desk *desk, const char *client, bool admin, bool drop,
                                       const struct gpmq_id *ids, uint32_t count)
{
    struct gpmq_id copy[4];
    memcpy(copy, ids, count * sizeof *copy);
    struct message message = {.type = MSG_DEAD, .req = 9, .dead = {count, copy, drop}};
    desk_admin(desk, client, admin, &message);
    const struct message *reply = desk_reply(desk, MSG_SUBMITTED);
    assert_non_null(reply);
    assert_int_equal(reply->req, 9);
    assert_int_equal(reply->submitted.answer_count, count);
    return reply->submitted.answers;
}

static struct submit_answer ask_one(struct desk *desk, bool drop)
{
    struct gpmq_id id = desk_id(1);
    return *ask(desk, "alice", false, drop, &id, 1);
}

static enum gpmq_fate fate_of(const struct desk *desk)
{
    struct gpmq_id id = desk_id(1);
    return desk_row(desk, &id)->fate;
}

static struct gpmq_request request_of(struct desk *desk, const struct gpmq_id *id)
{
    struct gpmq_request request;
    struct gpmq_error err;
    const struct store_bytes *bytes = &desk->requests[desk_row(desk, id) - desk->rows];
    assert_int_equal(request_decode(&request, &desk->arena, bytes->bytes, bytes->size, &err), 0);
    return request;
}

static void a_dead_operation_runs_again_as_a_new_one_that_names_it(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct gpmq_id dead = desk_id(1);
    struct submit_answer answer = ask_one(desk, false);
    assert_int_equal(answer.code, 0);
    assert_false(answer.known);
    assert_false(gpmq_id_equal(&answer.op, &dead));
    struct gpmq_request request = request_of(desk, &answer.op);
    assert_true(gpmq_id_equal(&request.retry_of, &dead));
    assert_string_equal(request.kind, "noop");
    assert_int_equal(desk_row(desk, &answer.op)->state, GPMQ_ASSIGNED);
    assert_int_equal(fate_of(desk), GPMQ_FATE_RETRIED);
    desk_free(&desk);
}

static void the_dead_one_keeps_its_end_and_its_history(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct gpmq_id dead = desk_id(1);
    struct op_row before = *desk_row(desk, &dead);
    ask_one(desk, false);
    desk_pass(desk, 100000);
    struct op_row after = *desk_row(desk, &dead);
    assert_int_equal(after.state, GPMQ_DEAD);
    assert_int_equal(after.seq, before.seq);
    assert_int_equal(after.finished_unix_ms, before.finished_unix_ms);
    assert_int_equal(desk_frame(desk, &dead)->kind, GPMQ_FRAME_FINAL);
    desk_free(&desk);
}

static void asking_twice_is_asking_once(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct gpmq_id twice[2] = {desk_id(1), desk_id(1)};
    const struct submit_answer *answers = ask(desk, "alice", false, false, twice, 2);
    struct gpmq_id again = answers[0].op;
    assert_true(gpmq_id_equal(&answers[1].op, &again));
    assert_false(answers[0].known);
    assert_true(answers[1].known);
    uint32_t rows = desk->row_count;
    desk_restart(desk);
    struct submit_answer later = ask_one(desk, false);
    assert_int_equal(later.code, 0);
    assert_true(later.known && gpmq_id_equal(&later.op, &again));
    assert_int_equal(desk->row_count, rows);
    desk_free(&desk);
}

static void once_more_dead_it_can_be_run_once_more(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct gpmq_id first = desk_id(1), second = ask_one(desk, false).op;
    const struct op_row *row = desk_row(desk, &second);
    struct report crashed = {.op = second, .fence = row->fence, .n = 1, .kind = REPORT_CRASHED};
    desk_report(desk, &crashed);
    assert_int_equal(desk_row(desk, &second)->state, GPMQ_DEAD);
    struct gpmq_id third = ask(desk, "alice", false, false, &second, 1)->op;
    struct gpmq_request request = request_of(desk, &third);
    assert_true(gpmq_id_equal(&request.retry_of, &first)); /* what it creates is still the same */
    struct submit_answer once_more = ask_one(desk, false);
    assert_true(gpmq_id_equal(&once_more.op, &second));
    desk_free(&desk);
}

static void only_its_owner_and_an_admin_may(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct gpmq_id id = desk_id(1);
    assert_int_equal(ask(desk, "bob", false, false, &id, 1)->code, GPMQ_EDENIED);
    assert_int_equal(ask(desk, "bob", false, true, &id, 1)->code, GPMQ_EDENIED);
    assert_int_equal(fate_of(desk), GPMQ_FATE_NONE);
    struct submit_answer answer = *ask(desk, "root", true, false, &id, 1);
    assert_int_equal(answer.code, 0);
    assert_string_equal(desk_row(desk, &answer.op)->client, "alice"); /* who can cancel it */
    desk_free(&desk);
}

static void only_what_is_dead_can_be_run_again(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1), other = desk_request(2);
    struct gpmq_id ids[3] = {desk_id(1), desk_id(2), desk_id(3)};
    desk_hello(desk, 2);
    desk_submit(desk, &request);
    desk_submit(desk, &other);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_tell(desk, 1, REPORT_DONE);
    desk_pass(desk, 1);
    const struct submit_answer *answers = ask(desk, "alice", false, false, ids, 3);
    assert_int_equal(answers[0].code, GPMQ_ESTATE);
    assert_non_null(strstr(answers[0].text, "is succeeded, not dead"));
    assert_int_equal(answers[1].code, GPMQ_ESTATE);
    assert_int_equal(answers[2].code, GPMQ_ENOTFOUND);
    assert_true(gpmq_id_equal(&answers[2].op, &ids[2]));
    desk_free(&desk);
}

static void dropping_takes_it_off_the_list_and_no_more(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    struct submit_answer answer = ask_one(desk, true);
    struct gpmq_id id = desk_id(1);
    assert_int_equal(answer.code, 0);
    assert_true(gpmq_id_equal(&answer.op, &id));
    assert_int_equal(fate_of(desk), GPMQ_FATE_DROPPED);
    assert_true(ask_one(desk, true).known);
    assert_int_equal(desk->row_count, 1);
    assert_int_equal(ask_one(desk, false).code, 0); /* he has thought again */
    assert_int_equal(fate_of(desk), GPMQ_FATE_RETRIED);
    desk_free(&desk);
}

static void what_was_run_again_stays_so_when_it_is_dropped(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    ask_one(desk, false);
    assert_true(ask_one(desk, true).known);
    assert_int_equal(fate_of(desk), GPMQ_FATE_RETRIED);
    desk_free(&desk);
}

static void times_and_conditions_are_those_of_the_first(void **state)
{
    (void)state;
    struct gpmq_request request = desk_request(1);
    request.deadline_unix_ms = 1700000000000 + 3600000;
    request.attempts = 7;
    request.label = "Desktop";
    struct desk *desk = with_dead(&request);
    desk_pass(desk, 7200000);
    desk_hello(desk, 1);
    struct submit_answer answer = ask_one(desk, false);
    desk_pass(desk, 1);
    assert_false(gpmq_state_is_final(desk_row(desk, &answer.op)->state));
    struct gpmq_request again = request_of(desk, &answer.op);
    assert_int_equal(again.deadline_unix_ms, 0);
    assert_int_equal(again.attempts, 7);
    assert_string_equal(again.label, "Desktop");
    desk_free(&desk);
}

static void it_leaves_the_batch_that_has_ended(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.crashes_max = 1;
    struct desk *desk = desk_new(&config);
    struct gpmq_request template = {.kind = "noop"};
    struct batch_item item = {.key = "one"};
    struct message message = {.type = MSG_SUBMIT_BATCH,
                              .submit_batch = {.batch = desk_id(9),
                                               .template = &template,
                                               .item_count = 1,
                                               .items = &item,
                                               .last = true}};
    struct gpmq_id batch = desk_id(9), id = gpmq_id_derive(&batch, "one");
    desk_hello(desk, 1);
    desk_client(desk, "alice", &message);
    struct report crashed = {
        .op = id, .fence = desk_row(desk, &id)->fence, .n = 1, .kind = REPORT_CRASHED};
    desk_report(desk, &crashed);
    assert_int_equal(desk_row(desk, &batch)->state, GPMQ_FAILED);
    assert_int_equal(ask(desk, "alice", false, false, &batch, 1)->code, GPMQ_EINVAL);
    struct submit_answer answer = *ask(desk, "alice", false, false, &id, 1);
    assert_int_equal(answer.code, 0);
    assert_true(gpmq_id_is_none(&desk_row(desk, &answer.op)->batch));
    desk_free(&desk);
}

static void a_full_queue_refuses_it_and_it_stays_on_the_list(void **state)
{
    (void)state;
    struct desk *desk = with_plain_dead();
    core_set_room(desk->core, false);
    struct submit_answer answer = ask_one(desk, false);
    assert_int_equal(answer.code, GPMQ_EFULL);
    assert_true(answer.retry_after_ms > 0);
    assert_int_equal(fate_of(desk), GPMQ_FATE_NONE);
    core_set_room(desk->core, true);
    assert_int_equal(ask_one(desk, false).code, 0);
    desk_free(&desk);
}

/* An import makes the GPO that is named after the first operation: whoever changes that one now has
 * to wait for the second. */
static void it_takes_its_turn_at_the_gpo_that_the_first_would_have_made(void **state)
{
    (void)state;
    char guid[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request import = desk_request(1), other = desk_request(2);
    import.kind = other.kind = "gpo.import";
    import.domain = other.domain = import.repository = other.repository = "test";
    import.create = true;
    struct desk *desk = with_dead(&import);
    struct gpmq_guid made = gpmq_guid_derive(&import.id, "gpo");
    other.gpo = gpmq_guid_text(&made, guid);

    struct gpmq_id again = ask_one(desk, false).op;
    desk_submit(desk, &other);
    assert_int_equal(desk_row(desk, &again)->state, GPMQ_ASSIGNED);
    assert_int_equal(desk_frame(desk, &other.id)->reason, GPMQ_REASON_KEY);
    desk_free(&desk);
}

static void no_client_can_say_whose_work_it_takes_up(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.retry_of = desk_id(2);
    assert_int_equal(desk_submit(desk, &request).code, GPMQ_EINVAL);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_operation_runs_again_as_a_new_one_that_names_it),
        cmocka_unit_test(the_dead_one_keeps_its_end_and_its_history),
        cmocka_unit_test(asking_twice_is_asking_once),
        cmocka_unit_test(once_more_dead_it_can_be_run_once_more),
        cmocka_unit_test(only_its_owner_and_an_admin_may),
        cmocka_unit_test(only_what_is_dead_can_be_run_again),
        cmocka_unit_test(dropping_takes_it_off_the_list_and_no_more),
        cmocka_unit_test(what_was_run_again_stays_so_when_it_is_dropped),
        cmocka_unit_test(times_and_conditions_are_those_of_the_first),
        cmocka_unit_test(it_leaves_the_batch_that_has_ended),
        cmocka_unit_test(a_full_queue_refuses_it_and_it_stays_on_the_list),
        cmocka_unit_test(it_takes_its_turn_at_the_gpo_that_the_first_would_have_made),
        cmocka_unit_test(no_client_can_say_whose_work_it_takes_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
