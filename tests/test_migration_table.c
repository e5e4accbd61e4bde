/* Migration tables: what stands in one, and the file that GPMC writes and reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "migration_table_file.h"
#include "text.h"

#define NAMESPACE "http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable"
#define OPEN      "<MigrationTable xmlns='" NAMESPACE "'>"
#define CLOSE     "</MigrationTable>"

static struct migration_table *a_table(void)
{
    struct migration_table *table = migration_table_new();
    assert_non_null(table);
    return table;
}

static int add(struct migration_table *table, enum migration_type type, const char *source,
               enum migration_option option, const char *destination, struct gpmq_error *err)
{
    struct migration_entry entry = {.type = type,
                                    .option = option,
                                    .source = (char *)source,
                                    .destination = (char *)destination};
    return migration_table_add(table, &entry, err);
}

static void must_add(struct migration_table *table, enum migration_type type, const char *source,
                     enum migration_option option, const char *destination)
{
    struct gpmq_error err = {0};
    if (add(table, type, source, option, destination, &err))
        fail_msg("%s", err.text);
}

static struct migration_table *read_bytes(const void *bytes, size_t size)
{
    struct migration_table *table = NULL;
    struct gpmq_error err = {0};
    if (migration_table_read(&table, bytes, size, "a.migtable", &err))
        fail_msg("%s", err.text);
    return table;
}

static void *written(const struct migration_table *table, size_t *size)
{
    void *bytes = NULL;
    struct gpmq_error err = {0};
    if (migration_table_write(&bytes, size, table, &err))
        fail_msg("%s", err.text);
    return bytes;
}

/* A file of tests/data/migration_table. */
static void *golden(const char *name, size_t *size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/data/migration_table/%s", getenv("GPMQ_SOURCE_DIR"),
             name);
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(65536);
    *size = fread(bytes, 1, 65536, file);
    assert_true(*size > 0 && *size < 65536);
    return bytes;
}

/* ---- the model ------------------------------------------------------------------------------ */

/* Whether a type can have an option: a path is no account. */
static bool is_possible(enum migration_type type, enum migration_option option)
{
    return type != MIGRATION_UNC_PATH || option == MIGRATION_SAME_AS_SOURCE ||
           option == MIGRATION_SET;
}

static void every_type_takes_every_option_but_a_path_those_of_accounts(void **state)
{
    (void)state;
    for (int type = 0; type < MIGRATION_TYPE_END; type++)
        for (int option = 0; option < MIGRATION_OPTION_END; option++) {
            CLEANUP(migration_table_free) struct migration_table *table = a_table();
            const char *destination = option == MIGRATION_SET ? "\\\\b\\c" : NULL;
            int rc = add(table, type, "\\\\a\\b", option, destination, NULL);
            assert_int_equal(rc, is_possible(type, option) ? 0 : GPMQ_EINVAL);
            assert_int_equal(migration_table_count(table), rc == 0);
            if (rc)
                continue;
            const struct migration_entry *entry = migration_table_get(table, "\\\\A\\B");
            assert_int_equal(entry->type, type);
            assert_int_equal(entry->option, option);
            assert_true(destination ? !strcmp(entry->destination, destination)
                                    : !entry->destination);
        }
}

static void the_numbers_are_those_of_gpmc(void **state)
{
    (void)state;
    static const char *const names[] = {"User",           "Computer", "LocalGroup", "GlobalGroup",
                                        "UniversalGroup", "UNCPath",  "Unknown"};
    enum migration_type type;
    for (int i = 0; i < MIGRATION_TYPE_END; i++) {
        assert_string_equal(migration_type_name(i), names[i]);
        assert_true(migration_type_find(&type, names[i]));
        assert_int_equal(type, i);
    }
    assert_false(migration_type_find(&type, "Group"));
    assert_int_equal(MIGRATION_SET, 3);
}

