/* test_cli.c - what the command line decides without a broker: bars, names, suggestions, exits. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <cmocka.h>

#include "cleanup.h"
#include "cli_lines.h"
#include "cli_bars.h"
#include "cli_names.h"
#include "cli_output.h"
#include "cli_report_file.h"
#include "cli_suggest.h"
#include "cli_view.h"
#include "cli_when.h"

/* ---- text of others ------------------------------------------------------------------------ */

static void a_name_cannot_write_elsewhere_on_the_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *shown;
    } cases[] = {
        {"Büro 東京 – 1", "Büro 東京 – 1"},
        {"\x1b[31mred\x07", "?[31mred?"},
        {"two\nlines\ttab\x7f", "two?lines?tab?"},
        {"\xc2\x9b"
         "31m",
         "?31m"}, /* CSI in one character */
        {"evil\xe2\x80\xae"
         "gpj.exe",
         "evil?gpj.exe"}, /* right to left */
        {"a\xe2\x80\x8b"
         "b\xef\xbb\xbf",
         "a?b?"}, /* not seen */
        {"bad\xff\xc3", "bad??"},
        {"\x9b\x9b"
         "31m",
         "??31m"},
    };
    char line[OUT_LINE_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(out_line(cases[i].name, line), cases[i].shown);
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    char name[2 * OUT_LINE_SIZE + 1] = "", line[OUT_LINE_SIZE];
    for (size_t i = 0; i < OUT_LINE_SIZE; i++)
        memcpy(name + 2 * i, "ü", 3);
    assert_int_equal(strlen(out_line(name, line)), (OUT_LINE_SIZE - 1) / 2 * 2);
    assert_string_equal(out_line(NULL, line), "");
}

/* ---- bars ---------------------------------------------------------------------------------- */

/* Columns of a line, without what only colours it. */
static unsigned columns(const char *line)
{
    unsigned count = 0;
    mbstate_t state = {0};
    while (*line) {
        wchar_t wide;
        if (*line == '\x1b') {
            line = strchr(line, 'm') + 1;
            continue;
        }
        size_t bytes = mbrtowc(&wide, line, strlen(line), &state);
        assert_true(bytes != (size_t)-1 && bytes != (size_t)-2);
        count += (unsigned)wcwidth(wide);
        line += bytes;
    }
    return count;
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    static const char *const labels[] = {"", "Default Domain Policy", "Richtlinie für Müller",
                                         "ポリシー既定のドメイン", "bad \xff\xfe bytes\x1b[2J"};
    char line[BARS_LINE_BYTES];
    for (unsigned width = 0; width < 300; width++) {
        const struct bars_style style = {width, width % 2 == 0, width % 3 == 0};
        unsigned limit = width < BARS_WIDTH_MIN ? BARS_WIDTH_MIN : width;
        for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
            const struct bars_row row = {labels[i], "running", (int32_t)width, 280};
            unsigned used = bars_row_text(line, &style, &row);
            assert_int_equal(columns(line), used);
            assert_true(used <= limit);
        }
        const struct bars_total total = {123, 4, 123456, width / 300.0, 987654};
        unsigned used = bars_total_text(line, &style, &total);
        assert_int_equal(columns(line), used);
        assert_true(columns(line) <= limit);
    }
}

static void a_row_shows_label_bar_share_and_state(void **state)
{
    (void)state;
    char line[BARS_LINE_BYTES];
    const struct bars_style style = {.width = 60};
    const struct bars_row row = {"Default Domain Policy", "running", 5, 10};
    bars_row_text(line, &style, &row);
    assert_string_equal(line, "Default Domain Polic ###########...........  50% running    ");
}

static void a_total_shows_counts_rate_and_time_left(void **state)
{
    (void)state;
    char line[BARS_LINE_BYTES];
    const struct bars_style style = {.width = 70};
    const struct bars_total total = {10, 1, 40, 0.25, 20000};
    bars_total_text(line, &style, &total);
    assert_string_equal(line,
                        "10/40!                  ###............  25%  0.5/s  00:20, 01:00 left");
}

