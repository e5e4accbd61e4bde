/* stage.c: what a rewriting step between a GPO and a change sees, gives back, and may refuse. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"
#include "stage.h"

#define SOURCE   "Users - Logon script"
#define SCRIPT   "User/Scripts/Logon/logon.cmd"
#define NEW_NAME "Staged"

static void ignore_report(struct run_channel *channel, const struct report *report)
{
    (void)channel, (void)report;
}

static bool never_stopped(struct run_channel *channel, int64_t wait_ms)
{
    (void)channel, (void)wait_ms;
    return false;
}

/* A step that makes one file's text upper case, or fails. */
struct shouting {
    int code; /* what rewrite() returns */
    unsigned rewritten;
};

static bool wants_script(void *arg, const char *path)
{
    (void)arg;
    return strcasecmp(path, SCRIPT) == 0;
}

static int shout(void *arg, const char *path, const struct bytes *in, struct bytes *out,
                 struct gpmq_error *err)
{
    struct shouting *step = arg;
    (void)path;
    *err = (struct gpmq_error){step->code, "no such principal"};
    if (step->code)
        return step->code;
    for (size_t i = 0; i < in->size; i++)
        bytes_put_char(out, (char)toupper(in->at[i]));
    step->rewritten++;
    return 0;
}

/* Stages SOURCE into a new GPO through the step, and commits where that went well. */
static int stage_through(struct desk *desk, struct shouting *shouting, uint8_t op,
                         struct gpmq_guid *made, struct gpmq_error *err)
{
    const struct domain_ops *ops = desk->domain->ops;
    struct run_channel channel = {.report = ignore_report, .stopped = never_stopped};
    struct gpmq_request request = desk_request("noop", op);
    const struct msg_exec_start start = {.fence = 1, .request = &request};
    CLEANUP(run_free) struct run *run = run_new(&channel, &start);
    struct gpmq_guid id;
    assert_int_equal(gpmq_guid_parse(&id, desk_gpo(desk, SOURCE)), 0);
    CLEANUP(gpo_free) struct gpo *gpo = desk_read(desk, &id);
    const struct stage_source source = {.gpo = gpo, .domain = desk->domain};
    const struct stage_rewrite step = {.arg = shouting, .wants = wants_script, .rewrite = shout};
    struct domain_change_request begin = {
        .create = true, .display_name = NEW_NAME, .op = request.id, .fence = 1};
    struct domain_change_answer answer;
    struct stage stage = {.run = run, .source = &source, .rewrite = &step};
    uint32_t version;
    *made = gpmq_guid_derive(&request.id, "gpo");
    assert_int_equal(ops->change_begin(desk->domain, &begin, 0, &stage.change, &answer, NULL), 0);
    int rc = stage_files(&stage, err);
    if (rc)
        ops->change_abort(&stage.change);
    return rc ? rc : ops->change_commit(&stage.change, &version, err);
}

static void a_step_rewrites_the_files_it_wants_and_no_others(void **state)
{
    struct desk *desk = *state;
    struct shouting shouting = {0};
    struct gpmq_guid id, made;
    struct gpmq_error err = {0};
    assert_int_equal(stage_through(desk, &shouting, 1, &made, &err), 0);
    assert_int_equal(shouting.rewritten, 1);
    assert_int_equal(gpmq_guid_parse(&id, desk_gpo(desk, SOURCE)), 0);
    CLEANUP(gpo_free) struct gpo *before = desk_read(desk, &id);
    CLEANUP(gpo_free) struct gpo *after = desk_read(desk, &made);
    assert_int_equal(after->file_count, before->file_count);
    for (size_t i = 0; i < before->file_count; i++) {
        const char *path = before->files[i].path;
        if (before->files[i].directory)
            continue;
        CLEANUP(bytes_free) struct bytes a = desk_file(desk, &id, path);
        CLEANUP(bytes_free) struct bytes b = desk_file(desk, &made, path);
        assert_int_equal(a.size, b.size);
        assert_int_equal(memcmp(a.at, b.at, a.size) == 0, strcasecmp(path, SCRIPT) != 0);
    }
}

static void a_step_that_refuses_ends_it_and_the_file_is_named(void **state)
{
    struct shouting shouting = {.code = GPMQ_ENOTFOUND};
    struct gpmq_guid made;
    struct gpmq_error err = {0};
    assert_int_equal(stage_through(*state, &shouting, 2, &made, &err), GPMQ_ENOTFOUND);
    assert_string_equal(err.text, SCRIPT ": no such principal");
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_rewrites_the_files_it_wants_and_no_others),
        cmocka_unit_test(a_step_that_refuses_ends_it_and_the_file_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
