/* Every limit of a report is reached: what is over it is listed with the reason, or makes an
 * outline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "registry_pol.h"
#include "report_fixture.h"
#include "report_inf.h"
#include "report_names.h"
#include "report_pol.h"
#include "report_preferences.h"
#include "report_write.h"

#define POL      "Machine/registry.pol"
#define SECURITY "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
#define AUDIT    "Machine/Microsoft/Windows NT/Audit/audit.csv"
#define SCRIPTS  "Machine/Scripts/scripts.ini"
#define GROUPS   "Machine/Preferences/Groups/Groups.xml"

/* The reason that stands beside a file in the list of others. */
static void expect_reason(const char *path, const struct bytes *content, const char *reason)
{
    const struct report_file file = {path, (const char *)content->at, content->size};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, &file, 1);
    report_make(&made);
    const struct xml_element *listed = report_at(&made, "Computer/Other/File");
    assert_non_null(listed);
    assert_string_equal(xml_child_text(listed, "Path"), path);
    const char *text = xml_child_text(listed, "Reason");
    if (!text || !strstr(text, reason))
        fail_msg("'%s' and not '%s'", text ? text : "(none)", reason);
}

/* A GPO with that file: its report is refused, its outline is not. */
static void expect_outline(const char *path, const struct bytes *content, const char *reason)
{
    const struct report_file file = {path, (const char *)content->at, content->size};
    CLEANUP(report_made_free) struct report_made made;
    struct gpmq_error err = {0};
    report_fixture(&made, &file, 1);
    assert_int_equal(report_xml(&made.text, &made.size, &made.source, &err), GPMQ_ETOOBIG);
    if (!strstr(err.text, reason))
        fail_msg("'%s' and not '%s'", err.text, reason);
    made.source.outline = true;
    report_make(&made);
    assert_non_null(report_at(&made, "Computer/Other/File"));
}

static void repeat(struct bytes *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_put_text(out, text);
}

/* ---- files ---------------------------------------------------------------------------------- */

static void a_file_that_is_too_large_is_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes inf = {0};
    while (inf.size <= REPORT_FILE_MAX)
        bytes_put_text(&inf, "; a comment that says nothing and goes on for a while, as they do\n");
    expect_reason(SECURITY, &inf, "more than 16777216 bytes");
}

static void too_many_lines_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes inf = {0};
    bytes_put_text(&inf, "[Event Audit]\n");
    repeat(&inf, "A = 1\n", REPORT_LINES_MAX + 1);
    expect_reason(SECURITY, &inf, "more than 65536 lines");
}

static void too_many_rows_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes csv = {0};
    repeat(&csv, ",System,x,,,,1\n", 65537);
    expect_reason(AUDIT, &csv, "more than 65536 rows");
}

static void too_many_scripts_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes ini = {0};
    bytes_put_text(&ini, "[Startup]\n");
    repeat(&ini, "0CmdLine=a\n", 4097);
    expect_reason(SCRIPTS, &ini, "more than 4096 lines");
}

static void put_value(struct bytes *pol, const char *key, const void *content, size_t size)
{
    uint8_t wide[512];
    size_t units = strlen(key);
    for (size_t i = 0; i < units; i++) {
        wide[2 * i] = (uint8_t)key[i];
        wide[2 * i + 1] = 0;
    }
    registry_pol_put(pol, &(struct registry_record){.key = wide,
                                                    .key_units = units,
                                                    .value = wide,
                                                    .value_units = 1,
                                                    .type = REGISTRY_SZ,
                                                    .content = content,
                                                    .content_size = size});
}

static void too_many_records_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes pol = {0};
    registry_pol_begin(&pol);
    for (size_t i = 0; i <= REPORT_POL_RECORDS_MAX; i++)
        put_value(&pol, "k", "", 0);
    expect_reason(POL, &pol, "more than 200000");
}

static void names_in_preferences_that_are_too_long_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes xml = {0};
    bytes_put_text(&xml, "<Groups><");
    repeat(&xml, "a", REPORT_NAME_MAX + 1);
    bytes_put_text(&xml, "/></Groups>");
    expect_reason(GROUPS, &xml, "more than 256 bytes");
}

