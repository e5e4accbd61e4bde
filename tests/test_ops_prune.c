/* backup.prune, run as an executor runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "ops_desk.h"

#define FIRST   "Users - Logon script"
#define SECOND  "Default Domain Policy"
#define BACKUPS 4 /* three of FIRST, one of SECOND */

struct pruned {
    struct desk desk;
    struct gpmq_guid ids[BACKUPS];
};

static int set_up(void **state)
{
    static struct pruned pruned;
    desk_make_demo(&pruned.desk);
    for (unsigned i = 0; i < BACKUPS; i++)
        pruned.ids[i] = desk_back_up(&pruned.desk, i < 3 ? FIRST : SECOND, 100 + i);
    *state = &pruned;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(*state);
    return 0;
}

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static struct gpmq_request a_request(const char *args)
{
    struct gpmq_request request = desk_request("backup.prune", 1);
    request.domain = NULL;
    request.args = args;
    return request;
}

static size_t left(const struct pruned *pruned)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(repository_list(pruned->desk.repository, &infos, NULL, NULL, NULL), 0);
    return infos.count;
}

static json_t *parse(const struct told *told)
{
    json_error_t error;
    json_t *json = json_loads((const char *)told->content.at, 0, &error);
    if (!json_is_array(json))
        fail_msg("no JSON array: %s", error.text);
    return json;
}

/* What the result says of a backup. */
static const char *action_of(const json_t *list, const struct gpmq_guid *id)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    size_t index;
    const json_t *item;
    gpmq_guid_text(id, text);
    json_array_foreach(list, index,
                       item) if (strcmp(json_string_value(json_object_get(item, "id")), text) ==
                                 0) return json_string_value(json_object_get(item, "action"));
    return "(none)";
}

static void what_no_rule_keeps_is_removed_and_told(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "prune");
    assert_string_equal(told_property(&told, "kept"), "2");
    assert_string_equal(told_property(&told, "removed"), "2");
    assert_string_equal(told_property(&told, "in_use"), "0");
    assert_string_equal(told_property(&told, "dry_run"), "false");
    assert_int_equal(left(pruned), 2);
    CLEANUP(drop_json) json_t *list = parse(&told);
    assert_int_equal(json_array_size(list), BACKUPS);
    assert_string_equal(action_of(list, &pruned->ids[3]), "kept");
}

static void a_second_attempt_removes_nothing_more(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 2, \"keep_daily\": 1}");
    CLEANUP(told_free) struct told first = desk_run(&pruned->desk, &request, 1, 0);
    CLEANUP(told_free) struct told second = desk_run(&pruned->desk, &request, 2, 0);
    told_ended_well(&first);
    told_ended_well(&second);
    assert_string_equal(told_property(&second, "removed"), "0");
    assert_int_equal(left(pruned), 3);
}

static void a_dry_run_tells_the_same_and_removes_nothing(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    size_t entries = desk_entries(&pruned->desk);
    request.dry_run = true;
    CLEANUP(told_free) struct told dry = desk_run(&pruned->desk, &request, 1, 0);
    told_ended_well(&dry);
    assert_int_equal(desk_entries(&pruned->desk), entries);
    request.dry_run = false;
    CLEANUP(told_free) struct told real = desk_run(&pruned->desk, &request, 2, 0);
    told_ended_well(&real);
    assert_string_equal((const char *)dry.content.at, (const char *)real.content.at);
    assert_string_equal(told_property(&dry, "dry_run"), "true");
}

static void a_backup_that_is_read_is_kept_with_a_message(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    for (size_t i = 0; i < BACKUPS; i++)
        assert_int_equal(repository_hold(pruned->desk.repository, &pruned->ids[i], NULL), 0);
    CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "in_use"), "2");
    assert_string_equal(told_property(&told, "removed"), "0");
    assert_int_equal(told.message_count, 2);
    assert_non_null(strstr(told_last(&told), "is being read"));
    assert_int_equal(left(pruned), BACKUPS);
}

static void one_gpo_alone_can_be_pruned(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    request.gpo = desk_gpo(&pruned->desk, SECOND);
    CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "count"), "1");
    assert_int_equal(left(pruned), BACKUPS);
}

static void a_pruning_that_is_stopped_lists_what_is_left(void **state)
{
    struct pruned *pruned = *state;
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 4);
    assert_int_equal(told.code, GPMQ_ESTOPPED);
    size_t count = left(pruned);
    assert_true(count == 2 || count == 3);
}

static void a_backup_that_cannot_be_read_stays(void **state)
{
    struct pruned *pruned = *state;
    char id[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE];
    struct gpmq_request request = a_request("{\"keep_last\": 1}");
    snprintf(path, sizeof path, "%s/%s/bkupInfo.xml", pruned->desk.repository_path,
             gpmq_guid_text(&pruned->ids[0], id));
    CLEANUP(close_file) FILE *file = fopen(path, "we");
    assert_non_null(file);
    CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "count"), "3");
    assert_int_equal(told.message_count, 1);
    assert_string_equal(told.messages[0].object_path, id);
    assert_int_equal(access(path, F_OK), 0);
}

static void args_that_are_wrong_are_refused(void **state)
{
    static const struct {
        const char *args;
        const char *words;
    } rows[] = {
        {NULL, "no rule keeps anything"},
        {"{}", "no rule keeps anything"},
        {"{\"keep_last\": 0}", "no rule keeps anything"},
        {"{\"keep_last\": -1}", "keep_last is not between"},
        {"{\"keep_daily\": 10000000000}", "keep_daily is not between"},
        {"{\"keep_yearly\": 1, \"keep_last\": 1}", "keep_yearly"},
        {"{\"keep_last\": \"1\"}", "args: "},
        {"[1]", "args: "},
        {"nonsense", "args is no JSON"},
    };
    struct pruned *pruned = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gpmq_request request = a_request(rows[i].args);
        CLEANUP(told_free) struct told told = desk_run(&pruned->desk, &request, 1, 0);
        told_failed_with(&told, GPMQ_EINVAL);
        if (!strstr(told_last(&told), rows[i].words))
            fail_msg("row %zu: %s", i, told_last(&told));
    }
    assert_int_equal(left(pruned), BACKUPS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_no_rule_keeps_is_removed_and_told),
        TEST(a_second_attempt_removes_nothing_more),
        TEST(a_dry_run_tells_the_same_and_removes_nothing),
        TEST(a_backup_that_is_read_is_kept_with_a_message),
        TEST(one_gpo_alone_can_be_pruned),
        TEST(a_pruning_that_is_stopped_lists_what_is_left),
        TEST(a_backup_that_cannot_be_read_stays),
        TEST(args_that_are_wrong_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
