/* test_ops.c - every operation, in this process, on a folder domain and a repository of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "handler.h"
#include "repository_fixture.h"

#define NOBODY 65534

/* What a run told, kept. */
struct ear {
    struct run_channel channel; /* first */
    bool stop;
    uint32_t progress;
    int32_t numerator;
    int32_t denominator;
    uint32_t messages;
    char path[GPMQ_ERROR_TEXT_SIZE]; /* of the last message */
    char text[GPMQ_ERROR_TEXT_SIZE];
    enum report_kind end;
    int code;
    bool retryable;
    int32_t overall;
    char type[GPMQ_KIND_MAX];
    uint32_t property_count;
    char names[16][64];
    char values[16][RUN_TEXT_MAX];
    char *content;
};

struct bench {
    char folder[FIXTURE_PATH_MAX];
    char domain_path[FIXTURE_PATH_MAX + 8];
    char repository_path[FIXTURE_PATH_MAX + 8];
    struct ear ear;
    unsigned operations;
};

/* ---- a channel that listens ---------------------------------------------------------------- */

static void keep_messages(struct ear *ear, const struct report *report)
{
    for (uint32_t i = 0; i < report->status_msg_count; i++) {
        const struct gpmq_status_msg *message = &report->status_msgs[i];
        ear->messages++;
        snprintf(ear->path, sizeof ear->path, "%s", message->object_path);
        snprintf(ear->text, sizeof ear->text, "%s", message->message);
    }
}

static void keep_end(struct ear *ear, const struct report *report)
{
    assert_int_equal(ear->end, 0);
    const struct gpmq_result *result = report->result;
    ear->end = report->kind;
    ear->code = report->code;
    ear->retryable = report->retryable;
    ear->overall = result->overall_status;
    snprintf(ear->type, sizeof ear->type, "%s", result->type);
    ear->property_count = result->property_count;
    assert_true(result->property_count <= 16);
    for (uint32_t i = 0; i < result->property_count; i++) {
        snprintf(ear->names[i], sizeof ear->names[i], "%s", result->properties[i].name);
        snprintf(ear->values[i], sizeof ear->values[i], "%s", result->properties[i].value);
    }
    if (result->data)
        ear->content = strndup(result->data, result->data_size);
}

static void on_report(struct run_channel *channel, const struct report *report)
{
    struct ear *ear = (struct ear *)channel;
    keep_messages(ear, report);
    if (report->kind == REPORT_PROGRESS) {
        assert_true(report->progress_numerator < report->progress_denominator);
        assert_true(report->progress_numerator >= ear->numerator);
        ear->progress++;
        ear->numerator = report->progress_numerator;
        ear->denominator = report->progress_denominator;
    } else if (report->kind != REPORT_MESSAGE) {
        keep_end(ear, report);
    }
}

static void on_content(struct run_channel *channel, uint64_t offset, const void *bytes,
                       uint32_t size)
{
    (void)channel, (void)offset, (void)bytes, (void)size;
}

static bool on_stopped(struct run_channel *channel, int64_t wait_ms)
{
    (void)wait_ms;
    return ((struct ear *)channel)->stop;
}

static const char *property(const struct ear *ear, const char *name)
{
    for (uint32_t i = 0; i < ear->property_count; i++)
        if (strcmp(ear->names[i], name) == 0)
            return ear->values[i];
    return "";
}

/* ---- a bench ------------------------------------------------------------------------------- */

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct domain_create_options options = {.dns_name = "example.test"};
    struct gpmq_error err;
    fixture_folder(bench->folder);
    snprintf(bench->domain_path, sizeof bench->domain_path, "%s/domain", bench->folder);
    snprintf(bench->repository_path, sizeof bench->repository_path, "%s/backup", bench->folder);
    if (domain_create(bench->domain_path, &options, &err))
        fail_msg("%s", err.text);
    struct repository *repository = NULL;
    if (repository_open(&repository, bench->repository_path, true, &err))
        fail_msg("%s", err.text);
    if (fixture_backup(repository, 1, 1, &err))
        fail_msg("%s", err.text);
    repository_close(&repository);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    free(bench->ear.content);
    fixture_remove(bench->folder);
    free(bench);
    return 0;
}

static void run_as(struct bench *bench, struct gpmq_request *request, bool stop)
{
    struct place domain = {"d", bench->domain_path};
    struct place repository = {"r", bench->repository_path};
    struct msg_exec_start start = {
        .fence = 7,
        .attempt = 1,
        .request = request,
        .domain_count = 1,
        .domains = &domain,
        .repository_count = 1,
        .repositories = &repository,
    };
    free(bench->ear.content);
    bench->ear = (struct ear){.channel = {on_report, on_content, on_stopped}, .stop = stop};
    CLEANUP(run_free) struct run *run = run_new(&bench->ear.channel, &start);
    assert_non_null(run);
    handler_execute(run);
}

static void run(struct bench *bench, struct gpmq_request request)
{
    if (gpmq_id_is_none(&request.id))
        request.id = fixture_op(1000 + bench->operations++);
    run_as(bench, &request, false);
}

