/* Migration tables in operations: made of backups and GPOs, validated, and put to work by imports
 * and copies from the demo domain and from real backups into another domain. */
#include <jansson.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "inf.h"
#include "migration_settings.h"
#include "migration_table_file.h"
#include "ops_desk.h"
#include "ops_look.h"
#include "repository_fixture.h"
#include "sd.h"
#include "text.h"

#define SECURITY "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
#define SOUTH    "S-1-5-21-5-6-7"
#define DEMO     "S-1-5-21-1004336348-1177238915-682003330"

struct fixture {
    struct desk desk;
    struct domain *south; /* tests/data/migration/south.ldif, the desk's second domain */
    char south_path[SCRATCH_PATH_SIZE];
    unsigned number; /* of the request that comes next */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char ldif[512];
    struct domain_create_options options = {.dns_name = "south.test", .ldif = ldif};
    struct gpmq_error err = {0};
    desk_make_demo(&fixture->desk);
    snprintf(ldif, sizeof ldif, "%s/tests/data/migration/south.ldif", getenv("GPMQ_SOURCE_DIR"));
    scratch_path(&fixture->desk.scratch, "south", fixture->south_path);
    if (domain_create(fixture->south_path, &options, &err) ||
        domain_open(&fixture->south, fixture->south_path, &err))
        fail_msg("%s", err.text);
    fixture->desk.second_path = fixture->south_path;
    fixture->number = 100;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    domain_close(&fixture->south);
    desk_remove(&fixture->desk);
    free(fixture);
    return 0;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* {"migration_table": ..., "migration_table_only": ..., more}; free() it. */
static char *args_of(const struct migration_table *table, bool only, const char *more)
{
    CLEANUP(free_pointer) void *file = NULL;
    size_t size;
    assert_int_equal(migration_table_write(&file, &size, table, NULL), 0);
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    CLEANUP(free_pointer) char *text = malloc(room);
    char *args = NULL;
    sodium_bin2base64(text, room, file, size, sodium_base64_VARIANT_ORIGINAL);
    assert_true(asprintf(&args, "{\"migration_table\": \"%s\"%s%s}", text,
                         only ? ", \"migration_table_only\": true" : "", more) > 0);
    return args;
}

static struct migration_table *read_result(const struct told *told)
{
    struct migration_table *table = NULL;
    struct gpmq_error err = {0};
    if (migration_table_read(&table, told->content.at, told->content.size, "result", &err))
        fail_msg("%s", err.text);
    return table;
}

/* The table that the operation makes of one backup of the other repository, or of all GPOs. */
static struct migration_table *created(struct fixture *fixture, const struct gpmq_guid *backup,
                                       bool with_acl)
{
    struct gpmq_request request = desk_request("migration_table.create", fixture->number++);
    char args[128];
    request.domain = backup ? NULL : DESK_DOMAIN;
    request.repository = backup ? DESK_OTHER : NULL;
    snprintf(args, sizeof args, "{\"items\": [%s%s%s], \"with_acl\": %s}", backup ? "\"" : "",
             backup ? look_text(*backup) : "", backup ? "\"" : "", with_acl ? "true" : "false");
    request.args = args;
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "migration_table");
    struct migration_table *table = read_result(&told);
    assert_int_equal(strtol(told_property(&told, "entries"), NULL, 10),
                     migration_table_count(table));
    return table;
}

/* An import into a new GPO of the south. */
static struct gpmq_request an_import(struct fixture *fixture, const char *repository,
                                     const char *backup, const char *args)
{
    struct gpmq_request request = desk_request("gpo.import", fixture->number++);
    request.domain = DESK_SECOND;
    request.repository = repository;
    request.backup = backup;
    request.create = true;
    request.args = args;
    return request;
}

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

/* A file of a GPO of the south; bytes_free() it. */
static struct bytes south_file(struct fixture *fixture, const struct gpmq_guid *gpo,
                               const char *path)
{
    struct bytes content = {0};
    struct gpmq_error err = {0};
    if (fixture->south->ops->read_file(fixture->south, gpo, path, append, &content, &err))
        fail_msg("%s: %s", path, err.text);
    bytes_put(&content, "", 0);
    return content;
}

