/* test_core_why.c - why something waits: in its status frames, and for those who ask. */
#include "core_desk.h"

#include "clock.h"

struct explained {
    struct gpmq_id who;
    const char *text;
};

/* What a question is answered with; "" for nothing. */
static struct explained explain(struct desk *desk, uint8_t number)
{
    struct explained out;
    struct gpmq_id id = desk_id(number);
    core_explain(desk->core, &id, &desk->arena, &out.who, &out.text);
    if (!out.text)
        out.text = "";
    return out;
}

/* The text of its newest frame; "" for none. */
static const char *told(const struct desk *desk, uint8_t number)
{
    struct gpmq_id id = desk_id(number);
    const struct gpmq_status *frame = desk_frame(desk, &id);
    return frame->status_msg_count ? frame->status_msgs[0].message : "";
}

/* It waits for that reason, and both say so with all these words. */
static void assert_waits(struct desk *desk, uint8_t number, enum gpmq_reason reason,
                         const char *word)
{
    struct gpmq_id id = desk_id(number);
    assert_int_equal(desk_frame(desk, &id)->reason, reason);
    assert_int_equal(desk_row(desk, &id)->reason, reason);
    if (!strstr(told(desk, number), word))
        fail_msg("no '%s' in '%s'", word, told(desk, number));
    assert_string_equal(explain(desk, number).text, told(desk, number));
    assert_int_equal(desk_frame(desk, &id)->status_msgs[0].error_code, 0); /* a note */
}

static void assert_in_the_way(struct desk *desk, uint8_t number, uint8_t who)
{
    struct gpmq_id id = who ? desk_id(who) : (struct gpmq_id){{0}};
    struct explained explained = explain(desk, number);
    assert_true(gpmq_id_equal(&explained.who, &id));
}

static void a_time_that_has_not_come_is_named(void **state)
{
    (void)state;
    char time[CLOCK_TEXT_SIZE];
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    request.not_before_unix_ms = desk->unix_ms + 60000;
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    assert_waits(desk, 1, GPMQ_REASON_NOT_BEFORE, clock_text(request.not_before_unix_ms, time));
    assert_in_the_way(desk, 1, 0);
    desk_free(&desk);
}

static void who_must_succeed_first_is_named_and_the_others_counted(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    char id[GPMQ_ID_TEXT_SIZE];
    desk_hello(desk, 4);
    for (uint8_t number = 1; number <= 3; number++) {
        struct gpmq_request request = desk_request(number);
        desk_submit(desk, &request);
    }
    struct gpmq_request last = desk_request(4);
    last.after_count = 3;
    for (uint8_t i = 0; i < 3; i++)
        last.after[i] = desk_id((uint8_t)(i + 1));
    struct gpmq_id first = desk_id(1);
    desk_submit(desk, &last);
    assert_waits(desk, 4, GPMQ_REASON_DEPENDENCY, gpmq_id_text(&first, id));
    assert_waits(desk, 4, GPMQ_REASON_DEPENDENCY, "(noop, assigned) and 2 others must succeed");
    assert_in_the_way(desk, 4, 1);
    desk_tell(desk, 1, REPORT_DONE);
    assert_non_null(strstr(explain(desk, 4).text, "and 1 others"));
    assert_in_the_way(desk, 4, 2);
    desk_free(&desk);
}

static void who_changes_the_same_gpo_is_named(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    char id[GPMQ_ID_TEXT_SIZE];
    desk_hello(desk, 4);
    for (uint8_t number = 1; number <= 2; number++) {
        struct gpmq_request request = desk_request(number);
        request.kind = "gpo.import";
        request.domain = request.repository = "test";
        request.gpo = "{31B2F340-016D-11D2-945F-00C04FB984F9}";
        desk_submit(desk, &request);
    }
    struct gpmq_id first = desk_id(1);
    assert_waits(desk, 2, GPMQ_REASON_KEY, gpmq_id_text(&first, id));
    assert_waits(desk, 2, GPMQ_REASON_KEY, "(gpo.import, on w) changes the same GPO");
    assert_in_the_way(desk, 2, 1);
    desk_tell(desk, 1, REPORT_DONE);
    assert_string_equal(explain(desk, 2).text, "");
    desk_free(&desk);
}

static void a_key_is_named_with_its_limit_and_one_who_has_it(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 4);
    for (uint8_t number = 1; number <= 3; number++) {
        struct gpmq_request request = desk_request(number);
        request.key_count = 1;
        request.keys[0] = (struct gpmq_key){"dc1", 2};
        desk_submit(desk, &request);
    }
    assert_waits(desk, 3, GPMQ_REASON_KEY, "the key 'dc1' lets 2 run at once");
    struct gpmq_id who = explain(desk, 3).who;
    assert_false(gpmq_id_is_none(&who));
    desk_free(&desk);
}

static void a_pause_is_named_with_its_words(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct message pause = {.type = MSG_PAUSE, .pause = {.kind = "noop"}};
    struct gpmq_request request = desk_request(1);
    desk_hello(desk, 1);
    desk_admin(desk, "root", true, &pause);
    desk_submit(desk, &request);
    assert_waits(desk, 1, GPMQ_REASON_PAUSED, "an admin has paused kind 'noop' since 20");
    assert_in_the_way(desk, 1, 0);
    desk_free(&desk);
}

static void what_no_worker_serves_is_told_as_exactly_as_it_is_known(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request any = desk_request(1), kind = desk_request(2), place = desk_request(3);
    kind.kind = "site.snapshot";
    place.kind = "gpo.backup";
    place.domain = "elsewhere";
    desk_submit(desk, &any);
    assert_waits(desk, 1, GPMQ_REASON_NO_WORKER, "no worker is here");
    desk_hello(desk, 1);
    desk_submit(desk, &kind);
    assert_waits(desk, 2, GPMQ_REASON_NO_WORKER, "serves the kind 'site.snapshot'");
    desk_submit(desk, &place);
    assert_waits(desk, 3, GPMQ_REASON_NO_WORKER, "serves kind 'gpo.backup' domain 'elsewhere'");
    desk_free(&desk);
}

static void what_does_not_wait_has_nothing_to_tell(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    struct gpmq_request request = desk_request(1);
    desk_hello(desk, 1);
    desk_submit(desk, &request);
    assert_string_equal(explain(desk, 1).text, "");
    assert_string_equal(explain(desk, 200).text, "");
    desk_free(&desk);
}

static void names_as_long_as_they_may_be_leave_whole_characters(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    char name[GPMQ_NAME_MAX + 1] = "";
    for (int i = 0; i < GPMQ_NAME_MAX / 2; i++)
        strcat(name, "ü");
    struct gpmq_request request = desk_request(1);
    request.kind = "noop";
    request.domain = request.repository = request.target_domain = name;
    desk_hello(desk, 1);
    desk_submit(desk, &request); /* the desk decodes the frame, which checks its UTF-8 */
    assert_waits(desk, 1, GPMQ_REASON_NO_WORKER, "serves kind 'noop'");
    desk_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_that_has_not_come_is_named),
        cmocka_unit_test(who_must_succeed_first_is_named_and_the_others_counted),
        cmocka_unit_test(who_changes_the_same_gpo_is_named),
        cmocka_unit_test(a_key_is_named_with_its_limit_and_one_who_has_it),
        cmocka_unit_test(a_pause_is_named_with_its_words),
        cmocka_unit_test(what_no_worker_serves_is_told_as_exactly_as_it_is_known),
        cmocka_unit_test(what_does_not_wait_has_nothing_to_tell),
        cmocka_unit_test(names_as_long_as_they_may_be_leave_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
