/*
 * settings_diff.h - what differs between two lists of settings.
 *
 * Settings are the same by side, area and key (settings.h) and equal when their values are. Where
 * several of one list have the same key, equal ones are matched first, then the others in order.
 */
#ifndef GPMQ_SETTINGS_DIFF_H
#define GPMQ_SETTINGS_DIFF_H

#include "settings.h"

enum settings_change_kind { SETTING_ADDED, SETTING_REMOVED, SETTING_CHANGED };

struct settings_change {
    enum settings_change_kind kind;
    const struct setting *from; /* NULL: added; borrowed, as to */
    const struct setting *to;   /* NULL: removed */
};

/* In the order of the lists; of one key first what changed, then what was removed, then added. */
struct settings_diff {
    size_t count; /* added + removed + changed */
    struct settings_change *items;
    size_t added;
    size_t removed;
    size_t changed;
    size_t unchanged;
};

/* Compares; both lists live as long as *out, which settings_diff_free() lets go. */
int settings_diff(struct settings_diff *out, const struct settings *from, const struct settings *to,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void settings_diff_free(struct settings_diff *diff);

/* "added", "removed", "changed". */
const char *settings_change_name(enum settings_change_kind kind);

#endif
