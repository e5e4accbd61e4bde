/*
 * report.h - the XML report of a GPO, as IGPMGPO::GenerateReport and IGPMBackup::GenerateReport
 * make it (facts: namespaces and order of elements held against 48 reports that Windows wrote;
 * docs/reports.md says where and why we differ).
 *
 * It is the one model of a GPO's settings: HTML, comparison and planning are made from it, from
 * ours as from Windows' own.
 *
 * Trust.  Everything that a GPO holds is from outside. A file that cannot be parsed makes no report
 *         fail: it is listed, with the reason, in an element of ours (REPORT_NS_GPMQ). So is every
 *         file that no section tells of.
 * Secrets. A password in preferences (cpassword: its key is published) is never written; in its
 *         place stands REPORT_SECRET.
 */
#ifndef GPMQ_REPORT_H
#define GPMQ_REPORT_H

#include "domain.h"

struct admx;

#define REPORT_SECRET   "(a password that everybody can decrypt: removed)"
#define REPORT_FILE_MAX (16u << 20) /* bytes of a file that a section is made from */

/* Where a GPO is linked. */
struct report_link {
    const char *som_name; /* "Domain Controllers" */
    const char *som_path; /* "example.test/Domain Controllers" */
    bool enabled;
    bool enforced;
};

/* What a report is made from; borrowed for the call. */
struct report_source {
    const struct gpo *gpo;
    /* Feeds one file of the GPO, by a path from gpo->files. */
    int (*read_file)(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err);
    /* Who a SID is; an unknown one is no error: only ->sid is filled in. NULL: nobody knows. */
    int (*principal)(void *arg, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err);
    void *arg;
    int64_t read_unix_ms;   /* when: ReadTime */
    const char *domain_sid; /* NULL: taken from the Domain Admins of the DACL */
    size_t link_count;
    const struct report_link *links;
    const char *filter_description; /* of gpo->wmi_filter, or NULL */
    /* Told before each part: `done` of `all` are; false: stop, GPMQ_ESTOPPED. NULL: nobody asks. */
    bool (*progress)(void *arg, unsigned done, unsigned all);
    void *progress_arg;
    bool outline; /* the head and the list of files alone */
    /* What registry values are called (admx.h); NULL: each is shown as it is. */
    const struct admx *admx;
};

/* Makes the report: *out is UTF-8 with line feeds, a NUL behind its *size bytes; free() it.
 * GPMQ_ETOOBIG: it would be more than xml_read() takes; with ->outline it is not. Errors of
 * read_file() and principal() other than of content are handed on. */
int report_xml(char **out, size_t *size, const struct report_source *source,
               struct gpmq_error *err) GPMQ_CHECKED;

/* The report as Windows lays it on disk: UTF-16LE with byte order mark, CRLF, and a declaration
 * that says so. free() *out. */
int report_to_disk(uint8_t **out, size_t *out_size, const char *report, size_t size,
                   struct gpmq_error *err) GPMQ_CHECKED;

#endif
