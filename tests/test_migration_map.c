/* What a migration table makes of accounts and paths, every type and every destination. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "domain.h"
#include "migration_collect.h"
#include "migration_map.h"
#include "scratch.h"

#define N "S-1-5-21-1-2-3"
#define S "S-1-5-21-5-6-7"

struct fixture {
    struct scratch scratch;
    struct domain *south; /* tests/data/migration/south.ldif */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char path[SCRATCH_PATH_SIZE], ldif[512];
    struct domain_create_options options = {.dns_name = "south.test", .ldif = ldif};
    struct gpmq_error err = {0};
    scratch_make(&fixture->scratch);
    scratch_path(&fixture->scratch, "south", path);
    snprintf(ldif, sizeof ldif, "%s/tests/data/migration/south.ldif", getenv("GPMQ_SOURCE_DIR"));
    if (domain_create(path, &options, &err) || domain_open(&fixture->south, path, &err))
        fail_msg("%s", err.text);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    domain_close(&fixture->south);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

/* ---- the domain that settings come from ------------------------------------------------------ */

static const struct {
    const char *sid, *name, *type;
} north[] = {
    {N "-1101", "anna", "User"},
    {N "-1301", "PRINT01$", "Computer"},
    {N "-1202", "Print Operators South", "LocalGroup"},
    {N "-512", "Domain Admins", "GlobalGroup"},
    {N "-1203", "All Staff", "UniversalGroup"},
    {N "-1999", "only in the north", "GlobalGroup"},
};

/* Knows the accounts of the north, and of others their SID. */
static int look_up(void *arg, const char *sid, struct domain_principal *out, struct gpmq_error *err)
{
    struct domain_principal found = {.sid = strdup(sid)};
    (void)arg, (void)err;
    for (size_t i = 0; i < sizeof north / sizeof *north; i++) {
        if (strcmp(north[i].sid, sid) != 0)
            continue;
        found.sam_account_name = strdup(north[i].name);
        found.type = strdup(north[i].type);
        found.netbios_domain_name = strdup("NORTH");
        found.dns_domain_name = strdup("north.test");
        if (asprintf(&found.upn, "%s@north.test", north[i].name) < 0)
            found.upn = NULL;
    }
    *out = found;
    return 0;
}

/* ---- one question ---------------------------------------------------------------------------- */

struct asked {
    const char *text;
    enum migration_what what;
    bool table_only;
    bool acl;
    bool with_acl;
};

struct got {
    enum migration_fate fate;
    char text[256];
    size_t told;
    int32_t code; /* of the last that was told */
    char words[512];
    int settled;
};

static void note(void *arg, const struct migration_name *name, int code, const char *text)
{
    struct got *got = arg;
    assert_string_equal(name->object_path, "file");
    assert_string_equal(name->settings_name, "setting");
    got->told++;
    got->code = code;
    snprintf(got->words, sizeof got->words, "%s", text);
}

static struct got ask(struct fixture *fixture, const struct migration_table *table,
                      struct asked asked)
{
    struct got got = {0};
    struct migration_map_options options = {.table = table,
                                            .table_only = asked.table_only,
                                            .with_acl = asked.with_acl,
                                            .lookup = look_up,
                                            .target = fixture->south,
                                            .tell = note,
                                            .tell_arg = &got};
    CLEANUP(migration_map_free) struct migration_map *map = migration_map_new(&options);
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    const struct migration_name name = {.what = asked.what,
                                        .text = asked.text,
                                        .object_path = "file",
                                        .settings_name = "setting",
                                        .acl = asked.acl};
    struct gpmq_error err = {0};
    if (migration_map_visit(map, &name, &answer, &err))
        fail_msg("%s", err.text);
    got.fate = answer.fate;
    snprintf(got.text, sizeof got.text, "%s", answer.text ? answer.text : "");
    got.settled = migration_map_settle(map, NULL);
    return got;
}

static struct migration_table *a_table(enum migration_type type, const char *source,
                                       enum migration_option option, const char *destination)
{
    struct migration_table *table = migration_table_new();
    struct gpmq_error err = {0};
    struct migration_entry entry = {.type = type,
                                    .option = option,
                                    .source = (char *)source,
                                    .destination = (char *)destination};
    if (source && migration_table_add(table, &entry, &err))
        fail_msg("%s", err.text);
    return table;
}

