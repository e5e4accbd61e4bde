/*
 * sd.h - self-relative security descriptors ([MS-DTYP] 2.4.6), as a GPC's nTSecurityDescriptor and
 * as Backup.xml have them.
 *
 * Descriptors come from outside. sd_open() walks one from end to end within its bounds; whatever
 * works on a struct sd relies on that. A descriptor of 8 bytes, as sanitised backups have it, is
 * GPMQ_EDAMAGED like any other that is not whole.
 */
#ifndef GPMQ_SD_H
#define GPMQ_SD_H

#include "sid.h"

#define SD_OWNER_DEFAULTED  0x0001
#define SD_GROUP_DEFAULTED  0x0002
#define SD_DACL_PRESENT     0x0004
#define SD_DACL_DEFAULTED   0x0008
#define SD_SACL_PRESENT     0x0010
#define SD_DACL_INHERIT_REQ 0x0100
#define SD_DACL_INHERITED   0x0400
#define SD_SACL_INHERITED   0x0800
#define SD_DACL_PROTECTED   0x1000
#define SD_SELF_RELATIVE    0x8000

/* The extended right "Apply Group Policy", edacfd8f-ffb3-11d1-b41d-00a0c968f939, in Microsoft's
 * byte order: what the security filter of a GPO grants. */
extern const uint8_t sd_apply_right[16];

/* A piece of a descriptor, inside the caller's bytes; NULL when there is none. */
struct sd_part {
    const uint8_t *at;
    size_t size;
};

/* A descriptor that was judged; borrows the bytes it was opened from. */
struct sd {
    uint16_t control;
    struct sd_part owner;
    struct sd_part group;
    struct sd_part sacl;
    struct sd_part dacl; /* NULL with SD_DACL_PRESENT: everybody may do everything */
};

struct sd_ace {
    uint8_t type;  /* 0 allow, 1 deny, 5 allow object, 6 deny object ... */
    uint8_t flags; /* 2 container inherit, 8 inherit only, 0x10 inherited ... */
    uint32_t mask;
    const uint8_t *object_type;           /* 16 bytes, Microsoft's order, or NULL */
    const uint8_t *inherited_object_type; /* the same: which class of object inherits it */
    struct sd_part sid;                   /* NULL for types that gpmq does not know */
};

/* Where a walk over an ACL is; made by sd_walk(). */
struct sd_walk {
    const uint8_t *at;
    unsigned left;
};

/* Judges a descriptor and shows its parts. GPMQ_EDAMAGED says which part is wrong, and how. */
int sd_open(struct sd *out, const void *bytes, size_t size, struct gpmq_error *err) GPMQ_CHECKED;

/* Begins a walk over the ACL of an opened descriptor; a NULL part has no ACEs. */
struct sd_walk sd_walk(struct sd_part acl);
/* The next ACE; false behind the last. */
bool sd_next(struct sd_walk *walk, struct sd_ace *out);

/* The SIDs that the DACL names, each once, in order of appearance. free() *out, which is NULL when
 * there are none. */
int sd_dacl_sids(const struct sd *sd, struct sid **out, size_t *count,
                 struct gpmq_error *err) GPMQ_CHECKED;

/* Lays parts out behind a header, in Windows' order: SACL, DACL, owner, group; free() *out. */
int sd_build(const struct sd *sd, uint8_t **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;
/* What Backup.xml carries: the DACL and its control bits, no owner, group or SACL. */
int sd_dacl_only(const struct sd *sd, uint8_t **out, size_t *size,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* `full` with the DACL, and its control bits, of `other`. */
int sd_replace_dacl(const struct sd *full, const struct sd *other, uint8_t **out, size_t *size,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* The descriptor of a new GPO: owned by Domain Admins, who with Enterprise Admins, SYSTEM and the
 * creator may do everything; authenticated users read and apply it; domain controllers read it. */
int sd_default_gpo(const struct sid *domain, uint8_t **out, size_t *size,
                   struct gpmq_error *err) GPMQ_CHECKED;

#endif
