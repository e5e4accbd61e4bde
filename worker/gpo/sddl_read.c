/* sddl_read.c - text becomes a security descriptor. */
#include "sddl.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "gpmq/op.h"
#include "sddl_words.h"

#define ACE_FIELDS     6  /* type;flags;rights;object;inherited object;trustee */
#define SHOWN_MAX      40 /* bytes of a wrong piece that an error quotes */
#define REVISION       2  /* of an ACL */
#define REVISION_DS    4  /* of one with object ACEs */
#define OBJECT_TYPE    1u
#define INHERITED_TYPE 2u

/* A piece of the text. */
struct piece {
    const char *at;
    size_t length;
};

/* What was read; the parts lie in memory of their own until the descriptor is put together. */
struct reading {
    const struct sid *domain;
    uint16_t control;
    bool seen[4]; /* O G D S */
    struct sid owner, group;
    struct bytes dacl, sacl;
    bool null_dacl;
};

static int refuse(struct gpmq_error *err, const char *what, struct piece piece)
{
    return fail(err, GPMQ_EMALFORMED, "SDDL: %s at '%.*s'", what,
                (int)(piece.length < SHOWN_MAX ? piece.length : SHOWN_MAX), piece.at);
}

static void skip_spaces(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static struct piece trim(const char *at, size_t length)
{
    while (length && isspace((unsigned char)*at))
        at++, length--;
    while (length && isspace((unsigned char)at[length - 1]))
        length--;
    return (struct piece){at, length};
}

static const struct sddl_trustee_word *find_trustee(const char *text)
{
    for (const struct sddl_trustee_word *word = sddl_trustee_words; *word->word; word++)
        if (strcasecmp(word->word, text) == 0)
            return word;
    return NULL;
}

int sddl_trustee_parse(struct sid *out, const char *text, const struct sid *domain,
                       struct gpmq_error *err)
{
    if (strncasecmp(text, "S-", 2) == 0)
        return sid_parse(out, text, NULL) == 0
                   ? 0
                   : refuse(err, "no SID", (struct piece){text, strlen(text)});
    const struct sddl_trustee_word *word = find_trustee(text);
    if (!word)
        return refuse(err, "no trustee", (struct piece){text, strlen(text)});
    if (word->scope == SDDL_FIXED)
        return sid_parse(out, word->sid, err);
    if (!domain)
        return fail(err, GPMQ_EINVAL,
                    "SDDL: '%s' is an account of a domain, and no domain is given", text);
    return sid_append(out, domain, word->rid, err);
}

static int read_trustee(const struct reading *reading, struct piece piece, struct sid *out,
                        struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    piece = trim(piece.at, piece.length);
    if (piece.length >= sizeof text)
        return refuse(err, "no trustee", piece);
    memcpy(text, piece.at, piece.length);
    text[piece.length] = 0;
    return sddl_trustee_parse(out, text, reading->domain, err);
}

/* "0x1f", "017" or "31", as C has them, of 32 bits. */
static bool read_number(struct piece piece, uint32_t *out)
{
    char text[16], *end;
    if (!piece.length || piece.length >= sizeof text || !isdigit((unsigned char)*piece.at))
        return false;
    memcpy(text, piece.at, piece.length);
    text[piece.length] = 0;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    *out = (uint32_t)number;
    return !errno && !*end && number <= UINT32_MAX;
}

/* Words of two letters in a row, each in one of the two tables. */
static int read_words(struct piece piece, const struct sddl_word *first,
                      const struct sddl_word *second, const char *what, uint32_t *out,
                      struct gpmq_error *err)
{
    *out = 0;
    for (size_t at = 0; at < piece.length; at += 2) {
        size_t length = piece.length - at < 2 ? 1 : 2;
        const struct sddl_word *word = sddl_word_find(first, piece.at + at, length);
        if (!word && second)
            word = sddl_word_find(second, piece.at + at, length);
        if (!word)
            return refuse(err, what, (struct piece){piece.at + at, piece.length - at});
        *out |= word->number;
    }
    return 0;
}

static int read_rights(uint8_t type, struct piece piece, uint32_t *out, struct gpmq_error *err)
{
    if (piece.length && isdigit((unsigned char)*piece.at))
        return read_number(piece, out) ? 0 : refuse(err, "no access mask", piece);
    if (type == SDDL_TYPE_LABEL)
        return read_words(piece, sddl_label_rights, NULL, "no right", out, err);
    return read_words(piece, sddl_right_bits, sddl_right_masks, "no right", out, err);
}

/* Reads a GUID of an object ACE into Microsoft's order; none leaves *which as it is. */
static int read_guid(struct piece piece, uint32_t bit, uint32_t *which, uint8_t le[16],
                     struct gpmq_error *err)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid;
    if (!piece.length)
        return 0;
    if (piece.length >= sizeof text)
        return refuse(err, "no GUID", piece);
    memcpy(text, piece.at, piece.length);
    text[piece.length] = 0;
    if (gpmq_guid_parse(&guid, text) != 0)
        return refuse(err, "no GUID", piece);
    gpmq_guid_to_le(&guid, le);
    *which |= bit;
    return 0;
}

