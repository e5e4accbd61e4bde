/* test_admx.c - registry values by the names that administrative templates give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admx.h"
#include "cleanup.h"
#include "make_pol.h"
#include "report_fixture.h"

/* ---- templates ------------------------------------------------------------------------------ */

static char *read_data(const char *name, size_t *size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/data/admx/%s", getenv("GPMQ_SOURCE_DIR"), name);
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 16);
    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 16, file);
    return bytes;
}

static void add(struct admx *admx, const char *name, bool texts)
{
    char file[64];
    size_t size, texts_size = 0;
    struct gpmq_error err;
    snprintf(file, sizeof file, "%s.admx", name);
    CLEANUP(free_pointer) char *definitions = read_data(file, &size);
    snprintf(file, sizeof file, "%s.adml", name);
    CLEANUP(free_pointer) char *words = texts ? read_data(file, &texts_size) : NULL;
    if (admx_add(admx, name, definitions, size, words, texts_size, &err))
        fail_msg("%s", err.text);
}

static struct admx *both(void)
{
    struct admx *admx;
    struct gpmq_error err;
    assert_int_equal(admx_new(&admx, &err), 0);
    add(admx, "frob", true);
    add(admx, "base", true);
    return admx;
}

/* ---- reports -------------------------------------------------------------------------------- */

/* The report of a GPO with these registry values. */
static void make(struct report_made *made, const struct admx *admx, const char *machine,
                 const char *user)
{
    CLEANUP(bytes_free) struct bytes machine_pol = {0};
    CLEANUP(bytes_free) struct bytes user_pol = {0};
    struct gpmq_error err;
    if (make_pol(machine, &machine_pol, &err) || make_pol(user, &user_pol, &err))
        fail_msg("%s", err.text);
    const struct report_file files[] = {
        {"Machine/registry.pol", (const char *)machine_pol.at, machine_pol.size},
        {"User/registry.pol", (const char *)user_pol.at, user_pol.size},
    };
    report_fixture(made, files, 2);
    made->source.admx = admx;
    report_make(made);
}

static const struct xml_element *policy_named(const struct xml_element *area, const char *name)
{
    for (const struct xml_element *e = xml_child(area, "Policy"); e; e = xml_next(e, "Policy"))
        if (!strcmp(xml_child_text(e, "Name"), name))
            return e;
    return NULL;
}

static void expect(const struct xml_element *element, const char *name, const char *text)
{
    const char *found = element ? xml_child_text(element, name) : NULL;
    if (!found)
        fail_msg("there is no %s", name);
    assert_string_equal(found, text);
}

static void a_value_has_the_name_help_and_category_of_its_policy(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = both();
    CLEANUP(report_made_free) struct report_made made;
    make(&made, admx, "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n", "");
    const struct xml_element *area = report_area_of(&made, "Computer", "Registry");
    const struct xml_element *policy = policy_named(area, "Frobnicate");
    expect(policy, "State", "Enabled");
    expect(policy, "Explain", "What it does.\n\nAnd why.");
    expect(policy, "Supported", "Example 1.0 and later");
    expect(policy, "Category", "Example Components/Frobnicator");
    assert_int_equal(xml_count(area, "Policy"), 1); /* and not SameAgain as well */
    assert_int_equal(xml_count(area, "RegistrySetting"), 0);
    expect(area, "Blocked", "false");
}

static void what_no_template_names_stays_as_it_is(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = both();
    CLEANUP(report_made_free) struct report_made made;
    make(&made, admx,
         "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 7\n"
         "Software\\Policies\\Other | Value | REG_SZ | text\n",
         "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n");
    const struct xml_element *area = report_area_of(&made, "Computer", "Registry");
    assert_int_equal(xml_count(area, "Policy"), 0); /* 7 is neither on nor off */
    assert_int_equal(xml_count(area, "RegistrySetting"), 2);
    area = report_area_of(&made, "User", "Registry"); /* a policy of the machine */
    assert_int_equal(xml_count(area, "Policy"), 0);
    assert_int_equal(xml_count(area, "RegistrySetting"), 1);
}

