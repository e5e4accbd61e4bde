/* What of a live GPO a report is made from, when its directory does not tell everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_domain.h"

/* A domain that can do little: an implementation's first member is the domain itself. */
struct mute {
    struct domain base;
    struct domain_info info;
    int soms_code;
    int filters_code;
};

static const struct domain_info *mute_info(const struct domain *domain)
{
    return &((const struct mute *)domain)->info;
}

static int fail_with(int code, const char *text, struct gpmq_error *err)
{
    if (code && err) {
        err->code = code;
        snprintf(err->text, sizeof err->text, "%s", text);
    }
    return code;
}

static int mute_soms(struct domain *domain, struct domain_soms *out, struct gpmq_error *err)
{
    *out = (struct domain_soms){0};
    return fail_with(((struct mute *)domain)->soms_code, "no sites for you", err);
}

static int mute_filters(struct domain *domain, struct domain_wmi_filters *out,
                        struct gpmq_error *err)
{
    *out = (struct domain_wmi_filters){0};
    return fail_with(((struct mute *)domain)->filters_code, "no filters for you", err);
}

static const struct domain_ops mute_ops = {
    .info = mute_info, .soms = mute_soms, .wmi_filters = mute_filters};

static struct mute a_domain(int soms_code, int filters_code)
{
    return (struct mute){.base = {.ops = &mute_ops},
                         .info = {.dn = "DC=example,DC=test", .sid = "S-1-5-21-1-2-3"},
                         .soms_code = soms_code,
                         .filters_code = filters_code};
}

static struct gpo a_gpo(void)
{
    return (struct gpo){.display_name = (char *)"A policy",
                        .domain = (char *)"example.test",
                        .machine_extensions = (char *)"",
                        .user_extensions = (char *)"",
                        .wmi_filter =
                            (char *)"[example.test;{31B2F340-016D-11D2-945F-00C04FB984F9};0]",
                        .wmi_filter_name = (char *)"A filter"};
}

/* Makes the report, and looks whether it tells a filter's name and no links. */
static void expect_report(const struct report_source *source)
{
    CLEANUP(free_pointer) char *text = NULL;
    struct gpmq_error err;
    size_t size;
    if (report_xml(&text, &size, source, &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(text, "<FilterName>A filter</FilterName>"));
    assert_null(strstr(text, "LinksTo"));
}

static void a_directory_that_tells_no_links_or_filters_fails_no_report(void **state)
{
    (void)state;
    static const struct {
        int soms, filters;
        const char *text;
    } domains[] = {
        {GPMQ_EACCESS, 0, "no sites for you"},
        {GPMQ_EIO, 0, "no sites for you"},
        {0, GPMQ_EDAMAGED, "no filters for you"},
        {0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        CLEANUP(report_domain_free) struct report_domain from = {0};
        struct mute mute = a_domain(domains[i].soms, domains[i].filters);
        struct report_source source;
        struct gpo gpo = a_gpo();
        assert_int_equal(report_domain_source(&source, &from, &mute.base, &gpo, 0, NULL), 0);
        assert_int_equal(!from.missing.code, !domains[i].text);
        if (domains[i].text)
            assert_string_equal(from.missing.text, domains[i].text);
        expect_report(&source);
    }
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    CLEANUP(report_domain_free) struct report_domain from = {0};
    struct mute mute = a_domain(GPMQ_ENOMEM, 0);
    struct report_source source;
    struct gpmq_error err;
    struct gpo gpo = a_gpo();
    assert_int_equal(report_domain_source(&source, &from, &mute.base, &gpo, 0, &err), GPMQ_ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_that_tells_no_links_or_filters_fails_no_report),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
