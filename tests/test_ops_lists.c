/* gpo.list, backup.list, backup.verify and noop, run as an executor runs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "clock.h"
#include "ops_desk.h"

#define SOURCE "Users - Logon script"

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

/* The content of a list. */
static json_t *parse(const struct told *told)
{
    json_error_t error;
    json_t *json = json_loads((const char *)told->content.at, 0, &error);
    if (!json_is_array(json))
        fail_msg("no JSON array: %s", error.text);
    return json;
}

static const char *text_in(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text)
        fail_msg("no '%s'", name);
    return text;
}

/* Changes a file of a backup, or takes it away (content NULL). */
static void tamper(const struct desk *desk, struct gpmq_guid backup, const char *file,
                   const char *content)
{
    char id[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s/%s", desk->repository_path, gpmq_guid_text(&backup, id),
             file);
    if (!content) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    CLEANUP(close_file) FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(content, out) >= 0);
}

/* A message about that object, or NULL. */
static const struct told_message *about(const struct told *told, const char *object_path)
{
    for (size_t i = 0; i < told->message_count; i++)
        if (strstr(told->messages[i].object_path, object_path))
            return &told->messages[i];
    return NULL;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void gpo_list_tells_every_gpo_of_the_domain(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = desk_request("gpo.list", 1);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    assert_string_equal(told.type, "gpo_list");
    assert_string_equal(told_property(&told, "count"), "42");
    CLEANUP(drop_json) json_t *list = parse(&told);
    assert_int_equal(json_array_size(list), gpos.count);
    for (size_t i = 0; i < gpos.count; i++) {
        const json_t *item = json_array_get(list, i);
        char id[GPMQ_GUID_TEXT_SIZE];
        assert_string_equal(text_in(item, "id"), gpmq_guid_text(&gpos.items[i].id, id));
        assert_string_equal(text_in(item, "display_name"), gpos.items[i].display_name);
        assert_int_equal(json_integer_value(json_object_get(item, "options")),
                         gpos.items[i].options);
        assert_int_equal(json_integer_value(json_object_get(item, "user_version")),
                         gpos.items[i].user_version);
        assert_int_equal(json_integer_value(json_object_get(item, "computer_version")),
                         gpos.items[i].machine_version);
        assert_int_equal(strlen(text_in(item, "creation_time")), CLOCK_TEXT_SIZE - 1);
        assert_int_equal(strlen(text_in(item, "modification_time")), CLOCK_TEXT_SIZE - 1);
    }
}

static void without_a_domain_the_only_one_is_meant_and_named(void **state)
{
    struct gpmq_request request = desk_request("gpo.list", 3);
    const char *name = request.domain;
    request.domain = NULL;
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "count"), "42");
    assert_string_equal(told_property(&told, "domain"), name);
}

static void an_empty_repository_has_an_empty_list(void **state)
{
    struct gpmq_request request = desk_request("backup.list", 2);
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "count"), "0");
    assert_string_equal((char *)told.content.at, "[]");
}

static void backup_list_tells_every_backup_and_names_what_it_cannot_read(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid good = desk_back_up(desk, SOURCE, 3);
    struct gpmq_guid bad = desk_back_up(desk, "Kiosk - Lobby", 4);
    char good_id[GPMQ_GUID_TEXT_SIZE], bad_id[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request request = desk_request("backup.list", 5);
    tamper(desk, bad, "bkupInfo.xml", "<BackupInst");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "backup_list");
    assert_string_equal(told_property(&told, "count"), "1");
    CLEANUP(drop_json) json_t *list = parse(&told);
    const json_t *item = json_array_get(list, 0);
    assert_string_equal(text_in(item, "id"), gpmq_guid_text(&good, good_id));
    assert_string_equal(text_in(item, "gpo_id"), desk_gpo(desk, SOURCE));
    assert_string_equal(text_in(item, "gpo_domain"), "contoso.example");
    assert_string_equal(text_in(item, "gpo_display_name"), SOURCE);
    assert_string_equal(text_in(item, "comment"), "");
    assert_int_equal(strlen(text_in(item, "timestamp")), CLOCK_TEXT_SIZE - 1);
    assert_int_equal(told.message_count, 1);
    assert_non_null(about(&told, gpmq_guid_text(&bad, bad_id)));
    assert_int_equal(told.messages[0].error_code, GPMQ_HR_INVALID_DATA);
}

