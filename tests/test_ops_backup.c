/* gpo.backup, run as an executor runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "clock.h"
#include "ops_desk.h"

#define PART       100 /* what the directory half, each handler and the publication count for */
#define NOBODY_UID 65534
#define LOGON      "Users - Logon script"
#define SCRIPTS    "Workstations - Startup scripts"

static struct gpmq_request backup_of(const struct desk *desk, const char *name, unsigned number)
{
    struct gpmq_request request = desk_request("gpo.backup", number);
    request.gpo = desk_gpo(desk, name);
    request.comment = "before the change";
    return request;
}

static bool is_published(const struct desk *desk, const struct gpmq_request *request)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_guid id = gpmq_guid_derive(&request->id, "backup");
    return repository_read(desk->repository, &id, &backup, NULL) == 0;
}

/* ---- progress -------------------------------------------------------------------------------- */

static void the_denominator_follows_the_extensions_of_every_gpo(void **state)
{
    struct desk *desk = desk_of(state);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    assert_true(gpos.count >= 40);
    for (size_t i = 0; i < gpos.count; i++) {
        struct gpmq_request request = backup_of(desk, gpos.items[i].display_name, 1000 + (int)i);
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
        CLEANUP(backup_free) struct backup *backup = NULL;
        struct gpmq_guid id = gpmq_guid_derive(&request.id, "backup");
        told_ended_well(&told);
        assert_int_equal(repository_read(desk->repository, &id, &backup, NULL), 0);
        assert_true(backup->extension_count >= 2);
        assert_true(told.progress_count >= 2);
        for (size_t k = 0; k < told.progress_count; k++)
            assert_int_equal(told.progress[k].denominator,
                             PART * ((int)backup->extension_count + 2));
    }
}

static void a_gpo_with_more_extensions_has_more_parts(void **state)
{
    static const struct {
        const char *name;
        int extensions;
    } gpos[] = {
        {"Test - Empty policy", 2}, /* Registry and Unknown Extension are always there */
        {SCRIPTS, 3},
        {"Users - Folder redirection", 3},
    };
    for (unsigned i = 0; i < sizeof gpos / sizeof *gpos; i++) {
        struct gpmq_request request = backup_of(desk_of(state), gpos[i].name, 2000 + i);
        CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
        told_ended_well(&told);
        assert_int_equal(told.progress[0].denominator, PART * (gpos[i].extensions + 2));
    }
}

static void every_file_moves_the_numerator(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 1);
    struct gpmq_guid id;
    assert_int_equal(gpmq_guid_parse(&id, request.gpo), 0);
    CLEANUP(gpo_free) struct gpo *gpo = desk_read(desk, &id);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_true(gpo->file_count > 3);
    assert_true(told.progress_count >= gpo->file_count);
    assert_int_equal(told.progress[told.progress_count - 1].numerator,
                     told.progress[0].denominator - PART);
}

static void a_backup_without_trouble_says_nothing(void **state)
{
    struct gpmq_request request = backup_of(desk_of(state), SCRIPTS, 2);
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
}

/* ---- the result ------------------------------------------------------------------------------ */

static void the_result_has_the_properties_of_IGPMBackup(void **state)
{
    struct gpmq_request request = backup_of(desk_of(state), "browser - microsoft EDGE", 3);
    char id[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid backup = gpmq_guid_derive(&request.id, "backup");
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "backup");
    assert_int_equal(told.property_count, 7);
    assert_string_equal(told_property(&told, "id"), gpmq_guid_text(&backup, id));
    assert_string_equal(told_property(&told, "gpo_id"), request.gpo);
    assert_string_equal(told_property(&told, "gpo_domain"), "contoso.example");
    assert_string_equal(told_property(&told, "gpo_display_name"), "Browser - Microsoft Edge");
    assert_string_equal(told_property(&told, "comment"), "before the change");
    assert_string_equal(told_property(&told, "backup_dir"), DESK_REPOSITORY);
    assert_int_equal(strlen(told_property(&told, "timestamp")), CLOCK_TEXT_SIZE - 1);
}

/* ---- twice, and not at all ------------------------------------------------------------------- */

