/* test_history.c - whoever asks where history says so misses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "history.h"

#define KEEPALIVE_MS 5000
#define FRAMES       60 /* of the operation that is followed: the last one is final */

static enum gpmq_frame_kind kind_of(uint64_t seq)
{
    return seq == FRAMES ? GPMQ_FRAME_FINAL : GPMQ_FRAME_PROGRESS;
}

static void frames_in_order_are_delivered(void **state)
{
    (void)state;
    struct history history = {0};
    for (uint64_t seq = 1; seq <= FRAMES; seq++)
        assert_int_equal(history_live(&history, seq, kind_of(seq), 1), HISTORY_DELIVER);
    assert_true(history.ended);
    assert_int_equal(history_live(&history, FRAMES, GPMQ_FRAME_FINAL, 1), HISTORY_DROP);
}

static void a_double_is_dropped(void **state)
{
    (void)state;
    struct history history = {.seq = 5};
    assert_int_equal(history_live(&history, 5, GPMQ_FRAME_PROGRESS, 1), HISTORY_DROP);
    assert_int_equal(history_live(&history, 3, GPMQ_FRAME_MESSAGE, 1), HISTORY_DROP);
    assert_int_equal(history_replayed(&history, 5, GPMQ_FRAME_PROGRESS, 1), HISTORY_DROP);
    assert_int_equal(history.seq, 5);
}

static void a_hole_is_asked_for_once(void **state)
{
    (void)state;
    struct history history = {.seq = 5};
    assert_int_equal(history_live(&history, 8, GPMQ_FRAME_PROGRESS, 10), HISTORY_ASK);
    history_asked(&history, 10);
    assert_int_equal(history_live(&history, 9, GPMQ_FRAME_PROGRESS, 11), HISTORY_DROP);
    assert_int_equal(history_replayed(&history, 6, GPMQ_FRAME_PROGRESS, 12), HISTORY_DELIVER);
    assert_int_equal(history_replayed(&history, 7, GPMQ_FRAME_PROGRESS, 12), HISTORY_DELIVER);
    assert_int_equal(history_replayed(&history, 8, GPMQ_FRAME_PROGRESS, 12), HISTORY_DELIVER);
    assert_true(history_answered(&history, 0, false, 12)); /* 9 was dropped meanwhile */
}

static void a_final_behind_a_hole_waits_for_what_is_before_it(void **state)
{
    (void)state;
    struct history history = {.seq = 5};
    assert_int_equal(history_live(&history, 7, GPMQ_FRAME_FINAL, 1), HISTORY_ASK);
    assert_false(history.ended);
}

static void a_keepalive_tells_of_frames_that_never_came(void **state)
{
    (void)state;
    struct history history = {.seq = 5, .known = 5};
    assert_int_equal(history_live(&history, 5, GPMQ_FRAME_KEEPALIVE, 1), HISTORY_DROP);
    assert_int_equal(history_live(&history, 6, GPMQ_FRAME_KEEPALIVE, 1), HISTORY_ASK);
    assert_int_equal(history.seq, 5);
}

static void a_hole_in_an_answer_is_stepped_over(void **state)
{
    (void)state;
    struct history history = {.seq = 5};
    history_asked(&history, 1);
    assert_int_equal(history_replayed(&history, 9, GPMQ_FRAME_MESSAGE, 1), HISTORY_DELIVER);
    assert_int_equal(history.seq, 9);
    assert_false(history_answered(&history, 9, false, 1));
}

static void an_answer_with_nothing_ends_the_asking(void **state)
{
    (void)state;
    struct history history = {.seq = 5, .known = 8};
    history_asked(&history, 1);
    assert_false(history_answered(&history, 0, true, 2));
    assert_int_equal(history_live(&history, 9, GPMQ_FRAME_MESSAGE, 3), HISTORY_ASK);
}

static void a_question_without_an_answer_is_put_again(void **state)
{
    (void)state;
    struct history history = {.heard_ms = 100};
    history_asked(&history, 100);
    assert_false(history_due(&history, KEEPALIVE_MS, 100 + HISTORY_REASK_MS - 1));
    assert_true(history_due(&history, KEEPALIVE_MS, 100 + HISTORY_REASK_MS));
}

