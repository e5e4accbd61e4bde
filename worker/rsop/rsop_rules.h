/*
 * rsop_rules.h - what one setting of one GPO does where others have said something before it: the
 * rules of each area ([MS-GPREG], [MS-GPSB], [MS-GPAC], [MS-GPPREF], [MS-GPSCR]; docs/rsop.md has
 * them as a table). Used by rsop_merge.c.
 */
#ifndef GPMQ_RSOP_RULES_H
#define GPMQ_RSOP_RULES_H

#include "rsop_merge.h"

enum rsop_effect {
    RSOP_SETS,           /* in place of what was there */
    RSOP_SETS_IF_ABSENT, /* leaves what is there */
    RSOP_REMOVES,        /* what was there; the next one finds nothing */
    RSOP_JOINS,          /* counts beside all others */
    RSOP_NOTHING,        /* is not processed here */
};

struct rsop_act {
    enum rsop_effect effect;
    const char *note; /* what a reader should know of it, or NULL; static */
};

struct rsop_act rsop_act_of(const struct setting *setting, const struct rsop_entry *entry,
                            const struct rsop_conditions *conditions);

/* Whether a setting is a registry command about other values, and whether it takes that one away.
 */
bool rsop_is_sweep(const struct setting *setting);
bool rsop_sweeps(const struct setting *command, const struct setting *other);

#endif