static void lists_name_the_place_that_is_not_there(void **state)
{
    static const struct {
        const char *kind, *domain, *repository;
        int code;
        const char *text;
    } cases[] = {
        {"gpo.list", "x", NULL, GPMQ_ENOTFOUND, "this worker serves no domain 'x'"},
        {"gpo.backup", NULL, NULL, GPMQ_EINVAL, "a request of kind gpo.backup needs 'domain'"},
        {"backup.list", NULL, "x", GPMQ_ENOTFOUND, "this worker serves no repository 'x'"},
        {"backup.list", NULL, NULL, GPMQ_EINVAL,
         "a request of kind backup.list needs 'repository'"},
        {"backup.verify", NULL, "x", GPMQ_ENOTFOUND, "this worker serves no repository 'x'"},
        {"backup.verify", NULL, NULL, GPMQ_EINVAL,
         "a request of kind backup.verify needs 'repository'"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_request request = desk_request(cases[i].kind, 10 + i);
        request.domain = cases[i].domain;
        request.repository = cases[i].repository;
        CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
        told_failed_with(&told, cases[i].code);
        assert_string_equal(told_last(&told), cases[i].text);
    }
}

static void a_repository_that_is_gone_is_named(void **state)
{
    struct desk desk = *desk_of(state);
    struct gpmq_request request = desk_request("backup.list", 20);
    scratch_path(&desk.scratch, "no-such-folder", desk.repository_path);
    CLEANUP(told_free) struct told told = desk_run(&desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_ENOTFOUND);
    assert_non_null(strstr(told_last(&told), "no-such-folder"));
    assert_int_not_equal(access(desk.repository_path, F_OK), 0);
}

/* ---- verify ---------------------------------------------------------------------------------- */

static struct gpmq_request verify(const char *backup, bool read_data, unsigned number)
{
    struct gpmq_request request = desk_request("backup.verify", number);
    request.backup = backup;
    request.read_data = read_data;
    return request;
}

static void a_whole_backup_has_no_findings(void **state)
{
    struct desk *desk = desk_of(state);
    char id[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 30);
    struct gpmq_request request = verify(gpmq_guid_text(&backup, id), true, 31);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    assert_string_equal(told.type, "verify");
    assert_string_equal(told_property(&told, "backups"), "1");
    assert_string_equal(told_property(&told, "findings"), "0");
    assert_string_equal(told_property(&told, "read_data"), "true");
}

/* Every kind of damage, and whether it takes reading the data to find it. */
static void each_damage_is_found_and_named(void **state)
{
    static const struct {
        const char *file, *content;
        bool needs_data;
        const char *object; /* that the message is about */
    } damages[] = {
        {"Backup.xml", "<GroupPolicyBackupScheme", false, ""},
        {"Backup.xml", NULL, false, ""},
        {"bkupInfo.xml", "<!DOCTYPE a><a/>", false, ""},
        {"gpreport.xml", "<report", false, "/gpreport.xml"},
        {"DomainSysvol/GPO/Machine/registry.pol", NULL, false, "/Machine/registry.pol"},
        {"DomainSysvol/GPO/Machine/registry.pol", "PReg", true, "/Machine/registry.pol"},
        {"DomainSysvol/GPO/Machine/added.txt", "added", false, "/Machine/added.txt"},
    };
    struct desk *desk = desk_of(state);
    for (unsigned i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct gpmq_guid backup = desk_back_up(desk, "Workstations - Windows Update", 40 + 3 * i);
        char id[GPMQ_GUID_TEXT_SIZE];
        tamper(desk, backup, damages[i].file, damages[i].content);
        struct gpmq_request quick = verify(gpmq_guid_text(&backup, id), false, 41 + 3 * i);
        struct gpmq_request whole = verify(id, true, 42 + 3 * i);
        CLEANUP(told_free) struct told first = desk_run(desk, &quick, 1, 0);
        CLEANUP(told_free) struct told second = desk_run(desk, &whole, 1, 0);
        told_failed_with(&second, GPMQ_EDAMAGED);
        assert_int_equal(first.code, damages[i].needs_data ? 0 : GPMQ_EDAMAGED);
        assert_string_equal(told_property(&second, "findings"), "1");
        assert_int_equal(second.message_count, 2); /* the finding, and how it ended */
        assert_non_null(strstr(second.messages[0].object_path, damages[i].object));
        assert_string_equal(second.messages[0].settings_name, id);
        assert_int_not_equal(second.messages[0].error_code, 0);
        assert_string_equal(told_last(&second), "1 findings in 1 backups of 'store'");
    }
}

static void all_backups_are_verified_without_a_name(void **state)
{
    struct desk desk = *desk_of(state);
    struct gpmq_error err;
    scratch_path(&desk.scratch, "others", desk.repository_path);
    if (repository_open(&desk.repository, desk.repository_path, true, &err))
        fail_msg("%s", err.text);
    struct gpmq_guid first = desk_back_up(&desk, SOURCE, 100);
    struct gpmq_guid second = desk_back_up(&desk, SOURCE, 101);
    desk_back_up(&desk, SOURCE, 102);
    tamper(&desk, first, "bkupInfo.xml", ""); /* cannot be listed, is told all the same */
    tamper(&desk, second, "DomainSysvol/GPO/User/Scripts/Logon/logon.cmd", NULL);
    struct gpmq_request request = verify(NULL, false, 103);
    CLEANUP(told_free) struct told told = desk_run(&desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_EDAMAGED);
    assert_string_equal(told_property(&told, "backups"), "2");
    assert_string_equal(told_property(&told, "findings"), "2");
    assert_non_null(about(&told, "logon.cmd"));
    repository_close(&desk.repository);
}

/* As one that is being pruned: its folder is there, and locked. */
static void a_backup_that_is_removed_meanwhile_stops_no_verification(void **state)
{
    struct desk desk = *desk_of(state);
    char id[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE];
    scratch_path(&desk.scratch, "pruned", desk.repository_path);
    assert_int_equal(repository_open(&desk.repository, desk.repository_path, true, NULL), 0);
    struct gpmq_guid gone = desk_back_up(&desk, SOURCE, 104);
    desk_back_up(&desk, SOURCE, 105);
    snprintf(path, sizeof path, "%s/%s", desk.repository_path, gpmq_guid_text(&gone, id));
    CLEANUP(close_fd) int folder = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(folder, LOCK_EX), 0);
    struct gpmq_request request = verify(NULL, true, 106);
    CLEANUP(told_free) struct told told = desk_run(&desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "backups"), "1");
    repository_close(&desk.repository);
}

