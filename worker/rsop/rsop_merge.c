/* rsop_merge.c - what comes out of the GPOs that apply. */
#include "rsop_merge.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "rsop_rules.h"

/* What one GPO says, while it is weighed. */
struct claim {
    struct rsop_value value;
    enum rsop_effect effect;
    size_t place; /* in the order in which clients process them */
    bool swept;   /* a later command took it away */
};

struct claims {
    size_t count;
    struct claim *items;
};

static void free_claims(struct claims *claims)
{
    free(claims->items);
}

void rsop_settings_free(struct rsop_settings *settings)
{
    free(settings->items);
    free(settings->values);
    *settings = (struct rsop_settings){0};
}

const char *rsop_standing_word(enum rsop_standing standing)
{
    static const char *const words[] = {"wins", "added", "beaten", "unused"};
    return words[standing];
}

/* ---- collect --------------------------------------------------------------------------------- */

static const struct settings *settings_of(const struct rsop_entry *entry,
                                          const struct rsop_directory *directory,
                                          const struct settings *const *of)
{
    return entry->gpo ? of[entry->gpo - directory->gpos] : NULL;
}

/* Whether the GPO applies again behind the i-th entry. */
static bool comes_again(const struct rsop_list *list, size_t i)
{
    for (size_t k = i + 1; k < list->count; k++)
        if (list->entries[k].applied_order && list->entries[k].gpo == list->entries[i].gpo)
            return true;
    return false;
}

static enum setting_side side_of(enum rsop_side side)
{
    return side == RSOP_USER ? SETTING_USER : SETTING_COMPUTER;
}

static int by_order(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    size_t first = left->value.setting->order, second = right->value.setting->order;
    return first < second ? -1 : first > second;
}

/* Appends the settings of one entry in the order of its report. */
static int collect_entry(struct claims *claims, enum rsop_side side, const struct rsop_entry *entry,
                         const struct settings *settings, const struct rsop_conditions *conditions,
                         struct gpmq_error *err)
{
    if (settings->count > RSOP_VALUES_MAX - claims->count)
        return fail(err, GPMQ_ETOOBIG, "more than %d settings in all GPOs", RSOP_VALUES_MAX);
    struct claim *items =
        reallocarray(claims->items, claims->count + settings->count + 1, sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu settings", settings->count);
    claims->items = items;
    size_t first = claims->count;
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->items[i];
        if (setting->side != side_of(side))
            continue;
        struct rsop_act act = rsop_act_of(setting, entry, conditions);
        items[claims->count++] = (struct claim){
            .value = {.setting = setting, .entry = entry, .note = act.note}, .effect = act.effect};
    }
    if (claims->count > first)
        qsort(items + first, claims->count - first, sizeof *items, by_order);
    return 0;
}

static int collect(struct claims *claims, enum rsop_side side, const struct rsop_list *list,
                   const struct rsop_directory *directory, const struct settings *const *of,
                   const struct rsop_conditions *conditions, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < list->count; i++) {
        const struct rsop_entry *entry = &list->entries[i];
        const struct settings *settings = settings_of(entry, directory, of);
        if (entry->applied_order && settings && !comes_again(list, i))
            rc = collect_entry(claims, side, entry, settings, conditions, err);
    }
    for (size_t i = 0; i < claims->count; i++)
        claims->items[i].place = i;
    return rc;
}

/* Commands of registry.pol about other values take away what stands before them. */
static void sweep(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        if (!rsop_is_sweep(claims->items[i].value.setting))
            continue;
        for (size_t k = 0; k < i; k++) {
            struct claim *claim = &claims->items[k];
            if (claim->effect == RSOP_NOTHING ||
                !rsop_sweeps(claims->items[i].value.setting, claim->value.setting))
                continue;
            claim->swept = true;
            claim->value.note = "deleted by a command that comes later";
        }
    }
}

/* ---- decide ---------------------------------------------------------------------------------- */

static const char *identity(const struct setting *setting)
{
    return setting->target ? setting->target : setting->key;
}