/* ---- every type, every destination ----------------------------------------------------------- */

/* What stands in the settings, what the table calls it, and what the south makes of it. */
static const struct type_row {
    enum migration_type type;
    const char *text;
    const char *source;
    const char *relative; /* by the same name */
    const char *destination;
    const char *set; /* by the destination */
} type_rows[] = {
    {MIGRATION_USER, N "-1101", "NORTH\\Anna", S "-1101", "SOUTH\\svc_backup", S "-1102"},
    {MIGRATION_COMPUTER, N "-1301", "north.test\\PRINT01$", S "-1301", "south.test\\print01$",
     S "-1301"},
    {MIGRATION_LOCAL_GROUP, N "-1202", "Print Operators South@north.test", S "-1202", "help desk",
     S "-1201"},
    {MIGRATION_GLOBAL_GROUP, N "-512", "NORTH\\Domain Admins", S "-512", "Help Desk@south.test",
     S "-1201"},
    {MIGRATION_UNIVERSAL_GROUP, N "-1203", N "-1203", S "-1203", S "-519", S "-519"},
    {MIGRATION_UNC_PATH, "\\\\north\\a$", "\\\\NORTH\\A$", NULL, "\\\\south\\b$", "\\\\south\\b$"},
    {MIGRATION_UNKNOWN, "SOMEWHERE\\Help Desk", "somewhere\\help desk", S "-1201",
     "anna.south@people.test", S "-1101"},
    {MIGRATION_UNKNOWN, N "-1101", N "-1101", S "-1101", "Everyone", "S-1-1-0"},
    {MIGRATION_UNKNOWN, "S-1-5-32-544", "Administrators", NULL, "SOUTH\\Domain Admins", S "-512"},
};

static void assert_got(struct fixture *fixture, const struct type_row *row,
                       enum migration_option option, enum migration_fate fate, const char *text)
{
    CLEANUP(migration_table_free)
    struct migration_table *table =
        a_table(row->type, row->source, option, option == MIGRATION_SET ? row->destination : NULL);
    for (int only = 0; only < 2; only++) {
        struct got got =
            ask(fixture, table,
                (struct asked){.text = row->text,
                               .what = row->type == MIGRATION_UNC_PATH ? MIGRATION_PATH
                                                                       : MIGRATION_ACCOUNT,
                               .table_only = only});
        assert_int_equal(got.fate, fate);
        assert_string_equal(got.text, text);
        assert_int_equal(got.told, 0);
        assert_int_equal(got.settled, 0);
    }
}

static void every_type_goes_where_every_option_says(void **state)
{
    for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows; i++) {
        const struct type_row *row = &type_rows[i];
        assert_got(*state, row, MIGRATION_SAME_AS_SOURCE, MIGRATION_KEEP, "");
        assert_got(*state, row, MIGRATION_SET, MIGRATION_REPLACE, row->set);
        if (row->type == MIGRATION_UNC_PATH)
            continue; /* it can have no other: migration_table.h */
        assert_got(*state, row, MIGRATION_NONE, MIGRATION_DROP, "");
        if (row->relative)
            assert_got(*state, row, MIGRATION_BY_RELATIVE_NAME, MIGRATION_REPLACE, row->relative);
        else
            assert_got(*state, row, MIGRATION_BY_RELATIVE_NAME, MIGRATION_KEEP, "");
    }
}

static void every_form_of_a_name_finds_its_entry(void **state)
{
    static const char *const forms[] = {N "-512", "NORTH\\Domain Admins",
                                        "north.test\\Domain Admins", "domain admins@NORTH.test"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        CLEANUP(migration_table_free)
        struct migration_table *table =
            a_table(MIGRATION_GLOBAL_GROUP, forms[i], MIGRATION_NONE, NULL);
        assert_int_equal(ask(*state, table, (struct asked){.text = N "-512"}).fate, MIGRATION_DROP);
    }
    CLEANUP(migration_table_free)
    struct migration_table *builtin =
        a_table(MIGRATION_UNKNOWN, "BUILTIN\\Administrators", MIGRATION_NONE, NULL);
    assert_int_equal(ask(*state, builtin, (struct asked){.text = "S-1-5-32-544"}).fate,
                     MIGRATION_DROP);
}