static struct bytes backup_file(const struct sample *sample, const char *path)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct bytes content = {0};
    struct gpmq_error err = {0};
    if (repository_open(&repository, sample->repository, false, &err) ||
        repository_read_file(repository, &sample->id, path, append, &content, &err))
        fail_msg("%s: %s", path, err.text);
    bytes_put(&content, "", 0);
    return content;
}

static void update(struct migration_table *table, const char *source, enum migration_option option,
                   const char *destination)
{
    struct gpmq_error err = {0};
    if (migration_table_update(table, source, option, destination, &err))
        fail_msg("%s", err.text);
}

/* ---- creating -------------------------------------------------------------------------------- */

static void a_table_of_a_domain_has_what_its_settings_name(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *source;
        enum migration_type type;
    } wanted[] = {
        {"Domain Admins@contoso.example", MIGRATION_GLOBAL_GROUP},
        {"Domain Users@contoso.example", MIGRATION_GLOBAL_GROUP},
        {"Enterprise Admins@contoso.example", MIGRATION_UNIVERSAL_GROUP},
        {"Administrators", MIGRATION_UNKNOWN},
        {"\\\\contoso.example\\netlogon\\agent.cmd", MIGRATION_UNC_PATH},
        {"\\\\files.contoso.example\\home$\\%USERNAME%\\Documents", MIGRATION_UNC_PATH},
    };
    CLEANUP(migration_table_free) struct migration_table *table = created(fixture, NULL, false);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct migration_entry *entry = migration_table_get(table, wanted[i].source);
        if (!entry)
            fail_msg("%s is missing", wanted[i].source);
        assert_int_equal(entry->type, wanted[i].type);
        assert_int_equal(entry->option, MIGRATION_SAME_AS_SOURCE);
    }
    CLEANUP(migration_table_free) struct migration_table *with_acl = created(fixture, NULL, true);
    assert_true(migration_table_count(with_acl) >= migration_table_count(table));
}

static void a_table_of_a_backup_that_is_not_there_is_none(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *domain, *repository, *args;
        int code;
    } rows[] = {
        {NULL, DESK_REPOSITORY, "{\"items\": [\"{31B2F340-016D-11D2-945F-00C04FB98400}\"]}",
         GPMQ_ENOTFOUND},
        {DESK_DOMAIN, NULL, "{\"items\": [\"{31B2F340-016D-11D2-945F-00C04FB98400}\"]}",
         GPMQ_ENOTFOUND},
        {DESK_DOMAIN, DESK_REPOSITORY, NULL, GPMQ_EINVAL},
        {DESK_DOMAIN, NULL, "{\"items\": [\"x\"]}", GPMQ_EINVAL},
        {DESK_DOMAIN, NULL, "{\"items\": 1}", GPMQ_EINVAL},
        {DESK_DOMAIN, NULL, "{\"other\": 1}", GPMQ_EINVAL},
        {DESK_DOMAIN, NULL, "{", GPMQ_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gpmq_request request = desk_request("migration_table.create", fixture->number++);
        request.domain = rows[i].domain;
        request.repository = rows[i].repository;
        request.args = rows[i].args;
        CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
        told_failed_with(&told, rows[i].code);
        assert_int_equal(told.content.size, 0);
    }
}

static void a_table_is_made_of_so_many_at_most(void **state)
{
    struct fixture *fixture = *state;
    struct gpmq_request request = desk_request("migration_table.create", fixture->number++);
    CLEANUP(bytes_free) struct bytes args = {0};
    bytes_put_text(&args, "{\"items\": [");
    for (int i = 0; i < 1001; i++)
        bytes_format(&args, "%s\"{31B2F340-016D-11D2-945F-00C04FB98400}\"", i ? "," : "");
    bytes_put_text(&args, "]}");
    request.repository = NULL;
    request.args = (const char *)args.at;
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_ETOOBIG);
}