/* Imports the fixture's backup into a new GPO; returns its GUID. */
static const char *imported(struct bench *bench, char guid[GPMQ_GUID_TEXT_SIZE])
{
    char backup[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid id = fixture_id(1);
    run(bench, (struct gpmq_request){.kind = "gpo.import",
                                     .domain = "d",
                                     .repository = "r",
                                     .backup = gpmq_guid_text(&id, backup),
                                     .name = "Imported",
                                     .create = true});
    if (bench->ear.end != REPORT_DONE)
        fail_msg("%s", bench->ear.text);
    snprintf(guid, GPMQ_GUID_TEXT_SIZE, "%s", property(&bench->ear, "id"));
    return guid;
}

static struct gpmq_request backup_of(const char *gpo)
{
    return (struct gpmq_request){
        .kind = "gpo.backup", .domain = "d", .repository = "r", .gpo = gpo, .comment = "nightly"};
}

static size_t backups_in(struct bench *bench)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(repository_open(&repository, bench->repository_path, false, NULL), 0);
    assert_int_equal(repository_list(repository, &infos, NULL, NULL, NULL), 0);
    return infos.count;
}

/* ---- tests --------------------------------------------------------------------------------- */

static struct backup *read_backup(struct bench *bench, const struct gpmq_guid *id)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct backup *backup = NULL;
    assert_int_equal(repository_open(&repository, bench->repository_path, false, NULL), 0);
    assert_int_equal(repository_read(repository, id, &backup, NULL), 0);
    return backup;
}

static void a_backup_is_imported_into_a_new_gpo_and_backed_up_again_equal(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid id = fixture_id(1);
    CLEANUP(backup_free) struct backup *original = read_backup(bench, &id);
    imported(bench, gpo);
    assert_string_equal(bench->ear.type, "gpo");
    assert_string_equal(property(&bench->ear, "display_name"), "Imported");
    assert_string_equal(property(&bench->ear, "computer_ds_version_number"), "1");

    run(bench, backup_of(gpo));
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(property(&bench->ear, "comment"), "nightly");
    assert_int_equal(gpmq_guid_parse(&id, property(&bench->ear, "id")), 0);
    CLEANUP(backup_free) struct backup *again = read_backup(bench, &id);
    assert_string_equal(again->gpo->machine_extensions, original->gpo->machine_extensions);
    assert_int_equal(again->gpo->file_count, original->gpo->file_count);
    for (size_t i = 0; i < original->gpo->file_count; i++) {
        const struct gpo_file *file = &again->gpo->files[i];
        assert_string_equal(file->path, original->gpo->files[i].path);
        assert_int_equal(file->size_bytes, original->gpo->files[i].size_bytes);
    }
}

static void the_denominator_follows_the_extensions(void **state)
{
    struct bench *bench = *state;
    char guid[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid id = fixture_id(1);
    CLEANUP(backup_free) struct backup *backup = read_backup(bench, &id);
    int32_t parts = (int32_t)backup->extension_count + 2;

    imported(bench, guid);
    assert_int_equal(bench->ear.denominator % parts, 0);
    int32_t part = bench->ear.denominator / parts;
    run(bench, backup_of(guid));
    assert_int_equal(bench->ear.denominator, parts * part);
    assert_int_equal(bench->ear.numerator, (parts - 1) * part);
    assert_int_equal(bench->ear.messages, 0);
}

static void a_second_attempt_finds_the_first_ones_work(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    imported(bench, gpo);
    size_t before = backups_in(bench);
    struct gpmq_request request = backup_of(gpo);
    request.id = fixture_op(77);
    run(bench, request);
    char id[GPMQ_GUID_TEXT_SIZE];
    snprintf(id, sizeof id, "%s", property(&bench->ear, "id"));
    run(bench, request);
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(property(&bench->ear, "id"), id);
    assert_int_equal(backups_in(bench), before + 1);
}

static void an_import_into_an_existing_gpo_keeps_its_name_and_counts_up(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    char backup[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid id = fixture_id(1);
    imported(bench, gpo);
    struct gpmq_request request = {.id = fixture_op(78),
                                   .kind = "gpo.import",
                                   .domain = "d",
                                   .repository = "r",
                                   .backup = gpmq_guid_text(&id, backup),
                                   .gpo = gpo};
    run(bench, request);
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(property(&bench->ear, "display_name"), "Imported");
    assert_string_equal(property(&bench->ear, "user_ds_version_number"), "2");
    run(bench, request); /* again: it is done already */
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(property(&bench->ear, "user_ds_version_number"), "2");
}

static void a_dry_run_changes_nothing(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    imported(bench, gpo);
    size_t before = backups_in(bench);
    struct gpmq_request request = backup_of(gpo);
    request.dry_run = true;
    run(bench, request);
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(bench->ear.type, "none");
    assert_int_equal(backups_in(bench), before);
}

static void what_is_told_to_stop_publishes_nothing(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    imported(bench, gpo);
    size_t before = backups_in(bench);
    struct gpmq_request request = backup_of(gpo);
    request.id = fixture_op(79);
    run_as(bench, &request, true);
    assert_int_equal(bench->ear.end, REPORT_CANCELLED);
    assert_int_equal(bench->ear.overall, GPMQ_HR_CANCELLED);
    assert_int_equal(backups_in(bench), before);
}

static void give_away(const char *path)
{
    char command[FIXTURE_PATH_MAX + 64];
    snprintf(command, sizeof command, "chown -R %d '%s'", NOBODY, path);
    assert_int_equal(system(command), 0);
}

static void a_file_that_cannot_be_read_fails_the_backup_and_is_named(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    char file[2 * FIXTURE_PATH_MAX];
    imported(bench, gpo);
    snprintf(file, sizeof file, "%s/Policies/%s/Machine/Registry.pol", bench->domain_path, gpo);
    assert_int_equal(chmod(file, 0), 0);
    bool root = geteuid() == 0; /* who may read everything */
    if (root)
        give_away(bench->folder);
    size_t before = backups_in(bench);
    if (root)
        assert_int_equal(seteuid(NOBODY), 0);
    run(bench, backup_of(gpo));
    if (root)
        assert_int_equal(seteuid(0), 0);

    assert_int_equal(bench->ear.end, REPORT_FAILED);
    assert_int_equal(bench->ear.code, GPMQ_EACCESS);
    assert_int_not_equal(bench->ear.overall, GPMQ_S_OK);
    assert_false(bench->ear.retryable);
    assert_non_null(strstr(bench->ear.path, "Registry.pol"));
    assert_non_null(strstr(bench->ear.text, "Registry.pol"));
    assert_int_equal(backups_in(bench), before);
}

static void lists_are_json(void **state)
{
    struct bench *bench = *state;
    char gpo[GPMQ_GUID_TEXT_SIZE];
    imported(bench, gpo);
    run(bench, (struct gpmq_request){.kind = "gpo.list", .domain = "d"});
    assert_string_equal(bench->ear.type, "gpo_list");
    json_t *list = json_loads(bench->ear.content, 0, NULL);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "id")), gpo);
    json_decref(list);

    run(bench, (struct gpmq_request){.kind = "backup.list", .repository = "r"});
    assert_string_equal(bench->ear.type, "backup_list");
    assert_string_equal(property(&bench->ear, "count"), "1");
}

