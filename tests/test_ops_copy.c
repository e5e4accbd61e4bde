/* gpo.copy, run as an executor runs it: within a domain, into another, twice, stopped, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"
#include "sd.h"

#define SCRIPTS  "Workstations - Startup scripts"
#define FILTERED "Domain Controllers - Time source (PDC)" /* WMI filter, options 1 */
#define GUARDED  "Kiosk - Lobby"                          /* has a DACL of its own */
#define WITH_ACL "{\"copy_acl\": true}"

struct both {
    struct desk desk;
    struct desk second; /* another, empty domain */
};

static int set_up(void **state)
{
    static struct both both;
    desk_make_demo(&both.desk);
    desk_make_empty(&both.second);
    both.desk.second_path = both.second.domain_path;
    *state = &both;
    return 0;
}

static int tear_down(void **state)
{
    struct both *both = *state;
    desk_remove(&both->desk);
    desk_remove(&both->second);
    return 0;
}

static struct gpmq_request copy_of(const struct desk *desk, const char *source, const char *name,
                                   unsigned number)
{
    struct gpmq_request request = desk_request("gpo.copy", number);
    request.repository = NULL;
    request.gpo = desk_gpo(desk, source);
    request.name = name;
    return request;
}

/* Runs it well and reads what it made. */
static struct gpo *made_by(struct desk *desk, const struct desk *where,
                           const struct gpmq_request *request, size_t messages)
{
    struct gpmq_guid id = gpmq_guid_derive(&request->id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(desk, request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, messages);
    assert_string_equal(told.type, "gpo");
    assert_string_equal(told_property(&told, "id"), look_text(id));
    return desk_read(where, &id);
}

static void assert_fresh(const struct gpo *made)
{
    assert_int_equal(made->user.ds, 1);
    assert_int_equal(made->user.sysvol, 1);
    assert_int_equal(made->machine.ds, 1);
    assert_int_equal(made->machine.sysvol, 1);
}

static void a_copy_has_the_settings_under_a_new_guid(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    const char *const sources[] = {SCRIPTS, FILTERED, GUARDED, "Users - Baseline"};
    for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
        char name[64];
        snprintf(name, sizeof name, "Copied %u", i);
        CLEANUP(gpo_free) struct gpo *source = look_named(desk, sources[i]);
        struct gpmq_request request = copy_of(desk, sources[i], name, 1 + i);
        CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
        assert_string_equal(made->display_name, name);
        assert_int_equal(made->options, source->options);
        look_same_settings(desk, made, source); /* the description is one of the files */
        assert_fresh(made);
        CLEANUP(gpo_free) struct gpo *after = look_named(desk, sources[i]);
        assert_int_equal(after->user.ds, source->user.ds);
        assert_int_equal(after->modified_unix_ms, source->modified_unix_ms);
    }
}

static void a_copy_is_linked_nowhere(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    char path[SCRATCH_PATH_SIZE + 16];
    CLEANUP(bytes_free) struct bytes before = {0};
    CLEANUP(bytes_free) struct bytes after = {0};
    snprintf(path, sizeof path, "%s/domain.ldif", desk->domain_path);
    look_file(&before, path);
    struct gpmq_request request = copy_of(desk, "Servers - Baseline", "Unlinked", 10);
    CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
    look_file(&after, path);
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.at, before.at, before.size);
    assert_null(memmem(after.at, after.size, look_text(made->id), GPMQ_GUID_TEXT_SIZE - 1));
}

static void within_the_domain_it_keeps_the_wmi_link(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    CLEANUP(gpo_free) struct gpo *source = look_named(desk, FILTERED);
    struct gpmq_request request = copy_of(desk, FILTERED, "With filter", 11);
    CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
    assert_non_null(made->wmi_filter);
    assert_string_equal(made->wmi_filter, source->wmi_filter);
    assert_string_equal(made->wmi_filter_name, source->wmi_filter_name);
}