static void a_source_stands_in_a_table_once_and_is_found_without_case(void **state)
{
    (void)state;
    CLEANUP(migration_table_free) struct migration_table *table = a_table();
    char name[32];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "DOMAIN\\user%d", i * 37 % 200);
        must_add(table, MIGRATION_USER, name, MIGRATION_NONE, NULL);
    }
    assert_int_equal(
        add(table, MIGRATION_GLOBAL_GROUP, "domain\\USER7", MIGRATION_NONE, NULL, NULL),
        GPMQ_EEXIST);
    assert_int_equal(migration_table_count(table), 200);
    assert_string_equal(migration_table_at(table, 1)->source, "DOMAIN\\user37");
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "domain\\USER%d", i);
        assert_non_null(migration_table_get(table, name));
    }
    assert_null(migration_table_get(table, "DOMAIN\\user200"));
}

static void entries_are_deleted_and_get_other_destinations(void **state)
{
    (void)state;
    CLEANUP(migration_table_free) struct migration_table *table = a_table();
    static const char *const names[] = {"c", "a", "d", "b"};
    for (size_t i = 0; i < 4; i++)
        must_add(table, MIGRATION_UNKNOWN, names[i], MIGRATION_SAME_AS_SOURCE, NULL);
    assert_int_equal(migration_table_delete(table, "A", NULL), 0);
    assert_int_equal(migration_table_delete(table, "A", NULL), GPMQ_ENOTFOUND);
    assert_int_equal(migration_table_count(table), 3);
    assert_string_equal(migration_table_at(table, 1)->source, "d");
    assert_int_equal(migration_table_update(table, "B", MIGRATION_SET, "x", NULL), 0);
    assert_string_equal(migration_table_get(table, "b")->destination, "x");
    assert_string_equal(migration_table_get(table, "b")->source, "b");
    assert_int_equal(migration_table_update(table, "b", MIGRATION_SET, NULL, NULL), GPMQ_EINVAL);
    assert_int_equal(migration_table_update(table, "b", MIGRATION_NONE, "x", NULL), GPMQ_EINVAL);
    assert_string_equal(migration_table_get(table, "b")->destination, "x");
    assert_int_equal(migration_table_update(table, "a", MIGRATION_NONE, NULL, NULL),
                     GPMQ_ENOTFOUND);
    assert_int_equal(migration_table_update(table, "c", MIGRATION_NONE, NULL, NULL), 0);
    assert_null(migration_table_get(table, "c")->destination);
}

static void entries_that_say_nothing_are_refused(void **state)
{
    (void)state;
    CLEANUP(migration_table_free) struct migration_table *table = a_table();
    char *big = calloc(1, MIGRATION_TEXT_MAX + 2);
    memset(big, 'x', MIGRATION_TEXT_MAX + 1);
    assert_int_equal(add(table, MIGRATION_USER, "", MIGRATION_NONE, NULL, NULL), GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_USER, "a\nb", MIGRATION_NONE, NULL, NULL), GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_USER, "\xFF", MIGRATION_NONE, NULL, NULL), GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_USER, "a", MIGRATION_SET, "", NULL), GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_UNC_PATH, "C:\\a", MIGRATION_SAME_AS_SOURCE, NULL, NULL),
                     GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_UNC_PATH, "\\\\a", MIGRATION_SET, "D:\\", NULL),
                     GPMQ_EINVAL);
    assert_int_equal(add(table, MIGRATION_USER, big, MIGRATION_NONE, NULL, NULL), GPMQ_ETOOBIG);
    big[MIGRATION_TEXT_MAX] = 0;
    assert_int_equal(add(table, MIGRATION_USER, big, MIGRATION_SET, big, NULL), 0);
    assert_int_equal(migration_table_count(table), 1);
    free(big);
}

static void a_table_has_a_limit(void **state)
{
    (void)state;
    CLEANUP(migration_table_free) struct migration_table *table = a_table();
    char name[32];
    for (int i = 0; i < MIGRATION_ENTRIES_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        must_add(table, MIGRATION_UNKNOWN, name, MIGRATION_NONE, NULL);
    }
    assert_int_equal(add(table, MIGRATION_UNKNOWN, "more", MIGRATION_NONE, NULL, NULL),
                     GPMQ_ETOOBIG);
    size_t size;
    CLEANUP(free_pointer) void *file = written(table, &size);
    CLEANUP(migration_table_free) struct migration_table *again = read_bytes(file, size);
    assert_int_equal(migration_table_count(again), MIGRATION_ENTRIES_MAX);
}

