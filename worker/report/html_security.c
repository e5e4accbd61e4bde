/* html_security.c - the settings of the security template and of advanced auditing. */
#include <string.h>

#include "html_areas.h"
#include "html_label.h"
#include "html_table.h"
#include "html_tree.h"

static const char *const two_columns[] = {"Policy", "Setting", NULL};

const char *html_access_name(const struct xml_element *trustee_permissions)
{
    const struct xml_element *standard = xml_child(trustee_permissions, "Standard");
    const struct xml_element *name = xml_child(standard, NULL);
    return name ? xml_text(name) : "";
}

static const char *permission_type(const struct xml_element *trustee_permissions)
{
    const char *type = xml_child_text(xml_child(trustee_permissions, "Type"), "PermissionType");
    return type ? type : "";
}

/* Which rights exactly; 0 where the name says it all. */
static void put_mask(struct html_page *page, const struct xml_element *trustee_permissions)
{
    const char *mask = xml_child_text(trustee_permissions, "AccessMask");
    if (mask && *mask && strcmp(mask, "0") != 0)
        html_format(page->html, " (%s)", mask);
}

void html_permissions(struct html_page *page, const struct xml_element *descriptor)
{
    const struct xml_element *permissions = xml_child(descriptor, "Permissions");
    const struct xml_element *first = xml_child(permissions, "TrusteePermissions");
    const char *sddl = xml_child_text(descriptor, "SDDL");
    if (first)
        html_open(page->html, "ul", "class", "plain", NULL);
    for (const struct xml_element *e = first; e; e = xml_next(e, "TrusteePermissions")) {
        html_open(page->html, "li", NULL);
        html_state(page, permission_type(e));
        html_text(page->html, " ");
        html_trustee(page, xml_child(e, "Trustee"));
        html_format(page->html, ": %s", html_access_name(e));
        put_mask(page, e);
        html_close(page->html, "li");
    }
    if (first)
        html_close(page->html, "ul");
    if (sddl && *sddl)
        html_put(page->html, "code", "sddl", sddl);
}

/* Each kind of setting is one group: its element, heading, columns and how a row looks. */
struct kind {
    const char *element;
    const char *heading;   /* NULL: the group's name */
    const char *by;        /* the child whose text is the group; NULL: one group */
    const char *css_class; /* widths of the columns */
    const char *const *columns;
    void (*row)(struct html_page *page, const struct xml_element *setting);
};

static void row_account(struct html_page *page, const struct xml_element *account)
{
    const char *name = xml_child_text(account, "Name");
    const char *words = html_account_policy(name ? name : "");
    const char *number = xml_child_text(account, "SettingNumber");
    const char *boolean = xml_child_text(account, "SettingBoolean");
    static const char *const known[] = {"Name", "SettingNumber", "SettingBoolean", "Type", NULL};
    html_cell_name(page, words ? words : name ? name : "", words ? name : NULL);
    html_open(page->html, "td", NULL);
    if (number)
        html_value(page, number);
    if (boolean)
        html_state(page, strcmp(boolean, "true") ? "Disabled" : "Enabled");
    html_tree(page, account, known, false);
    html_close(page->html, "td");
}

static bool is_true(const struct xml_element *parent, const char *name)
{
    const char *text = xml_child_text(parent, name);
    return text && !strcmp(text, "true");
}

static void row_audit(struct html_page *page, const struct xml_element *audit)
{
    static const char *const words[] = {"No auditing", "Success", "Failure", "Success, failure"};
    int which = is_true(audit, "SuccessAttempts") + 2 * is_true(audit, "FailureAttempts");
    const char *name = xml_child_text(audit, "Name");
    char label[HTML_LABEL_SIZE];
    html_cell_name(page, html_label(name ? name : "", label), name);
    html_cell(page, words[which]);
}

static void row_right(struct html_page *page, const struct xml_element *right)
{
    const char *name = xml_child_text(right, "Name");
    const char *words = html_user_right(name ? name : "");
    html_cell_name(page, words ? words : name ? name : "", words ? name : NULL);
    html_open(page->html, "td", NULL);
    html_trustees(page, xml_child(right, "Member"), "Member");
    html_close(page->html, "td");
}

static void put_fields(struct html_page *page, const struct xml_element *fields)
{
    html_pairs_begin(page, false);
    for (const struct xml_element *e = xml_child(fields, "Field"); e; e = xml_next(e, "Field")) {
        const char *name = xml_child_text(e, "Name");
        const char *value = xml_child_text(e, "Value");
        html_pair_begin(page, false, name ? name : "");
        html_state(page, value && !strcmp(value, "true") ? "Enabled" : "Disabled");
        html_pair_end(page);
    }
    html_pairs_end(page);
}

