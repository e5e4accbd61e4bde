/* test_prune.c - which backups are kept: single cases, and what holds for all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "prune.h"

#define HOUR_MS   (60 * 60 * INT64_C(1000))
#define DAY       (24 * HOUR_MS)
#define MANY      40
#define ROUNDS    2000
#define MARCH_5   INT64_C(1772668800000) /* 2026-03-05T00:00:00Z, a Thursday */
#define EVERY     ((1u << PRUNE_RULE_END) - 1)
#define BIT(rule) (1u << (rule))

/* A backup of GPO `gpo`; ids rise with number. */
static struct backup_info a_backup(unsigned gpo, unsigned number, int64_t time_unix_ms)
{
    struct backup_info info = {.time_unix_ms = time_unix_ms,
                               .domain = (char *)(uintptr_t) "a.test"};
    info.gpo_id.bytes[0] = (uint8_t)gpo;
    info.id.bytes[0] = (uint8_t)(number >> 8);
    info.id.bytes[1] = (uint8_t)number;
    return info;
}

static void plan(unsigned *reasons, const struct backup_info *infos, size_t count,
                 const struct prune_policy *policy)
{
    struct gpmq_error err;
    if (prune_plan(reasons, infos, count, policy, &err))
        fail_msg("%s", err.text);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void last_keeps_the_newest_of_each_gpo(void **state)
{
    struct backup_info infos[] = {a_backup(1, 1, 1 * DAY), a_backup(1, 2, 2 * DAY),
                                  a_backup(1, 3, 3 * DAY), a_backup(2, 4, 1 * DAY)};
    unsigned reasons[4];
    const struct prune_policy policy = {.keep[PRUNE_LAST] = 2};
    (void)state;
    plan(reasons, infos, 4, &policy);
    assert_int_equal(reasons[0], 0);
    assert_int_equal(reasons[1], BIT(PRUNE_LAST));
    assert_int_equal(reasons[2], BIT(PRUNE_LAST));
    assert_int_equal(reasons[3], BIT(PRUNE_LAST));
}

/* Every domain has a Default Domain Policy with the same GUID. */
static void one_guid_in_two_domains_is_two_gpos(void **state)
{
    struct backup_info infos[] = {a_backup(1, 1, 1 * DAY), a_backup(1, 2, 2 * DAY)};
    unsigned reasons[2];
    const struct prune_policy policy = {.keep[PRUNE_LAST] = 1};
    (void)state;
    infos[0].domain = (char *)(uintptr_t) "b.test";
    plan(reasons, infos, 2, &policy);
    assert_int_equal(reasons[0], BIT(PRUNE_LAST));
    infos[0].domain = (char *)(uintptr_t) "A.TEST";
    plan(reasons, infos, 2, &policy);
    assert_int_equal(reasons[0], 0);
}

static void daily_keeps_the_newest_of_each_day_in_utc(void **state)
{
    struct backup_info infos[] = {
        a_backup(1, 1, MARCH_5 - 2 * DAY), a_backup(1, 2, MARCH_5 - 1000),
        a_backup(1, 3, MARCH_5),           a_backup(1, 4, MARCH_5 + DAY - 1000),
        a_backup(1, 5, MARCH_5 + DAY),
    };
    static const unsigned kept[] = {0, BIT(PRUNE_DAILY), 0, BIT(PRUNE_DAILY), BIT(PRUNE_DAILY)};
    unsigned reasons[5];
    const struct prune_policy policy = {.keep[PRUNE_DAILY] = 3};
    (void)state;
    plan(reasons, infos, 5, &policy);
    assert_memory_equal(reasons, kept, sizeof kept);
}

static void weeks_begin_on_monday(void **state)
{
    struct backup_info infos[] = {
        a_backup(1, 1, MARCH_5 - 4 * DAY), /* Sunday */
        a_backup(1, 2, MARCH_5 - 3 * DAY), /* Monday */
        a_backup(1, 3, MARCH_5 + 3 * DAY), /* Sunday */
        a_backup(1, 4, MARCH_5 + 4 * DAY), /* Monday */
    };
    static const unsigned kept[] = {BIT(PRUNE_WEEKLY), 0, BIT(PRUNE_WEEKLY), BIT(PRUNE_WEEKLY)};
    unsigned reasons[4];
    const struct prune_policy policy = {.keep[PRUNE_WEEKLY] = 3};
    (void)state;
    plan(reasons, infos, 4, &policy);
    assert_memory_equal(reasons, kept, sizeof kept);
}

static void months_are_those_of_the_calendar(void **state)
{
    struct backup_info infos[] = {
        a_backup(1, 1, INT64_C(1709164800000)), /* 2024-02-29 */
        a_backup(1, 2, INT64_C(1709251200000)), /* 2024-03-01 */
        a_backup(1, 3, INT64_C(1767225599000)), /* 2025-12-31T23:59:59 */
        a_backup(1, 4, INT64_C(1767225600000)), /* 2026-01-01 */
        a_backup(1, 5, INT64_C(1769903999000)), /* 2026-01-31T23:59:59 */
    };
    static const unsigned kept[] = {BIT(PRUNE_MONTHLY), BIT(PRUNE_MONTHLY), BIT(PRUNE_MONTHLY), 0,
                                    BIT(PRUNE_MONTHLY)};
    unsigned reasons[5];
    const struct prune_policy policy = {.keep[PRUNE_MONTHLY] = 4};
    (void)state;
    plan(reasons, infos, 5, &policy);
    assert_memory_equal(reasons, kept, sizeof kept);
}

static void a_rule_with_room_left_keeps_the_oldest(void **state)
{
    struct backup_info infos[] = {a_backup(1, 1, MARCH_5), a_backup(1, 2, MARCH_5 + HOUR_MS),
                                  a_backup(1, 3, MARCH_5 + 2 * HOUR_MS)};
    static const unsigned kept[] = {BIT(PRUNE_DAILY), 0, BIT(PRUNE_DAILY)};
    unsigned reasons[3];
    const struct prune_policy policy = {.keep[PRUNE_DAILY] = 7};
    (void)state;
    plan(reasons, infos, 3, &policy);
    assert_memory_equal(reasons, kept, sizeof kept);
}

static void rules_add_up_and_all_reasons_are_told(void **state)
{
    struct backup_info infos[] = {a_backup(1, 1, MARCH_5), a_backup(1, 2, MARCH_5 + 40 * DAY)};
    unsigned reasons[2];
    const struct prune_policy policy = {.keep = {1, 1, 1, 2}};
    (void)state;
    plan(reasons, infos, 2, &policy);
    assert_int_equal(reasons[0], BIT(PRUNE_MONTHLY));
    assert_int_equal(reasons[1], EVERY);
}

static void a_policy_that_keeps_nothing_is_refused(void **state)
{
    struct backup_info info = a_backup(1, 1, 0);
    const struct prune_policy policy = {.keep = {0}};
    unsigned reasons;
    struct gpmq_error err;
    (void)state;
    assert_int_equal(prune_plan(&reasons, &info, 1, &policy, &err), GPMQ_EINVAL);
}

/* ---- what holds for all --------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Few GPOs, times that often coincide. */
static size_t any_backups(struct backup_info infos[MANY], uint64_t *seed)
{
    size_t count = next_random(seed) % MANY + 1;
    int64_t step = next_random(seed) % 2 ? HOUR_MS : 5 * DAY;
    for (size_t i = 0; i < count; i++)
        infos[i] = a_backup((unsigned)(next_random(seed) % 3), (unsigned)i,
                            MARCH_5 + (int64_t)(next_random(seed) % 60) * step - 10 * 365 * DAY);
    return count;
}

static struct prune_policy any_policy(uint64_t *seed)
{
    struct prune_policy policy = {.keep = {0}};
    for (int rule = 0; rule < PRUNE_RULE_END; rule++)
        policy.keep[rule] = next_random(seed) % 2 ? (int64_t)(next_random(seed) % 8) : 0;
    policy.keep[next_random(seed) % PRUNE_RULE_END] += 1;
    return policy;
}

static bool is_newest(const struct backup_info *infos, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (gpmq_guid_equal(&infos[i].gpo_id, &infos[at].gpo_id) &&
            (infos[i].time_unix_ms > infos[at].time_unix_ms ||
             (infos[i].time_unix_ms == infos[at].time_unix_ms && i > at)))
            return false;
    return true;
}

static void the_newest_of_every_gpo_is_kept(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct backup_info infos[MANY];
        unsigned reasons[MANY];
        size_t count = any_backups(infos, &seed);
        struct prune_policy policy = any_policy(&seed);
        plan(reasons, infos, count, &policy);
        for (size_t i = 0; i < count; i++)
            if (is_newest(infos, count, i))
                assert_true(reasons[i]);
    }
}