static void colour_and_unicode_only_where_asked_for(void **state)
{
    (void)state;
    char line[BARS_LINE_BYTES];
    const struct bars_row row = {"x", "running", 1, 2};
    bars_row_text(line, &(struct bars_style){.width = 80}, &row);
    for (const char *at = line; *at; at++)
        assert_true(*at >= ' ' && *at < 0x7f);
    bars_row_text(line, &(struct bars_style){.width = 80, .unicode = true, .colour = true}, &row);
    assert_non_null(strstr(line, "█"));
    assert_non_null(strstr(line, "\x1b[36m"));
}

static void a_label_never_moves_the_cursor(void **state)
{
    (void)state;
    char out[64];
    bars_fit(out, sizeof out, "a\x1b[2Jb\nc", 12);
    assert_string_equal(out, "a?[2Jb?c    ");
}

static void times_are_short_and_unknown_ones_say_so(void **state)
{
    (void)state;
    char text[BARS_TIME_SIZE];
    assert_string_equal(bars_time(0, text), "00:00");
    assert_string_equal(bars_time(61999, text), "01:01");
    assert_string_equal(bars_time(3723000, text), "1:02:03");
    assert_string_equal(bars_time(-1, text), "-:--");
    assert_string_equal(bars_time(INT64_MAX, text), "-:--");
    assert_int_equal(bars_left_ms(&(struct bars_total){.fraction = 0, .elapsed_ms = 5}), -1);
    assert_int_equal(bars_left_ms(&(struct bars_total){.fraction = 0.5, .elapsed_ms = 5000}), 5000);
}

/* ---- suggestions --------------------------------------------------------------------------- */

static void a_typo_is_recognized(void **state)
{
    (void)state;
    static const char *const names[] = {"backup", "import", "watch", "wait"};
    assert_string_equal(cli_suggest("bakup", names, 4), "backup");
    assert_string_equal(cli_suggest("improt", names, 4), "import");
    assert_string_equal(cli_suggest("wtach", names, 4), "watch");
    assert_null(cli_suggest("frobnicate", names, 4));
    assert_null(cli_suggest("", names, 4));
    assert_int_equal(cli_distance("ab", "ba"), 1);
    assert_int_equal(cli_distance("", "abc"), 3);
    assert_int_equal(cli_distance("kitten", "sitting"), 3);
}

/* ---- names --------------------------------------------------------------------------------- */

#define GUID_A "{AAAAAAAA-0000-0000-0000-000000000001}"
#define GUID_B "{BBBBBBBB-0000-0000-0000-000000000002}"
#define GUID_C "{CCCCCCCC-0000-0000-0000-000000000003}"

static struct cli_entries *entries_of(const char *json)
{
    struct cli_entries *entries = NULL;
    assert_int_equal(cli_entries_read(&entries, json, strlen(json), NULL), 0);
    return entries;
}

static void a_gpo_is_found_by_guid_in_any_form_and_by_name_without_case(void **state)
{
    (void)state;
    const struct cli_entry *found = NULL;
    CLEANUP(cli_entries_free)
    struct cli_entries *gpos =
        entries_of("[{\"id\":\"" GUID_A "\",\"display_name\":\"Default Domain Policy\"},"
                   "{\"id\":\"" GUID_B "\",\"display_name\":\"Twice\"},"
                   "{\"id\":\"" GUID_C "\",\"display_name\":\"TWICE\"}]");
    assert_int_equal(cli_find_gpo(&found, gpos, "default domain policy", "d", NULL), 0);
    assert_string_equal(found->id, GUID_A);
    assert_int_equal(cli_find_gpo(&found, gpos, "bbbbbbbb-0000-0000-0000-000000000002", "d", NULL),
                     0);
    assert_string_equal(found->id, GUID_B);
}

static void an_ambiguous_name_is_refused_with_the_candidates(void **state)
{
    (void)state;
    struct gpmq_error err;
    const struct cli_entry *found = NULL;
    CLEANUP(cli_entries_free)
    struct cli_entries *gpos = entries_of("[{\"id\":\"" GUID_B "\",\"display_name\":\"Twice\"},"
                                          "{\"id\":\"" GUID_C "\",\"display_name\":\"TWICE\"}]");
    assert_int_equal(cli_find_gpo(&found, gpos, "twice", "d", &err), GPMQ_EAMBIGUOUS);
    assert_non_null(strstr(err.text, GUID_B ", " GUID_C));
    assert_int_equal(cli_find_gpo(&found, gpos, "Twicee", "d", &err), GPMQ_ENOTFOUND);
    assert_non_null(strstr(err.text, "did you mean 'Twice'?"));
}

