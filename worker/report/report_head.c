/* The head of a report: which GPO it is of, when, and who may do what with it. */
#include <string.h>
#include <time.h>

#include "backup_time.h"
#include "cleanup.h"
#include "fail.h"
#include "report_parts.h"
#include "report_trustees.h"
#include "sddl.h"

#define COMMENT_FILE "GPO.cmt"
#define COMMENT_MAX  65536 /* bytes: nobody writes more about a GPO */

static void put_identifier(struct report *report)
{
    const struct gpo *gpo = report->source->gpo;
    char id[GPMQ_GUID_TEXT_SIZE];
    report_open(&report->write, "Identifier");
    report_text_in(&report->write, "Identifier", REPORT_NS_TYPES, gpmq_guid_text(&gpo->id, id));
    report_text_in(&report->write, "Domain", REPORT_NS_TYPES, gpo->domain);
    report_close(&report->write);
}

/* A backup does not say when the GPO was made: then there is no such element. */
static void put_time(struct report *report, const char *name, int64_t unix_ms)
{
    char text[BACKUP_TIME_TEXT_SIZE];
    if (unix_ms)
        report_text(&report->write, name, backup_time_text(unix_ms, text));
}

/* With seven digits of a second, as Windows writes it. */
static void put_read_time(struct report *report)
{
    char seconds[BACKUP_TIME_TEXT_SIZE], text[BACKUP_TIME_TEXT_SIZE + 16];
    int64_t unix_ms = report->source->read_unix_ms;
    int ms = (int)(((unix_ms % 1000) + 1000) % 1000);
    snprintf(text, sizeof text, "%s.%03d0000Z", backup_time_text(unix_ms, seconds), ms);
    report_text(&report->write, "ReadTime", text);
}

/* The GPO's description: UTF-16LE, most often without byte order mark. */
static int put_comment(struct report *report, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = report_read(report, COMMENT_FILE, &bytes, &size, err);
    if (rc || !bytes)
        return rc;
    size_t mark = size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE ? 2 : 0;
    rc = report_utf16(&text, bytes + mark, size - mark, err);
    if (rc)
        return rc;
    if (strlen(text) > COMMENT_MAX)
        return 0; /* it stays among the other files */
    report_told(report, COMMENT_FILE);
    if (*text)
        report_text(&report->write, "Comment", text);
    return 0;
}

/* ---- security ------------------------------------------------------------------------------- */

static int put_open_descriptor(struct report *report, const struct sd *sd, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *sddl = NULL;
    int rc = sddl_text(sd, report_domain_sid(report), &sddl, err);
    if (rc == GPMQ_EUNSUPPORTED) /* an ACE without words: who may do what is told all the same */
        rc = 0;
    return rc ? rc : report_descriptor(report, sd, sddl, REPORT_GUARDS_GPO, err);
}

/* A damaged descriptor is none: backups whose owner took it out have one of 8 bytes. */
static int put_security(struct report *report, struct gpmq_error *err)
{
    const struct gpo *gpo = report->source->gpo;
    struct sd sd;
    bool whole = gpo->security_descriptor &&
                 !sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL);
    report_open(&report->write, "SecurityDescriptor");
    int rc = whole ? put_open_descriptor(report, &sd, err)
                   : report_descriptor(report, NULL, NULL, REPORT_GUARDS_GPO, err);
    report_close(&report->write);
    return rc;
}

static void put_filter(struct report *report)
{
    const struct report_source *source = report->source;
    report_bool(&report->write, "FilterDataAvailable", true);
    if (!source->gpo->wmi_filter || !*source->gpo->wmi_filter)
        return;
    report_text(&report->write, "FilterName", source->gpo->wmi_filter_name);
    report_text(&report->write, "FilterDescription", source->filter_description);
}

int report_head(struct report *report, struct gpmq_error *err)
{
    const struct gpo *gpo = report->source->gpo;
    report->folder = "";
    put_identifier(report);
    report_text(&report->write, "Name", gpo->display_name);
    report_bool(&report->write, "IncludeComments", true);
    int rc = put_comment(report, err);
    if (rc && !report_is_content(rc))
        return rc;
    put_time(report, "CreatedTime", gpo->created_unix_ms);
    put_time(report, "ModifiedTime", gpo->modified_unix_ms);
    put_read_time(report);
    rc = put_security(report, err);
    put_filter(report);
    return rc;
}