static void a_second_attempt_finds_the_backup_of_the_first(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 4);
    CLEANUP(told_free) struct told first = desk_run(desk, &request, 1, 0);
    told_ended_well(&first);
    size_t entries = desk_entries(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &request, 2, 0);
    told_ended_well(&second);
    assert_int_equal(desk_entries(desk), entries);
    assert_int_equal(second.property_count, first.property_count);
    for (size_t i = 0; i < first.property_count; i++)
        assert_string_equal(second.properties[i].value, first.properties[i].value);
    assert_int_equal(second.asked, 0);
}

static void a_dead_backup_that_is_run_again_finds_what_it_had_published(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 40), again = backup_of(desk, LOGON, 41);
    again.retry_of = request.id;
    CLEANUP(told_free) struct told first = desk_run(desk, &request, 1, 0);
    told_ended_well(&first);
    size_t entries = desk_entries(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &again, 2, 0);
    told_ended_well(&second);
    assert_int_equal(desk_entries(desk), entries);
    assert_string_equal(told_property(&second, "id"), told_property(&first, "id"));
}

static void a_stop_at_any_file_publishes_nothing(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 5);
    size_t entries = desk_entries(desk);
    unsigned stops = 0;
    for (bool stopped = true; stopped; stops += stopped) {
        CLEANUP(told_free) struct told told = desk_run(desk, &request, stops + 1, stops + 1);
        stopped = told.end == REPORT_CANCELLED;
        if (!stopped)
            told_ended_well(&told);
        else
            told_failed_with(&told, GPMQ_ESTOPPED);
        assert_int_equal(told.message_count, 0);
        assert_int_equal(is_published(desk, &request), !stopped);
        assert_int_equal(desk_entries(desk), entries + !stopped);
    }
    assert_true(stops > 4); /* one for every file, one before the publication */
}

/* Runs it as somebody who is not root, since root reads everything; that one may write into the
 * repository. */
static struct told run_as_nobody(struct desk *desk, const struct gpmq_request *request)
{
    bool root = geteuid() == 0;
    assert_int_equal(chmod(desk->scratch.path, 0755), 0);
    assert_int_equal(chmod(desk->repository_path, 0777), 0);
    assert_int_equal(root ? seteuid(NOBODY_UID) : 0, 0);
    struct told told = desk_run(desk, request, 1, 0);
    assert_int_equal(root ? seteuid(0) : 0, 0);
    return told;
}

static void an_unreadable_file_is_named_and_nothing_is_published(void **state)
{
    static const char file[] = "User/Scripts/Logon/logon.cmd";
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 6);
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/%s/%s", desk->domain_path, request.gpo, file);
    size_t entries = desk_entries(desk);
    assert_int_equal(chmod(path, 0), 0);
    for (int dry = 0; dry < 2; dry++) {
        request.dry_run = dry;
        CLEANUP(told_free) struct told told = run_as_nobody(desk, &request);
        told_failed_with(&told, GPMQ_EACCESS);
        assert_int_equal(told.message_count, 1);
        assert_string_equal(told.messages[0].object_path, file);
        assert_string_equal(told.messages[0].extension_name, "Scripts");
        assert_int_equal(told.messages[0].error_code, GPMQ_HR_ACCESS_DENIED);
        assert_int_equal(told.messages[0].operation_code, GPMQ_EACCESS);
        assert_non_null(strstr(told_last(&told), path));
        assert_false(told.retryable);
        assert_false(is_published(desk, &request));
        assert_int_equal(desk_entries(desk), entries);
    }
    assert_int_equal(chmod(path, 0644), 0);
    request.dry_run = false;
    CLEANUP(told_free) struct told again = desk_run(desk, &request, 2, 0);
    told_ended_well(&again);
    assert_int_equal(desk_entries(desk), entries + 1);
}

static void an_unreadable_folder_is_named(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, SCRIPTS, 9);
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/%s/Machine/Scripts", desk->domain_path, request.gpo);
    assert_int_equal(chmod(path, 0), 0);
    CLEANUP(told_free) struct told told = run_as_nobody(desk, &request);
    assert_int_equal(chmod(path, 0755), 0);
    told_failed_with(&told, GPMQ_EACCESS);
    assert_int_equal(told.message_count, 1);
    assert_string_equal(told.messages[0].object_path, request.gpo);
    assert_non_null(strstr(told_last(&told), path));
    assert_false(is_published(desk, &request));
}

