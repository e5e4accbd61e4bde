/* Every hazard that foreign backups show, imported and verified: what Windows or its users got
 * wrong is tolerated; what is dangerous or incomplete fails, is named, and changes nothing. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"

#define BACKUP "{22222222-2222-4222-8222-222222222222}" /* the one in each folder */

/* clang-format off */
static const struct {
    const char *folder;
    int import;      /* the code it ends with */
    size_t findings; /* of a verification that reads the data */
} hazards[] = {
    {"plain",                  GPMQ_OK,         0}, /* nothing is wrong with it */

    /* what Windows or its users got wrong */
    {"backup_xml_utf16",       GPMQ_OK,         0},
    {"case_differs",           GPMQ_OK,         0},
    {"inf_eight_bit",          GPMQ_OK,         0},
    {"no_manifest",            GPMQ_OK,         0},
    {"manifest_lists_absent",  GPMQ_OK,         0},
    {"report_claims_utf16",    GPMQ_OK,         0},
    {"manifest_damaged",       GPMQ_OK,         1},
    {"report_damaged",         GPMQ_OK,         1},
    {"descriptor_damaged",     GPMQ_OK,         1}, /* the target keeps its own */
    {"file_unlisted",          GPMQ_OK,         1}, /* stays behind */
    {"pol_damaged",            GPMQ_OK,         1}, /* settings are carried, not judged */
    {"info_of_another",        GPMQ_OK,         3}, /* its settings are whole */

    /* what is not whole */
    {"file_absent",            GPMQ_ENOTFOUND,  1},
    {"info_absent",            GPMQ_ENOTFOUND,  1},

    /* what is dangerous */
    {"doctype",                GPMQ_EMALFORMED, 1},
    {"entity_bomb",            GPMQ_EMALFORMED, 1},
    {"entity_unknown",         GPMQ_EMALFORMED, 1},
    {"location_absolute",      GPMQ_EMALFORMED, 1},
    {"location_dot",           GPMQ_EMALFORMED, 1},
    {"location_dotdot",        GPMQ_EMALFORMED, 1},
    {"location_elsewhere",     GPMQ_EMALFORMED, 1},
    {"location_slash",         GPMQ_EMALFORMED, 1},
    {"location_stream",        GPMQ_EMALFORMED, 1},
    {"location_unc",           GPMQ_EMALFORMED, 1},
    {"symlink",                GPMQ_EDAMAGED,   2}, /* the link, and the file it stands for */
};
/* clang-format on */

#define HAZARD_COUNT (sizeof hazards / sizeof *hazards)

static size_t gpos_of(const struct desk *desk)
{
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    return gpos.count;
}

static struct told run_on(struct desk *desk, size_t hazard, const char *kind, unsigned number)
{
    char path[SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/tests/data/backups/%s", getenv("GPMQ_SOURCE_DIR"),
             hazards[hazard].folder);
    struct gpmq_request request = desk_request(kind, number);
    request.repository = DESK_OTHER;
    request.backup = BACKUP;
    request.create = strcmp(kind, "gpo.import") == 0;
    request.read_data = true;
    if (strcmp(kind, "gpo.diff") == 0)
        request.args =
            "{\"from\": {\"backup\": \"" BACKUP "\"}, \"to\": {\"backup\": \"" BACKUP "\"}}";
    desk->other_path = path;
    struct told told = desk_run(desk, &request, 1, 0);
    desk->other_path = NULL;
    return told;
}

static void expect(const struct told *told, size_t hazard, int code)
{
    if (told->code != code)
        fail_msg("%s: %s, not %s: %s", hazards[hazard].folder, gpmq_code_name(told->code),
                 gpmq_code_name(code), told_last(told));
}

static void an_import_takes_a_whole_backup_or_nothing(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < HAZARD_COUNT; i++) {
        size_t before = gpos_of(desk);
        CLEANUP(told_free) struct told told = run_on(desk, i, "gpo.import", (unsigned)i);
        expect(&told, i, hazards[i].import);
        assert_int_equal(gpos_of(desk), before + (hazards[i].import == GPMQ_OK));
        assert_int_equal(told.message_count, hazards[i].import != GPMQ_OK);
    }
}

static void a_verification_finds_what_is_wrong(void **state)
{
    for (size_t i = 0; i < HAZARD_COUNT; i++) {
        CLEANUP(told_free) struct told told = run_on(*state, i, "backup.verify", 100 + (unsigned)i);
        char findings[24];
        snprintf(findings, sizeof findings, "%zu", hazards[i].findings);
        expect(&told, i, hazards[i].findings ? GPMQ_EDAMAGED : GPMQ_OK);
        assert_string_equal(told_property(&told, "findings"), findings);
        assert_int_equal(told.message_count, hazards[i].findings ? hazards[i].findings + 1 : 0);
    }
}

/* What can be imported can be compared, and nothing differs from itself. */
static void a_comparison_takes_what_an_import_takes(void **state)
{
    static const char *const counts[] = {"added", "removed", "changed", "moved"};
    for (size_t i = 0; i < HAZARD_COUNT; i++) {
        CLEANUP(told_free) struct told told = run_on(*state, i, "gpo.diff", 200 + (unsigned)i);
        expect(&told, i, hazards[i].import);
        for (size_t k = 0; !told.code && k < sizeof counts / sizeof *counts; k++)
            assert_string_equal(told_property(&told, counts[k]), "0");
    }
}

static bool is_known(const char *folder)
{
    for (size_t i = 0; i < HAZARD_COUNT; i++)
        if (strcmp(hazards[i].folder, folder) == 0)
            return true;
    return false;
}

static void every_folder_of_hazards_is_in_the_table(void **state)
{
    char path[SCRATCH_PATH_SIZE];
    (void)state;
    snprintf(path, sizeof path, "%s/tests/data/backups", getenv("GPMQ_SOURCE_DIR"));
    DIR *folders = opendir(path);
    assert_non_null(folders);
    for (struct dirent *entry; (entry = readdir(folders));)
        if (*entry->d_name != '.' && !is_known(entry->d_name))
            fail_msg("%s is not in the table", entry->d_name);
    closedir(folders);
}

static int set_up(void **state)
{
    static struct desk desk;
    desk_make_empty(&desk);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_takes_a_whole_backup_or_nothing),
        cmocka_unit_test(a_verification_finds_what_is_wrong),
        cmocka_unit_test(a_comparison_takes_what_an_import_takes),
        cmocka_unit_test(every_folder_of_hazards_is_in_the_table),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