struct stand {
    const char *pol;
    const char *policy;
    const char *state; /* NULL: not configured */
};

static void values_say_whether_a_policy_is_on_or_off(void **state)
{
    (void)state;
    static const struct stand stands[] = {
        {"Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 0\n", "Frobnicate", "Disabled"},
        {"software\\policies\\EXAMPLE\\frob | ENABLED | REG_DWORD | 1\n", "Frobnicate", "Enabled"},
        {"Software\\Policies\\Example\\Frob | **del.Enabled | REG_SZ |\n", "Frobnicate",
         "Disabled"},
        {"Software\\Policies\\Example\\Frob | **soft.Enabled | REG_DWORD | 1\n", "Frobnicate",
         "Enabled"},
        {"Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n"
         "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 0\n",
         "Frobnicate", "Disabled"}, /* the last one counts */
        {"Software\\Policies\\Example\\Frob | Mode | REG_SZ | on\n", "How to frobnicate",
         "Enabled"},
        {"Software\\Policies\\Example\\Frob | Mode | REG_SZ | off\n", "How to frobnicate",
         "Disabled"},
        {"Software\\Policies\\Example\\Frob | Mode | REG_SZ | maybe\n", "How to frobnicate", NULL},
        {"Software\\Policies\\Example\\All | **del.Seconds | REG_SZ |\n",
         "Everything a policy can have", "Disabled"},
    };
    CLEANUP(admx_free) struct admx *admx = both();
    for (size_t i = 0; i < sizeof stands / sizeof stands[0]; i++) {
        CLEANUP(report_made_free) struct report_made made;
        make(&made, admx, stands[i].pol, "");
        const struct xml_element *area = report_area_of(&made, "Computer", "Registry");
        const struct xml_element *policy = policy_named(area, stands[i].policy);
        if (stands[i].state)
            expect(policy, "State", stands[i].state);
        else
            assert_null(policy);
        assert_int_equal(xml_count(area, "RegistrySetting"), stands[i].state ? 0 : 1);
    }
}

static void lists_of_values_are_one_policy(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = both();
    CLEANUP(report_made_free) struct report_made on;
    CLEANUP(report_made_free) struct report_made off;
    make(&on, admx, "",
         "Software\\Policies\\Example\\Lists | A | REG_DWORD | 1\n"
         "Software\\Policies\\Example\\More | B | REG_SZ | x\n");
    const struct xml_element *area = report_area_of(&on, "User", "Registry");
    expect(policy_named(area, "Two values at once"), "State", "Enabled");
    assert_int_equal(xml_count(area, "RegistrySetting"), 0);
    make(&off, admx, "",
         "Software\\Policies\\Example\\Lists | A | REG_DWORD | 0\n"
         "Software\\Policies\\Example\\More | **del.B | REG_SZ |\n");
    area = report_area_of(&off, "User", "Registry");
    expect(policy_named(area, "Two values at once"), "State", "Disabled");
    assert_int_equal(xml_count(area, "RegistrySetting"), 0);
}