/* ---- what does not fit ----------------------------------------------------------------------- */

static void an_entry_of_another_type_does_not_count_and_is_told(void **state)
{
    for (int type = 0; type < MIGRATION_TYPE_END; type++) {
        CLEANUP(migration_table_free)
        struct migration_table *table =
            type == MIGRATION_UNC_PATH
                ? a_table(type, "\\\\north\\a", MIGRATION_SET, "\\\\b")
                : a_table(type, "NORTH\\Domain Admins", MIGRATION_NONE, NULL);
        for (int only = 0; only < 2; only++) {
            struct got got =
                ask(*state, table, (struct asked){.text = N "-512", .table_only = only});
            bool fits = type == MIGRATION_GLOBAL_GROUP, other = type != MIGRATION_UNC_PATH;
            assert_int_equal(got.fate, fits ? MIGRATION_DROP : MIGRATION_KEEP);
            assert_int_equal(got.told, !fits && (other || only));
            assert_int_equal(got.settled, !fits && only ? GPMQ_ENOTFOUND : 0);
            if (!fits && other)
                assert_non_null(strstr(got.words, "it is GlobalGroup"));
        }
    }
}

static void a_path_is_no_account_and_must_be_whole(void **state)
{
    CLEANUP(migration_table_free)
    struct migration_table *table =
        a_table(MIGRATION_UNC_PATH, "\\\\north\\a", MIGRATION_SET, "\\\\south\\a");
    CLEANUP(migration_table_free)
    struct migration_table *account = a_table(MIGRATION_USER, "\\\\north\\a", MIGRATION_NONE, NULL);
    struct asked part = {.text = "\\\\north\\a\\b", .what = MIGRATION_PATH};
    struct asked whole = {.text = "\\\\north\\a", .what = MIGRATION_PATH};
    assert_int_equal(ask(*state, table, part).fate, MIGRATION_KEEP);
    assert_int_equal(ask(*state, table, whole).fate, MIGRATION_REPLACE);
    struct got got = ask(*state, account, whole);
    assert_int_equal(got.fate, MIGRATION_KEEP);
    assert_int_equal(got.told, 1);
    assert_int_equal(got.settled, 0);
}