static void its_dacl_is_that_of_a_new_gpo_or_as_asked_the_sources(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    CLEANUP(gpo_free) struct gpo *source = look_named(desk, GUARDED);
    CLEANUP(gpo_free) struct gpo *plain = look_named(desk, SCRIPTS); /* has that of a new GPO */
    struct gpmq_request request = copy_of(desk, GUARDED, "Default permissions", 12);
    CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
    look_same_dacl(made, plain);
    request = copy_of(desk, GUARDED, "Same permissions", 13);
    request.args = WITH_ACL;
    CLEANUP(gpo_free) struct gpo *same = made_by(desk, desk, &request, 0);
    look_same_dacl(same, source);
    struct sd a, b;
    assert_int_equal(sd_open(&a, made->security_descriptor, made->security_descriptor_size, NULL),
                     0);
    assert_int_equal(
        sd_open(&b, source->security_descriptor, source->security_descriptor_size, NULL), 0);
    assert_true(a.dacl.size != b.dacl.size);
}

static void without_a_name_it_is_a_copy_of(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    struct gpmq_request request = copy_of(desk, SCRIPTS, NULL, 14);
    CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
    assert_string_equal(made->display_name, "Copy of " SCRIPTS);
}

static void a_name_that_is_taken_is_refused(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    struct gpmq_request request = copy_of(desk, SCRIPTS, "KIOSK - lobby", 15);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_EEXIST);
    assert_non_null(strstr(told_last(&told), "has a GPO 'Kiosk - Lobby' already, {"));
    look_unchanged(desk, &before);
    assert_false(look_staged(desk, look_text(gpmq_guid_derive(&request.id, "gpo"))));
}

/* ---- into another domain --------------------------------------------------------------------- */

static void it_goes_to_another_domain_without_the_wmi_link(void **state)
{
    struct both *both = *state;
    CLEANUP(gpo_free) struct gpo *source = look_named(&both->desk, FILTERED);
    struct gpmq_request request = copy_of(&both->desk, FILTERED, FILTERED, 20);
    request.target_domain = DESK_SECOND;
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(bytes_free) struct bytes before = look_snapshot(&both->desk);
    CLEANUP(told_free) struct told told = desk_run(&both->desk, &request, 1, 0);
    told_ended_well(&told);
    look_unchanged(&both->desk, &before);
    assert_int_equal(told.message_count, 1);
    assert_string_equal(told.messages[0].settings_name, "WMI filter");
    assert_int_equal(told.messages[0].error_code, 0);
    assert_non_null(strstr(told.messages[0].text, source->wmi_filter));
    assert_string_equal(told_property(&told, "domain_name"), "example.test");
    CLEANUP(gpo_free) struct gpo *made = desk_read(&both->second, &id);
    assert_null(made->wmi_filter);
    assert_int_equal(made->options, 1);
    assert_fresh(made);
    assert_int_equal(made->file_count, source->file_count);
    for (size_t i = 0; i < source->file_count; i++) {
        if (source->files[i].directory)
            continue;
        CLEANUP(bytes_free)
        struct bytes a = desk_file(&both->desk, &source->id, source->files[i].path);
        CLEANUP(bytes_free) struct bytes b = desk_file(&both->second, &id, source->files[i].path);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.at, b.at, a.size);
    }
}

static void permissions_of_strangers_are_told(void **state)
{
    struct both *both = *state;
    CLEANUP(gpo_free) struct gpo *source = look_named(&both->desk, GUARDED);
    struct gpmq_request request = copy_of(&both->desk, GUARDED, "Guarded elsewhere", 21);
    request.target_domain = DESK_SECOND;
    request.args = WITH_ACL;
    struct gpmq_guid id = gpmq_guid_derive(&request.id, "gpo");
    CLEANUP(told_free) struct told told = desk_run(&both->desk, &request, 1, 0);
    told_ended_well(&told);
    const char *sid = both->desk.domain->ops->info(both->desk.domain)->sid;
    assert_true(told.message_count > 0);
    for (size_t i = 0; i < told.message_count; i++) {
        assert_string_equal(told.messages[i].settings_name, "permissions");
        assert_non_null(strstr(told.messages[i].text, sid)); /* well-known ones are no strangers */
    }
    CLEANUP(gpo_free) struct gpo *made = desk_read(&both->second, &id);
    look_same_dacl(made, source);
}

