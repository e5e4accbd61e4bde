/* test_cli_rsop.c - report --rsop: options become the args of gpo.rsop, or are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "cli_rsop.h"

static void expect_args(const struct cli_options *options, const char *expected)
{
    CLEANUP(free_pointer) char *args = NULL;
    struct gpmq_error err = {0};
    if (cli_rsop_args(options, "xml", &args, &err))
        fail_msg("%s", err.text);
    json_t *made = json_loads(args, 0, NULL), *wanted = json_loads(expected, 0, NULL);
    if (!json_equal(made, wanted))
        fail_msg("%s, not %s", args, expected);
    json_decref(made);
    json_decref(wanted);
}

static void every_planning_property_has_an_option(void **state)
{
    (void)state;
    expect_args(&(struct cli_options){.rsop = {.plan = true, .user = "ada"}},
                "{\"format\": \"xml\", \"user\": \"ada\"}");
    expect_args(&(struct cli_options){.rsop = {.plan = true,
                                               .computer = "PC1",
                                               .user = "D\\ada",
                                               .computer_container = "OU=a,DC=b",
                                               .user_container = "OU=\"c\",DC=b",
                                               .site = "Here",
                                               .loopback = "replace",
                                               .slow_link = true,
                                               .computer_groups = {1, {"X"}},
                                               .user_groups = {2, {"Y", "Z"}},
                                               .wmi_true = {1, {"W"}},
                                               .wmi_false = {1, {"V"}}}},
                "{\"format\": \"xml\", \"computer\": \"PC1\", \"user\": \"D\\\\ada\","
                " \"computer_container\": \"OU=a,DC=b\", \"user_container\": \"OU=\\\"c\\\",DC=b\","
                " \"site\": \"Here\", \"loopback\": \"replace\", \"slow_link\": true,"
                " \"computer_groups\": [\"X\"], \"user_groups\": [\"Y\", \"Z\"],"
                " \"wmi\": {\"true\": [\"W\"], \"false\": [\"V\"]}}");
    expect_args(&(struct cli_options){.rsop = {.plan = true,
                                               .user = "ada",
                                               .wmi_true = {1, {"all"}},
                                               .wmi_false = {1, {"V"}}}},
                "{\"format\": \"xml\", \"user\": \"ada\","
                " \"wmi\": {\"true\": \"all\", \"false\": [\"V\"]}}");
}

static void what_does_not_go_together_is_refused(void **state)
{
    static const struct {
        struct cli_options options;
        const char *words;
    } refused[] = {
        {{.rsop = {.user = "ada"}}, "need --rsop"},
        {{.rsop = {.slow_link = true}}, "need --rsop"},
        {{.rsop = {.plan = true}}, "which computer"},
        {{.rsop = {.plan = true, .site = "Here"}}, "which computer"},
        {{.rsop = {.plan = true, .user = "ada"}, .all = true}, "no GPO"},
        {{.rsop = {.plan = true, .user = "ada"}, .from = "x"}, "no backup"},
        {{.rsop = {.plan = true, .user = "ada"}, .word_count = 1}, "no GPO"},
        {{.rsop = {.plan = true, .user = "ada", .loopback = "both"}}, "merge or replace"},
        {{.rsop = {.plan = true, .user = "\xFF"}}, "UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char *args = NULL;
        struct gpmq_error err = {0};
        assert_true(cli_rsop_is_meant(&refused[i].options));
        assert_int_equal(cli_rsop_args(&refused[i].options, "xml", &args, &err), GPMQ_EINVAL);
        if (!strstr(err.text, refused[i].words))
            fail_msg("%zu: %s", i, err.text);
        assert_null(args);
    }
    assert_false(cli_rsop_is_meant(&(struct cli_options){.all = true}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_planning_property_has_an_option),
        cmocka_unit_test(what_does_not_go_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
