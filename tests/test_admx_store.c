/* test_admx_store.c - a domain's central store, or the folder in its place: found, read, used in
 * reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "admx_store.h"
#include "cleanup.h"
#include "report_domain.h"
#include "scratch.h"

#define DEFINITIONS "domain/Policies/policydefinitions/"

struct fixture {
    struct scratch scratch;
    struct domain *domain;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    char path[SCRATCH_PATH_SIZE];
    struct gpmq_error err;
    fixture = (struct fixture){0};
    scratch_make(&fixture.scratch);
    scratch_path(&fixture.scratch, "domain", path);
    const struct domain_create_options options = {.dns_name = "example.test"};
    if (domain_create(path, &options, &err) || domain_open(&fixture.domain, path, &err))
        fail_msg("%s", err.text);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    domain_close(&fixture->domain);
    scratch_remove(&fixture->scratch);
    return 0;
}

static void make_folder(const struct fixture *fixture, const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    assert_int_equal(mkdir(scratch_path(&fixture->scratch, name, path), 0777), 0);
}

static void write_text(const struct fixture *fixture, const char *name, const char *text)
{
    scratch_write(&fixture->scratch, name, text, strlen(text));
}

/* One policy; its name is "$(string.P)". */
static void write_definitions(const struct fixture *fixture, const char *name)
{
    write_text(fixture, name,
               "<policyDefinitions xmlns='x'><policies><policy name='P' class='Machine' "
               "displayName='$(string.P)' key='K' valueName='V'/></policies></policyDefinitions>");
}

static void write_texts(const struct fixture *fixture, const char *name, const char *word)
{
    char text[512];
    snprintf(text, sizeof text,
             "<policyDefinitionResources xmlns='x'><resources><stringTable><string id='P'>%s"
             "</string></stringTable></resources></policyDefinitionResources>",
             word);
    write_text(fixture, name, text);
}

struct complaints {
    size_t count;
    char path[256];
    struct gpmq_error why;
};

static void complain(void *arg, const char *path, const struct gpmq_error *why)
{
    struct complaints *complaints = arg;
    complaints->count++;
    snprintf(complaints->path, sizeof complaints->path, "%s", path);
    complaints->why = *why;
    assert_true(why->code < 0);
}

static struct admx *read_with(struct fixture *fixture, const char *folder,
                              struct complaints *complaints)
{
    struct admx *admx;
    struct gpmq_error err;
    if (admx_store_read(&admx, fixture->domain, folder, complain, complaints, &err))
        fail_msg("%s", err.text);
    return admx;
}

static struct admx *read_store(struct fixture *fixture, struct complaints *complaints)
{
    return read_with(fixture, NULL, complaints);
}

static const char *name_of(const struct admx *admx, size_t at)
{
    const struct admx_policy *policy = admx_policy(admx, at);
    return admx_text(policy->file, xml_attribute(policy->element, "displayName"));
}

static void a_domain_without_a_store_has_no_templates(void **state)
{
    struct complaints complaints = {0};
    assert_null(read_store(*state, &complaints));
    make_folder(*state, DEFINITIONS);
    assert_null(read_store(*state, &complaints));
    assert_int_equal(complaints.count, 0);
}

static void texts_are_english_where_there_are_some(void **state)
{
    struct complaints complaints = {0};
    make_folder(*state, DEFINITIONS);
    make_folder(*state, DEFINITIONS "de-DE");
    make_folder(*state, DEFINITIONS "EN-us");
    write_definitions(*state, DEFINITIONS "One.admx");
    write_texts(*state, DEFINITIONS "de-DE/one.adml", "eins");
    write_texts(*state, DEFINITIONS "EN-us/ONE.adml", "one");
    write_definitions(*state, DEFINITIONS "two.admx");
    write_texts(*state, DEFINITIONS "de-DE/two.adml", "zwei");
    write_definitions(*state, DEFINITIONS "zero.admx");
    write_text(*state, DEFINITIONS "readme.txt", "not a template");
    CLEANUP(admx_free) struct admx *admx = read_store(*state, &complaints);
    assert_int_equal(admx_count(admx), 3);
    assert_string_equal(name_of(admx, 0), "one");
    assert_string_equal(name_of(admx, 1), "zwei");
    assert_string_equal(name_of(admx, 2), "$(string.P)");
    assert_int_equal(complaints.count, 0);
}

