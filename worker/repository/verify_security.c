/* GptTmpl.inf: sections, and the shape that the lines of each have ([MS-GPSB] 2.2). */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "sid.h"
#include "verify_data.h"
#include "verify_text.h"

/* Judges a line of a section; NULL: it is right. The line is cut into pieces. */
typedef const char *judge(char *line);

/* ---- pieces --------------------------------------------------------------------------------- */

/* "*S-1-5-32-544" or a name. */
static bool is_principal(const char *text)
{
    struct sid sid;
    return *text == '*' ? !sid_parse(&sid, text + 1, NULL) : *text && !strpbrk(text, "=[]\"");
}

/* A list with commas, which may be empty: nobody. */
static bool is_principal_list(char *list)
{
    if (!*list)
        return true;
    for (char *item; (item = strsep(&list, ","));) {
        if (!is_principal(verify_trim(item)))
            return false;
    }
    return true;
}

/* "..." with both its quotes, and none within. */
static bool is_quoted(const char *text)
{
    size_t length = strlen(text);
    return length >= 2 && text[0] == '"' && text[length - 1] == '"' &&
           !memchr(text + 1, '"', length - 2);
}

/* ---- sections ------------------------------------------------------------------------------- */

static const char *judge_pair(char *line)
{
    char *value;
    return verify_pair(line, &value) ? NULL : "it is no 'name = value'";
}

static const char *judge_setting(char *line)
{
    char *value;
    if (!verify_pair(line, &value))
        return "it is no 'name = value'";
    return verify_is_number(value) || is_quoted(value)
               ? NULL
               : "its value is neither a number nor a text in quotes";
}

static const char *judge_right(char *line)
{
    char *value;
    if (!verify_pair(line, &value))
        return "it is no 'right = accounts'";
    return is_principal_list(value) ? NULL : "an account in it is neither a name nor '*' and a SID";
}

static const char *judge_membership(char *line)
{
    char *value;
    if (!verify_pair(line, &value))
        return "it is no 'group__Members = accounts'";
    char *kind = strstr(line, "__");
    if (!kind || (strcasecmp(kind, "__Members") && strcasecmp(kind, "__Memberof")))
        return "its name ends in neither __Members nor __Memberof";
    *kind = 0;
    if (!is_principal(line))
        return "its group is neither a name nor '*' and a SID";
    return is_principal_list(value) ? NULL : "an account in it is neither a name nor '*' and a SID";
}

/* MACHINE\path\value=type,content. */
static const char *judge_registry_value(char *line)
{
    static const char *const types[] = {"1", "2", "3", "4", "7", NULL};
    char *value;
    if (!verify_pair(line, &value) || !strchr(line, '\\'))
        return "it is no 'key\\value = type,content'";
    char *type = strsep(&value, ",");
    if (!value || !verify_is_one_of(type, types))
        return "its type is none of 1, 2, 3, 4 and 7";
    if (!strcmp(type, "4") && !verify_is_number(value))
        return "its content is no number, as its type says";
    bool has_quotes = (*type == '1' || *type == '2') && *value == '"';
    return !has_quotes || is_quoted(value) ? NULL : "the quotes around its content do not match";
}

/* "name",number,"SDDL", also without the quotes around the name. */
static const char *judge_security(char *line)
{
    char *number = NULL, *sddl = NULL;
    if (*line == '"') {
        number = strstr(line + 1, "\",");
        if (number)
            *++number = 0;
    } else {
        number = strchr(line, ',');
        if (number)
            *number = 0;
    }
    sddl = number ? strchr(number + 1, ',') : NULL;
    if (!sddl || !*line)
        return "it has not three parts: name, number, security";
    *sddl++ = 0;
    if (!verify_is_number(number + 1))
        return "its second part is no number";
    return is_quoted(sddl) ? NULL : "its security descriptor has not its quotes";
}

/* clang-format off */
static const struct {
    const char *name;
    judge *judge;
} sections[] = {
    {"Unicode", judge_pair},
    {"Version", judge_pair},
    {"Profile Description", judge_pair},
    {"System Access", judge_setting},
    {"Kerberos Policy", judge_setting},
    {"System Log", judge_setting},
    {"Security Log", judge_setting},
    {"Application Log", judge_setting},
    {"Event Audit", judge_setting},
    {"Registry Values", judge_registry_value},
    {"Privilege Rights", judge_right},
    {"Group Membership", judge_membership},
    {"Service General Setting", judge_security},
    {"Registry Keys", judge_security},
    {"File Security", judge_security},
};
/* clang-format on */

static judge *find_section(const char *name)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (!strcasecmp(sections[i].name, name))
            return sections[i].judge;
    return NULL;
}

int verify_security(const void *bytes, size_t size, struct gpmq_error *err)
{
    CLEANUP(verify_text_free) struct verify_text text = {0};
    judge *judge_line = NULL;
    int rc = verify_text_begin(&text, bytes, size, err);
    for (char *line; !rc && (line = verify_text_line(&text));) {
        char *name = *line == '[' ? verify_section(line) : NULL;
        if (*line == '[' || name) {
            judge_line = name ? find_section(name) : NULL;
            if (!judge_line)
                rc = verify_fail(&text, err, "'%.60s' is no section of a security template",
                                 name ? name : line);
            continue;
        }
        if (!judge_line)
            return verify_fail(&text, err, "'%.60s' stands before the first section", line);
        char start[64];
        snprintf(start, sizeof start, "%.60s", line);
        const char *reason = judge_line(line);
        if (reason)
            rc = verify_fail(&text, err, "'%s': %s", start, reason);
    }
    return rc;
}
