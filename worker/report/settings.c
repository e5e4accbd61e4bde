#include "settings.h"

#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "report_area.h"
#include "settings_rules.h"
#include "settings_value.h"

/* A reading of one report, in one section of it. */
struct reading {
    struct settings list;
    size_t room;
    size_t bytes;
    enum setting_side side;
    const char *area;
    size_t rank;
    bool placed;            /* of the setting that is read */
    const char *collection; /* that it is in, or NULL */
    struct gpmq_error *err;
};

/* ---- the list ------------------------------------------------------------------------------- */

static void drop(struct setting *setting)
{
    free(setting->key);
    free(setting->target);
    free(setting->name);
    free(setting->value);
    free(setting->compared);
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        drop(&settings->items[i]);
    free(settings->items);
    *settings = (struct settings){0};
}

static int order_of(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

int settings_compare(const struct setting *a, const struct setting *b)
{
    int order = order_of(a->side, b->side);
    if (!order)
        order = order_of(a->rank, b->rank);
    if (!order)
        order = strcmp(a->area, b->area);
    return order ? order : fold_compare(a->key, b->key);
}

static int by_place(const void *a, const void *b)
{
    const struct setting *left = a, *right = b;
    int order = settings_compare(left, right);
    return order ? order : order_of(left->order, right->order);
}

const char *setting_compared(const struct setting *setting)
{
    return setting->compared ? setting->compared : setting->value;
}

const char *setting_side_name(enum setting_side side)
{
    static const char *const names[] = {"General", "Computer", "User"};
    return names[side];
}

static int make_room(struct reading *reading)
{
    if (reading->list.count < reading->room)
        return 0;
    size_t more = reading->room ? 2 * reading->room : 64;
    struct setting *items = realloc(reading->list.items, more * sizeof *items);
    if (!items)
        return fail(reading->err, GPMQ_ENOMEM, "no memory for %zu settings", more);
    reading->list.items = items;
    reading->room = more;
    return 0;
}

/* Counts what a setting takes. */
static int take_bytes(struct reading *reading, const struct setting *setting)
{
    const char *const texts[] = {setting->key, setting->target, setting->name, setting->value,
                                 setting->compared};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        reading->bytes += texts[i] ? strlen(texts[i]) + 1 : 0;
    if (reading->bytes > SETTINGS_BYTES_MAX)
        return fail(reading->err, GPMQ_ETOOBIG, "the settings of a report have more than %u bytes",
                    SETTINGS_BYTES_MAX);
    return 0;
}

/* Adds a setting, which is dropped when that fails. */
static int add(struct reading *reading, struct setting *setting)
{
    int rc = take_bytes(reading, setting);
    if (!rc)
        rc = make_room(reading);
    if (rc) {
        drop(setting);
        return rc;
    }
    setting->side = reading->side;
    setting->area = reading->area;
    setting->rank = reading->rank;
    setting->order = reading->list.count;
    setting->placed = reading->placed;
    reading->list.items[reading->list.count++] = *setting;
    return 0;
}

/* ---- one setting ---------------------------------------------------------------------------- */

/* prefix: the key of the group it is in, or "". */
static int expand(char **out, const char *prefix, const char *separator, const char *template,
                  const struct xml_element *element, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    void *taken;
    if (*prefix)
        bytes_format(&text, "%s%s", prefix, separator);
    settings_expand(&text, template, element);
    int rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}

static int describe(struct setting *setting, const char *prefix, const struct setting_rule *rule,
                    const struct xml_element *element, struct gpmq_error *err)
{
    int rc = expand(&setting->key, prefix, "/", rule->key, element, err);
    if (!rc)
        rc =
            expand(&setting->name, prefix, ": ", rule->name ? rule->name : rule->key, element, err);
    if (rc || !rule->target)
        return rc;
    bool is_key = !strcmp(rule->target, SETTINGS_TARGET_IS_KEY);
    return expand(&setting->target, is_key ? prefix : "", "/", is_key ? rule->key : rule->target,
                  element, err);
}

static int put_collection(const struct reading *reading, char **value)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    void *taken;
    if (!reading->collection || !*value)
        return 0;
    bytes_format(&text, "in: %s%s%s", reading->collection, **value ? "\n" : "", *value);
    int rc = bytes_take(&text, &taken, NULL, reading->err);
    if (rc)
        return rc;
    free(*value);
    *value = taken;
    return 0;
}

/* only_if_told: a group is a setting of its own when there is something to say of it, or nothing in
 * it. */
static int emit(struct reading *reading, const char *prefix, const struct setting_rule *rule,
                const struct xml_element *element, bool (*skips)(const struct xml_element *child),
                bool only_if_told)
{
    struct setting setting = {.element = element};
    int rc = settings_value(&setting.value, &setting.compared, reading->area, rule, element, skips,
                            reading->err);
    if (!rc && only_if_told && !*setting.value) {
        drop(&setting);
        return 0;
    }
    if (!rc)
        rc = put_collection(reading, &setting.value);
    if (!rc)
        rc = put_collection(reading, &setting.compared);
    if (!rc)
        rc = describe(&setting, prefix, rule, element, reading->err);
    if (rc) {
        drop(&setting);
        return rc;
    }
    return add(reading, &setting);
}

/* ---- walking -------------------------------------------------------------------------------- */

static bool is_preference(const struct xml_element *element)
{
    return xml_attribute(element, "clsid");
}