static void silence_is_asked_about_ever_more_seldom(void **state)
{
    (void)state;
    struct history history = {.heard_ms = 0};
    int64_t now_ms = 0, last = 0;
    for (int i = 0; i < 6; i++) {
        int64_t since = now_ms;
        while (!history_due(&history, KEEPALIVE_MS, now_ms))
            now_ms += 100;
        assert_true(now_ms - since >= last);
        last = now_ms - since;
        history_asked(&history, now_ms);
        history_answered(&history, 0, false, now_ms);
    }
    assert_int_equal(last, (KEEPALIVE_MS * HISTORY_SILENCE_PERIODS) << HISTORY_VAIN_MAX);
    history_live(&history, 1, GPMQ_FRAME_PROGRESS, now_ms);
    assert_true(
        history_due(&history, KEEPALIVE_MS, now_ms + KEEPALIVE_MS * HISTORY_SILENCE_PERIODS));
}

static void nothing_is_asked_after_the_end(void **state)
{
    (void)state;
    struct history history = {.ended = true};
    assert_false(history_due(&history, KEEPALIVE_MS, INT64_MAX / 2));
}

/* ---- a lossy world, from a seed ------------------------------------------------------------ */

struct world {
    uint64_t random;
    struct history history;
    uint64_t published; /* frames that exist */
    uint64_t got[FRAMES + 1];
    size_t got_count;
    int64_t now_ms;
};

static unsigned roll(struct world *world, unsigned sides)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(world->random >> 33) % sides;
}

static void took(struct world *world, uint64_t seq, enum history_verdict verdict)
{
    if (verdict == HISTORY_DELIVER)
        world->got[world->got_count++] = seq;
}

/* The broker answers with at most four frames; one answer in three is lost. */
static void ask(struct world *world)
{
    bool on = true;
    while (on) {
        history_asked(&world->history, world->now_ms);
        if (roll(world, 3) == 0)
            return;
        uint64_t from = world->history.seq + 1, to = world->published;
        bool more = to >= from + 4;
        for (uint64_t seq = from; seq <= (more ? from + 3 : to); seq++)
            took(world, seq, history_replayed(&world->history, seq, kind_of(seq), world->now_ms));
        on = history_answered(&world->history, to, more, world->now_ms);
    }
}

/* A frame may be lost (2 in 5), come late, or come twice. */
static void deliver_some(struct world *world)
{
    unsigned what = roll(world, 5);
    if (what < 2 || world->published == 0)
        return;
    uint64_t back = what == 2 ? roll(world, 4) : 0;
    uint64_t seq = world->published > back ? world->published - back : 1;
    for (unsigned times = what == 3 ? 2 : 1; times > 0; times--) {
        enum history_verdict verdict =
            history_live(&world->history, seq, kind_of(seq), world->now_ms);
        took(world, seq, verdict);
        if (verdict == HISTORY_ASK)
            ask(world);
    }
}

static void run(struct world *world)
{
    for (int step = 0; step < 100000 && !world->history.ended; step++) {
        world->now_ms += 50;
        if (world->published < FRAMES && roll(world, 2))
            world->published++;
        deliver_some(world);
        if (roll(world, 50) == 0)
            history_reconnected(&world->history);
        if (history_due(&world->history, KEEPALIVE_MS, world->now_ms))
            ask(world);
    }
}

static void every_lossy_schedule_ends_with_the_whole_history(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct world world = {.random = seed * 0x9E3779B97F4A7C15u};
        run(&world);
        assert_true(world.history.ended);
        assert_int_equal(world.got_count, FRAMES);
        for (uint64_t i = 0; i < FRAMES; i++)
            assert_int_equal(world.got[i], i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_in_order_are_delivered),
        cmocka_unit_test(a_double_is_dropped),
        cmocka_unit_test(a_hole_is_asked_for_once),
        cmocka_unit_test(a_final_behind_a_hole_waits_for_what_is_before_it),
        cmocka_unit_test(a_keepalive_tells_of_frames_that_never_came),
        cmocka_unit_test(a_hole_in_an_answer_is_stepped_over),
        cmocka_unit_test(an_answer_with_nothing_ends_the_asking),
        cmocka_unit_test(a_question_without_an_answer_is_put_again),
        cmocka_unit_test(silence_is_asked_about_ever_more_seldom),
        cmocka_unit_test(nothing_is_asked_after_the_end),
        cmocka_unit_test(every_lossy_schedule_ends_with_the_whole_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