static void preferences_as_deep_as_they_may_be_are_told(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes xml = {0};
    repeat(&xml, "<a>", REPORT_PREFERENCES_DEPTH_MAX + 1);
    repeat(&xml, "</a>", REPORT_PREFERENCES_DEPTH_MAX + 1);
    const struct report_file file = {GROUPS, (const char *)xml.at, xml.size};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, &file, 1);
    report_make(&made);
    assert_non_null(report_area_of(&made, "Computer", "Local Users and Groups"));
    assert_null(report_at(&made, "Computer/Other"));
}

/* ---- the report ----------------------------------------------------------------------------- */

static void too_many_elements_make_an_outline(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes inf = {0};
    bytes_put_text(&inf, "[Privilege Rights]\nSeX = ");
    repeat(&inf, "a,", REPORT_NODES_MAX);
    expect_outline(SECURITY, &inf, "more elements");
}

/* The file is within the limit of a document; the report has attributes of its own. */
static void too_many_attributes_make_an_outline(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes item = {0};
    CLEANUP(bytes_free) struct bytes xml = {0};
    bytes_put_text(&item, "<User");
    for (int i = 0; i < 100; i++)
        bytes_format(&item, " a%d=''", i);
    bytes_put_text(&item, "/>");
    bytes_put_text(&xml, "<Groups>");
    repeat(&xml, (const char *)item.at, XML_ATTRIBUTES_ALL_MAX / 100);
    bytes_put_text(&xml, "</Groups>");
    expect_outline(GROUPS, &xml, "more attributes");
}

static void too_many_bytes_make_an_outline(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes pol = {0};
    CLEANUP(free_pointer) uint8_t *text = calloc(1, 800000);
    assert_non_null(text);
    for (size_t i = 0; i < 800000; i += 2)
        memcpy(text + i, "\x2C\x4E", 2); /* three bytes of UTF-8 */
    registry_pol_begin(&pol);
    for (size_t i = 0; i < 16; i++)
        put_value(&pol, "k", text, 800000);
    expect_outline(POL, &pol, "more bytes");
}

static void a_text_that_is_too_long_makes_an_outline(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes inf = {0};
    bytes_put_text(&inf, "[System Access]\nNewGuestName = ");
    repeat(&inf, "x", REPORT_TEXT_MAX + 1);
    expect_outline(SECURITY, &inf, "a text is longer");
}

static void too_many_accounts_make_an_outline(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes inf = {0};
    bytes_put_text(&inf, "[Privilege Rights]\nSeX = ");
    for (int i = 0; i <= REPORT_NAMES_MAX; i++)
        bytes_format(&inf, "*S-1-5-21-1-2-3-%d,", i);
    expect_outline(SECURITY, &inf, "more accounts");
}

/* A GPO with all that it may have, at its largest: its outline is made, and read again. */
static void an_outline_is_never_too_large(void **state)
{
    (void)state;
    CLEANUP(report_made_free) struct report_made made;
    CLEANUP(bytes_free) struct bytes long_text = {0};
    CLEANUP(free_pointer) struct report_link *links = calloc(60000, sizeof *links);
    char path[GPO_PATH_MAX];
    assert_non_null(links);
    repeat(&long_text, "\xC3\xA4", 2 << 20);
    report_fixture(&made, NULL, 0);
    for (unsigned i = 0; i < GPO_FILES_MAX; i++) {
        size_t length = (size_t)snprintf(path, sizeof path, "Machine/%u/", i);
        memset(path + length, 'x', 900);
        path[length + 200] = path[length + 400] = path[length + 600] = '/';
        path[length + 800] = 0;
        assert_int_equal(gpo_add_file(made.gpo, path, false, 1, NULL), 0);
    }
    for (size_t i = 0; i < 60000; i++)
        links[i] = (struct report_link){
            .som_name = (const char *)long_text.at, .som_path = "example.test", .enabled = true};
    made.source.links = links;
    made.source.link_count = 60000;
    made.source.filter_description = (const char *)long_text.at;
    made.gpo->wmi_filter = strdup("[example.test;{31B2F340-016D-11D2-945F-00C04FB984F9};0]");
    made.source.outline = true;
    report_make(&made);
    const struct xml_element *other = report_at(&made, "Computer/Other");
    size_t listed = xml_count(other, "File"), linked = xml_count(xml_top(made.document), "LinksTo");
    assert_true(listed > 1000);
    assert_int_equal(listed + strtoul(xml_child_text(other, "More"), NULL, 10), GPO_FILES_MAX);
    assert_int_equal(linked + strtoul(xml_text(report_at(&made, "MoreLinks")), NULL, 10), 60000);
    size_t cut = strlen(xml_text(report_at(&made, "FilterDescription")));
    assert_true(cut <= REPORT_CUT_MAX + 3 && cut > REPORT_CUT_MAX - 3);
}

