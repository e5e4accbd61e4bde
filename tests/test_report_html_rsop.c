/* test_report_html_rsop.c - the page of a Resultant Set of Policy: ours, planned, and one as
 * gpresult writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_html.h"

#define HEAD                                                                                       \
    "<?xml version=\"1.0\"?><Rsop xmlns=\"http://www.microsoft.com/GroupPolicy/Rsop\" "            \
    "xmlns:gpmq=\"urn:gpmq:report\"><ReadTime>2026-01-05T08:15:00.0000000Z</ReadTime>"

#define GPO(name, state, link)                                                                     \
    "<GPO><Name>" name "</Name><Path><Identifier>{1}</Identifier></Path>" state                    \
    "<Link><SOMPath>a.test/Desk</SOMPath>" link "</Link></GPO>"
#define GOOD                                                                                       \
    "<Enabled>true</Enabled><IsValid>true</IsValid><FilterAllowed>true</FilterAllowed>"            \
    "<AccessDenied>false</AccessDenied>"

static const char planned[] = HEAD
    "<DataType>PlannedData</DataType><gpmq:Note>WMI filter 'x' is assumed.</gpmq:Note>"
    "<ComputerResults><Name>A\\PC1$</Name><Domain>a.test</Domain><SOM>a.test/Desk</SOM>"
    "<Site>Here</Site>"
    "<SearchedSOM><Path>a.test/Desk</Path><Type>OU</Type><Order>4</Order>"
    "<BlocksInheritance>true</BlocksInheritance><Blocked>false</Blocked><Reason>Loopback</Reason>"
    "</SearchedSOM>"
    "<SecurityGroup><SID>S-1-1-0</SID><Name>Everyone</Name></SecurityGroup>" //
    GPO("Second", GOOD,
        "<AppliedOrder>2</AppliedOrder><LinkOrder>1</LinkOrder>"
        "<Enabled>true</Enabled><NoOverride>true</NoOverride>") GPO("First", GOOD,
                                                                    "<AppliedOrder>1</"
                                                                    "AppliedOrder><LinkOrder>3</"
                                                                    "LinkOrder>"
                                                                    "<Enabled>true</"
                                                                    "Enabled><NoOverride>false</"
                                                                    "NoOverride>")
        GPO("Kept &lt;script&gt;alert(1)&lt;/script&gt;", GOOD,
            "<AppliedOrder>0</AppliedOrder><LinkOrder>2</LinkOrder><Enabled>false</Enabled>"
            "<NoOverride>false</NoOverride><gpmq:Outcome>link_disabled</gpmq:Outcome>"
            "<gpmq:Because>the link is disabled</gpmq:Because><gpmq:Outcome>empty</gpmq:Outcome>"
            "<gpmq:Because>the GPO is empty: version 0</gpmq:Because>") "<gpmq:Setting><gpmq:Area>"
                                                                        "Registry</"
                                                                        "gpmq:Area><gpmq:Name>"
                                                                        "Software\\V</gpmq:Name>"
                                                                        "<gpmq:Value><gpmq:"
                                                                        "Standing>wins</"
                                                                        "gpmq:Standing><gpmq:GPO>"
                                                                        "Second</gpmq:GPO>"
                                                                        "<gpmq:SOMPath>a.test</"
                                                                        "gpmq:SOMPath><gpmq:Text>"
                                                                        "Number: 2\n  deep: "
                                                                        "&lt;b&gt;</gpmq:Text>"
                                                                        "</gpmq:Value>"
                                                                        "<gpmq:Value><gpmq:"
                                                                        "Standing>beaten</"
                                                                        "gpmq:Standing><gpmq:GPO>"
                                                                        "First</gpmq:GPO>"
                                                                        "<gpmq:SOMPath>a.test</"
                                                                        "gpmq:SOMPath><gpmq:Text>"
                                                                        "Number: "
                                                                        "1</gpmq:Text></gpmq:Value>"
                                                                        "</gpmq:Setting>"
                                                                        "<gpmq:Setting><gpmq:Area>"
                                                                        "Scripts</"
                                                                        "gpmq:Area><gpmq:Name>"
                                                                        "Startup: a.cmd</gpmq:Name>"
                                                                        "<gpmq:Value><gpmq:"
                                                                        "Standing>unused</"
                                                                        "gpmq:Standing><gpmq:GPO>"
                                                                        "First</gpmq:GPO>"
                                                                        "<gpmq:SOMPath>a.test</"
                                                                        "gpmq:SOMPath><gpmq:Text/>"
                                                                        "<gpmq:Note>not processed "
                                                                        "over a slow "
                                                                        "link</gpmq:Note></"
                                                                        "gpmq:Value></gpmq:Setting>"
                                                                        "</ComputerResults></Rsop>";

static const char logged[] =
    HEAD "<DataType>LoggedData</DataType><UserResults><Name>A\\ada</Name><SOM>a.test/Desk</SOM>" //
    GPO("Denied",
        "<Enabled>true</Enabled><IsValid>true</IsValid><FilterAllowed>true"
        "</FilterAllowed><AccessDenied>true</AccessDenied>",
        "<AppliedOrder>0</AppliedOrder><LinkOrder>1</LinkOrder><Enabled>true</Enabled>"
        "<NoOverride>false</NoOverride>")
        GPO("Filtered",
            "<Enabled>true</Enabled><IsValid>true</IsValid><FilterAllowed>false"
            "</FilterAllowed><AccessDenied>false</AccessDenied>",
            "<AppliedOrder>0</AppliedOrder><LinkOrder>2</LinkOrder><Enabled>true</Enabled>"
            "<NoOverride>false</NoOverride>") "<ExtensionData><Extension "
                                              "xmlns:q1=\"http://www.microsoft.com/GroupPolicy/"
                                              "Settings/Scripts\">"
                                              "<q1:Script><q1:Command>logon.cmd</"
                                              "q1:Command><q1:Type>Logon</q1:Type></q1:Script>"
                                              "</Extension><Name>Scripts</Name></ExtensionData></"
                                              "UserResults></Rsop>";

static char *page_of(const char *xml)
{
    struct xml_document *document = NULL;
    struct gpmq_error err = {0};
    char *page = NULL;
    size_t size;
    if (xml_read(&document, xml, strlen(xml), "a report", &err) ||
        report_html(&page, &size, document, &err))
        fail_msg("%s", err.text);
    xml_free(&document);
    return page;
}

/* The words are on the page, in this order. */
static void expect_in_order(const char *page, const char *const *words)
{
    const char *at = page;
    for (; *words; words++) {
        const char *found = strstr(at, *words);
        if (!found)
            fail_msg("'%s' is not on the page, or too early", *words);
        at = found;
    }
}