static void a_backup_s_name_means_its_newest(void **state)
{
    (void)state;
    struct gpmq_error err;
    const struct cli_entry *found = NULL;
    CLEANUP(cli_entries_free)
    struct cli_entries *backups =
        entries_of("[{\"id\":\"" GUID_A "\",\"gpo_id\":\"" GUID_C
                   "\",\"gpo_display_name\":\"P\",\"timestamp\":\"2026-01-02T00:00:00Z\"},"
                   "{\"id\":\"" GUID_B "\",\"gpo_id\":\"" GUID_C
                   "\",\"gpo_display_name\":\"P\",\"timestamp\":\"2026-01-01T00:00:00Z\"}]");
    assert_int_equal(cli_find_backup(&found, backups, "p", "r", NULL), 0);
    assert_string_equal(found->id, GUID_A);
    CLEANUP(cli_entries_free)
    struct cli_entries *mixed =
        entries_of("[{\"id\":\"" GUID_A "\",\"gpo_id\":\"" GUID_B "\",\"gpo_display_name\":\"P\"},"
                   "{\"id\":\"" GUID_B "\",\"gpo_id\":\"" GUID_C "\",\"gpo_display_name\":\"P\"}]");
    assert_int_equal(cli_find_backup(&found, mixed, "P", "r", &err), GPMQ_EAMBIGUOUS);
}

/* The same GUID stands for the Default Domain Policy of every domain. */
static void of_several_domains_only_one_is_meant(void **state)
{
    (void)state;
    struct gpmq_error err;
    const struct cli_entry *found = NULL;
    CLEANUP(cli_entries_free)
    struct cli_entries *backups =
        entries_of("[{\"id\":\"" GUID_A "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"a.test\","
                   "\"gpo_display_name\":\"P\",\"timestamp\":\"2026-01-01T00:00:00Z\"},"
                   "{\"id\":\"" GUID_B "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"b.test\","
                   "\"gpo_display_name\":\"P\",\"timestamp\":\"2026-01-02T00:00:00Z\"}]");
    assert_int_equal(cli_find_backup(&found, backups, "p", "r", NULL), 0);
    assert_string_equal(found->id, GUID_B);
    backups->dns_name = strdup("A.test");
    assert_int_equal(cli_find_backup(&found, backups, "p", "r", NULL), 0);
    assert_string_equal(found->id, GUID_A);
    assert_int_equal(cli_find_backup(&found, backups, GUID_B, "r", NULL), 0);
    assert_string_equal(found->id, GUID_B);
    free(backups->dns_name);
    backups->dns_name = strdup("c.test");
    assert_int_equal(cli_find_backup(&found, backups, "p", "r", &err), GPMQ_ENOTFOUND);
}

static void one_backup_of_each_gpo_is_the_newest(void **state)
{
    (void)state;
    CLEANUP(cli_entries_free)
    struct cli_entries *backups =
        entries_of("[{\"id\":\"" GUID_A "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"a.test\","
                   "\"timestamp\":\"2026-01-02T00:00:00Z\"},"
                   "{\"id\":\"" GUID_B "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"A.test\","
                   "\"timestamp\":\"2026-01-02T00:00:00Z\"},"
                   "{\"id\":\"" GUID_C "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"a.test\","
                   "\"timestamp\":\"2026-01-01T00:00:00Z\"},"
                   "{\"id\":\"" GUID_C "\",\"gpo_id\":\"" GUID_C "\",\"gpo_domain\":\"b.test\","
                   "\"timestamp\":\"2026-01-01T00:00:00Z\"}]");
    static const bool newest[] = {false, true, false, true};
    for (size_t i = 0; i < backups->count; i++)
        assert_int_equal(cli_is_newest(backups, &backups->items[i]), newest[i]);
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "{", "7", "{}", "[7]", "[{\"id\":\"nonsense\"}]", "[{\"id\":7}]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cli_entries *entries = NULL;
        assert_int_equal(cli_entries_read(&entries, texts[i], strlen(texts[i]), NULL),
                         GPMQ_EMALFORMED);
        assert_null(entries);
    }
}