static void a_description_that_is_too_long_is_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes text = {0};
    for (int i = 0; i < 70000; i++)
        bytes_put(&text, "x\0", 2);
    const struct report_file file = {"GPO.cmt", (const char *)text.at, text.size};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, &file, 1);
    report_make(&made);
    assert_null(report_at(&made, "Comment"));
    assert_string_equal(xml_child_text(report_at(&made, "Other/File"), "Path"), "GPO.cmt");
}

/* ---- at the limits -------------------------------------------------------------------------- */

/* As many rules as fit, of as many fields: each is looked at by every kind of rule. */
static void a_firewall_of_many_rules_is_told(void **state)
{
    (void)state;
    static const char rule[] = "v2.31|Dir=In|Name=x|";
    CLEANUP(bytes_free) struct bytes pol = {0};
    uint8_t wide[2 * sizeof rule];
    for (size_t i = 0; i < sizeof rule; i++) {
        wide[2 * i] = (uint8_t)rule[i];
        wide[2 * i + 1] = 0;
    }
    registry_pol_begin(&pol);
    for (size_t i = 0; i < 40000; i++)
        put_value(&pol, "Software\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules", wide,
                  sizeof wide);
    const struct report_file file = {POL, (const char *)pol.at, pol.size};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, &file, 1);
    report_make(&made);
    assert_int_equal(
        xml_count(report_area_of(&made, "Computer", "Windows Firewall"), "InboundFirewallRules"),
        40000);
}

/* Collections by the thousand: those beyond what Windows has are left to Registry. */
static void rules_of_many_collections_are_told(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes pol = {0};
    registry_pol_begin(&pol);
    for (unsigned i = 0; i < 30000; i++) {
        char key[128];
        snprintf(key, sizeof key, "Software\\Policies\\Microsoft\\Windows\\SrpV2\\T%u\\r", i);
        put_value(&pol, key, "<\0a\0/\0>\0\0\0", 10);
    }
    const struct report_file file = {POL, (const char *)pol.at, pol.size};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, &file, 1);
    report_make(&made);
    const struct xml_element *area =
        report_area_of(&made, "Computer", "Application Control Policies");
    assert_int_equal(xml_count(area, "RuleCollection"), 16);
    assert_int_equal(xml_count(report_area_of(&made, "Computer", "Registry"), "RegistrySetting"),
                     30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_too_large_is_listed),
        cmocka_unit_test(too_many_lines_are_listed),
        cmocka_unit_test(too_many_rows_are_listed),
        cmocka_unit_test(too_many_scripts_are_listed),
        cmocka_unit_test(too_many_records_are_listed),
        cmocka_unit_test(names_in_preferences_that_are_too_long_are_listed),
        cmocka_unit_test(preferences_as_deep_as_they_may_be_are_told),
        cmocka_unit_test(too_many_elements_make_an_outline),
        cmocka_unit_test(too_many_attributes_make_an_outline),
        cmocka_unit_test(too_many_bytes_make_an_outline),
        cmocka_unit_test(a_text_that_is_too_long_makes_an_outline),
        cmocka_unit_test(too_many_accounts_make_an_outline),
        cmocka_unit_test(an_outline_is_never_too_large),
        cmocka_unit_test(a_description_that_is_too_long_is_listed),
        cmocka_unit_test(a_firewall_of_many_rules_is_told),
        cmocka_unit_test(rules_of_many_collections_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
