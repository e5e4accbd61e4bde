/* test_registry_pol.c - registry.pol is parsed by size and written back byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "make_pol.h"
#include "registry_pol.h"
#include "samples.h"

static const char text[] = "MACHINE\\Software\\Policies\\A | Enabled | REG_DWORD | 1\n"
                           "# a comment\n\n"
                           "Software\\Policies\\A | Path | REG_EXPAND_SZ | %TEMP%\n"
                           "Software\\Policies\\A | List | REG_MULTI_SZ | one ; zwei ä\n"
                           "Software\\Policies\\A | None | REG_MULTI_SZ |\n"
                           "Software\\Policies\\A | **del.Old | REG_SZ |\n"
                           "Software\\Policies\\A | Blob | REG_BINARY | 5d 00 3b 00\n"
                           "Software\\Policies\\A | Big | REG_QWORD | 0x100000000\n"
                           "Software\\Policies\\A |  | REG_NONE |\n";

/* Walks over a file and writes every record again. */
static int rewrite(const void *bytes, size_t size, struct bytes *out, size_t *records)
{
    struct registry_walk walk;
    struct registry_record record;
    bool more = true;
    int rc = registry_pol_open(&walk, bytes, size, NULL);
    registry_pol_begin(out);
    while (!rc && more) {
        rc = registry_pol_next(&walk, &record, &more, NULL);
        if (!rc && more)
            registry_pol_put(out, &record);
    }
    if (!rc)
        *records += walk.number;
    return rc;
}

static void every_type_comes_back_as_it_went(void **state)
{
    CLEANUP(bytes_free) struct bytes pol = {0};
    CLEANUP(bytes_free) struct bytes again = {0};
    size_t records = 0, checked;
    (void)state;
    assert_int_equal(make_pol(text, &pol, NULL), 0);
    assert_int_equal(rewrite(pol.at, pol.size, &again, &records), 0);
    assert_int_equal(records, 8);
    assert_int_equal(again.size, pol.size);
    assert_memory_equal(again.at, pol.at, pol.size);
    assert_int_equal(registry_pol_check(pol.at, pol.size, &checked, NULL), 0);
    assert_int_equal(checked, 8);
    assert_int_equal(registry_pol_check(pol.at, 8, &checked, NULL), 0);
    assert_int_equal(checked, 0);
}

static void the_first_record_is_as_windows_writes_it(void **state)
{
    static const uint8_t expected[] = "PReg\1\0\0\0[\0K\0\0\0;\0V\0\0\0;\0\4\0\0\0;\0\4\0\0\0;\0"
                                      "\1\0\0\0]";
    CLEANUP(bytes_free) struct bytes pol = {0};
    (void)state;
    assert_int_equal(make_pol("K | V | REG_DWORD | 1", &pol, NULL), 0);
    assert_int_equal(pol.size, sizeof expected);
    assert_memory_equal(pol.at, expected, sizeof expected);
}

static void a_cut_or_lying_file_is_damaged_and_names_the_record(void **state)
{
    CLEANUP(bytes_free) struct bytes pol = {0};
    struct gpmq_error err;
    size_t whole = 0;
    (void)state;
    assert_int_equal(make_pol(text, &pol, NULL), 0);
    for (size_t cut = 0; cut < pol.size; cut++) {
        CLEANUP(free_pointer) uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, pol.at, cut);
        int rc = registry_pol_check(part, cut, NULL, &err);
        whole += rc == 0;
        assert_true(rc == 0 || rc == GPMQ_EDAMAGED);
    }
    assert_int_equal(whole, 8); /* where a record ends, or the header */
    for (size_t at = 0; at < pol.size; at++) {
        uint8_t before = pol.at[at];
        pol.at[at] ^= 0xFF;
        int rc = registry_pol_check(pol.at, pol.size, NULL, NULL);
        assert_true(rc == 0 || rc == GPMQ_EDAMAGED);
        pol.at[at] = before;
    }
    assert_int_equal(registry_pol_check(pol.at, pol.size - 1, NULL, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "record 8"));
}

struct tally {
    size_t files;
    size_t records;
};

static void judge_sample(void *arg, const char *path, const char *bytes, size_t size)
{
    struct tally *tally = arg;
    CLEANUP(bytes_free) struct bytes again = {0};
    if (rewrite(bytes, size, &again, &tally->records) != 0 || again.size != size ||
        memcmp(again.at, bytes, size) != 0)
        fail_msg("%s: the rewrite differs", path);
    tally->files++;
}

static void real_files_are_rewritten_byte_for_byte(void **state)
{
    struct tally tally = {0};
    (void)state;
    if (!samples_each("registry.pol", judge_sample, &tally))
        skip();
    print_message("%zu files, %zu records\n", tally.files, tally.records);
    assert_true(tally.files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back_as_it_went),
        cmocka_unit_test(the_first_record_is_as_windows_writes_it),
        cmocka_unit_test(a_cut_or_lying_file_is_damaged_and_names_the_record),
        cmocka_unit_test(real_files_are_rewritten_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