static void a_damaged_template_is_told_of_and_the_others_are_used(void **state)
{
    struct complaints complaints = {0};
    make_folder(*state, DEFINITIONS);
    make_folder(*state, DEFINITIONS "en-US");
    write_text(*state, DEFINITIONS "bad.admx", "<!DOCTYPE a [<!ENTITY b 'c'>]><policyDefinitions>");
    write_definitions(*state, DEFINITIONS "good.admx");
    write_text(*state, DEFINITIONS "en-US/good.adml", "<no");
    CLEANUP(admx_free) struct admx *admx = read_store(*state, &complaints);
    assert_int_equal(admx_count(admx), 1);
    assert_string_equal(name_of(admx, 0), "$(string.P)");
    assert_int_equal(complaints.count, 2);
    assert_string_equal(complaints.path, "good.admx");
}

static void a_link_out_of_the_store_is_not_followed(void **state)
{
    struct fixture *fixture = *state;
    struct complaints complaints = {0};
    char link[SCRATCH_PATH_SIZE];
    make_folder(fixture, DEFINITIONS);
    write_definitions(fixture, "outside.admx");
    scratch_path(&fixture->scratch, DEFINITIONS "in.admx", link);
    assert_int_equal(symlink("../../../outside.admx", link), 0);
    assert_null(read_store(fixture, &complaints));
    struct gpmq_error err;
    assert_true(fixture->domain->ops->read_template(fixture->domain, "in.admx", NULL, NULL, &err) <
                0);
    assert_true(fixture->domain->ops->read_template(fixture->domain, "../../../outside.admx", NULL,
                                                    NULL, &err) < 0);
}

