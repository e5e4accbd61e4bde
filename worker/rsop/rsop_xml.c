/* rsop_xml.c - a plan as XML: the frame, and who and where. */
#include "rsop_xml.h"

#include <stdlib.h>
#include <string.h>

#include "backup_time.h"
#include "cleanup.h"
#include "dn.h"
#include "fail.h"
#include "report_area.h"
#include "rsop_xml_parts.h"
#include "well_known.h"

#define XSD "http://www.w3.org/2001/XMLSchema"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

static const char *const results[RSOP_SIDES] = {"ComputerResults", "UserResults"};

int rsop_account_name(const struct rsop_writing *writing, const struct sid *sid, char **out,
                      struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    char text[SID_TEXT_SIZE];
    sid_text(sid, text);
    int rc = writing->domain->ops->principal(writing->domain, text, &principal, err);
    if (rc)
        return rc;
    const char *known = well_known_name(text);
    char *name = NULL;
    if (principal.sam_account_name && principal.netbios_domain_name) {
        if (asprintf(&name, "%s\\%s", principal.netbios_domain_name, principal.sam_account_name) <
            0)
            name = NULL;
    } else {
        name = strdup(known ? known : text);
    }
    *out = name;
    return name ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a name");
}

/* With seven digits of a second, as Windows writes it. */
static void put_read_time(struct rsop_writing *writing, int64_t unix_ms)
{
    char seconds[BACKUP_TIME_TEXT_SIZE], text[BACKUP_TIME_TEXT_SIZE + 16];
    snprintf(text, sizeof text, "%s.%03d0000Z", backup_time_text(unix_ms, seconds),
             (int)(unix_ms % 1000));
    report_text(&writing->write, "ReadTime", text);
}

static const char *som_type(enum domain_som_type type)
{
    static const char *const types[] = {
        [DOMAIN_SOM_SITE] = "Site", [DOMAIN_SOM_DOMAIN] = "Domain", [DOMAIN_SOM_OU] = "OU"};
    return types[type];
}

static void put_searched(struct rsop_writing *writing, const struct rsop_searched *searched)
{
    struct report_write *write = &writing->write;
    report_open(write, "SearchedSOM");
    report_text(write, "Path", searched->som->path);
    report_text(write, "Type", som_type(searched->som->type));
    report_number(write, "Order", searched->order);
    report_bool(write, "BlocksInheritance", searched->som->blocks_inheritance);
    report_bool(write, "Blocked", searched->blocked);
    report_text(write, "Reason", searched->loopback ? "Loopback" : "Normal");
    report_close(write);
}

static int put_groups(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct access_token *token = &writing->rsop->knowledge.request.subjects[side].token;
    const struct domain_account *account = &writing->rsop->knowledge.accounts[side];
    struct report_write *write = &writing->write;
    for (size_t i = 0; i < token->count; i++) {
        CLEANUP(free_pointer) char *name = NULL;
        char text[SID_TEXT_SIZE];
        if (account->dn && sid_equal(&token->sids[i], &account->sid))
            continue;
        int rc = rsop_account_name(writing, &token->sids[i], &name, err);
        if (rc)
            return rc;
        report_open(write, "SecurityGroup");
        report_text_in(write, "SID", REPORT_NS_TYPES, sid_text(&token->sids[i], text));
        report_text_in(write, "Name", REPORT_NS_TYPES, name);
        report_close(write);
    }
    return 0;
}

/* The nearest SOM, or where the object is when that is none. */
static int put_place(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct rsop_knowledge *knowledge = &writing->rsop->knowledge;
    const char *dn = knowledge->request.subjects[side].dn;
    bool object = knowledge->accounts[side].dn && strcmp(dn, knowledge->accounts[side].dn) == 0;
    const char *place = object && dn_parent(dn) ? dn_parent(dn) : dn;
    CLEANUP(free_pointer) char *path = dn_canonical(place);
    const struct domain_som *site =
        knowledge->request.site_dn ? domain_soms_find(&knowledge->soms, knowledge->request.site_dn)
                                   : NULL;
    if (!path)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    report_text(&writing->write, "SOM", path);
    if (site)
        report_text(&writing->write, "Site", site->name);
    return 0;
}

static int put_who(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct domain_info *info = writing->domain->ops->info(writing->domain);
    const struct domain_account *account = &writing->rsop->knowledge.accounts[side];
    char name[512];
    if (account->dn) {
        snprintf(name, sizeof name, "%s\\%s", info->netbios_name, account->name);
        report_text(&writing->write, "Name", name);
    }
    report_text(&writing->write, "Domain", info->dns_name);
    return put_place(writing, side, err);
}

static int put_side(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct rsop_list *list = &writing->rsop->plan.sides[side];
    struct report_write *write = &writing->write;
    if (!list->planned)
        return 0;
    report_open(write, results[side]);
    int rc = put_who(writing, side, err);
    for (size_t i = 0; i < list->searched_count; i++)
        put_searched(writing, &list->searched[i]);
    if (!rc)
        rc = put_groups(writing, side, err);
    report_bool(write, "SlowLink", writing->rsop->conditions.slow_link);
    if (!rc)
        rc = rsop_put_gpos(writing, side, err);
    if (!rc)
        rc = rsop_put_data(writing, side, err);
    report_close(write);
    return rc;
}

static int put_all(struct rsop_writing *writing, int64_t read_unix_ms, struct gpmq_error *err)
{
    const struct rsop_notes *notes = &writing->rsop->knowledge.notes;
    struct report_write *write = &writing->write;
    int rc = 0;
    report_open(write, "Rsop");
    report_attribute(write, "xmlns:xsd", XSD);
    report_attribute(write, "xmlns:xsi", XSI);
    report_attribute(write, "xmlns:gpmq", REPORT_NS_GPMQ);
    report_attribute(write, "xmlns", REPORT_NS_RSOP);
    put_read_time(writing, read_unix_ms);
    report_text(write, "DataType", "PlannedData");
    for (size_t i = 0; i < notes->count; i++)
        report_text(write, "gpmq:Note", notes->items[i]);
    if (writing->flat)
        report_text(write, "gpmq:Note",
                    "There are too many settings for one report: they are in gpmq's own list, and "
                    "not in ExtensionData as well.");
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = put_side(writing, (enum rsop_side)side, err);
    report_close(write);
    return rc;
}

static void drop(struct rsop_writing *writing)
{
    report_write_free(&writing->write);
}

static int write_report(char **out, size_t *size, struct rsop_writing *writing,
                        int64_t read_unix_ms, struct gpmq_error *err)
{
    int rc = report_write_begin(&writing->write, err);
    if (!rc)
        rc = put_all(writing, read_unix_ms, err);
    return rc ? rc : report_write_end(&writing->write, out, size, err);
}

int rsop_xml(char **out, size_t *size, const struct rsop *rsop, struct domain *domain,
             int64_t read_unix_ms, struct gpmq_error *err)
{
    CLEANUP(drop) struct rsop_writing whole = {.rsop = rsop, .domain = domain};
    CLEANUP(drop) struct rsop_writing flat = {.rsop = rsop, .domain = domain, .flat = true};
    int rc = write_report(out, size, &whole, read_unix_ms, err);
    return rc == GPMQ_ETOOBIG ? write_report(out, size, &flat, read_unix_ms, err) : rc;
}
