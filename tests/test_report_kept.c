/* What of a backup's gpreport.xml is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "report_area.h"
#include "report_kept.h"
#include "sd.h"
#include "sddl.h"

#define GPO_ID   "{31B2F340-016D-11D2-945F-00C04FB984F9}"
#define OTHER_ID "{6AC1786C-016F-11D2-945F-00C04FB984F9}"
#define DACL     "D:PAI(A;CI;LCRPLORC;;;AU)"
#define OWNED    "O:DAG:DU" DACL

/* A report with that GUID and SDDL, and so many links. */
static void put_report(struct bytes *out, const char *id, const char *sddl, unsigned links)
{
    bytes_format(out,
                 "<GPO xmlns=\"" REPORT_NS "\"><Identifier><Identifier xmlns=\"" REPORT_NS_TYPES
                 "\">%s</Identifier></Identifier><CreatedTime>2021-10-08T15:23:22</CreatedTime>"
                 "<SecurityDescriptor><SDDL xmlns=\"" REPORT_NS_SECURITY "\">%s</SDDL>"
                 "<Owner xmlns=\"" REPORT_NS_SECURITY "\"><SID xmlns=\"" REPORT_NS_TYPES
                 "\">S-1-5-21-1-2-3-512</SID><Name xmlns=\"" REPORT_NS_TYPES
                 "\">EX\\Domain Admins</Name></Owner></SecurityDescriptor>"
                 "<FilterDescription>for laptops</FilterDescription>",
                 id, sddl);
    for (unsigned i = 0; i < links; i++)
        bytes_format(out,
                     "<LinksTo><SOMName>o%u</SOMName><SOMPath>e.test/o%u</SOMPath>"
                     "<Enabled>true</Enabled><NoOverride>false</NoOverride></LinksTo>",
                     i, i);
    bytes_put_text(out, "</GPO>");
}

static struct gpo *a_gpo(void)
{
    struct gpo *gpo = calloc(1, sizeof *gpo);
    assert_non_null(gpo);
    assert_int_equal(gpmq_guid_parse(&gpo->id, GPO_ID), 0);
    assert_int_equal(
        sddl_parse(DACL, NULL, &gpo->security_descriptor, &gpo->security_descriptor_size, NULL), 0);
    return gpo;
}

static void keep(struct report_kept *kept, const struct gpo *gpo, const char *id, const char *sddl,
                 unsigned links)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    put_report(&text, id, sddl, links);
    assert_int_equal(report_kept_parse(kept, text.at, text.size, gpo, NULL), 0);
}

static bool has_owner(const struct report_kept *kept)
{
    struct sd sd;
    assert_int_equal(
        sd_open(&sd, kept->gpo.security_descriptor, kept->gpo.security_descriptor_size, NULL), 0);
    return sd.owner.at;
}

static void what_fits_the_backup_is_kept(void **state)
{
    (void)state;
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo();
    keep(&kept, gpo, GPO_ID, OWNED, 2);
    assert_true(has_owner(&kept));
    assert_int_equal(kept.gpo.created_unix_ms, 1633706602000);
    assert_int_equal(kept.link_count, 2);
    assert_string_equal(kept.links[1].som_path, "e.test/o1");
    assert_string_equal(kept.filter_description, "for laptops");
    assert_string_equal(report_kept_name(&kept, "s-1-5-21-1-2-3-512"), "EX\\Domain Admins");
    assert_null(report_kept_name(&kept, "S-1-5-21-1-2-3-513"));
}

static void of_another_gpo_nothing_is(void **state)
{
    (void)state;
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo();
    keep(&kept, gpo, OTHER_ID, OWNED, 2);
    assert_false(has_owner(&kept));
    assert_int_equal(kept.link_count, 0);
    assert_int_equal(kept.gpo.created_unix_ms, 0);
    assert_null(report_kept_name(&kept, "S-1-5-21-1-2-3-512"));
}

static void an_owner_beside_another_dacl_is_not(void **state)
{
    (void)state;
    static const char *const others[] = {"O:DAG:DUD:PAI(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;WD)",
                                         "O:DAG:DU", "O:DA(", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CLEANUP(report_kept_free) struct report_kept kept = {0};
        CLEANUP(gpo_free) struct gpo *gpo = a_gpo();
        keep(&kept, gpo, GPO_ID, others[i], 1);
        assert_false(has_owner(&kept));
        assert_int_equal(kept.link_count, 1);
    }
}

static void what_is_no_report_keeps_nothing_and_fails_nothing(void **state)
{
    (void)state;
    static const char *const others[] = {"", "<GPO>", "<a/>",
                                         "<!DOCTYPE a [<!ENTITY b \"c\">]><GPO/>", "\xFF\xFE<"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CLEANUP(report_kept_free) struct report_kept kept = {0};
        CLEANUP(gpo_free) struct gpo *gpo = a_gpo();
        struct gpmq_error err = {0};
        assert_int_equal(report_kept_parse(&kept, others[i], strlen(others[i]), gpo, &err), 0);
        assert_int_equal(err.code, 0);
        assert_int_equal(kept.link_count, 0);
    }
}

static void more_links_than_anybody_has_are_passed_over(void **state)
{
    (void)state;
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo();
    keep(&kept, gpo, GPO_ID, OWNED, REPORT_KEPT_LINKS_MAX + 1);
    assert_int_equal(kept.link_count, REPORT_KEPT_LINKS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_the_backup_is_kept),
        cmocka_unit_test(of_another_gpo_nothing_is),
        cmocka_unit_test(an_owner_beside_another_dacl_is_not),
        cmocka_unit_test(what_is_no_report_keeps_nothing_and_fails_nothing),
        cmocka_unit_test(more_links_than_anybody_has_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
