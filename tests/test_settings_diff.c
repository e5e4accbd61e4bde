/* test_settings_diff.c - what differs between two lists of settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "samples.h"
#include "settings_diff.h"

#define SAMPLES_MAX 64

/* A list from pairs of key and value; sorted by the caller. */
static struct settings a_list(struct setting *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        items[i].area = "Test";
        items[i].order = i;
    }
    return (struct settings){.count = count, .items = items};
}

#define K(text) ((char *)(uintptr_t)(text))

static void a_setting_is_added_removed_or_changed(void **state)
{
    struct setting before[] = {{.key = K("a"), .value = K("1")},
                               {.key = K("b"), .value = K("1")},
                               {.key = K("c"), .value = K("1")}};
    struct setting after[] = {{.key = K("B"), .value = K("2")},
                              {.key = K("c"), .value = K("1")},
                              {.key = K("d"), .value = K("1")}};
    struct settings from = a_list(before, 3), to = a_list(after, 3);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    (void)state;
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    assert_int_equal(diff.count, 3);
    assert_int_equal(diff.unchanged, 1);
    assert_int_equal(diff.items[0].kind, SETTING_REMOVED);
    assert_ptr_equal(diff.items[0].from, &before[0]);
    assert_int_equal(diff.items[1].kind, SETTING_CHANGED);
    assert_ptr_equal(diff.items[1].from, &before[1]);
    assert_ptr_equal(diff.items[1].to, &after[0]);
    assert_int_equal(diff.items[2].kind, SETTING_ADDED);
    assert_ptr_equal(diff.items[2].to, &after[2]);
}

static void of_several_with_one_key_equal_ones_are_matched_first(void **state)
{
    struct setting before[] = {{.key = K("a"), .value = K("1")},
                               {.key = K("a"), .value = K("2")},
                               {.key = K("a"), .value = K("3")}};
    struct setting after[] = {{.key = K("a"), .value = K("3")}, {.key = K("a"), .value = K("4")}};
    struct settings from = a_list(before, 3), to = a_list(after, 2);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    (void)state;
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    assert_int_equal(diff.unchanged, 1);
    assert_int_equal(diff.count, 2);
    assert_int_equal(diff.items[0].kind, SETTING_CHANGED);
    assert_ptr_equal(diff.items[0].from, &before[0]);
    assert_ptr_equal(diff.items[0].to, &after[1]);
    assert_int_equal(diff.items[1].kind, SETTING_REMOVED);
    assert_ptr_equal(diff.items[1].from, &before[1]);
}

static void the_same_order_of_equal_settings_is_no_difference(void **state)
{
    struct setting before[] = {{.key = K("a"), .value = K("1")}, {.key = K("a"), .value = K("2")}};
    struct setting after[] = {{.key = K("a"), .value = K("2")}, {.key = K("a"), .value = K("1")}};
    struct settings from = a_list(before, 2), to = a_list(after, 2);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    (void)state;
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    assert_int_equal(diff.count, 0);
    assert_int_equal(diff.unchanged, 2);
}

static void what_an_account_is_called_is_no_difference(void **state)
{
    struct setting before[] = {
        {.key = K("a"), .value = K("DOMAIN\\Anna (S-1-5-21-1)"), .compared = K("S-1-5-21-1")}};
    struct setting after[] = {{.key = K("a"), .value = K("S-1-5-21-1")}};
    struct settings from = a_list(before, 1), to = a_list(after, 1);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    (void)state;
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    assert_int_equal(diff.count, 0);
}

/* ---- places -------------------------------------------------------------------------------- */

#define PLACES_MAX 12

/* A list of preferences with one-letter keys, in this order of the report: sorted by key, as lists
 * are. */
static struct settings placed(struct setting *items, char keys[][2], const char *order)
{
    size_t count = strlen(order), used = 0;
    for (char key = 'a'; key <= 'z'; key++) {
        const char *at = strchr(order, key);
        if (!at)
            continue;
        keys[used][0] = key;
        keys[used][1] = 0;
        items[used] =
            (struct setting){.area = "Test", .key = keys[used], .value = K("1"), .placed = true};
        items[used++].order = (size_t)(at - order);
    }
    assert_int_equal(used, count);
    return (struct settings){.count = count, .items = items};
}

/* The keys of what was moved. */
static void moved(const char *before, const char *after, char out[PLACES_MAX + 1])
{
    struct setting from_items[PLACES_MAX], to_items[PLACES_MAX];
    char from_keys[PLACES_MAX][2], to_keys[PLACES_MAX][2];
    struct settings from = placed(from_items, from_keys, before);
    struct settings to = placed(to_items, to_keys, after);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    size_t count = 0;
    for (size_t i = 0; i < diff.count; i++)
        if (diff.items[i].kind == SETTING_MOVED)
            out[count++] = diff.items[i].to->key[0];
    out[count] = 0;
    assert_int_equal(count, diff.moved);
}

