#include "settings_diff.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "settings_order.h"

/* The settings of one key on one side, as pointers into its list. */
struct same {
    const struct setting **items;
    size_t count;
};

struct comparing {
    struct settings_diff diff;
    struct same from, to; /* room for all; of one key at a time */
    struct settings_order *order;
};

void settings_diff_free(struct settings_diff *diff)
{
    free(diff->items);
    *diff = (struct settings_diff){0};
}

const char *settings_change_name(enum settings_change_kind kind)
{
    static const char *const names[] = {"added", "removed", "changed", "moved"};
    return names[kind];
}

static void comparing_free(struct comparing *comparing)
{
    settings_diff_free(&comparing->diff);
    free(comparing->from.items);
    free(comparing->to.items);
    settings_order_free(&comparing->order);
}

/* There is room: no comparison has more items than both lists together. */
static void note(struct comparing *comparing, const struct setting *from, const struct setting *to)
{
    struct settings_diff *diff = &comparing->diff;
    enum settings_change_kind kind = !from ? SETTING_ADDED
                                     : !to ? SETTING_REMOVED
                                           : SETTING_CHANGED;
    diff->items[diff->count++] = (struct settings_change){kind, from, to};
    diff->added += kind == SETTING_ADDED;
    diff->removed += kind == SETTING_REMOVED;
    diff->changed += kind == SETTING_CHANGED;
}

static int by_value(const void *a, const void *b)
{
    const struct setting *left = *(const struct setting *const *)a;
    const struct setting *right = *(const struct setting *const *)b;
    int order = strcmp(setting_compared(left), setting_compared(right));
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

static int by_order(const void *a, const void *b)
{
    const struct setting *left = *(const struct setting *const *)a;
    const struct setting *right = *(const struct setting *const *)b;
    return left->order < right->order ? -1 : left->order > right->order;
}

static void sort(struct same *same, int (*by)(const void *a, const void *b))
{
    if (same->count > 1)
        qsort(same->items, same->count, sizeof(const struct setting *), by);
}

/* Leaves in both what has no equal on the other side, in order. */
static size_t drop_equals(struct same *from, struct same *to, struct settings_order *order)
{
    size_t f = 0, t = 0, left_f = 0, left_t = 0, equal = 0;
    sort(from, by_value);
    sort(to, by_value);
    while (f < from->count || t < to->count) {
        int compared = f == from->count ? 1
                       : t == to->count ? -1
                                        : strcmp(setting_compared(from->items[f]),
                                                 setting_compared(to->items[t]));
        if (!compared) {
            settings_order_add(order, from->items[f], to->items[t]);
            equal++;
            f++;
            t++;
        } else if (compared < 0) {
            from->items[left_f++] = from->items[f++];
        } else {
            to->items[left_t++] = to->items[t++];
        }
    }
    from->count = left_f;
    to->count = left_t;
    sort(from, by_order);
    sort(to, by_order);
    return equal;
}

static void compare_same(struct comparing *comparing)
{
    struct same *from = &comparing->from, *to = &comparing->to;
    comparing->diff.unchanged += drop_equals(from, to, comparing->order);
    size_t both = from->count < to->count ? from->count : to->count;
    for (size_t i = 0; i < both; i++)
        note(comparing, from->items[i], to->items[i]);
    for (size_t i = both; i < from->count; i++)
        note(comparing, from->items[i], NULL);
    for (size_t i = both; i < to->count; i++)
        note(comparing, NULL, to->items[i]);
}

/* Takes what is the same setting as *key from a list, from *at on. */
static void take_same(struct same *same, const struct settings *list, size_t *at,
                      const struct setting *key)
{
    same->count = 0;
    while (*at < list->count && !settings_compare(&list->items[*at], key))
        same->items[same->count++] = &list->items[(*at)++];
}

/* The lesser of what comes next in both lists. */
static const struct setting *next_key(const struct settings *from, size_t f,
                                      const struct settings *to, size_t t)
{
    if (f == from->count)
        return &to->items[t];
    if (t == to->count)
        return &from->items[f];
    return settings_compare(&from->items[f], &to->items[t]) <= 0 ? &from->items[f] : &to->items[t];
}

static void note_moved(void *arg, const struct setting *from, const struct setting *to)
{
    struct settings_diff *diff = arg;
    diff->items[diff->count++] = (struct settings_change){SETTING_MOVED, from, to};
    diff->moved++;
    diff->unchanged--;
}

int settings_diff(struct settings_diff *out, const struct settings *from, const struct settings *to,
                  struct gpmq_error *err)
{
    CLEANUP(comparing_free) struct comparing comparing = {0};
    comparing.diff.items = calloc(from->count + to->count + 1, sizeof *comparing.diff.items);
    comparing.from.items = calloc(from->count + 1, sizeof *comparing.from.items);
    comparing.to.items = calloc(to->count + 1, sizeof *comparing.to.items);
    comparing.order = settings_order_new(from->count < to->count ? from->count : to->count);
    if (!comparing.diff.items || !comparing.from.items || !comparing.to.items || !comparing.order)
        return fail(err, GPMQ_ENOMEM, "no memory to compare %zu settings", from->count + to->count);
    for (size_t f = 0, t = 0; f < from->count || t < to->count;) {
        const struct setting *key = next_key(from, f, to, t);
        take_same(&comparing.from, from, &f, key);
        take_same(&comparing.to, to, &t, key);
        compare_same(&comparing);
    }
    settings_order_moved(comparing.order, note_moved, &comparing.diff);
    *out = comparing.diff;
    comparing.diff = (struct settings_diff){0};
    return 0;
}