static void gpos_stand_in_the_order_of_application_then_the_others_with_reasons(void **state)
{
    static const char *const words[] = {
        "Resultant Set of Policy, planned",
        "A\\PC1$",
        "2026-01-05",
        "2 of 3",
        "Here",
        "What is taken for granted",
        "is assumed",
        "Computer configuration",
        "First",
        "Applied",
        "Second",
        "Enforced",
        "Applied",
        "Kept ",
        "Not applied",
        "the link is disabled",
        "the GPO is empty: version 0",
        NULL,
    };
    CLEANUP(free_pointer) char *page = page_of(planned);
    (void)state;
    expect_in_order(page, words);
}

static void a_setting_shows_its_value_where_from_and_what_it_beat(void **state)
{
    static const char *const words[] = {
        "Places searched", "Loopback",      "Security groups", "Everyone",
        "Settings",        "<wbr>V",        "Number: 2",       "  deep: &lt;b&gt;",
        "Second, a.test",  "beaten",        "Number: 1",       "First, a.test",
        "Startup: a.cmd",  "Not processed", "slow link",       NULL,
    };
    CLEANUP(free_pointer) char *page = page_of(planned);
    (void)state;
    expect_in_order(page, words);
}

static void a_name_with_tags_stays_text(void **state)
{
    CLEANUP(free_pointer) char *page = page_of(planned);
    (void)state;
    assert_null(strstr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;"));
}

static void a_report_of_gpresult_is_read_as_far_as_it_goes(void **state)
{
    static const char *const words[] = {
        "Resultant Set of Policy",
        "A\\ada",
        "0 of 2",
        "User configuration",
        "Denied",
        "access is denied",
        "Filtered",
        "the WMI filter is false",
        "Scripts",
        "logon.cmd",
        NULL,
    };
    CLEANUP(free_pointer) char *page = page_of(logged);
    (void)state;
    expect_in_order(page, words);
    assert_null(strstr(page, "planned"));
}

static void an_empty_report_is_a_page(void **state)
{
    CLEANUP(free_pointer) char *page = page_of(HEAD "</Rsop>");
    CLEANUP(free_pointer) char *side = page_of(HEAD "<UserResults/></Rsop>");
    (void)state;
    assert_non_null(strstr(page, "</html>"));
    assert_non_null(strstr(side, "No GPO is linked here."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpos_stand_in_the_order_of_application_then_the_others_with_reasons),
        cmocka_unit_test(a_setting_shows_its_value_where_from_and_what_it_beat),
        cmocka_unit_test(a_name_with_tags_stays_text),
        cmocka_unit_test(a_report_of_gpresult_is_read_as_far_as_it_goes),
        cmocka_unit_test(an_empty_report_is_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
