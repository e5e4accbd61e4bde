/* rsop_rules.c - what one setting does where others have said something before it. */
#include "rsop_rules.h"

#include <string.h>
#include <strings.h>

#include "fold.h"
#include "report_area.h"

/* Extensions that do not run over a slow link unless policy says so (Microsoft's table of default
 * settings for slow links; of those that have a section in a report). */
static const char *const off_over_slow_link[] = {
    "Software Installation",
    "Folder Redirection",
    "Scripts",
};

bool rsop_runs_over_slow_link(const char *area)
{
    for (size_t i = 0; i < sizeof off_over_slow_link / sizeof *off_over_slow_link; i++)
        if (strcmp(off_over_slow_link[i], area) == 0)
            return false;
    return true;
}

/* ---- registry.pol ([MS-GPREG] 3.2.5.1) ------------------------------------------------------- */

static const char *command_of(const struct setting *setting)
{
    return strcmp(setting->area, "Registry") == 0 ? xml_child_text(setting->element, "Command")
                                                  : NULL;
}

struct command {
    const char *start; /* of the value's name */
    struct rsop_act act;
};

static const struct command commands[] = {
    {"**del.", {RSOP_REMOVES, NULL}},
    {"**soft.", {RSOP_SETS_IF_ABSENT, "set only where the registry has no such value"}},
    {"**delvals", {RSOP_SETS, "deletes all values of the key"}},
    {"**DeleteValues", {RSOP_SETS, "deletes the values it lists"}},
    {"**DeleteKeys", {RSOP_SETS, "deletes the keys it lists"}},
    {"**SecureKey", {RSOP_SETS, "sets the permissions of the key"}},
};

static struct rsop_act registry_act(const struct setting *setting)
{
    const char *command = command_of(setting);
    for (size_t i = 0; command && i < sizeof commands / sizeof *commands; i++)
        if (strncasecmp(command, commands[i].start, strlen(commands[i].start)) == 0)
            return commands[i].act;
    return (struct rsop_act){RSOP_SETS, NULL};
}

bool rsop_is_sweep(const struct setting *setting)
{
    const char *command = command_of(setting);
    return command &&
           (strncasecmp(command, "**delvals", 9) == 0 || strncasecmp(command, "**Delete", 8) == 0);
}

/* Whether one of the names between ';' is `name`; below: or what stands before a '\' of it. */
static bool lists(const char *names, const char *name, bool below)
{
    while (names && *names) {
        size_t length = strcspn(names, ";");
        if (length && strncasecmp(names, name, length) == 0 &&
            (!name[length] || (below && name[length] == '\\')))
            return true;
        names += length + (names[length] == ';');
    }
    return false;
}

bool rsop_sweeps(const struct setting *command, const struct setting *other)
{
    const char *word = command_of(command), *names = xml_child_text(command->element, "Data");
    const char *key = xml_child_text(command->element, "KeyPath");
    const char *path = xml_child_text(other->element, "KeyPath");
    const struct xml_element *value = xml_child(other->element, "Value");
    if (!key || !path || !value || strcmp(other->area, "Registry") != 0)
        return false;
    const char *name = xml_child_text(value, "Name");
    if (strncasecmp(word, "**delvals", 9) == 0)
        return fold_compare(key, path) == 0;
    if (strncasecmp(word, "**DeleteValues", 14) == 0)
        return fold_compare(key, path) == 0 && lists(names, name ? name : "", false);
    size_t length = strlen(key);
    return strncasecmp(key, path, length) == 0 && path[length] == '\\' &&
           lists(names, path + length + 1, true);
}

/* ---- security settings ([MS-GPSB]) ----------------------------------------------------------- */

static struct rsop_act security_act(const struct setting *setting, const struct rsop_entry *entry,
                                    const struct rsop_conditions *conditions)
{
    const char *name = xml_name(setting->element);
    if (strcmp(name, "Account") == 0 && conditions->controller &&
        entry->som->type != DOMAIN_SOM_DOMAIN)
        return (struct rsop_act){
            RSOP_NOTHING, "a domain takes its account policy from GPOs linked to the domain alone"};
    if (strcmp(name, "RestrictedGroups") == 0 && xml_child(setting->element, "Memberof")) {
        if (!xml_child(setting->element, "Member"))
            return (struct rsop_act){RSOP_JOINS, "adds the group to others"};
        return (struct rsop_act){RSOP_SETS,
                                 "its memberships in other groups are added even when beaten"};
    }
    return (struct rsop_act){RSOP_SETS, NULL};
}

/* ---- preferences ([MS-GPPREF]) --------------------------------------------------------------- */

static const char *text_of(const struct xml_element *element, const char *attribute)
{
    const char *text = element ? xml_attribute(element, attribute) : NULL;
    return text ? text : "";
}

static bool is_preference(const struct setting *setting)
{
    return xml_child(setting->element, "Properties") && xml_attribute(setting->element, "clsid");
}

/* An item with conditions is taken as if they were met. */
static struct rsop_act preference_act(const struct setting *setting)
{
    const struct xml_element *filters = xml_child(setting->element, "Filters");
    const char *action = text_of(xml_child(setting->element, "Properties"), "action");
    struct rsop_act act = {RSOP_SETS, NULL};
    if (strcmp(text_of(setting->element, "disabled"), "1") == 0)
        return (struct rsop_act){RSOP_NOTHING, "the item is disabled"};
    if (filters && xml_child(filters, NULL))
        act.note = "its item-level targeting is taken as true";
    else if (*action == 'U')
        act.note = "updates what is there";
    if (*action == 'C')
        act.effect = RSOP_SETS_IF_ABSENT;
    if (*action == 'D')
        act.effect = RSOP_REMOVES;
    return act;
}

struct rsop_act rsop_act_of(const struct setting *setting, const struct rsop_entry *entry,
                            const struct rsop_conditions *conditions)
{
    struct rsop_act act = {RSOP_SETS, NULL};
    if (conditions->slow_link && !rsop_runs_over_slow_link(setting->area))
        return (struct rsop_act){RSOP_NOTHING, "not processed over a slow link"};
    if (strcmp(setting->area, "Registry") == 0)
        act = registry_act(setting);
    else if (strcmp(setting->area, "Security") == 0)
        act = security_act(setting, entry, conditions);
    else if (is_preference(setting))
        act = preference_act(setting);
    bool file = !report_area_named(setting->area); /* that no section of the report tells of */
    if ((!setting->target || file) && act.effect != RSOP_NOTHING)
        act.effect = RSOP_JOINS;
    return act;
}
