/* gpo.restore, run as an executor runs it: over a GPO that was edited, of one that was deleted,
 * twice, stopped, and refused. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"

#define SCRIPTS  "Users - Logon script"
#define FILTERED "Domain Controllers - Time source (PDC)" /* WMI filter, options 1 */
#define GUARDED  "Kiosk - Lobby"                          /* has a DACL of its own */
#define FILTER   "[contoso.example;{9B4F2D60-2C0A-4B7F-8F6B-0C5B1B7E1A03};0]"
#define FENCE    DESK_FENCE

static int set_up(void **state)
{
    static struct desk desk;
    desk_make_demo(&desk);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(*state);
    return 0;
}

static struct gpmq_request restore_of(const struct gpo *gpo, struct gpmq_guid backup,
                                      unsigned number)
{
    struct gpmq_request request = desk_request("gpo.restore", number);
    request.backup = look_text(backup);
    request.gpo = look_text(gpo->id);
    return request;
}

/* Everything but settings is another's, and so are the settings. */
static void spoil(struct desk *desk, const struct gpo *gpo, unsigned number)
{
    CLEANUP(gpo_free) struct gpo *other = look_named(desk, "Servers - Audit");
    struct gpo values = *other;
    values.display_name = (char *)"Spoilt";
    values.options = 2;
    values.wmi_filter = NULL;
    values.ds_object_count = 0;
    desk_edit(desk, &gpo->id, ~0u & ~(unsigned)DOMAIN_VERSION, &values, number);
}

static void assert_back(const struct desk *desk, const struct gpo *before)
{
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &before->id);
    assert_string_equal(after->display_name, before->display_name);
    assert_int_equal(after->options, before->options);
    assert_int_equal(!after->wmi_filter, !before->wmi_filter);
    if (before->wmi_filter)
        assert_string_equal(after->wmi_filter, before->wmi_filter);
    look_same_dacl(after, before);
    assert_int_equal(after->file_count, before->file_count);
    for (size_t i = 0; i < before->file_count; i++)
        assert_string_equal(after->files[i].path, before->files[i].path);
    assert_string_equal(after->machine_extensions, before->machine_extensions);
    assert_string_equal(after->user_extensions, before->user_extensions);
}

static const char *const names[] = {SCRIPTS, FILTERED, GUARDED, "Users - Baseline"};
#define NAMES (sizeof names / sizeof *names)

static void everything_that_was_changed_is_put_back(void **state)
{
    struct desk *desk = *state;
    for (unsigned i = 0; i < NAMES; i++) {
        struct gpmq_guid backup = desk_back_up(desk, names[i], 10 * i + 1);
        CLEANUP(gpo_free) struct gpo *before = look_named(desk, names[i]);
        spoil(desk, before, 10 * i + 2);
        struct gpmq_request request = restore_of(before, backup, 10 * i + 3);
        CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE, 0);
        told_ended_well(&told);
        assert_int_equal(told.message_count, 0);
        assert_string_equal(told.type, "gpo");
        assert_string_equal(told_property(&told, "id"), look_text(before->id));
        assert_string_equal(told_property(&told, "display_name"), names[i]);
        assert_back(desk, before);
    }
}

static void the_content_of_every_file_is_put_back(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, SCRIPTS, 50);
    CLEANUP(gpo_free) struct gpo *before = look_named(desk, SCRIPTS);
    struct gpmq_request keep = desk_request("gpo.import", 51);
    keep.backup = look_text(backup);
    keep.create = true;
    keep.name = "What it was";
    CLEANUP(told_free) struct told kept = desk_run(desk, &keep, FENCE, 0);
    told_ended_well(&kept);
    spoil(desk, before, 52);
    struct gpmq_request request = restore_of(before, backup, 53);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE, 0);
    told_ended_well(&told);
    CLEANUP(gpo_free) struct gpo *copy = look_named(desk, "What it was");
    CLEANUP(gpo_free) struct gpo *after = look_named(desk, SCRIPTS);
    look_same_settings(desk, after, copy);
}