static void the_fewest_preferences_that_explain_an_order_are_moved(void **state)
{
    static const char *const cases[][3] = {
        {"abcd", "abcd", ""},  {"abcd", "dabc", "d"},     {"abcd", "bcda", "a"},
        {"abcd", "acbd", "c"}, {"abc", "cba", "cb"},      {"abcd", "xabcdy", ""},
        {"abcd", "bxd", ""},   {"abcdef", "afbcde", "f"},
    };
    char keys[PLACES_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moved(cases[i][0], cases[i][1], keys);
        if (strlen(keys) != strlen(cases[i][2]))
            fail_msg("%s -> %s: moved '%s', not '%s'", cases[i][0], cases[i][1], keys, cases[i][2]);
    }
    moved("abcd", "dabc", keys);
    assert_string_equal(keys, "d");
}

static void the_place_of_other_settings_means_nothing(void **state)
{
    struct setting before[] = {{.key = K("a"), .value = K("1"), .order = 0},
                               {.key = K("b"), .value = K("1"), .order = 1}};
    struct setting after[] = {{.key = K("a"), .value = K("1")}, {.key = K("b"), .value = K("1")}};
    struct settings from = a_list(before, 2), to = a_list(after, 2);
    CLEANUP(settings_diff_free) struct settings_diff diff = {0};
    (void)state;
    after[0].order = 1;
    after[1].order = 0;
    assert_int_equal(settings_diff(&diff, &from, &to, NULL), 0);
    assert_int_equal(diff.count, 0);
}

/* ---- properties ----------------------------------------------------------------------------- */

struct all {
    size_t count;
    struct xml_document *documents[SAMPLES_MAX];
    struct settings lists[SAMPLES_MAX];
};

static void all_free(struct all *all)
{
    for (size_t i = 0; i < all->count; i++) {
        settings_free(&all->lists[i]);
        xml_free(&all->documents[i]);
    }
}

static void keep(void *arg, const char *path, const char *bytes, size_t size)
{
    struct all *all = arg;
    assert_true(all->count < SAMPLES_MAX);
    assert_int_equal(xml_read(&all->documents[all->count], bytes, size, path, NULL), 0);
    assert_int_equal(settings_read(&all->lists[all->count], all->documents[all->count], NULL), 0);
    all->count++;
}

/* What a difference says is true of the lists it was made from, and counts add up. */
static void judge(const struct settings_diff *diff, const struct settings *from,
                  const struct settings *to)
{
    size_t kinds[SETTING_CHANGE_END] = {0};
    for (size_t i = 0; i < diff->count; i++) {
        const struct settings_change *change = &diff->items[i];
        kinds[change->kind]++;
        assert_true(!change->from == (change->kind == SETTING_ADDED));
        assert_true(!change->to == (change->kind == SETTING_REMOVED));
        if (change->kind != SETTING_CHANGED)
            continue;
        assert_int_equal(settings_compare(change->from, change->to), 0);
        assert_string_not_equal(setting_compared(change->from), setting_compared(change->to));
    }
    assert_int_equal(kinds[SETTING_ADDED], diff->added);
    assert_int_equal(kinds[SETTING_REMOVED], diff->removed);
    assert_int_equal(kinds[SETTING_CHANGED], diff->changed);
    assert_int_equal(kinds[SETTING_MOVED], diff->moved);
    size_t both = diff->unchanged + diff->changed + diff->moved;
    assert_int_equal(both + diff->removed, from->count);
    assert_int_equal(both + diff->added, to->count);
}

static void the_difference_of_any_two_reports_adds_up_and_is_mirrored(void **state)
{
    CLEANUP(all_free) struct all all = {0};
    (void)state;
    if (!samples_each("gpreport.xml", keep, &all))
        skip();
    for (size_t a = 0; a < all.count; a++)
        for (size_t b = 0; b < all.count; b++) {
            CLEANUP(settings_diff_free) struct settings_diff there = {0};
            CLEANUP(settings_diff_free) struct settings_diff back = {0};
            assert_int_equal(settings_diff(&there, &all.lists[a], &all.lists[b], NULL), 0);
            assert_int_equal(settings_diff(&back, &all.lists[b], &all.lists[a], NULL), 0);
            judge(&there, &all.lists[a], &all.lists[b]);
            assert_int_equal(there.added, back.removed);
            assert_int_equal(there.removed, back.added);
            assert_int_equal(there.changed, back.changed);
            assert_int_equal(there.moved, back.moved);
            if (a == b)
                assert_int_equal(there.count, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setting_is_added_removed_or_changed),
        cmocka_unit_test(of_several_with_one_key_equal_ones_are_matched_first),
        cmocka_unit_test(the_same_order_of_equal_settings_is_no_difference),
        cmocka_unit_test(what_an_account_is_called_is_no_difference),
        cmocka_unit_test(the_fewest_preferences_that_explain_an_order_are_moved),
        cmocka_unit_test(the_place_of_other_settings_means_nothing),
        cmocka_unit_test(the_difference_of_any_two_reports_adds_up_and_is_mirrored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