/* ---- the file ------------------------------------------------------------------------------- */

static void a_table_is_written_as_gpmc_writes_it(void **state)
{
    (void)state;
    CLEANUP(migration_table_free) struct migration_table *table = a_table();
    must_add(table, MIGRATION_USER, "NORTH\\anna", MIGRATION_SET, "SOUTH\\anna");
    must_add(table, MIGRATION_COMPUTER, "NORTH\\PRINT01$", MIGRATION_BY_RELATIVE_NAME, NULL);
    must_add(table, MIGRATION_LOCAL_GROUP, "print.operators@north.test", MIGRATION_NONE, NULL);
    must_add(table, MIGRATION_GLOBAL_GROUP, "north.test\\Help Desk", MIGRATION_SET,
             "help.desk@south.test");
    must_add(table, MIGRATION_UNIVERSAL_GROUP, "NORTH\\M\xC3\xBCller & S\xC3\xB6hne",
             MIGRATION_SAME_AS_SOURCE, NULL);
    must_add(table, MIGRATION_UNC_PATH, "\\\\files.north.test\\profiles$\\%USERNAME%",
             MIGRATION_SET, "\\\\files.south.test\\profiles$\\%USERNAME%");
    must_add(table, MIGRATION_UNKNOWN, "S-1-5-21-1-2-3-1107", MIGRATION_BY_RELATIVE_NAME, NULL);
    must_add(table, MIGRATION_UNKNOWN, "ADD YOUR DOMAIN ADMINS", MIGRATION_SET, "Domain Admins");
    size_t size, wanted_size;
    CLEANUP(free_pointer) void *file = written(table, &size);
    CLEANUP(free_pointer) void *wanted = golden("every_option.migtable", &wanted_size);
    assert_int_equal(size, wanted_size);
    assert_memory_equal(file, wanted, size);
}

static void what_was_read_is_written_to_the_same_bytes(void **state)
{
    (void)state;
    size_t size, again_size;
    CLEANUP(free_pointer) void *file = golden("every_option.migtable", &size);
    CLEANUP(migration_table_free) struct migration_table *table = read_bytes(file, size);
    assert_int_equal(migration_table_count(table), 8);
    CLEANUP(free_pointer) void *again = written(table, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(file, again, size);
}

static void a_table_in_utf_8_and_of_another_order_is_read(void **state)
{
    (void)state;
    size_t size;
    CLEANUP(free_pointer) void *file = golden("utf8.migtable", &size);
    CLEANUP(migration_table_free) struct migration_table *table = read_bytes(file, size);
    assert_int_equal(migration_table_count(table), 1);
    const struct migration_entry *entry = migration_table_get(table, "north\\ANNA");
    assert_int_equal(entry->option, MIGRATION_NONE);
    assert_int_equal(entry->type, MIGRATION_USER);
}

static void an_empty_table_is_a_table(void **state)
{
    (void)state;
    size_t size, again_size;
    CLEANUP(free_pointer) void *file = golden("empty.migtable", &size);
    CLEANUP(migration_table_free) struct migration_table *table = read_bytes(file, size);
    assert_int_equal(migration_table_count(table), 0);
    CLEANUP(free_pointer) void *again = written(table, &again_size);
    CLEANUP(migration_table_free) struct migration_table *second = read_bytes(again, again_size);
    assert_int_equal(migration_table_count(second), 0);
}

static void a_file_that_is_no_table_is_refused_by_element_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        int code;
    } rows[] = {
        {"", "", GPMQ_EMALFORMED},
        {"<a/>", "no MigrationTable", GPMQ_EMALFORMED},
        {"<MigrationTable/>", "no MigrationTable", GPMQ_EMALFORMED},
        {OPEN "\n<Map/>" CLOSE, "line 2: no element 'Map' belongs in MigrationTable",
         GPMQ_EMALFORMED},
        {OPEN "<Mapping xmlns='x'/>" CLOSE, "'Mapping' of that namespace", GPMQ_EMALFORMED},
        {OPEN "\n<Mapping>\n<Kind/></Mapping>" CLOSE, "line 3: no element 'Kind'", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><DestinationNone/></Mapping>" CLOSE, "without Source",
         GPMQ_EMALFORMED},
        {OPEN "<Mapping><Source>a</Source><DestinationNone/></Mapping>" CLOSE, "without Type",
         GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source></Mapping>" CLOSE, "without Destination",
         GPMQ_EMALFORMED},
        {OPEN "\n<Mapping><Type>Group</Type><Source>a</Source><DestinationNone/></Mapping>" CLOSE,
         "line 2: no Type 'Group'", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source><Source>b</Source></Mapping>" CLOSE,
         "Source and Source", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source><DestinationNone/>"
              "<Destination>b</Destination></Mapping>" CLOSE,
         "DestinationNone and Destination", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a<b/></Source><DestinationNone/></Mapping>" CLOSE,
         "no element 'b'", GPMQ_EMALFORMED},
        {OPEN "\n<Mapping><Type>UNCPath</Type><Source>\\\\a\\b</Source><DestinationNone/>"
              "</Mapping>" CLOSE,
         "line 2: a UNC path cannot have DestinationNone", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source><DestinationNone>b</DestinationNone>"
              "</Mapping>" CLOSE,
         "DestinationNone has no text", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source><Destination/></Mapping>" CLOSE,
         "without a destination", GPMQ_EMALFORMED},
        {OPEN "<Mapping><Type>User</Type><Source>a</Source><DestinationNone/></Mapping>"
              "\n<Mapping><Type>User</Type><Source>A</Source><DestinationNone/></Mapping>" CLOSE,
         "line 2: 'A' is in the migration table already", GPMQ_EMALFORMED},
        {"<!DOCTYPE a>" OPEN CLOSE, "DOCTYPE", GPMQ_EMALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct migration_table *table = NULL;
        struct gpmq_error err = {0};
        int rc =
            migration_table_read(&table, rows[i].text, strlen(rows[i].text), "a.migtable", &err);
        assert_int_equal(rc, rows[i].code);
        assert_int_equal(err.code, rows[i].code);
        assert_null(table);
        if (!strstr(err.text, rows[i].says) || !strstr(err.text, "a.migtable"))
            fail_msg("row %zu says: %s", i, err.text);
    }
}

