/*
 * test_samples.c - every real backup of $GPMQ_SAMPLES goes through a domain and out again, by the
 * operations themselves, on four ways (sample_trip.h), and is compared with its origin: imported
 * and backed up; that backup restored over the spoilt GPO, and after its deletion, and backed up;
 * and the backup of Windows restored into a domain like the one it came from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"
#include "repository_fixture.h"
#include "sample_home.h"
#include "sample_trip.h"

#define NUMBERS 10 /* of operations, for each sample */

static void read_one(const char *path, const struct gpmq_guid *id, struct backup **out)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct gpmq_error err;
    if (repository_open(&repository, path, false, &err) ||
        repository_read(repository, id, out, &err))
        fail_msg("%s", err.text);
}

/* Without a word; what it says is a complaint. */
static bool run_well(struct trip *trip, const struct gpmq_request *request)
{
    CLEANUP(told_free) struct told told = desk_run(trip->desk, request, DESK_FENCE, 0);
    if (told.end == REPORT_DONE && !told.message_count)
        return true;
    trip_complain(trip, request->kind, gpmq_code_name(told.code), told_last(&told));
    return false;
}

/* Backs the GPO up, verifies the backup and judges it. Adds its files to *files. */
static bool come_back(struct trip *trip, unsigned number, size_t *files)
{
    struct gpmq_request back_up = desk_request("gpo.backup", number);
    back_up.gpo = look_text(trip->gpo_id);
    back_up.comment = trip->original->info.comment;
    trip->copy_id = gpmq_guid_derive(&back_up.id, "backup");
    struct gpmq_request verify = desk_request("backup.verify", number + 1);
    verify.backup = look_text(trip->copy_id);
    verify.read_data = true;
    if (!run_well(trip, &back_up) || !run_well(trip, &verify))
        return false;
    read_one(trip->desk->repository_path, &trip->copy_id, &trip->copy);
    *files += trip_judge(trip);
    return !trip->wrong;
}

static void label_of(char out[512], const struct sample *sample, const char *way)
{
    snprintf(out, 512, "%s/%s, %s", sample->repository, look_text(sample->id), way);
}

static bool import_it(struct desk *desk, const struct sample *sample, unsigned number,
                      struct trip *trip, size_t *files)
{
    struct gpmq_request import = desk_request("gpo.import", number);
    import.repository = DESK_OTHER;
    import.backup = look_text(sample->id);
    import.create = true;
    desk->other_path = sample->repository;
    *trip = (struct trip){.desk = desk,
                          .way = WAY_IMPORT,
                          .label = trip->label,
                          .from_path = sample->repository,
                          .gpo_id = gpmq_guid_derive(&import.id, "gpo")};
    read_one(sample->repository, &sample->id, &trip->original);
    return run_well(trip, &import) && come_back(trip, number + 1, files);
}

/* Nothing of the GPO is as it was. */
static void spoil(struct desk *desk, const struct gpmq_guid *id, unsigned number)
{
    struct gpo values = {.display_name = (char *)"Spoilt",
                         .options = 3,
                         .wmi_filter = (char *)"[example.test;{" /* a dead link */
                                               "00000000-0000-4000-8000-000000000001};0]"};
    desk_edit(desk, id,
              DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS | DOMAIN_EXTENSIONS | DOMAIN_WMI_FILTER |
                  DOMAIN_DS_OBJECTS,
              &values, number);
}

/* The way back of what `first` made: its copy is the original now. */
static bool restore_it(const struct trip *first, enum trip_way way, const char *label,
                       unsigned number, size_t *files)
{
    struct trip trip = {.desk = first->desk,
                        .way = way,
                        .label = label,
                        .from_path = first->desk->repository_path,
                        .gpo_id = first->gpo_id,
                        .steps = way == WAY_RESTORE ? 2 : 1};
    struct gpmq_request restore = desk_request("gpo.restore", number + 1);
    restore.backup = look_text(first->copy_id);
    restore.gpo = look_text(first->gpo_id);
    read_one(trip.from_path, &first->copy_id, &trip.original);
    if (way == WAY_RESTORE)
        spoil(trip.desk, &trip.gpo_id, number);
    else
        desk_delete(trip.desk, &trip.gpo_id);
    bool well = run_well(&trip, &restore) && come_back(&trip, number + 2, files);
    backup_free(&trip.original);
    backup_free(&trip.copy);
    return well;
}

