/* gpo.diff, run as an executor runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "ops_desk.h"
#include "repository_fixture.h"

#define FIRST  "Workstations - Windows Update"
#define SECOND "Users - Logon script"

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

/* One side of the args. */
static void name_side(char *out, size_t size, const char *what, const char *id)
{
    snprintf(out, size, "{\"%s\": \"%s\"}", what, id);
}

static const char *of_backup(const struct gpmq_guid *id, char out[96])
{
    char text[GPMQ_GUID_TEXT_SIZE];
    name_side(out, 96, "backup", gpmq_guid_text(id, text));
    return out;
}

static const char *of_gpo(const struct desk *desk, const char *name, char out[96])
{
    name_side(out, 96, "gpo", desk_gpo(desk, name));
    return out;
}

static struct told compare(struct desk *desk, const char *from, const char *to)
{
    static char args[256];
    struct gpmq_request request = desk_request("gpo.diff", 900);
    snprintf(args, sizeof args, "{\"from\": %s, \"to\": %s}", from, to);
    request.args = args;
    return desk_run(desk, &request, DESK_FENCE, 0);
}

static json_t *parse(const struct told *told)
{
    json_error_t error;
    json_t *json = json_loads((const char *)told->content.at, 0, &error);
    if (!json_is_object(json))
        fail_msg("no JSON object: %s", error.text);
    return json;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "(none)";
}

/* The change of a setting, or NULL. */
static const json_t *change_of(const json_t *content, const char *area, const char *key)
{
    const json_t *change, *changes = json_object_get(content, "changes");
    size_t index;
    json_array_foreach(changes, index, change)
    {
        if (!strcmp(text_of(change, "area"), area) && !strcmp(text_of(change, "key"), key))
            return change;
    }
    return NULL;
}

static long long number_of(const char *text)
{
    return strtoll(text, NULL, 10);
}

static void assert_counts(const struct told *told, const char *added, const char *removed,
                          const char *changed)
{
    if (strcmp(told_property(told, "added"), added) ||
        strcmp(told_property(told, "removed"), removed) ||
        strcmp(told_property(told, "changed"), changed))
        fail_msg("%s added, %s removed, %s changed: %s", told_property(told, "added"),
                 told_property(told, "removed"), told_property(told, "changed"),
                 (const char *)told->content.at);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void a_backup_and_its_gpo_are_equal(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, FIRST, 1);
    char from[96], to[96];
    CLEANUP(told_free)
    struct told told = compare(desk, of_backup(&backup, from), of_gpo(desk, FIRST, to));
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    assert_string_equal(told.type, "diff");
    assert_counts(&told, "0", "0", "0");
    assert_true(number_of(told_property(&told, "unchanged")) > 5);
}

static void every_gpo_of_the_demo_domain_equals_its_backup(void **state)
{
    struct desk *desk = desk_of(state);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    for (size_t i = 0; i < gpos.count; i++) {
        const char *name = gpos.items[i].display_name;
        struct gpmq_guid backup = desk_back_up(desk, name, 100 + (unsigned)i);
        char from[96], to[96];
        CLEANUP(told_free)
        struct told told = compare(desk, of_backup(&backup, from), of_gpo(desk, name, to));
        told_ended_well(&told);
        assert_counts(&told, "0", "0", "0");
    }
}

static void two_gpos_differ_in_their_settings_and_names(void **state)
{
    struct desk *desk = desk_of(state);
    char from[96], to[96];
    CLEANUP(told_free)
    struct told told = compare(desk, of_gpo(desk, FIRST, from), of_gpo(desk, SECOND, to));
    told_ended_well(&told);
    CLEANUP(drop_json) json_t *content = parse(&told);
    assert_string_equal(text_of(json_object_get(content, "from"), "gpo_display_name"), FIRST);
    assert_string_equal(text_of(json_object_get(content, "to"), "gpo_display_name"), SECOND);
    assert_string_equal(text_of(json_object_get(content, "to"), "backup_id"), "(none)");
    const json_t *change = change_of(content, "General", "Name");
    assert_non_null(change);
    assert_string_equal(text_of(change, "change"), "changed");
    assert_string_equal(text_of(change, "from"), FIRST);
    assert_string_equal(text_of(change, "to"), SECOND);
    assert_true(number_of(told_property(&told, "added")) > 0);
    assert_true(number_of(told_property(&told, "removed")) > 0);
}

