#include "report_parts.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sd.h"
#include "text.h"

#define NS_ROOM 256

bool report_is_content(int code)
{
    return code == GPMQ_EMALFORMED || code == GPMQ_EDAMAGED || code == GPMQ_ETOOBIG;
}

/* ---- files ---------------------------------------------------------------------------------- */

static const struct gpo_file *find(const struct report *report, const char *path)
{
    char whole[GPO_PATH_MAX + 1];
    const char *slash = *report->folder ? "/" : "";
    int length = snprintf(whole, sizeof whole, "%s%s%s", report->folder, slash, path);
    if (length < 0 || (size_t)length >= sizeof whole)
        return NULL;
    const struct gpo_file *file = gpo_find_file(report->source->gpo, whole);
    return file && !file->directory ? file : NULL;
}

struct reading {
    struct bytes bytes;
    const char *path;
};

static int take_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct reading *reading = arg;
    if (size > REPORT_FILE_MAX - reading->bytes.size)
        return fail(err, GPMQ_ETOOBIG, "it has more than %u bytes", REPORT_FILE_MAX);
    bytes_put(&reading->bytes, bytes, size);
    return reading->bytes.failed ? fail(err, GPMQ_ENOMEM, "no memory to read %s", reading->path)
                                 : 0;
}

static void free_reading(struct reading *reading)
{
    bytes_free(&reading->bytes);
}

int report_read(struct report *report, const char *path, uint8_t **out, size_t *size,
                struct gpmq_error *err)
{
    *out = NULL;
    *size = 0;
    const struct gpo_file *file = find(report, path);
    if (!file)
        return 0;
    report->failed_file = file->path;
    CLEANUP(free_reading) struct reading reading = {.path = file->path};
    const struct report_source *source = report->source;
    int rc = source->read_file(source->arg, file->path, take_piece, &reading, err);
    void *taken = NULL;
    if (!rc)
        rc = bytes_take(&reading.bytes, &taken, size, err);
    if (!rc)
        *out = taken;
    return rc;
}

int report_read_text(struct report *report, const char *path, char **out, struct gpmq_error *err)
{
    *out = NULL;
    size_t size, length;
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    int rc = report_read(report, path, &bytes, &size, err);
    if (rc || !bytes)
        return rc;
    return text_to_utf8(out, &length, bytes, size, TEXT_WINDOWS_1252, err);
}

void report_told(struct report *report, const char *path)
{
    const struct gpo_file *file = find(report, path);
    if (file)
        report->notes[file - report->source->gpo->files].told = true;
}

/* ---- areas ---------------------------------------------------------------------------------- */

void report_begin_area(struct report *report, const struct report_area *area)
{
    struct report_write *write = &report->write;
    char name[NS_ROOM], value[NS_ROOM];
    unsigned number = ++report->extensions;
    report_open(write, "ExtensionData");
    report_open(write, "Extension");
    snprintf(name, sizeof name, "xmlns:q%u", number);
    snprintf(value, sizeof value, "%s/%s", REPORT_NS, area->ns_tail);
    report_attribute(write, name, value);
    snprintf(value, sizeof value, "q%u:%s", number, area->type);
    report_attribute(write, "xsi:type", value);
    snprintf(write->prefix, sizeof write->prefix, "q%u:", number);
}

void report_end_area(struct report *report, const struct report_area *area)
{
    struct report_write *write = &report->write;
    write->prefix[0] = 0;
    report_close(write);
    report_text(write, "Name", area->name);
    report_close(write);
}

/* ---- the domain ------------------------------------------------------------------------------ */

/* The domain of the first account "S-1-5-21-...-512" of the GPO's DACL: its Domain Admins. */
static void find_domain(struct report *report, const struct gpo *gpo)
{
    struct sd sd;
    CLEANUP(free_pointer) struct sid *sids = NULL;
    size_t count = 0;
    if (!gpo->security_descriptor ||
        sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL) ||
        sd_dacl_sids(&sd, &sids, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        char text[SID_TEXT_SIZE];
        char *tail = strrchr(sid_text(&sids[i], text), '-');
        if (strncmp(text, "S-1-5-21-", 9) != 0 || strcmp(tail, "-512") != 0)
            continue;
        *tail = 0;
        report->has_domain_sid = !sid_parse(&report->domain_sid, text, NULL);
        return;
    }
}

void report_find_domain(struct report *report)
{
    const char *sid = report->source->domain_sid;
    if (sid)
        report->has_domain_sid = !sid_parse(&report->domain_sid, sid, NULL);
    else
        find_domain(report, report->source->gpo);
}

const struct sid *report_domain_sid(const struct report *report)
{
    return report->has_domain_sid ? &report->domain_sid : NULL;
}

/* ---- accounts ------------------------------------------------------------------------------- */

/* <SID/><Name/> of what says it is a SID, or the name alone. */
static int put_account(struct report *report, const char *account, struct gpmq_error *err)
{
    struct sid sid;
    char text[SID_TEXT_SIZE];
    const char *name = NULL;
    if (sid_parse(&sid, *account == '*' ? account + 1 : account, NULL)) {
        report_text_in(&report->write, "Name", REPORT_NS_TYPES, account + (*account == '*'));
        return 0;
    }
    int rc = report_names_find(&report->names, report->source, sid_text(&sid, text), &name, err);
    if (rc == GPMQ_ETOOBIG) { /* of the report, not of the file that is being told of */
        report_refuse(&report->write, "it names more accounts than a report may");
        return 0;
    }
    if (rc)
        return rc;
    report_text_in(&report->write, "SID", REPORT_NS_TYPES, text);
    if (name)
        report_text_in(&report->write, "Name", REPORT_NS_TYPES, name);
    return 0;
}

int report_account(struct report *report, const char *name, const char *account,
                   struct gpmq_error *err)
{
    report_open(&report->write, name);
    int rc = put_account(report, account, err);
    report_close(&report->write);
    return rc;
}

int report_trustee(struct report *report, const char *name, const char *namespace_uri,
                   const char *sid, struct gpmq_error *err)
{
    report_open_in(&report->write, name, namespace_uri);
    int rc = put_account(report, sid, err);
    report_close(&report->write);
    return rc;
}
