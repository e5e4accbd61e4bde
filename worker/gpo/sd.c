/* sd.c - self-relative security descriptors. */
#include "sd.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"

#define SD_HEAD  20 /* revision, sbz, control, four offsets */
#define ACL_HEAD 8
#define ACE_HEAD 4

#define ACE_OBJECT_TYPE           1u /* flags of an object ACE: which GUIDs it has */
#define ACE_INHERITED_OBJECT_TYPE 2u

#define DACL_BITS                                                                                  \
    (SD_DACL_PRESENT | SD_DACL_DEFAULTED | SD_DACL_INHERIT_REQ | SD_DACL_INHERITED |               \
     SD_DACL_PROTECTED)

/* What stands between an ACE's header and its SID. */
enum ace_form { ACE_UNKNOWN, ACE_PLAIN, ACE_OBJECT };
static const uint8_t ace_forms[] = {
    [0x00] = ACE_PLAIN,  [0x01] = ACE_PLAIN,  [0x02] = ACE_PLAIN,  [0x03] = ACE_PLAIN,
    [0x05] = ACE_OBJECT, [0x06] = ACE_OBJECT, [0x07] = ACE_OBJECT, [0x08] = ACE_OBJECT,
    [0x09] = ACE_PLAIN,  [0x0A] = ACE_PLAIN,  [0x0B] = ACE_OBJECT, [0x0C] = ACE_OBJECT,
    [0x0D] = ACE_PLAIN,  [0x0E] = ACE_PLAIN,  [0x0F] = ACE_OBJECT, [0x10] = ACE_OBJECT,
    [0x11] = ACE_PLAIN,  [0x12] = ACE_PLAIN,  [0x13] = ACE_PLAIN,  [0x14] = ACE_PLAIN,
    [0x15] = ACE_PLAIN,
};

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)u16(at) | (uint32_t)u16(at + 2) << 16;
}

/* Takes the ACE at `at` apart, which may use `room` bytes. 0: it does not fit together. */
static size_t read_ace(const uint8_t *at, size_t room, struct sd_ace *out)
{
    if (room < ACE_HEAD)
        return 0;
    size_t size = u16(at + 2);
    if (size < ACE_HEAD || size > room)
        return 0;
    struct sd_ace ace = {.type = at[0], .flags = at[1]};
    enum ace_form form = ace.type < sizeof ace_forms ? ace_forms[ace.type] : ACE_UNKNOWN;
    if (form != ACE_UNKNOWN) {
        size_t sid_at = ACE_HEAD + 4;
        if (size < sid_at + (form == ACE_OBJECT ? 4 : 0))
            return 0;
        ace.mask = u32(at + ACE_HEAD);
        if (form == ACE_OBJECT) {
            uint32_t which = u32(at + sid_at);
            sid_at += 4;
            if (which & ACE_OBJECT_TYPE) {
                ace.object_type = at + sid_at;
                sid_at += 16;
            }
            if (which & ACE_INHERITED_OBJECT_TYPE) {
                ace.inherited_object_type = at + sid_at;
                sid_at += 16;
            }
        }
        if (sid_at > size)
            return 0;
        ace.sid = (struct sd_part){at + sid_at, sid_measure(at + sid_at, size - sid_at)};
        if (!ace.sid.size)
            return 0;
    }
    *out = ace;
    return size;
}

static int open_sid(struct sd_part *out, const char *what, const uint8_t *bytes, size_t size,
                    uint32_t offset, struct gpmq_error *err)
{
    if (!offset)
        return 0;
    size_t length =
        offset >= SD_HEAD && offset < size ? sid_measure(bytes + offset, size - offset) : 0;
    if (!length)
        return fail(err, GPMQ_EDAMAGED, "damaged security descriptor: no %s SID at byte %u", what,
                    offset);
    *out = (struct sd_part){bytes + offset, length};
    return 0;
}

static int open_acl(struct sd_part *out, const char *what, const uint8_t *bytes, size_t size,
                    uint32_t offset, struct gpmq_error *err)
{
    if (!offset)
        return 0;
    size_t room = offset >= SD_HEAD && offset < size ? size - offset : 0;
    const uint8_t *acl = bytes + offset;
    if (room < ACL_HEAD || u16(acl + 2) < ACL_HEAD || u16(acl + 2) > room)
        return fail(err, GPMQ_EDAMAGED, "damaged security descriptor: no %s at byte %u", what,
                    offset);
    size_t acl_size = u16(acl + 2), at = ACL_HEAD;
    for (unsigned i = 0; i < u16(acl + 4); i++) {
        struct sd_ace ace;
        size_t step = read_ace(acl + at, acl_size - at, &ace);
        if (!step)
            return fail(err, GPMQ_EDAMAGED, "damaged security descriptor: ACE %u of the %s", i,
                        what);
        at += step;
    }
    *out = (struct sd_part){acl, acl_size};
    return 0;
}

