/* access_check.c - the access check. */
#include "access_check.h"

#include <string.h>

#define ACE_INHERIT_ONLY 0x08
#define OWNER_IMPLICIT   0x00060000u /* read the descriptor, write the DACL */

enum effect { EFFECT_NONE, EFFECT_ALLOW, EFFECT_DENY };

/* [MS-DTYP] 2.4.4.1; a callback is a condition, which is not evaluated. */
static const uint8_t effects[] = {
    [0x00] = EFFECT_ALLOW,                        /* plain */
    [0x01] = EFFECT_DENY,  [0x05] = EFFECT_ALLOW, /* object */
    [0x06] = EFFECT_DENY,  [0x0A] = EFFECT_DENY,  /* callback */
    [0x0C] = EFFECT_DENY,                         /* callback object */
};

/* [MS-ADTS] 5.1.3.2: what generic bits mean for a directory object. */
static const struct {
    uint32_t generic, specific;
} mapping[] = {
    {0x10000000u, ACCESS_ALL},
    {0x20000000u, 0x00020004u},
    {0x40000000u, 0x00020028u},
    {0x80000000u, 0x00020094u},
};

static uint32_t mapped(uint32_t mask)
{
    for (size_t i = 0; i < sizeof mapping / sizeof *mapping; i++)
        if (mask & mapping[i].generic)
            mask = (mask & ~mapping[i].generic) | mapping[i].specific;
    return mask;
}

static bool has_part(const struct access_token *token, struct sd_part part)
{
    for (size_t i = 0; part.at && i < token->count; i++)
        if (token->sids[i].size == part.size &&
            memcmp(token->sids[i].bytes, part.at, part.size) == 0)
            return true;
    return false;
}

bool access_token_has(const struct access_token *token, const struct sid *sid)
{
    return has_part(token, (struct sd_part){sid->bytes, sid->size});
}

static bool is_owner_rights(struct sd_part part)
{
    static const uint8_t sid[] = {1, 1, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0};
    return part.size == sizeof sid && memcmp(part.at, sid, sizeof sid) == 0;
}

static enum effect effect_of(const struct sd_ace *ace)
{
    if (ace->flags & ACE_INHERIT_ONLY || ace->type >= sizeof effects)
        return EFFECT_NONE;
    return (enum effect)effects[ace->type];
}

/* Whether the ACE speaks of the right, where it speaks of one alone. */
static bool is_about(const struct sd_ace *ace, const uint8_t *right)
{
    return !ace->object_type || (right && memcmp(ace->object_type, right, 16) == 0);
}

static bool names_owner_rights(const struct sd *sd)
{
    struct sd_walk walk = sd_walk(sd->dacl);
    struct sd_ace ace;
    while (sd_next(&walk, &ace))
        if (effect_of(&ace) != EFFECT_NONE && is_owner_rights(ace.sid))
            return true;
    return false;
}

static void note_denial(struct access_answer *answer, unsigned number, struct sd_part sid)
{
    answer->why = ACCESS_DENIED;
    answer->ace = number;
    answer->trustee.size = sid.size;
    memcpy(answer->trustee.bytes, sid.at, sid.size);
}

enum access_why access_check(const struct sd *sd, const struct access_token *token, uint32_t wanted,
                             const uint8_t *right, struct access_answer *answer)
{
    struct access_answer unasked;
    answer = answer ? answer : &unasked;
    *answer = (struct access_answer){.why = ACCESS_GRANTED};
    if (!sd->dacl.at)
        return ACCESS_GRANTED;
    bool owner = has_part(token, sd->owner);
    uint32_t left = mapped(wanted);
    if (owner && !names_owner_rights(sd))
        left &= ~OWNER_IMPLICIT;
    struct sd_walk walk = sd_walk(sd->dacl);
    struct sd_ace ace;
    for (unsigned number = 0; left && sd_next(&walk, &ace); number++) {
        enum effect effect = effect_of(&ace);
        bool ours = has_part(token, ace.sid) || (owner && is_owner_rights(ace.sid));
        if (effect == EFFECT_NONE || !ours || !is_about(&ace, right))
            continue;
        uint32_t mask = mapped(ace.mask);
        if (effect == EFFECT_DENY && mask & left) {
            note_denial(answer, number, ace.sid);
            return ACCESS_DENIED;
        }
        if (effect == EFFECT_ALLOW)
            left &= ~mask;
    }
    return answer->why = left ? ACCESS_NOT_GRANTED : ACCESS_GRANTED;
}
