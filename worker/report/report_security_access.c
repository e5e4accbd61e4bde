#include "report_security.h"

#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "csv.h"
#include "fail.h"
#include "report_trustees.h"
#include "sddl.h"

/* "name or path",number,"SDDL" */
enum field { NAME, NUMBER, SDDL, FIELDS };

/* clang-format off */
static const struct kind {
    const char *section, *element, *name, *number;
    bool number_first;
    enum report_guarded guarded;
    const char *words[5]; /* what the numbers mean; NULL: the number itself is written */
} kinds[] = {
    {"Service General Setting", "SystemServices", "Name", "StartupMode", true,
     REPORT_GUARDS_SERVICE, {"Boot", "System", "Automatic", "Manual", "Disabled"}},
    {"Registry Keys", "Registry", "Path", "Mode", false,
     REPORT_GUARDS_REGISTRY, {"Propagate", "Ignore", "Replace"}},
    {"File Security", "File", "Path", "Mode", false,
     REPORT_GUARDS_FILE, {"Propagate", "Ignore", "Replace"}},
};
/* clang-format on */

/* A line may hold a '=', at which inf.h cut it. */
static int whole_line(char **out, const struct inf_line *line, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_put_text(&text, line->key);
    if (line->value)
        bytes_format(&text, "=%s", line->value);
    void *taken;
    int rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}

static int put_descriptor(struct report *report, const char *sddl, enum report_guarded guarded,
                          struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    struct sd sd;
    bool whole = *sddl && !sddl_parse(sddl, report_domain_sid(report), &bytes, &size, NULL) &&
                 !sd_open(&sd, bytes, size, NULL);
    report_open(&report->write, "SecurityDescriptor");
    int rc = report_descriptor(report, whole ? &sd : NULL, *sddl ? sddl : NULL, guarded, err);
    report_close(&report->write);
    return rc;
}

static void put_number(struct report *report, const struct kind *kind, const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    bool known =
        *text && !*end && number < sizeof kind->words / sizeof *kind->words && kind->words[number];
    report_text(&report->write, kind->number, known ? kind->words[number] : text);
}

static int put_line(struct report *report, const struct kind *kind, const struct inf_line *line,
                    struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    int rc = whole_line(&text, line, err);
    if (rc)
        return rc;
    char *rest = text, *fields[FIELDS] = {0};
    size_t count = csv_row(&rest, fields, FIELDS);
    if (count <= NUMBER)
        return 0;
    report_open(&report->write, kind->element);
    report_text(&report->write, kind->name, fields[NAME]);
    if (kind->number_first)
        put_number(report, kind, fields[NUMBER]);
    rc = put_descriptor(report, count > SDDL ? fields[SDDL] : "", kind->guarded, err);
    if (!kind->number_first)
        put_number(report, kind, fields[NUMBER]);
    report_close(&report->write);
    return rc;
}

int report_security_access(struct report *report, const struct report_lines *lines,
                           struct gpmq_error *err)
{
    int rc = 0;
    for (size_t k = 0; !rc && k < sizeof kinds / sizeof *kinds; k++) {
        CLEANUP(free_pointer) const struct inf_line **of = NULL;
        size_t count = 0;
        rc = report_lines_of(lines, kinds[k].section, false, &of, &count, err);
        for (size_t i = 0; !rc && i < count; i++)
            rc = put_line(report, &kinds[k], of[i], err);
    }
    return rc;
}
