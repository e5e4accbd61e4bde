/* fuzz_report_kept.c - any gpreport.xml in a backup: what is kept of it makes a report again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "report_kept.h"
#include "sddl.h"
#include "xml.h"

#define GPO_ID "{31B2F340-016D-11D2-945F-00C04FB984F9}"
#define DACL   "D:PAI(A;CI;LCRPLORC;;;AU)"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A backup of one GPO without files. */
static struct gpo *make_gpo(void)
{
    struct gpo *gpo = calloc(1, sizeof *gpo);
    if (!gpo || gpmq_guid_parse(&gpo->id, GPO_ID) ||
        sddl_parse(DACL, NULL, &gpo->security_descriptor, &gpo->security_descriptor_size, NULL))
        abort();
    return gpo;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(gpo_free) struct gpo *gpo = make_gpo();
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    struct backup backup = {.gpo = gpo};
    struct report_backup from = {.backup = &backup, .kept = &kept};
    struct report_source source;
    size_t text_size;
    if (report_kept_parse(&kept, bytes, size, gpo, NULL))
        abort();
    report_backup_source(&source, &from);
    if (report_xml(&text, &text_size, &source, NULL) ||
        xml_read(&document, text, text_size, "report", NULL))
        abort();
    return 0;
}