static void put_ace(struct bytes *acl, uint8_t type, uint32_t flags, uint32_t mask, bool object,
                    uint32_t which, uint8_t guids[2][16], const struct sid *sid)
{
    size_t guid_bytes = 16u * (!!(which & OBJECT_TYPE) + !!(which & INHERITED_TYPE));
    uint8_t head[2] = {type, (uint8_t)flags};
    bytes_put(acl, head, sizeof head);
    bytes_put_u16(acl, (uint16_t)(8 + (object ? 4 + guid_bytes : 0) + sid->size));
    bytes_put_u32(acl, mask);
    if (object)
        bytes_put_u32(acl, which);
    if (which & OBJECT_TYPE)
        bytes_put(acl, guids[0], 16);
    if (which & INHERITED_TYPE)
        bytes_put(acl, guids[1], 16);
    bytes_put(acl, sid->bytes, sid->size);
}

static int read_fields(const struct reading *reading, struct piece fields[ACE_FIELDS],
                       struct bytes *acl, bool *object, struct gpmq_error *err)
{
    const struct sddl_ace_word *word = sddl_ace_by_word(fields[0].at, fields[0].length);
    if (!word)
        return refuse(err, "no type of ACE", fields[0]);
    if (word->form == SDDL_MORE)
        return fail(err, GPMQ_EUNSUPPORTED,
                    "SDDL: an ACE of type %s has a condition or claim, "
                    "which is not supported",
                    word->word);
    uint8_t guids[2][16];
    uint32_t flags, mask, which = 0;
    struct sid sid;
    int rc = read_words(fields[1], sddl_ace_flags, NULL, "no ACE flag", &flags, err);
    if (!rc)
        rc = read_rights(word->type, fields[2], &mask, err);
    if (!rc)
        rc = read_guid(fields[3], OBJECT_TYPE, &which, guids[0], err);
    if (!rc)
        rc = read_guid(fields[4], INHERITED_TYPE, &which, guids[1], err);
    if (!rc && which && word->form != SDDL_OBJECT)
        rc = refuse(err, "a GUID in an ACE that has none", fields[0]);
    if (!rc)
        rc = read_trustee(reading, fields[5], &sid, err);
    if (rc)
        return rc;
    *object |= word->form == SDDL_OBJECT;
    put_ace(acl, word->type, flags, mask, word->form == SDDL_OBJECT, which, guids, &sid);
    return 0;
}

/* Reads "(...)" at *at and moves behind it. */
static int read_ace(const struct reading *reading, const char **at, struct bytes *acl, bool *object,
                    struct gpmq_error *err)
{
    struct piece whole = {*at, strlen(*at)}, fields[ACE_FIELDS];
    const char *field = *at + 1;
    for (int i = 0; i < ACE_FIELDS; i++) {
        size_t length = strcspn(field, ";()");
        fields[i] = trim(field, length);
        field += length;
        bool last = i == ACE_FIELDS - 1;
        /* A seventh field is a condition: the type, which comes first, says that. */
        if (*field != (last ? ')' : ';') && !(last && *field == ';'))
            return refuse(err, "an ACE that has not six fields", whole);
        field++;
    }
    int rc = read_fields(reading, fields, acl, object, err);
    if (!rc && field[-1] != ')')
        rc = refuse(err, "an ACE that has more than six fields", whole);
    if (!rc && acl->size > SDDL_ACL_MAX - 8)
        rc = fail(err, GPMQ_ETOOBIG, "SDDL: an ACL of more than %u bytes", SDDL_ACL_MAX);
    *at = field;
    return rc;
}

/* The control bits between "D:" and the first ACE. */
static void read_acl_flags(const char **at, uint16_t *bits)
{
    for (const struct sddl_word *flag = sddl_acl_flags; *flag->word;) {
        if (strncasecmp(*at, flag->word, strlen(flag->word)) == 0) {
            *at += strlen(flag->word);
            *bits |= (uint16_t)flag->number;
            flag = sddl_acl_flags;
        } else {
            flag++;
        }
    }
}

