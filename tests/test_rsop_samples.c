/*
 * test_rsop_samples.c - the reports that Windows wrote of real backups, merged as if all of these
 * GPOs applied to one computer and user: what settings say is all there, and of each one wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "fold.h"
#include "rsop_merge.h"
#include "samples.h"

#define GPOS_MAX 128

struct real {
    size_t count;
    struct xml_document *documents[GPOS_MAX];
    struct settings settings[GPOS_MAX];
    const struct settings *of[GPOS_MAX];
    struct gpo gpo; /* what a plan says of each does not matter here */
    struct rsop_gpo gpos[GPOS_MAX];
    struct rsop_entry entries[GPOS_MAX];
};

static const struct domain_som domain_som = {.type = DOMAIN_SOM_DOMAIN};
static const struct gplink a_link = {.enabled = true};

static void read_report(void *arg, const char *path, const char *bytes, size_t size)
{
    struct real *real = arg;
    size_t at = real->count;
    struct gpmq_error err;
    if (at == GPOS_MAX)
        return;
    if (xml_read(&real->documents[at], bytes, size, path, &err) ||
        settings_read(&real->settings[at], real->documents[at], &err))
        fail_msg("%s: %s", path, err.text);
    real->of[at] = &real->settings[at];
    real->gpos[at] = (struct rsop_gpo){.gpo = &real->gpo};
    real->entries[at] = (struct rsop_entry){.gpo = &real->gpos[at],
                                            .som = &domain_som,
                                            .link = &a_link,
                                            .applied_order = (unsigned)at + 1};
    real->count++;
}

static int set_up(void **state)
{
    struct real *real = calloc(1, sizeof *real);
    *state = real;
    samples_each("gpreport.xml", read_report, real);
    return 0;
}

static int tear_down(void **state)
{
    struct real *real = *state;
    for (size_t i = 0; i < real->count; i++) {
        settings_free(&real->settings[i]);
        xml_free(&real->documents[i]);
    }
    free(real);
    return 0;
}

static void merge(struct real *real, enum rsop_side side, struct rsop_settings *out)
{
    const struct rsop_directory directory = {.gpo_count = real->count, .gpos = real->gpos};
    const struct rsop_list list = {.planned = true, .count = real->count, .entries = real->entries};
    const struct rsop_conditions conditions = {0};
    assert_int_equal(rsop_merge(out, side, &list, &directory, real->of, &conditions, NULL), 0);
}

static size_t count_side(const struct real *real, enum rsop_side side)
{
    enum setting_side wanted = side == RSOP_USER ? SETTING_USER : SETTING_COMPUTER;
    size_t count = 0;
    for (size_t i = 0; i < real->count; i++)
        for (size_t k = 0; k < real->settings[i].count; k++)
            count += real->settings[i].items[k].side == wanted;
    return count;
}

/* Values of one thing: about the same target, one winner at most, in front; the others follow from
 * the last GPO to the first. */
static void judge_thing(const struct rsop_setting *thing)
{
    const struct setting *first = thing->values[0].setting;
    size_t winners = 0;
    for (size_t i = 0; i < thing->value_count; i++) {
        const struct rsop_value *value = &thing->values[i];
        winners += value->standing == RSOP_WINS;
        assert_string_equal(value->setting->area, first->area);
        if (first->target)
            assert_int_equal(fold_compare(value->setting->target, first->target), 0);
        if (i && value->standing == RSOP_BEATEN && thing->values[i - 1].standing == RSOP_BEATEN)
            assert_true(value->entry->applied_order <= thing->values[i - 1].entry->applied_order);
    }
    assert_true(winners <= 1);
    if (winners)
        assert_int_equal(thing->values[0].standing, RSOP_WINS);
}

static void all_that_real_reports_say_is_there_and_of_each_thing_one_wins(void **state)
{
    struct real *real = *state;
    if (!real->count)
        skip();
    for (int side = 0; side < RSOP_SIDES; side++) {
        struct rsop_settings merged;
        size_t values = 0, contested = 0, added = 0;
        merge(real, (enum rsop_side)side, &merged);
        for (size_t i = 0; i < merged.count; i++) {
            judge_thing(&merged.items[i]);
            values += merged.items[i].value_count;
            contested += merged.items[i].value_count > 1;
            added += merged.items[i].values[0].standing == RSOP_ADDED;
        }
        print_message(
            "%s: %zu reports say %zu things with %zu values; %zu contested, %zu added up\n",
            side == RSOP_USER ? "user" : "computer", real->count, merged.count, values, contested,
            added);
        assert_int_equal(values, count_side(real, (enum rsop_side)side));
        rsop_settings_free(&merged);
    }
}

/* The winner of what has no special rule is what the last GPO says: looked for the long way. */
static const struct setting *last_word(const struct real *real, const struct setting *about)
{
    for (size_t i = real->count; i-- > 0;)
        for (size_t k = real->settings[i].count; k-- > 0;) {
            const struct setting *setting = &real->settings[i].items[k];
            if (setting->target && setting->side == about->side &&
                strcmp(setting->area, about->area) == 0 &&
                fold_compare(setting->target, about->target) == 0)
                return setting;
        }
    return NULL;
}

static void the_last_word_wins_where_no_rule_says_otherwise(void **state)
{
    static const char *const plain[] = {"Security", "Advanced Audit Configuration"};
    struct real *real = *state;
    struct rsop_settings merged;
    size_t judged = 0;
    if (!real->count)
        skip();
    merge(real, RSOP_COMPUTER, &merged);
    for (size_t i = 0; i < merged.count; i++) {
        const struct rsop_value *value = &merged.items[i].values[0];
        for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) {
            if (strcmp(value->setting->area, plain[k]) != 0 || value->standing != RSOP_WINS)
                continue;
            const struct setting *expected = last_word(real, value->setting);
            assert_string_equal(value->setting->value, expected->value);
            judged++;
        }
    }
    print_message("%zu winners found the long way\n", judged);
    assert_true(judged > 100);
    rsop_settings_free(&merged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_real_reports_say_is_there_and_of_each_thing_one_wins),
        cmocka_unit_test(the_last_word_wins_where_no_rule_says_otherwise),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
