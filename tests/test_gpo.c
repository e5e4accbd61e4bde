/* test_gpo.c - a GPO in memory: paths, files, extension names; text without case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "fold.h"
#include "gpo.h"
#include "hex.h"

static void files_stand_behind_their_folder_and_are_found_without_case(void **state)
{
    static const char *const paths[] = {"User/b",  "Machine-1", "Machine/a b", "machine/A",
                                        "Machine", "User",      "Machine/a/c"};
    static const char *const sorted[] = {"Machine",   "machine/A", "Machine/a/c", "Machine/a b",
                                         "Machine-1", "User",      "User/b"};
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(gpo_add_file(gpo, paths[i], false, i, NULL), 0);
    gpo_sort_files(gpo);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(gpo->files[i].path, sorted[i]);
    assert_int_equal(gpo_find_file(gpo, "USER/B")->size_bytes, 0);
    assert_null(gpo_find_file(gpo, "User/c"));
}

static void a_gpo_has_a_largest_number_of_files(void **state)
{
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    (void)state;
    for (int i = 0; i < GPO_FILES_MAX; i++)
        assert_int_equal(gpo_add_file(gpo, "x", false, 0, NULL), 0);
    assert_int_equal(gpo_add_file(gpo, "x", false, 0, NULL), GPMQ_ETOOBIG);
}

static void sizes_have_a_limit_each_and_together(void **state)
{
    static const struct {
        uint64_t sizes[5];
        int code;
        const char *words;
    } cases[] = {
        {{GPO_FILE_MAX, 0, 1}, 0, NULL},
        {{1, GPO_FILE_MAX + 1ull}, GPMQ_ETOOBIG, "file 1 has 1073741825 bytes"},
        {{UINT64_MAX, UINT64_MAX, 3}, GPMQ_ETOOBIG, "file 0 has 18446744073709551615 bytes"},
        {{GPO_FILE_MAX, GPO_FILE_MAX, GPO_FILE_MAX, GPO_FILE_MAX}, 0, NULL},
        {{GPO_FILE_MAX, GPO_FILE_MAX, GPO_FILE_MAX, GPO_FILE_MAX, 1},
         GPMQ_ETOOBIG,
         "4294967297 bytes together"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
        struct gpmq_error err = {0};
        char name[16];
        for (size_t k = 0; k < 5; k++) {
            snprintf(name, sizeof name, "file %zu", k);
            assert_int_equal(gpo_add_file(gpo, name, false, cases[i].sizes[k], NULL), 0);
        }
        assert_int_equal(gpo_sizes_check(gpo, &err), cases[i].code);
        if (cases[i].words)
            assert_non_null(strstr(err.text, cases[i].words));
    }
}

static void good_paths_pass_and_others_do_not(void **state)
{
    static const char *const good[] = {"a", "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
                                       "User/Documents & Settings/fdeploy1.ini", "Büro/政策.txt",
                                       "a/..b/.c"};
    static const char *const bad[] = {"",       "/a",   "a/",    "a//b", "..",
                                      "a/../b", ".",    "a\\b",  "a:b",  "a\tb",
                                      "a.",     "a /b", "a\x7f", "\xc3", "a/b./c"};
    char deep[2 * GPO_DEPTH_MAX + 2], longest[GPO_PATH_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(gpo_path_check(good[i], NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(gpo_path_check(bad[i], NULL), GPMQ_EMALFORMED);
    for (int i = 0; i <= GPO_DEPTH_MAX; i++)
        memcpy(deep + 2 * (size_t)i, "a/", 2);
    deep[2 * GPO_DEPTH_MAX + 1] = 0;
    assert_int_equal(gpo_path_check(deep, NULL), GPMQ_EMALFORMED);
    deep[2 * GPO_DEPTH_MAX - 1] = 0;
    assert_int_equal(gpo_path_check(deep, NULL), 0);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(gpo_path_check(longest, NULL), GPMQ_EMALFORMED);
}

#define CSE_A  "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
#define CSE_B  "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
#define TOOL_1 "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"
#define TOOL_2 "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}"

static void extension_names_are_counted_found_and_sorted(void **state)
{
    static const char names[] = "[" CSE_A TOOL_1 TOOL_2 "][" CSE_B TOOL_1 "]";
    CLEANUP(free_pointer) char *sorted = NULL;
    CLEANUP(free_pointer) char *space = NULL;
    (void)state;
    assert_int_equal(gpo_extension_count(names), 2);
    assert_int_equal(gpo_extension_count(NULL), 0);
    assert_true(gpo_extension_registered(names, "{827d319e-6eac-11d2-a4ea-00c04f79f83a}"));
    assert_false(gpo_extension_registered(names, TOOL_1));
    assert_int_equal(gpo_extensions_sort(names, &sorted, NULL), 0);
    assert_string_equal(sorted, "[" CSE_B TOOL_1 "][" CSE_A TOOL_1 TOOL_2 "]");
    assert_int_equal(gpo_extensions_sort(" ", &space, NULL), 0);
    assert_string_equal(space, " ");
}

static void malformed_extension_names_are_refused(void **state)
{
    static const char *const bad[] = {
        "x", "[]", "[" CSE_A, "[" CSE_A "]x", "[" CSE_A "x]", "[{]", "[" CSE_A "] [" CSE_B "]"};
    char *sorted = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(gpo_extensions_sort(bad[i], &sorted, NULL), GPMQ_EMALFORMED);
    assert_null(sorted);
}

static void text_is_compared_without_case(void **state)
{
    static const char *const same[][2] = {{"GptTmpl.inf", "gpttmpl.INF"},
                                          {"BÜRO ÄÖ", "büro äö"},
                                          {"ŁÓDŹ", "łódź"},
                                          {"ΑΘΗΝΑ", "αθηνα"},
                                          {"МОСКВА Ё", "москва ё"},
                                          {"政策", "政策"}};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_int_equal(fold_compare(same[i][0], same[i][1]), 0);
    assert_true(fold_compare("a", "B") < 0);
    assert_true(fold_compare("ab", "a") > 0);
    assert_true(fold_compare("\xff", "\xfe") > 0);
    assert_true(fold_compare("×", "÷") != 0); /* no letters, though 32 apart */
    assert_false(fold_is_utf8("\xed\xa0\x80", 3));
    assert_false(fold_is_utf8("\xc0\x80", 2));
    assert_true(fold_is_utf8("🗼", 4));
}

