#include "prune.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))

const char *prune_rule_name(enum prune_rule rule)
{
    static const char *const names[] = {"last", "daily", "weekly", "monthly"};
    return names[rule];
}

/* ---- periods -------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t day_of(int64_t unix_ms)
{
    return floor_div(unix_ms, DAY_MS);
}

/* 1970-01-01 was a Thursday. */
static int64_t week_of(int64_t unix_ms)
{
    return floor_div(day_of(unix_ms) + 3, 7);
}

/* Months since the year 0, after Hinnant's civil_from_days: years begin in March, so that the leap
 * day is the last of one. */
static int64_t month_of(int64_t unix_ms)
{
    int64_t day = day_of(unix_ms) + 719468;
    int64_t era = floor_div(day, 146097), of_era = day - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365 + era * 400;
    int64_t of_year =
        of_era - (365 * (year - era * 400) + (year - era * 400) / 4 - (year - era * 400) / 100);
    return year * 12 + (5 * of_year + 2) / 153 + 2;
}

/* place: among the GPO's backups, the newest first. */
static int64_t period_of(enum prune_rule rule, int64_t unix_ms, size_t place)
{
    switch (rule) {
    case PRUNE_LAST:
        return (int64_t)place;
    case PRUNE_DAILY:
        return day_of(unix_ms);
    case PRUNE_WEEKLY:
        return week_of(unix_ms);
    case PRUNE_MONTHLY:
        return month_of(unix_ms);
    case PRUNE_RULE_END:
        break;
    }
    return 0;
}

/* ---- the plan ------------------------------------------------------------------------------- */

/* A backup, and where its reasons go. */
struct candidate {
    const struct backup_info *info;
    unsigned *reasons;
};

static int of_gpo(const struct backup_info *a, const struct backup_info *b)
{
    int order = memcmp(a->gpo_id.bytes, b->gpo_id.bytes, sizeof a->gpo_id.bytes);
    return order ? order : fold_compare(a->domain ? a->domain : "", b->domain ? b->domain : "");
}

/* GPO by GPO, the newest first. */
static int by_age(const void *a, const void *b)
{
    const struct backup_info *left = ((const struct candidate *)a)->info;
    const struct backup_info *right = ((const struct candidate *)b)->info;
    int order = of_gpo(left, right);
    if (order)
        return order;
    if (left->time_unix_ms != right->time_unix_ms)
        return left->time_unix_ms > right->time_unix_ms ? -1 : 1;
    return memcmp(right->id.bytes, left->id.bytes, sizeof left->id.bytes);
}

/* One rule over the backups of one GPO. */
static void apply(struct candidate *candidates, size_t count, enum prune_rule rule, int64_t keep)
{
    int64_t last = 0;
    for (size_t i = 0; i < count && keep > 0; i++) {
        int64_t period = period_of(rule, candidates[i].info->time_unix_ms, i);
        bool is_new = i == 0 || period != last, is_oldest = i == count - 1;
        if (!is_new && !is_oldest)
            continue;
        *candidates[i].reasons |= 1u << rule;
        last = period;
        keep--;
    }
}

static void plan_gpo(struct candidate *candidates, size_t count, const struct prune_policy *policy)
{
    for (int rule = 0; rule < PRUNE_RULE_END; rule++)
        apply(candidates, count, (enum prune_rule)rule, policy->keep[rule]);
}

static bool is_empty(const struct prune_policy *policy)
{
    for (int rule = 0; rule < PRUNE_RULE_END; rule++)
        if (policy->keep[rule] > 0)
            return false;
    return true;
}

int prune_plan(unsigned *reasons, const struct backup_info *infos, size_t count,
               const struct prune_policy *policy, struct gpmq_error *err)
{
    if (is_empty(policy))
        return fail(err, GPMQ_EINVAL, "no rule keeps anything: that would remove every backup");
    CLEANUP(free_pointer) struct candidate *candidates = calloc(count + 1, sizeof *candidates);
    if (!candidates)
        return fail(err, GPMQ_ENOMEM, "no memory to plan for %zu backups", count);
    for (size_t i = 0; i < count; i++) {
        reasons[i] = 0;
        candidates[i] = (struct candidate){&infos[i], &reasons[i]};
    }
    if (count)
        qsort(candidates, count, sizeof *candidates, by_age);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && !of_gpo(candidates[from].info, candidates[to].info); to++)
            ;
        plan_gpo(candidates + from, to - from, policy);
    }
    return 0;
}