static void the_elements_come_as_the_presentation_has_them(void **state)
{
    (void)state;
    static const char *const kinds[] = {"Text",     "DropDownList", "Numeric",
                                        "EditText", "CheckBox",     "MultiText",
                                        "ListBox",  "ListBox",      "Numeric"};
    CLEANUP(admx_free) struct admx *admx = both();
    CLEANUP(report_made_free) struct report_made made;
    make(&made, admx,
         "Software\\Policies\\Example\\All | Seconds | REG_DWORD | 90\n"
         "Software\\Policies\\Example\\All | Server | REG_SZ | frob.example.test\n"
         "Software\\Policies\\Example\\All | Twice | REG_DWORD | 0\n"
         "Software\\Policies\\Example\\All | Level | REG_DWORD | 2\n"
         "Software\\Policies\\Example\\All\\Also | High | REG_DWORD | 1\n"
         "Software\\Policies\\Example\\All | Lines | REG_MULTI_SZ | one ; two\n"
         "Software\\Policies\\Example\\All\\Hosts | **delvals. | REG_SZ |\n"
         "Software\\Policies\\Example\\All\\Hosts | a.test | REG_SZ | flag=1\n"
         "Software\\Policies\\Example\\All\\Numbered | Item1 | REG_SZ | first\n",
         "");
    const struct xml_element *area = report_area_of(&made, "Computer", "Registry");
    const struct xml_element *policy = policy_named(area, "Everything a policy can have");
    assert_non_null(policy);
    assert_int_equal(xml_count(area, "RegistrySetting"), 0);
    const struct xml_element *e = xml_next(xml_child(policy, "Category"), NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++, e = xml_next(e, NULL))
        assert_string_equal(e ? xml_name(e) : "nothing", kinds[i]);
    assert_null(e);
    expect(xml_child(policy, "Text"), "Name", "Choose with care:");
    expect(xml_child(policy, "DropDownList"), "Name", "How much");
    expect(xml_child(xml_child(policy, "DropDownList"), "Value"), "Name", "A lot");
    expect(xml_child(policy, "Numeric"), "Value", "90");
    expect(xml_child(policy, "EditText"), "Name", "Server name");
    expect(xml_child(policy, "EditText"), "Value", "frob.example.test");
    expect(xml_child(policy, "CheckBox"), "State", "Disabled");
    assert_int_equal(xml_count(xml_child(xml_child(policy, "MultiText"), "Value"), "string"), 2);
    const struct xml_element *list = xml_child(policy, "ListBox");
    const struct xml_element *entry = xml_child(xml_child(list, "Value"), "Element");
    expect(list, "ExplicitValue", "true");
    expect(entry, "Name", "a.test");
    expect(entry, "Data", "flag=1");
    list = xml_next(list, "ListBox");
    expect(list, "ValuePrefix", "Item");
    entry = xml_child(xml_child(list, "Value"), "Element");
    assert_null(xml_child(entry, "Name"));
    expect(entry, "Data", "first");
    const struct xml_element *unshown = xml_next(xml_child(policy, "Numeric"), "Numeric");
    expect(unshown, "Name", "NotShown");
    expect(unshown, "State", "NotConfigured");
}

static void make_with_comments(struct report_made *made, const struct admx *admx,
                               const char *comments)
{
    CLEANUP(bytes_free) struct bytes pol = {0};
    struct gpmq_error err;
    if (make_pol("Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n", &pol, &err))
        fail_msg("%s", err.text);
    const struct report_file files[] = {
        {"Machine/registry.pol", (const char *)pol.at, pol.size},
        {"Machine/comment.cmtx", comments, strlen(comments)},
    };
    report_fixture(made, files, 2);
    made->source.admx = admx;
    report_make(made);
}

#define COMMENTS(policy)                                                                           \
    "<policyComments xmlns='c'><policyNamespaces><using prefix='ns0' "                             \
    "namespace='Example.Policies.Frob'/></policyNamespaces><comments><admTemplate>"                \
    "<comment policyRef='" policy "' commentText='$(resource.ns0_Plain)'/></admTemplate>"          \
    "</comments><resources><stringTable><string id='ns0_Plain'>Agreed on 3 March</string>"         \
    "</stringTable></resources></policyComments>"

static void a_comment_stands_with_its_policy_and_others_stay_files(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = both();
    CLEANUP(report_made_free) struct report_made told;
    CLEANUP(report_made_free) struct report_made other;
    CLEANUP(report_made_free) struct report_made damaged;
    make_with_comments(&told, admx, COMMENTS("ns0:Plain"));
    const struct xml_element *area = report_area_of(&told, "Computer", "Registry");
    expect(policy_named(area, "Frobnicate"), "Comment", "Agreed on 3 March");
    assert_null(report_at(&told, "Computer/Other"));
    make_with_comments(&other, admx, COMMENTS("ns0:NotSet"));
    area = report_area_of(&other, "Computer", "Registry");
    assert_null(xml_child(policy_named(area, "Frobnicate"), "Comment"));
    expect(report_at(&other, "Computer/Other/File"), "Path", "Machine/comment.cmtx");
    make_with_comments(&damaged, admx, "<policyComm");
    area = report_area_of(&damaged, "Computer", "Registry");
    expect(policy_named(area, "Frobnicate"), "State", "Enabled");
    expect(report_at(&damaged, "Computer/Other/File"), "Path", "Machine/comment.cmtx");
}

