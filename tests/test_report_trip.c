/*
 * test_report_trip.c - every real backup of $GPMQ_SAMPLES is imported and backed up again, by the
 * operations themselves; the gpreport.xml of our backup has the settings of the one that Windows
 * wrote.
 *
 * The new domain does not know the old one's accounts: their names are the only exception beside
 * those of test_report_parity.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"
#include "report_compare.h"
#include "repository_fixture.h"

static void run_well(struct desk *desk, const struct gpmq_request *request)
{
    CLEANUP(told_free) struct told told = desk_run(desk, request, 1, 0);
    told_ended_well(&told);
}

/* Imports a sample as a new GPO and backs that up; the id of our backup. */
static struct gpmq_guid travel(struct desk *desk, const struct sample *sample, unsigned number)
{
    char backup[GPMQ_GUID_TEXT_SIZE], gpo[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request import = desk_request("gpo.import", 2 * number);
    import.repository = DESK_OTHER;
    import.backup = gpmq_guid_text(&sample->id, backup);
    import.create = true;
    struct gpmq_guid made = gpmq_guid_derive(&import.id, "gpo");
    desk->other_path = sample->repository;
    run_well(desk, &import);

    struct gpmq_request back_up = desk_request("gpo.backup", 2 * number + 1);
    back_up.gpo = gpmq_guid_text(&made, gpo);
    run_well(desk, &back_up);
    return gpmq_guid_derive(&back_up.id, "backup");
}

static struct xml_document *report_of(const char *path, const struct gpmq_guid *id)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(free_pointer) void *bytes = NULL;
    struct xml_document *document = NULL;
    struct gpmq_error err;
    size_t size;
    if (repository_open(&repository, path, false, &err) ||
        repository_read_report(repository, id, &bytes, &size, &err) ||
        xml_read(&document, bytes, size, path, &err))
        fail_msg("%s", err.text);
    return document;
}

static void our_backup_of_an_imported_gpo_reports_what_windows_reported(void **state)
{
    (void)state;
    static struct report_scores scores;
    struct samples samples = fixture_samples();
    if (!samples.count)
        skip();
    struct desk desk;
    desk_make_empty(&desk);
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        struct gpmq_guid copy = travel(&desk, sample, (unsigned)i + 1);
        CLEANUP(xml_free) struct xml_document *theirs = report_of(sample->repository, &sample->id);
        CLEANUP(xml_free) struct xml_document *ours = report_of(desk.repository_path, &copy);
        report_compare(&scores, sample->repository, theirs, ours);
    }
    report_scores_print(&scores);
    assert_int_equal(scores.wrong, 0);
    fixture_samples_free(&samples);
    desk_remove(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_backup_of_an_imported_gpo_reports_what_windows_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