static void making_a_table_can_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct gpmq_request request = desk_request("migration_table.create", fixture->number++);
    request.repository = NULL;
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 3);
    assert_int_equal(told.end, REPORT_CANCELLED);
    assert_int_equal(told.content.size, 0);
}

/* Each backup is held while it is read, and no longer. */
static void a_table_of_many_backups_needs_few_open_files(void **state)
{
    struct fixture *fixture = *state;
    struct gpmq_request request = desk_request("migration_table.create", fixture->number++);
    struct rlimit before, few;
    for (unsigned i = 0; i < 24; i++)
        desk_back_up(&fixture->desk, "Users - Logon script", fixture->number++);
    int next = dup(STDIN_FILENO);
    assert_true(next >= 0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = (rlim_t)next + 16, .rlim_max = before.rlim_max};
    request.domain = NULL;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "sources"), "24");
}

/* ---- validating ------------------------------------------------------------------------------ */

static void validate(struct fixture *fixture, const struct migration_table *table, int code,
                     const char *problems)
{
    CLEANUP(free_pointer) char *args = args_of(table, false, "");
    struct gpmq_request request = desk_request("migration_table.validate", fixture->number++);
    request.domain = DESK_SECOND;
    request.repository = NULL;
    request.args = args;
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    assert_int_equal(told.end, REPORT_DONE);
    assert_int_equal(told.overall_status, code ? gpmq_code_hresult(code) : 0);
    assert_int_equal(told.message_count, strtoul(problems, NULL, 10));
    assert_string_equal(told_property(&told, "problems"), problems);
    json_t *list = json_loads((const char *)told.content.at, 0, NULL);
    assert_int_equal(json_array_size(list), migration_table_count(table));
    size_t index, wrong = 0;
    json_t *entry;
    json_array_foreach(list, index, entry)
    {
        assert_string_equal(json_string_value(json_object_get(entry, "source")),
                            migration_table_at(table, index)->source);
        wrong += json_is_false(json_object_get(entry, "valid"));
    }
    assert_int_equal(wrong, strtoul(problems, NULL, 10));
    json_decref(list);
}

static void a_table_is_validated_entry_by_entry(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(migration_table_free) struct migration_table *table = migration_table_new();
    struct migration_entry entries[] = {
        {MIGRATION_USER, MIGRATION_SET, (char *)"A\\x", (char *)"SOUTH\\anna"},
        {MIGRATION_GLOBAL_GROUP, MIGRATION_BY_RELATIVE_NAME, (char *)"A\\Help Desk", NULL},
        {MIGRATION_UNC_PATH, MIGRATION_SET, (char *)"\\\\a\\b", (char *)"\\\\c\\d"},
        {MIGRATION_UNKNOWN, MIGRATION_BY_RELATIVE_NAME, (char *)"S-1-5-21-9-9-9-9", NULL},
        {MIGRATION_UNKNOWN, MIGRATION_SAME_AS_SOURCE, (char *)"whoever", NULL},
        {MIGRATION_USER, MIGRATION_NONE, (char *)"A\\y", NULL},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        assert_int_equal(migration_table_add(table, &entries[i], NULL), 0);
    validate(fixture, table, 0, "0");
    update(table, "A\\x", MIGRATION_SET, "SOUTH\\nobody");
    update(table, "A\\y", MIGRATION_BY_RELATIVE_NAME, NULL);
    validate(fixture, table, GPMQ_ENOTFOUND, "2");
}

/* ---- tables that are too large for args ------------------------------------------------------ */

#define LARGE 6000 /* entries: more than args hold */

/* A table with that many entries that lead nowhere, in the desk's input. */
static size_t bring_input(struct fixture *fixture, struct gpmq_request *request)
{
    CLEANUP(migration_table_free) struct migration_table *table = migration_table_new();
    CLEANUP(free_pointer) void *file = NULL;
    size_t size;
    char source[32];
    for (int i = 0; i < LARGE; i++) {
        snprintf(source, sizeof source, "NORTH\\user%d", i);
        struct migration_entry entry = {MIGRATION_USER, MIGRATION_SAME_AS_SOURCE, source, NULL};
        assert_int_equal(migration_table_add(table, &entry, NULL), 0);
    }
    assert_int_equal(migration_table_write(&file, &size, table, NULL), 0);
    fixture->desk.input_fd = memfd_create("table", 0);
    assert_int_equal(write(fixture->desk.input_fd, file, size), size);
    crypto_generichash(request->input_digest, 32, file, size, NULL, 0);
    request->input_size = size;
    return size;
}

static void a_table_that_is_too_large_for_args_is_the_input(void **state)
{
    struct fixture *fixture = *state;
    struct gpmq_request request = desk_request("migration_table.validate", fixture->number++);
    request.domain = DESK_SECOND;
    request.repository = NULL;
    assert_true(bring_input(fixture, &request) > GPMQ_ARGS_MAX);
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told_property(&told, "entries"), "6000");
    close(fixture->desk.input_fd);
}