static void hex_is_read_and_written(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    uint8_t *none = NULL;
    size_t size;
    (void)state;
    assert_int_equal(hex_parse("01 fF\n0a", &bytes, &size, NULL), 0);
    assert_int_equal(size, 3);
    text = hex_text(bytes, size);
    assert_string_equal(text, "01 ff 0a");
    assert_int_equal(hex_parse("0", &none, &size, NULL), GPMQ_EMALFORMED);
    assert_int_equal(hex_parse("0 1", &none, &size, NULL), GPMQ_EMALFORMED);
    assert_int_equal(hex_parse("zz", &none, &size, NULL), GPMQ_EMALFORMED);
}

static void versions_have_the_user_side_above(void **state)
{
    (void)state;
    assert_int_equal(gpo_version_pack(1, 2), 0x00010002);
    assert_true(gpo_version_pack(0xFFFF, 0xFFFF) == 0xFFFFFFFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_stand_behind_their_folder_and_are_found_without_case),
        cmocka_unit_test(a_gpo_has_a_largest_number_of_files),
        cmocka_unit_test(sizes_have_a_limit_each_and_together),
        cmocka_unit_test(good_paths_pass_and_others_do_not),
        cmocka_unit_test(extension_names_are_counted_found_and_sorted),
        cmocka_unit_test(malformed_extension_names_are_refused),
        cmocka_unit_test(text_is_compared_without_case),
        cmocka_unit_test(hex_is_read_and_written),
        cmocka_unit_test(versions_have_the_user_side_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
