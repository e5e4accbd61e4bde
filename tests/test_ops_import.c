/* gpo.import, run as an executor runs it: into a new GPO, into one that is there, twice, stopped,
 * and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"

#define PART     100
#define SOURCE   "Users - Logon script" /* scripts on the user's side */
#define FILTERED "Domain Controllers - Time source (PDC)"
#define GUARDED  "Kiosk - Lobby" /* has a DACL of its own */

static int set_up(void **state)
{
    static struct desk desk;
    desk_make_demo(&desk);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(desk_of(state));
    return 0;
}

static struct gpmq_request import_into(const char *gpo, struct gpmq_guid backup, unsigned number)
{
    struct gpmq_request request = desk_request("gpo.import", number);
    request.backup = look_text(backup);
    request.gpo = gpo;
    request.create = !gpo;
    return request;
}

/* Takes a file of a backup away. */
static void tamper(const struct desk *desk, struct gpmq_guid backup, const char *file)
{
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s/%s", desk->repository_path, look_text(backup), file);
    assert_int_equal(unlink(path), 0);
}

/* ---- into a new GPO -------------------------------------------------------------------------- */

static void a_new_gpo_has_the_settings_and_the_name_of_the_backup(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, FILTERED, 1);
    struct gpmq_request request = import_into(NULL, backup, 2);
    request.name = "Time source, tried out";
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    CLEANUP(gpo_free) struct gpo *source = look_named(desk, FILTERED);
    CLEANUP(gpo_free) struct gpo *made = desk_read(desk, &id);
    look_same_settings(desk, source, made);
    assert_string_equal(made->display_name, "Time source, tried out");
    /* facts of Windows: no WMI link, default options, both halves at version 1 */
    assert_null(made->wmi_filter);
    assert_int_equal(made->options, 0);
    assert_int_equal(made->user.ds, 1);
    assert_int_equal(made->machine.ds, 1);
    assert_int_equal(made->user.sysvol, 1);
    assert_int_equal(made->machine.sysvol, 1);
}

static void without_a_name_it_is_called_as_the_backup_is(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = import_into(NULL, desk_back_up(desk, SOURCE, 3), 4);
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    CLEANUP(gpo_free) struct gpo *made = desk_read(desk, &id);
    assert_string_equal(made->display_name, SOURCE);
    assert_string_equal(told_property(&told, "display_name"), SOURCE);
    /* Two have that name now: take this one away for the tests that look for it by name. */
    CLEANUP(gpo_free) struct gpo *other = calloc(1, sizeof *other);
    other->display_name = strdup("Made without a name");
    struct domain_change_request rename = {.gpo = id, .op = {{9}}, .fence = 9};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    const struct domain_ops *ops = desk->domain->ops;
    uint32_t version;
    assert_int_equal(ops->change_begin(desk->domain, &rename, 0, &change, &answer, NULL), 0);
    assert_int_equal(ops->change_set(change, DOMAIN_DISPLAY_NAME, other, NULL), 0);
    assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
}

static void the_result_has_the_properties_of_IGPMGPO(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = import_into(NULL, desk_back_up(desk, SOURCE, 5), 6);
    request.name = "Result";
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    CLEANUP(gpo_free) struct gpo *made = desk_read(desk, &id);
    told_ended_well(&told);
    assert_string_equal(told.type, "gpo");
    assert_int_equal(told.property_count, 10);
    assert_string_equal(told_property(&told, "id"), look_text(id));
    assert_string_equal(told_property(&told, "display_name"), "Result");
    assert_string_equal(told_property(&told, "domain_name"), "contoso.example");
    assert_string_equal(told_property(&told, "path"), made->path);
    assert_string_equal(told_property(&told, "user_ds_version_number"), "1");
    assert_string_equal(told_property(&told, "user_sysvol_version_number"), "1");
    assert_string_equal(told_property(&told, "computer_ds_version_number"), "1");
    assert_string_equal(told_property(&told, "computer_sysvol_version_number"), "1");
    assert_int_equal(strlen(told_property(&told, "creation_time")),
                     strlen("2026-11-20T12:00:00.000Z"));
    assert_true(strcmp(told_property(&told, "modification_time"),
                       told_property(&told, "creation_time")) >= 0);
}

