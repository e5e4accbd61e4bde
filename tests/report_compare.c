#include "report_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_area.h"
#include "report_write.h"

const char *const report_exception_names[EXCEPT_END] = {
    [EXCEPT_SCEREGVL] = "Display (sceregvl)",  [EXCEPT_ACCOUNT] = "account name not in the backup",
    [EXCEPT_ADMX] = "Policy (ADMX)",           [EXCEPT_BLOCKED] = "Blocked (not of every Windows)",
    [EXCEPT_EMPTY_POL] = "empty registry.pol", [EXCEPT_EDITED] = "edited after the report",
};

typedef size_t counts[EXCEPT_END];

static bool is_ours_alone(const struct xml_element *e)
{
    return !strcmp(xml_namespace(e), REPORT_NS_GPMQ);
}

static const struct xml_element *skip_own(const struct xml_element *e)
{
    while (e && is_ours_alone(e))
        e = xml_next(e, NULL);
    return e;
}

static const struct xml_element *first(const struct xml_element *parent)
{
    return skip_own(xml_child(parent, NULL));
}

static const struct xml_element *next(const struct xml_element *e)
{
    return skip_own(xml_next(e, NULL));
}

static bool is(const struct xml_element *e, const char *name)
{
    return e && !strcmp(xml_name(e), name);
}

static bool same_text(const char *a, const char *b)
{
    size_t blank = strspn(a, " \r\n\t");
    if (!a[blank])
        return !b[strspn(b, " \r\n\t")];
    return !strcmp(a, b);
}

static bool same_value(const char *name, const char *theirs, const char *ours)
{
    /* Prefixes mean nothing. */
    const char *a = !strcmp(name, "type") ? strchr(theirs, ':') : NULL;
    const char *b = a ? strchr(ours, ':') : NULL;
    return a && b ? !strcmp(a, b) : !strcmp(theirs, ours);
}

/* xsi:type and xsi:nil, which are in a namespace. */
static bool same_instance(const struct xml_element *theirs, const struct xml_element *ours)
{
    static const char *const names[] = {"type", "nil"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *a = xml_attribute(theirs, names[i]), *b = xml_attribute(ours, names[i]);
        if (!a != !b || (a && !same_value(names[i], a, b)))
            return false;
    }
    return true;
}

static bool same_attributes(const struct xml_element *theirs, const struct xml_element *ours)
{
    const char *name, *value;
    size_t count = 0;
    for (; xml_attribute_at(theirs, count, &name, &value); count++) {
        const char *other = xml_attribute(ours, name);
        if (!other || strcmp(value, other) != 0)
            return false;
    }
    return !xml_attribute_at(ours, count, &name, &value) && same_instance(theirs, ours);
}

/* Whether an element that they have and we do not is an exception. */
static bool is_excepted(const struct xml_element *e, counts noted)
{
    if (is(e, "Display") && strstr(xml_namespace(e), "/Settings/Security")) {
        noted[EXCEPT_SCEREGVL]++;
        return true;
    }
    if (is(e, "Name") && !strcmp(xml_namespace(e), REPORT_NS_TYPES)) {
        noted[EXCEPT_ACCOUNT]++;
        return true;
    }
    return false;
}

static bool same(const struct xml_element *theirs, const struct xml_element *ours, counts noted);

static bool same_children(const struct xml_element *theirs, const struct xml_element *ours,
                          counts noted)
{
    const struct xml_element *a = first(theirs), *b = first(ours);
    while (a) {
        if ((!b || strcmp(xml_name(a), xml_name(b)) != 0) && is_excepted(a, noted)) {
            a = next(a);
            continue;
        }
        if (!b || !same(a, b, noted))
            return false;
        a = next(a);
        b = next(b);
    }
    return !b;
}

static bool same(const struct xml_element *theirs, const struct xml_element *ours, counts noted)
{
    return !strcmp(xml_name(theirs), xml_name(ours)) &&
           !strcmp(xml_namespace(theirs), xml_namespace(ours)) &&
           same_text(xml_text(theirs), xml_text(ours)) && same_attributes(theirs, ours) &&
           same_children(theirs, ours, noted);
}

bool report_same(const struct xml_element *theirs, const struct xml_element *ours,
                 size_t exceptions[EXCEPT_END])
{
    return same(theirs, ours, exceptions);
}

/* ---- sections ------------------------------------------------------------------------------- */

