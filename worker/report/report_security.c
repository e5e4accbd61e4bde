/*
 * The Security section: GptTmpl.inf ([MS-GPSB] 2.2), in the order of GPMC's reports. Lists are
 * sorted by name, services and access lists are in the file's order.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "report_inf.h"
#include "report_parts.h"
#include "report_security.h"

#define SECURITY_FILE "Microsoft/Windows NT/SecEdit/GptTmpl.inf"

/* Writes what one line says; its value is never NULL. */
typedef int put_line(struct report *report, const struct inf_line *line, struct gpmq_error *err);

/* ---- numbers -------------------------------------------------------------------------------- */

/* As Windows prints it: -1 is 4294967295. */
static void put_number(struct report_write *write, const char *name, const char *text)
{
    long long number = strtoll(text, NULL, 10);
    report_number(write, name, number < 0 ? (uint32_t)number : (uint64_t)number);
}

static bool is_number(const char *text)
{
    text += *text == '-';
    return *text && !text[strspn(text, "0123456789")];
}

/* ---- accounts ------------------------------------------------------------------------------- */

enum account_kind { KIND_NUMBER, KIND_BOOLEAN, KIND_OMITTED };

/* clang-format off */
static const struct account {
    const char *name, *type;
    enum account_kind kind;
} accounts[] = {
    {"MinimumPasswordAge",           "Password",        KIND_NUMBER},
    {"MaximumPasswordAge",           "Password",        KIND_NUMBER},
    {"MinimumPasswordLength",        "Password",        KIND_NUMBER},
    {"PasswordComplexity",           "Password",        KIND_BOOLEAN},
    {"PasswordHistorySize",          "Password",        KIND_NUMBER},
    {"ClearTextPassword",            "Password",        KIND_BOOLEAN},
    {"RequireLogonToChangePassword", "Password",        KIND_OMITTED}, /* Windows does so */
    {"LockoutBadCount",              "Account Lockout", KIND_NUMBER},
    {"ResetLockoutCount",            "Account Lockout", KIND_NUMBER},
    {"LockoutDuration",              "Account Lockout", KIND_NUMBER},
    {"AllowAdministratorLockout",    "Account Lockout", KIND_BOOLEAN},
    {"MaxTicketAge",                 "Kerberos",        KIND_NUMBER},
    {"MaxRenewAge",                  "Kerberos",        KIND_NUMBER},
    {"MaxServiceAge",                "Kerberos",        KIND_NUMBER},
    {"MaxClockSkew",                 "Kerberos",        KIND_NUMBER},
    {"TicketValidateClient",         "Kerberos",        KIND_BOOLEAN},
};
/* clang-format on */

static const struct account *account_named(const char *name)
{
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        if (!strcasecmp(accounts[i].name, name))
            return &accounts[i];
    return NULL;
}

static int put_account(struct report *report, const struct inf_line *line, struct gpmq_error *err)
{
    (void)err;
    struct report_write *write = &report->write;
    const struct account *account = account_named(line->key);
    if (!account || account->kind == KIND_OMITTED)
        return 0;
    report_open(write, "Account");
    report_text(write, "Name", line->key);
    if (account->kind == KIND_BOOLEAN)
        report_bool(write, "SettingBoolean", strcmp(line->value, "0") != 0);
    else
        put_number(write, "SettingNumber", line->value);
    report_text(write, "Type", account->type);
    report_close(write);
    return 0;
}

/* What of [System Access] is no account policy: a security option. */
static int put_access_option(struct report *report, const struct inf_line *line,
                             struct gpmq_error *err)
{
    (void)err;
    struct report_write *write = &report->write;
    if (account_named(line->key))
        return 0;
    report_open(write, "SecurityOptions");
    report_text(write, "SystemAccessPolicyName", line->key);
    if (is_number(line->value))
        put_number(write, "SettingNumber", line->value);
    else
        report_text(write, "SettingString", line->value);
    report_close(write);
    return 0;
}

/* ---- audit, rights, logs -------------------------------------------------------------------- */

static int put_audit(struct report *report, const struct inf_line *line, struct gpmq_error *err)
{
    (void)err;
    long attempts = strtol(line->value, NULL, 10);
    report_open(&report->write, "Audit");
    report_text(&report->write, "Name", line->key);
    report_bool(&report->write, "SuccessAttempts", attempts & 1);
    report_bool(&report->write, "FailureAttempts", attempts & 2);
    report_close(&report->write);
    return 0;
}

static int put_accounts(struct report *report, const char *name, char *list, struct gpmq_error *err)
{
    int rc = 0;
    for (char *item; !rc && (item = inf_item(&list));)
        if (*item)
            rc = report_account(report, name, item, err);
    return rc;
}

static int put_right(struct report *report, const struct inf_line *line, struct gpmq_error *err)
{
    report_open(&report->write, "UserRightsAssignment");
    report_text(&report->write, "Name", line->key);
    int rc = put_accounts(report, "Member", line->value, err);
    report_close(&report->write);
    return rc;
}

static int put_log(struct report *report, const struct inf_line *line, struct gpmq_error *err)
{
    (void)err;
    struct report_write *write = &report->write;
    const char *space = strchr(line->section, ' ');
    char log[32];
    snprintf(log, sizeof log, "%.*s", space ? (int)(space - line->section) : 0, line->section);
    report_open(write, "EventLog");
    report_text(write, "Name", line->key);
    report_text(write, "Log", log);
    if (!strcasecmp(line->key, "RestrictGuestAccess"))
        report_bool(write, "SettingBoolean", strcmp(line->value, "0") != 0);
    else
        put_number(write, "SettingNumber", line->value);
    report_close(write);
    return 0;
}