static void a_deleted_gpo_comes_back_with_its_guid(void **state)
{
    struct desk *desk = *state;
    for (unsigned i = 0; i < NAMES; i++) {
        struct gpmq_guid backup = desk_back_up(desk, names[i], 60 + 2 * i);
        CLEANUP(gpo_free) struct gpo *before = look_named(desk, names[i]);
        desk_delete(desk, &before->id);
        struct gpmq_request request = restore_of(before, backup, 61 + 2 * i);
        CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE, 0);
        told_ended_well(&told);
        assert_back(desk, before);
        CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &before->id);
        assert_int_equal(after->user.ds, before->user.ds + 1);
        assert_int_equal(after->machine.sysvol, before->machine.sysvol + 1);
    }
}

static void links_stay_as_they_are(void **state)
{
    struct desk *desk = *state;
    char path[SCRATCH_PATH_SIZE + 16];
    CLEANUP(bytes_free) struct bytes before = {0};
    CLEANUP(bytes_free) struct bytes after = {0};
    snprintf(path, sizeof path, "%s/domain.ldif", desk->domain_path);
    look_file(&before, path);
    struct gpmq_guid backup = desk_back_up(desk, "Servers - Baseline", 70);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Servers - Baseline");
    desk_delete(desk, &gpo->id);
    struct gpmq_request request = restore_of(gpo, backup, 71);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE, 0);
    told_ended_well(&told);
    look_file(&after, path);
    assert_non_null(memmem(before.at, before.size, request.gpo, strlen(request.gpo)));
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.at, before.at, before.size);
}

/* A client skips a GPO whose number it has seen, so it is above all that there were. */
static void the_version_rises_above_the_backups_and_the_live_one(void **state)
{
    static const struct {
        uint16_t backup_user, backup_machine, live_user, live_machine;
    } cases[] = {{7, 3, 7, 3}, {40, 3, 5, 90}, {2, 200, 300, 4}};
    struct desk *desk = *state;
    for (unsigned i = 0; i < 3; i++) {
        CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Servers - Web servers");
        struct gpmq_guid id = gpo->id;
        char guid[GPMQ_GUID_TEXT_SIZE];
        gpmq_guid_text(&id, guid);
        desk_delete(desk, &id);
        /* Made anew with the numbers of the case, which then count up once more. */
        struct gpmq_request make = desk_request("edit", 80 + 10 * i);
        struct domain_change_request request = {.gpo = id,
                                                .create = true,
                                                .display_name = "Servers - Web servers",
                                                .op = make.id,
                                                .fence = FENCE + i};
        struct domain_change_answer answer;
        struct domain_change *change = NULL;
        uint32_t version;
        const struct domain_ops *ops = desk->domain->ops;
        struct gpo numbers = {.user = {.ds = (uint16_t)(cases[i].backup_user - 1)},
                              .machine = {.ds = (uint16_t)(cases[i].backup_machine - 1)}};
        assert_int_equal(ops->change_begin(desk->domain, &request, 0, &change, &answer, NULL), 0);
        assert_int_equal(ops->change_set(change, DOMAIN_VERSION, &numbers, NULL), 0);
        assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
        struct gpmq_guid backup = desk_back_up(desk, guid, 81 + 10 * i);

        desk_delete(desk, &id);
        numbers.user.ds = (uint16_t)(cases[i].live_user - 1);
        numbers.machine.ds = (uint16_t)(cases[i].live_machine - 1);
        request.op = desk_request("edit", 82 + 10 * i).id;
        assert_int_equal(ops->change_begin(desk->domain, &request, 0, &change, &answer, NULL), 0);
        assert_int_equal(ops->change_set(change, DOMAIN_VERSION, &numbers, NULL), 0);
        assert_int_equal(ops->change_commit(&change, &version, NULL), 0);

        struct gpmq_request restore = restore_of(gpo, backup, 83 + 10 * i);
        CLEANUP(told_free) struct told told = desk_run(desk, &restore, FENCE + i, 0);
        told_ended_well(&told);
        CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &id);
        unsigned user = cases[i].backup_user, machine = cases[i].backup_machine;
        user = cases[i].live_user > user ? cases[i].live_user : user;
        machine = cases[i].live_machine > machine ? cases[i].live_machine : machine;
        assert_int_equal(after->user.ds, user + 1);
        assert_int_equal(after->user.sysvol, user + 1);
        assert_int_equal(after->machine.ds, machine + 1);
        assert_int_equal(after->machine.sysvol, machine + 1);
    }
}