/* Takes one backup there and back three times; adds its files to *files. False: something is
 * wrong. */
static bool goes_there_and_back(struct desk *desk, const struct sample *sample, unsigned number,
                                size_t *files)
{
    char imported[512], restored[512], undeleted[512];
    label_of(imported, sample, "imported");
    label_of(restored, sample, "restored");
    label_of(undeleted, sample, "restored after deletion");
    struct trip trip = {.label = imported};
    bool well = import_it(desk, sample, NUMBERS * number, &trip, files) &&
                restore_it(&trip, WAY_RESTORE, restored, NUMBERS * number + 3, files) &&
                restore_it(&trip, WAY_UNDELETE, undeleted, NUMBERS * number + 6, files);
    backup_free(&trip.original);
    backup_free(&trip.copy);
    return well;
}

static void every_real_backup_goes_into_a_domain_and_out_again_unchanged(void **state)
{
    (void)state;
    struct samples samples = fixture_samples();
    if (!samples.count)
        skip();
    struct desk desk;
    size_t wrong = 0, files = 0;
    desk_make_empty(&desk);
    for (size_t i = 0; i < samples.count; i++)
        wrong += !goes_there_and_back(&desk, &samples.items[i], (unsigned)i, &files);
    print_message("%zu backups, %zu files on three ways\n", samples.count, files);
    assert_int_equal(wrong, 0);
    assert_true(files > 3 * samples.count);
    fixture_samples_free(&samples);
    desk_remove(&desk);
}

/* ---- home ------------------------------------------------------------------------------------ */

/* A desk whose domain is like the one that the backup came from. */
static void make_home(struct desk *desk, const struct backup *backup)
{
    struct gpmq_error err;
    desk_make_empty(desk);
    domain_close(&desk->domain);
    snprintf(desk->domain_path, sizeof desk->domain_path, "%s/home", desk->scratch.path);
    sample_home_make(backup, desk->domain_path);
    if (domain_open(&desk->domain, desk->domain_path, &err))
        fail_msg("%s", err.text);
}

/* One whose DACL was wiped out by who published it is refused, and nothing is made. */
static bool is_refused(struct desk *desk, const struct gpmq_request *restore)
{
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    CLEANUP(told_free) struct told told = desk_run(desk, restore, 1, 0);
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    return told.code == GPMQ_EDAMAGED && strstr(told_last(&told), "SecurityDescriptor") &&
           gpos.count == 0;
}

static bool goes_home(const struct sample *sample, size_t *files, size_t *refused)
{
    struct desk desk;
    char label[512];
    label_of(label, sample, "at home");
    struct trip trip = {.desk = &desk,
                        .way = WAY_HOME,
                        .label = label,
                        .from_path = sample->repository,
                        .steps = 1};
    struct gpmq_request restore = desk_request("gpo.restore", 1);
    read_one(sample->repository, &sample->id, &trip.original);
    make_home(&desk, trip.original);
    desk.other_path = sample->repository;
    trip.gpo_id = trip.original->gpo->id;
    restore.repository = DESK_OTHER;
    restore.backup = look_text(sample->id);
    restore.gpo = look_text(trip.gpo_id);
    bool damaged = !trip.original->gpo->security_descriptor;
    bool well = damaged ? is_refused(&desk, &restore)
                        : run_well(&trip, &restore) && come_back(&trip, 2, files);
    *refused += damaged;
    backup_free(&trip.original);
    backup_free(&trip.copy);
    desk_remove(&desk);
    return well;
}

static void every_real_backup_is_restored_into_a_domain_like_its_own(void **state)
{
    (void)state;
    struct samples samples = fixture_samples();
    if (!samples.count)
        skip();
    size_t wrong = 0, files = 0, refused = 0;
    for (size_t i = 0; i < samples.count; i++)
        wrong += !goes_home(&samples.items[i], &files, &refused);
    print_message("%zu backups, %zu files; %zu have no DACL and are refused\n", samples.count,
                  files, refused);
    assert_int_equal(wrong, 0);
    assert_true(refused < samples.count / 2);
    fixture_samples_free(&samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_backup_goes_into_a_domain_and_out_again_unchanged),
        cmocka_unit_test(every_real_backup_is_restored_into_a_domain_like_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
