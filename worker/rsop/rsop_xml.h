/*
 * rsop_xml.h - a plan as XML: root Rsop in REPORT_NS_RSOP with PlannedData, as reports of GPMC and
 * gpresult have it, so that programs made for those read it.
 *
 * Ours, in REPORT_NS_GPMQ with the prefix "gpmq", and passed over by others:
 *
 *     Rsop/gpmq:Note*                         a sentence: what was assumed
 *     .../GPO/Link/gpmq:Outcome*              "applied" or a word of rsop_reason_word(), all of
 * them
 *     .../GPO/Link/gpmq:Because*              the same for people, with who and what
 *     .../GPO/Link/gpmq:Reason                "Loopback", when it is from the computer's place
 *     .../gpmq:Setting*                       every setting of the side:
 *         gpmq:Area  gpmq:Name
 *         gpmq:Value*                         what each GPO says, the winner first:
 *             gpmq:Standing  gpmq:Precedence  gpmq:Identifier  gpmq:GPO  gpmq:SOMPath
 *             gpmq:Text  gpmq:Note?
 *
 * A GPO that does not apply is listed with its links like one that does; GPMC's logging leaves some
 * of them out.
 */
#ifndef GPMQ_RSOP_XML_H
#define GPMQ_RSOP_XML_H

#include "rsop.h"

/* Writes the report: UTF-8, a NUL behind its *size bytes; free() *out. Names of accounts are asked
 * of the domain. What would be larger than xml_read() takes goes without ExtensionData, and says
 * so; GPMQ_ETOOBIG: that is too large as well. */
int rsop_xml(char **out, size_t *size, const struct rsop *rsop, struct domain *domain,
             int64_t read_unix_ms, struct gpmq_error *err) GPMQ_CHECKED;

#endif