static void a_link_to_a_filter_that_is_gone_is_dropped_with_a_warning(void **state)
{
    static const char gone[] = "[contoso.example;{11111111-2222-4333-8444-555555555555};0]";
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Servers - Hyper-V hosts");
    struct gpo values = {.wmi_filter = (char *)gone};
    desk_edit(desk, &gpo->id, DOMAIN_WMI_FILTER, &values, 120);
    struct gpmq_guid backup = desk_back_up(desk, "Servers - Hyper-V hosts", 121);
    struct gpmq_request request = restore_of(gpo, backup, 122);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 1);
    assert_int_equal(told.messages[0].error_code, 0);
    assert_int_equal(told.messages[0].operation_code, 0);
    assert_string_equal(told.messages[0].object_path, request.gpo);
    assert_string_equal(told.messages[0].settings_name, "WMI filter");
    assert_non_null(strstr(told.messages[0].text, gone));
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &gpo->id);
    assert_null(after->wmi_filter);
}

static void a_second_attempt_counts_the_version_once(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, SCRIPTS, 130);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, SCRIPTS);
    for (unsigned deleted = 0; deleted < 2; deleted++) {
        if (deleted)
            desk_delete(desk, &gpo->id);
        struct gpmq_request request = restore_of(gpo, backup, 131 + deleted);
        CLEANUP(told_free) struct told first = desk_run(desk, &request, FENCE, 0);
        told_ended_well(&first);
        CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
        CLEANUP(told_free) struct told second = desk_run(desk, &request, FENCE + 1, 0);
        told_ended_well(&second);
        look_unchanged(desk, &before);
        assert_int_equal(second.property_count, first.property_count);
        for (size_t i = 0; i < first.property_count; i++)
            assert_string_equal(second.properties[i].value, first.properties[i].value);
    }
}

static void a_stop_at_any_file_leaves_the_gpo_as_it_was(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, SCRIPTS, 140);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, SCRIPTS);
    struct gpmq_request request = restore_of(gpo, backup, 141);
    look_stopped_anywhere(desk, &request, request.gpo, FENCE);
}

static void a_stop_at_any_file_leaves_it_deleted(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, "Workstations - Startup scripts", 142);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Workstations - Startup scripts");
    desk_delete(desk, &gpo->id);
    struct gpmq_request request = restore_of(gpo, backup, 143);
    look_stopped_anywhere(desk, &request, request.gpo, FENCE);
}

static void an_attempt_that_was_overtaken_changes_nothing(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, GUARDED, 150);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, GUARDED);
    struct gpmq_request later = restore_of(gpo, backup, 151), early = restore_of(gpo, backup, 152);
    CLEANUP(told_free) struct told first = desk_run(desk, &later, FENCE + 9, 0);
    told_ended_well(&first);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &early, FENCE + 8, 0);
    told_failed_with(&second, GPMQ_ESTALE);
    look_unchanged(desk, &before);
}

