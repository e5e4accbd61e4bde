/* file_sd.c - from the permissions of a directory object to those of a folder. */
#include "file_sd.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"

#define ACE_ALLOW        0
#define ACE_ALLOW_OBJECT 5
#define OBJECT_INHERIT   0x01
#define FOLDER_INHERIT   0x02
#define INHERIT_ONLY     0x08
#define ACL_HEADER       8

/* [MS-DTYP] 2.4.3 and [MS-ADTS] 5.1.3.2. */
#define STANDARD_RIGHTS 0x001F0000u
#define DS_CREATE_CHILD 0x00000001u
#define DS_DELETE_CHILD 0x00000002u
#define DS_LIST         0x00000004u
#define DS_READ         0x00000010u
#define DS_WRITE        0x00000020u
#define FILE_READ       0x001000A9u /* synchronize, attributes, execute, extended attributes, data */
#define FILE_WRITE      0x00100116u /* synchronize, attributes, extended attributes, append, data */
#define FILE_ADD        0x00000006u
#define FILE_REMOVE     0x00000040u

uint32_t file_sd_mask(uint32_t ds_mask)
{
    uint32_t mask = ds_mask & STANDARD_RIGHTS;
    if ((ds_mask & (DS_READ | DS_LIST)) == (DS_READ | DS_LIST))
        mask |= FILE_READ;
    if (ds_mask & DS_WRITE)
        mask |= FILE_WRITE;
    if (ds_mask & DS_CREATE_CHILD)
        mask |= FILE_ADD;
    if (ds_mask & DS_DELETE_CHILD)
        mask |= FILE_REMOVE;
    return mask;
}

static bool is_sid(const struct sd_part *part, const char *text)
{
    struct sid sid;
    return part->at && sid_parse(&sid, text, NULL) == 0 && sid.size == part->size &&
           memcmp(sid.bytes, part->at, part->size) == 0;
}

/* What denies, and what is for systems before Windows 2000, has no counterpart in SYSVOL. */
static bool is_carried(const struct sd_ace *ace)
{
    return (ace->type == ACE_ALLOW || ace->type == ACE_ALLOW_OBJECT) &&
           !is_sid(&ace->sid, "S-1-5-32-554");
}

static void put_ace(struct bytes *acl, const uint8_t *raw, size_t size, const struct sd_ace *ace)
{
    size_t at = acl->size;
    uint32_t mask = file_sd_mask(ace->mask);
    bytes_put(acl, raw, size);
    if (acl->failed)
        return;
    acl->at[at + 1] |= OBJECT_INHERIT | FOLDER_INHERIT;
    if (is_sid(&ace->sid, "S-1-3-0"))
        acl->at[at + 1] |= INHERIT_ONLY;
    for (int i = 0; i < 4; i++)
        acl->at[at + 4 + (size_t)i] = (uint8_t)(mask >> (8 * i));
}

static uint16_t put_aces(struct bytes *acl, struct sd_part dacl)
{
    struct sd_walk walk = sd_walk(dacl);
    struct sd_ace ace;
    uint16_t count = 0;
    for (const uint8_t *raw = walk.at; sd_next(&walk, &ace); raw = walk.at) {
        if (!is_carried(&ace))
            continue;
        put_ace(acl, raw, (size_t)(walk.at - raw), &ace);
        count++;
    }
    return count;
}

int file_sd_from_ds(const struct sd *ds, uint8_t **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes acl = {0};
    if (!ds->owner.at || !ds->group.at || !ds->dacl.at)
        return fail(err, GPMQ_EINVAL,
                    "a security descriptor without owner, group or DACL gives none for SYSVOL");
    bytes_put(&acl, ds->dacl.at, ACL_HEADER);
    uint16_t count = put_aces(&acl, ds->dacl);
    if (acl.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
    acl.at[2] = (uint8_t)acl.size;
    acl.at[3] = (uint8_t)(acl.size >> 8);
    acl.at[4] = (uint8_t)count;
    acl.at[5] = (uint8_t)(count >> 8);
    uint16_t control = (uint16_t)((ds->control & ~SD_SACL_PRESENT) | SD_DACL_PROTECTED);
    if (control & SD_DACL_INHERITED)
        control |= SD_DACL_INHERIT_REQ; /* a server drops the other bit without ([MS-DTYP] 2.4.6) */
    struct sd file = {
        .control = control, .owner = ds->owner, .group = ds->group, .dacl = {acl.at, acl.size}};
    return sd_build(&file, out, size, err);
}