static void a_destination_that_is_not_there_is_a_problem(void **state)
{
    static const struct {
        enum migration_option option;
        const char *source, *destination, *text, *says;
    } rows[] = {
        {MIGRATION_SET, "NORTH\\Domain Admins", "SOUTH\\Nobody", N "-512", "knows no 'SOUTH"},
        {MIGRATION_SET, "NORTH\\Domain Admins", "NORTH\\Domain Admins", N "-512", "knows no"},
        {MIGRATION_SET, "NORTH\\Domain Admins", N "-512", N "-512", "knows no"},
        {MIGRATION_BY_RELATIVE_NAME, "NORTH\\only in the north", NULL, N "-1999",
         "knows no 'only in the north'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(migration_table_free)
        struct migration_table *table =
            a_table(MIGRATION_GLOBAL_GROUP, rows[i].source, rows[i].option, rows[i].destination);
        struct got got = ask(*state, table, (struct asked){.text = rows[i].text});
        assert_int_equal(got.fate, MIGRATION_KEEP);
        assert_int_equal(got.told, 1);
        assert_int_equal(got.code, GPMQ_ENOTFOUND);
        assert_int_equal(got.settled, GPMQ_ENOTFOUND);
        if (!strstr(got.words, rows[i].says))
            fail_msg("row %zu says: %s", i, got.words);
    }
    CLEANUP(migration_table_free)
    struct migration_table *nameless =
        a_table(MIGRATION_UNKNOWN, N "-7777", MIGRATION_BY_RELATIVE_NAME, NULL);
    struct got got = ask(*state, nameless, (struct asked){.text = N "-7777"});
    assert_int_equal(got.settled, GPMQ_ENOTFOUND);
    assert_non_null(strstr(got.words, "nobody knows the name"));
}

static void without_an_entry_all_stays_and_the_table_alone_asks_for_one(void **state)
{
    static const struct {
        struct asked asked;
        bool needed; /* with table_only */
    } rows[] = {
        {{.text = N "-512"}, true},
        {{.text = N "-7777"}, true},
        {{.text = "Some Name"}, true},
        {{.text = "S-1-5-32-544"}, true},
        {{.text = "\\\\north\\a", .what = MIGRATION_PATH}, true},
        {{.text = "S-1-5-80-1-2-3-4-5"}, false}, /* Backup.xml does not list it either */
        {{.text = N "-512", .acl = true}, false},
        {{.text = N "-512", .acl = true, .with_acl = true}, true},
    };
    CLEANUP(migration_table_free) struct migration_table *empty = a_table(0, NULL, 0, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct asked asked = rows[i].asked;
        struct got got = ask(*state, empty, asked);
        assert_int_equal(got.fate, MIGRATION_KEEP);
        assert_int_equal(got.told, 0);
        assert_int_equal(got.settled, 0);
        asked.table_only = true;
        got = ask(*state, empty, asked);
        assert_int_equal(got.fate, MIGRATION_KEEP);
        assert_int_equal(got.told, rows[i].needed);
        assert_int_equal(got.settled, rows[i].needed ? GPMQ_ENOTFOUND : 0);
    }
}

static void a_problem_is_told_once_for_a_setting_and_beyond_a_limit_counted(void **state)
{
    struct fixture *fixture = *state;
    struct got got = {0};
    struct gpmq_error err = {0};
    char sid[64], wanted[32];
    CLEANUP(migration_table_free) struct migration_table *empty = a_table(0, NULL, 0, NULL);
    struct migration_map_options options = {.table = empty,
                                            .table_only = true,
                                            .lookup = look_up,
                                            .target = fixture->south,
                                            .tell = note,
                                            .tell_arg = &got};
    CLEANUP(migration_map_free) struct migration_map *map = migration_map_new(&options);
    struct migration_name name = {.text = sid, .object_path = "file", .settings_name = "setting"};
    for (int i = 0; i < 2 * (MIGRATION_TOLD_MAX - 1); i++) {
        CLEANUP(migration_answer_free) struct migration_answer answer = {0};
        snprintf(sid, sizeof sid, N "-%d", 10000 + i / 2);
        assert_int_equal(migration_map_visit(map, &name, &answer, NULL), 0);
    }
    assert_int_equal(got.told, MIGRATION_TOLD_MAX - 1);
    for (int i = 0; i < 3; i++) {
        CLEANUP(migration_answer_free) struct migration_answer answer = {0};
        snprintf(sid, sizeof sid, N "-%d", 90000 + i);
        assert_int_equal(migration_map_visit(map, &name, &answer, NULL), 0);
    }
    assert_int_equal(migration_map_settle(map, &err), GPMQ_ENOTFOUND);
    snprintf(wanted, sizeof wanted, "%d accounts", MIGRATION_TOLD_MAX + 2);
    assert_non_null(strstr(err.text, wanted));
}

/* ---- collecting ------------------------------------------------------------------------------ */

static void collect(struct migration_collecting *collecting, enum migration_what what,
                    const char *text, bool acl)
{
    struct migration_answer answer = {0};
    const struct migration_name name = {.what = what, .text = text, .acl = acl};
    assert_int_equal(migration_collect_visit(collecting, &name, &answer, NULL), 0);
    assert_int_equal(answer.fate, MIGRATION_KEEP);
}

static void what_is_found_goes_into_a_table_typed_and_once(void **state)
{
    (void)state;
    static const struct {
        enum migration_type type;
        const char *source;
    } wanted[] = {
        {MIGRATION_GLOBAL_GROUP, "Domain Admins@north.test"},
        {MIGRATION_USER, "anna@north.test"},
        {MIGRATION_UNKNOWN, N "-7777"},
        {MIGRATION_UNKNOWN, "Administrators"},
        {MIGRATION_UNKNOWN, "ADD YOUR DOMAIN ADMINS"},
        {MIGRATION_UNC_PATH, "\\\\north\\a"},
    };
    static const char *const accounts[] = {N "-512",
                                           N "-1101",
                                           N "-512",
                                           N "-7777",
                                           "S-1-5-32-544",
                                           "administrators",
                                           "ADD YOUR DOMAIN ADMINS",
                                           "S-1-5-80-1-2-3-4-5",
                                           "bad\001name"};
    CLEANUP(migration_table_free) struct migration_table *table = migration_table_new();
    struct migration_collecting collecting = {.table = table, .lookup = look_up};
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        collect(&collecting, MIGRATION_ACCOUNT, accounts[i], false);
    collect(&collecting, MIGRATION_PATH, "\\\\north\\a", false);
    collect(&collecting, MIGRATION_PATH, "\\\\NORTH\\a", false);
    collect(&collecting, MIGRATION_ACCOUNT, N "-1203", true);
    assert_int_equal(migration_table_count(table), sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_string_equal(migration_table_at(table, i)->source, wanted[i].source);
        assert_int_equal(migration_table_at(table, i)->type, wanted[i].type);
        assert_int_equal(migration_table_at(table, i)->option, MIGRATION_SAME_AS_SOURCE);
    }
    collecting.with_acl = true;
    collect(&collecting, MIGRATION_ACCOUNT, N "-1203", true);
    assert_non_null(migration_table_get(table, "All Staff@north.test"));
}

/* What was collected is all that the table alone asks for. */
static void what_is_collected_satisfies_the_table_alone(void **state)
{
    static const char *const accounts[] = {N "-512",       N "-1101",      N "-1301", N "-1202",
                                           N "-1203",      N "-7777",      "S-1-1-0", "Free Text",
                                           "S-1-5-32-544", "S-1-5-32-548", "A\\b",    "c@d"};
    CLEANUP(migration_table_free) struct migration_table *table = migration_table_new();
    struct migration_collecting collecting = {.table = table, .lookup = look_up};
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        collect(&collecting, MIGRATION_ACCOUNT, accounts[i], false);
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        struct got got =
            ask(*state, table, (struct asked){.text = accounts[i], .table_only = true});
        if (got.settled || got.told || got.fate != MIGRATION_KEEP)
            fail_msg("%s: %s", accounts[i], got.words);
    }
}

