/*
 * The Folder Redirection section: fdeploy1.ini ([MS-GPFR] 2.2.2), which has a section
 * "{folder}_s-1-..." for each folder and group, with Flags and FullPath.
 *
 * Of Flags, measured: 0x001 moves the content, 0x002 follows the parent folder, 0x800 redirects to
 * the local profile. What the others say in a report is not known; the number stands in an element
 * of ours.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "report_inf.h"
#include "report_parts.h"

#define GUID_LENGTH (GPMQ_GUID_TEXT_SIZE - 1)

#define FLAG_MOVE_CONTENTS 0x001
#define FLAG_FOLLOW_PARENT 0x002
#define FLAG_LOCAL         0x800

/* "{folder}_s-1-1-0": where the SID begins, or NULL: it is another section. */
static const char *sid_of(const char *section)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid;
    if (strnlen(section, GUID_LENGTH + 1) <= GUID_LENGTH || section[GUID_LENGTH] != '_')
        return NULL;
    snprintf(text, sizeof text, "%.*s", (int)GUID_LENGTH, section);
    return gpmq_guid_parse(&guid, text) ? NULL : section + GUID_LENGTH + 1;
}

/* The lines of a section stand together: `count` of them from `at` on. */
static const char *value_of(const struct inf_line *at, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (at[i].value && !strcasecmp(at[i].key, key))
            return at[i].value;
    return NULL;
}

static int put_folder(struct report *report, const struct inf_line *at, size_t count,
                      struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    const char *sid = sid_of(at->section), *flags = value_of(at, count, "Flags");
    unsigned long set = flags ? strtoul(flags, NULL, 0) : 0;
    char folder[GPMQ_GUID_TEXT_SIZE];
    snprintf(folder, sizeof folder, "%.*s", (int)GUID_LENGTH, at->section);
    report_open(write, "Folder");
    report_text(write, "Id", folder);
    report_open(write, "Location");
    report_text(write, "DestinationPath", value_of(at, count, "FullPath"));
    int rc = report_account(report, "SecurityGroup", sid, err);
    report_close(write);
    report_bool(write, "MoveContents", set & FLAG_MOVE_CONTENTS);
    report_bool(write, "FollowParent", set & FLAG_FOLLOW_PARENT);
    report_bool(write, "RedirectToLocal", set & FLAG_LOCAL);
    if (flags)
        report_text_own(write, "gpmq:Flags", flags);
    report_close(write);
    return rc;
}

static size_t same_section(const struct report_lines *lines, size_t from)
{
    size_t count = 1;
    while (from + count < lines->count &&
           lines->items[from + count].section == lines->items[from].section)
        count++;
    return count;
}

/* How many folders there are; writes them if `write` is set. */
static int walk(struct report *report, const struct report_lines *lines, bool write,
                size_t *folders, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0, count; !rc && i < lines->count; i += count) {
        count = same_section(lines, i);
        if (!sid_of(lines->items[i].section))
            continue;
        ++*folders;
        if (write)
            rc = put_folder(report, &lines->items[i], count, err);
    }
    return rc;
}

int report_folder_redirection(struct report *report, const struct report_area *area,
                              struct gpmq_error *err)
{
    CLEANUP(report_lines_free) struct report_lines lines = {0};
    CLEANUP(free_pointer) char *text = NULL;
    size_t folders = 0;
    int rc = report_read_text(report, area->file, &text, err);
    if (rc || !text)
        return rc;
    rc = report_lines_read(&lines, text, err);
    if (!rc)
        rc = walk(report, &lines, false, &folders, err);
    if (rc || !folders)
        return rc;
    report_begin_area(report, area);
    rc = walk(report, &lines, true, &folders, err);
    report_end_area(report, area);
    report_told(report, area->file);
    return rc;
}
