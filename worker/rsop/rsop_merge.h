/*
 * rsop_merge.h - what comes out of the GPOs that apply: of each setting the winning value, and what
 * it beat. Settings are those of settings.h, read from each GPO's XML report.
 *
 * Owning. The result borrows from the list of entries and from the settings.
 */
#ifndef GPMQ_RSOP_MERGE_H
#define GPMQ_RSOP_MERGE_H

#include "rsop_plan.h"
#include "settings.h"

#define RSOP_VALUES_MAX 1000000 /* settings of all GPOs of one side together */

enum rsop_standing {
    RSOP_WINS,   /* what the computer or user gets */
    RSOP_ADDED,  /* counts beside the others */
    RSOP_BEATEN, /* another one wins */
    RSOP_UNUSED, /* is not processed here; the note says why */
};
/* "wins", "added", "beaten", "unused". Static. */
const char *rsop_standing_word(enum rsop_standing standing);

/* What one GPO says of a setting. */
struct rsop_value {
    const struct setting *setting;
    const struct rsop_entry *entry;
    enum rsop_standing standing;
    unsigned precedence; /* 1: wins; then as they are beaten; 0: in no competition */
    const char *note;    /* or NULL; static */
};

/* One thing of the computer or user, and all that was said of it: the winner first. */
struct rsop_setting {
    size_t value_count;
    struct rsop_value *values; /* part of rsop_settings.values */
};

/* Sorted by area as in a report, then by key. */
struct rsop_settings {
    size_t count;
    struct rsop_setting *items;
    struct rsop_value *values;
};

struct rsop_conditions {
    bool slow_link;
    bool controller; /* the computer is a domain controller */
};

/* Merges one side. of[i] are the settings of directory->gpos[i], NULL: none. A GPO that applies at
 * two places counts where it comes last. Let *out go with rsop_settings_free(). GPMQ_ETOOBIG. */
int rsop_merge(struct rsop_settings *out, enum rsop_side side, const struct rsop_list *list,
               const struct rsop_directory *directory, const struct settings *const *of,
               const struct rsop_conditions *conditions, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_settings_free(struct rsop_settings *settings);

/* Whether an extension of that area runs over a slow link, as Windows has it unless policy says
 * otherwise. */
bool rsop_runs_over_slow_link(const char *area);

#endif