int sd_open(struct sd *out, const void *from, size_t size, struct gpmq_error *err)
{
    const uint8_t *bytes = from;
    if (size < SD_HEAD)
        return fail(err, GPMQ_EDAMAGED, "damaged security descriptor: only %zu bytes", size);
    struct sd sd = {.control = u16(bytes + 2)};
    if (bytes[0] != 1 || !(sd.control & SD_SELF_RELATIVE))
        return fail(err, GPMQ_EDAMAGED, "damaged security descriptor: revision %u, control 0x%04X",
                    bytes[0], sd.control);
    int rc = open_sid(&sd.owner, "owner", bytes, size, u32(bytes + 4), err);
    if (!rc)
        rc = open_sid(&sd.group, "group", bytes, size, u32(bytes + 8), err);
    if (!rc && sd.control & SD_SACL_PRESENT)
        rc = open_acl(&sd.sacl, "SACL", bytes, size, u32(bytes + 12), err);
    if (!rc && sd.control & SD_DACL_PRESENT)
        rc = open_acl(&sd.dacl, "DACL", bytes, size, u32(bytes + 16), err);
    if (!rc)
        *out = sd;
    return rc;
}

struct sd_walk sd_walk(struct sd_part acl)
{
    if (!acl.at)
        return (struct sd_walk){0};
    return (struct sd_walk){acl.at + ACL_HEAD, u16(acl.at + 4)};
}

bool sd_next(struct sd_walk *walk, struct sd_ace *out)
{
    if (!walk->left)
        return false;
    walk->left--;
    walk->at += read_ace(walk->at, u16(walk->at + 2), out);
    return true;
}

static bool has_sid(const struct sid *sids, size_t count, const struct sid *sid)
{
    for (size_t i = 0; i < count; i++)
        if (sid_equal(&sids[i], sid))
            return true;
    return false;
}

int sd_dacl_sids(const struct sd *sd, struct sid **out, size_t *count, struct gpmq_error *err)
{
    struct sd_walk walk = sd_walk(sd->dacl);
    CLEANUP(free_pointer) struct sid *sids = walk.left ? calloc(walk.left, sizeof *sids) : NULL;
    if (walk.left && !sids)
        return fail(err, GPMQ_ENOMEM, "no memory for %u SIDs", walk.left);
    size_t found = 0;
    struct sd_ace ace;
    while (sd_next(&walk, &ace)) {
        struct sid sid;
        if (ace.sid.at && sid_read(&sid, ace.sid.at, ace.sid.size, NULL) == 0 &&
            !has_sid(sids, found, &sid))
            sids[found++] = sid;
    }
    *out = STEAL(sids);
    *count = found;
    return 0;
}

int sd_build(const struct sd *sd, uint8_t **out, size_t *size, struct gpmq_error *err)
{
    const struct sd_part *parts[] = {&sd->sacl, &sd->dacl, &sd->owner, &sd->group};
    static const int field_of[] = {2, 3, 0, 1};
    uint32_t offsets[4] = {0};
    uint32_t at = SD_HEAD;
    for (int i = 0; i < 4; i++) {
        if (!parts[i]->at)
            continue;
        offsets[field_of[i]] = at;
        at += (uint32_t)parts[i]->size;
    }
    CLEANUP(bytes_free) struct bytes bytes = {0};
    bytes_put(&bytes, "\1", 2);
    bytes_put_u16(&bytes, sd->control);
    for (int i = 0; i < 4; i++)
        bytes_put_u32(&bytes, offsets[i]);
    for (int i = 0; i < 4; i++)
        bytes_put(&bytes, parts[i]->at, parts[i]->size);
    void *taken;
    int rc = bytes_take(&bytes, &taken, size, err);
    if (!rc)
        *out = taken;
    return rc;
}

int sd_dacl_only(const struct sd *sd, uint8_t **out, size_t *size, struct gpmq_error *err)
{
    struct sd bare = {
        .control = sd->control & (SD_SELF_RELATIVE | DACL_BITS | SD_SACL_INHERITED),
        .dacl = sd->dacl,
    };
    return sd_build(&bare, out, size, err);
}

