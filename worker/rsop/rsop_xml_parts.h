/* rsop_xml_parts.h - what rsop_xml.c, rsop_xml_gpo.c and rsop_xml_data.c share. */
#ifndef GPMQ_RSOP_XML_PARTS_H
#define GPMQ_RSOP_XML_PARTS_H

#include "report_write.h"
#include "rsop_xml.h"

struct rsop_writing {
    struct report_write write;
    const struct rsop *rsop;
    struct domain *domain;
    unsigned extensions; /* begun so far: q1, q2, ... */
    bool flat;           /* without ExtensionData: all would be too large */
};

/* "DOMAIN\name", a well-known name, or the SID itself; free() *out. */
int rsop_account_name(const struct rsop_writing *writing, const struct sid *sid, char **out,
                      struct gpmq_error *err) GPMQ_CHECKED;

/* The GPO elements of a side, each with its links. */
int rsop_put_gpos(struct rsop_writing *writing, enum rsop_side side,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* ExtensionData of a side, then its gpmq:Setting elements. */
int rsop_put_data(struct rsop_writing *writing, enum rsop_side side,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif
