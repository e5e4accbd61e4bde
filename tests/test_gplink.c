/* test_gplink.c - gPLink, msWMI-Parm2 and gPCWQLFilter, as directories have them and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "dn.h"
#include "gplink.h"
#include "wmi_filter.h"

#define ONE "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=a,DC=b;0]"
#define TWO "[ldap://CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=c;3]"

static void links_count_from_the_end(void **state)
{
    struct gplink *links;
    size_t count;
    char guid[GPMQ_GUID_TEXT_SIZE];
    (void)state;
    assert_int_equal(gplink_parse(ONE " " TWO, &links, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_string_equal(gpmq_guid_text(&links[0].gpo, guid),
                        "{6AC1786C-016F-11D2-945F-00C04FB984F9}");
    assert_string_equal(links[0].domain_dn, "DC=c");
    assert_int_equal(links[0].order, 1);
    assert_false(links[0].enabled);
    assert_true(links[0].enforced);
    assert_int_equal(links[1].order, 2);
    assert_true(links[1].enabled);
    assert_false(links[1].enforced);
    gplink_free(links, count);
}

static void no_links_are_no_damage(void **state)
{
    static const char *const texts[] = {NULL, "", " "};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct gplink *links = (struct gplink *)texts;
        size_t count = 9;
        assert_int_equal(gplink_parse(texts[i], &links, &count, NULL), 0);
        assert_int_equal(count, 0);
        assert_null(links);
    }
}

static void damaged_links_are_refused(void **state)
{
    static const char *const texts[] = {
        "x",
        "[",
        "[]",
        "[;0]",
        ONE "x",
        ONE "[",
        "[LDAP://cn={31B2F340};0]",
        "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,;0]",
        "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=a;]",
        "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=a;-1]",
        "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=a]",
        "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},ou=policies,cn=system,DC=a;0]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct gplink *links = NULL;
        size_t count;
        if (gplink_parse(texts[i], &links, &count, NULL) != GPMQ_EDAMAGED)
            fail_msg("'%s' was read", texts[i]);
        assert_null(links);
    }
}

static void links_have_a_limit(void **state)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    struct gplink *links;
    size_t count;
    (void)state;
    for (int i = 0; i < GPLINK_MAX; i++)
        bytes_put_text(&text, ONE);
    assert_int_equal(gplink_parse((char *)text.at, &links, &count, NULL), 0);
    assert_int_equal(count, GPLINK_MAX);
    gplink_free(links, count);
    bytes_put_text(&text, ONE);
    assert_int_equal(gplink_parse((char *)text.at, &links, &count, NULL), GPMQ_ETOOBIG);
    bytes_cut(&text, 0);
    while (text.size <= GPLINK_TEXT_MAX)
        bytes_put_text(&text, "    ");
    assert_int_equal(gplink_parse((char *)text.at, &links, &count, NULL), GPMQ_ETOOBIG);
}

static void queries_are_cut_by_their_lengths(void **state)
{
    struct wmi_query *queries;
    size_t count;
    (void)state;
    assert_int_equal(
        wmi_queries_parse("2;3;4;3;WQL;a;b;;x;y;3;1;4;WQL;n;\xF0\x9F\x98\x80\xC3\xBC;;", &queries,
                          &count, NULL),
        0);
    assert_int_equal(count, 2);
    assert_string_equal(queries[0].name_space, "a;b;");
    assert_string_equal(queries[0].query, "x;y");
    assert_string_equal(queries[1].query, "\xF0\x9F\x98\x80\xC3\xBC;"); /* four UTF-16 units */
    wmi_queries_free(queries, count);
}

static void damaged_queries_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "x",
        "1",
        "1;",
        "1;3;1;1;WQL;a;b",
        "1;3;1;1;WQL;a;bc;",
        "1;3;1;2;WQL;a;b;",
        "1;4;1;1;WQL;a;b;",
        "1;3;1;1;SQL;a;b;",
        "2;3;1;1;WQL;a;b;",
        "1;3;1;1;WQL;a;b;x",
        "1;3;99999999;1;WQL;a;b;",
        "1;3;1;1;WQL;\xFF;b;",
        "1;3;1;1;WQL;\xF0\x9F\x98\x80;b;",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct wmi_query *queries;
        size_t count;
        if (wmi_queries_parse(texts[i], &queries, &count, NULL) != GPMQ_EDAMAGED)
            fail_msg("'%s' was read", texts[i]);
    }
}