static void templates_are_read_once_for_a_connection(void **state)
{
    struct fixture *fixture = *state;
    struct gpo gpo = {.file_count = 0};
    char path[SCRATCH_PATH_SIZE];
    make_folder(fixture, DEFINITIONS);
    write_definitions(fixture, DEFINITIONS "one.admx");
    assert_int_equal(gpo_add_file(&gpo, "Machine/registry.pol", false, 8, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct report_source source = {.gpo = &gpo};
        CLEANUP(report_domain_free)
        struct report_domain from = {.domain = fixture->domain, .gpo = &gpo};
        assert_int_equal(report_domain_templates(&source, &from, NULL, NULL), 0);
        assert_non_null(source.admx);
        assert_int_equal(admx_count(source.admx), 1);
        unlink(scratch_path(&fixture->scratch, DEFINITIONS "one.admx", path));
    }
    free(gpo.files[0].path);
    free(gpo.files);
}

/* ---- the folder in place of a store ---------------------------------------------------------- */

#define FOLDER "admx"

static const char *make_local(const struct fixture *fixture, char path[SCRATCH_PATH_SIZE])
{
    make_folder(fixture, FOLDER);
    make_folder(fixture, FOLDER "/en-US");
    write_definitions(fixture, FOLDER "/one.admx");
    write_texts(fixture, FOLDER "/en-US/one.adml", "local");
    return scratch_path(&fixture->scratch, FOLDER, path);
}

static void a_domain_without_a_store_has_the_templates_of_the_folder(void **state)
{
    struct complaints complaints = {0};
    char path[SCRATCH_PATH_SIZE];
    const char *folder = make_local(*state, path);
    make_folder(*state, DEFINITIONS);
    CLEANUP(admx_free) struct admx *admx = read_with(*state, folder, &complaints);
    assert_non_null(admx);
    assert_int_equal(admx_count(admx), 1);
    assert_string_equal(name_of(admx, 0), "local");
    assert_int_equal(complaints.count, 0);
}

static void the_store_wins_over_the_folder_and_nothing_is_mixed(void **state)
{
    struct complaints complaints = {0};
    char path[SCRATCH_PATH_SIZE];
    const char *folder = make_local(*state, path);
    make_folder(*state, DEFINITIONS);
    write_definitions(*state, DEFINITIONS "other.admx");
    CLEANUP(admx_free) struct admx *admx = read_with(*state, folder, &complaints);
    assert_int_equal(admx_count(admx), 1);
    assert_string_equal(name_of(admx, 0), "$(string.P)");
}

static void a_folder_that_is_missing_empty_or_a_file_is_told_of(void **state)
{
    struct fixture *fixture = *state;
    static const char *const reasons[] = {"No such file", "no administrative templates",
                                          "Not a directory"};
    static const char *const names[] = {"missing", "empty", "file"};
    make_folder(fixture, "empty");
    write_text(fixture, "file", "no folder");
    for (size_t i = 0; i < 3; i++) {
        struct complaints complaints = {0};
        char path[SCRATCH_PATH_SIZE];
        scratch_path(&fixture->scratch, names[i], path);
        assert_null(read_with(fixture, path, &complaints));
        assert_int_equal(complaints.count, 1);
        assert_string_equal(complaints.path, "templates");
        if (!strstr(complaints.why.text, reasons[i]) || !strstr(complaints.why.text, path))
            fail_msg("'%s' does not say '%s'", complaints.why.text, reasons[i]);
    }
}

static void damaged_templates_of_the_folder_are_told_of_and_links_are_no_templates(void **state)
{
    struct fixture *fixture = *state;
    struct complaints complaints = {0};
    char path[SCRATCH_PATH_SIZE], link[SCRATCH_PATH_SIZE];
    const char *folder = make_local(fixture, path);
    write_text(fixture, FOLDER "/bad.admx", "<no");
    write_definitions(fixture, "outside.admx");
    make_folder(fixture, "de-DE");
    scratch_path(&fixture->scratch, FOLDER "/in.admx", link);
    assert_int_equal(symlink("../outside.admx", link), 0);
    scratch_path(&fixture->scratch, FOLDER "/de-DE", link);
    assert_int_equal(symlink("../de-DE", link), 0);
    write_texts(fixture, "de-DE/one.adml", "eins");
    CLEANUP(admx_free) struct admx *admx = read_with(fixture, folder, &complaints);
    assert_int_equal(admx_count(admx), 1);
    assert_string_equal(name_of(admx, 0), "local");
    assert_int_equal(complaints.count, 1);
    assert_string_equal(complaints.path, "bad.admx");
}

static void a_template_of_the_folder_has_the_limit_of_those_of_a_store(void **state)
{
    struct fixture *fixture = *state;
    struct complaints complaints = {0};
    char path[SCRATCH_PATH_SIZE], large[SCRATCH_PATH_SIZE];
    const char *folder = make_local(fixture, path);
    write_text(fixture, FOLDER "/large.admx", "<");
    scratch_path(&fixture->scratch, FOLDER "/large.admx", large);
    assert_int_equal(truncate(large, (off_t)XML_BYTES_MAX + 1), 0);
    CLEANUP(admx_free) struct admx *admx = read_with(fixture, folder, &complaints);
    assert_int_equal(admx_count(admx), 1);
    assert_int_equal(complaints.count, 1);
    assert_non_null(strstr(complaints.why.text, "more than 33554432 bytes"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_domain_without_a_store_has_no_templates),
        test(texts_are_english_where_there_are_some),
        test(a_damaged_template_is_told_of_and_the_others_are_used),
        test(a_link_out_of_the_store_is_not_followed),
        test(templates_are_read_once_for_a_connection),
        test(a_domain_without_a_store_has_the_templates_of_the_folder),
        test(the_store_wins_over_the_folder_and_nothing_is_mixed),
        test(a_folder_that_is_missing_empty_or_a_file_is_told_of),
        test(damaged_templates_of_the_folder_are_told_of_and_links_are_no_templates),
        test(a_template_of_the_folder_has_the_limit_of_those_of_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
