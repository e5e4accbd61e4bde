/* test_domain_tree.c - what domain.h promises of SOMs, links, WMI filters and accounts, run against
 * every domain. tests/data/domain-tree/tree.ldif is what each of them holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain.h"
#include "scratch.h"

#define DOMAIN_SID "S-1-5-21-1111111111-2222222222-3333333333"

/* How a domain that holds the tree is made for the tests. */
struct kind {
    const char *name;
    int (*make)(const struct scratch *scratch, const char *ldif, char *url, size_t room);
};

static int make_folder(const struct scratch *scratch, const char *ldif, char *url, size_t room)
{
    struct domain_create_options options = {.dns_name = "example.test", .ldif = ldif};
    char path[SCRATCH_PATH_SIZE];
    struct gpmq_error err;
    snprintf(url, room, "folder:%s", scratch_path(scratch, "domain", path));
    int rc = domain_create(path, &options, &err);
    if (rc)
        print_error("%s\n", err.text);
    return rc;
}

static const struct kind kinds[] = {{"folder", make_folder}};

struct fixture {
    struct scratch scratch;
    struct domain *domain;
    struct domain_soms soms;
};

static int set_up(void **state)
{
    const struct kind *kind = *state;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *source = getenv("GPMQ_SOURCE_DIR");
    char url[SCRATCH_PATH_SIZE + 16], ldif[SCRATCH_PATH_SIZE];
    scratch_make(&fixture->scratch);
    snprintf(ldif, sizeof ldif, "%s/tests/data/domain-tree/tree.ldif", source ? source : ".");
    assert_int_equal(kind->make(&fixture->scratch, ldif, url, sizeof url), 0);
    assert_int_equal(domain_open(&fixture->domain, url, NULL), 0);
    assert_int_equal(fixture->domain->ops->soms(fixture->domain, &fixture->soms, NULL), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    domain_soms_free(&fixture->soms);
    domain_close(&fixture->domain);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static struct gpmq_guid a_gpo(uint8_t number)
{
    struct gpmq_guid guid = {{0x31, 0xB2, 0xF3, 0x40, 0x01, 0x6D, 0x41, 0xD2, 0x94, 0x5F}};
    guid.bytes[15] = number;
    return guid;
}

static const struct domain_som *som_at(void **state, const char *dn)
{
    const struct domain_som *som = domain_soms_find(&((struct fixture *)*state)->soms, dn);
    if (!som)
        fail_msg("no SOM %s", dn);
    return som;
}

static void soms_are_the_domain_its_ous_and_the_sites_in_this_order(void **state)
{
    const struct domain_soms *soms = &((struct fixture *)*state)->soms;
    static const char *const paths[] = {
        "example.test",
        "example.test/Empty",
        "example.test/Odd",
        "example.test/Smith, Söhne\\/Co",
        "example.test/Work",
        "example.test/Work/Desk",
        "example.test/Configuration/Sites/Here",
    };
    assert_int_equal(soms->count, sizeof paths / sizeof *paths);
    for (size_t i = 0; i < soms->count; i++)
        assert_string_equal(soms->items[i].path, paths[i]);
    assert_int_equal(soms->items[0].type, DOMAIN_SOM_DOMAIN);
    assert_int_equal(soms->items[1].type, DOMAIN_SOM_OU);
    assert_int_equal(soms->items[6].type, DOMAIN_SOM_SITE);
    assert_string_equal(soms->items[0].name, "example");
    assert_string_equal(soms->items[3].name, "Smith, Söhne/Co");
    assert_string_equal(soms->items[6].name, "Here");
}

static void the_last_link_of_a_som_has_order_one(void **state)
{
    const struct domain_som *desk = som_at(state, "ou=desk, OU=WORK,dc=example,dc=test");
    static const bool enabled[] = {true, false, false}, enforced[] = {false, false, true};
    static const uint8_t gpos[] = {4, 2, 1};
    assert_int_equal(desk->link_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        struct gpmq_guid gpo = a_gpo(gpos[i]);
        assert_int_equal(desk->links[i].order, i + 1);
        assert_true(gpmq_guid_equal(&desk->links[i].gpo, &gpo));
        assert_int_equal(desk->links[i].enabled, enabled[i]);
        assert_int_equal(desk->links[i].enforced, enforced[i]);
        assert_string_equal(desk->links[i].domain_dn, "DC=example,DC=test");
    }
}

static void domain_and_ou_block_inheritance_and_a_site_never_does(void **state)
{
    assert_true(som_at(state, "OU=Work,DC=example,DC=test")->blocks_inheritance);
    assert_false(som_at(state, "OU=Desk,OU=Work,DC=example,DC=test")->blocks_inheritance);
    assert_false(
        som_at(state, "CN=Here,CN=Sites,CN=Configuration,DC=example,DC=test")->blocks_inheritance);
}

static void damaged_links_are_none_and_say_so(void **state)
{
    const struct domain_som *odd = som_at(state, "OU=Odd,DC=example,DC=test");
    const struct domain_som *empty = som_at(state, "OU=Empty,DC=example,DC=test");
    assert_int_equal(odd->link_count, 0);
    assert_non_null(strstr(odd->damage, "entry 2"));
    assert_int_equal(empty->link_count, 0);
    assert_null(empty->damage);
}

static void the_links_of_a_gpo_are_found_in_its_own_domain(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(free_pointer) struct domain_gpo_link *links = NULL;
    struct gpmq_guid gpo = a_gpo(4), nobody = a_gpo(99);
    size_t count;
    const char *dn = fixture->domain->ops->info(fixture->domain)->dn;
    assert_int_equal(domain_gpo_links(&fixture->soms, dn, &gpo, &links, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_string_equal(links[0].som->name, "Work");
    assert_true(links[0].link->enforced); /* not the one of the other domain */
    assert_string_equal(links[1].som->name, "Desk");
    free_pointer(&links);
    assert_int_equal(domain_gpo_links(&fixture->soms, dn, &nobody, &links, &count, NULL), 0);
    assert_int_equal(count, 0);
    assert_null(links);
}

static void wmi_filters_are_listed_with_their_queries(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    CLEANUP(domain_wmi_filters_free) struct domain_wmi_filters filters = {0};
    assert_int_equal(domain->ops->wmi_filters(domain, &filters, NULL), 0);
    assert_int_equal(filters.count, 2);
    assert_string_equal(filters.items[0].name, "A wrong length");
    assert_string_equal(filters.items[0].description, "");
    assert_non_null(filters.items[0].damage);
    assert_int_equal(filters.items[0].query_count, 0);
    assert_string_equal(filters.items[1].description, "Notebooks");
    assert_null(filters.items[1].damage);
    assert_int_equal(filters.items[1].query_count, 2);
    assert_string_equal(filters.items[1].queries[1].name_space, "root\\CIMv2");
    assert_string_equal(filters.items[1].queries[1].query,
                        "SELECT * FROM Win32_Battery WHERE Name = \"Akku für ü;\"");
}

static struct domain_account account_of(void **state, const char *word)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct domain_account account = {0};
    struct gpmq_error err = {0};
    if (domain->ops->account(domain, word, &account, &err))
        fail_msg("%s: %s", word, err.text);
    return account;
}

static void assert_groups(const struct domain_account *account, const char *const *sids)
{
    size_t count = 0;
    for (; sids[count]; count++) {
        bool found = false;
        for (size_t i = 0; i < account->group_count; i++) {
            char text[SID_TEXT_SIZE];
            found |= strcmp(sid_text(&account->groups[i], text), sids[count]) == 0;
        }
        if (!found)
            fail_msg("%s is no member of %s", account->name, sids[count]);
    }
    assert_int_equal(account->group_count, count);
}

static void an_account_has_its_primary_group_and_nested_ones_also_in_a_circle(void **state)
{
    static const char *const adas[] = {DOMAIN_SID "-513",  "S-1-5-32-545", DOMAIN_SID "-1101",
                                       DOMAIN_SID "-1102", "S-1-5-32-544", NULL};
    static const char *const bobs[] = {DOMAIN_SID "-513", "S-1-5-32-545", DOMAIN_SID "-1103", NULL};
    static const char *const pcs[] = {DOMAIN_SID "-515", NULL};
    static const char *const dcs[] = {DOMAIN_SID "-516", NULL};
    CLEANUP(domain_account_free) struct domain_account ada = account_of(state, "ada");
    CLEANUP(domain_account_free) struct domain_account bob = account_of(state, "bob");
    CLEANUP(domain_account_free) struct domain_account pc = account_of(state, "pc1");
    CLEANUP(domain_account_free) struct domain_account dc = account_of(state, "DC1$");
    assert_groups(&ada, adas);
    assert_groups(&bob, bobs); /* by memberOf alone */
    assert_groups(&pc, pcs);
    assert_groups(&dc, dcs); /* by userAccountControl */
    assert_false(ada.computer);
    assert_true(pc.computer);
}

static void an_account_is_found_by_dn_and_by_every_name(void **state)
{
    static const char *const words[] = {
        "CN=Ada,OU=Desk,OU=Work,DC=example,DC=test",
        "cn=ada, ou=desk, ou=work, dc=example, dc=test",
        "ADA",
        "EXAMPLE\\ada",
        "ada@example.test",
        "ada.l@example.test",
        DOMAIN_SID "-1201",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        CLEANUP(domain_account_free) struct domain_account ada = account_of(state, words[i]);
        assert_string_equal(ada.dn, "CN=Ada,OU=Desk,OU=Work,DC=example,DC=test");
        assert_string_equal(ada.name, "ada");
    }
    CLEANUP(domain_account_free) struct domain_account pc = account_of(state, "EXAMPLE\\PC1");
    assert_string_equal(pc.name, "PC1$");
}

static void who_is_no_user_or_computer_is_refused(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct domain_account account = {0};
    assert_int_equal(domain->ops->account(domain, "eve", &account, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(domain->ops->account(domain, "CN=Eve,DC=example,DC=test", &account, NULL),
                     GPMQ_ENOTFOUND);
    assert_int_equal(domain->ops->account(domain, "Engineers", &account, NULL), GPMQ_EINVAL);
    assert_null(account.dn);
}

/* A domain of its own, with one group too many. */
static void an_account_may_be_in_so_many_groups_and_no_more(void **state)
{
    CLEANUP(bytes_free) struct bytes ldif = {0};
    CLEANUP(domain_close) struct domain *domain = NULL;
    struct fixture *fixture = *state;
    struct domain_account account = {0};
    char from[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE];
    bytes_put_text(&ldif, "version: 1\n\ndn: DC=example,DC=test\nobjectClass: domainDNS\n"
                          "objectGUID:: AQIDBAUGBwgJCgsMDQ4PEA==\n"
                          "objectSid:: AQQAAAAAAAUVAAAA6AMAANAHAAC4CwAA\n\n"
                          "dn: CN=EXAMPLE,CN=Partitions,CN=Configuration,DC=example,DC=test\n"
                          "objectClass: crossRef\nnCName: DC=example,DC=test\n"
                          "nETBIOSName: EXAMPLE\n\ndn: CN=ada,DC=example,DC=test\n"
                          "objectClass: user\nsAMAccountName: ada\n"
                          "objectSid:: AQUAAAAAAAUVAAAA6AMAANAHAAC4CwAATQQAAA==\n");
    for (int i = 0; i < DOMAIN_GROUPS_MAX; i++) /* and the primary group */
        bytes_format(&ldif,
                     "\ndn: CN=g%d,DC=example,DC=test\nobjectClass: group\nsAMAccountName: g%d\n"
                     "objectSid:: AQEAAAAAAAUSAAAA\nmember: CN=ada,DC=example,DC=test\n",
                     i, i);
    scratch_write(&fixture->scratch, "many.ldif", ldif.at, ldif.size);
    const struct domain_create_options options = {
        .dns_name = "example.test", .ldif = scratch_path(&fixture->scratch, "many.ldif", from)};
    assert_int_equal(domain_create(scratch_path(&fixture->scratch, "many", path), &options, NULL),
                     0);
    assert_int_equal(domain_open(&domain, path, NULL), 0);
    assert_int_equal(domain->ops->account(domain, "ada", &account, NULL), GPMQ_ETOOBIG);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest promises[] = {
    PROMISE(soms_are_the_domain_its_ous_and_the_sites_in_this_order),
    PROMISE(the_last_link_of_a_som_has_order_one),
    PROMISE(domain_and_ou_block_inheritance_and_a_site_never_does),
    PROMISE(damaged_links_are_none_and_say_so),
    PROMISE(the_links_of_a_gpo_are_found_in_its_own_domain),
    PROMISE(wmi_filters_are_listed_with_their_queries),
    PROMISE(an_account_has_its_primary_group_and_nested_ones_also_in_a_circle),
    PROMISE(an_account_is_found_by_dn_and_by_every_name),
    PROMISE(who_is_no_user_or_computer_is_refused),
    PROMISE(an_account_may_be_in_so_many_groups_and_no_more),
};
#define PROMISES (sizeof promises / sizeof *promises)

int main(void)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct CMUnitTest tests[PROMISES];
        memcpy(tests, promises, sizeof promises);
        for (size_t k = 0; k < PROMISES; k++)
            tests[k].initial_state = (void *)&kinds[i];
        failed += cmocka_run_group_tests_name(kinds[i].name, tests, NULL, NULL);
    }
    return failed;
}