static void an_edit_shows_as_what_it_changed(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, FIRST, 1), id;
    struct gpo values = {.options = 2};
    char from[96], to[96];
    assert_int_equal(gpmq_guid_parse(&id, desk_gpo(desk, FIRST)), 0);
    desk_edit(desk, &id, DOMAIN_OPTIONS, &values, 2);
    CLEANUP(told_free)
    struct told told = compare(desk, of_backup(&backup, from), of_gpo(desk, FIRST, to));
    told_ended_well(&told);
    CLEANUP(drop_json) json_t *content = parse(&told);
    const json_t *change = change_of(content, "General", "Computer settings");
    assert_non_null(change);
    assert_string_equal(text_of(change, "from"), "enabled");
    assert_string_equal(text_of(change, "to"), "disabled");
    assert_non_null(change_of(content, "Other files", "File/Machine/edited.txt"));
    assert_true(number_of(told_property(&told, "removed")) > 0);
}

/* A script's text is no setting; that it changed is told all the same. */
static void another_content_of_a_script_is_told(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid backup = desk_back_up(desk, SECOND, 1);
    char id[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE], from[96], to[96];
    snprintf(path, sizeof path, "%s/%s/DomainSysvol/GPO/User/Scripts/Logon/logon.cmd",
             desk->repository_path, gpmq_guid_text(&backup, id));
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs("rem more\r\n", file);
    fclose(file);
    CLEANUP(told_free)
    struct told told = compare(desk, of_backup(&backup, from), of_gpo(desk, SECOND, to));
    told_ended_well(&told);
    assert_counts(&told, "0", "0", "1");
    CLEANUP(drop_json) json_t *content = parse(&told);
    assert_non_null(change_of(content, "File content", "User/Scripts/Logon/logon.cmd"));
}

