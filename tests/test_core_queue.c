/* test_core_queue.c - whose turn it is, who has to wait, and who is refused. */
#include "core_desk.h"

#define GPO_A "{31B2F340-016D-11D2-945F-00C04FB984F9}"

static struct gpmq_request import_of(uint8_t number, const char *gpo)
{
    struct gpmq_request request = desk_request(number);
    request.kind = "gpo.import";
    request.domain = request.repository = "test";
    request.gpo = gpo;
    return request;
}

static void two_that_change_the_same_gpo_take_turns(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = import_of(1, GPO_A);
    struct gpmq_request second = import_of(2, "31b2f340-016d-11d2-945f-00c04fb984f9");

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &second.id)->reason, GPMQ_REASON_KEY);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_tell(desk, 1, REPORT_DONE);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void every_kind_that_changes_a_gpo_takes_turns(void **state)
{
    static const char *const kinds[] = {"gpo.import", "gpo.restore"};
    (void)state;
    for (unsigned first = 0; first < 2; first++)
        for (unsigned second = 0; second < 2; second++) {
            struct desk *desk = desk_new(NULL);
            struct gpmq_request one = import_of(1, GPO_A), other = import_of(2, GPO_A);
            one.kind = kinds[first];
            other.kind = kinds[second];
            desk_hello(desk, 4);
            desk_submit(desk, &one);
            desk_submit(desk, &other);
            assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
            assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
            desk_free(&desk);
        }
}

/* A copy writes a GPO that is named after it, in the domain that it goes to, and reads its source.
 */
static void a_copy_takes_turns_with_who_changes_what_it_makes(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request copy = import_of(1, GPO_A), again = import_of(2, GPO_A);
    struct gpmq_request source = import_of(3, GPO_A);
    struct gpmq_guid made = gpmq_guid_derive(&copy.id, "gpo");
    char made_text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request here = import_of(4, gpmq_guid_text(&made, made_text));
    struct gpmq_request there = here;
    there.id = desk_id(5);
    there.domain = "other";
    copy.kind = again.kind = "gpo.copy";
    copy.target_domain = "other";
    desk_hello(desk, 9);
    desk_submit(desk, &copy);
    desk_submit(desk, &again);
    desk_submit(desk, &source);
    desk_submit(desk, &here);
    desk_submit(desk, &there);
    for (uint8_t number = 1; number <= 4; number++)
        assert_int_equal(desk_state(desk, number), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 5), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &there.id)->reason, GPMQ_REASON_KEY);
    desk_free(&desk);
}

static void a_dry_run_and_another_gpo_do_not_wait(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = import_of(1, GPO_A);
    struct gpmq_request dry = import_of(2, GPO_A);
    struct gpmq_request made = import_of(3, NULL);
    dry.dry_run = true;
    made.create = true;

    desk_hello(desk, 4);
    desk_submit(desk, &first);
    desk_submit(desk, &dry);
    desk_submit(desk, &made);
    assert_int_equal(desk_state(desk, 2), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 3), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void at_most_so_many_with_a_key_run_at_once(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 10);
    for (uint8_t number = 1; number <= 6; number++) {
        struct gpmq_request request = desk_request(number);
        request.key_count = 1;
        request.keys[0] = (struct gpmq_key){"dc:one", 2};
        desk_submit(desk, &request);
        assert_int_equal(desk_state(desk, number), number <= 2 ? GPMQ_ASSIGNED : GPMQ_WAITING);
    }
    struct gpmq_id second = desk_id(2);
    desk_cancel(desk, &second);
    desk_tell(desk, 2, REPORT_REJECT);
    assert_int_equal(desk_state(desk, 2), GPMQ_CANCELLED);
    assert_int_equal(desk_state(desk, 3), GPMQ_ASSIGNED);
    assert_int_equal(desk_state(desk, 4), GPMQ_WAITING);
    desk_free(&desk);
}