static void a_gpo_whose_record_is_damaged_is_made_anew_and_that_is_told(void **state)
{
    struct desk *desk = *state;
    static const char garbage[] = "version: 1\ndn: nonsense\nmore nonsense\n";
    CLEANUP(gpo_free) struct gpo *before = look_named(desk, GUARDED);
    struct gpmq_guid backup = desk_back_up(desk, GUARDED, 145);
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/%s.ldif", desk->domain_path, look_text(before->id));
    CLEANUP(close_file) FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(garbage, file) >= 0 && fflush(file) == 0);

    struct gpmq_request import = desk_request("gpo.import", 146);
    import.backup = look_text(backup);
    import.gpo = look_text(before->id);
    CLEANUP(told_free) struct told refused = desk_run(desk, &import, FENCE + 21, 0);
    told_failed_with(&refused, GPMQ_EDAMAGED); /* which keeps what the record tells */

    struct gpmq_request request = restore_of(before, backup, 147);
    request.dry_run = true;
    CLEANUP(told_free) struct told dry = desk_run(desk, &request, FENCE + 21, 0);
    told_ended_well(&dry);
    assert_string_equal(told_property(&dry, "creates"), "true");
    request.dry_run = false;
    CLEANUP(told_free) struct told told = desk_run(desk, &request, FENCE + 22, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 1);
    assert_non_null(strstr(told.messages[0].text, "is damaged and is made anew"));
    assert_back(desk, before);
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &before->id);
    assert_int_equal(after->user.ds, before->user.ds + 1);
    CLEANUP(bytes_free) struct bytes disk = look_snapshot(desk);
    CLEANUP(told_free) struct told again = desk_run(desk, &request, FENCE + 23, 0);
    told_ended_well(&again);
    look_unchanged(desk, &disk);
}

/* Runs it and holds that it is refused with that code and those words, and changes nothing. */
static void assert_refused(struct desk *desk, const struct gpmq_request *request, int code,
                           const char *words)
{
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told told = desk_run(desk, request, FENCE + 100, 0);
    told_failed_with(&told, code);
    if (!strstr(told_last(&told), words))
        fail_msg("'%s' does not say \"%s\"", told_last(&told), words);
    look_unchanged(desk, &before);
}

static void replace_text(const struct desk *desk, struct gpmq_guid backup, const char *file,
                         const char *from, const char *to)
{
    char path[2 * SCRATCH_PATH_SIZE];
    CLEANUP(bytes_free) struct bytes text = {0};
    snprintf(path, sizeof path, "%s/%s/%s", desk->repository_path, look_text(backup), file);
    look_file(&text, path);
    char *at = memmem(text.at, text.size, from, strlen(from));
    assert_non_null(at);
    CLEANUP(close_file) FILE *out = fopen(path, "we");
    assert_non_null(out);
    size_t head = (size_t)(at - (char *)text.at), tail = head + strlen(from);
    assert_int_equal(fwrite(text.at, 1, head, out), head);
    assert_int_equal(fwrite(to, 1, strlen(to), out), strlen(to));
    assert_int_equal(fwrite(text.at + tail, 1, text.size - tail, out), text.size - tail);
}

static void only_the_domain_of_origin_takes_a_backup(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, SCRIPTS);
    char own[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(&desk->domain->ops->info(desk->domain)->guid, own);
    for (char *at = own; *at; at++)
        *at = (char)tolower((unsigned char)*at); /* as Windows writes it there */
    struct gpmq_guid moved = desk_back_up(desk, SCRIPTS, 160);
    struct gpmq_request request = restore_of(gpo, moved, 161);
    replace_text(desk, moved, "bkupInfo.xml", own, "{00000000-0000-4000-8000-00000000000a}");
    assert_refused(desk, &request, GPMQ_EINVAL,
                   "is of the domain contoso.example {00000000-0000-40");

    struct gpmq_guid renamed = desk_back_up(desk, SCRIPTS, 162);
    request = restore_of(gpo, renamed, 163);
    replace_text(desk, renamed, "bkupInfo.xml", "contoso.example]]", "fabrikam.example]]");
    assert_refused(desk, &request, GPMQ_EDAMAGED, "tell of different GPOs or domains");
    replace_text(desk, renamed, "Backup.xml", "contoso.example]]></Domain>",
                 "fabrikam.example]]></Domain>");
    assert_refused(desk, &request, GPMQ_EINVAL, "is of the domain fabrikam.example");
}

