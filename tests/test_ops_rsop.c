/* gpo.rsop, run as an executor runs it on the demo domain: the report as XML and HTML, what is
 * wrong with a question, stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"
#include "report_area.h"
#include "rsop_args.h"
#include "xml.h"

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

static struct gpmq_request question(const char *args)
{
    struct gpmq_request request = desk_request("gpo.rsop", 1);
    request.repository = NULL;
    request.args = args;
    return request;
}

static struct told answered(struct desk *desk, const char *args)
{
    struct gpmq_request request = question(args);
    struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "report");
    return told;
}

static struct xml_document *read_report(const struct told *told)
{
    struct xml_document *document = NULL;
    struct gpmq_error err = {0};
    if (xml_read(&document, told->content.at, told->content.size, "the report", &err))
        fail_msg("%s", err.text);
    return document;
}

static const struct xml_element *side_of(const struct xml_document *document, const char *name)
{
    const struct xml_element *root = xml_root(document, "Rsop", REPORT_NS_RSOP);
    assert_non_null(root);
    return xml_child(root, name);
}

/* The first link of the GPO of that name, or NULL. */
static const struct xml_element *link_of(const struct xml_element *side, const char *gpo)
{
    for (const struct xml_element *at = xml_child(side, "GPO"); at; at = xml_next(at, "GPO"))
        if (strcmp(xml_child_text(at, "Name"), gpo) == 0)
            return xml_child(at, "Link");
    return NULL;
}

static void expect_outcome(const struct xml_element *side, const char *gpo, const char *outcome)
{
    const struct xml_element *link = link_of(side, gpo);
    if (!link)
        fail_msg("no GPO %s", gpo);
    assert_string_equal(xml_child_text(link, "Outcome"), outcome);
    bool applied = strcmp(outcome, "applied") == 0;
    assert_int_equal(strcmp(xml_child_text(link, "AppliedOrder"), "0") != 0, applied);
}

static size_t count_text(const struct xml_element *parent, const char *name, const char *text)
{
    size_t count = 0;
    for (const struct xml_element *at = xml_child(parent, name); at; at = xml_next(at, name))
        count += strcmp(xml_text(at), text) == 0;
    return count;
}

static void the_report_tells_who_gets_what_and_why_not(void **state)
{
    CLEANUP(told_free)
    struct told told =
        answered(*state, "{\"computer\": \"WS-0001\", \"user\": \"CONTOSO\\\\alindqvist\","
                         " \"wmi\": {\"false\": [\"windows 11\"]}}");
    CLEANUP(xml_free) struct xml_document *document = read_report(&told);
    const struct xml_element *computer = side_of(document, "ComputerResults");
    const struct xml_element *user = side_of(document, "UserResults");
    assert_string_equal(xml_child_text(xml_root(document, "Rsop", REPORT_NS_RSOP), "DataType"),
                        "PlannedData");
    assert_string_equal(xml_child_text(computer, "Name"), "CONTOSO\\WS-0001$");
    assert_string_equal(xml_child_text(computer, "SOM"), "contoso.example/Workstations");
    assert_int_equal(xml_count(computer, "SearchedSOM"), 2);
    expect_outcome(computer, "Workstations - BitLocker", "applied");
    expect_outcome(computer, "Workstations - Windows Update", "wmi_false");
    expect_outcome(computer, "Default Domain Policy", "applied");
    expect_outcome(user, "Users - Baseline", "applied");
    assert_null(link_of(user, "Workstations - BitLocker"));
    size_t groups = 0;
    for (const struct xml_element *at = xml_child(user, "SecurityGroup"); at;
         at = xml_next(at, "SecurityGroup"))
        groups += count_text(at, "Name", "CONTOSO\\Server RDP Users"); /* through Engineering */
    assert_int_equal(groups, 1);
}

static void a_security_filter_keeps_others_out(void **state)
{
    CLEANUP(told_free)
    struct told kiosk = answered(*state, "{\"computer\": \"KIOSK-01\", \"user\": \"jgross\","
                                         " \"loopback\": \"replace\"}");
    CLEANUP(told_free)
    struct told other = answered(*state, "{\"computer\": \"WS-0001\", \"computer_container\":"
                                         " \"OU=Kiosks,OU=Workstations,DC=contoso,DC=example\"}");
    CLEANUP(xml_free) struct xml_document *first = read_report(&kiosk);
    CLEANUP(xml_free) struct xml_document *second = read_report(&other);
    expect_outcome(side_of(first, "ComputerResults"), "Kiosk - Lobby", "applied");
    expect_outcome(side_of(first, "ComputerResults"), "Default Domain Policy", "blocked");
    /* Only Kiosk Computers may apply it, and a user is none. */
    expect_outcome(side_of(first, "UserResults"), "Kiosk - Lobby", "apply_absent");
    expect_outcome(side_of(second, "ComputerResults"), "Kiosk - Lobby", "apply_absent");
    assert_null(side_of(second, "UserResults"));
}

