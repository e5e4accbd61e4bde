/* The promises of repository.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "backup_equal.h"
#include "backup_info_xml.h"
#include "bytes.h"
#include "cleanup.h"
#include "repository_fixture.h"

#define PROCESSES       8
#define BACKUPS_OF_EACH 20

static char root[FIXTURE_PATH_MAX];

static int make_root(void **state)
{
    (void)state;
    fixture_folder(root);
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    fixture_remove(root);
    return 0;
}

static struct repository *opened(void)
{
    struct repository *repository = NULL;
    struct gpmq_error err;
    if (repository_open(&repository, root, false, &err))
        fail_msg("%s", err.text);
    return repository;
}

static void publish(struct repository *repository, unsigned number)
{
    struct gpmq_error err;
    if (fixture_backup(repository, number, 1, &err))
        fail_msg("%s", err.text);
}

static size_t listed(struct repository *repository)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(repository_list(repository, &infos, NULL, NULL, NULL), 0);
    return infos.count;
}

static size_t in_manifest(void)
{
    size_t size;
    struct gpmq_error err;
    CLEANUP(free_pointer) char *text = fixture_read(root, "manifest.xml", &size);
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    if (!text)
        return 0;
    if (backup_manifest_parse(&infos, text, size, "manifest.xml", &err))
        fail_msg("%s", err.text);
    return infos.count;
}

static void print_finding(void *arg, const char *object_path, int code, const char *text)
{
    size_t *printed = arg;
    print_message("finding: %s: %d %s\n", object_path, code, text);
    (*printed)++;
}

static size_t findings(struct repository *repository, const struct gpmq_guid *id, bool read_data)
{
    size_t count = 0;
    struct gpmq_error err;
    if (repository_verify(repository, id, read_data, NULL, NULL, NULL, &count, &err))
        fail_msg("%s", err.text);
    return count;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void a_repository_is_made_only_when_asked(void **state)
{
    (void)state;
    char path[FIXTURE_PATH_MAX + 8];
    CLEANUP(repository_close) struct repository *repository = NULL;
    snprintf(path, sizeof path, "%s/new", root);
    assert_int_equal(repository_open(&repository, path, false, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(repository_open(&repository, path, true, NULL), 0);
    assert_true(fixture_exists(root, "new"));
}

static void a_file_is_no_repository(void **state)
{
    (void)state;
    char path[FIXTURE_PATH_MAX + 16];
    struct repository *repository = NULL;
    fixture_write(root, "file", "x", 1);
    snprintf(path, sizeof path, "folder:%s/file", root);
    assert_int_equal(repository_open(&repository, path, true, NULL), GPMQ_EINVAL);
    assert_int_equal(repository_open(&repository, "s3:bucket", true, NULL), GPMQ_EUNSUPPORTED);
}

/* ---- one backup ----------------------------------------------------------------------------- */

static void what_was_published_is_listed_and_read(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);

    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(repository_list(repository, &infos, NULL, NULL, NULL), 0);
    assert_int_equal(infos.count, 1);
    assert_string_equal(infos.items[0].comment, "nightly");
    assert_int_equal(infos.items[0].time_unix_ms, 1678381443000);

    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(gpo_free) struct gpo *gpo = fixture_gpo();
    struct gpmq_error err;
    struct gpmq_guid id = fixture_id(1);
    if (repository_read(repository, &id, &backup, &err))
        fail_msg("%s", err.text);
    assert_string_equal(backup->gpo->display_name, gpo->display_name);
    assert_string_equal(backup->gpo->wmi_filter, gpo->wmi_filter);
    assert_string_equal(backup->gpo->domain_controller, "dc1.example.test");
    assert_int_equal(backup->gpo->user.sysvol, 2);
    assert_int_equal(backup->gpo->user.ds, 1);
    assert_int_equal(backup->gpo->options, 1);
    const struct gpo_file *file = gpo_find_file(backup->gpo, "machine/REGISTRY.POL");
    assert_non_null(file);
    assert_int_equal(file->size_bytes, 8);
    assert_non_null(gpo_find_file(backup->gpo, "Machine/Scripts/Startup"));
}

static void principals_are_those_of_the_dacl_and_of_the_settings(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_guid id = fixture_id(1);
    assert_int_equal(repository_read(repository, &id, &backup, NULL), 0);
    static const struct {
        const char *name;
        bool from_dacl;
    } wanted[] = {
        {"Administrators", false},   {"Guests", false},        {"Domain Admins", true},
        {"Enterprise Admins", true}, {"Administrator", false},
    };
    assert_int_equal(backup->principal_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(backup->principals[i].principal.sam_account_name, wanted[i].name);
        assert_int_equal(backup->principals[i].from_dacl, wanted[i].from_dacl);
    }
}

