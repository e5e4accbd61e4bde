/* The three descriptions of a backup: read, written, and their spellings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backup_equal.h"
#include "backup_info_xml.h"
#include "backup_principals.h"
#include "backup_time.h"
#include "backup_xml.h"
#include "cleanup.h"
#include "repository_fixture.h"

/* The seed of the fuzz target with that name, without its first byte. */
static char *seed(const char *name, size_t *size)
{
    char path[128];
    const char *source = getenv("GPMQ_SOURCE_DIR");
    snprintf(path, sizeof path, "tests/data/backup_xml/%s", name);
    char *text = fixture_read(source ? source : ".", path, size);
    assert_non_null(text);
    memmove(text, text + 1, (*size)--);
    return text;
}

static struct backup *parsed(const char *name)
{
    size_t size;
    struct backup *backup = NULL;
    struct gpmq_error err;
    CLEANUP(free_pointer) char *text = seed(name, &size);
    if (backup_xml_parse(&backup, text, size, name, &err))
        fail_msg("%s", err.text);
    return backup;
}

static void versions_have_sysvol_in_the_high_word(void **state)
{
    (void)state;
    CLEANUP(backup_free) struct backup *backup = parsed("backup_plain");
    assert_int_equal(backup->gpo->user.sysvol, 1);
    assert_int_equal(backup->gpo->user.ds, 0);
    assert_int_equal(backup->gpo->machine.sysvol, 7);
    assert_int_equal(backup->gpo->machine.ds, 7);
}

static void matches_of_patterns_are_files_of_the_gpo(void **state)
{
    (void)state;
    CLEANUP(backup_free) struct backup *backup = parsed("backup_plain");
    assert_int_equal(backup->gpo->file_count, 3);
    assert_string_equal(backup->gpo->files[0].path, "Adm/a.adm");
    assert_string_equal(backup->gpo->files[1].path, "Machine/registry.pol");
    assert_string_equal(backup->gpo->files[2].path, "Machine/Scripts");
    assert_true(backup->gpo->files[2].directory);
}

static void everything_comes_back_from_a_full_description(void **state)
{
    (void)state;
    CLEANUP(backup_free) struct backup *backup = parsed("backup_full");
    CLEANUP(backup_free) struct backup *again = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    char difference[BACKUP_EQUAL_TEXT_SIZE];
    size_t size;
    assert_string_equal(backup->gpo->wmi_filter,
                        "[example.test;{99999999-2222-3333-4444-555555555555};0]");
    assert_string_equal(backup->gpo->wmi_filter_name, "Laptops");
    assert_string_equal(backup->file_paths[0], "\\\\server\\share");
    assert_int_equal(backup->gpo->ds_objects[0].children[0].attributes[0].value_count, 2);
    assert_int_equal(backup_xml_write(&text, &size, backup, NULL), 0);
    assert_int_equal(backup_xml_parse(&again, text, size, "again", NULL), 0);
    assert_string_equal(backups_differ(backup, again, difference), "");
    assert_non_null(strstr(text, "bkp:ReEvaluateFunction=\"SIProcessAllPackageObjects\""));
}

static void utf16_reads_like_utf8(void **state)
{
    (void)state;
    CLEANUP(backup_free) struct backup *backup = parsed("backup_utf16");
    assert_string_equal(backup->gpo->display_name, "Desktops");
}

/* Replaces one text in a seed and tells what parsing makes of it. */
static int parse_with(const char *before, const char *after, struct gpmq_error *err)
{
    size_t size;
    CLEANUP(free_pointer) char *text = seed("backup_full", &size);
    CLEANUP(free_pointer) char *changed = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    char *at = strstr(text, before);
    assert_non_null(at);
    *at = 0;
    assert_true(asprintf(&changed, "%s%s%s", text, after, at + strlen(before)) > 0);
    return backup_xml_parse(&backup, changed, strlen(changed), "Backup.xml", err);
}