static void a_domain_named_as_its_own_target_is_one_domain(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    struct gpmq_request request = copy_of(desk, FILTERED, "Its own target", 22);
    request.target_domain = DESK_DOMAIN;
    CLEANUP(gpo_free) struct gpo *made = made_by(desk, desk, &request, 0);
    assert_non_null(made->wmi_filter);
}

/* ---- twice, and not at all ------------------------------------------------------------------- */

static void a_second_attempt_makes_no_second_gpo(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    struct gpmq_request request = copy_of(desk, SCRIPTS, "Made once", 30);
    CLEANUP(told_free) struct told first = desk_run(desk, &request, 1, 0);
    told_ended_well(&first);
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    CLEANUP(told_free) struct told second = desk_run(desk, &request, 2, 0);
    told_ended_well(&second); /* its own name does not stand in its way */
    look_unchanged(desk, &before);
    assert_string_equal(told_property(&second, "id"), told_property(&first, "id"));
}

static void a_stop_at_any_file_makes_no_gpo(void **state)
{
    struct desk *desk = &((struct both *)*state)->desk;
    struct gpmq_request request = copy_of(desk, SCRIPTS, "Not made at first", 31);
    look_stopped_anywhere(desk, &request, look_text(gpmq_guid_derive(&request.id, "gpo")), 1);
}

static void what_makes_no_sense_is_named(void **state)
{
    static const char absent[] = "{00000000-0000-4000-8000-000000000001}";
    struct desk *desk = &((struct both *)*state)->desk;
    const char *gpo = desk_gpo(desk, SCRIPTS);
    static char long_name[GPO_NAME_MAX + 2];
    memset(long_name, 'x', sizeof long_name - 1);
    const struct {
        struct gpmq_request request;
        int code;
        const char *text; /* that the message has in it */
    } cases[] = {
        {{.gpo = NULL}, GPMQ_EINVAL, "needs 'gpo'"},
        {{.gpo = "Users"}, GPMQ_EINVAL, "'Users' is no GUID of a GPO"},
        {{.gpo = absent}, GPMQ_ENOTFOUND, absent},
        {{.gpo = gpo, .target_domain = "nowhere"}, GPMQ_ENOTFOUND, "no domain 'nowhere'"},
        {{.gpo = gpo, .args = "{\"copy_alc\": true}"}, GPMQ_EINVAL, "copy_alc"},
        {{.gpo = gpo, .args = "{\"copy_acl\": 1}"}, GPMQ_EINVAL, "args: "},
        {{.gpo = gpo, .args = "["}, GPMQ_EINVAL, "args is no JSON"},
        {{.gpo = gpo, .name = long_name}, GPMQ_EINVAL, "more than 1024 bytes"},
    };
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_request request = cases[i].request;
        request.id = desk_request("gpo.copy", 40 + i).id;
        request.kind = "gpo.copy";
        request.domain = DESK_DOMAIN;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
        told_failed_with(&told, cases[i].code);
        if (!strstr(told_last(&told), cases[i].text))
            fail_msg("'%s' does not say \"%s\"", told_last(&told), cases[i].text);
    }
    look_unchanged(desk, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_the_settings_under_a_new_guid),
        cmocka_unit_test(a_copy_is_linked_nowhere),
        cmocka_unit_test(within_the_domain_it_keeps_the_wmi_link),
        cmocka_unit_test(its_dacl_is_that_of_a_new_gpo_or_as_asked_the_sources),
        cmocka_unit_test(without_a_name_it_is_a_copy_of),
        cmocka_unit_test(a_name_that_is_taken_is_refused),
        cmocka_unit_test(it_goes_to_another_domain_without_the_wmi_link),
        cmocka_unit_test(permissions_of_strangers_are_told),
        cmocka_unit_test(a_domain_named_as_its_own_target_is_one_domain),
        cmocka_unit_test(a_second_attempt_makes_no_second_gpo),
        cmocka_unit_test(a_stop_at_any_file_makes_no_gpo),
        cmocka_unit_test(what_makes_no_sense_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
