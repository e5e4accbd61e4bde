/*
 * prune.h - which backups to keep: pure, with the rules of restic's forget.
 *
 * Each rule keeps the newest backup of each of the newest n periods that have one, for each GPO (a
 * GUID and its domain) alone; `last` takes each backup for a period of its own. A rule that finds
 * fewer periods than it may keep keeps the oldest backup, too. What no rule keeps is to be removed.
 *
 * So the newest backup of a GPO is always kept, more rules or larger numbers never keep less, and
 * pruning again what was kept removes nothing.
 *
 * Periods are days, weeks (from Monday) and months in UTC, the time that a backup's description
 * has: no clock is set back within them. Of backups with the same time the one with the greater id
 * is the newer.
 */
#ifndef GPMQ_PRUNE_H
#define GPMQ_PRUNE_H

#include "repository.h"

/* Reasons to keep, one bit for each rule. */
enum prune_rule { PRUNE_LAST, PRUNE_DAILY, PRUNE_WEEKLY, PRUNE_MONTHLY, PRUNE_RULE_END };

struct prune_policy {
    int64_t keep[PRUNE_RULE_END]; /* how many periods; 0: the rule does not apply */
};

/* Gives reasons[i] the rules that keep infos[i], as bits 1u << rule; 0: to be removed.
 * GPMQ_EINVAL: no rule applies, which would remove everything. */
int prune_plan(unsigned *reasons, const struct backup_info *infos, size_t count,
               const struct prune_policy *policy, struct gpmq_error *err) GPMQ_CHECKED;

/* "last", "daily", "weekly", "monthly". */
const char *prune_rule_name(enum prune_rule rule);

#endif