/* As Windows shows it; false: it has no words for it. */
static bool put_display(struct html_page *page, const struct xml_element *display)
{
    const char *string = xml_child_text(display, "DisplayString");
    const char *boolean = xml_child_text(display, "DisplayBoolean");
    const char *number = xml_child_text(display, "DisplayNumber");
    const char *units = xml_child_text(display, "Units");
    const struct xml_element *strings = xml_child(display, "DisplayStrings");
    const struct xml_element *fields = xml_child(display, "DisplayFields");
    if (string)
        html_value(page, string);
    if (boolean)
        html_state(page, strcmp(boolean, "true") ? "Disabled" : "Enabled");
    if (number)
        html_format(page->html, "%s %s", number, units ? units : "");
    if (strings)
        html_texts(page, xml_child(strings, "Value"), "Value");
    if (fields)
        put_fields(page, fields);
    return string || boolean || number || strings || fields;
}

static void put_raw_setting(struct html_page *page, const struct xml_element *option)
{
    const struct xml_element *strings = xml_child(option, "SettingStrings");
    static const char *const raw[] = {"SettingNumber", "SettingString", "SettingBoolean"};
    for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++) {
        const char *text = xml_child_text(option, raw[i]);
        if (text)
            html_code(page, text);
    }
    if (strings)
        html_texts(page, xml_child(strings, "Value"), "Value");
}

static void row_option(struct html_page *page, const struct xml_element *option)
{
    static const char *const known[] = {"KeyName",        "SystemAccessPolicyName",
                                        "SettingNumber",  "SettingString",
                                        "SettingStrings", "Display",
                                        "SettingBoolean", NULL};
    const struct xml_element *display = xml_child(option, "Display");
    const char *name = xml_child_text(display, "Name");
    const char *key = xml_child_text(option, "KeyName");
    if (!key)
        key = xml_child_text(option, "SystemAccessPolicyName");
    bool named = name && *name;
    html_cell_name(page, named ? name : key ? key : "", named ? key : NULL);
    html_open(page->html, "td", NULL);
    if (display && put_display(page, display)) {
        html_open(page->html, "div", "class", "detail", NULL);
        put_raw_setting(page, option);
        html_close(page->html, "div");
    } else {
        put_raw_setting(page, option);
    }
    html_tree(page, option, known, false);
    html_close(page->html, "td");
}

static void row_log(struct html_page *page, const struct xml_element *log)
{
    static const char *const known[] = {"Name", "Log", "SettingNumber", "SettingBoolean", NULL};
    const char *name = xml_child_text(log, "Name");
    char label[HTML_LABEL_SIZE];
    html_cell_name(page, html_label(name ? name : "", label), name);
    html_cell(page, xml_child_text(log, "Log"));
    html_open(page->html, "td", NULL);
    put_raw_setting(page, log);
    html_tree(page, log, known, false);
    html_close(page->html, "td");
}

static void row_group(struct html_page *page, const struct xml_element *group)
{
    html_open(page->html, "th", "scope", "row", NULL);
    const struct xml_element *name = xml_child(group, "GroupName");
    if (name)
        html_trustee(page, name);
    html_close(page->html, "th");
    html_open(page->html, "td", NULL);
    html_trustees(page, xml_child(group, "Member"), "Member");
    html_close(page->html, "td");
    html_open(page->html, "td", NULL);
    html_trustees(page, xml_child(group, "Memberof"), "Memberof");
    html_close(page->html, "td");
}

static void row_service(struct html_page *page, const struct xml_element *service)
{
    static const char *const known[] = {"Name", "StartupMode", "SecurityDescriptor", NULL};
    html_cell_name(page, xml_child_text(service, "Name"), NULL);
    html_cell(page, xml_child_text(service, "StartupMode"));
    html_open(page->html, "td", NULL);
    html_permissions(page, xml_child(service, "SecurityDescriptor"));
    html_tree(page, service, known, false);
    html_close(page->html, "td");
}

static void row_object(struct html_page *page, const struct xml_element *object)
{
    static const char *const known[] = {"Path", "Mode", "SecurityDescriptor", NULL};
    const char *path = xml_child_text(object, "Path");
    html_cell_name(page, path ? path : "", NULL);
    html_cell(page, xml_child_text(object, "Mode"));
    html_open(page->html, "td", NULL);
    html_permissions(page, xml_child(object, "SecurityDescriptor"));
    html_tree(page, object, known, false);
    html_close(page->html, "td");
}

