/*
 * sddl.h - security descriptors as text, in the Security Descriptor Definition Language
 * ([MS-DTYP] 2.5.1): "O:DAG:DAD:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)...".
 *
 * Writing follows what Windows writes: trustees and rights by their abbreviation where there is
 * one, a mask with a bit that has no name in hex, GUIDs in lower case. Forest-wide accounts (EA,
 * SA, RO, EK) and the local accounts LA and LG are written as SIDs, since a domain's SID does not
 * tell whose they are; all are read. On real data: every report of a backup has its Enterprise
 * Admins as a SID.
 *
 * Not known: conditions (XA, XD, XU, ZA), resource attributes (RA), access filters (FL). They are
 * GPMQ_EUNSUPPORTED in both directions, naming the ACE: no condition is ever dropped silently.
 */
#ifndef GPMQ_SDDL_H
#define GPMQ_SDDL_H

#include "sd.h"

#define SDDL_TEXT_MAX (1u << 20) /* bytes of text that are read; none that is written is longer */
#define SDDL_ACL_MAX  0xFFFFu    /* bytes of one ACL */

/* Writes a descriptor that sd_open() judged, as far as it has owner, group, DACL and SACL; free()
 * *out. domain: the SID that DA, DU ... belong to, or NULL, and they are written as SIDs. Bytes
 * behind the SID of an ACE, which Windows does not show either, are left out.
 * GPMQ_EUNSUPPORTED: an ACE of a type that has no words here. */
int sddl_text(const struct sd *sd, const struct sid *domain, char **out,
              struct gpmq_error *err) GPMQ_CHECKED;

/* Reads text into a self-relative descriptor; free() *out. The parts may stand in any order, each
 * at most once; words count in any case; spaces may stand between parts and ACEs.
 * GPMQ_EMALFORMED says where. GPMQ_EINVAL: DA, DU ... without a domain. GPMQ_ETOOBIG: text or ACL
 * over its limit. GPMQ_EUNSUPPORTED: an ACE with a condition. */
int sddl_parse(const char *text, const struct sid *domain, uint8_t **out, size_t *size,
               struct gpmq_error *err) GPMQ_CHECKED;

/* One trustee or mask alone, as reports and messages show them. The text of a mask is at most
 * SDDL_RIGHTS_SIZE bytes, of a trustee SID_TEXT_SIZE, each with its NUL; both return text. */
#define SDDL_RIGHTS_SIZE 48
const char *sddl_rights_text(uint32_t mask, char text[SDDL_RIGHTS_SIZE]);
const char *sddl_trustee_text(const struct sid *sid, const struct sid *domain,
                              char text[SID_TEXT_SIZE]);
/* "DA", "BA" or "S-1-...". GPMQ_EMALFORMED; GPMQ_EINVAL: needs a domain. */
int sddl_trustee_parse(struct sid *out, const char *text, const struct sid *domain,
                       struct gpmq_error *err) GPMQ_CHECKED;

#endif
