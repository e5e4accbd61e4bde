/*
 * report_parts.h - a report while it is made: what its sections share.
 *
 * A section is made in two steps: first it reads and judges what it is made from, then it begins
 * its ExtensionData and writes. So a section that fails has written nothing, and what it failed on
 * is listed among the other files.
 */
#ifndef GPMQ_REPORT_PARTS_H
#define GPMQ_REPORT_PARTS_H

#include "report.h"
#include "report_area.h"
#include "report_names.h"
#include "report_pol.h"
#include "report_write.h"
#include "sid.h"

/* What became of a file of the GPO. */
struct report_file_note {
    bool told;    /* a section tells of it */
    char *reason; /* why it is not: it could not be parsed; or NULL */
};

struct report {
    const struct report_source *source;
    struct report_write write;
    struct report_names names;
    struct report_file_note *notes; /* one for each of source->gpo->files */
    unsigned extensions;            /* begun so far: q1, q2, ... */
    bool has_domain_sid;
    struct sid domain_sid;   /* of the GPO's domain, for SDDL */
    const char *failed_file; /* that the section which fails was reading; of gpo->files */

    /* Of the side that is being written. */
    const char *folder;     /* "Machine" or "User" */
    const char *registered; /* its extension names */
    struct report_pol pol;  /* its registry.pol */
    bool has_pol;
};

/* Reads a file below the side's folder, compared without case. *out is NULL when there is none;
 * free() it. GPMQ_ETOOBIG: over REPORT_FILE_MAX. */
int report_read(struct report *report, const char *path, uint8_t **out, size_t *size,
                struct gpmq_error *err) GPMQ_CHECKED;
/* The same as UTF-8, whatever it was saved as. *out is NULL when there is no such file. */
int report_read_text(struct report *report, const char *path, char **out,
                     struct gpmq_error *err) GPMQ_CHECKED;
/* That a section tells of this file below the side's folder. */
void report_told(struct report *report, const char *path);

/* Finds it out; and what it is, or NULL. */
void report_find_domain(struct report *report);
const struct sid *report_domain_sid(const struct report *report);

/* Begins <ExtensionData><Extension xsi:type=...>: what is written until the end has its prefix. */
void report_begin_area(struct report *report, const struct report_area *area);
void report_end_area(struct report *report, const struct report_area *area);

/* <name><SID/><Name/></name> for an account as settings write it: "*S-1-5-...", "S-1-5-..." or a
 * name. A SID that nobody knows has no Name; a name has no SID. */
int report_account(struct report *report, const char *name, const char *account,
                   struct gpmq_error *err) GPMQ_CHECKED;
/* The same inside of a security descriptor, where elements have no prefix; namespace_uri NULL: its
 * parent's. */
int report_trustee(struct report *report, const char *name, const char *namespace_uri,
                   const char *sid, struct gpmq_error *err) GPMQ_CHECKED;

/* Makes a section, if there is something to tell of. A failure of content (report_is_content()) is
 * about report->failed_file. */
typedef int report_section(struct report *report, const struct report_area *area,
                           struct gpmq_error *err);
report_section report_registry;
report_section report_security;
report_section report_applocker;
report_section report_audit;
report_section report_firewall;
report_section report_folder_redirection;
report_section report_nrpt;
report_section report_preferences;
report_section report_publickey;
report_section report_remote_installation;
report_section report_scripts;
report_section report_software;

/* Whether a failure means that what was read is wrong, and not that reading failed. */
bool report_is_content(int code);

/* <Identifier> to <FilterDescription>. */
int report_head(struct report *report, struct gpmq_error *err) GPMQ_CHECKED;
/* <Computer> or <User>. */
int report_side(struct report *report, bool computer, struct gpmq_error *err) GPMQ_CHECKED;
/* The files below `folder` ("" is outside of both sides) that no section told of, and the side's
 * registered extensions that have no section. */
void report_other(struct report *report, const char *folder, const char *registered);

#endif