static void what_makes_no_sense_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *reason;
    } cases[] = {
        {"<![CDATA[65536]]>", "", "UserVersionNumber"},
        {"<![CDATA[65536]]>", "-1", "UserVersionNumber"},
        {"<![CDATA[458759]]>", "4294967296", "MachineVersionNumber"},
        {"{11111111-2222-3333-4444-555555555555}]]>", "x]]>", "as ID"},
        {"MSFT_SomFilter", "Other", "WMI filter"},
        {"GroupPolicyCoreSettings>", "Other>", "line 2"},
        {" bkp:Path=\"%GPO_MACH_FSPATH%", " bkp:Other=\"%GPO_MACH_FSPATH%", "no Path"},
        {"bkp:Location=\"DomainSysvol\\GPO\\", "bkp:Location=\"", "location"},
        {"GPOOperations\" xmlns=\"http", "GPOOperations\" xmlns=\"ftp", "GroupPolicyBackupScheme"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_error err = {0};
        assert_int_equal(parse_with(cases[i].before, cases[i].after, &err), GPMQ_EMALFORMED);
        if (!strstr(err.text, cases[i].reason))
            fail_msg("'%s' gives '%s'", cases[i].after, err.text);
    }
}

/* A location of up to eight pieces, chosen by a number. */
static void make_location(char location[256], uint32_t number)
{
    static const char *const pieces[] = {"..",   "\\",           "/",  ":",   "a",    ".",
                                         " ",    "DomainSysvol", "\\", "GPO", "..\\", "\\.",
                                         "\x01", "C:",           "\\", "b."};
    int length = snprintf(location, 256, "%s", number % 2 ? "DomainSysvol\\GPO\\" : "");
    for (number /= 2; number; number /= 16)
        length += snprintf(location + length, 256 - (size_t)length, "%s", pieces[number % 16]);
}

static bool leads_out(const char *path)
{
    CLEANUP(free_pointer) char *copy = strdup(path);
    char *rest = copy;
    for (char *part; (part = strsep(&rest, "/"));)
        if (!*part || !strcmp(part, "..") || !strcmp(part, ".") || strpbrk(part, ":\\\x01"))
            return true;
    return false;
}

static void no_location_of_a_hundred_thousand_leads_out(void **state)
{
    (void)state;
    size_t accepted = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        char location[256];
        CLEANUP(free_pointer) char *path = NULL;
        make_location(location, i * 40503u % (1u << 25));
        if (backup_location_path(&path, location, NULL))
            continue;
        accepted++;
        if (strncmp(location, "DomainSysvol\\GPO\\", 17) != 0 || leads_out(path))
            fail_msg("'%s' became '%s'", location, path);
    }
    assert_true(accepted > 10);
}

static void bkup_info_and_manifest_are_written_as_windows_does(void **state)
{
    (void)state;
    static const char *const names[] = {"info", "manifest"};
    for (size_t i = 0; i < 2; i++) {
        size_t size, written;
        CLEANUP(free_pointer) char *text = seed(names[i], &size);
        CLEANUP(free_pointer) char *again = NULL;
        CLEANUP(backup_infos_free) struct backup_infos infos = {0};
        if (i == 0) {
            infos.items = calloc(1, sizeof *infos.items);
            infos.count = 1;
            assert_int_equal(backup_info_parse(infos.items, text, size, "x", NULL), 0);
            assert_true(infos.items[0].software);
            assert_int_equal(backup_info_write(&again, &written, infos.items, NULL), 0);
        } else {
            assert_int_equal(backup_manifest_parse(&infos, text, size, "x", NULL), 0);
            assert_int_equal(infos.count, 2);
            assert_int_equal(backup_manifest_write(&again, &written, &infos, NULL), 0);
        }
        assert_string_equal(again, text);
    }
}