/* ---- registry values ------------------------------------------------------------------------ */

/* A list of texts, with commas between them; a comma within stands in quotes. */
static void put_strings(struct report_write *write, char *list)
{
    report_open(write, "SettingStrings");
    while (list) {
        char *from = list, *to = list, *item = list;
        bool quoted = false;
        for (; *from && (quoted || *from != ','); from++) {
            if (*from == '"')
                quoted = !quoted;
            else
                *to++ = *from;
        }
        list = *from ? from + 1 : NULL;
        *to = 0;
        report_text(write, "Value", item);
    }
    report_close(write);
}

static int put_registry_value(struct report *report, const struct inf_line *line,
                              struct gpmq_error *err)
{
    (void)err;
    struct report_write *write = &report->write;
    char *comma = strchr(line->value, ',');
    char *content = comma ? comma + 1 : line->value;
    long type = strtol(line->value, NULL, 10);
    report_open(write, "SecurityOptions");
    report_text(write, "KeyName", line->key);
    if (type == REGISTRY_MULTI_SZ)
        put_strings(write, content);
    else if (type >= REGISTRY_BINARY && is_number(content))
        put_number(write, "SettingNumber", content);
    else
        report_text(write, "SettingString", content);
    report_close(write);
    return 0;
}

/* ---- groups --------------------------------------------------------------------------------- */

/* The length of the group's name in "*S-1-5-32-544__Members", or 0: it is no such key. */
static size_t group_length(const char *key, const char *tail)
{
    size_t length = strlen(key), end = strlen(tail);
    if (length <= end || strcasecmp(key + length - end, tail) != 0)
        return 0;
    return length - end;
}

/* The length of the group's name, whichever of its two lines it is. */
static size_t any_group_length(const char *key)
{
    size_t length = group_length(key, "__Members");
    return length ? length : group_length(key, "__Memberof");
}

static bool same_group(const struct inf_line *a, const struct inf_line *b)
{
    size_t length = any_group_length(a->key);
    return any_group_length(b->key) == length && !strncasecmp(a->key, b->key, length);
}

static int put_members(struct report *report, const struct inf_line *line, const char *tail,
                       const char *name, struct gpmq_error *err)
{
    if (!line->value || !group_length(line->key, tail))
        return 0;
    return put_accounts(report, name, line->value, err);
}

/* The one or two lines of a group. */
static int put_group(struct report *report, const struct inf_line **lines, size_t count,
                     struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *group = strndup(lines[0]->key, any_group_length(lines[0]->key));
    if (!group)
        return fail(err, GPMQ_ENOMEM, "no memory for a group");
    report_open(&report->write, "RestrictedGroups");
    int rc = report_account(report, "GroupName", group, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = put_members(report, lines[i], "__Members", "Member", err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = put_members(report, lines[i], "__Memberof", "Memberof", err);
    report_close(&report->write);
    return rc;
}

/* Sorted, the lines of a group stand beside each other. */
static int put_groups(struct report *report, const struct report_lines *lines,
                      struct gpmq_error *err)
{
    CLEANUP(free_pointer) const struct inf_line **of = NULL;
    size_t count = 0, same;
    int rc = report_lines_of(lines, "Group Membership", true, &of, &count, err);
    for (size_t i = 0; !rc && i < count; i += same) {
        for (same = 1; i + same < count && same_group(of[i], of[i + same]);)
            same++;
        if (any_group_length(of[i]->key))
            rc = put_group(report, of + i, same, err);
    }
    return rc;
}

/* ---- the section ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *section;
    put_line *put;
} parts[] = {
    {"System Access",   put_account},
    {"Kerberos Policy", put_account},
    {"Event Audit",     put_audit},
    {"Privilege Rights", put_right},
    {"Registry Values", put_registry_value},
    {"System Access",   put_access_option},
    {"Application Log", put_log},
    {"System Log",      put_log},
    {"Security Log",    put_log},
};
/* clang-format on */

static int put_part(struct report *report, const struct report_lines *lines, const char *section,
                    put_line *put, struct gpmq_error *err)
{
    CLEANUP(free_pointer) const struct inf_line **of = NULL;
    size_t count = 0;
    int rc = report_lines_of(lines, section, true, &of, &count, err);
    for (size_t i = 0; !rc && i < count; i++)
        if (of[i]->value)
            rc = put(report, of[i], err);
    return rc;
}

int report_security(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    CLEANUP(report_lines_free) struct report_lines lines = {0};
    CLEANUP(free_pointer) char *text = NULL;
    int rc = report_read_text(report, SECURITY_FILE, &text, err);
    if (rc || !text)
        return rc;
    rc = report_lines_read(&lines, text, err);
    if (rc)
        return rc;
    report_begin_area(report, area);
    for (size_t i = 0; !rc && i < sizeof parts / sizeof *parts; i++)
        rc = put_part(report, &lines, parts[i].section, parts[i].put, err);
    if (!rc)
        rc = put_groups(report, &lines, err);
    if (!rc)
        rc = report_security_access(report, &lines, err);
    report_bool(&report->write, "Blocked", false);
    report_end_area(report, area);
    report_told(report, SECURITY_FILE);
    return rc;
}