static void queries_have_a_limit(void **state)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    struct wmi_query *queries;
    size_t count;
    (void)state;
    assert_int_equal(wmi_queries_parse("65;", &queries, &count, NULL), GPMQ_ETOOBIG);
    bytes_put_text(&text, "1;3;1;1048600;WQL;a;");
    while (text.size <= WMI_TEXT_MAX)
        bytes_put_char(&text, 'x');
    assert_int_equal(wmi_queries_parse((char *)text.at, &queries, &count, NULL), GPMQ_ETOOBIG);
}

static void a_gpo_names_its_filter(void **state)
{
    struct gpmq_guid guid, expected;
    (void)state;
    assert_int_equal(gpmq_guid_parse(&expected, "{9B4F2D60-2C0A-4B7F-8F6B-0C5B1B7E1A01}"), 0);
    assert_true(wmi_filter_linked("[a.b;{9b4f2d60-2C0A-4B7F-8F6B-0C5B1B7E1A01};0]", &guid));
    assert_true(gpmq_guid_equal(&guid, &expected));
    assert_false(wmi_filter_linked(NULL, &guid));
    assert_false(wmi_filter_linked(" ", &guid));
    assert_false(wmi_filter_linked("[a.b;{9b4f2d60};0]", &guid));
}

static void names_of_objects_are_compared_part_by_part(void **state)
{
    (void)state;
    assert_true(dn_equal("OU=a, DC=B", "ou=A,dc=b"));
    assert_true(dn_equal("OU=MÜNCHEN,DC=b", "OU=münchen,DC=b"));
    assert_false(dn_equal("OU=a,DC=b", "OU=a"));
    assert_false(dn_equal("OU=a\\,DC=b", "OU=a,DC=b"));
    assert_true(dn_hash("OU=a, DC=B") == dn_hash("ou=A ,dc=b"));
    assert_true(dn_hash("OU=MÜNCHEN,DC=b") == dn_hash("OU=münchen,DC=b"));
    assert_true(dn_hash("OU=a,DC=b") != dn_hash("OU=ab,DC=b"));
    assert_true(dn_is_within("OU=a,OU=b,DC=c", "ou=b, dc=c"));
    assert_true(dn_is_within("DC=c", "DC=c"));
    assert_false(dn_is_within("OU=ab,DC=c", "OU=b,DC=c"));
    assert_string_equal(dn_parent("CN=a\\, b,DC=c"), "DC=c");
    assert_null(dn_parent("DC=c"));
    assert_null(dn_parent("CN=a\\"));
    assert_true(dn_has_type("ou=a", "OU"));
    assert_false(dn_has_type("ou", "OU"));
}

static void canonical_names_go_down_from_the_domain(void **state)
{
    static const char *const pairs[][2] = {
        {"OU=Kiosks,OU=Work,DC=example,DC=test", "example.test/Work/Kiosks"},
        {"DC=example,DC=test", "example.test"},
        {"OU=a\\,b\\2Fc,DC=x", "x/a,b\\/c"},
        {"CN=a", "/a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        CLEANUP(free_pointer) char *name = dn_canonical(pairs[i][0]);
        assert_string_equal(name, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_count_from_the_end),
        cmocka_unit_test(no_links_are_no_damage),
        cmocka_unit_test(damaged_links_are_refused),
        cmocka_unit_test(links_have_a_limit),
        cmocka_unit_test(queries_are_cut_by_their_lengths),
        cmocka_unit_test(damaged_queries_are_refused),
        cmocka_unit_test(queries_have_a_limit),
        cmocka_unit_test(a_gpo_names_its_filter),
        cmocka_unit_test(names_of_objects_are_compared_part_by_part),
        cmocka_unit_test(canonical_names_go_down_from_the_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
