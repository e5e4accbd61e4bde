#include "settings_look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_area.h"
#include "settings_rules.h"

/* Where a leaf is looked for. */
struct search {
    const struct settings *list;
    const char *path;
    const char *area;
    const struct setting *owner; /* the setting that the leaf is in; NULL: a group's own */
    size_t leaves;
};

static const struct setting *setting_of(const struct settings *list,
                                        const struct xml_element *element)
{
    const struct setting *found = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].element == element) {
            assert_null(found); /* one setting for one element */
            found = &list->items[i];
        }
    return found;
}

/* Every line of text stands in `in`. */
static bool stands_in(const char *text, const char *in)
{
    char *copy = strdup(text), *rest = copy;
    bool all = true;
    assert_non_null(copy);
    for (char *line; all && (line = strsep(&rest, "\r\n"));)
        all = strstr(in, line);
    free(copy);
    return all;
}

static bool is_told(const struct setting *setting, const char *text)
{
    return stands_in(text, setting->key) || stands_in(text, setting->name) ||
           stands_in(text, setting->value);
}

static void look_for(struct search *search, const char *name, const char *text)
{
    search->leaves++;
    if (search->owner) {
        if (!is_told(search->owner, text))
            fail_msg("%s: %s '%s' of %s is not in its setting: %s", search->path, name, text,
                     search->owner->key, search->owner->value);
        return;
    }
    for (size_t i = 0; i < search->list->count; i++)
        if (is_told(&search->list->items[i], text))
            return;
    fail_msg("%s: %s '%s' of a group is in no setting", search->path, name, text);
}

/* Of a policy's element: Enabled is what a value without another word means. */
static bool is_meant(const struct xml_element *element, const struct xml_element *parent)
{
    return parent && !strcmp(xml_name(element), "State") && xml_child(parent, "Name") &&
           xml_child(parent, "Value") && !strcmp(xml_text(element), "Enabled");
}

static void look_below(struct search *search, const struct xml_element *element,
                       const struct xml_element *parent)
{
    struct search here = *search;
    const char *name, *value;
    char path[80];
    if (settings_is_ignored(here.area, xml_name(element), false) || is_meant(element, parent))
        return;
    const struct setting *own = setting_of(here.list, element);
    here.owner = own ? own : here.owner;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++) {
        snprintf(path, sizeof path, "@%s", name);
        if (!settings_is_ignored(here.area, path, false))
            look_for(&here, path, value);
    }
    if (!xml_child(element, NULL))
        look_for(&here, xml_name(element), xml_text(element));
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        look_below(&here, e, element);
    search->leaves = here.leaves;
}

size_t settings_look(const struct xml_document *report, const struct settings *list,
                     const char *path)
{
    static const char *const sides[] = {"Computer", "User"};
    struct search search = {.list = list, .path = path};
    const struct xml_element *root = xml_root(report, "GPO", REPORT_NS);
    for (size_t i = 0; i < 2; i++)
        for (const struct xml_element *e = xml_child(xml_child(root, sides[i]), "ExtensionData"); e;
             e = xml_next(e, "ExtensionData")) {
            search.area = xml_child_text(e, "Name");
            for (const struct xml_element *c = xml_child(xml_child(e, "Extension"), NULL); c;
                 c = xml_next(c, NULL))
                look_below(&search, c, NULL);
        }
    return search.leaves;
}
