/*
 * What is odd, damaged or hostile in backups from elsewhere (tests/data/backups/: one repository
 * with one backup each, made by us): what reading, listing and verifying make of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "repository_fixture.h"
#include "xml.h"

#define THE_BACKUP "{22222222-2222-4222-8222-222222222222}"

/* clang-format off */
static const struct hazard {
    const char *folder;
    int read;        /* what repository_read() returns */
    size_t listed;   /* backups of repository_list() */
    size_t findings; /* of verify without reading the data */
    size_t findings_in_data;
    const char *text; /* part of the first finding's text, or NULL */
} hazards[] = {
    {"plain",                 0,               1, 0, 0, NULL},
    {"case_differs",          0,               1, 0, 0, NULL},
    {"no_manifest",           0,               1, 0, 0, NULL},
    {"manifest_lists_absent", 0,               1, 0, 0, NULL},
    {"manifest_damaged",      0,               1, 1, 1, "manifest.xml"},
    {"descriptor_damaged",    0,               1, 1, 1, "security descriptor is damaged"},
    {"inf_eight_bit",         0,               1, 0, 0, NULL},
    {"pol_damaged",           0,               1, 0, 1, NULL},
    {"report_claims_utf16",   0,               1, 0, 0, NULL},
    {"report_damaged",        0,               1, 1, 1, "gpreport.xml"},
    {"backup_xml_utf16",      0,               1, 0, 0, NULL},
    {"location_dotdot",       GPMQ_EMALFORMED, 1, 1, 1, "location"},
    {"location_elsewhere",    GPMQ_EMALFORMED, 1, 1, 1, "location 'Backup.xml' is not below"},
    {"location_absolute",     GPMQ_EMALFORMED, 1, 1, 1, "location 'C:\\Windows\\win.ini'"},
    {"location_unc",          GPMQ_EMALFORMED, 1, 1, 1, "location"},
    {"location_stream",       GPMQ_EMALFORMED, 1, 1, 1, "location"},
    {"location_dot",          GPMQ_EMALFORMED, 1, 1, 1, "location"},
    {"location_slash",        GPMQ_EMALFORMED, 1, 1, 1, "location"},
    {"doctype",               GPMQ_EMALFORMED, 1, 1, 1, "DOCTYPE"},
    {"entity_bomb",           GPMQ_EMALFORMED, 1, 1, 1, "DOCTYPE"},
    {"entity_unknown",        GPMQ_EMALFORMED, 1, 1, 1, "Entity 'file' not defined"},
    {"file_absent",           0,               1, 1, 1, "No such file"},
    {"file_unlisted",         0,               1, 1, 1, "not listed"},
    {"info_absent",           GPMQ_ENOTFOUND,  0, 1, 1, "bkupInfo.xml"},
    {"info_of_another",       0,               1, 3, 3, "the ID in it"},
    {"symlink",               0,               1, 2, 2, "neither a file nor a folder"},
};
/* clang-format on */
#define HAZARD_COUNT (sizeof hazards / sizeof *hazards)

static struct gpmq_guid the_id(void)
{
    struct gpmq_guid id;
    assert_int_equal(gpmq_guid_parse(&id, THE_BACKUP), 0);
    return id;
}

static struct repository *opened(const char *folder)
{
    char path[FIXTURE_PATH_MAX];
    const char *source = getenv("GPMQ_SOURCE_DIR");
    struct repository *repository = NULL;
    struct gpmq_error err;
    snprintf(path, sizeof path, "%s/tests/data/backups/%s", source ? source : ".", folder);
    if (repository_open(&repository, path, false, &err))
        fail_msg("%s", err.text);
    return repository;
}

static void keep_first(void *arg, const char *object_path, int code, const char *text)
{
    char *first = arg;
    if (!*first)
        snprintf(first, GPMQ_ERROR_TEXT_SIZE * 2, "%s: %d: %s", object_path, code, text);
}

static size_t count_findings(struct repository *repository, bool read_data, char *first)
{
    struct gpmq_guid id = the_id();
    struct gpmq_error err;
    size_t count = 0;
    *first = 0;
    if (repository_verify(repository, &id, read_data, NULL, keep_first, first, &count, &err))
        fail_msg("%s", err.text);
    return count;
}

static bool is_as_expected(const struct hazard *hazard)
{
    CLEANUP(repository_close) struct repository *repository = opened(hazard->folder);
    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    struct gpmq_guid id = the_id();
    struct gpmq_error err = {0};
    char first[GPMQ_ERROR_TEXT_SIZE * 2];
    int read = repository_read(repository, &id, &backup, &err);
    int list = repository_list(repository, &infos, NULL, NULL, NULL);
    size_t in_data = count_findings(repository, true, first);
    size_t quick = count_findings(repository, false, first);
    if (read == hazard->read && !list && infos.count == hazard->listed &&
        quick == hazard->findings && in_data == hazard->findings_in_data &&
        (!hazard->text || strstr(first, hazard->text)))
        return true;
    print_message("%s: read %d (%s), listed %zu, findings %zu and %zu (%s)\n", hazard->folder, read,
                  err.text, infos.count, quick, in_data, first);
    return false;
}

