/* rsop_xml_gpo.c - the GPOs of a side in the XML of a plan: which apply, which do not and why. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dn.h"
#include "fail.h"
#include "report_area.h"
#include "rsop_xml_parts.h"

#define VERSION_UNKNOWN 65535 /* as Windows writes what it could not read */

/* ---- why ------------------------------------------------------------------------------------- */

static int explain_trustee(struct rsop_writing *writing, const struct rsop_entry *entry, char **out,
                           struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *name = NULL;
    int rc = rsop_account_name(writing, &entry->denied_by, &name, err);
    if (!rc && asprintf(out, "%s to %s", rsop_reason_text(RSOP_APPLY_DENIED), name) < 0)
        return *out = NULL, fail(err, GPMQ_ENOMEM, "no memory for a reason");
    return rc;
}

static const char *wmi_source(enum rsop_wmi_answer answer)
{
    static const char *const words[] = {
        [RSOP_WMI_GIVEN_FALSE] = "as was given",
        [RSOP_WMI_ASSUMED_FALSE] = "as was assumed",
        [RSOP_WMI_DAMAGED] = "its queries are damaged",
    };
    return answer <= RSOP_WMI_DAMAGED && words[answer] ? words[answer] : "";
}

/* One reason with who and what. */
static int explain(struct rsop_writing *writing, const struct rsop_entry *entry, unsigned reason,
                   char **out, struct gpmq_error *err)
{
    const char *text = rsop_reason_text(reason);
    int length = 0;
    if (reason == RSOP_APPLY_DENIED)
        return explain_trustee(writing, entry, out, err);
    if (reason == RSOP_BLOCKED && entry->blocked_by)
        length = asprintf(out, "inheritance is blocked by %s, and the link is not enforced",
                          entry->blocked_by->path);
    else if (reason == RSOP_UNREADABLE && entry->gpo && entry->gpo->damage)
        length = asprintf(out, "%s: %s", text, entry->gpo->damage);
    else if (reason == RSOP_WMI_FALSE && entry->wmi_filter)
        length =
            asprintf(out, "%s: %s (%s)", text, entry->wmi_filter->name, wmi_source(entry->wmi));
    else
        *out = strdup(text);
    if (length < 0)
        *out = NULL;
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a reason");
}

static int put_outcome(struct rsop_writing *writing, const struct rsop_entry *entry,
                       struct gpmq_error *err)
{
    struct report_write *write = &writing->write;
    if (!entry->reasons)
        report_text(write, "gpmq:Outcome", rsop_reason_word(0));
    for (unsigned i = 0; i < RSOP_REASONS; i++) {
        CLEANUP(free_pointer) char *text = NULL;
        unsigned reason = 1u << i;
        if (!(entry->reasons & reason))
            continue;
        int rc = explain(writing, entry, reason, &text, err);
        if (rc)
            return rc;
        report_text(write, "gpmq:Outcome", rsop_reason_word(reason));
        report_text(write, "gpmq:Because", text);
    }
    return 0;
}

static int put_link(struct rsop_writing *writing, const struct rsop_entry *entry,
                    struct gpmq_error *err)
{
    struct report_write *write = &writing->write;
    report_open(write, "Link");
    report_text(write, "SOMPath", entry->som->path);
    report_number(write, "SOMOrder", entry->link->order);
    report_number(write, "AppliedOrder", entry->applied_order);
    report_number(write, "LinkOrder", entry->link_order);
    report_bool(write, "Enabled", entry->link->enabled);
    report_bool(write, "NoOverride", entry->link->enforced);
    if (entry->loopback)
        report_text(write, "gpmq:Reason", "Loopback");
    int rc = put_outcome(writing, entry, err);
    report_close(write);
    return rc;
}

/* ---- the GPO --------------------------------------------------------------------------------- */

static int put_path(struct rsop_writing *writing, const struct rsop_entry *entry,
                    struct gpmq_error *err)
{
    struct report_write *write = &writing->write;
    char id[GPMQ_GUID_TEXT_SIZE];
    CLEANUP(free_pointer) char *domain = dn_canonical(entry->link->domain_dn);
    if (!domain)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain's name");
    gpmq_guid_text(&entry->link->gpo, id);
    bool named = entry->gpo && entry->gpo->gpo && *entry->gpo->gpo->display_name;
    report_text(write, "Name", named ? entry->gpo->gpo->display_name : id);
    report_open(write, "Path");
    report_text_in(write, "Identifier", REPORT_NS_TYPES, id);
    report_text_in(write, "Domain", REPORT_NS_TYPES, domain);
    report_close(write);
    return 0;
}