static void keys_are_held_by_leases_from_before_a_restart(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request first = import_of(1, GPO_A), second = import_of(2, GPO_A);
    desk_hello(desk, 4);
    desk_submit(desk, &first);
    desk_tell(desk, 1, REPORT_ACCEPT);
    desk_restart(desk);
    desk_submit(desk, &second);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    desk_pass(desk, 10);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    desk_free(&desk);
}

static void what_no_worker_serves_waits_for_one_and_says_so(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    desk_submit(desk, &request);
    assert_int_equal(desk_state(desk, 1), GPMQ_WAITING);
    assert_int_equal(desk_frame(desk, &request.id)->reason, GPMQ_REASON_NO_WORKER);

    request = import_of(2, GPO_A);
    request.domain = "elsewhere";
    desk_hello(desk, 4);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_submit(desk, &request);
    assert_int_equal(desk_state(desk, 2), GPMQ_WAITING);
    desk_free(&desk);
}

static void the_more_urgent_is_first_and_then_the_older(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    const int32_t priorities[] = {3, 5, 3, 0};
    const uint8_t order[] = {4, 1, 3, 2};
    for (uint8_t i = 0; i < 4; i++) {
        struct gpmq_request request = desk_request((uint8_t)(i + 1));
        request.priority = priorities[i];
        desk_submit(desk, &request);
    }
    desk_hello(desk, 1);
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(desk_state(desk, order[i]), GPMQ_ASSIGNED);
        desk_tell(desk, order[i], REPORT_ACCEPT);
        desk_tell(desk, order[i], REPORT_DONE);
    }
    desk_free(&desk);
}

