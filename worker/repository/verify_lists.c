/* audit.csv and the .ini files of a GPO. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "gpmq/op.h"
#include "verify_data.h"
#include "verify_text.h"

/* ---- audit.csv ------------------------------------------------------------------------------ */

#define AUDIT_COLUMNS 7
#define AUDIT_HEADER                                                                               \
    "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,"                   \
    "Exclusion Setting,Setting Value"

/* Cuts a line at its commas, but for those in quotes. Returns how many columns there are. */
static size_t cut_columns(char *line, char *columns[AUDIT_COLUMNS])
{
    size_t count = 1;
    bool quoted = false;
    columns[0] = line;
    for (; *line; line++) {
        quoted ^= *line == '"';
        if (*line != ',' || quoted)
            continue;
        *line = 0;
        if (count < AUDIT_COLUMNS)
            columns[count] = line + 1;
        count++;
    }
    return quoted ? 0 : count;
}

static const char *judge_audit(char *line)
{
    char *columns[AUDIT_COLUMNS];
    struct gpmq_guid guid;
    size_t count = cut_columns(line, columns);
    if (count != AUDIT_COLUMNS)
        return "it has not seven columns";
    if (!*columns[2])
        return "it names no subcategory";
    if (!*columns[3])
        return NULL; /* an option, or a global SACL: its value may be anything */
    if (*columns[3] != '{' || gpmq_guid_parse(&guid, columns[3]) != 0)
        return "its fourth column is no GUID";
    return strlen(columns[6]) == 1 && strchr("01234", *columns[6])
               ? NULL
               : "its setting is none of 0, 1, 2, 3 and 4";
}

int verify_audit(const void *bytes, size_t size, struct gpmq_error *err)
{
    CLEANUP(verify_text_free) struct verify_text text = {0};
    int rc = verify_text_begin(&text, bytes, size, err);
    char *line = rc ? NULL : verify_text_line(&text);
    if (line && strcasecmp(line, AUDIT_HEADER) != 0)
        return verify_fail(&text, err, "it is not the header of an audit policy");
    while (!rc && (line = verify_text_line(&text))) {
        const char *reason = judge_audit(line);
        if (reason)
            rc = verify_fail(&text, err, "%s", reason);
    }
    return rc;
}

/* ---- .ini ----------------------------------------------------------------------------------- */

/* Judges key and value within a section; NULL: right. */
typedef const char *judge_line(const char *section, const char *key, const char *value);

static int verify_sections(const void *bytes, size_t size, const char *const *known,
                           judge_line *judge, struct gpmq_error *err)
{
    CLEANUP(verify_text_free) struct verify_text text = {0};
    const char *section = NULL;
    int rc = verify_text_begin(&text, bytes, size, err);
    for (char *line, *value; !rc && (line = verify_text_line(&text));) {
        char *name = verify_section(line);
        if (name || *line == '[') {
            section = name;
            if (!name || (known && !verify_is_one_of(name, known)))
                rc = verify_fail(&text, err, "'%.60s' is no section of this file",
                                 name ? name : line);
            continue;
        }
        if (!section)
            return verify_fail(&text, err, "'%.60s' stands before the first section", line);
        if (!verify_pair(line, &value))
            return verify_fail(&text, err, "'%.60s' is no 'name = value'", line);
        const char *reason = judge ? judge(section, line, value) : NULL;
        if (reason)
            rc = verify_fail(&text, err, "'%.60s': %s", line, reason);
    }
    return rc;
}

int verify_ini(const void *bytes, size_t size, struct gpmq_error *err)
{
    return verify_sections(bytes, size, NULL, NULL, err);
}

static const char *judge_script(const char *section, const char *key, const char *value)
{
    static const char *const words[] = {"CmdLine", "Parameters", NULL};
    static const char *const switches[] = {"StartExecutePSFirst", "EndExecutePSFirst", NULL};
    static const char *const answers[] = {"true", "false", NULL};
    if (!strcasecmp(section, "ScriptsConfig"))
        return verify_is_one_of(key, switches) && verify_is_one_of(value, answers)
                   ? NULL
                   : "it is none of the two switches with true or false";
    size_t digits = strspn(key, "0123456789");
    return digits && verify_is_one_of(key + digits, words)
               ? NULL
               : "its name is no number with CmdLine or Parameters behind it";
}

int verify_scripts(const void *bytes, size_t size, struct gpmq_error *err)
{
    static const char *const known[] = {"Startup", "Shutdown",      "Logon",
                                        "Logoff",  "ScriptsConfig", NULL};
    return verify_sections(bytes, size, known, judge_script, err);
}
