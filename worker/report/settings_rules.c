#include "settings_rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "settings.h"

#define SAME SETTINGS_TARGET_IS_KEY

/* clang-format off */
/* The first that fits. Of a group (.group) every child is judged with its name as parent. */
static const struct setting_rule rules[] = {
    {.area = "Registry", .element = "Policy", .key = "{Category}/{Name}", .name = "{Name}", .target = SAME},
    {.area = "Registry", .element = "RegistrySetting", .key = "{KeyPath}{:value}", .name = "{KeyPath}{:value}", .target = SAME},

    {.area = "Security", .element = "Account", .key = "{Type}/{Name}", .name = "{Name}", .target = SAME},
    {.area = "Security", .element = "SecurityOptions", .key = "{:element}/{KeyName|SystemAccessPolicyName}",
     .name = "{Display/Name|KeyName|SystemAccessPolicyName}", .target = SAME},
    {.area = "Security", .element = "UserRightsAssignment", .key = "{:element}/{Name}", .name = "{Name}", .target = SAME, .sorted = true},
    {.area = "Security", .element = "RestrictedGroups", .key = "{:element}/{GroupName/SID|GroupName/Name}",
     .name = "{GroupName/Name|GroupName/SID}", .target = SAME, .sorted = true},
    {.area = "Security", .element = "EventLog", .key = "{:element}/{Log}/{Name}", .name = "{Log}: {Name}", .target = SAME},
    {.area = "Security", .has = "Path", .key = "{:element}/{Path}", .name = "{Path}", .target = SAME},

    {.area = "Advanced Audit Configuration", .element = "AuditSetting", .key = "{PolicyTarget}/{SubcategoryGuid|SubcategoryName}",
     .name = "{SubcategoryName|SubcategoryGuid}", .target = SAME},

    {.area = "Scripts", .element = "Script", .key = "{Type}/{Command}", .name = "{Type}: {Command}"},

    {.area = "Windows Firewall", .element = "DomainProfile", .key = "{:element}", .group = true},
    {.area = "Windows Firewall", .element = "PrivateProfile", .key = "{:element}", .group = true},
    {.area = "Windows Firewall", .element = "PublicProfile", .key = "{:element}", .group = true},
    {.area = "Windows Firewall", .element = "GlobalSettings", .key = "{:element}", .group = true},
    {.area = "Windows Firewall", .parent = "DomainProfile", .key = "{:element}", .name = "{:element}", .target = SAME},
    {.area = "Windows Firewall", .parent = "PrivateProfile", .key = "{:element}", .name = "{:element}", .target = SAME},
    {.area = "Windows Firewall", .parent = "PublicProfile", .key = "{:element}", .name = "{:element}", .target = SAME},
    {.area = "Windows Firewall", .parent = "GlobalSettings", .key = "{:element}", .name = "{:element}", .target = SAME},
    {.area = "Windows Firewall", .has = "Name", .key = "{:element}/{Name}", .name = "{Name}"},

    {.area = "Application Control Policies", .element = "RuleCollection", .key = "{@Type}", .name = "{:element} {@Type}", .group = true},
    {.area = "Application Control Policies", .parent = "RuleCollection", .has = "@Id", .key = "{:element}/{@Id}", .name = "{@Name}"},
    {.area = "Application Control Policies", .parent = "RuleCollection", .key = "{:element}", .name = "{:element}", .target = SAME},

    {.area = "Public Key", .has = "IssuedTo", .key = "{:element}/{IssuedTo}/{IssuedBy}/{ExpirationDate}", .name = "{IssuedTo}"},

    {.area = "Name Resolution Policy", .element = "Global", .key = "{:element}", .group = true},
    {.area = "Name Resolution Policy", .parent = "Global", .key = "{:element}", .name = "{:element}", .target = SAME},

    {.area = SETTINGS_OTHER, .element = "File", .key = "{:element}/{Path}", .name = "{Path}", .target = SAME},
    {.has = "Identifier", .key = "{:element}/{Identifier}", .name = "{Name|Identifier}", .target = SAME},
    {.has = "Id", .key = "{:element}/{Id}", .name = "{Name|Id}", .target = SAME},
    {.has = "Name", .key = "{:element}/{Name}", .name = "{Name}", .target = SAME},
    {.key = "{:element}", .name = "{:element}", .target = SAME},
};