static void the_denominator_follows_the_extensions_of_the_backup(void **state)
{
    static const struct {
        const char *name;
        int extensions;
    } sources[] = {{"Test - Empty policy", 2}, {SOURCE, 3}, {FILTERED, 2}};
    struct desk *desk = desk_of(state);
    for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct gpmq_guid backup = desk_back_up(desk, sources[i].name, 10 + 2 * i);
        struct gpmq_request request = import_into(NULL, backup, 11 + 2 * i);
        request.name = "Counted";
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
        told_ended_well(&told);
        for (size_t k = 0; k < told.progress_count; k++)
            assert_int_equal(told.progress[k].denominator, PART * (sources[i].extensions + 2));
    }
}

/* ---- into one that is there ------------------------------------------------------------------ */

static void import_keeps_what_is_the_targets(struct desk *desk, const char *name, unsigned number)
{
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, number);
    CLEANUP(gpo_free) struct gpo *source = look_named(desk, SOURCE);
    CLEANUP(gpo_free) struct gpo *before = look_named(desk, name);
    struct gpmq_request request = import_into(look_text(before->id), backup, number + 1);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "id"), look_text(before->id));

    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &before->id);
    look_same_settings(desk, source, after); /* the description is one of the files */
    assert_string_equal(after->display_name, before->display_name);
    assert_int_equal(after->options, before->options);
    if (before->wmi_filter)
        assert_string_equal(after->wmi_filter, before->wmi_filter);
    assert_int_equal(after->security_descriptor_size, before->security_descriptor_size);
    assert_memory_equal(after->security_descriptor, before->security_descriptor,
                        before->security_descriptor_size);
    assert_int_equal(after->user.ds, before->user.ds + 1);
    assert_int_equal(after->machine.ds, before->machine.ds + 1);
    assert_int_equal(after->user.sysvol, before->user.sysvol + 1);
    assert_int_equal(after->machine.sysvol, before->machine.sysvol + 1);
}

static void an_import_keeps_guid_options_and_wmi_link_of_its_target(void **state)
{
    CLEANUP(gpo_free) struct gpo *target = look_named(desk_of(state), FILTERED);
    assert_non_null(target->wmi_filter);
    assert_int_equal(target->options, 1);
    import_keeps_what_is_the_targets(desk_of(state), FILTERED, 20);
}

static void an_import_keeps_the_dacl_of_its_target(void **state)
{
    CLEANUP(gpo_free) struct gpo *plain = look_named(desk_of(state), SOURCE);
    CLEANUP(gpo_free) struct gpo *target = look_named(desk_of(state), GUARDED);
    assert_true(plain->security_descriptor_size != target->security_descriptor_size);
    import_keeps_what_is_the_targets(desk_of(state), GUARDED, 22);
}

static void an_import_leaves_links_alone(void **state)
{
    struct desk *desk = desk_of(state);
    char path[SCRATCH_PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/domain.ldif", desk->domain_path);
    CLEANUP(bytes_free) struct bytes before = {0};
    CLEANUP(bytes_free) struct bytes after = {0};
    look_file(&before, path);
    import_keeps_what_is_the_targets(desk, "Servers - Baseline", 24);
    look_file(&after, path);
    assert_non_null(strstr((char *)before.at, "gPLink"));
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.at, before.at, before.size);
}

static void an_import_takes_the_description_with_it(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, "Users - Baseline", 26);
    CLEANUP(gpo_free) struct gpo *target = look_named(desk, "Servers - Web servers");
    assert_null(gpo_find_file(target, "GPO.cmt"));
    struct gpmq_request request = import_into(look_text(target->id), backup, 27);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &target->id);
    CLEANUP(bytes_free) struct bytes text = desk_file(desk, &after->id, "GPO.cmt");
    assert_non_null(memmem(text.at, text.size, "A\0p\0p\0l\0i\0e\0s\0", 14));
}

