/* The Remote Installation section: what the wizard of oscfilter.ini offers. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "report_inf.h"
#include "report_parts.h"

/* clang-format off */
static const struct {
    const char *element, *key;
} choices[] = {
    {"AutoSetupSetting",    "auto"},
    {"CustomSetupSetting",  "custom"},
    {"RestartSetupSetting", "restart"},
    {"ToolsSetting",        "tools"},
};
static const char *const words[] = {"Disabled", "Enabled", "NotConfigured"};
/* clang-format on */

static const char *word_of(const struct report_lines *lines, const char *key)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct inf_line *line = &lines->items[i];
        if (strcasecmp(line->section, "choice") || strcasecmp(line->key, key) || !line->value)
            continue;
        unsigned long number = strtoul(line->value, NULL, 10);
        return number < sizeof words / sizeof *words ? words[number] : line->value;
    }
    return "NotConfigured";
}

int report_remote_installation(struct report *report, const struct report_area *area,
                               struct gpmq_error *err)
{
    CLEANUP(report_lines_free) struct report_lines lines = {0};
    CLEANUP(free_pointer) char *text = NULL;
    int rc = report_read_text(report, area->file, &text, err);
    if (rc || !text)
        return rc;
    rc = report_lines_read(&lines, text, err);
    if (rc)
        return rc;
    report_begin_area(report, area);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        report_open(&report->write, choices[i].element);
        report_text(&report->write, "Value", word_of(&lines, choices[i].key));
        report_close(&report->write);
    }
    report_end_area(report, area);
    report_told(report, area->file);
    return 0;
}