static void a_rejected_operation_rests_before_it_is_offered_again(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    desk_tell(desk, 1, REPORT_REJECT);
    assert_int_equal(desk_state(desk, 1), GPMQ_QUEUED);
    desk_pass(desk, 1000);
    assert_int_equal(desk_state(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void a_full_queue_refuses_and_still_cancels(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.open_max = 2;
    struct desk *desk = desk_new(&config);
    for (uint8_t number = 1; number <= 3; number++) {
        struct gpmq_request request = desk_request(number);
        struct submit_answer answer = desk_submit(desk, &request);
        assert_int_equal(answer.code, number <= 2 ? 0 : GPMQ_EFULL);
        assert_int_equal(answer.retry_after_ms > 0, number > 2);
    }
    struct gpmq_id first = desk_id(1);
    assert_int_equal(desk_cancel(desk, &first).disposition, CANCEL_NOW);
    struct gpmq_request third = desk_request(3);
    assert_int_equal(desk_submit(desk, &third).code, 0);
    desk_free(&desk);
}

static void without_room_on_its_disk_it_takes_nothing_new_and_still_cancels(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request requests[] = {desk_request(1), desk_request(2)};
    struct gpmq_id first = desk_id(1);
    assert_int_equal(desk_submit(desk, &requests[0]).code, 0);
    core_set_room(desk->core, false);
    struct submit_answer again = desk_submit(desk, &requests[0]);
    assert_true(again.code == 0 && again.known);
    struct submit_answer other = desk_submit(desk, &requests[1]);
    assert_true(other.code == GPMQ_EFULL && other.retry_after_ms > 0);
    assert_int_equal(desk_cancel(desk, &first).disposition, CANCEL_NOW);
    core_set_room(desk->core, true);
    assert_int_equal(desk_submit(desk, &requests[1]).code, 0);
    desk_free(&desk);
}

static void one_client_s_limit_is_its_own(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.client_open_max = 1;
    struct desk *desk = desk_new(&config);
    struct gpmq_request ops[] = {desk_request(1), desk_request(2)};
    assert_int_equal(desk_submit(desk, &ops[0]).code, 0);
    assert_int_equal(desk_submit(desk, &ops[1]).code, GPMQ_EFULL);
    struct message other = {.type = MSG_SUBMIT, .submit = {1, &ops[1]}};
    desk_client(desk, "bob", &other);
    assert_int_equal(desk_reply(desk, MSG_SUBMITTED)->submitted.answers[0].code, 0);
    desk_free(&desk);
}

static void names_and_comments_may_be_as_long_as_gpmc_s_in_any_script(void **state)
{
    (void)state;
    char comment[3 * GPMQ_COMMENT_MAX + 1] = "", label[GPMQ_LABEL_MAX + 1] = "";
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    for (size_t i = 0; i < GPMQ_COMMENT_MAX; i++)
        memcpy(comment + 3 * i, "東", 4);
    memset(label, 'x', sizeof label - 1);
    request.comment = comment;
    request.label = request.name = label;
    assert_int_equal(desk_submit(desk, &request).code, 0);
    desk_free(&desk);
}

static void what_makes_no_sense_is_refused_with_what_is_wrong(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.kind = NULL;
    assert_string_equal(desk_submit(desk, &request).text, "the request has no kind");
    char comment[2 * (GPMQ_COMMENT_MAX + 1) + 1] = "", label[GPMQ_LABEL_MAX + 2] = "";
    for (size_t i = 0; i <= GPMQ_COMMENT_MAX; i++)
        memcpy(comment + 2 * i, "ü", 3);
    memset(label, 'x', sizeof label - 1);
    request.kind = "noop";
    request.comment = comment;
    assert_string_equal(desk_submit(desk, &request).text,
                        "the request's comment is longer than 2047 characters");
    request.comment = NULL;
    request.label = label;
    assert_string_equal(desk_submit(desk, &request).text,
                        "the request's label is longer than 1024 bytes");
    request.label = NULL;
    request.priority = 8;
    assert_string_equal(desk_submit(desk, &request).text,
                        "the request's priority is 8, not within 0 to 7");
    request.priority = GPMQ_PRIORITY_DEFAULT;
    request.input_size = 7;
    assert_string_equal(desk_submit(desk, &request).text,
                        "the request's input has a size or a digest, not both");
    request.input_digest[31] = 1;
    request.input_size = GPMQ_BLOB_MAX + 1ull;
    assert_string_equal(desk_submit(desk, &request).text,
                        "the request's input has more than 67108864 bytes");
    assert_int_equal(desk->row_count, 0);
    desk_free(&desk);
}

static void another_client_s_id_is_not_shown(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    desk_submit(desk, &request);
    struct message other = {.type = MSG_SUBMIT, .submit = {1, &request}};
    desk_client(desk, "bob", &other);
    assert_int_equal(desk_reply(desk, MSG_SUBMITTED)->submitted.answers[0].code, GPMQ_EDENIED);
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_change_the_same_gpo_take_turns),
        cmocka_unit_test(every_kind_that_changes_a_gpo_takes_turns),
        cmocka_unit_test(a_copy_takes_turns_with_who_changes_what_it_makes),
        cmocka_unit_test(a_dry_run_and_another_gpo_do_not_wait),
        cmocka_unit_test(at_most_so_many_with_a_key_run_at_once),
        cmocka_unit_test(keys_are_held_by_leases_from_before_a_restart),
        cmocka_unit_test(what_no_worker_serves_waits_for_one_and_says_so),
        cmocka_unit_test(the_more_urgent_is_first_and_then_the_older),
        cmocka_unit_test(a_rejected_operation_rests_before_it_is_offered_again),
        cmocka_unit_test(a_full_queue_refuses_and_still_cancels),
        cmocka_unit_test(without_room_on_its_disk_it_takes_nothing_new_and_still_cancels),
        cmocka_unit_test(one_client_s_limit_is_its_own),
        cmocka_unit_test(names_and_comments_may_be_as_long_as_gpmc_s_in_any_script),
        cmocka_unit_test(what_makes_no_sense_is_refused_with_what_is_wrong),
        cmocka_unit_test(another_client_s_id_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