/* What programs made for GPMC's reports read: each item says which GPO it is of. */
static size_t count_origins(const struct xml_element *element)
{
    size_t count = 0;
    for (const struct xml_element *child = xml_child(element, NULL); child;
         child = xml_next(child, NULL)) {
        bool origin = strcmp(xml_name(child), "Precedence") == 0 &&
                      strcmp(xml_namespace(child), REPORT_NS_BASE) == 0;
        count += origin ? 1 : count_origins(child);
    }
    return count;
}

static void every_setting_is_there_twice_as_gpmc_has_it_and_flat(void **state)
{
    CLEANUP(told_free)
    struct told told = answered(*state, "{\"computer\": \"WEB1\", \"user\": \"alindqvist\"}");
    CLEANUP(xml_free) struct xml_document *document = read_report(&told);
    const struct xml_element *computer = side_of(document, "ComputerResults");
    size_t items = 0, values = 0, winners = 0, beaten = 0;
    for (const struct xml_element *at = xml_child(computer, "ExtensionData"); at;
         at = xml_next(at, "ExtensionData")) {
        assert_non_null(report_area_named(xml_child_text(at, "Name")));
        items += count_origins(xml_child(at, "Extension"));
    }
    for (const struct xml_element *at = xml_child(computer, "Setting"); at;
         at = xml_next(at, "Setting"))
        for (const struct xml_element *value = xml_child(at, "Value"); value;
             value = xml_next(value, "Value")) {
            /* Files that no section tells of are in the flat list alone. */
            values += report_area_named(xml_child_text(at, "Area")) != NULL;
            winners += count_text(value, "Standing", "wins");
            beaten += count_text(value, "Standing", "beaten");
        }
    assert_int_equal(items, values);
    assert_true(winners > 10);
    assert_int_equal(beaten, 1);
}

static void an_enforced_baseline_beats_the_gpo_that_is_nearer(void **state)
{
    CLEANUP(told_free) struct told told = answered(*state, "{\"computer\": \"WEB1\"}");
    CLEANUP(xml_free) struct xml_document *document = read_report(&told);
    const struct xml_element *at = xml_child(side_of(document, "ComputerResults"), "Setting");
    while (at && !strstr(xml_child_text(at, "Name"), "EventLog\\Security\\MaxSize"))
        at = xml_next(at, "Setting");
    assert_non_null(at);
    const struct xml_element *wins = xml_child(at, "Value"), *loses = xml_next(wins, "Value");
    assert_string_equal(xml_child_text(wins, "GPO"), "Servers - Baseline");
    assert_string_equal(xml_child_text(wins, "Standing"), "wins");
    assert_string_equal(xml_child_text(wins, "Text"), "Number: 1048576");
    assert_string_equal(xml_child_text(loses, "GPO"), "Servers - Web servers");
    assert_string_equal(xml_child_text(loses, "Precedence"), "2");
    assert_null(xml_next(loses, "Value"));
}

static void html_is_a_page(void **state)
{
    CLEANUP(told_free)
    struct told told =
        answered(*state, "{\"computer\": \"WS-0001\", \"user\": \"moett\", \"format\": \"html\"}");
    assert_string_equal(told_property(&told, "format"), "html");
    assert_memory_equal(told.content.at, "<!DOCTYPE html>", 15);
    assert_non_null(strstr((char *)told.content.at, "Workstations - BitLocker"));
}

static void the_counts_are_properties(void **state)
{
    CLEANUP(told_free) struct told told = answered(*state, "{\"user\": \"moett\"}");
    assert_string_equal(told_property(&told, "format"), "xml");
    assert_string_equal(told_property(&told, "gpo_domain"), "contoso.example");
    assert_string_equal(told_property(&told, "computer_gpos"), "(none)");
    assert_true(strtol(told_property(&told, "user_gpos"), NULL, 10) > 5);
}

struct refusal {
    const char *args;
    int code;
    const char *word; /* in the text */
};