static void text_goes_out_in_the_form_it_came_in(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
    for (enum text_form form = TEXT_UTF8; form <= TEXT_UTF16_BE; form++) {
        CLEANUP(bytes_free) struct bytes out = {0};
        CLEANUP(free_pointer) char *again = NULL;
        size_t mark, size;
        text_put_mark(&out, form);
        assert_int_equal(text_put(&out, form, text, sizeof text - 1, NULL), 0);
        assert_int_equal(text_form(out.at, out.size, &mark), form);
        assert_int_equal(
            text_piece_to_utf8(&again, &size, out.at + mark, out.size - mark, form, NULL), 0);
        assert_string_equal(again, text);
    }
    CLEANUP(bytes_free) struct bytes ansi = {0};
    assert_int_equal(text_put(&ansi, TEXT_8BIT, text, 6, NULL), 0);
    assert_memory_equal(ansi.at, "a\xFC\x80", 3);
    assert_int_equal(text_put(&ansi, TEXT_8BIT, text + 6, 4, NULL), GPMQ_EMALFORMED);
    assert_int_equal(text_put(&ansi, TEXT_UTF8, "\xFF", 1, NULL), GPMQ_EMALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_takes_every_option_but_a_path_those_of_accounts),
        cmocka_unit_test(the_numbers_are_those_of_gpmc),
        cmocka_unit_test(a_source_stands_in_a_table_once_and_is_found_without_case),
        cmocka_unit_test(entries_are_deleted_and_get_other_destinations),
        cmocka_unit_test(entries_that_say_nothing_are_refused),
        cmocka_unit_test(a_table_has_a_limit),
        cmocka_unit_test(a_table_is_written_as_gpmc_writes_it),
        cmocka_unit_test(what_was_read_is_written_to_the_same_bytes),
        cmocka_unit_test(a_table_in_utf_8_and_of_another_order_is_read),
        cmocka_unit_test(an_empty_table_is_a_table),
        cmocka_unit_test(a_file_that_is_no_table_is_refused_by_element_and_line),
        cmocka_unit_test(text_goes_out_in_the_form_it_came_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
