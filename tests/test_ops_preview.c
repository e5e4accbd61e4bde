/* What a dry run tells is what the operation then does: each is run dry, then for good, and the
 * difference that it made is held against the preview. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"

#define SCRIPTS  "Workstations - Startup scripts"
#define FILTERED "Domain Controllers - Time source (PDC)" /* WMI filter, options 1 */
#define GUARDED  "Kiosk - Lobby"                          /* has a DACL of its own */

static int set_up(void **state)
{
    static struct desk desk;
    desk_make_demo(&desk);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(*state);
    return 0;
}

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

/* ---- a GPO before and after ------------------------------------------------------------------ */

/* One GPO with all that its files hold. */
struct state {
    struct gpo *gpo; /* NULL: it is not there */
    struct bytes *contents;
};

static struct state take_state(const struct desk *desk, const struct gpmq_guid *id)
{
    struct state state = {0};
    if (desk->domain->ops->read(desk->domain, id, &state.gpo, NULL) != 0)
        return state;
    state.contents = calloc(state.gpo->file_count + 1, sizeof *state.contents);
    assert_non_null(state.contents);
    for (size_t i = 0; i < state.gpo->file_count; i++)
        if (!state.gpo->files[i].directory)
            state.contents[i] = desk_file(desk, id, state.gpo->files[i].path);
    return state;
}

static void drop_state(struct state *state)
{
    for (size_t i = 0; state->gpo && i < state->gpo->file_count; i++)
        bytes_free(&state->contents[i]);
    free(state->contents);
    gpo_free(&state->gpo);
}

/* The file's content; NULL: there is no file of that path. */
static const struct bytes *content_of(const struct state *state, const char *path)
{
    const struct gpo_file *file = state->gpo ? gpo_find_file(state->gpo, path) : NULL;
    return file && !file->directory ? &state->contents[file - state->gpo->files] : NULL;
}

/* "added", "changed", "removed", or NULL for what is the same. */
static const char *change_of(const struct state *before, const struct state *after,
                             const char *path)
{
    const struct bytes *a = content_of(before, path), *b = content_of(after, path);
    if (!a || !b)
        return a ? "removed" : "added";
    return a->size == b->size && memcmp(a->at, b->at, a->size) == 0 ? NULL : "changed";
}

/* ---- the preview ----------------------------------------------------------------------------- */

static const json_t *entry_of(const json_t *preview, const char *list, const char *key,
                              const char *value)
{
    const json_t *item;
    size_t i;
    json_array_foreach(json_object_get(preview, list), i,
                       item) if (strcasecmp(json_string_value(json_object_get(item, key)), value) ==
                                 0) return item;
    return NULL;
}

static void expect_size(const json_t *entry, const char *key, const struct bytes *content)
{
    const json_t *size = json_object_get(entry, key);
    if (content)
        assert_int_equal(json_integer_value(size), content->size);
    else
        assert_true(json_is_null(size));
}

static size_t check_files(const json_t *preview, const struct state *before,
                          const struct state *after, const struct gpo *gpo, bool only_gone)
{
    size_t changes = 0;
    for (size_t i = 0; gpo && i < gpo->file_count; i++) {
        const char *path = gpo->files[i].path;
        if (gpo->files[i].directory || (only_gone && content_of(after, path)))
            continue;
        const char *change = change_of(before, after, path);
        const json_t *entry = entry_of(preview, "files", "path", path);
        if (!change != !entry)
            fail_msg("%s is %s, in the preview %s", path, change ? change : "the same",
                     entry ? "it changes" : "it is not");
        if (!change)
            continue;
        assert_string_equal(json_string_value(json_object_get(entry, "change")), change);
        expect_size(entry, "size_from", content_of(before, path));
        expect_size(entry, "size_to", content_of(after, path));
        changes++;
    }
    return changes;
}

static void expect_number(const json_t *preview, const char *key, const struct gpo *gpo,
                          uint16_t number)
{
    const json_t *value = json_object_get(json_object_get(preview, "version"), key);
    if (gpo)
        assert_int_equal(json_integer_value(value), number);
    else
        assert_true(json_is_null(value));
}

static void check_version(const json_t *preview, const struct gpo *before, const struct gpo *after)
{
    expect_number(preview, "user_from", before, before ? before->user.ds : 0);
    expect_number(preview, "computer_from", before, before ? before->machine.ds : 0);
    expect_number(preview, "user_to", after, after->user.ds);
    expect_number(preview, "computer_to", after, after->machine.ds);
}

static size_t files_told(const json_t *preview)
{
    const json_t *item;
    size_t i, files = 0;
    json_array_foreach(json_object_get(preview, "files"), i, item)
    {
        const char *path = json_string_value(json_object_get(item, "path"));
        files += path[strlen(path) - 1] != '/';
    }
    return files;
}

