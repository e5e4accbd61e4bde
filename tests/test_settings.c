/* test_settings.c - an XML report as one flat list of settings, from which nothing is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_area.h"
#include "samples.h"
#include "settings_general.h"
#include "settings_look.h"
#include "text.h"

/* ---- reading -------------------------------------------------------------------------------- */

struct read {
    struct xml_document *document;
    struct settings list;
};

static void read_free(struct read *read)
{
    settings_free(&read->list);
    xml_free(&read->document);
}

static void read_report(struct read *read, const char *path, const char *bytes, size_t size)
{
    struct gpmq_error err;
    if (xml_read(&read->document, bytes, size, path, &err) ||
        settings_read(&read->list, read->document, &err))
        fail_msg("%s: %s", path, err.text);
}

#define Q "http://www.microsoft.com/GroupPolicy/Settings/"
#define SECTION(name, tail, content)                                                               \
    "<ExtensionData><Extension xmlns:q='" Q tail "'>" content "</Extension><Name>" name            \
    "</Name></ExtensionData>"
#define REPORT(computer, user)                                                                     \
    "<GPO xmlns='" REPORT_NS "'><Name>Test</Name><Computer>" computer "</Computer><User>" user     \
    "</User></GPO>"

static void read_text(struct read *read, const char *text)
{
    read_report(read, "report", text, strlen(text));
}

static void assert_setting(const struct setting *setting, const char *key, const char *value)
{
    assert_string_equal(setting->key, key);
    assert_string_equal(setting->value, value);
}

/* ---- nothing is lost ------------------------------------------------------------------------ */

static void judge_complete(void *arg, const char *path, const char *bytes, size_t size)
{
    CLEANUP(read_free) struct read read = {0};
    size_t *leaves = arg;
    read_report(&read, path, bytes, size);
    *leaves += settings_look(read.document, &read.list, path);
}

static void every_text_of_a_report_that_windows_wrote_is_in_one_setting(void **state)
{
    size_t leaves = 0;
    (void)state;
    if (!samples_each("gpreport.xml", judge_complete, &leaves))
        skip();
    assert_true(leaves > 8000);
}

/* ---- order ---------------------------------------------------------------------------------- */

static void assert_same_lists(const struct settings *a, const struct settings *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct setting *left = &a->items[i], *right = &b->items[i];
        assert_int_equal(settings_compare(left, right), 0);
        assert_string_equal(left->key, right->key);
        assert_string_equal(left->name, right->name);
        assert_string_equal(left->value, right->value);
        assert_string_equal(left->target ? left->target : "", right->target ? right->target : "");
        assert_int_equal(left->order, right->order);
    }
}

static void judge_order(void *arg, const char *path, const char *bytes, size_t size)
{
    CLEANUP(read_free) struct read read = {0};
    CLEANUP(read_free) struct read again = {0};
    CLEANUP(free_pointer) char *text = NULL;
    size_t *settings = arg, length;
    read_report(&read, path, bytes, size);
    assert_int_equal(text_to_utf8(&text, &length, bytes, size, TEXT_REFUSE, NULL), 0);
    read_report(&again, path, text, length);
    assert_same_lists(&read.list, &again.list);
    for (size_t i = 1; i < read.list.count; i++) {
        int order = settings_compare(&read.list.items[i - 1], &read.list.items[i]);
        assert_true(order <= 0);
        if (!order)
            assert_true(read.list.items[i - 1].order < read.list.items[i].order);
    }
    *settings += read.list.count;
}

static void equal_reports_give_equal_lists_in_order(void **state)
{
    size_t settings = 0;
    (void)state;
    if (!samples_each("gpreport.xml", judge_order, &settings))
        skip();
    assert_int_equal(settings, 2264);
}

static void settings_of_one_key_keep_the_order_of_the_report(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Windows Firewall", "WindowsFirewall",
                                    "<q:InboundFirewallRules><q:Name>B</q:Name><q:LPort>2</q:LPort>"
                                    "</q:InboundFirewallRules>"
                                    "<q:InboundFirewallRules><q:Name>b</q:Name><q:LPort>1</q:LPort>"
                                    "</q:InboundFirewallRules>"
                                    "<q:InboundFirewallRules><q:Name>A</q:Name><q:LPort>3</q:LPort>"
                                    "</q:InboundFirewallRules>"),
                            ""));
    assert_int_equal(read.list.count, 3);
    assert_setting(&read.list.items[0], "InboundFirewallRules/A", "LPort: 3");
    assert_setting(&read.list.items[1], "InboundFirewallRules/B", "LPort: 2");
    assert_setting(&read.list.items[2], "InboundFirewallRules/b", "LPort: 1");
}