static void more_of_a_rule_never_keeps_less(void **state)
{
    uint64_t seed = 2;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct backup_info infos[MANY];
        unsigned before[MANY], after[MANY];
        size_t count = any_backups(infos, &seed);
        struct prune_policy policy = any_policy(&seed);
        plan(before, infos, count, &policy);
        policy.keep[next_random(&seed) % PRUNE_RULE_END] += (int64_t)(next_random(&seed) % 3 + 1);
        plan(after, infos, count, &policy);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(before[i] & ~after[i], 0);
    }
}

static void a_rule_keeps_no_more_of_a_gpo_than_it_says(void **state)
{
    uint64_t seed = 3;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct backup_info infos[MANY];
        unsigned reasons[MANY];
        int64_t kept[3][PRUNE_RULE_END] = {{0}};
        size_t count = any_backups(infos, &seed);
        struct prune_policy policy = any_policy(&seed);
        plan(reasons, infos, count, &policy);
        for (size_t i = 0; i < count; i++)
            for (int rule = 0; rule < PRUNE_RULE_END; rule++)
                kept[infos[i].gpo_id.bytes[0]][rule] += !!(reasons[i] & BIT(rule));
        for (size_t gpo = 0; gpo < 3; gpo++)
            for (int rule = 0; rule < PRUNE_RULE_END; rule++)
                assert_true(kept[gpo][rule] <= policy.keep[rule]);
    }
}