/* 0: about the same thing. */
static int compare_things(const struct setting *a, const struct setting *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int order = strcmp(a->area, b->area);
    if (!order)
        order = fold_compare(identity(a), identity(b));
    return order ? order : !a->target - !b->target;
}

static int by_thing(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    int order = compare_things(left->value.setting, right->value.setting);
    if (order)
        return order;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* The one that decides what is there in the end; NULL: none. Claims are in the order of their
 * places. */
static struct claim *find_winner(struct claim *claims, size_t count)
{
    struct claim *winner = NULL;
    for (size_t i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        bool sets =
            claim->effect == RSOP_SETS || claim->effect == RSOP_REMOVES ||
            (claim->effect == RSOP_SETS_IF_ABSENT && (!winner || winner->effect == RSOP_REMOVES));
        if (sets && !claim->swept)
            winner = claim;
    }
    return winner;
}

static enum rsop_standing standing_of(const struct claim *claim, const struct claim *winner)
{
    if (claim->effect == RSOP_NOTHING)
        return RSOP_UNUSED;
    if (claim->effect == RSOP_JOINS && !claim->swept)
        return RSOP_ADDED;
    return claim == winner ? RSOP_WINS : RSOP_BEATEN;
}

/* The winner, what is added in the order it is processed, then what was beaten, latest first. */
static int by_standing(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    if (left->value.standing != right->value.standing)
        return left->value.standing < right->value.standing ? -1 : 1;
    bool earlier = left->place < right->place;
    return (left->value.standing == RSOP_ADDED) == earlier ? -1 : 1;
}

static void decide(struct claim *claims, size_t count)
{
    unsigned precedence = 0;
    const struct claim *winner = find_winner(claims, count);
    for (size_t i = 0; i < count; i++)
        claims[i].value.standing = standing_of(&claims[i], winner);
    qsort(claims, count, sizeof *claims, by_standing);
    for (size_t i = 0; i < count; i++) {
        enum rsop_standing standing = claims[i].value.standing;
        if (standing == RSOP_WINS || standing == RSOP_BEATEN)
            claims[i].value.precedence = ++precedence;
    }
    /* Without a winner nobody is first: all of them were deleted. */
    for (size_t i = 0; !winner && i < count; i++)
        claims[i].value.precedence += claims[i].value.precedence > 0;
}

/* Puts the claims, sorted by thing, into the result. */
static int group(struct claims *claims, struct rsop_settings *out, struct gpmq_error *err)
{
    out->items = calloc(claims->count + 1, sizeof *out->items);
    out->values = calloc(claims->count + 1, sizeof *out->values);
    if (!out->items || !out->values)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu settings", claims->count);
    for (size_t from = 0, to; from < claims->count; from = to) {
        const struct setting *thing = claims->items[from].value.setting;
        for (to = from + 1; to < claims->count; to++)
            if (compare_things(claims->items[to].value.setting, thing) != 0)
                break;
        decide(&claims->items[from], to - from);
        for (size_t i = from; i < to; i++)
            out->values[i] = claims->items[i].value;
        out->items[out->count++] = (struct rsop_setting){to - from, out->values + from};
    }
    return 0;
}

int rsop_merge(struct rsop_settings *out, enum rsop_side side, const struct rsop_list *list,
               const struct rsop_directory *directory, const struct settings *const *of,
               const struct rsop_conditions *conditions, struct gpmq_error *err)
{
    CLEANUP(free_claims) struct claims claims = {0};
    CLEANUP(rsop_settings_free) struct rsop_settings merged = {0};
    int rc = collect(&claims, side, list, directory, of, conditions, err);
    if (rc)
        return rc;
    sweep(&claims);
    if (claims.count)
        qsort(claims.items, claims.count, sizeof *claims.items, by_thing);
    rc = group(&claims, &merged, err);
    if (rc)
        return rc;
    *out = merged;
    merged = (struct rsop_settings){0};
    return 0;
}