static bool has_preferences(const struct xml_element *element)
{
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (is_preference(e))
            return true;
    return false;
}

/* An item, a collection of items, or the root of the area, which may say that it is disabled. */
static int walk_preference(struct reading *reading, const struct xml_element *element)
{
    bool is_root = !xml_attribute(element, "uid") &&
                   (has_preferences(element) || !xml_attribute(element, "name"));
    const struct setting_rule *rule = settings_rule_of_preference(element);
    const char *collection = reading->collection;
    reading->placed = !is_root;
    int rc = emit(reading, "", rule, element, is_preference, is_root);
    reading->placed = false;
    reading->collection =
        strcmp(xml_name(element), "Collection") ? NULL : xml_attribute(element, "name");
    for (const struct xml_element *e = xml_child(element, NULL); e && !rc; e = xml_next(e, NULL))
        if (is_preference(e))
            rc = walk_preference(reading, e);
    reading->collection = collection;
    return rc;
}

static bool is_any(const struct xml_element *element)
{
    (void)element;
    return true;
}

static int walk(struct reading *reading, const char *parent, const char *prefix,
                const struct xml_element *element);

static int walk_group(struct reading *reading, const struct setting_rule *rule,
                      const struct xml_element *element)
{
    CLEANUP(free_pointer) char *prefix = NULL;
    int rc = expand(&prefix, "", "", rule->key, element, reading->err);
    if (!rc)
        rc = emit(reading, "", rule, element, is_any, xml_child(element, NULL));
    for (const struct xml_element *e = xml_child(element, NULL); e && !rc; e = xml_next(e, NULL))
        rc = walk(reading, xml_name(element), prefix, e);
    return rc;
}

static int walk(struct reading *reading, const char *parent, const char *prefix,
                const struct xml_element *element)
{
    if (settings_is_ignored(reading->area, xml_name(element), false))
        return 0;
    if (is_preference(element))
        return walk_preference(reading, element);
    const struct setting_rule *rule = settings_rule_of(reading->area, parent, element);
    if (rule->group && !parent)
        return walk_group(reading, rule, element);
    return emit(reading, prefix, rule, element, NULL, false);
}

/* By name; a report in another language is known by the namespace of what is in the section. */
static const struct report_area *area_of(const struct xml_element *section, const char *name)
{
    const struct report_area *area = name ? report_area_named(name) : NULL;
    const struct xml_element *first = xml_child(xml_child(section, "Extension"), NULL);
    const char *ns = first ? xml_namespace(first) : "";
    size_t count, base = strlen(REPORT_NS);
    const struct report_area *areas = report_areas(&count);
    for (size_t i = 0; i < count && !area; i++)
        if (!strncmp(ns, REPORT_NS "/", base + 1) && !strcmp(ns + base + 1, areas[i].ns_tail))
            area = &areas[i];
    return area;
}

static int walk_section(struct reading *reading, const struct xml_element *section)
{
    const char *name = xml_child_text(section, "Name");
    const struct report_area *area = area_of(section, name);
    size_t count;
    const struct report_area *areas = report_areas(&count);
    reading->area = area ? area->name : name ? name : "";
    reading->rank = area ? (size_t)(area - areas) : count;
    int rc = 0;
    for (const struct xml_element *e = xml_child(section, NULL); e && !rc; e = xml_next(e, NULL)) {
        if (!strcmp(xml_name(e), "Name"))
            continue;
        if (strcmp(xml_name(e), "Extension") != 0) {
            rc = walk(reading, NULL, "", e); /* what could not be reported */
            continue;
        }
        for (const struct xml_element *i = xml_child(e, NULL); i && !rc; i = xml_next(i, NULL))
            rc = walk(reading, NULL, "", i);
    }
    return rc;
}

/* Files and extensions that no section tells of. */
static int walk_other(struct reading *reading, const struct xml_element *other)
{
    size_t count;
    int rc = 0;
    report_areas(&count);
    reading->area = SETTINGS_OTHER;
    reading->rank = count;
    for (const struct xml_element *e = xml_child(other, NULL); e && !rc; e = xml_next(e, NULL))
        rc = walk(reading, NULL, "", e);
    return rc;
}

static int walk_side(struct reading *reading, enum setting_side side,
                     const struct xml_element *element)
{
    int rc = 0;
    reading->side = side;
    for (const struct xml_element *e = xml_child(element, "ExtensionData"); e && !rc;
         e = xml_next(e, "ExtensionData"))
        rc = walk_section(reading, e);
    return rc ? rc : walk_other(reading, xml_child(element, "Other"));
}

int settings_read(struct settings *out, const struct xml_document *report, struct gpmq_error *err)
{
    const struct xml_element *root = xml_root(report, "GPO", REPORT_NS);
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "this is no report of a GPO: its root is not 'GPO' in %s",
                    REPORT_NS);
    struct reading reading = {.err = err};
    int rc = walk_side(&reading, SETTING_COMPUTER, xml_child(root, "Computer"));
    if (!rc)
        rc = walk_side(&reading, SETTING_USER, xml_child(root, "User"));
    if (rc) {
        settings_free(&reading.list);
        return rc;
    }
    if (reading.list.count)
        qsort(reading.list.items, reading.list.count, sizeof *reading.list.items, by_place);
    *out = reading.list;
    return 0;
}