/* ---- twice, and not at all ------------------------------------------------------------------- */

static void a_second_attempt_counts_the_version_once(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 30);
    struct gpmq_request request = import_into(desk_gpo(desk, "Kiosk - Lobby"), backup, 31);
    CLEANUP(told_free) struct told first = desk_run(desk, &request, 1, 0);
    told_ended_well(&first);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &request, 2, 0);
    told_ended_well(&second);
    look_unchanged(desk, &before);
    assert_int_equal(second.property_count, first.property_count);
    for (size_t i = 0; i < first.property_count; i++)
        assert_string_equal(second.properties[i].value, first.properties[i].value);
}

static void a_second_attempt_makes_no_second_gpo(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = import_into(NULL, desk_back_up(desk, SOURCE, 32), 33);
    request.name = "Made once";
    CLEANUP(told_free) struct told first = desk_run(desk, &request, 1, 0);
    told_ended_well(&first);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &request, 2, 0);
    told_ended_well(&second);
    look_unchanged(desk, &before);
    assert_string_equal(told_property(&second, "id"), told_property(&first, "id"));
}

static void a_stop_at_any_file_leaves_the_gpo_as_it_was(void **state)
{
    struct desk *desk = desk_of(state);
    const char *gpo = desk_gpo(desk, "Servers - Audit");
    struct gpmq_request request = import_into(gpo, desk_back_up(desk, SOURCE, 34), 35);
    look_stopped_anywhere(desk, &request, gpo, 1);
}

static void a_stop_at_any_file_makes_no_gpo(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = import_into(NULL, desk_back_up(desk, SOURCE, 36), 37);
    request.name = "Not made at first";
    look_stopped_anywhere(desk, &request, look_text(gpmq_guid_derive(&request.id, "gpo")), 1);
}

static void an_attempt_that_was_overtaken_changes_nothing(void **state)
{
    struct desk *desk = desk_of(state);
    const char *gpo = desk_gpo(desk, "Servers - Audit");
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 38);
    struct gpmq_request later = import_into(gpo, backup, 39);
    struct gpmq_request early = import_into(gpo, backup, 40);
    CLEANUP(told_free) struct told first = desk_run(desk, &later, 900, 0);
    told_ended_well(&first);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &early, 899, 0);
    told_failed_with(&second, GPMQ_ESTALE);
    look_unchanged(desk, &before);
}

static void a_dry_run_tells_what_would_fail_and_changes_nothing(void **state)
{
    struct desk *desk = desk_of(state);
    const char *gpo = desk_gpo(desk, "Servers - Audit");
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 41);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    const char *targets[] = {gpo, NULL};
    for (unsigned i = 0; i < 2; i++) {
        struct gpmq_request request = import_into(targets[i], backup, 42 + i);
        request.dry_run = true;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 950, 0);
        told_ended_well(&told);
        assert_string_equal(told.type, "preview");
    }
    tamper(desk, backup, "DomainSysvol/GPO/User/Scripts/Logon/logon.cmd");
    struct gpmq_request request = import_into(gpo, backup, 44);
    request.dry_run = true;
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 951, 0);
    told_failed_with(&told, GPMQ_ENOTFOUND);
    look_unchanged(desk, &before);
    assert_false(look_staged(desk, gpo));
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static void a_file_that_the_backup_lacks_is_named(void **state)
{
    static const char file[] = "User/Scripts/Logoff/logoff.vbs";
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 50);
    tamper(desk, backup, "DomainSysvol/GPO/User/Scripts/Logoff/logoff.vbs");
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    const char *gpo = desk_gpo(desk, "Servers - Audit");
    struct gpmq_request request = import_into(gpo, backup, 51);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1000, 0);
    told_failed_with(&told, GPMQ_ENOTFOUND);
    assert_int_equal(told.message_count, 1);
    assert_string_equal(told.messages[0].object_path, file);
    assert_string_equal(told.messages[0].extension_name, "Scripts");
    assert_non_null(strstr(told_last(&told), file));
    look_unchanged(desk, &before);
    assert_false(look_staged(desk, gpo));
}