static void an_input_that_is_not_the_one_of_the_request_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct gpmq_request request = desk_request("migration_table.validate", fixture->number++);
    request.domain = DESK_SECOND;
    request.repository = NULL;
    bring_input(fixture, &request);
    request.input_digest[0] ^= 1;
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_EDAMAGED);
    request.input_digest[0] ^= 1;
    assert_int_equal(ftruncate(fixture->desk.input_fd, 100), 0);
    CLEANUP(told_free) struct told cut = desk_run(&fixture->desk, &request, 1, 0);
    told_failed_with(&cut, GPMQ_EDAMAGED);
    close(fixture->desk.input_fd);
    fixture->desk.input_fd = 0;
    CLEANUP(told_free) struct told none = desk_run(&fixture->desk, &request, 1, 0);
    told_failed_with(&none, GPMQ_EINVAL);
}

/* ---- args that are none ---------------------------------------------------------------------- */

static void requests_without_a_right_table_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *kind, *args;
        int code;
    } rows[] = {
        {"gpo.import", "{\"migration_table_only\": true}", GPMQ_EINVAL},
        {"gpo.import", "{\"migration_table\": \"?\"}", GPMQ_EINVAL},
        {"gpo.import", "{\"migration_table\": 1}", GPMQ_EINVAL},
        {"gpo.import", "{\"copy_acl\": true}", GPMQ_EINVAL},
        {"gpo.import", "{\"migration_table\": \"PGEvPg==\"}", GPMQ_EMALFORMED},
        {"gpo.copy", "{\"migration_table_only\": true}", GPMQ_EINVAL},
        {"gpo.copy", "{\"migration_table\": \"PGEvPg==\"}", GPMQ_EMALFORMED},
        {"migration_table.validate", "{}", GPMQ_EINVAL},
        {"migration_table.validate", NULL, GPMQ_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gpmq_request request = desk_request(rows[i].kind, fixture->number++);
        request.backup = "{31B2F340-016D-11D2-945F-00C04FB98400}";
        request.gpo =
            strcmp(rows[i].kind, "gpo.import") ? desk_gpo(&fixture->desk, "Kiosk - Lobby") : NULL;
        request.create = !request.gpo;
        request.args = rows[i].args;
        CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
        told_failed_with(&told, rows[i].code);
    }
}

/* ---- real backups into another domain -------------------------------------------------------- */

/* What becomes of the accounts of a sample's domain, one after the other. */
static const struct {
    enum migration_option option;
    const char *destination;
    const char *sid; /* "*S-1-..." or "" */
} turns[] = {
    {MIGRATION_SET, "SOUTH\\Help Desk", "*" SOUTH "-1201"},
    {MIGRATION_NONE, NULL, ""},
    {MIGRATION_SET, "anna@south.test", "*" SOUTH "-1101"},
};

