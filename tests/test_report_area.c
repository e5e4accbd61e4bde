/* test_report_area.c - the table of areas says what the reports that Windows wrote have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_area.h"
#include "samples.h"
#include "xml.h"

struct seen {
    size_t sections;
    size_t reports;
};

/* The sections of one side: known, with type and namespace of the table, in its order. */
static size_t judge_side(const struct xml_element *side, const char *path)
{
    size_t count = 0;
    const struct report_area *last = NULL;
    for (const struct xml_element *e = xml_child(side, "ExtensionData"); e;
         e = xml_next(e, "ExtensionData"), count++) {
        const char *name = xml_child_text(e, "Name");
        const struct xml_element *extension = xml_child(e, "Extension");
        const struct report_area *area = report_area_named(name);
        if (!area)
            fail_msg("%s: no area '%s'", path, name);
        if (last && last >= area)
            fail_msg("%s: '%s' stands before '%s'", path, last->name, name);
        last = area;
        const char *type = extension ? xml_attribute(extension, "type") : NULL;
        if (!type)
            continue; /* it could not be reported: GPMC wrote the name alone */
        assert_string_equal(strchr(type, ':') + 1, area->type);
    }
    return count;
}

static void judge(void *arg, const char *path, const char *bytes, size_t size)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    struct seen *seen = arg;
    struct gpmq_error err;
    if (xml_read(&document, bytes, size, path, &err))
        fail_msg("%s", err.text);
    const struct xml_element *root = xml_root(document, "GPO", REPORT_NS);
    assert_non_null(root);
    assert_string_equal(xml_namespace(root), REPORT_NS);
    seen->reports++;
    seen->sections += judge_side(xml_child(root, "Computer"), path);
    seen->sections += judge_side(xml_child(root, "User"), path);
}

static void every_section_that_windows_wrote_is_in_the_table(void **state)
{
    struct seen seen = {0};
    (void)state;
    if (!samples_each("gpreport.xml", judge, &seen))
        skip();
    assert_int_equal(seen.reports, 48);
    assert_true(seen.sections > 90);
}

static void names_are_there_once(void **state)
{
    size_t count;
    const struct report_area *areas = report_areas(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(report_area_named(areas[i].name), &areas[i]);
    assert_null(report_area_named("registry"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_section_that_windows_wrote_is_in_the_table),
        cmocka_unit_test(names_are_there_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