/* ---- times --------------------------------------------------------------------------------- */

static void a_duration_is_a_number_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {{"90", 90}, {"90s", 90}, {"15m", 900}, {"2h", 7200}, {"7d", 604800}};
    static const char *const wrong[] = {"",   "s",   "0",   "-5",    "1.5h",
                                        "5x", "5 m", "2hh", "4000d", "99999999999999999999"};
    int64_t ms;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(cli_duration_parse(&ms, cases[i].text, NULL), 0);
        assert_int_equal(ms, cases[i].seconds * 1000);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(cli_duration_parse(&ms, wrong[i], NULL), GPMQ_EINVAL);
}

#define NOON_MS INT64_C(1795867200000) /* 2026-11-28T12:00:00Z */

static void a_time_is_from_now_on_or_of_the_day_or_a_date(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t after_noon_s;
    } cases[] = {
        {"+2h", 7200},
        {"90", 90},
        {"12:30Z", 1800},
        {"11:59Z", 86400 - 60},
        {"12:00Z", 86400}, /* the next one, not now */
        {"2026-11-29Z", 43200},
        {"2026-11-28T12:01Z", 60},
        {"2026-11-28 12:00:05Z", 5},
    };
    static const char *const wrong[] = {
        "",  "soon", "25:00",       "12:00:00:00",       "2026-13-01",
        "Z", "+",    "1969-01-01Z", "2026-11-28T12:01ZZ"};
    int64_t ms;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(cli_time_parse(&ms, cases[i].text, NOON_MS, NULL), 0);
        assert_int_equal(ms, NOON_MS + cases[i].after_noon_s * 1000);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(cli_time_parse(&ms, wrong[i], NOON_MS, NULL), GPMQ_EINVAL);
}

static void a_time_without_a_z_is_local(void **state)
{
    (void)state;
    int64_t ms;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    assert_int_equal(cli_time_parse(&ms, "13:30", NOON_MS, NULL), 0);
    assert_int_equal(ms, NOON_MS + 1800 * 1000);
    assert_int_equal(cli_time_parse(&ms, "2026-11-28T13:00:01", NOON_MS, NULL), 0);
    assert_int_equal(ms, NOON_MS + 1000);
    assert_int_equal(cli_time_parse(&ms, "2026-07-01T14:00", NOON_MS, NULL), 0);
    assert_int_equal(ms, INT64_C(1782907200000)); /* 12:00 UTC, in summer */
    unsetenv("TZ");
    tzset();
}

/* ---- exits --------------------------------------------------------------------------------- */