static int read_aces(const struct reading *reading, const char **at, struct bytes *out,
                     struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes aces = {0};
    unsigned count = 0;
    bool object = false;
    for (skip_spaces(at); **at == '('; skip_spaces(at), count++) {
        int rc = read_ace(reading, at, &aces, &object, err);
        if (rc)
            return rc;
    }
    bytes_put_u16(out, object ? REVISION_DS : REVISION);
    bytes_put_u16(out, (uint16_t)(8 + aces.size));
    bytes_put_u16(out, (uint16_t)count);
    bytes_put_u16(out, 0);
    bytes_put(out, aces.at, aces.size);
    if (aces.failed || out->failed)
        return fail(err, GPMQ_ENOMEM, "no memory for an ACL");
    return 0;
}

static int read_dacl(struct reading *reading, const char **at, struct gpmq_error *err)
{
    uint16_t bits = SD_DACL_PRESENT;
    read_acl_flags(at, &bits);
    reading->control |= bits;
    if (strncasecmp(*at, SDDL_NULL_ACL, strlen(SDDL_NULL_ACL)) == 0) {
        reading->null_dacl = true;
        *at += strlen(SDDL_NULL_ACL);
        return 0;
    }
    return read_aces(reading, at, &reading->dacl, err);
}

static int read_sacl(struct reading *reading, const char **at, struct gpmq_error *err)
{
    uint16_t bits = 0;
    read_acl_flags(at, &bits);
    /* A SACL's bits are the DACL's, one place higher. */
    reading->control |= (uint16_t)(SD_SACL_PRESENT | bits << 1);
    return read_aces(reading, at, &reading->sacl, err);
}

/* A trustee that is not in brackets ends where the next part's letter and colon begin. */
static int read_account(const struct reading *reading, const char **at, struct sid *out,
                        struct gpmq_error *err)
{
    const char *colon = strchr(*at, ':');
    size_t length = !colon ? strlen(*at) : colon > *at ? (size_t)(colon - *at - 1) : 0;
    struct piece piece = {*at, length};
    *at += length;
    return read_trustee(reading, piece, out, err);
}

static int read_part(struct reading *reading, const char **at, struct gpmq_error *err)
{
    static const char letters[] = "OGDS";
    struct piece rest = {*at, strlen(*at)};
    const char *letter = strchr(letters, toupper((unsigned char)**at));
    if (!letter || (*at)[1] != ':')
        return refuse(err, "no O:, G:, D: or S:", rest);
    if (reading->seen[letter - letters])
        return refuse(err, "a part that was there before", rest);
    reading->seen[letter - letters] = true;
    *at += 2;
    switch (*letter) {
    case 'O':
        return read_account(reading, at, &reading->owner, err);
    case 'G':
        return read_account(reading, at, &reading->group, err);
    case 'D':
        return read_dacl(reading, at, err);
    default:
        return read_sacl(reading, at, err);
    }
}

static int read_all(struct reading *reading, const char *text, uint8_t **out, size_t *size,
                    struct gpmq_error *err)
{
    const char *at = text;
    for (skip_spaces(&at); *at; skip_spaces(&at)) {
        int rc = read_part(reading, &at, err);
        if (rc)
            return rc;
    }
    struct sd sd = {.control = SD_SELF_RELATIVE | reading->control};
    if (reading->owner.size)
        sd.owner = (struct sd_part){reading->owner.bytes, reading->owner.size};
    if (reading->group.size)
        sd.group = (struct sd_part){reading->group.bytes, reading->group.size};
    sd.dacl = (struct sd_part){reading->dacl.at, reading->dacl.size};
    sd.sacl = (struct sd_part){reading->sacl.at, reading->sacl.size};
    return sd_build(&sd, out, size, err);
}

int sddl_parse(const char *text, const struct sid *domain, uint8_t **out, size_t *size,
               struct gpmq_error *err)
{
    if (strlen(text) > SDDL_TEXT_MAX)
        return fail(err, GPMQ_ETOOBIG, "SDDL: more than %u bytes", SDDL_TEXT_MAX);
    struct reading reading = {.domain = domain};
    int rc = read_all(&reading, text, out, size, err);
    bytes_free(&reading.dacl);
    bytes_free(&reading.sacl);
    return rc;
}
