/*
 * test_samples.c - every real backup of $GPMQ_SAMPLES is imported into a new domain and backed up
 * again, by the operations themselves, and compared with its origin.
 *
 * The payload is compared byte for byte, as it lies on disk, without gpmq's reader. Of the
 * descriptions everything must be equal but for what the table `differences` names, each with its
 * reason and with what the new value must be instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "backup_diff.h"
#include "backup_payload.h"
#include "cleanup.h"
#include "ops_desk.h"
#include "repository_fixture.h"

#define DNS_NAME "example.test"

/* One backup on its way. */
struct trip {
    struct desk *desk;
    const struct sample *sample;
    struct gpmq_guid gpo_id;
    struct gpmq_guid copy_id;
    struct backup *original;
    struct backup *copy;
    size_t wrong;
};

static void complain(struct trip *trip, const char *what, const char *a, const char *b)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    print_error("%s/%s: %s: '%.400s' and '%.400s'\n", trip->sample->repository,
                gpmq_guid_text(&trip->sample->id, id), what, a, b);
    trip->wrong++;
}

/* ---- the differences that must be ------------------------------------------------------------ */

static bool is_none(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "(none)") == 0;
}

static bool is_zero(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "0") == 0;
}

static bool is_one(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "1") == 0;
}

static bool is_guid(const struct gpmq_guid *id, const char *text)
{
    char expected[GPMQ_GUID_TEXT_SIZE];
    return strcmp(text, gpmq_guid_text(id, expected)) == 0;
}

static bool is_copy_id(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&trip->copy_id, b);
}

static bool is_gpo_id(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&trip->gpo_id, b);
}

static const struct domain_info *target(const struct trip *trip)
{
    return trip->desk->domain->ops->info(trip->desk->domain);
}

static bool is_domain_guid(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&target(trip)->guid, b);
}

static bool is_domain(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return strcmp(b, target(trip)->dns_name) == 0;
}

static bool is_controller(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return strcmp(b, target(trip)->controller) == 0;
}

static bool is_later(const struct trip *trip, const char *a, const char *b)
{
    (void)trip;
    return strtoll(b, NULL, 10) > strtoll(a, NULL, 10);
}

/* That of a new GPO, and whole whatever the original had. */
static bool is_default_descriptor(const struct trip *trip, const char *a, const char *b)
{
    (void)a, (void)b;
    CLEANUP(gpo_free) struct gpo *gpo = desk_read(trip->desk, &trip->gpo_id);
    const struct gpo *copy = trip->copy->gpo;
    return !trip->copy->security_descriptor_damaged && copy->security_descriptor_size > 100 &&
           gpo->security_descriptor != NULL;
}

/* What follows the GPO's GUID, which is where the place of a GPO ends. */
static const char *behind_guid(const char *path, const struct gpmq_guid *id)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    const char *found = strcasestr(path, gpmq_guid_text(id, guid));
    return found ? found + strlen(guid) : NULL;
}

/* The UNC path of the new GPO, with the same tail but for case: where the original was read from
 * "MACHINE" or "USER", its own locations say "Machine" and "User". */
static bool is_moved(const struct trip *trip, const char *a, const char *b)
{
    const char *x = behind_guid(a, &trip->original->gpo->id);
    const char *y = behind_guid(b, &trip->gpo_id);
    return x && y && strcasecmp(x, y) == 0 && strcasestr(b, DNS_NAME) && strncmp(b, "\\\\", 2) == 0;
}

/* "LDAP://dc/cn=Class Store,CN=Machine,CN={GUID},..." and the new GPO's, with the same head. */
static bool is_moved_object(const struct trip *trip, const char *a, const char *b)
{
    return behind_guid(a, &trip->original->gpo->id) && behind_guid(b, &trip->gpo_id) &&
           strcasestr(b, "DC=example,DC=test");
}

static bool has_folder(const struct backup_object *objects, size_t count, const char *location,
                       size_t length)
{
    for (size_t i = 0; i < count; i++)
        if ((objects[i].location && strncmp(objects[i].location, location, length) == 0) ||
            has_folder(objects[i].children, objects[i].child_count, location, length))
            return true;
    return false;
}

/* Differs in case only, and the original knows the folder by this spelling too. */
static bool is_other_spelling(const struct trip *trip, const char *a, const char *b)
{
    const char *name = strrchr(b, '\\');
    const struct backup *original = trip->original;
    for (size_t i = 0; name && i < original->extension_count; i++)
        if (has_folder(original->extensions[i].objects, original->extensions[i].object_count, b,
                       (size_t)(name - b)))
            return strcasecmp(a, b) == 0;
    return false;
}

static const struct {
    const char *what;
    const char *why;
    bool (*is_lawful)(const struct trip *trip, const char *a, const char *b);
} differences[] = {
    {"info.id", "every backup has its own id", is_copy_id},
    {"info.gpo_id", "an import makes a new GPO: its GUID", is_gpo_id},
    {"core.id", "the same", is_gpo_id},
    {"info.domain_guid", "it is another domain", is_domain_guid},
    {"info.domain", "it is another domain", is_domain},
    {"core.domain", "it is another domain", is_domain},
    {"info.domain_controller", "it is another domain", is_controller},
    {"info.time", "it was backed up now", is_later},
    {"core.user_version.ds", "a new GPO begins with 1, whatever the backup has", is_one},
    {"core.user_version.sysvol", "the same", is_one},
    {"core.machine_version.ds", "the same", is_one},
    {"core.machine_version.sysvol", "the same", is_one},
    {"core.options", "an import leaves options to its target", is_zero},
    {"core.wmi_filter", "an import leaves the WMI link to its target", is_none},
    {"core.wmi_filter_name", "the same", is_none},
    {"core.security_descriptor", "an import leaves the DACL to its target", is_default_descriptor},
    {"core.damaged_descriptor", "the same, and it is whole", is_none},
    {"object.source_path", "where it was read from: another domain and GPO", is_moved},
    {"ds_object.source_path", "the same", is_moved_object},
    {"object.location", "Windows has a folder in two spellings; on disk it has one",
     is_other_spelling},
};

