/*
 * The Registry section: each value of registry.pol that no other section shows.
 *
 * First the policies that administrative templates name, where there are some (report_policies.h);
 * then, in the file's order, RegistrySetting elements for all other values, as Windows itself
 * writes them for what its own templates do not describe.
 */
#include <string.h>

#include "cleanup.h"
#include "report_parts.h"
#include "report_policies.h"

static bool is_command(const struct report_pol_value *value)
{
    return !strncmp(value->name, "**", 2);
}

/* Lists of keys and values that a command removes: Windows leaves them out. */
static int put_command(struct report *report, const struct report_pol_value *value,
                       struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    CLEANUP(free_pointer) char *text = NULL;
    report_text(write, "Command", value->name);
    int rc = report_pol_text(&text, value, err);
    if (rc || !text || !text[strspn(text, " ")])
        return rc;
    report_text_own(write, "gpmq:Data", text);
    return 0;
}

static int put_texts(struct report *report, const struct report_pol_value *value,
                     struct gpmq_error *err)
{
    int rc = 0;
    report_open(&report->write, "Strings");
    for (size_t at = 0; !rc;) {
        CLEANUP(free_pointer) char *text = NULL;
        rc = report_pol_next_text(&text, value, &at, err);
        if (!text)
            break;
        report_text(&report->write, "Value", text);
    }
    report_close(&report->write);
    return rc;
}

static int put_bytes(struct report *report, const struct report_pol_value *value,
                     struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *hex = NULL;
    int rc = report_hex(&hex, value->content, value->size, err);
    if (!rc)
        report_text(&report->write, "Binary", hex);
    return rc;
}

static int put_data(struct report *report, const struct report_pol_value *value,
                    struct gpmq_error *err)
{
    uint64_t number;
    CLEANUP(free_pointer) char *text = NULL;
    int rc = report_pol_text(&text, value, err);
    if (rc)
        return rc;
    if (text)
        report_text(&report->write, "String", text);
    else if (report_pol_number(value, &number))
        report_number(&report->write, "Number", number);
    else if (value->type == REGISTRY_MULTI_SZ)
        rc = put_texts(report, value, err);
    else
        rc = put_bytes(report, value, err);
    return rc;
}

static int put_setting(struct report *report, const struct report_pol_value *value,
                       struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    int rc = 0;
    report_open(write, "RegistrySetting");
    report_text(write, "KeyPath", value->key);
    report_bool(write, "AdmSetting", false);
    if (is_command(value)) {
        rc = put_command(report, value, err);
    } else if (*value->name || value->size || value->type != REGISTRY_NONE) {
        report_open(write, "Value");
        report_text(write, "Name", value->name);
        rc = put_data(report, value, err);
        report_close(write);
    }
    report_close(write);
    return rc;
}

int report_registry(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    if (!report->has_pol)
        return 0;
    report_begin_area(report, area);
    int rc = report_policies(report, report->source->admx, !strcmp(report->folder, "Machine"), err);
    for (size_t i = 0; !rc && i < report->pol.count; i++)
        if (!report->pol.values[i].told)
            rc = put_setting(report, &report->pol.values[i], err);
    report_bool(&report->write, "Blocked", false);
    report_end_area(report, area);
    report_told(report, "registry.pol");
    return rc;
}