struct turn {
    char *sid; /* as in the settings: "*S-1-5-21-..." */
    const char *becomes;
};

struct plan {
    size_t count;
    struct turn turns[256];
    size_t used; /* replaced or dropped, over all settings */
};

static void free_plan(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->turns[i].sid);
}

/* Gives every account of the backup's domain a turn, in the table by whatever form it has. */
static void plan_turns(struct plan *plan, const struct sample *sample,
                       struct migration_table *table)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    assert_int_equal(repository_open(&repository, sample->repository, false, NULL), 0);
    assert_int_equal(repository_read(repository, &sample->id, &backup, NULL), 0);
    for (size_t i = 0; i < backup->principal_count; i++) {
        const struct domain_principal *principal = &backup->principals[i].principal;
        const char *forms[] = {principal->sid, principal->upn};
        bool there = false;
        if (!principal->sid || strncmp(principal->sid, "S-1-5-21-", 9) != 0)
            continue;
        size_t turn = plan->count % (sizeof turns / sizeof *turns);
        for (size_t j = 0; j < 2; j++)
            if (forms[j] && migration_table_get(table, forms[j])) {
                update(table, forms[j], turns[turn].option, turns[turn].destination);
                there = true;
            }
        if (!there)
            continue;
        struct turn *next = &plan->turns[plan->count++];
        assert_true(asprintf(&next->sid, "*%s", principal->sid) > 0);
        next->becomes = turns[turn].sid;
    }
}

static const char *becomes(struct plan *plan, const char *item)
{
    for (size_t i = 0; i < plan->count; i++)
        if (!strcasecmp(plan->turns[i].sid, item)) {
            plan->used++;
            return plan->turns[i].becomes;
        }
    return item;
}

/* A setting as the table must make it: "section|key|items", without what is dropped. */
static void put_expected(struct bytes *out, struct plan *plan, struct inf_line *line)
{
    bool rights = !strcasecmp(line->section, "Privilege Rights");
    bool groups = !strcasecmp(line->section, "Group Membership");
    char *list = line->value;
    bool any = false;
    bytes_format(out, "%s|%s|", line->section, line->key);
    if (!list || (!rights && !groups)) {
        bytes_format(out, "%s\n", list ? list : "(none)");
        return;
    }
    for (char *item; (item = inf_item(&list));) {
        const char *to = plan ? becomes(plan, item) : item;
        if (!*to)
            continue;
        bytes_format(out, "%s%s", any ? "," : "", to);
        any = true;
    }
    bytes_put_char(out, '\n');
}

/* All settings of a GptTmpl.inf, in their order; with a plan, as they must become. */
static struct bytes settings_of(const struct bytes *file, struct plan *plan)
{
    CLEANUP(free_pointer) char *text = NULL;
    struct bytes out = {0};
    struct inf_line line;
    size_t size;
    assert_int_equal(text_to_utf8(&text, &size, file->at, file->size, TEXT_WINDOWS_1252, NULL), 0);
    struct inf_cursor cursor = inf_begin(text);
    while (inf_next(&cursor, &line))
        put_expected(&out, plan, &line);
    return out;
}

/* Imports a sample through a table of its own accounts and compares setting by setting. */
static size_t migrate_sample(struct fixture *fixture, const struct sample *sample)
{
    CLEANUP(migration_table_free) struct migration_table *table = NULL;
    CLEANUP(free_plan) struct plan plan = {0};
    fixture->desk.other_path = sample->repository;
    table = created(fixture, &sample->id, false);
    plan_turns(&plan, sample, table);
    CLEANUP(free_pointer) char *args = args_of(table, true, "");
    struct gpmq_request request = an_import(fixture, DESK_OTHER, look_text(sample->id), args);
    struct gpmq_guid made = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    CLEANUP(bytes_free) struct bytes before = backup_file(sample, SECURITY);
    CLEANUP(bytes_free) struct bytes after = south_file(fixture, &made, SECURITY);
    CLEANUP(bytes_free) struct bytes wanted = settings_of(&before, &plan);
    CLEANUP(bytes_free) struct bytes got = settings_of(&after, NULL);
    assert_int_equal(got.size, wanted.size);
    assert_memory_equal(got.at, wanted.at, got.size);
    return plan.used;
}

