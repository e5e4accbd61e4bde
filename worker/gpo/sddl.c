/* sddl.c - a security descriptor becomes text. */
#include "sddl.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "gpmq/op.h"
#include "sddl_words.h"

/* Writes the words of the bits; false: a bit has none. */
static bool put_bits(const struct sddl_word *words, uint32_t mask, char text[SDDL_RIGHTS_SIZE])
{
    size_t length = 0;
    text[0] = 0;
    for (; *words->word; words++) {
        if (!(mask & words->number))
            continue;
        length += (size_t)snprintf(text + length, SDDL_RIGHTS_SIZE - length, "%s", words->word);
        mask &= ~words->number;
    }
    return !mask;
}

static const char *rights_text(uint8_t type, uint32_t mask, char text[SDDL_RIGHTS_SIZE])
{
    bool label = type == SDDL_TYPE_LABEL;
    if (!label)
        for (const struct sddl_word *word = sddl_right_masks; *word->word; word++)
            if (word->number == mask) {
                snprintf(text, SDDL_RIGHTS_SIZE, "%s", word->word);
                return text;
            }
    if (!put_bits(label ? sddl_label_rights : sddl_right_bits, mask, text))
        snprintf(text, SDDL_RIGHTS_SIZE, "0x%x", mask);
    return text;
}

const char *sddl_rights_text(uint32_t mask, char text[SDDL_RIGHTS_SIZE])
{
    return rights_text(0, mask, text);
}

/* The last part of a SID that is one of the domain's own; 0: it is not. */
static uint32_t domain_rid(const struct sid *sid, const struct sid *domain)
{
    if (!domain || sid->size != domain->size + 4 || sid->bytes[1] != domain->bytes[1] + 1 ||
        memcmp(sid->bytes + 2, domain->bytes + 2, domain->size - 2) != 0)
        return 0;
    const uint8_t *rid = sid->bytes + domain->size;
    return (uint32_t)rid[0] | (uint32_t)rid[1] << 8 | (uint32_t)rid[2] << 16 |
           (uint32_t)rid[3] << 24;
}

const char *sddl_trustee_text(const struct sid *sid, const struct sid *domain,
                              char text[SID_TEXT_SIZE])
{
    uint32_t rid = domain_rid(sid, domain);
    sid_text(sid, text);
    for (const struct sddl_trustee_word *word = sddl_trustee_words; *word->word; word++) {
        bool fits = (word->scope == SDDL_FIXED && strcmp(text, word->sid) == 0) ||
                    (word->scope == SDDL_DOMAIN && rid == word->rid);
        if (fits) {
            snprintf(text, SID_TEXT_SIZE, "%s", word->word);
            break;
        }
    }
    return text;
}

static void put_sid(struct bytes *out, struct sd_part part, const struct sid *domain)
{
    struct sid sid;
    char text[SID_TEXT_SIZE];
    if (part.at && sid_read(&sid, part.at, part.size, NULL) == 0)
        bytes_put_text(out, sddl_trustee_text(&sid, domain, text));
}

static void put_guid(struct bytes *out, const uint8_t *le)
{
    if (!le)
        return;
    struct gpmq_guid guid = gpmq_guid_from_le(le);
    char text[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(&guid, text);
    for (const char *at = text; *at; at++)
        if (*at != '{' && *at != '}')
            bytes_put_char(out, (char)(*at >= 'A' && *at <= 'F' ? *at + ('a' - 'A') : *at));
}

static int put_ace(struct bytes *out, const struct sd_ace *ace, const struct sid *domain,
                   const char *acl, unsigned number, struct gpmq_error *err)
{
    const struct sddl_ace_word *word = sddl_ace_by_type(ace->type);
    char rights[SDDL_RIGHTS_SIZE];
    if (!word || word->form == SDDL_MORE)
        return fail(err, GPMQ_EUNSUPPORTED,
                    "ACE %u of the %s is of type 0x%02X (%s), which cannot be written as text",
                    number, acl, ace->type, word ? word->word : "unknown");
    bytes_format(out, "(%s;", word->word);
    for (const struct sddl_word *flag = sddl_ace_flags; *flag->word; flag++)
        if (ace->flags & flag->number)
            bytes_put_text(out, flag->word);
    bytes_format(out, ";%s;", rights_text(ace->type, ace->mask, rights));
    put_guid(out, ace->object_type);
    bytes_put_char(out, ';');
    put_guid(out, ace->inherited_object_type);
    bytes_put_char(out, ';');
    put_sid(out, ace->sid, domain);
    bytes_put_char(out, ')');
    return 0;
}

/* One ACL with its flags; a SACL's control bits are the DACL's, one place higher. */
static int put_acl(struct bytes *out, const struct sd *sd, bool sacl, const struct sid *domain,
                   struct gpmq_error *err)
{
    uint16_t control = sacl ? sd->control >> 1 : sd->control;
    struct sd_part acl = sacl ? sd->sacl : sd->dacl;
    /* A present bit counts whatever shift the others have: 0x4 and 0x10. */
    if (!(sd->control & (sacl ? SD_SACL_PRESENT : SD_DACL_PRESENT)) || (sacl && !acl.at))
        return 0;
    bytes_put_text(out, sacl ? "S:" : "D:");
    for (const struct sddl_word *flag = sddl_acl_flags; *flag->word; flag++)
        if (control & flag->number)
            bytes_put_text(out, flag->word);
    if (!acl.at) {
        bytes_put_text(out, SDDL_NULL_ACL);
        return 0;
    }
    struct sd_walk walk = sd_walk(acl);
    struct sd_ace ace;
    int rc = 0;
    for (unsigned number = 0; !rc && sd_next(&walk, &ace); number++)
        rc = put_ace(out, &ace, domain, sacl ? "SACL" : "DACL", number, err);
    return rc;
}

int sddl_text(const struct sd *sd, const struct sid *domain, char **out, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    void *taken;
    bytes_put_text(&text, sd->owner.at ? "O:" : "");
    put_sid(&text, sd->owner, domain);
    bytes_put_text(&text, sd->group.at ? "G:" : "");
    put_sid(&text, sd->group, domain);
    int rc = put_acl(&text, sd, false, domain, err);
    if (!rc)
        rc = put_acl(&text, sd, true, domain, err);
    if (!rc)
        rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}