/* Writes over a file of a backup. */
static void spoil(const struct desk *desk, const struct gpmq_guid *backup, const char *text)
{
    char id[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s/DomainSysvol/GPO/Machine/registry.pol",
             desk->repository_path, gpmq_guid_text(backup, id));
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What cannot be parsed has no settings to compare: that two of them are none is no equality. */
static void files_that_cannot_be_parsed_are_compared_by_content(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid first = desk_back_up(desk, FIRST, 1), second = desk_back_up(desk, FIRST, 2);
    char from[96], to[96];
    spoil(desk, &first, "PRegX");
    spoil(desk, &second, "PRegX");
    CLEANUP(told_free)
    struct told same = compare(desk, of_backup(&first, from), of_backup(&second, to));
    told_ended_well(&same);
    assert_counts(&same, "0", "0", "0");
    assert_int_equal(same.message_count, 2);
    assert_non_null(strstr(same.messages[0].object_path, "registry.pol"));
    assert_non_null(strstr(same.messages[0].text, "compared by its content"));
    spoil(desk, &second, "PRegY");
    CLEANUP(told_free)
    struct told other = compare(desk, of_backup(&first, from), of_backup(&second, to));
    told_ended_well(&other);
    assert_counts(&other, "0", "0", "1");
}

static void what_is_not_there_is_named(void **state)
{
    static const char absent[] = "{\"backup\": \"{00000000-0000-4000-8000-000000000001}\"}";
    struct desk *desk = desk_of(state);
    char to[96];
    CLEANUP(told_free) struct told told = compare(desk, absent, of_gpo(desk, FIRST, to));
    told_failed_with(&told, GPMQ_ENOTFOUND);
    assert_non_null(strstr(told_last(&told), "{00000000-0000-4000-8000-000000000001}"));
}

static void args_that_are_wrong_are_refused(void **state)
{
    static const struct {
        const char *args;
        const char *words;
    } rows[] = {
        {NULL, "not exactly 'from' and 'to'"},
        {"nonsense", "args is no JSON"},
        {"[1, 2]", "not exactly"},
        {"{\"from\": {\"gpo\": \"x\"}, \"to\": {\"gpo\": \"x\"}}", "'x' of 'from' is no GUID"},
        {"{\"from\": {\"gpo\": 1}, \"to\": {\"gpo\": \"x\"}}", "'from' is neither"},
        {"{\"from\": {\"gpo\": \"a\", \"backup\": \"b\"}, \"to\": {}}", "'from' is neither"},
        {"{\"from\": \"a\", \"to\": \"b\"}", "'from' is neither"},
        {"{\"from\": {}, \"to\": {}, \"then\": {}}", "not exactly"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gpmq_request request = desk_request("gpo.diff", 900);
        request.args = rows[i].args;
        CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, DESK_FENCE, 0);
        told_failed_with(&told, GPMQ_EINVAL);
        if (!strstr(told_last(&told), rows[i].words))
            fail_msg("row %zu: %s", i, told_last(&told));
    }
}

static void the_places_that_are_named_are_needed(void **state)
{
    struct desk *desk = desk_of(state);
    char from[96], to[96], args[256];
    struct gpmq_guid backup = desk_back_up(desk, FIRST, 1);
    snprintf(args, sizeof args, "{\"from\": %s, \"to\": %s}", of_backup(&backup, from),
             of_gpo(desk, FIRST, to));
    for (unsigned i = 0; i < 2; i++) {
        struct gpmq_request request = desk_request("gpo.diff", 900);
        request.args = args;
        if (i)
            request.domain = NULL;
        else
            request.repository = NULL;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
        told_failed_with(&told, GPMQ_EINVAL);
        assert_non_null(strstr(told_last(&told), i ? "needs 'domain'" : "needs 'repository'"));
    }
}

/* ---- real backups --------------------------------------------------------------------------- */

/* Settings alone: permissions, links and the name are the target's own. */
static size_t count_of_settings(const json_t *content)
{
    const json_t *change, *changes = json_object_get(content, "changes");
    size_t index, count = 0;
    json_array_foreach(changes, index, change)
    {
        count += strcmp(text_of(change, "side"), "General") != 0;
    }
    return count;
}

static void import(struct desk *desk, const struct sample *sample, unsigned number,
                   struct gpmq_guid *gpo)
{
    struct gpmq_request request = desk_request("gpo.import", number);
    char id[GPMQ_GUID_TEXT_SIZE];
    request.repository = DESK_OTHER;
    request.backup = gpmq_guid_text(&sample->id, id);
    request.create = true;
    *gpo = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
    told_ended_well(&told);
}

static void a_real_backup_equals_the_gpo_that_it_was_imported_into(void **state)
{
    struct desk *desk = desk_of(state);
    CLEANUP(fixture_samples_free) struct samples samples = fixture_samples();
    size_t unchanged = 0;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        char from[96], to[96], id[GPMQ_GUID_TEXT_SIZE], args[256];
        struct gpmq_guid gpo;
        desk->other_path = samples.items[i].repository;
        import(desk, &samples.items[i], 1000 + (unsigned)i, &gpo);
        name_side(to, sizeof to, "gpo", gpmq_guid_text(&gpo, id));
        snprintf(args, sizeof args, "{\"from\": %s, \"to\": %s}",
                 of_backup(&samples.items[i].id, from), to);
        struct gpmq_request request = desk_request("gpo.diff", 2000 + (unsigned)i);
        request.repository = DESK_OTHER;
        request.args = args;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
        told_ended_well(&told);
        CLEANUP(drop_json) json_t *content = parse(&told);
        if (count_of_settings(content))
            fail_msg("%s: %s", samples.items[i].repository, (const char *)told.content.at);
        unchanged += (size_t)number_of(told_property(&told, "unchanged"));
    }
    print_message("%zu backups, %zu settings equal\n", samples.count, unchanged);
    desk->other_path = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_and_its_gpo_are_equal),
        TEST(every_gpo_of_the_demo_domain_equals_its_backup),
        TEST(two_gpos_differ_in_their_settings_and_names),
        TEST(an_edit_shows_as_what_it_changed),
        TEST(another_content_of_a_script_is_told),
        TEST(files_that_cannot_be_parsed_are_compared_by_content),
        TEST(what_is_not_there_is_named),
        TEST(args_that_are_wrong_are_refused),
        TEST(the_places_that_are_named_are_needed),
        TEST(a_real_backup_equals_the_gpo_that_it_was_imported_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