static void every_hazard_ends_as_expected(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < HAZARD_COUNT; i++)
        wrong += !is_as_expected(&hazards[i]);
    assert_int_equal(wrong, 0);
}

static int collect(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static void a_symbolic_link_is_never_read(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened("symlink");
    CLEANUP(bytes_free) struct bytes content = {0};
    struct gpmq_guid id = the_id();
    assert_int_equal(
        repository_read_file(repository, &id, "Machine/registry.pol", collect, &content, NULL),
        GPMQ_EDAMAGED);
    assert_int_equal(content.size, 0);
}

static void a_listed_folder_that_is_absent_is_listed_all_the_same(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened("plain");
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_guid id = the_id();
    assert_int_equal(repository_read(repository, &id, &backup, NULL), 0);
    const struct gpo_file *folder = gpo_find_file(backup->gpo, "Machine/Scripts");
    assert_non_null(folder);
    assert_true(folder->directory);
}

static void a_damaged_descriptor_is_told_and_kept_as_text(void **state)
{
    (void)state;
    CLEANUP(repository_close) struct repository *repository = opened("descriptor_damaged");
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_guid id = the_id();
    assert_int_equal(repository_read(repository, &id, &backup, NULL), 0);
    assert_true(backup->security_descriptor_damaged);
    assert_null(backup->gpo->security_descriptor);
    assert_string_equal(backup->security_descriptor_text, "01 00 04 9c 00 00 00 00");
}

static void a_fifo_is_not_waited_for(void **state)
{
    (void)state;
    char root[FIXTURE_PATH_MAX], path[FIXTURE_PATH_MAX + 128], name[GPMQ_GUID_TEXT_SIZE];
    fixture_folder(root);
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(bytes_free) struct bytes content = {0};
    struct gpmq_guid id = fixture_id(1);
    assert_int_equal(repository_open(&repository, root, false, NULL), 0);
    assert_int_equal(fixture_backup(repository, 1, 1, NULL), 0);
    snprintf(path, sizeof path, "%s/%s/DomainSysvol/GPO/GPO.cmt", root, gpmq_guid_text(&id, name));
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(repository_read_file(repository, &id, "GPO.cmt", collect, &content, NULL),
                     GPMQ_EDAMAGED);
    fixture_remove(root);
}

static void a_damaged_backup_does_not_hide_the_others(void **state)
{
    (void)state;
    char root[FIXTURE_PATH_MAX], path[256], name[GPMQ_GUID_TEXT_SIZE];
    fixture_folder(root);
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    char first[GPMQ_ERROR_TEXT_SIZE * 2] = "";
    assert_int_equal(repository_open(&repository, root, false, NULL), 0);
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(fixture_backup(repository, i, 1, NULL), 0);
    struct gpmq_guid id = fixture_id(2);
    snprintf(path, sizeof path, "%s/bkupInfo.xml", gpmq_guid_text(&id, name));
    fixture_write(root, path, "<", 1);
    assert_int_equal(repository_list(repository, &infos, keep_first, first, NULL), 0);
    assert_int_equal(infos.count, 2);
    assert_non_null(strstr(first, name));
    fixture_remove(root);
}

/* ---- documents too large to keep in a repository -------------------------------------------- */

static int64_t cpu_ms(void)
{
    return clock() / (CLOCKS_PER_SEC / 1000);
}

static void assert_refused_fast(const struct bytes *text, int code)
{
    struct xml_document *document = NULL;
    int64_t begin = cpu_ms();
    assert_false(text->failed);
    assert_int_equal(xml_read(&document, text->at, text->size, "bomb", NULL), code);
    assert_true(cpu_ms() - begin < 100 * 10); /* 100 ms; sanitizers are slow */
}

static void a_hundred_thousand_attributes_are_refused_fast(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_put_text(&text, "<a");
    for (int i = 0; i < 100000; i++)
        bytes_format(&text, " a%d=''", i);
    bytes_put_text(&text, "/>");
    assert_refused_fast(&text, GPMQ_ETOOBIG);
}

static void too_deep_and_too_many_elements_are_refused_fast(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes deep = {0};
    CLEANUP(bytes_free) struct bytes many = {0};
    for (int i = 0; i < 200000; i++)
        bytes_put_text(&deep, "<a>");
    bytes_put_text(&many, "<a>");
    for (int i = 0; i < 1000000; i++)
        bytes_put_text(&many, "<a/>");
    bytes_put_text(&many, "</a>");
    assert_refused_fast(&deep, GPMQ_ETOOBIG);
    assert_refused_fast(&many, GPMQ_ETOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hazard_ends_as_expected),
        cmocka_unit_test(a_symbolic_link_is_never_read),
        cmocka_unit_test(a_listed_folder_that_is_absent_is_listed_all_the_same),
        cmocka_unit_test(a_damaged_descriptor_is_told_and_kept_as_text),
        cmocka_unit_test(a_fifo_is_not_waited_for),
        cmocka_unit_test(a_damaged_backup_does_not_hide_the_others),
        cmocka_unit_test(a_hundred_thousand_attributes_are_refused_fast),
        cmocka_unit_test(too_deep_and_too_many_elements_are_refused_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
