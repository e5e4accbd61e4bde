#include "report_trustees.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"

#define ACE_ALLOW        0
#define ACE_DENY         1
#define ACE_ALLOW_OBJECT 5
#define ACE_DENY_OBJECT  6

#define OBJECT_INHERIT    0x01
#define CONTAINER_INHERIT 0x02
#define NO_PROPAGATE      0x04
#define INHERIT_ONLY      0x08
#define INHERITED         0x10

#define CREATOR_OWNER "S-1-3-0"

/* Directory rights of a GPO ([MS-ADTS] 5.1.3.2). */
#define GPO_CONTROL   0x100   /* extended right; for all of them with no object type */
#define GPO_READ      0x20014 /* list, read properties, read permissions */
#define GPO_EDIT      0x20037 /* and create, delete, write properties */
#define GPO_FULL      0xF0037 /* and delete, change permissions and owner */
#define GPO_NO_MATTER 0x001C8 /* self, delete tree, list object, control */

/* Apply Group Policy, edacfd8f-ffb3-11d1-b41d-00a0c968f939, in Microsoft's order. */
static const uint8_t apply_right[16] = {0x8f, 0xfd, 0xac, 0xed, 0xb3, 0xff, 0xd1, 0x11,
                                        0xb4, 0x1d, 0x00, 0xa0, 0xc9, 0x68, 0xf9, 0x39};

/* What one trustee is allowed, or denied. */
struct trustee {
    struct sid sid;
    bool deny;
    bool apply;
    bool self;     /* of the object itself */
    uint8_t flags; /* of all its ACEs together */
    uint32_t mask;
};

struct trustees {
    size_t count;
    struct trustee *items;
};

static void free_trustees(struct trustees *trustees)
{
    free(trustees->items);
}

static const char *yes(bool value)
{
    return value ? "true" : "false";
}

/* ---- rights --------------------------------------------------------------------------------- */

static const char *gpo_rights(const struct trustee *trustee)
{
    uint32_t mask = trustee->mask & ~(uint32_t)GPO_NO_MATTER;
    if (mask == GPO_FULL)
        return "Edit, delete, modify security";
    if (mask == GPO_EDIT)
        return "Edit Settings";
    if (trustee->apply && (mask == GPO_READ || (trustee->deny && !mask)))
        return "Apply Group Policy";
    return mask == GPO_READ ? "Read" : "Custom";
}

/* clang-format off */
static const struct {
    enum report_guarded guarded;
    uint32_t mask;
    const char *name;
} rights[] = {
    {REPORT_GUARDS_REGISTRY, 0x0F003F, "Full Control"},
    {REPORT_GUARDS_REGISTRY, 0x020019, "Read"},
    {REPORT_GUARDS_REGISTRY, 0x020006, "Write"},
    {REPORT_GUARDS_FILE,     0x1F01FF, "Full Control"},
    {REPORT_GUARDS_FILE,     0x1301BF, "Modify"},
    {REPORT_GUARDS_FILE,     0x1200A9, "Read and Execute"},
    {REPORT_GUARDS_FILE,     0x120089, "Read"},
    {REPORT_GUARDS_SERVICE,  0x0F01FF, "Full Control"},
    {REPORT_GUARDS_SERVICE,  0x02008D, "Read"},
};
static const char *const rights_element[REPORT_GUARDS_END] = {
    [REPORT_GUARDS_GPO]      = "GPOGroupedAccessEnum",
    [REPORT_GUARDS_REGISTRY] = "RegistryGroupedAccessEnum",
    [REPORT_GUARDS_FILE]     = "FileGroupedAccessEnum",
    [REPORT_GUARDS_SERVICE]  = "ServiceGroupedAccessEnum",
};
/* clang-format on */

static const char *rights_name(const struct trustee *trustee, enum report_guarded guarded)
{
    if (guarded == REPORT_GUARDS_GPO)
        return gpo_rights(trustee);
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (rights[i].guarded == guarded && rights[i].mask == trustee->mask)
            return rights[i].name;
    return "Custom";
}

/* ---- from ACEs to trustees ------------------------------------------------------------------ */

static bool is_access(const struct sd_ace *ace)
{
    return ace->sid.at && (ace->type == ACE_ALLOW || ace->type == ACE_DENY ||
                           ace->type == ACE_ALLOW_OBJECT || ace->type == ACE_DENY_OBJECT);
}

/* An object ACE gives the right that it names, and nothing of its mask otherwise. Of several ACEs,
 * those that are only inherited say nothing of the object. */
static void add_rights(struct trustee *trustee, const struct sd_ace *ace, bool merge)
{
    bool here = !(ace->flags & INHERIT_ONLY);
    trustee->flags |= ace->flags;
    trustee->self |= here;
    if (merge && !here)
        return;
    bool applies = ace->object_type && !memcmp(ace->object_type, apply_right, sizeof apply_right);
    if (!ace->object_type)
        trustee->mask |= ace->mask;
    trustee->apply |= (ace->mask & GPO_CONTROL) && (applies || !ace->object_type);
}

static struct trustee *find(struct trustees *trustees, const struct sid *sid, bool deny)
{
    for (size_t i = 0; i < trustees->count; i++)
        if (trustees->items[i].deny == deny && sid_equal(&trustees->items[i].sid, sid))
            return &trustees->items[i];
    return NULL;
}