/* Runs it dry and for good. Returns the preview, held against what happened. */
static json_t *preview_of(struct desk *desk, const struct gpmq_request *request,
                          const struct gpmq_guid *id)
{
    struct gpmq_request dry = *request;
    dry.dry_run = true;
    dry.id = desk_request("dry", 9999).id;
    if (request->create || strcmp(request->kind, "gpo.copy") == 0)
        dry.id = request->id; /* which names the new GPO */
    CLEANUP(drop_state) struct state before = take_state(desk, id);
    CLEANUP(bytes_free) struct bytes disk = look_snapshot(desk);
    CLEANUP(told_free) struct told told = desk_run(desk, &dry, DESK_FENCE, 0);
    told_ended_well(&told);
    look_unchanged(desk, &disk);
    assert_false(look_staged(desk, look_text(*id)));
    assert_string_equal(told.type, "preview");
    assert_string_equal(told_property(&told, "id"), look_text(*id));
    assert_string_equal(told_property(&told, "creates"), before.gpo ? "false" : "true");
    json_t *preview = json_loadb((char *)told.content.at, told.content.size, 0, NULL);
    assert_non_null(preview);

    CLEANUP(told_free) struct told done = desk_run(desk, request, DESK_FENCE, 0);
    told_ended_well(&done);
    CLEANUP(drop_state) struct state after = take_state(desk, id);
    size_t changes = check_files(preview, &before, &after, after.gpo, false) +
                     check_files(preview, &before, &after, before.gpo, true);
    assert_int_equal(changes, files_told(preview));
    check_version(preview, before.gpo, after.gpo);
    assert_string_equal(told_property(&told, "display_name"), after.gpo->display_name);
    return preview;
}

static void expect_attribute(const json_t *preview, const char *name, const char *from,
                             const char *to)
{
    const json_t *entry = entry_of(preview, "attributes", "name", name);
    if (!entry)
        fail_msg("the preview does not tell of %s", name);
    const char *was = json_string_value(json_object_get(entry, "from"));
    const char *is = json_string_value(json_object_get(entry, "to"));
    if (!was != !from || (from && !strstr(was, from)))
        fail_msg("%s was %s", name, was ? was : "null");
    if (!is != !to || (to && !strstr(is, to)))
        fail_msg("%s is %s", name, is ? is : "null");
}

static size_t count_of(const json_t *preview, const char *list)
{
    return json_array_size(json_object_get(preview, list));
}

static struct gpmq_request with_backup(const char *kind, struct gpmq_guid backup, const char *gpo,
                                       unsigned number)
{
    struct gpmq_request request = desk_request(kind, number);
    request.backup = look_text(backup);
    request.gpo = gpo;
    request.create = !gpo;
    return request;
}

/* ---- the operations -------------------------------------------------------------------------- */

static void an_import_tells_which_files_it_replaces(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *target = look_named(desk, "Servers - Audit");
    struct gpmq_request request =
        with_backup("gpo.import", desk_back_up(desk, SCRIPTS, 1), look_text(target->id), 2);
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &target->id);
    assert_true(files_told(preview) > 2);
    assert_non_null(entry_of(preview, "files", "change", "removed"));
    assert_non_null(entry_of(preview, "files", "change", "added"));
    expect_attribute(preview, "machine_extensions", "{", "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}");
    assert_null(entry_of(preview, "attributes", "name", "permissions"));
    assert_null(entry_of(preview, "attributes", "name", "options"));
}

static void an_import_into_a_new_gpo_tells_all_of_it(void **state)
{
    struct desk *desk = *state;
    struct gpmq_request request =
        with_backup("gpo.import", desk_back_up(desk, SCRIPTS, 3), NULL, 4);
    request.name = "Made by a preview's import";
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &id);
    assert_null(entry_of(preview, "files", "change", "removed"));
    expect_attribute(preview, "display_name", NULL, "Made by a preview's import");
    expect_attribute(preview, "permissions", NULL, "D:P");
    expect_attribute(preview, "options", NULL, "all enabled");
}

static void a_restore_tells_what_it_puts_back(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, FILTERED, 5);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, FILTERED);
    CLEANUP(gpo_free) struct gpo *guarded = look_named(desk, GUARDED);
    struct gpo values = *guarded;
    values.display_name = (char *)"Spoilt";
    values.options = 2;
    desk_edit(desk, &gpo->id,
              DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS | DOMAIN_WMI_FILTER | DOMAIN_SECURITY |
                  DOMAIN_EXTENSIONS,
              &values, 6);
    struct gpmq_request request = with_backup("gpo.restore", backup, look_text(gpo->id), 7);
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &gpo->id);
    expect_attribute(preview, "display_name", "Spoilt", FILTERED);
    expect_attribute(preview, "options", "computer settings disabled", "user settings disabled");
    expect_attribute(preview, "wmi_filter", NULL, "PDC emulator [contoso.example;{9B4F2D60");
    expect_attribute(preview, "permissions", "D:", "D:P");
    const json_t *gone = entry_of(preview, "files", "path", "Machine/edited.txt");
    assert_string_equal(json_string_value(json_object_get(gone, "change")), "removed");
}

