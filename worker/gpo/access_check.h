/*
 * access_check.h - may this token do that? The access check on a directory object's descriptor
 * ([MS-DTYP] 2.5.3.2, [MS-ADTS] 5.1.3.3).
 *
 * ACEs count in their order: of each wanted bit the first one that names it for a SID of the token
 * decides. An ACE that is for inheritance only never counts. An object ACE with a GUID counts for
 * the extended right of that GUID alone; a plain one with the control-access bit for all of them.
 * The owner may read the descriptor and write its DACL, unless an ACE is for OWNER RIGHTS, which
 * then says what the owner may. No DACL: everything is allowed. Generic bits mean what they mean
 * for directory objects.
 *
 * Not evaluated: conditions. As with one whose result is unknown, a conditional allow never grants
 * and a conditional deny always denies. Privileges and deny-only groups are not known here.
 */
#ifndef GPMQ_ACCESS_CHECK_H
#define GPMQ_ACCESS_CHECK_H

#include "sd.h"

/* "Read" of a GPO as Windows grants it at the least: list, read properties, read the descriptor
 * ("LCRPRC"). The right to list the object itself (LO) counts only in forests that hide objects. */
#define ACCESS_READ    0x00020014u
#define ACCESS_CONTROL 0x00000100u /* an extended right, with its GUID */
#define ACCESS_ALL     0x000F01FFu /* full control of a directory object */

struct access_token {
    size_t count;
    const struct sid *sids; /* the account itself and all its groups */
};

enum access_why {
    ACCESS_GRANTED,
    ACCESS_NOT_GRANTED, /* no ACE allows all of it */
    ACCESS_DENIED,      /* an ACE denies some of it */
};

struct access_answer {
    enum access_why why;
    unsigned ace;       /* of the DACL, from 0: which one denied it */
    struct sid trustee; /* whom that ACE is for */
};

/* Whether the token has all bits of `wanted`. right: the GUID, in Microsoft's order, of the
 * extended right that ACCESS_CONTROL in `wanted` is about; NULL: of none. */
enum access_why access_check(const struct sd *sd, const struct access_token *token, uint32_t wanted,
                             const uint8_t *right, struct access_answer *answer);

bool access_token_has(const struct access_token *token, const struct sid *sid);

#endif