/* Of preferences: a uid that an item has is its key; what it is about is all that differs. */
#define KEY_UID  "{@uid}"
#define KEY_NAME "{:element}/{@name}/{Properties/@action}"
#define ITEM(element_, target_)                                                                     \
    {.element = (element_), .has = "@uid", .key = KEY_UID, .name = "{@name|Properties/@targetPath|Properties/@path|@uid}",                  \
     .target = "{:element}/" target_},                                                              \
    {.element = (element_), .has = "Properties", .key = KEY_NAME, .name = "{@name}",                \
     .target = "{:element}/" target_}
static const struct setting_rule preference_rules[] = {
    ITEM("Registry", "{Properties/@hive}\\{Properties/@key}\\{Properties/@name}"),
    ITEM("Drive", "{Properties/@letter}"),
    ITEM("EnvironmentVariable", "{Properties/@user}/{Properties/@name}"),
    ITEM("File", "{Properties/@targetPath}"),
    ITEM("Folder", "{Properties/@path}"),
    ITEM("Ini", "{Properties/@path}/{Properties/@section}/{Properties/@property}"),
    ITEM("NTService", "{Properties/@serviceName}"),
    ITEM("Group", "{Properties/@groupSid|Properties/@groupName}"),
    ITEM("User", "{Properties/@userName}"),
    ITEM("Shortcut", "{Properties/@shortcutPath}"),
    ITEM("Task", "{Properties/@name}"),
    ITEM("TaskV2", "{Properties/@name}"),
    ITEM("ImmediateTask", "{Properties/@name}"),
    ITEM("ImmediateTaskV2", "{Properties/@name}"),
    ITEM("SharedPrinter", "{Properties/@path}"),
    ITEM("PortPrinter", "{Properties/@ipAddress}"),
    ITEM(NULL, "{@name}"),
    {.key = "{:element}", .name = "{:element}"}, /* the root of an area */
};

/* No part of a setting's value, and why. */
static const struct {
    const char *area; /* NULL: every one */
    const char *name;
    bool if_empty; /* only then */
} ignored[] = {
    {.area = "Registry", .name = "Explain"},           /* from the ADMX file, as the next three */
    {.area = "Registry", .name = "Supported"},
    {.area = "Registry", .name = "Text"},
    {.area = "Registry", .name = "AdmSetting"},
    {.area = "Registry", .name = "Blocked"},           /* of the section, not of a setting */
    {.area = "Security", .name = "Blocked"},
    {.area = "Security", .name = "GroupName"},         /* key and name have its SID and its name */
    {.area = "Security", .name = "Units", .if_empty = true},
    {.name = "Filters", .if_empty = true},
    {.name = "Values", .if_empty = true},
    {.name = "Permissions"},             /* the SDDL beside them says it */
    {.name = "PermissionsPresent"},
    {.name = "AuditingPresent"},
    {.area = SETTINGS_OTHER, .name = "Size"}, /* what is in the file is not compared by it */
    {.name = "GPOSettingOrder"},         /* follows from the other items of the section */
    {.name = "@clsid"},                  /* follows from the element's name */
    {.name = "@uid"},                    /* it is the key */
    {.name = "@changed"},                /* when it was edited last */
    {.name = "@image"},                  /* the icon in the editor's list, follows from the action */
    {.name = "@status"},                 /* the text in the editor's list */
};