static const char *const group_columns[] = {"Group", "Members", "Member of", NULL};
static const char *const log_columns[] = {"Policy", "Log", "Setting", NULL};
static const char *const service_columns[] = {"Service", "Startup", "Permissions", NULL};
static const char *const object_columns[] = {"Path", "Inheritance", "Permissions", NULL};

/* clang-format off */
static const struct kind kinds[] = {
    {"Account", NULL, "Type", "two", two_columns, row_account},
    {"Audit", "Audit policy", NULL, "two", two_columns, row_audit},
    {"UserRightsAssignment", "User rights assignment", NULL, "two", two_columns, row_right},
    {"SecurityOptions", "Security options", NULL, "two", two_columns, row_option},
    {"EventLog", "Event log", NULL, "three", log_columns, row_log},
    {"RestrictedGroups", "Restricted groups", NULL, "even", group_columns, row_group},
    {"SystemServices", "System services", NULL, "service", service_columns, row_service},
    {"Registry", "Registry permissions", NULL, "service", object_columns, row_object},
    {"File", "File system permissions", NULL, "service", object_columns, row_object},
};
/* clang-format on */

static bool same_group(const struct kind *kind, const struct xml_element *one,
                       const struct xml_element *two)
{
    const char *a = xml_child_text(one, kind->by);
    const char *b = xml_child_text(two, kind->by);
    return !strcmp(a ? a : "", b ? b : "");
}

static const char *heading_of(const struct kind *kind, const struct xml_element *first)
{
    const char *text = kind->by ? xml_child_text(first, kind->by) : NULL;
    if (!kind->by || !text || !*text)
        return kind->heading ? kind->heading : "Other";
    if (!strcmp(text, "Password"))
        return "Password policy";
    if (!strcmp(text, "Account Lockout"))
        return "Account lockout policy";
    if (!strcmp(text, "Kerberos"))
        return "Kerberos policy";
    return text;
}

/* From first on, as far as the group goes; returns the first of the next group. */
static const struct xml_element *put_group(struct html_page *page, const struct kind *kind,
                                           const struct xml_element *first)
{
    struct html_section group;
    const struct xml_element *e = first;
    html_section_begin(page, &group, HTML_GROUP, heading_of(kind, first));
    html_table_begin(page, kind->css_class, kind->columns);
    for (; e && (!kind->by || same_group(kind, first, e)); e = xml_next(e, kind->element)) {
        html_row_begin(page);
        kind->row(page, e);
        html_row_end(page);
    }
    html_table_end(page);
    html_section_end(page, &group, NULL);
    return e;
}

void html_area_security(struct html_page *page, const struct xml_element *extension)
{
    static const char *const known[] = {"type",
                                        "Account",
                                        "Audit",
                                        "UserRightsAssignment",
                                        "SecurityOptions",
                                        "EventLog",
                                        "RestrictedGroups",
                                        "SystemServices",
                                        "Registry",
                                        "File",
                                        "Blocked",
                                        NULL};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (const struct xml_element *e = xml_child(extension, kinds[i].element); e;)
            e = put_group(page, &kinds[i], e);
    if (is_true(extension, "Blocked"))
        html_put(page->html, "p", "warning", "These settings are blocked.");
    html_tree(page, extension, known, true);
}

void html_area_audit(struct html_page *page, const struct xml_element *extension)
{
    static const char *const columns[] = {"Subcategory", "Setting", "Applies to", NULL};
    static const char *const words[] = {"No auditing", "Success", "Failure", "Success, failure"};
    static const char *const known[] = {"type", "AuditSetting", NULL};
    const struct xml_element *first = xml_child(extension, "AuditSetting");
    if (first)
        html_table_begin(page, "audit", columns);
    for (const struct xml_element *e = first; e; e = xml_next(e, "AuditSetting")) {
        const char *name = xml_child_text(e, "SubcategoryName");
        const char *value = xml_child_text(e, "SettingValue");
        bool known_value = value && *value >= '0' && *value <= '3' && !value[1];
        html_row_begin(page);
        html_cell_name(page, name ? name : "", xml_child_text(e, "SubcategoryGuid"));
        html_cell(page, known_value ? words[*value - '0'] : value);
        html_cell(page, xml_child_text(e, "PolicyTarget"));
        html_row_end(page);
    }
    if (first)
        html_table_end(page);
    html_tree(page, extension, known, true);
}
