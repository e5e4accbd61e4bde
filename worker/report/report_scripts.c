/*
 * The Scripts section: scripts.ini and psscripts.ini ([MS-GPSCR] 2.2), script by script.
 *
 * "0CmdLine=", "0Parameters=", "1CmdLine=" ... below [Startup], [Shutdown], [Logon] and [Logoff];
 * [ScriptsConfig] says whether PowerShell's run first.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "report_inf.h"
#include "report_parts.h"

#define ORDER_MAX 100000
#define LINES_MAX 4096 /* of a file: each script looks at all of them */

/* clang-format off */
static const char *const files[] = {"Scripts/scripts.ini", "Scripts/psscripts.ini"};
#define FILES (sizeof files / sizeof *files)

static const struct type {
    const char *name;   /* of the section, and in the report */
    const char *config; /* which line of [ScriptsConfig] is about it */
} types[] = {
    {"Startup",  "StartExecutePSFirst"},
    {"Shutdown", "EndExecutePSFirst"},
    {"Logon",    "StartExecutePSFirst"},
    {"Logoff",   "EndExecutePSFirst"},
};
/* clang-format on */

struct scripts {
    char *text[FILES];
    struct report_lines lines[FILES];
};

static void free_scripts(struct scripts *scripts)
{
    for (size_t i = 0; i < FILES; i++) {
        report_lines_free(&scripts->lines[i]);
        free(scripts->text[i]);
    }
}

/* The number before `tail` in a key; false: it is none. */
static bool order_of(const struct inf_line *line, const char *tail, unsigned long *out)
{
    char *end;
    if (*line->key < '0' || *line->key > '9' || !line->value)
        return false;
    *out = strtoul(line->key, &end, 10);
    return *out < ORDER_MAX && !strcasecmp(end, tail);
}

static const char *parameters_of(const struct report_lines *lines, const char *section,
                                 unsigned long order)
{
    for (size_t i = 0; i < lines->count; i++) {
        unsigned long number;
        if (!strcasecmp(lines->items[i].section, section) &&
            order_of(&lines->items[i], "Parameters", &number) && number == order)
            return lines->items[i].value;
    }
    return NULL;
}

static const char *run_order(const struct scripts *scripts, const char *config)
{
    for (size_t f = 0; f < FILES; f++)
        for (size_t i = 0; i < scripts->lines[f].count; i++) {
            const struct inf_line *line = &scripts->lines[f].items[i];
            if (!strcasecmp(line->section, "ScriptsConfig") && !strcasecmp(line->key, config) &&
                line->value)
                return strcasecmp(line->value, "true") ? "RunPSLast" : "RunPSFirst";
        }
    return "PSNotConfigured";
}

static void put_script(struct report *report, const struct scripts *scripts,
                       const struct report_lines *lines, const struct inf_line *line,
                       const struct type *type)
{
    struct report_write *write = &report->write;
    unsigned long order = 0;
    order_of(line, "CmdLine", &order);
    const char *parameters = parameters_of(lines, line->section, order);
    report_open(write, "Script");
    report_text(write, "Command", line->value);
    if (parameters && *parameters)
        report_text(write, "Parameters", parameters);
    report_text(write, "Type", type->name);
    report_number(write, "Order", order);
    report_text(write, "RunOrder", run_order(scripts, type->config));
    report_close(write);
}

static bool is_script(const struct inf_line *line, const char *section)
{
    unsigned long order;
    return !strcasecmp(line->section, section) && order_of(line, "CmdLine", &order);
}

/* How many scripts there are; writes them if `write` is set. */
static size_t walk(struct report *report, const struct scripts *scripts, bool write)
{
    size_t count = 0;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t f = 0; f < FILES; f++)
            for (size_t i = 0; i < scripts->lines[f].count; i++) {
                const struct inf_line *line = &scripts->lines[f].items[i];
                if (!is_script(line, types[t].name))
                    continue;
                count++;
                if (write)
                    put_script(report, scripts, &scripts->lines[f], line, &types[t]);
            }
    return count;
}

static int read_scripts(struct report *report, struct scripts *scripts, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t f = 0; !rc && f < FILES; f++) {
        rc = report_read_text(report, files[f], &scripts->text[f], err);
        if (!rc && scripts->text[f])
            rc = report_lines_read(&scripts->lines[f], scripts->text[f], err);
        if (!rc && scripts->lines[f].count > LINES_MAX)
            rc = fail(err, GPMQ_ETOOBIG, "it has more than %d lines", LINES_MAX);
    }
    return rc;
}

int report_scripts(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    CLEANUP(free_scripts) struct scripts scripts = {0};
    int rc = read_scripts(report, &scripts, err);
    if (rc)
        return rc;
    for (size_t f = 0; f < FILES; f++)
        report_told(report, files[f]);
    if (!walk(report, &scripts, false))
        return 0;
    report_begin_area(report, area);
    walk(report, &scripts, true);
    report_end_area(report, area);
    return 0;
}