static const struct refusal refusals[] = {
    {NULL, GPMQ_EINVAL, "neither"},
    {"{", GPMQ_EINVAL, "JSON"},
    {"[]", GPMQ_EINVAL, "object"},
    {"{\"computr\": \"x\"}", GPMQ_EINVAL, "computr"},
    {"{\"computer\": 1}", GPMQ_EINVAL, "computer"},
    {"{\"computer\": \"\"}", GPMQ_EINVAL, "computer"},
    {"{\"user\": \"moett\", \"loopback\": \"merge\"}", GPMQ_EINVAL, "loopback"},
    {"{\"user\": \"moett\", \"loopback\": \"both\"}", GPMQ_EINVAL, "loopback"},
    {"{\"user\": \"moett\", \"format\": \"pdf\"}", GPMQ_EINVAL, "format"},
    {"{\"user\": \"moett\", \"slow_link\": 1}", GPMQ_EINVAL, "slow_link"},
    {"{\"user\": \"moett\", \"user_groups\": \"x\"}", GPMQ_EINVAL, "user_groups"},
    {"{\"user\": \"moett\", \"user_groups\": [1]}", GPMQ_EINVAL, "user_groups"},
    {"{\"user\": \"moett\", \"wmi\": []}", GPMQ_EINVAL, "wmi"},
    {"{\"user\": \"moett\", \"wmi\": {\"maybe\": []}}", GPMQ_EINVAL, "maybe"},
    {"{\"user\": \"moett\", \"wmi\": {\"false\": \"all\"}}", GPMQ_EINVAL, "false"},
    {"{\"user\": \"moett\", \"wmi\": {\"true\": [\"none\"]}}", GPMQ_ENOTFOUND, "none"},
    {"{\"user\": \"nobody\"}", GPMQ_ENOTFOUND, "nobody"},
    {"{\"user\": \"WS-0001$\"}", GPMQ_EINVAL, "computer"},
    {"{\"user\": \"Engineering\"}", GPMQ_EINVAL, "neither a user"},
    {"{\"user\": \"moett\", \"user_groups\": [\"no such\"]}", GPMQ_ENOTFOUND, "no such"},
    {"{\"user\": \"moett\", \"site\": \"Moon\"}", GPMQ_ENOTFOUND, "Moon"},
    {"{\"user_container\": \"OU=Moon,DC=contoso,DC=example\"}", GPMQ_ENOTFOUND, "Moon"},
    {"{\"user_container\": \"DC=moon\"}", GPMQ_EINVAL, "moon"},
};

static void a_question_that_makes_no_sense_says_why(void **state)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct gpmq_request request = question(refusals[i].args);
        CLEANUP(told_free) struct told told = desk_run(*state, &request, 1, 0);
        told_failed_with(&told, refusals[i].code);
        if (!strstr(told_last(&told), refusals[i].word))
            fail_msg("%s: %s", refusals[i].args, told_last(&told));
    }
}

/* {"user": "moett", NAME: [ count times "x" ] CLOSE } */
static void expect_too_many(struct desk *desk, const char *name, size_t count, const char *close)
{
    CLEANUP(bytes_free) struct bytes args = {0};
    bytes_format(&args, "{\"user\": \"moett\", %s[\"x\"", name);
    for (size_t i = 1; i < count; i++)
        bytes_put_text(&args, ",\"x\"");
    bytes_format(&args, "]%s}", close);
    struct gpmq_request request = question((char *)args.at);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_failed_with(&told, GPMQ_EINVAL);
    assert_non_null(strstr(told_last(&told), "more than"));
}

static void lists_have_a_limit(void **state)
{
    expect_too_many(*state, "\"user_groups\": ", RSOP_GROUPS_MAX + 1, "");
    expect_too_many(*state, "\"wmi\": {\"false\": ", RSOP_FILTERS_MAX + 1, "}");
}

static void it_stops_between_gpos(void **state)
{
    struct gpmq_request request = question("{\"computer\": \"WS-0001\", \"user\": \"moett\"}");
    for (unsigned stop_at = 1; stop_at < 12; stop_at += 3) {
        CLEANUP(told_free) struct told told = desk_run(*state, &request, 1, stop_at);
        told_failed_with(&told, GPMQ_ESTOPPED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_tells_who_gets_what_and_why_not),
        cmocka_unit_test(a_security_filter_keeps_others_out),
        cmocka_unit_test(every_setting_is_there_twice_as_gpmc_has_it_and_flat),
        cmocka_unit_test(an_enforced_baseline_beats_the_gpo_that_is_nearer),
        cmocka_unit_test(html_is_a_page),
        cmocka_unit_test(the_counts_are_properties),
        cmocka_unit_test(a_question_that_makes_no_sense_says_why),
        cmocka_unit_test(lists_have_a_limit),
        cmocka_unit_test(it_stops_between_gpos),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
