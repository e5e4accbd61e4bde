/* test_settings_reports.c - the settings of our own reports of the real backups: nothing of them is
 * lost, and they are those of the reports that Windows wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_backup.h"
#include "report_kept.h"
#include "repository_fixture.h"
#include "settings_diff.h"
#include "settings_look.h"

struct read {
    struct xml_document *document;
    struct settings list;
};

static void read_free(struct read *read)
{
    settings_free(&read->list);
    xml_free(&read->document);
}

static void read_bytes(struct read *read, const char *name, const void *bytes, size_t size)
{
    struct gpmq_error err;
    if (xml_read(&read->document, bytes, size, name, &err) ||
        settings_read(&read->list, read->document, &err))
        fail_msg("%s: %s", name, err.text);
}

static void read_theirs(struct read *read, const struct sample *sample)
{
    char id[GPMQ_GUID_TEXT_SIZE], path[GPMQ_GUID_TEXT_SIZE + 16];
    size_t size;
    snprintf(path, sizeof path, "%s/gpreport.xml", gpmq_guid_text(&sample->id, id));
    CLEANUP(free_pointer) char *bytes = fixture_read(sample->repository, path, &size);
    assert_non_null(bytes);
    read_bytes(read, path, bytes, size);
}

static void read_ours(struct read *read, const struct sample *sample)
{
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct gpmq_error err;
    struct report_source source;
    size_t size;
    if (repository_open(&repository, sample->repository, false, &err) ||
        repository_read(repository, &sample->id, &backup, &err) ||
        report_kept_read(&kept, repository, backup, &err))
        fail_msg("%s", err.text);
    struct report_backup from = {.repository = repository, .backup = backup, .kept = &kept};
    report_backup_source(&source, &from);
    if (report_xml(&text, &size, &source, &err))
        fail_msg("%s", err.text);
    read_bytes(read, sample->repository, text, size);
}

static void every_text_of_our_reports_is_in_one_setting(void **state)
{
    CLEANUP(fixture_samples_free) struct samples samples = fixture_samples();
    size_t leaves = 0;
    (void)state;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(read_free) struct read ours = {0};
        read_ours(&ours, &samples.items[i]);
        leaves += settings_look(ours.document, &ours.list, samples.items[i].repository);
    }
    print_message("%zu texts\n", leaves);
    assert_true(leaves > 8000);
}

/* Named one by one: a file that its owner edited behind the backup, and a word of a firewall rule
 * that Windows' report leaves out. */
static const char *const exceptions[] = {
    "{1A3FC9E2-F3D5-442D-B6AD-5CDC09D2594F}",
    "InboundFirewallRules/@FirewallAPI.dll,-28778",
};

static bool is_exception(const char *key)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (!strcmp(exceptions[i], key))
            return true;
    return false;
}

/* Their registry policies have the names of templates, which we do not have here; what we list
 * beside the sections, they do not list at all. */
static bool is_compared(const struct settings_change *change)
{
    const struct setting *any = change->to ? change->to : change->from;
    return strcmp(any->area, "Registry") != 0 && strcmp(any->area, SETTINGS_OTHER) != 0;
}

static void our_reports_have_the_settings_of_those_by_windows(void **state)
{
    CLEANUP(fixture_samples_free) struct samples samples = fixture_samples();
    size_t unchanged = 0, wrong = 0, excepted = 0;
    (void)state;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(read_free) struct read theirs = {0};
        CLEANUP(read_free) struct read ours = {0};
        CLEANUP(settings_diff_free) struct settings_diff diff = {0};
        read_theirs(&theirs, &samples.items[i]);
        read_ours(&ours, &samples.items[i]);
        assert_int_equal(settings_diff(&diff, &theirs.list, &ours.list, NULL), 0);
        unchanged += diff.unchanged;
        for (size_t k = 0; k < diff.count; k++) {
            const struct settings_change *change = &diff.items[k];
            const struct setting *any = change->to ? change->to : change->from;
            if (!is_compared(change))
                continue;
            if (is_exception(any->key)) {
                excepted++;
                continue;
            }
            wrong++;
            print_message("%s: %s %s: %s: '%s' -> '%s'\n", samples.items[i].repository,
                          settings_change_name(change->kind), any->area, any->key,
                          change->from ? change->from->value : "",
                          change->to ? change->to->value : "");
        }
    }
    print_message("%zu settings equal\n", unchanged);
    assert_int_equal(wrong, 0);
    assert_int_equal(excepted, sizeof exceptions / sizeof *exceptions);
    assert_true(unchanged > 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_of_our_reports_is_in_one_setting),
        cmocka_unit_test(our_reports_have_the_settings_of_those_by_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