static void put_state(struct rsop_writing *writing, enum rsop_side side,
                      const struct rsop_entry *entry)
{
    struct report_write *write = &writing->write;
    const struct gpo *gpo = entry->gpo ? entry->gpo->gpo : NULL;
    const struct gpo_version *version = !gpo                ? NULL
                                        : side == RSOP_USER ? &gpo->user
                                                            : &gpo->machine;
    unsigned denied = RSOP_READ_DENIED | RSOP_APPLY_DENIED | RSOP_APPLY_ABSENT;
    report_number(write, "VersionDirectory", version ? version->ds : VERSION_UNKNOWN);
    report_number(write, "VersionSysvol", version ? version->sysvol : VERSION_UNKNOWN);
    report_bool(write, "Enabled", gpo && !(entry->reasons & RSOP_SIDE_DISABLED));
    report_bool(write, "IsValid", gpo && !(entry->reasons & (RSOP_VERSION | RSOP_UNREADABLE)));
    report_bool(write, "FilterAllowed", !(entry->reasons & RSOP_WMI_FALSE));
    report_bool(write, "AccessDenied", (entry->reasons & denied) != 0);
}

/* Whom an ACE lets apply the GPO. */
static bool lets_apply(const struct sd_ace *ace)
{
    bool allows = ace->type == 0 || ace->type == 5, inherit_only = ace->flags & 8;
    return allows && !inherit_only && ace->mask & (ACCESS_CONTROL | 0x10000000u) &&
           (!ace->object_type || memcmp(ace->object_type, sd_apply_right, 16) == 0);
}

static int put_filters(struct rsop_writing *writing, const struct rsop_entry *entry,
                       struct gpmq_error *err)
{
    const struct gpo *gpo = entry->gpo ? entry->gpo->gpo : NULL;
    struct sd sd;
    struct sd_ace ace;
    if (!gpo || !gpo->security_descriptor ||
        sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL) != 0)
        return 0;
    for (struct sd_walk walk = sd_walk(sd.dacl); sd_next(&walk, &ace);) {
        CLEANUP(free_pointer) char *name = NULL;
        struct sid sid;
        if (!lets_apply(&ace) || sid_read(&sid, ace.sid.at, ace.sid.size, NULL) != 0)
            continue;
        int rc = rsop_account_name(writing, &sid, &name, err);
        if (rc)
            return rc;
        report_text(&writing->write, "SecurityFilter", name);
    }
    return 0;
}

/* The areas that the GPO has settings in. */
static void put_extensions(struct rsop_writing *writing, enum rsop_side side,
                           const struct rsop_entry *entry)
{
    const struct rsop *rsop = writing->rsop;
    const struct settings *settings =
        entry->gpo ? rsop->reports.of[entry->gpo - rsop->knowledge.gpos] : NULL;
    enum setting_side wanted = side == RSOP_USER ? SETTING_USER : SETTING_COMPUTER;
    const char *last = NULL;
    for (size_t i = 0; settings && i < settings->count; i++) {
        const struct setting *setting = &settings->items[i];
        if (setting->side != wanted || (last && strcmp(last, setting->area) == 0))
            continue;
        report_text(&writing->write, "ExtensionName", setting->area);
        last = setting->area;
    }
}

/* Whether two entries are links to the same GPO. */
static bool same_gpo(const struct rsop_entry *a, const struct rsop_entry *b)
{
    return gpmq_guid_equal(&a->link->gpo, &b->link->gpo) &&
           dn_equal(a->link->domain_dn, b->link->domain_dn);
}

static int put_gpo(struct rsop_writing *writing, enum rsop_side side, size_t first,
                   struct gpmq_error *err)
{
    const struct rsop_list *list = &writing->rsop->plan.sides[side];
    const struct rsop_entry *entry = &list->entries[first];
    report_open(&writing->write, "GPO");
    int rc = put_path(writing, entry, err);
    put_state(writing, side, entry);
    for (size_t i = first; !rc && i < list->count; i++)
        if (same_gpo(&list->entries[i], entry))
            rc = put_link(writing, &list->entries[i], err);
    if (!rc)
        rc = put_filters(writing, entry, err);
    put_extensions(writing, side, entry);
    report_close(&writing->write);
    return rc;
}

int rsop_put_gpos(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct rsop_list *list = &writing->rsop->plan.sides[side];
    int rc = 0;
    for (size_t i = 0; !rc && i < list->count; i++) {
        bool repeated = false;
        for (size_t k = 0; k < i; k++)
            repeated |= same_gpo(&list->entries[k], &list->entries[i]);
        if (!repeated)
            rc = put_gpo(writing, side, i, err);
    }
    return rc;
}