static int collect(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static int refuse(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)arg, (void)bytes, (void)size, (void)err;
    return GPMQ_ESTOPPED;
}

static void a_file_is_read_by_its_path_in_any_case(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1);
    CLEANUP(bytes_free) struct bytes content = {0};
    assert_int_equal(
        repository_read_file(repository, &id, "MACHINE/registry.POL", collect, &content, NULL), 0);
    assert_memory_equal(content.at, "PReg\1\0\0\0", 8);
    assert_int_equal(
        repository_read_file(repository, &id, "Machine/Registry.pol", refuse, NULL, NULL),
        GPMQ_ESTOPPED);
    assert_int_equal(repository_read_file(repository, &id, "Machine/no", collect, &content, NULL),
                     GPMQ_ENOTFOUND);
    assert_int_equal(
        repository_read_file(repository, &id, "../Backup.xml", collect, &content, NULL),
        GPMQ_EMALFORMED);
    assert_int_equal(repository_read_file(repository, &id, "Machine", collect, &content, NULL),
                     GPMQ_EDAMAGED);
}

static void a_backup_has_the_report_that_was_written_or_none(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(free_pointer) void *bytes = NULL;
    struct gpmq_guid id = fixture_id(1);
    struct gpmq_error err;
    size_t size;
    publish(repository, 1);
    assert_int_equal(repository_read_report(repository, &id, &bytes, &size, &err), 0);
    assert_memory_equal(bytes, "<GPO ", 5);
    assert_int_equal(strlen(bytes), size);

    char path[FIXTURE_PATH_MAX + 64], name[GPMQ_GUID_TEXT_SIZE];
    snprintf(path, sizeof path, "%s/%s/gpreport.xml", root, gpmq_guid_text(&id, name));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(repository_read_report(repository, &id, &bytes, &size, &err), GPMQ_ENOTFOUND);
}

static void a_published_backup_has_no_findings(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1);
    size_t printed = 0, count;
    assert_int_equal(
        repository_verify(repository, &id, true, NULL, print_finding, &printed, &count, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_equal(printed, 0);
}

static void verify_finds_what_is_missing_and_what_is_too_much(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1);
    char name[GPMQ_GUID_TEXT_SIZE], path[FIXTURE_PATH_MAX + 128];
    gpmq_guid_text(&id, name);
    snprintf(path, sizeof path, "%s/DomainSysvol/GPO/GPO.cmt.backup", name);
    fixture_write(root, path, "x", 1);
    assert_int_equal(findings(repository, &id, false), 1);
    snprintf(path, sizeof path, "%s/%s/DomainSysvol/GPO/GPO.cmt", root, name);
    assert_int_equal(remove(path), 0);
    assert_int_equal(findings(repository, &id, false), 2);
}

static void verify_reads_registry_pol_only_when_asked(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1);
    char name[GPMQ_GUID_TEXT_SIZE], path[256];
    snprintf(path, sizeof path, "%s/DomainSysvol/GPO/Machine/Registry.pol",
             gpmq_guid_text(&id, name));
    fixture_write(root, path, "PReg\1\0\0\0[", 9);
    assert_int_equal(findings(repository, &id, false), 0);
    assert_int_equal(findings(repository, &id, true), 1);
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void verify_stops_between_files(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1);
    size_t count;
    assert_int_equal(repository_verify(repository, &id, true, always, NULL, NULL, &count, NULL),
                     GPMQ_ESTOPPED);
}

/* ---- finding -------------------------------------------------------------------------------- */

