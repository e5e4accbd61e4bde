/* test_ad_note.c - what gpmq notes of a GPO in its adminDescription. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain_ad.h"

#define ONE "00112233445566778899aabbccddeeff"
#define TWO "ffeeddccbbaa99887766554433221100"

static const char *id_of(unsigned number, char text[GPMQ_ID_TEXT_SIZE])
{
    snprintf(text, GPMQ_ID_TEXT_SIZE, "%032x", number);
    return text;
}

static void a_note_is_read_as_it_was_written(void **state)
{
    struct ad_note note = {.fence = UINT64_MAX, .creator = ONE}, again;
    char text[AD_NOTE_MAX + 1], second[AD_NOTE_MAX + 1], id[GPMQ_ID_TEXT_SIZE];
    (void)state;
    for (unsigned i = 0; i < AD_OPS_MAX; i++)
        ad_note_add(&note, id_of(i, id));
    ad_note_text(&note, text);
    assert_true(strlen(text) <= AD_NOTE_MAX);
    ad_note_read(&again, text);
    assert_memory_equal(&again, &note, sizeof note);
    ad_note_text(&again, second);
    assert_string_equal(second, text);
}

static void its_text_is_the_documented_one(void **state)
{
    struct ad_note note = {.fence = 7, .creator = ONE};
    char text[AD_NOTE_MAX + 1];
    (void)state;
    ad_note_add(&note, ONE);
    ad_note_add(&note, TWO);
    ad_note_text(&note, text);
    assert_string_equal(text, "gpmq1 fence=7 creator=" ONE " ops=" ONE "," TWO);
    ad_note_text(&(struct ad_note){0}, text);
    assert_string_equal(text, "gpmq1 fence=0");
}

static void the_oldest_operation_is_forgotten(void **state)
{
    struct ad_note note = {0};
    char id[GPMQ_ID_TEXT_SIZE];
    (void)state;
    for (unsigned i = 0; i <= AD_OPS_MAX; i++)
        ad_note_add(&note, id_of(i, id));
    assert_int_equal(note.op_count, AD_OPS_MAX);
    assert_false(ad_note_has(&note, id_of(0, id)));
    for (unsigned i = 1; i <= AD_OPS_MAX; i++)
        assert_true(ad_note_has(&note, id_of(i, id)));
}

static void who_made_the_gpo_counts_for_good(void **state)
{
    struct ad_note note = {.creator = ONE};
    char id[GPMQ_ID_TEXT_SIZE];
    (void)state;
    for (unsigned i = 0; i < 2 * AD_OPS_MAX; i++)
        ad_note_add(&note, id_of(i, id));
    assert_true(ad_note_has(&note, ONE));
    assert_false(ad_note_has(&note, TWO));
}

static void foreign_text_is_no_note(void **state)
{
    static const char *const texts[] = {NULL,
                                        "",
                                        "gpmq1",
                                        "gpmq2 fence=5",
                                        "GPMQ1 fence=5",
                                        "Do not touch: ask Anna",
                                        " gpmq1 fence=5 creator=" ONE,
                                        "gpmq1 ",
                                        "gpmq1 creator=short ops="
                                        "xyz"};
    static const struct ad_note none = {0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ad_note note;
        memset(&note, 0xff, sizeof note);
        ad_note_read(&note, texts[i]);
        if (memcmp(&note, &none, sizeof note) != 0)
            fail_msg("'%s' is taken for a note", texts[i]);
    }
}

static void what_is_damaged_is_read_as_far_as_it_goes(void **state)
{
    struct ad_note note;
    (void)state;
    ad_note_read(&note, "gpmq1   fence=12  new=key ops=" ONE ",bad," TWO);
    assert_int_equal(note.fence, 12);
    assert_int_equal(note.op_count, 1);
    assert_string_equal(note.ops[0], ONE);
    ad_note_read(&note, "gpmq1 ops=" ONE "00 creator=" TWO "x fence=3");
    assert_int_equal(note.fence, 3);
    assert_int_equal(note.op_count, 0);
    assert_string_equal(note.creator, "");
    ad_note_read(&note, "gpmq1 ops=" ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE
                        "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," TWO);
    assert_int_equal(note.op_count, AD_OPS_MAX);
    assert_false(ad_note_has(&note, TWO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_is_read_as_it_was_written),
        cmocka_unit_test(its_text_is_the_documented_one),
        cmocka_unit_test(the_oldest_operation_is_forgotten),
        cmocka_unit_test(who_made_the_gpo_counts_for_good),
        cmocka_unit_test(foreign_text_is_no_note),
        cmocka_unit_test(what_is_damaged_is_read_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