static void judge(void *arg, const char *what, const char *a, const char *b)
{
    struct trip *trip = arg;
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (strcmp(differences[i].what, what) == 0 && differences[i].is_lawful(trip, a, b))
            return;
    complain(trip, what, a, b);
}

/* ---- principals ------------------------------------------------------------------------------ */

static const char *key_of(const struct domain_principal *principal)
{
    return principal->sid ? principal->sid : principal->sam_account_name;
}

static const struct backup_principal *find(const struct backup *backup, const char *key)
{
    for (size_t i = 0; i < backup->principal_count; i++)
        if (strcasecmp(key_of(&backup->principals[i].principal), key) == 0)
            return &backup->principals[i];
    return NULL;
}

/* Those of settings are the same; the new domain, which does not know the old one's accounts,
 * knows of a SID no more than the SID. */
static void judge_settings_principal(struct trip *trip, const struct backup_principal *original)
{
    const char *key = key_of(&original->principal);
    const struct backup_principal *copy = find(trip->copy, key);
    if (!copy || copy->from_dacl)
        complain(trip, "principal of settings", key, copy ? "FromDACL" : "(none)");
    else if (original->principal.sid && copy->principal.sam_account_name)
        complain(trip, "principal's name", key, copy->principal.sam_account_name);
}

/* Those of the DACL are the new domain's own. */
static void judge_dacl_principal(struct trip *trip, const struct backup_principal *copy)
{
    const struct domain_principal *principal = &copy->principal;
    if (!principal->dns_domain_name || strcmp(principal->dns_domain_name, DNS_NAME) != 0 ||
        strncmp(principal->sid, target(trip)->sid, strlen(target(trip)->sid)) != 0)
        complain(trip, "principal of the DACL", "of " DNS_NAME, key_of(principal));
}

static void judge_principals(struct trip *trip)
{
    const struct backup *a = trip->original, *b = trip->copy;
    for (size_t i = 0; i < a->principal_count; i++)
        if (!a->principals[i].from_dacl)
            judge_settings_principal(trip, &a->principals[i]);
    for (size_t i = 0; i < b->principal_count; i++) {
        const struct backup_principal *copy = &b->principals[i];
        const struct backup_principal *original = find(a, key_of(&copy->principal));
        if (copy->from_dacl)
            judge_dacl_principal(trip, copy);
        else if (!original)
            complain(trip, "principal", "(none)", key_of(&copy->principal));
    }
}

/* ---- there and back -------------------------------------------------------------------------- */

static bool run_well(struct trip *trip, const struct gpmq_request *request)
{
    CLEANUP(told_free) struct told told = desk_run(trip->desk, request, 1, 0);
    if (told.end == REPORT_DONE && !told.message_count)
        return true;
    complain(trip, request->kind, gpmq_code_name(told.code), told_last(&told));
    return false;
}

static bool travel(struct trip *trip, unsigned number)
{
    char backup[GPMQ_GUID_TEXT_SIZE], gpo[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request import = desk_request("gpo.import", 3 * number);
    import.repository = DESK_OTHER;
    import.backup = gpmq_guid_text(&trip->sample->id, backup);
    import.create = true;
    trip->gpo_id = gpmq_guid_derive(&import.id, "gpo");

    struct gpmq_request back_up = desk_request("gpo.backup", 3 * number + 1);
    back_up.gpo = gpmq_guid_text(&trip->gpo_id, gpo);
    back_up.comment = trip->original->info.comment;
    trip->copy_id = gpmq_guid_derive(&back_up.id, "backup");

    struct gpmq_request verify = desk_request("backup.verify", 3 * number + 2);
    char copy[GPMQ_GUID_TEXT_SIZE];
    verify.backup = gpmq_guid_text(&trip->copy_id, copy);
    verify.read_data = true;
    return run_well(trip, &import) && run_well(trip, &back_up) && run_well(trip, &verify);
}

static void read_one(const char *path, const struct gpmq_guid *id, struct backup **out)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct gpmq_error err;
    if (repository_open(&repository, path, false, &err) ||
        repository_read(repository, id, out, &err))
        fail_msg("%s", err.text);
}

/* Takes one backup there and back; adds its files to *files. False: something is wrong. */
static bool goes_there_and_back(struct desk *desk, const struct sample *sample, unsigned number,
                                size_t *files)
{
    struct trip trip = {.desk = desk, .sample = sample};
    desk->other_path = sample->repository;
    read_one(sample->repository, &sample->id, &trip.original);
    if (travel(&trip, number)) {
        read_one(desk->repository_path, &trip.copy_id, &trip.copy);
        const struct backup_diff diff = {judge, &trip};
        const struct backup_on_disk original = {trip.original, sample->repository};
        const struct backup_on_disk copy = {trip.copy, desk->repository_path};
        backup_diff(&diff, trip.original, trip.copy);
        judge_principals(&trip);
        *files += backup_payload_diff(&diff, &original, &copy);
    }
    backup_free(&trip.original);
    backup_free(&trip.copy);
    return !trip.wrong;
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
    print_message("%zu backups, %zu files\n", samples.count, files);
    assert_int_equal(wrong, 0);
    assert_true(files > samples.count);
    fixture_samples_free(&samples);
    desk_remove(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_backup_goes_into_a_domain_and_out_again_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