static void areas_come_as_in_a_report_and_unknown_ones_last(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Zebra", "Zebra", "<q:A>1</q:A>")
                                SECTION("Apple", "Apple", "<q:A>1</q:A>")
                                    SECTION("Registry", "Registry", "<q:A>1</q:A>")
                                        SECTION("Security", "Security", "<q:A>1</q:A>"),
                            ""));
    static const char *const areas[] = {"Security", "Registry", "Apple", "Zebra"};
    assert_int_equal(read.list.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(read.list.items[i].area, areas[i]);
}

/* ---- single rules --------------------------------------------------------------------------- */

static void a_command_about_a_registry_value_has_the_key_of_the_value(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read,
              REPORT("", SECTION("Registry", "Registry",
                                 "<q:RegistrySetting><q:KeyPath>Software\\A</q:KeyPath>"
                                 "<q:AdmSetting>false</q:AdmSetting>"
                                 "<q:Command>**del.Run</q:Command></q:RegistrySetting>"
                                 "<q:RegistrySetting><q:KeyPath>Software\\A</q:KeyPath>"
                                 "<q:Value><q:Name>Run</q:Name><q:Number>7</q:Number></q:Value>"
                                 "</q:RegistrySetting>"
                                 "<q:RegistrySetting><q:KeyPath>Software\\A</q:KeyPath>"
                                 "</q:RegistrySetting>"
                                 "<q:Blocked>false</q:Blocked>")));
    assert_int_equal(read.list.count, 3);
    assert_int_equal(read.list.items[0].side, SETTING_USER);
    assert_setting(&read.list.items[0], "Software\\A", "");
    assert_setting(&read.list.items[1], "Software\\A\\Run", "Command: **del.Run");
    assert_setting(&read.list.items[2], "Software\\A\\Run", "Number: 7");
    assert_string_equal(read.list.items[2].target, "Software\\A\\Run");
}

static void the_order_of_the_members_of_a_right_means_nothing(void **state)
{
    static const char *const reports[] = {
        REPORT(SECTION("Security", "Security",
                       "<q:UserRightsAssignment><q:Name>SeX</q:Name>"
                       "<q:Member><SID>S-1-1-0</SID><Name>Everyone</Name></q:Member>"
                       "<q:Member><SID>S-1-5-11</SID></q:Member></q:UserRightsAssignment>"),
               ""),
        REPORT(SECTION("Security", "Security",
                       "<q:UserRightsAssignment><q:Name>SeX</q:Name>"
                       "<q:Member><SID>S-1-5-11</SID></q:Member>"
                       "<q:Member><SID>S-1-1-0</SID><Name>Everyone</Name></q:Member>"
                       "</q:UserRightsAssignment>"),
               ""),
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(read_free) struct read read = {0};
        read_text(&read, reports[i]);
        assert_setting(&read.list.items[0], "UserRightsAssignment/SeX",
                       "Everyone (S-1-1-0)\nS-1-5-11");
        assert_string_equal(setting_compared(&read.list.items[0]), "S-1-1-0\nS-1-5-11");
    }
}

static void a_password_is_never_shown(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Local Users and Groups", "Lugs",
                                    "<q:LocalUsersAndGroups clsid='{1}'><q:User clsid='{2}' "
                                    "name='admin' uid='{3}'><q:Properties action='U' "
                                    "cPassword='c2VjcmV0' userName='admin'/></q:User>"
                                    "</q:LocalUsersAndGroups>"),
                            ""));
    assert_int_equal(read.list.count, 1);
    assert_setting(&read.list.items[0], "{3}",
                   "name: admin\naction: U\ncPassword: (a password, not shown)\nuserName: admin");
    assert_string_equal(read.list.items[0].target, "User/admin");
}