static void a_restore_of_what_is_there_changes_the_version_alone(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, GUARDED, 8);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, GUARDED);
    struct gpmq_request request = with_backup("gpo.restore", backup, look_text(gpo->id), 9);
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &gpo->id);
    assert_int_equal(count_of(preview, "files"), 0);
    assert_int_equal(count_of(preview, "attributes"), 0);
}

static void a_restore_of_a_deleted_gpo_tells_that_it_makes_it(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, "Test - Empty folders only", 10);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Test - Empty folders only");
    desk_delete(desk, &gpo->id);
    struct gpmq_request request = with_backup("gpo.restore", backup, look_text(gpo->id), 11);
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &gpo->id);
    assert_int_equal(files_told(preview), 0);
    assert_true(count_of(preview, "files") > 0); /* its empty folders */
    expect_attribute(preview, "display_name", NULL, "Test - Empty folders only");
}

static void a_change_within_a_file_of_the_same_size_is_seen(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, "Servers - SQL servers");
    struct gpo nothing = {0};
    desk_edit(desk, &gpo->id, 0, &nothing, 12);
    struct gpmq_guid backup = desk_back_up(desk, "Servers - SQL servers", 13);
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/%s/Machine/edited.txt", desk->domain_path,
             look_text(gpo->id));
    CLEANUP(close_file) FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    assert_int_equal(fputs("Edited", file) < 0, 0);
    assert_int_equal(fflush(file), 0);
    struct gpmq_request request = with_backup("gpo.restore", backup, look_text(gpo->id), 14);
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &gpo->id);
    assert_int_equal(count_of(preview, "files"), 1);
    const json_t *entry = entry_of(preview, "files", "path", "Machine/edited.txt");
    assert_string_equal(json_string_value(json_object_get(entry, "change")), "changed");
}

static void a_copy_tells_all_of_it(void **state)
{
    struct desk *desk = *state;
    struct gpmq_request request = desk_request("gpo.copy", 15);
    request.gpo = desk_gpo(desk, FILTERED);
    request.name = "Made by a preview's copy";
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(drop_json) json_t *preview = preview_of(desk, &request, &id);
    expect_attribute(preview, "wmi_filter", NULL, "PDC emulator");
    expect_attribute(preview, "options", NULL, "user settings disabled");
}

static void a_gpo_that_cannot_be_read_is_shown_as_new_and_told(void **state)
{
    struct desk *desk = *state;
    struct gpmq_guid backup = desk_back_up(desk, SCRIPTS, 16);
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, SCRIPTS);
    char path[2 * SCRATCH_PATH_SIZE], away[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/%s", desk->domain_path, look_text(gpo->id));
    snprintf(away, sizeof away, "%s/lost", desk->scratch.path);
    assert_int_equal(rename(path, away), 0);
    struct gpmq_request request = with_backup("gpo.restore", backup, look_text(gpo->id), 17);
    request.dry_run = true;
    CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 1);
    assert_non_null(strstr(told_last(&told), "cannot be read"));
    request.dry_run = false;
    CLEANUP(told_free) struct told done = desk_run(desk, &request, DESK_FENCE, 0);
    told_ended_well(&done);
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &gpo->id);
    assert_int_equal(after->file_count, gpo->file_count);
}

static void a_backup_tells_what_it_would_hold(void **state)
{
    struct desk *desk = *state;
    CLEANUP(gpo_free) struct gpo *gpo = look_named(desk, GUARDED);
    struct gpmq_request request = desk_request("gpo.backup", 18);
    request.gpo = look_text(gpo->id);
    request.dry_run = true;
    size_t entries = desk_entries(desk), files = 0;
    CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
    told_ended_well(&told);
    assert_int_equal(desk_entries(desk), entries);
    assert_string_equal(told.type, "preview");
    assert_string_equal(told_property(&told, "id"),
                        look_text(gpmq_guid_derive(&request.id, "backup")));
    CLEANUP(drop_json)
    json_t *preview = json_loadb((char *)told.content.at, told.content.size, 0, NULL);
    assert_non_null(preview);
    for (size_t i = 0; i < gpo->file_count; i++) {
        files += !gpo->files[i].directory;
        if (!gpo->files[i].directory)
            assert_non_null(entry_of(preview, "files", "path", gpo->files[i].path));
    }
    assert_int_equal(files_told(preview), files);
    assert_true(json_is_null(json_object_get(preview, "version")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_tells_which_files_it_replaces),
        cmocka_unit_test(an_import_into_a_new_gpo_tells_all_of_it),
        cmocka_unit_test(a_restore_tells_what_it_puts_back),
        cmocka_unit_test(a_restore_of_what_is_there_changes_the_version_alone),
        cmocka_unit_test(a_restore_of_a_deleted_gpo_tells_that_it_makes_it),
        cmocka_unit_test(a_change_within_a_file_of_the_same_size_is_seen),
        cmocka_unit_test(a_copy_tells_all_of_it),
        cmocka_unit_test(a_gpo_that_cannot_be_read_is_shown_as_new_and_told),
        cmocka_unit_test(a_backup_tells_what_it_would_hold),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