/* Names that say no more than that there is a value in them. */
static const char *const silent[] = {
    "SettingNumber", "SettingString", "SettingStrings", "SettingBoolean", "SettingValue",
    "DisplayNumber", "DisplayString", "DisplayStrings", "DisplayBoolean", "DisplayFields",
    "State", "Value", "StartupMode", "SDDL", "string", "Properties", "Display", "Member",
};
/* clang-format on */

/* ---- templates ------------------------------------------------------------------------------ */

const char *settings_text_at(const struct xml_element *element, const char *path, size_t length)
{
    while (element && length) {
        size_t part = 0;
        while (part < length && path[part] != '/')
            part++;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)part, path);
        if (*name == '@')
            return xml_attribute(element, name + 1);
        element = xml_child(element, name);
        path += part < length ? part + 1 : part;
        length -= part < length ? part + 1 : part;
    }
    return element ? xml_text(element) : NULL;
}

/* The name of the value that a RegistrySetting is about; NULL: it is about the key. */
static const char *value_name(const struct xml_element *element)
{
    const char *name = settings_text_at(element, "Value/Name", strlen("Value/Name"));
    const char *command = name ? name : xml_child_text(element, "Command");
    static const char *const about[] = {"**del.", "**soft."};
    for (size_t i = 0; command && i < sizeof about / sizeof *about; i++)
        if (!strncasecmp(command, about[i], strlen(about[i])))
            return command + strlen(about[i]);
    return command;
}

static void expand_one(struct bytes *out, const char *path, size_t length,
                       const struct xml_element *element)
{
    const char *end = path + length;
    if (!strncmp(path, ":element", length)) {
        bytes_put_text(out, xml_name(element));
        return;
    }
    if (!strncmp(path, ":value", length)) {
        const char *name = value_name(element);
        if (name)
            bytes_format(out, "\\%s", name);
        return;
    }
    while (path < end) {
        const char *bar = memchr(path, '|', (size_t)(end - path));
        const char *stop = bar ? bar : end;
        const char *text = settings_text_at(element, path, (size_t)(stop - path));
        if (text && (*text || stop == end)) {
            bytes_put_text(out, text);
            return;
        }
        path = bar ? bar + 1 : end;
    }
}

void settings_expand(struct bytes *out, const char *template, const struct xml_element *element)
{
    while (*template) {
        size_t plain = strcspn(template, "{");
        bytes_put(out, template, plain);
        template += plain;
        if (!*template)
            return;
        size_t length = strcspn(++template, "}");
        expand_one(out, template, length, element);
        template += length + 1;
    }
}

bool settings_template_has(const char *template, const char *path)
{
    size_t length = strlen(path);
    for (const char *at = template; (at = strstr(at, path)); at += length)
        if (at > template && strchr("{|", at[-1]) && strchr("}|", at[length]))
            return true;
    return false;
}

/* ---- finding -------------------------------------------------------------------------------- */

static bool is_same(const char *wanted, const char *name)
{
    return !wanted || (name && !strcmp(wanted, name));
}

static bool has(const struct xml_element *element, const char *path)
{
    return !path || settings_text_at(element, path, strlen(path));
}

const struct setting_rule *settings_rule_of(const char *area, const char *parent,
                                            const struct xml_element *element)
{
    const struct setting_rule *rule = rules;
    while (!is_same(rule->area, area) || !is_same(rule->parent, parent) ||
           !is_same(rule->element, xml_name(element)) || !has(element, rule->has))
        rule++; /* the last one fits everything */
    return rule;
}

const struct setting_rule *settings_rule_of_preference(const struct xml_element *element)
{
    const struct setting_rule *rule = preference_rules;
    while (!is_same(rule->element, xml_name(element)) || !has(element, rule->has))
        rule++;
    return rule;
}

bool settings_is_ignored(const char *area, const char *name, bool empty)
{
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (is_same(ignored[i].area, area) && !strcmp(ignored[i].name, name))
            return empty || !ignored[i].if_empty;
    return false;
}

bool settings_is_silent(const char *name)
{
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (!strcmp(silent[i], name))
            return true;
    return false;
}