static void a_backup_is_found_by_id_in_any_form_and_by_name(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct gpmq_guid id = fixture_id(1), found;
    char name[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(&id, name);
    assert_int_equal(repository_find(repository, name, &found, NULL), 0);
    name[GPMQ_GUID_TEXT_SIZE - 2] = 0;
    assert_int_equal(repository_find(repository, name + 1, &found, NULL), 0);
    assert_int_equal(repository_find(repository, "desktops & <LAPTOPS> ]]> \xC3\x9C", &found, NULL),
                     0);
    assert_true(gpmq_guid_equal(&id, &found));
    assert_int_equal(repository_find(repository, "no such", &found, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(
        repository_find(repository, "{00000000-0000-4000-8000-000000000000}", &found, NULL),
        GPMQ_ENOTFOUND);
}

/* ---- building ------------------------------------------------------------------------------- */

static struct backup_writer *begun(struct repository *repository, unsigned number, uint64_t fence)
{
    struct backup_begin_request request = {
        .id = fixture_id(number), .op = fixture_op(number), .fence = fence};
    struct backup_begin_answer answer;
    struct backup_writer *writer = NULL;
    assert_int_equal(backup_begin(repository, &request, &writer, &answer, NULL), 0);
    assert_false(answer.done);
    return writer;
}

static void a_backup_that_is_being_built_is_not_seen(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(backup_abort) struct backup_writer *writer = begun(repository, 1, 1);
    assert_int_equal(backup_write(writer, "Machine/Registry.pol", "PReg", 4, NULL), 0);
    assert_int_equal(listed(repository), 0);
    backup_abort(&writer);
    assert_null(writer);
    assert_false(fixture_exists(root, ".gpmq-tmp-018bcfe5680070000100000000000000.1"));
}

static void publishing_twice_is_publishing_once(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    struct backup_begin_request request = {.id = fixture_id(1), .op = fixture_op(1), .fence = 2};
    struct backup_begin_answer answer;
    CLEANUP(backup_abort) struct backup_writer *writer = NULL;
    assert_int_equal(backup_begin(repository, &request, &writer, &answer, NULL), 0);
    assert_true(answer.done);
    assert_null(writer);
    assert_int_equal(listed(repository), 1);
    assert_int_equal(in_manifest(), 1);
}

static void a_later_attempt_ends_an_earlier_one(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(backup_abort) struct backup_writer *early = begun(repository, 1, 1);
    CLEANUP(backup_abort) struct backup_writer *late = begun(repository, 1, 2);
    CLEANUP(gpo_free) struct gpo *gpo = fixture_gpo();
    struct gpmq_guid id = fixture_id(1);
    CLEANUP(backup_info_free) struct backup_info info = fixture_info(&id, "");

    assert_int_not_equal(fixture_fill(early, gpo, NULL), 0);
    assert_int_equal(fixture_fill(late, gpo, NULL), 0);
    assert_int_not_equal(backup_publish(&early, &info, gpo, fixture_domain(), NULL), 0);
    assert_int_equal(listed(repository), 0);
    assert_int_equal(backup_publish(&late, &info, gpo, fixture_domain(), NULL), 0);
    assert_int_equal(listed(repository), 1);
    assert_int_equal(findings(repository, &id, true), 0);
}

static void an_attempt_with_a_lower_fence_is_refused(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(backup_abort) struct backup_writer *early = begun(repository, 1, 5);
    assert_non_null(early);
    struct backup_begin_request request = {.id = fixture_id(1), .op = fixture_op(1), .fence = 4};
    struct backup_begin_answer answer;
    struct backup_writer *late = NULL;
    assert_int_equal(backup_begin(repository, &request, &late, &answer, NULL), GPMQ_ESTALE);
}

static void a_file_of_the_gpo_that_was_not_written_stops_the_backup(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(backup_abort) struct backup_writer *writer = begun(repository, 1, 1);
    CLEANUP(gpo_free) struct gpo *gpo = fixture_gpo();
    struct gpmq_guid id = fixture_id(1);
    CLEANUP(backup_info_free) struct backup_info info = fixture_info(&id, "");
    struct gpmq_error err;
    assert_int_equal(backup_publish(&writer, &info, gpo, fixture_domain(), &err), GPMQ_EINVAL);
    assert_string_equal(err.text, "'GPO.cmt' is in the GPO but was not written");
    assert_null(writer);
    assert_int_equal(listed(repository), 0);
}

static void a_path_that_leads_out_is_not_written(void **state)
{
    (void)state;
    static const char *const paths[] = {"../x", "/x", "a/../../x", "a\\..\\x", "C:/x", "", "a//b"};
    CLEANUP(repository_close) struct repository *repository = opened();
    CLEANUP(backup_abort) struct backup_writer *writer = begun(repository, 1, 1);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(backup_write(writer, paths[i], "x", 1, NULL), GPMQ_EMALFORMED);
        assert_int_equal(backup_mkdir(writer, paths[i], NULL), GPMQ_EMALFORMED);
    }
}

/* ---- the manifest --------------------------------------------------------------------------- */

static void a_backup_without_an_entry_gets_one_from_the_next_writer(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    fixture_write(root, "manifest.xml", "damaged", 7);
    publish(repository, 2);
    assert_int_equal(in_manifest(), 2);
}

static void entries_of_backups_that_are_gone_are_dropped(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened();
    publish(repository, 1);
    publish(repository, 2);
    struct gpmq_guid id = fixture_id(1);
    char name[GPMQ_GUID_TEXT_SIZE], path[FIXTURE_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", root, gpmq_guid_text(&id, name));
    fixture_remove(path);
    publish(repository, 3);
    assert_int_equal(in_manifest(), 2);
}

static void eight_processes_lose_no_entry(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        CLEANUP(repository_close) struct repository *repository = NULL;
        struct gpmq_error err;
        int rc = repository_open(&repository, root, false, &err);
        for (unsigned k = 0; !rc && k < BACKUPS_OF_EACH; k++)
            rc = fixture_backup(repository, i * BACKUPS_OF_EACH + k, 1, &err);
        if (rc)
            print_message("%s\n", err.text);
        _exit(rc ? 1 : 0);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    CLEANUP(repository_close) struct repository *repository = opened();
    assert_int_equal(listed(repository), PROCESSES * BACKUPS_OF_EACH);
    assert_int_equal(in_manifest(), PROCESSES * BACKUPS_OF_EACH);
}

struct named {
    char text[GPMQ_ERROR_TEXT_SIZE];
    char path[FIXTURE_PATH_MAX];
};

static void keep_finding(void *arg, const char *object_path, int code, const char *text)
{
    struct named *named = arg;
    (void)code;
    snprintf(named->text, sizeof named->text, "%s", text);
    snprintf(named->path, sizeof named->path, "%s", object_path);
}

static void damage_inside_a_file_is_found_with_its_line(void **state)
{
    static const char file[] = "DomainSysvol/GPO/Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf";
    static const char content[] = "[Privilege Rights]\r\nSeShutdownPrivilege\r\n";
    CLEANUP(repository_close) struct repository *repository = opened();
    struct gpmq_guid id = fixture_id(1);
    char name[GPMQ_GUID_TEXT_SIZE], path[FIXTURE_PATH_MAX];
    struct named named = {.text = ""};
    size_t count = 0;
    (void)state;
    assert_int_equal(fixture_backup(repository, 1, 1, NULL), 0);
    snprintf(path, sizeof path, "%s/%s", gpmq_guid_text(&id, name), file);
    assert_true(fixture_exists(root, path));
    fixture_write(root, path, content, sizeof content - 1);
    assert_int_equal(findings(repository, &id, false), 0);
    assert_int_equal(
        repository_verify(repository, &id, true, NULL, keep_finding, &named, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_non_null(strstr(named.path, "SecEdit/GptTmpl.inf"));
    assert_non_null(strstr(named.text, "line 2: 'SeShutdownPrivilege'"));
}

#define REPOSITORY_TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPOSITORY_TEST(a_repository_is_made_only_when_asked),
        REPOSITORY_TEST(a_file_is_no_repository),
        REPOSITORY_TEST(what_was_published_is_listed_and_read),
        REPOSITORY_TEST(principals_are_those_of_the_dacl_and_of_the_settings),
        REPOSITORY_TEST(a_file_is_read_by_its_path_in_any_case),
        REPOSITORY_TEST(a_backup_has_the_report_that_was_written_or_none),
        REPOSITORY_TEST(a_published_backup_has_no_findings),
        REPOSITORY_TEST(verify_finds_what_is_missing_and_what_is_too_much),
        REPOSITORY_TEST(verify_reads_registry_pol_only_when_asked),
        REPOSITORY_TEST(damage_inside_a_file_is_found_with_its_line),
        REPOSITORY_TEST(verify_stops_between_files),
        REPOSITORY_TEST(a_backup_is_found_by_id_in_any_form_and_by_name),
        REPOSITORY_TEST(a_backup_that_is_being_built_is_not_seen),
        REPOSITORY_TEST(publishing_twice_is_publishing_once),
        REPOSITORY_TEST(a_later_attempt_ends_an_earlier_one),
        REPOSITORY_TEST(an_attempt_with_a_lower_fence_is_refused),
        REPOSITORY_TEST(a_file_of_the_gpo_that_was_not_written_stops_the_backup),
        REPOSITORY_TEST(a_path_that_leads_out_is_not_written),
        REPOSITORY_TEST(a_backup_without_an_entry_gets_one_from_the_next_writer),
        REPOSITORY_TEST(entries_of_backups_that_are_gone_are_dropped),
        REPOSITORY_TEST(eight_processes_lose_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