static void the_order_of_the_list_decides_nothing(void **state)
{
    uint64_t seed = 4;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct backup_info infos[MANY], turned[MANY];
        unsigned reasons[MANY], again[MANY];
        size_t count = any_backups(infos, &seed);
        struct prune_policy policy = any_policy(&seed);
        size_t by = next_random(&seed) % count;
        for (size_t i = 0; i < count; i++)
            turned[count - 1 - (i + by) % count] = infos[i];
        plan(reasons, infos, count, &policy);
        plan(again, turned, count, &policy);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(reasons[i], again[count - 1 - (i + by) % count]);
    }
}

static void pruning_what_was_kept_removes_nothing(void **state)
{
    uint64_t seed = 5;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct backup_info infos[MANY], left[MANY];
        unsigned reasons[MANY];
        size_t count = any_backups(infos, &seed), kept = 0;
        struct prune_policy policy = any_policy(&seed);
        plan(reasons, infos, count, &policy);
        for (size_t i = 0; i < count; i++)
            if (reasons[i])
                left[kept++] = infos[i];
        plan(reasons, left, kept, &policy);
        for (size_t i = 0; i < kept; i++)
            assert_true(reasons[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_keeps_the_newest_of_each_gpo),
        cmocka_unit_test(one_guid_in_two_domains_is_two_gpos),
        cmocka_unit_test(daily_keeps_the_newest_of_each_day_in_utc),
        cmocka_unit_test(weeks_begin_on_monday),
        cmocka_unit_test(months_are_those_of_the_calendar),
        cmocka_unit_test(a_rule_with_room_left_keeps_the_oldest),
        cmocka_unit_test(rules_add_up_and_all_reasons_are_told),
        cmocka_unit_test(a_policy_that_keeps_nothing_is_refused),
        cmocka_unit_test(the_newest_of_every_gpo_is_kept),
        cmocka_unit_test(more_of_a_rule_never_keeps_less),
        cmocka_unit_test(a_rule_keeps_no_more_of_a_gpo_than_it_says),
        cmocka_unit_test(the_order_of_the_list_decides_nothing),
        cmocka_unit_test(pruning_what_was_kept_removes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
