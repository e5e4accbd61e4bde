/* rsop_lab.c - small domains for planning tests. */
#include "rsop_lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ldif.h"
#include "make_pol.h"
#include "sddl.h"

#define FIRST_RID 1101
#define REGISTRY_EXTENSION                                                                         \
    "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"

void lab_begin(struct lab *lab)
{
    memset(lab, 0, sizeof *lab);
    scratch_make(&lab->scratch);
    lab->soms[0] = (struct lab_som){.name = "domain", .dn = LAB_DN};
    lab->som_count = 1;
}

void lab_end(struct lab *lab)
{
    domain_close(&lab->domain);
    bytes_free(&lab->accounts);
    for (int i = 0; i < lab->gpo_count; i++) {
        bytes_free(&lab->gpos[i].text[RSOP_COMPUTER]);
        bytes_free(&lab->gpos[i].text[RSOP_USER]);
        free(lab->gpos[i].sddl);
        for (int k = 0; k < lab->gpos[i].file_count; k++) {
            free(lab->gpos[i].files[k].path);
            free(lab->gpos[i].files[k].text);
        }
    }
    scratch_remove(&lab->scratch);
}

/* ---- the tree -------------------------------------------------------------------------------- */

static int find_som(const struct lab *lab, const char *name)
{
    for (int i = 0; i < lab->som_count; i++)
        if (strcmp(lab->soms[i].name, name) == 0)
            return i;
    fail_msg("no SOM %s", name);
    return -1;
}

const char *lab_dn(const struct lab *lab, const char *som)
{
    return lab->soms[find_som(lab, som)].dn;
}

static struct lab_som *add_som(struct lab *lab, const char *name)
{
    assert_true(lab->som_count < LAB_SOMS);
    struct lab_som *som = &lab->soms[lab->som_count++];
    snprintf(som->name, sizeof som->name, "%s", name);
    return som;
}

void lab_ou(struct lab *lab, const char *name, const char *parent, bool blocks)
{
    const char *above = lab_dn(lab, parent);
    struct lab_som *som = add_som(lab, name);
    snprintf(som->dn, sizeof som->dn, "OU=%s,%s", name, above);
    som->blocks = blocks;
}

void lab_site(struct lab *lab, const char *name)
{
    struct lab_som *som = add_som(lab, name);
    snprintf(som->dn, sizeof som->dn, "CN=%s,CN=Sites,CN=Configuration," LAB_DN, name);
    som->site = true;
}

/* ---- accounts and filters -------------------------------------------------------------------- */