static void a_collection_of_preferences_and_what_is_in_it_are_settings_of_their_own(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Windows Registry", "Windows/Registry",
                                    "<q:RegistrySettings clsid='{1}' disabled='1'>"
                                    "<q:Collection clsid='{2}' name='Group' uid='{B}'>"
                                    "<q:Filters><q:FilterDomain name='X'/></q:Filters>"
                                    "<q:Registry clsid='{3}' name='Run' uid='{A}'>"
                                    "<q:GPOSettingOrder>1</q:GPOSettingOrder>"
                                    "<q:Properties hive='HKCU' key='K' name='Run'/><q:Filters/>"
                                    "</q:Registry></q:Collection></q:RegistrySettings>"),
                            ""));
    assert_int_equal(read.list.count, 3);
    assert_setting(&read.list.items[0], "RegistrySettings", "disabled: 1");
    assert_setting(&read.list.items[1], "{A}",
                   "in: Group\nname: Run\nhive: HKCU\nkey: K\nname: Run");
    assert_false(read.list.items[0].placed);
    assert_true(read.list.items[1].placed);
    assert_string_equal(read.list.items[1].target, "Registry/HKCU\\K\\Run");
    assert_setting(&read.list.items[2], "{B}", "name: Group\nFilters: FilterDomain: name=X");
}

static void what_adds_to_other_gpos_has_no_target(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Scripts", "Scripts",
                                    "<q:Script><q:Command>a.cmd</q:Command><q:Type>Startup</q:Type>"
                                    "<q:Order>0</q:Order></q:Script>"),
                            ""));
    assert_int_equal(read.list.count, 1);
    assert_setting(&read.list.items[0], "Startup/a.cmd", "Order: 0");
    assert_null(read.list.items[0].target);
}

static void a_section_with_a_name_in_another_language_is_known_by_its_namespace(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT(SECTION("Sicherheit", "Security",
                                    "<q:Account><q:Name>MinimumPasswordAge</q:Name>"
                                    "<q:SettingNumber>1</q:SettingNumber><q:Type>Password</q:Type>"
                                    "</q:Account>"),
                            ""));
    assert_string_equal(read.list.items[0].area, "Security");
    assert_setting(&read.list.items[0], "Password/MinimumPasswordAge", "1");
}

static void an_unknown_section_is_told_whole(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read,
              REPORT(SECTION("Wireless", "Wlan",
                             "<q:Profile kind='a'><q:Ssid>lab</q:Ssid><q:Key><q:Type>1</q:Type>"
                             "<q:Text>one\r\ntwo</q:Text></q:Key></q:Profile><q:Note/>"),
                     ""));
    assert_int_equal(read.list.count, 2);
    assert_setting(&read.list.items[0], "Note", "");
    assert_setting(&read.list.items[1], "Profile",
                   "kind: a\nSsid: lab\nKey:\n  Type: 1\n  Text: one\n    two");
}

static void what_could_not_be_reported_is_told(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, REPORT("<ExtensionData><Error><Details>no access</Details></Error>"
                            "<Name>Scripts</Name></ExtensionData>",
                            ""));
    assert_int_equal(read.list.count, 1);
    assert_setting(&read.list.items[0], "Error", "Details: no access");
}

static void what_a_report_does_not_say_is_no_setting(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    CLEANUP(settings_free) struct settings general = {0};
    (void)state;
    read_text(&read, "<GPO xmlns='" REPORT_NS "'/>");
    assert_int_equal(read.list.count, 0);
    assert_int_equal(settings_read_general(&general, read.document, SETTINGS_LINKS, NULL), 0);
    assert_int_equal(general.count, 0);
}