static int add_ace(struct trustees *trustees, const struct sd_ace *ace, bool merge,
                   struct gpmq_error *err)
{
    struct sid sid;
    bool deny = ace->type == ACE_DENY || ace->type == ACE_DENY_OBJECT;
    int rc = sid_read(&sid, ace->sid.at, ace->sid.size, err);
    if (rc)
        return rc;
    struct trustee *trustee = merge ? find(trustees, &sid, deny) : NULL;
    if (!trustee) {
        trustee = &trustees->items[trustees->count++];
        *trustee = (struct trustee){.sid = sid, .deny = deny};
    }
    add_rights(trustee, ace, merge);
    return 0;
}

static int collect(struct trustees *out, struct sd_part dacl, bool merge, struct gpmq_error *err)
{
    struct sd_walk walk = sd_walk(dacl);
    struct sd_ace ace;
    out->items = calloc((size_t)walk.left + 1, sizeof *out->items);
    if (!out->items)
        return fail(err, GPMQ_ENOMEM, "no memory for the trustees of a security descriptor");
    int rc = 0;
    while (!rc && sd_next(&walk, &ace))
        if (is_access(&ace))
            rc = add_ace(out, &ace, merge, err);
    return rc;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void put_plain(struct report *report, const char *name, const char *text)
{
    report_text_in(&report->write, name, NULL, text);
}

static void put_applicability(struct report *report, const struct trustee *trustee)
{
    report_open_in(&report->write, "Applicability", NULL);
    put_plain(report, "ToSelf", yes(trustee->self));
    put_plain(report, "ToDescendantObjects", yes(trustee->flags & OBJECT_INHERIT));
    put_plain(report, "ToDescendantContainers", yes(trustee->flags & CONTAINER_INHERIT));
    put_plain(report, "ToDirectDescendantsOnly", yes(trustee->flags & NO_PROPAGATE));
    report_close(&report->write);
}

static int put_trustee(struct report *report, const struct trustee *trustee,
                       enum report_guarded guarded, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    char sid[SID_TEXT_SIZE], mask[16];
    report_open_in(write, "TrusteePermissions", NULL);
    int rc = report_trustee(report, "Trustee", NULL, sid_text(&trustee->sid, sid), err);
    report_open_in(write, "Type", NULL);
    report_attribute(write, "xsi:type", "PermissionType");
    put_plain(report, "PermissionType", trustee->deny ? "Deny" : "Allow");
    report_close(write);
    put_plain(report, "Inherited", yes(trustee->flags & INHERITED));
    put_applicability(report, trustee);
    report_open_in(write, "Standard", NULL);
    put_plain(report, rights_element[guarded], rights_name(trustee, guarded));
    report_close(write);
    snprintf(mask, sizeof mask, "%u", guarded == REPORT_GUARDS_GPO ? 0 : trustee->mask);
    put_plain(report, "AccessMask", mask);
    report_close(write);
    return rc;
}

static bool is_left_out(const struct trustee *trustee, enum report_guarded guarded)
{
    char sid[SID_TEXT_SIZE];
    return guarded == REPORT_GUARDS_GPO && !strcmp(sid_text(&trustee->sid, sid), CREATOR_OWNER);
}

static int put_permissions(struct report *report, const struct sd *sd, enum report_guarded guarded,
                           struct gpmq_error *err)
{
    CLEANUP(free_trustees) struct trustees trustees = {0};
    int rc = collect(&trustees, sd->dacl, guarded == REPORT_GUARDS_GPO, err);
    if (rc)
        return rc;
    report_open_in(&report->write, "Permissions", REPORT_NS_SECURITY);
    put_plain(report, "InheritsFromParent", yes(!(sd->control & SD_DACL_PROTECTED)));
    for (size_t i = 0; !rc && i < trustees.count; i++)
        if (!is_left_out(&trustees.items[i], guarded))
            rc = put_trustee(report, &trustees.items[i], guarded, err);
    report_close(&report->write);
    return rc;
}

static int put_holder(struct report *report, const char *name, struct sd_part part,
                      struct gpmq_error *err)
{
    struct sid sid;
    char text[SID_TEXT_SIZE];
    if (!part.at)
        return 0;
    int rc = sid_read(&sid, part.at, part.size, err);
    if (rc)
        return rc;
    return report_trustee(report, name, REPORT_NS_SECURITY, sid_text(&sid, text), err);
}

int report_descriptor(struct report *report, const struct sd *sd, const char *sddl,
                      enum report_guarded guarded, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    int rc = 0;
    if (sddl)
        report_text_in(write, "SDDL", REPORT_NS_SECURITY, sddl);
    if (sd)
        rc = put_holder(report, "Owner", sd->owner, err);
    if (!rc && sd)
        rc = put_holder(report, "Group", sd->group, err);
    bool present = sd && (sd->control & SD_DACL_PRESENT);
    report_text_in(write, "PermissionsPresent", REPORT_NS_SECURITY, yes(present));
    if (!rc && present)
        rc = put_permissions(report, sd, guarded, err);
    report_text_in(write, "AuditingPresent", REPORT_NS_SECURITY, "false");
    return rc;
}