static void every_mixture_of_ends_has_its_exit_code(void **state)
{
    (void)state;
    static const struct {
        struct view_counts counts;
        int code;
    } cases[] = {
        {{0}, 0},
        {{.expected = 3, .succeeded = 3}, 0},
        {{.expected = 1, .failed = 1}, 1},
        {{.expected = 3, .failed = 3}, 1},
        {{.expected = 2, .failed = 2, .refused = 2}, 1},
        {{.expected = 3, .succeeded = 2, .failed = 1}, 3},
        {{.expected = 3, .succeeded = 2, .failed = 1, .refused = 1}, 3},
        {{.expected = 3, .succeeded = 2, .cancelled = 1}, 4},
        {{.expected = 1, .cancelled = 1}, 4},
        {{.expected = 2, .expired = 2}, 8},
        {{.expected = 2, .expired = 1, .succeeded = 1}, 3},
        {{.expected = 5, .damaged = 1, .succeeded = 4}, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(view_exit(&cases[i].counts), cases[i].code);
}

/* ---- lines --------------------------------------------------------------------------------- */

static void lines_that_two_texts_share_are_found(void **state)
{
    static const struct {
        const char *from, *to, *signs;
    } cases[] = {
        {"", "", ""},
        {"a", "a", " "},
        {"a\nb\nc", "a\nc", " - "},
        {"a\nc", "a\nb\nc", " + "},
        {"a\nb", "c\nd", "--++"},
        {"", "a\nb", "++"},
        {"a\nb\nc\nd", "b\nx\nd", "- -+ "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(free_pointer) char *from = strdup(cases[i].from);
        CLEANUP(free_pointer) char *to = strdup(cases[i].to);
        CLEANUP(free_pointer) struct lines_row *rows = NULL;
        size_t count;
        assert_int_equal(lines_compare(&rows, &count, from, to), 0);
        assert_int_equal(count, strlen(cases[i].signs));
        for (size_t k = 0; k < count; k++)
            assert_int_equal(rows[k].sign, cases[i].signs[k]);
    }
}

static void very_long_texts_are_new_altogether(void **state)
{
    size_t size = 2 * (LINES_COMPARED_MAX + 1), count;
    CLEANUP(free_pointer) char *from = malloc(size + 1);
    CLEANUP(free_pointer) char *to = strdup("x");
    CLEANUP(free_pointer) struct lines_row *rows = NULL;
    (void)state;
    for (size_t i = 0; i < size; i++)
        from[i] = i % 2 ? '\n' : 'x';
    from[size - 1] = 0;
    assert_int_equal(lines_compare(&rows, &count, from, to), 0);
    assert_int_equal(count, LINES_COMPARED_MAX + 2);
}

/* ---- files of reports ----------------------------------------------------------------------- */

static void a_report_s_file_is_named_after_the_gpo_as_far_as_files_may_be(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file;
    } cases[] = {
        {"Default Domain Policy", "Default Domain Policy {1}.html"},
        {"../../etc/passwd", "_._.._etc_passwd {1}.html"},
        {"C-<Site>: a\\b|c?*\"", "C-_Site__ a_b_c___ {1}.html"},
        {"\xE2\x80\xAEgpj.exe\x1B", "_gpj.exe_ {1}.html"},
        {".hidden", "_hidden {1}.html"},
        {"", "{1}.html"},
    };
    char out[REPORT_NAME_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(report_file_name(cases[i].name, "{1}", "html", out), cases[i].file);
}

static void a_report_s_file_name_has_a_limit_between_characters(void **state)
{
    (void)state;
    char name[401], out[REPORT_NAME_SIZE];
    for (size_t i = 0; i < 400; i += 4)
        memcpy(name + i, "\xF0\x9F\x98\x80", 4);
    name[400] = 0;
    report_file_name(name, "{1}", "xml", out);
    assert_true(strlen(out) < 140);
    assert_true(mbstowcs(NULL, out, 0) != (size_t)-1);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_two_texts_share_are_found),
        cmocka_unit_test(very_long_texts_are_new_altogether),
        cmocka_unit_test(a_name_cannot_write_elsewhere_on_the_terminal),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(a_row_shows_label_bar_share_and_state),
        cmocka_unit_test(a_total_shows_counts_rate_and_time_left),
        cmocka_unit_test(colour_and_unicode_only_where_asked_for),
        cmocka_unit_test(a_label_never_moves_the_cursor),
        cmocka_unit_test(times_are_short_and_unknown_ones_say_so),
        cmocka_unit_test(a_typo_is_recognized),
        cmocka_unit_test(a_gpo_is_found_by_guid_in_any_form_and_by_name_without_case),
        cmocka_unit_test(an_ambiguous_name_is_refused_with_the_candidates),
        cmocka_unit_test(a_backup_s_name_means_its_newest),
        cmocka_unit_test(of_several_domains_only_one_is_meant),
        cmocka_unit_test(one_backup_of_each_gpo_is_the_newest),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(a_duration_is_a_number_and_a_unit),
        cmocka_unit_test(a_time_is_from_now_on_or_of_the_day_or_a_date),
        cmocka_unit_test(a_time_without_a_z_is_local),
        cmocka_unit_test(every_mixture_of_ends_has_its_exit_code),
        cmocka_unit_test(a_report_s_file_is_named_after_the_gpo_as_far_as_files_may_be),
        cmocka_unit_test(a_report_s_file_name_has_a_limit_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