static void a_damaged_description_is_named(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 52);
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s/Backup.xml", desk->repository_path, look_text(backup));
    assert_int_equal(truncate(path, 1000), 0);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    struct gpmq_request request = import_into(desk_gpo(desk, "Servers - Audit"), backup, 53);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1001, 0);
    told_failed_with(&told, GPMQ_EMALFORMED);
    assert_non_null(strstr(told_last(&told), "Backup.xml"));
    look_unchanged(desk, &before);
}

static void what_is_not_there_is_named(void **state)
{
    static const char absent[] = "{00000000-0000-4000-8000-000000000001}";
    struct desk *desk = desk_of(state);
    const char *backup = look_text(desk_back_up(desk, SOURCE, 54));
    const char *gpo = desk_gpo(desk, SOURCE);
    const struct {
        struct gpmq_request request;
        int code;
        const char *text; /* that the message has in it */
    } cases[] = {
        {{.backup = absent, .gpo = gpo}, GPMQ_ENOTFOUND, absent},
        {{.backup = backup, .gpo = absent}, GPMQ_ENOTFOUND, absent},
        {{.backup = "Users", .gpo = gpo}, GPMQ_EINVAL, "'Users' is no GUID of a backup"},
        {{.backup = backup, .gpo = "Users"}, GPMQ_EINVAL, "'Users' is no GUID of a GPO"},
        {{.gpo = gpo}, GPMQ_EINVAL, "needs 'backup'"},
        {{.backup = backup}, GPMQ_EINVAL, "needs 'gpo'"},
        {{.backup = backup, .gpo = gpo, .create = true}, GPMQ_EINVAL, "not both"},
        {{.backup = backup, .gpo = gpo, .domain = "x"}, GPMQ_ENOTFOUND, "no domain 'x'"},
        {{.backup = backup, .gpo = gpo, .repository = "x"}, GPMQ_ENOTFOUND, "no repository 'x'"},
    };
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_request request = cases[i].request;
        const struct gpmq_request usual = desk_request("gpo.import", 60 + i);
        request.id = usual.id;
        request.kind = usual.kind;
        request.domain = request.domain ? request.domain : usual.domain;
        request.repository = request.repository ? request.repository : usual.repository;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 2000 + i, 0);
        told_failed_with(&told, cases[i].code);
        if (!strstr(told_last(&told), cases[i].text))
            fail_msg("'%s' does not say \"%s\"", told_last(&told), cases[i].text);
    }
    look_unchanged(desk, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_gpo_has_the_settings_and_the_name_of_the_backup),
        cmocka_unit_test(without_a_name_it_is_called_as_the_backup_is),
        cmocka_unit_test(the_result_has_the_properties_of_IGPMGPO),
        cmocka_unit_test(the_denominator_follows_the_extensions_of_the_backup),
        cmocka_unit_test(an_import_keeps_guid_options_and_wmi_link_of_its_target),
        cmocka_unit_test(an_import_keeps_the_dacl_of_its_target),
        cmocka_unit_test(an_import_leaves_links_alone),
        cmocka_unit_test(an_import_takes_the_description_with_it),
        cmocka_unit_test(a_second_attempt_counts_the_version_once),
        cmocka_unit_test(a_second_attempt_makes_no_second_gpo),
        cmocka_unit_test(a_stop_at_any_file_leaves_the_gpo_as_it_was),
        cmocka_unit_test(a_stop_at_any_file_makes_no_gpo),
        cmocka_unit_test(an_attempt_that_was_overtaken_changes_nothing),
        cmocka_unit_test(a_dry_run_tells_what_would_fail_and_changes_nothing),
        cmocka_unit_test(a_file_that_the_backup_lacks_is_named),
        cmocka_unit_test(a_damaged_description_is_named),
        cmocka_unit_test(what_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