static void a_verification_stops_at_any_file(void **state)
{
    struct desk *desk = desk_of(state);
    char id[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid backup = desk_back_up(desk, SOURCE, 110);
    unsigned stops = 0;
    for (bool stopped = true; stopped; stops += stopped) {
        struct gpmq_request request = verify(gpmq_guid_text(&backup, id), true, 111);
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, stops + 1);
        stopped = told.end == REPORT_CANCELLED;
        if (!stopped)
            told_ended_well(&told);
    }
    assert_true(stops > 4);
}

static void a_backup_to_verify_must_be_there(void **state)
{
    static const char absent[] = "{00000000-0000-4000-8000-000000000001}";
    struct gpmq_request request = verify(absent, false, 120);
    struct gpmq_request word = verify("newest", false, 121);
    CLEANUP(told_free) struct told first = desk_run(desk_of(state), &request, 1, 0);
    CLEANUP(told_free) struct told second = desk_run(desk_of(state), &word, 1, 0);
    told_failed_with(&first, GPMQ_ENOTFOUND);
    assert_non_null(strstr(told_last(&first), absent));
    told_failed_with(&second, GPMQ_EINVAL);
    assert_string_equal(told_last(&second), "'newest' is no GUID of a backup");
}

/* ---- noop ------------------------------------------------------------------------------------ */

static void noop_does_what_its_args_say(void **state)
{
    struct gpmq_request request = desk_request("noop", 130);
    request.args = "{\"steps\": 5, \"messages\": 3, \"result_bytes\": 100000}";
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 3);
    assert_int_equal(told.content.size, 100000);
    assert_string_equal(told_property(&told, "steps"), "5");
    assert_int_equal(told.progress[told.progress_count - 1].numerator, 5);
    assert_int_equal(told.progress[told.progress_count - 1].denominator, 6);
}

static void messages_beyond_the_limit_are_counted(void **state)
{
    struct gpmq_request request = desk_request("noop", 131);
    request.args = "{\"messages\": 1234}";
    CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, RUN_MESSAGES_MAX + 1);
    assert_string_equal(told_last(&told), "234 further messages are left out; the limit is 1000");
}

static void noop_refuses_args_it_does_not_know(void **state)
{
    static const char *const args[] = {
        "{",
        "[]",
        "{\"step\": 1}",
        "{\"steps\": -1}",
        "{\"steps\": \"1\"}",
        "{\"step_ms\": 1e99}",
        "{\"result_bytes\": 68719476736}",
    };
    for (unsigned i = 0; i < sizeof args / sizeof *args; i++) {
        struct gpmq_request request = desk_request("noop", 140 + i);
        request.args = args[i];
        CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
        told_failed_with(&told, GPMQ_EINVAL);
        assert_non_null(strstr(told_last(&told), "args"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpo_list_tells_every_gpo_of_the_domain),
        cmocka_unit_test(without_a_domain_the_only_one_is_meant_and_named),
        cmocka_unit_test(an_empty_repository_has_an_empty_list),
        cmocka_unit_test(backup_list_tells_every_backup_and_names_what_it_cannot_read),
        cmocka_unit_test(lists_name_the_place_that_is_not_there),
        cmocka_unit_test(a_repository_that_is_gone_is_named),
        cmocka_unit_test(a_whole_backup_has_no_findings),
        cmocka_unit_test(each_damage_is_found_and_named),
        cmocka_unit_test(all_backups_are_verified_without_a_name),
        cmocka_unit_test(a_backup_that_is_removed_meanwhile_stops_no_verification),
        cmocka_unit_test(a_verification_stops_at_any_file),
        cmocka_unit_test(a_backup_to_verify_must_be_there),
        cmocka_unit_test(noop_does_what_its_args_say),
        cmocka_unit_test(messages_beyond_the_limit_are_counted),
        cmocka_unit_test(noop_refuses_args_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, desk_set_up, desk_tear_down);
}
