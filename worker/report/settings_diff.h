/*
 * settings_diff.h - what differs between two lists of settings.
 *
 * Settings are the same by side, area and key (settings.h) and equal when their values are. Where
 * several of one list have the same key, equal ones are matched first, then the others in order.
 *
 * Equal preferences (setting.placed) whose order among each other is another one are moved: as few
 * of them as explain the new order.
 */
#ifndef GPMQ_SETTINGS_DIFF_H
#define GPMQ_SETTINGS_DIFF_H

#include "settings.h"

enum settings_change_kind {
    SETTING_ADDED,
    SETTING_REMOVED,
    SETTING_CHANGED,
    SETTING_MOVED,
    SETTING_CHANGE_END
};

struct settings_change {
    enum settings_change_kind kind;
    const struct setting *from; /* NULL: added; borrowed, as to */
    const struct setting *to;   /* NULL: removed */
};

/* In the order of the lists; of one key first what changed, then what was removed, then added. What
 * was moved stands behind all others, in the order that it has now. */
struct settings_diff {
    size_t count; /* added + removed + changed + moved */
    struct settings_change *items;
    size_t added;
    size_t removed;
    size_t changed;
    size_t moved;
    size_t unchanged; /* and not moved */
};

/* Compares; both lists live as long as *out, which settings_diff_free() lets go. */
int settings_diff(struct settings_diff *out, const struct settings *from, const struct settings *to,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void settings_diff_free(struct settings_diff *diff);

/* "added", "removed", "changed", "moved". */
const char *settings_change_name(enum settings_change_kind kind);

#endif