static bool has_security(const struct sample *sample)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    if (repository_open(&repository, sample->repository, false, NULL) ||
        repository_read(repository, &sample->id, &backup, NULL))
        return false;
    const struct gpo_file *file = gpo_find_file(backup->gpo, SECURITY);
    return file && !file->directory;
}

static void real_backups_get_the_accounts_of_the_other_domain_setting_by_setting(void **state)
{
    struct fixture *fixture = *state;
    struct samples samples = fixture_samples();
    size_t backups = 0, accounts = 0;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++)
        if (has_security(&samples.items[i])) {
            accounts += migrate_sample(fixture, &samples.items[i]);
            backups++;
        }
    print_message("%zu backups with security settings, %zu accounts mapped\n", backups, accounts);
    assert_true(backups >= 15 && accounts >= 10);
    fixture_samples_free(&samples);
}

/* Every file of the GPO that an import with a table made has the bytes of the backup. */
static size_t same_files(struct fixture *fixture, const struct sample *sample,
                         const struct gpmq_guid *made)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    size_t count = 0;
    assert_int_equal(fixture->south->ops->read(fixture->south, made, &gpo, NULL), 0);
    for (size_t i = 0; i < gpo->file_count; i++) {
        const char *path = gpo->files[i].path;
        if (gpo->files[i].directory)
            continue;
        CLEANUP(bytes_free) struct bytes before = backup_file(sample, path);
        CLEANUP(bytes_free) struct bytes after = south_file(fixture, made, path);
        if (before.size != after.size || memcmp(before.at, after.at, after.size) != 0)
            fail_msg("%s: %s changed", sample->repository, path);
        count++;
    }
    return count;
}

static void a_table_that_keeps_all_is_the_identity_on_every_real_backup(void **state)
{
    struct fixture *fixture = *state;
    struct samples samples = fixture_samples();
    size_t files = 0, entries = 0;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        fixture->desk.other_path = sample->repository;
        CLEANUP(migration_table_free)
        struct migration_table *table = created(fixture, &sample->id, true);
        CLEANUP(free_pointer) char *args = args_of(table, true, "");
        struct gpmq_request request = an_import(fixture, DESK_OTHER, look_text(sample->id), args);
        struct gpmq_guid made = gpmq_guid_derive(&request.id, "gpo");
        CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
        told_ended_well(&told);
        entries += migration_table_count(table);
        files += same_files(fixture, sample, &made);
    }
    print_message("%zu backups, %zu files, %zu entries\n", samples.count, files, entries);
    assert_true(files > samples.count);
    fixture_samples_free(&samples);
}

/* ---- the demo domain ------------------------------------------------------------------------- */

#define REDIRECTED "Users - Folder Redirection"
#define RESTRICTED "Admins - Tier 0 Restrictions"

static void folder_redirection_moves_groups_and_paths(void **state)
{
    struct fixture *fixture = *state;
    static const char path[] = "\\\\files.contoso.example\\home$\\%USERNAME%\\Documents";
    static const char file[] = "User/Documents & Settings/fdeploy1.ini";
    CLEANUP(migration_table_free) struct migration_table *table = created(fixture, NULL, false);
    update(table, "Domain Users@contoso.example", MIGRATION_BY_RELATIVE_NAME, NULL);
    update(table, path, MIGRATION_SET, "\\\\south\\home");
    CLEANUP(free_pointer) char *args = args_of(table, true, "");
    struct gpmq_guid backup = desk_back_up(&fixture->desk, REDIRECTED, fixture->number++);
    struct gpmq_request request = an_import(fixture, DESK_REPOSITORY, look_text(backup), args);
    struct gpmq_guid made = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    CLEANUP(bytes_free) struct bytes after = south_file(fixture, &made, file);
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    assert_int_equal(text_to_utf8(&text, &size, after.at, after.size, TEXT_REFUSE, NULL), 0);
    assert_non_null(strstr(text, "=" SOUTH "-513"));
    assert_non_null(strstr(text, "_" SOUTH "-513]"));
    assert_non_null(strstr(text, "FullPath=\\\\south\\home"));
    assert_null(strstr(text, DEMO));
    assert_null(strstr(text, "contoso"));
}

