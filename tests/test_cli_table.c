/* Migration tables as files of this machine: read within a limit, written whole or not at all. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "cli_table_file.h"
#include "scratch.h"

static int set_up(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    scratch_make(scratch);
    *state = scratch;
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(*state);
    free(*state);
    return 0;
}

static int read_file(const struct scratch *scratch, const char *name, size_t *size)
{
    char path[SCRATCH_PATH_SIZE];
    CLEANUP(free_pointer) unsigned char *bytes = NULL;
    return cli_table_read(&bytes, size, scratch_path(scratch, name, path), NULL);
}

static size_t entries(const struct scratch *scratch)
{
    DIR *folder = opendir(scratch->path);
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void what_begins_as_xml_is_read(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int rc;
    } rows[] = {
        {"\xFF\xFE<\0?\0", 6, 0},
        {"\xFE\xFF\0<\0?", 6, 0},
        {"\xEF\xBB\xBF<a/>", 7, 0},
        {"<a/>", 4, 0},
        {"\0<\0a", 4, 0},
        {"", 0, GPMQ_EINVAL},
        {"<a", 2, GPMQ_EINVAL},
        {"root:x:0:0", 10, GPMQ_EINVAL},
        {"\xFF\xFEx\0", 4, GPMQ_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = 0;
        scratch_write(*state, "a.migtable", rows[i].bytes, rows[i].size);
        assert_int_equal(read_file(*state, "a.migtable", &size), rows[i].rc);
        if (!rows[i].rc)
            assert_int_equal(size, rows[i].size);
    }
}

static void a_table_has_a_limit(void **state)
{
    char path[SCRATCH_PATH_SIZE];
    size_t size = 0;
    scratch_write(*state, "big", "<a/>", 4);
    scratch_path(*state, "big", path);
    assert_int_equal(truncate(path, CLI_TABLE_MAX), 0);
    assert_int_equal(read_file(*state, "big", &size), 0);
    assert_int_equal(size, CLI_TABLE_MAX);
    assert_int_equal(truncate(path, CLI_TABLE_MAX + 1), 0);
    assert_int_equal(read_file(*state, "big", &size), GPMQ_ETOOBIG);
}

static void what_is_not_there_cannot_be_read(void **state)
{
    size_t size;
    assert_int_equal(read_file(*state, "none", &size), GPMQ_ENOTFOUND);
}

static void a_table_takes_the_place_of_the_one_before_and_leaves_nothing(void **state)
{
    char path[SCRATCH_PATH_SIZE];
    size_t size;
    scratch_path(*state, "a.migtable", path);
    assert_int_equal(cli_table_write(path, "<first/>", 8, NULL), 0);
    assert_int_equal(cli_table_write(path, "<second/>", 9, NULL), 0);
    assert_int_equal(read_file(*state, "a.migtable", &size), 0);
    assert_int_equal(size, 9);
    assert_int_equal(entries(*state), 1);
}

static void a_table_that_cannot_be_written_leaves_nothing(void **state)
{
    char path[SCRATCH_PATH_SIZE];
    struct gpmq_error err;
    assert_int_not_equal(
        cli_table_write(scratch_path(*state, "no/such.migtable", path), "<a/>", 4, &err), 0);
    scratch_path(*state, "folder", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_not_equal(cli_table_write(path, "<a/>", 4, &err), 0); /* a folder is in its place */
    assert_int_equal(entries(*state), 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_begins_as_xml_is_read),
        TEST(a_table_has_a_limit),
        TEST(what_is_not_there_cannot_be_read),
        TEST(a_table_takes_the_place_of_the_one_before_and_leaves_nothing),
        TEST(a_table_that_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