int sd_replace_dacl(const struct sd *full, const struct sd *other, uint8_t **out, size_t *size,
                    struct gpmq_error *err)
{
    struct sd mixed = *full;
    mixed.control = (uint16_t)((full->control & ~DACL_BITS) | (other->control & DACL_BITS));
    mixed.dacl = other->dacl;
    return sd_build(&mixed, out, size, err);
}

#define MASK_FULL  0x000F00FFu
#define MASK_READ  0x00020094u
#define MASK_APPLY 0x00000100u

const uint8_t sd_apply_right[16] = {0x8f, 0xfd, 0xac, 0xed, 0xb3, 0xff, 0xd1, 0x11,
                                    0xb4, 0x1d, 0x00, 0xa0, 0xc9, 0x68, 0xf9, 0x39};

/* Who a default ACE is for: a RID of the domain, or a SID of its own. */
struct default_ace {
    uint8_t type;
    uint8_t flags;
    uint32_t mask;
    uint32_t rid;
    const char *sid;
};

static const struct default_ace default_aces[] = {
    {5, 0x02, MASK_APPLY, 0, "S-1-5-11"}, /* Authenticated Users apply it */
    {0, 0x00, MASK_FULL, 512, NULL},      /* Domain Admins */
    {0, 0x02, MASK_FULL, 512, NULL},      /* and what lies below */
    {0, 0x02, MASK_FULL, 519, NULL},      /* Enterprise Admins */
    {0, 0x02, MASK_READ, 0, "S-1-5-9"},   /* Enterprise Domain Controllers */
    {0, 0x02, MASK_READ, 0, "S-1-5-11"},  /* Authenticated Users */
    {0, 0x02, MASK_FULL, 0, "S-1-5-18"},  /* SYSTEM */
    {0, 0x0A, MASK_FULL, 0, "S-1-3-0"},   /* CREATOR OWNER, for what will be made below */
};
#define DEFAULT_ACES (sizeof default_aces / sizeof *default_aces)

static void put_ace(struct bytes *acl, const struct default_ace *ace, const struct sid *sid)
{
    bool object = ace->type == 5;
    uint8_t head[2] = {ace->type, ace->flags};
    bytes_put(acl, head, sizeof head);
    bytes_put_u16(acl, (uint16_t)(ACE_HEAD + 4 + (object ? 4 + 16 : 0) + sid->size));
    bytes_put_u32(acl, ace->mask);
    if (object) {
        bytes_put_u32(acl, ACE_OBJECT_TYPE);
        bytes_put(acl, sd_apply_right, sizeof sd_apply_right);
    }
    bytes_put(acl, sid->bytes, sid->size);
}

static int put_default_aces(struct bytes *aces, const struct sid *domain, struct gpmq_error *err)
{
    for (size_t i = 0; i < DEFAULT_ACES; i++) {
        const struct default_ace *ace = &default_aces[i];
        struct sid sid;
        int rc =
            ace->sid ? sid_parse(&sid, ace->sid, err) : sid_append(&sid, domain, ace->rid, err);
        if (rc)
            return rc;
        put_ace(aces, ace, &sid);
    }
    return 0;
}

int sd_default_gpo(const struct sid *domain, uint8_t **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes aces = {0};
    CLEANUP(bytes_free) struct bytes acl = {0};
    struct sid admins;
    int rc = sid_append(&admins, domain, 512, err);
    if (!rc)
        rc = put_default_aces(&aces, domain, err);
    if (rc)
        return rc;
    bytes_put(&acl, "\4", 2); /* ACL_REVISION_DS: it has an object ACE */
    bytes_put_u16(&acl, (uint16_t)(ACL_HEAD + aces.size));
    bytes_put_u16(&acl, DEFAULT_ACES);
    bytes_put_u16(&acl, 0);
    bytes_put(&acl, aces.at, aces.size);
    if (aces.failed || acl.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
    struct sd sd = {
        .control = SD_SELF_RELATIVE | SD_DACL_PROTECTED | SD_DACL_INHERITED | SD_SACL_INHERITED |
                   SD_DACL_PRESENT,
        .owner = {admins.bytes, admins.size},
        .group = {admins.bytes, admins.size},
        .dacl = {acl.at, acl.size},
    };
    return sd_build(&sd, out, size, err);
}