/* Nothing is made, and every account without an entry has its message. */
static void the_table_alone_refuses_what_it_does_not_name(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(migration_table_free) struct migration_table *empty = migration_table_new();
    CLEANUP(free_pointer) char *args = args_of(empty, true, "");
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    struct gpmq_guid backup = desk_back_up(&fixture->desk, RESTRICTED, fixture->number++);
    struct gpmq_request request = an_import(fixture, DESK_REPOSITORY, look_text(backup), args);
    size_t deny = 0;
    for (int dry = 0; dry < 2; dry++) {
        request.dry_run = dry;
        CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
        told_failed_with(&told, GPMQ_ENOTFOUND);
        deny = 0;
        for (size_t i = 0; i + 1 < told.message_count; i++) {
            assert_string_equal(told.messages[i].object_path, SECURITY);
            assert_string_equal(told.messages[i].extension_name, "Security");
            assert_int_equal(told.messages[i].operation_code, GPMQ_ENOTFOUND);
            assert_int_equal(told.messages[i].error_code, gpmq_code_hresult(GPMQ_ENOTFOUND));
            deny += !strcmp(told.messages[i].settings_name, "SeDenyBatchLogonRight");
        }
        assert_int_equal(deny, 2); /* Domain Admins, Enterprise Admins */
    }
    assert_int_equal(fixture->south->ops->list(fixture->south, &gpos, NULL), 0);
    assert_int_equal(gpos.count, 0);
}

static void a_destination_that_is_not_there_leaves_the_target_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(migration_table_free) struct migration_table *table = created(fixture, NULL, false);
    struct gpmq_guid backup = desk_back_up(&fixture->desk, RESTRICTED, fixture->number++);
    struct gpmq_request first = an_import(fixture, DESK_REPOSITORY, look_text(backup), NULL);
    struct gpmq_guid made = gpmq_guid_derive(&first.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &first, 1, 0);
    told_ended_well(&told);
    CLEANUP(bytes_free) struct bytes before = south_file(fixture, &made, SECURITY);
    assert_non_null(memmem(before.at, before.size, "R\0i\0g\0h\0t\0s", 11));

    update(table, "Domain Admins@contoso.example", MIGRATION_SET, "SOUTH\\No Such Group");
    CLEANUP(free_pointer) char *args = args_of(table, false, "");
    struct gpmq_request second = an_import(fixture, DESK_REPOSITORY, look_text(backup), args);
    second.create = false;
    second.gpo = look_text(made);
    CLEANUP(told_free) struct told again = desk_run(&fixture->desk, &second, 1, 0);
    told_failed_with(&again, GPMQ_ENOTFOUND);
    CLEANUP(bytes_free) struct bytes after = south_file(fixture, &made, SECURITY);
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.at, before.at, after.size);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static struct gpmq_request a_copy(struct fixture *fixture, const char *source, const char *args)
{
    struct gpmq_request request = desk_request("gpo.copy", fixture->number++);
    request.repository = NULL;
    request.gpo = desk_gpo(&fixture->desk, source);
    request.name = source;
    request.target_domain = DESK_SECOND;
    request.args = args;
    return request;
}

static void look_dacl(struct fixture *fixture, const struct gpmq_guid *made)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    CLEANUP(free_pointer) struct sid *sids = NULL;
    struct sd sd;
    size_t count, south = 0;
    assert_int_equal(fixture->south->ops->read(fixture->south, made, &gpo, NULL), 0);
    assert_int_equal(sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL),
                     0);
    assert_int_equal(sd_dacl_sids(&sd, &sids, &count, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        char text[SID_TEXT_SIZE];
        sid_text(&sids[i], text);
        if (!strncmp(text, DEMO, strlen(DEMO)))
            fail_msg("the DACL still names %s", text);
        south += !strncmp(text, SOUTH, strlen(SOUTH));
    }
    assert_true(south >= 2);
}

