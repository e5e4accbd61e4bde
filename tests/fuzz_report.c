/*
 * fuzz_report.c - a GPO of any files: it has a report, or its outline where that would be too much;
 * what is made is read again, in memory and as it lies on disk, and has a page.
 *
 * The input is pieces: a byte that says which file, two for the length of its content, and that;
 * the last piece may be cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "report.h"
#include "report_html.h"
#include "xml.h"

#define PIECES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const paths[] = {
    "Machine/registry.pol",
    "User/registry.pol",
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
    "Machine/Microsoft/Windows NT/Audit/audit.csv",
    "Machine/Scripts/scripts.ini",
    "Machine/Scripts/psscripts.ini",
    "User/Documents & Settings/fdeploy1.ini",
    "User/Microsoft/RemoteInstall/oscfilter.ini",
    "Machine/Preferences/Groups/Groups.xml",
    "Machine/Preferences/ScheduledTasks/ScheduledTasks.xml",
    "User/Preferences/Registry/Registry.xml",
    "GPO.cmt",
};

static const char extensions[] =
    "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}][{827D319E-6EAC-11D2-A4EA-00C04F79F83A}]"
    "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}][{42B5FAAE-6536-11D2-AE5A-0000F87571E3}]"
    "[{25537BA6-77A8-11D2-9B6C-0000F8080861}][{3060E8D0-7020-11D2-842D-00C04FA372D4}]"
    "[{17D89FEC-5C44-4972-B12D-241CAEF74509}][{AADCED64-746C-4633-A97C-D61349046527}]"
    "[{B087BE9D-ED37-454F-AF9C-04291E351182}]";

struct piece {
    const char *path;
    const uint8_t *content;
    size_t size;
};

struct pieces {
    size_t count;
    struct piece items[PIECES_MAX];
};

static void add_piece(struct pieces *pieces, struct gpo *gpo, const struct piece *piece)
{
    for (size_t i = 0; i < pieces->count; i++)
        if (!strcmp(pieces->items[i].path, piece->path))
            return;
    pieces->items[pieces->count++] = *piece;
    if (gpo_add_file(gpo, piece->path, false, piece->size, NULL))
        abort();
}

static void cut(struct pieces *pieces, struct gpo *gpo, const uint8_t *bytes, size_t size)
{
    while (size > 3 && pieces->count < PIECES_MAX) {
        size_t length = bytes[1] | (size_t)bytes[2] << 8;
        struct piece piece = {paths[bytes[0] % (sizeof paths / sizeof *paths)], bytes + 3, length};
        if (piece.size > size - 3)
            piece.size = size - 3;
        add_piece(pieces, gpo, &piece);
        bytes += 3 + piece.size;
        size -= 3 + piece.size;
    }
    gpo_sort_files(gpo);
}

static int read_file(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    const struct pieces *pieces = arg;
    for (size_t i = 0; i < pieces->count; i++)
        if (!strcmp(pieces->items[i].path, path))
            return sink(sink_arg, pieces->items[i].content, pieces->items[i].size, err);
    abort();
}

static void must_read(const void *bytes, size_t size, bool page)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) char *html = NULL;
    size_t html_size;
    if (xml_read(&document, bytes, size, "report", NULL))
        abort();
    if (page && report_html(&html, &html_size, document, NULL))
        abort();
}

static void try_report(struct report_source *source)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(free_pointer) uint8_t *disk = NULL;
    size_t size, disk_size;
    int rc = report_xml(&text, &size, source, NULL);
    source->outline = rc == GPMQ_ETOOBIG;
    if (source->outline)
        rc = report_xml(&text, &size, source, NULL);
    if (rc || report_to_disk(&disk, &disk_size, text, size, NULL))
        abort();
    must_read(text, size, size % 4 == 0); /* a page takes longer than all the rest */
    must_read(disk, disk_size, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct pieces pieces = {0};
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    if (!gpo)
        return 0;
    gpo->machine_extensions = strdup(extensions);
    gpo->user_extensions = strdup(extensions);
    cut(&pieces, gpo, bytes, size);
    struct report_source source = {.gpo = gpo, .read_file = read_file, .arg = &pieces};
    try_report(&source);
    return 0;
}