/* ---- templates that are not as they should be ----------------------------------------------- */

static void without_texts_the_ids_are_shown(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = NULL;
    CLEANUP(report_made_free) struct report_made made;
    struct gpmq_error err;
    assert_int_equal(admx_new(&admx, &err), 0);
    add(admx, "frob", false);
    make(&made, admx, "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n", "");
    const struct xml_element *area = report_area_of(&made, "Computer", "Registry");
    const struct xml_element *policy = policy_named(area, "$(string.Plain)");
    expect(policy, "Category", "$(string.Frobnicator)"); /* its parent is in no file */
    expect(policy, "Supported", "");
}

static void categories_in_a_ring_end(void **state)
{
    (void)state;
    CLEANUP(admx_free) struct admx *admx = both();
    for (size_t i = 0; i < admx_count(admx); i++) {
        struct bytes category = {0};
        admx_category(admx, admx_policy(admx, i), &category);
        assert_false(category.failed);
        assert_true(category.size < ADMX_CATEGORIES_DEPTH_MAX * 20);
        bytes_free(&category);
    }
}

static void a_file_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "<policyDefinitions", "<other xmlns='x'/>",
                                        "<!DOCTYPE a><policyDefinitions xmlns='x'/>"};
    CLEANUP(admx_free) struct admx *admx = both();
    size_t count = admx_count(admx);
    struct gpmq_error err;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(admx_add(admx, "wrong", wrong[i], strlen(wrong[i]), NULL, 0, &err),
                         GPMQ_EMALFORMED);
    static const char good[] = "<policyDefinitions xmlns='x'/>";
    assert_int_equal(admx_add(admx, "good", good, sizeof good - 1, "<no", 3, &err),
                     GPMQ_EMALFORMED);
    assert_int_equal(admx_count(admx), count);
    CLEANUP(report_made_free) struct report_made made;
    make(&made, admx, "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n", "");
    assert_non_null(policy_named(report_area_of(&made, "Computer", "Registry"), "Frobnicate"));
}

static void files_have_a_limit_of_number_and_size(void **state)
{
    (void)state;
    static const char good[] = "<policyDefinitions xmlns='x'/>";
    CLEANUP(admx_free) struct admx *admx = NULL;
    struct gpmq_error err;
    int rc = admx_new(&admx, &err);
    for (size_t i = 0; i < ADMX_FILES_MAX && !rc; i++)
        rc = admx_add(admx, "good", good, sizeof good - 1, NULL, 0, &err);
    assert_int_equal(rc, 0);
    assert_int_equal(admx_add(admx, "one more", good, sizeof good - 1, NULL, 0, &err),
                     GPMQ_ETOOBIG);
    CLEANUP(admx_free) struct admx *other = NULL;
    assert_int_equal(admx_new(&other, &err), 0);
    assert_int_equal(admx_add(other, "huge", good, ADMX_BYTES_MAX + 1ul, NULL, 0, &err),
                     GPMQ_ETOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_has_the_name_help_and_category_of_its_policy),
        cmocka_unit_test(what_no_template_names_stays_as_it_is),
        cmocka_unit_test(values_say_whether_a_policy_is_on_or_off),
        cmocka_unit_test(lists_of_values_are_one_policy),
        cmocka_unit_test(the_elements_come_as_the_presentation_has_them),
        cmocka_unit_test(a_comment_stands_with_its_policy_and_others_stay_files),
        cmocka_unit_test(without_texts_the_ids_are_shown),
        cmocka_unit_test(categories_in_a_ring_end),
        cmocka_unit_test(a_file_that_is_refused_changes_nothing),
        cmocka_unit_test(files_have_a_limit_of_number_and_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