struct items {
    size_t count;
    const struct xml_element **at;
    bool *used;
};

static void free_items(struct items *items)
{
    free(items->at);
    free(items->used);
}

static struct items items_of(const struct xml_element *extension)
{
    size_t room = extension ? xml_count(extension, NULL) + 1 : 1;
    struct items items = {.at = calloc(room, sizeof(const struct xml_element *)),
                          .used = calloc(room, sizeof *items.used)};
    assert_non_null(items.at);
    assert_non_null(items.used);
    for (const struct xml_element *e = extension ? first(extension) : NULL; e; e = next(e))
        items.at[items.count++] = e;
    return items;
}

static struct report_score *score_of(struct report_scores *scores, const char *area)
{
    for (size_t i = 0; i < scores->count; i++)
        if (!strcmp(scores->items[i].area, area))
            return &scores->items[i];
    assert_true(scores->count < REPORT_SCORES_MAX);
    scores->items[scores->count].area = area;
    return &scores->items[scores->count++];
}

static void add(counts to, const counts from)
{
    for (size_t i = 0; i < EXCEPT_END; i++)
        to[i] += from[i];
}

/* The item of ours that equals theirs; those that stand at the same place are tried first. */
static bool find(const struct xml_element *theirs, struct items *ours, size_t *from,
                 struct report_score *score)
{
    for (size_t n = 0; n < ours->count; n++) {
        size_t i = (*from + n) % ours->count;
        counts noted = {0};
        if (ours->used[i] || !same(theirs, ours->at[i], noted))
            continue;
        ours->used[i] = true;
        *from = i + 1;
        score->moved += n > 0;
        add(score->exceptions, noted);
        return true;
    }
    return false;
}

/* Whether some element of ours has this text: ADMX only gives a name to a value that we have. */
static bool is_among(const char *value, const struct xml_element *ours)
{
    for (const struct xml_element *e = first(ours); e; e = next(e))
        if (!strcmp(xml_text(e), value) || is_among(value, e))
            return true;
    return false;
}

/* The entries of a list, and the lines of a text of several. */
static bool lists_are_ours(const struct xml_element *policy, const struct xml_element *our_side)
{
    static const struct {
        const char *part, *item, *text; /* text NULL: the item's own */
    } lists[] = {{"ListBox", "Element", "Data"}, {"MultiText", "string", NULL}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct xml_element *list = xml_child(policy, lists[i].part); list;
             list = xml_next(list, lists[i].part))
            for (const struct xml_element *e = xml_child(xml_child(list, "Value"), lists[i].item);
                 e; e = xml_next(e, lists[i].item)) {
                const char *text = lists[i].text ? xml_child_text(e, lists[i].text) : xml_text(e);
                if (text && !is_among(text, our_side))
                    return false;
            }
    return true;
}

static bool policy_is_ours(const struct xml_element *policy, const struct xml_element *our_side)
{
    if (!lists_are_ours(policy, our_side))
        return false;
    static const char *const fields[] = {"Numeric", "EditText"};
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
        for (const struct xml_element *e = xml_child(policy, fields[f]); e;
             e = xml_next(e, fields[f])) {
            const char *value = xml_child_text(e, "Value"), *state = xml_child_text(e, "State");
            if (value && state && !strcmp(state, "Enabled") && !is_among(value, our_side))
                return false;
        }
    return true;
}

/* Preferences that the owner of a sample edited by hand: the arguments of a task. */
static bool is_edited(const struct xml_element *e)
{
    const char *uid = xml_attribute(e, "uid");
    return uid && !strcmp(uid, "{1A3FC9E2-F3D5-442D-B6AD-5CDC09D2594F}");
}

static void wrong(struct report_scores *scores, const char *name, const char *area,
                  const char *whose, const struct xml_element *e)
{
    const struct xml_element *child = first(e);
    const char *name_of_first, *attribute;
    if (!xml_attribute_at(e, 0, &name_of_first, &attribute))
        attribute = "";
    scores->wrong++;
    print_message("%s: %s: only %s: %s %s '%.100s' (line %d)\n", name, area, whose, xml_name(e),
                  attribute, child ? xml_text(child) : xml_text(e), xml_line(e));
}

/* Preferences keep their items in one element, which has a class. */
static bool is_holder(const struct xml_element *extension)
{
    const struct xml_element *only = first(extension);
    return only && xml_attribute(only, "clsid") && !next(only);
}