static void a_copy_into_another_domain_maps_settings_and_the_dacl(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(migration_table_free) struct migration_table *table = created(fixture, NULL, true);
    for (size_t i = 0; i < migration_table_count(table); i++) {
        const struct migration_entry *entry = migration_table_at(table, i);
        bool there =
            strstr(entry->source, "Domain Admins") || strstr(entry->source, "Enterprise Admins");
        if (there)
            update(table, entry->source, MIGRATION_BY_RELATIVE_NAME, NULL);
        else if (strstr(entry->source, "contoso.example") && entry->type != MIGRATION_UNC_PATH)
            update(table, entry->source, MIGRATION_SET, "SOUTH\\All Staff");
        else if (!strncmp(entry->source, DEMO, strlen(DEMO)))
            update(table, entry->source, MIGRATION_NONE, NULL);
    }
    CLEANUP(free_pointer) char *args = args_of(table, true, ", \"copy_acl\": true");
    struct gpmq_request request = a_copy(fixture, RESTRICTED, args);
    struct gpmq_guid made = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    look_dacl(fixture, &made);
    CLEANUP(bytes_free) struct bytes after = south_file(fixture, &made, SECURITY);
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    assert_int_equal(text_to_utf8(&text, &size, after.at, after.size, TEXT_REFUSE, NULL), 0);
    assert_null(strstr(text, DEMO));
    assert_non_null(strstr(text, "SeDenyBatchLogonRight = *" SOUTH "-512,*" SOUTH "-519"));
    assert_non_null(strstr(text, "*" SOUTH "-519__Members ="));
}

static void a_copy_with_the_table_alone_needs_entries_for_the_dacl(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(migration_table_free) struct migration_table *empty = migration_table_new();
    CLEANUP(free_pointer) char *plain = args_of(empty, true, "");
    CLEANUP(free_pointer) char *with_acl = args_of(empty, true, ", \"copy_acl\": true");
    struct gpmq_request request = a_copy(fixture, "Kiosk - Lobby", plain);
    CLEANUP(told_free) struct told told = desk_run(&fixture->desk, &request, 1, 0);
    told_ended_well(&told);
    request = a_copy(fixture, "Office - Macro Security", with_acl);
    CLEANUP(told_free) struct told refused = desk_run(&fixture->desk, &request, 1, 0);
    told_failed_with(&refused, GPMQ_ENOTFOUND);
    assert_string_equal(refused.messages[0].object_path, request.gpo);
    assert_string_equal(refused.messages[0].settings_name, "DACL");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_table_of_a_domain_has_what_its_settings_name),
        TEST(a_table_of_a_backup_that_is_not_there_is_none),
        TEST(a_table_is_made_of_so_many_at_most),
        TEST(making_a_table_can_be_stopped),
        TEST(a_table_of_many_backups_needs_few_open_files),
        TEST(a_table_is_validated_entry_by_entry),
        TEST(a_table_that_is_too_large_for_args_is_the_input),
        TEST(an_input_that_is_not_the_one_of_the_request_is_refused),
        TEST(requests_without_a_right_table_are_refused),
        TEST(real_backups_get_the_accounts_of_the_other_domain_setting_by_setting),
        TEST(a_table_that_keeps_all_is_the_identity_on_every_real_backup),
        TEST(folder_redirection_moves_groups_and_paths),
        TEST(the_table_alone_refuses_what_it_does_not_name),
        TEST(a_destination_that_is_not_there_leaves_the_target_as_it_was),
        TEST(a_copy_into_another_domain_maps_settings_and_the_dacl),
        TEST(a_copy_with_the_table_alone_needs_entries_for_the_dacl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
