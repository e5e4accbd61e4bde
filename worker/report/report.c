#include "report.h"

#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "report_parts.h"

#define XSD "http://www.w3.org/2001/XMLSchema"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

static void finish(struct report *report)
{
    for (size_t i = 0; report->notes && i < report->source->gpo->file_count; i++)
        free(report->notes[i].reason);
    free(report->notes);
    report_names_free(&report->names);
    report_pol_free(&report->pol);
    report_write_free(&report->write);
}

static void put_link(struct report_write *write, const struct report_link *link)
{
    report_open(write, "LinksTo");
    report_text(write, "SOMName", link->som_name);
    report_text(write, "SOMPath", link->som_path);
    report_bool(write, "Enabled", link->enabled);
    report_bool(write, "NoOverride", link->enforced);
    report_close(write);
}

static void put_links(struct report *report)
{
    const struct report_source *source = report->source;
    struct report_write *write = &report->write;
    size_t put = 0;
    for (; put < source->link_count && report_has_room(write); put++)
        put_link(write, &source->links[put]);
    if (put < source->link_count) {
        char more[24];
        snprintf(more, sizeof more, "%zu", source->link_count - put);
        report_text_own(write, "gpmq:MoreLinks", more);
    }
}

static int put_all(struct report *report, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    report_open(write, "GPO");
    report_attribute(write, "xmlns:xsd", XSD);
    report_attribute(write, "xmlns:xsi", XSI);
    report_attribute(write, "xmlns", REPORT_NS);
    int rc = report_head(report, err);
    if (!rc)
        rc = report_side(report, true, err);
    if (!rc)
        rc = report_side(report, false, err);
    if (rc)
        return rc;
    put_links(report);
    report_other(report, "", NULL);
    report_close(write);
    return 0;
}

int report_xml(char **out, size_t *size, const struct report_source *source, struct gpmq_error *err)
{
    CLEANUP(finish) struct report report = {.source = source};
    report.notes = calloc(source->gpo->file_count + 1, sizeof *report.notes);
    if (!report.notes)
        return fail(err, GPMQ_ENOMEM, "no memory for a report");
    report_find_domain(&report);
    int rc = report_write_begin(&report.write, err);
    report.write.outline = source->outline;
    if (!rc)
        rc = put_all(&report, err);
    return rc ? rc : report_write_end(&report.write, out, size, err);
}

/* ---- on disk -------------------------------------------------------------------------------- */

static void put_unit(struct bytes *out, uint32_t unit)
{
    bytes_put_u16(out, (uint16_t)unit);
}

static void put_utf16(struct bytes *out, uint32_t c)
{
    if (c == '\n')
        put_unit(out, '\r');
    if (c < 0x10000) {
        put_unit(out, c);
        return;
    }
    c -= 0x10000;
    put_unit(out, 0xD800 | c >> 10);
    put_unit(out, 0xDC00 | (c & 0x3FF));
}

static void put_text(struct bytes *out, const char *text, size_t size)
{
    while (size) {
        uint32_t c = 0xFFFD;
        size_t length = fold_read(text, size, &c);
        put_utf16(out, length ? c : 0xFFFD);
        length = length ? length : 1;
        text += length;
        size -= length;
    }
}

int report_to_disk(uint8_t **out, size_t *out_size, const char *report, size_t size,
                   struct gpmq_error *err)
{
    static const char utf8[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    static const char utf16[] = "<?xml version=\"1.0\" encoding=\"utf-16\"?>";
    CLEANUP(bytes_free) struct bytes bytes = {0};
    put_unit(&bytes, 0xFEFF);
    if (size >= sizeof utf8 - 1 && !memcmp(report, utf8, sizeof utf8 - 1)) {
        put_text(&bytes, utf16, sizeof utf16 - 1);
        report += sizeof utf8 - 1;
        size -= sizeof utf8 - 1;
    }
    put_text(&bytes, report, size);
    void *taken;
    int rc = bytes_take(&bytes, &taken, out_size, err);
    if (!rc)
        *out = taken;
    return rc;
}