static void times_are_utc_in_whole_seconds(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2023-03-09",
                                        "2023-02-30T00:00:00",
                                        "2023-03-09T24:00:00",
                                        "2023-03-09T17:04:03+01:00",
                                        "2023-3-9T17:4:3",
                                        "x2023-03-09T17:04:03"};
    char text[BACKUP_TIME_TEXT_SIZE];
    int64_t ms;
    assert_int_equal(backup_time_parse(&ms, "2023-03-09T17:04:03"), 0);
    assert_int_equal(ms, 1678381443000);
    assert_int_equal(backup_time_parse(&ms, "2023-03-09T17:04:03.2873225Z"), 0);
    assert_int_equal(ms, 1678381443000);
    assert_string_equal(backup_time_text(1678381443999, text), "2023-03-09T17:04:03");
    assert_string_equal(backup_time_text(-1, text), "1969-12-31T23:59:59");
    assert_string_equal(backup_time_text(INT64_MAX, text), "9999-12-31T23:59:59");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(backup_time_parse(&ms, wrong[i]), GPMQ_EMALFORMED);
}

static void folder_redirection_names_accounts_and_paths(void **state)
{
    (void)state;
    static const char ini[] = "[Folder_Redirection]\r\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=x\r\n"
                              "[{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-5-21-1-2-3-512]\r\n"
                              "Flags=1021\r\nFullPath=\\\\server\\share\\%USERNAME%\r\n";
    CLEANUP(backup_names_free) struct backup_names *names = backup_names_begin();
    CLEANUP(backup_free) struct backup *backup = calloc(1, sizeof *backup);
    assert_int_equal(backup_names_from_folders(names, ini, sizeof ini - 1, NULL), 0);
    assert_int_equal(backup_names_resolve(names, fixture_domain(), backup, NULL), 0);
    assert_int_equal(backup->principal_count, 1);
    assert_string_equal(backup->principals[0].principal.sid, "S-1-5-21-1-2-3-512");
    assert_false(backup->principals[0].from_dacl);
    assert_int_equal(backup->file_path_count, 1);
    assert_string_equal(backup->file_paths[0], "\\\\server\\share\\%USERNAME%");
}

static void settings_in_eight_bit_text_name_accounts_too(void **state)
{
    (void)state;
    static const char inf[] = "[Privilege Rights]\r\nSeX = B\xFCro , *S-1-5-20\r\n"
                              "[Group Membership]\r\n*S-1-5-21-1-2-3-512__Members = Helpdesk\r\n";
    CLEANUP(backup_names_free) struct backup_names *names = backup_names_begin();
    CLEANUP(backup_free) struct backup *backup = calloc(1, sizeof *backup);
    assert_int_equal(backup_names_from_security(names, inf, sizeof inf - 1, NULL), 0);
    assert_int_equal(backup_names_resolve(names, fixture_domain(), backup, NULL), 0);
    assert_int_equal(backup->principal_count, 4);
    assert_string_equal(backup->principals[0].principal.sam_account_name, "B\xC3\xBCro");
    assert_string_equal(backup->principals[1].principal.sam_account_name, "NETWORK SERVICE");
    assert_string_equal(backup->principals[2].principal.sam_account_name, "Helpdesk");
    assert_string_equal(backup->principals[3].principal.sam_account_name, "Domain Admins");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_have_sysvol_in_the_high_word),
        cmocka_unit_test(matches_of_patterns_are_files_of_the_gpo),
        cmocka_unit_test(everything_comes_back_from_a_full_description),
        cmocka_unit_test(utf16_reads_like_utf8),
        cmocka_unit_test(no_location_of_a_hundred_thousand_leads_out),
        cmocka_unit_test(what_makes_no_sense_is_refused_by_name),
        cmocka_unit_test(bkup_info_and_manifest_are_written_as_windows_does),
        cmocka_unit_test(times_are_utc_in_whole_seconds),
        cmocka_unit_test(folder_redirection_names_accounts_and_paths),
        cmocka_unit_test(settings_in_eight_bit_text_name_accounts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
