/* Real backups go into a folder domain and out again: the payload stays as it was, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backup_equal.h"
#include "bytes.h"
#include "cleanup.h"
#include "repository_fixture.h"

/* The places that a GPO went through. */
struct trip {
    struct repository *from;
    struct gpmq_guid from_id;
    struct backup *original;
    struct domain *domain;
    struct gpmq_guid gpo_id;
    struct repository *to;
    struct gpmq_guid to_id;
    struct backup *copy;
};

static int collect(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static int import_file(const struct trip *trip, struct domain_change *change,
                       const struct gpo_file *file, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    if (file->directory)
        return trip->domain->ops->change_mkdir(change, file->path, err);
    int rc = repository_read_file(trip->from, &trip->from_id, file->path, collect, &content, err);
    return rc ? rc
              : trip->domain->ops->change_write(change, file->path, content.at, content.size, err);
}

static int import_gpo(struct trip *trip, unsigned number, struct gpmq_error *err)
{
    const struct gpo *gpo = trip->original->gpo;
    struct domain_change_request request = {
        .create = true, .display_name = gpo->display_name, .op = fixture_op(number), .fence = 1};
    request.gpo = gpmq_guid_derive(&request.op, "gpo");
    trip->gpo_id = request.gpo;
    struct domain_change *change = NULL;
    struct domain_change_answer answer;
    int rc = trip->domain->ops->change_begin(trip->domain, &request, 1000, &change, &answer, err);
    for (size_t i = 0; !rc && i < gpo->file_count; i++)
        rc = import_file(trip, change, &gpo->files[i], err);
    if (!rc)
        rc = trip->domain->ops->change_set(change, DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS, gpo, err);
    uint32_t version;
    if (!rc)
        return trip->domain->ops->change_commit(&change, &version, err);
    trip->domain->ops->change_abort(&change);
    return rc;
}

static int backup_file(const struct trip *trip, struct backup_writer *writer,
                       const struct gpo_file *file, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    if (file->directory)
        return backup_mkdir(writer, file->path, err);
    int rc = trip->domain->ops->read_file(trip->domain, &trip->gpo_id, file->path, collect,
                                          &content, err);
    return rc ? rc : backup_write(writer, file->path, content.at, content.size, err);
}

static int back_up(struct trip *trip, unsigned number, struct gpmq_error *err)
{
    struct backup_begin_request request = {
        .id = fixture_id(number), .op = fixture_op(number), .fence = 1};
    struct backup_begin_answer answer;
    CLEANUP(backup_abort) struct backup_writer *writer = NULL;
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    trip->to_id = request.id;
    int rc = trip->domain->ops->read(trip->domain, &trip->gpo_id, &gpo, err);
    if (!rc)
        rc = backup_begin(trip->to, &request, &writer, &answer, err);
    for (size_t i = 0; !rc && i < gpo->file_count; i++)
        rc = backup_file(trip, writer, &gpo->files[i], err);
    if (rc)
        return rc;
    struct backup_info info = {
        .id = request.id,
        .gpo_id = gpo->id,
        .domain_guid = gpo->domain_guid,
        .domain = gpo->domain,
        .domain_controller = gpo->domain_controller,
        .time_unix_ms = 1678381443000,
        .display_name = gpo->display_name,
    };
    return backup_publish(&writer, &info, gpo, trip->domain, err);
}

/* ---- what must be the same ------------------------------------------------------------------ */

static bool differs(const struct trip *trip, const char *what, const char *path)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    print_message("%s: %s %s\n", gpmq_guid_text(&trip->from_id, id), what, path);
    return false;
}

static bool same_file(const struct trip *trip, const struct gpo_file *file)
{
    const struct gpo_file *copy = gpo_find_file(trip->copy->gpo, file->path);
    CLEANUP(bytes_free) struct bytes a = {0};
    CLEANUP(bytes_free) struct bytes b = {0};
    if (!copy || copy->directory != file->directory)
        return differs(trip, "is not in the copy:", file->path);
    if (file->directory)
        return true;
    if (repository_read_file(trip->from, &trip->from_id, file->path, collect, &a, NULL) ||
        repository_read_file(trip->to, &trip->to_id, file->path, collect, &b, NULL) ||
        a.size != b.size || (a.size && memcmp(a.at, b.at, a.size) != 0))
        return differs(trip, "has other bytes:", file->path);
    return true;
}

static bool same_handlers(const struct trip *trip)
{
    const struct backup *a = trip->original, *b = trip->copy;
    if (a->extension_count != b->extension_count)
        return differs(trip, "has other handlers", "");
    for (size_t i = 0; i < a->extension_count; i++)
        if (strcmp(a->extensions[i].id, b->extensions[i].id) != 0 ||
            a->extensions[i].ds_object_count != b->extensions[i].ds_object_count)
            return differs(trip, "has another handler", b->extensions[i].name);
    return true;
}

static bool same_payload(const struct trip *trip)
{
    const struct gpo *a = trip->original->gpo, *b = trip->copy->gpo;
    if (strcmp(a->machine_extensions, b->machine_extensions) != 0 ||
        strcmp(a->user_extensions, b->user_extensions) != 0)
        return differs(trip, "has other extensions", "");
    bool same = same_handlers(trip);
    for (size_t i = 0; i < a->file_count; i++)
        same = same_file(trip, &a->files[i]) && same;
    for (size_t i = 0; i < b->file_count; i++)
        if (!b->files[i].directory && !gpo_find_file(a, b->files[i].path))
            same = differs(trip, "was not in the original:", b->files[i].path);
    return same;
}

static bool survives(const struct sample *sample, struct domain *domain, struct repository *to,
                     unsigned number)
{
    struct trip trip = {.from_id = sample->id, .domain = domain, .to = to};
    struct gpmq_error err;
    size_t findings = 0;
    int rc = repository_open(&trip.from, sample->repository, false, &err);
    if (!rc)
        rc = repository_read(trip.from, &sample->id, &trip.original, &err);
    if (!rc)
        rc = import_gpo(&trip, number, &err);
    if (!rc)
        rc = back_up(&trip, number, &err);
    if (!rc)
        rc = repository_read(to, &trip.to_id, &trip.copy, &err);
    if (!rc)
        rc = repository_verify(to, &trip.to_id, true, NULL, NULL, NULL, &findings, &err);
    bool same = !rc && !findings && same_payload(&trip);
    if (rc)
        differs(&trip, "failed:", err.text);
    backup_free(&trip.original);
    backup_free(&trip.copy);
    repository_close(&trip.from);
    return same;
}

static void every_real_backup_survives_a_domain(void **state)
{
    (void)state;
    struct samples samples = fixture_samples();
    if (!samples.count)
        skip();
    char root[FIXTURE_PATH_MAX], path[FIXTURE_PATH_MAX + 16];
    fixture_folder(root);
    struct domain_create_options options = {.dns_name = "example.test"};
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(repository_close) struct repository *to = NULL;
    snprintf(path, sizeof path, "%s/domain", root);
    assert_int_equal(domain_create(path, &options, NULL), 0);
    assert_int_equal(domain_open(&domain, path, NULL), 0);
    snprintf(path, sizeof path, "%s/repository", root);
    assert_int_equal(repository_open(&to, path, true, NULL), 0);
    size_t wrong = 0;
    for (size_t i = 0; i < samples.count; i++)
        wrong += !survives(&samples.items[i], domain, to, (unsigned)i + 1);
    assert_int_equal(wrong, 0);
    fixture_samples_free(&samples);
    fixture_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_backup_survives_a_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