/* "name:: base64", by the writer of LDIF itself. */
static void put_record(struct lab *lab, const char *dn, const char *const pairs[][2], size_t count,
                       const struct sid *sid)
{
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    CLEANUP(free_pointer) char *text = NULL;
    struct ldif_record *record;
    size_t size;
    assert_int_equal(ldif_add(ldif, dn, &record, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ldif_put_text(record, pairs[i][0], pairs[i][1], NULL), 0);
    if (sid)
        assert_int_equal(ldif_put(record, "objectSid", sid->bytes, sid->size, NULL), 0);
    assert_int_equal(ldif_format(ldif, &text, &size, NULL), 0);
    const char *body = strstr(text, "dn:");
    bytes_put(&lab->accounts, body, strlen(body));
    while (lab->accounts.size && lab->accounts.at[lab->accounts.size - 1] == '\n')
        bytes_cut(&lab->accounts, lab->accounts.size - 1);
    bytes_put_char(&lab->accounts, '\n');
}

static struct sid a_rid(uint32_t rid)
{
    struct sid domain, sid;
    assert_int_equal(sid_parse(&domain, LAB_SID, NULL), 0);
    assert_int_equal(sid_append(&sid, &domain, rid, NULL), 0);
    return sid;
}

void lab_account(struct lab *lab, const char *class, const char *name, const char *where)
{
    char dn[2 * LAB_DN_SIZE], sam[80];
    bool computer = strcmp(class, "computer") == 0, group = strcmp(class, "group") == 0;
    struct sid sid = a_rid(FIRST_RID + (uint32_t)lab->account_count++);
    bytes_put_char(&lab->accounts, '\n');
    snprintf(dn, sizeof dn, "CN=%s,%s", name, lab_dn(lab, where));
    snprintf(sam, sizeof sam, "%s%s", name, computer ? "$" : "");
    const char *const pairs[][2] = {
        {"objectClass", group ? "group" : "user"},
        {"sAMAccountName", sam},
        {group ? "groupType" : "objectClass", group ? "-2147483646" : class},
    };
    put_record(lab, dn, pairs, 3, &sid);
}

void lab_member(struct lab *lab, const char *name, const char *where)
{
    bytes_format(&lab->accounts, "member: CN=%s,%s\n", name, lab_dn(lab, where));
}

struct gpmq_guid lab_filter_id(const char *name)
{
    struct gpmq_guid guid = {{0xF1}};
    snprintf((char *)guid.bytes + 1, sizeof guid.bytes - 1, "%s", name);
    return guid;
}

void lab_filter(struct lab *lab, const char *name, bool damaged)
{
    struct gpmq_guid id = lab_filter_id(name);
    char guid[GPMQ_GUID_TEXT_SIZE], dn[LAB_DN_SIZE];
    gpmq_guid_text(&id, guid);
    bytes_put_char(&lab->accounts, '\n');
    snprintf(dn, sizeof dn, "CN=%s,CN=SOM,CN=WMIPolicy,CN=System," LAB_DN, guid);
    const char *const pairs[][2] = {
        {"objectClass", "msWMI-Som"},
        {"msWMI-ID", guid},
        {"msWMI-Name", name},
        {"msWMI-Parm2",
         damaged ? "1;3;9;9;WQL;a;b;" : "1;3;10;15;WQL;root\\CIMv2;SELECT * FROM X;"},
    };
    put_record(lab, dn, pairs, 4, NULL);
}

/* ---- GPOs and links -------------------------------------------------------------------------- */

static int find_gpo(const struct lab *lab, const char *name)
{
    for (int i = 0; i < lab->gpo_count; i++)
        if (strcmp(lab->gpos[i].name, name) == 0)
            return i;
    fail_msg("no GPO %s", name);
    return -1;
}

static struct gpmq_guid nth_id(int index)
{
    return (struct gpmq_guid){{0xA0, 1, 2, 3, 4, 5, 0x46, 7, 0x88, [15] = (uint8_t)index}};
}

struct gpmq_guid lab_gpo_id(const struct lab *lab, const char *name)
{
    return nth_id(find_gpo(lab, name));
}

struct lab_gpo *lab_gpo(struct lab *lab, const char *name)
{
    assert_true(lab->gpo_count < LAB_GPOS);
    struct lab_gpo *gpo = &lab->gpos[lab->gpo_count++];
    snprintf(gpo->name, sizeof gpo->name, "%s", name);
    return gpo;
}

void lab_set(struct lab_gpo *gpo, enum rsop_side side, const char *name, const char *value)
{
    bytes_format(&gpo->text[side], "Software\\Policies\\StudioLab | %s | REG_SZ | %s\n", name,
                 value);
}

void lab_set_line(struct lab_gpo *gpo, enum rsop_side side, const char *line)
{
    bytes_format(&gpo->text[side], "%s\n", line);
}

void lab_file(struct lab_gpo *gpo, enum rsop_side side, const char *extension, const char *path,
              const char *text)
{
    assert_true(gpo->file_count < LAB_FILES);
    gpo->files[gpo->file_count++] = (struct lab_file){strdup(path), strdup(text)};
    gpo->extensions[side] = extension;
}

void lab_security(struct lab_gpo *gpo, const char *sddl)
{
    free(gpo->sddl);
    gpo->sddl = strdup(sddl);
}

void lab_link(struct lab *lab, const char *som, const char *gpo, int order, bool enabled,
              bool enforced)
{
    assert_true(lab->link_count < LAB_LINKS);
    lab->links[lab->link_count++] =
        (struct lab_link){find_som(lab, som), find_gpo(lab, gpo), order, enabled, enforced};
}

void lab_link_last(struct lab *lab, const char *som, const char *gpo, bool enforced)
{
    int order = 1, place = find_som(lab, som);
    for (int i = 0; i < lab->link_count; i++)
        order += lab->links[i].som == place;
    lab_link(lab, som, gpo, order, true, enforced);
}

/* ---- the real thing -------------------------------------------------------------------------- */

/* The attribute lists the highest order first. */
static void put_links(const struct lab *lab, int som, struct bytes *out)
{
    int most = 0;
    for (int i = 0; i < lab->link_count; i++)
        if (lab->links[i].som == som && lab->links[i].order > most)
            most = lab->links[i].order;
    if (most)
        bytes_put_text(out, "gPLink: ");
    for (int order = most; order; order--)
        for (int i = 0; i < lab->link_count; i++) {
            const struct lab_link *link = &lab->links[i];
            struct gpmq_guid id = nth_id(link->gpo);
            char guid[GPMQ_GUID_TEXT_SIZE];
            if (link->som == som && link->order == order)
                bytes_format(out, "[LDAP://cn=%s,cn=policies,cn=system," LAB_DN ";%d]",
                             gpmq_guid_text(&id, guid),
                             (link->enabled ? 0 : 1) + (link->enforced ? 2 : 0));
        }
    bytes_put_text(out, most ? "\n" : "");
}

static void put_containers(struct bytes *out)
{
    static const char *const containers[] = {
        "CN=Users",
        "CN=Computers",
        "CN=Configuration",
        "CN=Partitions,CN=Configuration",
        "CN=Sites,CN=Configuration",
    };
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        bytes_format(out, "\ndn: %s," LAB_DN "\nobjectClass: container\n", containers[i]);
    bytes_put_text(out, "\ndn: CN=STUDIO,CN=Partitions,CN=Configuration," LAB_DN
                        "\nobjectClass: crossRef\nnCName: " LAB_DN
                        "\ndnsRoot: studio.test\nnETBIOSName: STUDIO\n");
}

static void put_som(const struct lab *lab, int index, struct bytes *out)
{
    const struct lab_som *som = &lab->soms[index];
    if (index == 0)
        bytes_put_text(out, "version: 1\n\ndn: " LAB_DN "\nobjectClass: domainDNS\n"
                            "objectGUID:: AQIDBAUGBwgJCgsMDQ4PEA==\n"
                            "objectSid:: AQQAAAAAAAUVAAAA6AMAANAHAAC4CwAA\n");
    else
        bytes_format(out, "\ndn: %s\nobjectClass: %s\n", som->dn,
                     som->site ? "site" : "organizationalUnit");
    if (som->blocks)
        bytes_put_text(out, "gPOptions: 1\n");
    put_links(lab, index, out);
}

static void make_directory(struct lab *lab)
{
    CLEANUP(bytes_free) struct bytes ldif = {0};
    struct domain_create_options options = {.dns_name = "studio.test"};
    char from[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE];
    struct gpmq_error err;
    for (int i = 0; i < lab->som_count; i++)
        put_som(lab, i, &ldif);
    put_containers(&ldif);
    bytes_put(&ldif, lab->accounts.at, lab->accounts.size);
    scratch_write(&lab->scratch, "lab.ldif", ldif.at, ldif.size);
    options.ldif = scratch_path(&lab->scratch, "lab.ldif", from);
    scratch_path(&lab->scratch, "domain", path);
    if (domain_create(path, &options, &err) || domain_open(&lab->domain, path, &err))
        fail_msg("%s", err.text);
}

static void write_side(struct domain_change *change, const struct lab_gpo *gpo, enum rsop_side side)
{
    CLEANUP(bytes_free) struct bytes pol = {0};
    if (!gpo->text[side].at)
        return;
    assert_int_equal(make_pol((const char *)gpo->text[side].at, &pol, NULL), 0);
    assert_int_equal(change->ops->change_write(
                         change, side == RSOP_USER ? "User/registry.pol" : "Machine/registry.pol",
                         pol.at, pol.size, NULL),
                     0);
}

static void write_files(struct domain_change *change, const struct lab_gpo *gpo)
{
    for (int i = 0; i < gpo->file_count; i++)
        assert_int_equal(change->ops->change_write(change, gpo->files[i].path, gpo->files[i].text,
                                                   strlen(gpo->files[i].text), NULL),
                         0);
}

static char *extensions_of(const struct lab_gpo *gpo, enum rsop_side side)
{
    char *text = NULL, *sorted = NULL;
    const char *more = gpo->extensions[side];
    assert_true(asprintf(&text, "%s%s", gpo->text[side].at ? REGISTRY_EXTENSION : "",
                         more ? more : "") >= 0);
    assert_int_equal(gpo_extensions_sort(text, &sorted, NULL), 0);
    free(text);
    return sorted;
}

static void set_values(struct domain_change *change, const struct lab_gpo *gpo)
{
    CLEANUP(free_pointer) char *machine = extensions_of(gpo, RSOP_COMPUTER);
    CLEANUP(free_pointer) char *user = extensions_of(gpo, RSOP_USER);
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    CLEANUP(free_pointer) char *wmi = NULL;
    char guid[GPMQ_GUID_TEXT_SIZE];
    struct gpo values = {.options = gpo->options};
    struct sid domain;
    unsigned fields = DOMAIN_OPTIONS | DOMAIN_EXTENSIONS;
    values.machine_extensions = machine;
    values.user_extensions = user;
    if (gpo->sddl) {
        assert_int_equal(sid_parse(&domain, LAB_SID, NULL), 0);
        assert_int_equal(
            sddl_parse(gpo->sddl, &domain, &sd, &values.security_descriptor_size, NULL), 0);
        values.security_descriptor = sd;
        fields |= DOMAIN_SECURITY;
    }
    if (gpo->filter) {
        struct gpmq_guid id = lab_filter_id(gpo->filter);
        assert_true(asprintf(&wmi, "[studio.test;%s;0]", gpmq_guid_text(&id, guid)) > 0);
        values.wmi_filter = wmi;
        fields |= DOMAIN_WMI_FILTER;
    }
    assert_int_equal(change->ops->change_set(change, fields, &values, NULL), 0);
}

static void make_gpo(struct lab *lab, int index)
{
    const struct lab_gpo *gpo = &lab->gpos[index];
    uint8_t random[10] = {[9] = (uint8_t)index};
    struct domain_change_request request = {.gpo = nth_id(index),
                                            .create = true,
                                            .display_name = gpo->name,
                                            .op = gpmq_id_make(1700000000000, random),
                                            .fence = 1};
    struct domain_change_answer answer = {0};
    struct domain_change *change = NULL;
    struct gpmq_error err;
    uint32_t version;
    if (lab->domain->ops->change_begin(lab->domain, &request, 0, &change, &answer, &err))
        fail_msg("%s: %s", gpo->name, err.text);
    write_side(change, gpo, RSOP_COMPUTER);
    write_side(change, gpo, RSOP_USER);
    write_files(change, gpo);
    set_values(change, gpo);
    assert_int_equal(change->ops->change_commit(&change, &version, NULL), 0);
}

void lab_build(struct lab *lab)
{
    make_directory(lab);
    for (int i = 0; i < lab->gpo_count; i++)
        make_gpo(lab, i);
}

/* ---- plans ----------------------------------------------------------------------------------- */

void lab_plan(struct lab *lab, const struct rsop_ask *ask, struct lab_plan *out)
{
    struct gpmq_error err;
    memset(out, 0, sizeof *out);
    if (rsop_gather(&out->knowledge, lab->domain, ask, &err) ||
        rsop_plan(&out->plan, &out->knowledge.directory, &out->knowledge.request, &err))
        fail_msg("%s", err.text);
}

void lab_merge(struct lab *lab, const struct rsop_ask *ask,
               const struct rsop_conditions *conditions, struct lab_plan *out)
{
    const struct rsop_watch watch = {.read_unix_ms = 1700000000000};
    struct gpmq_error err;
    lab_plan(lab, ask, out);
    const struct rsop_directory *directory = &out->knowledge.directory;
    if (rsop_reports_read(&out->reports, lab->domain, &out->plan, directory, &watch, &err))
        fail_msg("%s", err.text);
    for (int side = 0; side < RSOP_SIDES; side++)
        assert_int_equal(rsop_merge(&out->merged[side], (enum rsop_side)side,
                                    &out->plan.sides[side], directory, out->reports.of, conditions,
                                    NULL),
                         0);
}

const struct rsop_setting *lab_setting(const struct lab_plan *plan, enum rsop_side side,
                                       const char *key)
{
    for (size_t i = 0; i < plan->merged[side].count; i++) {
        const struct rsop_setting *found = &plan->merged[side].items[i];
        const struct setting *setting = found->values[0].setting;
        if (strcasecmp(setting->key, key) == 0 || strcasecmp(setting->name, key) == 0)
            return found;
    }
    return NULL;
}

void lab_plan_free(struct lab_plan *plan)
{
    rsop_settings_free(&plan->merged[RSOP_COMPUTER]);
    rsop_settings_free(&plan->merged[RSOP_USER]);
    rsop_reports_free(&plan->reports);
    rsop_plan_free(&plan->plan);
    rsop_knowledge_free(&plan->knowledge);
}

char *lab_applied(const struct lab_plan *plan, enum rsop_side side)
{
    CLEANUP(bytes_free) struct bytes names = {0};
    void *taken;
    const struct rsop_list *list = &plan->plan.sides[side];
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].applied_order)
            bytes_format(&names, "%s%s", names.size ? " " : "",
                         list->entries[i].gpo->gpo->display_name);
    assert_int_equal(bytes_take(&names, &taken, NULL, NULL), 0);
    return taken;
}

const struct rsop_entry *lab_entry(const struct lab_plan *plan, enum rsop_side side,
                                   const char *gpo)
{
    const struct rsop_list *list = &plan->plan.sides[side];
    for (size_t i = 0; i < list->count; i++) {
        const struct rsop_gpo *found = list->entries[i].gpo;
        if (found && found->gpo && strcmp(found->gpo->display_name, gpo) == 0)
            return &list->entries[i];
    }
    return NULL;
}