static void a_gpo_is_not_restored_from_the_backup_of_another(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *other = look_named(desk, GUARDED);
    struct gpmq_request request = restore_of(other, desk_back_up(desk, SCRIPTS, 170), 171);
    assert_refused(desk, &request, GPMQ_EINVAL, "is of the GPO");
}

/* Without its DACL it might apply to those it was kept from. */
static void without_its_dacl_a_gpo_is_not_restored(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, GUARDED);
    struct gpmq_guid backup = desk_back_up(desk, GUARDED, 180);
    struct gpmq_request request = restore_of(gpo, backup, 181);
    replace_text(desk, backup, "Backup.xml", "<SecurityDescriptor>01 00 04",
                 "<SecurityDescriptor>01");
    assert_refused(desk, &request, GPMQ_EDAMAGED,
                   "SecurityDescriptor: it is no security descriptor");
}

static void what_cannot_be_taken_over_is_named_with_its_file(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, FILTERED);
    struct gpmq_guid backup = desk_back_up(desk, FILTERED, 190);
    struct gpmq_request request = restore_of(gpo, backup, 191);
    replace_text(desk, backup, "Backup.xml", "<Options><![CDATA[1]]>", "<Options><![CDATA[7]]>");
    assert_refused(desk, &request, GPMQ_EINVAL, "Backup.xml: options 7 of a GPO");
}

static void a_request_lacks_nothing(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, SCRIPTS);
    struct gpmq_request whole = restore_of(gpo, gpo->id, 200), request = whole;
    request.gpo = NULL;
    assert_refused(desk, &request, GPMQ_EINVAL, "needs 'gpo'");
    request = whole;
    request.backup = NULL;
    assert_refused(desk, &request, GPMQ_EINVAL, "needs 'backup'");
    request = whole;
    request.gpo = "Users";
    assert_refused(desk, &request, GPMQ_EINVAL, "'Users' is no GUID of a GPO");
    request = whole;
    request.backup = "Users";
    assert_refused(desk, &request, GPMQ_EINVAL, "'Users' is no GUID of a backup");
    assert_refused(desk, &whole, GPMQ_ENOTFOUND, whole.gpo); /* no backup has a GPO's GUID */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_was_changed_is_put_back),
        cmocka_unit_test(the_content_of_every_file_is_put_back),
        cmocka_unit_test(a_deleted_gpo_comes_back_with_its_guid),
        cmocka_unit_test(links_stay_as_they_are),
        cmocka_unit_test(the_version_rises_above_the_backups_and_the_live_one),
        cmocka_unit_test(a_link_to_a_filter_that_is_gone_is_dropped_with_a_warning),
        cmocka_unit_test(a_second_attempt_counts_the_version_once),
        cmocka_unit_test(a_stop_at_any_file_leaves_the_gpo_as_it_was),
        cmocka_unit_test(a_stop_at_any_file_leaves_it_deleted),
        cmocka_unit_test(an_attempt_that_was_overtaken_changes_nothing),
        cmocka_unit_test(a_gpo_whose_record_is_damaged_is_made_anew_and_that_is_told),
        cmocka_unit_test(only_the_domain_of_origin_takes_a_backup),
        cmocka_unit_test(a_gpo_is_not_restored_from_the_backup_of_another),
        cmocka_unit_test(without_its_dacl_a_gpo_is_not_restored),
        cmocka_unit_test(what_cannot_be_taken_over_is_named_with_its_file),
        cmocka_unit_test(a_request_lacks_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