/* ---- an entry alone -------------------------------------------------------------------------- */

static void an_entry_is_judged_alone(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct migration_entry entry;
        int rc;
        const char *found;
    } rows[] = {
        {{MIGRATION_USER, MIGRATION_SAME_AS_SOURCE, (char *)"x", NULL}, 0, NULL},
        {{MIGRATION_USER, MIGRATION_NONE, (char *)"x", NULL}, 0, NULL},
        {{MIGRATION_USER, MIGRATION_SET, (char *)"x", (char *)"SOUTH\\anna"}, 0, S "-1101"},
        {{MIGRATION_USER, MIGRATION_SET, (char *)"x", (char *)"y"}, GPMQ_ENOTFOUND, NULL},
        {{MIGRATION_USER, MIGRATION_BY_RELATIVE_NAME, (char *)"N\\anna", NULL}, 0, S "-1101"},
        {{MIGRATION_USER, MIGRATION_BY_RELATIVE_NAME, (char *)"anna@n", NULL}, 0, S "-1101"},
        {{MIGRATION_USER, MIGRATION_BY_RELATIVE_NAME, (char *)"N\\x", NULL}, GPMQ_ENOTFOUND, NULL},
        {{MIGRATION_UNKNOWN, MIGRATION_BY_RELATIVE_NAME, (char *)N "-1", NULL},
         GPMQ_EUNSUPPORTED,
         NULL},
        {{MIGRATION_UNC_PATH, MIGRATION_SET, (char *)"\\\\a", (char *)"\\\\b"}, 0, "\\\\b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(free_pointer) char *found = NULL;
        assert_int_equal(migration_map_entry(&rows[i].entry, fixture->south, &found, NULL),
                         rows[i].rc);
        if (rows[i].found)
            assert_string_equal(found, rows[i].found);
        else
            assert_null(found);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_type_goes_where_every_option_says),
        TEST(every_form_of_a_name_finds_its_entry),
        TEST(an_entry_of_another_type_does_not_count_and_is_told),
        TEST(a_path_is_no_account_and_must_be_whole),
        TEST(a_destination_that_is_not_there_is_a_problem),
        TEST(without_an_entry_all_stays_and_the_table_alone_asks_for_one),
        TEST(a_problem_is_told_once_for_a_setting_and_beyond_a_limit_counted),
        TEST(what_is_found_goes_into_a_table_typed_and_once),
        TEST(what_is_collected_satisfies_the_table_alone),
        TEST(an_entry_is_judged_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
