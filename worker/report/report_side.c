/* One side of a report, and what no section tells of. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "report_parts.h"

#define GUID_LENGTH (GPMQ_GUID_TEXT_SIZE - 1)
#define PREFERENCES "Preferences/" /* where the files of such areas are: one maker does for all */

/* clang-format off */
static const struct {
    const char *area; /* by its name in the table of areas */
    report_section *make;
} sections[] = {
    {"Security",                     report_security},
    {"Advanced Audit Configuration", report_audit},
    {"Software Installation",        report_software},
    {"Remote Installation",          report_remote_installation},
    {"Folder Redirection",           report_folder_redirection},
    {"Public Key",                   report_publickey},
    {"Application Control Policies", report_applocker},
    {"Windows Firewall",             report_firewall},
    {"Name Resolution Policy",       report_nrpt},
    {"Scripts",                      report_scripts},
    {"Registry",                     report_registry},
};
/* clang-format on */

static report_section *section_of(const struct report_area *area)
{
    if (area->file && !strncmp(area->file, PREFERENCES, strlen(PREFERENCES)))
        return report_preferences;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (!strcmp(sections[i].area, area->name))
            return sections[i].make;
    return NULL;
}

/* ---- failures ------------------------------------------------------------------------------- */

/* Notes why a file has no section. */
static int note_failure(struct report *report, int rc, struct gpmq_error *why,
                        struct gpmq_error *err)
{
    const struct gpo *gpo = report->source->gpo;
    if (!report_is_content(rc) || !report->failed_file) {
        if (err)
            *err = *why;
        return rc;
    }
    for (size_t i = 0; i < gpo->file_count; i++) {
        if (gpo->files[i].path != report->failed_file || report->notes[i].reason)
            continue;
        report->notes[i].told = false;
        report->notes[i].reason = strdup(why->text);
        return report->notes[i].reason ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a report");
    }
    return 0;
}

static int make_section(struct report *report, const struct report_area *area,
                        struct gpmq_error *err)
{
    report_section *make = section_of(area);
    if (!make || !gpo_extension_registered(report->registered, area->cse))
        return 0;
    struct gpmq_error why = {0};
    report->failed_file = NULL;
    int rc = make(report, area, &why);
    return rc ? note_failure(report, rc, &why, err) : 0;
}

static int read_pol(struct report *report, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    struct gpmq_error why = {0};
    report->failed_file = NULL;
    report->has_pol = false;
    report_pol_free(&report->pol);
    int rc = report_read(report, "registry.pol", &bytes, &size, &why);
    bool there = bytes != NULL;
    if (!rc && there)
        rc = report_pol_read(&report->pol, &bytes, size, &why);
    if (rc)
        return note_failure(report, rc, &why, err);
    report->has_pol = there;
    return 0;
}

/* ---- sides ---------------------------------------------------------------------------------- */

static int make_sections(struct report *report, bool computer, struct gpmq_error *err)
{
    const struct report_source *source = report->source;
    size_t count;
    const struct report_area *areas = report_areas(&count);
    int rc = read_pol(report, err);
    for (size_t i = 0; !rc && i < count; i++) {
        unsigned done = (unsigned)(i + (computer ? 0 : count));
        if (source->progress && !source->progress(source->progress_arg, done, 2 * (unsigned)count))
            return fail(err, GPMQ_ESTOPPED, "the report was stopped");
        rc = make_section(report, &areas[i], err);
    }
    return rc;
}

int report_side(struct report *report, bool computer, struct gpmq_error *err)
{
    const struct gpo *gpo = report->source->gpo;
    const struct gpo_version *version = computer ? &gpo->machine : &gpo->user;
    const char *registered = computer ? gpo->machine_extensions : gpo->user_extensions;
    report->folder = computer ? "Machine" : "User";
    report->registered = registered ? registered : "";
    report_open(&report->write, computer ? "Computer" : "User");
    report_number(&report->write, "VersionDirectory", version->ds);
    report_number(&report->write, "VersionSysvol", version->sysvol);
    report_bool(&report->write, "Enabled", !(gpo->options & (computer ? 2 : 1)));
    int rc = report->source->outline ? 0 : make_sections(report, computer, err);
    if (!rc)
        report_other(report, report->folder, report->registered);
    report_close(&report->write);
    return rc;
}

/* ---- what no section tells of --------------------------------------------------------------- */

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return !strncasecmp(path, folder, length) && path[length] == '/';
}

static bool belongs(const char *path, const char *folder)
{
    if (*folder)
        return is_below(path, folder);
    return !is_below(path, "Machine") && !is_below(path, "User");
}

/* Whether the CSE at `at` has a section of ours. */
static bool has_section(const char *at)
{
    size_t count;
    const struct report_area *areas = report_areas(&count);
    for (size_t i = 0; i < count; i++)
        if (section_of(&areas[i]) && !strncasecmp(areas[i].cse, at, GUID_LENGTH))
            return true;
    return false;
}

/* {00000000-...}: which tools edit preferences; no extension. */
static bool is_tools_only(const char *at)
{
    return !strncmp(at, "{00000000-0000-0000-0000-000000000000}", GUID_LENGTH);
}

struct other {
    struct report *report;
    bool begun;
};

static void begin_other(struct other *other)
{
    if (other->begun)
        return;
    other->begun = true;
    report_open(&other->report->write, "gpmq:Other");
    report_attribute(&other->report->write, "xmlns:gpmq", REPORT_NS_GPMQ);
}

static void put_other_extension(struct other *other, const char *at)
{
    struct report_write *write = &other->report->write;
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid;
    snprintf(text, sizeof text, "%.*s", (int)GUID_LENGTH, at);
    if (gpmq_guid_parse(&guid, text) != 0)
        return;
    begin_other(other);
    report_open(write, "gpmq:Extension");
    report_text(write, "gpmq:Identifier", gpmq_guid_text(&guid, text));
    report_close(write);
}

static void put_other_file(struct other *other, const struct gpo_file *file,
                           const struct report_file_note *note)
{
    struct report_write *write = &other->report->write;
    begin_other(other);
    report_open(write, "gpmq:File");
    report_text(write, "gpmq:Path", file->path);
    report_number(write, "gpmq:Size", file->size_bytes);
    if (note->reason)
        report_text(write, "gpmq:Reason", note->reason);
    report_close(write);
}

void report_other(struct report *report, const char *folder, const char *registered)
{
    const struct gpo *gpo = report->source->gpo;
    struct other other = {.report = report};
    for (const char *at = registered; at && (at = strstr(at, "[{")); at += 2)
        if (!is_tools_only(at + 1) && !has_section(at + 1))
            put_other_extension(&other, at + 1);
    size_t more = 0;
    for (size_t i = 0; i < gpo->file_count; i++) {
        const struct gpo_file *file = &gpo->files[i];
        if (file->directory || report->notes[i].told || !belongs(file->path, folder))
            continue;
        if (report_has_room(&report->write))
            put_other_file(&other, file, &report->notes[i]);
        else
            more++;
    }
    if (more) {
        begin_other(&other);
        report_number(&report->write, "gpmq:More", more);
    }
    if (other.begun)
        report_close(&report->write);
}
