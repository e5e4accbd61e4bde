/* The XML report of a GPO: what the real backups do not show. */
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
#include "report_area.h"
#include "report_fixture.h"
#include "report_write.h"

#define COUNT(files) (sizeof(files) / sizeof *(files))

#define GROUPS "Machine/Preferences/Groups/Groups.xml"

static const char *text_at(const struct xml_element *element, const char *name)
{
    const char *text = element ? xml_child_text(element, name) : NULL;
    return text ? text : "(none)";
}

/* ---- areas ---------------------------------------------------------------------------------- */

static void scripts_are_told_with_their_order_and_parameters(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {"Machine/Scripts/scripts.ini",
         "\r\n[Startup]\r\n0CmdLine=a.cmd\r\n0Parameters=/x\r\n1CmdLine=b.cmd\r\n1Parameters=\r\n",
         0},
        {"Machine/Scripts/psscripts.ini",
         "[ScriptsConfig]\r\nStartExecutePSFirst=true\r\n[Startup]\r\n0CmdLine=c.ps1\r\n", 0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    const struct xml_element *area = report_area_of(&made, "Computer", "Scripts");
    assert_int_equal(xml_count(area, "Script"), 3);
    const struct xml_element *first = xml_child(area, "Script");
    assert_string_equal(text_at(first, "Command"), "a.cmd");
    assert_string_equal(text_at(first, "Parameters"), "/x");
    assert_string_equal(text_at(first, "Type"), "Startup");
    assert_string_equal(text_at(first, "Order"), "0");
    assert_string_equal(text_at(first, "RunOrder"), "RunPSFirst");
    const struct xml_element *second = xml_next(first, "Script");
    assert_string_equal(text_at(second, "Order"), "1");
    assert_string_equal(text_at(second, "Parameters"), "(none)");
    assert_null(report_area_of(&made, "User", "Scripts"));
    assert_null(report_at(&made, "Computer/Other"));
}

static void redirected_folders_are_told_as_far_as_flags_are_understood(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {"User/Documents & Settings/fdeploy1.ini",
         "[Folder_Redirection]\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;\n"
         "[{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]\nFlags=1021\n"
         "FullPath=\\\\server\\share\\%USERNAME%\\Documents\n",
         0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    const struct xml_element *area = report_area_of(&made, "User", "Folder Redirection");
    const struct xml_element *folder = xml_child(area, "Folder");
    assert_int_equal(xml_count(area, "Folder"), 1);
    assert_string_equal(text_at(folder, "Id"), "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}");
    const struct xml_element *location = xml_child(folder, "Location");
    assert_string_equal(text_at(location, "DestinationPath"),
                        "\\\\server\\share\\%USERNAME%\\Documents");
    assert_string_equal(text_at(xml_child(location, "SecurityGroup"), "Name"), "Everyone");
    assert_string_equal(text_at(folder, "MoveContents"), "true");
    assert_string_equal(text_at(folder, "FollowParent"), "false");
    assert_string_equal(text_at(folder, "Flags"), "1021");
}

static void packages_are_told_from_their_attributes(void **state)
{
    (void)state;
    static char *const name[] = {(char *)"Seven"}, *const file[] = {(char *)"0:\\\\s\\d\\7.msi"};
    static struct gpo_ds_attribute attributes[] = {
        {(char *)"packageName", (char *)"DSAttributeString", 1, (char **)name},
        {(char *)"msiFileList", (char *)"DSAttributeMultiString", 1, (char **)file},
    };
    struct gpo_ds_object object = {.path = (char *)"cn={1},cn=Packages,cn=Class Store,"
                                                   "%GPO_MACH_DSPATH%",
                                   .object_class = (char *)"packageRegistration",
                                   .attribute_count = COUNT(attributes),
                                   .attributes = attributes};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, NULL, 0);
    made.gpo->ds_objects = &object;
    made.gpo->ds_object_count = 1;
    report_make(&made);
    made.gpo->ds_objects = NULL;
    made.gpo->ds_object_count = 0;
    const struct xml_element *package =
        xml_child(report_area_of(&made, "Computer", "Software Installation"), "MsiApplication");
    assert_string_equal(text_at(package, "Name"), "Seven");
    assert_string_equal(text_at(package, "Path"), "\\\\s\\d\\7.msi");
    assert_int_equal(
        xml_count(report_area_of(&made, "User", "Software Installation"), "MsiApplication"), 0);
}

static void put_record(struct bytes *pol, const char *key, const char *value, uint32_t type,
                       const void *content, size_t size)
{
    uint8_t wide_key[512], wide_value[512];
    for (size_t i = 0; i < strlen(key); i++) {
        wide_key[2 * i] = (uint8_t)key[i];
        wide_key[2 * i + 1] = 0;
    }
    for (size_t i = 0; i < strlen(value); i++) {
        wide_value[2 * i] = (uint8_t)value[i];
        wide_value[2 * i + 1] = 0;
    }
    struct registry_record record = {wide_key, strlen(key), wide_value, strlen(value),
                                     type,     content,     size};
    registry_pol_put(pol, &record);
}

static const struct xml_element *nth(const struct xml_element *parent, const char *name, size_t n)
{
    const struct xml_element *e = xml_child(parent, name);
    while (e && n--)
        e = xml_next(e, name);
    return e;
}

static void each_type_of_registry_value_has_its_form(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes pol = {0};
    registry_pol_begin(&pol);
    put_record(&pol, "Software\\A", "n", REGISTRY_DWORD, "\xff\xff\xff\xff", 4);
    put_record(&pol, "Software\\A", "q", REGISTRY_QWORD, "\1\0\0\0\1\0\0\0", 8);
    put_record(&pol, "Software\\A", "s", REGISTRY_EXPAND_SZ, "%\0x\0\0\0", 6);
    put_record(&pol, "Software\\A", "m", REGISTRY_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10);
    put_record(&pol, "Software\\A", "b", REGISTRY_BINARY, "\1\xfe", 2);
    put_record(&pol, "Software\\A", "**DeleteValues", REGISTRY_SZ, "x\0;\0y\0\0\0", 8);
    put_record(&pol, "Software\\B", "", REGISTRY_NONE, "", 0);
    const struct report_file files[] = {{"User/registry.pol", (const char *)pol.at, pol.size}};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    const struct xml_element *area = report_area_of(&made, "User", "Registry");
    static const char *const forms[][2] = {
        {"Number", "4294967295"}, {"Number", "4294967297"}, {"String", "%x"}};
    for (size_t i = 0; i < COUNT(forms); i++)
        assert_string_equal(
            text_at(xml_child(nth(area, "RegistrySetting", i), "Value"), forms[i][0]), forms[i][1]);
    const struct xml_element *many = nth(area, "RegistrySetting", 3);
    assert_int_equal(xml_count(xml_child(xml_child(many, "Value"), "Strings"), "Value"), 2);
    assert_string_equal(text_at(xml_child(nth(area, "RegistrySetting", 4), "Value"), "Binary"),
                        "01FE");
    const struct xml_element *command = nth(area, "RegistrySetting", 5);
    assert_string_equal(text_at(command, "Command"), "**DeleteValues");
    assert_string_equal(text_at(command, "Data"), "x;y");
    assert_null(xml_child(nth(area, "RegistrySetting", 6), "Value"));
    assert_null(report_at(&made, "User/Other"));
}

static void access_lists_and_numbers_of_security_are_taken_to_pieces(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
         "[System Access]\nLockoutDuration = -1\nNewGuestName = \"Visitor\"\n"
         "[Service General Setting]\n\"a=b\",4,\"D:(A;;GA;;;SY)\"\n"
         "[File Security]\n\"%SystemRoot%\\x\",1,\"D:PAR(A;OICI;FA;;;BA)\"\n"
         "[Group Membership]\n*S-1-5-32-544__Memberof =\nLocal__Members = *S-1-1-0,someone\n",
         0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    const struct xml_element *area = report_area_of(&made, "Computer", "Security");
    assert_string_equal(text_at(xml_child(area, "Account"), "SettingNumber"), "4294967295");
    assert_string_equal(text_at(xml_child(area, "SecurityOptions"), "SettingString"),
                        "\"Visitor\"");
    const struct xml_element *service = xml_child(area, "SystemServices");
    assert_string_equal(text_at(service, "Name"), "a=b");
    assert_string_equal(text_at(service, "StartupMode"), "Disabled");
    const struct xml_element *file = xml_child(area, "File");
    assert_string_equal(text_at(file, "Mode"), "Ignore");
    const struct xml_element *permissions =
        xml_child(xml_child(file, "SecurityDescriptor"), "Permissions");
    const struct xml_element *trustee = xml_child(permissions, "TrusteePermissions");
    assert_string_equal(text_at(xml_child(trustee, "Standard"), "FileGroupedAccessEnum"),
                        "Full Control");
    assert_string_equal(text_at(xml_child(trustee, "Applicability"), "ToDescendantObjects"),
                        "true");
    const struct xml_element *group = nth(area, "RestrictedGroups", 1);
    assert_string_equal(text_at(xml_child(group, "GroupName"), "Name"), "Local");
    assert_int_equal(xml_count(group, "Member"), 2);
    assert_string_equal(text_at(nth(group, "Member", 1), "Name"), "someone");
}

/* Every area of preferences, from the one table. */
static void every_area_of_preferences_has_its_items_and_no_password(void **state)
{
    (void)state;
    size_t count, tried = 0;
    const struct report_area *areas = report_areas(&count);
    for (size_t i = 0; i < count; i++) {
        char path[256], registered[64];
        if (!areas[i].file || strncmp(areas[i].file, "Preferences/", 12) != 0)
            continue;
        snprintf(path, sizeof path, "User/%s", areas[i].file);
        snprintf(registered, sizeof registered, "[%s]", areas[i].cse);
        const struct report_file file = {
            path, "<X clsid=\"{1}\"><Y uid=\"{2}\"><Properties cpassword=\"s3cret\"/></Y></X>", 0};
        CLEANUP(report_made_free) struct report_made made;
        report_fixture(&made, &file, 1);
        free(made.gpo->user_extensions);
        made.gpo->user_extensions = strdup(registered);
        report_make(&made);
        const struct xml_element *area = report_area_of(&made, "User", areas[i].name);
        assert_non_null(area);
        const struct xml_element *item = xml_child(xml_child(area, "X"), "Y");
        assert_string_equal(xml_attribute(item, "uid"), "{2}");
        assert_string_equal(text_at(item, "GPOSettingOrder"), "1");
        assert_null(strstr(made.text, "s3cret"));
        tried++;
    }
    assert_int_equal(tried, 20);
}

/* ---- secrets -------------------------------------------------------------------------------- */

static void a_password_in_preferences_is_flagged_and_never_written(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {GROUPS,
         "<Groups clsid=\"{1}\"><User clsid=\"{2}\" name=\"admin\"><Properties action=\"U\" "
         "cpassword=\"j1Uyj3Vx8TY9LtLZil2uAuZkFQA\" CPassword=\"AzVJmXh\" userName=\"admin\"/>"
         "</User></Groups>",
         0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    assert_null(strstr(made.text, "j1Uyj3Vx8TY9LtLZil2uAuZkFQA"));
    assert_null(strstr(made.text, "AzVJmXh"));
    const struct xml_element *area = report_area_of(&made, "Computer", "Local Users and Groups");
    const struct xml_element *user = xml_child(xml_child(area, "LocalUsersAndGroups"), "User");
    const struct xml_element *properties = xml_child(user, "Properties");
    assert_string_equal(xml_attribute(properties, "cpassword"), REPORT_SECRET);
    assert_string_equal(xml_attribute(properties, "userName"), "admin");
    assert_string_equal(text_at(properties, "Secret"), "cpassword");
}

/* ---- what no section tells ------------------------------------------------------------------ */

static void files_and_extensions_without_a_section_are_listed(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {"Adm/old.adm", "CLASS MACHINE", 0},
        {"Machine/Applications/x.aas", "?", 0},
        {"User/Scripts/Logon/run.cmd", "echo", 0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    free(made.gpo->user_extensions);
    made.gpo->user_extensions = strdup("[{00000000-0000-0000-0000-000000000000}{79F92669-4224-"
                                       "476C-9C5C-6EFB4D87DF4A}][{7933F41E-56F8-41D6-A31C-4148A711"
                                       "EE93}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]");
    report_make(&made);
    assert_string_equal(text_at(report_at(&made, "Other/File"), "Path"), "Adm/old.adm");
    assert_string_equal(text_at(report_at(&made, "Other/File"), "Size"), "7");
    assert_string_equal(text_at(report_at(&made, "Computer/Other/File"), "Path"),
                        "Machine/Applications/x.aas");
    assert_int_equal(xml_count(report_at(&made, "Computer/Other"), "File"), 1);
    const struct xml_element *user = report_at(&made, "User/Other");
    assert_string_equal(xml_namespace(user), REPORT_NS_GPMQ);
    assert_int_equal(xml_count(user, "Extension"), 1);
    assert_string_equal(text_at(xml_child(user, "Extension"), "Identifier"),
                        "{7933F41E-56F8-41D6-A31C-4148A711EE93}");
}

static void a_file_that_cannot_be_parsed_is_listed_with_the_reason(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {GROUPS, "<Groups><User></Groups>", 0},
        {"Machine/registry.pol", "PReg\1\0\0\0[", 9},
        {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", "[Event Audit]\nA = 3\n", 0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    assert_null(report_area_of(&made, "Computer", "Local Users and Groups"));
    assert_null(report_area_of(&made, "Computer", "Registry"));
    assert_non_null(report_area_of(&made, "Computer", "Security"));
    const struct xml_element *other = report_at(&made, "Computer/Other");
    assert_int_equal(xml_count(other, "File"), 2);
    assert_non_null(strstr(text_at(nth(other, "File", 0), "Reason"), "Groups.xml"));
    assert_non_null(strstr(text_at(nth(other, "File", 1), "Reason"), "record 1"));
}

static void settings_without_their_extension_are_no_section(void **state)
{
    (void)state;
    static const struct report_file files[] = {
        {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", "[Event Audit]\nA = 3\n", 0},
    };
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    made.gpo->machine_extensions[0] = 0;
    report_make(&made);
    assert_null(report_area_of(&made, "Computer", "Security"));
    assert_int_equal(xml_count(report_at(&made, "Computer/Other"), "File"), 1);
}

/* ---- hazards -------------------------------------------------------------------------------- */

static void text_that_xml_cannot_hold_is_replaced(void **state)
{
    (void)state;
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, NULL, 0);
    free(made.gpo->display_name);
    made.gpo->display_name = strdup("a\1<b>\r\n&\xff\xef\xbf\xbf");
    report_make(&made);
    assert_string_equal(xml_text(report_at(&made, "Name")),
                        "a\xEF\xBF\xBD<b>\n&\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void preferences_that_are_too_deep_are_listed(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes xml = {0};
    bytes_put_text(&xml, "<Groups>");
    for (int i = 0; i < 65; i++)
        bytes_put_text(&xml, "<a>");
    for (int i = 0; i < 65; i++)
        bytes_put_text(&xml, "</a>");
    bytes_put_text(&xml, "</Groups>");
    const struct report_file files[] = {{GROUPS, (const char *)xml.at, xml.size}};
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, files, COUNT(files));
    report_make(&made);
    assert_non_null(strstr(text_at(report_at(&made, "Computer/Other/File"), "Reason"), "deep"));
}

static int cannot_read(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                       struct gpmq_error *err)
{
    (void)arg;
    (void)sink;
    (void)sink_arg;
    snprintf(err->text, sizeof err->text, "cannot read %s", path);
    err->code = GPMQ_EIO;
    return GPMQ_EIO;
}

static void a_file_that_cannot_be_read_fails_the_report(void **state)
{
    (void)state;
    static const struct report_file files[] = {{"Machine/registry.pol", "", 0}};
    CLEANUP(report_made_free) struct report_made made;
    struct gpmq_error err;
    report_fixture(&made, files, COUNT(files));
    made.source.read_file = cannot_read;
    assert_int_equal(report_xml(&made.text, &made.size, &made.source, &err), GPMQ_EIO);
    assert_string_equal(err.text, "cannot read Machine/registry.pol");
}

static bool stop_at_three(void *arg, unsigned done, unsigned all)
{
    (void)all;
    (void)arg;
    return done < 3;
}

static void it_stops_between_sections(void **state)
{
    (void)state;
    CLEANUP(report_made_free) struct report_made made;
    report_fixture(&made, NULL, 0);
    made.source.progress = stop_at_three;
    assert_int_equal(report_xml(&made.text, &made.size, &made.source, NULL), GPMQ_ESTOPPED);
}

/* ---- on disk -------------------------------------------------------------------------------- */

static void on_disk_it_is_utf16_with_crlf_and_reads_the_same(void **state)
{
    (void)state;
    CLEANUP(report_made_free) struct report_made made;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) uint8_t *disk = NULL;
    size_t size;
    struct gpmq_error err;
    report_fixture(&made, NULL, 0);
    free(made.gpo->display_name);
    made.gpo->display_name = strdup("\xF0\x9F\x98\x80 \xC3\xA9");
    report_make(&made);
    assert_int_equal(report_to_disk(&disk, &size, made.text, made.size, &err), 0);
    assert_memory_equal(disk, "\xFF\xFE<\0?\0x\0m\0l\0", 12);
    assert_non_null(memmem(disk, size, "\"\0u\0t\0f\0-\0001\0006\0\"\0", 16));
    assert_non_null(memmem(disk, size, "\r\0\n\0<\0G\0P\0O\0", 12));
    assert_int_equal(xml_read(&document, disk, size, "gpreport.xml", &err), 0);
    assert_string_equal(xml_child_text(xml_top(document), "Name"), made.gpo->display_name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_are_told_with_their_order_and_parameters),
        cmocka_unit_test(redirected_folders_are_told_as_far_as_flags_are_understood),
        cmocka_unit_test(packages_are_told_from_their_attributes),
        cmocka_unit_test(each_type_of_registry_value_has_its_form),
        cmocka_unit_test(access_lists_and_numbers_of_security_are_taken_to_pieces),
        cmocka_unit_test(every_area_of_preferences_has_its_items_and_no_password),
        cmocka_unit_test(a_password_in_preferences_is_flagged_and_never_written),
        cmocka_unit_test(files_and_extensions_without_a_section_are_listed),
        cmocka_unit_test(a_file_that_cannot_be_parsed_is_listed_with_the_reason),
        cmocka_unit_test(settings_without_their_extension_are_no_section),
        cmocka_unit_test(text_that_xml_cannot_hold_is_replaced),
        cmocka_unit_test(preferences_that_are_too_deep_are_listed),
        cmocka_unit_test(a_file_that_cannot_be_read_fails_the_report),
        cmocka_unit_test(it_stops_between_sections),
        cmocka_unit_test(on_disk_it_is_utf16_with_crlf_and_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