static void compare_items(struct report_scores *scores, const char *name,
                          struct report_score *score, const struct xml_element *theirs,
                          const struct xml_element *ours, const struct xml_element *our_side)
{
    CLEANUP(free_items) struct items a = items_of(theirs);
    CLEANUP(free_items) struct items b = items_of(ours);
    size_t from = 0, policies = 0;
    score->theirs += a.count;
    score->ours += b.count;
    for (size_t i = 0; i < a.count; i++) {
        if (find(a.at[i], &b, &from, score)) {
            score->equal++;
        } else if (is(a.at[i], "Policy") && policy_is_ours(a.at[i], our_side)) {
            policies++;
            score->explained++;
            score->exceptions[EXCEPT_ADMX]++;
        } else if (is_edited(a.at[i])) {
            score->explained++;
            score->exceptions[EXCEPT_EDITED]++;
        } else {
            wrong(scores, name, score->area, "in Windows' report", a.at[i]);
        }
    }
    for (size_t i = 0; i < b.count; i++) {
        if (b.used[i] || is_edited(b.at[i]) || (policies && is(b.at[i], "RegistrySetting")))
            continue;
        if (is(b.at[i], "Blocked"))
            score->exceptions[EXCEPT_BLOCKED]++;
        else
            wrong(scores, name, score->area, "in ours", b.at[i]);
    }
}

static const struct xml_element *section(const struct xml_element *side, const char *area)
{
    for (const struct xml_element *e = xml_child(side, "ExtensionData"); e;
         e = xml_next(e, "ExtensionData"))
        if (!strcmp(xml_child_text(e, "Name"), area))
            return xml_child(e, "Extension");
    return NULL;
}

/* Only they, or only we, have this section. */
static void compare_absent(struct report_scores *scores, const char *name,
                           struct report_score *score, const struct xml_element *ours)
{
    bool empty = true;
    for (const struct xml_element *e = ours ? first(ours) : NULL; e; e = next(e))
        empty &= is(e, "Blocked");
    if (ours && empty && !strcmp(score->area, "Registry")) {
        score->exceptions[EXCEPT_EMPTY_POL]++;
        return;
    }
    scores->wrong++;
    print_message("%s: %s: the section is %s\n", name, score->area,
                  ours ? "only in ours" : "missing in ours");
}

static void compare_side(struct report_scores *scores, const char *name,
                         const struct xml_element *theirs, const struct xml_element *ours)
{
    size_t count;
    const struct report_area *areas = report_areas(&count);
    for (size_t i = 0; i < count; i++) {
        const struct xml_element *a = section(theirs, areas[i].name);
        const struct xml_element *b = section(ours, areas[i].name);
        if (!a && !b)
            continue;
        struct report_score *score = score_of(scores, areas[i].name);
        if (a && b)
            assert_true(same_attributes(a, b));
        if (a && b && is_holder(a) && is_holder(b)) {
            a = first(a);
            b = first(b);
            assert_string_equal(xml_name(a), xml_name(b));
            assert_true(same_attributes(a, b));
        }
        if (a && b)
            compare_items(scores, name, score, a, b, ours);
        else
            compare_absent(scores, name, score, b);
    }
}

void report_compare(struct report_scores *scores, const char *name,
                    const struct xml_document *theirs, const struct xml_document *ours)
{
    static const char *const sides[] = {"Computer", "User"};
    const struct xml_element *a = xml_root(theirs, "GPO", REPORT_NS);
    const struct xml_element *b = xml_root(ours, "GPO", REPORT_NS);
    assert_non_null(a);
    assert_non_null(b);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        compare_side(scores, name, xml_child(a, sides[i]), xml_child(b, sides[i]));
}

static void print_exceptions(const struct report_score *score)
{
    for (size_t i = 0; i < EXCEPT_END; i++)
        if (score->exceptions[i])
            print_message("; %s: %zu", report_exception_names[i], score->exceptions[i]);
    print_message("\n");
}

void report_scores_print(const struct report_scores *scores)
{
    print_message("%-30s %8s %8s %8s %6s  %s\n", "area", "Windows", "ours", "equal", "moved",
                  "exceptions");
    for (size_t i = 0; i < scores->count; i++) {
        const struct report_score *score = &scores->items[i];
        print_message("%-30s %8zu %8zu %8zu %6zu  %zu items explained", score->area, score->theirs,
                      score->ours, score->equal, score->moved, score->explained);
        print_exceptions(score);
    }
}