static void verify_counts_what_is_damaged(void **state)
{
    struct bench *bench = *state;
    struct gpmq_request request = {.kind = "backup.verify", .repository = "r", .read_data = true};
    run(bench, request);
    assert_int_equal(bench->ear.end, REPORT_DONE);
    assert_string_equal(property(&bench->ear, "findings"), "0");

    char guid[GPMQ_GUID_TEXT_SIZE];
    char file[256];
    struct gpmq_guid id = fixture_id(1);
    snprintf(file, sizeof file, "%s/DomainSysvol/GPO/Machine/surplus.txt",
             gpmq_guid_text(&id, guid));
    fixture_write(bench->repository_path, file, "x", 1);
    run(bench, request);
    assert_int_equal(bench->ear.end, REPORT_FAILED);
    assert_int_equal(bench->ear.code, GPMQ_EDAMAGED);
    assert_string_equal(bench->ear.type, "verify");
    assert_string_equal(property(&bench->ear, "findings"), "1");
    assert_true(bench->ear.messages >= 2); /* the finding, and the end */
}

static void bad_requests_say_what_is_missing(void **state)
{
    static const struct {
        struct gpmq_request request;
        int code;
        const char *word;
    } cases[] = {
        {{.kind = "gpo.backup", .domain = "d", .repository = "r"}, GPMQ_EINVAL, "'gpo'"},
        {{.kind = "gpo.backup", .domain = "d", .repository = "r", .gpo = "x"}, GPMQ_EINVAL, "'x'"},
        {{.kind = "gpo.list", .domain = "elsewhere"}, GPMQ_ENOTFOUND, "'elsewhere'"},
        {{.kind = "backup.list", .repository = "elsewhere"}, GPMQ_ENOTFOUND, "'elsewhere'"},
        {{.kind = "gpo.paint"}, GPMQ_EUNSUPPORTED, "'gpo.paint'"},
        {{.kind = "noop", .args = "{"}, GPMQ_EINVAL, "JSON"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(bench, cases[i].request);
        assert_int_equal(bench->ear.end, REPORT_FAILED);
        assert_int_equal(bench->ear.code, cases[i].code);
        if (!strstr(bench->ear.text, cases[i].word))
            fail_msg("%s does not name %s", bench->ear.text, cases[i].word);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_is_imported_into_a_new_gpo_and_backed_up_again_equal),
        TEST(the_denominator_follows_the_extensions),
        TEST(a_second_attempt_finds_the_first_ones_work),
        TEST(an_import_into_an_existing_gpo_keeps_its_name_and_counts_up),
        TEST(a_dry_run_changes_nothing),
        TEST(what_is_told_to_stop_publishes_nothing),
        TEST(a_file_that_cannot_be_read_fails_the_backup_and_is_named),
        TEST(lists_are_json),
        TEST(verify_counts_what_is_damaged),
        TEST(bad_requests_say_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