static void a_report_says_what_the_gpo_itself_is_like(void **state)
{
    static const char report[] =
        "<GPO xmlns='" REPORT_NS "'><Name>N</Name><Comment>what for</Comment><SecurityDescriptor>"
        "<Owner><SID>S-1-5-32-544</SID><Name>A</Name></Owner><Permissions><TrusteePermissions>"
        "<Trustee><SID>S-1-5-11</SID><Name>Users</Name></Trustee><Type><PermissionType>Deny"
        "</PermissionType></Type><Inherited>true</Inherited><Applicability><ToSelf>false</ToSelf>"
        "</Applicability><Standard><GPOGroupedAccessEnum>Read</GPOGroupedAccessEnum></Standard>"
        "</TrusteePermissions></Permissions></SecurityDescriptor><FilterName>F</FilterName>"
        "<Computer><Enabled>true</Enabled></Computer><User><Enabled>false</Enabled></User>"
        "<LinksTo><SOMPath>a.test</SOMPath><Enabled>true</Enabled><NoOverride>true</NoOverride>"
        "</LinksTo></GPO>";
    static const char *const rows[][2] = {
        {"Computer settings", "enabled"},
        {"Description", "what for"},
        {"Name", "N"},
        {"User settings", "disabled"},
        {"WMI filter", "F"},
        {"Owner", "A (S-1-5-32-544)"},
        {"S-1-5-11/Deny", "Deny: Read, inherited, not on the GPO itself"},
        {"a.test", "enabled, enforced"},
    };
    CLEANUP(read_free) struct read read = {0};
    (void)state;
    read_text(&read, report);
    for (unsigned told = 0; told < 4; told++) {
        CLEANUP(settings_free) struct settings general = {0};
        size_t left_out = !(told & SETTINGS_OWNER) + !(told & SETTINGS_LINKS);
        assert_int_equal(settings_read_general(&general, read.document, told, NULL), 0);
        assert_int_equal(general.count, 8 - left_out);
        for (size_t i = 0; told == 3 && i < 8; i++)
            assert_setting(&general.items[i], rows[i][0], rows[i][1]);
    }
}

/* ---- limits --------------------------------------------------------------------------------- */

static void another_document_is_refused(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    struct gpmq_error err;
    static const char text[] = "<Rsop xmlns='http://www.microsoft.com/GroupPolicy/Rsop'/>";
    (void)state;
    assert_int_equal(xml_read(&read.document, text, strlen(text), "x", &err), 0);
    assert_int_equal(settings_read(&read.list, read.document, &err), GPMQ_EMALFORMED);
}

/* A group whose long name begins the keys of many settings. */
static char *make_huge(size_t name_size, size_t count)
{
    static const char head[] = "<GPO xmlns='" REPORT_NS "'><Computer><ExtensionData><Extension>"
                               "<RuleCollection Type='";
    static const char tail[] = "</RuleCollection></Extension><Name>Application Control Policies"
                               "</Name></ExtensionData></Computer></GPO>";
    char *text = calloc(1, sizeof head + sizeof tail + name_size + count * 4 + 3);
    assert_non_null(text);
    size_t at = strlen(head);
    memcpy(text, head, at);
    memset(text + at, 'x', name_size);
    at += name_size;
    memcpy(text + at, "'>", 2);
    at += 2;
    for (size_t i = 0; i < count; i++, at += 4)
        memcpy(text + at, "<a/>", 4);
    memcpy(text + at, tail, sizeof tail);
    return text;
}

static void keys_that_multiply_are_stopped_at_the_limit(void **state)
{
    CLEANUP(read_free) struct read read = {0};
    CLEANUP(free_pointer) char *text = make_huge(1u << 20, 100);
    struct gpmq_error err;
    (void)state;
    assert_int_equal(xml_read(&read.document, text, strlen(text), "x", &err), 0);
    assert_int_equal(settings_read(&read.list, read.document, &err), GPMQ_ETOOBIG);
    assert_int_equal(read.list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_of_a_report_that_windows_wrote_is_in_one_setting),
        cmocka_unit_test(equal_reports_give_equal_lists_in_order),
        cmocka_unit_test(settings_of_one_key_keep_the_order_of_the_report),
        cmocka_unit_test(areas_come_as_in_a_report_and_unknown_ones_last),
        cmocka_unit_test(a_command_about_a_registry_value_has_the_key_of_the_value),
        cmocka_unit_test(the_order_of_the_members_of_a_right_means_nothing),
        cmocka_unit_test(a_password_is_never_shown),
        cmocka_unit_test(a_collection_of_preferences_and_what_is_in_it_are_settings_of_their_own),
        cmocka_unit_test(what_adds_to_other_gpos_has_no_target),
        cmocka_unit_test(a_section_with_a_name_in_another_language_is_known_by_its_namespace),
        cmocka_unit_test(an_unknown_section_is_told_whole),
        cmocka_unit_test(what_could_not_be_reported_is_told),
        cmocka_unit_test(what_a_report_does_not_say_is_no_setting),
        cmocka_unit_test(a_report_says_what_the_gpo_itself_is_like),
        cmocka_unit_test(another_document_is_refused),
        cmocka_unit_test(keys_that_multiply_are_stopped_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