static void a_dry_run_publishes_nothing(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, LOGON, 10);
    size_t entries = desk_entries(desk);
    request.dry_run = true;
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "preview");
    assert_int_equal(desk_entries(desk), entries);
}

static void an_attempt_that_was_overtaken_publishes_nothing(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = backup_of(desk, SCRIPTS, 7);
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "backup");
    struct backup_begin_request begin = {.id = id, .op = request.id, .fence = 9};
    struct backup_begin_answer answer = {0};
    CLEANUP(backup_abort) struct backup_writer *later = NULL;
    assert_int_equal(backup_begin(desk->repository, &begin, &later, &answer, NULL), 0);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 8, 0);
    told_failed_with(&told, GPMQ_ESTALE);
    assert_false(is_published(desk, &request));
}

/* ---- bad input ------------------------------------------------------------------------------- */

static void what_is_not_there_is_named(void **state)
{
    static const struct {
        const char *domain, *repository, *gpo;
        int code;
        const char *text; /* that the message has in it */
    } cases[] = {
        {"other", DESK_REPOSITORY, NULL, GPMQ_ENOTFOUND, "no domain 'other'"},
        {DESK_DOMAIN, "other", NULL, GPMQ_ENOTFOUND, "no repository 'other'"},
        {DESK_DOMAIN, DESK_REPOSITORY, "{00000000-0000-4000-8000-000000000001}", GPMQ_ENOTFOUND,
         "{00000000-0000-4000-8000-000000000001}"},
        {DESK_DOMAIN, DESK_REPOSITORY, "Default Domain Policy", GPMQ_EINVAL, "is no GUID of a GPO"},
        {NULL, DESK_REPOSITORY, NULL, GPMQ_EINVAL, "needs 'domain'"},
        {DESK_DOMAIN, NULL, NULL, GPMQ_EINVAL, "needs 'repository'"},
        {DESK_DOMAIN, "", NULL, GPMQ_EINVAL, "needs 'repository'"},
        {DESK_DOMAIN, DESK_REPOSITORY, "", GPMQ_EINVAL, "needs 'gpo'"},
    };
    struct desk *desk = desk_of(state);
    size_t entries = desk_entries(desk);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_request request = backup_of(desk, SCRIPTS, 100 + i);
        request.domain = cases[i].domain;
        request.repository = cases[i].repository;
        request.gpo = cases[i].gpo ? cases[i].gpo : request.gpo;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
        told_failed_with(&told, cases[i].code);
        assert_int_equal(told.message_count, 1);
        if (!strstr(told_last(&told), cases[i].text))
            fail_msg("'%s' does not say \"%s\"", told_last(&told), cases[i].text);
        assert_string_equal(told.type, "none");
    }
    assert_int_equal(desk_entries(desk), entries);
}

static void an_unknown_kind_is_refused(void **state)
{
    struct gpmq_request request = desk_request("gpo.paint", 8);
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_failed_with(&told, GPMQ_EUNSUPPORTED);
    assert_string_equal(told_last(&told), "this worker knows no operation of kind 'gpo.paint'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_denominator_follows_the_extensions_of_every_gpo),
        cmocka_unit_test(a_gpo_with_more_extensions_has_more_parts),
        cmocka_unit_test(every_file_moves_the_numerator),
        cmocka_unit_test(a_backup_without_trouble_says_nothing),
        cmocka_unit_test(the_result_has_the_properties_of_IGPMBackup),
        cmocka_unit_test(a_second_attempt_finds_the_backup_of_the_first),
        cmocka_unit_test(a_dead_backup_that_is_run_again_finds_what_it_had_published),
        cmocka_unit_test(a_stop_at_any_file_publishes_nothing),
        cmocka_unit_test(an_unreadable_file_is_named_and_nothing_is_published),
        cmocka_unit_test(an_unreadable_folder_is_named),
        cmocka_unit_test(a_dry_run_publishes_nothing),
        cmocka_unit_test(an_attempt_that_was_overtaken_publishes_nothing),
        cmocka_unit_test(what_is_not_there_is_named),
        cmocka_unit_test(an_unknown_kind_is_refused),
    };
    return cmocka_run_group_tests(tests, desk_set_up, desk_tear_down);
}
